// Package font holds the typefaces of seals, licences and reports: an embedded subset of Noto Serif SC (GB 2312, the 8,105 characters of
// 通用规范汉字表, Latin, punctuation and signs) and the fonts an operator names.
//
// A character that no font has is an error that names it, never a blank: ask Missing or Check before laying out text. Lengths are in em (1 em is
// the type size) with y upwards from the baseline, unless said otherwise.
//
// The embedded file is licensed under the SIL Open Font License 1.1 (OFL.txt beside it); recipe/make.sh cuts it from its source.
package font

import (
	_ "embed" // the embedded font
	"fmt"
	"strings"
	"sync"
	"unicode"

	"yinxin/fault"
)

//go:embed NotoSerifSC-Regular.subset.ttf
var embedded []byte

// Default returns the embedded font, parsed once.
var Default = sync.OnceValue(func() *Font {
	f, err := Parse(embedded)
	if err != nil {
		panic("font: the embedded font is damaged: " + err.Error()) // a build fault; the tests parse it
	}
	return f
})

// Font is one face of a TrueType or OpenType font. It is safe for use by several goroutines.
type Font struct {
	tables     map[string][]byte
	chars      charMap
	glyphs     int // number of glyphs
	longLoca   bool
	cff        *cff              // outlines, where table glyf has none
	cids       map[uint16]uint16 // glyphs by CID, of bare CFF that is keyed by it (ParseProgram)
	advances   int               // number of horizontal advances; later glyphs repeat the last
	unitsPerEm float64
	embedding  uint16 // OS/2 fsType
	metrics    Metrics
}

// Metrics are the measures of a whole font, as a PDF FontDescriptor wants them. Lengths are em.
type Metrics struct {
	UnitsPerEm     int
	Ascent         float64 // above the baseline
	Descent        float64 // below the baseline, negative
	LineGap        float64
	CapHeight      float64
	XHeight        float64
	BBox           Rect    // encloses every glyph
	ItalicAngle    float64 // degrees anticlockwise from the vertical; 0 is upright
	FixedPitch     bool
	Weight         int    // 100 to 900; 400 is regular
	PostScriptName string // letters, digits and hyphens
	Family         string
}

// Metrics returns the font's measures.
func (f *Font) Metrics() Metrics { return f.metrics }

// Has reports whether the font draws the character.
func (f *Font) Has(r rune) bool { return f.glyph(r) != 0 }

// Missing returns the characters of text the font does not draw, each once, in order. Control characters (line ends, tabs) are not looked for.
func (f *Font) Missing(text string) []rune { return missing(text, f.Has) }

// Check returns nil when the font draws every character of text, else a *fault.Error of kind Invalid with the code font-missing-glyph.
func (f *Font) Check(text string) error { return checkMissing(f.Missing(text), Stack{f}) }

// Advance returns the width the character takes on a line, in em: that of .notdef where the font does not draw it.
func (f *Font) Advance(r rune) float64 { return f.advance(f.glyph(r)) }

// Outline returns the character's outline in em, y up, from the origin on the baseline. ok is false where the font does not draw the character
// or its outline is damaged; a character without ink (a space) has an empty outline and ok.
func (f *Font) Outline(r rune) (o Outline, ok bool) {
	id := f.glyph(r)
	if id == 0 {
		return nil, false
	}
	o, err := f.outline(id)
	return o, err == nil
}

// Stack is an ordered list of fonts: a character is drawn by the first that has it.
type Stack []*Font

// For returns the first font that draws the character, or nil.
func (s Stack) For(r rune) *Font {
	for _, f := range s {
		if f.Has(r) {
			return f
		}
	}
	return nil
}

// Missing returns the characters of text that no font of the stack draws, each once, in order. Control characters are not looked for.
func (s Stack) Missing(text string) []rune {
	return missing(text, func(r rune) bool { return s.For(r) != nil })
}

// Check returns nil when every character of text is drawn by a font of the stack, else a *fault.Error of kind Invalid with the code
// font-missing-glyph, which names the characters and the fonts.
func (s Stack) Check(text string) error { return checkMissing(s.Missing(text), s) }

func missing(text string, has func(rune) bool) []rune {
	var out []rune
	seen := map[rune]bool{}
	for _, r := range text {
		if unicode.IsControl(r) || seen[r] {
			continue
		}
		seen[r] = true
		if !has(r) {
			out = append(out, r)
		}
	}
	return out
}

// mostNamed bounds how many missing characters an error lists.
const mostNamed = 20

func checkMissing(runes []rune, fonts Stack) error {
	if len(runes) == 0 {
		return nil
	}
	var names []string
	for _, r := range runes[:min(len(runes), mostNamed)] {
		if unicode.IsPrint(r) {
			names = append(names, fmt.Sprintf("%c (U+%04X)", r, r))
		} else {
			names = append(names, fmt.Sprintf("U+%04X", r))
		}
	}
	zh, en := strings.Join(names, "、"), strings.Join(names, ", ")
	if more := len(runes) - len(names); more > 0 {
		zh += fmt.Sprintf(" 等 %d 个", len(runes))
		en += fmt.Sprintf(" and %d more", more)
	}
	var families []string
	for _, f := range fonts[:min(len(fonts), mostNamed)] {
		families = append(families, f.metrics.Family)
	}
	if len(families) == 0 {
		families = []string{"-"}
	}
	return fault.New(fault.Invalid, "font-missing-glyph",
		"字体（"+strings.Join(families, "、")+"）缺少字符："+zh+"。请指定含有这些字符的字体文件（.ttf、.ttc 或 .otf），或改用其他字符。",
		"no font at hand ("+strings.Join(families, ", ")+") draws "+en+"; name a font file (.ttf, .ttc or .otf) that has them, or use other characters", nil)
}
