package pdf

import (
	"fmt"
	"strings"
	"testing"

	"yinxin/document"
)

// TestSuspicions: what prepares a shadow attack is told of before sealing, and ordinary files are not suspected.
func TestSuspicions(t *testing.T) {
	file := func(catalog, page string, objects ...string) []byte {
		return testPDF{pages: []string{a4Page + page}, catalog: catalog, objects: objects}.build()
	}
	note := func(rect, more string) string {
		return "<</Type/Annot/Subtype/Square/Rect[" + rect + "]/C[1 1 1]" + more + ">>"
	}
	picture := stream("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray", "x")
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"nothing", onePage(), ""},
		{"our own", richless(t), ""},
		{"empty fields", changeBase(), ""},
		{"a picture nobody uses", file("", "", picture), "object-hidden object 5"},
		{"a page nobody uses", file("", "", "<</Type/Page/Parent 2 0 R>>"), "object-hidden object 5"},
		{"content nobody uses", file("", "", stream("", "0 0 9 9 re f")), "object-hidden object 5"},
		{"a number nobody uses", file("", "", "12"), ""},
		{"content no longer used", revised(t, file("", "/Contents 5 0 R", stream("", "q Q")), "", object{4, "<</Type/Page/Parent 2 0 R/Contents 6 0 R" + a4Page + ">>"}, object{6, stream("", "Q q")}), ""},
		{"a layer that is off", file("/OCProperties<</OCGs[5 0 R]/D<</OFF[5 0 R]>>>>", "", "<</Type/OCG/Name(L)>>"), "layer-off catalog entry OCProperties"},
		{"layers off unless named", file("/OCProperties<</OCGs[5 0 R]/D<</BaseState/OFF/ON[5 0 R]>>>>", "", "<</Type/OCG/Name(L)>>"), "layer-off catalog entry OCProperties"},
		{"a layer that is on", file("/OCProperties<</OCGs[5 0 R]/D<</ON[5 0 R]>>>>", "", "<</Type/OCG/Name(L)>>"), ""},
		{"readers draw the fields", file("/AcroForm<</Fields[]/NeedAppearances true>>", ""), "form-appearances form"},
		{"hidden note", file("", "/Annots[5 0 R]", note("10 10 90 90", "/F 2")), "annotation-hidden page 1"},
		{"note over the page", file("", "/Annots[5 0 R]", note("0 0 595 500", "")), "annotation-covers page 1"},
		{"notes over each other", file("", "/Annots[5 0 R 6 0 R]", note("10 10 90 90", ""), note("10 10 80 80", "")), "annotations-overlap page 1"},
		{"notes side by side", file("", "/Annots[5 0 R 6 0 R]", note("10 10 90 90", ""), note("90 10 170 90", "")), ""},
		{"link over a note", file("", "/Annots[5 0 R 6 0 R]", note("10 10 90 90", ""), "<</Subtype/Link/Rect[10 10 90 90]>>"), ""},
		{"fields over each other", file("/AcroForm<</Fields[5 0 R 6 0 R]>>", "/Annots[5 0 R 6 0 R]",
			"<</FT/Tx/T(A)/V(1)/Subtype/Widget/Rect[10 10 90 90]>>", "<</FT/Tx/T(B)/V(2)/Subtype/Widget/Rect[10 10 90 90]>>"), "annotations-overlap page 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := openBytes(t, c.file)
			list, err := d.Suspicions()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, x := range list {
				got = append(got, x.Code+" "+x.Object)
				if strings.HasPrefix(x.Code, "annotation") && (len(x.Places) == 0 || x.Places[0].Page != 1) {
					t.Errorf("%s: %v", x.Code, x.Places)
				}
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}

// richless is a file with two seals.
func richless(t *testing.T) []byte {
	r := sealRequest(t)
	return sealed(t, sealed(t, onePage(), r), r)
}

// TestSuspicionsBounded: large files are not looked through without end, and what is found is bounded.
func TestSuspicionsBounded(t *testing.T) {
	var objects []string
	var list strings.Builder
	for i := range 3000 {
		objects = append(objects, "<</Subtype/Square/Rect[0 0 9 9]>>", "<</Subtype/Square/Rect[0 0 9 9]>>")
		fmt.Fprintf(&list, "%d 0 R ", 5+2*i)
	}
	d := openBytes(t, testPDF{pages: []string{a4Page + "/Annots[" + list.String() + "]"}, objects: objects}.build())
	got, err := d.Suspicions()
	if err != nil || len(got) != maxSuspicions {
		t.Errorf("%d suspicions, %v", len(got), err)
	}
}

// TestSuspicionsLeaveNoTrace: the search does not make a file refused that would be sealed.
func TestSuspicionsLeaveNoTrace(t *testing.T) {
	b := testPDF{pages: []string{a4Page}, objects: []string{"<</Length 3 /X"}}.build()
	d := openBytes(t, b)
	if _, err := d.Suspicions(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Prepare(sealRequest(t)); err != nil {
		t.Error(err)
	}
	var _ document.Suspecter = d
}
