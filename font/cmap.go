package font

import "sort"

// charMap finds the glyph of a character; 0 where there is none.
type charMap interface{ lookup(r rune) int }

func (f *Font) glyph(r rune) uint16 {
	id := f.chars.lookup(r)
	if id <= 0 || id >= f.glyphs {
		return 0
	}
	return uint16(id)
}

// readCmap takes the widest Unicode subtable of format 4 or 12. Later encodings of the same width override none: the first is kept.
func (f *Font) readCmap() error {
	t, err := f.table("cmap", 4)
	if err != nil {
		return err
	}
	n := u16(t, 2)
	if 4+8*n > len(t) {
		return broken("cmap", 2, "%d subtables", n)
	}
	for i := range n {
		at := 4 + 8*i
		if !unicodeEncoding(u16(t, at), u16(t, at+2)) {
			continue
		}
		offset := u32(t, at+4)
		if offset+8 > len(t) {
			return broken("cmap", at+4, "a subtable behind the end")
		}
		switch u16(t, offset) {
		case 4:
			if f.chars == nil {
				if f.chars, err = readFormat4(t, offset); err != nil {
					return err
				}
			}
		case 12:
			if _, wide := f.chars.(groups); !wide {
				if f.chars, err = readFormat12(t, offset); err != nil {
					return err
				}
			}
		}
	}
	if f.chars == nil {
		return broken("cmap", 4, "no Unicode subtable of format 4 or 12")
	}
	return nil
}

func unicodeEncoding(platform, encoding int) bool {
	return platform == 0 && encoding != 5 || platform == 3 && (encoding == 1 || encoding == 10)
}

// segments is a subtable of format 4: four parallel arrays of n 16 bit numbers, then glyph ids.
type segments struct {
	ends, starts, deltas, offsets []byte // offsets reaches to the end of the subtable
	n                             int
}

func readFormat4(t []byte, at int) (charMap, error) {
	// The length field is 16 bits and wrong in large fonts: the table's end bounds the subtable instead.
	if at+16 > len(t) {
		return nil, broken("cmap", at, "format 4 cut short")
	}
	n := u16(t, at+6) / 2
	body := t[at+14:]
	if n == 0 || 8*n+2 > len(body) {
		return nil, broken("cmap", at+6, "%d segments", n)
	}
	s := segments{ends: body[:2*n], starts: body[2*n+2 : 4*n+2], deltas: body[4*n+2 : 6*n+2], offsets: body[6*n+2:], n: n}
	for i := 1; i < n; i++ {
		if u16(s.ends, 2*i) < u16(s.ends, 2*i-2) {
			return nil, broken("cmap", at+14+2*i, "segments out of order")
		}
	}
	return s, nil
}

func (s segments) lookup(r rune) int {
	if r < 0 || r > 0xFFFF {
		return 0
	}
	c := int(r)
	i := sort.Search(s.n, func(i int) bool { return u16(s.ends, 2*i) >= c })
	if i == s.n || u16(s.starts, 2*i) > c {
		return 0
	}
	delta, offset := u16(s.deltas, 2*i), u16(s.offsets, 2*i)
	if offset == 0 {
		return (c + delta) & 0xFFFF
	}
	at := 2*i + offset + 2*(c-u16(s.starts, 2*i))
	if at+2 > len(s.offsets) {
		return 0
	}
	if id := u16(s.offsets, at); id != 0 {
		return (id + delta) & 0xFFFF
	}
	return 0
}

// groups is a subtable of format 12: n groups of first and last character and first glyph, 32 bits each.
type groups []byte

func readFormat12(t []byte, at int) (charMap, error) {
	if at+16 > len(t) {
		return nil, broken("cmap", at, "format 12 cut short")
	}
	n := u32(t, at+12)
	if n > (len(t)-at-16)/12 {
		return nil, broken("cmap", at+12, "%d groups", n)
	}
	g := groups(t[at+16 : at+16+12*n])
	for i := range n {
		if u32(g, 12*i) > u32(g, 12*i+4) || i > 0 && u32(g, 12*i) <= u32(g, 12*i-8) {
			return nil, broken("cmap", at+16+12*i, "groups out of order")
		}
	}
	return g, nil
}

func (g groups) lookup(r rune) int {
	c := int(r)
	if c < 0 {
		return 0
	}
	n := len(g) / 12
	i := sort.Search(n, func(i int) bool { return u32(g, 12*i+4) >= c })
	if i == n || u32(g, 12*i) > c {
		return 0
	}
	return u32(g, 12*i+8) + c - u32(g, 12*i)
}
