package pdf

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/gm"
)

// filled is a sealed file of about n bytes whose value has reserve bytes.
func filled(b *testing.B, n, reserve int) []byte {
	b.Helper()
	base := testPDF{pages: []string{a4Page, a4Page, a4Page}, objects: []string{"<</Length " + fmt.Sprint(n) + ">>\nstream\n" + strings.Repeat("x", n) + "\nendstream"}}.build()
	r := sealRequest(b)
	r.Reserve = reserve
	return sealed(b, base, r)
}

func BenchmarkOpenAndList(b *testing.B) {
	for _, reserve := range []int{4 << 10, 32 << 10} {
		file := filled(b, 100<<10-2*reserve, reserve)
		b.Run(fmt.Sprintf("value of %d bytes", reserve), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d, err := open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
				if err != nil {
					b.Fatal(err)
				}
				signed, err := d.Signatures()
				if err != nil || len(signed) != 1 || len(signed[0].Info().Places) != 1 || signed[0].Value() == nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkChanges(b *testing.B) {
	file := sealed(b, filled(b, 50<<10, 8<<10), sealRequest(b))
	b.ReportAllocs()
	for b.Loop() {
		d, err := open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
		if err != nil {
			b.Fatal(err)
		}
		signed, err := d.Signatures()
		if err != nil || len(signed) != 2 {
			b.Fatal(err)
		}
		if changes, err := signed[0].Changes(); err != nil || document.Worst(changes) != document.LevelForm {
			b.Fatal(changes, err)
		}
	}
}

func BenchmarkDigest(b *testing.B) {
	file := filled(b, 5<<20, 8<<10)
	for name, fresh := range map[string]func() hash.Hash{"SHA-256": sha256.New, "SM3": gm.NewSM3} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				d, err := open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
				if err != nil {
					b.Fatal(err)
				}
				signed, err := d.Signatures()
				if err != nil {
					b.Fatal(err)
				}
				if _, err := signed[0].Digest(func(string) (hash.Hash, error) { return fresh(), nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+" floor", func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				h := fresh()
				if _, err := io.Copy(h, bytes.NewReader(file)); err != nil {
					b.Fatal(err)
				}
				h.Sum(nil)
			}
		})
	}
}
