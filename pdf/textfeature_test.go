package pdf

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// saying is a file of a page with that content; fonts and other resources are given as entries, further objects from number 5 on.
func saying(resources, content string, objects ...string) []byte {
	return raw(append([]string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 1000 1000]/Resources<<" + resources + ">>>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R>>", stream("", content),
	}, objects...)...)
}

// courier is a font of which all widths are known: 0.6 em.
const courier = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>>>"

// say is what was read, run by run; told are its lefts, in points.
func say(t *testing.T, b []byte) (texts string, lefts string, unread int, drawn bool) {
	t.Helper()
	page := textOf(t, b, 1)
	var said, at []string
	for _, r := range page.Runs {
		said = append(said, r.Text)
		at = append(at, fmt.Sprintf("%.4g", r.X/mmPerPoint))
	}
	return strings.Join(said, "|"), strings.Join(at, " "), page.Unread, page.Drawn
}

func TestTextOperators(t *testing.T) {
	for _, c := range []struct{ name, content, want, lefts string }{
		{"Td and TD", "BT /F 10 Tf 100 700 Td (a) Tj 10 -12 TD (b) Tj T* (c) Tj ET", "a|b|c", "100 110 110"},
		{"Tm", "BT /F 1 Tf 10 0 0 10 100 700 Tm (a) Tj (b) Tj ET", "a|b", "100 106"},
		{"each text object starts anew", "BT /F 10 Tf 100 700 Td (a) Tj ET BT 50 0 Td (b) Tj ET", "a|b", "100 50"},
		{"quotes", "BT /F 10 Tf 12 TL 100 700 Td (a) ' 3 5 (b c) \" (d) Tj ET", "a|b c|d", "100 100 136"},
		{"TJ", "BT /F 10 Tf 100 700 Td [(A) 120 (W) -250 (a) -100 (y)] TJ (z) Tj ET", "AW ay|z", "100 126.3"},
		{"a gap beside a space", "BT /F 10 Tf [(a ) -300 (b) -300 ( c)] TJ ET", "a b c", "0"},
		{"a gap at the edges", "BT /F 10 Tf [-1000 (a) -1000] TJ (b) Tj ET", "a|b", "10 26"},
		{"spacing", "BT /F 10 Tf 2 Tc 5 Tw 50 Tz 100 700 Td (a b) Tj (c) Tj ET", "a b|c", "100 114.5"},
		{"rise", "BT /F 10 Tf 5 Ts 100 700 Td (a) Tj ET", "a", "100"},
		{"cm, q and Q", "q 2 0 0 2 10 10 cm BT /F 10 Tf 20 300 Td (a) Tj ET Q BT /F 10 Tf (b) Tj ET", "a|b", "50 0"},
		{"Q brings the font back", "BT /F 10 Tf q /No 10 Tf Q (a) Tj ET", "a", "0"},
		{"unbalanced", "Q Q EMC ET BT /F 10 Tf (a) Tj", "a", "0"},
		{"invisible", "BT /F 10 Tf 3 Tr (a) Tj 7 Tr (b) Tj 1 Tr (c) Tj 2 Tr (d) Tj ET", "c|d", "12 18"},
		{"transparent", "BT /F 10 Tf /C gs (a) Tj 2 Tr (b) Tj ET", "b", "6"},
		{"of no size", "BT /F 0 Tf (a) Tj /F 10 Tf 0 0 0 0 100 100 Tm (b) Tj 1 0 0 1 0 0 Tm (c) Tj ET", "c", "0"},
		{"off the page", "BT /F 10 Tf -50 0 Td (a) Tj 1100 0 Td (b) Tj -500 1200 Td (c) Tj -3 -800 Td (d) Tj ET", "d", "547"},
		{"upside down", "BT /F -10 Tf 100 700 Td (a) Tj ET", "a", "94"},
		{"font of a graphics state", "BT /G gs (a) Tj ET", "a", "0"},
		{"ActualText is not asked", "/Span <</ActualText(lie)>> BDC BT /F 10 Tf (a) Tj ET EMC", "a", "0"},
		{"drawn twice", "BT /F 10 Tf (bold) Tj 1 0 0 1 .3 0 Tm (bold) Tj 1 0 0 1 24 0 Tm (bold) Tj ET", "bold|bold", "0 24"},
		{"blanks", "BT /F 10 Tf (  ) Tj [-500] TJ (a) Tj ET", "a", "17"},
		{"inline image", "BI /W 1 /H 1 /BPC 8 /CS /G ID \x00EI EI \xff\xfe\nEI BT /F 10 Tf (a) Tj ET", "a", "0"},
		{"no inline image", "BI 1 2 3 nonsense BT /F 10 Tf (a) Tj ET", "a", "0"},
		{"escapes", "BT /F 10 Tf (\\050\\51\\\\\\\r\n\\101 \\8) Tj <4142 4> Tj ET", "()\\A 8|AB@", "0 36"},
		{"no spaces", "BT/F 10 Tf(a)Tj[(b)-300(c)]TJ<64>Tj ET", "a|b c|d", "0 6 21"},
		{"malformed", "BT /F 10 Tf 1..2 --3 Td ) > ] } (a) Tj 1 2 Td x y z ET", "a", "0"},
		{"controls", "BT /F 10 Tf (a\\tb\\r\\nc) Tj ET", "abc", "0"},
		{"cut off", "BT /F 10 Tf (a) Tj (b", "a", "0"},
	} {
		states := "/ExtGState<</C<</ca 0>>/G<</Font[<</Type/Font/Subtype/Type1/BaseFont/Courier>> 10]>>>>"
		texts, lefts, unread, _ := say(t, saying(courier+states, c.content))
		if texts != c.want || lefts != c.lefts || unread != 0 {
			t.Errorf("%s: %q at %s, want %q at %s; %d unread", c.name, texts, lefts, c.want, c.lefts, unread)
		}
	}
	han := "/Font<</F<</Type/Font/Subtype/Type0/Encoding/UniGB-UCS2-H/DescendantFonts[5 0 R]>>>>"
	spread := saying(han, "BT /F 10 Tf [<7F16> -300 <53F7> -600 <53F70041> -300 <004200420020> -600 <53F7>] TJ ET", "<<>>")
	if texts, _, _, _ := say(t, spread); texts != "编号 号A BB 号" {
		t.Errorf("ideographs with gaps: %q", texts)
	}
}

func TestTextFonts(t *testing.T) {
	cid := "<</Type/Font/Subtype/CIDFontType2/BaseFont/X/DW 900/W[1[100 200]5 7 300 814 939 500]>>"
	type0 := func(entries string) string {
		return "<</Type/Font/Subtype/Type0/DescendantFonts[6 0 R]" + entries + ">>"
	}
	cmap := stream("", "1 begincodespacerange <0000> <ffff> endcodespacerange 2 beginbfchar <0001> <53 70> <0002> <D842DFB7> endbfchar\n"+
		"3 beginbfrange <0003> <0005> <4E00> <0006> <0007> [<7532> <65B9516C>] <0008><0009><00660069> endbfrange")
	for _, c := range []struct {
		name, font, third, show, want, width string
		unread                               int
	}{
		{"ToUnicode", type0("/Encoding/Identity-H/ToUnicode 7 0 R"), cmap, "<0001000200030005>", "印𠮷一丂", "15", 0},
		{"ranges of arrays and texts", type0("/Encoding/Identity-H/ToUnicode 7 0 R"), cmap, "<0006000700080009>", "甲方公fifj", "24", 0},
		{"a part untold", type0("/Encoding/Identity-H/ToUnicode 7 0 R"), cmap, "<00010099>", "印\ufffd", "10", 1},
		{"untold", type0("/Encoding/Identity-H"), cmap, "<00010002>", "", "", 1},
		{"UniGB-UCS2-H", type0("/Encoding/UniGB-UCS2-H"), cmap, "<53705B57 0041>", "印字A", "27", 0},
		{"UniGB-UTF16-H", type0("/Encoding/UniGB-UTF16-H"), cmap, "<D842DFB75B57>", "𠮷字", "18", 0},
		{"GBK-EUC-H", type0("/Encoding/GBK-EUC-H"), cmap, "<D3A141 8140>", "印A丂", "23", 0},
		{"GB-EUC-H", type0("/Encoding/GB-EUC-H"), cmap, "<B7A2C6B1>", "发票", "18", 0},
		{"GBK2K-H", type0("/Encoding/GBK2K-H"), cmap, "<8139EF30 D3A1>", "㐁印", "18", 0},
		{"an embedded CMap", type0("/Encoding 7 0 R/ToUnicode 8 0 R"), stream("", "2 begincodespacerange <00> <7f> <8000> <ffff> endcodespacerange "+
			"1 begincidchar <8001> 2 endcidchar 1 begincidrange <41> <43> 5 endcidrange"), "<41 8001 43>", "甲乙丙", "8", 0},
		{"an embedded CMap that uses another", type0("/Encoding 7 0 R"), stream("/UseCMap/GBK-EUC-H", ""), "<D3A1>", "印", "9", 0},
		{"radicals", type0("/Encoding/UniGB-UCS2-H"), cmap, "<2F45 2F42 F98E>", "方文年", "27", 0},
		{"private use", type0("/Encoding/UniGB-UCS2-H"), cmap, "<E000 0041>", "\ue000A", "18", 1},
		{"WinAnsi", simpleFont("/Encoding/WinAnsiEncoding"), cmap, "<41 80 93 95 A0 E9>", "A€“• é", "36", 0},
		{"MacRoman", simpleFont("/Encoding/MacRomanEncoding"), cmap, "<8E D2 DB>", "é“¤", "18", 0},
		{"Standard", simpleFont(""), cmap, "<27 60 AE E1 FB>", "’‘ﬁÆß", "30", 0},
		{"Differences", simpleFont("/Encoding<</Differences[1/eacute/uni5370/u20BB7/fi/A.alt/Scedilla/quotesingle 65/B 200/nonsense]>>"), cmap,
			"<01 02 03 04 05 06 07 41 42 C8>", "é印𠮷ﬁAŞ'BB\ufffd", "60", 1},
		{"symbolic", simpleFont("/FontDescriptor<</Flags 4>>"), cmap, "<41 42>", "", "", 1},
		{"Symbol", "<</Type/Font/Subtype/TrueType/BaseFont/ABCDEF+Symbol,Bold>>", cmap, "<61 B7 D6>", "α•√", "15", 0},
		{"Helvetica without widths", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", cmap, "(Will)", "Will", "16.1", 0},
		{"Times without widths", "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>", cmap, "(Will)", "Will", "17.78", 0},
		{"Widths", "<</Type/Font/Subtype/TrueType/BaseFont/X/FirstChar 65/Widths[100 200]/FontDescriptor<</Flags 32/MissingWidth 50>>>>", cmap, "(ABC)", "ABC", "3.5", 0},
		{"Type 3", "<</Type/Font/Subtype/Type3/FontMatrix[.01 0 0 .01 0 0]/FirstChar 1/Widths[50]/Encoding<</Differences[1/a]>>>>", cmap, "<01>", "a", "5", 0},
		{"no font", "<</No/Font>>", cmap, "(abc)", "abc", "16.12", 0},
		{"a font that is none", "[1 2]", cmap, "(abc)", "", "", 1},
		{"one byte too few", type0("/Encoding/Identity-H/ToUnicode 7 0 R"), cmap, "<000101>", "印印", "2", 0},
	} {
		b := saying("/Font<</F 5 0 R>>", "BT /F 10 Tf 100 500 Td "+c.show+" Tj ET", c.font, cid, c.third,
			stream("", "1 beginbfrange <41> <43> <4E18> endbfrange 3 beginbfchar <41> <7532> <8001> <4E59> <43> <4E19> endbfchar"))
		page := textOf(t, b, 1)
		text, width := "", ""
		for _, r := range page.Runs {
			text += r.Text
			width = fmt.Sprintf("%.4g", r.Width/mmPerPoint)
		}
		if text != c.want || width != c.width || page.Unread != c.unread {
			t.Errorf("%s: %q, %s wide, %d unread; want %q, %s, %d", c.name, text, width, page.Unread, c.want, c.width, c.unread)
		}
	}
}

// simpleFont is one whose glyphs are all 0.6 em wide.
func simpleFont(entries string) string {
	return "<</Type/Font/Subtype/Type1/BaseFont/Courier/FirstChar 0/Widths[" + strings.Repeat("600 ", 256) + "]" + entries + ">>"
}

// TestTextVertical: writing that goes down has its place, and its gaps are no spaces.
func TestTextVertical(t *testing.T) {
	const content = "BT /F 10 Tf 100 500 Td [<53705B57> -400 <7532>] TJ <65B9> Tj ET"
	for _, font := range []string{"/Encoding/UniGB-UCS2-V", "/Encoding/UniGB-UCS2-V/DescendantFonts[<</DW2[880 -1000]>>]", "/Encoding 5 0 R"} {
		file := saying("/Font<</F<</Subtype/Type0"+font+">>>>", content, stream("/UseCMap/UniGB-UCS2-V", ""))
		page := textOf(t, file, 1)
		if len(page.Runs) != 2 || page.Runs[0].Text != "印字甲" || page.Runs[1].Text != "方" {
			t.Fatalf("%s: %+v", font, page)
		}
		for i, want := range [][4]float64{{95, 500, 10, 26}, {95, 526, 10, 10}} {
			r := page.Runs[i]
			for j, v := range []float64{r.X, r.Y, r.Width, r.Height} {
				if math.Abs(v/mmPerPoint-want[j]) > 0.01 {
					t.Errorf("%s: run %d: %.4g at %d, want %v", font, i, v/mmPerPoint, j, want)
				}
			}
		}
	}
}
