package einvoice

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
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
	name     string // local
	attrs    []xml.Attr
	text     string // its own, without that of its children
	offset   int64
	children []*node
}

// parseXML reads a document without a document type, hence without entities but the five of XML.
func parseXML(part string, data []byte) (*node, error) {
	if len(data) > maxBytes {
		return nil, tooMuch(part, maxBytes, "too many bytes")
	}
	r := &treeReader{part: part, decoder: xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))))}
	for {
		at := r.decoder.InputOffset()
		t, err := r.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, broken(part, r.decoder.InputOffset(), err.Error())
		}
		if err := r.take(t, at); err != nil {
			return nil, err
		}
	}
	if r.root == nil {
		return nil, broken(part, 0, "no element")
	}
	return r.root, nil
}

type treeReader struct {
	part    string
	decoder *xml.Decoder
	root    *node
	open    []*node
	nodes   int
}

func (r *treeReader) take(t xml.Token, at int64) error {
	switch t := t.(type) {
	case xml.Directive:
		return broken(r.part, at, "document types are not read")
	case xml.StartElement:
		if r.nodes++; r.nodes > maxNodes || len(r.open) >= maxDepth {
			return tooMuch(r.part, at, "too many elements, or too deep")
		}
		n := &node{name: t.Name.Local, attrs: t.Attr, offset: at}
		switch {
		case len(r.open) > 0:
			up := r.open[len(r.open)-1]
			up.children = append(up.children, n)
		case r.root != nil:
			return broken(r.part, at, "a second root element")
		default:
			r.root = n
		}
		r.open = append(r.open, n)
	case xml.EndElement:
		top := r.open[len(r.open)-1]
		top.text = strings.TrimSpace(top.text)
		r.open = r.open[:len(r.open)-1]
	case xml.CharData:
		if len(r.open) == 0 {
			if len(bytes.TrimSpace(t)) > 0 {
				return broken(r.part, at, "text outside the root element")
			}
			break
		}
		// One byte over the bound is kept, so that a field too long is seen as such; the rest is not needed.
		top := r.open[len(r.open)-1]
		if room := maxText + 1 - len(top.text); room > 0 {
			top.text += string(t[:min(len(t), room)])
		}
	}
	return nil
}

// all lists the elements at a path of local names below n.
func (n *node) all(path string) []*node {
	found := []*node{n}
	for name := range strings.SplitSeq(path, "/") {
		var next []*node
		for _, f := range found {
			for _, c := range f.children {
				if c.name == name {
					next = append(next, c)
				}
			}
		}
		found = next
	}
	return found
}

func (n *node) attr(local string) string {
	for _, a := range n.attrs {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}
