package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"yinxin/durable"
	"yinxin/fault"
)

// maxSmallFile bounds files that are read whole: certificates, seals, text.
const maxSmallFile = 16 << 20

// readSmall reads a file whole, refusing one that is larger than 16 MB.
func readSmall(path string) ([]byte, error) { return readUpTo(path, maxSmallFile) }

// readUpTo reads a file whole, refusing one of more bytes than limit, a whole number of megabytes.
func readUpTo(path string, limit int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if len(data) > limit {
		return nil, fault.New(fault.Limit, "file-too-large", fmt.Sprintf("%s 超过 %d MB，不是此处要的文件，请检查文件名", path, limit>>20),
			fmt.Sprintf("%s is larger than %d MB, which no file expected here is: check the name", path, limit>>20), nil)
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

// unwritable says that an output cannot be written, unless the error says more. A place that cannot be written to is the caller's to change; anything else went wrong on the way.
func unwritable(path string, err error) error {
	if _, ok := fault.PublicOf(err); ok {
		return err
	}
	kind := fault.Invalid
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EIO) {
		kind = fault.Unavailable
	}
	return fault.New(kind, "file-unwritable", "无法写入 "+path+"，请检查目录、权限和磁盘空间", "cannot write "+path+": check the directory, the permissions and the disk space", err)
}

// outOptions name one file to be written. A file that is there already is replaced only when that is asked for.
type outOptions struct {
	out   string
	force bool
}

func (o *outOptions) flags(f *pflag.FlagSet, usage string) {
	f.StringVarP(&o.out, "out", "o", "", usage)
	f.BoolVar(&o.force, "force", false, "覆盖 / replace the output if it is there already")
}

// write makes the output, for everyone to read, whole or not at all.
func (o *outOptions) write(fill func(*os.File) error) error { return o.writeTo(o.out, fill) }

// writeTo makes one of several outputs.
func (o *outOptions) writeTo(path string, fill func(*os.File) error) error {
	if o.force {
		return writeWhole(path, fill)
	}
	return writeNew(path, fill)
}

func (o *outOptions) writeBytes(data []byte) error { return o.write(bytesTo(o.out, data)) }

// writeNew makes a file that is not there yet. Of two processes that write one output the first makes it and the other is told.
func writeNew(path string, fill func(*os.File) error) error {
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
		return outputExists(path, nil)
	}
	if err := regularOrNone(path); err != nil {
		return err
	}
	return makeWhole(path, fill, func(from, to string) error {
		err := os.Link(from, to)
		if errors.Is(err, fs.ErrExist) {
			return outputExists(path, err)
		}
		if err != nil { // a file system without links
			return os.Rename(from, to)
		}
		return os.Remove(from)
	})
}

func outputExists(path string, cause error) error {
	return fault.New(fault.Conflict, "output-exists", "输出 "+path+" 已存在，未改动：请换一个输出名或移走它；有 --force 的命令可用它覆盖",
		"the output "+path+" exists already and was left alone: name another or move it away; --force replaces it where the command has it", cause)
}

// writeWhole makes a file, or replaces the one that is there.
func writeWhole(path string, fill func(*os.File) error) error {
	if err := regularOrNone(path); err != nil {
		return err
	}
	return makeWhole(path, fill, os.Rename)
}

// regularOrNone refuses what is there and no file: a rename would replace a device or a link.
func regularOrNone(path string) error {
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unwritable(path, err)
	case info.Mode().IsRegular():
		return nil
	case info.IsDir():
		return unwritable(path, syscall.EISDIR)
	}
	return unwritable(path, errNotRegular)
}

// makeWhole makes a file that is there whole or not at all: it is written beside its place, synced, and given its name. fill gets the temporary file.
func makeWhole(path string, fill func(*os.File) error, name func(from, to string) error) (err error) {
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
	if err := settle(tmp, path, name); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// settle makes a temporary file durable, for everyone to read, and gives it its name.
func settle(tmp *os.File, path string, name func(from, to string) error) error {
	if err := tmp.Chmod(0o644); err != nil {
		return fmt.Errorf("set permissions: %w", err)
	}
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	if err := tmp.Close(); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	if err := name(tmp.Name(), path); err != nil {
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

func writeBytes(path string, data []byte) error { return writeWhole(path, bytesTo(path, data)) }

func bytesTo(path string, data []byte) func(*os.File) error {
	return func(f *os.File) error {
		if _, err := f.Write(data); err != nil {
			return unwritable(path, err)
		}
		return nil
	}
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
