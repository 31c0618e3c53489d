package seal

import (
	"encoding/asn1"
	"fmt"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"

	"yinxin/fault"
)

// ParseError says where bytes stop being a seal or a signature and why.
type ParseError struct {
	Offset int64  // of the element at fault, in bytes from the start of the input
	Field  string // its name in the ASN.1 module, with the fields round it
	Reason string
}

// Error returns all three.
func (e *ParseError) Error() string {
	return fmt.Sprintf("%s at byte %d: %s", e.Field, e.Offset, e.Reason)
}

// public wraps e for people. what is the thing that was being read, in both languages.
func (e *ParseError) public(zh, en string) error {
	return fault.New(fault.Invalid, "seal-format",
		fmt.Sprintf("%s无法读取：第 %d 字节处的 %s 不合格式。请确认文件完整，并向提供者索取原始文件", zh, e.Offset, e.Field),
		fmt.Sprintf("the %s cannot be read: check that the file is whole and ask its sender for the original", en), e)
}

// Deviation is something read though this package would not write it so. A v4 or v5 input without any is canonical: its fields encode to its bytes.
type Deviation struct {
	Offset int64 // as in ParseError
	Field  string
	ZH, EN string // what about it, in both languages
}

// The tags of SES structures.
const (
	tagBoolean         = 0x01
	tagInteger         = 0x02
	tagBitString       = 0x03
	tagOctetString     = 0x04
	tagOID             = 0x06
	tagUTF8String      = 0x0c
	tagPrintableString = 0x13
	tagIA5String       = 0x16
	tagUTCTime         = 0x17
	tagGeneralizedTime = 0x18
	tagSequence        = 0x30
	tagContext0        = 0xa0
)

// Bounds of what is read, in bytes where nothing else is said.
const (
	MaxSize    = 16 << 20 // one seal or signature
	MaxPicture = 8 << 20  // the picture's data

	maxText       = 4 << 10  // one string
	maxCert       = 64 << 10 // one certificate
	maxToken      = 1 << 20  // one time stamp
	maxValue      = 2 << 10  // one signature value
	maxOID        = 64
	maxListed     = 4096 // entries of certList
	maxExtensions = 256
)

const (
	generalizedTime = "20060102150405Z"
	utcTime         = "060102150405Z"
)

// decoder holds one input. The first failure sticks: after it every read returns zero values, so that structures are read straight down.
type decoder struct {
	in         []byte
	err        *ParseError
	deviations []Deviation
}

func (d *decoder) fail(off int, field, reason string) {
	if d.err == nil {
		d.err = &ParseError{Offset: int64(off), Field: field, Reason: reason}
	}
}

func (d *decoder) note(off int, field, zh, en string) {
	d.deviations = append(d.deviations, Deviation{Offset: int64(off), Field: field, ZH: zh, EN: en})
}

// element is one TLV. raw and body are slices of the input.
type element struct {
	tag       byte
	off       int // of the tag
	raw, body []byte
}

// cursor walks the elements of one constructed value, in[pos:end].
type cursor struct {
	d        *decoder
	pos, end int
}

// whole opens the single SEQUENCE that an input must be.
func (d *decoder) whole(field string) (element, cursor) {
	if len(d.in) > MaxSize {
		d.fail(0, field, fmt.Sprintf("%d bytes are more than %d", len(d.in), MaxSize))
		return element{}, cursor{d: d}
	}
	c := cursor{d: d, end: len(d.in)}
	e := c.take(field, tagSequence)
	c.done(field)
	return e, c.into(e)
}

// into returns a cursor over e's body.
func (c *cursor) into(e element) cursor {
	end := e.off + len(e.raw)
	return cursor{d: c.d, pos: end - len(e.body), end: end}
}

// more reports whether elements are left.
func (c *cursor) more() bool { return c.d.err == nil && c.pos < c.end }

// peek returns the tag of the next element, 0 where there is none.
func (c *cursor) peek() byte {
	if !c.more() {
		return 0
	}
	return c.d.in[c.pos]
}

// done fails where elements are left.
func (c *cursor) done(field string) {
	if c.more() {
		c.d.fail(c.pos, field, "has bytes after its last field")
	}
}

// any reads the next element: DER only, so lengths are definite and minimal, and tags below 31.
func (c *cursor) any(field string) element {
	if c.d.err != nil {
		return element{}
	}
	rest := c.d.in[c.pos:c.end]
	if len(rest) == 0 {
		c.d.fail(c.pos, field, "is missing")
		return element{}
	}
	head, n, reason := header(rest)
	if reason != "" {
		c.d.fail(c.pos, field, reason)
		return element{}
	}
	e := element{tag: rest[0], off: c.pos, raw: rest[: head+n : head+n], body: rest[head : head+n : head+n]}
	c.pos += head + n
	return e
}

// header measures the element at the start of b, which is not empty: the length of its tag and length octets, and of its body.
func header(b []byte) (head, body int, reason string) {
	if b[0]&0x1f == 0x1f {
		return 0, 0, "has a tag of more than one byte"
	}
	if len(b) < 2 {
		return 0, 0, "ends before its length"
	}
	head, body = 2, int(b[1])
	if b[1] >= 0x80 {
		octets := int(b[1] & 0x7f)
		if octets == 0 {
			return 0, 0, "has an indefinite length (BER, not DER)"
		}
		if octets > 3 || len(b) < 2+octets { // four octets would be more than MaxSize
			return 0, 0, "is longer than what holds it"
		}
		head, body = 2+octets, 0
		for _, o := range b[2:head] {
			body = body<<8 | int(o)
		}
		if b[2] == 0 || body < 0x80 {
			return 0, 0, "has a length not in its shortest form (BER, not DER)"
		}
	}
	if body > len(b)-head {
		return 0, 0, "is longer than what holds it"
	}
	return head, body, ""
}

// take reads the next element, which must have the tag.
func (c *cursor) take(field string, tag byte) element {
	if c.more() && c.peek() != tag {
		c.d.fail(c.pos, field, fmt.Sprintf("has tag %#02x where %#02x is due", c.peek(), tag))
	}
	return c.any(field)
}

// enter reads a constructed element and returns a cursor over it.
func (c *cursor) enter(field string, tag byte) cursor {
	e := c.take(field, tag)
	return c.into(e)
}

// count returns how many elements are left, looking at no more than limit+1.
func (c cursor) count(field string, limit int) int {
	n := 0
	for ; c.more() && n <= limit; n++ {
		c.any(field)
	}
	return n
}

// bounded reads an element of at most limit body bytes.
func (c *cursor) bounded(field string, tag byte, limit int) element {
	e := c.take(field, tag)
	if len(e.body) > limit {
		c.d.fail(e.off, field, fmt.Sprintf("%d bytes are more than %d", len(e.body), limit))
		return element{}
	}
	return e
}

func (c *cursor) octets(field string, limit int) []byte {
	return c.bounded(field, tagOctetString, limit).body
}

// bits reads a BIT STRING of whole bytes.
func (c *cursor) bits(field string, limit int) []byte {
	e := c.bounded(field, tagBitString, limit+1)
	if c.d.err != nil {
		return nil
	}
	if len(e.body) == 0 || e.body[0] != 0 {
		c.d.fail(e.off, field, "is not a BIT STRING of whole bytes")
		return nil
	}
	return e.body[1:]
}

// integer reads an INTEGER from 0 to 2³¹-1.
func (c *cursor) integer(field string) int {
	e := c.take(field, tagInteger)
	if c.d.err != nil {
		return 0
	}
	b := e.body
	switch {
	case len(b) == 0 || len(b) > 1 && b[0] == 0 && b[1] < 0x80:
		c.d.fail(e.off, field, "is not an INTEGER in its shortest form")
		return 0
	case b[0] >= 0x80 || len(b) > 4:
		c.d.fail(e.off, field, "is negative or beyond 2147483647")
		return 0
	}
	n := 0
	for _, o := range b {
		n = n<<8 | int(o)
	}
	return n
}

// text reads a string of the type and checks that its bytes belong to it.
func (c *cursor) text(field string, tag byte) string {
	e := c.bounded(field, tag, maxText)
	if c.d.err != nil {
		return ""
	}
	s := string(e.body)
	if !validText(tag, s) {
		c.d.fail(e.off, field, "holds bytes its string type does not allow")
		return ""
	}
	return s
}

// validText reports whether s may stand in a string of the type.
func validText(tag byte, s string) bool {
	if tag == tagUTF8String {
		return utf8.ValidString(s)
	}
	for i := range len(s) {
		if s[i] >= 0x80 || tag == tagPrintableString && !printable(s[i]) {
			return false
		}
	}
	return true
}

// printable reports whether c is in the PrintableString alphabet (X.680 41.4).
func printable(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	switch c {
	case ' ', '\'', '(', ')', '+', ',', '-', '.', '/', ':', '=', '?':
		return true
	}
	return false
}

func (c *cursor) oid(field string) asn1.ObjectIdentifier {
	e := c.bounded(field, tagOID, maxOID)
	if c.d.err != nil {
		return nil
	}
	var oid asn1.ObjectIdentifier
	in := cryptobyte.String(e.raw)
	if !in.ReadASN1ObjectIdentifier(&oid) {
		c.d.fail(e.off, field, "is not an OBJECT IDENTIFIER")
		return nil
	}
	return oid
}

// time reads a GeneralizedTime or, where utc allows it, a UTCTime; both to the second and with Z.
func (c *cursor) time(field string, utc bool) time.Time {
	e := c.any(field)
	if c.d.err != nil {
		return time.Time{}
	}
	layout := generalizedTime
	switch {
	case e.tag == tagGeneralizedTime:
	case e.tag == tagUTCTime && utc:
		layout = utcTime
	default:
		c.d.fail(e.off, field, fmt.Sprintf("has tag %#02x where a time is due", e.tag))
		return time.Time{}
	}
	t, err := time.Parse(layout, string(e.body[:min(len(e.body), 32)]))
	if err != nil || t.Format(layout) != string(e.body) {
		c.d.fail(e.off, field, "is not a time of the form "+layout)
		return time.Time{}
	}
	return t
}
