package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

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
		return nil, fault.New(fault.Limit, "file-too-large", path+" 超过 16 MB，不是预期的文件", path+" is larger than 16 MB, which is not the kind of file expected", nil)
	}
	return data, nil
}

func unreadable(path string, err error) error {
	why := err
	if pe := (*os.PathError)(nil); errors.As(err, &pe) {
		why = pe.Err
	}
	return fault.New(fault.Invalid, "file-unreadable", "无法读取 "+path, "cannot read "+path, why)
}

// writeWhole makes a file that is there whole or not at all: it is written beside its place, synced, and renamed. fill gets the temporary file.
func writeWhole(path string, perm os.FileMode, fill func(*os.File) error) (err error) {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if err = fill(tmp); err != nil {
		return err
	}
	if err = tmp.Chmod(perm); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = tmp.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = tmp.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = os.Rename(tmp.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return syncDir(dir)
}

// syncDir makes a rename survive a crash.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", dir, err)
	}
	return nil
}

func writeBytes(path string, perm os.FileMode, data []byte) error {
	return writeWhole(path, perm, func(f *os.File) error {
		_, err := f.Write(data)
		if err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
		return nil
	})
}

// parseTime reads --at and --from: RFC 3339, or a date (midnight UTC).
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usage("时间“"+s+"”无法识别，写作 2026-03-02 或 2026-03-02T08:00:00Z", "time “"+s+"” is not understood: write 2026-03-02 or 2026-03-02T08:00:00Z")
}
