package font

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"yinxin/fault"
)

// reference reads an outline with x/image, in units of the font so that nothing is rounded.
func reference(t testing.TB, data []byte, r rune) Outline {
	t.Helper()
	f, err := sfnt.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	var buf sfnt.Buffer
	id, err := f.GlyphIndex(&buf, r)
	if err != nil || id == 0 {
		t.Fatalf("%c: glyph %d, %v", r, id, err)
	}
	segments, err := f.LoadGlyph(&buf, id, fixed.Int26_6(f.UnitsPerEm()), nil) // one em = unitsPerEm/64 pixels = unitsPerEm in 26.6
	if err != nil {
		t.Fatal(err)
	}
	var o Outline
	for _, s := range segments {
		out := Segment{Op: map[sfnt.SegmentOp]Op{sfnt.SegmentOpMoveTo: Move, sfnt.SegmentOpLineTo: Line, sfnt.SegmentOpQuadTo: Quad, sfnt.SegmentOpCubeTo: Cubic}[s.Op]}
		if out.Op == Move && len(o) > 0 {
			o = append(o, Segment{Op: Close})
		}
		for i := range out.Points() {
			out.P[i] = Point{float64(s.Args[i].X), float64(-s.Args[i].Y)}
		}
		o = append(o, out)
	}
	if len(o) > 0 {
		o = append(o, Segment{Op: Close})
	}
	return o
}

// sameShape compares outlines in font units, allowing one unit for x/image's rounding of implied points.
func sameShape(got, want Outline) error {
	got, want = dropReturns(got), dropReturns(want)
	if len(got) != len(want) {
		return fmt.Errorf("%d segments, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i].Op != want[i].Op {
			return fmt.Errorf("segment %d: operation %d, want %d", i, got[i].Op, want[i].Op)
		}
		for j, p := range got[i].Points() {
			q := want[i].P[j]
			if max(p.X-q.X, q.X-p.X, p.Y-q.Y, q.Y-p.Y) > 1 {
				return fmt.Errorf("segment %d point %d: %v, want %v", i, j, p, q)
			}
		}
	}
	return nil
}

// dropReturns leaves out lines that lead back to the contour's start, which Close implies.
func dropReturns(o Outline) Outline {
	var out Outline
	var start Point
	for i, s := range o {
		if s.Op == Move {
			start = s.P[0]
		}
		if s.Op == Line && s.P[0] == start && i+1 < len(o) && o[i+1].Op == Close {
			continue
		}
		out = append(out, s)
	}
	return out
}

func TestOutlinesAgreeWithAnotherReader(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		text string
	}{
		{"embedded", embedded, "示例市数据局云杉科技有限公司财务专用章ABCxyz019（），。€"},
		{"composites", goregular.TTF, "AÄÅéîõüÿçñŝ019fi%&"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse(tt.data)
			if err != nil {
				t.Fatal(err)
			}
			em := f.unitsPerEm
			for _, r := range tt.text {
				o, ok := f.Outline(r)
				if !ok {
					t.Fatalf("%c: no outline", r)
				}
				o = o.Map(func(p Point) Point { return Point{p.X * em, p.Y * em} })
				if err := sameShape(o, reference(t, tt.data, r)); err != nil {
					t.Errorf("%c: %v", r, err)
				}
			}
		})
	}
}

func TestParseRefusals(t *testing.T) {
	small, err := Default().Subset([]rune("示例"))
	if err != nil {
		t.Fatal(err)
	}
	change := func(at int, b ...byte) []byte {
		data := slices.Clone(small.Data)
		copy(data[at:], b)
		return data
	}
	table := func(name string) int {
		for i := range u16(small.Data, 4) {
			if at := 12 + 16*i; string(small.Data[at:at+4]) == name {
				return at
			}
		}
		t.Fatalf("no table %s", name)
		return 0
	}
	body := func(name string) int { return u32(small.Data, table(name)+8) }
	tests := []struct {
		name string
		data []byte
		code string
	}{
		{"nothing", nil, "font-unsupported"},
		{"text", []byte("this is no font at all"), "font-unsupported"},
		{"CFF2", change(table("glyf"), 'C', 'F', 'F', '2'), "font-unsupported"},
		{"WOFF2", change(0, 'w', 'O', 'F', '2'), "font-unsupported"},
		{"no outlines", change(table("glyf"), 'x'), "font-unsupported"},
		{"no loca", change(table("loca"), 'x'), "font-damaged"},
		{"cut short", small.Data[:len(small.Data)-8], "font-damaged"},
		{"too many tables", change(4, 0xFF, 0xFF), "font-damaged"},
		{"table behind the end", change(table("glyf")+8, 0xFF), "font-damaged"},
		{"no unit", change(body("head")+18, 0, 0), "font-damaged"},
		{"loca format", change(body("head")+50, 0, 7), "font-damaged"},
		{"more advances than glyphs", change(body("hhea")+34, 0xFF), "font-damaged"},
		{"more glyphs than loca", change(body("maxp")+4, 0xFF), "font-damaged"},
		{"cmap subtables", change(body("cmap")+2, 0xFF), "font-damaged"},
		{"cmap format", change(body("cmap")+12, 0, 6), "font-damaged"},
		{"collection without a face", append([]byte("ttcf"), make([]byte, 20)...), "font-damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.data)
			public, _ := fault.PublicOf(err)
			if public.Code != tt.code || fault.KindOf(err) != fault.Invalid {
				t.Errorf("Parse = %v, want %s", err, tt.code)
			}
			if parse := new(ParseError); tt.code == "font-damaged" && !errors.As(err, &parse) {
				t.Errorf("%v holds no *ParseError", err)
			}
		})
	}
}

func TestParseCollection(t *testing.T) {
	const header = 16
	data := append([]byte("ttcf\x00\x01\x00\x00"), 0, 0, 0, 1, 0, 0, 0, header)
	data = append(data, goregular.TTF...)
	for i := range u16(data, header+4) { // offsets in a collection count from the file's start
		at := header + 12 + 16*i + 8
		binary.BigEndian.PutUint32(data[at:], uint32(u32(data, at)+header))
	}
	f, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if f.Metrics() != goFont(t).Metrics() || !f.Has('Ä') {
		t.Errorf("the first face differs from the font alone: %+v", f.Metrics())
	}
}

func TestParseSecondFace(t *testing.T) {
	const header = 20
	data := append([]byte("ttcf\x00\x01\x00\x00"), append32(nil, 2, 0xFFFF_FFFF, header)...) // the first face is nowhere
	data = append(data, goregular.TTF...)
	for i := range u16(data, header+4) {
		at := header + 12 + 16*i + 8
		binary.BigEndian.PutUint32(data[at:], uint32(u32(data, at)+header))
	}
	if f, err := ParseFace(data, 1); err != nil || !f.Has('Ä') {
		t.Errorf("the second face: %v", err)
	}
	for face, code := range map[int]string{0: "font-damaged", 2: "font-no-face", -1: "font-no-face"} {
		_, err := ParseFace(data, face)
		if public, _ := fault.PublicOf(err); public.Code != code {
			t.Errorf("face %d: %v, want %s", face, err, code)
		}
	}
}

// TestCompositeBounds builds a glyph that contains itself twice: without bounds it would be walked 2^n times.
func TestCompositeBounds(t *testing.T) {
	f := *goFont(t)
	glyf := append16(nil, -1, 0, 0, 0, 0)
	glyf = append16(glyf, moreComponents|argsAreXY, 1, 0)
	glyf = append16(glyf, argsAreXY, 1, 0)
	f.tables = map[string][]byte{"glyf": glyf, "loca": append32(nil, 0, 0, len(glyf))}
	f.longLoca, f.glyphs = true, 2
	var parse *ParseError
	if _, err := f.outline(1); !errors.As(err, &parse) {
		t.Errorf("outline = %v, want *ParseError", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"示例", "印章ABC（）", "𠮷"} {
		runes := slices.DeleteFunc([]rune(text), func(r rune) bool { return !Default().Has(r) })
		small, err := Default().Subset(runes)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(small.Data)
	}
	composites, err := goFont(f).Subset([]rune("ÄÅé"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(composites.Data)
	f.Add(cffFont(f, nil, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		font, err := Parse(data)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		var has []rune
		for _, r := range "示例印章ABC（）ÄÅé\U00020000" {
			font.Advance(r)
			if o, ok := font.Outline(r); ok {
				o.Bounds()
				has = append(has, r)
			}
		}
		if font.cff != nil {
			for id := range min(font.glyphs, 8) {
				_, _ = font.outline(uint16(id))
			}
		}
		subset, err := font.Subset(has)
		if err != nil {
			return
		}
		again, err := Parse(subset.Data)
		if err != nil {
			t.Fatalf("the subset cannot be read: %v", err)
		}
		for _, r := range has {
			if again.glyph(r) != subset.GID[r] {
				t.Fatalf("%U is glyph %d, said %d", r, again.glyph(r), subset.GID[r])
			}
		}
	})
}
