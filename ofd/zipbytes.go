package ofd

import (
	"errors"
	"io"
)

// kept returns n bytes at off, not to be changed; nil where they are not all in the tail.
func (a *archive) kept(off, n int64) []byte {
	at := off - (a.size - int64(len(a.tail)))
	if at < 0 || n > int64(len(a.tail))-at {
		return nil
	}
	return a.tail[at : at+n : at+n]
}

// have returns n bytes at off, not to be changed: from the tail, or read into buf, which is long enough.
func (a *archive) have(buf []byte, off, n int64) ([]byte, error) {
	if b := a.kept(off, n); b != nil {
		return b, nil
	}
	return buf[:n], a.read(buf[:n], off)
}

// read fills p from off.
func (a *archive) read(p []byte, off int64) error {
	n, err := a.r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return broken("", off+int64(n), "the file ends too early")
	}
	return unreadable(err)
}
