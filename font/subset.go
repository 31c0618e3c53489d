package font

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"unicode"

	"yinxin/fault"
)

// Subset is a TrueType font program with the glyphs of some characters, for embedding in a document: as CIDFontType2 with Identity-H and an
// identity CIDToGIDMap in PDF, or as a font file in OFD.
//
// Glyph 0 is .notdef; the characters follow from 1 in order of code point, one glyph each, so that a glyph id names exactly one character
// (ToUnicode is exact); the parts of composite glyphs come last. The bytes depend on the font and the set of characters alone.
type Subset struct {
	Data           []byte           // the font file
	GID            map[rune]uint16  // glyph id by character
	Advance        map[rune]float64 // em
	PostScriptName string           // "ABCDEF+Name", as PDF 32000-1 9.6.4 wants it; the tag follows from the font's name and the characters
}

// OS/2 fsType bits that forbid what Subset does.
const (
	embedMask       = 0x000F
	embedRestricted = 0x0002
	embedWhole      = 0x0100 // no subsetting
	embedBitmaps    = 0x0200 // bitmaps only
)

// maxSubset bounds the glyphs of a subset, in bytes: glyphs of a hostile font may overlap. Whole CJK fonts have 10 to 30 MB.
const maxSubset = 64 << 20

// Subset cuts the font down to the characters of runes, in any order and repeated at will; control characters are left out.
//
// Errors are *fault.Error: font-missing-glyph (Invalid), font-unsupported (Invalid) for CFF outlines, font-embedding-forbidden (Denied) when the
// font's own permission bits forbid it, font-damaged (Invalid) when a glyph contradicts the format.
func (f *Font) Subset(runes []rune) (*Subset, error) {
	if e := f.embedding; e&embedMask == embedRestricted || e&(embedWhole|embedBitmaps) != 0 {
		return nil, fault.New(fault.Denied, "font-embedding-forbidden",
			"字体“"+f.metrics.Family+"”的许可标志不允许将其子集嵌入文件。请在配置中换用允许嵌入的字体。",
			"the permission bits of font "+f.metrics.Family+" forbid embedding a subset of it in documents; name another font in the configuration", nil)
	}
	if f.cff != nil {
		return nil, fault.New(fault.Invalid, "font-unsupported",
			"字体“"+f.metrics.Family+"”的轮廓为 CFF 格式，不能嵌入文件。请换用 TrueType 轮廓的 .ttf 或 .ttc 字体。",
			"font "+f.metrics.Family+" has CFF outlines and cannot be embedded in documents; use a .ttf or .ttc font with TrueType outlines", nil)
	}
	set := slices.DeleteFunc(slices.Clone(runes), unicode.IsControl)
	slices.Sort(set)
	set = slices.Compact(set)
	if absent := slices.DeleteFunc(slices.Clone(set), f.Has); len(absent) > 0 {
		return nil, checkMissing(absent, Stack{f})
	}
	c := cutter{font: f, runes: set}
	if err := c.collect(); err != nil {
		return nil, fault.New(fault.Invalid, "font-damaged",
			"字体“"+f.metrics.Family+"”中所需的字形已损坏。请重新获取该字体文件，或在配置中换用其他字体。",
			"a glyph needed of font "+f.metrics.Family+" is damaged; get the font file anew, or name another font in the configuration", err)
	}
	s := &Subset{
		GID:            make(map[rune]uint16, len(set)),
		Advance:        make(map[rune]float64, len(set)),
		PostScriptName: subsetTag(f.metrics.PostScriptName, set) + "+" + f.metrics.PostScriptName,
	}
	for i, r := range set {
		s.GID[r] = uint16(i + 1)
		s.Advance[r] = f.Advance(r)
	}
	s.Data = c.file(s.PostScriptName)
	return s, nil
}

// subsetTag derives six capital letters from the font's name and the characters.
func subsetTag(name string, runes []rune) string {
	sum := sha256.Sum256([]byte(name + "\x00" + string(runes)))
	n := binary.BigEndian.Uint64(sum[:])
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + byte(n%26)
		n /= 26
	}
	return string(tag)
}

// cutter builds a subset.
type cutter struct {
	font    *Font
	runes   []rune
	sources []uint16 // glyph of the whole font by glyph id of the subset
	glyphs  [][]byte // rewritten, by glyph id of the subset
	limits  struct{ points, contours, compositePoints, compositeContours, parts, depth int }
}

// collect gathers the glyphs, parts of composites included, and rewrites them.
func (c *cutter) collect() error {
	c.sources = append(c.sources, 0)
	for _, r := range c.runes {
		c.sources = append(c.sources, c.font.glyph(r))
	}
	ids := make(map[uint16]uint16, len(c.sources))
	for i, source := range slices.Backward(c.sources) {
		ids[source] = uint16(i) // the first of several wins
	}
	if len(c.sources) > 0xFFFF {
		return errors.New("more than 65,535 glyphs")
	}
	size := 0
	for i := 0; i < len(c.sources); i++ { //nolint:intrange // c.sources grows while it runs; every glyph of the font is added at most once as a part
		b, err := c.font.glyphData(c.sources[i])
		if err != nil {
			return err
		}
		end, err := c.measure(c.sources[i])
		if err != nil {
			return err
		}
		if b, err = c.rewrite(b[:end], ids); err != nil {
			return fmt.Errorf("glyph %d: %w", c.sources[i], err)
		}
		if size += len(b); size > maxSubset {
			return errors.New("the glyphs are larger together than a font can be")
		}
		c.glyphs = append(c.glyphs, b)
	}
	return nil
}

// rewrite takes the bytes of a glyph that can be drawn. It drops instructions, for the programs they call are not embedded, and gives the parts of a composite their new ids.
func (c *cutter) rewrite(b []byte, ids map[uint16]uint16) ([]byte, error) {
	if len(b) == 0 {
		return nil, nil
	}
	n := i16(b, 0)
	if n == 0 {
		return nil, nil
	}
	if at := 10 + 2*n; n > 0 {
		return slices.Concat(b[:at], []byte{0, 0}, b[at+2+u16(b, at):]), nil
	}
	parts, _, err := components(b)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(b)
	for _, part := range parts {
		id, known := ids[part.glyph]
		if !known {
			if len(c.sources) >= 0xFFFF {
				return nil, errors.New("more than 65,535 glyphs")
			}
			id = uint16(len(c.sources))
			ids[part.glyph] = id
			c.sources = append(c.sources, part.glyph)
		}
		binary.BigEndian.PutUint16(out[part.at:], uint16(u16(out, part.at)&^haveInstructions))
		binary.BigEndian.PutUint16(out[part.at+2:], id)
	}
	c.limits.parts = max(c.limits.parts, len(parts))
	return out, nil
}

// measure takes the glyph's numbers for table maxp, and so proves that it can be drawn. end is the length of its data without filling.
func (c *cutter) measure(id uint16) (end int, err error) {
	w := walk{font: c.font}
	contours, err := w.glyph(id, 0)
	if err != nil {
		return 0, err
	}
	l := &c.limits
	if w.deepest == 0 {
		l.points, l.contours = max(l.points, w.points), max(l.contours, len(contours))
		return w.end, nil
	}
	l.compositePoints, l.compositeContours = max(l.compositePoints, w.points), max(l.compositeContours, len(contours))
	l.depth = max(l.depth, w.deepest)
	return w.end, nil
}
