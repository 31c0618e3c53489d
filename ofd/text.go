package ofd

import (
	"context"
	"strconv"
	"strings"
	"unicode"

	"yinxin/document"
)

var _ document.Contents = (*Document)(nil)

// Text is what a page says: a run for each TextCode of the page and its templates, in the order in which they are drawn (GB/T 33190, 11.3). It implements
// document.Contents.
//
// Left out are annotations, and with them seals; objects that say that they are not visible, that have no ink or lie wholly off the page. What lies under
// another object is there. No font is read: where a run ends is told by its distances, or by half an em for a letter where it has none, and where glyphs
// were chosen by number (CGTransform) the text is that of the TextCode, whatever the glyphs look like.
func (d *Document) Text(ctx context.Context, page int) (document.PageText, error) {
	p, size, err := d.shown(page)
	if err != nil {
		return document.PageText{}, err
	}
	r := &reader{shower: newShower(ctx, d, newSVG()), sheet: box{0, 0, size[2], size[3]}}
	r.unit = r.read
	r.page, _ = strconv.ParseUint(p.id, 10, 64)
	if err := r.shower.sheet(p); err != nil {
		return document.PageText{}, malformed(err)
	}
	return r.text, nil
}

// reader reads the text of a page. It goes the way that drawing the page goes, and draws nothing.
type reader struct {
	*shower
	page  uint64
	sheet box
	text  document.PageText
}

// read takes one graphic unit. A text that is malformed cannot be read; the page goes on.
func (r *reader) read(n *node, sc scope) error {
	if value(n, "Alpha") == "0" {
		return nil
	}
	var err error
	switch n.name {
	case "TextObject":
		err = r.written(n, sc)
	case "CompositeObject":
		err = r.compound(n, sc)
	case "ImageObject":
		r.text.Drawn = true
	case "PathObject":
		r.text.Drawn = r.text.Drawn || truth(value(n, "Fill"), false)
	}
	if passing(err) {
		r.text.Unread++
		return nil
	}
	return err
}

func (r *reader) compound(n *node, sc scope) error {
	p, err := place(n)
	if err != nil {
		return err
	}
	content, inner, err := r.shower.compound(n, sc, p)
	if content == nil || err != nil {
		return err
	}
	return r.block(content, inner)
}

// written reads a TextObject.
func (r *reader) written(n *node, sc scope) error {
	if inkless(n, sc.styleOf(n)) {
		return nil
	}
	p, err := place(n)
	if err != nil {
		return err
	}
	size, ok := number(value(n, "Size"))
	if !ok || size <= 0 {
		return n.broken("a text of the size %.20q", value(n, "Size"))
	}
	t := wording{size: size, across: float(value(n, "HScale"), 1), at: sc.at.times(p.whole)}
	id, err := strconv.ParseUint(value(n, "ID"), 10, 64)
	if err != nil {
		id = 0 // some products number no objects
	}
	for _, c := range n.all("TextCode") {
		if err := r.code(&t, c, sc, id); err != nil {
			return err
		}
	}
	return nil
}

// inkless reports whether a text is drawn with nothing, or with what cannot be seen through at all.
func inkless(n *node, st style) bool {
	transparent := func(name string) bool {
		c := st.child(name)
		return c != nil && value(c, "Alpha") == "0"
	}
	filled, stroked := truth(value(n, "Fill"), true), truth(value(n, "Stroke"), false)
	return (!filled || transparent("FillColor")) && (!stroked || transparent("StrokeColor"))
}

// wording is a TextObject while it is read.
type wording struct {
	size, across float64 // mm in the object, and by how much glyphs are wider
	at           matrix  // from the object to the page
	x, y         float64 // where the last TextCode began
}

// ascent is how much of a font's size stands above the line, about.
const ascent = 0.85

// code reads one TextCode.
func (r *reader) code(t *wording, c *node, sc scope, id uint64) error {
	text := sc.textOf(c)
	codes := []rune(text)
	if len(codes) > maxCodes {
		return c.broken("a text of %d characters", len(codes))
	}
	r.out.objects += len(codes)
	if err := r.out.count(); err != nil {
		return err
	}
	t.x, t.y = float(value(c, "X"), t.x), float(value(c, "Y"), t.y)
	if strings.TrimSpace(text) == "" {
		return nil
	}
	at := t.box(c, codes)
	if at.off(r.sheet) {
		return nil
	}
	if strings.ContainsFunc(text, placeholder) {
		r.text.Unread++
	}
	r.text.Runs = append(r.text.Runs, document.Run{Text: text, X: at[0], Y: at[1], Width: at[2], Height: t.size * t.at.scale(),
		Object: document.Object{Page: r.page, ID: id}})
	return nil
}

// box is what a TextCode takes on the page.
func (t *wording) box(c *node, codes []rune) box {
	dx, xThere := deltas(value(c, "DeltaX"), len(codes)-1)
	dy, yThere := deltas(value(c, "DeltaY"), len(codes)-1)
	x, y := t.x, t.y
	left, top, right, bottom := x, y, x, y
	for i, char := range codes {
		step := t.size * t.across
		if char < 0x2e80 { // before the first of the characters that are as wide as they are high
			step /= 2
		}
		left, top, right, bottom = min(left, x), min(top, y), max(right, x+step), max(bottom, y)
		if i == len(codes)-1 {
			break
		}
		if !xThere && !yThere {
			x += step
		}
		if xThere {
			x += dx[i]
		}
		if yThere {
			y += dy[i]
		}
	}
	top, bottom = top-ascent*t.size, bottom+(1-ascent)*t.size
	x1, y1 := t.at.apply(left, top)
	x2, y2 := x1, y1
	for _, corner := range [][2]float64{{right, top}, {left, bottom}, {right, bottom}} {
		x, y := t.at.apply(corner[0], corner[1])
		x1, y1, x2, y2 = min(x1, x), min(y1, y), max(x2, x), max(y2, y)
	}
	return box{x1, y1, x2 - x1, y2 - y1}
}

// off reports whether a box has nothing in common with a page.
func (b box) off(page box) bool {
	return b[0] > page[2] || b[1] > page[3] || b[0]+b[2] < 0 || b[1]+b[3] < 0
}

// placeholder reports characters that stand for a glyph and not for a character: the place holder of GB/T 33190, those for private use, and what was no text.
func placeholder(r rune) bool {
	return r == '¤' || r == unicode.ReplacementChar || unicode.Is(unicode.Co, r)
}
