// Package layout is a page of text, lines and pictures in millimetres, written as PDF with its fonts embedded.
//
// The model knows no file format: pages hold items at places, and a writer (WritePDF) turns them into a file. Above the items stand Wrap, which
// breaks text into lines by the rules of Chinese typesetting, and Flow, which sets headings, paragraphs, clauses, tables and signature blocks onto
// numbered pages; ParseMarkup reads those blocks from plain text.
//
// Places and lengths are millimetres from the top left corner of the page, x to the right, y downwards. Type sizes are points (1/72 inch).
// A character that no font draws is refused before anything is written.
package layout

import (
	"time"

	"yinxin/font"
)

// Sizes of paper in mm, upright.
const (
	A4Width  = 210.0
	A4Height = 297.0
)

// MM is the length of one point in millimetres.
const MM = 25.4 / 72

// Document is what a writer turns into a file.
type Document struct {
	Title    string
	Author   string
	Subject  string
	Language string    // BCP 47, e.g. zh-CN
	Created  time.Time // written as told; the zero time is refused, so that equal documents give equal files
	Pages    []Page
	Attached []Attachment
}

// Attachment is a file embedded in the document.
type Attachment struct {
	Name        string // file name without folders
	Description string
	MIME        string // e.g. application/json
	Data        []byte
}

// Page is one page.
type Page struct {
	Width, Height float64 // mm
	Items         []Item  // drawn in order; text is read and copied in this order
}

// Item is one thing on a page: Text, Line, Box, Picture or Shape.
type Item interface{ item() }

// Colour is an opaque sRGB colour. The zero value is black.
type Colour struct{ R, G, B uint8 }

// Align says which point of a text X names.
type Align uint8

// The alignments.
const (
	Left Align = iota
	Centre
	Right
)

// Text is one line of text.
type Text struct {
	X, Y    float64 // mm: Y is the baseline; X its left end, middle or right end as Align says
	String  string  // without control characters
	Size    float64 // points
	Align   Align
	Colour  Colour
	Spacing float64 // mm added after every character but the last
	Angle   float64 // degrees anticlockwise about (X, Y)
	Bold    bool    // outlines thickened by Size/36
}

// Line is a straight stroke.
type Line struct {
	X1, Y1, X2, Y2 float64 // mm
	Width          float64 // mm
	Colour         Colour
}

// Box is an upright rectangle: filled, framed or both.
type Box struct {
	X, Y, Width, Height float64 // mm, top left corner and size
	Fill                *Colour // nil: not filled
	Stroke              float64 // mm, width of the frame centred on the edge; 0: no frame
	Colour              Colour  // of the frame
}

// Picture is a PNG image.
type Picture struct {
	X, Y, Width, Height float64 // mm, top left corner and size; the image is stretched to it
	PNG                 []byte
}

// Shape is a filled outline.
type Shape struct {
	Outline font.Outline // in mm on the page
	Fill    Colour
}

func (Text) item()    {}
func (Line) item()    {}
func (Box) item()     {}
func (Picture) item() {}
func (Shape) item()   {}

// Width measures one line of text: mm at a size in points. Characters no font draws count as one em.
func Width(fonts font.Stack, text string, size float64) float64 {
	em := 0.0
	for _, r := range text {
		em += advance(fonts, r)
	}
	return em * size * MM
}

// advance is the width of a character in em.
func advance(fonts font.Stack, r rune) float64 {
	if f := fonts.For(r); f != nil {
		return f.Advance(r)
	}
	return 1
}

// RectangleOutline is an upright rectangle as a contour of a Shape, in mm.
func RectangleOutline(x, y, width, height float64) font.Outline {
	return PolygonOutline([][2]float64{{x, y}, {x + width, y}, {x + width, y + height}, {x, y + height}})
}

// PolygonOutline is a closed contour through corners (x and y in mm) for a Shape.
func PolygonOutline(corners [][2]float64) font.Outline {
	out := make(font.Outline, 0, len(corners)+1)
	op := font.Move
	for _, c := range corners {
		out = append(out, font.Segment{Op: op, P: [3]font.Point{{X: c[0], Y: c[1]}}})
		op = font.Line
	}
	return append(out, font.Segment{Op: font.Close})
}

// Fonts is font's ordered list of fonts, so that callers who only hand it on need not name that package.
type Fonts = font.Stack
