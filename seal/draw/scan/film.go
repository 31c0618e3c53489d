package scan

import (
	"image"
	"image/color"
	"math"
	"slices"
)

// film is the ink of a crop, without paper and print.
type film struct {
	w, h  int
	cover []float32 // how much of each pixel is inked, 0 to 1
	black []bool    // pixels under print, whose cover is filled in from beside them
	ink   rgb       // where it is full, paper being 1
	paper surface
}

type rgb [3]float64

func (c rgb) dot(d rgb) float64 { return c[0]*d[0] + c[1]*d[1] + c[2]*d[2] }

// toner is about the colour of black print, paper being 1. Paler and darker print lies on the same way from paper.
const toner = 0.15

const (
	hidden   = 0.5  // share of print from which the ink of a pixel cannot be seen
	passes   = 4    // of filling, each twice as far
	strong   = 0.75 // share of the most vivid, from which a pixel is full of ink
	vividInk = 0.15 // least vividness of ink, paper being 1
)

// separate tells ink from paper and print: each pixel is taken for a mixture of the three. That holds for pixels on edges, which are part ink and part
// paper, and for faint or uneven ink, which lets paper through.
func separate(px *image.RGBA, t tint) (*film, error) {
	f := &film{w: px.Rect.Dx(), h: px.Rect.Dy(), paper: paperOf(px, t)}
	n := f.w * f.h
	f.cover, f.black = make([]float32, n), make([]bool, n)
	if !f.findInk(px, t) {
		return nil, wrong("scan-no-ink", "印油颜色太淡，无法与纸张分开。请重新盖印后扫描", "the ink is too faint to be told from the paper: print the seal again and scan that")
	}
	ink := rgb{f.ink[0] - 1, f.ink[1] - 1, f.ink[2] - 1}
	black := rgb{toner - 1, toner - 1, toner - 1}
	ii, ik, kk := ink.dot(ink), ink.dot(black), black.dot(black)
	det := ii*kk - ik*ik
	for y := range f.h {
		for x := range f.w {
			d := f.on(px, x, y)
			d = rgb{d[0] - 1, d[1] - 1, d[2] - 1}
			vi, vk := d.dot(ink), d.dot(black)
			a, k := (vi*kk-vk*ik)/det, (vk*ii-vi*ik)/det
			switch { // the nearest mixture without negative parts
			case k < 0:
				a, k = vi/ii, 0
			case a < 0:
				a, k = 0, vk/kk
			}
			i := y*f.w + x
			if f.black[i] = k > hidden; !f.black[i] {
				f.cover[i] = float32(max(0, min(1, a/(1-k))))
			}
		}
	}
	f.fill()
	return f, nil
}

// on returns a pixel's colour, paper being 1.
func (f *film) on(px *image.RGBA, x, y int) rgb {
	p, paper := px.Pix[px.PixOffset(x, y):], f.paper.at(x, y)
	return rgb{float64(p[0]) / paper[0], float64(p[1]) / paper[1], float64(p[2]) / paper[2]}
}

// findInk takes the mean colour of what is nearly as vivid as the most vivid.
func (f *film) findInk(px *image.RGBA, t tint) bool {
	const bins = 256
	var count [bins]int
	var sum [bins]rgb
	total := 0
	for y := range f.h {
		for x := range f.w {
			c := f.on(px, x, y)
			v := t(c[0], c[1], c[2])
			if v < vividInk {
				continue
			}
			b := min(bins-1, int(v*bins/1.5))
			count[b]++
			sum[b] = rgb{sum[b][0] + c[0], sum[b][1] + c[1], sum[b][2] + c[2]}
			total++
		}
	}
	top := bins - 1
	for seen := 0; top > 0; top-- {
		if seen += count[top]; seen > total/20 {
			break
		}
	}
	n := 0.0
	for b := int(strong * float64(top)); b < bins; b++ {
		f.ink = rgb{f.ink[0] + sum[b][0], f.ink[1] + sum[b][1], f.ink[2] + sum[b][2]}
		n += float64(count[b])
	}
	if total < least*4 {
		return false
	}
	f.ink = rgb{f.ink[0] / n, f.ink[1] / n, f.ink[2] / n}
	return true
}

// fill gives pixels under print the mean of the pixels beside them that can be seen; where print is wide, farther ones.
func (f *film) fill() {
	hide := slices.Clone(f.black)
	for i := range hide { // the edge of print is neither
		hide[i] = f.black[i] || i%f.w > 0 && f.black[i-1] || i%f.w < f.w-1 && f.black[i+1] || i >= f.w && f.black[i-f.w] || i+f.w < len(hide) && f.black[i+f.w]
	}
	f.black = hide
	open := slices.Clone(hide)
	radius := max(2, min(f.w, f.h)/200)
	for range passes {
		ink, seen := make([]float32, len(open)), make([]float32, len(open))
		for i := range open {
			if !open[i] {
				ink[i], seen[i] = f.cover[i], 1
			}
		}
		blur(ink, f.w, radius)
		blur(seen, f.w, radius)
		left := false
		for i := range open {
			if !open[i] {
				continue
			}
			if seen[i] < 0.05 {
				left = true
				continue
			}
			f.cover[i], open[i] = ink[i]/seen[i], false
		}
		if !left {
			return
		}
		radius *= 2
	}
}

// blur takes the mean of a square round each value, twice: about a round blur.
func blur(v []float32, w, radius int) {
	h := len(v) / w
	line := make([]float32, max(w, h))
	run := func(from, step, n int) {
		sum := float32(0)
		for i := range n + radius {
			if i < n {
				line[i] = v[from+i*step]
				sum += line[i]
			}
			if i > 2*radius {
				sum -= line[i-2*radius-1]
			}
			if at := i - radius; at >= 0 {
				v[from+at*step] = max(0, sum/float32(2*radius+1))
			}
		}
	}
	for range 2 {
		for y := range h {
			run(y*w, 1, w)
		}
		for x := range w {
			run(x, w, h)
		}
	}
}

// steep is how much edges are sharpened; paper and ink are told apart at half, which stays where it is.
const steep = 2.6

// even gives ink one strength.
func even(cover float64) uint8 { return uint8(max(0, min(1, (cover-0.5)*steep+0.5))*255 + 0.5) }

// picture returns the film as a picture on nothing, for measuring.
func (f *film) picture() image.Image {
	out := image.NewNRGBA(image.Rect(0, 0, f.w, f.h))
	for i, v := range f.cover {
		copy(out.Pix[4*i:], []byte{255, 0, 0, even(float64(v))})
	}
	return out
}

// sample returns the cover at a point, between the middles of four pixels; outside the film there is none.
func (f *film) sample(x, y float64) float64 {
	fx, fy := math.Floor(x-0.5), math.Floor(y-0.5)
	u, v := x-0.5-fx, y-0.5-fy
	i, j := int(fx), int(fy)
	at := func(x, y int) float64 {
		if x < 0 || y < 0 || x >= f.w || y >= f.h {
			return 0
		}
		return float64(f.cover[y*f.w+x])
	}
	return (at(i, j)*(1-u)+at(i+1, j)*u)*(1-v) + (at(i, j+1)*(1-u)+at(i+1, j+1)*u)*v
}

func (f *film) inkColour() color.NRGBA { return f.ink.colour(255) }

func (f *film) paperColour() color.NRGBA { return f.paper.at(f.w/2, f.h/2).colour(1) }

func (c rgb) colour(white float64) color.NRGBA {
	b := func(v float64) uint8 { return uint8(max(0, min(255, v*white+0.5))) }
	return color.NRGBA{b(c[0]), b(c[1]), b(c[2]), 255}
}
