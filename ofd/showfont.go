package ofd

import (
	"strconv"
	"strings"

	"yinxin/font"
)

// face is a Font of the resources.
type face struct {
	program      *font.Font // embedded; nil where there is none that can be read
	family       string
	bold, italic bool
	drawn        map[uint16]bool // whether the program draws a glyph
}

// face finds the font of a text.
func (s *shower) face(id string, sc scope) (*face, error) {
	r := sc.res.find(id, "Font")
	if r.n == nil {
		s.out.omit("resource-missing", "Font "+id)
		return &face{}, nil
	}
	key := r.by.name + "\x00" + strconv.FormatInt(r.n.from, 10)
	if f, ok := s.fonts[key]; ok {
		return f, nil
	}
	f := &face{family: value(r.n, "FamilyName"), bold: truth(value(r.n, "Bold"), false), italic: truth(value(r.n, "Italic"), false)}
	if f.family == "" {
		f.family = value(r.n, "FontName")
	}
	s.fonts[key] = f
	loc, err := r.n.textOf("FontFile")
	if err != nil || loc == "" {
		return f, err
	}
	e, err := s.d.follow(r.by, r.from, link{loc: loc})
	if err != nil {
		return nil, err
	}
	if e == nil {
		s.out.omit("part-missing", loc)
		return f, nil
	}
	data, err := s.fetch(e)
	if err != nil {
		return nil, err
	}
	if f.program, err = font.ParseProgram(data); err != nil {
		s.out.omit("font-unreadable", display(e.name))
		f.program = nil
	}
	return f, nil
}

// glyph is a glyph of a font that draws a character.
type glyph struct {
	font    *font.Font // nil: no font at hand draws it
	id      uint16
	advance float64 // em
	guest   bool    // of the font built in, in place of one that the package does not embed
}

// glyphOf finds what draws a character: the glyph that the page names, else that of the embedded font, else that of the font built in.
func (f *face) glyphOf(r rune, named uint16) glyph {
	if f.program != nil {
		id := named
		if id == 0 {
			id = f.program.Glyph(r)
		}
		if id != 0 && f.draws(id) {
			return glyph{font: f.program, id: id, advance: f.program.GlyphAdvance(id)}
		}
	}
	if own := font.Default(); own.Has(r) {
		return glyph{font: own, id: own.Glyph(r), advance: own.Advance(r), guest: true}
	}
	return glyph{advance: 1}
}

// draws reports whether the embedded font has a glyph.
func (f *face) draws(id uint16) bool {
	ok, known := f.drawn[id]
	if !known {
		if f.drawn == nil {
			f.drawn = map[uint16]bool{}
		}
		_, ok = f.program.GlyphOutline(id)
		f.drawn[id] = ok
	}
	return ok
}

// glyphKey names an outline.
type glyphKey struct {
	font *font.Font
	id   uint16
}

// glyphUnits is how many units of an outline make one em.
const glyphUnits = 1000

// outline writes a glyph's outline once and returns its ID; empty where it has no ink.
func (s *svg) outline(g glyph) string {
	key := glyphKey{g.font, g.id}
	if id, ok := s.glyphs[key]; ok {
		return id
	}
	o, _ := g.font.GlyphOutline(g.id)
	id := ""
	if len(o) > 0 {
		id = s.id("g")
		s.defs.WriteString(`<path id="` + id + `" d="`)
		s.defs.Write(outlineData(o))
		s.defs.WriteString(`"/>`)
	}
	s.glyphs[key] = id
	return id
}

// outlineData is an outline as path data, y downwards.
func outlineData(o font.Outline) []byte {
	b := make([]byte, 0, 16*len(o))
	for i := range o {
		b = append(b, "MLQCZ"[o[i].Op])
		for j, p := range o[i].Points() {
			if j > 0 {
				b = append(b, ' ')
			}
			b = appendNumber(b, p.X*glyphUnits, 1)
			b = append(b, ' ')
			b = appendNumber(b, -p.Y*glyphUnits, 1)
		}
	}
	return b
}

// families names fonts for the viewer's own, used for a character that no font at hand draws.
func families(family string) string {
	var out []string
	add := func(list ...string) {
		for _, name := range list {
			out = append(out, "'"+name+"'")
		}
	}
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`'"\;:{}()<>&@`, r) {
			return -1
		}
		return r
	}, family)
	if clean != "" && len(clean) <= 100 {
		add(clean)
	}
	switch {
	case strings.Contains(family, "楷") || strings.Contains(strings.ToLower(family), "kai"):
		add("KaiTi", "STKaiti", "Kaiti SC")
	case strings.Contains(family, "仿宋") || strings.Contains(strings.ToLower(family), "fangsong"):
		add("FangSong", "STFangsong")
	case strings.Contains(family, "黑") || strings.Contains(strings.ToLower(family), "hei"):
		add("SimHei", "STHeiti", "Noto Sans CJK SC")
	case strings.Contains(strings.ToLower(family), "courier"):
		add("Courier New", "monospace")
	}
	add("SimSun", "STSong", "Songti SC", "Noto Serif CJK SC", "Droid Sans Fallback")
	return strings.Join(append(out, "serif"), ",")
}
