package font

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"yinxin/fault"
)

// ParseError says where a font file is not what the format says.
type ParseError struct {
	Offset int64  // bytes from the start of the file, or of the table where Table is set
	Table  string // four letters; "" is the file itself
	Reason string
}

// Error returns the place and the reason.
func (e *ParseError) Error() string {
	if e.Table == "" {
		return fmt.Sprintf("font file, byte %d: %s", e.Offset, e.Reason)
	}
	return fmt.Sprintf("font table %q, byte %d: %s", e.Table, e.Offset, e.Reason)
}

func broken(table string, offset int, format string, args ...any) error {
	return &ParseError{Offset: int64(offset), Table: table, Reason: fmt.Sprintf(format, args...)}
}

// Signatures of the containers, the first four bytes of a file.
const (
	tagTrueType   = 0x00010000
	tagAppleTrue  = 0x74727565 // "true"
	tagOpenType   = 0x4F54544F // "OTTO": CFF outlines
	tagCollection = 0x74746366 // "ttcf"
	tagWOFF       = 0x774F4646 // "wOFF"
	tagWOFF2      = 0x774F4632 // "wOF2"
)

// maxTables bounds the table directory; fonts have 10 to 30 tables. maxFaces bounds a collection; the largest have some dozens.
const (
	maxTables = 512
	maxFaces  = 256
)

// Parse reads the first face of a font file; see ParseFace.
func Parse(data []byte) (*Font, error) { return ParseFace(data, 0) }

// ParseFace reads one face of a font file: TrueType or OpenType (.ttf, .otf), or face number face of a collection (.ttc, .otc), counted from 0.
// Outlines are those of table glyf, or of CFF, which can be drawn but not embedded in documents (Subset). data may be hostile: work and memory are
// bounded by its length, and nothing panics. The font keeps data, which must not change afterwards.
//
// The error is a *fault.Error of kind Invalid: code font-unsupported for variable CFF2 outlines, compressed web fonts and files that are no font,
// font-no-face where the file has fewer faces, and font-damaged, wrapping a *ParseError, for what contradicts the format.
func ParseFace(data []byte, face int) (*Font, error) {
	f, err := parse(data, face)
	if err == nil {
		return f, nil
	}
	var known *fault.Error
	if errors.As(err, &known) {
		return nil, err
	}
	return nil, fault.New(fault.Invalid, "font-damaged",
		"字体文件已损坏，无法读取。请重新获取该字体文件，或换用其他字体。",
		"the font file is damaged; get the file anew, or name another font", err)
}

func unsupported(zh, en string) error {
	return fault.New(fault.Invalid, "font-unsupported",
		"不支持此字体文件："+zh+"。请使用 .ttf、.ttc 或 .otf 字体。",
		"this font file cannot be used: "+en+"; use a .ttf, .ttc or .otf font", nil)
}

func parse(data []byte, face int) (*Font, error) {
	start, err := faceOffset(data, face)
	if err != nil {
		return nil, err
	}
	f := &Font{}
	if f.tables, err = directory(data, start); err != nil {
		return nil, err
	}
	shapes := f.readLoca
	switch {
	case f.tables["glyf"] != nil:
	case f.tables["CFF "] != nil:
		shapes = f.readCFF
	case f.tables["CFF2"] != nil:
		return nil, unsupported("其轮廓为可变的 CFF2 格式", "its outlines are variable (CFF2)")
	default:
		return nil, unsupported("其中没有轮廓（glyf 或 CFF 表）", "it has no outlines (table glyf or CFF)")
	}
	for _, step := range []func() error{f.readHead, f.readMaxp, f.readHorizontal, shapes, f.readCmap} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	f.readOS2()
	f.readPost()
	f.readNames()
	return f, nil
}

// directory reads the tables of the face whose directory begins at start. A table that repeats a name is refused; overlapping ones are harmless.
func directory(data []byte, start int) (map[string][]byte, error) {
	n := int(binary.BigEndian.Uint16(data[start+4:]))
	if n > maxTables || start+12+16*n > len(data) {
		return nil, broken("", start+4, "%d tables", n)
	}
	tables := make(map[string][]byte, n)
	for i := range n {
		at := start + 12 + 16*i
		name := string(data[at : at+4])
		offset, length := uint64(binary.BigEndian.Uint32(data[at+8:])), uint64(binary.BigEndian.Uint32(data[at+12:]))
		if offset+length > uint64(len(data)) {
			return nil, broken("", at, "table %q reaches behind the end", name)
		}
		if tables[name] != nil {
			return nil, broken("", at, "table %q twice", name)
		}
		tables[name] = data[offset : offset+length : offset+length]
	}
	return tables, nil
}

// table returns a table of at least size bytes.
func (f *Font) table(name string, size int) ([]byte, error) {
	t := f.tables[name]
	if len(t) < size {
		return nil, broken(name, len(t), "missing or shorter than %d bytes", size)
	}
	return t, nil
}

func (f *Font) readHead() error {
	t, err := f.table("head", 54)
	if err != nil {
		return err
	}
	units := u16(t, 18)
	if units < 16 || units > 16384 {
		return broken("head", 18, "%d units per em", units)
	}
	f.unitsPerEm = float64(units)
	f.metrics.UnitsPerEm = units
	f.metrics.BBox = Rect{f.em(i16(t, 36)), f.em(i16(t, 38)), f.em(i16(t, 40)), f.em(i16(t, 42))}
	switch format := u16(t, 50); format {
	case 0, 1:
		f.longLoca = format == 1
	default:
		return broken("head", 50, "index format %d", format)
	}
	return nil
}

func (f *Font) readMaxp() error {
	t, err := f.table("maxp", 6)
	if err != nil {
		return err
	}
	if f.glyphs = u16(t, 4); f.glyphs == 0 {
		return broken("maxp", 4, "no glyph")
	}
	return nil
}

func (f *Font) readHorizontal() error {
	t, err := f.table("hhea", 36)
	if err != nil {
		return err
	}
	f.metrics.Ascent, f.metrics.Descent, f.metrics.LineGap = f.em(i16(t, 4)), f.em(i16(t, 6)), f.em(i16(t, 8))
	f.advances = u16(t, 34)
	if f.advances == 0 || f.advances > f.glyphs {
		return broken("hhea", 34, "%d advances for %d glyphs", f.advances, f.glyphs)
	}
	_, err = f.table("hmtx", 4*f.advances)
	return err
}

func (f *Font) readLoca() error {
	size := 2 * (f.glyphs + 1)
	if f.longLoca {
		size *= 2
	}
	_, err := f.table("loca", size)
	return err
}

// readOS2 reads weight, heights and the embedding permission; old fonts lack the table.
func (f *Font) readOS2() {
	f.metrics.Weight = 400
	t := f.tables["OS/2"]
	if len(t) >= 10 {
		if w := u16(t, 4); w >= 1 && w <= 1000 {
			f.metrics.Weight = w
		}
		f.embedding = uint16(u16(t, 8))
	}
	if len(t) >= 90 && u16(t, 0) >= 2 {
		f.metrics.XHeight, f.metrics.CapHeight = f.em(i16(t, 86)), f.em(i16(t, 88))
	}
	if f.metrics.CapHeight <= 0 {
		f.metrics.CapHeight = f.topOf('H', f.metrics.Ascent)
	}
	if f.metrics.XHeight <= 0 {
		f.metrics.XHeight = f.topOf('x', f.metrics.CapHeight/2)
	}
}

// topOf measures how high a letter reaches, for fonts whose OS/2 table does not say.
func (f *Font) topOf(r rune, otherwise float64) float64 {
	if o, ok := f.Outline(r); ok && len(o) > 0 {
		return o.Bounds().MaxY
	}
	return otherwise
}

func (f *Font) readPost() {
	if t := f.tables["post"]; len(t) >= 16 {
		angle := float64(int32(binary.BigEndian.Uint32(t[4:]))) / 65536
		if math.Abs(angle) <= 90 {
			f.metrics.ItalicAngle = angle
		}
		f.metrics.FixedPitch = binary.BigEndian.Uint32(t[12:]) != 0
	}
}

func (f *Font) em(units int) float64 { return float64(units) / f.unitsPerEm }

func (f *Font) advance(id uint16) float64 {
	i := min(int(id), f.advances-1)
	return f.em(u16(f.tables["hmtx"], 4*i))
}

func u16(b []byte, at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
func i16(b []byte, at int) int { return int(int16(binary.BigEndian.Uint16(b[at:]))) }
func u32(b []byte, at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
