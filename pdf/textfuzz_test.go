package pdf

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"yinxin/document"
	"yinxin/fault"
)

// FuzzText reads a page whose content, font and CMap are foreign. Nothing panics; runs lie on the page and are text; a failure is for people.
func FuzzText(f *testing.F) {
	doc := contractPages(f)
	whole := string(laidOut(f, doc))
	f.Add("BT /F 10 Tf 100 500 Td [(a) -300 <0001>] TJ (x) ' 1 2 (y) \" ET q 1 0 0 1 0 0 cm /X Do Q", "/Encoding/Identity-H/ToUnicode 7 0 R",
		"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <00> <ff> <4E00> endbfrange")
	f.Add("/OC /L BDC BI /W 1 ID \x00 EI EMC 0 0 m 1 1 l 2 2 3 3 4 4 c h f*", "/Encoding 7 0 R", "/GBK-EUC-H usecmap 1 begincidrange <00> <ff> 1 endcidrange")
	f.Add("BT /G gs 3 Tr <d3a1> Tj ET", "/Encoding/GBK2K-V", "1 beginbfchar <01> [<4E00>] endbfchar")
	f.Add(whole[strings.Index(whole, "stream"):][:200], "/Subtype/Type3/FontMatrix[0 0 0 0 0 0]/Encoding<</Differences[1/a/uniD800]>>", "")
	f.Fuzz(func(t *testing.T, content, font, cmap string) {
		if len(content)+len(font)+len(cmap) > 32<<10 {
			return
		}
		file := saying("/Font<</F 5 0 R>>/XObject<</X 6 0 R>>/Properties<</L 8 0 R>>/ExtGState<</G<</Font[5 0 R 9]>>>>", content,
			"<</Type/Font/Subtype/Type0/DescendantFonts[<</W[1[500]2 9 300]>>]"+font+">>", stream("/Subtype/Form/BBox[0 0 9 9]", content), stream("", cmap), "<</Type/OCG>>")
		d, err := open(t.Context(), strings.NewReader(string(file)), int64(len(file)), document.Options{Limits: fuzzLimits})
		if err != nil {
			return
		}
		checkContents(t, d)
	})
}

// checkContents asks a document for all it says.
func checkContents(t *testing.T, d *Document) {
	t.Helper()
	page, err := d.Text(t.Context(), 1)
	if err != nil && fault.KindOf(err) == 0 {
		t.Errorf("an error without a kind: %v", err)
	}
	for _, r := range page.Runs {
		if !utf8.ValidString(r.Text) || strings.TrimSpace(r.Text) == "" || math.IsNaN(r.X+r.Y+r.Width+r.Height) || math.IsInf(r.X+r.Y+r.Width+r.Height, 0) {
			t.Errorf("a run %+v", r)
		}
	}
	files, err := d.Carried()
	if err != nil && fault.KindOf(err) == 0 {
		t.Errorf("an error without a kind: %v", err)
	}
	for _, c := range files[:min(len(files), 10)] {
		if data, err := d.Read(c, 1000); err != nil && fault.KindOf(err) == 0 || len(data) > 1000 {
			t.Errorf("%+v: %d bytes, %v", c, len(data), err)
		}
	}
	if _, err := d.Labels(); err != nil && fault.KindOf(err) == 0 {
		t.Errorf("an error without a kind: %v", err)
	}
}

// TestHostileContents asks the hostile files that open for all they say.
func TestHostileContents(t *testing.T) {
	read := 0
	for _, c := range hostile() {
		if d, err := openReader([]byte(c.file)); err == nil {
			read++
			checkContents(t, d)
		}
	}
	if read == 0 {
		t.Error("none opens")
	}
}
