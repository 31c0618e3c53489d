package pdf

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"yinxin/document"
	"yinxin/internal/need"
)

// raster is a page drawn by another program: RGB, row by row.
type raster struct {
	w, h int
	pix  []byte
}

func (m raster) at(x, y int) (r, g, b int) {
	i := 3 * (y*m.w + x)
	return int(m.pix[i]), int(m.pix[i+1]), int(m.pix[i+2])
}

// red is the box of the pixels that are neither white nor gray.
func (m raster) red() (x0, y0, x1, y1 int) {
	x0, y0 = m.w, m.h
	for y := range m.h {
		for x := range m.w {
			if r, g, _ := m.at(x, y); r-g > 40 {
				x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x+1), max(y1, y+1)
			}
		}
	}
	return x0, y0, x1, y1
}

const renderResolution = 300

func parsePPM(t *testing.T, b []byte) (m raster) {
	t.Helper()
	depth := 0
	if _, err := fmt.Sscanf(string(b[:min(40, len(b))]), "P6\n%d %d\n%d", &m.w, &m.h, &depth); err != nil || depth != 255 {
		t.Fatalf("no PPM of 8 bits: %v", err)
	}
	if m.pix = b[bytes.Index(b, []byte("\n255\n"))+5:]; len(m.pix) < 3*m.w*m.h {
		t.Fatal("the PPM is too short")
	}
	return m
}

// drawPage draws the first page with a program that writes PPM: poppler's splash, or mupdf.
func drawPage(t *testing.T, tool string, file []byte) raster {
	t.Helper()
	path := need.Tool(t, tool)
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, file, 0o600); err != nil {
		t.Fatal(err)
	}
	res := fmt.Sprint(renderResolution)
	args := []string{"-r", res, "-cropbox", "-singlefile", in, out}
	if tool == "mutool" {
		args = []string{"draw", "-q", "-r", res, "-o", out + ".ppm", in, "1"}
	}
	if b, err := exec.Command(path, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v %s", tool, err, b)
	}
	b, err := os.ReadFile(out + ".ppm")
	if err != nil {
		t.Fatal(err)
	}
	return parsePPM(t, b)
}

// A seal of 40 mm asked for at (120, 200) mm lies there, upright and in its colours, in viewers that know nothing of this package.
func TestSealLiesWhereAsked(t *testing.T) {
	const x, y, size, within = 120.0, 200.0, 40.0, 0.3
	pages := []string{
		"/MediaBox[0 0 900 1000]",
		"/MediaBox[-20 -30 900 1000]/CropBox[50 70 850 950]",
		"/MediaBox[-20 -30 900 1000]/CropBox[50 70 850 950]/Rotate 90",
		"/MediaBox[0 0 900 1000]/CropBox[50 70 850 950]/Rotate 180",
		"/MediaBox[0 0 900 1000]/CropBox[50 70 850 950]/Rotate -90",
	}
	// poppler 22.12 ignores UserUnit and places a crop box that reaches beyond the media box otherwise than the standard and mupdf do.
	more := []string{"/MediaBox[0 0 450 500]/UserUnit 2/Rotate 90", "/MediaBox[-20 -30 900 1000]/CropBox[50 70 2000 950]/Rotate 90"}
	for tool, pages := range map[string][]string{"pdftoppm": pages, "mutool": append(more, pages...)} {
		for _, page := range pages {
			t.Run(tool+page, func(t *testing.T) {
				r := sealRequest(t)
				r.Places = []document.Place{{Page: 1, X: x, Y: y, Width: size, Height: size}}
				r.Appearance.Data = sealPNG(t, 945, 23622)
				m := drawPage(t, tool, sealed(t, testPDF{pages: []string{page}}.build(), r))
				mm := func(px int) float64 { return float64(px) * 25.4 / renderResolution }
				x0, y0, x1, y1 := m.red()
				for what, off := range map[string]float64{
					"left": mm(x0) - (x - size/2), "right": mm(x1) - (x + size/2), "top": mm(y0) - (y - size/2), "bottom": mm(y1) - (y + size/2),
				} {
					if math.Abs(off) > within {
						t.Errorf("%s is off by %.2f mm", what, off)
					}
				}
				at := func(dx, dy float64) (r, g, b int) {
					px := func(v float64) int { return int(v / 25.4 * renderResolution) }
					return m.at(px(x+dx), px(y+dy))
				}
				if r, g, b := at(0, -19); r < 190 || r > 210 || g > 30 || b > 45 {
					t.Errorf("the ring is (%d, %d, %d)", r, g, b)
				}
				_, left, _ := at(-5, -3)
				_, right, _ := at(5, -3)
				_, below, _ := at(0, 3)
				if left <= right+20 || below != 255 {
					t.Errorf("the seal is turned: green is %d at the left, %d at the right, %d below", left, right, below)
				}
			})
		}
	}
}
