package scan

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	idraw "image/draw"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"testing"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/vector"

	"yinxin/font"
	"yinxin/seal/draw"
)

var update = flag.Bool("update", false, "draw docs/seal-scan.jpg anew")

// cell is the side of one picture of docs/seal-scan.jpg, pixels, and margin the room round each.
const cell, margin = 400, 16

// TestContact holds that prints as docs/seal-scan.jpg shows them come back, and draws them, scans above and what was taken off them below:
// go test ./seal/draw/scan -run TestContact -update
func TestContact(t *testing.T) {
	sheet := blank(3*(cell+margin)+margin, 2*(cell+margin)+margin, color.White)
	for i, c := range []struct {
		kind draw.Kind
		turn float64
	}{{draw.Contract, -17}, {draw.LegalName, 128}, {draw.Invoice, 9}} {
		d := seal(t, design(c.kind))
		p := office(uint64(40 + i))
		p.turn, p.room = c.turn, 5
		s := p.scanned(t, d)
		l, err := Lift(s, Options{PixelsPerMM: p.dpi / 25.4, Ink: Red})
		if err != nil {
			t.Fatal(err)
		}
		holds(t, string(c.kind), d, p, l, 0.8)
		if !*update {
			continue
		}
		x, perMM := margin+i*(cell+margin), float64(cell)/(d.width+2*p.room)
		b := s.Image.Bounds()
		whole := image.Rect(x, margin, x+cell, margin+cell)
		xdraw.CatmullRom.Scale(sheet, whole, s.Image, b, idraw.Over, nil)
		w, h := int(d.width*perMM), int(d.height*perMM)
		at := image.Rect(0, 0, w, h).Add(image.Pt(x+(cell-w)/2, 2*margin+cell+(cell-h)/2))
		xdraw.CatmullRom.Scale(sheet, at, l.Image(), l.mask.Rect, idraw.Over, nil)
		specimen(sheet, whole)
		specimen(sheet, whole.Add(image.Pt(0, cell+margin)))
	}
	path := filepath.Join("..", "..", "..", "docs", "seal-scan.jpg")
	if *update {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, sheet, &jpeg.Options{Quality: 82}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := jpeg.DecodeConfig(bytes.NewReader(data)); err != nil || c.Width != sheet.Rect.Dx() || c.Height != sheet.Rect.Dy() {
		t.Errorf("docs/seal-scan.jpg is %d × %d, %v: run with -update", c.Width, c.Height, err)
	}
}

// specimen writes 样章 across an area.
func specimen(on *image.RGBA, area image.Rectangle) {
	const size, angle = 0.34 * cell, -math.Pi / 6
	z := vector.NewRasterizer(area.Dx(), area.Dy())
	sin, cos := math.Sincos(angle)
	for i, r := range []rune("样章") {
		o, _ := font.Default().Outline(r)
		draw.Fill(z, o, func(q font.Point) (float32, float32) {
			u, v := (float64(i)-1+q.X)*size, (0.37-q.Y)*size
			return float32(cell/2 + u*cos - v*sin), float32(cell/2 + u*sin + v*cos)
		})
	}
	z.Draw(on, area, image.NewUniform(color.NRGBA{0x60, 0x84, 0xB0, 80}), image.Point{})
}
