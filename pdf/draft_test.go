package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/gm"
)

// bulk is a base of about size bytes with pages of 170 KB.
func bulk(size int) []byte {
	var p testPDF
	const content = 170 << 10
	noise := make([]byte, content)
	for i, x := 0, uint32(1); i < content; i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte('a' + x>>28)
	}
	n := max(size/content, 1)
	for i := range n {
		p.pages = append(p.pages, a4Page+fmt.Sprintf("/Contents %d 0 R", 4+n+i))
		body := noise[:min(content, size)]
		p.objects = append(p.objects, fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(body), body))
	}
	return p.build()
}

// fails is a sink or a base that fails after a number of bytes.
type fails struct {
	after int
	io.ReaderAt
}

var errFull = errors.New("no room")

func (f *fails) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func (f *fails) WriteAt([]byte, int64) (int, error) { return 0, errFull }

func (f *fails) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > int64(f.after) {
		return 0, io.EOF
	}
	return f.ReaderAt.ReadAt(p, off)
}

func TestCopyFails(t *testing.T) {
	base := bulk(2 << 20)
	prepare := func() *draft {
		dr, err := openBytes(t, base).Prepare(sealRequest(t))
		if err != nil {
			t.Fatal(err)
		}
		return dr.(*draft)
	}
	for _, after := range []int{0, 1 << 20, len(base) + 10} {
		dr := prepare()
		if _, err := dr.Copy(&fails{after: after}, sm3); !errors.Is(err, errFull) {
			t.Errorf("a sink full after %d bytes: %v", after, err)
		}
		if _, err := dr.Copy(&memory{}, sm3); err == nil {
			t.Error("Copy works after it failed")
		}
	}
	dr := prepare()
	dr.base = &fails{after: 1 << 20, ReaderAt: bytes.NewReader(base)}
	if _, err := dr.Copy(&memory{}, sm3); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a base cut short: %v", err)
	}
}

func BenchmarkSeal(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"100KB", 100 << 10}, {"5MB", 5 << 20}, {"50MB", 50 << 20}} {
		dir := b.TempDir()
		in := filepath.Join(dir, "in.pdf")
		base := bulk(size.bytes)
		if err := os.WriteFile(in, base, 0o600); err != nil {
			b.Fatal(err)
		}
		r := sealRequest(b)
		r.Appearance.Data, r.Reserve = sealPNG(b, 945, 23622), 20<<10
		b.Run(size.name+"/floor", func(b *testing.B) { benchFloor(b, in, dir) })
		b.Run(size.name+"/seal", func(b *testing.B) { benchSeal(b, in, dir, r) })
	}
}

// benchFloor reads, hashes and writes a copy, and does nothing else.
func benchFloor(b *testing.B, in, dir string) {
	buf := make([]byte, 256<<10)
	for b.Loop() {
		src, err := os.Open(in)
		if err != nil {
			b.Fatal(err)
		}
		dst, err := os.Create(filepath.Join(dir, "out"))
		if err != nil {
			b.Fatal(err)
		}
		h := gm.NewSM3()
		for {
			n, err := src.Read(buf)
			h.Write(buf[:n])
			if _, err := dst.Write(buf[:n]); err != nil {
				b.Fatal(err)
			}
			if err != nil {
				break
			}
		}
		h.Sum(nil)
		src.Close()
		dst.Close()
	}
}

func benchSeal(b *testing.B, in, dir string, r document.Request) {
	b.ReportAllocs()
	for b.Loop() {
		src, err := os.Open(in)
		if err != nil {
			b.Fatal(err)
		}
		st, err := src.Stat()
		if err != nil {
			b.Fatal(err)
		}
		dst, err := os.Create(filepath.Join(dir, "out"))
		if err != nil {
			b.Fatal(err)
		}
		d, err := open(b.Context(), src, st.Size(), document.Options{})
		if err != nil {
			b.Fatal(err)
		}
		dr, err := d.Prepare(r)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := dr.Copy(dst, sm3); err != nil {
			b.Fatal(err)
		}
		if err := dr.Finish(dst, dummyValue); err != nil {
			b.Fatal(err)
		}
		src.Close()
		dst.Close()
	}
}

func BenchmarkPrepare(b *testing.B) {
	base := bulk(100 << 10)
	r := sealRequest(b)
	r.Appearance.Data, r.Reserve = sealPNG(b, 945, 23622), 20<<10
	b.ReportAllocs()
	for b.Loop() {
		if _, err := openBytes(b, base).Prepare(r); err != nil {
			b.Fatal(err)
		}
	}
}

func TestBulkIsSealed(t *testing.T) {
	out := sealed(t, bulk(1<<20), sealRequest(t))
	if !strings.HasSuffix(string(out), "%%EOF\n") {
		t.Error("the file has no end")
	}
}
