package scan

import (
	"image"
	"math"
)

// surface is the paper's colour over the film: a plane for each of red, green and blue, which follows light that falls in from one side.
type surface [3][3]float64

func (s surface) at(x, y int) rgb {
	var c rgb
	for i, p := range s {
		c[i] = max(16, p[0]+p[1]*float64(x)+p[2]*float64(y))
	}
	return c
}

const tiles = 16 // across and down

// tile is the colour of the brightest part of a tile of the film.
type tile struct {
	x, y   float64
	colour rgb
	kept   bool
}

// paperOf fits the planes to the tiles' brightest parts; tiles full of ink or print are darker than the rest or vivid, and left out.
func paperOf(px *image.RGBA, t tint) surface {
	w, h := px.Rect.Dx(), px.Rect.Dy()
	var list []tile
	best := 0.0
	for j := range tiles {
		for i := range tiles {
			r := image.Rect(i*w/tiles, j*h/tiles, (i+1)*w/tiles, (j+1)*h/tiles)
			if r.Empty() {
				continue
			}
			c := rgb(brightest(px.SubImage(r).(*image.RGBA)))
			list = append(list, tile{float64(r.Min.X+r.Max.X) / 2, float64(r.Min.Y+r.Max.Y) / 2, c, true})
			best = max(best, c[1])
		}
	}
	for i, l := range list {
		list[i].kept = l.colour[1] > 0.4*best
	}
	var s surface
	for range 4 {
		for c := range s {
			s[c] = plane(list, c)
		}
		for i, l := range list { // green is what red and blue inks both take away
			p := s.at(int(l.x), int(l.y))
			list[i].kept = l.colour[1] > p[1]-6 && t(l.colour[0]/p[0], l.colour[1]/p[1], l.colour[2]/p[2]) < 0.1
		}
	}
	return s
}

// plane fits p[0]+p[1]x+p[2]y to one channel of the tiles kept, by least squares; level where there are too few.
func plane(list []tile, channel int) [3]float64 {
	n, mx, my, mv, best := 0.0, 0.0, 0.0, 0.0, 0.0
	for _, l := range list {
		best = max(best, l.colour[channel])
		if l.kept {
			n, mx, my, mv = n+1, mx+l.x, my+l.y, mv+l.colour[channel]
		}
	}
	if n < 8 {
		return [3]float64{best, 0, 0}
	}
	mx, my, mv = mx/n, my/n, mv/n
	xx, xy, yy, xv, yv := 0.0, 0.0, 0.0, 0.0, 0.0
	for _, l := range list {
		if l.kept {
			x, y, v := l.x-mx, l.y-my, l.colour[channel]-mv
			xx, xy, yy, xv, yv = xx+x*x, xy+x*y, yy+y*y, xv+x*v, yv+y*v
		}
	}
	det := xx*yy - xy*xy
	if math.Abs(det) < 1e-6*max(1, xx*yy) {
		return [3]float64{mv, 0, 0}
	}
	p, q := (xv*yy-yv*xy)/det, (yv*xx-xv*xy)/det
	return [3]float64{mv - p*mx - q*my, p, q}
}
