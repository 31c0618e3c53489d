package font

import (
	"encoding/binary"
	"maps"
	"math/bits"
	"slices"
	"unicode/utf16"
)

// file writes the collected glyphs as a font file.
func (c *cutter) file(name string) []byte {
	glyf, loca := c.outlines()
	hmtx, widest := c.horizontal()
	return assemble(map[string][]byte{
		"OS/2": c.os2(),
		"cmap": writeCmap(c.runes),
		"glyf": glyf,
		"head": c.head(),
		"hhea": c.hhea(widest),
		"hmtx": hmtx,
		"loca": loca,
		"maxp": c.maxp(),
		"name": writeNames(c.font.metrics.Family, name),
		"post": c.post(),
	})
}

// assemble joins tables into a file with its checksums (OpenType, "Organization of an OpenType Font").
func assemble(tables map[string][]byte) []byte {
	names := slices.Sorted(maps.Keys(tables))
	n := len(names)
	log := bits.Len(uint(n)) - 1
	out := binary.BigEndian.AppendUint32(nil, tagTrueType)
	for _, v := range []int{n, 16 << log, log, 16*n - 16<<log} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	offset, head := 12+16*n, 0
	for _, name := range names {
		t := tables[name]
		if name == "head" {
			head = offset
		}
		out = append(out, name...)
		for _, v := range []uint32{checksum(t), uint32(offset), uint32(len(t))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		offset += (len(t) + 3) &^ 3
	}
	for _, name := range names {
		out = append(out, tables[name]...)
		out = append(out, make([]byte, -len(out)&3)...)
	}
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(b []byte) uint32 {
	var sum uint32
	for ; len(b) >= 4; b = b[4:] {
		sum += binary.BigEndian.Uint32(b)
	}
	if len(b) > 0 {
		var last [4]byte
		copy(last[:], b)
		sum += binary.BigEndian.Uint32(last[:])
	}
	return sum
}

// outlines writes glyf, each glyph on a boundary of four bytes, and loca in its long form.
func (c *cutter) outlines() (glyf, loca []byte) {
	loca = make([]byte, 4, 4*len(c.glyphs)+4)
	for _, g := range c.glyphs {
		glyf = append(glyf, g...)
		glyf = append(glyf, make([]byte, -len(glyf)&3)...)
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	}
	return glyf, loca
}

// horizontal writes hmtx with an advance for every glyph, and returns the widest one.
func (c *cutter) horizontal() (hmtx []byte, widest int) {
	source := c.font.tables["hmtx"]
	for i, id := range c.sources {
		at := int(id)
		advance := u16(source, 4*min(at, c.font.advances-1))
		bearing := 4*at + 2
		if at >= c.font.advances {
			bearing = 4*c.font.advances + 2*(at-c.font.advances)
		}
		left := 0
		switch {
		case bearing+2 <= len(source):
			left = i16(source, bearing)
		case len(c.glyphs[i]) >= 4:
			left = i16(c.glyphs[i], 2) // xMin
		}
		hmtx = append16(hmtx, advance, left)
		widest = max(widest, advance)
	}
	return hmtx, widest
}

func (c *cutter) head() []byte {
	t := slices.Clone(c.font.tables["head"][:54])
	binary.BigEndian.PutUint32(t, 0x00010000)
	binary.BigEndian.PutUint32(t[8:], 0) // checkSumAdjustment, filled in last
	binary.BigEndian.PutUint32(t[12:], 0x5F0F3CF5)
	binary.BigEndian.PutUint16(t[50:], 1) // long offsets
	binary.BigEndian.PutUint16(t[52:], 0)
	return t
}

func (c *cutter) hhea(widest int) []byte {
	t := slices.Clone(c.font.tables["hhea"][:36])
	binary.BigEndian.PutUint32(t, 0x00010000)
	binary.BigEndian.PutUint16(t[10:], uint16(widest))
	binary.BigEndian.PutUint16(t[32:], 0)
	binary.BigEndian.PutUint16(t[34:], uint16(len(c.sources)))
	return t
}

func (c *cutter) maxp() []byte {
	l := &c.limits
	t := binary.BigEndian.AppendUint32(nil, 0x00010000)
	return append16(t, len(c.glyphs), l.points, l.contours, l.compositePoints, l.compositeContours,
		1, // zones: no twilight zone, as there are no instructions
		0, 0, 0, 0, 0, 0, l.parts, l.depth)
}

// os2 writes version 4 with what readers look at: weight, permission, heights and the range of characters.
func (c *cutter) os2() []byte {
	f, m := c.font, &c.font.metrics
	units := func(em float64) int { return int(em*f.unitsPerEm + 0.5) }
	first, last := 0xFFFF, 0xFFFF
	if len(c.runes) > 0 {
		first, last = int(min(c.runes[0], 0xFFFF)), int(min(c.runes[len(c.runes)-1], 0xFFFF))
	}
	ascent, descent := i16(f.tables["hhea"], 4), i16(f.tables["hhea"], 6)
	em := int(f.unitsPerEm)
	t := append16(nil, 4, em, m.Weight, 5, int(f.embedding))
	t = append16(t, em/2, em/2, 0, em/8, em/2, em/2, 0, em/3, em/20, em/4, 0) // sub- and superscripts, strikeout, family class
	t = append(t, make([]byte, 10+16)...)                                     // PANOSE and Unicode ranges: unknown
	t = append(t, "NONE"...)
	t = append16(t, 0x0040, first, last, ascent, descent, i16(f.tables["hhea"], 8), max(0, ascent), max(0, -descent))
	t = append(t, make([]byte, 8)...) // code pages: unknown
	return append16(t, units(m.XHeight), units(m.CapHeight), 0, ' ', 1)
}

func (c *cutter) post() []byte {
	t := make([]byte, 32)
	copy(t, c.font.tables["post"])
	binary.BigEndian.PutUint32(t, 0x00030000) // no glyph names
	clear(t[16:])
	return t
}

// writeCmap maps the runes, sorted, to glyphs 1, 2, 3…: a format 4 subtable for the basic plane and, where there is more, one of format 12.
func writeCmap(runes []rune) []byte {
	type run struct{ first, last, glyph int }
	var runs []run
	for i, r := range runes {
		if n := len(runs); n > 0 && int(r) == runs[n-1].last+1 && r != 0x10000 {
			runs[n-1].last++
			continue
		}
		runs = append(runs, run{int(r), int(r), i + 1})
	}
	narrow := slices.IndexFunc(runs, func(r run) bool { return r.first > 0xFFFF })
	if narrow < 0 {
		narrow = len(runs)
	}
	needWide := narrow < len(runs)
	size4 := 16 + 8*(narrow+1)
	if size4 > 0xFFFF { // format 4 cannot say its length: the wide one alone
		narrow, needWide, size4 = 0, true, 24
	}
	var four []byte
	n := narrow + 1 // and the segment that ends the table
	log := bits.Len(uint(n)) - 1
	four = append16(four, 4, size4, 0, 2*n, 2<<log, log, 2*n-2<<log)
	for _, r := range runs[:narrow] {
		four = append16(four, r.last)
	}
	four = append16(four, 0xFFFF, 0)
	for _, r := range runs[:narrow] {
		four = append16(four, r.first)
	}
	four = append16(four, 0xFFFF)
	for _, r := range runs[:narrow] {
		four = append16(four, r.glyph-r.first)
	}
	four = append16(four, 1)
	four = append(four, make([]byte, 2*n)...)
	if !needWide {
		return append(append32(append16(nil, 0, 1, 3, 1), 12), four...)
	}
	wide := append32(append16(nil, 12, 0), 16+12*len(runs), 0, len(runs))
	for _, r := range runs {
		wide = append32(wide, r.first, r.last, r.glyph)
	}
	t := append32(append16(nil, 0, 2, 3, 1), 20)
	t = append32(append16(t, 3, 10), 20+len(four))
	return slices.Concat(t, four, wide)
}

// writeNames writes the four names a font must have, for Windows in American English.
func writeNames(family, postScriptName string) []byte {
	entries := []struct {
		id   int
		text string
	}{{nameFamily, family}, {nameStyle, "Regular"}, {nameFull, family}, {namePostScript, postScriptName}}
	t := append16(nil, 0, len(entries), 6+12*len(entries))
	var storage []byte
	for _, e := range entries {
		from := len(storage)
		for _, u := range utf16.Encode([]rune(e.text)) {
			storage = append16(storage, int(u))
		}
		t = append16(t, 3, 1, 0x409, e.id, len(storage)-from, from)
	}
	return append(t, storage...)
}

func append16(b []byte, values ...int) []byte {
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return b
}

func append32(b []byte, values ...int) []byte {
	for _, v := range values {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	return b
}
