package cms

// element is one element of a BER value. Where it is DER already only raw is set, so that a DER value costs nothing but the scan.
type element struct {
	raw    []byte    // the element (or several in a row) as received, when clean
	id     []byte    // identifier octets
	prim   []byte    // contents of a primitive element
	parts  []element // contents of a constructed one, in order
	octets bool      // an OCTET STRING in pieces: parts are joined into one primitive
	size   int       // length of the contents in DER
}

const (
	tagOctetString            = 0x04
	tagConstructedOctetString = 0x24
	constructed               = 0x20
)

// toDER rewrites indefinite and over-long lengths and octet strings in pieces, and nothing else: the order of sets and the contents of primitive
// elements stay, so a part that was DER comes out byte for byte and what was signed over it still verifies. n is how many bytes of data the first
// element takes. A value that needs no rewriting is returned itself.
func toDER(data []byte) (der []byte, n int, err error) {
	s := scanner{data: data, left: maxElements}
	e, end, err := s.element(0, len(data), 0)
	if err != nil {
		return nil, 0, err
	}
	if e.raw != nil {
		return e.raw, end, nil
	}
	return e.appendTo(make([]byte, 0, e.encodedSize())), end, nil
}

type scanner struct {
	data []byte
	left int // elements that may still be kept
}

func (s *scanner) fail(at int, what string) error { return &ParseError{Offset: int64(at), What: what} }

// element reads the element at pos, which ends at or before limit.
func (s *scanner) element(pos, limit, depth int) (element, int, error) {
	if depth >= maxDepth {
		return element{}, 0, s.fail(pos, "nested too deeply")
	}
	h, err := s.header(pos, limit)
	if err != nil {
		return element{}, 0, err
	}
	if s.data[pos]&constructed != 0 {
		return s.composite(pos, limit, depth, h)
	}
	if h.indefinite {
		return element{}, 0, s.fail(pos, "primitive element of indefinite length")
	}
	end := h.body + h.length
	if h.minimal {
		return element{raw: s.data[pos:end:end]}, end, nil
	}
	return element{id: s.data[pos:h.idEnd], prim: s.data[h.body:end], size: h.length}, end, s.count(pos)
}

// composite reads the parts of the constructed element at pos. Parts that are clean and follow one another are kept as one run.
func (s *scanner) composite(pos, limit, depth int, h header) (element, int, error) {
	if !h.indefinite {
		limit = h.body + h.length
	}
	e := element{id: s.data[pos:h.idEnd], octets: s.data[pos] == tagConstructedOctetString}
	run, next := h.body, h.body // where the clean run began, where the next part begins
	for h.indefinite || next < limit {
		if h.indefinite && next+2 <= limit && s.data[next] == 0 && s.data[next+1] == 0 {
			break
		}
		part, end, err := s.element(next, limit, depth+1)
		if err != nil {
			return e, 0, err
		}
		if e.octets && part.tag() != tagOctetString {
			return e, 0, s.fail(next, "an octet string in pieces holds something else")
		}
		if part.raw == nil || e.octets {
			e.addRun(s.data[run:next])
			e.parts = append(e.parts, part)
			e.size += part.encodedSizeIn(e.octets)
			run = end
			if err := s.count(next); err != nil {
				return e, 0, err
			}
		}
		next = end
	}
	if h.minimal && !h.indefinite && !e.octets && e.parts == nil {
		return element{raw: s.data[pos:next:next]}, next, nil
	}
	e.addRun(s.data[run:next])
	if h.indefinite {
		next += 2 // the end-of-contents octets
	}
	return e, next, s.count(pos)
}

// addRun keeps parts that need no rewriting.
func (e *element) addRun(raw []byte) {
	if len(raw) > 0 {
		e.parts = append(e.parts, element{raw: raw})
		e.size += len(raw)
	}
}

// count bounds what is kept of a value that is not DER.
func (s *scanner) count(at int) error {
	if s.left--; s.left < 0 {
		return s.fail(at, "too many elements that are not DER")
	}
	return nil
}

type header struct {
	idEnd, body, length int
	minimal, indefinite bool
}

// header reads identifier and length octets at pos; the contents end at or before limit.
func (s *scanner) header(pos, limit int) (header, error) {
	h := header{idEnd: pos + 1, minimal: true}
	if pos >= limit {
		return h, s.fail(pos, "an element is missing")
	}
	if s.data[pos]&0x1f == 0x1f { // a high tag number, 7 bits an octet
		for {
			if h.idEnd >= limit || h.idEnd-pos > 4 {
				return h, s.fail(pos, "malformed tag")
			}
			h.idEnd++
			if s.data[h.idEnd-1]&0x80 == 0 {
				break
			}
		}
	}
	if h.idEnd >= limit {
		return h, s.fail(pos, "length is missing")
	}
	first := s.data[h.idEnd]
	h.body = h.idEnd + 1
	switch {
	case first < 0x80:
		h.length = int(first)
	case first == 0x80:
		h.indefinite = true
	case first > 0x84:
		return h, s.fail(pos, "length is larger than any value read here")
	default:
		for range first & 0x7f {
			if h.body >= limit {
				return h, s.fail(pos, "length is cut off")
			}
			if h.length = h.length<<8 | int(s.data[h.body]); h.length > maxBytes {
				return h, s.fail(pos, "length is larger than any value read here")
			}
			h.body++
		}
		h.minimal = h.length >= 0x80 && h.body-h.idEnd == lengthSize(h.length)
	}
	if h.length > limit-h.body {
		return h, s.fail(pos, "an element is longer than what holds it")
	}
	return h, nil
}

func (e element) tag() byte {
	if e.raw != nil {
		return e.raw[0]
	}
	return e.id[0] &^ e.joined()
}

// joined is the constructed bit of an octet string in pieces, which its DER form has not.
func (e element) joined() byte {
	if e.octets {
		return constructed
	}
	return 0
}

func (e element) encodedSize() int {
	if e.raw != nil {
		return len(e.raw)
	}
	return len(e.id) + lengthSize(e.size) + e.size
}

// encodedSizeIn is what e adds to what holds it: its contents alone, where it is a piece of an octet string.
func (e element) encodedSizeIn(octets bool) int {
	switch {
	case !octets:
		return e.encodedSize()
	case e.raw != nil:
		return len(e.contents())
	default:
		return e.size
	}
}

// contents of a clean octet string.
func (e element) contents() []byte {
	if e.raw[1] < 0x80 {
		return e.raw[2:]
	}
	return e.raw[2+int(e.raw[1]&0x7f):]
}

func (e element) appendTo(out []byte) []byte {
	if e.raw != nil {
		return append(out, e.raw...)
	}
	out = append(out, e.id[0]&^e.joined())
	out = append(out, e.id[1:]...)
	out = appendLength(out, e.size)
	return e.appendContents(out)
}

func (e element) appendContents(out []byte) []byte {
	out = append(out, e.prim...)
	for _, p := range e.parts {
		switch {
		case !e.octets:
			out = p.appendTo(out)
		case p.raw != nil:
			out = append(out, p.contents()...)
		default:
			out = p.appendContents(out)
		}
	}
	return out
}

func lengthSize(n int) int {
	size := 1
	if n >= 0x80 {
		for ; n > 0; n >>= 8 {
			size++
		}
	}
	return size
}

func appendLength(out []byte, n int) []byte {
	size := lengthSize(n)
	if size == 1 {
		return append(out, byte(n))
	}
	out = append(out, 0x80|byte(size-1))
	for i := size - 2; i >= 0; i-- {
		out = append(out, byte(n>>(8*i)))
	}
	return out
}
