package einvoice

import (
	"fmt"
	"iter"
	"strings"

	"yinxin/fault"
)

// Bounds of what is read. An invoice of the older form with 100 lines has 41 KB and 900 elements.
const (
	maxBytes = 8 << 20
	maxNodes = 200_000
	maxDepth = 32
	maxText  = 4096 // of one field, in bytes
	maxItems = 10_000

	maxInvoices = 100
)

// ParseError is the cause inside every error of this package's parsers.
type ParseError struct {
	Part   string
	Offset int64 // in bytes
	Reason string
}

// Error says what is wrong and where.
func (e *ParseError) Error() string {
	return fmt.Sprintf("%s at byte %d: %s", e.Part, e.Offset, e.Reason)
}

func broken(part string, offset int64, reason string) error {
	return fault.New(fault.Invalid, "invoice-xml-malformed",
		fmt.Sprintf("%s 在第 %d 字节处无法读取；请向开票方索取原文件", part, offset),
		fmt.Sprintf("%s cannot be read at byte %d; ask the issuer for the original file", part, offset),
		&ParseError{part, offset, reason})
}

func tooMuch(part string, offset int64, reason string) error {
	return fault.New(fault.Limit, "invoice-xml-too-large",
		fmt.Sprintf("%s 超出发票数据应有的大小，未读取", part),
		fmt.Sprintf("%s is larger than the data of an invoice may be and was not read", part),
		&ParseError{part, offset, reason})
}

// node is one element.
type node struct {
	name        string // local
	attrs       string // as written
	text        string // its own, without that of its children, trimmed
	offset      int64
	first, next *node // of its children, and of those of its parent
}

func (n *node) children() iter.Seq[*node] {
	return func(yield func(*node) bool) {
		for c := n.first; c != nil && yield(c); c = c.next {
		}
	}
}

// all lists the elements at a path of local names below n.
func (n *node) all(path string) []*node {
	var found []*node
	name, rest, deeper := strings.Cut(path, "/")
	for c := range n.children() {
		switch {
		case c.name != name:
		case deeper:
			found = append(found, c.all(rest)...)
		default:
			found = append(found, c)
		}
	}
	return found
}

// attr is the value of the attribute of a local name, empty where there is none.
func (n *node) attr(local string) string {
	rest := n.attrs
	for {
		a, more, ok := attribute(rest)
		if !ok {
			return ""
		}
		if localName(a.name) == local {
			value, _ := decode(a.value)
			return value
		}
		rest = more
	}
}
