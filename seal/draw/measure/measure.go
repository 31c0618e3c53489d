// Package measure reads the measures of a seal off its picture and holds them against the rules for its kind.
//
// Decode reads a picture under bounds, Measure finds border, star, arc of text and lines of text in millimetres, each with what it may be off by, and
// Judge says of each rule whether it is kept, differs or cannot be measured. What a picture cannot show is never guessed: typefaces and the order of
// reading are reported as not measured.
//
// Lengths are millimetres and angles degrees, clockwise on the page. Everything behind the outline is measured in the seal's own frame: from its
// centre, x to the right and y downwards, turned as the seal is turned, so that one fault is reported once.
package measure

import (
	"image"
	"math"
)

// MinResolution is the coarsest picture that is measured, pixels a millimetre (about 60 dots an inch).
const MinResolution = 2.4

// Value is a measure and how far it may be off, both in the same unit. Off is 0 where nothing was measured.
type Value struct {
	Is  float64 `json:"is"`
	Off float64 `json:"off"`
}

func (v Value) known() bool { return v.Off > 0 }

// Shape is the form of a seal's outer edge.
type Shape string

// The shapes. Unknown is what has no border of these forms, or is too coarse or too damaged to tell.
const (
	Unknown   Shape = "unknown"
	Round     Shape = "round" // sides differ by less than a tenth
	Oval      Shape = "oval"
	Rectangle Shape = "rectangle"
)

// Measurement is what was found on a picture. Fields that make no sense for the shape are zero.
type Measurement struct {
	Resolution    float64 `json:"pixelsPerMm"`
	Shape         Shape   `json:"shape"`
	X, Y          Value   // its centre, from the left and the top edge of the picture
	Width, Height Value
	Tilt          Value   // of the seal as a whole: by its star (within 36 degrees), else by the axes of its outline
	Borders       []Value // widths, from outside inwards
	Intaglio      bool    // characters cut out of the ink
	Star          *Star
	Emblem        bool // something other than a star in the centre of a round seal
	Ring          *Ring
	Lines         []Line // across the seal; on a round one below the centre
	Faces         []Face // of WithText
	Colour        Colour
	Transparent   bool // the background lets the page through
}

// Star is a five-pointed star.
type Star struct {
	X, Y     Value // its centre from the seal's
	Diameter Value // of the circle round its points
}

// Ring is text along the border.
type Ring struct {
	Gap, Height Value   // from the border's inner edge, and of the characters
	Start, End  Value   // of the arc seen from the centre, degrees from the top
	Room        float64 // widest gap between characters, degrees
}

// Line is a straight line of text.
type Line struct {
	Top, Height, Width Value
	Pieces             int   // stretches of ink side by side; 0 where the picture is too coarse to count them
	Widest             Value // of them
}

// Measure finds the measures of a picture at a resolution of pxPerMM pixels a millimetre. It never fails: a picture that shows no seal has the shape
// Unknown. Time and memory grow with the picture, which Decode bounds.
func Measure(img image.Image, pxPerMM float64) Measurement {
	m, _ := measureGauge(img, pxPerMM)
	return m
}

// measureGauge is Measure with what measured; nil where the picture shows no seal.
func measureGauge(img image.Image, pxPerMM float64) (Measurement, *gauge) {
	m := Measurement{Resolution: pxPerMM, Shape: Unknown}
	if !(pxPerMM >= MinResolution) || math.IsInf(pxPerMM, 0) || img.Bounds().Empty() {
		return m, nil
	}
	k := readInk(img)
	m.Colour, m.Transparent = k.colour, k.transparent
	p := &pieces{ink: k}
	p.label()
	o, ok := p.outline()
	if !ok {
		return m, nil
	}
	g := &gauge{ink: k, pieces: p, outline: o, px: pxPerMM, tilt: o.tilt}
	m.Shape = o.shape
	m.X, m.Y = g.mm(o.x, 0.6), g.mm(o.y, 0.6)
	m.Width, m.Height = g.mm(2*o.a, 0.6), g.mm(2*o.b, 0.6)
	m.Tilt = g.outlineTilt()
	m.Intaglio = o.shape == Rectangle && g.fill() > 0.55
	if !m.Intaglio {
		m.Borders = g.borders()
	}
	if o.shape == Rectangle {
		return m, g
	}
	if s, tilt := g.star(); s != nil {
		m.Star = s
		if o.shape == Round {
			m.Tilt = tilt
		}
	}
	g.tilt = m.Tilt.Is * math.Pi / 180
	m.Emblem = m.Star == nil && o.shape == Round && g.centreInk() > 0.1
	m.Ring = g.ring()
	m.Lines = g.lines(m.Star)
	return m, g
}

// gauge measures one seal whose outline is known. Its own lengths are pixels.
type gauge struct {
	*ink
	pieces  *pieces
	outline outline
	px      float64 // pixels a millimetre
	tilt    float64 // radians
	inner   float64 // from the outer edge to the inner edge of the innermost border
}

// mm turns pixels into millimetres, with so many pixels that they may be off.
func (g *gauge) mm(pixels, off float64) Value { return Value{pixels / g.px, off / g.px} }

// at returns the coverage at a point of the seal's frame, pixels from the centre.
func (g *gauge) at(x, y float64) float64 {
	sin, cos := math.Sincos(g.tilt)
	return g.sample(g.outline.x+x*cos-y*sin, g.outline.y+x*sin+y*cos)
}

func (g *gauge) outlineTilt() Value {
	o := g.outline
	if o.shape == Round {
		return Value{}
	}
	return Value{o.tilt * 180 / math.Pi, 0.2 + 60/(math.Max(o.a, o.b))}
}
