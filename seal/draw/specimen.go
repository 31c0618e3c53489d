package draw

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"yinxin/font"
)

// Proportions of the band that makes a specimen unusable, as shares of the shorter side.
const (
	specimenText  = "样章"
	specimenAngle = -30 * math.Pi / 180
	bandHalf      = 0.105 // half the band's width
	bandRule      = 0.012
	bandLetter    = 0.14 // height of the characters
	bandPitch     = 0.20 // from one character to the next
)

// Specimen returns the picture with a band cut across it that says 样章 again and again. It has the shape PNG documents. The seal under the band is
// left out, so that no editing brings it back.
func (d *Drawing) Specimen(dpi int) ([]byte, error) {
	band, letters := d.band()
	seal, err := d.mask(dpi)
	if err != nil {
		return nil, err
	}
	hole, err := d.raster(dpi, []font.Outline{band})
	if err != nil {
		return nil, err
	}
	ink, err := d.raster(dpi, letters)
	if err != nil {
		return nil, err
	}
	for i, v := range seal.Pix {
		kept := int(v) * (255 - int(hole.Pix[i])) / 255
		seal.Pix[i] = uint8(min(255, kept+int(ink.Pix[i])))
	}
	return Encode(seal, d.ink, dpi, ""), nil
}

// SpecimenSVG returns the specimen as SVG in mm; the band, and what is cut out of the ink, is white.
func (d *Drawing) SpecimenSVG() []byte {
	band, letters := d.band()
	var b bytes.Buffer
	w, h := number(d.Width), number(d.Height)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%smm" height="%smm" viewBox="0 0 %s %s">`, w, h, w, h)
	fmt.Fprintf(&b, `<title>%s</title><clipPath id="seal-box"><path d="M0 0H%sV%sH0Z"/></clipPath>`, specimenText, w, h)
	fmt.Fprintf(&b, `<g clip-path="url(#seal-box)" fill="#%02x%02x%02x">`, d.ink.R, d.ink.G, d.ink.B)
	writePath(&b, "", d.outlines(layerInk)...)
	for _, o := range d.outlines(layerOwn) {
		writePath(&b, "", o)
	}
	if cut := d.outlines(layerCut); len(cut) > 0 {
		writePath(&b, ` fill="#fff"`, cut...)
	}
	writePath(&b, ` fill="#fff"`, band)
	writePath(&b, "", letters...)
	b.WriteString("</g></svg>\n")
	return b.Bytes()
}

// band returns the area cut out, and the rules and characters drawn on it, mm.
func (d *Drawing) band() (band font.Outline, letters []font.Outline) {
	side := min(d.Width, d.Height)
	reach := math.Hypot(d.Width, d.Height)/2 + side*bandPitch
	sin, cos := math.Sincos(specimenAngle)
	turn := func(p font.Point) font.Point {
		return font.Point{X: d.Width/2 + p.X*cos - p.Y*sin, Y: d.Height/2 + p.X*sin + p.Y*cos}
	}
	bar := func(top, bottom float64) font.Outline {
		return font.Outline{
			{Op: font.Move, P: [3]font.Point{{X: -reach, Y: top}}}, {Op: font.Line, P: [3]font.Point{{X: reach, Y: top}}},
			{Op: font.Line, P: [3]font.Point{{X: reach, Y: bottom}}}, {Op: font.Line, P: [3]font.Point{{X: -reach, Y: bottom}}}, {Op: font.Close},
		}.Map(turn)
	}
	half, rule := bandHalf*side, bandRule*side
	letters = append(letters, bar(-half+rule, -half+2*rule), bar(half-2*rule, half-rule))
	embedded := font.Stack{font.Default()} // has both characters, whatever the operator's fonts lack
	t, err := newText([]rune(specimenText), embedded)
	if err != nil {
		panic("draw: the embedded font lacks " + specimenText) // a build fault; the tests draw a specimen
	}
	height, pitch := bandLetter*side, bandPitch*side
	n := int(reach/pitch) + 1
	for i := -2 * n; i < 2*n; i++ {
		f := frameOf{top: font.Point{X: (float64(i) + 0.5) * pitch, Y: -height / 2}, along: font.Point{X: 1}, inward: font.Point{Y: 1}}
		if math.Abs(f.top.X) > reach {
			continue
		}
		char := t.place((i+4*n)%2, f, height, height, roleName)
		letters = append(letters, char.outline.Map(turn))
	}
	return bar(-half, half), letters
}

func writePath(b *bytes.Buffer, attributes string, outlines ...font.Outline) {
	fmt.Fprintf(b, `<path%s d="`, attributes)
	letter := [...]byte{font.Move: 'M', font.Line: 'L', font.Quad: 'Q', font.Cubic: 'C', font.Close: 'Z'}
	for _, o := range outlines {
		for i := range o {
			b.WriteByte(letter[o[i].Op])
			for j, p := range o[i].Points() {
				if j > 0 {
					b.WriteByte(' ')
				}
				b.WriteString(number(p.X) + " " + number(p.Y))
			}
		}
	}
	b.WriteString(`"/>`)
}

// number writes mm with three decimals at most: a micrometre is far below a pixel.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64)
}
