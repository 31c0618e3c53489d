package cms

import (
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// cursor walks the elements of a DER value and knows where it is, so that errors can say so. The value has been through toDER: lengths are definite
// and minimal, and elements do not overrun what holds them.
type cursor struct {
	data     []byte
	pos, end int
}

func (c *cursor) empty() bool { return c.pos >= c.end }

func (c *cursor) fail(what string) error { return &ParseError{Offset: int64(c.pos), What: what} }

// peek returns the first identifier octet of the next element, 0 at the end.
func (c *cursor) peek() byte {
	if c.empty() {
		return 0
	}
	return c.data[c.pos]
}

// next takes one element of whatever tag.
func (c *cursor) next(what string) (raw []byte, in cursor, err error) {
	s := scanner{data: c.data}
	if c.empty() {
		return nil, in, c.fail(what + " is missing")
	}
	h, err := s.header(c.pos, c.end)
	if err != nil {
		return nil, in, err
	}
	end := h.body + h.length
	raw = c.data[c.pos:end:end]
	in = cursor{c.data, h.body, end}
	c.pos = end
	return raw, in, nil
}

// enter takes an element that must have the tag and returns a cursor over its contents.
func (c *cursor) enter(tag byte, what string) (cursor, error) {
	if got := c.peek(); got != tag {
		return cursor{}, c.fail(what + " expected")
	}
	_, in, err := c.next(what)
	return in, err
}

// element takes an element that must have the tag and returns it whole.
func (c *cursor) element(tag byte, what string) ([]byte, error) {
	if c.peek() != tag {
		return nil, c.fail(what + " expected")
	}
	raw, _, err := c.next(what)
	return raw, err
}

// bytes returns what is left.
func (c *cursor) bytes() []byte { return c.data[c.pos:c.end:c.end] }

func (c *cursor) oid(what string) (asn1.ObjectIdentifier, error) {
	at := *c
	raw, err := c.element(byte(cbasn1.OBJECT_IDENTIFIER), what)
	if err != nil {
		return nil, err
	}
	var oid asn1.ObjectIdentifier
	if s := cryptobyte.String(raw); !s.ReadASN1ObjectIdentifier(&oid) {
		return nil, at.fail(what + " is not an object identifier")
	}
	return oid, nil
}

func (c *cursor) integer(what string) (*big.Int, error) {
	at := *c
	raw, err := c.element(byte(cbasn1.INTEGER), what)
	if err != nil {
		return nil, err
	}
	n := new(big.Int)
	if s := cryptobyte.String(raw); len(raw) > 64 || !s.ReadASN1Integer(n) {
		return nil, at.fail(what + " is not an integer")
	}
	return n, nil
}

func (c *cursor) version(what string) (int, error) {
	at := *c
	n, err := c.integer(what)
	if err != nil {
		return 0, err
	}
	if !n.IsInt64() || n.Int64() < 0 || n.Int64() > 100 {
		return 0, at.fail(what + " is out of range")
	}
	return int(n.Int64()), nil
}

func (c *cursor) octets(what string) ([]byte, error) {
	in, err := c.enter(tagOctetString, what)
	if err != nil {
		return nil, err
	}
	return in.bytes(), nil
}

// algorithm takes an AlgorithmIdentifier; params is nil where absent.
func (c *cursor) algorithm(what string) (oid asn1.ObjectIdentifier, params []byte, err error) {
	in, err := c.enter(tagSequence, what)
	if err != nil {
		return nil, nil, err
	}
	if oid, err = in.oid(what); err != nil {
		return nil, nil, err
	}
	if !in.empty() {
		if params, _, err = in.next(what); err != nil {
			return nil, nil, err
		}
	}
	return oid, params, in.done(what)
}

// done reports what is left over.
func (c *cursor) done(what string) error {
	if !c.empty() {
		return c.fail("something follows " + what)
	}
	return nil
}
