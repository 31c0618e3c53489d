package measure

import (
	"math"
	"math/cmplx"
)

// Geometry of a pentagram whose points lie on a circle of radius 1.
const (
	pentagramInner = 0.38196601125 // radius where its sides cross
	pentagramArea  = 1.12256994145
	starLikeness   = 0.80 // shared area of ink and pentagram, from which it is one
)

// star looks for a five-pointed star among the pieces near the centre, and returns how it is turned. Centre and size come from the mass of its ink,
// which no resolution makes smaller; the turn from its fifth moment.
func (g *gauge) star() (*Star, Value) {
	short := min(g.outline.a, g.outline.b)
	best := -1
	for i, c := range g.pieces.list {
		x, y := float64(c.box.Min.X+c.box.Max.X)/2-g.outline.x, float64(c.box.Min.Y+c.box.Max.Y)/2-g.outline.y
		if math.Hypot(x, y) < 0.35*short && float64(c.box.Dx()) < short && float64(c.area) > 0.01*short*short && (best < 0 || c.area > g.pieces.list[best].area) {
			best = i
		}
	}
	if best < 0 {
		return nil, Value{}
	}
	spots := g.pieceInk(best)
	mass, cx, cy := 0.0, 0.0, 0.0
	for _, s := range spots {
		mass, cx, cy = mass+s.ink, cx+s.ink*s.x, cy+s.ink*s.y
	}
	cx, cy = cx/mass, cy/mass
	var fifth complex128
	for _, s := range spots {
		z := complex(s.x-cx, s.y-cy)
		fifth += complex(s.ink, 0) * z * z * z * z * z
	}
	turn := cmplx.Phase(fifth)/5 + math.Pi/2 // from a point straight up
	turn = math.Remainder(turn, 2*math.Pi/5)
	radius := math.Sqrt(mass / pentagramArea)
	common, either := 0.0, 0.0
	for _, s := range spots {
		full := 0.0
		if inPentagram((s.x-cx)/radius, (s.y-cy)/radius, turn) {
			full = 1
		}
		common, either = common+min(full, s.ink), either+max(full, s.ink)
	}
	if common < starLikeness*either {
		return nil, Value{}
	}
	sin, cos := math.Sincos(turn)
	dx, dy := cx-g.outline.x, cy-g.outline.y
	star := &Star{X: g.mm(dx*cos+dy*sin, 0.5), Y: g.mm(-dx*sin+dy*cos, 0.5), Diameter: g.mm(2*radius, 1)}
	return star, Value{turn * 180 / math.Pi, 0.2 + 30/radius}
}

type spot struct{ x, y, ink float64 }

// pieceInk returns the ink of a piece with the half inked pixels round it, and the paper in the box round them.
func (g *gauge) pieceInk(i int) []spot {
	id := int32(i + 1)
	b := g.pieces.list[i].box
	var out []spot
	for y := max(0, b.Min.Y-2); y < min(g.h, b.Max.Y+2); y++ {
		for x := max(0, b.Min.X-2); x < min(g.w, b.Max.X+2); x++ {
			s := spot{x: float64(x) + 0.5, y: float64(y) + 0.5}
			if g.beside(x, y, id) {
				s.ink = g.pixel(x, y)
			}
			out = append(out, s)
		}
	}
	return out
}

// beside reports whether a pixel is of the piece or touches it.
func (g *gauge) beside(x, y int, id int32) bool {
	for ny := max(0, y-1); ny <= min(g.h-1, y+1); ny++ {
		for nx := max(0, x-1); nx <= min(g.w-1, x+1); nx++ {
			if g.pieces.of[ny*g.w+nx] == id {
				return true
			}
		}
	}
	return false
}

// inPentagram reports whether a point lies in the star of radius 1 whose first point is turned from the top.
func inPentagram(x, y, turn float64) bool {
	r := math.Hypot(x, y)
	a := math.Abs(math.Remainder(math.Atan2(x, -y)-turn, 2*math.Pi/5)) // from the nearest point, at most 36 degrees
	// The side from the point (1, 0) to the crossing (inner, 36°), in polar form.
	sin36, cos36 := math.Sincos(math.Pi / 5)
	px, py := pentagramInner*cos36, pentagramInner*sin36
	u, v := r*math.Cos(a), r*math.Sin(a)
	return (px-1)*v-py*(u-1) >= 0
}

// centreInk returns how much of a small disc round the centre is inked.
func (g *gauge) centreInk() float64 {
	radius := 0.24 * min(g.outline.a, g.outline.b)
	sum, n := 0.0, 0.0
	for y := -radius; y <= radius; y++ {
		for x := -radius; x <= radius; x++ {
			if x*x+y*y <= radius*radius {
				sum, n = sum+g.at(x, y), n+1
			}
		}
	}
	return sum / n
}
