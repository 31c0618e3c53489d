package pdf

import (
	"math"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"yinxin/document"
)

const (
	ascent      = 0.85 // em over the baseline, about: the upper edge of ideographs
	gapInWords  = 0.2  // em: a gap as wide is a space …
	gapInHan    = 0.5  // … and beside ideographs, which are often spread
	leastHeight = 0.01 // mm: what is smaller is not displayed
)

// textOperator does the operators of text (ISO 32000-1, 9.3 and 9.4).
func (c *canvas) textOperator(word string) error {
	n, _ := c.in.one()
	switch word {
	case "BT":
		c.text, c.line = identity, identity
	case "Tf":
		return c.setFont()
	case "Tc":
		c.char = n
	case "Tw":
		c.word = n
	case "Tz":
		c.scale = n / 100
	case "TL":
		c.leading = n
	case "Ts":
		c.rise = n
	case "Tr":
		c.mode = int64(n)
	case "Td", "TD", "Tm", "T*":
		c.move(word)
	case "Tj", "TJ":
		return c.show(c.in.last())
	case "'":
		c.nextLine()
		return c.show(c.in.last())
	case "\"":
		if len(c.in.operands) >= 3 {
			c.word, _ = asNumber(c.in.operands[len(c.in.operands)-3])
			c.char, _ = asNumber(c.in.operands[len(c.in.operands)-2])
		}
		c.nextLine()
		return c.show(c.in.last())
	}
	return nil
}

func (c *canvas) setFont() error {
	if len(c.in.operands) < 2 {
		return nil
	}
	name, _ := c.in.operands[len(c.in.operands)-2].(Name)
	list, err := c.dict(c.scope.resources["Font"])
	if err = onlyFatal(err); err != nil {
		return err
	}
	c.size, _ = c.in.one()
	c.graphics.font, err = c.pageReader.font(c.scope, name, list[name])
	return err
}

// move does the operators that say where text goes.
func (c *canvas) move(word string) {
	switch word {
	case "Tm":
		var m matrix
		if c.in.numbers(m[:]) {
			c.text, c.line = m, m
		}
		return
	case "T*":
		c.nextLine()
		return
	}
	var by [2]float64
	if !c.in.numbers(by[:]) {
		return
	}
	if word == "TD" {
		c.leading = -by[1]
	}
	c.line = c.line.moved(by[0], by[1])
	c.text = c.line
}

func (c *canvas) nextLine() {
	c.line = c.line.moved(0, -c.leading)
	c.text = c.line
}

// pen writes one run. Lengths are those of text space, along the line.
type pen struct {
	text     []byte
	at       float64 // where it is
	from, to float64 // what it covered
	begun    bool
	last     rune
	gap      float64 // em, since the last glyph
	told     int     // characters that could be told
	untold   bool
}

// show shows a string, or the strings and gaps of TJ.
func (c *canvas) show(o Object) error {
	font := c.graphics.font
	if font == nil {
		font = untoldFont()
	}
	var p pen
	parts, isArray := o.(Array)
	if !isArray {
		parts = Array{o}
	}
	for _, part := range parts {
		if s, ok := part.(String); ok {
			if err := c.write(&p, font, s); err != nil {
				return err
			}
		} else if n, ok := asNumber(part); ok && isArray {
			c.skipGap(&p, font, -n/1000)
		}
	}
	start := c.text
	if font.vertical {
		c.text = c.text.moved(0, p.at)
	} else {
		c.text = c.text.moved(p.at, 0)
	}
	return c.add(&p, font, start)
}

// skipGap moves the pen by a part of an em.
func (c *canvas) skipGap(p *pen, font *textFont, em float64) {
	p.gap += em
	if !font.vertical {
		em *= c.scale
	}
	p.at += em * c.size
}

// wide reports whether a character is an ideograph or goes with them.
func wide(r rune) bool { return r >= 0x2e80 && r < 0xa4d0 || r >= 0xf900 && r < 0xfb00 || r >= 0xff00 }

// write writes a string's glyphs.
func (c *canvas) write(p *pen, font *textFont, s String) error {
	for rest := []byte(s); len(rest) > 0; {
		if err := c.tick(); err != nil {
			return err
		}
		var g shownGlyph
		g, rest = font.next(rest)
		extra := c.char
		if g.blank {
			extra += c.word
		}
		long := g.advance * c.size
		if !font.vertical {
			long, extra = long*c.scale, extra*c.scale
		}
		if !p.begun {
			p.from, p.to, p.begun = p.at, p.at, true
		} else if !font.vertical {
			p.space(g)
		}
		p.gap = 0
		p.from, p.to = min(p.from, p.at, p.at+long), max(p.to, p.at, p.at+long)
		p.at += long + extra
		p.glyph(g)
	}
	return nil
}

// space writes a space before a glyph that stands apart.
func (p *pen) space(g shownGlyph) {
	next, _ := utf8.DecodeRuneInString(g.text)
	least := gapInWords
	if wide(p.last) || wide(next) {
		least = gapInHan
	}
	if p.gap > least && !unicode.IsSpace(p.last) && !unicode.IsSpace(next) {
		p.text = append(p.text, ' ')
	}
}

func (p *pen) glyph(g shownGlyph) {
	if !g.known {
		p.untold, p.last = true, utf8.RuneError
		p.text = append(p.text, "\ufffd"...)
		return
	}
	for _, r := range g.text {
		switch {
		case r == utf8.RuneError || unicode.Is(unicode.Co, r): // for private use: it means nothing
			p.untold = true
		case unicode.IsControl(r):
			r = ' '
		case unicode.IsSpace(r):
		case r >= 0x2e80 && r < 0x2fe0 || r >= 0xf900 && r < 0xfb00:
			// Fonts have one glyph for an ideograph and its twin among the radicals, and writers may name either.
			r, _ = utf8.DecodeRuneInString(norm.NFKC.String(string(r)))
			p.told++
		default:
			p.told++
		}
		p.text, p.last = utf8.AppendRune(p.text, r), r
	}
}

// add adds what the pen wrote to the page, where it is displayed.
func (c *canvas) add(p *pen, font *textFont, start matrix) error {
	if !p.begun || c.off > 0 || c.inkless() && !font.drawn {
		return nil
	}
	place, shown := c.placed(p, font, start)
	if !shown {
		return nil
	}
	if p.untold {
		c.out.Unread++
	}
	if p.told == 0 {
		return nil
	}
	if c.length += len(p.text); c.length > maxPageText || len(c.out.Runs) == maxPageRuns {
		return limitError("pdf-page-too-costly", "页面文字过多", "a page has too much text", nil)
	}
	run := document.Run{Text: string(p.text), X: place.X - place.Width/2, Y: place.Y - place.Height/2, Width: place.Width, Height: place.Height}
	if n := len(c.out.Runs); n == 0 || !again(c.out.Runs[n-1], run) {
		c.out.Runs = append(c.out.Runs, run)
	}
	return nil
}

// again reports whether a run shows what the one before it shows in the same place, a tenth of its height aside: so letters are made bold.
func again(a, b document.Run) bool {
	most := b.Height / 10
	return a.Text == b.Text && math.Abs(a.X-b.X) < most && math.Abs(a.Y-b.Y) < most && math.Abs(a.Height-b.Height) < most
}

// inkless reports whether text leaves no mark: it is drawn with nothing, or with what is wholly transparent.
func (c *canvas) inkless() bool {
	switch c.mode {
	case 0, 4:
		return c.unfilled
	case 1, 5:
		return c.unstroked
	case 2, 6:
		return c.unfilled && c.unstroked
	}
	return c.mode == 3 || c.mode == 7
}

// placed says where a run is displayed; shown is false where it is not.
func (c *canvas) placed(p *pen, font *textFont, start matrix) (place document.Place, shown bool) {
	em := rect{p.from, c.rise - (1-ascent)*c.size, p.to, c.rise + ascent*c.size}
	if font.vertical {
		em = rect{-c.size / 2, p.from + c.rise, c.size / 2, p.to + c.rise}
	}
	box := start.before(c.ctm).box(em)
	if !finite(box.x0, box.y0, box.x1, box.y1) {
		return place, false
	}
	place = c.view.place(box)
	width, height := c.view.size()
	return place, max(place.Width, place.Height) > leastHeight && c.size != 0 &&
		place.X+place.Width/2 > 0 && place.Y+place.Height/2 > 0 && place.X-place.Width/2 < width && place.Y-place.Height/2 < height
}
