package pdf

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"yinxin/document"
)

func TestPages(t *testing.T) {
	kid := func(entries string) string { return "<</Type/Page/Parent 2 0 R" + entries + ">>" }
	tree := func(node string, pages ...string) []byte {
		return raw(append([]string{"<</Type/Catalog/Pages 2 0 R>>", node}, pages...)...)
	}
	mm := func(points float64) float64 { return points * 25.4 / 72 }
	for _, c := range []struct {
		name   string
		file   []byte
		want   []document.Page
		strict bool
	}{
		{"plain", tree("<</Type/Pages/Kids[3 0 R]/Count 1>>", kid("/MediaBox[0 0 200 100]")), []document.Page{{Width: mm(200), Height: mm(100)}}, true},
		{"inherited", tree("<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]/Rotate 90>>", kid("")), []document.Page{{Width: mm(100), Height: mm(200), Rotation: 90}}, true},
		{"own before inherited", tree("<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 9 9]/Rotate 90>>", kid("/MediaBox[0 0 200 100]/Rotate 0")), []document.Page{{Width: mm(200), Height: mm(100)}}, true},
		{"turned", tree("<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>", kid("/MediaBox[0 0 200 100]/Rotate -90"), kid("/MediaBox[0 0 200 100]/Rotate 540")),
			[]document.Page{{Width: mm(100), Height: mm(200), Rotation: 270}, {Width: mm(200), Height: mm(100), Rotation: 180}}, true},
		{"cropped", tree("<</Type/Pages/Kids[3 0 R]/Count 1>>", kid("/MediaBox[0 0 200 100]/CropBox[150 10 300 60]")), []document.Page{{Width: mm(50), Height: mm(50)}}, true},
		{"cropped away", tree("<</Type/Pages/Kids[3 0 R]/Count 1>>", kid("/MediaBox[0 0 200 100]/CropBox[900 900 990 990]")), []document.Page{{Width: mm(200), Height: mm(100)}}, true},
		{"corners swapped", tree("<</Type/Pages/Kids[3 0 R]/Count 1>>", kid("/MediaBox[200 100 0 0]")), []document.Page{{Width: mm(200), Height: mm(100)}}, true},
		{"unit", tree("<</Type/Pages/Kids[3 0 R]/Count 1>>", kid("/MediaBox[0 0 200 100]/UserUnit 2.5")), []document.Page{{Width: mm(500), Height: mm(250)}}, true},
		{"no box", tree("<</Type/Pages/Kids[3 0 R]/Count 1>>", kid("")), []document.Page{{Width: mm(612), Height: mm(792)}}, false},
		{"askew", tree("<</Type/Pages/Kids[3 0 R]/Count 1>>", kid("/MediaBox[0 0 200 100]/Rotate 45")), []document.Page{{Width: mm(200), Height: mm(100)}}, false},
		{"wrong count", tree("<</Type/Pages/Kids[3 0 R]/Count 7>>", kid("/MediaBox[0 0 200 100]")), []document.Page{{Width: mm(200), Height: mm(100)}}, false},
		{"direct", tree("<</Type/Pages/Kids[<</Type/Page/MediaBox[0 0 200 100]>>]/Count 1>>"), []document.Page{{Width: mm(200), Height: mm(100)}}, false},
		{"a page twice", tree("<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>", kid("/MediaBox[0 0 200 100]")), []document.Page{{Width: mm(200), Height: mm(100)}, {Width: mm(200), Height: mm(100)}}, false},
		{"nothing there", tree("<</Type/Pages/Kids[9 0 R]/Count 0>>"), nil, false},
	} {
		d := openBytes(t, c.file)
		got, err := d.Pages()
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%s: %v, %v", c.name, got, err)
			continue
		}
		for i := range got {
			if math.Abs(got[i].Width-c.want[i].Width) > 1e-9 || math.Abs(got[i].Height-c.want[i].Height) > 1e-9 || got[i].Rotation != c.want[i].Rotation {
				t.Errorf("%s: page %d is %+v, want %+v", c.name, i+1, got[i], c.want[i])
			}
		}
		if strict := d.f.strict() == nil; strict != c.strict {
			t.Errorf("%s: tolerated %v", c.name, d.f.repairs)
		}
	}
}

// TestPageByNumber: the way down by counts and the walk over all pages agree, and climbing from a page gives its number back.
func TestPageByNumber(t *testing.T) {
	// 1 catalog, 2 root with nodes 3 and 4 and page 5; 3 has pages 6 and 7, 4 has page 8 and an empty node 9.
	file := func(count3 int) []byte {
		page := func(parent, width int) string {
			return fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %d 100]>>", parent, width)
		}
		return raw("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]/Count 4>>",
			fmt.Sprintf("<</Type/Pages/Parent 2 0 R/Kids[6 0 R 7 0 R]/Count %d>>", count3), "<</Type/Pages/Parent 2 0 R/Kids[8 0 R 9 0 R]/Count 1>>",
			page(2, 40), page(3, 10), page(3, 20), page(4, 30), "<</Type/Pages/Parent 4 0 R/Kids[]/Count 0>>")
	}
	d := openBytes(t, file(2))
	for n := 1; n <= 4; n++ {
		p, err := d.f.page(n)
		if err != nil || p.MediaBox[2] != float64(10*n) {
			t.Errorf("page %d is %v, %v", n, p.MediaBox, err)
		}
		if got := d.f.newest().pageNumber(p.Ref); got != n {
			t.Errorf("climbing from page %d: %d", n, got)
		}
		if _, ok := d.f.pageByCount(n); !ok {
			t.Errorf("page %d was not found by the counts", n)
		}
	}
	for _, n := range []int{0, -1, 5, 1 << 40} {
		if p, err := d.f.page(n); err == nil || !strings.Contains(err.Error(), "there is no page") {
			t.Errorf("page %d is %v, %v", n, p, err)
		}
	}
	for _, count := range []int{0, 1, 2, 3, 100, -5} { // whatever the counts say, a page is found or it is said that there is none
		if p, err := openBytes(t, file(count)).f.page(4); err == nil && p.Ref.Num == 0 {
			t.Errorf("Count %d: %v", count, p)
		}
	}
}
