package layout

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"yinxin/font"
)

// content writes the content stream of one page. Places are turned into points from the lower left corner.
type content struct {
	writer *pdfWriter
	height float64 // mm, of the page
	b      bytes.Buffer
	images types.Dict // XObjects used, by name
}

func (c *content) item(item Item) error {
	switch v := item.(type) {
	case Text:
		c.text(v)
	case Line:
		c.op("q", nil)
		c.colour("RG", v.Colour)
		c.op("w", []float64{v.Width / MM})
		c.op("m", c.at(v.X1, v.Y1))
		c.op("l", c.at(v.X2, v.Y2))
		c.op("S Q", nil)
	case Box:
		c.box(v)
	case Picture:
		return c.picture(v)
	case Shape:
		c.shape(v)
	}
	return nil
}

// at turns a place into points.
func (c *content) at(x, y float64) []float64 { return []float64{x / MM, (c.height - y) / MM} }

// op writes an operator with its operands before it.
func (c *content) op(operator string, operands []float64) {
	line := make([]byte, 0, 64)
	for _, v := range operands {
		line = append(decimal(line, v), ' ')
	}
	c.b.Write(append(append(line, operator...), '\n'))
}

func (c *content) colour(operator string, v Colour) {
	c.op(operator, []float64{float64(v.R) / 255, float64(v.G) / 255, float64(v.B) / 255})
}

func (c *content) box(v Box) {
	rect := append(c.at(v.X, v.Y+v.Height), v.Width/MM, v.Height/MM)
	if v.Fill != nil {
		c.op("q", nil)
		c.colour("rg", *v.Fill)
		c.op("re", rect)
		c.op("f Q", nil)
	}
	if v.Stroke > 0 {
		c.op("q", nil)
		c.colour("RG", v.Colour)
		c.op("w", []float64{v.Stroke / MM})
		c.op("re", rect)
		c.op("S Q", nil)
	}
}

// text writes one line. All its state is inside q and Q, so items do not depend on each other.
func (c *content) text(v Text) {
	runes := []rune(v.String)
	if len(runes) == 0 {
		return
	}
	l := v.lay(c.writer.stack)
	start := c.at(l.x, l.y)
	c.op("q", nil)
	c.colour("rg", v.Colour)
	if v.Bold {
		c.colour("RG", v.Colour)
		c.op("w", []float64{v.Size / 36})
		c.op("j", []float64{1})
	}
	wide := v.Spacing > 0.1*v.Size*MM
	if wide { // readers would take the gaps for spaces
		c.b.WriteString("/Span <</ActualText" + textString(v.String).PDFString() + ">> BDC\n")
	}
	c.op("BT", nil)
	if v.Bold {
		c.op("Tr", []float64{2})
	}
	if v.Spacing != 0 {
		c.op("Tc", []float64{v.Spacing / MM})
	}
	for _, m := range []float64{l.cos, l.sin, -l.sin, l.cos} {
		c.b.WriteString(strconv.FormatFloat(math.Round(m*1e6)/1e6+0, 'f', -1, 64) + " ")
	}
	c.op("Tm", start)
	c.runs(runes, v.Size)
	if wide {
		c.op("ET EMC Q", nil)
	} else {
		c.op("ET Q", nil)
	}
}

// runs shows the characters, changing the font where the stack does.
func (c *content) runs(runes []rune, size float64) {
	var current *pdfFont
	for _, r := range runes {
		f := c.fontFor(r)
		if f != current {
			if current != nil {
				c.b.WriteString("> Tj\n")
			}
			c.b.WriteString("/" + f.name + " ")
			c.op("Tf", []float64{size})
			c.b.WriteByte('<')
			current = f
		}
		fmt.Fprintf(&c.b, "%04X", f.gid[r])
	}
	c.b.WriteString("> Tj\n")
}

// fontFor finds the embedded font of a character; check made sure that there is one.
func (c *content) fontFor(r rune) *pdfFont {
	want := c.writer.stack.For(r)
	for i := range c.writer.fonts {
		if c.writer.fonts[i].font == want {
			return &c.writer.fonts[i]
		}
	}
	return &c.writer.fonts[0]
}

func (c *content) picture(v Picture) error {
	key := sha256.Sum256(v.PNG)
	ref, ok := c.writer.pictures[key]
	if !ok {
		var err error
		if ref, err = c.writer.embedPicture(v.PNG); err != nil {
			return err
		}
		c.writer.pictures[key] = ref
	}
	name := "I" + strconv.Itoa(int(ref.ObjectNumber))
	if c.images == nil {
		c.images = types.Dict{}
	}
	c.images[name] = ref
	corner := c.at(v.X, v.Y+v.Height)
	c.op("q", nil)
	c.op("cm", []float64{v.Width / MM, 0, 0, v.Height / MM, corner[0], corner[1]})
	c.op("/"+name+" Do Q", nil)
	return nil
}

// shape fills an outline. A quadratic curve becomes the cubic one that runs the same way.
func (c *content) shape(v Shape) {
	c.op("q", nil)
	c.colour("rg", v.Fill)
	var pen, start font.Point
	for i := range v.Outline {
		s := &v.Outline[i]
		switch s.Op {
		case font.Move:
			c.op("m", c.at(s.P[0].X, s.P[0].Y))
			pen, start = s.P[0], s.P[0]
		case font.Line:
			c.op("l", c.at(s.P[0].X, s.P[0].Y))
			pen = s.P[0]
		case font.Quad:
			q, end := s.P[0], s.P[1]
			a := font.Point{X: pen.X + (q.X-pen.X)*2/3, Y: pen.Y + (q.Y-pen.Y)*2/3}
			b := font.Point{X: end.X + (q.X-end.X)*2/3, Y: end.Y + (q.Y-end.Y)*2/3}
			c.curve(a, b, end)
			pen = end
		case font.Cubic:
			c.curve(s.P[0], s.P[1], s.P[2])
			pen = s.P[2]
		case font.Close:
			c.op("h", nil)
			pen = start
		}
	}
	c.op("f Q", nil)
}

func (c *content) curve(a, b, end font.Point) {
	c.op("c", append(append(c.at(a.X, a.Y), c.at(b.X, b.Y)...), c.at(end.X, end.Y)...))
}
