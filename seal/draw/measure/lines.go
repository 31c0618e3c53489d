package measure

import "math"

// window is a part of the seal's frame, pixels from the centre.
type window struct{ left, top, right, bottom float64 }

// lines finds straight lines of text. On a round seal they stand below the centre; only where they are is measured there. On an oval they run
// across it, and each is measured by itself.
func (g *gauge) lines(star *Star) []Line {
	o := g.outline
	if o.shape == Round {
		top := 0.12 * 2 * o.b
		if star != nil {
			top = max(top, (star.Y.Is+star.Diameter.Is/2*math.Cos(math.Pi/5))*g.px+1.5)
		}
		return g.across(window{-0.1 * 2 * o.a, top, 0.1 * 2 * o.a, 0.4 * 2 * o.b})
	}
	w, h := 2*o.a, 2*o.b
	out := g.across(window{-0.2 * w, -0.15 * h, 0.2 * w, 0.32 * h})
	for i := range out {
		top, bottom := out[i].Top.Is*g.px, (out[i].Top.Is+out[i].Height.Is)*g.px
		reach := g.lineReach(top)
		g.measureAcross(&out[i], window{-reach, top, reach, bottom})
	}
	const digits = 0.02 // of the width: brackets beside a number are higher than its digits
	return append(out, g.across(window{-digits * w, 0.32*h + 1, digits * w, 0.445 * h})...)
}

// lineReach is how far from the middle a line may reach that begins so deep: one through the centre farther than one below it, where the name leaves less
// room.
func (g *gauge) lineReach(top float64) float64 {
	switch {
	case g.outline.shape == Round:
		return 0.26 * 2 * g.outline.a
	case top > 0.05*2*g.outline.b:
		return 0.21 * 2 * g.outline.a
	}
	return 0.33 * 2 * g.outline.a
}

// across returns the lines whose rows have ink in the window. Edges are read from the fullest pixel of a row, which is inked by the share it is.
func (g *gauge) across(in window) []Line {
	profile := g.profile(in, true)
	var out []Line
	for _, s := range stretches(profile, int(0.6*g.px)) {
		if s.to-s.from < max(2, 0.5*g.px) || s.from <= 0 && profile[0] >= 0.5 || s.to >= float64(len(profile)) {
			continue // too low for text, or cut off
		}
		out = append(out, Line{Top: g.mm(in.top+s.from, 0.8), Height: g.mm(s.to-s.from, 1)})
	}
	return out
}

// countable is the resolution from which the digits of a number stand apart, pixels a millimetre.
const countable = 16

// measureAcross adds what is measured along a line.
func (g *gauge) measureAcross(l *Line, in window) {
	list := stretches(g.profile(in, false), 0)
	if len(list) == 0 {
		return
	}
	l.Width = g.mm(list[len(list)-1].to-list[0].from, 1)
	if g.px < countable {
		return
	}
	widest := 0.0
	for _, s := range list {
		widest = max(widest, s.to-s.from)
	}
	l.Widest, l.Pieces = g.mm(widest, 1), len(list)
}

// profile returns the fullest pixel of each row (or column) of a window.
func (g *gauge) profile(in window, rows bool) []float64 {
	n, across := int(in.bottom-in.top), in.right-in.left
	if !rows {
		n, across = int(in.right-in.left), in.bottom-in.top
	}
	out := make([]float64, max(0, n))
	for i := range out {
		for d := 0.5; d < across; d++ {
			x, y := in.left+d, in.top+float64(i)+0.5
			if !rows {
				x, y = in.left+float64(i)+0.5, in.top+d
			}
			out[i] = max(out[i], g.at(x, y))
		}
	}
	return out
}

// stretches returns the stretches of ink in a profile, bridging gaps up to bridge; its half inked ends count by their share.
func stretches(profile []float64, bridge int) []stretch {
	const faint = 0.2
	var out []stretch
	for i, v := range profile {
		if v < faint {
			continue
		}
		at := float64(i)
		if len(out) > 0 && at-out[len(out)-1].to <= float64(bridge)+0.999 && (bridge > 0 || profile[i-1] >= faint) {
			out[len(out)-1].to = at + v
			continue
		}
		out = append(out, stretch{at + 1 - v, at + 1})
	}
	return out
}
