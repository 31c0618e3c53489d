package pdf

import (
	"bytes"
	"fmt"
	"testing"

	"yinxin/document"
)

// first opens a file and returns its first signature.
func first(t *testing.T, b []byte) (*Document, document.Signature) {
	t.Helper()
	d := openBytes(t, b)
	signed, err := d.Signatures()
	if err != nil || len(signed) == 0 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	return d, signed[0]
}

func TestRevisionTricks(t *testing.T) {
	base := signedBase(t)
	contents := "<</Length 12>>\nstream\n0 0 9 8 re f\nendstream"
	later := revised(t, base, "", object{numContents, contents})
	d := openBytes(t, base)
	rollback := fmt.Appendf(bytes.Clone(later), "startxref\n%d\n%%%%EOF\n", d.f.sections[0].offset)
	hybrid := revised(t, base, "/XRefStm 0000000000", object{firstFree, "<</Type/XRef/W[1 1 1]/Index[0 0]/Size 0/Length 0>>\nstream\n\nendstream"})
	hybrid = bytes.Replace(hybrid, []byte("/XRefStm 0000000000"), fmt.Appendf(nil, "/XRefStm %010d", bytes.LastIndex(hybrid, []byte("40 0 obj"))), 1)
	for _, c := range []struct {
		name     string
		b        []byte
		coverage document.Coverage
		want     string
	}{
		{"bytes behind", append(bytes.Clone(base), "6 0 obj\n<<>>\nendobj\n"...), document.CoversRevision, "OTHER trailing-bytes file"},
		{"white space behind", append(bytes.Clone(base), "\n\n \n"...), document.CoversRevision, ""},
		{"rolled back", rollback, document.CoversUnclear, "OTHER revision-order file"},
		{"later", later, document.CoversRevision, "OTHER page-changed page 1, entry Contents"},
		{"hybrid, with one view", hybrid, document.CoversRevision, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, s := first(t, c.b)
			if coverage, why := s.Coverage(); coverage != c.coverage {
				t.Errorf("coverage %s: %s", coverage, why)
			}
			if got := said(t, s); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestCoverage: where the signed bytes end decides, not what the file says of itself.
func TestCoverage(t *testing.T) {
	b := signedRaw(sigDict(""))
	size := len(b)
	b = append(b, "junk"...)
	_, s := first(t, b)
	if c, _ := s.Coverage(); c != document.CoversRevision {
		t.Errorf("bytes behind the end of the revision: %s", c)
	}
	cut := bytes.Replace(signedRaw(sigDict("")), fmt.Appendf(nil, "%08d]", size-bytes.Index(b, []byte(contentsMark))-len(contentsMark)),
		fmt.Appendf(nil, "%08d]", 20), 1)
	_, s = first(t, cut)
	if c, why := s.Coverage(); c != document.CoversPart {
		t.Errorf("a range that ends early: %s %s", c, why)
	}
	if got := said(t, s); got != "OTHER uncovered-bytes file" {
		t.Errorf("a range that ends early: %s", got)
	}
	for _, less := range []int{1, 2} { // without the end of line; in the middle of %%EOF
		n := size - bytes.Index(b, []byte(contentsMark)) - len(contentsMark)
		short := bytes.Replace(signedRaw(sigDict("")), fmt.Appendf(nil, "%08d]", n), fmt.Appendf(nil, "%08d]", n-less), 1)
		_, s = first(t, short)
		if c, _ := s.Coverage(); (c == document.CoversRevision) != (less == 1) {
			t.Errorf("%d bytes less: %s", less, c)
		}
	}
}

// TestObjectPlacedAhead: the signed revision names an object at an offset behind its end; a later one puts it there. It is not part of what was signed.
func TestObjectPlacedAhead(t *testing.T) {
	b := raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 6 0 R>>", "<</FT/Sig/T(S)/V 5 0 R>>", sigDict(""), "<</Length 0>>\nstream\n\nendstream")
	at := bytes.Index(b, []byte("6 0 obj"))
	b = bytes.Replace(b, fmt.Appendf(nil, "%010d", at), fmt.Appendf(nil, "%010d", len(b)), 1)
	b = patchRange(b)
	d, _ := first(t, b)
	if d.f.strict() == nil {
		t.Error("an entry behind the end was not noticed")
	}
	later := append(bytes.Clone(b), "6 0 obj\n<</Length 3>>\nstream\nEVL\nendstream\nendobj\n"...)
	prev := d.f.sections[0].offset
	later = fmt.Appendf(later, "xref\n6 1\n%010d 00000 n \ntrailer\n<</Size 7/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", len(b), prev, len(later))
	_, s := first(t, later)
	if got := said(t, s); got == "" {
		t.Error("the object is not reported")
	}
	silent := append(bytes.Clone(b), "6 0 obj\n<</Length 3>>\nstream\nEVL\nendstream\nendobj\n"...)
	silent = fmt.Appendf(silent, "xref\n0 0\ntrailer\n<</Size 7/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", prev, len(silent))
	d, _ = first(t, silent)
	if o, err := d.f.get(Ref{6, 0}); err == nil {
		t.Errorf("the object behind its revision was read: %v", o)
	}
}

// TestReferenceFilled: what a signed reference to nothing means must not be settled later.
func TestReferenceFilled(t *testing.T) {
	b := patchRange(raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 9 0 R>>", "<</FT/Sig/T(S)/V 5 0 R>>", sigDict("")))
	_, s := first(t, revised(t, b, "", object{9, "<</Length 3>>\nstream\nEVL\nendstream"}))
	if got := said(t, s); got != "OTHER reference-filled object 9" {
		t.Error(got)
	}
}

// TestContainerReplaced: old entries lead into an object stream that a later revision replaces.
func TestContainerReplaced(t *testing.T) {
	b := packed([]object{{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>"}, {2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
		{3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>"}, {4, "<</FT/Sig/T(S)/V 5 0 R>>"}, {5, sigDict("") + "% stream"}}, "/Root 1 0 R")
	b = patchRange(b)
	d, s := first(t, b)
	if c, why := s.Coverage(); c != document.CoversFile {
		t.Fatalf("%s: %s", c, why)
	}
	o, err := d.f.get(Ref{6, 0})
	st, ok := o.(*Stream)
	if err != nil || !ok {
		t.Fatalf("%v, %v", o, err)
	}
	data, err := d.f.decode(st)
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Replace(data, []byte("[0 0 200 100]"), []byte("[0 0 200 300]"), 1)
	dict := Dict{"Type": st.Dict["Type"], "N": st.Dict["N"], "First": st.Dict["First"], "Length": int64(len(data))}
	_, s = first(t, revised(t, b, "", object{6, source(dict) + "\nstream\n" + string(data) + "\nendstream"}))
	if got := said(t, s); got != "OTHER object-changed object 6" {
		t.Error(got)
	}
}

// TestAmbiguousObjects: of two equal keys in a dictionary some readers take the first, some the last.
func TestAmbiguousObjects(t *testing.T) {
	base := signedBase(t)
	d := openBytes(t, base)
	catalog, err := d.f.newest().catalog()
	if err != nil {
		t.Fatal(err)
	}
	whole := source(catalog)
	for _, entry := range []string{"/Pages 5 0 R", "/Pages null"} {
		_, s := first(t, revised(t, base, "", object{numCatalog, "<<" + entry + whole[2:]}))
		if got := said(t, s); got != "OTHER object-ambiguous object 1" {
			t.Errorf("%s: %s", entry, got)
		}
	}
	_, s := first(t, revised(t, base, "/Root 4 0 R/Root 1 0 R"))
	if got := said(t, s); got != "OTHER trailer-ambiguous trailer" {
		t.Error(got)
	}
}
