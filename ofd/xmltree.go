package ofd

import (
	"strings"
	"unicode/utf8"
)

// part is a part held in memory, with its elements.
type part struct {
	e    *entry
	raw  []byte
	root *node
}

// node is an element. Names are without prefix: products use the namespaces http://www.ofdspec.org and …/2016, with and without a prefix, and mean the same.
type node struct {
	name         string
	prefix       string // with its colon, or empty
	attrs        []byte
	text         string // of the element itself, trimmed
	kids         []*node
	from, to     int64 // the element with its tags
	inner, outer int64 // between its tags; equal to "to" where the tag is its own end
	empty        bool  // written as one tag
	part         string
}

// tree reads a part into elements, at most so many.
func tree(e *entry, raw []byte, depth, most int) (part, error) {
	s := scanBytes(raw, e.name, depth)
	top := &node{}
	open, texts := []*node{top}, [][]byte{nil}
	var slab []node
	for count := 0; ; {
		t, err := s.next()
		if err != nil {
			return part{}, err
		}
		last := len(open) - 1
		switch t.kind {
		case startTag:
			if count++; count > most {
				return part{}, tooMuch("ofd-part-too-large", "部件 "+display(e.name)+" 的元素过多", "the part "+display(e.name)+" has too many elements", nil)
			}
			if len(slab) == cap(slab) {
				slab = make([]node, 0, min(max(16, 2*cap(slab)), 1024))
			}
			slab = append(slab, node{name: string(local(t.name)), attrs: t.attrs, from: t.from, to: t.to, inner: t.to, outer: t.to, empty: t.empty, part: s.part})
			n := &slab[len(slab)-1]
			n.prefix = string(t.name[:len(t.name)-len(n.name)])
			open[last].kids = append(open[last].kids, n)
			if !t.empty {
				open, texts = append(open, n), append(texts, nil)
			}
		case textRun:
			text, why := decode(t.text)
			if why != "" {
				return part{}, broken(s.part, t.from, "%s", why)
			}
			if open[last].text == "" && len(texts[last]) == 0 { // most elements have one run of text, or white space between others
				open[last].text = strings.TrimLeft(text, " \t\r\n")
			} else {
				texts[last] = append(texts[last], text...)
			}
		case dataRun:
			if !utf8.Valid(t.text) {
				return part{}, broken(s.part, t.from, "text that is not UTF-8")
			}
			texts[last] = append(texts[last], t.text...)
		case endTag:
			n := open[last]
			n.outer, n.to, n.text = t.from, t.to, strings.TrimSpace(n.text+string(texts[last]))
			open, texts = open[:last], texts[:last]
		case endOfXML:
			return part{e: e, raw: raw, root: top.kids[0]}, nil
		}
	}
}

// attr is the value of an attribute; ok is false where it is not there.
func (n *node) attr(name string) (value string, ok bool, err error) {
	value, ok, why := attribute(n.attrs, name)
	if why != "" {
		return "", false, n.broken("%s", why)
	}
	return value, ok, nil
}

// all lists the children of a name.
func (n *node) all(name string) []*node {
	var out []*node
	for _, k := range n.kids {
		if k.name == name {
			out = append(out, k)
		}
	}
	return out
}

// only is the child of a name, nil where there is none. Two are an error: readers differ in which one they take.
func (n *node) only(name string) (*node, error) {
	switch found := n.all(name); len(found) {
	case 0:
		return nil, nil
	case 1:
		return found[0], nil
	default:
		return nil, found[1].broken("a second %s", name)
	}
}

// textOf is the text of the only child of a name, empty where there is none.
func (n *node) textOf(name string) (string, error) {
	k, err := n.only(name)
	if k == nil || err != nil {
		return "", err
	}
	if len(k.kids) != 0 {
		return "", k.broken("%s has elements where only text may be", name)
	}
	return k.text, nil
}

func (n *node) broken(format string, args ...any) error {
	return broken(n.part, n.from, format, args...)
}

// control reads a part that is held in memory.
func (d *Document) control(e *entry, most int) (part, error) {
	raw, err := d.hold(e)
	if err != nil {
		return part{}, err
	}
	return tree(e, raw, d.lim.Depth, most)
}
