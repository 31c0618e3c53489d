package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"yinxin/document"
)

// restricting is a signed file whose signature forbids what entries say: objects 5 and 6 are empty fields, Group.in and Free, 7 is the signed one, 8 its
// value, 9 the group.
func restricting(entries, lock string) []byte {
	b := testPDF{
		pages:   []string{a4Page + "/Annots[5 0 R 6 0 R]"},
		catalog: "/AcroForm<</SigFlags 3/Fields[7 0 R 9 0 R 6 0 R]>>",
		objects: []string{
			"<</T(in)/Parent 9 0 R/FT/Sig/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/F 4/P 4 0 R>>",
			"<</T(Free)/FT/Sig/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/F 4/P 4 0 R>>",
			"<</T(Signed)/FT/Sig/V 8 0 R" + lock + ">>",
			sigDict(entries),
			"<</T(Group)/Kids[5 0 R]>>",
		},
	}.build()
	return patchRange(b)
}

// TestRestrictions: each change tells how the signature rules on it.
func TestRestrictions(t *testing.T) {
	sign := func(num int, name, more string) []object {
		return []object{{num, "<</T(" + name + ")" + more + "/FT/Sig/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/F 4/P 4 0 R/V 20 0 R>>"}, {20, value}}
	}
	inner, free := sign(5, "in", "/Parent 9 0 R"), sign(6, "Free", "")
	const signed, permitted, forbidden, locked = "FORM field-signed field ", " (permitted)", " (forbidden)", " (locked)"
	for _, c := range []struct {
		name, entries, lock string
		change              []object
		want                string
	}{
		{"nothing forbidden", "", "", free, signed + "Free"},
		{"P 1", mdp("DocMDP", "/P 1"), "", free, signed + "Free" + forbidden},
		{"P 1, nothing changed", mdp("DocMDP", "/P 1"), "", nil, ""},
		{"P 2", mdp("DocMDP", "/P 2"), "", free, signed + "Free" + permitted},
		{"P 3", mdp("DocMDP", "/P 3"), "", free, signed + "Free" + permitted},
		{"no P", mdp("DocMDP", ""), "", free, signed + "Free" + permitted},
		{"P 0", mdp("DocMDP", "/P 0"), "", free, signed + "Free" + forbidden},
		{"P 1 as a real", mdp("DocMDP", "/P 1.0"), "", free, signed + "Free" + forbidden},
		{"P unreadable", mdp("DocMDP", "/P(x)"), "", free, signed + "Free" + forbidden},
		{"P 1 in the lock", "", "/Lock<</Action/Include/Fields[]/P 1>>", free, signed + "Free" + forbidden},
		{"All", mdp("FieldMDP", "/Action/All"), "", free, signed + "Free" + locked},
		{"Include it", mdp("FieldMDP", "/Action/Include/Fields[(Free)]"), "", free, signed + "Free" + locked},
		{"Include its group", mdp("FieldMDP", "/Action/Include/Fields[(Group)]"), "", inner, signed + "Group.in" + locked},
		{"Include part of its name", mdp("FieldMDP", "/Action/Include/Fields[(Gro)(Fre)]"), "", inner, signed + "Group.in"},
		{"Exclude it", mdp("FieldMDP", "/Action/Exclude/Fields[(Free)]"), "", free, signed + "Free"},
		{"Exclude its group", mdp("FieldMDP", "/Action/Exclude/Fields[(Group)]"), "", inner, signed + "Group.in"},
		{"Exclude another", mdp("FieldMDP", "/Action/Exclude/Fields[(Group)]"), "", free, signed + "Free" + locked},
		{"P changed later", "/Reference[<</TransformMethod/DocMDP/TransformParams 12 0 R>>]", "", append(free, object{12, "<</P 2>>"}),
			"OTHER reference-filled object 12" + forbidden + "; " + signed + "Free" + permitted}, // absent when signed: level 2
	} {
		t.Run(c.name, func(t *testing.T) {
			_, s := first(t, revised(t, restricting(c.entries, c.lock), "", c.change...))
			if got := said(t, s); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestRulings: evidence may always be added, annotations only where P says so, and the fields that a lock names stay as they are.
func TestRulings(t *testing.T) {
	base := func(entries string) []byte {
		return patchRange(raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 6 0 R 7 0 R]>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Annots[8 0 R]>>", "<</FT/Sig/T(S)/V 5 0 R>>", sigDict(entries),
			"<</FT/Tx/T(Sum)/V(1)>>", "<</T(Sum.)/FT/Tx/V(2)>>", "<</Subtype/Square/Rect[0 0 9 9]>>"))
	}
	store := object{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 6 0 R 7 0 R]>>/DSS<<>>/Version/2.0>>"}
	fill, other, note := object{6, "<</FT/Tx/T(Sum)/V(9)>>"}, object{7, "<</T(Sum.)/FT/Tx/V(9)>>"}, object{8, "<</Subtype/Square/Rect[0 0 8 8]>>"}
	for _, c := range []struct {
		entries string
		change  object
		want    string
	}{
		{"", store, "LTA version-raised catalog entry Version"},
		{mdp("DocMDP", "/P 1"), store, "LTA version-raised catalog entry Version"},
		{mdp("FieldMDP", "/Action/All"), store, "LTA version-raised catalog entry Version"},
		{"", fill, "FORM field-filled field Sum"},
		{mdp("DocMDP", "/P 1"), fill, "FORM field-filled field Sum (forbidden)"},
		{mdp("DocMDP", "/P 2"), fill, "FORM field-filled field Sum (permitted)"},
		{mdp("FieldMDP", "/Action/Include/Fields[(Sum)]"), fill, "FORM field-filled field Sum (locked)"},
		{mdp("FieldMDP", "/Action/Include/Fields[(Su)]"), fill, "FORM field-filled field Sum"},
		{mdp("FieldMDP", "/Action/Exclude/Fields[(Sum)]"), fill, "FORM field-filled field Sum"},
		{mdp("FieldMDP", "/Action/Exclude/Fields[(Other)]"), fill, "FORM field-filled field Sum (locked)"},
		{mdp("FieldMDP", "/Action/Include/Fields[(Sum.)]"), fill, "FORM field-filled field Sum"},
		{mdp("FieldMDP", "/Action/Include/Fields[(Sum.)]"), other, "FORM field-filled field Sum. (locked)"},
		{"", note, "ANNOTATION annotation-changed page 1"},
		{mdp("DocMDP", "/P 2"), note, "ANNOTATION annotation-changed page 1 (forbidden)"},
		{mdp("DocMDP", "/P 3"), note, "ANNOTATION annotation-changed page 1 (permitted)"},
		{mdp("DocMDP", "/P 3"), object{2, "<</Type/Pages/Kids[]/Count 0>>"}, "OTHER page-tree-changed page tree (forbidden)"},
	} {
		_, s := first(t, revised(t, base(c.entries), "", c.change))
		if got := said(t, s); got != c.want {
			t.Errorf("%s: got %s, want %s", c.entries, got, c.want)
		}
	}
}

// TestCertificationFirst: only the first signature certifies.
func TestCertificationFirst(t *testing.T) {
	b := revised(t, restricting("", ""), "", object{6, "<</T(Free)/FT/Sig/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/F 4/P 4 0 R/V 20 0 R>>"},
		object{20, strings.Replace(sigDict(mdp("DocMDP", "/P 2")), contentsMark, "<3003020102000000>", 1)})
	from := bytes.Index(b, []byte("<3003020102000000>"))
	for mark, n := range map[string]int{"AAAAAAAA": from, "BBBBBBBB": from + 18, "CCCCCCCC": len(b) - from - 18} {
		b = bytes.ReplaceAll(b, []byte(mark), fmt.Appendf(nil, "%08d", n))
	}
	signed, err := openBytes(t, b).Signatures()
	if err != nil || len(signed) != 2 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	if got := said(t, signed[1]); got != "OTHER certification-not-first field Free (forbidden)" {
		t.Errorf("the second: %s", got)
	}
	if got := said(t, signed[0]); got != "FORM field-signed field Free" {
		t.Errorf("the first: %s", got)
	}
}

// TestCrossReferenceAsContent: a page that paints with the data of a cross-reference stream changes when a later revision writes that stream again.
func TestCrossReferenceAsContent(t *testing.T) {
	base := packed([]object{
		{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>"}, {2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
		{3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Annots[4 0 R]/Contents 7 0 R>>"},
		{4, "<</FT/Sig/T(S)/Type/Annot/Subtype/Widget/Rect[0 0 50 20]/P 3 0 R/V 5 0 R>>"},
		{5, sigDict("") + "%stream"}, // kept outside the object stream
	}, "/Root 1 0 R")
	base = patchRange(base)
	prev := bytes.LastIndex(base, []byte("7 0 obj"))
	row := []byte("\x01\x00\x00\x00\x00\x00") // the stream itself
	at := len(base)
	row[1], row[2], row[3] = byte(at>>16), byte(at>>8), byte(at)
	b := fmt.Appendf(base, "7 0 obj\n<</Type/XRef/W[1 3 2]/Size 8/Index[7 1]/Prev %d/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n",
		prev, len(row), row, at)
	_, s := first(t, b)
	if got := said(t, s); !strings.HasPrefix(got, "OTHER page-changed") {
		t.Errorf("got %q", got)
	}
}

// TestUnreadableWhenSigned: where an object of the signed revision cannot be read, nobody can tell what a later one gives it.
func TestUnreadableWhenSigned(t *testing.T) {
	b := bytes.Replace(signedRaw(sigDict("")), []byte("/MediaBox[0 0 200 100]"), []byte("/MediaBox[0 0 -- 1000]"), 1)
	b = revised(t, b, "", object{20, "<</FT/Sig/T(New)" + widget + "/V 21 0 R>>"})
	_, s := first(t, b)
	if got := said(t, s); !strings.Contains(got, "OTHER object-unreadable object 3") {
		t.Errorf("got %q", got)
	}
}

// TestLooksOfEmptyFields: what a reader draws without an appearance stream is a look too.
func TestLooksOfEmptyFields(t *testing.T) {
	for _, look := range []string{"/MK<</BG[1 1 1]>>", "/BS<</W 400>>", "/Border[0 0 400]", "/AP<<>>"} {
		checkCases(t, []changeCase{{look, []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Sig/T(New)" + widget + look + ">>"}}, "",
			"OTHER field-unsigned field New; FORM field-added field New"}})
	}
}

// TestStraySignature: a signature that only a page shows does not leave the file unsigned.
func TestStraySignature(t *testing.T) {
	for name, form := range map[string]string{"no form": "", "an empty form": "/AcroForm<</Fields[]>>", "another field": "/AcroForm<</Fields[7 0 R]>>"} {
		for _, field := range []string{"/FT/Sig/T(S)/V 5 0 R", "/T(S)/Parent 6 0 R"} {
			b := patchRange(raw("<</Type/Catalog/Pages 2 0 R"+form+">>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
				"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Annots[4 0 R]>>", "<</Type/Annot/Subtype/Widget/Rect[0 0 50 20]/P 3 0 R"+field+">>", sigDict(""),
				"<</FT/Sig/T(G)/V 5 0 R>>", "<</FT/Tx/T(X)>>"))
			checkMalformed(t, b, "does not name the field")
			d := openBytes(t, b)
			if signed, _ := d.Signatures(); !strings.HasSuffix(signed[0].Info().ID, "S") {
				t.Errorf("%s: ID %q", name, signed[0].Info().ID)
			}
		}
	}
	if signed, err := openBytes(t, changeBase()).Signatures(); err != nil || len(signed) != 0 {
		t.Errorf("empty fields: %d signatures, %v", len(signed), err)
	}
}

// TestPictureTricks: what some readers would show otherwise is no one picture.
func TestPictureTricks(t *testing.T) {
	img := func(more string) string {
		return stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceRGB"+more, "abc")
	}
	grey := stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", "a")
	paint := "q 72 0 0 36 0 0 cm /I Do Q"
	good, other := formOf("", paint), strings.Replace(formOf("", paint), "7 0 R", "8 0 R", 1)
	kids := func(second string) []byte {
		b := raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Annots[4 0 R 8 0 R]>>", "<</FT/Sig/T(S)/V 5 0 R/Kids[8 0 R]"+second+">>", sigDict(""), good, img(""),
			"<</Type/Annot/Subtype/Widget/Parent 4 0 R"+shown+">>", stream("/Subtype/Form/BBox[0 0 200 100]", "0 0 200 100 re f"))
		return patchRange(b)
	}
	for name, file := range map[string][]byte{
		"another when pressed":      pictured("/Rect[10 10 82 46]/AP<</N 6 0 R/D 8 0 R>>", good, img(""), good),
		"another under the pointer": pictured("/Rect[10 10 82 46]/AP<</N 6 0 R/R 8 0 R>>", good, img(""), good),
		"states without one chosen": pictured("/Rect[10 10 82 46]/AP<</N<</A 6 0 R>>>>", good, img("")),
		"in a layer":                pictured(shown+"/OC 8 0 R", good, img(""), "<</Type/OCG>>"),
		"another file's page":       pictured(shown, formOf("/Ref<<>>", paint), img("")),
		"alternates":                pictured(shown, good, img("/Alternates[<</Image 8 0 R/DefaultForPrinting true>>]"), grey),
		"mask in colour":            pictured(shown, good, img("/SMask 8 0 R"), img("")),
		"masked mask":               pictured(shown, good, img("/SMask 8 0 R"), stream("/Subtype/Image/Mask[0 1]/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", "a")),
		"a key twice":               pictured("/Rect[10 10 82 46]/AP<</N 8 0 R/N 6 0 R>>", good, img(""), other, grey),
		"the field beside its kid":  kids("/Type/Annot/Subtype/Widget/Rect[0 0 200 100]/AP<</N 9 0 R>>"),
		"the kid again, larger":     kids("/Type/Annot/Subtype/Widget/Rect[0 0 200 100]/AP<</N 6 0 R>>"),
		"printed only":              kids("/Type/Annot/Subtype/Widget/F 36/Rect[0 0 200 100]/AP<</N 9 0 R>>"),
	} {
		_, s := first(t, file)
		if p, err := s.Picture(); !errors.Is(err, document.ErrNotOnePicture) {
			t.Errorf("%s: %d bytes, %v", name, len(p.Data), err)
		}
	}
	_, s := first(t, kids(""))
	if _, err := s.Picture(); err != nil {
		t.Errorf("nothing wrong: %v", err)
	}
}
