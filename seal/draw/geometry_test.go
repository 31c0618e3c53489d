package draw

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"yinxin/fault"
	"yinxin/font"
)

// anyName draws names that are mostly Chinese, with brackets, letters and digits among them.
func anyName(low, high int) *rapid.Generator[string] {
	var han []rune
	for r := rune(0x4E00); r < 0x9FA6; r++ {
		if font.Default().Has(r) {
			han = append(han, r)
		}
	}
	one := rapid.OneOf(rapid.SampledFrom(han), rapid.SampledFrom(han), rapid.SampledFrom(han), rapid.SampledFrom([]rune("（）·ABCWgjy0123一卜国")))
	return rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOfN(one, low, high).Draw(t, "characters"))
	})
}

// anyDesign draws designs of every kind, with everything that may stand on it.
func anyDesign(t *rapid.T, e, line *Artwork) Design {
	k := rapid.SampledFrom(Kinds()).Draw(t, "kind")
	u, _ := usualOf(k)
	high := 40
	switch u.form {
	case formName:
		high = 6
	case formInvoice:
		high = 30 // its letters may not get smaller, only narrower
	case formOval:
		high = 24
	}
	d := design(k, anyName(2, high).Draw(t, "name"))
	if u.form == formName {
		d.Intaglio = rapid.Bool().Draw(t, "intaglio")
		size := rapid.SampledFrom([][2]float64{{0, 0}, {18, 18}, {16, 16}, {20, 10}, {10, 20}}).Draw(t, "size")
		d.Width, d.Height = size[0], size[1]
		return d
	}
	d.Number = rapid.IntRange(0, 12).Draw(t, "number")
	if u.form == formInvoice {
		return d
	}
	d.Code = rapid.StringMatching(`([0-9]{13}|[0-9]{3,19})?`).Draw(t, "code")
	if rapid.Bool().Draw(t, "purpose") || k == Department || k == Business {
		d.Purpose = anyName(1, maxPurpose).Draw(t, "line")
	}
	if u.form == formOval {
		return d
	}
	d.Diameter = rapid.Float64Range(36, MaxCommon).Draw(t, "diameter")
	if k == Agency {
		d.Diameter = rapid.Float64Range(36, MaxSide).Draw(t, "diameter of an agency")
		if rapid.Bool().Draw(t, "emblem") {
			d.Emblem = e
		}
	}
	if rapid.Bool().Draw(t, "minority") && len([]rune(d.Name)) <= 24 && d.Diameter >= 40 {
		d.Minority, d.MinorityPlace = line, Place(rapid.IntRange(0, 1).Draw(t, "place"))
	}
	return d
}

func TestPartsKeepApart(t *testing.T) {
	e, line := emblem(t), writtenLine(t, zhuang)
	rapid.Check(t, func(t *rapid.T) {
		d := anyDesign(t, e, line)
		drawing, err := New(d, embedded)
		if public, _ := fault.PublicOf(err); public.Code == "seal-name-too-long" && (len([]rune(d.Name)) > 20 || d.Minority != nil || d.Height == 10 || d.Width == 10) {
			t.Skip("too much for the size, and said so")
		}
		if err != nil {
			t.Fatalf("%+v: %v", d, err)
		}
		checkParts(t, d, drawing)
	})
}

func checkParts(t *rapid.T, d Design, drawing *Drawing) {
	p, err := settle(d, embedded)
	if err != nil {
		t.Fatal(err)
	}
	centre := func(q font.Point) font.Point { return font.Point{X: q.X - p.a, Y: q.Y - p.b} }
	for i, a := range drawing.parts {
		switch {
		case a.role.text():
			checkInk(t, a)
			for _, b := range drawing.parts[i+1:] {
				if b.role.text() && !a.area.apart(b.area, 0) {
					t.Fatalf("%c and %c of %q overlap", a.char, b.char, d.Name)
				}
			}
		case a.role == roleMinority:
			checkLine(t, a, drawing)
		default:
			continue
		}
		ink := a.outline.Map(centre)
		for _, s := range ink {
			for _, q := range s.Points() { // curves lie within the hull of their points
				if p.form == formName {
					if max(math.Abs(q.X)-p.a, math.Abs(q.Y)-p.b) > -p.Border-0.05 && !d.Intaglio || max(math.Abs(q.X)-p.a, math.Abs(q.Y)-p.b) > -0.5 {
						t.Fatalf("%c of %q touches the frame", a.char, d.Name)
					}
					continue
				}
				if math.Hypot(q.X/(p.a-p.Border-0.25), q.Y/(p.b-p.Border-0.25)) > 1 {
					t.Fatalf("%c of %q touches the border", a.char, d.Name)
				}
				if p.Star > 0 && math.Hypot(q.X, q.Y) < p.Star/2 && q.Y < p.Star/2*math.Cos(math.Pi/5) {
					t.Fatalf("%c of %q touches the star", a.char, d.Name)
				}
				if p.Emblem != nil && math.Hypot(q.X, q.Y) < p.EmblemSize/2 { // the test's emblem is a disc
					t.Fatalf("%c of %q touches the emblem", a.char, d.Name)
				}
			}
		}
	}
}

// checkLine holds that a minority's line keeps out of every character's cell.
func checkLine(t *rapid.T, a part, drawing *Drawing) {
	for i := range a.outline {
		for _, q := range a.outline[i].Points() {
			point := quad{q, q, q, q}
			for _, b := range drawing.parts {
				if b.role.text() && !b.area.separates(point, 0.1) {
					t.Fatalf("the minority's line runs into %c", b.char)
				}
			}
		}
	}
}

// checkInk holds that a character stays in the cell it was given, but for a hair of thickening.
func checkInk(t *rapid.T, a part) {
	along, down := sub(a.area[1], a.area[0]), sub(a.area[3], a.area[0])
	width, height := math.Hypot(along.X, along.Y), math.Hypot(down.X, down.Y)
	hair := max(0.005*height, 0.012) // mm
	if a.layer == layerCut {
		hair = intaglioBold / 2 * height
	}
	ink := a.outline.Map(func(q font.Point) font.Point {
		v := sub(q, a.area[0])
		return font.Point{X: (v.X*along.X + v.Y*along.Y) / width, Y: (v.X*down.X + v.Y*down.Y) / height}
	}).Bounds()
	if ink.MinX < -hair || ink.MaxX > width+hair || ink.MinY < -hair || ink.MaxY > height+hair {
		t.Fatalf("%c reaches to %+v of a cell of %.3f × %.3f mm", a.char, ink, width, height)
	}
}

func sub(a, b font.Point) font.Point { return font.Point{X: a.X - b.X, Y: a.Y - b.Y} }

// names returns the parts of the name, in order.
func names(d *Drawing) []part {
	var out []part
	for _, p := range d.parts {
		if p.role == roleName {
			out = append(out, p)
		}
	}
	return out
}

func middle(q quad) font.Point {
	return font.Point{X: (q[0].X + q[1].X + q[2].X + q[3].X) / 4, Y: (q[0].Y + q[1].Y + q[2].Y + q[3].Y) / 4}
}

func TestNameIsEvenAndSymmetric(t *testing.T) {
	for _, k := range []Kind{Agency, Institution, Society, PrivateNonEnterprise, LegalName, Branch, Department, Business, Finance, Contract, Invoice} {
		for n := 4; n <= 40; n++ {
			d := mustNew(t, design(k, nameOf(n)))
			parts := names(d)
			if len(parts) != n {
				t.Fatalf("%s: %d characters, want %d", k, len(parts), n)
			}
			step := distance(parts[0], parts[1])
			for i := range parts {
				if string(parts[i].char) != string([]rune(nameOf(n))[i]) {
					t.Fatalf("%s: character %d is %c", k, i, parts[i].char)
				}
				a, b := middle(parts[i].area), middle(parts[n-1-i].area)
				if math.Abs(a.X+b.X-d.Width) > 1e-6 || math.Abs(a.Y-b.Y) > 1e-6 {
					t.Fatalf("%s of %d: characters %d and %d do not mirror each other", k, n, i, n-1-i)
				}
				if i > 0 && middle(parts[i].area).X <= middle(parts[i-1].area).X && a.Y < d.Height/2 && middle(parts[i-1].area).Y < d.Height/2 {
					t.Fatalf("%s of %d: the name does not run from left to right", k, n)
				}
				if i > 0 && k != Invoice && math.Abs(distance(parts[i-1], parts[i])-step) > 0.02 {
					t.Fatalf("%s of %d: the step to character %d is %.3f mm, the first %.3f", k, n, i, distance(parts[i-1], parts[i]), step)
				}
			}
		}
	}
}

func distance(a, b part) float64 {
	v := sub(middle(a.area), middle(b.area))
	return math.Hypot(v.X, v.Y)
}

// TestNameOrderOfMeans holds what gives way first: width, then the arc, then height; and what never does.
func TestNameOrderOfMeans(t *testing.T) {
	height := func(q quad) float64 { return math.Hypot(q[3].X-q[0].X, q[3].Y-q[0].Y) }
	width := func(q quad) float64 { return math.Hypot(q[1].X-q[0].X, q[1].Y-q[0].Y) }
	lastHeight := math.Inf(1)
	for n := 4; n <= 40; n++ {
		q := names(mustNew(t, design(LegalName, nameOf(n))))[0].area
		if height(q) > lastHeight+1e-9 {
			t.Errorf("%d characters are taller than %d", n, n-1)
		}
		lastHeight = height(q)
		if n <= 14 && height(q) < 6 {
			t.Errorf("%d characters are only %.2f mm tall", n, height(q))
		}
		if height(q) < minNameMM || width(q) < minEmMM || width(q) < nameMinShare*height(q)-1e-9 || width(q) > nameEmShare*height(q)+1e-9 {
			t.Errorf("%d characters of %.2f × %.2f mm", n, width(q), height(q))
		}
	}
}

func TestStarAndRing(t *testing.T) {
	d := mustNew(t, design(LegalName, nameOf(12)))
	for _, p := range d.parts {
		b := p.outline.Bounds()
		switch p.role {
		case roleBorder:
			for i, v := range []float64{b.MinX, b.MinY, b.MaxX - d.Width, b.MaxY - d.Height} {
				if math.Abs(v) > 1e-6 {
					t.Errorf("side %d: the border is %.6f mm off the edge", i, v)
				}
			}
		case roleStar:
			if math.Abs(20-b.MinY-7) > 1e-9 || math.Abs(b.MinX+b.MaxX-40) > 1e-9 || math.Abs(b.Width()-14*math.Sin(2*math.Pi/5)) > 1e-9 {
				t.Errorf("star %+v", b)
			}
		}
	}
	if b := ellipse(20, 15, false).Bounds(); math.Abs(b.Width()-40) > 1e-9 || math.Abs(b.Height()-30) > 1e-9 {
		t.Errorf("ellipse %+v", b)
	}
}

func TestNameSealColumns(t *testing.T) {
	d := mustNew(t, design(LegalRepresentative, "欧阳示例"))
	parts := names(d)
	right, left := middle(parts[0].area).X, middle(parts[2].area).X
	if right <= left || middle(parts[1].area).X != right || middle(parts[3].area).X != left {
		t.Error("the right column is read first")
	}
	if middle(parts[0].area).Y >= middle(parts[1].area).Y || middle(parts[2].area).Y >= middle(parts[3].area).Y {
		t.Error("columns are read downwards")
	}
	for name, want := range map[string]string{"张三": "张三之印", "李示例": "李示例印", "欧阳示例": "欧阳示例"} {
		got := ""
		for _, p := range names(mustNew(t, design(LegalRepresentative, name))) {
			got += string(p.char)
		}
		if got != want {
			t.Errorf("%s is set as %s, want %s", name, got, want)
		}
	}
	bare := design(LegalRepresentative, "张三")
	bare.Purpose = Bare
	if n := len(names(mustNew(t, bare))); n != 2 {
		t.Errorf("a bare name of two has %d characters", n)
	}
}

func TestThicken(t *testing.T) {
	square := func(low, high float64, hole bool) font.Outline {
		c := []font.Point{{X: low, Y: low}, {X: high, Y: low}, {X: high, Y: high}, {X: low, Y: high}}
		if hole {
			c[1], c[3] = c[3], c[1]
		}
		return font.Outline{
			{Op: font.Move, P: [3]font.Point{c[0]}}, {Op: font.Line, P: [3]font.Point{c[1]}},
			{Op: font.Line, P: [3]font.Point{c[2]}}, {Op: font.Line, P: [3]font.Point{c[3]}}, {Op: font.Close},
		}
	}
	for _, reversed := range []bool{false, true} {
		got := thicken(append(square(0, 10, reversed), square(4, 6, !reversed)...), 0.5)
		outer, inner := got[:5].Bounds(), got[5:].Bounds()
		if outer != (font.Rect{MinX: -0.5, MinY: -0.5, MaxX: 10.5, MaxY: 10.5}) {
			t.Errorf("reversed %v: outer %+v", reversed, outer)
		}
		if inner != (font.Rect{MinX: 4.5, MinY: 4.5, MaxX: 5.5, MaxY: 5.5}) {
			t.Errorf("reversed %v: the counter %+v must shrink", reversed, inner)
		}
	}
	if got := thicken(nil, 1); len(got) != 0 {
		t.Errorf("nothing becomes %v", got)
	}
}
