package api

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// TestSpool: what was written is read back, in memory and on disk and while it moves from one to the other, and all room is given back.
func TestSpool(t *testing.T) {
	dir := t.TempDir()
	moved := 0
	rapid.Check(t, func(t *rapid.T) {
		memory := rapid.SampledFrom([]int64{0, pageSize, 3 * pageSize, 64 << 20}).Draw(t, "memory")
		s := &spool{dir: dir, left: 8 << 20, memory: memory}
		f := s.upload()
		var want []byte
		for _, n := range rapid.SliceOfN(rapid.SampledFrom([]int{0, 1, 1000, pageSize - 1, pageSize, pageSize + 1, 5*pageSize + 7}), 0, 8).Draw(t, "writes") {
			piece := bytes.Repeat([]byte{byte(len(want) + 1)}, n)
			if _, err := f.Write(piece); err != nil {
				t.Fatal(err)
			}
			want = append(want, piece...)
		}
		if f.file != nil && f.pages != nil || f.file == nil && len(want) > maxPages*pageSize || f.file == nil && memory < int64(len(want)) {
			t.Fatalf("%d bytes with room for %d in memory lie in %d pages and on disk: %v", len(want), memory, len(f.pages), f.file != nil)
		}
		if f.file != nil {
			moved++
		}
		same := bytes.NewReader(want)
		for _, at := range []int64{0, rapid.Int64Range(0, int64(len(want))).Draw(t, "at"), int64(len(want)) + 1} {
			got, expected := make([]byte, rapid.IntRange(0, len(want)+10).Draw(t, "length")), make([]byte, 0)
			expected = append(expected, got...)
			n, err := f.ReadAt(got, at)
			m, wrong := same.ReadAt(expected, at)
			if n != m || !bytes.Equal(got, expected) || errors.Is(err, io.EOF) != errors.Is(wrong, io.EOF) && len(got) > 0 {
				t.Fatalf("%d bytes at %d of %d: %d, %v, want %d, %v", len(got), at, len(want), n, err, m, wrong)
			}
		}
		if _, err := f.Write(make([]byte, 9<<20)); !errors.Is(err, errBusy) {
			t.Fatalf("beyond all room: %v", err)
		}
		f.Close()
		if s.left != 8<<20 || s.memory != memory {
			t.Fatalf("room for %d bytes, %d in memory when all is over", s.left, s.memory)
		}
	})
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 || moved == 0 {
		t.Errorf("%d files are left of %d, %v", len(left), moved, err)
	}
}

// TestSpoolShared: an upload for which memory has no room any more lies on disk, whole.
func TestSpoolShared(t *testing.T) {
	s := &spool{dir: t.TempDir(), left: 1 << 20, memory: 2 * pageSize}
	first, second := s.upload(), s.upload()
	defer first.Close()
	defer second.Close()
	text := []byte("示例")
	for range 2 {
		for _, f := range []*spooled{second, first} {
			if err := f.fill(io.MultiReader(bytes.NewReader(make([]byte, pageSize-3)), bytes.NewReader(text)), 1<<20); err != nil {
				t.Fatal(err)
			}
		}
	}
	size := 2 * (pageSize - 3 + len(text))
	for name, f := range map[string]*spooled{"first": first, "second": second} {
		got := make([]byte, size)
		if n, err := f.ReadAt(got, 0); n != size || err != nil || !bytes.Equal(got[size-len(text):], text) || !bytes.Equal(got[size/2-len(text):size/2], text) {
			t.Errorf("%s: %d of %d bytes, %v", name, n, size, err)
		}
	}
	if s.memory < 0 || first.file == nil && second.file == nil {
		t.Errorf("two uploads of %d bytes are in memory beyond its room of %d", size, 2*pageSize)
	}
}
