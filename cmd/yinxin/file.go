package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"yinxin/durable"
	"yinxin/fault"
)

// maxSmallFile bounds files that are read whole: certificates, seals, text.
const maxSmallFile = 16 << 20

// readSmall reads a file whole, refusing one that is larger than 16 MB.
func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSmallFile+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(data) > maxSmallFile {
		return nil, fault.New(fault.Limit, "file-too-large", path+" 超过 16 MB，不是此处要的文件，请检查文件名", path+" is larger than 16 MB, which no file expected here is: check the name", nil)
	}
	return data, nil
}

// unreadable says that a file cannot be read, or, where the bytes were read and are wrong, whose bytes they are.
func unreadable(path string, err error) error {
	if fault.KindOf(err) != 0 {
		return about(path, err)
	}
	return fault.New(fault.Invalid, "file-unreadable", "无法读取 "+path+"，请检查路径和权限", "cannot read "+path+": check the path and the permissions", err)
}

// unwritable says that an output cannot be written. A place that cannot be written to is the caller's to change; anything else went wrong on the way.
func unwritable(path string, err error) error {
	kind := fault.Invalid
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EIO) {
		kind = fault.Unavailable
	}
	return fault.New(kind, "file-unwritable", "无法写入 "+path+"，请检查目录、权限和磁盘空间", "cannot write "+path+": check the directory, the permissions and the disk space", err)
}

// writeWhole makes a file that is there whole or not at all: it is written beside its place, synced, and renamed. fill gets the temporary file.
func writeWhole(path string, perm os.FileMode, fill func(*os.File) error) (err error) {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() { // a rename would replace a device or a link
		if info.IsDir() {
			return unwritable(path, syscall.EISDIR)
		}
		return unwritable(path, errNotRegular)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".yinxin-*")
	if err != nil {
		return unwritable(path, err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if err := fill(tmp); err != nil {
		return err
	}
	if err := settle(tmp, perm, path); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// settle makes a temporary file durable and gives it its name.
func settle(tmp *os.File, perm os.FileMode, path string) error {
	if err := tmp.Chmod(perm); err != nil {
		return fmt.Errorf("set permissions: %w", err)
	}
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("rename: %w", err)
	}
	dir, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("sync the directory: %w", err)
	}
	defer dir.Close()
	if err := durable.SyncDir(dir, "."); err != nil { // makes the rename survive a crash
		return fmt.Errorf("sync the directory: %w", err)
	}
	return nil
}

func writeBytes(path string, perm os.FileMode, data []byte) error {
	return writeWhole(path, perm, func(f *os.File) error {
		_, err := f.Write(data)
		if err != nil {
			return unwritable(path, err)
		}
		return nil
	})
}

// parseTime reads --at: RFC 3339, or a date (midnight UTC).
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage("时间“"+s+"”无法识别，写作 2026-03-02 或 2026-03-02T08:00:00Z", "time “"+s+"” is not understood: write 2026-03-02 or 2026-03-02T08:00:00Z")
}
