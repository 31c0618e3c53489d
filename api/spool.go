package api

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"yinxin/fault"
)

// spool keeps uploads on disk while they are judged. All of them together have a bound, which is counted as the bytes come: what a client announces is
// no reason to keep room for it.
type spool struct {
	dir  string
	left int64 // bytes; atomic
}

// try finds out at the start whether files can be made.
func (s *spool) try() error {
	f, err := s.file()
	if err != nil {
		return fault.New(fault.Unavailable, "spool", "无法在目录 "+s.dir+" 中建立临时文件，请检查目录、权限和磁盘空间", "no temporary file can be made in "+s.dir+": check the folder, its permissions and the disk", err)
	}
	f.Close()
	return nil
}

// file makes a file without a name, so that nothing of it stays even after a crash. Where a system keeps the names of open files it goes when closed.
func (s *spool) file() (*spooled, error) {
	f, err := os.CreateTemp(s.dir, "yinxin-upload-*")
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	return &spooled{file: f, spool: s, named: os.Remove(f.Name()) != nil}, nil
}

// spooled is one upload on disk.
type spooled struct {
	file  *os.File
	spool *spool
	size  int64
	named bool
}

// fill reads all of an upload of at most most bytes.
func (f *spooled) fill(r io.Reader, most int64) error {
	n, err := io.Copy(f, io.LimitReader(r, most+1))
	if err != nil {
		return err
	}
	if n > most {
		return errTooLarge
	}
	return nil
}

// Write appends to the file, while the spool has room.
func (f *spooled) Write(p []byte) (int, error) {
	n := int64(len(p))
	if atomic.AddInt64(&f.spool.left, -n) < 0 {
		atomic.AddInt64(&f.spool.left, n)
		return 0, errBusy
	}
	f.size += n
	if _, err := f.file.Write(p); err != nil {
		return 0, fmt.Errorf("spool: %w", err)
	}
	return len(p), nil
}

// ReadAt reads what was written.
func (f *spooled) ReadAt(p []byte, at int64) (int, error) { return f.file.ReadAt(p, at) }

// Close drops the file. Of nil it does nothing.
func (f *spooled) Close() {
	if f == nil {
		return
	}
	f.file.Close()
	if f.named {
		os.Remove(f.file.Name())
	}
	atomic.AddInt64(&f.spool.left, f.size)
}
