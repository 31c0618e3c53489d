package measure

import (
	"image"
	"image/draw"
	"math"
)

// Colour is the mean colour of the ink where it is fullest.
type Colour struct {
	R, G, B    uint8
	Hue        float64 // degrees, 0 red
	Saturation float64 // 0 to 1
}

// ink says how much of each pixel is inked, 0 to 255.
type ink struct {
	w, h        int
	cover       []uint8
	colour      Colour
	transparent bool
}

type rgb [3]float64

func (a rgb) minus(b rgb) rgb     { return rgb{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func (a rgb) dot(b rgb) float64   { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func (a rgb) chroma() float64     { return max(a[0], a[1], a[2]) - min(a[0], a[1], a[2]) }
func (a rgb) brightness() float64 { return (a[0] + a[1] + a[2]) / 3 }

// Shares of the way from paper to ink.
const (
	foreign  = 0.3 // farther than this beside the way it is another colour, such as print under the seal
	faintest = 24  // of 255: ink nearer to the paper is no ink
)

// readInk tells ink from paper. The picture is laid on white; how far a pixel has come on the way from the paper's colour to the ink's is how much of
// it is inked.
func readInk(img image.Image) *ink {
	r := img.Bounds()
	px := image.NewRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(px, px.Rect, img, r.Min, draw.Src)
	k := &ink{w: r.Dx(), h: r.Dy(), cover: make([]uint8, r.Dx()*r.Dy())}
	paper, through := findPaper(px)
	k.transparent = through
	full := findInk(px, paper)
	way := full.minus(paper)
	length := way.dot(way)
	k.colour = colourOf(full)
	if length < faintest*faintest {
		return k
	}
	for i := range k.cover {
		d := onWhite(px.Pix[4*i:]).minus(paper)
		t := d.dot(way) / length
		off := d.dot(d) - t*t*length
		if t <= 0 || off > foreign*foreign*length {
			continue
		}
		k.cover[i] = uint8(min(1, t)*255 + 0.5)
	}
	return k
}

func onWhite(p []uint8) rgb {
	rest := float64(255 - p[3])
	return rgb{float64(p[0]) + rest, float64(p[1]) + rest, float64(p[2]) + rest}
}

// findPaper returns the mean colour of the brightest twentieth, and whether most of it is transparent.
func findPaper(px *image.RGBA) (paper rgb, transparent bool) {
	n := len(px.Pix) / 4
	limit := brightest(px, n/20)
	count, through := 0.0, 0
	for i := range n {
		if c := onWhite(px.Pix[4*i:]); int(c.brightness()) >= limit {
			paper = rgb{paper[0] + c[0], paper[1] + c[1], paper[2] + c[2]}
			count++
			if px.Pix[4*i+3] < 16 {
				through++
			}
		}
	}
	return rgb{paper[0] / count, paper[1] / count, paper[2] / count}, float64(through) > count/2
}

// brightest returns the brightness that more than n pixels reach.
func brightest(px *image.RGBA, n int) int {
	var histogram [256]int
	for i := 0; i < len(px.Pix); i += 4 {
		histogram[int(onWhite(px.Pix[i:]).brightness())]++
	}
	level := 255
	for seen := 0; level > 0; level-- {
		if seen += histogram[level]; seen > n {
			break
		}
	}
	return level
}

// findInk returns the mean colour of what is farthest from the paper: of the coloured part alone, where there is some, for the rest is print.
func findInk(px *image.RGBA, paper rgb) rgb {
	const bins = 512
	n := len(px.Pix) / 4
	distance := func(i int) (rgb, int) {
		c := onWhite(px.Pix[4*i:])
		d := c.minus(paper)
		return c, min(bins-1, int(math.Sqrt(d.dot(d))))
	}
	vivid := func(c rgb) bool { return c.chroma() > paper.chroma()+60 }
	var all, coloured [bins]int
	total, vividTotal := 0, 0
	for i := range n {
		c, d := distance(i)
		if d < faintest {
			continue
		}
		all[d]++
		total++
		if vivid(c) {
			coloured[d]++
			vividTotal++
		}
	}
	only := vividTotal*8 > total
	histogram, count := &all, total
	if only {
		histogram, count = &coloured, vividTotal
	}
	limit := bins - 1
	for seen := 0; limit > 0; limit-- {
		if seen += histogram[limit]; seen > count/3 {
			break
		}
	}
	var sum rgb
	hits := 0.0
	for i := range n {
		c, d := distance(i)
		if d < limit || d < faintest || only && !vivid(c) {
			continue
		}
		sum = rgb{sum[0] + c[0], sum[1] + c[1], sum[2] + c[2]}
		hits++
	}
	if hits == 0 {
		return paper
	}
	return rgb{sum[0] / hits, sum[1] / hits, sum[2] / hits}
}

func colourOf(c rgb) Colour {
	out := Colour{R: uint8(c[0] + 0.5), G: uint8(c[1] + 0.5), B: uint8(c[2] + 0.5)}
	high, chroma := max(c[0], c[1], c[2]), c.chroma()
	if chroma < 1 {
		return out
	}
	out.Saturation = chroma / high
	switch high {
	case c[0]:
		out.Hue = math.Mod((c[1]-c[2])/chroma*60+360, 360)
	case c[1]:
		out.Hue = (c[2]-c[0])/chroma*60 + 120
	default:
		out.Hue = (c[0]-c[1])/chroma*60 + 240
	}
	return out
}

// pixel returns the coverage of a pixel, 0 outside the picture.
func (k *ink) pixel(x, y int) float64 {
	if x < 0 || y < 0 || x >= k.w || y >= k.h {
		return 0
	}
	return float64(k.cover[y*k.w+x]) / 255
}

// sample returns the coverage at a point, between the middles of four pixels, 0 to 1.
func (k *ink) sample(x, y float64) float64 {
	fx, fy := math.Floor(x-0.5), math.Floor(y-0.5)
	u, v := x-0.5-fx, y-0.5-fy
	i, j := int(fx), int(fy)
	return (k.pixel(i, j)*(1-u)+k.pixel(i+1, j)*u)*(1-v) + (k.pixel(i, j+1)*(1-u)+k.pixel(i+1, j+1)*u)*v
}
