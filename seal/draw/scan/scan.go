// Package scan takes the picture of a seal off a scan of its print on paper.
//
// Decode reads a scan under bounds. Lift finds the one seal on it, tells its ink from paper and from black print that crosses it, turns it upright,
// cuts it at its border, sets it to whole millimetres and gives it one colour: a picture of the form that seals are drawn in. What had to be decided
// on the way stands in the Lifted, so that it can be told to people and kept.
//
// Nothing is drawn anew: what the print does not show, the picture does not show either. Where black print lies over the ink, the ink below cannot be
// seen; it is filled in from what is beside it, and a seal of which too much is covered is refused.
package scan

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"yinxin/fault"
	"yinxin/seal/draw"
	"yinxin/seal/draw/measure"
)

// Ink is the colour of the ink that is taken. Black is not among them: it cannot be told from print.
type Ink string

// The inks.
const (
	Red  Ink = "red"
	Blue Ink = "blue"
)

// Inks returns all inks.
func Inks() []Ink { return []Ink{Red, Blue} }

// MinResolution is the coarsest scan that is taken, pixels a millimetre (about 140 dots an inch).
const MinResolution = 5.5

// Options say what a scan does not. One of PixelsPerMM and Width with Height must be given.
type Options struct {
	PixelsPerMM   float64 // of the scan
	Width, Height float64 // of the seal, mm, as it stands upright
	Ink           Ink
	Turn          *float64 // degrees the print is turned clockwise; nil to find out
}

// Lifted is a seal's picture with what was done to get it.
type Lifted struct {
	Width, Height int // mm, whole, as seals say them
	Shape         measure.Shape
	Measured      [2]float64 // width and height on the paper, mm, before they were set to whole ones; zero where the size was told
	Resolution    float64    // of the scan, pixels a millimetre
	Turn          Turn
	Ink, Paper    color.NRGBA // as scanned
	Covered       float64     // share of the seal's area that lay under black print and was filled in
	Specks        int         // taken away for being too small to belong to a seal
	// Measurement is that of the picture at the scan's own resolution, for a finer one shows nothing that the scan did not; its Width and Height are
	// those on the paper, before they were set to whole millimetres.
	Measurement measure.Measurement

	mask *image.Alpha
}

// PNG returns the picture in the form of draw.Drawing.PNG, at draw.Resolution, with what it was taken from as its Source.
func (l *Lifted) PNG(source string) []byte {
	return draw.Encode(l.mask, l.Ink, draw.Resolution, source)
}

// Image returns the picture: opacities of the ink's colour.
func (l *Lifted) Image() image.Image { return tinted(l.mask, l.Ink) }

func tinted(mask *image.Alpha, ink color.NRGBA) image.Image {
	out := image.NewNRGBA(mask.Rect)
	for i, v := range mask.Pix {
		copy(out.Pix[4*i:], []byte{ink.R, ink.G, ink.B, v})
	}
	return out
}

// Bounds of what can be taken for a seal.
const (
	maxCovered  = 0.20 // share under black print
	maxStretch  = 0.03 // width to height against what was told
	edgeClearMM = 0.25 // outside the border, what is taken away
)

// Lift takes the seal off a scan. The error is a *fault.Error: scan-no-ink, scan-several (two seals), scan-cut-off, scan-no-outline,
// scan-too-coarse, scan-size-unknown, scan-size (too large or too small for a seal), scan-stretched (not the shape that was told), scan-covered, scan-ink.
func Lift(s *Scan, o Options) (*Lifted, error) {
	tint, ok := tints()[o.Ink]
	if !ok {
		return nil, wrong("scan-ink", "印油颜色只能是 red（红）或 blue（蓝）：黑色无法与印刷文字区分", "the ink is red or blue: black cannot be told from print")
	}
	if known := func(v float64) bool { return v > 0 && !math.IsInf(v, 0) }; !known(o.PixelsPerMM) && !(known(o.Width) && known(o.Height)) {
		return nil, wrong("scan-size-unknown", "扫描图没有写明分辨率：请用 --dpi 说明扫描分辨率，或用 --size 说明印章实际的毫米数",
			"the scan does not say its resolution: give that with --dpi, or the seal's true millimetres with --size")
	}
	crop, err := s.seal(tint)
	if err != nil {
		return nil, err
	}
	f, err := separate(crop.px, tint)
	if err != nil {
		return nil, err
	}
	l := &lifting{film: f, crop: crop, Options: o}
	return l.lift()
}

// lifting is a seal on its way from the scan. Lengths are pixels of the film.
type lifting struct {
	*film
	Options
	crop crop
	m    measure.Measurement
	px   float64 // of the film, a millimetre
	turn Turn
	a, b float64 // half of width and height as it stands upright
}

func (l *lifting) lift() (*Lifted, error) {
	if err := l.measure(); err != nil {
		return nil, err
	}
	l.turn = l.upright()
	l.a, l.b = l.reach()
	w, h, err := l.size()
	if err != nil {
		return nil, err
	}
	covered := l.covered()
	if covered > maxCovered {
		return nil, wrong("scan-covered", fmt.Sprintf("印章约 %.0f%% 的面积被黑色文字盖住，盖住的部分看不出来。请另盖在空白纸上重新扫描", 100*covered),
			fmt.Sprintf("about %.0f %% of the seal lies under black print, where its ink cannot be seen: print it on empty paper and scan that", 100*covered))
	}
	out := &Lifted{Width: w, Height: h, Shape: l.m.Shape, Resolution: l.px / l.crop.scale, Turn: l.turn, Ink: l.inkColour(), Paper: l.paperColour(), Covered: covered}
	if l.Width == 0 {
		out.Measured = [2]float64{2 * l.a / l.px, 2 * l.b / l.px}
	}
	const perMM = draw.Resolution / 25.4
	out.mask, out.Specks = l.flatten(pixels(w, perMM), pixels(h, perMM), perMM)
	own := min(perMM, out.Resolution)
	asScanned, _ := l.flatten(pixels(w, own), pixels(h, own), own)
	out.Measurement = measure.Measure(tinted(asScanned, out.Ink), own)
	out.Measurement.Width.Is, out.Measurement.Height.Is = 2*l.a/l.px, 2*l.b/l.px
	return out, nil
}

func pixels(mm int, perMM float64) int { return int(math.Round(float64(mm) * perMM)) }

// measure finds the outline and settles the resolution.
func (l *lifting) measure() error {
	l.px = max(l.PixelsPerMM*l.crop.scale, measure.MinResolution) // of what is coarser size says so
	if l.Width > 0 {
		long := float64(max(l.crop.seal.Dx(), l.crop.seal.Dy())) // near enough for finding the outline
		l.px = max(long/max(l.Width, l.Height), measure.MinResolution)
	}
	l.m = measure.Measure(l.picture(), l.px)
	if l.m.Shape == measure.Unknown {
		if l.crop.touches {
			return cutOff()
		}
		return wrong("scan-no-outline", "看不出印章的边框：边框残缺、模糊，或不是圆形、椭圆形、矩形。请重新盖印后扫描",
			"the seal's border cannot be made out: it is broken, blurred, or not round, oval or rectangular; print the seal again and scan that")
	}
	if l.beyond() {
		return cutOff()
	}
	return nil
}

// beyond reports whether the outline runs out of the scan by more than a hundredth.
func (l *lifting) beyond() bool {
	o := l.outline()
	w, h := o.reach(0)
	limit := 0.01 * max(w, h)
	r := l.crop.px.Rect
	return o.x-w < -limit || o.y-h < -limit || o.x+w > float64(r.Dx())+limit || o.y+h > float64(r.Dy())+limit
}

func cutOff() error {
	return wrong("scan-cut-off", "印章超出扫描图的边缘，没有扫全。请重新扫描，四周留出空白", "the seal runs over the edge of the scan: scan it again with room on all sides")
}

// size returns the millimetres that the picture is set to, and settles the resolution where it is told by them.
func (l *lifting) size() (w, h int, err error) {
	if l.Width > 0 {
		stretch := l.a / l.b * l.Height / l.Width
		if math.Abs(stretch-1) > maxStretch {
			return 0, 0, wrong("scan-stretched", fmt.Sprintf("扫描图上印章的宽高比为 %.3f，指定的是 %.3f：图像可能拍斜了或拉伸了，请平放扫描，或改正 --size", l.a/l.b, l.Width/l.Height),
				fmt.Sprintf("on the scan the seal is %.3f times as wide as high, told was %.3f: photographed at an angle, or stretched? Scan it flat, or set --size right", l.a/l.b, l.Width/l.Height))
		}
		l.px = math.Sqrt(l.a / l.Width * l.b / l.Height * 4)
		l.m = measure.Measure(l.picture(), l.px)
	}
	across, down := 2*l.a/l.px, 2*l.b/l.px
	if l.m.Shape == measure.Round && math.Abs(across-down) < 1 {
		across, down = (across+down)/2, (across+down)/2
	}
	w, h = int(math.Round(across)), int(math.Round(down))
	if min(w, h) < draw.MinSide || max(w, h) > draw.MaxSide {
		return 0, 0, wrong("scan-size", fmt.Sprintf("按此分辨率，印章为 %.1f × %.1f 毫米，不是印章的大小（%g 至 %g 毫米）。图像里记的分辨率常常不对，请用 --dpi 或 --size 指定", across, down, draw.MinSide, draw.MaxSide),
			fmt.Sprintf("at this resolution the seal has %.1f × %.1f mm, which no seal has (%g to %g mm); what a picture says of its resolution is often wrong: give --dpi or --size", across, down, draw.MinSide, draw.MaxSide))
	}
	if own := l.px / l.crop.scale; own < MinResolution {
		return 0, 0, wrong("scan-too-coarse", fmt.Sprintf("扫描图每毫米只有 %.1f 像素（约 %.0f dpi），太粗糙。请以 300 dpi 以上重新扫描", own, own*25.4),
			fmt.Sprintf("the scan has only %.1f pixels a millimetre (about %.0f dpi), which is too coarse: scan at 300 dpi or more", own, own*25.4))
	}
	return w, h, nil
}

func wrong(code, zh, en string) error { return fault.New(fault.Invalid, code, zh+"。", en, nil) }
