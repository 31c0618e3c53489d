package draw

import (
	"unicode"

	"yinxin/font"
)

// glyph is a character with the part of its em square that is shown: the cell, whose top and bottom are those of the whole text.
type glyph struct {
	char    rune
	outline font.Outline // em, y up
	left    float64      // of the cell, em
	width   float64      // of the cell, em
	squeeze float64      // vertical scale of characters taller than the face, about the face's middle; else 1
}

// text is a string ready to be placed.
type text struct {
	glyphs      []glyph
	top, bottom float64 // of the face, em: what the text's height in mm measures
	width       float64 // of all cells, em
	weight      float64 // how far letters are thickened on each side, as a share of their height
}

// sideBearing is the room left beside narrow characters, em.
const sideBearing = 0.07

// newText measures the characters, which the fonts are known to have. The face is the ink of the Chinese characters and letters, so that a height in
// millimetres is the height seen.
func newText(runes []rune, fonts font.Stack) (*text, error) {
	t := &text{top: 0.82, bottom: -0.07, weight: strokeWeight} // about the ink of 国; taller characters widen it
	letters := true
	for _, r := range runes {
		letters = letters && r < unicode.MaxLatin1
	}
	if letters {
		t.top, t.bottom = 0.70, 0
	}
	for _, r := range runes {
		f := fonts.For(r)
		if f == nil {
			return nil, fonts.Check(string(r))
		}
		o, ok := f.Outline(r)
		if !ok {
			return nil, wrong("字符 "+string(r)+" 的字形已损坏", "the glyph of "+string(r)+" is damaged")
		}
		g := glyph{char: r, outline: o, width: f.Advance(r), squeeze: 1}
		ink := o.Bounds()
		switch {
		case len(o) == 0:
			g.width = min(g.width, 0.35)
		case unicode.Is(unicode.Han, r):
			g.left = min(0, ink.MinX)
			g.width = max(g.width, ink.MaxX) - g.left
		default: // full-width brackets and letters bring room that a seal cannot spare
			g.left = ink.MinX - sideBearing
			g.width = ink.Width() + 2*sideBearing
		}
		if len(o) > 0 && (unicode.Is(unicode.Han, r) || unicode.IsLetter(r) || unicode.IsDigit(r)) {
			t.top, t.bottom = max(t.top, ink.MaxY), min(t.bottom, ink.MinY)
		}
		t.glyphs = append(t.glyphs, g)
		t.width += g.width
	}
	t.fitBrackets()
	return t, nil
}

// fitBrackets squeezes what is taller than the face, brackets above all, into it.
func (t *text) fitBrackets() {
	middle := (t.top + t.bottom) / 2
	for i := range t.glyphs {
		g := &t.glyphs[i]
		g.squeeze = 1
		ink := g.outline.Bounds()
		if reach := max(ink.MaxY-middle, middle-ink.MinY); reach > t.top-middle {
			g.squeeze = (t.top - middle) / reach
		}
	}
}

// frameOf says where a cell lies on the seal: the middle of its top side, the direction of reading and the one towards the text's feet, both of length 1.
type frameOf struct {
	top           font.Point
	along, inward font.Point
}

func (f frameOf) at(u, v float64) font.Point {
	return font.Point{X: f.top.X + u*f.along.X + v*f.inward.X, Y: f.top.Y + u*f.along.Y + v*f.inward.Y}
}

// cell returns the corners of a cell of the given size in mm.
func (f frameOf) cell(width, height float64) quad {
	return quad{f.at(-width/2, 0), f.at(width/2, 0), f.at(width/2, height), f.at(-width/2, height)}
}

// place draws glyph i into a frame: em is the width of one em and height that of the face, mm. The thickened letter keeps within both.
func (t *text) place(i int, f frameOf, em, height float64, r role) part {
	g := &t.glyphs[i]
	bold := t.weight * height
	width := g.width * em
	across, down := em*(1-2*bold/width), (height-2*bold)/(t.top-t.bottom)
	middle := (t.top + t.bottom) / 2
	outline := g.outline.Map(func(p font.Point) font.Point {
		y := middle + (p.Y-middle)*g.squeeze
		return f.at((p.X-g.left-g.width/2)*across, bold+(t.top-y)*down)
	})
	return part{role: r, outline: thicken(outline, bold), area: f.cell(width, height), char: g.char}
}

// line is a text set horizontally round the vertical axis.
type line struct {
	text        *text
	role        role
	top, height float64 // mm; y of the top from the centre
	em          float64 // mm of one em's width
	pitch       float64 // room between cells, mm
}

// maxPurpose bounds the purpose, characters.
const maxPurpose = 12

func (l *line) width() float64 {
	return l.text.width*l.em + l.pitch*float64(len(l.text.glyphs)-1)
}

// area is the rectangle the line takes.
func (l *line) area() quad { return upright(0, l.top, l.width(), l.height) }

func (l *line) parts() []part {
	x := -l.width() / 2
	var out []part
	for i, g := range l.text.glyphs {
		w := g.width * l.em
		f := frameOf{top: font.Point{X: x + w/2, Y: l.top}, along: font.Point{X: 1}, inward: font.Point{Y: 1}}
		out = append(out, l.text.place(i, f, l.em, l.height, l.role))
		x += w + l.pitch
	}
	return out
}
