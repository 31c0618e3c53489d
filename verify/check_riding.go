package verify

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"yinxin/document"
)

// sliceTolerance is how far slices may miss one another and sizes differ, in mm: formats round lengths.
const sliceTolerance = 0.1

// slices: those of a riding seal (骑缝章) add up to whole seals. Where they do not, a page may have been taken out or put in before the document was
// signed, so people should look; the bytes are what was signed all the same.
func (j *judging) slices() {
	if why, ok := addUp(j.Places); !ok {
		j.say("PICTURE_SLICES", why)
	}
}

// A span is a part of a seal in one direction, mm from its left or top.
type span struct{ from, to float64 }

// addUp reports whether the slices among the places make up whole seals of one size, in whatever order and groups they stand; where they do not it tells
// the first reason. Whole seals may stand beside them.
func addUp(places []document.Place) (why Text, ok bool) {
	var across, along []span
	for _, p := range places {
		c := p.Clip
		high, wide := near(c.Y, 0) && near(c.Height, p.Height), near(c.X, 0) && near(c.Width, p.Width)
		switch {
		case c.X < -sliceTolerance || c.Y < -sliceTolerance || c.X+c.Width > p.Width+sliceTolerance || c.Y+c.Height > p.Height+sliceTolerance:
			return Text{ZH: fmt.Sprintf("第 %d 页的一条超出了印章", p.Page), EN: fmt.Sprintf("the slice on page %d reaches beyond the seal", p.Page)}, false
		case c == document.Clip{} || high && wide:
		case high:
			across = append(across, span{c.X, c.X + c.Width})
		case wide:
			along = append(along, span{c.Y, c.Y + c.Height})
		default:
			return Text{ZH: fmt.Sprintf("第 %d 页的一块不是整条", p.Page), EN: fmt.Sprintf("the piece on page %d is no strip from edge to edge", p.Page)}, false
		}
	}
	if len(across)+len(along) == 0 {
		return Text{}, true
	}
	one := places[0]
	for _, p := range places {
		if !near(p.Width, one.Width) || !near(p.Height, one.Height) {
			return Text{ZH: fmt.Sprintf("第 %d 页按 %.1f × %.1f 毫米显示，第 %d 页按 %.1f × %.1f 毫米显示", one.Page, one.Width, one.Height, p.Page, p.Width, p.Height),
				EN: fmt.Sprintf("page %d shows it at %.1f × %.1f mm, page %d at %.1f × %.1f mm", one.Page, one.Width, one.Height, p.Page, p.Width, p.Height)}, false
		}
	}
	if part, times, rest, ok := uneven(across, one.Width); !ok {
		return Text{ZH: fmt.Sprintf("距左边 %.1f 至 %.1f 毫米的部分显示 %d 次，其余显示 %d 次", part.from, part.to, times, rest),
			EN: fmt.Sprintf("the part from %.1f to %.1f mm from the left is shown %d×, the rest %d×", part.from, part.to, times, rest)}, false
	}
	if part, times, rest, ok := uneven(along, one.Height); !ok {
		return Text{ZH: fmt.Sprintf("距上边 %.1f 至 %.1f 毫米的部分显示 %d 次，其余显示 %d 次", part.from, part.to, times, rest),
			EN: fmt.Sprintf("the part from %.1f to %.1f mm from the top is shown %d×, the rest %d×", part.from, part.to, times, rest)}, false
	}
	return Text{}, true
}

// near compares lengths in mm.
func near(a, b float64) bool { return math.Abs(a-b) <= sliceTolerance }

// uneven finds the first part of a seal of that size that the slices show more or less often than the rest. There is none exactly where the slices can be
// sorted into seals without a gap or an overlap.
func uneven(shown []span, size float64) (part span, times, rest int, ok bool) {
	if len(shown) == 0 {
		return span{}, 0, 0, true
	}
	type edge struct {
		at   float64
		step int
	}
	edges := []edge{{0, 0}, {size, 0}}
	for _, s := range shown {
		edges = append(edges, edge{s.from, 1}, edge{s.to, -1})
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.at, b.at) })
	var parts []span
	var counts []int
	lengths := map[int]float64{} // by how often they are shown
	depth := 0
	for i := 0; i < len(edges); {
		from := edges[i].at
		for ; i < len(edges) && near(edges[i].at, from); i++ {
			depth += edges[i].step
		}
		if i == len(edges) {
			break
		}
		parts, counts = append(parts, span{from, edges[i].at}), append(counts, depth)
		lengths[depth] += edges[i].at - from
	}
	rest = 1 // what is not shown at all is never the rule
	for n, length := range lengths {
		if n > 0 && (length > lengths[rest] || length == lengths[rest] && n < rest) {
			rest = n
		}
	}
	for i, n := range counts {
		if n != rest {
			return parts[i], n, rest, false
		}
	}
	return span{}, 0, 0, true
}
