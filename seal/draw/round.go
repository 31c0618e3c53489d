package draw

// Proportions of round and oval seals, as shares of the diameter (of an oval, of its height times ovalShare) unless a unit is given.
const (
	nameHeight   = 0.152 // tallest characters of the name
	edgeGap      = 0.022 // from the border to the name
	starGap      = 0.02  // from the star to anything
	lineGap      = 0.045 // from the name to the lines below the star
	ovalShare    = 1.2   // an oval of 45 × 30 mm is lettered like a circle of 36 mm
	purposeTop   = 0.19  // from the centre to the purpose
	purposeSize  = 0.095 // height of the purpose
	numberSize   = 0.06  // height of the number
	minNameMM    = 2.6   // least height of the name's characters, mm
	minEmMM      = 1.35  // least width of an em of the name, mm
	namePitch    = 37.0  // widest pitch of a short name's characters, degrees
	nameSpan     = 236.0 // arc of the name before letters are smaller than they like, degrees
	nameMaxSpan  = 306.0 // widest arc, degrees
	nameEmShare  = 0.80  // widest em of the name as a share of its height
	nameMinShare = 0.56  // narrowest
)

// round lays out a round or oval seal with the name along its border.
func (p *plan) round() ([]part, error) {
	d := 2 * p.a
	if p.a != p.b {
		d = min(2*min(p.a, p.b)*ovalShare, 2*max(p.a, p.b))
	}
	parts := []part{ring(p.a, p.b, p.Border)}
	if p.Star > 0 {
		parts = append(parts, star(p.Star))
	}
	lines, err := p.roundLines(d)
	if err != nil {
		return nil, err
	}
	name, err := newText(p.name, p.fonts)
	if err != nil {
		return nil, err
	}
	gap := max(edgeGap*d, 0.3)
	c := arc{a: p.a - p.Border, b: p.b - p.Border, gap: gap, text: name}
	c.clear = func(q quad) bool {
		if p.Star > 0 && q.fromCentre() < p.Star/2+starGap*d {
			return false
		}
		for i := range lines {
			if !q.apart(lines[i].area(), lineGap*d) {
				return false
			}
		}
		return true
	}
	set, ok := c.solve(arcBounds{
		height: nameHeight * d, minHeight: minNameMM,
		span: min(nameSpan, namePitch*max(2, name.width)), maxSpan: nameMaxSpan,
		emShare: nameEmShare, minShare: nameMinShare, minEm: minEmMM,
	})
	if !ok {
		return nil, tooLong(len(p.name))
	}
	parts = append(parts, set...)
	for i := range lines {
		parts = append(parts, lines[i].parts()...)
	}
	return parts, nil
}

// roundLines sets purpose and number below the star; on an oval the purpose runs through the centre.
func (p *plan) roundLines(d float64) ([]line, error) {
	top, size := purposeTop*d, purposeSize*d
	if p.Star == 0 {
		top = -size / 2
	}
	var lines []line
	if p.Purpose != "" {
		t, err := newText([]rune(p.Purpose), p.fonts)
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
		t, err := newText([]rune(numberText(p.Number)), p.fonts)
		if err != nil {
			return nil, err
		}
		size := numberSize * d
		lines = append(lines, line{text: t, role: roleNumber, top: top, height: size, em: size * 1.1, pitch: 0.02 * size})
	}
	for i := range lines {
		if !lines[i].area().inside(p.a-p.Border-edgeGap*d, p.b-p.Border-edgeGap*d) {
			return nil, wrong("用途文字在印面上放不下", "the purpose does not fit on the seal")
		}
	}
	return lines, nil
}
