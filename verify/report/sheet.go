package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"yinxin/layout"
	"yinxin/verify"
)

// Geometry of a printed report, mm, on A4 upright.
const (
	pageLeft   = 22.0
	pageWide   = layout.A4Width - 2*pageLeft
	pageTop    = 27.0
	pageBottom = layout.A4Height - 22
	labelWide  = 24.0
)

// style is how text is set.
type style struct {
	size   float64 // points
	colour layout.Colour
	bold   bool
}

// The styles of a report.
var (
	body     = style{size: 10, colour: ink}
	strong   = style{size: 10, colour: ink, bold: true}
	label    = style{size: 9.5, colour: grey}
	fine     = style{size: 8, colour: grey}
	sentence = style{size: 10.5, colour: ink}
	heading  = style{size: 13, colour: ink, bold: true}
)

// step is the distance of baselines, mm.
func (t style) step() float64 { return t.size * layout.MM * 1.5 }

// sheet fills pages from the top.
type sheet struct {
	tongue
	fonts layout.Fonts
	pages []layout.Page
	y     float64 // mm, top of the next line
}

func (s *sheet) newPage() {
	s.pages = append(s.pages, layout.Page{Width: layout.A4Width, Height: layout.A4Height})
	s.y = pageTop
}

// need begins a new page unless so many mm are left on this one; more than a page holds is no reason to begin one.
func (s *sheet) need(height float64) {
	if s.y+min(height, pageBottom-pageTop) > pageBottom+1e-9 {
		s.newPage()
	}
}

func (s *sheet) add(items ...layout.Item) {
	p := &s.pages[len(s.pages)-1]
	p.Items = append(p.Items, items...)
}

// Bounds on one text, in characters: longer than the longest sentence that the judge says, and than any title of names that it has shortened.
const (
	maxText  = 1600
	maxTitle = 600
)

// fit makes text fit to be printed. Control and formatting characters become spaces, of what is too long it is said how much is left out, and a character
// that no font draws is shown by its number: it is never a blank or a box.
func (s *sheet) fit(text string) string { return s.fitTo(text, maxText) }

func (s *sheet) fitTo(text string, most int) string {
	whole := len(text)
	text = verify.CleanTo(text, most)
	if utf8.RuneCountInString(text) > most {
		text += fmt.Sprintf(s.say("〔略去约 %d 字节〕", "〔about %d bytes left out〕"), whole-len(text))
	}
	missing := s.fonts.Missing(text)
	if len(missing) == 0 {
		return text
	}
	pairs := make([]string, 0, 2*len(missing))
	for _, r := range missing {
		pairs = append(pairs, string(r), fmt.Sprintf("〔U+%04X〕", r))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (s *sheet) lines(t style, width float64, text string) []string {
	return layout.Wrap(s.fonts, s.fit(text), t.size, width)
}

// titles is lines for what must stay together on a page.
func (s *sheet) titles(t style, width float64, text string) []string {
	return layout.Wrap(s.fonts, s.fitTo(text, maxTitle), t.size, width)
}

// put sets one line that begins at x mm, at the present height.
func (s *sheet) put(t style, x float64, line string) {
	if line != "" {
		s.add(layout.Text{X: x, Y: s.baseline(t), String: line, Size: t.size, Colour: t.colour, Bold: t.bold})
	}
}

func (s *sheet) baseline(t style) float64 { return s.y + t.step()/2 + 0.37*t.size*layout.MM }

// write sets text in a column, over as many lines and pages as it needs.
func (s *sheet) write(t style, x, width float64, text string) {
	for _, l := range s.lines(t, width, text) {
		s.need(t.step())
		s.put(t, x, l)
		s.y += t.step()
	}
}

// marked sets text behind a mark, which stays on the page of its first line.
func (s *sheet) marked(t style, draw func(x, y, r float64) []layout.Item, text string) {
	s.need(t.step())
	s.add(draw(pageLeft+2.2, s.y+t.step()/2, 1.6)...)
	s.write(t, pageLeft+6.5, pageWide-6.5, text)
	s.y += 0.8
}

// row sets a label and, beside it, lines of text; the first is the important one.
func (s *sheet) row(x, labels, width float64, r row) {
	for i, l := range r.lines {
		t := fine
		if i == 0 {
			t = body
			s.need(t.step() * float64(min(len(r.lines), 2)))
			s.put(label, x, s.fit(r.label))
		}
		s.write(t, x+labels, width-labels, l)
	}
	s.y += 1.1
}

// section begins a part of the report and stays with what follows.
func (s *sheet) section(title string) {
	s.need(26)
	s.y += 5
	s.put(heading, pageLeft, title)
	s.y += heading.step() + 0.6
	s.rule(0.35, ink)
	s.y += 2.2
}

func (s *sheet) rule(width float64, c layout.Colour) {
	s.add(layout.Line{X1: pageLeft, Y1: s.y, X2: pageLeft + pageWide, Y2: s.y, Width: width, Colour: c})
}

// frame puts the head and the foot on every page: what report, of which file, which page.
func (s *sheet) frame(title, digest, foot string) {
	small := style{size: 7.5, colour: grey}
	for i := range s.pages {
		p := &s.pages[i]
		line := func(y float64) layout.Item {
			return layout.Line{X1: pageLeft, Y1: y, X2: pageLeft + pageWide, Y2: y, Width: 0.15, Colour: hair}
		}
		text := func(x, y float64, a layout.Align, t string) layout.Item {
			return layout.Text{X: x, Y: y, String: t, Size: small.size, Align: a, Colour: small.colour}
		}
		p.Items = append(p.Items, text(pageLeft, 15.4, layout.Left, title), text(pageLeft+pageWide, 15.4, layout.Right, digest), line(18),
			line(layout.A4Height-15.6), text(pageLeft, layout.A4Height-11.4, layout.Left, foot),
			text(pageLeft+pageWide, layout.A4Height-11.4, layout.Right, fmt.Sprintf(s.say("第 %d 页 共 %d 页", "Page %d of %d"), i+1, len(s.pages))))
	}
}
