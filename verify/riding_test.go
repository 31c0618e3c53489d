package verify

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yinxin/document"
)

// Whatever riding seal was laid out adds up, in any order and beside whole seals; with a slice taken out, shown twice or moved it does not.
func TestSlicesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := document.Riding{Side: rapid.SampledFrom([]document.Side{document.Left, document.Right, document.Top, document.Bottom}).Draw(t, "side")}
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			r.DoublePage = true
		case 1:
			r.Group = rapid.IntRange(2, 10).Draw(t, "group")
		}
		size := rapid.Float64Range(20, 60).Draw(t, "size")
		pages := slices.Repeat([]document.Page{{Width: 210, Height: 297}}, rapid.IntRange(2, 15).Draw(t, "pages"))
		places, err := r.Places(pages, size, size)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "two") {
			places = append(places, places...)
		}
		places = rapid.Permutation(append(places, document.Place{Page: 1, X: 100, Y: 100, Width: size, Height: size})).Draw(t, "order")
		if why, ok := addUp(places); !ok {
			t.Fatalf("%+v: %s", r, why.EN)
		}
		i := rapid.IntRange(0, len(places)-1).Draw(t, "which")
		if places[i].Clip == (document.Clip{}) {
			return
		}
		if why, ok := addUp(slices.Delete(slices.Clone(places), i, i+1)); ok || !strings.Contains(why.EN, "the rest") || why.ZH == "" {
			t.Fatalf("%+v: a slice is missing: %v", r, why)
		}
		if _, ok := addUp(append(slices.Clone(places), places[i])); ok {
			t.Fatalf("%+v: a slice is shown twice", r)
		}
		moved := slices.Clone(places)
		if moved[i].Clip.X += 0.5; r.Side == document.Top || r.Side == document.Bottom {
			moved[i].Clip.X, moved[i].Clip.Y = places[i].Clip.X, places[i].Clip.Y+0.5
		}
		if _, ok := addUp(moved); ok {
			t.Fatalf("%+v: a slice is off by half a millimetre", r)
		}
	})
}

func TestSlicesWords(t *testing.T) {
	strip := func(page int, from, width float64) document.Place {
		return document.Place{Page: page, Width: 40, Height: 40, Clip: document.Clip{X: from, Width: width, Height: 40}}
	}
	whole := document.Place{Page: 1, Width: 40, Height: 40}
	larger := strip(2, 20, 20)
	larger.Width = 42
	lying := document.Place{Page: 3, Width: 40, Height: 40, Clip: document.Clip{Width: 40, Height: 10}}
	for name, c := range map[string]struct {
		places []document.Place
		want   string // "" where they add up
	}{
		"none":              {nil, ""},
		"no slice":          {[]document.Place{whole, {Page: 2, Width: 50, Height: 50}}, ""},
		"two halves":        {[]document.Place{strip(1, 0, 20), strip(2, 20, 20)}, ""},
		"rounded":           {[]document.Place{strip(1, 0, 13.33), strip(2, 13.33, 13.34), strip(3, 26.66, 13.33)}, ""},
		"all in one clip":   {[]document.Place{strip(1, 0, 40), strip(2, 0, 20), strip(3, 20, 20)}, ""},
		"one alone":         {[]document.Place{strip(1, 10, 10)}, "the part from 0.0 to 10.0 mm from the left is shown 0×, the rest 1×"},
		"one missing":       {[]document.Place{strip(1, 0, 10), strip(2, 10, 10), strip(4, 30, 10)}, "the part from 20.0 to 30.0 mm from the left is shown 0×, the rest 1×"},
		"last missing":      {[]document.Place{strip(1, 0, 10), strip(2, 10, 10), strip(3, 20, 10)}, "the part from 30.0 to 40.0 mm from the left is shown 0×, the rest 1×"},
		"overlapping":       {[]document.Place{strip(1, 0, 22), strip(2, 18, 22)}, "the part from 18.0 to 22.0 mm from the left is shown 2×, the rest 1×"},
		"a group's missing": {[]document.Place{strip(1, 0, 20), strip(2, 20, 20), strip(3, 0, 20)}, "the part from 0.0 to 20.0 mm from the left is shown 2×, the rest 1×"},
		"other scale":       {[]document.Place{strip(1, 0, 20), larger}, "page 1 shows it at 40.0 × 40.0 mm, page 2 at 42.0 × 40.0 mm"},
		"whole of another":  {[]document.Place{strip(1, 0, 20), strip(2, 20, 20), {Page: 3, Width: 30, Height: 30}}, "page 1 shows it at 40.0 × 40.0 mm, page 3 at 30.0 × 30.0 mm"},
		"no strip":          {[]document.Place{{Page: 5, Width: 40, Height: 40, Clip: document.Clip{X: 5, Y: 5, Width: 20, Height: 20}}}, "the piece on page 5 is no strip from edge to edge"},
		"lying":             {[]document.Place{strip(1, 0, 20), strip(2, 20, 20), lying}, "the part from 10.0 to 40.0 mm from the top is shown 0×, the rest 1×"},
		"beyond":            {[]document.Place{strip(1, 0, 20), strip(2, 20, 25)}, "the slice on page 2 reaches beyond the seal"},
	} {
		why, ok := addUp(c.places)
		if ok != (c.want == "") || why.EN != c.want || (why.ZH == "") != ok {
			t.Errorf("%s: %q, want %q", name, why.EN, c.want)
		}
	}
}
