package draw

import "yinxin/font"

// Proportions of name seals, as shares of the shorter side.
const (
	squareInset = 0.035 // from the border to the characters
	squareGap   = 0.03  // between characters
	tallest     = 1.75  // height of a character as a share of its width; what is left over stays free above and below
	maxPersonal = 9     // characters, with what follows the name
)

// square lays out a name seal: columns from the right, each read downwards. A shorter column comes first, as the family name does.
func (p *plan) square() ([]part, error) {
	runes := append(p.name[:len(p.name):len(p.name)], []rune(p.Purpose)...)
	if len(runes) > maxPersonal {
		return nil, tooLong(len(runes))
	}
	t, err := newText(runes, p.fonts)
	if err != nil {
		return nil, err
	}
	side := 2 * min(p.a, p.b)
	inset := p.Border + squareInset*side
	columns := columnsOf(len(runes))
	gap := squareGap * side
	width := (2*(p.a-inset) - gap*float64(len(columns)-1)) / float64(len(columns))
	if width < 2*minEmMM {
		return nil, tooLong(len(runes))
	}
	parts := []part{frame(p.a, p.b, p.Border)}
	x, next := p.a-inset-width/2, 0
	for _, n := range columns {
		room := 2 * (p.b - inset)
		height := min((room-gap*float64(n-1))/float64(n), tallest*width)
		y := -(height*float64(n) + gap*float64(n-1)) / 2
		for range n {
			f := frameOf{top: font.Point{X: x, Y: y}, along: font.Point{X: 1}, inward: font.Point{Y: 1}}
			parts = append(parts, t.place(next, f, width/t.glyphs[next].width, height, roleName))
			y += height + gap
			next++
		}
		x -= width + gap
	}
	return parts, nil
}

// columnsOf says how many characters stand in each column, from the right.
func columnsOf(n int) []int {
	columns := 2
	if n > 6 {
		columns = 3
	}
	out := make([]int, columns)
	for i := range out {
		out[i] = n / columns
	}
	for i := range n % columns {
		out[columns-1-i]++
	}
	return out
}
