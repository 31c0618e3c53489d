package font

import (
	"errors"

	"yinxin/fault"
)

// ParseProgram reads a font program as documents embed it, for drawing glyphs by number (GlyphOutline). It takes what ParseFace takes, and further what
// is no font file of its own: TrueType without a table of characters, or with one that is not understood, and bare CFF. Such a font has no characters.
// data may be hostile, as for ParseFace, and the errors are the same.
func ParseProgram(data []byte) (*Font, error) {
	f, err := parseProgram(data)
	var known *fault.Error
	if err == nil || errors.As(err, &known) {
		return f, err
	}
	return nil, fault.New(fault.Invalid, "font-damaged", "文件内嵌的字体已损坏，无法读取", "a font embedded in the document is damaged", err)
}

func parseProgram(data []byte) (*Font, error) {
	if len(data) > 4 && data[0] == 1 && data[1] == 0 && data[3] >= 1 && data[3] <= 4 { // a CFF header: version 1.0, and the size of offsets
		return parseBareCFF(data)
	}
	start, err := faceOffset(data, 0)
	if err != nil {
		return nil, err
	}
	f := &Font{}
	if f.tables, err = directory(data, start); err != nil {
		return nil, err
	}
	shapes := f.readLoca
	if f.tables["glyf"] == nil {
		shapes = f.readCFF
	}
	for _, step := range []func() error{f.readHead, f.readMaxp, f.readHorizontal, shapes} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	f.chars = nil
	if f.readCmap() != nil {
		f.chars = noChars{}
	}
	f.readOS2()
	return f, nil
}

// bareUnits is the size of the em in bare CFF that says nothing else: the default of its FontMatrix (Adobe Technical Note 5176, table 9).
const bareUnits = 1000

func parseBareCFF(data []byte) (*Font, error) {
	f := &Font{tables: map[string][]byte{"CFF ": data}, unitsPerEm: bareUnits, chars: noChars{}}
	if err := f.readCFF(); err != nil {
		return nil, err
	}
	f.glyphs = min(f.cff.glyphs.n, 0xFFFF)
	f.metrics = Metrics{UnitsPerEm: bareUnits, Weight: 400}
	return f, f.readCIDs()
}

// dictCharset is the operator of the charset.
const dictCharset = 15

// readCIDs reads which glyph a font keyed by CID has for each CID (5176, section 13). Documents name the glyphs of such a font by these.
func (f *Font) readCIDs() error {
	t := f.tables["CFF "]
	_, at, err := readIndex(t, int(t[2]))
	if err != nil {
		return err
	}
	tops, _, err := readIndex(t, at)
	if err != nil {
		return err
	}
	top, err := readDict(t, tops.entry(0))
	if err != nil {
		return err
	}
	if _, keyed := top[dictROS]; !keyed {
		return nil
	}
	if at = offsetOf(top, dictCharset, 0); at <= 2 || at >= len(t) {
		return nil // a charset of those that are known to all, in which a glyph's number is its CID
	}
	f.cids = map[uint16]uint16{0: 0}
	format := t[at]
	if format > 2 {
		return broken("CFF ", at, "a charset of format %d", format)
	}
	size := 2 + int(format) // a CID, then in formats 1 and 2 how many follow
	at++
	for id := 1; id < f.glyphs; at += size {
		if at+size > len(t) {
			return broken("CFF ", at, "the charset ends too early")
		}
		cid, more := u16(t, at), 0
		switch format {
		case 1:
			more = int(t[at+2])
		case 2:
			more = u16(t, at+2)
		}
		for ; more >= 0 && id < f.glyphs; more-- {
			f.cids[uint16(cid)] = uint16(id)
			cid, id = cid+1, id+1
		}
	}
	return nil
}

// numbered is the glyph that a document means by a number.
func (f *Font) numbered(id uint16) (glyph uint16, ok bool) {
	if f.cids != nil {
		id, ok = f.cids[id]
		return id, ok
	}
	return id, int(id) < f.glyphs
}

// noChars is the table of characters of a font that has none.
type noChars struct{}

func (noChars) lookup(rune) int { return 0 }

// GlyphOutline returns the outline of a glyph by its number, in em, y up: in bare CFF that is keyed by CID, by its CID. ok is false where the font has no
// such glyph or it is damaged.
func (f *Font) GlyphOutline(id uint16) (o Outline, ok bool) {
	id, ok = f.numbered(id)
	if !ok {
		return nil, false
	}
	o, err := f.outline(id)
	return o, err == nil
}

// GlyphAdvance is the width in em that a glyph takes on a line; 0 where the font does not say.
func (f *Font) GlyphAdvance(id uint16) float64 {
	if f.advances == 0 {
		return 0
	}
	return f.advance(id)
}

// Glyph is the number of the glyph that draws a character, 0 where there is none.
func (f *Font) Glyph(r rune) uint16 { return f.glyph(r) }
