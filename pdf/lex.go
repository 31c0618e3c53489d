package pdf

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
)

const (
	firstWindow = 4 << 10  // read after a jump
	largeWindow = 64 << 10 // read when going straight on
	windowAlign = 1 << 10  // a jump also reads the few bytes before it: objects are often close together
	maxToken    = 32 << 10 // longest name, number or keyword
	maxNodes    = 2 << 20  // most objects inside one indirect object
	maxNames    = 4 << 10  // most names kept for sharing
)

// Character classes (ISO 32000-1, 7.2.2).
const (
	space byte = 1 << iota
	delimiter
	digit
)

var class = func() (t [256]byte) {
	for _, c := range "\x00\t\n\f\r " {
		t[c] = space
	}
	for _, c := range "()<>[]{}/%" {
		t[c] = delimiter
	}
	for _, c := range "0123456789" {
		t[c] = digit
	}
	return t
}()

const noHex = 0xff

var hexValue = func() (t [256]byte) {
	for i := range t {
		t[i] = noHex
	}
	for i, c := range "0123456789abcdef" {
		t[c] = byte(i)
	}
	for i, c := range "ABCDEF" {
		t[c] = byte(10 + i)
	}
	return t
}()

// lexer reads objects through a window on a file, or from memory. It never reads at or behind end.
type lexer struct {
	r       io.ReaderAt // nil: buf is all there is
	base    int64       // offset of buf[0]
	buf     []byte      // the window, cut at end
	pos     int         // next byte in buf
	end     int64
	window  []byte // what was read, with room for more
	wide    int    // size of the next window when going straight on
	origin  int64  // offset that errors name when r is nil
	err     error  // the first failure of r
	depth   int    // deepest nesting allowed
	longest int64  // longest string allowed
	nodes   int    // objects still allowed in the object being read
	digits  int64  // of the last string, where it was hexadecimal; -1 where it was not
	twice   bool   // a dictionary had a key twice: readers differ in which they take
	names   map[string]Name
	note    func(offset int64, what string) // told of what is tolerated
}

// seek goes to a place in the file; nothing at or behind end will be read.
func (l *lexer) seek(offset, end int64) {
	l.end = end
	if offset >= l.base && offset <= l.base+int64(len(l.window)) {
		l.pos = int(offset - l.base)
		l.clip()
		return
	}
	l.base, l.window, l.pos, l.wide = offset, l.window[:0], 0, firstWindow
	l.clip()
	if start := offset &^ (windowAlign - 1); start >= 0 && offset < end {
		l.base = start
		l.read()
		l.pos = int(offset - start)
		l.clip()
	}
}

// clip lets buf show the window as far as end.
func (l *lexer) clip() {
	n := min(int64(len(l.window)), max(l.end-l.base, 0))
	l.buf = l.window[:n]
	l.pos = min(l.pos, int(n))
}

// read fills the window from base on.
func (l *lexer) read() {
	n := int(min(int64(l.wide), l.end-l.base))
	if n <= 0 || l.err != nil {
		l.window = l.window[:0]
		return
	}
	if cap(l.window) < n {
		l.window = make([]byte, n, max(n, firstWindow))
	}
	l.window = l.window[:n]
	got, err := l.r.ReadAt(l.window, l.base)
	if got < n {
		l.err = fmt.Errorf("read %d bytes at offset %d: %w", n, l.base, err)
		l.window = l.window[:0]
	}
}

// more moves the window on when all of it has been used.
func (l *lexer) more() bool {
	if l.r == nil || l.at() >= l.end || l.err != nil {
		return false
	}
	return l.refill(1)
}

// refill starts the window at the next byte; it reports whether n bytes are there.
func (l *lexer) refill(n int) bool {
	l.base, l.pos = l.at(), 0
	l.wide = min(max(2*l.wide, n), largeWindow)
	l.read()
	l.clip()
	return len(l.buf) >= n
}

// take returns the next n bytes, at most a few dozen, without moving on. It is valid until the lexer moves.
func (l *lexer) take(n int) ([]byte, bool) {
	if len(l.buf)-l.pos < n && (l.r == nil || l.at()+int64(n) > l.end || !l.refill(n)) {
		return nil, false
	}
	return l.buf[l.pos : l.pos+n], true
}

// at is the offset of the next byte.
func (l *lexer) at() int64 { return l.base + int64(l.pos) }

func (l *lexer) peek() (byte, bool) {
	if l.pos < len(l.buf) || l.more() {
		return l.buf[l.pos], true
	}
	return 0, false
}

func (l *lexer) fail(what string) error {
	if l.err != nil {
		return l.err
	}
	return &ParseError{Offset: l.where(), What: what}
}

func (l *lexer) where() int64 {
	if l.r == nil {
		return l.origin
	}
	return l.at()
}

func (l *lexer) tolerate(what string) {
	if l.note != nil {
		l.note(l.where(), what)
	}
}

// blank skips white space.
func (l *lexer) blank() {
	for {
		for l.pos < len(l.buf) {
			if class[l.buf[l.pos]]&space == 0 {
				return
			}
			l.pos++
		}
		if !l.more() {
			return
		}
	}
}

// skip skips white space and comments.
func (l *lexer) skip() {
	for {
		l.blank()
		if c, ok := l.peek(); !ok || c != '%' {
			return
		}
		for {
			i := bytes.IndexAny(l.buf[l.pos:], "\r\n")
			if i >= 0 {
				l.pos += i
				break
			}
			l.pos = len(l.buf)
			if !l.more() {
				return
			}
		}
	}
}

// regular returns the run of regular characters that starts here, perhaps empty. It is valid until the lexer moves.
func (l *lexer) regular() ([]byte, error) {
	start := l.pos
	var kept []byte
	for {
		for l.pos < len(l.buf) {
			if class[l.buf[l.pos]]&(space|delimiter) != 0 {
				if kept == nil {
					return l.buf[start:l.pos], nil
				}
				return append(kept, l.buf[start:l.pos]...), nil
			}
			l.pos++
		}
		kept = append(kept, l.buf[start:l.pos]...)
		if len(kept) > maxToken {
			return nil, l.fail("token too long")
		}
		if !l.more() {
			return kept, l.err
		}
		start = l.pos
	}
}

// keyword reads over word if it is the next token.
func (l *lexer) keyword(word string) bool {
	l.skip()
	b, ok := l.take(len(word))
	if !ok || string(b) != word {
		return false
	}
	if b, ok := l.take(len(word) + 1); ok && class[b[len(word)]]&(space|delimiter) == 0 {
		return false
	}
	l.pos += len(word)
	return true
}

// natural reads an integer without a sign.
func (l *lexer) natural() (int64, error) {
	l.skip()
	start := l.where()
	b, err := l.regular()
	if err != nil {
		return 0, err
	}
	n, ok := parseNatural(b)
	if !ok {
		return 0, &ParseError{Offset: start, What: "an integer was expected"}
	}
	return n, nil
}

func parseNatural(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if class[c] != digit {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// parseNumber reads an integer or a real; what has too many digits for int64 becomes a real.
func parseNumber(b []byte) (Object, bool) {
	if n, ok := parseNatural(b); ok {
		return n, true
	}
	digits, points := 0, 0
	for i, c := range b {
		switch {
		case class[c] == digit:
			digits++
		case c == '.':
			points++
		case (c == '-' || c == '+') && i == 0:
		default:
			return nil, false
		}
	}
	if digits == 0 || points > 1 || digits > 512 {
		return nil, false
	}
	if points == 0 && digits <= 18 {
		n, err := strconv.ParseInt(string(b), 10, 64)
		return n, err == nil
	}
	v, err := strconv.ParseFloat(string(b), 64)
	return v, err == nil
}
