package pdf

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"yinxin/document"
)

// linked is a signed file of n objects that refer to each other, with a revision that adds an empty list of annotations.
func linked(t testing.TB, n int) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/X 6 0 R>>", "<</FT/Sig/T(S)/V 5 0 R>>", sigDict("")}
	for i := range n {
		objects = append(objects, fmt.Sprintf("<</A %d 0 R/B %d 0 R>>", 7+i, 6+i/2))
	}
	return revised(t, patchRange(raw(objects...)), "", object{3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/X 6 0 R/Annots[]>>"})
}

// TestOneWalk: what ten revisions behind a signature cost is little more than what one does.
func TestOneWalk(t *testing.T) {
	base := linked(t, 20_000)
	work := func(b []byte) int64 {
		d := openBytes(t, b)
		signed, err := d.Signatures()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range signed {
			if _, err := s.Changes(); err != nil {
				t.Fatal(err)
			}
		}
		return d.f.work
	}
	b := base
	for range 10 {
		r := sealRequest(t)
		r.Places = nil
		b = sealed(t, b, r)
	}
	if one, ten := work(base), work(b); ten > one*3/2 {
		t.Errorf("one revision costs %d bytes of work, ten more cost %d", one, ten)
	}
}

// TestPlacesOfChanges: a change says where it shows, and whether that is over a seal.
func TestPlacesOfChanges(t *testing.T) {
	base := richBase(t) // the seal is in the middle of the page, 40 mm wide
	for _, c := range []struct {
		name     string
		do       func(e *editor)
		code     string
		overlaps bool
		x, y     float64 // mm
	}{
		{"note over the seal", func(e *editor) {
			e.put(richAnnots, annotsWith(e, "60 0 R"))
			e.put(richNew, "<</Subtype/Square/Rect[280 360 320 400]>>")
		}, "annotation-added", true, 105.83, 148.17},
		{"note beside it", func(e *editor) {
			e.put(richAnnots, annotsWith(e, "60 0 R"))
			e.put(richNew, "<</Subtype/Square/Rect[0 0 72 72]>>")
		}, "annotation-added", false, 12.7, 269.52},
		{"field filled", func(e *editor) { e.set(richText, "V", "(x)") }, "field-filled", false, 17.64, 275.17},
		{"look of a widget", func(e *editor) { e.put(richKidLook, anotherLook) }, "field-appearance", false, 17.64, 232.83},
		{"another seal over it", func(e *editor) {
			e.set(richEmpty, "V", "60 0 R")
			e.set(richEmpty, "AP", "<</N 61 0 R>>")
			e.set(richEmpty, "Rect", "[280 360 320 400]")
			e.put(richNew, value)
			e.put(richNew+1, anotherLook)
			e.put(richAnnots, annotsWith(e, "37 0 R"))
		}, "field-signed", true, 105.83, 148.17},
	} {
		e := edit(t, base)
		c.do(e)
		_, s := first(t, e.build(base))
		changes, err := s.Changes()
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, x := range changes {
			if x.Code != c.code {
				continue
			}
			found = true
			if len(x.Places) != 1 || x.Overlaps != c.overlaps || x.Places[0].Page != 1 || math.Abs(x.Places[0].X-c.x) > 0.01 || math.Abs(x.Places[0].Y-c.y) > 0.01 {
				t.Errorf("%s: %+v", c.name, x)
			}
		}
		if !found {
			t.Errorf("%s: %v", c.name, changes)
		}
	}
}

// BenchmarkRevisions judges a file of 50 MB that has been sealed once, and ten times.
func BenchmarkRevisions(b *testing.B) {
	const size = 50 << 20
	file := testPDF{pages: []string{a4Page, a4Page, a4Page}, objects: []string{"<</Length " + fmt.Sprint(size) + ">>\nstream\n" + strings.Repeat("x", size) + "\nendstream"}}.build()
	for n := 1; n <= 10; n++ {
		file = sealed(b, file, sealRequest(b))
		if n != 1 && n != 10 {
			continue
		}
		b.Run(fmt.Sprintf("%d signatures", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d, err := open(b.Context(), bytes.NewReader(file), int64(len(file)), document.Options{})
				if err != nil {
					b.Fatal(err)
				}
				signed, err := d.Signatures()
				if err != nil || len(signed) != n {
					b.Fatal(err)
				}
				for _, s := range signed {
					if _, err := s.Digest(sm3); err != nil {
						b.Fatal(err)
					}
					if changes, err := s.Changes(); err != nil || document.Worst(changes).Rank() > document.LevelForm.Rank() {
						b.Fatal(changes, err)
					}
				}
			}
		})
	}
}

// BenchmarkManyObjects compares a revision with a file of many small objects.
func BenchmarkManyObjects(b *testing.B) {
	for _, n := range []int{10_000, 900_000} {
		file := linked(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d, err := open(b.Context(), bytes.NewReader(file), int64(len(file)), document.Options{})
				if err != nil {
					b.Fatal(err)
				}
				signed, err := d.Signatures()
				if err != nil {
					b.Fatal(err)
				}
				if changes, err := signed[0].Changes(); err != nil || len(changes) != 0 {
					b.Fatal(changes, err)
				}
			}
		})
	}
}

// TestClimbsAreBounded: many objects that each have long ways to the trailer do not take for ever.
func TestClimbsAreBounded(t *testing.T) {
	const n = 5000
	objects := []string{"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>/X[6 0 R]>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>", "<</FT/Sig/T(S)/V 5 0 R>>", sigDict("")}
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, "%d 0 R ", 6+i)
	}
	for range n { // a ladder, of which each rung leads to the next two and to the first
		objects = append(objects, fmt.Sprintf("[%d 0 R %d 0 R %d 0 R]", min(len(objects)+2, n+5), min(len(objects)+3, n+5), 6))
	}
	b := patchRange(raw(append(objects, "["+all.String()+"]")...))
	var changes []object
	for i := range n {
		changes = append(changes, object{6 + i, "[6 0 R]"})
	}
	_, s := first(t, revised(t, b, "", changes...))
	if list, err := s.Changes(); err == nil && document.Worst(list) != document.LevelOther {
		t.Errorf("%d changes", len(list))
	}
}
