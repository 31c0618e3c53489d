package font

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font/gofont/goregular"
	"pgregory.net/rapid"

	"yinxin/fault"
	"yinxin/internal/need"
)

func TestSubset(t *testing.T) {
	tests := []struct {
		name string
		font *Font
		data []byte
		text string
	}{
		{"Chinese", Default(), embedded, "示例市数据局云杉科技有限公司，（）ABC 123"},
		{"composites", goFont(t), goregular.TTF, "ÄÅéîõüçñA"},
		{"nothing", Default(), embedded, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := tt.font.Subset([]rune(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			again, err := Parse(s.Data)
			if err != nil {
				t.Fatal(err)
			}
			runes := []rune(tt.text)
			slices.Sort(runes)
			for i, r := range slices.Compact(runes) {
				if s.GID[r] != uint16(i+1) || again.glyph(r) != s.GID[r] {
					t.Errorf("%c is glyph %d, said %d, want %d", r, again.glyph(r), s.GID[r], i+1)
				}
				if s.Advance[r] != tt.font.Advance(r) || again.Advance(r) != s.Advance[r] {
					t.Errorf("%c: advance %v, want %v", r, again.Advance(r), tt.font.Advance(r))
				}
				got, _ := again.Outline(r)
				if want, _ := tt.font.Outline(r); !slices.Equal(got, want) {
					t.Errorf("%c: the outline changed", r)
				}
				if r != ' ' {
					if err := sameShape(reference(t, s.Data, r), reference(t, tt.data, r)); err != nil {
						t.Errorf("%c by another reader: %v", r, err)
					}
				}
			}
			if checksum(s.Data) != 0xB1B0AFBA {
				t.Errorf("file checksum %08x", checksum(s.Data))
			}
			if !regexp.MustCompile(`^[A-Z]{6}\+` + regexp.QuoteMeta(tt.font.Metrics().PostScriptName) + `$`).MatchString(s.PostScriptName) {
				t.Errorf("name %q", s.PostScriptName)
			}
			got, want := again.Metrics(), tt.font.Metrics()
			got.PostScriptName = want.PostScriptName
			if got != want {
				t.Errorf("metrics\n got %+v\nwant %+v", got, want)
			}
		})
	}
}

func TestSubsetDependsOnTheSetAlone(t *testing.T) {
	a, err := Default().Subset([]rune("印章示例"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Default().Subset([]rune("例示\n章印印章"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Data, b.Data) || a.PostScriptName != b.PostScriptName {
		t.Error("order and repetition must not matter")
	}
	c, err := Default().Subset([]rune("印章示"))
	if err != nil {
		t.Fatal(err)
	}
	if c.PostScriptName == a.PostScriptName {
		t.Error("another set must have another tag")
	}
}

func TestSubsetRefusals(t *testing.T) {
	if _, err := Default().Subset([]rune("示𠮷")); fault.KindOf(err) != fault.Invalid {
		t.Errorf("missing character: %v", err)
	}
	if _, err := Default().Subset([]rune{-1}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no character: %v", err)
	}
	for _, bits := range []uint16{0x0002, 0x0104, 0x0200} {
		restricted := *Default()
		restricted.embedding = bits
		if _, err := restricted.Subset([]rune("示")); fault.KindOf(err) != fault.Denied {
			t.Errorf("permission bits %04x: %v", bits, err)
		}
	}
}

// TestSharedGlyph holds that characters drawn alike stay apart, so that text copied from a document is the text that was set.
func TestSharedGlyph(t *testing.T) {
	f := *Default()
	f.chars = groups(append32(nil, 'A', 'A', 40, 'B', 'B', 40))
	s, err := f.Subset([]rune("AB"))
	if err != nil {
		t.Fatal(err)
	}
	if s.GID['A'] == s.GID['B'] {
		t.Error("two characters have one glyph id")
	}
}

func TestCharacterTable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runes := rapid.SliceOfDistinct(rapid.Int32Range(1, 0x10FFFF), func(r int32) int32 { return r }).Draw(t, "runes")
		slices.Sort(runes)
		f := &Font{tables: map[string][]byte{"cmap": writeCmap(runes)}, glyphs: len(runes) + 1}
		if err := f.readCmap(); err != nil {
			t.Fatal(err)
		}
		for i, r := range runes {
			if got := f.glyph(r); got != uint16(i+1) {
				t.Fatalf("%U is glyph %d, want %d", r, got, i+1)
			}
			if _, found := slices.BinarySearch(runes, r+1); !found && f.Has(r+1) {
				t.Fatalf("%U was not put in", r+1)
			}
		}
	})
}

// TestLargeCharacterTable holds the case in which format 4 could not say its own length.
func TestLargeCharacterTable(t *testing.T) {
	var runes []rune
	for r := rune(2); r < 0x9000; r += 2 {
		runes = append(runes, r)
	}
	f := &Font{tables: map[string][]byte{"cmap": writeCmap(runes)}, glyphs: len(runes) + 1}
	if err := f.readCmap(); err != nil {
		t.Fatal(err)
	}
	if f.glyph(0x8FFE) != uint16(len(runes)) || f.Has(0x8FFF) {
		t.Error("the last character is not found")
	}
}

// fontToolsScript opens a font strictly, decodes every table and glyph, and prints its tables, its characters and glyph ids, and the advances.
const fontToolsScript = `
import sys
from fontTools.ttLib import TTFont
from fontTools.pens.recordingPen import DecomposingRecordingPen
f = TTFont(sys.argv[1], checkChecksums=2, lazy=False)
f.ensureDecompiled()
print(" ".join(sorted(t for t in f.keys() if t != "GlyphOrder")))
glyphs = f.getGlyphSet()
for c, name in sorted(f.getBestCmap().items()):
    pen = DecomposingRecordingPen(glyphs)
    glyphs[name].draw(pen)
    print("U+%04X %d %d %d" % (c, f.getGlyphID(name), f["hmtx"][name][0], len(pen.value)))
`

// TestSubsetAgreesWithFontTools has the judge that made the embedded file read what Subset writes.
func TestSubsetAgreesWithFontTools(t *testing.T) {
	python := need.Tool(t, "fonttools") // its interpreter is the one that has the module
	first, err := os.ReadFile(python)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(first), "\n")
	interpreter, found := strings.CutPrefix(line, "#!")
	if !found {
		t.Fatalf("%s is no script: %q", python, line)
	}
	for name, f := range map[string]*Font{"Noto": Default(), "Go": goFont(t)} {
		s, err := f.Subset([]rune("AÄé 1€"))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "subset.ttf")
		if err := os.WriteFile(path, s.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(interpreter, "-c", fontToolsScript, path).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		if lines[0] != "OS/2 cmap glyf head hhea hmtx loca maxp name post" {
			t.Errorf("%s: tables %s", name, lines[0])
		}
		if len(lines) != 1+len(s.GID) {
			t.Fatalf("%s: %d characters, want %d:\n%s", name, len(lines)-1, len(s.GID), out)
		}
		for _, line := range lines[1:] {
			checkFontToolsLine(t, f, s, line)
		}
	}
}

func checkFontToolsLine(t *testing.T, f *Font, s *Subset, line string) {
	t.Helper()
	var r rune
	var id uint16
	var advance, steps int
	if _, err := fmt.Sscanf(line, "U+%X %d %d %d", &r, &id, &advance, &steps); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	if s.GID[r] != id || f.em(advance) != s.Advance[r] {
		t.Errorf("%q, said glyph %d, advance %v em", line, s.GID[r], s.Advance[r])
	}
	if (steps == 0) != (r == ' ') {
		t.Errorf("%q: %d drawing steps", line, steps)
	}
}

func BenchmarkParseEmbedded(b *testing.B) {
	for b.Loop() {
		if _, err := Parse(embedded); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSubset(b *testing.B) {
	var runes []rune
	for r := rune(0x4E00); len(runes) < 500; r++ {
		if Default().Has(r) {
			runes = append(runes, r)
		}
	}
	for b.Loop() {
		if _, err := Default().Subset(runes); err != nil {
			b.Fatal(err)
		}
	}
}
