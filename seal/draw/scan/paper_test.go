package scan

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/vector"

	"yinxin/font"
	"yinxin/seal/draw"
)

// press says how a seal is printed onto paper and scanned.
type press struct {
	dpi     float64
	turn    float64 // degrees clockwise
	room    float64 // mm of paper round the seal
	paper   color.NRGBA
	ink     color.NRGBA
	light   float64 // how much darker the far corner is, 0 to 1
	uneven  float64 // how faint the ink gets in places, 0 to 1
	blur    float64 // mm
	noise   float64 // of 255
	specks  int     // spots of ink beside and on the seal
	text    bool    // black print across it
	quality int     // of JPEG
	seed    uint64
}

func office(seed uint64) press {
	return press{dpi: 300, turn: 7.3, room: 12, paper: color.NRGBA{0xF4, 0xF0, 0xE4, 255}, ink: color.NRGBA{0xD8, 0x1E, 0x2C, 255}, light: 0.08, uneven: 0.35,
		blur: 0.06, noise: 6, specks: 25, text: true, quality: 75, seed: seed}
}

// drawn is a seal as it was drawn: what a scan of it should give back.
type drawn struct {
	design        draw.Design
	width, height float64
	mask          *image.Paletted // at draw.Resolution: its indices are the opacities
}

func seal(t testing.TB, d draw.Design) drawn {
	t.Helper()
	laid, err := draw.New(d, font.Stack{font.Default()})
	if err != nil {
		t.Fatal(err)
	}
	data, err := laid.PNG(draw.Resolution)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return drawn{d, laid.Width, laid.Height, img.(*image.Paletted)}
}

// at returns the opacity at a point, mm from the middle.
func (d drawn) at(u, v float64) float64 {
	x := (u/d.width + 0.5) * float64(d.mask.Rect.Dx())
	y := (v/d.height + 0.5) * float64(d.mask.Rect.Dy())
	if x < 0 || y < 0 || int(x) >= d.mask.Rect.Dx() || int(y) >= d.mask.Rect.Dy() {
		return 0
	}
	return float64(d.mask.Pix[int(y)*d.mask.Stride+int(x)]) / 255
}

// print prints the seal and scans the paper.
func (p press) print(d drawn) *image.RGBA {
	side := math.Hypot(d.width, d.height)
	if d.width == d.height {
		side = d.width
	}
	px := p.dpi / 25.4
	n := int((side + 2*p.room) * px)
	ink, text := make([]float64, n*n), p.lines(n)
	random := rand.New(rand.NewPCG(p.seed, 77))
	sin, cos := math.Sincos(p.turn * math.Pi / 180)
	wave := [4]float64{random.Float64() * 6, random.Float64() * 6, 0.2 + 0.3*random.Float64(), 0.2 + 0.3*random.Float64()}
	const fineness = 2
	for y := range n {
		for x := range n {
			for k := range fineness * fineness {
				u := (float64(x)+(float64(k%fineness)+0.5)/fineness)/px - float64(n)/2/px
				v := (float64(y)+(float64(k/fineness)+0.5)/fineness)/px - float64(n)/2/px
				ink[y*n+x] += d.at(u*cos+v*sin, -u*sin+v*cos) / fineness / fineness
			}
			faint := 0.5 + 0.25*math.Sin(wave[0]+wave[2]*float64(x)/px) + 0.25*math.Sin(wave[1]+wave[3]*float64(y)/px)
			ink[y*n+x] *= 1 - p.uneven*faint*(0.5+random.Float64()/2)
		}
	}
	for range p.specks {
		spot(ink, n, random.IntN(n), random.IntN(n), 1+random.IntN(2))
	}
	soften(ink, n, p.blur*px)
	soften(text, n, p.blur*px/2)
	out := image.NewRGBA(image.Rect(0, 0, n, n))
	for i := range ink {
		light := 1 - p.light*float64(i%n+i/n)/float64(2*n)
		c := [3]float64{float64(p.paper.R), float64(p.paper.G), float64(p.paper.B)}
		for k, full := range [3]float64{float64(p.ink.R), float64(p.ink.G), float64(p.ink.B)} {
			c[k] = (c[k]*(1-ink[i]) + full*ink[i]) * light
			c[k] = c[k]*(1-text[i]) + 28*text[i] + random.NormFloat64()*p.noise
			out.Pix[4*i+k] = uint8(max(0, min(255, c[k]+0.5)))
		}
		out.Pix[4*i+3] = 255
	}
	return out
}

func spot(ink []float64, n, x, y, r int) {
	for j := max(0, y-r); j <= min(n-1, y+r); j++ {
		for i := max(0, x-r); i <= min(n-1, x+r); i++ {
			if (i-x)*(i-x)+(j-y)*(j-y) < r*r {
				ink[j*n+i] = 0.9
			}
		}
	}
}

// soften blurs by a Gauss curve of so many pixels.
func soften(v []float64, n int, sigma float64) {
	if sigma <= 0 {
		return
	}
	r := int(math.Ceil(3 * sigma))
	kernel, sum := make([]float64, 2*r+1), 0.0
	for i := range kernel {
		kernel[i] = math.Exp(-float64((i-r)*(i-r)) / 2 / sigma / sigma)
		sum += kernel[i]
	}
	line := make([]float64, n)
	for _, step := range [2]int{1, n} {
		for k := range n {
			from := k * (n + 1 - step) // the row, or the column, is k
			if step == n {
				from = k
			}
			for i := range line {
				line[i] = 0
				for j := -r; j <= r; j++ {
					line[i] += v[from+max(0, min(n-1, i+j))*step] * kernel[j+r] / sum
				}
			}
			for i := range line {
				v[from+i*step] = line[i]
			}
		}
	}
}

// lines returns print as it stands on an agreement, in 10.5 points.
func (p press) lines(n int) []float64 {
	out := make([]float64, n*n)
	if !p.text {
		return out
	}
	mask := image.NewAlpha(image.Rect(0, 0, n, n))
	size := 10.5 / 72 * p.dpi
	z := vector.NewRasterizer(n, n)
	for row, text := range []string{"甲方（盖章）：云杉示例科技有限公司", "法定代表人或授权代表（签字）：", "日期：2026年3月2日　签于示例市"} {
		x, y := 0.3*size, float64(n)*(0.4+0.16*float64(row))
		for _, r := range text {
			o, _ := font.Default().Outline(r)
			draw.Fill(z, o, func(q font.Point) (float32, float32) { return float32(x + q.X*size), float32(y - q.Y*size) })
			x += font.Default().Advance(r) * size
		}
	}
	z.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	for i, v := range mask.Pix {
		out[i] = float64(v) / 255
	}
	return out
}

// scanned is the scan as a file.
func (p press) scanned(t testing.TB, d drawn) *Scan {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p.print(d), &jpeg.Options{Quality: p.quality}); err != nil {
		t.Fatal(err)
	}
	s, err := Decode(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// overlap returns how much of the ink of both pictures is ink of both: area in common by area of either.
func (d drawn) overlap(l *Lifted) float64 {
	common, either := 0.0, 0.0
	r := l.mask.Rect
	for y := range r.Dy() {
		for x := range r.Dx() {
			u, v := (float64(x)+0.5)/float64(r.Dx())-0.5, (float64(y)+0.5)/float64(r.Dy())-0.5
			a, b := d.at(u*float64(l.Width), v*float64(l.Height)), float64(l.mask.Pix[y*l.mask.Stride+x])/255
			common, either = common+min(a, b), either+max(a, b)
		}
	}
	return common / either
}
