package ofd

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// paint is a colour, or a gradient of the file; the zero paint draws nothing.
type paint struct {
	value   string // as SVG
	opacity float64
	plain   string // one colour, where value is a gradient
}

// write writes a paint as the attributes of fill or stroke.
func (p paint) write(b *bytes.Buffer, what string) {
	if p.value == "" {
		b.WriteString(attr(what, "none"))
		return
	}
	b.WriteString(attr(what, p.value))
	if p.opacity < 1 {
		b.WriteString(attr(what+"-opacity", num(p.opacity)))
	}
}

// flat is a paint of one colour.
func (p paint) flat() paint {
	if p.plain != "" {
		p.value = p.plain
	}
	return p
}

// paint reads a colour (GB/T 33190, 8.3). Nil is none.
func (s *shower) paint(n *node, sc scope) paint {
	if n == nil {
		return paint{}
	}
	out := paint{opacity: opacity(value(n, "Alpha"))}
	for _, k := range n.kids {
		switch k.name {
		case "AxialShd", "RadialShd":
			out.plain = s.firstColour(k, sc)
			if out.value = s.gradient(k, sc); out.value == "" {
				out.value = out.plain
			}
			return out
		case "GouraudShd", "LaGouraudShd", "Pattern":
			s.out.omit("shading", k.name)
			out.value = s.firstColour(k, sc)
			return out
		}
	}
	out.value = s.colour(n, sc)
	return out
}

// firstColour is the first colour within a shading; empty where there is none.
func (s *shower) firstColour(n *node, sc scope) string {
	for _, k := range n.kids {
		if k.name == "Color" {
			return s.colour(k, sc)
		}
		if c := s.firstColour(k, sc); c != "" {
			return c
		}
	}
	return ""
}

// colour is a colour as #rrggbb. Without a value it is the space's first, which is black.
func (s *shower) colour(n *node, sc scope) string {
	id := value(n, "ColorSpace")
	if id == "" {
		id = s.space
	}
	space := sc.res.find(id, "ColorSpace").n
	text := value(n, "Value")
	if text == "" && space != nil {
		if i, ok := number(value(n, "Index")); ok {
			text = palette(space, int(i))
		}
	}
	kind, most := "", 255.0
	if space != nil {
		kind = strings.ToUpper(value(space, "Type"))
		if bits := float(value(space, "BitsPerComponent"), 8); bits >= 1 && bits <= 16 {
			most = math.Exp2(math.Floor(bits)) - 1
		}
	}
	var v []float64
	for _, f := range strings.Fields(text) {
		c, ok := component(f)
		if !ok {
			return "#000000"
		}
		v = append(v, min(max(c/most, 0), 1))
	}
	return hexOf(kind, v)
}

// component reads one number of a colour: decimal, or hexadecimal behind #.
func component(f string) (float64, bool) {
	if hex, ok := strings.CutPrefix(f, "#"); ok {
		n, err := strconv.ParseUint(hex, 16, 16)
		return float64(n), err == nil
	}
	return number(f)
}

// palette is the value of one of a space's colours.
func palette(space *node, i int) string {
	if p := first(space, "Palette"); p != nil {
		if colours := p.all("CV"); i >= 0 && i < len(colours) {
			return colours[i].text
		}
	}
	return ""
}

// hexOf turns parts of one into #rrggbb. How many there are counts more than what the space is called. CMYK is turned as if inks were pure, without a
// profile.
func hexOf(kind string, v []float64) string {
	var r, g, b float64
	switch {
	case len(v) == 1:
		r, g, b = v[0], v[0], v[0]
	case len(v) >= 4 && kind != "RGB":
		r, g, b = (1-v[0])*(1-v[3]), (1-v[1])*(1-v[3]), (1-v[2])*(1-v[3])
	case len(v) >= 3:
		r, g, b = v[0], v[1], v[2]
	}
	byteOf := func(x float64) int { return int(math.Round(255 * x)) }
	return fmt.Sprintf("#%02x%02x%02x", byteOf(r), byteOf(g), byteOf(b))
}

// maxStops is how many colours a gradient may have.
const maxStops = 256

// gradient makes an axial or radial shading (GB/T 33190, 8.3.4) in the object's own coordinates; empty where it is malformed.
func (s *shower) gradient(n *node, sc scope) string {
	start, ok1 := numbersOf(value(n, "StartPoint"))
	end, ok2 := numbersOf(value(n, "EndPoint"))
	segments := n.all("Segment")
	if !ok1 || !ok2 || len(start) != 2 || len(end) != 2 || len(segments) == 0 || len(segments) > maxStops {
		s.out.omit("shading", n.name)
		return ""
	}
	var stops strings.Builder
	for i, seg := range segments {
		at := 0.0
		if len(segments) > 1 {
			at = float64(i) / float64(len(segments)-1)
		}
		at = min(max(float(value(seg, "Position"), at), 0), 1)
		c := first(seg, "Color")
		if c == nil {
			continue
		}
		fmt.Fprintf(&stops, `<stop offset="%s" stop-color="%s"`, num(at), s.colour(c, sc))
		if a := opacity(value(c, "Alpha")); a < 1 {
			stops.WriteString(attr("stop-opacity", num(a)))
		}
		stops.WriteString("/>")
	}
	spread := map[string]string{"Repeat": "repeat", "Reflect": "reflect"}[value(n, "MapType")]
	if spread != "" {
		spread = attr("spreadMethod", spread)
	}
	id := s.out.id("s")
	if n.name == "AxialShd" {
		fmt.Fprintf(&s.out.defs, `<linearGradient id="%s" gradientUnits="userSpaceOnUse" x1="%s" y1="%s" x2="%s" y2="%s"%s>%s</linearGradient>`,
			id, num(start[0]), num(start[1]), num(end[0]), num(end[1]), spread, stops.String())
		return "url(#" + id + ")"
	}
	fmt.Fprintf(&s.out.defs, `<radialGradient id="%s" gradientUnits="userSpaceOnUse" fx="%s" fy="%s" fr="%s" cx="%s" cy="%s" r="%s"%s>%s</radialGradient>`,
		id, num(start[0]), num(start[1]), num(max(float(value(n, "StartRadius"), 0), 0)), num(end[0]), num(end[1]),
		num(max(float(value(n, "EndRadius"), 0), 0)), spread, stops.String())
	return "url(#" + id + ")"
}
