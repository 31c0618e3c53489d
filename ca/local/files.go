package local

import (
	"fmt"
	"io"
	"os"

	"yinxin/fault"
)

// readFile reads at most limit bytes.
func readFile(root *os.Root, name string, limit int64) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, &ParseError{Offset: limit, Reason: fmt.Sprintf("larger than %d bytes", limit)}
	}
	return data, nil
}

func missing(dir string) error {
	return fault.New(fault.NotFound, "ca-missing",
		"目录 "+dir+" 里没有证书机构（缺 "+configName+"）：请检查路径，或先建立",
		"the directory "+dir+" holds no certificate authority ("+configName+" is missing): check the path, or make one first", nil)
}

func damaged(dir, name string, err error) error {
	return fault.New(fault.Invalid, "ca-damaged",
		"证书机构 "+dir+" 的文件 "+name+" 缺失、已损坏或被改动：请从备份恢复，在此之前不再签发",
		"the file "+name+" of the certificate authority "+dir+" is missing, damaged or was altered: restore it from a backup; nothing is issued until then", err)
}

func unavailable(dir string, err error) error {
	return fault.New(fault.Unavailable, "ca-io",
		"读写证书机构 "+dir+" 失败：请检查磁盘空间、权限和文件系统",
		"the certificate authority "+dir+" cannot be read or written: check disk space, permissions and the file system", err)
}
