package measure

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"

	"yinxin/fault"
	"yinxin/font"
	"yinxin/seal/draw"
)

func TestDrawnSealsKeepTheirRules(t *testing.T) {
	for _, k := range draw.Kinds() {
		for _, dpi := range []int{72, 100, 200, 600} {
			list := picture(t, design(k), dpi).judged(t, k, "")
			kept(t, fmt.Sprintf("%s at %d dpi", k, dpi), list)
			if dpi < 600 {
				continue
			}
			for _, code := range codes(list, NotMeasurable) {
				if code != "typeface" && code != "direction" {
					t.Errorf("%s at 600 dpi: %s was not measured", k, code)
				}
			}
		}
	}
}

// Everything that may stand on a seal, and names of every length.
func TestFurnishedSealsKeepTheirRules(t *testing.T) {
	long := strings.Repeat("云杉示例科技有限公司", 4)
	for what, change := range map[string]func(*draw.Design){
		"plain": func(*draw.Design) {}, "code": func(d *draw.Design) { d.Code = "9900000000001" }, "number": func(d *draw.Design) { d.Number = 12 },
		"four": func(d *draw.Design) { d.Name = "示例市局" }, "twenty": func(d *draw.Design) { d.Name = string([]rune(long)[:20]) },
		"code under thirty": func(d *draw.Design) { d.Name, d.Code = string([]rune(long)[:30]), "9900000000001" },
	} {
		for _, k := range []draw.Kind{draw.Agency, draw.LegalName, draw.Contract, draw.Department, draw.ForeignInvested, draw.Invoice} {
			d := design(k)
			if change(&d); k == draw.Invoice || k == draw.ForeignInvested && strings.Contains(what, "thirty") {
				d.Code = ""
				d.Name = string([]rune(d.Name)[:min(20, len([]rune(d.Name)))])
			}
			kept(t, string(k)+", "+what, picture(t, d, 200).judged(t, k, ""))
		}
	}
	for _, name := range []string{"欧阳示例", "张三"} {
		for _, size := range [][2]float64{{20, 20}, {16, 16}, {20, 10}, {10, 20}} {
			d := draw.Design{Kind: draw.Personal, Name: name, Width: size[0], Height: size[1], Intaglio: true}
			p := picture(t, d, 200)
			kept(t, fmt.Sprintf("%v, cut out", size), p.judged(t, draw.Personal, ""))
			if m := Measure(p.NRGBA, p.px); !m.Intaglio {
				t.Errorf("%v: characters cut out of the ink are not seen", size)
			}
		}
	}
}

func TestLevels(t *testing.T) {
	disc, err := draw.ParseArtwork([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M5 0A5 5 0 0 1 5 10A5 5 0 0 1 5 0Z"/></svg>`))
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range draw.Levels() {
		_, emblem, _ := level.Usual()
		d := draw.Design{Kind: draw.Agency, Level: level, Name: "示例市人民政府"}
		if emblem {
			d.Emblem = disc
		}
		p := picture(t, d, 300)
		kept(t, string(level), p.judged(t, draw.Agency, level))
		other := draw.StateCouncil
		if level == other {
			other = draw.Town
		}
		if got := codes(p.judged(t, draw.Agency, other), Differing); !slices.Contains(got, "size") {
			t.Errorf("%s judged as %s: %v", level, other, got)
		}
	}
	if _, ok := Rules(draw.Agency, "nobody"); ok {
		t.Error("a level that does not exist has rules")
	}
	if _, ok := Rules("nothing", ""); ok {
		t.Error("a kind that does not exist has rules")
	}
}

// broken is a picture on which one rule is broken.
type broken struct {
	what string
	kind draw.Kind
	make func(*testing.T, int) drawn
	want []string
}

func change(k draw.Kind, f func(*draw.Design)) func(*testing.T, int) drawn {
	return func(t *testing.T, dpi int) drawn {
		d := design(k)
		f(&d)
		return picture(t, d, dpi)
	}
}

func edit(k draw.Kind, f func(drawn) drawn) func(*testing.T, int) drawn {
	return func(t *testing.T, dpi int) drawn { return f(picture(t, design(k), dpi)) }
}

// invoiceEdit moves one area of an invoice seal to another, both left, top, right, bottom in mm.
func invoiceEdit(l, t, r, b, l2, t2, r2, b2 float64) func(*testing.T, int) drawn {
	return func(test *testing.T, dpi int) drawn {
		d := design(draw.Invoice)
		d.Number = 0
		if t > 9 {
			d.Number = 2
		}
		p := picture(test, d, dpi)
		return p.moved(p.area(l, t, r, b), p.area(l2, t2, r2, b2))
	}
}

func brokenSeals() []broken {
	return []broken{
		{"too large", draw.Institution, edit(draw.Institution, func(p drawn) drawn { p.px /= 1.1; return p }), []string{"size"}},
		{"too small", draw.Contract, edit(draw.Contract, func(p drawn) drawn { p.px /= 0.95; return p }), []string{"size"}},
		{"square too large", draw.Personal, edit(draw.Personal, func(p drawn) drawn { p.px /= 1.3; return p }), []string{"size"}},
		{"thick border", draw.LegalName, change(draw.LegalName, func(d *draw.Design) { d.Border = 2 }), []string{"border"}},
		{"thin border", draw.Contract, change(draw.Contract, func(d *draw.Design) { d.Border = 0.4 }), []string{"border"}},
		{"second border", draw.Society, edit(draw.Society, func(p drawn) drawn { return p.ringed(19.6, 0.4) }), []string{"borders"}},
		{"star off centre", draw.LegalName, edit(draw.LegalName, func(p drawn) drawn { return p.moved(p.area(-7, -7, 7, 6.6), p.area(-6, -7, 8, 6.6)) }), []string{"star-position"}},
		{"small star", draw.LegalName, change(draw.LegalName, func(d *draw.Design) { d.Star = 10 }), []string{"star-size"}},
		{"no star", draw.Institution, edit(draw.Institution, func(p drawn) drawn { return p.moved(p.area(-7, -7, 7, 7), image.Rectangle{}) }), []string{"centre"}},
		{"turned", draw.LegalName, edit(draw.LegalName, func(p drawn) drawn { return p.turned(8, 0, 1000) }), []string{"upright"}},
		{"turned oval", draw.ForeignInvested, edit(draw.ForeignInvested, func(p drawn) drawn { return p.turned(-5, 0, 1000) }), []string{"upright"}},
		{"turned square", draw.Personal, edit(draw.Personal, func(p drawn) drawn { return p.turned(7, 0, 1000) }), []string{"upright"}},
		{"turned text", draw.LegalName, edit(draw.LegalName, func(p drawn) drawn { return p.turned(15, 8, 18.7) }), []string{"arc-balance"}},
		{"blue", draw.Finance, change(draw.Finance, func(d *draw.Design) { d.Color = color.NRGBA{0, 0x40, 0xC0, 255} }), []string{"colour"}},
		{"black", draw.Invoice, change(draw.Invoice, func(d *draw.Design) { d.Color = color.NRGBA{0, 0, 0, 255} }), []string{"colour"}},
		{"no purpose", draw.Contract, change(draw.Contract, func(d *draw.Design) { d.Purpose = draw.Bare }), []string{"purpose"}},
		{"squeezed", draw.Institution, edit(draw.Institution, func(p drawn) drawn { return p.moved(p.Rect, image.Rect(0, 0, p.Rect.Dx(), p.Rect.Dy()*96/100)) }), []string{"roundness"}},
		{"round for square", draw.Personal, edit(draw.LegalName, func(p drawn) drawn { p.px *= 2; return p }), []string{"shape"}},
	}
}

func brokenInvoiceSeals() []broken {
	return []broken{
		{"number high", draw.Invoice, invoiceEdit(-14, -3, 14, 3, -14, -4, 14, 2), []string{"tax-position"}},
		{"number tall", draw.Invoice, invoiceEdit(-14, -1.9, 14, 1.9, -14, -2.5, 14, 2.5), []string{"tax-height"}},
		{"number narrow", draw.Invoice, invoiceEdit(-13.3, -3, 13.3, 3, -12.5, -3, 12.5, 3), []string{"tax-width"}},
		{"purpose low", draw.Invoice, invoiceEdit(-8.4, 3.5, 8.4, 9, -8.4, 4.3, 8.4, 9.8), []string{"purpose-position"}},
		{"purpose flat", draw.Invoice, invoiceEdit(-8.4, 4.2, 8.4, 8.8, -8.4, 4.2, 8.4, 7.8), []string{"purpose-height"}},
		{"sequence low", draw.Invoice, invoiceEdit(-2.5, 9.6, 2.5, 12.4, -2.5, 10.2, 2.5, 13), []string{"number-position"}},
	}
}

// Each rule is broken on purpose; it, and no other, is found.
func TestFaultsAreFound(t *testing.T) {
	for _, c := range append(brokenSeals(), brokenInvoiceSeals()...) {
		list := c.make(t, 450).judged(t, c.kind, "")
		if got := codes(list, Differing); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v differ, want %v", c.what, got, c.want)
			for _, f := range list {
				t.Logf("  %s %s: %s", f.Rule.Code, f.State, f.Words.EN)
			}
		}
	}
}

// A scan is seen as the seal it shows: grey paper, noise, spots, print in black under it, and the squares of JPEG.
func TestScansAreTolerated(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, k := range draw.Kinds() {
		p := picture(t, design(k), 300)
		wide := image.NewNRGBA(p.Rect.Inset(-60))
		copyOver(wide, p.NRGBA)
		scan := drawn{wide, p.px}.printed(color.NRGBA{0xEE, 0xEC, 0xE6, 255})
		for i := range scan.Pix {
			if i%4 != 3 {
				scan.Pix[i] = uint8(max(0, min(255, int(scan.Pix[i])+random.IntN(31)-15)))
			}
		}
		for range scan.Rect.Dx() * scan.Rect.Dy() / 2000 {
			scan.SetNRGBA(scan.Rect.Min.X+random.IntN(scan.Rect.Dx()), scan.Rect.Min.Y+random.IntN(scan.Rect.Dy()), draw.Red)
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, scan.NRGBA, &jpeg.Options{Quality: 60}); err != nil {
			t.Fatal(err)
		}
		img, err := Decode(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		rules, _ := Rules(k, "")
		m := Measure(img, scan.px)
		kept(t, string(k)+" scanned", Judge(m, rules))
		if m.Transparent {
			t.Errorf("%s: paper is not transparent", k)
		}
	}
}

func copyOver(to, from *image.NRGBA) {
	for y := from.Rect.Min.Y; y < from.Rect.Max.Y; y++ {
		for x := from.Rect.Min.X; x < from.Rect.Max.X; x++ {
			to.SetNRGBA(x, y, from.NRGBAAt(x, y))
		}
	}
}

func TestNothingIsNotMeasured(t *testing.T) {
	rules, _ := Rules(draw.Contract, "")
	noise := image.NewGray(image.Rect(0, 0, 300, 300))
	random := rand.New(rand.NewPCG(3, 4))
	for i := range noise.Pix {
		noise.Pix[i] = uint8(random.IntN(256))
	}
	for what, m := range map[string]Measurement{
		"empty": Measure(image.NewNRGBA(image.Rectangle{}), 10), "white": Measure(image.NewNRGBA(image.Rect(0, 0, 300, 300)), 10),
		"noise": Measure(noise, 10), "too coarse": Measure(picture(t, design(draw.Contract), 72).NRGBA, 1),
		"no resolution": Measure(noise, 0), "endless resolution": Measure(noise, math.Inf(1)), "odd resolution": Measure(noise, math.NaN()),
	} {
		if v := Verdict(Judge(m, rules)); v != NotMeasurable && what != "noise" || v == Kept {
			t.Errorf("%s: %s", what, v)
		}
	}
}

func TestDecodeBounds(t *testing.T) {
	huge := image.NewPaletted(image.Rect(0, 0, 4000, 4000), color.Palette{color.White})
	var b bytes.Buffer
	if err := png.Encode(&b, huge); err != nil {
		t.Fatal(err)
	}
	for want, data := range map[string][]byte{"seal-picture-too-large": b.Bytes(), "seal-picture-damaged": b.Bytes()[:20], "seal-picture-unknown": []byte("%PDF-")} {
		_, err := Decode(data)
		if got, _ := fault.PublicOf(err); got.Code != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func FuzzMeasure(f *testing.F) {
	p := picture(f, design(draw.Invoice), 72)
	for i, write := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return png.Encode(b, p.NRGBA) },
		func(b *bytes.Buffer) error { return jpeg.Encode(b, p.printed(color.White).NRGBA, nil) },
		func(b *bytes.Buffer) error { return gif.Encode(b, p.NRGBA, nil) },
		func(b *bytes.Buffer) error { return bmp.Encode(b, p.NRGBA) },
		func(b *bytes.Buffer) error { return png.Encode(b, picture(f, design(draw.Personal), 72).NRGBA) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			f.Fatal(i, err)
		}
		f.Add(b.Bytes(), 72/25.4)
	}
	fonts := font.Stack{font.Default()}
	f.Fuzz(func(t *testing.T, data []byte, px float64) {
		img, err := Decode(data)
		if err != nil {
			return
		}
		m, err := WithText(img, px, Text{Name: "云杉示例科技有限公司", Purpose: "发票专用章", Faces: draw.Faces{Name: fonts, Purpose: fonts}})
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range draw.Kinds() {
			rules, _ := Rules(k, "")
			for _, found := range Judge(m, rules) {
				if found.State != NotMeasurable && (math.IsNaN(found.Got.Is) || math.IsInf(found.Got.Is, 0) || !(found.Got.Off > 0)) {
					t.Fatalf("%s is %v ± %v", found.Rule.Code, found.Got.Is, found.Got.Off)
				}
			}
		}
	})
}
