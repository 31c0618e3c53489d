package draw

import (
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/fault"
	"yinxin/font"
)

var update = flag.Bool("update", false, "write the golden pictures anew")

// taxNumber is an invented unified social credit code.
const taxNumber = "91990000MA0000031E"

var embedded = font.Stack{font.Default()}

// nameOf returns an invented name of n characters.
func nameOf(n int) string {
	return string([]rune("云杉示例科技发展集团股份有限责任公司北方区域数据资源管理与信息服务中心筹备工作委员会")[:n])
}

func design(k Kind, name string) Design {
	d := Design{Kind: k, Name: name}
	switch k {
	case Invoice:
		d.TaxNumber = taxNumber
	case Department:
		d.Purpose = "人力资源部"
	case Business:
		d.Purpose = "报关专用章"
	}
	return d
}

func mustNew(t testing.TB, d Design) *Drawing {
	t.Helper()
	drawing, err := New(d, embedded)
	if err != nil {
		t.Fatalf("%s %q: %v", d.Kind, d.Name, err)
	}
	return drawing
}

// goldenDesigns lists every picture that is kept.
func goldenDesigns() map[string]Design {
	out := map[string]Design{}
	for _, k := range []Kind{Agency, LegalName, Finance, Contract, Invoice} {
		for _, n := range []int{4, 8, 12, 20, 30, 40} {
			out[fmt.Sprintf("%s-%02d", k, n)] = design(k, nameOf(n))
		}
	}
	for i, name := range []string{"张三", "李示例", "欧阳示例", "阿依示例丽"} {
		out[fmt.Sprintf("%s-%d", LegalRepresentative, i+2)] = design(LegalRepresentative, name)
	}
	out["brackets"] = design(LegalName, "云杉（示例）ABC科技·第10分公司")
	out["oval"] = Design{Kind: LegalName, Name: "云杉示例投资有限公司", Width: 45, Height: 30}
	out["numbered"] = Design{Kind: Finance, Name: nameOf(10), Number: 3}
	out["code"] = Design{Kind: LegalName, Name: nameOf(10), Code: "9900000000018"}
	out["foreign-invested"] = Design{Kind: ForeignInvested, Name: nameOf(12), Purpose: "合同专用章", Number: 1, Code: "9900000000034"}
	out["intaglio"] = Design{Kind: Personal, Name: "欧阳示例", Intaglio: true}
	out["row"] = Design{Kind: Personal, Name: "王示例", Width: 20, Height: 10}
	out["department"] = Design{Kind: Agency, Name: "示例市数据局", Purpose: "办公室"}
	return out
}

func TestGolden(t *testing.T) {
	const dpi = 150
	designs := goldenDesigns()
	e, line := emblem(t), writtenLine(t, zhuang)
	designs["emblem"] = Design{Kind: Agency, Level: County, Name: "示例市人民政府", Emblem: e}
	designs["minority-outside"] = Design{Kind: Agency, Name: nameOf(8), Minority: line}
	designs["minority-inside"] = Design{Kind: Agency, Name: nameOf(8), Minority: line, MinorityPlace: Inside}
	for name, d := range designs {
		t.Run(name, func(t *testing.T) {
			got, err := mustNew(t, d).PNG(dpi)
			if err != nil {
				t.Fatal(err)
			}
			comparePicture(t, name, got)
		})
	}
	specimen, err := mustNew(t, design(LegalName, nameOf(12))).Specimen(dpi)
	if err != nil {
		t.Fatal(err)
	}
	comparePicture(t, "specimen", specimen)
}

// comparePicture allows for the last bit of floating-point work, which differs between processors, and for another deflate.
func comparePicture(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".png")
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, b := decode(t, got), decode(t, want)
	if a.Rect != b.Rect {
		t.Fatalf("%s: %v, want %v", name, a.Rect, b.Rect)
	}
	different := 0
	for i := range a.Pix {
		if d := int(a.Pix[i]) - int(b.Pix[i]); d < -3 || d > 3 {
			different++
		}
	}
	if different > 0 {
		t.Errorf("%s: %d pixels differ; look at the picture, and if it is right run with -update", name, different)
	}
}

func decode(t testing.TB, data []byte) *image.Paletted {
	t.Helper()
	img, err := png.Decode(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	p, ok := img.(*image.Paletted)
	if !ok {
		t.Fatalf("a palette image is wanted, got %T", img)
	}
	return p
}

// refusal is a design that is refused, with the code of the fault.
type refusal struct {
	name string
	d    Design
	code string
}

func changed(k Kind, f func(*Design)) Design {
	d := design(k, nameOf(10))
	f(&d)
	return d
}

func textRefusals() []refusal {
	return []refusal{
		{"no kind", Design{Name: nameOf(10)}, "seal-design-invalid"},
		{"no name", design(LegalName, "  "), "seal-design-invalid"},
		{"name of one", design(LegalName, "云"), "seal-design-invalid"},
		{"endless name", design(LegalName, strings.Repeat("云", 61)), "seal-design-invalid"},
		{"line end in the name", design(LegalName, "云杉\n示例"), "seal-design-invalid"},
		{"missing character", design(LegalName, "云杉𠮷示例"), "font-missing-glyph"},
		{"missing in the purpose", changed(Finance, func(d *Design) { d.Purpose = "𠮷" }), "font-missing-glyph"},
		{"broken text", design(LegalName, "云杉\xff示例"), "font-missing-glyph"},
		{"too small", changed(LegalName, func(d *Design) { d.Diameter = 9.9 }), "seal-design-invalid"},
		{"too large", changed(LegalName, func(d *Design) { d.Diameter = 45.1 }), "seal-design-invalid"},
		{"no number", changed(LegalName, func(d *Design) { d.Width, d.Height = 40, nan() }), "seal-design-invalid"},
		{"width alone", changed(LegalName, func(d *Design) { d.Width = 40 }), "seal-design-invalid"},
		{"diameter and width", changed(LegalName, func(d *Design) { d.Diameter, d.Width = 40, 40 }), "seal-design-invalid"},
		{"thick border", changed(LegalName, func(d *Design) { d.Border = 4.1 }), "seal-design-invalid"},
		{"large star", changed(LegalName, func(d *Design) { d.Star = 21 }), "seal-design-invalid"},
		{"star on an oval", changed(LegalName, func(d *Design) { d.Width, d.Height, d.Star = 45, 30, 10 }), "seal-design-invalid"},
		{"number", changed(Finance, func(d *Design) { d.Number = -1 }), "seal-design-invalid"},
		{"tax number elsewhere", changed(Finance, func(d *Design) { d.TaxNumber = taxNumber }), "seal-design-invalid"},
		{"no tax number", changed(Invoice, func(d *Design) { d.TaxNumber = "" }), "seal-design-invalid"},
		{"small letters", changed(Invoice, func(d *Design) { d.TaxNumber = strings.ToLower(taxNumber) }), "seal-design-invalid"},
		{"invoice of another size", changed(Invoice, func(d *Design) { d.Width, d.Height = 45, 30 }), "seal-design-invalid"},
		{"purpose too wide", changed(Invoice, func(d *Design) { d.Purpose = "电子发票报销专用章" }), "seal-design-invalid"},
		{"transparent", changed(LegalName, func(d *Design) { d.Color = color.NRGBA{R: 200, A: 100} }), "seal-design-invalid"},
		{"illegible", Design{Kind: LegalName, Name: nameOf(40), Diameter: 20}, "seal-name-too-long"},
		{"long personal name", design(LegalRepresentative, nameOf(10)), "seal-name-too-long"},
	}
}

func artRefusals(t *testing.T) []refusal {
	e := emblem(t)
	return []refusal{
		{"too large for an agency", changed(Agency, func(d *Design) { d.Diameter = 60.1 }), "seal-design-invalid"},
		{"level of a company", changed(LegalName, func(d *Design) { d.Level = Town }), "seal-design-invalid"},
		{"no such level", changed(Agency, func(d *Design) { d.Level = "village" }), "seal-design-invalid"},
		{"level and diameter", changed(Agency, func(d *Design) { d.Level, d.Diameter = PrefecturalOffice, 42 }), "seal-design-invalid"},
		{"large subordinate", changed(Agency, func(d *Design) { d.Level, d.Diameter = Subordinate, 46 }), "seal-design-invalid"},
		{"oval agency", changed(Agency, func(d *Design) { d.Level, d.Width, d.Height = Subordinate, 45, 30 }), "seal-design-invalid"},
		{"no emblem", changed(Agency, func(d *Design) { d.Level = Province }), "seal-emblem-needed"},
		{"emblem of a company", changed(LegalName, func(d *Design) { d.Emblem = e }), "seal-design-invalid"},
		{"emblem and star", changed(Agency, func(d *Design) { d.Emblem, d.Star = e, 14 }), "seal-design-invalid"},
		{"large emblem", changed(Agency, func(d *Design) { d.Emblem, d.EmblemSize = e, 21.1 }), "seal-design-invalid"},
		{"size of no emblem", changed(Agency, func(d *Design) { d.EmblemSize = 14 }), "seal-design-invalid"},
		{"no department", changed(Department, func(d *Design) { d.Purpose = "" }), "seal-design-invalid"},
		{"no business", changed(Business, func(d *Design) { d.Purpose = Bare }), "seal-design-invalid"},
		{"short code", changed(LegalName, func(d *Design) { d.Code = "12" }), "seal-design-invalid"},
		{"long code", changed(LegalName, func(d *Design) { d.Code = strings.Repeat("1", 20) }), "seal-design-invalid"},
		{"letters in the code", changed(LegalName, func(d *Design) { d.Code = "12A4" }), "seal-design-invalid"},
		{"code on an invoice seal", changed(Invoice, func(d *Design) { d.Code = "1234" }), "seal-design-invalid"},
		{"code on a small seal", changed(LegalName, func(d *Design) { d.Diameter, d.Code = 10, strings.Repeat("1", 19) }), "seal-design-invalid"},
		{"round intaglio", changed(LegalName, func(d *Design) { d.Intaglio = true }), "seal-design-invalid"},
		{"minority on a name seal", changed(Personal, func(d *Design) { d.Name, d.Minority = "李示例", e }), "seal-design-invalid"},
		{"place of no line", changed(LegalName, func(d *Design) { d.MinorityPlace = Inside }), "seal-design-invalid"},
		{"endless line", changed(LegalName, func(d *Design) { d.Minority = writtenLine(t, strings.Repeat(zhuang, 3)) }), "seal-name-too-long"},
	}
}

func TestRefusals(t *testing.T) {
	tests := append(textRefusals(), artRefusals(t)...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := New(tt.d, embedded)
			public, _ := fault.PublicOf(err)
			if public.Code != tt.code || !errors.Is(err, fault.Invalid) {
				t.Errorf("New = %v, want %s", err, tt.code)
			}
			if public.ZH == "" || public.EN == "" {
				t.Errorf("%v lacks a sentence", err)
			}
		})
	}
	if _, err := New(design(LegalName, nameOf(10)), nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without fonts: %v", err)
	}
	for _, dpi := range []int{-1, 0, 71, 1201} {
		if _, err := mustNew(t, design(LegalName, nameOf(10))).PNG(dpi); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d dpi: %v", dpi, err)
		}
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

func BenchmarkSeal(b *testing.B) {
	d := design(LegalName, nameOf(12))
	for b.Loop() {
		drawing, err := New(d, embedded)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := drawing.PNG(Resolution); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewLongName(b *testing.B) {
	d := design(Finance, nameOf(40))
	for b.Loop() {
		if _, err := New(d, embedded); err != nil {
			b.Fatal(err)
		}
	}
}
