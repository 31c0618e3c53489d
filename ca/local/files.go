package local

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"

	"yinxin/fault"
)

// makeDir makes a directory and those above it, 0700, and makes their names durable: a crash must not take the authority that is written next.
func makeDir(dir string) error {
	var parents []string
	for at := filepath.Clean(dir); filepath.Dir(at) != at; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		parents = append(parents, filepath.Dir(at))
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, parent := range parents {
		root, err := os.OpenRoot(parent)
		if err != nil {
			return err
		}
		if err := errors.Join(syncDir(root, "."), root.Close()); err != nil {
			return err
		}
	}
	return nil
}

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

// replaceFile puts data durably in place of name: the old bytes or the new, never a part.
func replaceFile(root *os.Root, name string, data []byte) error {
	tmp := path.Join(path.Dir(name), ".tmp-"+rand.Text())
	f, err := root.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = root.Rename(tmp, name)
	}
	if err != nil {
		root.Remove(tmp)
		return err
	}
	return syncDir(root, path.Dir(name))
}

// syncDir makes the names in a directory durable. Windows has no such call.
func syncDir(root *os.Root, dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
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
