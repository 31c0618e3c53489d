package font

import "math"

// cff is table CFF: outlines as programs of cubic curves (Adobe Technical Notes 5176 and 5177). Its data may be hostile; every look-up is bounded.
type cff struct {
	glyphs  index
	global  index   // subroutines of all glyphs
	local   []index // subroutines by font dictionary; one entry for fonts that are not keyed by CID
	chooser []byte  // FDSelect of CID fonts: which font dictionary a glyph belongs to
}

// Operators of the dictionaries; those after the escape byte 12 have it as their high byte.
const (
	dictCharStrings    = 17
	dictPrivate        = 18
	dictSubrs          = 19
	dictCharstringType = 12<<8 | 6
	dictROS            = 12<<8 | 30
	dictFDArray        = 12<<8 | 36
	dictFDSelect       = 12<<8 | 37
)

// maxPrivate bounds a private dictionary, bytes, of which a font may have 256; they take some hundreds.
const maxPrivate = 1 << 12

// maxOperands is how many numbers may stand before an operator (5176, section 4; 5177, appendix B).
const maxOperands = 48

func (f *Font) readCFF() error {
	t := f.tables["CFF "]
	if len(t) < 4 || t[0] != 1 {
		return broken("CFF ", 0, "no header of version 1")
	}
	_, at, err := readIndex(t, int(t[2])) // names
	if err != nil {
		return err
	}
	tops, at, err := readIndex(t, at)
	if err != nil {
		return err
	}
	if _, at, err = readIndex(t, at); err != nil { // strings
		return err
	}
	c := &cff{}
	if c.global, _, err = readIndex(t, at); err != nil {
		return err
	}
	top, err := readDict(t, tops.entry(0))
	if err != nil {
		return err
	}
	if kind, ok := top[dictCharstringType]; ok && (len(kind) != 1 || kind[0] != 2) {
		return broken("CFF ", 0, "outlines of another type than 2")
	}
	if c.glyphs, _, err = readIndex(t, offsetOf(top, dictCharStrings, 0)); err != nil {
		return err
	}
	if c.glyphs.n < f.glyphs {
		return broken("CFF ", 0, "%d outlines for %d glyphs", c.glyphs.n, f.glyphs)
	}
	f.cff = c
	if _, keyed := top[dictROS]; keyed {
		return c.readKeyed(t, top)
	}
	local, err := readLocal(t, top)
	c.local = []index{local}
	return err
}

// readKeyed reads what a font keyed by CID has instead of one private dictionary.
func (c *cff) readKeyed(t []byte, top dict) error {
	fonts, _, err := readIndex(t, offsetOf(top, dictFDArray, 0))
	if err != nil {
		return err
	}
	if fonts.n == 0 || fonts.n > 256 {
		return broken("CFF ", 0, "%d font dictionaries", fonts.n)
	}
	for i := range fonts.n {
		d, err := readDict(t, fonts.entry(i))
		if err != nil {
			return err
		}
		local, err := readLocal(t, d)
		if err != nil {
			return err
		}
		c.local = append(c.local, local)
	}
	at := offsetOf(top, dictFDSelect, 0)
	if at <= 0 || at+5 > len(t) || t[at] == 0 && at+1+c.glyphs.n > len(t) || t[at] != 0 && t[at] != 3 {
		return broken("CFF ", at, "FDSelect")
	}
	c.chooser = t[at:]
	if n := u16(c.chooser, 1); c.chooser[0] == 3 && 5+3*n > len(c.chooser) {
		return broken("CFF ", at, "FDSelect of %d ranges", n)
	}
	return nil
}

// readLocal reads the subroutines that a dictionary's private part names; none is usual for small fonts.
func readLocal(t []byte, d dict) (index, error) {
	private := d[dictPrivate]
	if len(private) != 2 {
		return index{}, nil
	}
	size, at := whole(private[0]), whole(private[1])
	if size < 0 || size > maxPrivate || at < 0 || at > len(t) || size > len(t)-at {
		return index{}, broken("CFF ", 0, "a private dictionary at %d of %d bytes", at, size)
	}
	p, err := readDict(t, span{at, at + size})
	if err != nil {
		return index{}, err
	}
	if _, ok := p[dictSubrs]; !ok {
		return index{}, nil
	}
	subrs, _, err := readIndex(t, offsetOf(p, dictSubrs, at))
	return subrs, err
}

// localOf returns the subroutines a glyph may call besides the global ones.
func (c *cff) localOf(id uint16) index {
	which := 0
	switch {
	case c.chooser == nil:
	case c.chooser[0] == 0:
		which = int(c.chooser[1+int(id)])
	default:
		low, high := 0, u16(c.chooser, 1)
		for high-low > 1 {
			if m := (low + high) / 2; u16(c.chooser, 3+3*m) <= int(id) {
				low = m
			} else {
				high = m
			}
		}
		which = int(c.chooser[3+3*low+2])
	}
	if which >= len(c.local) {
		return index{}
	}
	return c.local[which]
}

// span is a stretch of a table, bytes.
type span struct{ from, to int }

// index is an INDEX: n objects of varying size.
type index struct {
	table []byte
	n     int
	size  int // bytes of an offset, 1 to 4
	at    int // of the offsets
	data  int // what the offsets count from
}

// readIndex reads the INDEX at a position; next is where it ends.
func readIndex(t []byte, at int) (x index, next int, err error) {
	if at <= 0 || at+2 > len(t) {
		return index{}, 0, broken("CFF ", at, "an INDEX outside the table")
	}
	x = index{table: t, n: u16(t, at)}
	if x.n == 0 {
		return x, at + 2, nil
	}
	if at+3 > len(t) || t[at+2] < 1 || t[at+2] > 4 {
		return index{}, 0, broken("CFF ", at+2, "size of offsets")
	}
	x.size, x.at = int(t[at+2]), at+3
	x.data = x.at + (x.n+1)*x.size - 1
	if x.data+1 > len(t) {
		return index{}, 0, broken("CFF ", at, "an INDEX of %d reaches behind the end", x.n)
	}
	next = x.data + x.offset(x.n)
	if next > len(t) || next <= x.data {
		return index{}, 0, broken("CFF ", at, "an INDEX of %d reaches behind the end", x.n)
	}
	return x, next, nil
}

func (x index) offset(i int) int {
	v := 0
	for _, b := range x.table[x.at+i*x.size:][:x.size] {
		v = v<<8 | int(b)
	}
	return v
}

// entry returns where object i lies; an empty span where there is none.
func (x index) entry(i int) span {
	if i < 0 || i >= x.n {
		return span{}
	}
	from, to := x.offset(i), x.offset(i+1)
	if from < 1 || to < from || to > len(x.table)-x.data {
		return span{}
	}
	return span{x.data + from, x.data + to}
}

// dict holds the operands of a DICT by operator.
type dict map[int][]float64

func readDict(t []byte, s span) (dict, error) {
	d := dict{}
	var operands []float64
	for at := s.from; at < s.to; {
		b := t[at]
		if b <= 21 {
			op := int(b)
			if at++; b == 12 {
				if at >= s.to {
					return nil, broken("CFF ", at, "operator cut short")
				}
				op = 12<<8 | int(t[at])
				at++
			}
			d[op], operands = operands, nil
			continue
		}
		v, next, ok := readOperand(t[:s.to], at)
		if !ok || len(operands) == maxOperands {
			return nil, broken("CFF ", at, "a number of a dictionary")
		}
		operands = append(operands, v)
		at = next
	}
	return d, nil
}

// readOperand reads a number of a dictionary. Reals are passed over as NaN: nothing that is used here is one.
func readOperand(t []byte, at int) (v float64, next int, ok bool) {
	b := int(t[at])
	switch {
	case b == 29 && at+5 <= len(t):
		return float64(int32(u32(t, at+1))), at + 5, true
	case b == 30:
		for at++; at < len(t); at++ {
			if t[at]&0x0F == 0x0F || t[at]>>4 == 0x0F {
				return math.NaN(), at + 1, true
			}
		}
		return 0, 0, false
	}
	return readShort(t, at)
}

// readShort reads the numbers that dictionaries and outlines write alike.
func readShort(t []byte, at int) (v float64, next int, ok bool) {
	b := int(t[at])
	switch {
	case b == 28 && at+3 <= len(t):
		return float64(i16(t, at+1)), at + 3, true
	case b >= 32 && b <= 246:
		return float64(b - 139), at + 1, true
	case b >= 247 && b <= 250 && at+2 <= len(t):
		return float64((b-247)*256 + int(t[at+1]) + 108), at + 2, true
	case b >= 251 && b <= 254 && at+2 <= len(t):
		return float64(-(b-251)*256 - int(t[at+1]) - 108), at + 2, true
	}
	return 0, 0, false
}

// offsetOf returns the position an operator names, counted from base; -1 where there is none.
func offsetOf(d dict, op, base int) int {
	v := d[op]
	if len(v) != 1 {
		return -1
	}
	if n := whole(v[0]); n > 0 {
		return base + n
	}
	return -1
}

// whole turns an operand into a whole number; -1 for what is none.
func whole(v float64) int {
	if v != math.Trunc(v) || math.Abs(v) > math.MaxInt32 { // false for NaN
		return -1
	}
	return int(v)
}
