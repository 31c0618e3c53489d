package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func newLexer(s string) *lexer {
	return &lexer{buf: []byte(s), end: int64(len(s)), depth: 8, longest: 1 << 20, nodes: 1000, names: map[string]Name{}}
}

func TestObjects(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Object
	}{
		{"null", nil}, {"true", true}, {"false ", false},
		{"0", int64(0)}, {"+17", int64(17)}, {"-98", int64(-98)}, {"007", int64(7)}, {"34.5", 34.5}, {"-.002", -.002}, {"4.", 4.0}, {"+.5", .5},
		{"99999999999999999999", 1e20}, {"%c\n 1", int64(1)},
		{"/Name1", Name("Name1")}, {"/A#42", Name("AB")}, {"/A;_-*B", Name("A;_-*B")}, {"/ x", Name("")}, {"/A#4", Name("A#4")}, {"/A#zz", Name("A#zz")}, {"/a#00b", Name("a\x00b")},
		{"(a(b)c)", String("a(b)c")}, {`(\(\)\\\n\r\t\b\f\q)`, String("()\\\n\r\t\b\fq")}, {"(a\\\r\nb\r\nc\rd)", String("ab\nc\nd")},
		{`(\053\53\5x\400)`, String("++\x05x\x00")}, {"()", String{}},
		{"<48 65\n6c>", String("Hel")}, {"<901FA>", String("\x90\x1f\xa0")}, {"<>", String{}},
		{"[1 2 R 3 0 R]", Array{int64(1), int64(2), nil}}, {"[3 0 R]", Array{Ref{3, 0}}}, {"[3 0 % x\nR 4 5]", Array{Ref{3, 0}, int64(4), int64(5)}},
		{"[1 2 3 0 R[/A]<</B(c)>>]", Array{int64(1), int64(2), Ref{3, 0}, Array{Name("A")}, Dict{"B": String("c")}}}, {"[]", Array{}},
		{"<</A/B/C<</D 1>>/E null>>", Dict{"A": Name("B"), "C": Dict{"D": int64(1)}}}, {"<<>>", Dict{}},
		{"1 0 R", Ref{1, 0}}, {"1 0 Rx", int64(1)}, {"1 70000 R", int64(1)}, {"1 0 obj", int64(1)}, {"12 0", int64(12)},
	} {
		got, err := newLexer(c.in).object(0)
		if c.in == "[1 2 R 3 0 R]" { // "1 2 R" is a reference
			c.want = Array{Ref{1, 2}, Ref{3, 0}}
		}
		if err != nil || !cmp.Equal(got, c.want) {
			t.Errorf("%q is %v (%v), want %v", c.in, got, err, c.want)
		}
	}
}

func TestObjectErrors(t *testing.T) {
	for _, in := range []string{"", "R", "nul", "tru", "1.2.3", "--1", "1-2", "+", ".", "(", "(()", "<", "<zz>", "<12", "[", "[1", "<<", "<</A", "<</A 1", "<</A 1>", "<<1 2>>", "]", ">>", ")", "{", "}",
		"99999999999 0 R", strings.Repeat("[", 20), strings.Repeat("<</A", 20), "[" + strings.Repeat("1 ", 2000) + "]", "/" + strings.Repeat("x", 40000), strings.Repeat("9", 600)} {
		o, err := newLexer(in).object(0)
		if pe := (*ParseError)(nil); !errors.As(err, &pe) {
			t.Errorf("%.20q is %v (%v)", in, o, err)
		}
	}
}

// slowReader gives a file to the window and checks that nothing outside is asked for.
type slowReader struct {
	t *testing.T
	b []byte
}

func (r slowReader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off+int64(len(p)) > int64(len(r.b)) {
		r.t.Errorf("%d bytes at %d were asked for, the file has %d", len(p), off, len(r.b))
	}
	n := copy(p, r.b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// TestWindow: an object reads the same from memory and through a window, wherever the window's edges fall in it.
func TestWindow(t *testing.T) {
	src := "<</Name#20x(a\\\n(b)\\101\r\n)/H<" + strings.Repeat("4a", 40) + ">/R 12 0 R/N -12.5/A[1 0 R 2 3 true null %x\n 4]>>"
	want, err := newLexer(src).object(0)
	if err != nil {
		t.Fatal(err)
	}
	for pad := firstWindow - len(src) - 2; pad < firstWindow+2; pad++ {
		b := []byte(strings.Repeat(" ", pad) + src + strings.Repeat(" ", 9000) + "(" + strings.Repeat("y", 200000) + ")")
		l := &lexer{r: slowReader{t, b}, wide: firstWindow, depth: 8, longest: 1 << 20, nodes: 1000}
		l.seek(0, int64(len(b)))
		got, err := l.object(0)
		if err != nil || !cmp.Equal(got, want) {
			t.Fatalf("behind %d spaces it reads %v (%v)", pad, got, err)
		}
		if at := l.at(); at != int64(pad+len(src)) {
			t.Fatalf("behind %d spaces it ends at %d", pad, at)
		}
		long, err := l.object(0)
		if s, ok := long.(String); !ok || len(s) != 200000 || err != nil {
			t.Fatalf("the long string has %d bytes, %v", len(s), err)
		}
		l.seek(int64(pad), int64(pad+len(src)-1))
		if _, err := l.object(0); err == nil {
			t.Fatal("the lexer read behind its end")
		}
	}
}

func TestShortFileIsAnError(t *testing.T) {
	b := onePage()
	if _, err := openReader(b); err != nil {
		t.Fatal(err)
	}
	_, err := open(t.Context(), bytes.NewReader(b), int64(len(b))+5000, openOptions)
	if err == nil || strings.Contains(err.Error(), "damaged") {
		t.Errorf("a file shorter than said: %v", err)
	}
}

func TestTextStrings(t *testing.T) {
	for in, want := range map[string]string{"abc": "abc", "\xfe\xff\x53\x70\x7a\xe0": "印章", "\xef\xbb\xbf印": "印", "\x80\xa0\x18": "•€˘", "\xe4": "ä"} {
		if got := String(in).text(); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"D:20260102030405+08'00'": "2026-01-02T03:04:05+08:00", "D:20260102030405Z": "2026-01-02T03:04:05Z", "20260102030405-01'30": "2026-01-02T03:04:05-01:30",
		"D:2026": "2026-01-01T00:00:00Z", "D:202602": "2026-02-01T00:00:00Z", "D:20260102030405+08": "2026-01-02T03:04:05+08:00", "D:20261": "", "": "", "yesterday": "", "D:20269999": "",
		"D:20260102030405Z00'00'": "2026-01-02T03:04:05Z",
	} {
		got := parseDate(in)
		if text := got.Format("2006-01-02T15:04:05Z07:00"); !got.IsZero() && text != want || got.IsZero() != (want == "") {
			t.Errorf("%q is %s, want %q", in, fmt.Sprint(got), want)
		}
	}
}
