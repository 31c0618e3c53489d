package ofd

import (
	"math"
	"strconv"
	"strings"
)

// resource is one entry of a Res part (GB/T 33190, 7.9): what it says, and the folder its files lie in.
type resource struct {
	n    *node
	raw  []byte // the text of the part
	by   *entry
	from string
}

// resources are those that a page may name: its own, then those of the document.
type resources struct {
	own, common map[string]resource // by ID
	out         *svg
}

// resource reads a Res part into a table. Where two have one ID, the first counts. Real files name parts that are not there; what is missed of them is told
// where it is used.
func (s *shower) resource(into map[string]resource, by *entry, from string, l link) error {
	e, err := s.d.follow(by, from, l)
	if err != nil || e == nil {
		return err
	}
	p, err := s.load(e)
	if err != nil {
		return err
	}
	base, why := resolve(folder(p.e.name), value(p.root, "BaseLoc"))
	if why != "" {
		return p.root.broken("BaseLoc: %s", why)
	}
	for _, group := range p.root.kids {
		for _, n := range group.kids {
			if id := value(n, "ID"); id != "" {
				if _, known := into[id]; !known {
					into[id] = resource{n: n, raw: p.raw, by: p.e, from: base}
				}
			}
		}
	}
	return nil
}

// find is a resource of a kind; its node is nil where there is none.
func (r resources) find(id, kind string) resource {
	found, ok := r.own[id]
	if !ok {
		found, ok = r.common[id]
	}
	if !ok || found.n.name != kind {
		return resource{}
	}
	r.out.spend(found.n)
	return found
}

// parameters are the drawing parameters of an ID, then those that they build on (GB/T 33190, 8.2).
func (r resources) parameters(id string) []*node {
	var out []*node
	for id != "" && len(out) < maxComposites {
		found := r.find(id, "DrawParam")
		if found.n == nil {
			break
		}
		out = append(out, found.n)
		id = value(found.n, "Relative")
	}
	return out
}

// style is where an object's properties stand: in itself, in the parameters it names, in those of its layer.
type style []*node

func (sc scope) styleOf(n *node) style {
	out := style{n}
	out = append(out, sc.res.parameters(value(n, "DrawParam"))...)
	for _, layer := range sc.styles {
		sc.res.out.spend(layer)
	}
	return append(out, sc.styles...)
}

func (s style) value(name string) string {
	for _, n := range s {
		if v := value(n, name); v != "" {
			return v
		}
	}
	return ""
}

func (s style) child(name string) *node {
	for _, n := range s {
		if k := first(n, name); k != nil {
			return k
		}
	}
	return nil
}

// number reads a number of a page, bounded.
func number(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && math.Abs(v) <= maxLength // which no infinity is, nor what is no number
}

// numbersOf reads numbers separated by spaces; commas are met too.
func numbersOf(s string) ([]float64, bool) {
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' || r == ',' })
	out := make([]float64, 0, len(fields))
	for _, f := range fields {
		v, ok := number(f)
		if !ok {
			return nil, false
		}
		out = append(out, v)
	}
	return out, true
}

// float is the number of an attribute, or what it is by default.
func float(s string, def float64) float64 {
	if v, ok := number(s); ok {
		return v
	}
	return def
}

// truth is the value of an attribute of true and false.
func truth(s string, def bool) bool {
	switch s {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	return def
}

// boundaryOf is the Boundary of an object. Unlike a page's box it may be flat: lines are.
func boundaryOf(n *node) (box, error) {
	text := value(n, "Boundary")
	v, ok := numbersOf(text)
	if !ok || len(v) != len(box{}) {
		return box{}, n.broken("a Boundary that is none: %.60q", text)
	}
	return box(v), nil
}

// matrixOf is the CTM of an object.
func matrixOf(n *node) (m matrix, there bool, err error) {
	text := value(n, "CTM")
	if text == "" {
		return identity(), false, nil
	}
	v, ok := numbersOf(text)
	if !ok || len(v) != len(m) {
		return m, false, n.broken("a CTM that is none: %.60q", text)
	}
	return matrix(v), true, nil
}
