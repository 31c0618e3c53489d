package pdf

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"yinxin/document"
)

// BenchmarkRewrite is repairing a file of 20 MB in streams, with its table and without.
func BenchmarkRewrite(b *testing.B) {
	pages := make([]string, 200)
	objects := make([]string, 200)
	for i := range pages {
		pages[i] = a4Page
		objects[i] = stream("", strings.Repeat("x\x80/y (", 100_000/6))
	}
	file := testPDF{pages: pages, catalog: "/Keep[" + consecutive(204, 200) + "]", objects: objects}.build()
	for name, file := range map[string][]byte{"read": file, "rebuilt": bytes.Replace(file, []byte("startxref"), []byte("startxrfe"), 1)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := Rewrite(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{}, io.Discard)
				if err != nil || r.Objects != 403 || r.Rebuilt != (name == "rebuilt") {
					b.Fatal(r, err)
				}
			}
		})
	}
}

// consecutive are n references to consecutive objects.
func consecutive(first, n int) string {
	var a Array
	for i := range n {
		a = append(a, Ref{Num: first + i})
	}
	return strings.Trim(source(a), "[]")
}
