package layout

import (
	"strings"
	"unicode"

	"yinxin/font"
)

// Characters that may not begin or end a line (行首行尾禁则, after GB/T 15834 and common practice).
const (
	noStart = "。，、；：？！）》〉」』】〕〗］｝”’…—～·・％℃,.;:?!)]}%"
	noEnd   = "（《〈「『【〔〖［｛“‘([{￥＄$#№"
)

// Wrap breaks text into lines of at most width mm at a size in points. Chinese may break between any two characters, but not before closing
// punctuation nor after opening; words and numbers stay whole unless they are wider than a line. Line feeds in the text begin new lines; spaces at a
// break are dropped. A width narrower than one character gives one character a line.
func Wrap(fonts font.Stack, text string, size, width float64) []string {
	var lines []string
	for part := range strings.SplitSeq(text, "\n") {
		lines = append(lines, wrapLine(fonts, part, size, width, width)...)
	}
	return lines
}

// wrapLine breaks text without line feeds; its first line may have another width.
func wrapLine(fonts font.Stack, text string, size, first, rest float64) []string {
	var lines []string
	var line strings.Builder
	used, space, limit := 0.0, 0.0, first
	gap := "" // spaces waiting for the next unit
	flush := func() {
		lines = append(lines, line.String())
		line.Reset()
		used, space, gap, limit = 0, 0, "", rest
	}
	for _, u := range units(text) {
		if strings.TrimLeft(u, " \u3000") == "" && line.Len() > 0 {
			gap, space = gap+u, space+Width(fonts, u, size)
			continue
		}
		w := Width(fonts, u, size)
		if used+space+w > limit+1e-9 && line.Len() > 0 {
			flush()
		}
		if w > limit+1e-9 {
			for _, r := range u {
				rw := Width(fonts, string(r), size)
				if used+rw > limit+1e-9 && line.Len() > 0 {
					flush()
				}
				line.WriteRune(r)
				used += rw
			}
			continue
		}
		line.WriteString(gap)
		line.WriteString(u)
		used += space + w
		gap, space = "", 0
	}
	return append(lines, line.String())
}

// units cuts text into the pieces a line may not be broken inside: a Chinese character with the punctuation that clings to it, a word, or spaces.
func units(text string) []string {
	var out []string
	start, started := 0, false
	var previous rune
	for i, r := range text {
		if started && mayBreak(previous, r) {
			out = append(out, text[start:i])
			start = i
		}
		previous, started = r, true
	}
	if started {
		out = append(out, text[start:])
	}
	return out
}

// mayBreak reports whether a line may end after a and begin with b.
func mayBreak(a, b rune) bool {
	switch {
	case a == '\u00a0' || b == '\u00a0' || a == '\u2060' || b == '\u2060':
		return false
	case breakSpace(a) || breakSpace(b):
		return breakSpace(a) != breakSpace(b)
	case strings.ContainsRune(noStart, b) || strings.ContainsRune(noEnd, a) || unicode.Is(unicode.Mn, b):
		return false
	case a == b && (a == '—' || a == '…'):
		return false
	case a == '-' || a == '/':
		return unicode.IsLetter(b) || ideograph(b)
	}
	return ideograph(a) || ideograph(b)
}

func breakSpace(r rune) bool { return r == ' ' || r == '\u3000' }

// ideograph reports whether lines break freely beside the character: Chinese, kana, hangul and full-width forms.
func ideograph(r rune) bool {
	return r >= 0x2E80 && r <= 0xD7FF || r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE4F || r >= 0xFF00 && r <= 0xFFEF || r >= 0x20000 ||
		strings.ContainsRune("…—·№℃", r)
}
