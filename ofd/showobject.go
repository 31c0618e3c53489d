package ofd

import (
	"fmt"
	"slices"
	"strconv"
)

// object takes one graphic unit (GB/T 33190, 8.5), within what a page may cost.
func (s *shower) object(n *node, sc scope) error {
	if err := s.out.count(); err != nil {
		return err
	}
	if err := s.ctx.Err(); err != nil {
		return err
	}
	s.out.spend(n)
	if hidden(n) {
		return nil
	}
	if n.name == "PageBlock" {
		return s.block(n, sc)
	}
	return s.unit(n, sc)
}

// draw draws a graphic unit. One that is malformed is left out and noted; the page goes on.
func (s *shower) draw(n *node, sc scope) error {
	var draw func(*node, scope, placed) error
	switch n.name {
	case "TextObject":
		draw = s.text
	case "PathObject":
		draw = s.path
	case "ImageObject":
		draw = s.image
	case "CompositeObject":
		draw = s.composite
	default:
		return nil // actions and what later versions may add
	}
	before := s.out.body.Len()
	err := s.placed(n, sc, draw)
	if passing(err) {
		s.out.body.Truncate(before)
		s.out.omit("object-malformed", objectName(n))
		return nil
	}
	return err
}

func objectName(n *node) string {
	if id := value(n, "ID"); id != "" {
		return n.name + " " + id
	}
	return n.name + ", " + n.part + " " + strconv.FormatInt(n.from, 10)
}

// placed is where an object lies: its boundary, and what turns its own coordinates into those of its surroundings.
type placed struct {
	at    box
	own   matrix // its CTM alone
	ctm   bool   // it has one
	whole matrix // the boundary's corner and the CTM
}

// place reads where an object lies.
func place(n *node) (p placed, err error) {
	if p.at, err = boundaryOf(n); err != nil {
		return p, err
	}
	if p.own, p.ctm, err = matrixOf(n); err != nil {
		return p, err
	}
	p.whole = move(p.at[0], p.at[1]).times(p.own)
	return p, nil
}

// placed draws an object with what all of them have: transparency, clips, and a boundary.
func (s *shower) placed(n *node, sc scope, draw func(*node, scope, placed) error) error {
	p, err := place(n)
	if err != nil {
		return err
	}
	groups := 0
	if alpha := opacity(value(n, "Alpha")); alpha < 1 {
		fmt.Fprintf(&s.out.body, `<g opacity="%s">`, num(alpha))
		groups++
	}
	for _, clips := range n.all("Clips") {
		for _, c := range clips.all("Clip") {
			id, err := s.clip(c, p, truth(value(clips, "TransFlag"), true))
			if err != nil {
				return err
			}
			if id != "" {
				fmt.Fprintf(&s.out.body, `<g clip-path="url(#%s)">`, id)
				groups++
			}
		}
	}
	if err := draw(n, sc, p); err != nil {
		return err
	}
	for range groups {
		s.out.body.WriteString("</g>")
	}
	return nil
}

// opacity is an Alpha of 0 to 255 as a part of one.
func opacity(alpha string) float64 {
	v, ok := number(alpha)
	if !ok {
		return 1
	}
	return min(max(v, 0), 255) / 255
}

// clip makes the clip path of a Clip: the areas of it together (GB/T 33190, 8.4). It is empty where nothing in it can be drawn.
func (s *shower) clip(c *node, p placed, follows bool) (string, error) {
	base := p.whole
	if !follows {
		base = move(p.at[0], p.at[1])
	}
	var shapes []byte
	for _, a := range c.all("Area") {
		m, _, err := matrixOf(a)
		if err != nil {
			return "", err
		}
		for _, n := range a.kids {
			if n.name != "Path" {
				s.out.omit("clip-text", objectName(a))
				continue
			}
			at, err := boundaryOf(n)
			if err != nil {
				return "", err
			}
			own, _, err := matrixOf(n)
			if err != nil {
				return "", err
			}
			o, err := outlineOf(n)
			if err != nil {
				return "", err
			}
			shapes = append(shapes, "<path d=\""...)
			shapes = append(shapes, o.d...)
			shapes = append(shapes, '"')
			if value(n, "Rule") == "Even-Odd" {
				shapes = append(shapes, ` clip-rule="evenodd"`...)
			}
			shapes = append(shapes, base.times(m).times(move(at[0], at[1])).times(own).transform()...)
			shapes = append(shapes, "/>"...)
		}
	}
	if len(shapes) == 0 {
		return "", nil
	}
	id := s.out.id("c")
	fmt.Fprintf(&s.out.defs, `<clipPath id="%s">%s</clipPath>`, id, shapes)
	return id, nil
}

// clipBox makes a clip path of an upright box.
func (s *shower) clipBox(b box) string {
	id := s.out.id("c")
	fmt.Fprintf(&s.out.defs, `<clipPath id="%s"><rect x="%s" y="%s" width="%s" height="%s"/></clipPath>`, id, num(b[0]), num(b[1]), num(max(b[2], 0)), num(max(b[3], 0)))
	return id
}

// sticksOut reports whether something drawn between two corners, in the coordinates of the boundary's surroundings, reaches out of the boundary.
func (b box) sticksOut(x1, y1, x2, y2 float64) bool {
	const slack = 0.05 // mm: products round
	return x1 < b[0]-slack || y1 < b[1]-slack || x2 > b[0]+b[2]+slack || y2 > b[1]+b[3]+slack
}

// grown is a box with room on all sides.
func (b box) grown(by float64) box { return box{b[0] - by, b[1] - by, b[2] + 2*by, b[3] + 2*by} }

// composite draws a CompositeGraphicUnit of the resources (GB/T 33190, 13).
func (s *shower) composite(n *node, sc scope, p placed) error {
	content, inner, err := s.compound(n, sc, p)
	if content == nil || err != nil {
		return err
	}
	fmt.Fprintf(&s.out.body, `<g clip-path="url(#%s)"><g%s>`, s.clipBox(p.at), p.whole.transform())
	if err := s.block(content, inner); err != nil {
		return err
	}
	s.out.body.WriteString("</g></g>")
	return nil
}

// compound finds what a composite object shows, and the scope of that; nil where there is nothing.
func (s *shower) compound(n *node, sc scope, p placed) (content *node, inner scope, err error) {
	id := value(n, "ResourceID")
	r := sc.res.find(id, "CompositeGraphicUnit")
	if r.n == nil {
		s.out.omit("resource-missing", id)
		return nil, inner, nil
	}
	if slices.Contains(sc.within, id) {
		return nil, inner, malformed(r.n.broken("composite objects use one another in a circle"))
	}
	if len(sc.within) >= maxComposites {
		return nil, inner, malformed(r.n.broken("composite objects are nested too deeply"))
	}
	inner = scope{raw: r.raw, res: sc.res, styles: sc.styles, within: append(slices.Clip(sc.within), id), at: sc.at.times(p.whole)}
	return first(r.n, "Content"), inner, nil
}
