package report

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"one two three", 7, "one two|three"},
		{"one two three", 40, "one two three"},
		{"文件内容在签名后被改动过：摘要不一致。", 20, "文件内容在签名后被改|动过：摘要不一致。"},
		{"签名完好，但不认识颁发者", 8, "签名完|好，但不|认识颁发|者"},
		{"证书“示例根”已过期", 6, "证书|“示例|根”已|过期"},
		{"sm3:0123456789abcdef stays whole", 8, "sm3:0123456789abcdef|stays|whole"},
		{"", 8, ""},
	} {
		if got := strings.Join(wrap(c.text, c.width), "|"); got != c.want {
			t.Errorf("%q in %d columns: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

// TestWrapKeeps: wrapping loses nothing but spaces, and a line is too long only where it is one piece.
func TestWrapKeeps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("ab 印章，。（“）”"))).Draw(t, "text")
		width := rapid.IntRange(1, 20).Draw(t, "width")
		lines := wrap(text, width)
		if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.ReplaceAll(text, " ", "") {
			t.Fatalf("%q became %q", text, got)
		}
		for _, l := range lines {
			if wide(l) > width && len(pieces(strings.TrimLeft(l, " "))) > 1 {
				t.Fatalf("%q is wider than %d", l, width)
			}
		}
	})
}
