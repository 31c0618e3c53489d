package layout

import (
	"fmt"
	"strconv"
	"strings"

	"yinxin/fault"
	"yinxin/font"
)

// Style says how Flow sets text.
type Style struct {
	Width, Height            float64 // mm, of the page
	Top, Bottom, Left, Right float64 // mm, margins
	Size                     float64 // points, of running text
	Leading                  float64 // distance of baselines as a multiple of the size
	Colour                   Colour  // of text
	Footer                   string  // at the foot of every page; {page} and {pages} are numbers; "" for none
	SealRoom                 float64 // mm kept in height for every party of a signature block
}

// DefaultStyle is an upright A4 page with text of 12 points (小四) and room for seals of 42 mm.
func DefaultStyle() Style {
	return Style{
		Width: A4Width, Height: A4Height, Top: 28, Bottom: 26, Left: 28, Right: 26,
		Size: 12, Leading: 1.7, Footer: "第 {page} 页 共 {pages} 页", SealRoom: 46,
	}
}

// Place is where a seal belongs.
type Place struct {
	Page  int     // from 1
	X, Y  float64 // mm, centre
	Label string  // the first line of the signatory
}

// Flowed is text set on pages.
type Flowed struct {
	Pages []Page
	Seals []Place // one for every signatory, in order
}

// Flow sets blocks on as many pages as they need. Running text is justified; headings stay with what follows; rows of tables and signature blocks
// stay whole. A style that leaves no room is a fault.Invalid, text that needs more than MaxPages a fault.Limit.
func Flow(fonts font.Stack, blocks []Block, style Style) (Flowed, error) {
	s := setter{fonts: fonts, style: style, width: style.Width - style.Left - style.Right}
	if err := s.checkStyle(); err != nil {
		return Flowed{}, err
	}
	s.newPage()
	for i, b := range blocks {
		if s.block(b, i+1 < len(blocks)); s.err != nil {
			return Flowed{}, s.err
		}
		if len(s.pages) > MaxPages {
			return Flowed{}, fault.New(fault.Limit, "layout-pages", fmt.Sprintf("正文超过 %d 页，请分为几份文件", MaxPages),
				fmt.Sprintf("the text needs more than %d pages, make several documents of it", MaxPages), nil)
		}
	}
	s.footers()
	return Flowed{Pages: s.pages, Seals: s.seals}, nil
}

// setter is the state of Flow.
type setter struct {
	fonts font.Stack
	style Style
	width float64 // mm, of the column
	pages []Page
	seals []Place
	y     float64 // mm, top of the next line
	empty bool    // nothing stands on the page yet
	err   error   // the first block that cannot be set
}

func (s *setter) checkStyle() error {
	st := s.style
	room := st.Height - st.Top - st.Bottom
	if err := finite(st.Width, st.Height, st.Top, st.Bottom, st.Left, st.Right, st.Size, st.Leading, st.SealRoom); err == nil &&
		st.Size > 0 && st.Leading >= 1 && s.width >= 4*st.Size*MM && room >= 6*s.lineHeight(st.Size*1.8) && st.SealRoom >= 0 && st.SealRoom <= room/2 {
		return nil
	}
	return fault.New(fault.Invalid, "layout-style", "版面样式有误：页边距、字号和行距留不下正文，请改正", "the style leaves no room for text between its margins, correct it", nil)
}

func (s *setter) lineHeight(size float64) float64 { return size * MM * s.style.Leading }

func (s *setter) bottom() float64 { return s.style.Height - s.style.Bottom }

func (s *setter) newPage() {
	s.pages = append(s.pages, Page{Width: s.style.Width, Height: s.style.Height})
	s.y, s.empty = s.style.Top, true
}

// need begins a new page unless height mm are left on this one.
func (s *setter) need(height float64) {
	if s.y+height > s.bottom()+1e-9 && !s.empty {
		s.newPage()
	}
}

func (s *setter) skip(height float64) {
	if !s.empty {
		s.y += height
	}
}

func (s *setter) draw(item Item) {
	p := &s.pages[len(s.pages)-1]
	p.Items = append(p.Items, item)
	s.empty = false
}

// baseline is where text of a size stands in a line that begins at y: the middle of a Chinese character lies 0.38 em above its baseline.
func baseline(y, height, size float64) float64 { return y + height/2 + 0.38*size*MM }

func (s *setter) block(b Block, more bool) {
	size, line := s.style.Size, s.lineHeight(s.style.Size)
	switch v := b.(type) {
	case Title:
		s.skip(line)
		s.centred(v.Text, size*1.8)
		s.y += line * 0.8
	case Heading:
		s.heading(v, more)
	case Paragraph:
		indent := 2 * size * MM
		if v.Flush {
			indent = 0
		}
		for part := range strings.SplitSeq(v.Text, "\n") {
			s.paragraph(part, s.style.Left, s.width, indent)
		}
		s.y += line * 0.15
	case Clause:
		s.clause(v)
	case Table:
		s.table(v)
	case Signatures:
		s.signatures(v)
	case PageBreak:
		if !s.empty {
			s.newPage()
		}
	}
}

func (s *setter) centred(text string, size float64) {
	height := s.lineHeight(size)
	for _, l := range Wrap(s.fonts, text, size, s.width) {
		s.need(height)
		s.draw(Text{X: s.style.Left + s.width/2, Y: baseline(s.y, height, size), String: l, Size: size, Align: Centre, Bold: true, Colour: s.style.Colour})
		s.y += height
	}
}

func (s *setter) heading(h Heading, more bool) {
	size := s.style.Size * 1.25
	if h.Level > 1 {
		size = s.style.Size
	}
	height, line := s.lineHeight(size), s.lineHeight(s.style.Size)
	lines := Wrap(s.fonts, h.Text, size, s.width)
	s.skip(line * 0.4)
	keep := float64(len(lines)) * height
	if more {
		keep += 2 * line
	}
	s.need(keep)
	for _, l := range lines {
		s.need(height)
		s.draw(Text{X: s.style.Left, Y: baseline(s.y, height, size), String: l, Size: size, Bold: true, Colour: s.style.Colour})
		s.y += height
	}
}

// paragraph sets justified text in a column; its first line is indented.
func (s *setter) paragraph(text string, x, width, indent float64) {
	size, height := s.style.Size, s.lineHeight(s.style.Size)
	lines := wrapLine(s.fonts, text, size, width-indent, width)
	if len(lines) > 1 {
		s.need(2 * height) // no single line at the foot of a page
	}
	for i, l := range lines {
		s.need(height)
		left, room := x, width
		if i == 0 {
			left, room = x+indent, width-indent
		}
		s.line(l, left, room, i+1 < len(lines))
		s.y += height
	}
}

// line sets one line of text at the current height, spread over the width if asked and not too loose.
func (s *setter) line(text string, x, width float64, justify bool) {
	if text == "" {
		return
	}
	t := Text{X: x, Y: baseline(s.y, s.lineHeight(s.style.Size), s.style.Size), String: text, Size: s.style.Size, Colour: s.style.Colour}
	if n := len([]rune(text)) - 1; justify && n > 0 {
		if spread := (width - Width(s.fonts, text, s.style.Size)) / float64(n); spread > 0 && spread < 0.2*s.style.Size*MM {
			t.Spacing = spread
		}
	}
	s.draw(t)
}

func (s *setter) clause(c Clause) {
	em := s.style.Size * MM
	x := s.style.Left + 2*em*float64(min(max(c.Level, 0), 4))
	hang := max(Width(s.fonts, c.Number, s.style.Size)+0.6*em, 2*em)
	width := s.width - (x - s.style.Left) - hang
	if width < 8*em {
		s.paragraph(c.Number+" "+c.Text, s.style.Left, s.width, 0)
		return
	}
	height := s.lineHeight(s.style.Size)
	lines := Wrap(s.fonts, c.Text, s.style.Size, width)
	s.need(min(2, float64(len(lines))) * height)
	for i, l := range lines {
		s.need(height)
		if i == 0 {
			s.line(c.Number, x, hang, false)
		}
		s.line(l, x+hang, width, i+1 < len(lines))
		s.y += height
	}
	s.y += height * 0.15
}

func (s *setter) table(t Table) {
	em, height := s.style.Size*MM, s.lineHeight(s.style.Size)
	split := t.Split
	if !(split > 0 && split < 1) {
		split = 0.5
	}
	left := s.width*split - em/2
	right := s.width - left - em
	pad := 0.0
	if t.Ruled {
		pad = height * 0.2
	}
	rule := func() {
		if t.Ruled {
			s.draw(Line{X1: s.style.Left, Y1: s.y, X2: s.style.Left + s.width, Y2: s.y, Width: 0.15, Colour: Colour{120, 120, 120}})
		}
	}
	for i, row := range t.Rows {
		a, b := Wrap(s.fonts, row[0], s.style.Size, left), Wrap(s.fonts, row[1], s.style.Size, right)
		n := max(len(a), len(b))
		before := len(s.pages)
		s.need(min(float64(n)*height+2*pad, s.bottom()-s.style.Top))
		if i == 0 || len(s.pages) != before {
			rule()
		}
		s.y += pad
		for k := range n {
			s.need(height)
			if k < len(a) {
				s.line(a[k], s.style.Left, left, false)
			}
			if k < len(b) {
				s.line(b[k], s.style.Left+left+em, right, false)
			}
			s.y += height
		}
		s.y += pad
		rule()
	}
	s.y += height * 0.3
}

// signatures sets the parties side by side and notes where their seals belong: over the middle of their lines.
func (s *setter) signatures(b Signatures) {
	if len(b.Parties) == 0 {
		return
	}
	em, height := s.style.Size*MM, s.lineHeight(s.style.Size)*1.15
	column := s.width / float64(len(b.Parties))
	wrapped, most := make([][]string, len(b.Parties)), 0
	for i, p := range b.Parties {
		for _, l := range p.Lines {
			wrapped[i] = append(wrapped[i], Wrap(s.fonts, l, s.style.Size, column-em)...)
		}
		most = max(most, len(wrapped[i]))
	}
	s.skip(height)
	block := max(float64(most)*height, s.style.SealRoom)
	if block > s.bottom()-s.style.Top {
		s.err = fault.New(fault.Invalid, "layout-signatures", "签署栏高于一页，请缩短或分为几栏", "a signature block is taller than a page, shorten or part it", nil)
		return
	}
	s.need(block)
	top := s.y + (block-float64(most)*height)/2
	for i, lines := range wrapped {
		x := s.style.Left + column*float64(i)
		place := Place{Page: len(s.pages), X: x + (column-em)*0.55, Y: s.y + block/2}
		for k, l := range lines {
			if k == 0 {
				place.Label = l
			}
			if l != "" {
				s.draw(Text{X: x, Y: baseline(top+float64(k)*height, height, s.style.Size), String: l, Size: s.style.Size, Colour: s.style.Colour})
			}
		}
		s.seals = append(s.seals, place)
	}
	s.y += block + height*0.5
	s.empty = false
}

func (s *setter) footers() {
	if s.style.Footer == "" {
		return
	}
	size := s.style.Size * 0.75
	for i := range s.pages {
		text := strings.NewReplacer("{page}", strconv.Itoa(i+1), "{pages}", strconv.Itoa(len(s.pages))).Replace(s.style.Footer)
		s.pages[i].Items = append(s.pages[i].Items, Text{
			X: s.style.Width / 2, Y: s.bottom() + s.style.Bottom/2, String: text, Size: size, Align: Centre, Colour: s.style.Colour,
		})
	}
}
