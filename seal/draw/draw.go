// Package draw makes the pictures of seals: one geometry in millimetres, given out as outlines and as a PNG at any resolution.
//
// Sizes and order follow public rules: round seals 国发〔1999〕25号 (text from left to right around a five-pointed star, at most 60 mm), with the
// engravers' usual diameters and borders as defaults; the invoice seal 国家税务总局公告2011年第7号, whose measures are kept as written there. The
// typefaces are those of the font stack: the embedded one is a Song face, and an operator who holds a licence for FangSong or Arial puts those
// fonts first. The state emblem is restricted artwork and is not drawn.
//
// Lengths are millimetres from the top left corner of the picture, x to the right and y downwards. The picture is exactly as large as the seal: the
// outer edge of the border touches its four sides.
package draw

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"unicode"

	"yinxin/fault"
	"yinxin/font"
)

// Kind says what a seal is for, and so how it looks.
type Kind string

// The kinds.
const (
	Agency              Kind = "agency"               // 机关、单位印章: round, 42 mm, star
	LegalName           Kind = "legal-name"           // 法定名称章 of enterprises: round, 40 mm, star
	Finance             Kind = "finance"              // 财务专用章: round, 38 mm, star, purpose below it
	Contract            Kind = "contract"             // 合同专用章: round, 38 mm, star, purpose below it
	Invoice             Kind = "invoice"              // 发票专用章: ellipse of 40 × 30 mm, taxpayer's number across
	LegalRepresentative Kind = "legal-representative" // 法定代表人名章: square, 20 mm
)

// Bare as a Design's Purpose leaves the purpose out where the kind has one by default.
const Bare = "-"

// Bounds of a seal's sides and of its name.
const (
	MinSide = 10.0 // mm
	MaxSide = 60.0 // mm, the largest seal of 国发〔1999〕25号
	MinName = 2    // characters
	MaxName = 60   // characters; personal names at most 9
)

// Design says what to draw. The zero value of a measure means the kind's usual one.
type Design struct {
	Kind Kind
	// Name is the owner's name: along the border of round and oval seals, in columns from the right on a name seal.
	Name string
	// Purpose is the line below the star (财务专用章). On a name seal it is what follows the name: by default 之印 after two characters, 印 after
	// three, nothing after more. Bare leaves it out.
	Purpose string
	// TaxNumber is the taxpayer's number on an invoice seal, 15 to 20 digits and capital letters (18 for a unified social credit code).
	TaxNumber string
	// Number tells several seals of one purpose apart, 1 to 999, shown as (1); 0 shows none.
	Number int
	// Diameter of a round seal, mm. Width and Height are for oval seals (which have no star; 45 × 30 mm is usual for foreign-invested enterprises)
	// and name seals, mm, both or neither. Each side is MinSide to MaxSide. The invoice seal's measures are fixed by its rule.
	Diameter, Width, Height float64
	// Border is the thickness of the border, mm; Star the diameter of the circle round the star's points, mm.
	Border, Star float64
	// Color is the opaque colour of the ink; the zero value is Red.
	Color color.NRGBA
}

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
)

// plan is a design whose measures and texts are settled.
type plan struct {
	Design
	fonts font.Stack
	a, b  float64 // half of width and height of the outer edge
	name  []rune
}

// New lays a seal out. Every failure is a *fault.Error of kind Invalid that says what to change: font-missing-glyph for a character no font draws,
// seal-design-invalid for measures and texts out of bounds, seal-name-too-long when the name cannot be made legible.
func New(d Design, fonts font.Stack) (*Drawing, error) {
	p, err := settle(d, fonts)
	if err != nil {
		return nil, err
	}
	out := &Drawing{Width: 2 * p.a, Height: 2 * p.b, ink: p.Color}
	switch p.Kind {
	case Invoice:
		out.parts, err = p.invoice()
	case LegalRepresentative:
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

// Outlines returns the seal's shapes, to be filled with the ink where the winding number is not zero. Like PNG it is unmarked: only for a seal being
// made.
func (d *Drawing) Outlines() []font.Outline {
	out := make([]font.Outline, len(d.parts))
	for i, p := range d.parts {
		out[i] = slices.Clone(p.outline)
	}
	return out
}

// usual holds a kind's measures, mm; purpose is its default purpose.
type usual struct {
	side, border, star float64
	purpose            string
}

func usualOf(k Kind) (usual, bool) {
	switch k {
	case Agency:
		return usual{42, 1.0, 14, ""}, true
	case LegalName:
		return usual{40, 1.2, 14, ""}, true
	case Finance:
		return usual{38, 1.0, 11, "财务专用章"}, true
	case Contract:
		return usual{38, 1.0, 11, "合同专用章"}, true
	case Invoice:
		return usual{invoiceWidth, invoiceBorder, 0, "发票专用章"}, true
	case LegalRepresentative:
		return usual{20, 1.0, 0, ""}, true
	}
	return usual{}, false
}

// settle fills in what the design leaves open and checks the rest.
func settle(d Design, fonts font.Stack) (*plan, error) {
	u, ok := usualOf(d.Kind)
	if !ok {
		return nil, wrong("未知的印章类型 "+string(d.Kind), "unknown kind of seal "+string(d.Kind))
	}
	p := &plan{Design: d, fonts: fonts}
	if err := p.settleSize(u); err != nil {
		return nil, err
	}
	if err := p.settleTexts(u); err != nil {
		return nil, err
	}
	if p.Color == (color.NRGBA{}) {
		p.Color = Red
	}
	if p.Color.A != 0xFF {
		return nil, wrong("印章颜色不能透明", "the colour of a seal is opaque")
	}
	return p, fonts.Check(string(p.name) + p.Purpose + p.TaxNumber + numberText(p.Number))
}

func (p *plan) settleSize(u usual) error {
	round := p.Kind != Invoice && p.Kind != LegalRepresentative
	width, height := u.side, u.side
	switch {
	case p.Kind == Invoice:
		height = invoiceHeight
		if p.Diameter != 0 || p.Width != 0 || p.Height != 0 || p.Border != 0 || p.Star != 0 {
			return wrong("发票专用章的尺寸由国家税务总局公告2011年第7号规定，不能更改", "the measures of an invoice seal are fixed by its rule and cannot be changed")
		}
	case p.Diameter != 0 && (!round || p.Width != 0 || p.Height != 0):
		return wrong("直径仅用于圆形印章，且不能与宽、高同时指定", "a diameter is for round seals, and excludes width and height")
	case p.Diameter != 0:
		width, height = p.Diameter, p.Diameter
	case p.Width != 0 || p.Height != 0:
		width, height = p.Width, p.Height
	}
	if !within(width, MinSide, MaxSide) || !within(height, MinSide, MaxSide) {
		return wrong(fmt.Sprintf("印章各边须在 %g 至 %g 毫米之间", MinSide, MaxSide), fmt.Sprintf("each side of a seal is %g to %g mm", MinSide, MaxSide))
	}
	p.a, p.b = width/2, height/2
	small := min(width, height)
	if p.Border == 0 {
		p.Border = u.border * min(1, max(width, height)/u.side)
	}
	if !within(p.Border, 0.2, small/10) {
		return wrong("边框宽度须在 0.2 毫米至短边的十分之一之间", "the border is 0.2 mm to a tenth of the shorter side")
	}
	hasStar := round && width == height
	if p.Star != 0 && (!hasStar || !within(p.Star, 3, small/2)) {
		return wrong("五角星仅用于圆形印章，直径须在 3 毫米至印章直径的一半之间", "a star is for round seals, 3 mm to half the seal's diameter")
	}
	if p.Star == 0 && hasStar {
		p.Star = u.star * small / u.side
	}
	return nil
}

func (p *plan) settleTexts(u usual) error {
	p.name = []rune(strings.TrimSpace(p.Name))
	if n := len(p.name); n < MinName || n > MaxName {
		return wrong(fmt.Sprintf("印章名称须为 %d 至 %d 个字", MinName, MaxName), fmt.Sprintf("a seal's name has %d to %d characters", MinName, MaxName))
	}
	if p.Purpose = strings.TrimSpace(p.Purpose); p.Purpose == "" {
		p.Purpose = u.purpose
		if p.Kind == LegalRepresentative {
			p.Purpose = map[int]string{2: "之印", 3: "印"}[len(p.name)]
		}
	}
	if p.Purpose == Bare {
		p.Purpose = ""
	}
	if len([]rune(p.Purpose)) > maxPurpose {
		return wrong(fmt.Sprintf("用途文字不能超过 %d 个字", maxPurpose), fmt.Sprintf("a purpose has at most %d characters", maxPurpose))
	}
	if strings.ContainsFunc(p.Name+p.Purpose, unicode.IsControl) {
		return wrong("印章文字中有控制字符", "the seal's text has control characters")
	}
	if p.Number < 0 || p.Number > 999 || p.Number > 0 && p.Kind == LegalRepresentative {
		return wrong("印章序号须为 1 至 999，名章没有序号", "a seal's number is 1 to 999, and name seals have none")
	}
	if p.Kind != Invoice {
		if p.TaxNumber != "" {
			return wrong("纳税人识别号仅用于发票专用章", "a taxpayer's number is for invoice seals")
		}
		return nil
	}
	bad := func(r rune) bool { return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z') }
	if n := len(p.TaxNumber); n < 15 || n > 20 || strings.ContainsFunc(p.TaxNumber, bad) {
		return wrong("发票专用章须有 15 至 20 位数字或大写字母的纳税人识别号", "an invoice seal has a taxpayer's number of 15 to 20 digits and capital letters")
	}
	return nil
}

func numberText(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("(%d)", n)
}

func within(v, low, high float64) bool { return v >= low && v <= high } // false for NaN

func wrong(zh, en string) error {
	return fault.New(fault.Invalid, "seal-design-invalid", "印章设计有误："+zh+"。请修改后重试。", "the seal's design is wrong: "+en+"; change it and try again", nil)
}

func tooLong(n int) error {
	return fault.New(fault.Invalid, "seal-name-too-long",
		fmt.Sprintf("印章名称共 %d 个字，在此尺寸的印面上无法清晰排列。请使用规范化简称，或加大印章尺寸。", n),
		fmt.Sprintf("the name of %d characters cannot be made legible on a seal of this size; use the registered short name or a larger seal", n), nil)
}
