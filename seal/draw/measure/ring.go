package measure

import "math"

const (
	spokes   = 1440
	raggedMM = 0.08 // how far ink of a printed border reaches inwards in places: text does not begin so near
)

// ring finds the text along the border: how deep it begins and ends under the upper third of the border, and at which angles.
func (g *gauge) ring() *Ring {
	if g.inner <= 0 {
		return nil
	}
	short := min(g.outline.a, g.outline.b)
	first := g.inner + 0.75 + raggedMM*g.px
	depth := int((0.6*short - first) / 0.5)
	if depth < 4 {
		return nil
	}
	rows := make([][]bool, spokes) // by angle, half pixels deep
	upper, count := make([]int, depth), 0
	for i := range rows {
		rows[i] = make([]bool, depth)
		s := g.spoke(i)
		high := math.Atan2(math.Abs(s.x), -s.y) < math.Pi/3
		if high {
			count++
		}
		for j := range depth {
			d := first + float64(j)*0.5
			if g.at(s.x+d*s.nx, s.y+d*s.ny) >= 0.5 {
				rows[i][j] = true
				if high {
					upper[j]++
				}
			}
		}
	}
	band, ok := tallest(upper, max(2, count/100), int(0.6*g.px/0.5))
	if !ok {
		return nil
	}
	start, end, room, ok := g.span(rows, band)
	if !ok {
		return nil
	}
	degrees := 1 + 57.3*1.5/short
	return &Ring{
		Gap: g.mm(first-g.inner+float64(band.from)*0.5, 1), Height: g.mm(float64(band.to-band.from)*0.5, 1.2),
		Start: Value{start, degrees}, End: Value{end, degrees}, Room: room,
	}
}

// spoke is a station of the outer edge in the frame of the seal.
func (g *gauge) spoke(i int) station {
	return g.outline.point(2 * math.Pi * (float64(i) + 0.5) / spokes)
}

type band struct{ from, to int }

// tallest returns the tallest band of rows that hold more than least, bridging empty rows up to bridge.
func tallest(rows []int, least, bridge int) (best band, ok bool) {
	for _, b := range bands(rows, least, bridge) {
		if b.to-b.from > best.to-best.from {
			best, ok = b, true
		}
	}
	return best, ok
}

func bands(rows []int, least, bridge int) []band {
	var out []band
	for i, n := range rows {
		switch {
		case n < least:
		case len(out) > 0 && i-out[len(out)-1].to <= bridge:
			out[len(out)-1].to = i + 1
		default:
			out = append(out, band{i, i + 1})
		}
	}
	return out
}

// span returns where the name begins and ends, and its widest gap. What stands below the name is told from it by its height: a code is low, a line of text begins deep.
func (g *gauge) span(rows [][]bool, b band) (start, end, room float64, ok bool) {
	reach := make([]band, len(rows)) // of the ink at each angle
	for i := range rows {
		for j := b.from; j < b.to; j++ {
			if rows[i][j] {
				reach[i] = reach[i].with(band{j, j + 1})
			}
		}
	}
	height := b.to - b.from
	tall := func(r band) bool { return (r.from-b.from)*4 < height && (r.to-b.from)*4 > 3*height }
	right, okRight := firstRun(reach, -1, tall)
	left, okLeft := firstRun(reach, 1, tall)
	angle := func(i int) float64 {
		s := g.spoke(i)
		return math.Atan2(s.x, -s.y) * 180 / math.Pi
	}
	if !okLeft || !okRight {
		return 0, 0, 0, false
	}
	last := angle(left)
	for n := 1; n < len(reach); n++ { // from the left end over the top, where angles start again
		i := (left + n) % len(reach)
		if reach[i].to > reach[i].from {
			room, last = max(room, angle(i)-last), angle(i)
		}
		if i == right {
			break
		}
	}
	return angle(left), angle(right), room, true
}

func (b band) with(o band) band {
	if b.from == b.to {
		return o
	}
	return band{min(b.from, o.from), max(b.to, o.to)}
}

// firstRun walks from the bottom to the first run of inked angles whose ink reaches as wanted, and returns where it begins.
func firstRun(reach []band, step int, wanted func(band) bool) (int, bool) {
	const bridge = 3 // angles without ink inside a character
	var run band
	begin, idle := -1, 0
	for i := len(reach) / 2; i >= 0 && i < len(reach); i += step {
		switch r := reach[i]; {
		case r.to > r.from:
			if begin < 0 {
				begin = i
			}
			run, idle = run.with(r), 0
			if wanted(run) {
				return begin, true
			}
		case begin >= 0:
			if idle++; idle > bridge {
				run, begin, idle = band{}, -1, 0
			}
		}
	}
	return 0, false
}
