package font

import "math"

// Point is a position; the unit is that of the outline it belongs to.
type Point struct{ X, Y float64 }

// Rect is an upright rectangle.
type Rect struct{ MinX, MinY, MaxX, MaxY float64 }

// Width returns MaxX - MinX.
func (r Rect) Width() float64 { return r.MaxX - r.MinX }

// Height returns MaxY - MinY.
func (r Rect) Height() float64 { return r.MaxY - r.MinY }

// Op says what a Segment does.
type Op uint8

// The operations, with the number of points each uses.
const (
	Move  Op = iota // 1: begins a contour
	Line            // 1: the end
	Quad            // 2: control point, end
	Cubic           // 3: two control points, end
	Close           // 0: back to the contour's start
)

// Segment is one step of an outline. P holds as many points as Op uses; the last one used is where the pen is afterwards.
type Segment struct {
	Op Op
	P  [3]Point
}

// Points returns the points the segment uses.
func (s *Segment) Points() []Point {
	switch s.Op {
	case Move, Line:
		return s.P[:1]
	case Quad:
		return s.P[:2]
	case Cubic:
		return s.P[:3]
	}
	return nil
}

// Outline is a filled shape: closed contours, filled where the winding number is not zero.
type Outline []Segment

// Map returns the outline with every point moved by m, which must be affine.
func (o Outline) Map(m func(Point) Point) Outline {
	out := make(Outline, len(o))
	for i, s := range o {
		points := s.Points()
		out[i].Op = s.Op
		for j, p := range points {
			out[i].P[j] = m(p)
		}
	}
	return out
}

// Bounds returns the smallest rectangle round the outline's ink, curves included; the zero Rect for an empty outline.
func (o Outline) Bounds() Rect {
	b := Rect{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	add := func(p Point) {
		b.MinX, b.MaxX = min(b.MinX, p.X), max(b.MaxX, p.X)
		b.MinY, b.MaxY = min(b.MinY, p.Y), max(b.MaxY, p.Y)
	}
	var at Point
	for i := range o {
		s := &o[i]
		switch s.Op {
		case Quad:
			for _, t := range quadTurns(at, s.P[0], s.P[1]) {
				add(quadAt(at, s.P[0], s.P[1], t))
			}
		case Cubic:
			for _, t := range cubicTurns(at, s.P[0], s.P[1], s.P[2]) {
				add(cubicAt(at, s.P[0], s.P[1], s.P[2], t))
			}
		}
		if points := s.Points(); len(points) > 0 {
			at = points[len(points)-1]
			add(at)
		}
	}
	if math.IsInf(b.MinX, 1) {
		return Rect{}
	}
	return b
}

func quadAt(a, b, c Point, t float64) Point {
	u := 1 - t
	return Point{u*u*a.X + 2*u*t*b.X + t*t*c.X, u*u*a.Y + 2*u*t*b.Y + t*t*c.Y}
}

func cubicAt(a, b, c, d Point, t float64) Point {
	u := 1 - t
	k0, k1, k2, k3 := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
	return Point{k0*a.X + k1*b.X + k2*c.X + k3*d.X, k0*a.Y + k1*b.Y + k2*c.Y + k3*d.Y}
}

// quadTurns returns the parameters in (0,1) where the curve turns in x or y.
func quadTurns(a, b, c Point) []float64 {
	return append(roots(0, a.X-2*b.X+c.X, b.X-a.X), roots(0, a.Y-2*b.Y+c.Y, b.Y-a.Y)...)
}

func cubicTurns(a, b, c, d Point) []float64 {
	x := roots(-a.X+3*b.X-3*c.X+d.X, 2*(a.X-2*b.X+c.X), b.X-a.X)
	return append(x, roots(-a.Y+3*b.Y-3*c.Y+d.Y, 2*(a.Y-2*b.Y+c.Y), b.Y-a.Y)...)
}

// roots solves a t² + b t + c = 0 for t in (0,1).
func roots(a, b, c float64) []float64 {
	var found []float64
	keep := func(t float64) {
		if t > 0 && t < 1 {
			found = append(found, t)
		}
	}
	if math.Abs(a) < 1e-12 {
		if b != 0 {
			keep(-c / b)
		}
		return found
	}
	if d := b*b - 4*a*c; d >= 0 {
		q := math.Sqrt(d)
		keep((-b + q) / (2 * a))
		keep((-b - q) / (2 * a))
	}
	return found
}
