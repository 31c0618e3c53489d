package measure

import (
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"yinxin/font"
	"yinxin/seal/draw"
)

// drawn is a picture with its resolution, pixels a millimetre.
type drawn struct {
	*image.NRGBA
	px float64
}

func design(k draw.Kind) draw.Design {
	d := draw.Design{Kind: k, Name: "云杉示例科技有限公司"}
	switch k {
	case draw.Department, draw.Business:
		d.Purpose = "业务专用章"
	case draw.Invoice:
		d.TaxNumber, d.Number = "91990000MA0000015Q", 2
	case draw.Personal, draw.LegalRepresentative:
		d.Name = "欧阳示例"
	}
	return d
}

func picture(t testing.TB, d draw.Design, dpi int) drawn {
	t.Helper()
	laid, err := draw.New(d, font.Stack{font.Default()})
	if err != nil {
		t.Fatal(err)
	}
	data, err := laid.PNG(dpi)
	if err != nil {
		t.Fatal(err)
	}
	img, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewNRGBA(img.Bounds())
	xdraw.Draw(out, out.Rect, img, image.Point{}, xdraw.Src)
	return drawn{out, float64(img.Bounds().Dx()) / laid.Width}
}

// area is in mm from the centre.
func (p drawn) area(left, top, right, bottom float64) image.Rectangle {
	x := func(v float64) int { return int(math.Round(float64(p.Rect.Dx())/2 + v*p.px)) }
	y := func(v float64) int { return int(math.Round(float64(p.Rect.Dy())/2 + v*p.px)) }
	return image.Rect(x(left), y(top), x(right), y(bottom))
}

// moved takes what is in one area away and lays it into another, stretched where that is larger.
func (p drawn) moved(from, to image.Rectangle) drawn {
	part := image.NewNRGBA(image.Rect(0, 0, from.Dx(), from.Dy()))
	xdraw.Draw(part, part.Rect, p.NRGBA, from.Min, xdraw.Src)
	xdraw.Draw(p.NRGBA, from, image.Transparent, image.Point{}, xdraw.Src)
	xdraw.BiLinear.Scale(p.NRGBA, to, part, part.Rect, xdraw.Over, nil)
	return p
}

// turned turns what lies between two radii (mm) clockwise.
func (p drawn) turned(degrees, inner, outer float64) drawn {
	margin := 0
	if outer > 100 {
		margin = p.Rect.Dx() / 4
	}
	out := image.NewNRGBA(p.Rect.Inset(-margin))
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	cx, cy := float64(p.Rect.Dx())/2, float64(p.Rect.Dy())/2
	xdraw.BiLinear.Transform(out, f64.Aff3{cos, -sin, cx - cos*cx + sin*cy, sin, cos, cy - sin*cx - cos*cy}, p.NRGBA, p.Rect, xdraw.Src, nil)
	for y := p.Rect.Min.Y; y < p.Rect.Max.Y; y++ {
		for x := p.Rect.Min.X; x < p.Rect.Max.X; x++ {
			if r := math.Hypot(float64(x)+0.5-cx, float64(y)+0.5-cy) / p.px; r < inner || r > outer {
				out.SetNRGBA(x, y, p.NRGBAAt(x, y))
			}
		}
	}
	return drawn{out, p.px}
}

// ringed draws a thin ring of a radius, mm.
func (p drawn) ringed(radius, width float64) drawn {
	for y := range p.Rect.Dy() {
		for x := range p.Rect.Dx() {
			r := math.Hypot(float64(x)+0.5-float64(p.Rect.Dx())/2, float64(y)+0.5-float64(p.Rect.Dy())/2) / p.px
			if math.Abs(r-radius) < width/2 {
				p.SetNRGBA(x, y, draw.Red)
			}
		}
	}
	return p
}

// printed lays the picture on paper of a colour.
func (p drawn) printed(paper color.Color) drawn {
	out := image.NewNRGBA(p.Rect)
	xdraw.Draw(out, out.Rect, image.NewUniform(paper), image.Point{}, xdraw.Src)
	xdraw.Draw(out, out.Rect, p.NRGBA, p.Rect.Min, xdraw.Over)
	return drawn{out, p.px}
}

func (p drawn) judged(t testing.TB, k draw.Kind, level draw.Level) []Finding {
	t.Helper()
	rules, ok := Rules(k, level)
	if !ok {
		t.Fatalf("no rules for %s %s", k, level)
	}
	return Judge(Measure(p.NRGBA, p.px), rules)
}

// codes returns the rules in a state.
func codes(list []Finding, s State) []string {
	var out []string
	for _, f := range list {
		if f.State == s {
			out = append(out, f.Rule.Code)
		}
	}
	slices.Sort(out)
	return out
}

func kept(t testing.TB, what string, list []Finding) {
	t.Helper()
	if Verdict(list) == Kept {
		return
	}
	t.Errorf("%s: %s", what, Verdict(list))
	for _, f := range list {
		if f.State != Kept {
			t.Logf("  %s %s: %s, want %s", f.Rule.Code, f.State, f.Words.EN, f.Rule.Want.EN)
		}
	}
}
