package batch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"yinxin/fault"
	"yinxin/gm"
)

// File is one file to be judged.
type File struct {
	Name   string // as the table names it
	Err    error  // why it could not be opened; there is no content then
	Beside *Content
	*Content
}

func (f *File) close() {
	f.Content.close()
	f.Beside.close()
}

// inMemory is the size in bytes up to which content is held in memory. There are no more files in memory than workers, and one.
const inMemory = 4 << 20

// Content is the bytes of a file. They stay the same while they are read: small ones are in memory, those of an archive in a file without a name.
type Content struct {
	io.ReaderAt
	Size  int64
	file  *os.File    // nil in memory
	named bool        // the file goes when it is closed
	found os.FileInfo // of a file of somebody else's, which may change
}

// close drops the content; of nil it does nothing.
func (c *Content) close() {
	if c == nil || c.file == nil {
		return
	}
	c.file.Close()
	if c.named {
		os.Remove(c.file.Name())
	}
}

// digest is the SM3 of the content.
func (c *Content) digest(ctx context.Context) ([gm.DigestSize]byte, error) {
	h := gm.NewSM3()
	var sum [gm.DigestSize]byte
	r, buf := io.NewSectionReader(c, 0, c.Size), make([]byte, min(c.Size, 1<<20)+1)
	for {
		n, err := r.Read(buf)
		h.Write(buf[:n])
		switch {
		case errors.Is(err, io.EOF):
			h.Sum(sum[:0])
			return sum, nil
		case err != nil:
			return sum, fmt.Errorf("read: %w", err)
		case ctx.Err() != nil:
			return sum, ctx.Err()
		}
	}
}

// changed is an error where the file became another while it was read.
func (c *Content) changed() error {
	if c.found == nil {
		return nil
	}
	now, err := c.file.Stat()
	if err != nil {
		return fmt.Errorf("look at the file again: %w", err)
	}
	if now.Size() != c.found.Size() || !now.ModTime().Equal(c.found.ModTime()) {
		return errChanged()
	}
	return nil
}

func errChanged() error {
	return fault.New(fault.Conflict, "file-changed", "文件在核验时被改动了，请重新核验", "the file changed while it was being verified: verify it again", nil)
}

// fromDisk takes over an open file: into memory, or as it is.
func fromDisk(f *os.File) (*Content, error) {
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotFile()
	}
	if err == nil && info.Size() > inMemory {
		return &Content{ReaderAt: f, Size: info.Size(), file: f, found: info}, nil
	}
	defer f.Close()
	if err != nil {
		return nil, err
	}
	c, err := held(f, info.Size())
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errChanged()
	}
	return c, err
}

func errNotFile() error {
	return fault.New(fault.Invalid, "not-a-file", "这不是普通文件，未打开", "this is not a regular file; it was not opened", nil)
}

// held reads all of r into memory, which is io.ErrUnexpectedEOF where it has not the size it is said to have.
func held(r io.Reader, size int64) (*Content, error) {
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	n, err := b.ReadFrom(io.LimitReader(r, inMemory+1))
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if n != size {
		return nil, io.ErrUnexpectedEOF
	}
	return &Content{ReaderAt: bytes.NewReader(b.Bytes()), Size: n}, nil
}

// spooled copies r, which is said to have size bytes, to a file without a name, or with one that goes when it is closed.
func spooled(ctx context.Context, r io.Reader, size int64) (_ *Content, err error) {
	if size <= inMemory {
		return held(r, size)
	}
	f, err := os.CreateTemp("", "yinxin-entry-*")
	if err != nil {
		return nil, noSpool(err)
	}
	c := &Content{ReaderAt: f, Size: size, file: f, named: os.Remove(f.Name()) != nil}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	for left := size; left > 0; {
		n, err := io.CopyN(f, r, min(left, 1<<20))
		left -= n
		if err := errors.Join(err, ctx.Err()); err != nil {
			if failed := (*os.PathError)(nil); errors.As(err, &failed) && failed.Op == "write" {
				return nil, noSpool(err)
			}
			return nil, fmt.Errorf("unpack: %w", err)
		}
	}
	if n, err := io.CopyN(io.Discard, r, 1); n != 0 || !errors.Is(err, io.EOF) { // reading to the end checks the checksum
		return nil, fmt.Errorf("unpack: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	return c, nil
}

func noSpool(err error) error {
	return fault.New(fault.Unavailable, "spool", "无法写入临时文件，请检查临时目录和磁盘空间", "a temporary file cannot be written: check the folder for temporary files and the disk space", err)
}
