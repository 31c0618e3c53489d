package draw

import "yinxin/font"

// Measures of the invoice seal, mm and degrees: 国家税务总局公告2011年第7号 and its annex.
const (
	invoiceWidth, invoiceHeight = 40.0, 30.0
	invoiceBorder               = 1.0
	invoiceGap                  = 0.5 // from the border's inner edge to the name
	invoiceName                 = 4.2 // height of the name
	invoiceSpan, invoiceMaxSpan = 210.0, 260.0
	invoiceTaxHeight            = 3.7 // centred on the seal's centre
	invoiceTaxDigit             = 1.3 // width of a digit
	invoiceTaxWidth             = 26.0
	invoiceTaxDigits            = 18  // that take invoiceTaxWidth together
	invoicePurposeTop           = 4.2 // below the centre
	invoicePurposeHeight        = 4.6
	invoicePurposeWidth         = 3.0 // of a character
	invoiceNumberTop            = 10.0
	invoiceNumberHeight         = 2.2
	invoiceNumberWidth          = 1.7
)

// Not in the rule: how narrow the name's letters may be, and the room between the characters of the purpose.
const (
	invoiceEmShare      = 0.80
	invoiceMinEm        = 1.15 // mm
	invoicePurposePitch = 0.35 // mm
)

func (p *plan) invoice() ([]part, error) {
	parts := []part{ring(p.a, p.b, p.Border)}
	tax, err := p.taxNumber()
	if err != nil {
		return nil, err
	}
	var lines []line
	if p.Purpose != "" {
		l, err := p.invoiceLine(p.Purpose, rolePurpose, invoicePurposeTop, invoicePurposeHeight)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	if p.Number > 0 {
		l, err := p.invoiceLine(numberText(p.Number), roleNumber, invoiceNumberTop, invoiceNumberHeight)
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	taken := make([]quad, 0, len(lines)+1)
	for _, l := range lines {
		taken = append(taken, l.area())
		parts = append(parts, l.parts()...)
	}
	taken = append(taken, upright(0, -invoiceTaxHeight/2, tax[len(tax)-1].area[1].X-tax[0].area[0].X, invoiceTaxHeight))
	name, err := newText(p.name, p.Faces.Name)
	if err != nil {
		return nil, err
	}
	c := arc{a: p.a - p.Border, b: p.b - p.Border, gap: invoiceGap, text: name}
	c.clear = func(q quad) bool {
		for _, t := range taken {
			if !q.apart(t, 0.3) {
				return false
			}
		}
		return true
	}
	set, ok := c.solve(arcBounds{
		height: invoiceName, minHeight: invoiceName, span: invoiceSpan, maxSpan: invoiceMaxSpan,
		emShare: invoiceEmShare, minEm: invoiceMinEm,
	})
	if !ok {
		return nil, tooLong(len(p.name))
	}
	return append(append(parts, tax...), set...), nil
}

// taxNumber sets the taxpayer's number across the centre: every digit and letter but the slim 1, I and J is stretched to the rule's height and width.
func (p *plan) taxNumber() ([]part, error) {
	t, err := newText([]rune(p.TaxNumber), p.Faces.Digits)
	if err != nil {
		return nil, err
	}
	zero, err := newText([]rune("0"), p.Faces.Digits)
	if err != nil {
		return nil, err
	}
	step := (invoiceTaxWidth - invoiceTaxDigit) / (invoiceTaxDigits - 1)
	x := -step * float64(len(t.glyphs)-1) / 2
	var parts []part
	for i := range t.glyphs {
		g := &t.glyphs[i]
		ink := g.outline.Bounds()
		em := invoiceTaxDigit / ink.Width()
		if g.char == '1' || g.char == 'I' || g.char == 'J' {
			em = min(em, invoiceTaxDigit/zero.glyphs[0].outline.Bounds().Width())
		}
		foot := ink.MinY
		if foot < -0.05 {
			foot = 0 // the tail of Q hangs below
		}
		bold := strokeWeight * invoiceTaxHeight
		scale, middle := (invoiceTaxHeight-2*bold)/(ink.MaxY-foot), (ink.MinX+ink.MaxX)/2
		em *= 1 - 2*bold/invoiceTaxDigit
		f := frameOf{top: font.Point{X: x, Y: -invoiceTaxHeight / 2}, along: font.Point{X: 1}, inward: font.Point{Y: 1}}
		outline := g.outline.Map(func(q font.Point) font.Point { return f.at((q.X-middle)*em, bold+(ink.MaxY-q.Y)*scale) })
		parts = append(parts, part{role: roleTax, outline: thicken(outline, bold), area: f.cell(invoiceTaxDigit, invoiceTaxHeight), char: g.char})
		x += step
	}
	return parts, nil
}

// invoiceLine sets a line whose characters have the given top and height of ink. A character of the purpose has invoicePurposeWidth of ink; a
// digit of the number takes invoiceNumberWidth of the line, which is what a digit of Arial takes at that height.
func (p *plan) invoiceLine(s string, r role, top, height float64) (line, error) {
	face := p.Faces.Purpose
	if r == roleNumber {
		face = p.Faces.Digits
	}
	t, err := newText([]rune(s), face)
	if err != nil {
		return line{}, err
	}
	l := line{text: t, role: r, top: top, height: height}
	t.top, t.bottom = -1, 1
	ink, digit := 0.0, 0.0
	for i := range t.glyphs {
		g := &t.glyphs[i]
		box := g.outline.Bounds()
		if r == roleNumber && g.char >= '0' && g.char <= '9' || r != roleNumber {
			t.top, t.bottom = max(t.top, box.MaxY), min(t.bottom, box.MinY)
			ink, digit = max(ink, box.Width()), max(digit, face.For(g.char).Advance(g.char))
		}
	}
	t.fitBrackets()
	if r == roleNumber {
		l.em = invoiceNumberWidth / digit
	} else {
		l.em = invoicePurposeWidth / ink
		l.pitch = invoicePurposePitch - (1-ink)*l.em
	}
	if !l.area().inside(p.a-p.Border, p.b-p.Border) {
		return line{}, wrong("用途文字在印面上放不下", "the purpose does not fit on the seal")
	}
	return l, nil
}
