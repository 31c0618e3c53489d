package report

import "strings"

// columns is how wide a report is: what a terminal of ordinary size shows, and a mail quotes unbroken.
const columns = 96

// wrap breaks text into lines of at most width columns: between words, and between Chinese characters. A word that is longer stays whole, because
// codes and file names are copied.
func wrap(text string, width int) []string {
	var lines []string
	var line strings.Builder
	used := 0
	for _, p := range pieces(text) {
		w := wide(strings.TrimRight(p, " "))
		if used > 0 && used+w > width {
			lines = append(lines, strings.TrimRight(line.String(), " "))
			line.Reset()
			used = 0
		}
		line.WriteString(p)
		used += wide(p)
	}
	return append(lines, strings.TrimRight(line.String(), " "))
}

// closers may not begin a line, openers may not end one.
const (
	closers = "，。；：、！？）”》…"
	openers = "（“《"
)

// pieces are the parts of text that are not broken, each with the spaces behind it.
func pieces(text string) []string {
	var out []string
	var piece strings.Builder
	var last rune
	for _, r := range text {
		breaks := last != 0 && r != ' ' && (last == ' ' || columnsOf(last) == 2 || columnsOf(r) == 2) &&
			!strings.ContainsRune(closers, r) && !strings.ContainsRune(openers, last)
		if breaks {
			out = append(out, piece.String())
			piece.Reset()
		}
		piece.WriteRune(r)
		last = r
	}
	return append(out, piece.String())
}

func wide(s string) int {
	n := 0
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

// columnsOf is how many columns a terminal gives a character: two for those of East Asian writing (Unicode Standard Annex 11, W and F).
func columnsOf(r rune) int {
	switch {
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f,
		r >= 0xff00 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1f9ff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}
