package font

// Bounds on one glyph, composites included. The largest glyphs of CJK fonts have about 1,500 points.
const (
	maxPoints     = 1 << 15
	maxComponents = 64
	maxDepth      = 6
)

// Flags of simple glyphs and of components (OpenType, table glyf).
const (
	onCurve     = 0x01
	xShort      = 0x02
	yShort      = 0x04
	repeatFlag  = 0x08
	xSameOrPlus = 0x10
	ySameOrPlus = 0x20

	wordArgs         = 0x0001
	argsAreXY        = 0x0002
	haveScale        = 0x0008
	moreComponents   = 0x0020
	haveXYScale      = 0x0040
	have2x2          = 0x0080
	haveInstructions = 0x0100
)

// glyphData returns the bytes of a glyph in table glyf; empty for a glyph without ink.
func (f *Font) glyphData(id uint16) ([]byte, error) {
	loca, glyf := f.tables["loca"], f.tables["glyf"]
	i := int(id)
	if i >= f.glyphs {
		return nil, broken("loca", 0, "glyph %d of %d", i, f.glyphs)
	}
	var from, to int
	if f.longLoca {
		from, to = u32(loca, 4*i), u32(loca, 4*i+4)
	} else {
		from, to = 2*u16(loca, 2*i), 2*u16(loca, 2*i+2)
	}
	if from > to || to > len(glyf) {
		return nil, broken("loca", i, "glyph %d lies at %d to %d of %d bytes", i, from, to, len(glyf))
	}
	if from < to && to-from < 10 {
		return nil, broken("glyf", from, "glyph %d cut short", i)
	}
	return glyf[from:to], nil
}

// vertex is one point of a contour in font units.
type vertex struct {
	x, y float64
	on   bool
}

// walk gathers the contours of one glyph within the bounds.
type walk struct {
	font       *Font
	points     int
	components int
	deepest    int // nesting of components; 0 for a simple glyph
	end        int // where the data of the glyph walked last ends: that of the outermost, as parts come first
}

func (f *Font) outline(id uint16) (Outline, error) {
	if f.cff != nil {
		return f.cff.outline(id, 1/f.unitsPerEm)
	}
	w := walk{font: f}
	contours, err := w.glyph(id, 0)
	if err != nil {
		return nil, err
	}
	var o Outline
	for _, c := range contours {
		o = appendContour(o, c, 1/f.unitsPerEm)
	}
	return o, nil
}

func (w *walk) glyph(id uint16, depth int) ([][]vertex, error) {
	b, err := w.font.glyphData(id)
	if err != nil || len(b) == 0 {
		w.end = 0
		return nil, err
	}
	if n := i16(b, 0); n >= 0 {
		return w.simple(b, n)
	}
	if depth >= maxDepth {
		return nil, broken("glyf", 0, "glyph %d nests deeper than %d", id, maxDepth)
	}
	parts, end, err := components(b)
	if err != nil {
		return nil, err
	}
	w.deepest = max(w.deepest, depth+1)
	var all [][]vertex
	for _, part := range parts {
		if w.components++; w.components > maxComponents {
			return nil, broken("glyf", 0, "glyph %d has more than %d components", id, maxComponents)
		}
		contours, err := w.glyph(part.glyph, depth+1)
		if err != nil {
			return nil, err
		}
		all = append(all, part.place(contours, all)...)
	}
	w.end = end
	return all, nil
}

// simple reads the n contours of a simple glyph.
func (w *walk) simple(b []byte, n int) ([][]vertex, error) {
	if n == 0 {
		w.end = len(b)
		return nil, nil
	}
	at := 10 + 2*n
	if at+2 > len(b) {
		return nil, broken("glyf", 10, "%d contours in %d bytes", n, len(b))
	}
	count := u16(b, at-2) + 1
	if w.points += count; w.points > maxPoints {
		return nil, broken("glyf", at-2, "more than %d points", maxPoints)
	}
	at += 2 + u16(b, at) // instructions are not run
	flags, at, err := readFlags(b, at, count)
	if err != nil {
		return nil, err
	}
	vertices := make([]vertex, count)
	x, at, err := readCoordinates(b, at, flags, xShort, xSameOrPlus)
	if err != nil {
		return nil, err
	}
	y, at, err := readCoordinates(b, at, flags, yShort, ySameOrPlus)
	if err != nil {
		return nil, err
	}
	w.end = at
	for i, flag := range flags {
		vertices[i] = vertex{float64(x[i]), float64(y[i]), flag&onCurve != 0}
	}
	contours := make([][]vertex, 0, n)
	start := 0
	for i := range n {
		end := u16(b, 10+2*i) + 1
		if end < start || end > count {
			return nil, broken("glyf", 10+2*i, "contour %d ends at point %d of %d", i, end, count)
		}
		contours = append(contours, vertices[start:end:end])
		start = end
	}
	return contours, nil
}

func readFlags(b []byte, at, count int) (flags []byte, next int, err error) {
	flags = make([]byte, 0, count)
	for len(flags) < count {
		if at >= len(b) {
			return nil, 0, broken("glyf", at, "flags cut short")
		}
		flag, repeats := b[at], 1
		at++
		if flag&repeatFlag != 0 {
			if at >= len(b) {
				return nil, 0, broken("glyf", at, "flags cut short")
			}
			repeats += int(b[at])
			at++
		}
		for range min(repeats, count-len(flags)) {
			flags = append(flags, flag)
		}
	}
	return flags, at, nil
}

func readCoordinates(b []byte, at int, flags []byte, short, same byte) (values []int, next int, err error) {
	values = make([]int, len(flags))
	v := 0
	for i, flag := range flags {
		switch {
		case flag&short != 0:
			if at >= len(b) {
				return nil, 0, broken("glyf", at, "coordinates cut short")
			}
			if flag&same != 0 {
				v += int(b[at])
			} else {
				v -= int(b[at])
			}
			at++
		case flag&same == 0:
			if at+2 > len(b) {
				return nil, 0, broken("glyf", at, "coordinates cut short")
			}
			v += i16(b, at)
			at += 2
		}
		values[i] = v
	}
	return values, at, nil
}

// component is a glyph used by a composite one: p' = (xx·x + yx·y + dx, xy·x + yy·y + dy).
type component struct {
	at             int // where the component begins in the glyph's bytes
	glyph          uint16
	xx, xy, yx, yy float64
	dx, dy         float64
	anchored       bool // dx, dy are point numbers: of what is there already, and of the component
}

// components lists the parts of a composite glyph, at most maxComponents; end is where the last one ends.
func components(b []byte) (parts []component, end int, err error) {
	for at := 10; ; {
		if at+4 > len(b) {
			return nil, 0, broken("glyf", at, "component cut short")
		}
		flags := u16(b, at)
		c := component{at: at, glyph: uint16(u16(b, at+2)), xx: 1, yy: 1, anchored: flags&argsAreXY == 0}
		size := componentSize(flags)
		if at+size > len(b) {
			return nil, 0, broken("glyf", at, "component cut short")
		}
		args := b[at+4 : at+size]
		switch {
		case flags&wordArgs != 0 && c.anchored:
			c.dx, c.dy, args = float64(u16(args, 0)), float64(u16(args, 2)), args[4:]
		case flags&wordArgs != 0:
			c.dx, c.dy, args = float64(i16(args, 0)), float64(i16(args, 2)), args[4:]
		case c.anchored:
			c.dx, c.dy, args = float64(args[0]), float64(args[1]), args[2:]
		default:
			c.dx, c.dy, args = float64(int8(args[0])), float64(int8(args[1])), args[2:]
		}
		switch {
		case flags&have2x2 != 0:
			c.xx, c.xy, c.yx, c.yy = f2dot14(args, 0), f2dot14(args, 2), f2dot14(args, 4), f2dot14(args, 6)
		case flags&haveXYScale != 0:
			c.xx, c.yy = f2dot14(args, 0), f2dot14(args, 2)
		case flags&haveScale != 0:
			c.xx = f2dot14(args, 0)
			c.yy = c.xx
		}
		if parts = append(parts, c); len(parts) > maxComponents {
			return nil, 0, broken("glyf", at, "more than %d components", maxComponents)
		}
		at += size
		if flags&moreComponents == 0 {
			return parts, at, nil
		}
	}
}

func componentSize(flags int) int {
	size := 6
	if flags&wordArgs != 0 {
		size += 2
	}
	switch {
	case flags&have2x2 != 0:
		size += 8
	case flags&haveXYScale != 0:
		size += 4
	case flags&haveScale != 0:
		size += 2
	}
	return size
}

func f2dot14(b []byte, at int) float64 { return float64(i16(b, at)) / 16384 }

// place moves a component's contours to where they belong; before holds the contours placed already.
func (c *component) place(contours, before [][]vertex) [][]vertex {
	move := func(v vertex) vertex {
		return vertex{c.xx*v.x + c.yx*v.y, c.xy*v.x + c.yy*v.y, v.on}
	}
	dx, dy := c.dx, c.dy
	if c.anchored {
		a, okA := nth(before, int(c.dx))
		b, okB := nth(contours, int(c.dy))
		dx, dy = 0, 0
		if okA && okB {
			b = move(b)
			dx, dy = a.x-b.x, a.y-b.y
		}
	}
	out := make([][]vertex, len(contours))
	for i, contour := range contours {
		out[i] = make([]vertex, len(contour))
		for j, v := range contour {
			v = move(v)
			out[i][j] = vertex{v.x + dx, v.y + dy, v.on}
		}
	}
	return out
}

func nth(contours [][]vertex, n int) (vertex, bool) {
	for _, c := range contours {
		if n < len(c) {
			return c[n], true
		}
		n -= len(c)
	}
	return vertex{}, false
}

// appendContour turns a closed contour of on- and off-curve points into segments.
func appendContour(o Outline, c []vertex, scale float64) Outline {
	if len(c) < 2 {
		return o // a lone point is an anchor, not ink
	}
	at := func(v vertex) Point { return Point{v.x * scale, v.y * scale} }
	middle := func(a, b vertex) vertex { return vertex{(a.x + b.x) / 2, (a.y + b.y) / 2, true} }
	first, rest := c[0], c[1:]
	if !first.on {
		if last := c[len(c)-1]; last.on {
			first, rest = last, c[:len(c)-1]
		} else {
			first, rest = middle(first, last), c
		}
	}
	o = append(o, Segment{Op: Move, P: [3]Point{at(first)}})
	var control *vertex
	step := func(v vertex) {
		switch {
		case v.on && control == nil:
			o = append(o, Segment{Op: Line, P: [3]Point{at(v)}})
		case v.on:
			o = append(o, Segment{Op: Quad, P: [3]Point{at(*control), at(v)}})
			control = nil
		case control == nil:
			control = &v
		default:
			o = append(o, Segment{Op: Quad, P: [3]Point{at(*control), at(middle(*control, v))}})
			control = &v
		}
	}
	for _, v := range rest {
		step(v)
	}
	if control != nil {
		step(first)
	}
	return append(o, Segment{Op: Close})
}
