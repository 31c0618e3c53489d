package measure

import (
	"testing"

	"yinxin/font"
	"yinxin/internal/need"
	"yinxin/seal/draw"
)

func typeface(list []Finding) Finding {
	for _, f := range list {
		if f.Rule.Code == "typeface" {
			return f
		}
	}
	return Finding{}
}

// compareFaces draws a seal in one font and compares it with another.
func compareFaces(t *testing.T, k draw.Kind, dpi int, drawnIn, with font.Stack) Finding {
	t.Helper()
	d := design(k)
	d.Faces = draw.Faces{Name: drawnIn, Purpose: drawnIn}
	p := picture(t, d, dpi)
	text := Text{Name: d.Name, Purpose: map[draw.Kind]string{draw.Contract: "合同专用章", draw.Invoice: "发票专用章"}[k], Faces: draw.Faces{Name: with, Purpose: with}}
	m, err := WithText(p.NRGBA, p.px, text)
	if err != nil {
		t.Fatal(err)
	}
	rules, _ := Rules(k, "")
	return typeface(Judge(m, rules))
}

// Seals drawn in a typeface are in it, and in no other.
func TestTypefaces(t *testing.T) {
	own := font.Stack{font.Default()}
	sansFont, err := font.Open(need.File(t, "noto-cjk", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"), 2)
	if err != nil {
		t.Fatal(err)
	}
	sans := font.Stack{sansFont}
	for _, k := range []draw.Kind{draw.LegalName, draw.Contract, draw.ForeignInvested, draw.Invoice} {
		for _, dpi := range []int{300, 600} {
			for _, c := range []struct {
				what          string
				drawnIn, with font.Stack
				want          State
			}{{"its own", own, own, Kept}, {"its own sans", sans, sans, Kept}, {"another", own, sans, Differing}, {"a sans", sans, own, ""}} { // near enough to be open
				got := compareFaces(t, k, dpi, c.drawnIn, c.with)
				t.Logf("%s at %d dpi with %s: %s, %s", k, dpi, c.what, got.State, got.Words.EN)
				if c.want != "" && got.State != c.want || c.want == "" && got.State == Kept {
					t.Errorf("that is not %q", c.want)
				}
			}
		}
	}
}

// Without fonts, on a picture too coarse, and with a text that has another number of characters nothing is said; a font that lacks a character is named.
func TestTypefacesNotCompared(t *testing.T) {
	own := font.Stack{font.Default()}
	rules, _ := Rules(draw.LegalName, "")
	p := picture(t, design(draw.LegalName), 300)
	if f := typeface(p.judged(t, draw.LegalName, "")); f.State != NotMeasurable {
		t.Errorf("without fonts: %s", f.State)
	}
	if f := compareFaces(t, draw.LegalName, 100, own, own); f.State != NotMeasurable {
		t.Errorf("coarse: %s, %s", f.State, f.Words.EN)
	}
	for _, name := range []string{"云杉", "云杉示例", "云杉示例科技发展有限责任公司北方分公司", "䶮䶮䶮䶮"} {
		m, err := WithText(p.NRGBA, p.px, Text{Name: name, Faces: draw.Faces{Name: own}})
		if err != nil {
			if font.Default().Missing(name) == nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if f := typeface(Judge(m, rules)); f.State == Kept {
			t.Errorf("%s: %s, %s", name, f.State, f.Words.EN)
		}
	}
}
