package scan

import (
	"math"

	"yinxin/seal/draw/measure"
)

// Sign is what a seal's turn was told by.
type Sign string

// The signs.
const (
	Told    Sign = "told"    // by whoever asked
	Star    Sign = "star"    // its points, and the text round it for which of them is up
	Axes    Sign = "axes"    // of an oval, and the text along its border for which end is up
	Sides   Sign = "sides"   // of a rectangle: within an eighth of a turn, since nothing says which side is up
	Text    Sign = "text"    // along the border
	Nothing Sign = "nothing" // left as it was
)

// Turn is how far the print was turned.
type Turn struct {
	Degrees float64 // clockwise
	Off     float64 // how far that may be off; 0 where it was told or nothing tells it
	By      Sign
	Open    bool // nothing says which side is up: it may also stand on its head, on its side, or on the next point of its star
}

// Bounds of telling the turn.
const (
	lopsided = 0.06 // least weight of the text's middle, of 1 for text in one place
	textOff  = 3.0  // degrees the middle of the text may be off: first and last character differ in how they fill their squares
)

// outline is the seal's outer edge on the film.
type outline struct {
	shape measure.Shape
	x, y  float64
	a, b  float64 // half axes
	tilt  float64 // radians

	sin, cos float64 // of tilt
}

func (l *lifting) outline() outline {
	o := outline{shape: l.m.Shape, x: l.m.X.Is * l.px, y: l.m.Y.Is * l.px, a: l.m.Width.Is / 2 * l.px, b: l.m.Height.Is / 2 * l.px}
	if o.shape != measure.Round { // whose tilt is that of its star
		o.tilt = l.m.Tilt.Is * math.Pi / 180
	}
	o.sin, o.cos = math.Sincos(o.tilt)
	return o
}

// reach returns half of width and height of the box round the outline, in a frame turned by so many radians.
func (o outline) reach(turn float64) (w, h float64) {
	sin, cos := math.Sincos(turn - o.tilt)
	if o.shape == measure.Rectangle {
		return math.Abs(o.a*cos) + math.Abs(o.b*sin), math.Abs(o.a*sin) + math.Abs(o.b*cos)
	}
	return math.Hypot(o.a*cos, o.b*sin), math.Hypot(o.a*sin, o.b*cos)
}

// inside reports whether a point of the film lies within the outline, or so far outside.
func (o outline) inside(x, y, room float64) bool {
	u, v := (x-o.x)*o.cos+(y-o.y)*o.sin, -(x-o.x)*o.sin+(y-o.y)*o.cos
	if o.shape == measure.Rectangle {
		return math.Abs(u) <= o.a+room && math.Abs(v) <= o.b+room
	}
	u, v = u/(o.a+room), v/(o.b+room)
	return u*u+v*v <= 1
}

func (l *lifting) reach() (a, b float64) { return l.outline().reach(l.turn.Degrees * math.Pi / 180) }

// upright finds how far the seal is turned.
func (l *lifting) upright() Turn {
	if l.Turn != nil {
		return Turn{Degrees: *l.Turn, By: Told}
	}
	tilt := l.m.Tilt
	top, told := l.textTop()
	nearest := func(step float64) (float64, bool) {
		if !told {
			return tilt.Is, true
		}
		return math.Remainder(tilt.Is+step*math.Round((top-tilt.Is)/step), 360), false
	}
	switch {
	case l.m.Shape == measure.Rectangle:
		return Turn{Degrees: l.landscape(tilt.Is), Off: tilt.Off, By: Sides, Open: true}
	case l.m.Shape == measure.Oval:
		tilt.Is = l.landscape(tilt.Is)
		degrees, open := nearest(180)
		return Turn{degrees, tilt.Off, Axes, open}
	case l.m.Star != nil:
		degrees, open := nearest(72)
		return Turn{degrees, tilt.Off, Star, open}
	case told:
		return Turn{Degrees: l.balanced(top), Off: textOff, By: Text}
	}
	return Turn{By: Nothing}
}

// balanced turns a round seal so that its name ends equally far down on both sides, which stands at about so many degrees: only then first and last
// character can be told from spots and from a code.
func (l *lifting) balanced(degrees float64) float64 {
	l.turn = Turn{Degrees: degrees}
	l.a, l.b = l.reach()
	mask, _ := l.flatten(int(2*l.a), int(2*l.b), l.px)
	if ring := measure.Measure(tinted(mask, l.inkColour()), l.px).Ring; ring != nil {
		degrees += (ring.Start.Is + ring.End.Is) / 2
	}
	return degrees
}

// landscape turns what is not round onto the side it was told to stand on: an oval of which nothing was told on its long one.
func (l *lifting) landscape(tilt float64) float64 {
	lies, want := l.m.Width.Is > l.m.Height.Is, l.Width >= l.Height
	if l.Width == 0 && l.m.Shape == measure.Rectangle || l.Width > 0 && l.Width == l.Height || lies == want {
		return tilt
	}
	return math.Remainder(tilt+90, 180)
}

// textTop returns where the middle of the text along the border lies, degrees clockwise from the top of the film, and whether that is clear. Each
// angle counts by how deep its ink reaches: a code along the border is low, and a gap is nothing.
func (l *lifting) textTop() (degrees float64, ok bool) {
	if len(l.m.Borders) == 0 {
		return 0, false
	}
	const n = 720
	o := l.outline()
	short := min(o.a, o.b)
	from := 1.0
	for _, b := range l.m.Borders {
		from += b.Is * l.px
	}
	from += 0.01 * short
	depth := make([]float64, n)
	for i := range depth {
		for d := from; d < 0.34*short; d += 0.5 {
			if l.sample(o.within(2*math.Pi*float64(i)/n, d)) >= 0.5 {
				depth[i] = d - from + 1
			}
		}
	}
	x, y, sum := 0.0, 0.0, 0.0
	for i := range depth {
		deep := 0.0
		for j := -8; j <= 8; j++ { // within a character there are gaps
			deep = max(deep, depth[(i+j+n)%n])
		}
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / n)
		x, y, sum = x+deep*sin, y+deep*cos, sum+deep
	}
	return math.Atan2(x, y)*180/math.Pi + o.tilt*180/math.Pi, sum > 0 && math.Hypot(x, y) > lopsided*sum
}

// within returns the point of the film so deep inside the outline, at an angle from its own top.
func (o outline) within(t, depth float64) (x, y float64) {
	sin, cos := math.Sincos(t)
	u, v := (o.a-depth)*sin, -(o.b-depth)*cos
	return o.x + u*o.cos - v*o.sin, o.y + u*o.sin + v*o.cos
}
