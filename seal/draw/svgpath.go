package draw

import (
	"fmt"
	"math"
	"strconv"

	"yinxin/font"
)

// pathReader reads the d attribute of a path (SVG 1.1, section 8.3).
type pathReader struct {
	d     string
	at    int
	room  int // segments that may still be added
	out   font.Outline
	start font.Point // of the contour
	pen   font.Point
	turn  font.Point // the control point that S and T mirror
	after byte       // the command before, in capitals
	open  bool
}

// operandsOf says how many numbers a command takes, by its capital letter.
func operandsOf(op byte) (n int, known bool) {
	switch op {
	case 'M', 'L', 'T':
		return 2, true
	case 'H', 'V':
		return 1, true
	case 'S', 'Q':
		return 4, true
	case 'C':
		return 6, true
	case 'A':
		return 7, true
	case 'Z':
		return 0, true
	}
	return 0, false
}

func parsePath(d string, room int) (font.Outline, error) {
	r := &pathReader{d: d, room: room}
	for r.skip(); r.at < len(d); r.skip() {
		op := d[r.at]
		capital := op &^ 0x20
		n, known := operandsOf(capital)
		if !known || op < 'A' || r.after == 0 && capital != 'M' {
			return nil, r.wrong()
		}
		r.at++
		if err := r.repeat(capital, op != capital, n); err != nil {
			return nil, err
		}
	}
	r.close()
	return r.out, nil
}

// repeat runs a command for as many sets of operands as follow it.
func (r *pathReader) repeat(op byte, relative bool, n int) error {
	for first := true; ; first = false {
		if !first && (n == 0 || !r.moreNumbers()) {
			return nil
		}
		var v [7]float64
		for i := range n {
			var ok bool
			if v[i], ok = r.number(op == 'A' && (i == 3 || i == 4)); !ok {
				return r.wrong()
			}
		}
		if relative {
			r.absolute(op, &v)
		}
		r.draw(op, v)
		if len(r.out) > r.room || !r.bounded() {
			return refuse("路径过长或数值过大", fmt.Sprintf("it has more than %d segments, or numbers beyond %g", maxArtSegments, maxArtNumber))
		}
		if op == 'M' {
			op = 'L' // further pairs are lines
		}
	}
}

func (r *pathReader) wrong() error {
	return refuse(fmt.Sprintf("路径数据在第 %d 个字符处无法识别", r.at), fmt.Sprintf("its path data is not understood at character %d", r.at))
}

// bounded holds all points of the last segment within the numbers that artwork may have; it is false for NaN.
func (r *pathReader) bounded() bool {
	if len(r.out) == 0 {
		return true
	}
	for _, p := range r.out[len(r.out)-1].Points() {
		if !within(p.X, -maxArtNumber, maxArtNumber) || !within(p.Y, -maxArtNumber, maxArtNumber) {
			return false
		}
	}
	return true
}

func (r *pathReader) absolute(op byte, v *[7]float64) {
	switch op {
	case 'H':
		v[0] += r.pen.X
	case 'V':
		v[0] += r.pen.Y
	case 'A':
		v[5], v[6] = v[5]+r.pen.X, v[6]+r.pen.Y
	default:
		for i := range v {
			if i%2 == 0 {
				v[i] += r.pen.X
			} else {
				v[i] += r.pen.Y
			}
		}
	}
}

func (r *pathReader) draw(op byte, v [7]float64) {
	at := func(i int) font.Point { return font.Point{X: v[i], Y: v[i+1]} }
	mirror := r.pen
	if cubic := r.after == 'C' || r.after == 'S'; op == 'S' && cubic || op == 'T' && (r.after == 'Q' || r.after == 'T') {
		mirror = font.Point{X: 2*r.pen.X - r.turn.X, Y: 2*r.pen.Y - r.turn.Y}
	}
	switch op {
	case 'M':
		r.close()
		r.start, r.pen = at(0), at(0)
	case 'L':
		r.add(font.Line, at(0))
	case 'H':
		r.add(font.Line, font.Point{X: v[0], Y: r.pen.Y})
	case 'V':
		r.add(font.Line, font.Point{X: r.pen.X, Y: v[0]})
	case 'C':
		r.add(font.Cubic, at(0), at(2), at(4))
		r.turn = at(2)
	case 'S':
		r.add(font.Cubic, mirror, at(0), at(2))
		r.turn = at(0)
	case 'Q':
		r.add(font.Quad, at(0), at(2))
		r.turn = at(0)
	case 'T':
		r.add(font.Quad, mirror, at(0))
		r.turn = mirror
	case 'A':
		r.arc(v)
	case 'Z':
		r.close()
		r.pen = r.start
	}
	r.after = op
}

func (r *pathReader) add(op font.Op, points ...font.Point) {
	if !r.open {
		r.start = r.pen
		r.out = append(r.out, font.Segment{Op: font.Move, P: [3]font.Point{r.pen}})
		r.open = true
	}
	s := font.Segment{Op: op}
	r.pen = points[len(points)-1]
	copy(s.P[:], points)
	r.out = append(r.out, s)
}

// close ends the contour: what is filled is closed, said or not.
func (r *pathReader) close() {
	if r.open {
		r.out = append(r.out, font.Segment{Op: font.Close})
	}
	r.open = false
}

// arc draws an elliptical arc as cubic curves of at most a quarter (SVG 1.1, appendix F.6).
func (r *pathReader) arc(v [7]float64) {
	from, to := r.pen, font.Point{X: v[5], Y: v[6]}
	rx, ry := math.Abs(v[0]), math.Abs(v[1])
	if rx == 0 || ry == 0 || from == to {
		r.add(font.Line, to)
		return
	}
	sin, cos := math.Sincos(v[2] * math.Pi / 180)
	dx, dy := (from.X-to.X)/2, (from.Y-to.Y)/2
	x, y := (cos*dx+sin*dy)/rx, (-sin*dx+cos*dy)/ry // half the chord, on the unit circle
	square := x*x + y*y
	if square > 1 { // too small to reach: made just large enough
		grow := math.Sqrt(square)
		rx, ry, x, y, square = rx*grow, ry*grow, x/grow, y/grow, 1
	}
	side := math.Sqrt(max(0, 1/square-1))
	if (v[3] != 0) == (v[4] != 0) {
		side = -side
	}
	cx, cy := side*y, -side*x // the centre, on the unit circle, from the middle of the chord
	start, end := math.Atan2(y-cy, x-cx), math.Atan2(-y-cy, -x-cx)
	sweep := end - start
	if v[4] != 0 && sweep < 0 {
		sweep += 2 * math.Pi
	} else if v[4] == 0 && sweep > 0 {
		sweep -= 2 * math.Pi
	}
	place := func(px, py float64) font.Point {
		px, py = (px+cx)*rx, (py+cy)*ry
		return font.Point{X: (from.X+to.X)/2 + cos*px - sin*py, Y: (from.Y+to.Y)/2 + sin*px + cos*py}
	}
	n := max(1, int(math.Ceil(math.Abs(sweep)/(math.Pi/2)-1e-9)))
	step := sweep / float64(n)
	k := 4.0 / 3 * math.Tan(step/4)
	for i := range n {
		s0, c0 := math.Sincos(start + float64(i)*step)
		s1, c1 := math.Sincos(start + float64(i+1)*step)
		last := place(c1, s1)
		if i == n-1 {
			last = to
		}
		r.add(font.Cubic, place(c0-k*s0, s0+k*c0), place(c1+k*s1, s1-k*c1), last)
	}
}

func (r *pathReader) skip() {
	for r.at < len(r.d) && (r.d[r.at] == ' ' || r.d[r.at] == ',' || r.d[r.at] >= '\t' && r.d[r.at] <= '\r') {
		r.at++
	}
}

func (r *pathReader) moreNumbers() bool {
	r.skip()
	return r.at < len(r.d) && (r.d[r.at] == '-' || r.d[r.at] == '+' || r.d[r.at] == '.' || digit(r.d[r.at]))
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// number reads a number, which may touch the next one where no sign or second point lets them run together; a flag is one digit.
func (r *pathReader) number(flag bool) (float64, bool) {
	if !r.moreNumbers() {
		return 0, false
	}
	from := r.at
	if flag {
		r.at++
		return float64(r.d[from] - '0'), r.d[from] == '0' || r.d[from] == '1'
	}
	if r.d[r.at] == '-' || r.d[r.at] == '+' {
		r.at++
	}
	r.digits()
	if r.at < len(r.d) && r.d[r.at] == '.' {
		r.at++
		r.digits()
	}
	if at := r.at; at < len(r.d) && r.d[at]|0x20 == 'e' {
		r.at++
		if r.at < len(r.d) && (r.d[r.at] == '-' || r.d[r.at] == '+') {
			r.at++
		}
		if before := r.at; r.digits() == before {
			r.at = at
		}
	}
	v, err := strconv.ParseFloat(r.d[from:r.at], 64)
	return v, err == nil && math.Abs(v) <= maxArtNumber*2
}

func (r *pathReader) digits() int {
	for r.at < len(r.d) && digit(r.d[r.at]) {
		r.at++
	}
	return r.at
}
