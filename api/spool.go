package api

import (
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"yinxin/fault"
)

// spool keeps uploads while they are judged: small ones in memory as long as there is room, the others on disk, where making a file and dropping it may
// wait for what else is written there. All of them together have a bound, which is counted as the bytes come: what a client announces is no reason to keep
// room for it.
type spool struct {
	dir    string
	left   int64 // bytes; atomic
	memory int64 // bytes that pages may still take; atomic
}

// Uploads in memory lie in pages.
const (
	pageSize = 64 << 10 // bytes
	maxPages = 16       // of one upload: what is larger than 1 MiB goes to disk
)

// try finds out at the start whether files can be made.
func (s *spool) try() error {
	f := s.upload()
	defer f.Close()
	if err := f.toDisk(0); err != nil {
		return fault.New(fault.Unavailable, "spool", "无法在目录 "+s.dir+" 中建立临时文件，请检查目录、权限和磁盘空间", "no temporary file can be made in "+s.dir+": check the folder, its permissions and the disk", err)
	}
	return nil
}

// upload begins an upload.
func (s *spool) upload() *spooled { return &spooled{spool: s} }

// spooled is one upload.
type spooled struct {
	spool *spool
	size  int64
	pages [][]byte // the upload, while it is in memory
	file  *os.File // else it; has no name, so that nothing stays even after a crash
	named bool     // where a system keeps the names of open files it goes when closed
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

// Write appends to the upload, while the spool has room.
func (f *spooled) Write(p []byte) (int, error) {
	n := int64(len(p))
	if atomic.AddInt64(&f.spool.left, -n) < 0 {
		atomic.AddInt64(&f.spool.left, n)
		return 0, errBusy
	}
	at := f.size
	f.size += n
	if f.file == nil && f.grow() {
		for rest := p; len(rest) > 0; {
			copied := copy(f.pages[at/pageSize][at%pageSize:], rest)
			at, rest = at+int64(copied), rest[copied:]
		}
		return len(p), nil
	}
	if err := f.toDisk(at); err != nil {
		return 0, err
	}
	if _, err := f.file.WriteAt(p, at); err != nil {
		return 0, fmt.Errorf("spool: %w", err)
	}
	return len(p), nil
}

// grow makes pages for the whole upload. It reports whether there is room for them.
func (f *spooled) grow() bool {
	more := (f.size+pageSize-1)/pageSize - int64(len(f.pages))
	if int64(len(f.pages))+more > maxPages {
		return false
	}
	if atomic.AddInt64(&f.spool.memory, -more*pageSize) < 0 {
		atomic.AddInt64(&f.spool.memory, more*pageSize)
		return false
	}
	for range more {
		f.pages = append(f.pages, make([]byte, pageSize))
	}
	return true
}

// toDisk moves the upload, size bytes so far, from memory to a file.
func (f *spooled) toDisk(size int64) error {
	if f.file != nil {
		return nil
	}
	file, err := os.CreateTemp(f.spool.dir, "yinxin-upload-*")
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	f.file, f.named = file, os.Remove(file.Name()) != nil
	for _, page := range f.pages {
		page = page[:min(pageSize, size)]
		size -= int64(len(page))
		if _, err := file.Write(page); err != nil {
			return fmt.Errorf("spool: %w", err)
		}
	}
	f.drop()
	return nil
}

// drop gives the pages back.
func (f *spooled) drop() {
	atomic.AddInt64(&f.spool.memory, int64(len(f.pages))*pageSize)
	f.pages = nil
}

// ReadAt reads what was written.
func (f *spooled) ReadAt(p []byte, at int64) (n int, err error) {
	if f.file != nil {
		return f.file.ReadAt(p, at)
	}
	for n < len(p) && at >= 0 && at < f.size {
		copied := copy(p[n:], f.pages[at/pageSize][at%pageSize:min(pageSize, f.size-at/pageSize*pageSize)])
		n, at = n+copied, at+int64(copied)
	}
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

// Close drops the upload. Of nil it does nothing.
func (f *spooled) Close() {
	if f == nil {
		return
	}
	f.drop()
	if f.file != nil {
		f.file.Close()
		if f.named {
			os.Remove(f.file.Name())
		}
	}
	atomic.AddInt64(&f.spool.left, f.size)
}
