package font

// Bounds on one outline program (5177, appendix B names nesting and operands; the steps are ours: programs of fonts take some thousands).
const (
	maxCalls = 10
	maxSteps = 1 << 17
)

// pen runs a Type 2 charstring.
type pen struct {
	table    []byte
	global   index
	local    index
	scale    float64
	stack    []float64
	x, y     float64
	hints    int
	steps    int
	points   int
	measured bool // the width, which may stand before the first operator, has been passed over
	open     bool
	done     bool
	out      Outline
}

func (c *cff) outline(id uint16, scale float64) (Outline, error) {
	p := &pen{table: c.glyphs.table, global: c.global, local: c.localOf(id), scale: scale, stack: make([]float64, 0, maxOperands)}
	if err := p.run(c.glyphs.entry(int(id)), 0); err != nil {
		return nil, err
	}
	p.close()
	return p.out, nil
}

func (p *pen) run(s span, depth int) error {
	for at := s.from; at < s.to && !p.done; {
		if p.steps++; p.steps > maxSteps {
			return broken("CFF ", at, "an outline of more than %d steps", maxSteps)
		}
		b := p.table[at]
		if b >= 32 || b == 28 {
			v, next, ok := p.number(s.to, at)
			if !ok || len(p.stack) == maxOperands {
				return broken("CFF ", at, "a number of an outline")
			}
			p.stack, at = append(p.stack, v), next
			continue
		}
		at++
		switch b {
		case 10, 29: // callsubr, callgsubr
			if err := p.call(b, at, depth); err != nil {
				return err
			}
			continue
		case 11: // return
			return nil
		case 12:
			if at >= s.to {
				return broken("CFF ", at, "operator cut short")
			}
			if !p.flex(p.table[at]) {
				return broken("CFF ", at, "operator 12 %d", p.table[at])
			}
			at++
		case 19, 20: // hintmask, cntrmask: what stands before them are stems
			p.stems()
			at += (p.hints + 7) / 8
		default:
			if !p.draw(b) {
				return broken("CFF ", at-1, "operator %d after %d numbers", b, len(p.stack))
			}
		}
		if p.points > maxPoints {
			return broken("CFF ", at, "more than %d points", maxPoints)
		}
		p.stack = p.stack[:0]
	}
	return nil
}

func (p *pen) number(end, at int) (v float64, next int, ok bool) {
	if p.table[at] == 255 {
		if at+5 > end {
			return 0, 0, false
		}
		return float64(int32(u32(p.table, at+1))) / 65536, at + 5, true
	}
	return readShort(p.table[:end], at)
}

func (p *pen) call(op byte, at, depth int) error {
	subrs := p.local
	if op == 29 {
		subrs = p.global
	}
	bias := 32768
	switch {
	case subrs.n < 1240:
		bias = 107
	case subrs.n < 33900:
		bias = 1131
	}
	if len(p.stack) == 0 || depth+1 > maxCalls {
		return broken("CFF ", at, "a call at depth %d", depth)
	}
	n := whole(p.stack[len(p.stack)-1])
	p.stack = p.stack[:len(p.stack)-1]
	body := subrs.entry(n + bias)
	if body == (span{}) {
		return broken("CFF ", at, "subroutine %d of %d", n+bias, subrs.n)
	}
	return p.run(body, depth+1)
}

// stems counts hints, which are not used, but their masks have a bit for each.
func (p *pen) stems() {
	p.hints += len(p.stack) / 2
	p.measured = true
}

// width passes over the number before the operands of the first operator.
func (p *pen) width(operands int) []float64 {
	if !p.measured && len(p.stack) > operands {
		p.stack = p.stack[1:]
	}
	p.measured = true
	return p.stack
}

// draw runs an operator of one byte; false where it or its operands are wrong.
func (p *pen) draw(op byte) bool {
	switch op {
	case 1, 3, 18, 23: // stems
		p.stems()
		return true
	case 14: // endchar; with four operands it would compose accents in a way long given up
		if len(p.width(0)) > 0 {
			return false
		}
		p.done = true
		return true
	case 21, 22, 4:
		return p.move(op)
	}
	if !p.open {
		return false
	}
	a := p.stack
	switch op {
	case 5: // rlineto
		p.lines(a)
		return len(a) >= 2 && len(a)%2 == 0
	case 6, 7: // hlineto, vlineto: in turn
		for i, v := range a {
			if (i%2 == 0) == (op == 6) {
				p.line(v, 0)
			} else {
				p.line(0, v)
			}
		}
		return len(a) > 0
	case 8: // rrcurveto
		p.curves(a)
		return len(a) >= 6 && len(a)%6 == 0
	case 24: // rcurveline
		if len(a) < 8 || len(a)%6 != 2 {
			return false
		}
		p.curves(a[:len(a)-2])
		p.lines(a[len(a)-2:])
		return true
	case 25: // rlinecurve
		if len(a) < 8 || len(a)%2 != 0 {
			return false
		}
		p.lines(a[:len(a)-6])
		p.curves(a[len(a)-6:])
		return true
	case 26, 27:
		return p.straight(op == 27)
	case 30, 31:
		return p.turning(op == 31)
	}
	return false
}

func (p *pen) move(op byte) bool {
	want := 1
	if op == 21 {
		want = 2
	}
	a := p.width(want)
	if len(a) != want {
		return false
	}
	p.close()
	switch op {
	case 21:
		p.x, p.y = p.x+a[0], p.y+a[1]
	case 22:
		p.x += a[0]
	default:
		p.y += a[0]
	}
	p.out = append(p.out, Segment{Op: Move, P: [3]Point{p.at()}})
	p.open = true
	p.points++
	return true
}

// straight is vvcurveto, or hhcurveto: curves that begin and end in the same direction.
func (p *pen) straight(horizontal bool) bool {
	a := p.stack
	if len(a) < 4 || len(a)%4 > 1 {
		return false
	}
	aside := 0.0
	if len(a)%4 == 1 {
		aside, a = a[0], a[1:]
	}
	for ; len(a) >= 4; a = a[4:] {
		if horizontal {
			p.curve(a[0], aside, a[1], a[2], a[3], 0)
		} else {
			p.curve(aside, a[0], a[1], a[2], 0, a[3])
		}
		aside = 0
	}
	return true
}

// turning is hvcurveto, or vhcurveto: curves that begin in one direction and end in the other, in turn.
func (p *pen) turning(horizontal bool) bool {
	a := p.stack
	if len(a) < 4 || len(a)%4 > 1 {
		return false
	}
	for ; len(a) >= 4; a = a[4:] {
		last := 0.0
		if len(a) == 5 {
			last = a[4]
		}
		if horizontal {
			p.curve(a[0], 0, a[1], a[2], last, a[3])
		} else {
			p.curve(0, a[0], a[1], a[2], a[3], last)
		}
		horizontal = !horizontal
	}
	return true
}

// flex runs an operator after the escape byte: the four flexes, drawn as the two curves they are.
func (p *pen) flex(op byte) bool {
	a := p.stack
	if op == 0 { // dotsection, given up
		return true
	}
	if !p.open {
		return false
	}
	switch {
	case op == 35 && len(a) == 13: // flex
		p.curves(a[:12])
	case op == 34 && len(a) == 7: // hflex
		p.curve(a[0], 0, a[1], a[2], a[3], 0)
		p.curve(a[4], 0, a[5], -a[2], a[6], 0)
	case op == 36 && len(a) == 9: // hflex1
		p.curve(a[0], a[1], a[2], a[3], a[4], 0)
		p.curve(a[5], 0, a[6], a[7], a[8], -(a[1] + a[3] + a[7]))
	case op == 37 && len(a) == 11: // flex1: the last number goes the way the rest has gone farther
		dx, dy := a[0]+a[2]+a[4]+a[6]+a[8], a[1]+a[3]+a[5]+a[7]+a[9]
		p.curves(a[:6])
		if dx*dx > dy*dy {
			p.curve(a[6], a[7], a[8], a[9], a[10], -dy)
		} else {
			p.curve(a[6], a[7], a[8], a[9], -dx, a[10])
		}
	default:
		return false
	}
	return true
}

func (p *pen) lines(a []float64) {
	for ; len(a) >= 2; a = a[2:] {
		p.line(a[0], a[1])
	}
}

func (p *pen) curves(a []float64) {
	for ; len(a) >= 6; a = a[6:] {
		p.curve(a[0], a[1], a[2], a[3], a[4], a[5])
	}
}

func (p *pen) line(dx, dy float64) {
	p.x, p.y = p.x+dx, p.y+dy
	p.out = append(p.out, Segment{Op: Line, P: [3]Point{p.at()}})
	p.points++
}

func (p *pen) curve(ax, ay, bx, by, cx, cy float64) {
	s := Segment{Op: Cubic}
	for i, d := range [3]Point{{ax, ay}, {bx, by}, {cx, cy}} {
		p.x, p.y = p.x+d.X, p.y+d.Y
		s.P[i] = p.at()
	}
	p.out = append(p.out, s)
	p.points += 3
}

func (p *pen) at() Point { return Point{p.x * p.scale, p.y * p.scale} }

func (p *pen) close() {
	if p.open {
		p.out = append(p.out, Segment{Op: Close})
	}
	p.open = false
}
