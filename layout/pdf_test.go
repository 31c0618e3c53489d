package layout

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"

	"yinxin/fault"
	"yinxin/font"
	"yinxin/internal/need"
)

func stack() font.Stack { return font.Stack{font.Default()} }

var created = time.Date(2026, 3, 18, 9, 30, 0, 0, time.FixedZone("", 8*3600))

// exampleDocument holds one of everything.
func exampleDocument(t testing.TB) Document {
	t.Helper()
	grey := Colour{200, 200, 200}
	return Document{
		Title: "版面样张", Author: "云杉示例科技有限公司", Subject: "一页上有各种内容 <&>", Language: "zh-CN", Created: created,
		Pages: []Page{{Width: A4Width, Height: A4Height, Items: []Item{
			Text{X: 105, Y: 150, String: "样例", Size: 120, Align: Centre, Angle: 30, Colour: grey},
			Text{X: 105, Y: 30, String: "印信版面", Size: 26, Align: Centre, Bold: true, Spacing: 4},
			Text{X: 20, Y: 50, String: "左端对齐，Latin 与数字 0123456789。", Size: 12},
			Text{X: 190, Y: 60, String: "右端对齐 2026 年", Size: 12, Align: Right, Colour: Colour{180, 0, 0}},
			Text{X: 20, Y: 70, String: "(括号) \\ 反斜线 <尖括号>", Size: 12},
			Line{X1: 20, Y1: 80, X2: 190, Y2: 80, Width: 0.3},
			Box{X: 20, Y: 90, Width: 50, Height: 20, Fill: &grey, Stroke: 0.5, Colour: Colour{0, 0, 160}},
			Picture{X: 80, Y: 90, Width: 20, Height: 20, PNG: palettePNG(t)},
			Picture{X: 110, Y: 90, Width: 20, Height: 20, PNG: alphaPNG(t)},
			Picture{X: 140, Y: 90, Width: 20, Height: 20, PNG: palettePNG(t)},
			Shape{Fill: Colour{0, 120, 60}, Outline: font.Outline{
				{Op: font.Move, P: [3]font.Point{{X: 20, Y: 140}}}, {Op: font.Quad, P: [3]font.Point{{X: 35, Y: 115}, {X: 50, Y: 140}}},
				{Op: font.Cubic, P: [3]font.Point{{X: 45, Y: 150}, {X: 25, Y: 150}, {X: 20, Y: 140}}}, {Op: font.Close},
			}},
			Shape{Outline: RectangleOutline(60, 120, 10, 10)},
			Text{X: 20, Y: 170, String: "", Size: 12},
		}}},
		Attached: []Attachment{
			{Name: "记录.json", Description: "证照记录", MIME: "application/json", Data: []byte(`{"a":1}`)},
			{Name: "a.txt", MIME: "text/plain", Data: nil},
		},
	}
}

// palettePNG is a red ring on a transparent ground with four colours.
func palettePNG(t testing.TB) []byte {
	t.Helper()
	p := image.NewPaletted(image.Rect(0, 0, 61, 61), color.Palette{color.NRGBA{}, color.NRGBA{220, 20, 20, 255}, color.NRGBA{220, 20, 20, 128}})
	for y := range 61 {
		for x := range 61 {
			switch d := math.Hypot(float64(x-30), float64(y-30)); {
			case d < 29 && d > 24:
				p.SetColorIndex(x, y, 1)
			case d < 30 && d > 23:
				p.SetColorIndex(x, y, 2)
			}
		}
	}
	return encodePNG(t, p)
}

func alphaPNG(t testing.TB) []byte {
	t.Helper()
	p := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	for y := range 32 {
		for x := range 32 {
			p.SetNRGBA(x, y, color.NRGBA{uint8(x * 8), uint8(y * 8), 90, uint8(255 - x*4)})
		}
	}
	return encodePNG(t, p)
}

func encodePNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t testing.TB, doc Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WritePDF(&b, doc, stack()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func save(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func run(t testing.TB, tool string, args ...string) string {
	t.Helper()
	out, err := exec.Command(need.Tool(t, tool), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", tool, err, out)
	}
	return string(out)
}

func TestJudges(t *testing.T) {
	path := save(t, write(t, exampleDocument(t)))
	t.Run("qpdf", func(t *testing.T) {
		if out := run(t, "qpdf", "--check", path); !strings.Contains(out, "No syntax or stream encoding errors") || strings.Contains(out, "WARNING") {
			t.Error(out)
		}
	})
	t.Run("pdftotext", func(t *testing.T) {
		out := run(t, "pdftotext", "-raw", path, "-")
		at := 0
		for _, want := range []string{"印信版面", "左端对齐，Latin 与数字 0123456789。", "右端对齐 2026 年", `(括号) \ 反斜线 <尖括号>`} {
			i := strings.Index(out[at:], want)
			if i < 0 {
				t.Fatalf("%q is missing or out of order in\n%s", want, out)
			}
			at += i
		}
	})
	t.Run("pdffonts", func(t *testing.T) {
		out := run(t, "pdffonts", path)
		if !regexp.MustCompile(`(?m)^[A-Z]{6}\+\S+ +CID TrueType +Identity-H +yes yes yes`).MatchString(out) {
			t.Error(out)
		}
	})
	t.Run("pdfinfo", func(t *testing.T) {
		out := run(t, "pdfinfo", path)
		for _, want := range []string{"版面样张", "云杉示例科技有限公司", "一页上有各种内容 <&>", "595.276 x 841.89 pts (A4)", "Pages:           1"} {
			if !strings.Contains(out, want) {
				t.Errorf("no %q in\n%s", want, out)
			}
		}
		if meta := run(t, "pdfinfo", "-meta", path); !strings.Contains(meta, "<rdf:li xml:lang=\"x-default\">版面样张</rdf:li>") {
			t.Error(meta)
		}
	})
	t.Run("pdfdetach", func(t *testing.T) {
		if out := run(t, "pdfdetach", "-list", path); !strings.Contains(out, "2 embedded files") || !strings.Contains(out, "记录.json") {
			t.Error(out)
		}
		file := filepath.Join(t.TempDir(), "x")
		run(t, "pdfdetach", "-save", "2", "-o", file, path)
		if data, err := os.ReadFile(file); err != nil || string(data) != `{"a":1}` {
			t.Errorf("%q %v", data, err)
		}
	})
	t.Run("mutool", func(t *testing.T) {
		out := run(t, "mutool", "draw", "-q", "-r", "30", "-o", filepath.Join(t.TempDir(), "o.png"), path)
		out = strings.ReplaceAll(out, "warning: ICC support is not available", "") // of its build, not of the file
		if strings.Contains(out, "warning") || strings.Contains(out, "error") {
			t.Error(out)
		}
	})
	t.Run("images", func(t *testing.T) {
		out := run(t, "pdfimages", "-list", path)
		if !regexp.MustCompile(`image +61 +61 +index +1 +2 `).MatchString(out) || !regexp.MustCompile(`image +32 +32 +rgb +3 +8 `).MatchString(out) {
			t.Error(out)
		}
	})
}

// pdfcpu reads and validates what was written, and no folder is made for it.
func TestPDFCPUValidates(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", home)
	data := write(t, exampleDocument(t))
	api.DisableConfigDir()
	if err := api.Validate(bytes.NewReader(data), nil); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(home)
	if err != nil || len(entries) != 0 {
		t.Errorf("left behind in HOME: %v %v", entries, err)
	}
}

func TestDeterministic(t *testing.T) {
	a, b := write(t, exampleDocument(t)), write(t, exampleDocument(t))
	if !bytes.Equal(a, b) {
		t.Error("the same document gave different files")
	}
	other := exampleDocument(t)
	other.Title = "别的"
	id := regexp.MustCompile(`/ID\[<[0-9a-fA-F]{32}>`)
	if x, y := id.Find(a), id.Find(write(t, other)); x == nil || bytes.Equal(x, y) {
		t.Errorf("identifiers %s and %s", x, y)
	}
}

// One cross-reference section that begins at 0 and has no holes.
func TestOneXref(t *testing.T) {
	data := write(t, exampleDocument(t))
	m := regexp.MustCompile(`\nxref\n0 (\d+)\n((?:\d{10} \d{5} [fn] \n)+)trailer`).FindAllSubmatch(data, -1)
	if len(m) != 1 || bytes.Count(data, []byte("startxref")) != 1 || bytes.Count(m[0][2], []byte(" f ")) != 1 {
		t.Fatalf("%d sections", len(m))
	}
}

func TestPicturesStoredOnce(t *testing.T) {
	data := write(t, exampleDocument(t))
	if n := bytes.Count(data, []byte("/Subtype/Image")); n != 4 { // two pictures, each with its mask
		t.Errorf("%d images", n)
	}
}

func TestRefuses(t *testing.T) {
	nan := math.NaN()
	items := func(i ...Item) func(*Document) { return func(d *Document) { d.Pages[0].Items = i } }
	for _, c := range []struct {
		name, want string
		change     func(*Document)
	}{
		{"NaN", "item 1: the number NaN", items(Text{X: nan, String: "字", Size: 12})},
		{"infinite", "item 1: the number +Inf", items(Line{X1: math.Inf(1), Width: 1})},
		{"far away", "is no length", items(Text{X: 1e6, String: "字", Size: 12})},
		{"size", "type size 0", items(Text{String: "字"})},
		{"size NaN", "type size NaN", items(Text{String: "字", Size: nan})},
		{"control character", "control characters", items(Text{String: "a\nb", Size: 12})},
		{"not UTF-8", "not UTF-8", items(Text{String: "\xff", Size: 12})},
		{"second item", "item 2: line width", items(Text{String: "字", Size: 12}, Line{})},
		{"box", "a box of", items(Box{Width: -1, Height: 1})},
		{"picture", "not a PNG", items(Picture{Width: 1, Height: 1, PNG: []byte("GIF89a")})},
		{"cut picture", "not a PNG", items(Picture{Width: 1, Height: 1, PNG: palettePNG(t)[:120]})},
		{"picture size", "a picture of 0", items(Picture{PNG: palettePNG(t)})},
		{"empty shape", "empty shape", items(Shape{})},
		{"shape without start", "before a contour", items(Shape{Outline: font.Outline{{Op: font.Line}}})},
		{"nil item", "unknown item", items(nil)},
		{"no pages", "0 pages", func(d *Document) { d.Pages = nil }},
		{"page size", "a page of", func(d *Document) { d.Pages[0].Width = nan }},
		{"no time", "time of creation", func(d *Document) { d.Created = time.Time{} }},
		{"title", "control characters", func(d *Document) { d.Title = "a\x00b" }},
		{"attachment path", "attachment's name", func(d *Document) { d.Attached[0].Name = "../x" }},
		{"attachment twice", "used twice", func(d *Document) { d.Attached[0].Name = "a.txt" }},
		{"attachment type", "media type", func(d *Document) { d.Attached[0].MIME = "json" }},
	} {
		doc := exampleDocument(t)
		c.change(&doc)
		var b bytes.Buffer
		err := WritePDF(&b, doc, stack())
		var e *Error
		if !errors.As(err, &e) || fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if b.Len() > 0 {
			t.Errorf("%s: %d bytes were written", c.name, b.Len())
		}
	}
}

func TestMissingGlyph(t *testing.T) {
	doc := exampleDocument(t)
	doc.Pages[0].Items = append(doc.Pages[0].Items, Text{String: "\U0001F600", Size: 12})
	var b bytes.Buffer
	if err := WritePDF(&b, doc, stack()); fault.KindOf(err) != fault.Invalid || b.Len() > 0 {
		t.Errorf("%v, %d bytes", err, b.Len())
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestWriterFails(t *testing.T) {
	if err := WritePDF(failing{}, exampleDocument(t), stack()); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}
