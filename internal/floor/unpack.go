package floor

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"testing"

	"yinxin/gm"
)

// Unpack returns the floor of a package in a ZIP archive: inflate every entry and hash it with SM3; and, where out is not nil, copy it as it is stored.
func Unpack(b *testing.B, data []byte, out io.Writer) func() error {
	b.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		b.Fatal(err)
	}
	r := flate.NewReader(nil)
	buf := make([]byte, 64<<10)
	type span struct {
		from, to int64
		stored   bool
	}
	var spans []span
	for _, f := range z.File {
		at, err := f.DataOffset()
		if err != nil {
			b.Fatal(err)
		}
		spans = append(spans, span{at, at + int64(f.CompressedSize64), f.Method == zip.Store})
	}
	return func() error {
		for _, s := range spans {
			h := gm.NewSM3()
			stored := data[s.from:s.to]
			if out != nil {
				if _, err := out.Write(stored); err != nil {
					return err
				}
			}
			if s.stored {
				h.Write(stored)
				h.Sum(nil)
				continue
			}
			if err := r.(flate.Resetter).Reset(bytes.NewReader(stored), nil); err != nil {
				return err
			}
			if _, err := io.CopyBuffer(struct{ io.Writer }{h}, struct{ io.Reader }{r}, buf); err != nil {
				return err
			}
			h.Sum(nil)
		}
		return nil
	}
}
