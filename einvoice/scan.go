package einvoice

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseXML reads a document without a document type, hence without entities but the five of XML, in UTF-8. It is written for data of some kilobytes that is
// held in memory, and reads it many times faster than encoding/xml does.
func parseXML(part string, data []byte) (*node, error) {
	if len(data) > maxBytes {
		return nil, tooMuch(part, maxBytes, "too many bytes")
	}
	if at := notText(data); at >= 0 {
		return nil, broken(part, int64(at), "no text in UTF-8")
	}
	r := &scanner{part: part, s: string(data)}
	if strings.HasPrefix(r.s, "\ufeff") {
		r.at = len("\ufeff")
	}
	if err := r.declaration(); err != nil {
		return nil, err
	}
	for r.at < len(r.s) {
		if err := r.next(); err != nil {
			return nil, err
		}
	}
	if r.root == nil || len(r.open) > 0 {
		return nil, r.broken(r.at, "the XML ends too early")
	}
	return r.root, nil
}

// notText is where bytes stand that are no characters of XML 1.0 in UTF-8, or -1.
func notText(data []byte) int {
	for i, c := range data {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return i
		}
	}
	if utf8.Valid(data) {
		return -1
	}
	return max(0, bytes.IndexRune(data, utf8.RuneError))
}

// scanner reads XML into elements. Names and texts are parts of one string.
type scanner struct {
	part  string
	s     string
	at    int
	root  *node
	open  []opened
	nodes int
	slab  []node
}

// opened is an element whose end was not met yet.
type opened struct {
	*node
	tag  string // its name with the prefix
	last *node  // of its children
}

func (r *scanner) broken(at int, format string, args ...any) error {
	return broken(r.part, int64(at), fmt.Sprintf(format, args...))
}

// declaration passes over the XML declaration (XML 1.0, 2.8).
func (r *scanner) declaration() error {
	if !strings.HasPrefix(r.s[r.at:], "<?xml ") {
		return nil
	}
	end := strings.Index(r.s[r.at:], "?>")
	if end < 0 {
		return r.broken(r.at, "a declaration without an end")
	}
	for rest := r.s[r.at+len("<?xml") : r.at+end]; ; {
		a, more, ok := attribute(rest)
		if !ok {
			break
		}
		if a.name == "encoding" && !strings.EqualFold(a.value, "UTF-8") {
			return r.broken(r.at, "the encoding %.20q is not read", a.value)
		}
		rest = more
	}
	r.at += end + len("?>")
	return nil
}

// next reads up to the end of a text, a tag, or what is passed over.
func (r *scanner) next() error {
	rest := r.s[r.at:]
	switch {
	case rest[0] != '<':
		n := strings.IndexByte(rest, '<')
		if n < 0 {
			n = len(rest)
		}
		return r.text(rest[:n], n, false)
	case strings.HasPrefix(rest, "</"):
		return r.end(rest)
	case strings.HasPrefix(rest, "<!--"):
		return r.pass("<!--", "-->")
	case strings.HasPrefix(rest, "<?"):
		return r.pass("<?", "?>")
	case strings.HasPrefix(rest, "<![CDATA["):
		n := strings.Index(rest, "]]>")
		if n < 0 {
			return r.broken(r.at, "a section without an end")
		}
		return r.text(rest[len("<![CDATA["):n], n+len("]]>"), true)
	case strings.HasPrefix(rest, "<!"):
		return r.broken(r.at, "document types are not read")
	}
	return r.start(rest)
}

func (r *scanner) pass(begin, end string) error {
	n := strings.Index(r.s[r.at+len(begin):], end)
	if n < 0 {
		return r.broken(r.at, "%s without an end", begin)
	}
	r.at += len(begin) + n + len(end)
	return nil
}

// text takes a run of characters, of which size bytes are passed over.
func (r *scanner) text(run string, size int, literal bool) error {
	at := r.at
	r.at += size
	if len(r.open) == 0 {
		if literal || strings.TrimSpace(run) != "" {
			return r.broken(at, "text outside the root element")
		}
		return nil
	}
	if !literal {
		var ok bool
		if run, ok = decode(run); !ok {
			return r.broken(at, "a reference that XML does not have")
		}
	}
	// One byte over the bound is kept, so that a field too long is seen as such; the rest is not needed.
	top := r.open[len(r.open)-1]
	if top.text == "" {
		run = strings.TrimLeft(run, space)
	}
	if room := maxText + 1 - len(top.text); room > 0 {
		top.node.text += run[:min(len(run), room)]
	}
	return nil
}

const space = " \t\r\n"

func (r *scanner) end(rest string) error {
	n := strings.IndexByte(rest, '>')
	if n < 0 || len(r.open) == 0 {
		return r.broken(r.at, "an end without its start")
	}
	last := len(r.open) - 1
	top := r.open[last]
	if strings.TrimRight(rest[2:n], space) != top.tag {
		return r.broken(r.at, "the end of another element")
	}
	top.node.text = strings.TrimRight(top.text, space)
	r.open = r.open[:last]
	r.at += n + 1
	return nil
}

// start takes a start tag.
func (r *scanner) start(rest string) error {
	n := tagEnd(rest)
	if n < 0 {
		return r.broken(r.at, "a tag without an end")
	}
	inner, empty := strings.CutSuffix(rest[1:n], "/")
	tag := inner
	if i := strings.IndexAny(inner, space); i >= 0 {
		tag = inner[:i]
	}
	if tag == "" || strings.ContainsAny(tag, "\"'=&/") {
		return r.broken(r.at, "a tag without a name")
	}
	if r.nodes++; r.nodes > maxNodes || len(r.open) >= maxDepth {
		return tooMuch(r.part, int64(r.at), "too many elements, or too deep")
	}
	if len(r.slab) == cap(r.slab) {
		r.slab = make([]node, 0, min(max(64, 2*cap(r.slab)), 1024))
	}
	r.slab = append(r.slab, node{name: localName(tag), attrs: inner[len(tag):], offset: int64(r.at)})
	el := &r.slab[len(r.slab)-1]
	if !wellFormed(el.attrs) {
		return r.broken(r.at, "malformed attributes")
	}
	if err := r.put(el); err != nil {
		return err
	}
	if !empty {
		r.open = append(r.open, opened{node: el, tag: tag})
	}
	r.at += n + 1
	return nil
}

// put hangs an element below the one that is open.
func (r *scanner) put(el *node) error {
	if len(r.open) == 0 {
		if r.root != nil {
			return r.broken(r.at, "a second root element")
		}
		r.root = el
		return nil
	}
	up := &r.open[len(r.open)-1]
	if up.last == nil {
		up.node.first = el
	} else {
		up.last.next = el
	}
	up.last = el
	return nil
}

// tagEnd finds the ">" that ends a tag, outside quotes, or -1.
func tagEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '>':
			return i
		case '<':
			return -1
		case '"', '\'':
			n := strings.IndexByte(s[i+1:], s[i])
			if n < 0 {
				return -1
			}
			i += 1 + n
		}
	}
	return -1
}

func localName(tag string) string { return tag[strings.LastIndexByte(tag, ':')+1:] }

// attr is one attribute as written.
type attr struct{ name, value string }

// attribute takes the first attribute off a list; ok is false where there is none, or what is no attribute.
func attribute(list string) (a attr, rest string, ok bool) {
	name, rest, found := strings.Cut(strings.TrimLeft(list, space), "=")
	a.name, rest = strings.TrimRight(name, space), strings.TrimLeft(rest, space)
	if !found || a.name == "" || strings.ContainsAny(a.name, space+"\"'<&") || rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return attr{}, "", false
	}
	end := strings.IndexByte(rest[1:], rest[0])
	if end < 0 {
		return attr{}, "", false
	}
	a.value = rest[1 : 1+end]
	return a, rest[2+end:], true
}

// wellFormed reports whether a list of attributes is one, to its end.
func wellFormed(list string) bool {
	for {
		list = strings.TrimLeft(list, space)
		if list == "" {
			return true
		}
		a, rest, ok := attribute(list)
		if _, fine := decode(a.value); !ok || !fine {
			return false
		}
		list = rest
	}
}

// maxReference is the longest reference that is read, in bytes with its marks.
const maxReference = 12

// decode replaces the references of a text (XML 1.0, 4.1 and 4.6).
func decode(s string) (string, bool) {
	if strings.IndexByte(s, '&') < 0 {
		return s, true
	}
	var out strings.Builder
	for {
		before, after, found := strings.Cut(s, "&")
		out.WriteString(before)
		if !found {
			return out.String(), true
		}
		end := strings.IndexByte(after[:min(len(after), maxReference)], ';')
		if end < 0 {
			return "", false
		}
		r, ok := reference(after[:end])
		if !ok {
			return "", false
		}
		out.WriteRune(r)
		s = after[end+1:]
	}
}

// reference is the character that a reference, without its marks, stands for.
func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if !ok || err != nil || digits[0] == '+' || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) || n < ' ' && n != '\t' && n != '\n' && n != '\r' {
		return 0, false
	}
	return rune(n), true
}
