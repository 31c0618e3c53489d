package document

import (
	"bytes"
	"errors"
	"io"
)

// Memory is a Sink held in memory that can be read back: for documents small enough to be made whole before they leave. The zero value is empty.
type Memory struct {
	data []byte
}

// NewMemory holds data, which it takes over.
func NewMemory(data []byte) *Memory { return &Memory{data: data} }

// Write appends p.
func (m *Memory) Write(p []byte) (int, error) {
	m.data = append(m.data, p...)
	return len(p), nil
}

// WriteAt overwrites bytes that were written before; it never grows the document.
func (m *Memory) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 || off > int64(len(m.data)) || int64(len(p)) > int64(len(m.data))-off {
		return 0, errors.New("document: write outside what was written")
	}
	return copy(m.data[off:], p), nil
}

// ReadAt reads as io.ReaderAt says.
func (m *Memory) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(m.data).ReadAt(p, off)
}

// Bytes returns the document. The slice is the Memory's own.
func (m *Memory) Bytes() []byte { return m.data }

// Size is the length in bytes.
func (m *Memory) Size() int64 { return int64(len(m.data)) }

var _ interface {
	Sink
	io.ReaderAt
} = (*Memory)(nil)
