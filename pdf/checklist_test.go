package pdf

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"

	"yinxin/document"
)

// Objects of richBase, a sealed file with one of everything that a revision may touch.
const (
	richPages, richPage, richContents, richForm, richText, richCheck, richAnnots = 2, 3, 4, 5, 6, 7, 8
	richGroup, richFirst, richSecond, richKidded, richKid                        = 9, 10, 11, 12, 13
	richTextLook, richOn, richOff, richKidLook, richPicture, richFont, richLayer = 14, 15, 16, 17, 18, 19, 20
	richNote, richNoteLook, richXMP, richDSS, richCerts, richAnswer, richRecord  = 21, 22, 23, 24, 25, 26, 27
	richCert, richTree, richElement, richNumbers, richLeaf, richMarks            = 28, 29, 30, 31, 32, 33
	richHidden, richShared, richLength, richEmpty, richNew                       = 34, 35, 36, 37, 60
)

func richBase(t testing.TB) []byte { return richWith(t, "", "") }

// richWith is richBase whose page has more content and resources: what else they name plays a second role.
func richWith(t testing.TB, contents, resources string) []byte {
	t.Helper()
	const box = "/Type/Annot/Subtype/Widget/F 4/P 3 0 R"
	look := func(n int) string {
		return stream("/Type/XObject/Subtype/Form/BBox[0 0 80 20]/Resources<</Font<</F1 19 0 R>>>>", fmt.Sprintf("BT /F1 9 Tf (%d) Tj ET", n))
	}
	base := raw(
		"<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Metadata 23 0 R/DSS 24 0 R/StructTreeRoot 29 0 R/MarkInfo<</Marked true>>/Names<</Dests<<>>>>"+
			"/OCProperties<</OCGs[20 0 R]/D<</ON[20 0 R]>>>>/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents[4 0 R"+contents+"]/Annots 8 0 R/StructParents 0/Resources<</XObject<</X 18 0 R>>/Font<</F1 19 0 R>>/Properties<</L 20 0 R>>"+resources+">>>>",
		"<</Length 36 0 R>>\nstream\n/X Do /OC /L BDC 0 0 9 9 re f EMC\nendstream",
		"<</Fields[6 0 R 7 0 R 9 0 R 12 0 R 35 0 R 37 0 R]/DR<</Font<</Helv 19 0 R>>>>/DA(/Helv 0 Tf)>>",
		"<</FT/Tx/T(Text)"+box+"/Rect[10 10 90 30]/V(old)/AP<</N 14 0 R>>>>",
		"<</FT/Btn/T(Check)"+box+"/Rect[10 40 30 60]/V/Off/AS/Off/AP<</N<</On 15 0 R/Off 16 0 R>>>>>>",
		"[6 0 R 7 0 R 10 0 R 11 0 R 13 0 R 21 0 R 35 0 R]",
		"<</T(Group)/Kids[10 0 R 11 0 R]>>",
		"<</FT/Tx/T(a)/Parent 9 0 R"+box+"/Rect[10 70 90 90]/V(x)>>",
		"<</FT/Tx/T(b)/Parent 9 0 R"+box+"/Rect[10 100 90 120]>>",
		"<</FT/Tx/T(Kidded)/Kids[13 0 R]>>",
		"<</Parent 12 0 R"+box+"/Rect[10 130 90 150]/AP<</N 17 0 R>>>>",
		look(14), look(15), look(16), look(17),
		stream("/Type/XObject/Subtype/Form/BBox[0 0 80 20]", "1 1 8 8 re f"),
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
		"<</Type/OCG/Name(L)>>",
		"<</Type/Annot/Subtype/Square/Rect[300 300 340 340]/C[1 0 0]/F 4/P 3 0 R/AP<</N 22 0 R>>>>",
		look(22),
		stream("/Type/Metadata/Subtype/XML", "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>"),
		"<</Certs 25 0 R/OCSPs[26 0 R]/VRI<</AB 27 0 R>>>>",
		"[28 0 R]",
		stream("", "answer"),
		"<</Cert[28 0 R]/OCSP[26 0 R]>>",
		stream("", "certificate"),
		"<</Type/StructTreeRoot/K[30 0 R]/ParentTree 31 0 R/ParentTreeNextKey 1>>",
		"<</Type/StructElem/S/Document/P 29 0 R/K[32 0 R]>>",
		"<</Nums[0 33 0 R]>>",
		"<</Type/StructElem/S/P/P 30 0 R/K 0/Pg 3 0 R>>",
		"[32 0 R]",
		stream("/Type/XObject/Subtype/Form/BBox[0 0 600 800]", "1 g 0 0 600 800 re f"),
		"<</FT/Tx/T(Shared)"+box+"/Rect[10 160 90 180]/AP<</N 18 0 R>>>>",
		"34",
		"<</FT/Sig/T(Empty)"+box+"/Rect[10 200 90 220]>>",
	)
	return sealed(t, base, sealRequest(t))
}

// editor writes a revision behind a sealed file.
type editor struct {
	t       testing.TB
	d       *Document
	seal    *signature
	dicts   map[int]Dict
	bodies  map[int]string
	order   []int
	trailer string
}

func edit(t testing.TB, base []byte) *editor {
	t.Helper()
	d := openBytes(t, base)
	if signed, err := d.Signatures(); err != nil || len(signed) == 0 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	return &editor{t: t, d: d, seal: d.signed[0], dicts: map[int]Dict{}, bodies: map[int]string{}}
}

// put writes an object; an empty body frees it.
func (e *editor) put(num int, body string) {
	if _, ok := e.bodies[num]; !ok {
		e.order = append(e.order, num)
	}
	e.bodies[num] = body
}

// set writes a dictionary again with an entry that is given as source; an empty one is left out.
func (e *editor) set(num int, key Name, value string) {
	e.t.Helper()
	if e.dicts[num] == nil {
		was, err := e.d.f.dict(e.d.f.newest().current(num))
		if err != nil || was == nil {
			e.t.Fatalf("object %d: %v", num, err)
		}
		e.dicts[num] = maps.Clone(was)
	}
	delete(e.dicts[num], key)
	if value != "" {
		o, err := newLexer(value).object(0)
		if err != nil {
			e.t.Fatal(err)
		}
		e.dicts[num][key] = o
	}
	e.put(num, source(e.dicts[num]))
}

func (e *editor) build(base []byte) []byte {
	objects := make([]object, len(e.order))
	for i, num := range e.order {
		objects[i] = object{num, e.bodies[num]}
	}
	return revised(e.t, base, e.trailer, objects...)
}

// sealField is the number of the seal's field, which is its own widget.
func (e *editor) sealField() int { return e.seal.fields[0].ref.Num }

// sealLook is the number of the seal's appearance.
func (e *editor) sealLook() int {
	ap, err := e.d.f.dict(e.seal.fields[0].dict["AP"])
	if err != nil {
		e.t.Fatal(err)
	}
	return refOf(ap["N"]).Num
}

// edition is something done behind a seal, with what must be said of it.
type edition struct {
	name  string
	level document.Level
	code  string
	do    func(e *editor)
}

func checkEditions(t *testing.T, base []byte, editions []edition) {
	t.Helper()
	for _, c := range editions {
		t.Run(c.name, func(t *testing.T) {
			e := edit(t, base)
			c.do(e)
			_, s := first(t, e.build(base))
			changes, err := s.Changes()
			if err != nil {
				t.Fatal(err)
			}
			got := said(t, s)
			if worst := document.Worst(changes); worst != c.level || !strings.Contains(got+" ", " "+c.code+" ") && c.code != "" {
				t.Errorf("%s, want %s %s: %s", worst, c.level, c.code, got)
			}
		})
	}
}

const anotherLook = "<</Type/XObject/Subtype/Form/BBox[0 0 80 20]/Length 10>>\nstream\n1 1 8 8 re\nendstream"

// TestAllowedEvidence: what may follow any signature is told of at its level, and never as a change of content.
func TestAllowedEvidence(t *testing.T) {
	const none, lta = document.LevelNone, document.LevelLTA
	checkEditions(t, richBase(t), []edition{
		{"nothing", none, "", func(*editor) {}},
		{"all written again", none, "", func(e *editor) {
			for _, n := range []int{1, richPages, richPage, richForm, richText, richNote, richDSS, richTree} {
				e.set(n, "NoSuchKey", "")
			}
		}},
		{"object nobody uses", none, "object-unused", func(e *editor) { e.put(richNew, anotherLook) }},
		{"the unused rewritten", none, "object-unused", func(e *editor) { e.put(richHidden, anotherLook) }},
		{"the unused freed", none, "", func(e *editor) { e.put(richHidden, "") }},
		{"the root renumbered", none, "", func(e *editor) {
			c, _ := e.d.f.newest().catalog()
			e.put(richNew, source(c))
			e.trailer = fmt.Sprintf("/Root %d 0 R", richNew)
		}},
		{"names moved out of the catalog", none, "", func(e *editor) {
			e.set(1, "Names", "60 0 R")
			e.put(richNew, "<</Dests 61 0 R>>")
			e.put(richNew+1, "<<>>")
		}},
		{"certificates in place", lta, "evidence-added", func(e *editor) { e.put(richCerts, "[28 0 R 60 0 R]"); e.put(richNew, stream("", "more")) }},
		{"a record more", lta, "evidence-added", func(e *editor) {
			e.set(richDSS, "VRI", "<</AB 27 0 R/CD 60 0 R>>")
			e.put(richNew, "<</Cert[28 0 R]/TU(D:2026)>>")
		}},
		{"a store elsewhere", lta, "evidence-added", func(e *editor) {
			e.set(1, "DSS", "60 0 R")
			e.put(richNew, "<</Certs[61 0 R 62 0 R]/OCSPs[26 0 R]/VRI<</AB 27 0 R>>>>")
			e.put(richNew+1, stream("", "certificate"))
			e.put(richNew+2, stream("", "other"))
		}},
		{"time stamp", lta, "timestamp-added", func(e *editor) {
			e.set(richForm, "Fields", "[6 0 R 7 0 R 9 0 R 12 0 R 35 0 R 37 0 R "+refSource(e.sealField())+" 60 0 R]")
			e.put(richNew, "<</FT/Sig/T(Stamp)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/F 132/P 3 0 R/V 61 0 R>>")
			e.put(richNew+1, strings.Replace(value, "/Type/Sig/Filter/X/SubFilter/Y", "/Type/DocTimeStamp/SubFilter/ETSI.RFC3161", 1))
		}},
		{"extension raised", lta, "extension-added", func(e *editor) {
			e.set(1, "Extensions", "<</ESIC<</BaseVersion/1.7/ExtensionLevel 5>>/ADBE<</BaseVersion/1.7/ExtensionLevel 8>>>>")
		}},
		{"version raised", lta, "version-raised", func(e *editor) { e.set(1, "Version", "/2.0") }},
		{"metadata in place", lta, "metadata-changed", func(e *editor) {
			e.put(richXMP, stream("/Type/Metadata/Subtype/XML", "<x:xmpmeta xmlns:x='adobe:ns:meta/'>new</x:xmpmeta>"))
		}},
		{"information added", lta, "metadata-changed", func(e *editor) { e.put(richNew, "<</ModDate(D:2026)>>"); e.trailer = "/Info 60 0 R" }},
	})
}

// TestAllowedFields: fields filled and signed.
func TestAllowedFields(t *testing.T) {
	const none, form = document.LevelNone, document.LevelForm
	checkEditions(t, richBase(t), []edition{
		{"text filled", form, "field-filled", func(e *editor) {
			e.set(richText, "V", "(new)")
			e.set(richText, "AP", "<</N 60 0 R>>")
			e.put(richNew, anotherLook)
		}},
		{"text filled, look in place", form, "field-filled", func(e *editor) { e.set(richText, "V", "(new)"); e.put(richTextLook, anotherLook) }},
		{"field in a group filled", form, "field-filled", func(e *editor) { e.set(richSecond, "V", "(new)"); e.set(richSecond, "Ff", "1") }},
		{"field with a widget filled", form, "field-filled", func(e *editor) {
			e.set(richKidded, "V", "(new)")
			e.set(richKid, "AP", "<</N 60 0 R>>")
			e.put(richNew, anotherLook)
		}},
		{"box checked", form, "field-filled", func(e *editor) { e.set(richCheck, "V", "/On"); e.set(richCheck, "AS", "/On") }},
		{"looks asked for", form, "form-appearances", func(e *editor) { e.set(richForm, "NeedAppearances", "true") }},
		{"fonts for fields", none, "", func(e *editor) {
			e.set(richForm, "DR", "<</Font<</Helv 19 0 R/Zadb 60 0 R>>>>")
			e.put(richNew, "<</Type/Font/BaseFont/ZapfDingbats>>")
		}},
		{"empty field signed", form, "field-signed", func(e *editor) { e.set(richEmpty, "V", "60 0 R"); e.put(richNew, value) }},
		{"tagged seal", form, "field-signed", func(e *editor) {
			e.put(richNew, "<</FT/Sig/T(New)/StructParent 1/V 61 0 R"+widget+">>")
			e.put(richNew+1, value)
			e.put(richNew+2, "<</Type/StructElem/S/Form/P 30 0 R/K<</Type/OBJR/Obj 60 0 R/Pg 3 0 R>>>>")
			e.set(richForm, "Fields", "[6 0 R 7 0 R 9 0 R 12 0 R 35 0 R 37 0 R "+refSource(e.sealField())+" 60 0 R]")
			e.put(richAnnots, annotsWith(e, "60 0 R"))
			e.set(richElement, "K", "[32 0 R 62 0 R]")
			e.set(richNumbers, "Nums", "[0 33 0 R 1 62 0 R]")
			e.set(richTree, "ParentTreeNextKey", "2")
		}},
		{"field signed in a group", form, "field-signed", func(e *editor) {
			e.set(richGroup, "Kids", "[10 0 R 11 0 R 60 0 R]")
			e.put(richNew, "<</FT/Sig/T(c)/Parent 9 0 R/V 61 0 R"+widget+">>")
			e.put(richNew+1, value)
		}},
	})
}

// TestAnnotations: what annotations look like is their own level.
func TestAnnotations(t *testing.T) {
	const note = document.LevelAnnotation
	checkEditions(t, richBase(t), []edition{
		{"look without a value", note, "field-appearance", func(e *editor) { e.put(richTextLook, anotherLook) }},
		{"note added", note, "annotation-added", func(e *editor) {
			e.put(richAnnots, annotsWith(e, "60 0 R"))
			e.put(richNew, "<</Type/Annot/Subtype/FreeText/Rect[0 0 9 9]/Contents(x)>>")
		}},
		{"note moved", note, "annotation-changed", func(e *editor) { e.set(richNote, "Rect", "[10 10 20 20]") }},
		{"note looks different", note, "annotation-changed", func(e *editor) { e.put(richNoteLook, anotherLook) }},
		{"note removed", note, "annotation-removed", func(e *editor) {
			e.put(richAnnots, strings.Replace(annotsWith(e, ""), "21 0 R ", "", 1))
			e.put(richNote, "")
			e.put(richNoteLook, "")
		}},
	})
}

func refSource(num int) string { return fmt.Sprintf("%d 0 R", num) }

// annotsWith is the list of annotations with one more.
func annotsWith(e *editor, more string) string {
	list, err := e.d.f.array(Ref{richAnnots, 0})
	if err != nil {
		e.t.Fatal(err)
	}
	return string(bytes.TrimSuffix(appendObject(nil, list), []byte("]"))) + " " + more + "]"
}
