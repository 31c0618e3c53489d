package measure

import (
	"math"
	"slices"

	"yinxin/font"
)

// outline is the outer edge of a seal, in pixels of the picture.
type outline struct {
	shape Shape
	x, y  float64 // centre
	a, b  float64 // half of width and height, along its own axes
	tilt  float64 // of its axes, radians clockwise, at most a quarter of a right angle each way
}

// station is a point of the outer edge with the direction inwards.
type station struct {
	x, y, nx, ny float64
}

const rays = 720

// outline finds the outer edge: an ellipse or a rectangle through the outermost ink.
func (p *pieces) outline() (outline, bool) {
	ids, box, ok := p.large()
	if !ok {
		return outline{}, false
	}
	cx, cy := float64(box.Min.X+box.Max.X)/2, float64(box.Min.Y+box.Max.Y)/2
	reach := math.Hypot(float64(box.Dx()), float64(box.Dy()))/2 + 2
	var edge []font.Point
	for i := range rays {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / rays)
		if r, ok := p.outermost(ids, cx, cy, cos, sin, reach); ok {
			edge = append(edge, font.Point{X: r * cos, Y: r * sin})
		}
	}
	if len(edge) < rays*7/10 {
		return outline{}, false
	}
	o, ok := fitEllipse(edge)
	if !ok {
		o, ok = fitRectangle(edge)
	}
	o.x, o.y = o.x+cx, o.y+cy
	return o, ok
}

// outermost walks a ray inwards until it meets ink of one of the pieces.
func (p *pieces) outermost(ids map[int32]bool, cx, cy, cos, sin, reach float64) (float64, bool) {
	const step = 0.5
	before := 0.0
	for r := reach; r > 0; r -= step {
		v := p.sample(cx+r*cos, cy+r*sin)
		if v < 0.5 {
			before = v
			continue
		}
		x, y := int(cx+(r-step)*cos), int(cy+(r-step)*sin)
		if x >= 0 && y >= 0 && x < p.w && y < p.h && ids[p.of[y*p.w+x]] {
			if before >= 0.5 { // ink of another piece lies against it
				return r, true
			}
			return r + step*(v-0.5)/(v-before), true
		}
		before = v
	}
	return 0, false
}

// fitEllipse fits a conic by least squares, each time closer to what lies on it: ink spilt over the border does not bend it.
func fitEllipse(edge []font.Point) (outline, bool) {
	size := 0.0
	for _, q := range edge {
		size = max(size, math.Hypot(q.X, q.Y))
	}
	kept := edge
	var o outline
	for _, share := range []float64{0.06, 0.03, 0.01, 0.005, 0.003} {
		c, ok := solveConic(kept, size)
		if !ok {
			return outline{}, false
		}
		if o, ok = c.axes(size); !ok {
			return outline{}, false
		}
		limit := max(0.8, share*size)
		kept = slices.DeleteFunc(slices.Clone(edge), func(q font.Point) bool { return math.Abs(c.distance(q, size)) > limit })
		if len(kept) < len(edge)*6/10 {
			return outline{}, false
		}
	}
	o.shape = Oval
	if min(o.a, o.b) > 0.9*max(o.a, o.b) {
		o.shape = Round
	}
	return o, true
}

// conic is Ax²+Bxy+Cy²+Dx+Ey=1 in units of the seal's size.
type conic [5]float64

func solveConic(points []font.Point, size float64) (conic, bool) {
	var m [5][6]float64
	for _, q := range points {
		x, y := q.X/size, q.Y/size
		row := [6]float64{x * x, x * y, y * y, x, y, 1}
		for i := range 5 {
			for j := range 6 {
				m[i][j] += row[i] * row[j]
			}
		}
	}
	for i := range 5 { // Gauss with pivots
		best := i
		for r := i + 1; r < 5; r++ {
			if math.Abs(m[r][i]) > math.Abs(m[best][i]) {
				best = r
			}
		}
		m[i], m[best] = m[best], m[i]
		if math.Abs(m[i][i]) < 1e-9 {
			return conic{}, false
		}
		for r := range 5 {
			if r == i {
				continue
			}
			f := m[r][i] / m[i][i]
			for j := i; j < 6; j++ {
				m[r][j] -= f * m[i][j]
			}
		}
	}
	var c conic
	for i := range c {
		c[i] = m[i][5] / m[i][i]
	}
	return c, true
}

// distance is about how far a point lies outside.
func (c conic) distance(q font.Point, size float64) float64 {
	x, y := q.X/size, q.Y/size
	f := c[0]*x*x + c[1]*x*y + c[2]*y*y + c[3]*x + c[4]*y - 1
	gx, gy := 2*c[0]*x+c[1]*y+c[3], c[1]*x+2*c[2]*y+c[4]
	return f / max(math.Hypot(gx, gy), 1e-9) * size
}

// axes returns the ellipse; a lies along the axis nearer to the horizontal.
func (c conic) axes(size float64) (outline, bool) {
	det := 4*c[0]*c[2] - c[1]*c[1]
	if !(det > 1e-6) {
		return outline{}, false
	}
	x, y := (c[1]*c[4]-2*c[2]*c[3])/det, (c[1]*c[3]-2*c[0]*c[4])/det
	f := 1 + c[0]*x*x + c[1]*x*y + c[2]*y*y // the conic about its centre equals f
	tilt := math.Atan2(c[1], c[0]-c[2]) / 2
	sin, cos := math.Sincos(tilt)
	p := c[0]*cos*cos + c[1]*cos*sin + c[2]*sin*sin
	q := c[0]*sin*sin - c[1]*cos*sin + c[2]*cos*cos
	if !(f/p > 0 && f/q > 0) {
		return outline{}, false
	}
	o := outline{x: x * size, y: y * size, a: math.Sqrt(f/p) * size, b: math.Sqrt(f/q) * size, tilt: tilt}
	switch {
	case tilt > math.Pi/4:
		o.a, o.b, o.tilt = o.b, o.a, tilt-math.Pi/2
	case tilt < -math.Pi/4:
		o.a, o.b, o.tilt = o.b, o.a, tilt+math.Pi/2
	}
	return o, true
}

// fitRectangle turns the points until the box round them is smallest.
func fitRectangle(edge []font.Point) (outline, bool) {
	best, least := 0.0, math.Inf(1)
	for _, step := range []float64{1, 0.1, 0.02} {
		from := best
		for i := -45; i <= 45; i++ {
			tilt := from + float64(i)*step*math.Pi/180
			if w, h, _, _ := boxAt(edge, tilt); w*h < least-1e-9 && math.Abs(tilt) <= math.Pi/4 {
				best, least = tilt, w*h
			}
		}
	}
	w, h, x, y := boxAt(edge, best)
	o := outline{shape: Rectangle, a: w / 2, b: h / 2, tilt: best}
	sin, cos := math.Sincos(best)
	o.x, o.y = x*cos-y*sin, x*sin+y*cos
	on := 0
	for _, q := range edge {
		u, v := q.X*cos+q.Y*sin-x, -q.X*sin+q.Y*cos-y
		if math.Abs(max(math.Abs(u)-w/2, math.Abs(v)-h/2)) < max(1.5, 0.01*max(w, h)) {
			on++
		}
	}
	return o, on*100 >= 85*len(edge)
}

// boxAt returns the box round the points in a frame turned by tilt, each side where a fiftieth of the points lies outside: sides are straight, spots
// on them are few.
func boxAt(edge []font.Point, tilt float64) (w, h, x, y float64) {
	sin, cos := math.Sincos(tilt)
	u, v := make([]float64, len(edge)), make([]float64, len(edge))
	for i, q := range edge {
		u[i], v[i] = q.X*cos+q.Y*sin, -q.X*sin+q.Y*cos
	}
	slices.Sort(u)
	slices.Sort(v)
	n := len(edge) / 50
	left, right, top, bottom := u[n], u[len(u)-1-n], v[n], v[len(v)-1-n]
	return right - left, bottom - top, (left + right) / 2, (top + bottom) / 2
}

// point returns the station at t of an ellipse (0 at the top, clockwise), in its own frame.
func (o outline) point(t float64) station {
	sin, cos := math.Sincos(t)
	nx, ny := -sin/o.a, cos/o.b
	n := math.Hypot(nx, ny)
	return station{o.a * sin, -o.b * cos, nx / n, ny / n}
}

// sides returns stations on the sides of a rectangle, away from its corners.
func (o outline) sides(n int) []station {
	var out []station
	for i := range n {
		s := (float64(i)+0.5)/float64(n)*1.4 - 0.7
		out = append(out, station{s * o.a, -o.b, 0, 1}, station{s * o.a, o.b, 0, -1}, station{-o.a, s * o.b, 1, 0}, station{o.a, s * o.b, -1, 0})
	}
	return out
}
