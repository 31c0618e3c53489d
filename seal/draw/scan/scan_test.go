package scan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"yinxin/seal/draw"
	"yinxin/seal/draw/measure"
)

func design(k draw.Kind) draw.Design {
	d := draw.Design{Kind: k, Name: "云杉示例科技有限公司"}
	switch k {
	case draw.Department, draw.Business:
		d.Purpose = "业务专用章"
	case draw.Invoice:
		d.TaxNumber, d.Number = "91990000MA0000015Q", 2
	case draw.Personal, draw.LegalRepresentative:
		d.Name = "欧阳示例"
	}
	return d
}

// holds that a lifted seal is the one that was drawn: its size, its turn, its ink, and the rules it keeps.
func holds(t *testing.T, what string, d drawn, p press, l *Lifted, overlap float64) {
	t.Helper()
	if math.Abs(float64(l.Width)-d.width) > 0.5 || math.Abs(float64(l.Height)-d.height) > 0.5 {
		t.Errorf("%s: %d × %d mm, drawn %g × %g", what, l.Width, l.Height, d.width, d.height)
	}
	step := 360.0
	if l.Shape == measure.Rectangle { // nothing says which side is up
		step = 90
	}
	if off := math.Abs(math.Remainder(l.Turn.Degrees-p.turn, step)); off > 1 {
		t.Errorf("%s: turned by %.2f° (%s), printed at %.2f°", what, l.Turn.Degrees, l.Turn.By, p.turn)
	}
	if l.Shape == measure.Rectangle && math.Abs(p.turn) > 45 {
		return
	}
	if got := d.overlap(l); got < overlap {
		t.Errorf("%s: %.3f of the ink overlaps, want %g", what, got, overlap)
	}
	rules, _ := measure.Rules(d.design.Kind, "")
	list := measure.Judge(l.Measurement, rules)
	for _, f := range list {
		if p.text && ofText(f.Rule.Code) {
			continue
		}
		if f.State == measure.Differing || f.State == measure.NotMeasurable && f.Rule.Essential {
			t.Errorf("%s: %s is %s: %s, want %s", what, f.Rule.Code, f.State, f.Words.EN, f.Rule.Want.EN)
		}
	}
}

// ofText reports whether a rule is about characters. Print that lies across them leaves pieces of ink beside them, which measures do not tell from theirs.
func ofText(code string) bool {
	return code == "arc-balance" || strings.HasPrefix(code, "name-") || strings.HasPrefix(code, "tax-") || strings.HasPrefix(code, "purpose") || strings.HasPrefix(code, "number-")
}

// Each kind of seal, printed on tinted paper with noise, faint places, spots and black print across it, comes back as it was drawn.
func TestPrintsComeBack(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for i, k := range draw.Kinds() {
		d := seal(t, design(k))
		p := office(uint64(i))
		p.turn = random.Float64()*90 - 45
		l, err := Lift(p.scanned(t, d), Options{PixelsPerMM: p.dpi / 25.4, Ink: Red})
		if err != nil {
			t.Errorf("%s: %v", k, err)
			continue
		}
		holds(t, string(k), d, p, l, 0.8)
		if l.Covered < 0.02 || l.Specks == 0 {
			t.Errorf("%s: %.3f lay under print and %d specks were taken away", k, l.Covered, l.Specks)
		}
	}
}

// Nothing but the turn changes: a seal pressed upside down comes back upright where its text says which side is up.
func TestAnyTurn(t *testing.T) {
	for k, turns := range map[draw.Kind][]float64{draw.Contract: {-170, -35, 0, 60, 130}, draw.Invoice: {-100, 180}, draw.ForeignInvested: {75}} {
		d := seal(t, design(k))
		for _, turn := range turns {
			p := office(3)
			p.turn, p.text, p.room = turn, false, 5
			what := fmt.Sprintf("%s at %g°", k, turn)
			l, err := Lift(p.scanned(t, d), Options{PixelsPerMM: p.dpi / 25.4, Ink: Red})
			if err != nil {
				t.Errorf("%s: %v", what, err)
				continue
			}
			holds(t, what, d, p, l, 0.85)
		}
	}
}

// What stands on seals besides the usual, and what tells how they are turned where there is no star.
func TestFurnishedPrintsComeBack(t *testing.T) {
	disc, err := draw.ParseArtwork([]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M5 0A5 5 0 0 1 5 10A5 5 0 0 1 5 0Z"/></svg>`))
	if err != nil {
		t.Fatal(err)
	}
	long := []rune(strings.Repeat("云杉示例科技有限公司", 4))
	for i, c := range []struct {
		design draw.Design
		turn   float64
		by     Sign
	}{
		{draw.Design{Kind: draw.Agency, Name: "示例市人民政府", Emblem: disc}, 160, Text},
		{draw.Design{Kind: draw.LegalName, Name: "示例", Code: "9900000000018"}, -75, Star},
		{draw.Design{Kind: draw.LegalName, Name: string(long[:30]), Code: "9900000000018"}, 140, Star},
		{draw.Design{Kind: draw.Contract, Name: string(long[:20]), Code: "9900000000018", Number: 12}, 33, Star},
		{draw.Design{Kind: draw.Personal, Name: "欧阳示例", Intaglio: true}, 11, Sides},
		{draw.Design{Kind: draw.Personal, Name: "王示例", Width: 20, Height: 10}, -8, Sides},
	} {
		d, p := seal(t, c.design), office(uint64(i))
		p.turn, p.text, p.room = c.turn, false, 5
		what := fmt.Sprintf("%s of %d characters", c.design.Kind, len([]rune(c.design.Name)))
		l, err := Lift(p.scanned(t, d), Options{PixelsPerMM: p.dpi / 25.4, Ink: Red})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		holds(t, what, d, p, l, 0.8)
		if l.Turn.By != c.by || l.Turn.Open != (c.by == Sides) {
			t.Errorf("%s: told upright by %s, open %v", what, l.Turn.By, l.Turn.Open)
		}
	}
}
