package draw

import (
	"math"

	"yinxin/font"
)

// arc is the inner edge of a border with a text running along it, the characters' heads outwards.
type arc struct {
	a, b  float64 // half axes of the inner edge, mm
	gap   float64 // from the inner edge to the characters, mm
	text  *text
	clear func(quad) bool // whether a cell keeps off the star and the lines

	height float64 // of the characters, mm
	curve  []station
}

// station is a point of the curve along which the characters are spaced, from the top clockwise; the other half mirrors it.
type station struct {
	t      float64 // parameter of the inner edge: (a sin t, -b cos t)
	length float64 // from the top, mm
	angle  float64 // seen from the centre, radians from the top
}

const stations = 512

// spacingDepth is where across the characters' height their spacing is measured: near the feet, which come closest to each other.
const spacingDepth = 0.9

// setHeight chooses the characters' height and measures the curve that goes with it.
func (c *arc) setHeight(h float64) { c.measure(h, spacingDepth) }

// measure measures the curve at a share of the height h.
func (c *arc) measure(h, share float64) {
	c.height = h
	c.curve = make([]station, stations+1)
	var before font.Point
	for i := range c.curve {
		t := math.Pi * float64(i) / stations
		f := c.frame(t, c.gap)
		p := f.at(0, share*h)
		s := station{t: t, angle: math.Atan2(p.X, -p.Y)}
		if i > 0 {
			s.length = c.curve[i-1].length + math.Hypot(p.X-before.X, p.Y-before.Y)
		}
		if i == stations {
			s.angle = math.Pi // not -π
		}
		c.curve[i], before = s, p
	}
}

// frame returns the frame at parameter t of the inner edge whose top lies depth inwards.
func (c *arc) frame(t, depth float64) frameOf {
	sin, cos := math.Sincos(t)
	nx, ny := sin/c.a, -cos/c.b // outwards
	n := math.Hypot(nx, ny)
	nx, ny = nx/n, ny/n
	return frameOf{
		top:    font.Point{X: c.a*sin - depth*nx, Y: -c.b*cos - depth*ny},
		along:  font.Point{X: -ny, Y: nx},
		inward: font.Point{X: -nx, Y: -ny},
	}
}

// seek finds the station where key reaches v, between 0 and the last, by interpolation.
func (c *arc) seek(v float64, key func(station) float64) station {
	low, high := 0, stations
	for high-low > 1 {
		if m := (low + high) / 2; key(c.curve[m]) <= v {
			low = m
		} else {
			high = m
		}
	}
	p, q := c.curve[low], c.curve[high]
	f := 0.0
	if d := key(q) - key(p); d > 0 {
		f = max(0, min(1, (v-key(p))/d))
	}
	return station{t: p.t + f*(q.t-p.t), length: p.length + f*(q.length-p.length), angle: p.angle + f*(q.angle-p.angle)}
}

// lengthOf returns the length of the curve within an arc of span radians.
func (c *arc) lengthOf(span float64) float64 {
	return 2 * c.seek(span/2, func(s station) float64 { return s.angle }).length
}

// spread returns the frames of the characters when they fill the arc of span radians and one em is em mm wide.
func (c *arc) spread(span, em float64) []frameOf {
	length := c.lengthOf(span)
	room := length / c.text.width // mm of curve for one em
	frames := make([]frameOf, len(c.text.glyphs))
	at := -length / 2
	for i, g := range c.text.glyphs {
		middle := at + g.width*room/2
		at += g.width * room
		s := c.seek(math.Abs(middle), func(s station) float64 { return s.length })
		t := math.Copysign(s.t, middle)
		sin, cos := math.Sincos(t)
		k := c.a * c.b / math.Pow(c.a*c.a*cos*cos+c.b*c.b*sin*sin, 1.5) // curvature of the inner edge
		k /= 1 - k*c.gap
		half := g.width * em / 2
		frames[i] = c.frame(t, c.gap+k*half*half/4) // the flat top is as much farther in its middle as it is nearer at its corners
	}
	return frames
}

// fits reports whether, with these frames, neighbours keep a sixteenth of an em apart and everything keeps off star and lines.
func (c *arc) fits(frames []frameOf, em float64) bool {
	var first, before quad
	for i, f := range frames {
		cell := f.cell(c.text.glyphs[i].width*em, c.height)
		if !c.clear(cell) || i > 0 && !cell.apart(before, em/16) {
			return false
		}
		if i == 0 {
			first = cell
		}
		before = cell
	}
	return len(frames) < 3 || before.apart(first, em/16)
}

// bounds of the arc search.
type arcBounds struct {
	height, minHeight float64 // mm
	span, maxSpan     float64 // degrees
	emShare           float64 // widest em as a share of the height
	minShare          float64 // narrowest em as a share of the height
	minEm             float64 // narrowest em, mm
}

// solve sets the text: it first makes the letters narrower, then the arc wider, then the letters smaller, and at last, at their least height, as narrow
// as can be. ok is false where they would be illegible.
func (c *arc) solve(b arcBounds) (parts []part, ok bool) {
	for h := b.height; h >= b.minHeight-1e-9; h -= 0.1 {
		if parts, ok = c.solveHeight(b, h, max(b.minShare*h, b.minEm)); ok {
			return parts, true
		}
	}
	return c.solveHeight(b, b.minHeight, b.minEm)
}

// solveHeight sets the text at one height, its ems at least narrowest mm wide.
func (c *arc) solveHeight(b arcBounds, h, narrowest float64) (parts []part, ok bool) {
	c.setHeight(h)
	if 0.9*narrowest*c.text.width > c.lengthOf(b.maxSpan*math.Pi/180) {
		return nil, false // hopeless: the cells are longer than the curve they stand on, though they may overhang it a little
	}
	for span := b.span; span <= b.maxSpan; span += 2 {
		rad := span * math.Pi / 180
		if frames := c.spread(rad, narrowest); !c.fits(frames, narrowest) {
			continue
		}
		return c.set(rad, c.widest(rad, narrowest, max(narrowest, b.emShare*h))), true
	}
	return nil, false
}

// widest finds by halving how wide an em can be between low, which fits, and high.
func (c *arc) widest(span, low, high float64) float64 {
	if c.fits(c.spread(span, high), high) {
		return high
	}
	for range 12 {
		if m := (low + high) / 2; c.fits(c.spread(span, m), m) {
			low = m
		} else {
			high = m
		}
	}
	return low
}

func (c *arc) set(span, em float64) []part {
	var out []part
	for i, f := range c.spread(span, em) {
		out = append(out, c.text.place(i, f, em, c.height, roleName))
	}
	return out
}
