package draw

import (
	"math"

	"yinxin/font"
)

// Proportions of the code along the lower border, as shares of what the lettering of a round seal is a share of unless a unit is given.
const (
	codeHeight  = 0.034
	codeEdge    = 0.014 // from the border to the digits
	codeGap     = 0.03  // from the digits to anything
	codePitch   = 0.14  // room between digits, as a share of their height
	minCodeMM   = 1.0   // height
	maxCodeMM   = 1.5
	codeMaxSpan = 110.0 // degrees
	codeWeight  = 0.03  // digits this small lose their hairlines sooner than the name does
)

// code sets the seal's code: small digits that read from left to right along the lower border, their feet outwards, all equally far apart.
func (p *plan) code(g *ground) ([]part, error) {
	if p.Code == "" {
		return nil, nil
	}
	t, err := newText([]rune(p.Code), p.Faces.Digits)
	if err != nil {
		return nil, err
	}
	t.weight = codeWeight
	height := max(minCodeMM, min(maxCodeMM, codeHeight*g.d))
	c := arc{a: p.a - p.Border, b: p.b - p.Border, gap: max(codeEdge*g.d, 0.3), text: t}
	c.setHeight(height)
	em := height / (t.top - t.bottom)
	widest := 0.0
	for _, glyph := range t.glyphs {
		widest = max(widest, glyph.width)
	}
	step := widest*em + codePitch*height
	if step*float64(len(t.glyphs)) > c.lengthOf(codeMaxSpan*math.Pi/180) {
		return nil, wrong("印章编码在此尺寸的印面上放不下", "the code does not fit on a seal of this size")
	}
	var parts []part
	at := -step * float64(len(t.glyphs)-1) / 2
	for i := range t.glyphs {
		placed := t.place(i, c.lower(at), em, height, roleCode)
		g.code = append(g.code, placed.area)
		if g.touchesLine(placed.area) {
			return nil, wrong("星下文字与印章编码在此尺寸的印面上放不下", "the lines below the star and the code do not fit on a seal of this size")
		}
		parts = append(parts, placed)
		at += step
	}
	return parts, nil
}

func (g *ground) touchesLine(q quad) bool {
	for _, l := range g.line {
		if !q.apart(l, codeEdge*g.d) {
			return true
		}
	}
	return false
}

// lower returns the frame of a character at a distance, mm along the curve, from the lowest point, positive to the right; its feet are outwards.
func (c *arc) lower(distance float64) frameOf {
	whole := c.curve[stations].length
	s := c.seek(whole-math.Abs(distance), func(s station) float64 { return s.length })
	f := c.frame(math.Copysign(s.t, distance), c.gap)
	return frameOf{
		top:    f.at(0, c.height),
		along:  font.Point{X: -f.along.X, Y: -f.along.Y},
		inward: font.Point{X: -f.inward.X, Y: -f.inward.Y},
	}
}
