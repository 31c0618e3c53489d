package ofd

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/rand"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/internal/floor"
	"yinxin/internal/need"
)

// documents are what is measured: of one page, of many, and of many large pictures.
func documents() map[string][]byte {
	picture := make([]byte, 4<<20)
	seed := uint32(1)
	for i := range picture {
		seed = seed*1664525 + 1013904223
		picture[i] = byte(seed >> 24)
	}
	large := onePage()
	for i := range 5 {
		large = large.With("Doc_0/Res/large_"+strconv.Itoa(i)+".jpg", string(picture))
	}
	text := strings.Repeat(`<ofd:TextObject ID="901" Boundary="20 20 100 10" Font="3" Size="6"><ofd:TextCode X="0" Y="6" DeltaX="6 6 6 6">一二三四五</ofd:TextCode></ofd:TextObject>`, 60)
	many := pagesOFD(100)
	for i, f := range many {
		many[i].Data = strings.Replace(f.Data, `<ofd:TextObject`, text+`<ofd:TextObject`, 1)
	}
	return map[string][]byte{"1 page": onePage().Build(), "100 pages": many.Build(), "20 MB of pictures": large.Build()}
}

// inflateAll is the work no implementation is spared: inflate every entry and hash it; and, into a file, copy it as it is stored.
func inflateAll(b *testing.B, data []byte, out io.Writer) func() error {
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

// BenchmarkSeal measures sealing a file into a file, the one SM2 signature included, beside inflate + SM3 + copy + one SM2 signature.
func BenchmarkSeal(b *testing.B) {
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	for name, data := range documents() {
		b.Run(name, func(b *testing.B) {
			in := benchFile(b, data)
			out, other := benchFile(b, nil), benchFile(b, nil)
			request := sealAt(1)
			request.Payload = make([]byte, 20<<10)
			least := inflateAll(b, data, other)
			floor.Compare(b, func() error {
				if _, err := out.Seek(0, io.SeekStart); err != nil {
					return err
				}
				return sealOnce(in, int64(len(data)), request, out, key)
			}, func() error {
				if _, err := other.Seek(0, io.SeekStart); err != nil {
					return err
				}
				if err := least(); err != nil {
					return err
				}
				e := gm.SM3(nil)
				_, err := gm.SignE(rand.Reader, key, e[:])
				return err
			})
		})
	}
}

func sealOnce(in io.ReaderAt, size int64, r document.Request, out document.Sink, key *gm.PrivateKey) error {
	d, err := Format{}.Open(context.Background(), in, size, document.Options{})
	if err != nil {
		return err
	}
	draft, err := d.Prepare(r)
	if err != nil {
		return err
	}
	digest, err := draft.Copy(out, sm3)
	if err != nil {
		return err
	}
	value, err := gm.SignE(rand.Reader, key, digest)
	if err != nil {
		return err
	}
	return draft.Finish(out, append(value, make([]byte, 20<<10)...))
}

// BenchmarkJudge measures opening a sealed file and asking all this package knows of its signature, beside inflate + SM3 of its entries.
func BenchmarkJudge(b *testing.B) {
	for name, data := range documents() {
		data = sealed(b, data, sealAt(1))
		b.Run(name, func(b *testing.B) {
			floor.Compare(b, func() error {
				list, err := judge(data)
				if err == nil && (len(list) != 1 || !list[0].good()) {
					err = os.ErrInvalid
				}
				return err
			}, inflateAll(b, data, nil))
		})
	}
}

// BenchmarkJudgeSamples is BenchmarkJudge for files of the field.
func BenchmarkJudgeSamples(b *testing.B) {
	dir := need.Samples(b, "ofd")
	for _, name := range []string{"invoice-test-ca.ofd", "invoice-kinggrid-relative-baseloc.ofd", "riding-seal-right.ofd", "two-seals-pages-edited.ofd"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			floor.Compare(b, func() error {
				_, err := judge(data)
				return err
			}, inflateAll(b, data, nil))
		})
	}
}

func benchFile(b *testing.B, data []byte) *os.File {
	b.Helper()
	n, err := rand.Int(rand.Reader, big.NewInt(1<<40))
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), n.String())
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	return f
}
