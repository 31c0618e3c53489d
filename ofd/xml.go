package ofd

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// maxToken is the longest tag, comment or section that is read at once, in bytes.
const maxToken = 1 << 20

// tokenKind says what a token is.
type tokenKind uint8

const (
	startTag tokenKind = iota + 1
	endTag
	textRun // a run of characters, with its references; long ones come in pieces
	dataRun // a CDATA section
	endOfXML
)

// token is a piece of XML. Its bytes are the scanner's and hold until the next one.
type token struct {
	kind     tokenKind
	name     []byte // of a tag, with its prefix
	attrs    []byte // of a start tag, as written
	text     []byte
	empty    bool  // a start tag that is its own end; no endTag follows
	from, to int64 // where it lies in the part
}

// scanner reads XML 1.0 (UTF-8, no document type, hence no entities but the five of its own) through a window, checking that it is well formed as far as
// the structure goes. It is far faster than encoding/xml and tells where things stand, which the edits need.
type scanner struct {
	r       io.Reader
	part    string
	depth   int // deepest nesting
	buf     []byte
	at, end int
	base    int64 // where buf begins in the part
	step    int   // how much is read next
	eof     bool
	names   []byte // of the open elements, one behind the other
	opens   []int  // where each begins
	rooted  bool
	begun   bool
}

// newScanner reads from r; buf may be handed on from a scanner that is done.
func newScanner(r io.Reader, part string, depth int, buf []byte) *scanner {
	return &scanner{r: r, part: display(part), depth: depth, buf: buf[:cap(buf)], step: 4 << 10}
}

// scanBytes reads what is held in memory.
func scanBytes(raw []byte, part string, depth int) *scanner {
	return &scanner{part: display(part), depth: depth, buf: raw, end: len(raw), eof: true}
}

func (s *scanner) broken(at int, msg string) error {
	return broken(s.part, s.base+int64(at), "%s", msg)
}

// more reads further into the window; it returns io.EOF where there is nothing.
func (s *scanner) more() error {
	if s.eof {
		return io.EOF
	}
	if s.at > 0 {
		copy(s.buf, s.buf[s.at:s.end])
		s.base += int64(s.at)
		s.end -= s.at
		s.at = 0
	}
	if s.end >= maxToken {
		return s.broken(0, "a tag, comment or section is too long")
	}
	if len(s.buf)-s.end < s.step {
		grown := make([]byte, max(2*len(s.buf), s.end+s.step))
		copy(grown, s.buf[:s.end])
		s.buf = grown
	}
	n, err := s.r.Read(s.buf[s.end : s.end+s.step])
	s.end += n
	s.step = min(2*s.step, chunk)
	if errors.Is(err, io.EOF) {
		s.eof = true
		err = nil
	}
	return err
}

// parent is the name of an open element with its prefix, counted from the innermost, 0; nil where there are not so many.
func (s *scanner) parent(n int) []byte {
	i := len(s.opens) - 1 - n
	if i < 0 {
		return nil
	}
	if n == 0 {
		return s.names[s.opens[i]:]
	}
	return s.names[s.opens[i]:s.opens[i+1]]
}

// local is a name without its prefix.
func local(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

// next returns the next token. Comments and processing instructions are passed over.
func (s *scanner) next() (token, error) {
	for {
		if s.at == s.end {
			if err := s.more(); errors.Is(err, io.EOF) {
				return s.finish()
			} else if err != nil {
				return token{}, err
			}
			continue
		}
		if !s.begun {
			s.begun = true
			if err := s.begin(); err != nil {
				return token{}, err
			}
			continue
		}
		if s.buf[s.at] != '<' {
			t, err := s.run()
			if err != nil {
				return token{}, err
			}
			if len(s.opens) == 0 {
				if len(bytes.TrimSpace(t.text)) != 0 {
					return token{}, broken(s.part, t.from, "text outside the root element")
				}
				continue
			}
			return t, nil
		}
		t, err := s.markup()
		if err != nil || t.kind != 0 {
			return t, err
		}
	}
}

func (s *scanner) finish() (token, error) {
	if len(s.opens) != 0 || !s.rooted {
		return token{}, s.broken(s.end, "the XML ends too early")
	}
	return token{kind: endOfXML, from: s.base + int64(s.end), to: s.base + int64(s.end)}, nil
}

// begin passes over the byte order mark and checks the declaration (XML 1.0, 2.8).
func (s *scanner) begin() error {
	for s.end-s.at < 256 {
		if err := s.more(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	b := s.buf[s.at:s.end]
	if bytes.HasPrefix(b, []byte("\xff\xfe")) || bytes.HasPrefix(b, []byte("\xfe\xff")) || bytes.IndexByte(b[:min(len(b), 4)], 0) >= 0 {
		return s.broken(s.at, "XML in an encoding other than UTF-8")
	}
	if bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		s.at += 3
		b = b[3:]
	}
	if !bytes.HasPrefix(b, []byte("<?xml")) {
		return nil
	}
	end := bytes.Index(b, []byte("?>"))
	if end < 0 {
		return s.broken(s.at, "the XML declaration is malformed")
	}
	encoding, ok, err := attribute(b[len("<?xml"):end], "encoding")
	if err != "" {
		return s.broken(s.at, err)
	}
	if ok && !strings.EqualFold(encoding, "UTF-8") {
		return s.broken(s.at, "XML in an encoding other than UTF-8")
	}
	s.at += end + 2
	return nil
}

// run returns characters up to the next tag, or to the end of the window. References and characters stay in one piece.
func (s *scanner) run() (token, error) {
	for {
		b := s.buf[s.at:s.end]
		n := bytes.IndexByte(b, '<')
		if n < 0 && s.eof {
			n = len(b)
		}
		if n < 0 {
			n = wholeText(b)
		}
		if n > 0 {
			from := s.base + int64(s.at)
			s.at += n
			return token{kind: textRun, text: b[:n], from: from, to: from + int64(n)}, nil
		}
		if err := s.more(); err != nil && !errors.Is(err, io.EOF) {
			return token{}, err
		}
	}
}

// wholeText is how much of a text ends neither within a reference nor within a character.
func wholeText(b []byte) int {
	n := len(b)
	if i := bytes.LastIndexByte(b, '&'); i >= 0 && n-i <= maxReference && bytes.IndexByte(b[i:], ';') < 0 {
		n = i
	}
	for i := n - 1; i >= 0 && i >= n-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:n]) {
				n = i
			}
			break
		}
	}
	return n
}

// until makes the window hold the end of what begins at s.at: end gives its length, or -1 while it is not there.
func (s *scanner) until(end func(b []byte) int) (int, error) {
	for {
		if n := end(s.buf[s.at:s.end]); n >= 0 {
			return n, nil
		}
		if err := s.more(); errors.Is(err, io.EOF) {
			return 0, s.broken(s.at, "the XML ends within a tag, comment or section")
		} else if err != nil {
			return 0, err
		}
	}
}

func behind(mark string) func([]byte) int {
	return func(b []byte) int {
		if i := bytes.Index(b, []byte(mark)); i >= 0 {
			return i + len(mark)
		}
		return -1
	}
}

const cdata = "<![CDATA["

// markup reads what begins with "<". What is passed over gives a token without a kind.
func (s *scanner) markup() (token, error) {
	for s.end-s.at < len(cdata) {
		if err := s.more(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return token{}, err
		}
	}
	head := s.buf[s.at:s.end]
	end := tagEnd
	section := false
	switch {
	case len(head) > 1 && head[1] != '?' && head[1] != '!':
	case bytes.HasPrefix(head, []byte("<?")):
		end = behind("?>")
	case bytes.HasPrefix(head, []byte("<!--")):
		end = func(b []byte) int {
			if i := bytes.Index(b[4:], []byte("-->")); i >= 0 {
				return i + 7
			}
			return -1
		}
	case bytes.HasPrefix(head, []byte(cdata)) && len(s.opens) > 0:
		end, section = behind("]]>"), true
	case bytes.HasPrefix(head, []byte("<!")):
		return token{}, s.broken(s.at, "a document type or another declaration, which OFD has none of")
	}
	n, err := s.until(end)
	if err != nil {
		return token{}, err
	}
	b := s.buf[s.at : s.at+n]
	t := token{from: s.base + int64(s.at), to: s.base + int64(s.at+n)}
	at := s.at
	s.at += n
	switch {
	case section:
		t.kind, t.text = dataRun, b[len(cdata):n-len("]]>")]
	case b[1] == '?' || b[1] == '!':
	case b[1] == '/':
		return s.closing(t, b, at)
	default:
		return s.opening(t, b, at)
	}
	return t, nil
}

// tagEnd finds the end of a tag: the first ">" outside quotes. It is -1 where the window does not hold it; a "<" ends the tag too, to be refused.
func tagEnd(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '>', '<':
			return i + 1
		case '"', '\'':
			n := bytes.IndexByte(b[i+1:], b[i])
			if n < 0 {
				return -1
			}
			i += 1 + n
		}
	}
	return -1
}

func (s *scanner) opening(t token, b []byte, at int) (token, error) {
	if b[len(b)-1] != '>' {
		return t, s.broken(at, "a tag within a tag")
	}
	inner := b[1 : len(b)-1]
	if t.empty = len(inner) > 0 && inner[len(inner)-1] == '/'; t.empty {
		inner = inner[:len(inner)-1]
	}
	n, ok := nameEnd(inner)
	if !ok {
		return t, s.broken(at, "a tag without a name")
	}
	t.kind, t.name, t.attrs = startTag, inner[:n], inner[n:]
	if len(s.opens) == 0 && s.rooted {
		return t, s.broken(at, "two root elements")
	}
	s.rooted = true
	if len(s.opens) >= s.depth {
		return t, s.broken(at, "elements are nested too deeply")
	}
	if !t.empty {
		s.opens = append(s.opens, len(s.names))
		s.names = append(s.names, t.name...)
	}
	return t, nil
}

// nameEnd is where the name of a tag ends; ok is false where it is none. A name has one colon at most, within it.
func nameEnd(b []byte) (n int, ok bool) {
	colons := 0
loop:
	for ; n < len(b); n++ {
		switch b[n] {
		case ' ', '\t', '\r', '\n':
			break loop
		case ':':
			colons++
		case '"', '\'', '/', '=', '&':
			return n, false
		}
	}
	return n, n > 0 && colons < 2 && b[0] != ':' && b[n-1] != ':'
}

func (s *scanner) closing(t token, b []byte, at int) (token, error) {
	t.kind, t.name = endTag, bytes.TrimRight(b[2:len(b)-1], " \t\r\n")
	if b[len(b)-1] != '>' || len(s.opens) == 0 || !bytes.Equal(t.name, s.parent(0)) {
		return t, s.broken(at, "an end tag without its start")
	}
	last := len(s.opens) - 1
	s.names, s.opens = s.names[:s.opens[last]], s.opens[:last]
	return t, nil
}
