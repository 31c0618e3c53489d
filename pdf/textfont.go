package pdf

import (
	"cmp"
	"slices"
	"strings"
)

const (
	defaultWidth = 1000 // of a CID, in thousandths of an em
	unknownWidth = 500
	symbolicFlag = 1 << 2 // of a font descriptor: its characters are not those of the standard encoding
	perMille     = 1.0 / 1000
	leastEntries = 256
	fontsKept    = 1 << 20 // entries of fonts that are kept
	entryCost    = 16      // in bytes of content
)

// textFont turns the strings that are shown into characters (ISO 32000-1, 9.10.2): by ToUnicode, which the file's maker says the glyphs mean, or by
// the names of the glyphs or the encoding. What the glyphs look like is not asked.
type textFont struct {
	coding   coding
	unicode  *cmap   // ToUnicode; nil where there is none
	widths   []width // sorted by low
	other    float64 // the width of all else
	em       float64 // units of width in one
	vertical bool
	advance  float64 // downwards, in units of width; vertical only
	drawn    bool    // its glyphs are content streams, which no rendering mode hides: Type 3
	entries  int     // read for it, as a measure of its cost
}

// width is that of the glyphs from low to high.
type width struct {
	low, high uint32
	w         float64
}

// shownGlyph is one code of a string that is shown.
type shownGlyph struct {
	text    string
	known   bool
	advance float64 // in em, along the line
	blank   bool    // it is the single byte 32, which word spacing is for
}

// next takes the first glyph off a string that is not empty.
func (f *textFont) next(s []byte) (shownGlyph, []byte) {
	code, n := f.coding.next(s)
	g := shownGlyph{blank: n == 1 && code == ' ', advance: f.width(f.coding.glyph(code, n)) * f.em}
	if f.unicode != nil {
		g.text, g.known = f.unicode.char(code)
	}
	if !g.known {
		g.text, g.known = f.coding.meaning(code, n)
	}
	if f.vertical {
		g.advance = f.advance * f.em
	}
	return g, s[n:]
}

func (f *textFont) width(glyph uint32) float64 {
	i, found := slices.BinarySearchFunc(f.widths, glyph, func(w width, g uint32) int { return cmp.Compare(w.low, g) })
	if !found {
		i--
	}
	if i >= 0 && glyph <= f.widths[i].high {
		return f.widths[i].w
	}
	return f.other
}

// untoldFont is a font of which nothing can be told.
func untoldFont() *textFont {
	return &textFont{coding: &simple{}, other: unknownWidth, em: perMille, entries: leastEntries}
}

// textFont reads a font. Errors are those that end the reading of the file; what else is wrong with a font leaves its characters untold.
func (v snapshot) textFont(o Object) (*textFont, error) {
	d, err := v.dict(o)
	if err != nil || d == nil {
		return untoldFont(), onlyFatal(err)
	}
	f := &textFont{em: perMille, entries: leastEntries}
	if s, err := v.stream(d["ToUnicode"]); err == nil && s != nil { // a name there says nothing
		if f.unicode, err = v.cmap(s); err != nil {
			return nil, err
		}
		if f.unicode != nil {
			f.entries += len(f.unicode.chars)
		}
	}
	if d["Subtype"] == Object(Name("Type0")) {
		err = v.composite(f, d)
	} else {
		err = v.simpleFont(f, d)
	}
	if err = onlyFatal(err); err != nil {
		return nil, err
	}
	if f.coding == nil {
		f.coding = &simple{}
	}
	slices.SortStableFunc(f.widths, func(a, b width) int { return cmp.Compare(a.low, b.low) })
	return f, nil
}

// cmap reads a CMap; nil where it cannot be read.
func (v snapshot) cmap(s *Stream) (*cmap, error) {
	data, err := v.f.decode(s)
	if err != nil || len(data) > maxCMap {
		return nil, onlyFatal(err)
	}
	return parseCMap(data), nil
}

// composite reads a Type0 font (ISO 32000-1, 9.7).
func (v snapshot) composite(f *textFont, d Dict) error {
	f.coding, f.other, f.advance = identityCoding{}, defaultWidth, -1000
	if err := v.encodingCMap(f, d["Encoding"]); err != nil {
		return err
	}
	list, err := v.array(d["DescendantFonts"])
	if err != nil || len(list) == 0 {
		return err
	}
	cid, err := v.dict(list[0])
	if err != nil {
		return err
	}
	if n, err := v.number(cid["DW"]); err == nil && cid["DW"] != nil {
		f.other = n
	}
	if dw2, err := v.array(cid["DW2"]); err == nil && len(dw2) == 2 {
		if n, ok := asNumber(dw2[1]); ok {
			f.advance = n
		}
	}
	return v.cidWidths(f, cid["W"])
}

// encodingCMap reads the encoding of a Type0 font. One that is not known here still has two bytes a code, as all that are not known have.
func (v snapshot) encodingCMap(f *textFont, o Object) error {
	o, err := v.resolve(o)
	if err != nil {
		return err
	}
	switch e := o.(type) {
	case Name:
		if c, vertical := predefined(e); c != nil {
			f.coding, f.vertical = c, vertical
		}
	case *Stream:
		m, err := v.cmap(e)
		if err != nil || m == nil {
			return err
		}
		base, _ := v.name(e.Dict["UseCMap"])
		if base == "" {
			base = m.uses
		}
		if c, vertical := predefined(base); c != nil && len(m.cids) == 0 {
			f.coding, f.vertical = c, vertical
			return nil
		}
		f.coding, f.vertical = m, m.vertical
		f.entries += len(m.cids)
	}
	return nil
}

// cidWidths reads W (ISO 32000-1, 9.7.4.3).
func (v snapshot) cidWidths(f *textFont, o Object) error {
	list, err := v.array(o)
	f.entries += len(list)
	for err == nil && len(list) >= 2 {
		first, ok := asNumber(list[0])
		if !ok || first < 0 || first > noCID {
			return nil
		}
		second, err := v.resolve(list[1])
		if err != nil {
			return err
		}
		if each, ok := second.(Array); ok {
			f.entries += len(each)
			for i, o := range each {
				if w, ok := asNumber(o); ok {
					f.widths = append(f.widths, width{uint32(first) + uint32(i), uint32(first) + uint32(i), w})
				}
			}
			list = list[2:]
			continue
		}
		last, ok := asNumber(second)
		if !ok || len(list) < 3 || last < first || last > noCID {
			return nil
		}
		if w, ok := asNumber(list[2]); ok {
			f.widths = append(f.widths, width{uint32(first), uint32(last), w})
		}
		list = list[3:]
	}
	return err
}

// simpleFont reads a font of one byte a code (ISO 32000-1, 9.6).
func (v snapshot) simpleFont(f *textFont, d Dict) error {
	base, _ := v.name(d["BaseFont"])
	family, _, _ := strings.Cut(string(base[strings.IndexByte(string(base), '+')+1:]), ",") // without the marks of a subset and of a style
	descriptor, err := v.dict(d["FontDescriptor"])
	if err != nil {
		return err
	}
	if err := v.simpleEncoding(f, d, descriptor, family); err != nil {
		return err
	}
	if d["Subtype"] == Object(Name("Type3")) {
		f.drawn = true
		if m, ok := v.matrix(d["FontMatrix"]); ok {
			f.em = m[0]
		}
	}
	return v.simpleWidths(f, d, descriptor, family)
}

// simpleEncoding reads what the codes of a simple font mean. What an embedded font says by itself is not read: its codes then have no meaning.
func (v snapshot) simpleEncoding(f *textFont, d, descriptor Dict, family string) error {
	o, err := v.resolve(d["Encoding"])
	if err != nil {
		return err
	}
	name, _ := o.(Name)
	changed, _ := o.(Dict)
	if changed != nil {
		name, _ = v.name(changed["BaseEncoding"])
	}
	flags, _ := v.integer(descriptor["Flags"])
	out := &simple{}
	switch {
	case name == "WinAnsiEncoding":
		out = winAnsi()
	case name == "MacRomanEncoding":
		out = macRoman()
	case name == "StandardEncoding":
		out = standardEncoding()
	case family == "Symbol":
		out = symbolic()
	case family != "ZapfDingbats" && flags&symbolicFlag == 0 && d["Subtype"] != Object(Name("Type3")):
		out = standardEncoding()
	}
	differences, err := v.array(changed["Differences"])
	f.coding, f.entries = out, f.entries+len(differences)
	code := int64(0)
	for _, o := range differences {
		switch x := o.(type) {
		case int64:
			code = x
		case Name:
			if code >= 0 && code < 256 {
				out[code], _ = glyphRune(x)
			}
			code++
		}
	}
	return err
}

// simpleWidths reads Widths; the standard fonts need not have them.
func (v snapshot) simpleWidths(f *textFont, d, descriptor Dict, family string) error {
	f.other, _ = v.number(descriptor["MissingWidth"])
	first, err := v.integer(d["FirstChar"])
	if err != nil {
		return err
	}
	list, err := v.array(d["Widths"])
	if err != nil || list == nil {
		f.widths, f.other = standardWidths(family, f.coding)
		return err
	}
	for i, o := range list[:min(len(list), 256)] {
		if n, err := v.number(o); err == nil && first >= 0 && first < 256 {
			f.widths = append(f.widths, width{uint32(first) + uint32(i), uint32(first) + uint32(i), n})
		}
	}
	return nil
}

// matrix reads a transformation.
func (v snapshot) matrix(o Object) (m matrix, ok bool) {
	a, err := v.array(o)
	if err != nil || len(a) != 6 {
		return identity, false
	}
	for i := range m {
		if m[i], err = v.number(a[i]); err != nil {
			return identity, false
		}
	}
	return m, true
}
