package ofd

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"yinxin/font"
)

// Shapes of letters that a font does not bring: slanted by the tangent of 12 degrees, and thickened by a stroke in units of an em at weight 700.
const (
	slant    = 0.2126
	boldUnit = glyphUnits / 36.0
)

// written is a TextObject while it is drawn.
type written struct {
	face         *face
	size, across float64 // mm, and by how much glyphs are wider
	read         float64 // degrees clockwise: the way to the next character
	turn         float64 // degrees clockwise: of each character
	italic       bool
	fill, stroke paint
	width        float64 // of the stroke, in units of an outline
	named        map[int]uint16
	dropped      map[int]bool
	x, y         float64 // where the last TextCode began
	done         int     // characters of earlier TextCodes
}

// text draws a TextObject (GB/T 33190, 11): outlines that are seen, and over them the text itself, transparent, to be selected and searched. It is never
// cut at its boundary: products state boundaries that are too tight for their own glyphs.
func (s *shower) text(n *node, sc scope, p placed) error {
	st := sc.styleOf(n)
	f, err := s.face(st.value("Font"), sc)
	if err != nil {
		return err
	}
	size, ok := number(value(n, "Size"))
	if !ok || size <= 0 {
		return n.broken("a text of the size %.20q", value(n, "Size"))
	}
	w := written{face: f, size: size, across: float(value(n, "HScale"), 1), read: float(value(n, "ReadDirection"), 0), turn: float(value(n, "CharDirection"), 0),
		italic: truth(value(n, "Italic"), f.italic)}
	s.inks(&w, n, sc, st)
	codes := n.all("TextCode")
	if err := w.transforms(n); err != nil {
		return err
	}
	b := &s.out.body
	fmt.Fprintf(b, `<g%s`, p.whole.transform())
	w.fill.flat().write(b, "fill")
	if w.stroke.value != "" {
		w.stroke.flat().write(b, "stroke")
		b.WriteString(attr("stroke-width", num(w.width)) + attr("stroke-linejoin", "round"))
	}
	b.WriteByte('>')
	for _, c := range codes {
		if err := s.code(&w, c, sc); err != nil {
			return err
		}
	}
	b.WriteString("</g>")
	return nil
}

// inks finds what a text is filled and outlined with. A heavy weight of a font that has none thickens its outlines.
func (s *shower) inks(w *written, n *node, sc scope, st style) {
	black := paint{value: "#000000", opacity: 1}
	if truth(value(n, "Fill"), true) {
		if w.fill = black; st.child("FillColor") != nil {
			w.fill = s.paint(st.child("FillColor"), sc)
		}
	}
	weight := float(value(n, "Weight"), 400)
	if w.face.bold && w.face.program == nil {
		weight = max(weight, 700)
	}
	switch {
	case truth(value(n, "Stroke"), false):
		if w.stroke = black; st.child("StrokeColor") != nil {
			w.stroke = s.paint(st.child("StrokeColor"), sc)
		}
		w.width = max(float(st.value("LineWidth"), defaultLineWidth), 0) / w.size * glyphUnits
	case weight >= 600 && weight <= 1000 && w.fill.value != "":
		w.stroke, w.width = w.fill, boldUnit*(weight-400)/300
	}
}

// maxCodes bounds the characters of one TextObject.
const maxCodes = 100_000

// transforms reads the CGTransforms of a text (GB/T 33190, 11.4): which glyphs of the embedded font stand for which characters.
func (w *written) transforms(n *node) error {
	w.named, w.dropped = map[int]uint16{}, map[int]bool{}
	for _, t := range n.all("CGTransform") {
		text, err := t.textOf("Glyphs")
		if err != nil {
			return err
		}
		ids := strings.Fields(text)
		from, codes := float(value(t, "CodePosition"), 0), float(value(t, "CodeCount"), 1)
		if from < 0 || codes < 0 || from+codes > maxCodes || len(ids) > maxCodes {
			return t.broken("a CGTransform of %g characters from %g", codes, from)
		}
		for i := range int(codes) {
			if i >= len(ids) {
				w.dropped[int(from)+i] = true // several characters are drawn as one
				continue
			}
			id, err := strconv.ParseUint(ids[i], 10, 16)
			if err != nil {
				return t.broken("the glyph %.20q", ids[i])
			}
			w.named[int(from)+i] = uint16(id)
		}
	}
	return nil
}

// code draws one TextCode.
func (s *shower) code(w *written, c *node, sc scope) error {
	text := []rune(sc.textOf(c))
	if len(text) > maxCodes {
		return c.broken("a text of %d characters", len(text))
	}
	w.x, w.y = float(value(c, "X"), w.x), float(value(c, "Y"), w.y)
	dx, xThere := deltas(value(c, "DeltaX"), len(text)-1)
	dy, yThere := deltas(value(c, "DeltaY"), len(text)-1)
	x, y := w.x, w.y
	xs, ys := make([]float64, len(text)), make([]float64, len(text))
	glyphs := make([]glyph, len(text))
	for i, r := range text {
		glyphs[i] = w.face.glyphOf(r, w.named[w.done+i])
		xs[i], ys[i] = x, y
		if i == len(text)-1 {
			break
		}
		if !xThere && !yThere { // by the letter all would stand on one another; nobody means that
			step := glyphs[i].advance * w.size * w.across
			sin, cos := math.Sincos(w.read * math.Pi / 180)
			x, y = x+step*cos, y+step*sin
			continue
		}
		if xThere {
			x += dx[i]
		}
		if yThere {
			y += dy[i]
		}
	}
	for i, r := range text {
		if err := s.out.count(); err != nil {
			return err
		}
		if w.dropped[w.done+i] || unicode.IsSpace(r) && w.named[w.done+i] == 0 {
			continue
		}
		s.glyph(w, glyphs[i], r, xs[i], ys[i], roomOf(text, dx, i))
	}
	s.selectable(w, text, xs, ys)
	w.done += len(text)
	return nil
}

// roomOf is how wide a character may be: up to the next one. The last of a word in Latin letters has as much as the one before it.
func roomOf(text []rune, dx []float64, i int) float64 {
	if i == len(dx) && i > 0 && max(text[i], text[i-1]) < unicode.MaxLatin1 {
		i--
	}
	if i < len(dx) && dx[i] > 0 {
		return dx[i]
	}
	return math.Inf(1)
}

// deltas reads the distances between n+1 characters (GB/T 33190, 11.3): numbers, and "g count distance" for several equal ones. The last goes on where
// there are too few.
func deltas(text string, n int) (out []float64, there bool) {
	fields := strings.Fields(text)
	if len(fields) == 0 || n < 1 {
		return nil, len(fields) > 0
	}
	for i := 0; i < len(fields) && len(out) < n; i++ {
		count := 1
		if fields[i] == "g" && i+2 < len(fields) {
			v, ok := number(fields[i+1])
			if !ok {
				return nil, false
			}
			count = int(min(max(v, 0), float64(n-len(out))))
			i += 2
		}
		v, ok := number(fields[i])
		if !ok {
			return nil, false
		}
		for range count {
			out = append(out, v)
		}
	}
	for len(out) < n {
		last := 0.0
		if len(out) > 0 {
			last = out[len(out)-1]
		}
		out = append(out, last)
	}
	return out, true
}

// glyph draws one character. One of the font built in is made narrower where the font it stands for had less room.
func (s *shower) glyph(w *written, g glyph, r rune, x, y, room float64) {
	b := &s.out.body
	if g.font == nil {
		s.out.omit("character-missing", fmt.Sprintf("%c U+%04X", r, r))
		b.WriteString(`<text` + attr("x", num(x)) + attr("y", num(y)) + attr("font-size", num(w.size)) + attr("stroke", "none") + attr("aria-hidden", "true") + ` font-family="`)
		escape(b, families(w.face.family))
		b.WriteString(`">`)
		escape(b, string(r))
		b.WriteString("</text>")
		return
	}
	id := s.out.outline(g)
	if id == "" {
		return
	}
	unit := w.size / glyphUnits
	across := w.across
	if wide := g.advance * w.size * across; g.guest && wide > room && w.turn == 0 {
		across *= max(room/wide, 0.5)
	}
	m := matrix{unit * across, 0, 0, unit, 0, 0}
	if w.italic && !(g.font == w.face.program && g.font != font.Default() && g.font.Metrics().ItalicAngle != 0) {
		m = matrix{1, 0, -slant, 1, 0, 0}.times(m)
	}
	if w.turn != 0 {
		sin, cos := math.Sincos(w.turn * math.Pi / 180)
		m = matrix{cos, sin, -sin, cos, 0, 0}.times(m)
	}
	m[4], m[5] = x, y
	b.WriteString(`<use href="#` + id + `"` + m.transform() + `/>`)
}

// selectable writes the text itself over its outlines, every character where its outline is.
func (s *shower) selectable(w *written, text []rune, xs, ys []float64) {
	if len(text) == 0 {
		return
	}
	b := &s.out.body
	b.WriteString(`<text` + attr("x", positions(xs)) + attr("y", positions(ys)) + attr("font-size", num(w.size)) + ` fill="#000000" fill-opacity="0" stroke="none" xml:space="preserve">`)
	escape(b, string(text))
	b.WriteString("</text>")
}

// positions lists numbers, one alone where all are equal.
func positions(v []float64) string {
	same := true
	for _, x := range v[1:] {
		same = same && math.Abs(x-v[0]) < 1e-5
	}
	if same {
		return num(v[0])
	}
	var b []byte
	for i, x := range v {
		if i > 0 {
			b = append(b, ' ')
		}
		b = appendNumber(b, x, 1e4)
	}
	return string(b)
}

// textOf is the text of an element with the spaces at its ends, which the distances count too; not so where it is broken into lines of its own.
func (sc scope) textOf(n *node) string {
	raw := sc.raw[n.inner:n.outer]
	if bytes.IndexByte(raw, '<') >= 0 {
		return n.text
	}
	text, why := decode(raw)
	if why != "" || strings.ContainsAny(text, "\r\n") {
		return n.text
	}
	return text
}
