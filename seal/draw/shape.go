package draw

import (
	"math"

	"yinxin/font"
)

// quad is a convex quadrilateral, its corners in order.
type quad [4]font.Point

// upright returns the rectangle with the given middle of its top side.
func upright(x, top, width, height float64) quad {
	l, r := x-width/2, x+width/2
	return quad{{X: l, Y: top}, {X: r, Y: top}, {X: r, Y: top + height}, {X: l, Y: top + height}}
}

// apart reports whether some line parallel to a side of either keeps the two at least gap apart.
func (q quad) apart(o quad, gap float64) bool { return q.separates(o, gap) || o.separates(q, gap) }

func (q quad) separates(o quad, gap float64) bool {
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		nx, ny := b.Y-a.Y, a.X-b.X
		length := math.Hypot(nx, ny)
		if length == 0 {
			continue
		}
		qLow, qHigh := q.project(nx/length, ny/length)
		oLow, oHigh := o.project(nx/length, ny/length)
		if oLow-qHigh >= gap || qLow-oHigh >= gap {
			return true
		}
	}
	return false
}

func (q quad) project(nx, ny float64) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, p := range q {
		v := p.X*nx + p.Y*ny
		low, high = min(low, v), max(high, v)
	}
	return low, high
}

// fromCentre returns the distance from the origin, which lies outside, to the nearest point of q.
func (q quad) fromCentre() float64 {
	nearest := math.Inf(1)
	for i := range q {
		a, b := q[i], q[(i+1)%4]
		dx, dy := b.X-a.X, b.Y-a.Y
		t := 0.0
		if l := dx*dx + dy*dy; l > 0 {
			t = max(0, min(1, -(a.X*dx+a.Y*dy)/l))
		}
		nearest = min(nearest, math.Hypot(a.X+t*dx, a.Y+t*dy))
	}
	return nearest
}

// inside reports whether every corner lies in the ellipse with half axes a and b round the origin.
func (q quad) inside(a, b float64) bool {
	for _, p := range q {
		if p.X*p.X/(a*a)+p.Y*p.Y/(b*b) > 1 {
			return false
		}
	}
	return true
}

// ellipse returns a closed contour round the origin, clockwise on the page, or anticlockwise to cut a hole. Eight cubic arcs keep within a
// micrometre of the curve at the size of a seal.
func ellipse(a, b float64, hole bool) font.Outline {
	const arcs = 8
	step := 2 * math.Pi / arcs
	if hole {
		step = -step
	}
	k := 4.0 / 3 * math.Tan(step/4)
	at := func(t float64) (p, tangent font.Point) {
		sin, cos := math.Sincos(t)
		return font.Point{X: a * cos, Y: b * sin}, font.Point{X: -a * sin, Y: b * cos}
	}
	p, v := at(0)
	o := font.Outline{{Op: font.Move, P: [3]font.Point{p}}}
	for i := 1; i <= arcs; i++ {
		q, w := at(float64(i) * step)
		o = append(o, font.Segment{Op: font.Cubic, P: [3]font.Point{{X: p.X + k*v.X, Y: p.Y + k*v.Y}, {X: q.X - k*w.X, Y: q.Y - k*w.Y}, q}})
		p, v = q, w
	}
	return append(o, font.Segment{Op: font.Close})
}

// ring returns an elliptic border whose outer half axes are a and b.
func ring(a, b, thickness float64) part {
	return part{role: roleBorder, outline: append(ellipse(a, b, false), ellipse(a-thickness, b-thickness, true)...)}
}

// star returns a regular five-pointed star round the origin, one point up; diameter is that of the circle round its points.
func star(diameter float64) part {
	outer := diameter / 2
	inner := outer * math.Sin(math.Pi/10) / math.Sin(3*math.Pi/10) // where the sides of a pentagram cross
	var o font.Outline
	for i := range 10 {
		r := outer
		if i%2 == 1 {
			r = inner
		}
		sin, cos := math.Sincos(float64(i) * math.Pi / 5)
		s := font.Segment{Op: font.Line, P: [3]font.Point{{X: r * sin, Y: -r * cos}}}
		if i == 0 {
			s.Op = font.Move
		}
		o = append(o, s)
	}
	return part{role: roleStar, outline: append(o, font.Segment{Op: font.Close})}
}

// rectangle returns an upright rectangle round the origin, clockwise on the page, or anticlockwise to cut a hole.
func rectangle(a, b float64, hole bool) font.Outline {
	c := []font.Point{{X: -a, Y: -b}, {X: a, Y: -b}, {X: a, Y: b}, {X: -a, Y: b}}
	if hole {
		c[1], c[3] = c[3], c[1]
	}
	return font.Outline{
		{Op: font.Move, P: [3]font.Point{c[0]}}, {Op: font.Line, P: [3]font.Point{c[1]}},
		{Op: font.Line, P: [3]font.Point{c[2]}}, {Op: font.Line, P: [3]font.Point{c[3]}}, {Op: font.Close},
	}
}

// frame returns a rectangular border round the origin.
func frame(a, b, thickness float64) part {
	return part{role: roleBorder, outline: append(rectangle(a, b, false), rectangle(a-thickness, b-thickness, true)...)}
}

// face returns the whole area of a rectangular seal.
func face(a, b float64) part { return part{role: roleBorder, outline: rectangle(a, b, false)} }
