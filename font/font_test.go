package font

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font/gofont/goregular"

	"yinxin/fault"
)

// goFont is a font with composite glyphs and no Chinese, as an operator may name one.
func goFont(t testing.TB) *Font {
	t.Helper()
	f, err := Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestMissing(t *testing.T) {
	tests := []struct {
		name, text string
		want       []rune
	}{
		{"nothing", "", nil},
		{"seal name", "云杉示例科技有限公司（示例市）ABC-123", nil},
		{"signs", "€¥№℃①⑳→─《》〔〕·—…％０９Ａ〇", nil},
		{"line ends", "示例\n\t\r", nil},
		{"each once in order", "𠮷野𠀀屋𠮷", []rune{0x20BB7, 0x20000}},
		{"broken text", "a\xffb", []rune{0xFFFD}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Default().Missing(tt.text); !slices.Equal(got, tt.want) {
				t.Errorf("Missing(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestCheckNamesTheCharacters(t *testing.T) {
	err := Default().Check("示例𠮷𠀀公司")
	if !errors.Is(err, fault.Invalid) {
		t.Fatalf("Check = %v, want Invalid", err)
	}
	public, _ := fault.PublicOf(err)
	if public.Code != "font-missing-glyph" {
		t.Errorf("code %q", public.Code)
	}
	for _, sentence := range []string{public.ZH, public.EN} {
		for _, want := range []string{"𠮷", "U+20BB7", "𠀀", "U+20000"} {
			if !strings.Contains(sentence, want) {
				t.Errorf("%q does not name %s", sentence, want)
			}
		}
	}
	if err := Default().Check("示例公司"); err != nil {
		t.Errorf("Check of known characters: %v", err)
	}
}

func TestCheckBoundsTheList(t *testing.T) {
	var b strings.Builder
	for r := rune(0x20000); r < 0x21000; r++ {
		b.WriteRune(r)
	}
	public, _ := fault.PublicOf(Default().Check(b.String()))
	if len(public.EN) > 1000 || !strings.Contains(public.EN, "more") {
		t.Errorf("sentence of %d bytes", len(public.EN))
	}
}

func TestStack(t *testing.T) {
	latin, chinese := goFont(t), Default()
	stack := Stack{latin, chinese}
	if stack.For('A') != latin || stack.For('示') != chinese || stack.For('𠮷') != nil {
		t.Error("the first font that has a character must draw it")
	}
	if got := stack.Missing("A示𠮷"); !slices.Equal(got, []rune("𠮷")) {
		t.Errorf("Missing = %q", got)
	}
	if err := (Stack{latin}).Check("示例"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("Check = %v", err)
	}
	if err := (Stack)(nil).Check("A"); err == nil {
		t.Error("an empty stack draws nothing")
	}
}

func TestMetrics(t *testing.T) {
	got := Default().Metrics()
	want := Metrics{
		UnitsPerEm: 1000, Ascent: 1.151, Descent: -0.286, CapHeight: 0.729, XHeight: got.XHeight, BBox: got.BBox,
		Weight: 400, PostScriptName: "NotoSerifSC-Regular", Family: "Noto Serif SC",
	}
	if got != want {
		t.Errorf("Metrics\n got %+v\nwant %+v", got, want)
	}
	if got.XHeight <= 0 || got.XHeight >= got.CapHeight || got.BBox.Width() < 1 {
		t.Errorf("x height %v, box %v", got.XHeight, got.BBox)
	}
	if a := Default().Advance('示'); a != 1 {
		t.Errorf("a Chinese character is 1 em wide, got %v", a)
	}
	if a := Default().Advance('1'); a <= 0.3 || a >= 0.7 {
		t.Errorf("a digit is about half an em wide, got %v", a)
	}
}

func TestOutline(t *testing.T) {
	o, ok := Default().Outline('口')
	if !ok {
		t.Fatal("no outline")
	}
	if b := o.Bounds(); b.Width() < 0.6 || b.Width() > 1 || b.Height() < 0.6 || b.MinX < 0 || b.MaxX > 1 {
		t.Errorf("bounds %+v", b)
	}
	moves, closes := 0, 0
	for _, s := range o {
		switch s.Op {
		case Move:
			moves++
		case Close:
			closes++
		}
	}
	if moves < 2 || closes != moves {
		t.Errorf("口 has an outer and an inner contour at least, got %d begun and %d closed", moves, closes)
	}
	if o, ok := Default().Outline('　'); !ok || len(o) != 0 {
		t.Errorf("a space has an empty outline, got %v %v", o, ok)
	}
	if _, ok := Default().Outline('𠮷'); ok {
		t.Error("a missing character has no outline")
	}
}

func TestBoundsFollowCurves(t *testing.T) {
	tests := []struct {
		name string
		o    Outline
		want Rect
	}{
		{"empty", nil, Rect{}},
		{"line", Outline{{Op: Move, P: [3]Point{{1, 2}}}, {Op: Line, P: [3]Point{{-1, 5}}}, {Op: Close}}, Rect{-1, 2, 1, 5}},
		{"quad", Outline{{Op: Move}, {Op: Quad, P: [3]Point{{1, 2}, {2, 0}}}, {Op: Close}}, Rect{0, 0, 2, 1}},
		{"cubic", Outline{{Op: Move}, {Op: Cubic, P: [3]Point{{0, 4}, {4, 4}, {4, 0}}}, {Op: Close}}, Rect{0, 0, 4, 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.o.Bounds(); got != tt.want {
				t.Errorf("Bounds = %+v, want %+v", got, tt.want)
			}
		})
	}
}
