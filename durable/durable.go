// Package durable writes files and directories that survive a crash: the old bytes or the new, never a part, and names that are still there afterwards.
package durable

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
)

// MakeDir makes a directory and those above it, 0700, and makes their names durable. A directory that is there is left as it is.
func MakeDir(dir string) error {
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
		if err := errors.Join(SyncDir(root, "."), root.Close()); err != nil {
			return err
		}
	}
	return nil
}

// SyncDir makes the names in a directory below root durable. Windows has no such call.
func SyncDir(root *os.Root, dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Replace puts data in place of name, 0600. Readers see the old bytes or the new.
func Replace(root *os.Root, name string, data []byte) error {
	tmp := path.Join(path.Dir(name), ".tmp-"+rand.Text())
	f, err := root.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = WriteSync(f, data)
	if err == nil {
		err = root.Rename(tmp, name)
	}
	if err != nil {
		root.Remove(tmp)
		return err
	}
	return SyncDir(root, path.Dir(name))
}

// WriteSync writes data to f, makes it durable and closes f, whatever happens.
func WriteSync(f *os.File, data []byte) error {
	_, err := f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
