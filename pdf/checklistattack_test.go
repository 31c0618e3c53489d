package pdf

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"

	"yinxin/document"
)

// TestPageAttacks: the rows of the checklist, made on a sealed file: pages and what the catalog names.
func TestPageAttacks(t *testing.T) {
	const other = document.LevelOther
	checkEditions(t, richBase(t), []edition{
		{"contents", other, "page-changed", func(e *editor) { e.put(richContents, stream("", "0 0 99 99 re f")) }},
		{"contents cut by their length", other, "object-changed", func(e *editor) { e.put(richLength, "3") }},
		{"contents freed", other, "object-freed", func(e *editor) { e.put(richContents, "") }},
		{"resources", other, "page-changed", func(e *editor) { e.set(richPage, "Resources", "<<>>") }},
		{"font of a page", other, "page-changed", func(e *editor) { e.put(richFont, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>") }},
		{"shared picture", other, "page-changed", func(e *editor) { e.put(richPicture, anotherLook) }},
		{"shared picture as a look", other, "page-changed", func(e *editor) { e.set(richShared, "V", "(new)"); e.put(richPicture, anotherLook) }},
		{"page boxes", other, "page-changed", func(e *editor) { e.set(richPage, "CropBox", "[0 0 9 9]") }},
		{"page added", other, "page-tree-changed", func(e *editor) {
			e.set(richPages, "Kids", "[3 0 R 60 0 R]")
			e.put(richNew, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")
		}},
		{"page removed", other, "page-tree-changed", func(e *editor) { e.set(richPages, "Kids", "[]") }},
		{"page replaced", other, "page-tree-changed", func(e *editor) {
			e.set(richPages, "Kids", "[60 0 R]")
			e.put(richNew, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")
		}},
		{"page action", other, "page-changed", func(e *editor) { e.set(richPage, "AA", "<</O<</S/JavaScript/JS(x)>>>>") }},
		{"page type", other, "page-changed", func(e *editor) { e.set(richPage, "Type", "/Template") }},
		{"the hidden shown", other, "page-changed", func(e *editor) { e.set(richPage, "Contents", "[4 0 R 34 0 R]") }},
		{"the hidden as a layer", other, "catalog-changed", func(e *editor) { e.set(1, "OCProperties", "<</OCGs[20 0 R]/D<</OFF[20 0 R]>>>>") }},
		{"layer renamed", other, "catalog-changed", func(e *editor) { e.set(richLayer, "Intent", "/Design") }},
		{"another catalog", other, "catalog-changed", func(e *editor) {
			c, _ := e.d.f.newest().catalog()
			c = maps.Clone(c)
			c["Pages"] = Ref{richNew + 1, 0}
			e.put(richNew, source(c))
			e.put(richNew+1, "<</Type/Pages/Kids[]/Count 0>>")
			e.trailer = "/Root 60 0 R"
		}},
		{"open action", other, "catalog-changed", func(e *editor) { e.set(1, "OpenAction", "<</S/JavaScript/JS(x)>>") }},
		{"files embedded", other, "catalog-changed", func(e *editor) {
			e.set(1, "Names", "<</Dests<<>>/EmbeddedFiles<</Names[(a)60 0 R]>>>>")
			e.put(richNew, "<</Type/Filespec>>")
		}},
		{"scripts", other, "catalog-changed", func(e *editor) { e.set(1, "Names", "<</Dests<<>>/JavaScript<</Names[]>>>>") }},
		{"permissions", other, "catalog-changed", func(e *editor) { e.set(1, "Perms", "<</DocMDP "+e.seal.ref.String()+">>") }},
		{"catalog type", other, "catalog-changed", func(e *editor) { e.set(1, "Type", "/Pages") }},
		{"version lowered", other, "catalog-changed", func(e *editor) { e.set(1, "Version", "/x") }},
		{"extension lowered", other, "catalog-changed", func(e *editor) { e.set(1, "Extensions", "<</ESIC<</BaseVersion/1.7/ExtensionLevel 0>>>>") }},
		{"extension removed", other, "catalog-changed", func(e *editor) { e.set(1, "Extensions", "<<>>") }},
	})
}

// TestStoreAttacks: evidence, metadata and the structure tree.
func TestStoreAttacks(t *testing.T) {
	const other = document.LevelOther
	checkEditions(t, richBase(t), []edition{
		{"store removed", other, "dss-shrunk", func(e *editor) { e.set(1, "DSS", "") }},
		{"store emptied", other, "dss-shrunk", func(e *editor) { e.set(richDSS, "OCSPs", "[]") }},
		{"record removed", other, "dss-shrunk", func(e *editor) { e.set(richDSS, "VRI", "<<>>") }},
		{"record emptied", other, "dss-shrunk", func(e *editor) { e.set(richRecord, "OCSP", "[]") }},
		{"store no dictionary", other, "dss-malformed", func(e *editor) { e.set(1, "DSS", "60 0 R"); e.put(richNew, "(text)") }},
		{"store with a page", other, "dss-malformed", func(e *editor) { e.put(richCerts, "[28 0 R 3 0 R]") }},
		{"store with more", other, "dss-malformed", func(e *editor) { e.set(richDSS, "More", "60 0 R"); e.put(richNew, anotherLook) }},
		{"certificate overwritten", other, "object-changed", func(e *editor) { e.put(richCert, stream("", "other")) }},

		{"metadata no XML", other, "catalog-changed", func(e *editor) { e.put(richXMP, stream("/Type/Metadata/Subtype/XML", "<a><b></a>")) }},
		{"metadata with entities", other, "catalog-changed", func(e *editor) {
			e.put(richXMP, stream("/Type/Metadata/Subtype/XML", `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>`))
		}},
		{"metadata a picture", other, "catalog-changed", func(e *editor) { e.put(richXMP, anotherLook) }},
		{"information no text", other, "info-changed", func(e *editor) { e.put(richNew, "<</Title 18 0 R>>"); e.trailer = "/Info 60 0 R" }},

		{"structure rewritten", other, "structure-changed", func(e *editor) { e.set(richMarks-1, "K", "1") }},
		{"structure reordered", other, "structure-changed", func(e *editor) { e.set(richElement, "K", "[]") }},
		{"structure with new text", other, "structure-changed", func(e *editor) {
			e.set(richElement, "K", "[32 0 R 60 0 R]")
			e.put(richNew, "<</Type/StructElem/S/P/P 30 0 R/K 1/ActualText(other)>>")
		}},
		{"structure removed", other, "catalog-changed", func(e *editor) { e.set(1, "StructTreeRoot", "") }},
	})
}

// TestAnnotationAttacks: annotations that do more than mark, and widgets taken away.
func TestAnnotationAttacks(t *testing.T) {
	const other, note = document.LevelOther, document.LevelAnnotation
	checkEditions(t, richBase(t), []edition{
		{"evil annotation", note, "annotation-added", func(e *editor) {
			e.put(richAnnots, annotsWith(e, "60 0 R"))
			e.put(richNew, "<</Subtype/Stamp/Rect[0 0 600 800]>>")
		}},
		{"file attached", other, "annotation-forbidden", func(e *editor) {
			e.put(richAnnots, annotsWith(e, "60 0 R"))
			e.put(richNew, "<</Subtype/FileAttachment/Rect[0 0 9 9]>>")
		}},
		{"annotation with a script", other, "annotation-forbidden", func(e *editor) { e.set(richNote, "A", "<</S/JavaScript/JS(x)>>") }},
		{"annotation of another kind", other, "annotation-forbidden", func(e *editor) { e.set(richNote, "Subtype", "/Widget") }},
		{"annotation of another type", other, "annotation-forbidden", func(e *editor) { e.set(richNote, "Type", "/Page") }},
		{"annotations reordered", other, "annotations-reordered", func(e *editor) { e.put(richAnnots, "[7 0 R 6 0 R"+annotsWith(e, "")[len("[6 0 R 7 0 R"):]) }},
		{"widget taken off the page", other, "widget-removed", func(e *editor) { e.put(richAnnots, strings.Replace(annotsWith(e, ""), "6 0 R ", "", 1)) }},
		{"seal taken off the page", other, "widget-removed", func(e *editor) {
			e.put(richAnnots, strings.Replace(annotsWith(e, ""), refSource(e.sealField()), "", 1))
		}},
	})
}

// fieldsWith is the list of fields with one more.
func fieldsWith(e *editor, more string) string {
	return "[6 0 R 7 0 R 9 0 R 12 0 R 35 0 R 37 0 R " + refSource(e.sealField()) + " " + more + "]"
}

// TestSealAttacks: the seal itself and fields beside it.
func TestSealAttacks(t *testing.T) {
	const other = document.LevelOther
	checkEditions(t, richBase(t), []edition{
		{"seal's look replaced", other, "signed-field-changed", func(e *editor) { e.set(e.sealField(), "AP", "<</N 60 0 R>>"); e.put(richNew, anotherLook) }},
		{"seal's look in place", other, "signed-appearance-changed", func(e *editor) { e.put(e.sealLook(), anotherLook) }},
		{"seal's picture in place", other, "signed-appearance-changed", func(e *editor) {
			form, _ := e.d.f.dict(Ref{e.sealLook(), 0})
			resources, _ := e.d.f.dict(form["Resources"])
			pictures, _ := e.d.f.dict(resources["XObject"])
			for _, k := range sortedKeys(pictures) {
				was, _ := e.d.f.dict(pictures[k])
				e.put(refOf(pictures[k]).Num, stream("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/SMask "+source(was["SMask"]), "x"))
			}
		}},
		{"seal moved", other, "signed-field-changed", func(e *editor) { e.set(e.sealField(), "Rect", "[0 0 9 9]") }},
		{"seal enlarged", other, "signed-field-changed", func(e *editor) { e.set(e.sealField(), "Rect", "[0 0 600 800]") }},
		{"seal hidden", other, "signed-field-changed", func(e *editor) { e.set(e.sealField(), "F", "2") }},
		{"seal's value exchanged", other, "signed-field-changed", func(e *editor) {
			e.set(richEmpty, "V", refSource(e.seal.ref.Num))
			e.set(e.sealField(), "V", "60 0 R")
			e.put(richNew, value)
		}},
		{"seal's lock", other, "signed-field-changed", func(e *editor) { e.set(e.sealField(), "Lock", "<</Action/All>>") }},
		{"seal's field renamed", other, "signed-field-changed", func(e *editor) { e.set(e.sealField(), "T", "(Other)") }},
		{"seal's value shared later", other, "value-shared", func(e *editor) { e.set(richEmpty, "V", e.seal.ref.String()) }},
		{"field removed", other, "field-removed", func(e *editor) { e.set(richForm, "Fields", "[6 0 R "+refSource(e.sealField())+"]") }},
		{"field twice", other, "field-added", func(e *editor) { e.set(richForm, "Fields", fieldsWith(e, "6 0 R")) }},
		{"field of a name that is", other, "field-duplicate", func(e *editor) {
			e.set(richForm, "Fields", fieldsWith(e, "60 0 R"))
			e.put(richNew, "<</FT/Sig/T(Text)"+widget+">>")
		}},
		{"field of a group's name", other, "field-duplicate", func(e *editor) {
			e.set(richForm, "Fields", fieldsWith(e, "60 0 R"))
			e.put(richNew, "<</FT/Sig/T(Group)"+widget+">>")
		}},
		{"name twice in a group", other, "field-duplicate", func(e *editor) {
			e.set(richGroup, "Kids", "[10 0 R 11 0 R 60 0 R]")
			e.put(richNew, "<</FT/Sig/T(a)/Parent 9 0 R"+widget+">>")
		}},
		{"sneaky signature without a value", other, "field-unsigned", func(e *editor) {
			e.set(richForm, "Fields", fieldsWith(e, "60 0 R"))
			e.put(richNew, "<</FT/Sig/T(New)"+widget+"/AP<</N 61 0 R>>>>")
			e.put(richNew+1, anotherLook)
		}},
		{"text field added", other, "field-added", func(e *editor) {
			e.set(richForm, "Fields", fieldsWith(e, "60 0 R"))
			e.put(richNew, "<</FT/Tx/T(New)/V(x)"+widget+">>")
		}},
	})
}

// TestFieldAttacks: other fields and the form.
func TestFieldAttacks(t *testing.T) {
	const other, note, form = document.LevelOther, document.LevelAnnotation, document.LevelForm
	checkEditions(t, richBase(t), []edition{
		{"field of another kind", other, "field-changed", func(e *editor) { e.set(richText, "FT", "/Btn") }},
		{"field's type", other, "field-changed", func(e *editor) { e.set(richText, "Type", "/Page") }},
		{"field's parent", other, "field-changed", func(e *editor) { e.set(richFirst, "Parent", "12 0 R") }},
		{"field's kids", other, "field-changed", func(e *editor) { e.set(richKidded, "Kids", "[13 0 R 6 0 R]") }},
		{"group's kids", other, "field-removed", func(e *editor) { e.set(richGroup, "Kids", "[10 0 R]") }},
		{"field renamed", other, "field-changed", func(e *editor) { e.set(richText, "T", "(Other)") }},
		{"field moved", other, "field-changed", func(e *editor) { e.set(richText, "Rect", "[0 0 600 800]") }},
		{"field hidden", other, "field-changed", func(e *editor) { e.set(richText, "F", "2") }},
		{"field with a script", other, "field-changed", func(e *editor) { e.set(richText, "AA", "<</K<</S/JavaScript/JS(x)>>>>") }},
		{"field's default value", other, "field-changed", func(e *editor) { e.set(richText, "DV", "(x)") }},
		{"value of another type", other, "field-changed", func(e *editor) { e.set(richText, "V", "/Name") }},
		{"value under a widget", other, "field-changed", func(e *editor) { e.set(richKid, "V", "(x)") }},
		{"box that looks checked", note, "field-appearance", func(e *editor) { e.set(richCheck, "AS", "/On") }},
		{"value swapped", form, "field-filled", func(e *editor) { e.set(richText, "V", "(1000000)") }},
		{"fonts of the form", other, "form-changed", func(e *editor) {
			e.set(richForm, "DR", "<</Font<</Helv 60 0 R>>>>")
			e.put(richNew, "<</Type/Font/BaseFont/Symbol>>")
		}},
		{"form scripts", other, "form-changed", func(e *editor) { e.set(richForm, "CO", "[6 0 R]") }},
		{"dynamic form", other, "form-changed", func(e *editor) { e.set(richForm, "XFA", "60 0 R"); e.put(richNew, stream("", "<xdp/>")) }},
	})
}

// TestSignatureReplaced: the dictionary of a signature may not be written again, whatever is kept of it.
func TestSignatureReplaced(t *testing.T) {
	base := richBase(t)
	e := edit(t, base)
	e.set(e.seal.ref.Num, "Reason", "(Another)")
	d := openBytes(t, e.build(base))
	signed, err := d.Signatures()
	if err != nil || len(signed) != 1 {
		t.Fatalf("%d signatures, %v", len(signed), err)
	}
	if is := signed[0].Info(); is.Standing != document.Removed || is.Gone != 3 { // the new one is malformed: its gap is not where ByteRange has it
		t.Errorf("%+v", is)
	}
	if changes, err := signed[0].Changes(); err != nil || len(changes) == 0 || changes[0].Code != "signature-replaced" {
		t.Errorf("%v, %v", changes, err)
	}
	second := sealed(t, base, sealRequest(t))
	d = openBytes(t, second)
	if _, err := d.Signatures(); err != nil {
		t.Fatal(err)
	}
	e = edit(t, second)
	e.set(d.signed[1].ref.Num, "Name", "(Another)")
	_, s := first(t, e.build(second))
	if got := said(t, s); !strings.Contains(got, "OTHER signature-replaced field Seal2") {
		t.Errorf("the first says %s", got)
	}
}

// TestDoubleRoles: an object that is what may change and something else as well may not change.
func TestDoubleRoles(t *testing.T) {
	base := func(page string) []byte {
		return patchRange(raw("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 6 0 R]>>/DSS 9 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
			"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Annots[6 0 R 8 0 R]"+page+">>", "<</FT/Sig/T(S)/V 5 0 R>>", sigDict(""),
			"<</FT/Tx/T(T)/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/P 3 0 R/AP<</N 7 0 R>>>>", anotherLook,
			"<</Type/Annot/Subtype/Square/Rect[0 0 9 9]/CA 1/Popup 13 0 R/AP<</N 12 0 R>>>>", "<</Certs 10 0 R>>", "[11 0 R]", stream("", "c"), anotherLook,
			"<</Subtype/Popup/Rect[0 0 9 9]/Parent 8 0 R>>"))
	}
	for _, c := range []struct {
		name, page string
		object     object
	}{
		{"annotation", "/Resources<</ExtGState<</G 8 0 R>>>>", object{8, "<</Type/Annot/Subtype/Square/Rect[0 0 9 9]/CA 0/Popup 13 0 R/AP<</N 12 0 R>>>>"}},
		{"annotation under a name of its own", "/Resources<</ExtGState<</Popup 8 0 R>>>>", object{8, "<</Type/Annot/Subtype/Square/Rect[0 0 9 9]/CA 0/Popup 13 0 R/AP<</N 12 0 R>>>>"}},
		{"annotation by another that is resources", "/Resources<</ExtGState 13 0 R>>", object{8, "<</Type/Annot/Subtype/Square/Rect[0 0 9 9]/CA 0/Popup 13 0 R/AP<</N 12 0 R>>>>"}},
		{"field", "/Resources<</XObject 6 0 R>>", object{6, "<</FT/Tx/T(T)/Type/Annot/Subtype/Widget/Rect[0 0 9 9]/P 3 0 R/V(x)/AP<</N 12 0 R>>>>"}},
		{"look of a field that is resources", "/Resources<</XObject 6 0 R>>", object{7, stream("/Type/XObject/Subtype/Form/BBox[0 0 80 20]", "x")}},
		{"look of an annotation that is resources", "/Resources<</XObject 8 0 R>>", object{12, stream("/Type/XObject/Subtype/Form/BBox[0 0 80 20]", "x")}},
		{"look", "/Contents 7 0 R", object{7, stream("/Type/XObject/Subtype/Form/BBox[0 0 80 20]", "x")}},
		{"store", "/Contents 10 0 R", object{10, "[11 0 R 20 0 R]"}},
		{"store above", "/Resources<</ExtGState 9 0 R>>", object{10, "[11 0 R 20 0 R]"}},
	} {
		for _, shared := range []bool{true, false} {
			page := ""
			if shared {
				page = c.page
			}
			_, s := first(t, revised(t, base(page), "", c.object, object{20, stream("", "d")}))
			changes, err := s.Changes()
			if err != nil || (document.Worst(changes) == document.LevelOther) != shared {
				t.Errorf("%s, shared %v: %s, %v", c.name, shared, said(t, s), err)
			}
		}
	}
}

// TestBytesAround: what stands before the header, between revisions or behind the last.
func TestBytesAround(t *testing.T) {
	base := richBase(t)
	if d, s := first(t, append([]byte("GIF89a\n"), base...)); d != nil {
		if changes, err := s.Changes(); err == nil {
			t.Errorf("before the header: %v", changes)
		}
	}
	for name, tail := range map[string]string{"text": "x", "comment": "% x", "an object": "60 0 obj\n<<>>\nendobj\n", "a tail": "startxref\n9\n%%EOF\n"} {
		d, err := openReader(append(bytes.Clone(base), "\n"+tail...))
		if err != nil {
			continue // no reader is sure of what it sees
		}
		signed, err := d.Signatures()
		if err != nil || len(signed) != 1 {
			t.Fatalf("%s: %d signatures, %v", name, len(signed), err)
		}
		if changes, err := signed[0].Changes(); err == nil && document.Worst(changes) != document.LevelOther {
			t.Errorf("%s: %v", name, changes)
		}
	}
}

// TestHybridViews: a revision that shows old readers another object than new ones.
func TestHybridViews(t *testing.T) {
	base := richBase(t)
	hybrid := func(page, hidden string) []byte {
		d := openBytes(t, base)
		b := append(bytes.Clone(base), '\n')
		at := len(b)
		b = fmt.Appendf(b, "3 0 obj\n%s\nendobj\n", page)
		row := []byte{1, byte(at >> 16), byte(at >> 8), byte(at), 0, 0}
		table := fmt.Sprintf("3 1\n%010d 00000 n \n", at)
		switch hidden {
		case "elsewhere":
			other := len(b)
			b = fmt.Appendf(b, "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>\nendobj\n")
			row[1], row[2], row[3] = byte(other>>16), byte(other>>8), byte(other)
		case "free":
			table = "3 1\n0000000000 00001 f \n"
		case "alone": // the table says nothing, so old readers keep the old page
			table = "0 0\n"
		case "alone, with a copy": // and what that shows may be changed where only the field is said to show it
			table = fmt.Sprintf("60 1\n%010d 00000 n \n", len(b))
			b = fmt.Appendf(b, "60 0 obj\n%s\nendobj\n", stream("/Type/XObject/Subtype/Form/BBox[0 0 80 20]", "1 1 8 8 re f"))
		}
		xref := len(b)
		b = fmt.Appendf(b, "70 0 obj\n<</Type/XRef/W[1 3 2]/Size 71/Index[3 1]/Root 1 0 R/Length %d>>\nstream\n%s\nendstream\nendobj\n", len(row), row)
		start := len(b)
		return fmt.Appendf(b, "xref\n%strailer\n<</Size 71/Root 1 0 R/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", table, d.f.sections[0].offset, xref, start)
	}
	page, _ := openBytes(t, base).f.dict(Ref{richPage, 0})
	for hidden, want := range map[string]string{"": "", "elsewhere": "OTHER hybrid-views object 3", "free": "OTHER hybrid-views object 3",
		"alone": "", "alone, with a copy": "OTHER hybrid-views object 3"} {
		is := with(page, "Tabs", Name("S"))
		if strings.HasSuffix(hidden, "copy") {
			resources, _ := is["Resources"].(Dict)
			is = with(is, "Resources", with(resources, "XObject", Dict{"X": Ref{60, 0}}))
		}
		_, s := first(t, hybrid(source(is), hidden))
		if got := said(t, s); !strings.HasPrefix(got, want) || want == "" && strings.Contains(got, "OTHER") {
			t.Errorf("%s: %s", hidden, got)
		}
	}
}
