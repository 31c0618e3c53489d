package draw

import "yinxin/font"

// Proportions of name seals, as shares of the shorter side.
const (
	squareInset   = 0.035 // from the border to the characters
	squareGap     = 0.03  // between characters
	intaglioInset = 0.05  // from the edge of a seal without a border to the characters
	lineShare     = 0.13  // from the border of a seal of one line to the characters: they stand freer than in a square
	lineAspect    = 1.5   // longer side to shorter from which a seal has one line
	tallest       = 1.75  // height of a character as a share of its width; what is left over stays free above and below
	rowWidth      = 1.1   // width of a character in a row as a share of its height
	intaglioBold  = 0.016 // how far letters cut out are thickened, as a share of their height: ink creeps into them
	maxPersonal   = 9     // characters, with what follows the name
)

// oneLine reports whether the characters of a name seal stand in one row, or in one column where the seal is taller than wide.
func (p *plan) oneLine() bool { return max(p.a, p.b) >= lineAspect*min(p.a, p.b) }

// square lays out a name seal: columns from the right, each read downwards, a shorter column first, as the family name comes first. A seal of one line
// is read from the left, or downwards.
func (p *plan) square() ([]part, error) {
	runes := append(p.name[:len(p.name):len(p.name)], []rune(p.Purpose)...)
	if len(runes) > maxPersonal {
		return nil, tooLong(len(runes))
	}
	t, err := newText(runes, p.Faces.Name)
	if err != nil {
		return nil, err
	}
	side := 2 * min(p.a, p.b)
	inset := p.Border + squareInset*side
	parts := []part{frame(p.a, p.b, p.Border)}
	ink := layerInk
	if p.Intaglio {
		inset = p.Border/2 + intaglioInset*side
		parts, ink = []part{face(p.a, p.b)}, layerCut
		t.weight = intaglioBold
	}
	var cells []quad
	if p.oneLine() {
		cells = p.lineCells(len(runes), inset+(lineShare-squareInset)*side)
	} else {
		cells = p.columnCells(len(runes), inset)
	}
	for i, c := range cells {
		width, height := c[1].X-c[0].X, c[3].Y-c[0].Y
		if width < 2*minEmMM || height < 2*minEmMM {
			return nil, tooLong(len(runes))
		}
		f := frameOf{top: font.Point{X: (c[0].X + c[1].X) / 2, Y: c[0].Y}, along: font.Point{X: 1}, inward: font.Point{Y: 1}}
		placed := t.place(i, f, width/t.glyphs[i].width, height, roleName)
		placed.layer = ink
		parts = append(parts, placed)
	}
	return parts, nil
}

// columnCells returns the characters' cells in the order of reading.
func (p *plan) columnCells(n int, inset float64) []quad {
	gap := squareGap * 2 * min(p.a, p.b)
	columns := columnsOf(n)
	width := (2*(p.a-inset) - gap*float64(len(columns)-1)) / float64(len(columns))
	x := p.a - inset - width/2
	var cells []quad
	for _, n := range columns {
		room := 2 * (p.b - inset)
		height := min((room-gap*float64(n-1))/float64(n), tallest*width)
		y := -(height*float64(n) + gap*float64(n-1)) / 2
		for range n {
			cells = append(cells, upright(x, y, width, height))
			y += height + gap
		}
		x -= width + gap
	}
	return cells
}

// lineCells is columnCells for a seal of one row or column. Where there is room left, it is spread evenly between the characters.
func (p *plan) lineCells(n int, inset float64) []quad {
	across, along := 2*(p.b-inset), 2*(p.a-inset) // of a row
	if p.b > p.a {
		across, along = along, across
	}
	least := squareGap * 2 * min(p.a, p.b)
	size := min((along-least*float64(n-1))/float64(n), rowWidth*across)
	gap := max(least, (along-size*float64(n))/float64(n+1))
	at := -(size*float64(n) + gap*float64(n-1)) / 2
	var cells []quad
	for range n {
		if p.b > p.a {
			cells = append(cells, upright(0, at, across, size))
		} else {
			cells = append(cells, upright(at+size/2, -across/2, size, across))
		}
		at += size + gap
	}
	return cells
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
