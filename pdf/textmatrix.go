package pdf

// matrix takes (x, y) to (ax+cy+e, bx+dy+f), as the six numbers a to f (ISO 32000-1, 8.3.3).
type matrix [6]float64

// before is the transformation that does m first and then n.
func (m matrix) before(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// moved is m behind a move by (x, y).
func (m matrix) moved(x, y float64) matrix {
	m[4], m[5] = m.apply(x, y)
	return m
}

// box is the smallest upright rectangle that holds r transformed.
func (m matrix) box(r rect) rect {
	x, y := m.apply(r.x0, r.y0)
	out := rect{x, y, x, y}
	for _, p := range [3][2]float64{{r.x1, r.y0}, {r.x0, r.y1}, {r.x1, r.y1}} {
		x, y := m.apply(p[0], p[1])
		out = rect{min(out.x0, x), min(out.y0, y), max(out.x1, x), max(out.y1, y)}
	}
	return out
}
