package pdf

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf16"
)

const (
	maxCMap      = 8 << 20 // bytes of a CMap
	maxCodeBytes = 4
	maxMeaning   = 16 // characters that one code stands for; beyond it is cut
	maxUse       = 4  // CMaps that build on one another
)

// cmap is what a CMap says (ISO 32000-1, 9.7.5 and 9.10.3; Adobe technical note 5014): which bytes make a code, and what CID or character it stands for.
type cmap struct {
	spaces   []codeSpace
	cids     []mapping // sorted by low
	chars    []mapping // sorted by low
	vertical bool
	uses     Name // the predefined CMap that it builds on
}

// codeSpace are the codes of n bytes whose every byte is between those of low and high.
type codeSpace struct {
	low, high uint32
	n         int
}

// mapping says what the codes from low to high stand for: CIDs or characters, counted on from to.
type mapping struct {
	low, high uint32
	to        uint32
	before    string // the characters before the last one, where a code stands for several
}

// parseCMap reads a CMap; what is malformed in it is left out.
func parseCMap(data []byte) *cmap {
	m := &cmap{}
	p := newProgram(data[:min(len(data), maxCMap)], 4, nil)
	for word := p.next(); len(word) > 0; word = p.next() {
		args := p.operands
		switch string(word) {
		case "endcodespacerange":
			for ; len(args) >= 2; args = args[2:] {
				m.addSpace(args[0], args[1])
			}
		case "endcidchar":
			for ; len(args) >= 2; args = args[2:] {
				m.addCIDs(args[0], args[0], args[1])
			}
		case "endcidrange":
			for ; len(args) >= 3; args = args[3:] {
				m.addCIDs(args[0], args[1], args[2])
			}
		case "endbfchar":
			for ; len(args) >= 2; args = args[2:] {
				m.addChars(args[0], args[0], args[1])
			}
		case "endbfrange":
			for ; len(args) >= 3; args = args[3:] {
				m.addChars(args[0], args[1], args[2])
			}
		case "usecmap":
			m.uses = p.lastName()
		case "def":
			if len(args) == 2 && args[0] == Object(Name("WMode")) {
				m.vertical = args[1] == Object(int64(1))
			}
		}
	}
	byLow := func(a, b mapping) int { return cmp.Compare(a.low, b.low) }
	slices.SortStableFunc(m.cids, byLow)
	slices.SortStableFunc(m.chars, byLow)
	return m
}

// cmapCode reads a code as a CMap writes it.
func cmapCode(o Object) (code uint32, n int, ok bool) {
	s, isString := o.(String)
	if !isString || len(s) == 0 || len(s) > maxCodeBytes {
		return 0, 0, false
	}
	return uint32(bigEndian(s)), len(s), true
}

func (m *cmap) addSpace(low, high Object) {
	a, n, ok := cmapCode(low)
	b, n2, ok2 := cmapCode(high)
	if ok && ok2 && n == n2 && len(m.spaces) < 256 {
		m.spaces = append(m.spaces, codeSpace{a, b, n})
	}
}

func (m *cmap) addCIDs(low, high, cid Object) {
	a, _, ok := cmapCode(low)
	b, _, ok2 := cmapCode(high)
	to, ok3 := cid.(int64)
	if ok && ok2 && ok3 && a <= b && to >= 0 && to <= math.MaxUint16 {
		m.cids = append(m.cids, mapping{low: a, high: b, to: uint32(to)})
	}
}

func (m *cmap) addChars(low, high, to Object) {
	a, _, ok := cmapCode(low)
	b, _, ok2 := cmapCode(high)
	if !ok || !ok2 || a > b {
		return
	}
	switch to := to.(type) {
	case String:
		m.addText(a, b, to)
	case Array:
		for i, o := range to {
			if s, ok := o.(String); ok && uint32(i) <= b-a {
				m.addText(a+uint32(i), a+uint32(i), s)
			}
		}
	case Name:
		if r, ok := glyphRune(to); ok {
			m.chars = append(m.chars, mapping{low: a, high: a, to: uint32(r)})
		}
	}
}

// addText enters the text of a run of codes: its last character counts on.
func (m *cmap) addText(low, high uint32, utf16BE String) {
	runes := decodeUTF16(utf16BE)
	if len(runes) > 0 {
		runes = runes[:min(len(runes), maxMeaning)]
		last := len(runes) - 1
		m.chars = append(m.chars, mapping{low: low, high: high, before: string(runes[:last]), to: uint32(runes[last])})
	}
}

// decodeUTF16 reads big-endian units; a single byte is a unit.
func decodeUTF16(s []byte) []rune {
	if len(s) == 1 {
		return []rune{rune(s[0])}
	}
	units := make([]uint16, len(s)/2)
	for i := range units {
		units[i] = uint16(s[2*i])<<8 | uint16(s[2*i+1])
	}
	return utf16.Decode(units)
}

// find returns the mapping of a code, of several the one that starts last and was given last; ok is false where there is none. Of those that overlap
// only a few are looked at.
func find(list []mapping, code uint32) (mapping, bool) {
	const few = 8
	after, _ := slices.BinarySearchFunc(list, code, func(m mapping, c uint32) int {
		if m.low <= c {
			return -1
		}
		return 1
	})
	for i := after - 1; i >= 0 && i >= after-few; i-- {
		if code <= list[i].high {
			return list[i], true
		}
	}
	return mapping{}, false
}

// char is what a code stands for, as characters.
func (m *cmap) char(code uint32) (string, bool) {
	at, ok := find(m.chars, code)
	if !ok {
		return "", false
	}
	return at.before + string(rune(at.to+code-at.low)), true
}

// next splits the first code off a string that is not empty. Bytes that begin no code are one of the shortest length.
func (m *cmap) next(s []byte) (code uint32, n int) {
	shortest := maxCodeBytes
	for _, space := range m.spaces {
		if space.n <= len(s) && space.holds(s) {
			return uint32(bigEndian(s[:space.n])), space.n
		}
		shortest = min(shortest, space.n)
	}
	if len(m.spaces) == 0 {
		shortest = 2
	}
	shortest = min(shortest, len(s))
	return uint32(bigEndian(s[:shortest])), shortest
}

func (c codeSpace) holds(s []byte) bool {
	for i := range c.n {
		shift := 8 * (c.n - 1 - i)
		if b := uint32(s[i]); b < c.low>>shift&0xff || b > c.high>>shift&0xff {
			return false
		}
	}
	return true
}

// glyph is the CID of a code.
func (m *cmap) glyph(code uint32, _ int) uint32 {
	if at, ok := find(m.cids, code); ok {
		return at.to + code - at.low
	}
	return 0
}

// meaning is nothing: CIDs say not what they mean.
func (m *cmap) meaning(uint32, int) (string, bool) { return "", false }
