package measure

import (
	"image"
	"math"

	"yinxin/font"
	"yinxin/seal/draw"
)

// Text is what a seal is known to say and the fonts it may be set in. What is empty, or has no fonts, is not compared. Digits never are: on a seal they
// are set so narrow that one face's are another's.
type Text struct {
	Name, Purpose string
	Faces         draw.Faces
}

// Face is how near the characters of a text come to those of the fonts given for it.
type Face struct {
	Role       string `json:"role"`       // name or purpose
	Characters int    `json:"characters"` // compared
	Score      Value  `json:"score"`      // mean of the characters' likeness, 1 for the same; unknown where they could not be told apart
}

// Likeness of characters from which a text is in a typeface, and below which, with all it may be off, it is not. Between them nothing is said. What one
// typeface reaches against itself, and others against it, stands in docs/design/seals.md. Far below, the text is another, or was not
// read where it stands.
const (
	sameFace  = 0.94
	otherFace = 0.88
	unread    = 0.50
	uneven    = 0.06 // how far a score may be off before only some characters are unlike: those that print or a spot lies on
)

// WithText is Measure, and compares the characters with fonts. The error is the *fault.Error of font.Stack.Check: a font lacks a character.
func WithText(img image.Image, pxPerMM float64, t Text) (Measurement, error) {
	m, g := measureGauge(img, pxPerMM)
	roles := []struct {
		role, text string
		fonts      font.Stack
		track      func() (track, bool)
	}{
		{"name", t.Name, t.Faces.Name, func() (track, bool) { return g.nameTrack(m.Ring) }},
		{"purpose", t.Purpose, t.Faces.Purpose, func() (track, bool) { return g.lineTrack(m.Lines, purposeFrom(m.Shape)) }},
	}
	for _, r := range roles {
		if r.text == "" || len(r.fonts) == 0 {
			continue
		}
		if err := r.fonts.Check(r.text); err != nil {
			return m, err
		}
		f := Face{Role: r.role}
		if g != nil {
			if tr, ok := r.track(); ok {
				f.Characters, f.Score = g.likeness(tr, []rune(r.text), r.fonts)
			}
		}
		m.Faces = append(m.Faces, f)
	}
	return m, nil
}

// purposeFrom is the depth below the centre, mm, from which a line is the purpose: on an invoice seal the taxpayer's number stands above it.
func purposeFrom(s Shape) float64 {
	if s == Round {
		return 0
	}
	return 2.9
}

// track is the line along which a text stands, as stations a pixel apart whose normals point to the characters' feet, and how deep below it the
// characters begin and end, pixels.
type track struct {
	at       []station
	from, to float64
}

// nameTrack is along the outer edge, from where the text begins to where it ends.
func (g *gauge) nameTrack(r *Ring) (track, bool) {
	if r == nil {
		return track{}, false
	}
	t := track{from: g.inner + (r.Gap.Is-0.1)*g.px}
	t.to = t.from + (r.Height.Is+0.2)*g.px
	const steps = 1 << 14
	var last station
	walked := math.Inf(1)
	for i := range steps {
		s := g.outline.point(2*math.Pi*float64(i)/steps - math.Pi)
		angle := math.Atan2(s.x, -s.y) * 180 / math.Pi
		if angle < r.Start.Is-0.5 || angle > r.End.Is+0.5 {
			continue
		}
		feet := 0.1*t.from + 0.9*t.to // where characters come closest to each other
		walked += math.Hypot(s.x+s.nx*feet-last.x-last.nx*feet, s.y+s.ny*feet-last.y-last.ny*feet)
		if walked >= 1 {
			t.at, walked = append(t.at, s), 0
		}
		last = s
	}
	return t, len(t.at) > 0
}

// lineTrack is along the first line of text at least so many mm below the centre, as far as its characters follow each other from the middle.
func (g *gauge) lineTrack(lines []Line, below float64) (track, bool) {
	for _, l := range lines {
		if l.Top.Is < below {
			continue
		}
		top, height := l.Top.Is*g.px, l.Height.Is*g.px
		half := int(g.lineReach(top))
		profile := g.profile(window{-float64(half), top, float64(half), top + height}, false)
		left, right := half, half
		reach := func(at *int, step int) {
			for empty, i := 0.0, half; i >= 0 && i < len(profile) && empty < 0.3*height; i += step {
				if empty++; profile[i] >= 0.5 {
					*at, empty = i, 0
				}
			}
		}
		reach(&left, -1)
		reach(&right, 1)
		t := track{from: -0.1 * g.px, to: height + 0.1*g.px}
		for i := left - 1; i <= right+1; i++ {
			t.at = append(t.at, station{float64(i-half) + 0.5, top, 0, 1})
		}
		return t, right > left
	}
	return track{}, false
}

// likeness parts the text into its characters and compares each. They are told apart only where there is a gap about where each should end.
func (g *gauge) likeness(t track, runes []rune, fonts font.Stack) (compared int, score Value) {
	ink := g.along(t)
	ends := parts(ink, t.to-t.from, len(runes))
	if ends == nil || t.to-t.from < legible {
		return 0, Value{}
	}
	var scores []float64
	for i, r := range runes {
		if o, ok := fonts.For(r).Outline(r); ok && broad(o) {
			scores = append(scores, alike(g.character(t, ends[i], ends[i+1], ink), o))
		}
	}
	if len(scores) == 0 {
		return 0, Value{}
	}
	middle := median(scores)
	return len(scores), Value{middle, 0.01 + spreadOf(scores, middle)/math.Sqrt(float64(len(scores)))}
}

// along returns how much ink stands at each station of the track, pixels.
func (g *gauge) along(t track) []float64 {
	ink := make([]float64, len(t.at))
	for i, s := range t.at {
		for d := t.from; d < t.to; d++ {
			ink[i] += g.at(s.x+d*s.nx, s.y+d*s.ny)
		}
	}
	return ink
}

// parts returns where in the ink along a track each of n characters begins and ends: the emptiest place about every nth part; nil where that is not
// empty.
func parts(ink []float64, height float64, n int) []int {
	pitch := float64(len(ink)) / float64(n)
	if pitch < 0.25*height || pitch < 6 {
		return nil
	}
	ends := []int{0}
	for i := 1; i < n; i++ {
		middle, best, least := float64(i)*pitch, 0, math.Inf(1)
		for at := int(middle - 0.3*pitch); at <= int(middle+0.3*pitch) && at < len(ink); at++ {
			if cost := ink[at] + math.Abs(float64(at)-middle)/pitch; cost < least {
				best, least = at, cost
			}
		}
		if ink[best] > 0.12*height {
			return nil
		}
		ends = append(ends, best)
	}
	return append(ends, len(ink)-1)
}
