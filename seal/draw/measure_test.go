package draw

import (
	"image"
	"math"
	"strings"
	"testing"
)

// tolerance of what is measured on pixels, mm: a little more than one pixel at 600 dpi.
const tolerance = 0.05

// page is a rendered seal, measured in mm from its centre.
type page struct {
	img    *image.Paletted
	width  float64
	height float64
}

func rendered(t testing.TB, d Design) page {
	t.Helper()
	drawing := mustNew(t, d)
	data, err := drawing.PNG(Resolution)
	if err != nil {
		t.Fatal(err)
	}
	return page{decode(t, data), drawing.Width, drawing.Height}
}

func (p page) x(mm float64) int {
	return int(math.Round((mm + p.width/2) / p.width * float64(p.img.Rect.Dx())))
}
func (p page) y(mm float64) int {
	return int(math.Round((mm + p.height/2) / p.height * float64(p.img.Rect.Dy())))
}

// share returns how much of each row (or column) between the given limits is inked at its most inked pixel, 0 to 1.
func (p page) share(rows bool, left, top, right, bottom float64) []float64 {
	x0, x1, y0, y1 := p.x(left), p.x(right), p.y(top), p.y(bottom)
	n := x1 - x0
	if rows {
		n = y1 - y0
	}
	out := make([]float64, n)
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			i := x - x0
			if rows {
				i = y - y0
			}
			out[i] = max(out[i], float64(p.img.Pix[p.img.PixOffset(x, y)])/255)
		}
	}
	return out
}

// run is a stretch of ink, mm from the centre.
type run struct{ from, to float64 }

func (r run) length() float64 { return r.to - r.from }

// runs finds the stretches of ink along a side of a region; half-inked pixels at their ends count half.
func (p page) runs(rows bool, left, top, right, bottom float64) []run {
	start, pitch := float64(p.x(left))*p.width/float64(p.img.Rect.Dx())-p.width/2, p.width/float64(p.img.Rect.Dx())
	if rows {
		start, pitch = float64(p.y(top))*p.height/float64(p.img.Rect.Dy())-p.height/2, p.height/float64(p.img.Rect.Dy())
	}
	var out []run
	inside := false
	for i, v := range p.share(rows, left, top, right, bottom) {
		at := start + float64(i)*pitch
		switch {
		case v < 0.05:
			inside = false
		case !inside:
			inside = true
			out = append(out, run{at + (1-v)*pitch, at + pitch})
		default:
			out[len(out)-1].to = at + v*pitch
		}
	}
	return out
}

func same(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s is %.3f mm, the rule says %.3f", what, got, want)
	}
}

// TestInvoiceRule measures the picture against 国家税务总局公告2011年第7号. The numbers here are the rule's own, not the package's constants.
func TestInvoiceRule(t *testing.T) {
	p := rendered(t, Design{Kind: Invoice, Name: strings.Repeat("章", 13), TaxNumber: taxNumber, Number: 12})
	if p.width != 40 || p.height != 30 || p.img.Rect.Dx() != 945 || p.img.Rect.Dy() != 709 {
		t.Fatalf("%v mm × %v mm, %v pixels", p.width, p.height, p.img.Rect)
	}
	across := p.runs(false, -20, -0.05, 20, 0.05)
	same(t, "left edge", across[0].from, -20)
	same(t, "right edge", across[len(across)-1].to, 20)
	same(t, "border at the left", across[0].length(), 1)
	same(t, "border at the right", across[len(across)-1].length(), 1)
	down := p.runs(true, -0.05, -15, 0.05, 15)
	same(t, "top edge", down[0].from, -15)
	same(t, "border at the top", down[0].length(), 1)
	same(t, "bottom edge", down[len(down)-1].to, 15)

	tax := p.runs(true, -13.2, -3, 13.2, 3)
	if len(tax) != 1 {
		t.Fatalf("the taxpayer's number has runs %v", tax)
	}
	same(t, "height of the taxpayer's number", tax[0].length(), 3.7)
	same(t, "middle of the taxpayer's number", (tax[0].from+tax[0].to)/2, 0)
	digits := p.runs(false, -13.5, -2, 13.5, 2)
	if len(digits) != 18 {
		t.Fatalf("%d digits stand apart, want 18", len(digits))
	}
	same(t, "width of the taxpayer's number", digits[17].to-digits[0].from, 26)
	for i, r := range digits {
		if taxNumber[i] != '1' {
			same(t, "width of "+taxNumber[i:i+1], r.length(), 1.3)
		}
	}

	purpose := p.runs(true, -9, 3, 9, 9.4)
	same(t, "top of 发票专用章", purpose[0].from, 4.2)
	same(t, "height of 发票专用章", purpose[len(purpose)-1].to-purpose[0].from, 4.6)
	widest := 0.0
	for _, r := range p.runs(false, -9, 3, 9, 9.4) {
		widest = max(widest, r.length())
	}
	same(t, "width of a character of 发票专用章", widest, 3)
	// Of (12) only the digits: brackets may be a little lower or higher.
	number := p.runs(true, -1.2, 9.2, 1.2, 13)
	same(t, "top of the number", number[0].from, 10)
	same(t, "height of the number", number[0].length(), 2.2)

	name := p.runs(true, -1, -13.9, 1, -4) // the middle 章 stands upright; its top and foot are those of the text
	same(t, "from the border to the name", name[0].from+14, 0.5)
	same(t, "height of the name", name[len(name)-1].to-name[0].from, 4.2)
}

func TestInvoiceArc(t *testing.T) {
	for n := 4; n <= 40; n++ {
		d := mustNew(t, design(Invoice, nameOf(n)))
		parts := names(d)
		first := parts[0].area
		low := middle(first)
		angle := math.Atan2(20-low.X, 15-low.Y) * 180 / math.Pi * 2 // between the middles of the outermost characters
		edge := math.Hypot(first[0].X-first[1].X, first[0].Y-first[1].Y)
		if angle > 260 || angle+30*edge < 190 {
			t.Errorf("%d characters take about %.0f degrees", n, angle)
		}
	}
}

// TestBoxTouchesAllSides holds that the picture is exactly as large as the seal, at every resolution.
func TestBoxTouchesAllSides(t *testing.T) {
	for _, k := range Kinds() {
		for _, dpi := range []int{72, 150, 300, 600, 1200} {
			name := nameOf(12)
			if k == LegalRepresentative || k == Personal {
				name = "欧阳示例"
			}
			d := mustNew(t, design(k, name))
			data, err := d.PNG(dpi)
			if err != nil {
				t.Fatal(err)
			}
			img := decode(t, data)
			w, h := img.Rect.Dx(), img.Rect.Dy()
			if w != int(math.Round(d.Width/25.4*float64(dpi))) || h != int(math.Round(d.Height/25.4*float64(dpi))) {
				t.Errorf("%s at %d dpi: %d × %d pixels", k, dpi, w, h)
			}
			for _, at := range []image.Point{{w / 2, 0}, {w / 2, h - 1}, {0, h / 2}, {w - 1, h / 2}} {
				if img.Pix[img.PixOffset(at.X, at.Y)] < 128 {
					t.Errorf("%s at %d dpi: no ink at %v of %d × %d", k, dpi, at, w, h)
				}
			}
			if k != LegalRepresentative && k != Personal && img.Pix[0] != 0 {
				t.Errorf("%s at %d dpi: ink in the corner", k, dpi)
			}
		}
	}
}
