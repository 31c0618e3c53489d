package draw

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"golang.org/x/image/font/gofont/goregular"

	"yinxin/fault"
	"yinxin/font"
)

// TestLevelRule measures pictures against the table of 国发〔1999〕25号. The numbers here are the rule's own, not the package's.
func TestLevelRule(t *testing.T) {
	rule := map[Level]struct {
		diameter float64
		emblem   bool
	}{
		StateCouncil: {60, true}, Province: {50, true}, Ministry: {50, true}, ViceMinistry: {45, true}, NationalBureau: {45, true},
		AffiliatedInstitution: {50, false}, ViceAffiliatedInstitution: {45, false}, Coordination: {50, false}, NationalUnit: {42, true},
		County: {45, true}, PrefecturalOffice: {45, false}, Town: {42, true}, Subordinate: {42, false},
	}
	e := emblem(t)
	for _, level := range Levels() {
		want, ok := rule[level]
		if !ok {
			t.Errorf("no rule for %s", level)
			continue
		}
		d := Design{Kind: Agency, Level: level, Name: "示例市数据局"}
		if want.emblem {
			if _, err := New(d, embedded); code(err) != "seal-emblem-needed" {
				t.Errorf("%s without its emblem: %v", level, err)
			}
			d.Emblem = e
		}
		p := rendered(t, d)
		across := p.runs(false, -p.width/2, 12, p.width/2, 12.05) // below star and emblem
		half := math.Sqrt(want.diameter*want.diameter/4 - 12*12)
		same(t, string(level)+": left edge", across[0].from, -half)
		same(t, string(level)+": right edge", across[len(across)-1].to, half)
		down := p.runs(true, -0.05, -p.height/2, 0.05, p.height/2)
		same(t, string(level)+": diameter", down[len(down)-1].to-down[0].from, want.diameter)
		centre := p.runs(true, -0.1, -7, 0.1, 7)
		top := centre[0].from
		if want.emblem { // a ring of the size stated
			across := p.runs(false, -want.diameter/4, -0.1, want.diameter/4, 0.1)
			same(t, string(level)+": emblem", across[len(across)-1].to-across[0].from, want.diameter/3)
			continue
		}
		if star := want.diameter / 3; -top > star/2+tolerance { // the star's point
			t.Errorf("%s: the star reaches to %.2f mm", level, top)
		}
		d.Emblem = e
		if _, err := New(d, embedded); code(err) != "seal-design-invalid" {
			t.Errorf("%s with an emblem: %v", level, err)
		}
	}
}

func code(err error) string {
	public, _ := fault.PublicOf(err)
	return public.Code
}

// TestKindMeasures measures the outer edge and the border of every kind.
func TestKindMeasures(t *testing.T) {
	usual := map[Kind][3]float64{ // width, height, border
		Agency: {42, 42, 1}, Institution: {42, 42, 1}, Society: {42, 42, 1}, PrivateNonEnterprise: {42, 42, 1}, LegalName: {40, 40, 1.2},
		ForeignInvested: {45, 30, 1.2}, Department: {38, 38, 1}, Branch: {40, 40, 1.2}, Business: {38, 38, 1}, Finance: {38, 38, 1},
		Contract: {38, 38, 1}, Invoice: {40, 30, 1}, LegalRepresentative: {20, 20, 1}, Personal: {18, 18, 0.9},
	}
	for _, k := range Kinds() {
		want, ok := usual[k]
		if !ok {
			t.Errorf("no measures for %s", k)
			continue
		}
		p := rendered(t, design(k, "李示例"))
		down := p.runs(true, -0.05, -p.height/2, 0.05, p.height/2)
		across := p.runs(false, -p.width/2, -0.05, p.width/2, 0.05)
		same(t, string(k)+": height", down[len(down)-1].to-down[0].from, want[1])
		same(t, string(k)+": width", across[len(across)-1].to-across[0].from, want[0])
		same(t, string(k)+": border", across[0].length(), want[2])
		same(t, string(k)+": border at the top", down[0].length(), want[2])
	}
}

func TestStarIsMeasured(t *testing.T) {
	p := rendered(t, Design{Kind: LegalName, Name: "云杉示例"})
	point := p.runs(true, -0.1, -8, 0.1, 8)
	same(t, "the star's upper point", point[0].from, -7)
	arms := p.runs(false, -8, -2.17, 8, -2.1) // at the height of the arms: 7 sin 18°
	same(t, "the star's width", arms[len(arms)-1].to-arms[0].from, 14*math.Sin(2*math.Pi/5))
}

func TestCodeIsMeasured(t *testing.T) {
	p := rendered(t, Design{Kind: LegalName, Name: "云杉示例", Code: strings.Repeat("8", 13)})
	digit := p.runs(true, -0.3, 14, 0.3, 18.79) // the middle one, up to the border
	if len(digit) != 1 {
		t.Fatalf("the digit has runs %v", digit)
	}
	same(t, "height of a digit", digit[0].length(), 1.36)
	same(t, "from the digits to the border", 18.8-digit[0].to, 0.56)
	for n := MinCode; n <= MaxCode; n++ {
		d := mustNew(t, Design{Kind: LegalName, Name: nameOf(40), Code: strings.Repeat("0123456789", 2)[:n]})
		var set []part
		for _, q := range d.parts {
			if q.role == roleCode {
				set = append(set, q)
			}
		}
		for i, q := range set {
			if i > 0 && middle(q.area).X <= middle(set[i-1].area).X {
				t.Errorf("%d digits: not from left to right", n)
			}
			if m := middle(set[n-1-i].area); math.Abs(middle(q.area).X+m.X-40) > 1e-6 || math.Abs(middle(q.area).Y-m.Y) > 1e-6 {
				t.Errorf("%d digits: not symmetric", n)
			}
			if head, foot := q.area[0], q.area[3]; head.Y > foot.Y {
				t.Errorf("%d digits: %c stands on its head", n, q.char)
			}
		}
		if len(set) != n {
			t.Errorf("%d digits set, want %d", len(set), n)
		}
	}
}

// TestIntaglio holds that 白文 is 朱文 turned about: ink where there was none, but for border and size of the letters.
func TestIntaglio(t *testing.T) {
	p := rendered(t, Design{Kind: Personal, Name: "口口口口", Purpose: Bare, Intaglio: true})
	ink := 0
	for _, v := range p.img.Pix {
		ink += int(v)
	}
	if share := float64(ink) / 255 / float64(len(p.img.Pix)); share < 0.5 || share > 0.95 {
		t.Errorf("ink covers %.2f of the seal", share)
	}
	for _, at := range [][2]float64{{-8.9, -8.9}, {0, 0}, {8.9, 8.9}, {-4.3, 4.3}} { // corners, the middle, the counter of 口
		if v := p.img.Pix[p.img.PixOffset(p.x(at[0]), p.y(at[1]))]; v != 255 {
			t.Errorf("no ink at %v", at)
		}
	}
	cut := 0
	for _, s := range mustNew(t, Design{Kind: Personal, Name: "欧阳示例", Intaglio: true}).Shapes() {
		if s.Cut {
			cut++
		}
	}
	if cut != 4 {
		t.Errorf("%d characters are cut", cut)
	}
}

func TestNameSealOfOneLine(t *testing.T) {
	row := names(mustNew(t, Design{Kind: Personal, Name: "王示例", Width: 20, Height: 10}))
	column := names(mustNew(t, Design{Kind: Personal, Name: "王示例", Width: 10, Height: 20}))
	if len(row) != 3 || len(column) != 3 {
		t.Fatalf("%d and %d characters", len(row), len(column))
	}
	for i := 1; i < 3; i++ {
		if middle(row[i].area).X <= middle(row[i-1].area).X || middle(row[i].area).Y != middle(row[0].area).Y {
			t.Error("a row is read from the left")
		}
		if middle(column[i].area).Y <= middle(column[i-1].area).Y || math.Abs(middle(column[i].area).X-5) > 1e-9 {
			t.Error("a column is read downwards")
		}
	}
}

// TestLongestNames holds that sixty characters are legible at 45 mm whatever stands on the seal besides.
func TestLongestNames(t *testing.T) {
	name := strings.Repeat(nameOf(30), 2)
	for _, d := range []Design{
		{Kind: LegalName, Name: name, Diameter: 45},
		{Kind: LegalName, Name: name, Diameter: 45, Code: "9900000000018"},
		{Kind: Finance, Name: name, Diameter: 45, Number: 2, Code: "9900000000018"},
	} {
		for _, q := range names(mustNew(t, d)) {
			width, height := math.Hypot(q.area[1].X-q.area[0].X, q.area[1].Y-q.area[0].Y), math.Hypot(q.area[3].X-q.area[0].X, q.area[3].Y-q.area[0].Y)
			if width < minEmMM-1e-6 || height < minNameMM-1e-6 {
				t.Errorf("%s %g mm: %c has %.2f × %.2f mm", d.Kind, d.Diameter, q.char, width, height)
			}
		}
	}
}

func TestFaces(t *testing.T) {
	latin, err := font.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	other := font.Stack{latin}
	d := Design{Kind: Invoice, Name: "云杉示例科技有限公司", TaxNumber: taxNumber, Number: 2}
	plain := mustNew(t, d)
	d.Faces.Digits = other
	changed := mustNew(t, d)
	for i, p := range plain.parts {
		digits := p.role == roleTax || p.role == roleNumber
		if q := changed.parts[i]; p.role.text() && (fmt.Sprint(p.outline) == fmt.Sprint(q.outline)) == digits {
			t.Errorf("%c of role %d: digits %v, outline changed %v", p.char, p.role, digits, !digits)
		}
	}
	d.Faces = Faces{Name: other}
	_, err = New(d, embedded)
	public, _ := fault.PublicOf(err)
	if !errors.Is(err, fault.Invalid) || public.Code != "font-missing-glyph" || !strings.Contains(public.EN, "云") || !strings.Contains(public.EN, "(Go)") {
		t.Errorf("a name in a font that lacks it: %v", public.EN)
	}
	d.Faces = Faces{Purpose: other, Digits: embedded}
	if _, err := New(d, embedded); code(err) != "font-missing-glyph" {
		t.Errorf("a purpose in a font that lacks it: %v", err)
	}
	if _, err := New(Design{Kind: LegalName, Name: "云杉示例", Faces: Faces{Name: embedded, Digits: embedded, Purpose: embedded}}, nil); err != nil {
		t.Errorf("with all roles named no other font is needed: %v", err)
	}
}
