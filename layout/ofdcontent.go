package layout

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"yinxin/font"
)

// page writes the content of a page (GB/T 33190, 7.7): one layer, its objects in the order of the items.
func (o *ofdWriter) page(p Page) (string, *Error) {
	c := ofdContent{o: o}
	fmt.Fprintf(&c.b, ofdRoot+`><ofd:Area><ofd:PhysicalBox>%s</ofd:PhysicalBox></ofd:Area><ofd:Content><ofd:Layer ID="%d">`,
		"Page", numbers(0, 0, p.Width, p.Height), o.id())
	for i, item := range p.Items {
		if err := c.item(item); err != nil {
			return "", &Error{Item: i + 1, Reason: err.Error()}
		}
	}
	c.b.WriteString("</ofd:Layer></ofd:Content></ofd:Page>")
	return c.b.String(), nil
}

// ofdContent writes the objects of one page.
type ofdContent struct {
	o *ofdWriter
	b strings.Builder
}

func (c *ofdContent) item(item Item) error {
	switch v := item.(type) {
	case Text:
		c.text(v)
	case Line:
		c.path(outlineOf(v.X1, v.Y1, v.X2, v.Y2), nil, &v.Colour, v.Width)
	case Box:
		stroke := &v.Colour
		if v.Stroke == 0 {
			stroke = nil
		}
		if v.Fill != nil || stroke != nil {
			c.path(RectangleOutline(v.X, v.Y, v.Width, v.Height), v.Fill, stroke, v.Stroke)
		}
	case Picture:
		id, err := c.o.picture(v.PNG)
		if err != nil {
			return err
		}
		fmt.Fprintf(&c.b, `<ofd:ImageObject ID="%d" Boundary="%s" CTM="%s" ResourceID="%d"/>`,
			c.o.id(), numbers(v.X, v.Y, v.Width, v.Height), numbers(v.Width, 0, 0, v.Height, 0, 0), id)
	case Shape:
		c.path(v.Outline, &v.Fill, nil, 0)
	}
	return nil
}

// outlineOf is a straight line.
func outlineOf(x1, y1, x2, y2 float64) font.Outline {
	return font.Outline{{Op: font.Move, P: [3]font.Point{{X: x1, Y: y1}}}, {Op: font.Line, P: [3]font.Point{{X: x2, Y: y2}}}}
}

// path writes a PathObject (GB/T 33190, 9.3). Its boundary holds the stroke too, since readers cut what lies outside.
func (c *ofdContent) path(outline font.Outline, fill, stroke *Colour, width float64) {
	bounds := outline.Bounds()
	x, y := math.Floor(bounds.MinX-width), math.Floor(bounds.MinY-width)
	w, h := math.Ceil(bounds.MaxX+width-x), math.Ceil(bounds.MaxY+width-y)
	fmt.Fprintf(&c.b, `<ofd:PathObject ID="%d" Boundary="%s"`, c.o.id(), numbers(x, y, max(w, 1), max(h, 1)))
	if stroke == nil {
		c.b.WriteString(` Stroke="false"`)
	} else {
		fmt.Fprintf(&c.b, ` LineWidth="%s"`, numbers(width))
	}
	if fill != nil {
		c.b.WriteString(` Fill="true"`)
	}
	c.b.WriteByte('>')
	c.colour("StrokeColor", stroke)
	c.colour("FillColor", fill)
	c.b.WriteString("<ofd:AbbreviatedData>")
	for i := range outline {
		s := &outline[i]
		if i > 0 {
			c.b.WriteByte(' ')
		}
		c.b.WriteString([...]string{font.Move: "M", font.Line: "L", font.Quad: "Q", font.Cubic: "B", font.Close: "C"}[s.Op])
		for _, p := range s.Points() {
			c.b.WriteString(" " + numbers(p.X-x, p.Y-y))
		}
	}
	c.b.WriteString("</ofd:AbbreviatedData></ofd:PathObject>")
}

func (c *ofdContent) colour(element string, v *Colour) {
	if v != nil {
		fmt.Fprintf(&c.b, `<ofd:%s Value="%d %d %d"/>`, element, v.R, v.G, v.B)
	}
}

// text writes one line, an object for each run of characters that one font draws.
func (c *ofdContent) text(v Text) {
	l := v.lay(c.o.stack)
	at := 0.0 // mm along the line
	var run ofdRun
	for _, r := range v.String {
		f := c.o.stack.For(r)
		if f != run.font {
			c.run(v, l, run)
			run = ofdRun{font: f, from: at}
		}
		run.runes = append(run.runes, r)
		run.at = append(run.at, at)
		at += f.Advance(r)*v.Size*MM + v.Spacing
		run.to = at
	}
	c.run(v, l, run)
}

// ofdRun is a piece of a line that one font draws.
type ofdRun struct {
	font     *font.Font
	runes    []rune
	at       []float64 // mm along the line, where each begins
	from, to float64
}

// run writes a TextObject (GB/T 33190, 11). Its boundary has room on all sides, since glyphs reach over their place and readers cut what lies outside.
func (c *ofdContent) run(v Text, l line, r ofdRun) {
	for len(r.runes) > 0 && unicode.IsSpace(r.runes[0]) {
		r.runes, r.at = r.runes[1:], r.at[1:]
	}
	for len(r.runes) > 0 && unicode.IsSpace(r.runes[len(r.runes)-1]) {
		r.runes, r.at = r.runes[:len(r.runes)-1], r.at[:len(r.at)-1]
	}
	if len(r.runes) == 0 {
		return
	}
	m, size := r.font.Metrics(), v.Size*MM
	room := size / 2
	left, right := r.at[0], r.to
	x, y := l.x+left*l.cos, l.y-left*l.sin // of the first character
	box := font.Rect{MinX: math.Inf(1), MinY: math.Inf(1), MaxX: math.Inf(-1), MaxY: math.Inf(-1)}
	for _, u := range []float64{-room, right - left + room} {
		for _, d := range []float64{-m.Ascent*size - room, -m.Descent*size + room} { // downwards from the baseline
			px, py := x+u*l.cos+d*l.sin, y-u*l.sin+d*l.cos
			box.MinX, box.MaxX, box.MinY, box.MaxY = min(box.MinX, px), max(box.MaxX, px), min(box.MinY, py), max(box.MaxY, py)
		}
	}
	fmt.Fprintf(&c.b, `<ofd:TextObject ID="%d" Boundary="%s"`, c.o.id(), numbers(box.MinX, box.MinY, box.Width(), box.Height()))
	start := numbers(x-box.MinX) + `" Y="` + numbers(y-box.MinY)
	if v.Angle != 0 {
		fmt.Fprintf(&c.b, ` CTM="%s"`, precise(l.cos, -l.sin, l.sin, l.cos, x-box.MinX, y-box.MinY))
		start = `0" Y="0`
	}
	fmt.Fprintf(&c.b, ` Font="%d" Size="%s"`, c.o.fontID(r.font), numbers(size))
	if v.Bold {
		fmt.Fprintf(&c.b, ` Stroke="true" LineWidth="%s" Join="Round"`, numbers(size*boldness))
	}
	c.b.WriteByte('>')
	c.colour("FillColor", &v.Colour)
	if v.Bold {
		c.colour("StrokeColor", &v.Colour)
	}
	fmt.Fprintf(&c.b, `<ofd:TextCode X="%s"`, start)
	if len(r.runes) > 1 {
		fmt.Fprintf(&c.b, ` DeltaX="%s"`, deltas(r.at))
	}
	fmt.Fprintf(&c.b, `>%s</ofd:TextCode></ofd:TextObject>`, escaped(string(r.runes)))
}

func (o *ofdWriter) fontID(f *font.Font) int {
	for _, e := range o.fonts {
		if e.font == f {
			return e.id
		}
	}
	return o.fonts[0].id // check made sure that every character has its font
}

// deltas writes the distances between characters, several equal ones as "g count distance" (GB/T 33190, 11.3). Each is counted from what the earlier ones
// add up to as written, so that rounding does not add up.
func deltas(at []float64) string {
	const grid = 1e4
	var out []string
	reached := math.Round(at[0] * grid)
	count, last := 0, 0.0
	flush := func() {
		switch text := numbers(last / grid); {
		case count > 2:
			out = append(out, "g", strconv.Itoa(count), text)
		case count == 2:
			out = append(out, text, text)
		case count == 1:
			out = append(out, text)
		}
	}
	for i := 1; i < len(at); i++ {
		d := math.Round((at[i] - at[i-1]) * grid)
		if math.Abs(at[i]*grid-reached-d) > 10 { // a thousandth of a millimetre
			d = math.Round(at[i]*grid - reached)
		}
		reached += d
		if d != last || count == 0 {
			flush()
			count, last = 0, d
		}
		count++
	}
	flush()
	return strings.Join(out, " ")
}

// numbers writes lengths in mm to a ten-thousandth; precise writes matrices.
func numbers(v ...float64) string { return written(1e4, v) }
func precise(v ...float64) string { return written(1e6, v) }

func written(grid float64, values []float64) string {
	var b []byte
	for i, v := range values {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendFloat(b, math.Round(v*grid)/grid+0, 'f', -1, 64) // no negative zero
	}
	return string(b)
}

// escaped is text or the value of an attribute.
func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a bytes.Buffer takes everything
	return b.String()
}
