package layout

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// ems is a width of n characters of 10 points.
func ems(n float64) float64 { return n*10*MM + 0.001 }

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		name, text string
		width      float64
		want       []string
	}{
		{"plain", "甲乙丙丁戊己", 4, []string{"甲乙丙丁", "戊己"}},
		{"no closing sign begins a line", "甲乙丙丁。戊己", 4, []string{"甲乙丙", "丁。戊己"}},
		{"two closing signs", "甲乙丙（丁）。戊", 6, []string{"甲乙丙", "（丁）。戊"}},
		{"no opening sign ends a line", "甲乙丙“丁戊”", 4, []string{"甲乙丙", "“丁戊”"}},
		{"words stay whole", "按照 specification 执行", 7, []string{"按照", "specification", "执行"}},
		{"numbers stay whole", "总价为309,600.00元整", 6, []string{"总价为", "309,600.00", "元整"}},
		{"overlong word", strings.Repeat("a", 30), 4, nil},
		{"line feeds", "甲\n\n乙", 4, []string{"甲", "", "乙"}},
		{"empty", "", 4, []string{""}},
		{"narrow", "甲，乙", 0, []string{"甲", "，", "乙"}},
		{"dash", "甲乙丙——丁", 4, []string{"甲乙", "丙——丁"}},
		{"no-break space", "甲乙丙\u00a0丁戊", 4, []string{"甲乙", "丙\u00a0丁戊"}},
		{"leading indent", "\u3000\u3000甲乙丙", 4, []string{"\u3000\u3000甲乙", "丙"}},
	} {
		got := Wrap(stack(), c.text, 10, ems(c.width))
		if c.want != nil && !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if strings.Join(strings.Fields(strings.Join(got, "")), "") != strings.Join(strings.Fields(c.text), "") {
			t.Errorf("%s: text was lost: %q", c.name, got)
		}
	}
}

func TestWrapKeepsTheRules(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[一-鿿a-z0-9 ，。、（）《》“”：；]{0,200}`).Draw(rt, "text")
		width := ems(rapid.Float64Range(12, 40).Draw(rt, "width"))
		lines := Wrap(stack(), text, 10, width)
		if strings.ReplaceAll(strings.Join(lines, ""), " ", "") != strings.ReplaceAll(text, " ", "") {
			rt.Fatalf("text was lost: %q", lines)
		}
		for i, l := range lines {
			if Width(stack(), l, 10) > width+0.001 {
				rt.Fatalf("line %q is too wide", l)
			}
			first, _ := utf8.DecodeRuneInString(l)
			if i > 0 && strings.ContainsRune(noStart, first) && !forced(lines[i-1]) {
				rt.Fatalf("line %q begins with %c after %q", l, first, lines[i-1])
			}
		}
	})
}

// forced reports whether a line ends in a run without a break of half its length or more: then a closing sign may have had to begin the next.
func forced(line string) bool {
	u := units(line)
	return len(u) > 0 && utf8.RuneCountInString(u[len(u)-1]) >= 6
}
