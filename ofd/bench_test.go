package ofd

import (
	"context"
	"crypto/rand"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/internal/floor"
	"yinxin/internal/need"
	"yinxin/internal/testofd"
)

// BenchmarkSeal measures sealing a file into a file, the one SM2 signature included, beside inflate + SM3 + copy + one SM2 signature.
func BenchmarkSeal(b *testing.B) {
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	for name, made := range testofd.Sizes() {
		data := made.Build()
		b.Run(name, func(b *testing.B) {
			in := benchFile(b, data)
			out, other := benchFile(b, nil), benchFile(b, nil)
			request := sealAt(1)
			request.Payload = make([]byte, 20<<10)
			least := floor.Unpack(b, data, other)
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
	for name, made := range testofd.Sizes() {
		data := made.Build()
		data = sealed(b, data, sealAt(1))
		b.Run(name, func(b *testing.B) {
			floor.Compare(b, func() error {
				list, err := judge(data)
				if err == nil && (len(list) != 1 || !list[0].good()) {
					err = os.ErrInvalid
				}
				return err
			}, floor.Unpack(b, data, nil))
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
			}, floor.Unpack(b, data, nil))
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
