package layout

import (
	"errors"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yinxin/fault"
)

func TestContract(t *testing.T) {
	text, err := os.ReadFile("testdata/contract.txt")
	if err != nil {
		t.Fatal(err)
	}
	blocks, err := ParseMarkup(text)
	if err != nil {
		t.Fatal(err)
	}
	flowed, err := Flow(stack(), blocks, DefaultStyle())
	if err != nil {
		t.Fatal(err)
	}
	if len(flowed.Pages) < 3 || len(flowed.Seals) != 2 {
		t.Fatalf("%d pages, %d seals", len(flowed.Pages), len(flowed.Seals))
	}
	last := len(flowed.Pages)
	for i, s := range flowed.Seals {
		if s.Page != last || s.X < 21 || s.X > A4Width-21 || s.Y < 21 || s.Y > A4Height-21 || !strings.Contains(s.Label, []string{"云杉", "白桦"}[i]) {
			t.Errorf("seal %d at %+v of %d pages", i, s, last)
		}
	}
	data := write(t, Document{Title: "示例设备采购合同", Language: "zh-CN", Created: created, Pages: flowed.Pages})
	if keep := os.Getenv("YINXIN_KEEP"); keep != "" {
		if err := os.WriteFile(keep+"/contract.pdf", data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(keep+"/example.pdf", write(t, exampleDocument(t)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := save(t, data)
	if out := run(t, "qpdf", "--check", path); strings.Contains(out, "WARNING") {
		t.Error(out)
	}
	out := strings.Join(strings.Fields(run(t, "pdftotext", "-raw", path, "-")), "")
	for _, want := range []string{"示例设备采购合同", "第1页共", "一、标的与价款", "叁拾万玖仟陆佰元整", "2.1乙方应当随设备交付产品合格证", "（三）质量保证期届满", "甲方（盖章）：云杉示例科技有限公司"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in the text", want)
		}
	}
}

func TestParseMarkup(t *testing.T) {
	got, err := ParseMarkup([]byte("# 标题\n## 一、节\n第一行\n第二行 and\nLatin words\n\n1.1 条款\n续行\n（一） 项\n第十二条 文\n| 左 | 右 |\n|上|下\n~ 甲 | 乙\n~ 日期 |\n---\n\\# 不是标题\r\n### 小节\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []Block{
		Title{"标题"}, Heading{1, "一、节"}, Paragraph{Text: "第一行第二行 and Latin words"},
		Clause{"1.1", "条款续行", 1}, Clause{"（一）", "项", 1}, Clause{"第十二条", "文", 0},
		Table{Rows: [][2]string{{"左", "右"}, {"上", "下"}}},
		Signatures{[]Signatory{{[]string{"甲", "日期"}}, {[]string{"乙", ""}}}},
		PageBreak{}, Paragraph{Text: "# 不是标题"}, Heading{2, "小节"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestParseMarkupRefuses(t *testing.T) {
	for _, c := range []struct {
		name, in string
		offset   int64
		line     int
	}{
		{"heading", "# a\n#b\n", 4, 2},
		{"row", "文\n| a | b | c\n", 4, 2},
		{"signature", "~ a | b\n~ a\n", 8, 2},
		{"parties", "~ a | b | c | d | e\n", 0, 1},
		{"lines", strings.Repeat("~ a\n", 21), 80, 21},
		{"tab", "a\tb", 1, 1},
		{"not UTF-8", "文\n\xff", 4, 2},
		{"long", strings.Repeat("a", MaxMarkup+1), MaxMarkup, 1},
		{"blocks", strings.Repeat("# a\n", MaxBlocks+1), 4 * MaxBlocks, MaxBlocks + 1},
	} {
		_, err := ParseMarkup([]byte(c.in))
		var pe *ParseError
		if !errors.As(err, &pe) || fault.KindOf(err) != fault.Invalid || pe.Offset != c.offset || pe.Line != c.line {
			t.Errorf("%s: %v %+v", c.name, err, pe)
		}
	}
}

func FuzzParseMarkup(f *testing.F) {
	text, err := os.ReadFile("testdata/contract.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("|a|b\n~c|d\n\\\n1. \u3000x\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		blocks, err := ParseMarkup(in)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		if len(in) > 2000 {
			return
		}
		flowed, err := Flow(stack(), blocks, DefaultStyle())
		if err != nil && fault.KindOf(err) == 0 {
			t.Fatal(err)
		}
		for i, p := range flowed.Pages {
			for j, item := range p.Items {
				if err := checkItem(item); err != nil {
					t.Fatalf("page %d, item %d: %v", i+1, j+1, err)
				}
			}
		}
	})
}

func TestFlowRefuses(t *testing.T) {
	style := DefaultStyle()
	style.Left = 200
	if _, err := Flow(stack(), nil, style); fault.KindOf(err) != fault.Invalid {
		t.Errorf("margins: %v", err)
	}
	tall := Signatures{[]Signatory{{Lines: strings.Split(strings.Repeat("行\n", 60), "\n")}}}
	if _, err := Flow(stack(), []Block{tall}, DefaultStyle()); fault.KindOf(err) != fault.Invalid {
		t.Errorf("signatures: %v", err)
	}
	breaks := make([]Block, 0, 2*MaxPages+2)
	for range MaxPages + 1 {
		breaks = append(breaks, Paragraph{Text: "页"}, PageBreak{})
	}
	if _, err := Flow(stack(), breaks, DefaultStyle()); fault.KindOf(err) != fault.Limit {
		t.Errorf("pages: %v", err)
	}
}

// Nothing Flow sets leaves the margins, whatever the text, and no line is lost.
func TestFlowStaysInside(t *testing.T) {
	style := DefaultStyle()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[一-鿿a-z0-9 ，。（）]{0,300}`)
		var blocks []Block
		want := 0
		for range rapid.IntRange(1, 30).Draw(rt, "blocks") {
			s := text.Draw(rt, "text")
			want += letters(s)
			switch rapid.IntRange(0, 3).Draw(rt, "kind") {
			case 0:
				blocks = append(blocks, Paragraph{Text: s})
			case 1:
				blocks = append(blocks, Clause{Number: "1.1", Text: s, Level: rapid.IntRange(0, 9).Draw(rt, "level")})
				want += 3
			case 2:
				blocks = append(blocks, Heading{Level: 1, Text: s})
			case 3:
				blocks = append(blocks, Table{Rows: [][2]string{{s, s}}, Ruled: true})
				want += letters(s)
			}
		}
		style.Footer = ""
		flowed, err := Flow(stack(), blocks, style)
		if err != nil {
			rt.Fatal(err)
		}
		got := 0
		for i, p := range flowed.Pages {
			for _, item := range p.Items {
				v, ok := item.(Text)
				if !ok {
					continue
				}
				got += letters(v.String)
				end := v.X + Width(stack(), v.String, v.Size) + v.Spacing*float64(utf8.RuneCountInString(v.String)-1)
				if v.X < style.Left-0.01 || end > style.Width-style.Right+0.01 || v.Y < style.Top || v.Y > style.Height-style.Bottom {
					rt.Fatalf("page %d: %q from %g to %g at %g", i+1, v.String, v.X, end, v.Y)
				}
			}
		}
		if got != want {
			rt.Fatalf("%d characters set of %d", got, want)
		}
	})
}

// letters counts what may not be lost: spaces may.
func letters(s string) int { return utf8.RuneCountInString(strings.ReplaceAll(s, " ", "")) }
