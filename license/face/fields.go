package face

import (
	"unicode/utf8"

	"yinxin/layout"
	"yinxin/license"
)

// Sizes of the fields: the largest at which everything fits is taken.
const (
	largestSize  = 13.5
	smallestSize = 7.5
	columnGap    = 12.0 // mm between the two columns
	columnWidth  = (right - left - columnGap) / 2
	labelGap     = 5.0 // mm between label and value
)

// entry is one field as shown.
type entry struct {
	label string
	value string
	muted bool // a reason for absence instead of a value
}

// row is one entry over the whole width, or two side by side, broken into lines.
type row struct {
	entries []entry
	lines   [][]string
}

// count is how many lines the row has.
func (r row) count() int {
	n := 1
	for _, l := range r.lines {
		n = max(n, len(l))
	}
	return n
}

func (r row) height(size float64) float64 {
	return float64(r.count())*lineHeight(size) + size*layout.MM*0.75
}

func lineHeight(size float64) float64 { return size * layout.MM * 1.42 }

// fields sets the fields in two columns between title and foot; long values get a row of their own. The type shrinks until they fit.
func (s *sheet) fields() error {
	entries := s.entries()
	for size := largestSize; size >= smallestSize; size -= 0.25 {
		rows, labels, ok := s.rows(entries, size)
		height := 0.0
		for _, r := range rows {
			height += r.height(size)
		}
		if room := fieldsEnd - fieldsTop; ok && height <= room {
			s.setRows(rows, size, labels, min(4.4, (room-height)/float64(len(rows))))
			return nil
		}
	}
	return tooFull("全部照面数据", "the face data")
}

// entries are the fields that have something to show, in the order of the type. Issuing body and day stand at the lower right instead.
func (s *sheet) entries() []entry {
	var out []entry
	for _, f := range s.typ.Fields {
		if f.Role == license.IssuerName || f.Role == license.IssueDate {
			continue
		}
		if v, ok := s.record.Face.Values[f.Key]; ok {
			out = append(out, entry{label: f.Label.ZH, value: f.Kind.Shown(v)})
		} else if code, ok := s.record.Face.Gaps[f.Key]; ok {
			reason, _ := s.typ.Reason(code)
			out = append(out, entry{label: f.Label.ZH, value: "—（" + reason.ZH + "）", muted: true})
		}
	}
	return out
}

// rows pairs entries into rows at a size. labels are the widths of the two columns of labels, with the gap; ok is false where they leave no room.
func (s *sheet) rows(entries []entry, size float64) (rows []row, labels [2]float64, ok bool) {
	for _, e := range entries {
		_, width := s.label(0, 0, e.label, size)
		labels[0] = max(labels[0], width+labelGap)
	}
	labels[1] = labels[0]
	rows = s.pair(entries, size, labels)
	// Each column needs only its own longest label: pair again, and keep that if it did not send a longer label across.
	narrow := s.labels(rows, size)
	again := s.pair(entries, size, narrow)
	if need := s.labels(again, size); need[0] <= narrow[0] && need[1] <= narrow[1] {
		rows, labels = again, narrow
	}
	return rows, labels, columnWidth-max(labels[0], labels[1]) >= 8*size*layout.MM
}

// labels measures the longest label of each column.
func (s *sheet) labels(rows []row, size float64) (widths [2]float64) {
	for _, r := range rows {
		for i, e := range r.entries {
			_, width := s.label(0, 0, e.label, size)
			widths[i] = max(widths[i], width+labelGap)
		}
	}
	return widths
}

// pair puts entries that fit a column side by side and gives the others a row of their own, in order.
func (s *sheet) pair(entries []entry, size float64, labels [2]float64) []row {
	var rows []row
	open := false // the last row has a free right column
	for _, e := range entries {
		width := layout.Width(s.fonts, e.value, size)
		switch {
		case open && width <= columnWidth-labels[1]:
			r := &rows[len(rows)-1]
			r.entries, r.lines = append(r.entries, e), append(r.lines, []string{e.value})
			open = false
		case width <= columnWidth-labels[0]:
			rows = append(rows, row{entries: []entry{e}, lines: [][]string{{e.value}}})
			open = true
		default:
			rows = append(rows, row{entries: []entry{e}, lines: [][]string{layout.Wrap(s.fonts, e.value, size, right-left-labels[0])}})
			open = false
		}
	}
	return rows
}

func (s *sheet) setRows(rows []row, size float64, labels [2]float64, extra float64) {
	y, em, step := fieldsTop, size*layout.MM, lineHeight(size)
	for _, r := range rows {
		height := r.height(size) + extra
		first := y + (height-float64(r.count())*step)/2 + step/2 + 0.38*em
		for i, e := range r.entries {
			x := left + (columnWidth+columnGap)*float64(i)
			label, _ := s.label(x, first, e.label, size)
			s.add(label)
			colour := ink
			if e.muted {
				colour = grey
			}
			for k, l := range r.lines[i] {
				s.add(layout.Text{X: x + labels[i], Y: first + step*float64(k), String: l, Size: size, Colour: colour})
			}
		}
		y += height
		s.add(layout.Line{X1: left, Y1: y, X2: right, Y2: y, Width: 0.15, Colour: hair})
	}
}

// spread is the spacing that sets a label of two or three Chinese characters to the width of four, as forms in Chinese do; else 0.
func spread(label string, size float64) float64 {
	n := 0
	for _, c := range label {
		if c < 0x2E80 {
			return 0
		}
		n++
	}
	if n != 2 && n != 3 {
		return 0
	}
	return float64(4-n) * size * layout.MM / float64(n-1)
}

// label is a label as set at a size: its text and its width in mm.
func (s *sheet) label(x, y float64, text string, size float64) (layout.Text, float64) {
	t := layout.Text{X: x, Y: y, String: text, Size: size, Colour: teal, Spacing: spread(text, size)}
	return t, layout.Width(s.fonts, text, size) + t.Spacing*float64(utf8.RuneCountInString(text)-1)
}
