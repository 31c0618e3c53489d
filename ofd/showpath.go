package ofd

import (
	"fmt"
	"math"
	"strings"
)

// outline is the data of a path, as SVG, with the corners of what it passes through.
type outline struct {
	d              []byte
	x1, y1, x2, y2 float64
	points         int
}

// maxPath is the most bytes of one path's data; outlines of scanned drawings have some hundred thousand.
const maxPath = 4 << 20

// outlineOf reads the AbbreviatedData of a path (GB/T 33190, 9.3): operators, each with its numbers behind it.
func outlineOf(n *node) (outline, error) {
	data, err := n.textOf("AbbreviatedData")
	if err != nil {
		return outline{}, err
	}
	if len(data) > maxPath {
		return outline{}, n.broken("path data of %d bytes", len(data))
	}
	o := outline{x1: math.Inf(1), y1: math.Inf(1), x2: math.Inf(-1), y2: math.Inf(-1)}
	rest := data
	next := func() string {
		rest = strings.TrimLeft(rest, " \t\r\n,")
		end := strings.IndexAny(rest, " \t\r\n,")
		if end < 0 {
			end = len(rest)
		}
		word := rest[:end]
		rest = rest[end:]
		return word
	}
	for {
		op := next()
		if op == "" {
			break
		}
		svg, operands := operator(op)
		if svg == 0 || o.points == 0 && svg != 'M' {
			return outline{}, n.broken("path data with the operator %.20q", op)
		}
		o.d = append(o.d, svg)
		var v [7]float64
		for i := range operands {
			var ok bool
			if v[i], ok = number(next()); !ok {
				return outline{}, n.broken("path data with too few numbers behind %s", op)
			}
			if i > 0 {
				o.d = append(o.d, ' ')
			}
			if svg == 'A' && (i == 3 || i == 4) { // flags
				v[i] = map[bool]float64{true: 1}[v[i] != 0]
			}
			o.d = appendNumber(o.d, v[i], 1e5)
		}
		o.reach(svg, v, operands)
	}
	if o.points == 0 {
		o.x1, o.y1, o.x2, o.y2 = 0, 0, 0, 0
	}
	return o, nil
}

// operator is the SVG command of an operator, 0 where there is none, and how many numbers it takes.
func operator(op string) (svg byte, operands int) {
	switch op {
	case "S", "M":
		return 'M', 2
	case "L":
		return 'L', 2
	case "Q":
		return 'Q', 4
	case "B":
		return 'C', 6
	case "A":
		return 'A', 7
	case "C":
		return 'Z', 0
	}
	return 0, 0
}

// reach takes the points of a command into the corners.
func (o *outline) reach(svg byte, v [7]float64, operands int) {
	add := func(x, y, by float64) {
		o.x1, o.y1, o.x2, o.y2 = min(o.x1, x-by), min(o.y1, y-by), max(o.x2, x+by), max(o.y2, y+by)
		o.points++
	}
	if svg == 'A' {
		add(v[5], v[6], 2*max(math.Abs(v[0]), math.Abs(v[1])))
		return
	}
	for i := 0; i+1 < operands; i += 2 {
		add(v[i], v[i+1], 0)
	}
}

// path draws a PathObject.
func (s *shower) path(n *node, sc scope, p placed) error {
	o, err := outlineOf(n)
	if err != nil || o.points == 0 {
		return err
	}
	st := sc.styleOf(n)
	fill, stroke := paint{}, paint{}
	if truth(value(n, "Fill"), false) {
		fill = s.paint(st.child("FillColor"), sc)
	}
	width := 0.0
	if truth(value(n, "Stroke"), true) {
		if c := st.child("StrokeColor"); c != nil {
			stroke = s.paint(c, sc)
		} else {
			stroke = paint{value: "#000000", opacity: 1}
		}
		width = max(float(st.value("LineWidth"), defaultLineWidth), 0)
	}
	if fill.value == "" && stroke.value == "" {
		return nil
	}
	half := width / 2 * p.whole.scale()
	if clipped := s.pathSticksOut(o, p, half); clipped {
		fmt.Fprintf(&s.out.body, `<g clip-path="url(#%s)">`, s.clipBox(p.at.grown(half)))
		defer s.out.body.WriteString("</g>")
	}
	b := &s.out.body
	b.WriteString(`<path d="`)
	b.Write(o.d)
	b.WriteByte('"')
	b.WriteString(p.whole.transform())
	fill.write(b, "fill")
	if fill.value != "" && value(n, "Rule") == "Even-Odd" {
		b.WriteString(` fill-rule="evenodd"`)
	}
	if stroke.value != "" {
		stroke.write(b, "stroke")
		b.WriteString(lines(st, width))
	}
	b.WriteString("/>")
	return nil
}

func (s *shower) pathSticksOut(o outline, p placed, half float64) bool {
	x1, y1, x2, y2 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range [][2]float64{{o.x1, o.y1}, {o.x2, o.y1}, {o.x1, o.y2}, {o.x2, o.y2}} {
		x, y := p.whole.apply(c[0], c[1])
		x1, y1, x2, y2 = min(x1, x), min(y1, y), max(x2, x), max(y2, y)
	}
	return p.at.grown(half).sticksOut(x1, y1, x2, y2)
}

// defaultLineWidth in mm, of GB/T 33190, 8.2.
const defaultLineWidth = 0.353

// lines are the attributes of a stroke.
func lines(st style, width float64) string {
	out := attr("stroke-width", num(width))
	switch st.value("Cap") {
	case "Round":
		out += attr("stroke-linecap", "round")
	case "Square":
		out += attr("stroke-linecap", "square")
	}
	switch st.value("Join") {
	case "Round":
		out += attr("stroke-linejoin", "round")
	case "Bevel":
		out += attr("stroke-linejoin", "bevel")
	default:
		if limit := float(st.value("MiterLimit"), defaultMiter); limit >= 1 {
			out += attr("stroke-miterlimit", num(limit))
		}
	}
	dashes, ok := numbersOf(st.value("DashPattern"))
	if !ok || len(dashes) == 0 || len(dashes) > 64 {
		return out
	}
	var list []string
	sum := 0.0
	for _, d := range dashes {
		sum += max(d, 0)
		list = append(list, num(max(d, 0)))
	}
	if sum < 0.01 { // viewers would draw dashes without end
		return out
	}
	return out + attr("stroke-dasharray", strings.Join(list, " ")) + attr("stroke-dashoffset", num(float(st.value("DashOffset"), 0)))
}

// defaultMiter is the limit of GB/T 33190, 8.2.
const defaultMiter = 3.528
