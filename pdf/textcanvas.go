package pdf

import "math"

// graphics is what q keeps and Q brings back, as far as text depends on it.
type graphics struct {
	ctm                 matrix
	font                *textFont
	size                float64
	char                float64 // Tc
	word                float64 // Tw
	scale               float64 // Tz / 100
	leading             float64 // TL
	rise                float64 // Ts
	mode                int64   // Tr
	unfilled, unstroked bool    // what is filled or stroked is wholly transparent
}

// canvas is one content stream being read.
type canvas struct {
	*pageReader
	graphics
	in         *program
	scope      *scope
	saved      []graphics
	text, line matrix // Tm and the matrix of the line
	marks      []bool // by marked content that is open: whether it is off
	off        int    // how many of them
	path       path
	steps      int
}

// path is what is known of the path being made.
type path struct {
	at      [2]float64
	lines   int  // of the current subpath
	joined  bool // a subpath has several lines
	long    bool // or more than a box has
	slanted bool // a line is neither level nor upright
	curved  bool
}

const stepsBetween = 1 << 12 // operators and glyphs, between looks at the context

func (c *canvas) run() error {
	c.text, c.line = identity, identity
	for word := c.in.next(); len(word) > 0; word = c.in.next() {
		if err := c.tick(); err != nil {
			return err
		}
		if err := c.do(word); err != nil {
			return err
		}
	}
	return nil
}

// tick looks at the context now and then.
func (c *canvas) tick() error {
	if c.steps++; c.steps%stepsBetween == 0 {
		return c.ctx.Err()
	}
	return nil
}

// do does one operator (ISO 32000-1, annex A). Those that only choose colours, widths of lines and the like change nothing here.
func (c *canvas) do(word []byte) error {
	switch string(word) {
	case "q":
		return c.save()
	case "Q":
		if n := len(c.saved); n > 0 {
			c.graphics, c.saved = c.saved[n-1], c.saved[:n-1]
		}
	case "cm":
		var m matrix
		if c.in.numbers(m[:]) {
			c.ctm = m.before(c.ctm)
		}
	case "gs":
		return c.parameters()
	case "Do":
		return c.external()
	case "BI":
		c.in.skipImage()
		c.drawn()
	case "sh":
		c.drawn()
	case "scn", "SCN":
		if c.in.lastName() != "" { // a pattern may show anything
			c.drawn()
		}
	case "BMC":
		c.marks = append(c.marks, false)
	case "BDC":
		return c.mark()
	case "EMC":
		if n := len(c.marks); n > 0 {
			if c.marks[n-1] {
				c.off--
			}
			c.marks = c.marks[:n-1]
		}
	default:
		if c.paint(string(word)) {
			return nil
		}
		return c.textOperator(string(word))
	}
	return nil
}

func (c *canvas) save() error {
	if len(c.saved) == maxSaved {
		return limitError("pdf-page-too-costly", "页面内容嵌套过深", "a page keeps too many graphics states", nil)
	}
	c.saved = append(c.saved, c.graphics)
	return nil
}

// drawn notes that the page shows something that is no text.
func (c *canvas) drawn() {
	if c.off == 0 {
		c.out.Drawn = true
	}
}

// mark begins marked content, which may belong to a layer.
func (c *canvas) mark() error {
	hidden := false
	if n := len(c.in.operands); n >= 2 && c.in.operands[n-2] == Object(Name("OC")) {
		properties, err := c.dict(c.scope.resources["Properties"])
		if err == nil {
			hidden, err = c.hides(properties[c.in.lastName()])
		}
		if err = onlyFatal(err); err != nil {
			return err
		}
	}
	if hidden {
		c.off++
	}
	c.marks = append(c.marks, hidden)
	return nil
}

// parameters takes what concerns text from a graphics state that is named (ISO 32000-1, table 58).
func (c *canvas) parameters() error {
	all, err := c.dict(c.scope.resources["ExtGState"])
	if err != nil {
		return onlyFatal(err)
	}
	d, err := c.dict(all[c.in.lastName()])
	if err != nil {
		return onlyFatal(err)
	}
	if alpha, ok := asNumber(d["ca"]); ok {
		c.unfilled = alpha <= 0
	}
	if alpha, ok := asNumber(d["CA"]); ok {
		c.unstroked = alpha <= 0
	}
	list, err := c.array(d["Font"])
	if err != nil || len(list) != 2 {
		return onlyFatal(err)
	}
	c.size, _ = asNumber(list[1])
	c.graphics.font, err = c.pageReader.font(c.scope, "gs "+c.in.lastName(), list[0])
	return err
}

// external draws an external object: an image, or a form.
func (c *canvas) external() error {
	all, err := c.dict(c.scope.resources["XObject"])
	if err != nil {
		return onlyFatal(err)
	}
	s, err := c.stream(all[c.in.lastName()])
	if err != nil || s == nil {
		return onlyFatal(err)
	}
	if hidden, err := c.hides(s.Dict["OC"]); err != nil || hidden || c.off > 0 {
		return onlyFatal(err)
	}
	if s.Dict["Subtype"] != Object(Name("Form")) {
		c.drawn()
		return nil
	}
	return c.form(s, c.scope, c.ctm)
}

// paint follows paths as far as is needed to tell lines and boxes from shapes; it reports whether the operator is about paths.
func (c *canvas) paint(word string) bool {
	p := &c.path
	switch word {
	case "m":
		c.in.numbers(p.at[:])
		p.lines = 0
	case "l":
		p.line(c.in)
	case "c", "v", "y":
		p.curved = true
	case "re", "h":
	case "S", "s":
		c.finish(p.curved || p.long || p.joined && p.slanted)
	case "f", "F", "f*", "B", "B*", "b", "b*":
		c.finish(p.curved || p.long || p.slanted)
	case "n":
		c.finish(false)
	default:
		return false
	}
	return true
}

func (p *path) line(in *program) {
	from := p.at
	in.numbers(p.at[:])
	p.lines++
	p.joined = p.joined || p.lines > 1
	p.long = p.long || p.lines > 4
	p.slanted = p.slanted || p.at[0] != from[0] && p.at[1] != from[1]
}

func (c *canvas) finish(shape bool) {
	if shape {
		c.drawn()
	}
	c.path = path{}
}

// finite reports whether all numbers are usable.
func finite(list ...float64) bool {
	for _, n := range list {
		if math.IsNaN(n) || math.Abs(n) > maxCoordinate {
			return false
		}
	}
	return true
}
