package measure

import (
	"image"
	"math"

	"golang.org/x/image/vector"

	"yinxin/font"
	"yinxin/seal/draw"
)

const (
	grid    = 48   // pixels a character is compared on, across and down
	legible = 30   // height of a character, pixels of the picture, from which it is compared
	slim    = 0.35 // width to height below which a character is a stroke, and says nothing of its face
)

// glyph is a character stretched to fill the grid, blurred a little: of its face only the strokes are left, not how wide or tall it was set.
type glyph [grid * grid]float64

// character cuts out what stands between two places of the track, upright on the middle of its ink.
func (g *gauge) character(t track, from, to int, ink []float64) *glyph {
	begin, end := from, to
	for begin < end && ink[begin] < 0.5 {
		begin++
	}
	for end > begin && ink[end] < 0.5 {
		end--
	}
	s, first, last := t.at[(begin+end)/2], t.at[from], t.at[to]
	half := float64(to-from)*0.75 + 2
	w, h := int(2*half), int(t.to-t.from)
	cell := make([]float64, w*h)
	for j := range h {
		for i := range w {
			u, v := float64(i)+0.5-half, t.from+float64(j)+0.5
			x, y := s.x-u*-s.ny+v*s.nx, s.y-u*s.nx+v*s.ny
			if first.right(x, y) && !last.right(x, y) {
				cell[j*w+i] = g.at(x, y)
			}
		}
	}
	return fitted(cell, w, h)
}

// right reports whether a point lies behind a station in the direction of reading.
func (s station) right(x, y float64) bool { return (x-s.x)*s.ny-(y-s.y)*s.nx > 0 }

// fitted stretches the ink in a picture to the grid; nil where there is none.
func fitted(px []float64, w, h int) *glyph {
	left, top, right, bottom := w, h, -1, -1
	for i, v := range px {
		if v >= 0.5 {
			left, right, top, bottom = min(left, i%w), max(right, i%w), min(top, i/w), max(bottom, i/w)
		}
	}
	if right <= left || bottom <= top {
		return nil
	}
	var out glyph
	const fine = 2
	for j := range grid * fine {
		for i := range grid * fine {
			x := left + int((float64(i)+0.5)/(grid*fine)*float64(right+1-left))
			y := top + int((float64(j)+0.5)/(grid*fine)*float64(bottom+1-top))
			out[j/fine*grid+i/fine] += px[y*w+x] / fine / fine
		}
	}
	return &out
}

// broad reports whether a character is more than a stroke.
func broad(o font.Outline) bool {
	b := o.Bounds()
	return len(o) > 0 && b.Width() > slim*b.Height() && b.Height() > slim*b.Width()
}

// drawnGlyph is a font's character on the grid.
func drawnGlyph(o font.Outline) *glyph {
	b := o.Bounds()
	const side = 4 * grid
	z := vector.NewRasterizer(side, side)
	draw.Fill(z, o, func(p font.Point) (x, y float32) {
		return float32((p.X - b.MinX) / b.Width() * side), float32((b.MaxY - p.Y) / b.Height() * side)
	})
	mask := image.NewAlpha(image.Rect(0, 0, side, side))
	z.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	px := make([]float64, side*side)
	for i, v := range mask.Pix {
		px[i] = float64(v) / 255
	}
	return fitted(px, side, side)
}

// alike compares a character with a font's, which may have thinner strokes: seals are cut heavier than type. 1 is the same, 0 nothing in common.
func alike(c *glyph, o font.Outline) float64 {
	d := drawnGlyph(o)
	if c == nil || d == nil {
		return 0
	}
	c = c.soft()
	best := 0.0
	for range 3 {
		soft := d.soft()
		for dy := -2; dy <= 2; dy++ {
			for dx := -2; dx <= 2; dx++ {
				best = max(best, c.correlation(soft, dx, dy))
			}
		}
		d = d.thicker()
	}
	return best
}

func (g *glyph) at(x, y int) float64 {
	if x < 0 || y < 0 || x >= grid || y >= grid {
		return 0
	}
	return g[y*grid+x]
}

// soft takes the mean round each pixel.
func (g *glyph) soft() *glyph {
	var out glyph
	for i := range out {
		x, y := i%grid, i/grid
		out[i] = 0.25*g.at(x, y) + 0.125*(g.at(x-1, y)+g.at(x+1, y)+g.at(x, y-1)+g.at(x, y+1)) +
			0.0625*(g.at(x-1, y-1)+g.at(x+1, y-1)+g.at(x-1, y+1)+g.at(x+1, y+1))
	}
	return &out
}

// thicker widens strokes by half a pixel on every side, about a hundredth of the character.
func (g *glyph) thicker() *glyph {
	var out glyph
	for i := range out {
		x, y := i%grid, i/grid
		out[i] = (g.at(x, y) + max(g.at(x, y), g.at(x-1, y), g.at(x+1, y), g.at(x, y-1), g.at(x, y+1))) / 2
	}
	return &out
}

// correlation is that of two glyphs, the second moved.
func (g *glyph) correlation(o *glyph, dx, dy int) float64 {
	n, a, b, aa, bb, ab := 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
	for y := range grid {
		for x := range grid {
			u, v := g[y*grid+x], o.at(x-dx, y-dy)
			n, a, b, aa, bb, ab = n+1, a+u, b+v, aa+u*u, bb+v*v, ab+u*v
		}
	}
	spread := (aa - a*a/n) * (bb - b*b/n)
	if spread <= 0 {
		return 0
	}
	return (ab - a*b/n) / math.Sqrt(spread)
}
