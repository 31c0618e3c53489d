package pdf

import (
	"fmt"
	"strings"
	"testing"

	"yinxin/document"
)

// Objects of twinBase. What spare shows and what shown shows is equal; the twin of the field's look is an object of its own.
const (
	twinCatalog, twinPage, twinForm, twinField, twinLook, twinPieces, twinShown, twinSpare, twinOfLook = 1, 3, 5, 6, 7, 8, 9, 10, 11
	twinNew                                                                                            = 40
)

// twinBase is a signed file whose catalog keeps a spare picture with the look of a field in it, and whose page shows the same picture with the twin of
// that look: whatever comes to use the spare shows what the field shows.
func twinBase(t testing.TB, change func(*document.Request)) []byte {
	t.Helper()
	picture := func(look int) string {
		return stream(fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 80 20]/Resources<</XObject<</Y %d 0 R>>>>", look), "/Y Do")
	}
	const look = "/Type/XObject/Subtype/Form/BBox[0 0 80 20]"
	base := raw(
		"<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/PieceInfo 8 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Annots[6 0 R]/Resources<</XObject<</X 9 0 R>>>>>>",
		stream("", "/X Do"),
		"<</Fields[6 0 R]>>",
		"<</FT/Tx/T(Text)/Type/Annot/Subtype/Widget/F 4/P 3 0 R/Rect[10 10 90 30]/V(old)/AP<</N 7 0 R>>>>",
		stream(look, "(old) Tj"),
		"<</Spare 10 0 R>>",
		picture(twinOfLook), picture(twinLook),
		stream(look, "(old) Tj"),
	)
	r := sealRequest(t)
	change(&r)
	return sealed(t, base, r)
}

// later is one revision behind another.
type later func(e *editor)

// renumber writes the catalog under a new number, with other references to what says the same.
func renumber(num int) later {
	return func(e *editor) {
		c, err := e.d.f.newest().catalog()
		if err != nil {
			e.t.Fatal(err)
		}
		e.put(num, source(c))
		e.trailer = fmt.Sprintf("/Root %d 0 R", num)
	}
}

// apart is renumber, and the spare picture, too, is written anew with the twin of the look: the old catalog alone leads to the field's look now.
func apart(e *editor) {
	renumber(twinNew)(e)
	e.bodies[twinNew] = strings.Replace(e.bodies[twinNew], "8 0 R", "41 0 R", 1)
	e.put(twinNew+1, "<</Spare 42 0 R>>")
	e.put(twinNew+2, stream("/Type/XObject/Subtype/Form/BBox[0 0 80 20]/Resources<</XObject<</Y 11 0 R>>>>", "/Y Do"))
}

func fill(e *editor) {
	e.set(twinField, "V", "(1000000)")
	e.put(twinLook, stream("/Type/XObject/Subtype/Form/BBox[0 0 80 20]", "(1000000) Tj"))
}

// toward sets an entry of the catalog, whatever its number is.
func toward(key Name, value string) later {
	return func(e *editor) { e.set(e.d.f.root.Num, key, value) }
}

func both(list ...later) later {
	return func(e *editor) {
		for _, do := range list {
			do(e)
		}
	}
}

// TestDeadReferrers: what no path leads to does not share what it refers to; and whatever brings it back is judged by what it shows then.
func TestDeadReferrers(t *testing.T) {
	const none, form, annotation, other = document.LevelNone, document.LevelForm, document.LevelAnnotation, document.LevelOther
	back := func(e *editor) { e.trailer = "/Root 1 0 R" }
	for _, c := range []struct {
		name  string
		level document.Level
		code  string
		steps []later
	}{
		{"the spare is in use", other, "object-shared", []later{fill}},
		{"renumbered", none, "", []later{renumber(twinNew)}},
		{"renumbered, in use through both", other, "object-shared", []later{renumber(twinNew), fill}},
		{"the old catalog is dead", form, "field-filled", []later{apart, fill}},
		{"dead for long", form, "field-filled", []later{apart, renumber(50), renumber(51), fill}},
		{"form in place", form, "form-appearances", []later{apart, func(e *editor) { e.set(twinForm, "NeedAppearances", "true") }}},
		{"dead, and brought back with the look", other, "catalog-changed", []later{apart, fill, back}},
		{"brought back in the same revision", other, "", []later{apart, both(fill, back)}},
		{"the spare brought back", other, "catalog-changed", []later{apart, fill, toward("PieceInfo", "8 0 R")}},
		{"the spare brought back at once", other, "", []later{apart, both(fill, toward("PieceInfo", "8 0 R"))}},
		{"the spare shown by the page", other, "page-changed", []later{apart, fill, func(e *editor) { e.set(twinPage, "Resources", "<</XObject<</X 10 0 R>>>>") }}},
		{"shown by the page first", other, "object-shared", []later{apart, func(e *editor) { e.set(twinPage, "Resources", "<</XObject<</X 10 0 R>>>>") }, fill}},
		{"shown by the page at once", other, "", []later{apart, both(fill, func(e *editor) { e.set(twinPage, "Resources", "<</XObject<</X 10 0 R>>>>") })}},
		{"brought back unchanged", none, "", []later{apart, back}},
		{"brought back, then filled", other, "object-shared", []later{apart, back, fill}},
		{"the old catalog rewritten while dead", other, "object-changed", []later{apart, func(e *editor) { e.set(twinCatalog, "OpenAction", "[3 0 R/Fit]") }}},
		{"the old catalog rewritten and brought back", other, "catalog-changed", []later{apart, both(func(e *editor) { e.set(twinCatalog, "OpenAction", "[3 0 R/Fit]") }, back)}},
		{"the dead spare rewritten", other, "object-changed", []later{apart, func(e *editor) { e.put(twinSpare, anotherLook) }}},
		{"dead things that refer to each other", form, "field-filled", []later{
			both(apart, func(e *editor) { e.put(60, "<</A 61 0 R/Y 7 0 R>>"); e.put(61, "[60 0 R]") }), fill}},
		{"a note takes what is dead", annotation, "annotation-added", []later{apart, fill, func(e *editor) {
			e.set(twinPage, "Annots", strings.Replace(source(e.page()["Annots"]), "]", " 60 0 R]", 1))
			e.put(60, "<</Type/Annot/Subtype/Square/Rect[300 300 340 340]/F 4/P 3 0 R/AP<</N 10 0 R>>>>")
		}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := twinBase(t, func(*document.Request) {})
			for _, do := range c.steps {
				e := edit(t, b)
				do(e)
				b = e.build(b)
			}
			_, s := first(t, b)
			changes, err := s.Changes()
			if err != nil {
				t.Fatal(err)
			}
			if got := said(t, s); document.Worst(changes) != c.level || c.code != "" && !strings.Contains(got+" ", " "+c.code+" ") {
				t.Errorf("%s, want %s %s: %s", document.Worst(changes), c.level, c.code, got)
			}
		})
	}
}

// page is the page of twinBase.
func (e *editor) page() Dict {
	d, err := e.d.f.dict(Ref{Num: twinPage})
	if err != nil {
		e.t.Fatal(err)
	}
	return d
}

// TestNamedByRestriction: a signature that locks fields names the catalog of its time for ever, and that alone keeps nothing in use.
func TestNamedByRestriction(t *testing.T) {
	b := twinBase(t, func(r *document.Request) { r.Lock = []string{"Text"} })
	for _, do := range []later{apart, fill} {
		e := edit(t, b)
		do(e)
		b = e.build(b)
	}
	_, s := first(t, b)
	if got := said(t, s); !strings.Contains(got, "field-filled") || strings.Contains(got, "OTHER") {
		t.Error(got)
	}
	e := edit(t, twinBase(t, func(r *document.Request) { r.Lock = []string{"Text"} }))
	if d := e.seal.dict; d["Reference"] == nil || !strings.Contains(source(d["Reference"]), "/Data 1 0 R") {
		t.Fatalf("the seal does not name the catalog: %s", source(d))
	}
}
