package pdf

import (
	"bytes"
	"slices"
)

// object reads one object. Streams are not known here: they stand only behind an indirect dictionary.
func (l *lexer) object(depth int) (Object, error) {
	l.skip()
	c, ok := l.peek()
	if !ok {
		return nil, l.fail("an object was expected, the end was found")
	}
	if l.nodes--; l.nodes < 0 {
		return nil, l.fail("too many objects in one")
	}
	switch {
	case c == '/':
		return l.name()
	case c == '<':
		return l.angle(depth)
	case c == '(':
		return l.literal()
	case c == '[':
		l.pos++
		return l.array(depth + 1)
	case class[c] == digit:
		return l.numberOrRef()
	case c == '-' || c == '+' || c == '.':
		return l.number()
	}
	return l.constant()
}

func (l *lexer) constant() (Object, error) {
	start := l.where()
	b, err := l.regular()
	if err != nil {
		return nil, err
	}
	switch string(b) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	}
	return nil, &ParseError{Offset: start, What: "an object was expected"}
}

func (l *lexer) number() (Object, error) {
	start := l.where()
	b, err := l.regular()
	if err != nil {
		return nil, err
	}
	v, ok := parseNumber(b)
	if !ok {
		return nil, &ParseError{Offset: start, What: "malformed number"}
	}
	return v, nil
}

// numberOrRef reads a number and looks ahead for "G R", which makes it a reference.
func (l *lexer) numberOrRef() (Object, error) {
	v, err := l.number()
	if err != nil {
		return nil, err
	}
	num, ok := v.(int64)
	if !ok {
		return v, nil
	}
	back := l.at()
	l.skip()
	if c, ok := l.peek(); ok && class[c] == digit {
		b, err := l.regular()
		if err != nil {
			return nil, err
		}
		if gen, ok := parseNatural(b); ok && gen <= maxGeneration && l.keyword("R") {
			if num > maxNumber {
				return nil, l.fail("object number too large")
			}
			return Ref{int(num), int(gen)}, nil
		}
	}
	l.back(back)
	return v, nil
}

const (
	maxGeneration = 65535
	maxNumber     = 1<<31 - 1
)

// back returns to a place read before.
func (l *lexer) back(offset int64) {
	if offset >= l.base {
		l.pos = int(offset - l.base)
		return
	}
	l.seek(offset, l.end)
}

func (l *lexer) name() (Object, error) {
	l.pos++
	b, err := l.regular()
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(b, '#') >= 0 {
		b = unescapeName(b)
	}
	if n, ok := l.names[string(b)]; ok {
		return n, nil
	}
	n := Name(b)
	if l.names != nil && len(l.names) < maxNames && len(n) < 64 {
		l.names[string(n)] = n
	}
	return n, nil
}

// unescapeName resolves #xx; a number sign without two digits stands for itself, as readers agree.
func unescapeName(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '#' && i+2 < len(b) && hexValue[b[i+1]]|hexValue[b[i+2]] < 16 {
			out = append(out, hexValue[b[i+1]]<<4|hexValue[b[i+2]])
			i += 2
			continue
		}
		out = append(out, b[i])
	}
	return out
}

// angle reads a dictionary or a hexadecimal string.
func (l *lexer) angle(depth int) (Object, error) {
	l.pos++
	c, ok := l.peek()
	if !ok {
		return nil, l.fail("a string or dictionary does not end")
	}
	if c != '<' {
		return l.hex()
	}
	l.pos++
	return l.dict(depth + 1)
}

// hex reads a hexadecimal string behind its bracket, in one pass: a signature's value is the longest token of most files.
func (l *lexer) hex() (Object, error) {
	out := String{}
	odd := false // the last byte has only its upper half
	for {
		if len(l.buf) == l.pos && !l.more() {
			return nil, l.fail("a hexadecimal string does not end")
		}
		part := l.buf[l.pos:]
		n := bytes.IndexByte(part, '>')
		if n >= 0 {
			part = part[:n]
		}
		if int64(len(out)+len(part)/2) > l.longest {
			return nil, l.fail("string too long")
		}
		var used int
		out, used, odd = appendHex(slices.Grow(out, len(part)/2+1), part, odd)
		l.pos += used
		switch {
		case used < len(part):
			return nil, l.fail("not a hexadecimal digit")
		case n >= 0:
			l.pos++
			l.digits = 2 * int64(len(out))
			if odd {
				l.digits--
			}
			return out, nil
		}
	}
}

// appendHex decodes digits and white space until something else comes. odd says that the last byte of out waits for its lower half.
func appendHex(out, src []byte, odd bool) (_ []byte, used int, _ bool) {
	for i := 0; i < len(src); i++ {
		if !odd {
			pairs := out[len(out) : len(out)+(len(src)-i)/2]
			k := 0
			for ; k < len(pairs); k++ {
				v, w := hexValue[src[i+2*k]], hexValue[src[i+2*k+1]]
				if v|w >= 16 {
					break
				}
				pairs[k] = v<<4 | w
			}
			out, i = out[:len(out)+k], i+2*k
			if i == len(src) {
				break
			}
		}
		switch v := hexValue[src[i]]; {
		case v < 16 && odd:
			out[len(out)-1] |= v
			odd = false
		case v < 16:
			out, odd = append(out, v<<4), true
		case class[src[i]]&space == 0:
			return out, i, odd
		}
	}
	return out, len(src), odd
}

func (l *lexer) array(depth int) (Object, error) {
	if depth > l.depth {
		return nil, l.fail("nested too deeply")
	}
	out := Array{}
	for {
		l.skip()
		c, ok := l.peek()
		if !ok {
			return nil, l.fail("an array does not end")
		}
		if c == ']' {
			l.pos++
			return out, nil
		}
		o, err := l.object(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
}

// dict reads a dictionary behind its brackets.
func (l *lexer) dict(depth int) (Object, error) {
	out := Dict{}
	var nulls []Name
	err := l.fields(depth, func(f field) {
		if _, twice := out[f.key]; twice {
			l.twice = true
			l.tolerate("the key " + string(f.key) + " stands twice in a dictionary")
		}
		if out[f.key] = f.value; f.value == nil {
			nulls = append(nulls, f.key)
		}
	})
	for _, k := range nulls {
		if out[k] == nil {
			delete(out, k)
		}
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// field is one entry of a dictionary with the place of its value: [at, end).
type field struct {
	key     Name
	value   Object
	at, end int64
}

// fields reads a dictionary behind its brackets, entry by entry as the file has them.
func (l *lexer) fields(depth int, each func(field)) error {
	if depth > l.depth {
		return l.fail("nested too deeply")
	}
	for {
		l.skip()
		c, ok := l.peek()
		switch {
		case !ok:
			return l.fail("a dictionary does not end")
		case c == '>':
			if b, ok := l.take(2); !ok || b[1] != '>' {
				return l.fail("a dictionary does not end")
			}
			l.pos += 2
			return nil
		case c != '/':
			return l.fail("a key was expected")
		}
		key, err := l.name()
		if err != nil {
			return err
		}
		l.skip()
		f := field{key: key.(Name), at: l.at()}
		if f.value, err = l.object(depth); err != nil {
			return err
		}
		f.end = l.at()
		each(f)
	}
}
