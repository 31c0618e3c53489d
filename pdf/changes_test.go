package pdf

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"

	"yinxin/document"
)

// The objects of changeBase, and those that sealing it adds.
const (
	numCatalog, numPages, numInfo, numPage1, numPage2  = 1, 2, 3, 4, 5
	numContents, numForm, numEmpty, numText, numAnnots = 6, 7, 8, 9, 10
	numWidgetField, numKid, numLink                    = 11, 12, 13
	firstFree                                          = 40
)

// changeBase has two pages, an empty signature field that is its own widget, one with a kid, a text field and a link.
func changeBase() []byte {
	return testPDF{
		pages:   []string{a4Page + "/Contents 6 0 R/Annots 10 0 R", a4Page},
		catalog: "/AcroForm 7 0 R",
		objects: []string{
			"<</Length 12>>\nstream\n0 0 9 9 re f\nendstream",
			"<</Fields[8 0 R 9 0 R 11 0 R]>>",
			"<</FT/Sig/T(Empty)/Type/Annot/Subtype/Widget/Rect[10 10 90 90]/F 4/P 4 0 R>>",
			"<</FT/Tx/T(Text)/Type/Annot/Subtype/Widget/Rect[10 110 90 190]/F 4/P 4 0 R/V(old)>>",
			"[8 0 R 9 0 R 12 0 R 13 0 R]",
			"<</FT/Sig/T(Group)/Kids[12 0 R]>>",
			"<</Type/Annot/Subtype/Widget/Parent 11 0 R/Rect[100 10 190 90]/F 4/P 4 0 R>>",
			"<</Type/Annot/Subtype/Link/Rect[200 10 290 90]/Border[0 0 0]>>",
		},
	}.build()
}

// signedBase is changeBase with a seal on its second page. Its signature covers the file.
func signedBase(t testing.TB) []byte {
	r := sealRequest(t)
	r.Places[0].Page = 2
	return sealed(t, changeBase(), r)
}

// change is what one object becomes.
type change struct {
	num  int
	edit func(Dict) // of the dictionary as it was
	body string     // or the whole object
}

const (
	value  = "<</Type/Sig/Filter/X/SubFilter/Y/ByteRange[0 1 2 3]/Contents<3000>>>"
	widget = "/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/F 4/P 4 0 R"
)

func set(key Name, o Object) func(Dict) { return func(d Dict) { d[key] = o } }

// changeCase is a revision behind a signature, with what the signature says of it.
type changeCase struct {
	name    string
	changes []change
	trailer string
	want    string // level, code and object of each change, worst level first; "" where nothing changed
}

func checkCases(t *testing.T, cases []changeCase) {
	t.Helper()
	base := signedBase(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { checkChange(t, base, c.changes, c.trailer, c.want) })
	}
}

func TestChanges(t *testing.T) {
	checkCases(t, []changeCase{
		{"nothing", nil, "", ""},
		{"written again", []change{{numPage1, func(Dict) {}, ""}, {numForm, func(Dict) {}, ""}}, "", ""},
		{"stream again", []change{{numContents, nil, "<</Length 12>>\nstream\n0 0 9 9 re f\nendstream"}}, "", ""},
		{"null", []change{{firstFree, nil, "null"}}, "", ""},
		{"contents", []change{{numContents, nil, "<</Length 12>>\nstream\n0 0 9 8 re f\nendstream"}}, "", "OTHER page-changed page 1, entry Contents"},
		{"contents replaced", []change{{numPage1, set("Contents", Ref{firstFree, 0}), ""}, {firstFree, nil, "<</Length 0>>\nstream\n\nendstream"}}, "",
			"OTHER page-changed page 1, entry Contents; OTHER object-added object 40"},
		{"rotated", []change{{numPage1, set("Rotate", int64(90)), ""}}, "", "OTHER page-changed page 1, entry Rotate"},
		{"type", []change{{numPage1, set("Type", Name("Template")), ""}}, "", "OTHER page-changed page 1, entry Type"},
		{"page removed", []change{{numPages, set("Kids", Array{Ref{numPage1, 0}}), ""}}, "", "OTHER page-tree-changed page tree"},
		{"page freed", []change{{numPage2, nil, ""}}, "", "OTHER object-freed object 5"},
		{"catalog entry", []change{{numCatalog, set("Lang", String("zh")), ""}}, "", "OTHER catalog-changed catalog entry Lang"},
		{"action", []change{{numCatalog, set("OpenAction", Dict{"S": Name("JavaScript"), "JS": String("x")}), ""}}, "", "OTHER catalog-changed catalog entry OpenAction"},
		{"metadata", []change{{numCatalog, set("Metadata", Ref{firstFree, 0}), ""}, {firstFree, nil, "<</Length 0>>\nstream\n\nendstream"}}, "",
			"OTHER catalog-changed catalog entry Metadata"},
		{"security store", []change{{numCatalog, set("DSS", Dict{}), ""}}, "", ""},
		{"information", []change{{numInfo, set("Title", String("B")), ""}}, "", "LTA metadata-changed document information"},
		{"information moved", []change{{firstFree, nil, "<</Title(B)>>"}}, "/Info 40 0 R", "LTA metadata-changed document information"},
		{"identifier", nil, "/ID[<00><01>]", "LTA id-changed file identifier"},
		{"catalog moved", []change{{firstFree, nil, "<</Type/Catalog/Pages 2 0 R/AcroForm 7 0 R>>"}}, "/Root 40 0 R", ""},
		{"unreachable", []change{{firstFree, nil, "<</X 1>>"}}, "", "NONE object-unused object 40"},
		{"text filled", []change{{numText, set("V", String("new")), ""}}, "", "FORM field-filled field Text"},
		{"link changed", []change{{numLink, set("Border", Array{int64(0), int64(0), int64(9)}), ""}}, "", "ANNOTATION annotation-changed page 1"},
		{"annotation added", []change{{numAnnots, nil, "[8 0 R 9 0 R 12 0 R 13 0 R 40 0 R]"}, {firstFree, nil, "<</Type/Annot/Subtype/FreeText/Rect[0 0 9 9]>>"}}, "",
			"ANNOTATION annotation-added page 1"},
		{"annotation removed", []change{{numAnnots, nil, "[8 0 R 9 0 R 12 0 R]"}}, "", "ANNOTATION annotation-removed page 1"},
		{"annotations reordered", []change{{numAnnots, nil, "[9 0 R 8 0 R 12 0 R 13 0 R]"}}, "", "OTHER annotations-reordered page 1"},
	})
}

func TestFieldChanges(t *testing.T) {
	checkCases(t, []changeCase{
		{"field added", []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Sig/T(New)" + widget + "/V 41 0 R>>"}, {firstFree + 1, nil, value},
			{numAnnots, nil, "[8 0 R 9 0 R 12 0 R 13 0 R 40 0 R]"}}, "", "FORM field-added field New; FORM field-signed field New"},
		{"field added, shown but unsigned", []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Sig/T(New)" + widget + "/AP<</N 41 0 R>>>>"},
			{firstFree + 1, nil, "<</BBox[0 0 9 9]/Length 0>>\nstream\n\nendstream"}}, "", "OTHER field-unsigned field New; FORM field-added field New"},
		{"field added, empty", []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Sig/T(New)" + widget + ">>"}}, "", "FORM field-added field New"},
		{"field with kids", []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Sig/T(New)/Kids[42 0 R 43 0 R]/V 41 0 R>>"}, {firstFree + 1, nil, value},
			{firstFree + 2, nil, "<</Parent 40 0 R" + widget + ">>"}, {firstFree + 3, nil, "<</Parent 40 0 R" + widget + ">>"},
			{numAnnots, nil, "[8 0 R 9 0 R 12 0 R 13 0 R 42 0 R]"}, {numPage2, pushAnnot(43), ""}}, "", "FORM field-added field New; FORM field-signed field New"},
		{"field named twice", []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Sig/T(Empty)" + widget + ">>"}}, "", "OTHER field-duplicate field Empty"},
		{"text field added", []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Tx/T(New)" + widget + ">>"}}, "", "OTHER field-added field New"},
		{"field with action", []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Sig/T(New)/A<</S/Launch>>" + widget + ">>"}}, "",
			"OTHER field-unexpected-entry field New, entry A; FORM field-added field New"},
		{"kid with action", []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Sig/T(New)/Kids[41 0 R]>>"},
			{firstFree + 1, nil, "<</Parent 40 0 R/AA<<>>" + widget + ">>"}}, "", "OTHER field-unexpected-entry field New, entry AA; FORM field-added field New"},
		{"kid of another", []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Sig/T(New)/Kids[12 0 R]>>"}}, "",
			"OTHER widget-malformed field New; FORM field-added field New"},
		{"old object as field", []change{{numForm, addField(13), ""}}, "", "OTHER field-added form entry Fields: not a new object"},
		{"field removed", []change{{numForm, func(d Dict) { d["Fields"] = d["Fields"].(Array)[1:] }, ""}}, "", "OTHER field-removed form"},
		{"value shared", []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Sig/T(New)/V VALUE" + widget + ">>"}}, "",
			"OTHER value-shared field New; FORM field-added field New"},
		{"value shared by an old field", []change{{numEmpty, nil, "<</FT/Sig/T(Empty)/Type/Annot/Subtype/Widget/Rect[10 10 90 90]/F 4/P 4 0 R/V VALUE>>"}}, "", "OTHER value-shared field Empty"},
		{"one signature at two places", []change{{numForm, func(d Dict) { addField(40)(d); addField(42)(d) }, ""}, {firstFree, nil, "<</FT/Sig/T(New)" + widget + "/V 41 0 R>>"}, {firstFree + 1, nil, value},
			{firstFree + 2, nil, "<</FT/Sig/T(More)" + widget + "/V 41 0 R>>"}, {numAnnots, nil, "[8 0 R 9 0 R 12 0 R 13 0 R 40 0 R 42 0 R]"}}, "", "FORM field-added field New; FORM field-signed field New"},
		{"an old field and one beside it", []change{{numForm, addField(42), ""}, {numEmpty, signWith(41), ""}, {firstFree + 1, nil, value}, {firstFree + 2, nil, "<</FT/Sig/T(More)" + widget + "/V 41 0 R>>"}},
			"", "FORM field-added field More; FORM field-signed field More; FORM field-signed field Empty"},
		{"two places, one with an action", []change{{numForm, func(d Dict) { addField(40)(d); addField(42)(d) }, ""}, {firstFree, nil, "<</FT/Sig/T(New)" + widget + "/V 41 0 R>>"}, {firstFree + 1, nil, value},
			{firstFree + 2, nil, "<</FT/Sig/T(More)/A<</S/Launch>>" + widget + "/V 41 0 R>>"}}, "", "OTHER field-unexpected-entry field More, entry A; FORM field-added field New; FORM field-signed field New"},
		{"value is no signature", []change{{numEmpty, set("V", Ref{firstFree, 0}), ""}, {firstFree, nil, "<</X 1>>"}}, "", "OTHER value-malformed field Empty"},
		{"empty field signed", []change{{numEmpty, signWith(firstFree), ""}, {firstFree, nil, value}}, "", "FORM field-signed field Empty"},
		{"empty field with kid signed", []change{{numWidgetField, set("V", Ref{firstFree, 0}), ""}, {firstFree, nil, value}, {numKid, set("AP", Dict{"N": Ref{firstFree + 1, 0}}), ""},
			{firstFree + 1, nil, "<</BBox[0 0 9 9]/Length 0>>\nstream\n\nendstream"}}, "", "FORM field-signed field Group"},
		{"appearance without a value", []change{{numEmpty, set("AP", Dict{"N": Ref{firstFree, 0}}), ""}, {firstFree, nil, "<</BBox[0 0 9 9]/Length 0>>\nstream\n\nendstream"}}, "",
			"OTHER field-changed field Empty; OTHER object-added object 40"},
		{"signed and renamed", []change{{numEmpty, func(d Dict) { signWith(firstFree)(d); d["T"] = String("Seal1") }, ""}, {firstFree, nil, value}}, "",
			"OTHER field-changed field Empty, entry T; FORM field-signed field Empty"},
		{"form flags", []change{{numForm, set("SigFlags", int64(7)), ""}}, "", ""},
		{"form flags taken", []change{{numForm, set("SigFlags", int64(0)), ""}}, "", "OTHER form-changed form entry SigFlags"},
		{"form scripts", []change{{numForm, set("CO", Array{Ref{numText, 0}}), ""}}, "", "OTHER form-changed form entry CO"},
		{"widget shown twice", []change{{numForm, addField(40), ""}, {firstFree, nil, "<</FT/Sig/T(New)" + widget + ">>"},
			{numAnnots, nil, "[8 0 R 9 0 R 12 0 R 13 0 R 40 0 R 40 0 R]"}}, "", "OTHER widget-twice page 1; FORM field-added field New"},
	})
}

func addField(num int) func(Dict) {
	return func(d Dict) {
		a, _ := d["Fields"].(Array)
		d["Fields"] = append(a[:len(a):len(a)], Ref{num, 0})
	}
}

func pushAnnot(num int) func(Dict) {
	return func(d Dict) {
		a, _ := d["Annots"].(Array)
		d["Annots"] = append(a[:len(a):len(a)], Ref{num, 0})
	}
}

func signWith(num int) func(Dict) {
	return func(d Dict) {
		d["V"], d["M"], d["F"] = Ref{num, 0}, String("D:2026"), int64(132)
		d["AP"] = Dict{}
	}
}

// checkChange appends a revision to a signed file and compares what the first signature says of it.
func checkChange(t *testing.T, base []byte, changes []change, trailer, want string) {
	t.Helper()
	d := openBytes(t, base)
	before, err := d.Signatures()
	if err != nil || len(before) != 1 {
		t.Fatalf("%d signatures, %v", len(before), err)
	}
	if c, _ := before[0].Coverage(); c != document.CoversFile {
		t.Fatalf("the base is covered %s", c)
	}
	sealedValue := before[0].(*signature).ref.String()
	var objects []object
	for _, c := range changes {
		body := strings.ReplaceAll(c.body, "VALUE", sealedValue)
		if c.edit != nil {
			was, err := d.f.dict(Ref{c.num, 0})
			if err != nil {
				t.Fatal(err)
			}
			now := maps.Clone(was)
			c.edit(now)
			body = source(now)
		}
		objects = append(objects, object{c.num, body})
	}
	b := revised(t, base, trailer, objects...)
	after, err := openBytes(t, b).Signatures()
	if err != nil || len(after) < 1 {
		t.Fatalf("%d signatures, %v", len(after), err)
	}
	if len(b) > len(base) {
		if c, why := after[0].Coverage(); c != document.CoversRevision {
			t.Errorf("coverage %s: %s", c, why)
		}
	}
	if got := said(t, after[0]); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !bytes.Equal(after[0].Value(), before[0].Value()) {
		t.Error("the value of the first signature has changed")
	}
}

// said gives changes as one line, those of the worst level first.
func said(t testing.TB, s document.Signature) string {
	t.Helper()
	changes, err := s.Changes()
	if err != nil {
		return "error: " + err.Error()
	}
	var worst, rest []string
	for _, c := range changes {
		line := fmt.Sprintf("%s %s %s", c.Level, c.Code, c.Object)
		if c.Ruling != document.Unruled {
			line += " (" + string(c.Ruling) + ")"
		}
		if c.Level == document.LevelOther {
			worst = append(worst, line)
		} else {
			rest = append(rest, line)
		}
	}
	return strings.Join(append(worst, rest...), "; ")
}
