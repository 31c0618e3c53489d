package draw

import (
	"math"

	"yinxin/font"
)

// Proportions of round and oval seals, as shares of the diameter (of an oval, of its height times ovalShare) unless a unit is given.
const (
	nameHeight   = 0.152 // tallest characters of the name
	edgeGap      = 0.022 // from the border to the name
	starGap      = 0.02  // from the star or emblem to anything
	lineGap      = 0.045 // from the name to the lines below the star
	ovalShare    = 1.2   // an oval of 45 × 30 mm is lettered like a circle of 36 mm
	purposeTop   = 0.19  // from the centre to the purpose, unless the centre reaches farther
	purposeSize  = 0.095 // height of the purpose
	numberSize   = 0.06  // height of the number
	emblemShare  = 1.0 / 3
	minNameMM    = 2.6   // least height of the name's characters, mm
	minEmMM      = 1.35  // least width of an em of the name, mm
	namePitch    = 37.0  // widest pitch of a short name's characters, degrees
	nameSpan     = 236.0 // arc of the name before letters are smaller than they like, degrees
	nameMaxSpan  = 306.0 // widest arc, degrees
	ovalSpan     = 210.0 // the same on an oval, whose ends turn sharply: letters there get smaller before they stand on their heads
	ovalMaxSpan  = 250.0
	nameEmShare  = 0.80 // widest em of the name as a share of its height
	nameMinShare = 0.56 // narrowest
)

// ground is what is set before the name: the name keeps off it.
type ground struct {
	d    float64 // what the proportions are shares of, mm
	edge float64 // from the border's inner edge to the nearest text, mm
	core float64 // radius round the centre that stays free, mm
	line []quad  // below the centre
	code []quad  // along the lower border
}

// clear reports whether a cell keeps off everything set before.
func (g *ground) clear(q quad) bool {
	if g.core > 0 && q.fromCentre() < g.core {
		return false
	}
	for _, l := range g.line {
		if !q.apart(l, lineGap*g.d) {
			return false
		}
	}
	for _, c := range g.code {
		if !q.apart(c, codeGap*g.d) {
			return false
		}
	}
	return true
}

// round lays out a round or oval seal with the name along its border.
func (p *plan) round() ([]part, error) {
	g := &ground{d: 2 * p.a}
	if p.form == formOval {
		g.d = min(2*min(p.a, p.b)*ovalShare, 2*max(p.a, p.b))
	}
	g.edge = max(edgeGap*g.d, 0.3)
	parts := append([]part{ring(p.a, p.b, p.Border)}, p.centre(g)...)
	lines, err := p.roundLines(g)
	if err != nil {
		return nil, err
	}
	code, err := p.code(g)
	if err != nil {
		return nil, err
	}
	name, err := p.roundName(g)
	if err != nil {
		return nil, err
	}
	return append(append(append(parts, name...), lines...), code...), nil
}

// centre sets star or emblem; an oval has neither.
func (p *plan) centre(g *ground) []part {
	if p.Emblem == nil {
		if p.Star == 0 {
			return nil
		}
		g.core = p.Star/2 + starGap*g.d
		return []part{star(p.Star)}
	}
	box := p.Emblem.box
	scale := p.EmblemSize / max(box.Width(), box.Height())
	var parts []part
	reach := 0.0
	for _, o := range p.Emblem.paths {
		placed := o.Map(func(q font.Point) font.Point {
			return font.Point{X: (q.X - (box.MinX+box.MaxX)/2) * scale, Y: (q.Y - (box.MinY+box.MaxY)/2) * scale}
		})
		for i := range placed {
			for _, q := range placed[i].Points() { // curves lie within the hull of their points
				reach = max(reach, math.Hypot(q.X, q.Y))
			}
		}
		parts = append(parts, part{role: roleEmblem, layer: layerOwn, outline: placed})
	}
	g.core = min(reach, p.EmblemSize*math.Sqrt2/2) + starGap*g.d // no ink is farther out than the corners of the viewBox
	return parts
}

// roundName sets the name, and the line in another script beside it.
func (p *plan) roundName(g *ground) ([]part, error) {
	name, err := newText(p.name, p.Faces.Name)
	if err != nil {
		return nil, err
	}
	c := arc{a: p.a - p.Border, b: p.b - p.Border, gap: g.edge, text: name}
	height := nameHeight * g.d
	if p.Minority == nil {
		c.clear = g.clear
		return p.solveName(&c, height)
	}
	height *= minorityNames
	beside, room := c, *g
	if p.MinorityPlace == Outside {
		set, used, err := p.minority(&beside, g)
		if err != nil {
			return nil, err
		}
		c.gap += used + minorityGap*g.d
		c.clear = g.clear
		parts, err := p.solveName(&c, height)
		return append(set, parts...), err
	}
	room.core += (minorityHeight + minorityGap) * g.d
	if p.form == formOval {
		room.core = 0 // no centre to keep free; the name's own height decides
	}
	c.clear = room.clear
	parts, err := p.solveName(&c, height)
	if err != nil {
		return nil, err
	}
	beside.gap += c.height + minorityGap*g.d
	set, _, err := p.minority(&beside, g)
	return append(parts, set...), err
}

func (p *plan) solveName(c *arc, height float64) ([]part, error) {
	bounds := arcBounds{
		height: height, minHeight: minNameMM,
		span: min(nameSpan, namePitch*max(2, c.text.width)), maxSpan: nameMaxSpan,
		emShare: nameEmShare, minShare: nameMinShare, minEm: minEmMM,
	}
	if p.form == formOval {
		first := bounds
		first.span, first.maxSpan = min(ovalSpan, bounds.span), ovalMaxSpan
		if set, ok := c.solve(first); ok {
			return set, nil
		}
	}
	set, ok := c.solve(bounds)
	if !ok {
		return nil, tooLong(len(p.name))
	}
	return set, nil
}

// roundLines sets purpose and number below the centre; on an oval the purpose runs through the centre.
func (p *plan) roundLines(g *ground) ([]part, error) {
	d := g.d
	top, size := purposeTop*d, purposeSize*d
	switch p.form {
	case formOval:
		top = -size / 2
	default: // a star's lower points lie higher than its upper one is tall
		reach := p.Star / 2 * math.Cos(math.Pi/5)
		if p.Emblem != nil {
			reach = p.EmblemSize / 2
		}
		top = max(top, reach+starGap*d)
	}
	var lines []line
	if p.Purpose != "" {
		t, err := newText([]rune(p.Purpose), p.Faces.Purpose)
		if err != nil {
			return nil, err
		}
		l := line{text: t, role: rolePurpose, top: top, height: size, em: 0.86 * size, pitch: 0.06 * size}
		if room := 0.47 * d; l.width() > room { // long purposes are narrower, and then smaller
			l.em *= room / l.width()
			l.pitch *= room / l.width()
			l.height = min(size, l.em/0.5)
		}
		lines = append(lines, l)
		top += size + 0.02*d
	}
	if p.Number > 0 {
		t, err := newText([]rune(numberText(p.Number)), p.Faces.Digits)
		if err != nil {
			return nil, err
		}
		size := numberSize * d
		lines = append(lines, line{text: t, role: roleNumber, top: top, height: size, em: size * 1.1, pitch: 0.02 * size})
	}
	var parts []part
	for i := range lines {
		if !lines[i].area().inside(p.a-p.Border-edgeGap*d, p.b-p.Border-edgeGap*d) {
			return nil, wrong("用途文字在印面上放不下", "the purpose does not fit on the seal")
		}
		g.line = append(g.line, lines[i].area())
		parts = append(parts, lines[i].parts()...)
	}
	return parts, nil
}
