package measure

import (
	"math"
	"slices"
)

// stretch is ink along a line inwards, pixels from the outer edge.
type stretch struct{ from, to float64 }

// borders returns the widths of the borders from outside inwards: stretches of ink that are met at nearly every place of the edge, equally deep.
func (g *gauge) borders() []Value {
	short := min(g.outline.a, g.outline.b)
	stations := g.outline.sides(90)
	if g.outline.shape != Rectangle {
		stations = stations[:0]
		for i := range 360 {
			stations = append(stations, g.outline.point(2*math.Pi*float64(i)/360))
		}
	}
	runs := make([][]stretch, len(stations))
	for i, s := range stations {
		runs[i] = g.inwards(s, short*0.25)
	}
	var out []Value
	for n := 0; ; n++ {
		var from, width []float64
		for _, r := range runs {
			if len(r) > n {
				from, width = append(from, r[n].from), append(width, r[n].to-r[n].from)
			}
		}
		if len(from)*10 < len(stations)*7 {
			return out
		}
		start, wide := median(from), median(width)
		spread := spreadOf(from, start)
		if n == 0 && start > max(3, 0.02*short) || n > 0 && spread > max(1, 0.15*g.px) || wide > 0.24*short {
			return out
		}
		g.inner = start + wide
		out = append(out, g.mm(wide, 0.6+spreadOf(width, wide)/math.Sqrt(float64(len(width)))))
	}
}

// inwards returns the stretches of ink from a station inwards, so many pixels deep. Edges are where half a pixel is inked.
func (g *gauge) inwards(s station, depth float64) []stretch {
	const step = 0.25
	var out []stretch
	before, inside := 0.0, false
	for d := -3.0; d < depth; d += step {
		v := g.at(s.x+d*s.nx, s.y+d*s.ny)
		if (v >= 0.5) != inside {
			edge := d - step*(v-0.5)/(v-before)
			if inside = !inside; inside {
				out = append(out, stretch{edge, depth})
			} else {
				out[len(out)-1].to = edge
			}
		}
		before = v
	}
	return out
}

func median(v []float64) float64 {
	s := slices.Sorted(slices.Values(v))
	return s[len(s)/2]
}

// spreadOf is the median distance from m, widened to what is a standard deviation where errors are even.
func spreadOf(v []float64, m float64) float64 {
	d := make([]float64, len(v))
	for i := range v {
		d[i] = math.Abs(v[i] - m)
	}
	return 1.48 * median(d)
}

// fill returns how much of a rectangular seal is inked, 0 to 1.
func (g *gauge) fill() float64 {
	const n = 200
	sum := 0.0
	for i := range n {
		for j := range n {
			sum += g.at((2*(float64(i)+0.5)/n-1)*g.outline.a, (2*(float64(j)+0.5)/n-1)*g.outline.b)
		}
	}
	return sum / (n * n)
}
