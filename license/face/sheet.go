package face

import (
	"strings"

	"rsc.io/qr"

	"yinxin/fault"
	"yinxin/layout"
	"yinxin/license"
)

// Geometry of the landscape face, mm.
const (
	pageWidth  = layout.A4Height
	pageHeight = layout.A4Width
	left       = 27.0 // of fields and QR code
	right      = pageWidth - left
	fieldsTop  = 58.0
	fieldsEnd  = 145.0 // below it: QR code, issuing body and seal
	footTop    = 150.0
	codeSize   = 34.0 // QR code with its quiet zone
	sealX      = 236.0
	sealY      = 168.0
)

// The colours of the face.
var (
	ink   = layout.Colour{R: 28, G: 30, B: 33}
	teal  = layout.Colour{R: 30, G: 82, B: 92}
	brass = layout.Colour{R: 164, G: 134, B: 84}
	hair  = layout.Colour{R: 208, G: 201, B: 186}
	grey  = layout.Colour{R: 106, G: 110, B: 114}
	pale  = layout.Colour{R: 238, G: 229, B: 226}
	paper = layout.Colour{R: 253, G: 252, B: 248}
)

// sheet gathers the items of one face.
type sheet struct {
	record license.Record
	typ    license.Type
	fonts  layout.Fonts
	items  []layout.Item
}

func (s *sheet) add(items ...layout.Item) { s.items = append(s.items, items...) }

// draw draws everything: ground and frame first, then the text in the order it is read.
func (s *sheet) draw(specimen bool) error {
	s.frame()
	if specimen {
		s.add(layout.Text{X: pageWidth/2 + 12, Y: 142, String: "样例", Size: 230, Align: layout.Centre, Angle: 24, Colour: pale, Spacing: 26})
	}
	if err := s.title(); err != nil {
		return err
	}
	if err := s.fields(); err != nil {
		return err
	}
	if err := s.code(); err != nil {
		return err
	}
	if err := s.issuer(); err != nil {
		return err
	}
	if specimen {
		s.add(layout.Text{X: pageWidth / 2, Y: 195.2, String: "样例，不具有任何效力 · SPECIMEN, NOT VALID", Size: 8, Align: layout.Centre, Colour: grey, Spacing: 0.2})
	}
	return nil
}

// frame draws the ground and a double frame whose inner line steps back at the corners round a diamond.
func (s *sheet) frame() {
	const out, in, step = 9.0, 12.2, 6.0
	s.add(layout.Box{X: 0, Y: 0, Width: pageWidth, Height: pageHeight, Fill: &paper})
	s.add(layout.Box{X: out, Y: out, Width: pageWidth - 2*out, Height: pageHeight - 2*out, Stroke: 0.9, Colour: teal})
	s.add(layout.Box{X: out + 1.3, Y: out + 1.3, Width: pageWidth - 2*out - 2.6, Height: pageHeight - 2*out - 2.6, Stroke: 0.18, Colour: teal})
	corners := [4][2]float64{{in, in}, {pageWidth - in, in}, {pageWidth - in, pageHeight - in}, {in, pageHeight - in}}
	for i, c := range corners {
		next := corners[(i+1)%4]
		sx, sy := direction(c[0], pageWidth), direction(c[1], pageHeight)
		// the step: two short lines, and a diamond in the square they leave
		s.line(c[0]+sx*step, c[1], c[0]+sx*step, c[1]+sy*step)
		s.line(c[0], c[1]+sy*step, c[0]+sx*step, c[1]+sy*step)
		s.diamond(c[0]+sx*step/2, c[1]+sy*step/2, 1.7, brass)
		// the side to the next corner
		if c[1] == next[1] {
			s.line(c[0]+sx*step, c[1], next[0]-sx*step, c[1])
		} else {
			s.line(c[0], c[1]+sy*step, c[0], next[1]-sy*step)
		}
	}
}

// direction is 1 where at lies in the first half of a length, else -1.
func direction(at, length float64) float64 {
	if at < length/2 {
		return 1
	}
	return -1
}

func (s *sheet) line(x1, y1, x2, y2 float64) {
	s.add(layout.Line{X1: x1, Y1: y1, X2: x2, Y2: y2, Width: 0.3, Colour: brass})
}

// diamond draws a square on its tip; r is half its diagonal.
func (s *sheet) diamond(x, y, r float64, fill layout.Colour) {
	outline := layout.RectangleOutline(x, y, 0, 0)
	for i, d := range [4][2]float64{{0, -r}, {r, 0}, {0, r}, {-r, 0}} {
		outline[i].P[0].X, outline[i].P[0].Y = x+d[0], y+d[1]
	}
	s.add(layout.Shape{Outline: outline, Fill: fill})
}

func (s *sheet) title() error {
	name := s.typ.Name.ZH
	n := float64(len([]rune(name)) - 1)
	size := 34.0
	var spacing float64
	for ; ; size -= 0.5 {
		if size < 16 {
			return tooFull("证照名称", "the licence's name")
		}
		spacing = min(4.5, size*0.12)
		if layout.Width(s.fonts, name, size)+n*spacing <= pageWidth-2*left-20 {
			break
		}
	}
	s.add(layout.Text{X: pageWidth / 2, Y: 36.5, String: name, Size: size, Align: layout.Centre, Colour: teal, Spacing: spacing, Bold: true})
	if !s.fit(layout.Text{X: pageWidth / 2, Y: 43.3, String: s.typ.Name.EN, Align: layout.Centre, Colour: grey, Spacing: 0.12}, 9, pageWidth-2*left) {
		return tooFull("证照英文名称", "the licence's English name")
	}
	for _, d := range []float64{-1, 1} {
		s.add(layout.Line{X1: pageWidth/2 + d*4, Y1: 49, X2: pageWidth/2 + d*62, Y2: 49, Width: 0.25, Colour: brass})
		s.diamond(pageWidth/2+d*62, 49, 0.7, brass)
	}
	s.diamond(pageWidth/2, 49, 1.5, brass)
	return nil
}

// fit adds a line of text, smaller where it is wider than width; down to half the size.
func (s *sheet) fit(t layout.Text, size, width float64) bool {
	n := float64(len([]rune(t.String)))
	for t.Size = size; t.Size >= size/2; t.Size -= 0.25 {
		if layout.Width(s.fonts, t.String, t.Size)+n*t.Spacing <= width {
			s.add(t)
			return true
		}
	}
	return false
}

// code draws the QR code with its caption, the identifier and the validity.
func (s *sheet) code() error {
	code, err := qr.Encode(s.record.QR, qr.M)
	if err != nil {
		return fault.New(fault.Invalid, "face-qr", "核验地址过长，不能制成二维码：请缩短证照类型中的 qr 基址", "the address is too long for a QR code: shorten the type's QR base", err)
	}
	const quiet = 4 // modules of white on every side
	module := codeSize / float64(code.Size+2*quiet)
	white := layout.Colour{R: 255, G: 255, B: 255}
	s.add(layout.Box{X: left, Y: footTop, Width: codeSize, Height: codeSize, Fill: &white, Stroke: 0.2, Colour: hair})
	dark := layout.RectangleOutline(0, 0, 0, 0)[:0]
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			run := 0
			for code.Black(x+run, y) {
				run++
			}
			if run > 0 {
				dark = append(dark, layout.RectangleOutline(left+module*float64(x+quiet), footTop+module*float64(y+quiet), module*float64(run), module)...)
				x += run
			}
		}
	}
	s.add(layout.Shape{Outline: dark, Fill: layout.Colour{}})
	return s.caption(left + codeSize + 7)
}

// caption sets the text beside the QR code.
func (s *sheet) caption(x float64) error {
	const width = 112.0
	y := footTop + 4.6
	const largest, labelWidth = 9.0, 19.0
	size := largest
	var identifier []string
	for {
		var ok bool
		if identifier, ok = s.breakIdentifier(size, width-labelWidth); ok {
			break
		}
		if size -= 0.25; size < 6.5 {
			return tooFull("证照标识", "the identifier")
		}
	}
	rows := []struct {
		label string
		lines []string
	}{{"证照标识", identifier}, {"有效期", []string{s.validity()}}}
	for _, row := range rows {
		label, _ := s.label(x, y, row.label, size)
		s.add(label)
		for _, l := range row.lines {
			s.add(layout.Text{X: x + labelWidth, Y: y, String: l, Size: size, Colour: ink})
			y += 4.6
		}
		y += 1.6
	}
	s.add(layout.Text{X: x, Y: footTop + codeSize - 6.4, String: "扫描二维码，核验本证照的真伪与当前状态。", Size: 8.5, Colour: grey})
	s.add(layout.Text{X: x, Y: footTop + codeSize - 1.6, String: "Scan the code to verify this licence and its present status.", Size: 7.5, Colour: grey})
	return nil
}

// breakIdentifier breaks the identifier behind its dots; ok says that it takes at most three lines of the width.
func (s *sheet) breakIdentifier(size, width float64) (lines []string, ok bool) {
	lines = []string{""}
	for part := range strings.SplitAfterSeq(s.record.Identifier, ".") {
		last := &lines[len(lines)-1]
		if *last != "" && layout.Width(s.fonts, *last+part, size) > width {
			lines = append(lines, part)
			continue
		}
		*last += part
	}
	for _, l := range lines {
		if layout.Width(s.fonts, l, size) > width {
			return nil, false
		}
	}
	return lines, len(lines) <= 3
}

func (s *sheet) validity() string {
	if s.record.Validity.Until == "" {
		return "自 " + s.record.Validity.From.Chinese() + " 起长期有效"
	}
	return s.record.Validity.From.Chinese() + " 至 " + s.record.Validity.Until.Chinese()
}

// issuer sets the issuing body and the day at the lower right, across the lower half of the place of the seal, where its star does not cover them.
func (s *sheet) issuer() error {
	body, day := "发证机关", "签发日期"
	for _, f := range s.typ.Fields {
		switch f.Role {
		case license.IssuerName:
			body = f.Label.ZH
		case license.IssueDate:
			day = f.Label.ZH
		}
	}
	const width = 66.0
	size := 14.0
	var lines []string
	for ; ; size -= 0.5 {
		if size < 7.5 {
			return tooFull("发证机关名称", "the issuing body's name")
		}
		if lines = layout.Wrap(s.fonts, s.record.Issuer.Name, size, width); len(lines) <= issuerLines(size) {
			break
		}
	}
	step := size * layout.MM * 1.35
	y := sealY + 12.6 - step*float64(len(lines)-1)/2
	s.add(layout.Text{X: sealX, Y: y - 6.6, String: body, Size: 9, Align: layout.Centre, Colour: teal})
	for _, l := range lines {
		s.add(layout.Text{X: sealX, Y: y, String: l, Size: size, Align: layout.Centre, Colour: ink})
		y += step
	}
	if !s.fit(layout.Text{X: sealX, Y: y - step + 7.6, String: day + " " + s.record.Issued.Chinese(), Align: layout.Centre, Colour: ink}, 11, width) {
		return tooFull("日期的标题", "the label of the date")
	}
	return nil
}

// issuerLines is how many lines the issuing body's name may take at a size.
func issuerLines(size float64) int {
	switch {
	case size >= 11:
		return 1
	case size >= 9:
		return 2
	}
	return 3
}
