package document_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yinxin/document"
	"yinxin/fault"
)

func a4(n int) []document.Page {
	return slices.Repeat([]document.Page{{Width: 210, Height: 297}}, n)
}

// The places of a riding seal seen in the field, written by another product: 210 mm wide pages, five of them, 40 mm. It gives boxes, so X is their left.
func TestRidingAsSeen(t *testing.T) {
	places, err := document.Riding{}.Places(a4(5), 40, 40)
	if err != nil {
		t.Fatal(err)
	}
	left, clip := []float64{202, 194, 186, 178, 170}, []float64{0, 8, 16, 24, 32}
	for i, p := range places {
		want := document.Place{Page: i + 1, X: left[i] + 20, Y: 148.5, Width: 40, Height: 40, Clip: document.Clip{X: clip[i], Width: 8, Height: 40}}
		if p != want {
			t.Errorf("page %d: %+v, want %+v", i+1, p, want)
		}
	}
	if len(places) != 5 {
		t.Errorf("%d places", len(places))
	}
}

func TestRidingSides(t *testing.T) {
	type slice struct {
		page    int
		x, y    float64 // of the shown part's left top
		clip, w float64 // along the cut
	}
	for _, c := range []struct {
		riding document.Riding
		want   []slice
	}{
		{document.Riding{Side: document.Left, Offset: 100}, []slice{{1, 0, 80, 20, 20}, {2, 0, 80, 0, 20}}},
		{document.Riding{Side: document.Right, Margin: 3}, []slice{{1, 187, 128.5, 0, 20}, {2, 187, 128.5, 20, 20}}},
		{document.Riding{Side: document.Top, Margin: 2}, []slice{{1, 85, 2, 20, 20}, {2, 85, 2, 0, 20}}},
		{document.Riding{Side: document.Bottom, Offset: 50}, []slice{{1, 30, 277, 0, 20}, {2, 30, 277, 20, 20}}},
		{document.Riding{DoublePage: true}, []slice{{1, 190, 128.5, 0, 20}, {2, 0, 128.5, 20, 20}}},
		{document.Riding{Side: document.Left, DoublePage: true}, []slice{{1, 0, 128.5, 20, 20}, {2, 190, 128.5, 0, 20}}},
		{document.Riding{Side: document.Bottom, DoublePage: true}, []slice{{1, 85, 277, 0, 20}, {2, 85, 0, 20, 20}}},
		{document.Riding{Side: document.Top, DoublePage: true}, []slice{{1, 85, 0, 20, 20}, {2, 85, 277, 0, 20}}},
	} {
		places, err := c.riding.Places(a4(2), 40, 40)
		if err != nil || len(places) != len(c.want) {
			t.Errorf("%+v: %v, %v", c.riding, places, err)
			continue
		}
		for i, p := range places {
			s, w := p.Shown(), c.want[i]
			got := slice{p.Page, s.X - s.Width/2, s.Y - s.Height/2, p.Clip.X, p.Clip.Width}
			if c.riding.Side == document.Top || c.riding.Side == document.Bottom {
				got.clip, got.w = p.Clip.Y, p.Clip.Height
			}
			if got != w {
				t.Errorf("%+v: %+v, want %+v", c.riding, got, w)
			}
		}
	}
}

func TestRidingGroups(t *testing.T) {
	for _, c := range []struct {
		pages, group int
		want         []int // pages of each group
	}{
		{5, 0, []int{5}}, {4, 2, []int{2, 2}}, {5, 2, []int{2, 3}}, {6, 4, []int{4, 2}}, {5, 4, []int{5}}, {9, 4, []int{4, 5}}, {10, 4, []int{4, 4, 2}}, {3, 10, []int{3}},
	} {
		places, err := document.Riding{Group: c.group}.Places(a4(c.pages), 40, 40)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, p := range places {
			if p.Clip.X == 0 {
				got = append(got, 0)
			}
			got[len(got)-1]++
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%d pages, at most %d each: %v, want %v", c.pages, c.group, got, c.want)
		}
	}
}

func TestRidingRefuses(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		riding document.Riding
		pages  []document.Page
		size   float64
		code   string
		says   string
	}{
		"one page":         {document.Riding{}, a4(1), 40, "riding-one-page", "two pages"},
		"no page":          {document.Riding{}, nil, 40, "riding-one-page", "two pages"},
		"one chosen":       {document.Riding{Pages: []int{3}}, a4(5), 40, "riding-one-page", "two pages"},
		"beyond":           {document.Riding{Pages: []int{1, 6}}, a4(5), 40, "page-out-of-range", "has 5"},
		"page 0":           {document.Riding{Pages: []int{0, 1}}, a4(5), 40, "page-out-of-range", "has 5"},
		"twice":            {document.Riding{Pages: []int{2, 2}}, a4(5), 40, "riding-settings", "each once"},
		"descending":       {document.Riding{Pages: []int{3, 2}}, a4(5), 40, "riding-settings", "ascend"},
		"side":             {document.Riding{Side: "middle"}, a4(5), 40, "riding-settings", "middle"},
		"offset NaN":       {document.Riding{Offset: nan}, a4(5), 40, "riding-settings", "millimetres"},
		"negative margin":  {document.Riding{Margin: -1}, a4(5), 40, "riding-settings", "millimetres"},
		"group of one":     {document.Riding{Group: 1}, a4(5), 40, "riding-settings", "at least 2"},
		"negative group":   {document.Riding{Group: -2}, a4(5), 40, "riding-settings", "at least 2"},
		"both":             {document.Riding{Group: 2, DoublePage: true}, a4(5), 40, "riding-settings", "no groups"},
		"size NaN":         {document.Riding{}, a4(5), nan, "riding-settings", "cannot be cut"},
		"size 0":           {document.Riding{}, a4(5), 0, "riding-settings", "cannot be cut"},
		"thin slices":      {document.Riding{}, a4(41), 40, "riding-slices", "groups of at most 39 pages"},
		"sticks out below": {document.Riding{Offset: 280}, a4(5), 40, "riding-page-size", "page 1 of 210.0 × 297.0 mm"},
		"sticks out above": {document.Riding{Offset: 19}, a4(5), 40, "riding-page-size", "40 × 40 mm"},
		"small page":       {document.Riding{}, append(a4(2), document.Page{Width: 20, Height: 30}), 40, "riding-page-size", "page 3 of 20.0 × 30.0 mm"},
		"empty page":       {document.Riding{}, append(a4(2), document.Page{}), 40, "riding-page-size", "page 3 of 0.0 × 0.0 mm"},
		"page NaN":         {document.Riding{}, append(a4(2), document.Page{Width: nan, Height: nan}), 40, "riding-page-size", "page 3"},
		"wide margin":      {document.Riding{Margin: 205}, a4(5), 40, "riding-page-size", "margin of 205"},
	} {
		places, err := c.riding.Places(c.pages, c.size, c.size)
		p, _ := fault.PublicOf(err)
		if p.Code != c.code || !errors.Is(err, fault.Invalid) || !strings.Contains(p.EN, c.says) || places != nil {
			t.Errorf("%s: %v, %v; want %s", name, places, err, c.code)
		}
	}
	// The groups that the refusal of thin slices advises do work, left-over page and all.
	if _, err := (document.Riding{Group: 39}).Places(a4(40), 40, 40); err != nil {
		t.Error(err)
	}
}

// drawRiding draws settings and pages that fit them.
func drawRiding(t *rapid.T) (r document.Riding, pages []document.Page, w, h float64) {
	w, h = rapid.Float64Range(30, 60).Draw(t, "width"), rapid.Float64Range(30, 60).Draw(t, "height")
	r = document.Riding{Side: rapid.SampledFrom([]document.Side{"", document.Left, document.Right, document.Top, document.Bottom}).Draw(t, "side"),
		Margin: rapid.Float64Range(0, 20).Draw(t, "margin"), DoublePage: rapid.Bool().Draw(t, "double")}
	if rapid.Bool().Draw(t, "offset given") {
		r.Offset = rapid.Float64Range(30, 70).Draw(t, "offset")
	}
	if !r.DoublePage && rapid.Bool().Draw(t, "in groups") {
		r.Group = rapid.IntRange(2, 28).Draw(t, "group")
	}
	most := 60
	if r.Group == 0 && !r.DoublePage {
		most = 30
	}
	for range rapid.IntRange(2, most).Draw(t, "pages") {
		pages = append(pages, document.Page{Width: rapid.Float64Range(100, 900).Draw(t, "page width"), Height: rapid.Float64Range(100, 900).Draw(t, "page height")})
	}
	for n := range pages {
		if rapid.Bool().Draw(t, "takes part") {
			r.Pages = append(r.Pages, n+1)
		}
	}
	if len(r.Pages) < 2 {
		r.Pages = nil
	}
	return r, pages, w, h
}

// The slices of each seal meet in one and the same number, from edge to edge, and each lies on its page at the edge asked for.
func TestRidingTiles(t *testing.T) {
	const eps = 1e-9
	rapid.Check(t, func(t *rapid.T) {
		r, pages, w, h := drawRiding(t)
		places, err := r.Places(pages, w, h)
		if err != nil {
			t.Fatal(err)
		}
		upright := r.Side != document.Top && r.Side != document.Bottom
		whole := w
		if !upright {
			whole = h
		}
		starts, ends := map[float64]int{}, map[float64]int{}
		for _, p := range places {
			from, thick := p.Clip.X, p.Clip.Width
			full := p.Clip.Y == 0 && p.Clip.Height == h
			if !upright {
				from, thick = p.Clip.Y, p.Clip.Height
				full = p.Clip.X == 0 && p.Clip.Width == w
			}
			to := from + thick
			if math.Abs(to-whole) < eps {
				to = whole // a seal's size need not be a multiple of the grid
			}
			starts[from]++
			ends[to]++
			if !full || thick < document.MinSlice-1e-3 || p.Width != w || p.Height != h {
				t.Fatalf("no slice: %+v", p)
			}
			s, page := p.Shown(), pages[p.Page-1]
			if s.X-s.Width/2 < -eps || s.Y-s.Height/2 < -eps || s.X+s.Width/2 > page.Width+eps || s.Y+s.Height/2 > page.Height+eps {
				t.Fatalf("outside its page of %+v: %+v", page, p)
			}
		}
		// Each place where slices end is one where as many begin, but for the two edges: so they join up to whole seals.
		if starts[0] == 0 || starts[0] != ends[whole] || ends[0] != 0 || starts[whole] != 0 {
			t.Fatalf("%d seals begin, %d end", starts[0], ends[whole])
		}
		for at, n := range starts {
			if at != 0 && ends[at] != n {
				t.Fatalf("at %g mm %d slices begin and %d end", at, n, ends[at])
			}
		}
		if len(starts) != len(ends) {
			t.Fatal("slices end where none begins")
		}
	})
}
