package draw

import (
	"fmt"
	"math"

	"yinxin/fault"
	"yinxin/font"
)

// Proportions of a line in another script, as shares of what the lettering of a round seal is a share of unless a unit is given.
const (
	minorityHeight = 0.078
	minorityGap    = 0.018 // to the name
	minorityNames  = 0.80  // the name is this much smaller beside it
	minMinorityMM  = 1.6   // height
	minoritySpan   = 250.0 // widest arc, degrees
)

// Flattening of curves that are bent, mm and pieces.
const (
	bendCurve  = 0.12
	bendLine   = 0.4
	bendPieces = 64
	maxBent    = 1 << 18 // of a whole line
)

// minority bends the operator's line along c, whose gap says how far from the border, as tall as it can be. used is the height it takes, mm.
func (p *plan) minority(c *arc, g *ground) (parts []part, used float64, err error) {
	box := p.Minority.box
	for h := minorityHeight * g.d; h >= minMinorityMM-1e-9; h -= 0.05 {
		scale := h / box.Height()
		width := box.Width() * scale
		if c.b-c.gap-h < h { // too near the centre to bend
			continue
		}
		c.measure(h, 0.5)
		if width > c.lengthOf(minoritySpan*math.Pi/180) || !c.clearBand(width, h, g) {
			continue
		}
		room := maxBent
		for _, o := range p.Minority.paths {
			bent, ok := c.bend(o, box, scale, &room)
			if !ok {
				return nil, 0, wrong("民族文字矢量图过于复杂，请简化路径", "the minority's line is too intricate; simplify its paths")
			}
			parts = append(parts, part{role: roleMinority, layer: layerOwn, outline: bent})
		}
		return parts, h, nil
	}
	return nil, 0, fault.New(fault.Invalid, "seal-name-too-long",
		fmt.Sprintf("民族文字一行宽为高的 %.0f 倍，在此尺寸的印面上无法清晰排列。请改用较窄的字形，或加大印章尺寸。", box.Width()/box.Height()),
		fmt.Sprintf("the minority's line is %.0f times as wide as tall and cannot be made legible on a seal of this size; draw it narrower or use a larger seal",
			box.Width()/box.Height()), nil)
}

// clearBand reports whether a band of the given width and height along the curve keeps off what is set before.
func (c *arc) clearBand(width, height float64, g *ground) bool {
	const step = 1.5 // mm
	n := max(1, int(math.Ceil(width/step)))
	for i := range n {
		at := (float64(i)+0.5)*width/float64(n) - width/2
		s := c.seek(math.Abs(at), func(s station) float64 { return s.length })
		if !g.clear(c.frame(math.Copysign(s.t, at), c.gap).cell(width/float64(n), height)) {
			return false
		}
	}
	return true
}

// bend lays a straight outline along the curve: what is drawn upright at the middle of box stands at the top of the seal. Curves and long lines are
// cut into short ones, at most room of them; ok is false beyond.
func (c *arc) bend(o font.Outline, box font.Rect, scale float64, room *int) (out font.Outline, ok bool) {
	place := func(q font.Point) font.Point {
		at := (q.X - (box.MinX+box.MaxX)/2) * scale
		s := c.seek(math.Abs(at), func(s station) float64 { return s.length })
		return c.frame(math.Copysign(s.t, at), c.gap+(q.Y-box.MinY)*scale).top
	}
	var pen, start font.Point
	for i := range o {
		s := &o[i]
		points := s.Points()
		switch s.Op {
		case font.Move:
			pen, start = points[0], points[0]
			out = append(out, font.Segment{Op: font.Move, P: [3]font.Point{place(pen)}})
			continue
		case font.Close:
			points = []font.Point{start}
		}
		n := pieces(pen, points, scale)
		if *room -= n; *room < 0 {
			return nil, false
		}
		for k := 1; k <= n; k++ {
			out = append(out, font.Segment{Op: font.Line, P: [3]font.Point{place(along(pen, points, float64(k)/float64(n)))}})
		}
		pen = points[len(points)-1]
		if s.Op == font.Close {
			out = append(out, font.Segment{Op: font.Close})
		}
	}
	return out, true
}

// pieces says into how many lines a segment is cut.
func pieces(pen font.Point, points []font.Point, scale float64) int {
	length, at := 0.0, pen
	for _, q := range points {
		length += math.Hypot(q.X-at.X, q.Y-at.Y) * scale
		at = q
	}
	step, least := bendCurve, 3
	if len(points) == 1 {
		step, least = bendLine, 1
	}
	return min(bendPieces, max(least, int(math.Ceil(length/step))))
}

// along returns the point of a segment at t, 0 to 1 (de Casteljau).
func along(pen font.Point, points []font.Point, t float64) font.Point {
	var p [4]font.Point
	p[0] = pen
	n := 1 + copy(p[1:], points)
	for ; n > 1; n-- {
		for i := range n - 1 {
			p[i].X += (p[i+1].X - p[i].X) * t
			p[i].Y += (p[i+1].Y - p[i].Y) * t
		}
	}
	return p[0]
}
