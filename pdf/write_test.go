package pdf

import (
	"bytes"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAppendObject(t *testing.T) {
	for _, c := range []struct {
		in   Object
		want string
	}{
		{nil, "null"},
		{true, "true"},
		{int64(-42), "-42"},
		{0.1, "0.1"},
		{12.0, "12"},
		{-0.00000001, "-0.00000001"},
		{math.Copysign(0, -1), "0"},
		{1e21, "1000000000000000000000"},
		{math.NaN(), "0"},
		{math.Inf(1), "0"},
		{Name(""), "/"},
		{Name("A#b c/("), "/A#23b#20c#2F#28"},
		{Name("印"), "/#E5#8D#B0"},
		{String(`a(b)\`), `(a\(b\)\\)`},
		{String("a\r\n"), "<610d0a>"},
		{String(nil), "()"},
		{Ref{12, 3}, "12 3 R"},
		{Array{int64(1), int64(2), Name("N"), Ref{3, 0}, String("s"), nil}, "[1 2/N 3 0 R(s) null]"},
		{Dict{"B": int64(1), "A": Dict{}, "C": Name("D"), "D": false}, "<</A<<>>/B 1/C/D/D false>>"},
	} {
		if got := string(appendObject(nil, c.in)); got != c.want {
			t.Errorf("appendObject(%#v) = %s, want %s", c.in, got, c.want)
		}
	}
}

// objects generates direct objects as the reader makes them: no null in a dictionary, no number that a shorter type would hold.
func objectsOf(depth int) *rapid.Generator[Object] {
	return rapid.Custom(func(t *rapid.T) Object {
		kinds := 9
		if depth == 0 {
			kinds = 7
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return rapid.Bool().Draw(t, "bool")
		case 1:
			return rapid.Int64Range(-1e17, 1e17).Draw(t, "int") // longer ones read back as reals
		case 2:
			return math.Trunc(rapid.Float64Range(-1e6, 1e6).Draw(t, "real")) + 0.5
		case 3:
			return Name(rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "name"))
		case 4:
			return String(rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "string"))
		case 5:
			return Ref{rapid.IntRange(0, maxObjectNumber).Draw(t, "num"), rapid.IntRange(0, 65535).Draw(t, "gen")}
		case 6:
			return nil
		case 7:
			return Array(rapid.SliceOfN(objectsOf(depth-1), 0, 5).Draw(t, "array"))
		}
		d := Dict{}
		for k, v := range rapid.MapOfN(rapid.String(), objectsOf(depth-1), 0, 5).Draw(t, "dict") {
			if v != nil {
				d[Name(k)] = v
			}
		}
		return d
	})
}

func TestWriteReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := objectsOf(4).Draw(t, "object")
		b := appendObject(nil, o)
		got := readObject(t, b)
		if d := cmp.Diff(o, got); d != "" {
			t.Fatalf("%s reads back otherwise (-written +read):\n%s", b, d)
		}
		if again := appendObject(nil, got); !bytes.Equal(again, b) {
			t.Fatalf("%s is written again as %s", b, again)
		}
	})
}

// readObject reads b, all of it, as one object.
func readObject(t interface{ Fatalf(string, ...any) }, b []byte) Object {
	l := lexer{buf: b, end: int64(len(b)), depth: defaultDepth, longest: defaultStream, nodes: maxNodes}
	l.note = func(_ int64, what string) { t.Fatalf("%s is tolerated: %s", b, what) }
	o, err := l.object(0)
	if err != nil {
		t.Fatalf("%s is not read: %v", b, err)
	}
	if l.skip(); l.at() != int64(len(b)) {
		t.Fatalf("%s is read as far as %d only", b, l.at())
	}
	return o
}
