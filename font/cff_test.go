package font

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"yinxin/fault"
	"yinxin/internal/need"
)

// indexOf writes an INDEX with offsets of two bytes.
func indexOf(entries ...[]byte) []byte {
	out := append16(nil, len(entries))
	if len(entries) == 0 {
		return out
	}
	out = append(out, 2)
	at := 1
	for _, e := range entries {
		out = append16(out, at)
		at += len(e)
	}
	out = append16(out, at)
	for _, e := range entries {
		out = append(out, e...)
	}
	return out
}

// The characters of cffFont: a square with an unused width and hints, drawn by a local subroutine, and a lens of curves drawn by a global one.
func cffGlyphs() (glyphs, global, local [][]byte) {
	n := func(v int) []byte { return append([]byte{28}, byte(v>>8), byte(v)) }
	join := func(parts ...[]byte) (out []byte) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	notdef := []byte{14}
	square := join(n(50), n(0), n(10), []byte{1}, n(100), n(200), []byte{21}, n(-107), []byte{10, 14}) // width, hstem, rmoveto, callsubr 0
	lens := join(n(0), n(0), []byte{21}, n(-107), []byte{29, 14})
	local = [][]byte{join(n(500), n(600), n(-500), []byte{6, 11})}                                              // hlineto, return
	global = [][]byte{join(n(100), n(300), n(200), n(400), n(-100), n(-300), n(-200), n(-400), []byte{30, 11})} // vhcurveto
	return [][]byte{notdef, square, lens}, global, local
}

// cffFont returns an OpenType font in which A is the square and B the lens. global and local replace the subroutines where they are not nil.
func cffFont(t testing.TB, global, local [][]byte) []byte {
	t.Helper()
	base, err := goFont(t).Subset([]rune("AB"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(base.Data)
	if err != nil {
		t.Fatal(err)
	}
	glyphs, g, l := cffGlyphs()
	if global != nil {
		g = global
	}
	if local != nil {
		l = local
	}
	for len(glyphs) < f.glyphs {
		glyphs = append(glyphs, glyphs[0])
	}
	long := func(v int) []byte { return append32([]byte{29}, v) }
	const topSize = 3*5 + 2
	body := append([]byte{1, 0, 4, 2}, indexOf([]byte("Square"))...)
	tail := append(indexOf(), indexOf(g...)...)
	at := len(body) + 2 + 1 + 4 + topSize + len(tail)
	shapes := indexOf(glyphs...)
	top := append(long(at), dictCharStrings)
	private := append(long(6), dictSubrs)
	top = append(append(append(top, long(len(private))...), long(at+len(shapes))...), dictPrivate)
	body = append(append(append(append(body, indexOf(top)...), tail...), shapes...), private...)
	tables := map[string][]byte{"CFF ": append(body, indexOf(l...)...)}
	for name, data := range f.tables {
		if name != "glyf" && name != "loca" {
			tables[name] = data
		}
	}
	out := assemble(tables)
	copy(out, "OTTO")
	return out
}

func TestCFFOutlines(t *testing.T) {
	f, err := Parse(cffFont(t, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	em := f.unitsPerEm
	o, ok := f.Outline('A')
	if b := o.Bounds(); !ok || b != (Rect{100 / em, 200 / em, 600 / em, 800 / em}) || len(o) != 5 {
		t.Errorf("the square is %+v of %d steps (%v)", b, len(o), ok)
	}
	o, ok = f.Outline('B')
	if !ok || len(o) != 4 || o[1].Op != Cubic || o[1].P[2] != (Point{700 / em, 300 / em}) || o[2].P[2] != (Point{300 / em, -300 / em}) {
		t.Errorf("the lens is %v (%v)", o, ok)
	}
	if _, err := f.Subset([]rune("A")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Subset = %v: CFF cannot be embedded", err)
	}
}

// TestCFFBounds calls subroutines that call each other: without bounds the first never ends, and the second takes 20^10 steps.
func TestCFFBounds(t *testing.T) {
	self := []byte{28, 0xFF, 0x95, 10} // -107 callsubr: itself
	var chain [][]byte
	for i := range maxCalls {
		var calls []byte
		for range 20 {
			calls = append(calls, byte(139-107+i+1), 10)
		}
		chain = append(chain, calls)
	}
	chain = append(chain, []byte{139, 139, 5, 11})
	for name, local := range map[string][][]byte{"self": {self}, "chain": chain, "no such": {{139, 10}}} {
		f, err := Parse(cffFont(t, nil, local))
		if err != nil {
			t.Fatal(err)
		}
		var damaged *ParseError
		if _, err := f.outline(1); !errors.As(err, &damaged) {
			t.Errorf("%s: %v, want *ParseError", name, err)
		}
	}
}

// TestCFFAgreesWithAnotherReader compares every letter of real fonts with what x/image reads.
func TestCFFAgreesWithAnotherReader(t *testing.T) {
	dir := need.File(t, "fonts-urw-base35", "/usr/share/fonts/opentype/urw-base35")
	files, err := filepath.Glob(filepath.Join(dir, "*.otf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no fonts: %v", err)
	}
	read := 0
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Open(path, 0)
		if err != nil {
			t.Fatal(err)
		}
		em := f.unitsPerEm
		for r := rune('!'); r < 0x180; r++ {
			o, ok := f.Outline(r)
			if !f.Has(r) {
				continue
			}
			if !ok {
				t.Errorf("%s: %c has no outline", path, r)
				continue
			}
			read++
			o = o.Map(func(p Point) Point { return Point{p.X * em, p.Y * em} })
			if err := sameShape(o, reference(t, data, r)); err != nil {
				t.Errorf("%s: %c: %v", path, r, err)
			}
		}
	}
	if read < 1000 {
		t.Errorf("only %d outlines were compared", read)
	}
}
