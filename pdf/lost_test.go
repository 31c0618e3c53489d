package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"yinxin/document"
)

// standings are the signatures of a file: the name of each with its standing, and the revision that took it away.
func standings(t testing.TB, b []byte) string {
	t.Helper()
	signed, err := openBytes(t, b).Signatures()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range signed {
		i := s.Info()
		text := i.ID
		if i.Standing != document.Stands {
			text += " " + string(i.Standing)
		}
		if i.Gone != 0 {
			text += fmt.Sprint(" ", i.Gone)
		}
		if _, err := s.Digest(sm3); err != nil && i.Standing == document.Removed {
			t.Errorf("%s: %v", text, err)
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

// TestRemoved: whatever a later revision does to hide a signature, it is listed, and protects what it protected.
func TestRemoved(t *testing.T) {
	base := richBase(t) // two revisions
	for _, c := range []struct {
		name, want string
		do         func(e *editor)
	}{
		{"nothing", "Seal1", func(*editor) {}},
		{"value taken out", "Seal1 removed 3", func(e *editor) { e.set(e.sealField(), "V", "") }},
		{"value null", "Seal1 removed 3", func(e *editor) { e.set(e.sealField(), "V", "null") }},
		{"value is nothing", "Seal1; Seal1#2 removed 3", func(e *editor) { e.set(e.sealField(), "V", "60 0 R") }},
		{"field of another type", "Seal1 removed 3", func(e *editor) { e.set(e.sealField(), "FT", "/Tx") }},
		{"field without a type", "Seal1 removed 3", func(e *editor) { e.set(e.sealField(), "FT", "") }},
		{"field of another name", "Other", func(e *editor) { e.set(e.sealField(), "T", "(Other)") }},
		{"field's type", "Seal1", func(e *editor) { e.set(e.sealField(), "Type", "/Page") }},
		{"a field below it", "Seal1 removed 3", func(e *editor) {
			e.set(e.sealField(), "Kids", "[60 0 R]")
			e.put(richNew, fmt.Sprintf("<</T(a)/FT/Tx/V(x)/Parent %d 0 R>>", e.sealField()))
		}},
		{"field freed", "Seal1 removed 3", func(e *editor) { e.put(e.sealField(), "") }},
		{"field is another object", "Seal1 removed 3", func(e *editor) { e.put(e.sealField(), "<</FT/Sig/T(Seal1)>>") }},
		{"signature freed", "Seal1 removed 3", func(e *editor) { e.put(e.seal.ref.Num, "") }},
		{"signature null", "Seal1 removed 3", func(e *editor) { e.put(e.seal.ref.Num, "null") }},
		{"signature emptied", "Seal1 removed 3", func(e *editor) { e.put(e.seal.ref.Num, "<</Type/Sig>>") }},
		{"signature of other ranges", "Seal1 removed 3", func(e *editor) { e.set(e.seal.ref.Num, "ByteRange", "[0 1 2 3]") }},
		{"field out of the form", "Seal1 removed 3", func(e *editor) { e.set(richForm, "Fields", "[6 0 R]") }},
		{"no fields", "Seal1 removed 3", func(e *editor) { e.set(richForm, "Fields", "") }},
		{"no form", "Seal1 removed 3", func(e *editor) { e.set(1, "AcroForm", "") }},
		{"another catalog", "Seal1 removed 3", func(e *editor) { e.put(richNew, "<</Type/Catalog/Pages 2 0 R>>"); e.trailer = "/Root 60 0 R" }},
		{"all of it", "Seal1 removed 3", func(e *editor) {
			e.put(e.sealField(), "")
			e.put(e.seal.ref.Num, "")
			e.set(1, "AcroForm", "")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := edit(t, base)
			c.do(e)
			if got := standings(t, e.build(base)); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// chained appends revisions.
func chained(t testing.TB, b []byte, steps ...later) []byte {
	t.Helper()
	for _, do := range steps {
		e := edit(t, b)
		do(e)
		b = e.build(b)
	}
	return b
}

// TestRemovedAndSigned: what is signed afterwards does not hide what was signed before, not even under its name or number.
func TestRemovedAndSigned(t *testing.T) {
	takeOut := func(e *editor) { e.set(e.sealField(), "V", "") }
	base := richBase(t)
	again := sealRequest(t)
	again.Field = "Seal1"
	again.Places = nil
	b := sealed(t, chained(t, base, takeOut), again)
	if got, want := standings(t, b), "Seal1#2 removed 3; Seal1"; got != want {
		t.Errorf("cleared and signed again: %s, want %s", got, want)
	}
	if got, want := standings(t, chained(t, sealed(t, base, sealRequest(t)), takeOut)), "Seal1 removed 4; Seal2"; got != want {
		t.Errorf("the first of two: %s, want %s", got, want)
	}
	if got, want := standings(t, chained(t, base, takeOut, takeOut, func(e *editor) { e.set(1, "AcroForm", "") })), "Seal1 removed 3"; got != want {
		t.Errorf("long ago: %s, want %s", got, want)
	}
	// An attacker writes a signature of his own under the number of the first.
	e := edit(t, base)
	ref := e.seal.ref
	over := revised(t, base, "", object{ref.Num, sigDict("")})
	from := bytes.LastIndex(over, []byte(refSource(ref.Num)[:len(refSource(ref.Num))-1]+"obj"))
	over = append(bytes.Clone(over[:from]), patchFrom(over, from)...)
	if got, want := standings(t, over), "Seal1#2 removed 3; Seal1"; got != want {
		t.Errorf("overwritten by a good one: %s, want %s", got, want)
	}
}

// patchFrom fills the ranges of a signature dictionary behind an offset.
func patchFrom(b []byte, from int) []byte {
	whole := patchRange(append(bytes.Repeat([]byte(" "), from), b[from:]...))
	return whole[from:]
}

// TestHidden: a signature that no table leads to, because the file was written anew behind it, is found by its bytes.
func TestHidden(t *testing.T) {
	base := richBase(t)
	fresh := func(objects ...string) []byte { // a whole file behind the signed one, which its tables do not name
		var b bytes.Buffer
		b.Write(base)
		var rows strings.Builder
		for i, o := range objects {
			fmt.Fprintf(&rows, "%010d 00000 n \n", b.Len())
			fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
		}
		start := b.Len()
		fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, rows.String(), len(objects)+1, start)
		return b.Bytes()
	}
	plain := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"}
	if got := standings(t, fresh(plain...)); !strings.HasPrefix(got, "object ") || !strings.HasSuffix(got, " hidden") {
		t.Errorf("a file behind a signed one: %s", got)
	}
	for name, c := range map[string]struct {
		object, want string
	}{
		"nobody's":                       {sigDict(""), "object 4 hidden"},
		"malformed":                      {value, "object 4 remnant"},
		"room for one":                   {"<</Type/Sig/ByteRange[0 1 2 3]/Contents<0000>>>", ""},
		"usage rights":                   {strings.Replace(value, "/Type/Sig", "/Type/Sig/Reference[<</TransformMethod/UR3>>]", 1), ""},
		"a description":                  {"<</Note(/ByteRange)/ByteRange(x)>>", ""},
		"a signed file":                  {stream("", string(base)), ""},
		"in a signed dictionary's words": {"(4 0 obj <</ByteRange)", ""},
	} {
		b := raw(append(plain[:3:3], c.object)...)
		if strings.Contains(c.object, "ByteRange[0 A") || c.want == "object 4 hidden" {
			b = patchRange(b)
		}
		if got := standings(t, b); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	// What another file left counts only where nothing stands.
	r := sealRequest(t)
	r.Places = nil
	if got := standings(t, sealed(t, raw(append(plain[:3:3], value)...), r)); got != "Seal1" {
		t.Errorf("a remnant below a seal: %s", got)
	}
}

// TestMarksAcrossWindows: a mark is found wherever the pieces end in which the file is read.
func TestMarksAcrossWindows(t *testing.T) {
	for at := copyBuffer - len(signatureMark) - 1; at <= copyBuffer+1; at++ {
		b := append(bytes.Repeat([]byte("x"), at), signatureMark+signatureMark...)
		f := &file{r: bytes.NewReader(b), size: int64(len(b))}
		var got []int64
		if err := f.eachMark(func(at int64) error { got = append(got, at); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(got) != 2 || got[0] != int64(at) || got[1] != int64(at+len(signatureMark)) {
			t.Errorf("marks at %d are found at %v", at, got)
		}
	}
}

// TestMarksAreBounded: a file full of marks ends as an error or is read, in time.
func TestMarksAreBounded(t *testing.T) {
	for _, body := range []string{"%" + strings.Repeat("4 0 obj<</ByteRange", 40_000), "<</A[" + strings.Repeat("/ByteRange", 60_000) + "]>>"} {
		b := raw("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", body)
		d, err := openReader(b)
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Signatures()
		t.Logf("%d bytes, work %d: %v", len(b), d.f.work, err)
		if err == nil && d.f.work > workAtLeast+workPerByte*d.f.size {
			t.Error("the work is not bounded")
		}
	}
}
