package ofd

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"

	"yinxin/document"
	"yinxin/fault"
)

// What one page may cost. A page of an invoice has some hundreds of objects and 200 KB of SVG.
const (
	maxShownNodes   = 400_000   // elements of all parts that a page uses
	maxShownBytes   = 64 << 20  // of these parts, inflated; fonts and pictures too
	maxShownObjects = 200_000   // objects and glyphs
	maxSVG          = 96 << 20  // bytes written
	maxShownPixels  = 64 << 20  // of all pictures
	maxDecoded      = 16 << 20  // pixels of one that is decoded here
	maxWork         = 128 << 20 // bytes of XML gone through, those of a resource as often as it is used
	maxComposites   = 16        // composite objects, or templates, within one another
	maxLength       = 1e6       // any number of a page, in its unit
)

// svg is an SVG file being written. Everything in it is written here: names of elements and attributes are this package's own, numbers are formatted here,
// and text is escaped. So the file holds no script and no reference but to its own parts, whatever the page says.
type svg struct {
	defs, body bytes.Buffer
	ids        int
	objects    int
	nodes      int   // read so far
	bytes      int64 // read so far
	pixels     int64
	work       int64               // see maxWork
	glyphs     map[glyphKey]string // IDs of outlines
	images     map[imageKey]string // IDs of pictures
	omitted    []document.Omission
}

func newSVG() *svg { return &svg{glyphs: map[glyphKey]string{}, images: map[imageKey]string{}} }

// tooCostly says that a page costs more than any page may.
func tooCostly(what string) error {
	return fault.New(fault.Limit, "ofd-page-too-costly", "此页内容过多，无法显示："+what, "this page holds too much to be shown: "+what, nil)
}

// count counts an object or glyph.
func (s *svg) count() error {
	if s.objects++; s.objects > maxShownObjects {
		return tooCostly(fmt.Sprintf("more than %d objects", maxShownObjects))
	}
	if s.work > maxWork {
		return tooCostly("its resources are used too often")
	}
	return s.room(0)
}

// room reports whether so many bytes more may be written.
func (s *svg) room(n int) error {
	if s.defs.Len()+s.body.Len()+n > maxSVG {
		return tooCostly(fmt.Sprintf("more than %d MB", maxSVG>>20))
	}
	return nil
}

// spend counts the work on an element. It is looked at with the next object.
func (s *svg) spend(n *node) { s.work += n.to - n.from }

// omit notes what is not shown, once.
func (s *svg) omit(code, object string) {
	o := document.Omission{Code: code, Object: object}
	for _, other := range s.omitted {
		if other == o {
			return
		}
	}
	if len(s.omitted) < maxNotes {
		s.omitted = append(s.omitted, o)
	}
}

// id makes a name for an element.
func (s *svg) id(kind string) string {
	s.ids++
	return kind + strconv.Itoa(s.ids)
}

// writeTo writes the file.
func (s *svg) writeTo(w io.Writer, width, height float64) error {
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]smm" height="%[2]smm" viewBox="0 0 %[1]s %[2]s">`+
		`<rect width="%[1]s" height="%[2]s" fill="#ffffff"/><defs>`, num(width), num(height))
	for _, part := range [][]byte{[]byte(head), s.defs.Bytes(), []byte("</defs>"), s.body.Bytes(), []byte("</svg>\n")} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("write SVG: %w", err)
		}
	}
	return nil
}

// num writes a number of a page to a ten-thousandth.
func num(v float64) string { return string(appendNumber(nil, v, 1e4)) }

func appendNumber(b []byte, v, grid float64) []byte {
	if !(math.Abs(v) <= maxLength*maxLength) { // what is read is bounded; products of it, and what is none, stay numbers
		v = 0
	}
	return strconv.AppendFloat(b, math.Round(v*grid)/grid+0, 'f', -1, 64)
}

// escape writes text or the value of an attribute.
func escape(b *bytes.Buffer, s string) {
	_ = xml.EscapeText(b, []byte(s)) // a bytes.Buffer takes everything; characters that XML has not are replaced
}

// matrix is an affine map: x' = a x + c y + e, y' = b x + d y + f.
type matrix [6]float64

func identity() matrix { return matrix{1, 0, 0, 1, 0, 0} }

func move(x, y float64) matrix { return matrix{1, 0, 0, 1, x, y} }

// times is the map that does n first, then m.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[2]*n[1], m[1]*n[0] + m[3]*n[1],
		m[0]*n[2] + m[2]*n[3], m[1]*n[2] + m[3]*n[3],
		m[0]*n[4] + m[2]*n[5] + m[4], m[1]*n[4] + m[3]*n[5] + m[5],
	}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// scale is by how much lengths grow, on the whole.
func (m matrix) scale() float64 { return math.Sqrt(math.Abs(m[0]*m[3] - m[1]*m[2])) }

// String is the value of an attribute transform.
func (m matrix) String() string {
	b := append([]byte(nil), "matrix("...)
	for i, v := range m {
		if i > 0 {
			b = append(b, ' ')
		}
		grid := 1e8
		if i > 3 {
			grid = 1e4
		}
		b = appendNumber(b, v, grid)
	}
	return string(append(b, ')'))
}

// transform is the attribute, empty where nothing moves.
func (m matrix) transform() string {
	if m == identity() {
		return ""
	}
	return ` transform="` + m.String() + `"`
}

// attr writes an attribute whose value this package made.
func attr(name, value string) string { return " " + name + `="` + value + `"` }
