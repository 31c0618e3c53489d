package pdf

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"yinxin/document"
	"yinxin/internal/need"
)

// At 150 dpi a pixel is 0.48 points, so pages and seals of whole pixels are drawn without rounding.
const (
	stripResolution = 150
	stripPoint      = 72.0 / stripResolution   // points a pixel
	stripMM         = 25.4 / stripResolution   // mm a pixel
	stripSeal       = 250                      // pixels: 42.3 mm
	stripPage       = "/MediaBox[0 0 600 840]" // 1250 × 1750 pixels
	stripTurned     = "/MediaBox[0 0 840 720]" // 1750 × 1500
	stripCropped    = "/MediaBox[-48 -96 648 888]/CropBox[48 96 600 816]"
)

// drawPages draws all pages of a file with poppler's splash or mupdf.
func drawPages(t *testing.T, tool string, file []byte, pages int) (out []raster) {
	t.Helper()
	path := need.Tool(t, tool)
	dir := t.TempDir()
	in := filepath.Join(dir, "in.pdf")
	if err := os.WriteFile(in, file, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-r", fmt.Sprint(stripResolution), "-cropbox", in, filepath.Join(dir, "out")}
	if tool == "mutool" {
		args = []string{"draw", "-q", "-r", fmt.Sprint(stripResolution), "-o", filepath.Join(dir, "out-%d.ppm"), in}
	}
	if b, err := exec.Command(path, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v %s", tool, err, b)
	}
	for n := range pages {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("out-%d.ppm", n+1)))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, parsePPM(t, b))
	}
	return out
}

// strip is a part of a page as drawn, of whole pixels.
func (m raster) strip(x, y, w, h int) raster {
	out := raster{w: w, h: h}
	for row := y; row < y+h; row++ {
		out.pix = append(out.pix, m.pix[3*(row*m.w+x):3*(row*m.w+x+w)]...)
	}
	return out
}

// rejoin cuts the slices of riding seals out of the pages and lays them side by side, seal after seal.
func rejoin(t *testing.T, pages []raster, places []document.Place) (seals []raster) {
	t.Helper()
	px := func(mm float64) int { return int(math.Round(mm / stripMM)) }
	var seal raster
	left := 0 // pixels of it that no slice has covered yet
	for _, p := range places {
		if left == 0 {
			seal = raster{w: px(p.Width), h: px(p.Height), pix: make([]byte, 3*px(p.Width)*px(p.Height))}
			left = seal.w * seal.h
			seals = append(seals, seal)
		}
		shown, page := p.Shown(), pages[p.Page-1]
		x, y := px(shown.X-shown.Width/2), px(shown.Y-shown.Height/2)
		cx, cy := px(p.Clip.X), px(p.Clip.Y)
		w, h := px(p.Clip.X+p.Clip.Width)-cx, px(p.Clip.Y+p.Clip.Height)-cy
		x, y = min(x, page.w-w), min(y, page.h-h)
		if x < 0 || y < 0 {
			t.Fatalf("page %d of %d × %d pixels has no strip at %d, %d of %d × %d", p.Page, page.w, page.h, x, y, w, h)
		}
		strip := page.strip(x, y, w, h)
		for row := range h {
			copy(seal.pix[3*((cy+row)*seal.w+cx):], strip.pix[3*row*w:3*(row+1)*w])
		}
		left -= w * h
	}
	if left != 0 {
		t.Fatalf("%d pixels of the last seal are on no page", left)
	}
	return seals
}

// unlike is the share of pixels for which the other picture has nothing alike at the same place or one pixel beside it: programs round where an image
// begins, and the sharp edges of the picture move with that.
func (m raster) unlike(o raster) float64 {
	n := 0
	for y := range m.h {
		for x := range m.w {
			if !m.alike(o, x, y) {
				n++
			}
		}
	}
	return float64(n) / float64(m.w*m.h)
}

// alike reports whether o has the colour of a pixel of m, to an eighth of the range, within a pixel.
func (m raster) alike(o raster, x, y int) bool {
	r, g, b := m.at(x, y)
	for v := max(0, y-1); v <= min(y+1, o.h-1); v++ {
		for u := max(0, x-1); u <= min(x+1, o.w-1); u++ {
			if r2, g2, b2 := o.at(u, v); max(r-r2, r2-r, g-g2, g2-g, b-b2, b2-b) <= 32 {
				return true
			}
		}
	}
	return false
}

// The strips that other programs draw on five pages rejoin to the seal as they draw it whole.
func TestStripsRejoin(t *testing.T) {
	plain := slices.Repeat([]string{stripPage}, 5)
	mixed := []string{stripPage, stripTurned + "/Rotate 90", stripCropped + "/Rotate 180", stripTurned + "/Rotate 270", stripCropped}
	for name, c := range map[string]struct {
		pages  []string
		riding document.Riding
		seals  int
		aside  float64 // pixels by which the seal is larger, so that slices are no whole pixels
	}{
		"right":           {plain, document.Riding{}, 1, 0},
		"left":            {plain, document.Riding{Side: document.Left, Offset: 400 * stripMM}, 1, 0},
		"top":             {plain, document.Riding{Side: document.Top, Margin: 10 * stripMM}, 1, 0},
		"bottom":          {plain, document.Riding{Side: document.Bottom}, 1, 0},
		"right, turned":   {mixed, document.Riding{Margin: 5 * stripMM}, 1, 0},
		"left, turned":    {mixed, document.Riding{Side: document.Left}, 1, 0},
		"top, turned":     {mixed, document.Riding{Side: document.Top}, 1, 0},
		"bottom, turned":  {mixed, document.Riding{Side: document.Bottom, Offset: 300 * stripMM}, 1, 0},
		"pairs":           {mixed, document.Riding{DoublePage: true}, 4, 0},
		"groups":          {plain, document.Riding{Group: 2, Side: document.Left}, 2, 0}, // of two and of three pages
		"no whole pixels": {plain, document.Riding{}, 1, -13.7},
	} {
		t.Run(name, func(t *testing.T) {
			base := testPDF{pages: c.pages}.build()
			pages, err := openBytes(t, base).Pages()
			if err != nil {
				t.Fatal(err)
			}
			size := (stripSeal + c.aside) * stripMM
			strips, err := c.riding.Places(pages, size, size)
			if err != nil {
				t.Fatal(err)
			}
			whole := document.Place{Page: 1, X: (300 + stripSeal/2) * stripMM, Y: (300 + stripSeal/2) * stripMM, Width: size, Height: size}
			r := sealRequest(t)
			r.Appearance.Data, r.Places = sealPNG(t, 700, 0), append(slices.Clone(strips), whole)
			out := sealed(t, base, r)
			comparePlaces(t, base, out, len(r.Places))
			for _, tool := range []string{"pdftoppm", "mutool"} {
				drawn := drawPages(t, tool, out, len(pages))
				seals := rejoin(t, drawn, strips)
				if len(seals) != c.seals {
					t.Fatalf("%d seals, want %d", len(seals), c.seals)
				}
				x := int(math.Round((whole.X - size/2) / stripMM))
				want := drawn[0].strip(x, x, seals[0].w, seals[0].h)
				checkRejoined(t, tool, seals, want)
				slices.Reverse(drawn)
				if c.seals == 1 && &c.pages[0] == &plain[0] && rejoin(t, drawn, strips)[0].unlike(want) < 0.05 {
					t.Error("the strips of other pages would pass too")
				}
			}
		})
	}
}

// checkRejoined compares what strips rejoined to with the seal as it was drawn whole. poppler stays below 0.2 %; mupdf smooths what it shrinks, and an edge on
// the border of a slice comes out a little paler.
func checkRejoined(t *testing.T, tool string, seals []raster, want raster) {
	t.Helper()
	const most = 0.008 // share of pixels
	blank := raster{want.w, want.h, bytes.Repeat([]byte{255}, len(want.pix))}
	if want.unlike(blank) < 0.2 {
		t.Fatal("the whole seal is not where it was put")
	}
	for i, seal := range seals {
		if share := max(seal.unlike(want), want.unlike(seal)); share > most {
			t.Errorf("%s: %.3f %% of the pixels of seal %d differ, at most %.1f %%", tool, 100*share, i+1, 100*most)
		}
	}
}
