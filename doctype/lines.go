package doctype

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"yinxin/document"
)

// sheet is a page as people see its text: lines from the top, each of cells from the left.
type sheet struct {
	number int
	lines  [][]cell
	hidden bool // there is text, or may be, that cannot be read
}

// cell is text that stands together. What stands in two columns of one line is two cells.
type cell struct {
	text                string  // folded
	x, y, width, height float64 // mm; y is the lower edge
}

// Limits of a page's text: a page of print has about two thousand characters.
const (
	mostRuns     = 20000
	mostRunBytes = 4000
	mostCells    = 200 // in a line
	mostText     = 100 << 10
)

// sheet reads a page, from 1, once. One that cannot be read has no lines and is hidden; only what stops all reading is an error.
func (r *reading) sheet(ctx context.Context, number int) (sheet, error) {
	if s, known := r.sheets[number]; known {
		return s, nil
	}
	text, err := r.text(ctx, number)
	if ctx.Err() != nil {
		return sheet{}, ctx.Err()
	}
	s := sheetOf(number, text)
	s.hidden = s.hidden || err != nil
	if r.sheets == nil {
		r.sheets = map[int]sheet{}
	}
	r.sheets[number] = s
	return s, nil
}

// span reads the first pages and the last ones.
func (r *reading) span(ctx context.Context, front, back int) ([]sheet, error) {
	pages, err := r.doc.Pages()
	if err != nil {
		return []sheet{{number: 1, hidden: true}}, ctx.Err()
	}
	var list []sheet
	for n := 1; n <= len(pages); n++ {
		if n > front && n <= len(pages)-back {
			continue
		}
		s, err := r.sheet(ctx, n)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func sheetOf(number int, p document.PageText) sheet {
	s := sheet{number: number, hidden: p.Unread > 0 || len(p.Runs) > mostRuns}
	pieces, cut := piecesOf(p)
	s.hidden = s.hidden || cut || p.Drawn && len(pieces) == 0
	slices.SortStableFunc(pieces, func(a, b cell) int { return cmp.Compare(a.y, b.y) })
	for _, c := range pieces {
		if line := s.lineFor(c); line >= 0 {
			s.lines[line] = append(s.lines[line], c)
		} else {
			s.lines = append(s.lines, []cell{c})
		}
	}
	for i := range s.lines {
		s.lines[i] = cellsOf(s.lines[i])
		if len(s.lines[i]) > mostCells {
			s.lines[i], s.hidden = s.lines[i][:mostCells], true
		}
	}
	return s
}

// piecesOf are the runs that can be placed, folded; cut says that there are more than are read.
func piecesOf(p document.PageText) (pieces []cell, cut bool) {
	total := 0
	for _, run := range p.Runs[:min(len(p.Runs), mostRuns)] {
		c := cell{text: fold(run.Text[:min(len(run.Text), mostRunBytes)]), x: run.X, y: run.Y + run.Height, width: run.Width, height: run.Height}
		for _, v := range []float64{c.x, c.y, c.width, c.height} {
			if math.IsNaN(v) || math.Abs(v) > 1e6 {
				c.text = ""
			}
		}
		if c.text == "" {
			continue
		}
		if total += len(c.text); total > mostText {
			return pieces, true
		}
		if c.height <= 0 {
			c.height = 3
		}
		if c.width <= 0 {
			c.width = float64(utf8.RuneCountInString(c.text)) * c.height
		}
		pieces = append(pieces, c)
	}
	return pieces, false
}

// lineFor finds the line that a piece belongs to, among the last few, or -1. What is written far larger than the line, across it, is no part of it.
func (s *sheet) lineFor(c cell) int {
	for i := len(s.lines) - 1; i >= max(0, len(s.lines)-4); i-- {
		first := s.lines[i][0]
		low, high := min(first.height, c.height), max(first.height, c.height)
		if math.Abs(first.y-c.y) <= 0.3*low+0.2 && high <= 2.5*low {
			return i
		}
	}
	return -1
}

// cellsOf joins the pieces of a line. Single characters set wide apart, as titles and short labels are, are one word.
func cellsOf(pieces []cell) []cell {
	slices.SortStableFunc(pieces, func(a, b cell) int { return cmp.Compare(a.x, b.x) })
	var cells []cell
	for at := 0; at < len(pieces); {
		c, parts := pieces[at], []string{pieces[at].text}
		spread := single(c.text)
		for at++; at < len(pieces); at++ {
			next := pieces[at]
			gap := next.x - c.x - c.width
			if next.text == parts[len(parts)-1] && next.x-pieces[at-1].x < 0.3*c.height {
				continue // drawn twice, to look bold
			}
			spread = spread && single(next.text)
			if gap >= 0.9*min(c.height, next.height) && (!spread || gap >= 4.5*c.height) {
				break
			}
			parts = append(parts, next.text)
			c.width = max(c.width, next.x+next.width-c.x)
		}
		c.text = strings.Join(parts, "")
		cells = append(cells, c)
	}
	return cells
}

func single(s string) bool {
	r, n := utf8.DecodeRuneInString(s)
	return n == len(s) && unicode.Is(unicode.Han, r)
}

// titles are the lines of a first page that may be the document's title: the first few, and those in large type in the upper half.
func (s sheet) titles() []string {
	var heights []float64
	for _, line := range s.lines {
		heights = append(heights, line[0].height)
	}
	slices.Sort(heights)
	var list []string
	for i, line := range s.lines {
		large := line[0].height >= 1.2*heights[len(heights)/2] && 2*i <= len(s.lines)
		if i > 3 && !large {
			continue
		}
		var b strings.Builder
		for _, c := range line {
			b.WriteString(c.text)
		}
		if t := b.String(); utf8.RuneCountInString(t) <= mostTitle && !strings.ContainsAny(t, "。;,:") {
			list = append(list, t)
		}
	}
	return list
}

const mostTitle = 60 // characters

func onPage(n int) string { return "page " + strconv.Itoa(n) }

// labelled parts "label: value" within a cell; ok is false where it is not of that form. A label is words, not an address or a time.
func labelled(text string) (label, value string, ok bool) {
	label, value, ok = strings.Cut(text, ":")
	return label, value, ok && isLabel(label)
}

// isLabel reports whether text can be the name of a field.
func isLabel(s string) bool {
	return s != "" && utf8.RuneCountInString(s) <= 16 && strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) &&
		!strings.ContainsFunc(s, unicode.IsDigit) && !strings.ContainsAny(s, "。;,、?!—")
}
