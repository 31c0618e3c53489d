package keystore

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"yinxin/durable"
	"yinxin/fault"
)

// openDir opens the directory of a store, refusing one that others may enter.
func openDir(dir string) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noStore(dir)
	}
	if err != nil {
		return nil, unavailable(dir, err)
	}
	info, err := root.Stat(".")
	if err != nil {
		root.Close()
		return nil, unavailable(dir, err)
	}
	if err := checkPermissions(info, dir, "700"); err != nil {
		root.Close()
		return nil, err
	}
	return root, nil
}

// checkPermissions refuses what group or world may touch. Windows keeps its access lists elsewhere, and its bits say nothing.
func checkPermissions(info fs.FileInfo, path, want string) error {
	if runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return fault.New(fault.Denied, "key-permissions",
		fmt.Sprintf("%s 的权限是 %04o，本机其他用户可以接触密钥，因此拒绝使用；请执行：chmod %s '%s'", path, info.Mode().Perm(), want, path),
		fmt.Sprintf("%s has permissions %04o, so other users of this machine can reach the keys, and it is refused; run: chmod %s '%s'", path, info.Mode().Perm(), want, path), nil)
}

// readPrivate reads a regular file of at most limit bytes that only its owner may touch. A missing file is fs.ErrNotExist.
func readPrivate(root *os.Root, dir, name string, limit int64) ([]byte, error) {
	// Lstat first, so that a pipe or a device put in place of the file is not even opened.
	if info, err := root.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil, err
	} else if err != nil {
		return nil, unavailable(dir, err)
	} else if !info.Mode().IsRegular() {
		return nil, damaged(dir, name, errors.New("not a regular file"))
	}
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err != nil {
		return nil, unavailable(dir, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, unavailable(dir, err)
	}
	if err := checkPermissions(info, filepath.Join(dir, name), "600"); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, unavailable(dir, err)
	}
	if int64(len(data)) > limit {
		return nil, damaged(dir, name, &ParseError{Offset: limit, Reason: fmt.Sprintf("larger than %d bytes", limit)})
	}
	return data, nil
}

// writeNew puts data durably under a name that is not in use, else fs.ErrExist. The name appears with all its bytes or not at all: a link, unlike
// a rename, never takes the place of another file.
func writeNew(root *os.Root, name string, data []byte) error {
	tmp := ".tmp-" + rand.Text()
	if err := writeFile(root, tmp, data); err != nil {
		return err
	}
	defer root.Remove(tmp)
	if err := root.Link(tmp, name); err != nil {
		return err
	}
	return durable.SyncDir(root, ".")
}

// reserve makes an empty file, else fs.ErrExist.
func reserve(root *os.Root, name string) error {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// replace puts data durably in place of name, by way of the reserved file tmp. tmp is gone afterwards either way; once it was renamed its name may
// be another's and is not touched.
func replace(root *os.Root, tmp, name string, data []byte) error {
	f, err := root.OpenFile(tmp, os.O_WRONLY|os.O_TRUNC, 0)
	if err == nil {
		err = durable.WriteSync(f, data)
	}
	if err == nil {
		err = root.Rename(tmp, name)
	}
	if err != nil {
		root.Remove(tmp)
		return err
	}
	return durable.SyncDir(root, ".")
}

func writeFile(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := durable.WriteSync(f, data); err != nil {
		root.Remove(name)
		return err
	}
	return nil
}

// keyNames lists the names of the key files, sorted.
func keyNames(root *os.Root) ([]string, error) { return names(root, keySuffix) }

// names lists the files of one suffix without it, sorted. Files left behind by an interrupted write start with a dot and are passed over.
func names(root *os.Root, suffix string) ([]string, error) {
	d, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	files, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, file := range files {
		if name, ok := strings.CutSuffix(file, suffix); ok && !strings.HasPrefix(file, ".") {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list, nil
}
