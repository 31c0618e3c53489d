package layout

import (
	"maps"
	"math"
	"slices"

	"yinxin/font"
)

// line is where a text lies, for every writer.
type line struct {
	x, y     float64 // mm: its left end on the baseline
	width    float64 // mm
	sin, cos float64 // of the angle it is turned by, anticlockwise
}

// lay finds the left end of a text from the point that X and Y name.
func (v Text) lay(fonts font.Stack) line {
	l := line{width: Width(fonts, v.String, v.Size) + v.Spacing*float64(len([]rune(v.String))-1)}
	shift := 0.0
	switch v.Align {
	case Centre:
		shift = l.width / 2
	case Right:
		shift = l.width
	}
	l.sin, l.cos = math.Sincos(v.Angle * math.Pi / 180)
	l.x, l.y = v.X-shift*l.cos, v.Y+shift*l.sin
	return l
}

// boldness is how much the outlines of bold text are thickened: the width of a stroke along them, as a part of the type size.
const boldness = 1.0 / 36

// cut is a font of the stack as a document embeds it.
type cut struct {
	font   *font.Font
	subset *font.Subset
}

// cutFonts cuts every font of the stack down to the characters that the document draws with it, in the order of the stack.
func cutFonts(doc Document, stack font.Stack) ([]cut, error) {
	used := make(map[*font.Font]map[rune]bool)
	for _, page := range doc.Pages {
		for _, item := range page.Items {
			t, ok := item.(Text)
			if !ok {
				continue
			}
			for _, r := range t.String {
				f := stack.For(r)
				if used[f] == nil {
					used[f] = map[rune]bool{}
				}
				used[f][r] = true
			}
		}
	}
	var out []cut
	for _, f := range stack {
		if len(used[f]) == 0 {
			continue
		}
		s, err := f.Subset(slices.Sorted(maps.Keys(used[f])))
		if err != nil {
			return nil, err
		}
		out = append(out, cut{f, s})
		delete(used, f) // a font may stand in the stack twice
	}
	return out, nil
}
