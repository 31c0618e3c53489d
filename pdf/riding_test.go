package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// ridingRequest asks for a riding seal of 40 mm over the pages of base, beside a whole one on page 1.
func ridingRequest(t testing.TB, base []byte, riding document.Riding) document.Request {
	t.Helper()
	pages, err := openBytes(t, base).Pages()
	if err != nil {
		t.Fatal(err)
	}
	slices, err := riding.Places(pages, 40, 40)
	if err != nil {
		t.Fatal(err)
	}
	r := sealRequest(t)
	r.Places = append(r.Places, slices...)
	return r
}

// fivePages differ in size, rotation, crop and unit.
func fivePages() []byte {
	return testPDF{pages: []string{
		a4Page, "/MediaBox[-20 -30 900 1000]/CropBox[50 70 850 950]/Rotate 90", "/MediaBox[0 0 500 600]/Rotate 180",
		"/MediaBox[0 0 450 500]/UserUnit 2/Rotate 270", "/MediaBox[0 0 900 1000]/CropBox[50 70 2000 950]",
	}}.build()
}

// TestRidingComesBack: what a riding seal shows and where is read from the file as it was asked for: the whole picture's box, the slice as its clip.
func TestRidingComesBack(t *testing.T) {
	base := fivePages()
	for _, riding := range []document.Riding{
		{}, {Side: document.Left, Offset: 60.3}, {Side: document.Top, Margin: 2.7}, {Side: document.Bottom, Group: 3}, {DoublePage: true}, {Pages: []int{2, 3, 5}},
	} {
		r := ridingRequest(t, base, riding)
		out := sealed(t, base, r)
		d, s := first(t, out)
		info := s.Info()
		if len(info.Places) != len(r.Places) {
			t.Fatalf("%+v: %d places, want %d", riding, len(info.Places), len(r.Places))
		}
		for i, p := range info.Places {
			if !near(p, r.Places[i]) {
				t.Errorf("%+v: place %+v, want %+v", riding, p, r.Places[i])
			}
		}
		p, err := s.Picture()
		if err != nil || !bytes.Equal(p.Data, r.Appearance.Data) || math.Abs(p.Width-40) > 0.001 || math.Abs(p.Height-40) > 0.001 {
			t.Errorf("%+v: %d bytes of %.4f × %.4f mm, %v", riding, len(p.Data), p.Width, p.Height, err)
		}
		if n := strings.Count(string(out[len(base):]), "/Subtype/Image"); n != 2 {
			t.Errorf("%+v: %d images: a picture and its mask were expected", riding, n)
		}
		if list, err := d.Signatures(); err != nil || len(list) != 1 {
			t.Errorf("%+v: %d signatures, %v", riding, len(list), err)
		}
		comparePlaces(t, base, out, len(r.Places))
	}
}

// Pages of one size and rotation share the forms of groups and pairs.
func TestOneFormForEachSlice(t *testing.T) {
	base := testPDF{pages: slices.Repeat([]string{a4Page}, 9)}.build()
	for _, c := range []struct {
		riding document.Riding
		forms  int // one more is that of the whole seal
	}{
		{document.Riding{}, 10}, {document.Riding{Group: 3}, 4}, {document.Riding{Group: 4}, 4 + 5 + 1}, {document.Riding{DoublePage: true}, 3},
	} {
		out := sealed(t, base, ridingRequest(t, base, c.riding))
		if n := strings.Count(string(out[len(base):]), "/Subtype/Form"); n != c.forms {
			t.Errorf("%+v: %d forms, want %d", c.riding, n, c.forms)
		}
	}
}

// A second signer's riding seal leaves the first's signature whole, and the first's pictures stay what they were.
func TestRidingTwice(t *testing.T) {
	base := fivePages()
	once := sealed(t, base, ridingRequest(t, base, document.Riding{}))
	twice := sealed(t, once, ridingRequest(t, once, document.Riding{Side: document.Left}))
	list, err := openBytes(t, twice).Signatures()
	if err != nil || len(list) != 2 {
		t.Fatalf("%d signatures, %v", len(list), err)
	}
	if changes, err := list[0].Changes(); err != nil || document.Worst(changes) != document.LevelForm {
		t.Errorf("after the first: %v, %v", changes, err)
	}
	for _, s := range list {
		if p, err := s.Picture(); err != nil || math.Abs(p.Width-40) > 0.001 {
			t.Errorf("%s: %v mm, %v", s.Info().ID, p.Width, err)
		}
	}
	comparePlaces(t, once, twice, 6)
}

// What only looks like a slice is not read as one.
func TestNoSlice(t *testing.T) {
	img := stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceRGB", "abc")
	slice := func(entries, box, m string) string {
		return stream("/Subtype/Form/BBox["+box+"]/Resources<</XObject<</I 7 0 R>>>>"+entries, "q "+m+" cm /I Do Q")
	}
	const whole = "72 0 0 36 0 0"
	for name, c := range map[string]struct {
		widget, form string
		want         *document.Place // nil: not one picture, at its Rect
	}{
		// Rect is 72 × 36 pt at (10, 10); the page is 100 pt high. A slice of 18 units becomes 72 pt wide: the scale is 4 across and 1 along.
		"slice":         {"", slice("", "18 0 36 36", whole), &document.Place{X: (10 - 72 + 144) * mmPerPoint, Y: 72 * mmPerPoint, Width: 288 * mmPerPoint, Height: 36 * mmPerPoint, Clip: document.Clip{X: 72 * mmPerPoint, Width: 72 * mmPerPoint, Height: 36 * mmPerPoint}}},
		"from below":    {"", slice("", "0 0 72 9", whole), &document.Place{X: 46 * mmPerPoint, Y: (100 - 46 - 108 + 72) * mmPerPoint, Width: 72 * mmPerPoint, Height: 144 * mmPerPoint, Clip: document.Clip{Y: 108 * mmPerPoint, Width: 72 * mmPerPoint, Height: 36 * mmPerPoint}}},
		"beyond":        {"", slice("", "60 0 80 36", whole), nil},
		"below":         {"", slice("", "0 -9 36 36", whole), nil},
		"turned":        {"", slice("/Matrix[0 1 -1 0 0 0]", "18 0 36 36", whole), nil},
		"upside down":   {"", slice("/Matrix[-1 0 0 -1 0 0]", "18 0 36 36", whole), nil},
		"slanted":       {"", slice("", "18 0 36 36", "72 0.1 0 36 0 0"), nil},
		"mirrored":      {"", slice("", "18 0 36 36", "-72 0 0 36 72 0"), nil},
		"does not turn": {"/F 16", slice("", "18 0 36 36", whole), nil},
		"does not zoom": {"/F 8", slice("", "18 0 36 36", whole), nil},
		"crumb":         {"", slice("", "18 0 18.01 36", whole), nil},
		"endless":       {"", slice("", "18 0 36 36", "1"+strings.Repeat("0", 300)+" 0 0 36 0 0"), nil},
	} {
		_, s := first(t, pictured(c.widget+shown, c.form, img))
		p, err := s.Picture()
		at := s.Info().Places
		if len(at) != 1 {
			t.Errorf("%s: at %v", name, at)
			continue
		}
		if c.want == nil {
			if !errors.Is(err, document.ErrNotOnePicture) || at[0].Clip != (document.Clip{}) {
				t.Errorf("%s: %.3f × %.3f mm at %+v, %v", name, p.Width, p.Height, at[0], err)
			}
			continue
		}
		c.want.Page = 1
		if err != nil || !near(at[0], *c.want) || math.Abs(p.Width-c.want.Width) > 1e-9 {
			t.Errorf("%s: %.3f × %.3f mm at %+v, want %+v, %v", name, p.Width, p.Height, at[0], *c.want, err)
		}
	}
}

// Slices of a seal at two sizes, or of two seals, are no one picture.
func TestSlicesOfTwo(t *testing.T) {
	base := fivePages()
	r := ridingRequest(t, base, document.Riding{Pages: []int{1, 2}})
	r.Places[1].Width = 41
	_, s := first(t, sealed(t, base, r))
	if _, err := s.Picture(); !errors.Is(err, document.ErrNotOnePicture) {
		t.Errorf("two sizes: %v", err)
	}
}

// Pages without a size are refused, whether they are to be sealed or not, as soon as they were met.
func TestPagesWithoutSize(t *testing.T) {
	for _, box := range []string{"", "/MediaBox[0 0 0 0]", "/MediaBox[10 10 10 500]", "/MediaBox[0 0 1]", "/MediaBox(x)", "/MediaBox[0 0 99999999 1]"} {
		base := testPDF{pages: []string{a4Page, box}}.build()
		for name, listed := range map[string]bool{"listed": true, "not listed": false} {
			d := openBytes(t, base)
			if listed {
				if pages, err := d.Pages(); err != nil || len(pages) != 2 {
					t.Fatal(pages, err)
				}
			}
			r := sealRequest(t)
			r.Places[0].Page = 2
			_, err := d.Prepare(r)
			if p, _ := fault.PublicOf(err); p.Code != "pdf-page-size" || !errors.Is(err, fault.Denied) {
				t.Errorf("%q, %s: %v", box, name, err)
			}
		}
	}
	tiny := testPDF{pages: []string{"/MediaBox[0 0 0.001 0.001]"}}.build()
	if _, err := trySeal(t, tiny, sealRequest(t)); !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "40 × 40 mm is larger than page 1, which is 0.0 × 0.0 mm") {
		t.Errorf("a page of a micrometre: %v", err)
	}
}

// manyPages is a file of n pages in a tree with so many kids a node. A wrong count is one that readers do not go by.
func manyPages(n, kids int, count string) []byte {
	objs := []string{"<</Type/Catalog/Pages 2 0 R>>", ""}
	var nodes strings.Builder
	for from := 0; from < n; from += kids {
		node := len(objs) + 1
		fmt.Fprintf(&nodes, "%d 0 R ", node)
		objs = append(objs, "")
		var leaves strings.Builder
		for i := range min(kids, n-from) {
			fmt.Fprintf(&leaves, "%d 0 R ", node+1+i)
			objs = append(objs, fmt.Sprintf("<</Type/Page/Parent %d 0 R%s>>", node, a4Page))
		}
		objs[node-1] = fmt.Sprintf("<</Type/Pages/Parent 2 0 R/Count %d/Kids[%s]>>", min(kids, n-from), leaves.String())
	}
	objs[1] = fmt.Sprintf("<</Type/Pages%s/Kids[%s]>>", fmt.Sprintf(count, n), nodes.String())
	return raw(objs...)
}

// TestManyPlaces: a seal on each of 5,000 pages and a riding seal over all of them, in any shape of page tree.
func TestManyPlaces(t *testing.T) {
	const n = 5000
	for name, base := range map[string][]byte{"flat": manyPages(n, n, "/Count %d"), "deep": manyPages(n, 2, "/Count %d"), "square": manyPages(n, 70, "/Count %d")} {
		r := ridingRequest(t, base, document.Riding{Group: 20})
		for page := 2; page <= n; page++ {
			r.Places = append(r.Places, document.Place{Page: page, X: 105, Y: 148, Width: 40, Height: 40})
		}
		if len(r.Places) != 2*n {
			t.Fatalf("%d places", len(r.Places))
		}
		out := sealed(t, base, r)
		if perPlace := (len(out) - len(base)) / len(r.Places); perPlace > 700 {
			t.Errorf("%s: %d bytes a place", name, perPlace)
		}
		again := sealRequest(t)
		again.Places = r.Places[n+1:]
		twice := sealed(t, out, again)
		list, err := openBytes(t, twice).Signatures()
		if err != nil || len(list) != 2 {
			t.Fatalf("%s: %d signatures, %v", name, len(list), err)
		}
		if changes, err := list[0].Changes(); err != nil || len(changes) > 2 || document.Worst(changes) != document.LevelForm {
			t.Errorf("%s: a second seal on all pages: %v, %v", name, changes, err)
		}
		s := list[0]
		if got := len(s.Info().Places); got != 2*n {
			t.Errorf("%s: %d places", name, got)
		}
		if _, err := s.Picture(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	r := sealRequest(t)
	for page := 2; page <= n+1; page++ {
		r.Places = append(r.Places, document.Place{Page: page, X: 105, Y: 148, Width: 40, Height: 40})
	}
	if _, err := trySeal(t, manyPages(n, 70, "/Count %d"), r); !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "no page 5001 (the file has 5000)") {
		t.Errorf("a page too many: %v", err)
	}
}
