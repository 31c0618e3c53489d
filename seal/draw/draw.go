// Package draw makes the pictures of seals: one geometry in millimetres, given out as outlines and as a PNG at any resolution.
//
// A Design says what to draw; New lays it out, or says in one sentence why it cannot be done: a character no font has, a name too long to be legible,
// an emblem that the level asks for and nobody gave. What comes out is a Drawing, whose PNG goes into a seal and whose Specimen, with 样章 across it,
// goes anywhere else.
//
// Sizes and order follow public rules: round seals 国发〔1999〕25号 (text from left to right around a five-pointed star or an emblem, 42 to 60 mm by
// level, at most 45 mm for enterprises, institutions and societies), with the engravers' usual diameters and borders as defaults; the invoice seal
// 国家税务总局公告2011年第7号, whose measures are kept as written there.
//
// Three things are the operator's to bring, because they may not or cannot be brought here. Typefaces: the embedded one is a Song face; who holds a
// licence for FangSong or Arial names those fonts in Faces. The state emblem: restricted artwork, never bundled, given as Emblem. A line in the
// script of a minority: shaped by whoever knows the script, given as Minority; here it is only bent along the border.
//
// Lengths are millimetres from the top left corner of the picture, x to the right and y downwards. The picture is exactly as large as the seal: the
// outer edge of the border touches its four sides.
package draw

import (
	"image/color"
	"slices"

	"yinxin/font"
)

// Bare as a Design's Purpose leaves the purpose out where the kind has one by default.
const Bare = "-"

// Bounds of a seal's sides, of its name and of its code.
const (
	MinSide   = 10.0 // mm
	MaxSide   = 60.0 // mm, of agencies: the largest seal of 国发〔1999〕25号
	MaxCommon = 45.0 // mm, of all others (the same)
	MinName   = 2    // characters
	MaxName   = 60   // characters; personal names at most 9
	MinCode   = 3    // digits
	MaxCode   = 19   // digits; 13 are usual
)

// Design says what to draw. The zero value of a measure means the kind's usual one.
type Design struct {
	Kind Kind
	// Level is an agency's rank: it settles the diameter, and whether the centre is a star or Emblem. Without one an agency's seal is of 42 mm with a
	// star, or with the Emblem given.
	Level Level
	// Name is the owner's name: along the border of round and oval seals, in columns from the right on a name seal.
	Name string
	// Purpose is the line below the star: what the seal is for (财务专用章), or the department it is of. Business and Department have no default. On a
	// square name seal it is what follows the name: by default 之印 after two characters, 印 after three, nothing after more. Bare leaves it out.
	Purpose string
	// TaxNumber is the taxpayer's number on an invoice seal, 15 to 20 digits and capital letters (18 for a unified social credit code).
	TaxNumber string
	// Number tells several seals of one purpose apart, 1 to 999, shown as (1); 0 shows none.
	Number int
	// Code is the seal's code in small digits along the lower border of a round or oval seal, MinCode to MaxCode digits.
	Code string
	// Diameter of a round seal, mm. Width and Height are for oval seals (which have no star; 45 × 30 mm is usual for foreign-invested enterprises)
	// and name seals (square 20, 18 or 16 mm, or 20 × 10 mm), mm, both or neither. The invoice seal's measures are fixed by its rule.
	Diameter, Width, Height float64
	// Border is the thickness of the border, mm; Star the diameter of the circle round the star's points, mm.
	Border, Star float64
	// Emblem stands in the centre instead of the star; EmblemSize is the longer side of its viewBox, mm, by default a third of the diameter.
	Emblem     *Artwork
	EmblemSize float64
	// Minority is a line of text in another script, drawn straight and read from its left to its right, to be bent along the upper border; its height
	// is that of its viewBox. MinorityPlace says on which side of the name.
	Minority      *Artwork
	MinorityPlace Place
	// Intaglio cuts the characters of a name seal out of the ink (白文); else they are inked (朱文).
	Intaglio bool
	// Faces are the fonts by what they draw.
	Faces Faces
	// Color is the opaque colour of the ink; the zero value is Red.
	Color color.NRGBA
}

// Faces names fonts by what they draw. A stack that is nil is the one given to New; one that is not is used alone, so that a character it lacks is
// reported and not drawn in another face by accident.
type Faces struct {
	Name    font.Stack // the name, and all of a name seal
	Purpose font.Stack // the line below the star
	Digits  font.Stack // the taxpayer's number, the number and the code
}

// Place says where a minority's line runs.
type Place uint8

// The places: both bent along the upper border.
const (
	Outside Place = iota // between the border and the name
	Inside               // between the name and the centre
)

// Red is the usual colour of seals.
var Red = color.NRGBA{R: 0xE6, G: 0x00, B: 0x12, A: 0xFF}

// Drawing is a seal laid out. It does not change, and is safe for use by several goroutines.
type Drawing struct {
	Width, Height float64 // mm

	ink   color.NRGBA
	parts []part
}

// part is one shape of the seal: a border, the star, a character.
type part struct {
	role    role
	layer   layer
	outline font.Outline
	area    quad // of a character: the cell it was given
	char    rune
}

type role uint8

const (
	roleBorder role = iota
	roleStar
	roleName
	rolePurpose
	roleNumber
	roleTax
	roleCode
	roleEmblem
	roleMinority
)

// text reports whether the part is a character in a cell.
func (r role) text() bool { return r >= roleName && r <= roleCode }

// layer says how a part meets the others.
type layer uint8

const (
	layerInk layer = iota // apart from all others
	layerOwn              // may lie over others: inked by itself
	layerCut              // takes ink away
)

// plan is a design whose measures and texts are settled.
type plan struct {
	Design
	form form
	a, b float64 // half of width and height of the outer edge
	name []rune
}

// New lays a seal out. fonts draw what Faces leaves open. Every failure is a *fault.Error of kind Invalid that says what to change: font-missing-glyph
// for a character no font draws, seal-design-invalid for measures and texts out of bounds, seal-emblem-needed when the level has an emblem and none was
// given, seal-name-too-long when the name cannot be made legible.
func New(d Design, fonts font.Stack) (*Drawing, error) {
	p, err := settle(d, fonts)
	if err != nil {
		return nil, err
	}
	out := &Drawing{Width: 2 * p.a, Height: 2 * p.b, ink: p.Color}
	switch p.form {
	case formInvoice:
		out.parts, err = p.invoice()
	case formName:
		out.parts, err = p.square()
	default:
		out.parts, err = p.round()
	}
	if err != nil {
		return nil, err
	}
	for i := range out.parts { // laid out around the centre
		out.parts[i].outline = out.parts[i].outline.Map(func(q font.Point) font.Point { return font.Point{X: q.X + p.a, Y: q.Y + p.b} })
		for j := range out.parts[i].area {
			out.parts[i].area[j].X += p.a
			out.parts[i].area[j].Y += p.b
		}
	}
	return out, nil
}

// Shape is one piece of a seal: the area where the winding number of Outline (mm) is not zero.
type Shape struct {
	Outline font.Outline
	Cut     bool // takes ink away
}

// Shapes returns the seal's pieces: ink lies in any that is not Cut, and in none that is. Like PNG it is unmarked: only for a seal being made.
func (d *Drawing) Shapes() []Shape {
	out := make([]Shape, len(d.parts))
	for i, p := range d.parts {
		out[i] = Shape{slices.Clone(p.outline), p.layer == layerCut}
	}
	return out
}

// outlines returns the parts of one layer.
func (d *Drawing) outlines(l layer) []font.Outline {
	var out []font.Outline
	for _, p := range d.parts {
		if p.layer == l {
			out = append(out, p.outline)
		}
	}
	return out
}
