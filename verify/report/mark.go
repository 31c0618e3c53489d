package report

import (
	"math"

	"yinxin/layout"
	"yinxin/verify"
)

// The colours of a printed report. Each verdict has a shape of its own besides: who sees no colours, or a copy in black and white, can tell them apart.
var (
	ink   = layout.Colour{R: 28, G: 30, B: 33}
	grey  = layout.Colour{R: 104, G: 108, B: 113}
	hair  = layout.Colour{R: 206, G: 208, B: 211}
	pale  = layout.Colour{R: 245, G: 246, B: 247}
	white = layout.Colour{R: 255, G: 255, B: 255}

	green, greenTint = layout.Colour{R: 28, G: 104, B: 68}, layout.Colour{R: 235, G: 244, B: 239}
	red, redTint     = layout.Colour{R: 164, G: 34, B: 36}, layout.Colour{R: 251, G: 238, B: 237}
	amber, amberTint = layout.Colour{R: 146, G: 92, B: 6}, layout.Colour{R: 252, G: 245, B: 230}
)

// colours are those of a verdict: of its shape and words, and of the ground behind them.
func colours(v verify.Verdict) (strong, tint layout.Colour) {
	switch v {
	case verify.Passed:
		return green, greenTint
	case verify.Failed, verify.Unreadable:
		return red, redTint
	case verify.Indeterminate:
		return amber, amberTint
	}
	return grey, pale
}

// mark draws the shape of a verdict round (x, y), r mm from its middle to its edge: a disc with a tick, an octagon with a cross, a diamond with a
// question mark, a ring with a dash.
func mark(v verify.Verdict, x, y, r float64) []layout.Item {
	strong, _ := colours(v)
	fill := func(c layout.Colour, scale float64, corners [][2]float64) layout.Item {
		placed := make([][2]float64, len(corners))
		for i, p := range corners {
			placed[i] = [2]float64{x + p[0]*r*scale, y + p[1]*r*scale}
		}
		return layout.Shape{Outline: layout.PolygonOutline(placed), Fill: c}
	}
	switch v {
	case verify.Passed:
		return []layout.Item{fill(strong, 1, regular(72, 0)), fill(white, 1, tick)}
	case verify.Failed, verify.Unreadable:
		return []layout.Item{fill(strong, 1.06, regular(8, math.Pi/8)), fill(white, 1, cross)}
	case verify.Indeterminate:
		return []layout.Item{fill(strong, 1.2, regular(4, 0)), letter("?", x, y, r)}
	}
	return []layout.Item{fill(strong, 1, regular(72, 0)), fill(white, 0.82, regular(72, 0)), fill(strong, 1, dash)}
}

// levelShape draws the mark of a finding: that of the verdict it decides, a triangle to look at, a dot for what is good to know.
func levelShape(f verify.Finding, x, y, r float64) []layout.Item {
	switch f.Level {
	case verify.Fail:
		return mark(f.Verdict, x, y, r)
	case verify.Warn:
		corners := [][2]float64{{x, y - 1.15*r}, {x + 1.15*r, y + 0.95*r}, {x - 1.15*r, y + 0.95*r}}
		return []layout.Item{layout.Shape{Outline: layout.PolygonOutline(corners), Fill: amber}, letter("!", x, y+0.18*r, 0.8*r)}
	}
	return []layout.Item{layout.Shape{Outline: layout.RectangleOutline(x-0.22*r, y-0.22*r, 0.44*r, 0.44*r), Fill: grey}}
}

// letter is a white sign in the middle of a shape.
func letter(s string, x, y, r float64) layout.Item {
	size := 1.5 * r / layout.MM
	return layout.Text{X: x, Y: y + 0.36*size*layout.MM, String: s, Size: size, Align: layout.Centre, Colour: white, Bold: true}
}

// Shapes of which the middle is 0 and the edge 1; y points downwards.
var (
	tick  = [][2]float64{{-0.56, 0.03}, {-0.39, -0.15}, {-0.13, 0.12}, {0.40, -0.43}, {0.57, -0.26}, {-0.13, 0.46}}
	dash  = [][2]float64{{-0.45, -0.1}, {0.45, -0.1}, {0.45, 0.1}, {-0.45, 0.1}}
	cross = [][2]float64{{-0.45, -0.29}, {-0.29, -0.45}, {0, -0.16}, {0.29, -0.45}, {0.45, -0.29}, {0.16, 0}, {0.45, 0.29}, {0.29, 0.45}, {0, 0.16},
		{-0.29, 0.45}, {-0.45, 0.29}, {-0.16, 0}}
)

// regular is a polygon of n corners on the circle, the first at an angle from the right.
func regular(n int, from float64) [][2]float64 {
	out := make([][2]float64, n)
	for i := range out {
		sin, cos := math.Sincos(from + 2*math.Pi*float64(i)/float64(n))
		out[i] = [2]float64{cos, sin}
	}
	return out
}
