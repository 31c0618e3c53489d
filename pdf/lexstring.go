package pdf

import "bytes"

// literal reads a string in parentheses (ISO 32000-1, 7.3.4.2).
func (l *lexer) literal() (Object, error) {
	l.pos++
	l.digits = -1
	out := String{}
	open := 1
	for {
		if len(l.buf) == l.pos && !l.more() {
			return nil, l.fail("a string does not end")
		}
		part := l.buf[l.pos:]
		n := bytes.IndexAny(part, "()\\\r")
		if n < 0 {
			n = len(part)
		}
		if int64(len(out)+n) >= l.longest {
			return nil, l.fail("string too long")
		}
		out = append(out, part[:n]...)
		l.pos += n
		if n == len(part) {
			continue
		}
		c := part[n]
		l.pos++
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return out, nil
			}
		case '\r':
			l.feed()
			c = '\n'
		case '\\':
			out = l.escape(out)
			continue
		}
		out = append(out, c)
	}
}

// feed reads over the line feed of a CR LF.
func (l *lexer) feed() {
	if c, ok := l.peek(); ok && c == '\n' {
		l.pos++
	}
}

// escape reads what stands behind a backslash.
func (l *lexer) escape(out String) String {
	c, ok := l.peek()
	if !ok {
		return out
	}
	l.pos++
	switch c {
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case '\n':
		return out
	case '\r':
		l.feed()
		return out
	case '0', '1', '2', '3', '4', '5', '6', '7':
		v := c - '0'
		for range 2 {
			d, ok := l.peek()
			if !ok || d < '0' || d > '7' {
				break
			}
			v = v<<3 | (d - '0') // high-order overflow is ignored, as the standard says
			l.pos++
		}
		return append(out, v)
	}
	return append(out, c)
}
