package font

import (
	"bytes"
	"testing"
)

// A font program without a table of characters still draws its glyphs by number, and the same ones.
func TestProgramWithoutCharacters(t *testing.T) {
	s, err := Default().Subset([]rune("印信"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse(bytes.ReplaceAll(s.Data, []byte("cmap"), []byte("cmaq"))); err == nil {
		t.Fatal("a font without characters is a font file")
	}
	f, err := ParseProgram(bytes.ReplaceAll(s.Data, []byte("cmap"), []byte("cmaq")))
	if err != nil {
		t.Fatal(err)
	}
	for r, id := range s.GID {
		want, _ := Default().Outline(r)
		got, ok := f.GlyphOutline(id)
		if !ok || len(got) == 0 || len(got) != len(want) || f.GlyphAdvance(id) != s.Advance[r] || f.Has(r) || f.Glyph(r) != 0 {
			t.Errorf("%c: %v, %d segments, want %d", r, ok, len(got), len(want))
		}
	}
	if _, ok := f.GlyphOutline(999); ok {
		t.Error("a glyph it does not have")
	}
	whole, err := ParseProgram(s.Data)
	if err != nil || whole.Glyph('信') != s.GID['信'] {
		t.Errorf("%v", err)
	}
}

// The CFF table of a font alone, as Type1C programs are embedded, draws the same glyphs.
func TestBareCFF(t *testing.T) {
	whole, err := Parse(cffFont(t, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := ParseProgram(whole.tables["CFF "])
	if err != nil {
		t.Fatal(err)
	}
	drawn := 0
	for id := range uint16(whole.glyphs) {
		want, wantOK := whole.GlyphOutline(id)
		got, ok := bare.GlyphOutline(id)
		if ok != wantOK || len(got) != len(want) {
			t.Fatalf("glyph %d: %d segments, want %d", id, len(got), len(want))
		}
		if len(got) > 0 {
			drawn++
		}
	}
	if drawn == 0 || bare.GlyphAdvance(1) != 0 {
		t.Errorf("%d glyphs drawn", drawn)
	}
}

func TestProgramRefuses(t *testing.T) {
	for _, data := range [][]byte{nil, []byte("no font"), {1, 0, 4, 1, 0}, {0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}} {
		if _, err := ParseProgram(data); err == nil {
			t.Errorf("%x is a font", data)
		}
	}
}

func FuzzProgram(f *testing.F) {
	s, err := Default().Subset([]rune("印a"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Data)
	f.Add([]byte{1, 0, 4, 1, 0, 1, 1, 1, 2, 'a'})
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := ParseProgram(data)
		if err != nil {
			return
		}
		for id := range uint16(min(p.glyphs, 50)) {
			p.GlyphOutline(id)
			p.GlyphAdvance(id)
		}
		p.Glyph('印')
	})
}
