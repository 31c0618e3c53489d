package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/need"
)

// written lists the numbers of the objects in what was appended to base.
func written(base, out []byte) (nums []string) {
	for _, m := range regexp.MustCompile(`(?m)^(\d+ \d+) obj$`).FindAllSubmatch(out[len(base):], -1) {
		nums = append(nums, string(m[1]))
	}
	slices.Sort(nums)
	return nums
}

// The smallest object that holds what changes is written again, nothing above it.
func TestSmallestHolder(t *testing.T) {
	for _, c := range []struct {
		name          string
		page, catalog string
		objects       []string
		rewritten     []string // of the base, which has 4 objects and these
	}{
		{"nothing there", "", "", nil, []string{"1 0", "4 0"}},
		{"all direct", "/Annots[]", "/AcroForm<</Fields[]/DA(x)>>", nil, []string{"1 0", "4 0"}},
		{"form indirect", "", "/AcroForm 5 0 R", []string{"<</Fields[]/DA(x)>>"}, []string{"4 0", "5 0"}},
		{"fields indirect", "", "/AcroForm 5 0 R", []string{"<</Fields 6 0 R/DA(x)/SigFlags 3>>", "[]"}, []string{"4 0", "6 0"}},
		{"fields indirect, flags wanting", "", "/AcroForm 5 0 R", []string{"<</Fields 6 0 R/DA(x)/SigFlags 1>>", "[]"}, []string{"4 0", "5 0", "6 0"}},
		{"annotations indirect", "/Annots 6 0 R", "/AcroForm 5 0 R", []string{"<</Fields[]/DA(x)/NeedAppearances true>>", "[]"}, []string{"5 0", "6 0"}},
		{"annotations absent behind a reference", "/Annots 9 0 R", "/AcroForm 5 0 R", []string{"<</Fields[]/DA(x)>>"}, []string{"4 0", "5 0"}},
	} {
		base := testPDF{pages: []string{a4Page + c.page}, catalog: c.catalog, objects: c.objects}.build()
		out := sealed(t, base, sealRequest(t))
		var old []string
		for _, n := range written(base, out) {
			if n < fmt.Sprintf("%d 0", 5+len(c.objects)) && len(n) == 3 {
				old = append(old, n)
			}
		}
		if !slices.Equal(old, c.rewritten) {
			t.Errorf("%s: rewritten are %v, want %v", c.name, old, c.rewritten)
		}
		form, err := openBytes(t, out).f.newest().acroForm()
		if err != nil || form["SigFlags"] != int64(3) || strings.Contains(c.catalog, "DA(x)") && form["DA"] == nil {
			t.Errorf("%s: the form is %v, %v", c.name, form, err)
		}
		if n := form["NeedAppearances"]; (n != nil) != (c.name == "annotations indirect") {
			t.Errorf("%s: NeedAppearances is %v", c.name, n)
		}
	}
}

func TestKeepsGenerationAndNumbers(t *testing.T) {
	base := testPDF{pages: []string{a4Page}, trailer: "/ID[<0102><0304>]"}.build()
	base = bytes.ReplaceAll(base, []byte("4 0 obj"), []byte("4 7 obj"))
	base = bytes.ReplaceAll(base, []byte("4 0 R"), []byte("4 7 R"))
	i := bytes.LastIndex(base, []byte("00000 n"))
	copy(base[i:], "00007 n")
	base = bytes.Replace(base, []byte("/Size 5"), []byte("/Size 9"), 1)
	out := sealed(t, base, sealRequest(t))
	nums := written(base, out)
	if !slices.Contains(nums, "4 7") || !slices.Contains(nums, "9 0") || slices.Contains(nums, "5 0") {
		t.Errorf("written are %v: the generation is lost or a number below Size taken", nums)
	}
	d := openBytes(t, out)
	id, err := d.f.array(d.f.trailer["ID"])
	if err != nil || string(id[0].(String)) != "\x01\x02" || string(id[1].(String)) == "\x03\x04" || len(id[1].(String)) != 16 {
		t.Errorf("ID is %v, %v", id, err)
	}
	if got := len(d.f.trailer); got != 5 {
		t.Errorf("the trailer has %d keys: %v", got, d.f.trailer)
	}
}

func TestEmptyField(t *testing.T) {
	const widget = "/Type/Annot/Subtype/Widget/F 2/Rect[100 100 200 150]/P 4 0 R"
	merged := testPDF{
		pages: []string{a4Page + "/Annots[6 0 R]", a4Page}, catalog: "/AcroForm<</SigFlags 3/Fields[6 0 R]>>",
		objects: []string{"<</T(Here)/FT/Sig/Lock<</Action/Include/Fields[(x)]>>" + widget + ">>"},
	}
	split := testPDF{
		pages: []string{a4Page + "/Annots[7 0 R]", a4Page}, catalog: "/AcroForm<</SigFlags 3/Fields[6 0 R]>>",
		objects: []string{"<</T(Here)/FT/Sig/Kids[7 0 R]>>", "<</Parent 6 0 R" + widget + ">>"},
	}
	for name, p := range map[string]testPDF{"merged": merged, "apart": split} {
		for _, places := range [][]document.Place{nil, {{Page: 1, X: 50, Y: 60, Width: 20, Height: 20}}, {{Page: 2, X: 50, Y: 60, Width: 20, Height: 20}}} {
			r := sealRequest(t)
			r.Field, r.Places = "Here", places
			base := p.build()
			out := sealed(t, base, r)
			list, err := openBytes(t, out).Signatures()
			if err != nil || len(list) != 1 {
				t.Fatalf("%s: %d signatures, %v", name, len(list), err)
			}
			got := list[0].Info()
			want := document.Place{Page: 1, X: 150 * mmPerPoint, Y: 297 - 125*mmPerPoint, Width: r.Appearance.Width, Height: r.Appearance.Height} // a seal keeps its size, in the middle of the field
			if places != nil {
				want = places[0]
			}
			if got.ID != "Here" || len(got.Places) != 1 || !near(got.Places[0], want) {
				t.Errorf("%s, %v: it reads %+v", name, places, got)
			}
			if n := strings.Count(string(out[len(base):]), "/TransformMethod/FieldMDP"); name == "merged" && n != 1 {
				t.Errorf("the field's lock is in %d references", n)
			}
			if places != nil && !strings.Contains(string(out[len(base):]), "/F 132") {
				t.Error("the widget stays hidden")
			}
		}
	}
}

// A field that is there takes the first of several places; the others have fields of their own beside it, which no group holds.
func TestEmptyFieldAndMore(t *testing.T) {
	const widget = "/Type/Annot/Subtype/Widget/Rect[100 100 200 150]/P 4 0 R"
	base := testPDF{
		pages: []string{a4Page + "/Annots[7 0 R]", a4Page}, catalog: "/AcroForm<</SigFlags 3/Fields[6 0 R 8 0 R]>>",
		objects: []string{"<</T(Group)/Kids[7 0 R]>>", "<</T(Here)/FT/Sig/Parent 6 0 R" + widget + ">>", "<</T(Here-2)/FT/Tx>>"},
	}.build()
	r := sealRequest(t)
	r.Field = "Group.Here"
	r.Places = []document.Place{{Page: 2, X: 50, Y: 60, Width: 40, Height: 40}, {Page: 1, X: 50, Y: 60, Width: 40, Height: 40}, {Page: 1, X: 120, Y: 60, Width: 40, Height: 40}}
	out := sealed(t, base, r)
	list, err := openBytes(t, out).Signatures()
	if err != nil || len(list) != 1 {
		t.Fatalf("%d signatures, %v", len(list), err)
	}
	got := list[0].Info()
	if got.ID != "Group.Here, Here-3, Here-4" || len(got.Places) != 3 {
		t.Fatalf("it reads %s at %v", got.ID, got.Places)
	}
	for i, p := range got.Places {
		if !near(p, r.Places[i]) {
			t.Errorf("place %d is %+v, want %+v", i, p, r.Places[i])
		}
	}
	if p, err := list[0].Picture(); err != nil || !bytes.Equal(p.Data, r.Appearance.Data) {
		t.Errorf("its picture: %v", err)
	}
	if n := strings.Count(string(out[len(base):]), "/Subtype/Image"); n != 2 {
		t.Errorf("%d images: a picture and its mask were expected", n)
	}
	comparePlaces(t, base, out, 3)

	several := testPDF{pages: []string{a4Page + "/Annots[7 0 R 8 0 R]", a4Page}, catalog: "/AcroForm<</SigFlags 3/Fields[6 0 R]>>",
		objects: []string{"<</T(Here)/FT/Sig/Kids[7 0 R 8 0 R]>>", "<</Parent 6 0 R" + widget + ">>", "<</Parent 6 0 R" + widget + ">>"}}.build()
	r = sealRequest(t)
	r.Field = "Here"
	if _, err := trySeal(t, several, r); !errors.Is(err, fault.Denied) || !strings.Contains(err.Error(), "2 places of its own") {
		t.Errorf("a field of two widgets is moved to one place: %v", err)
	}
}

func near(a, b document.Place) bool {
	const tenth = 0.01 // mm
	return a.Page == b.Page && math.Abs(a.X-b.X) < tenth && math.Abs(a.Y-b.Y) < tenth && math.Abs(a.Width-b.Width) < tenth && math.Abs(a.Height-b.Height) < tenth
}

func TestSeveralPlacesAndNone(t *testing.T) {
	base := testPDF{pages: []string{a4Page, a4Page + "/Rotate 90", a4Page}}.build()
	r := sealRequest(t)
	r.Places = nil
	for page := range 3 {
		r.Places = append(r.Places, document.Place{Page: page + 1, X: 100, Y: 100, Width: 42, Height: 42})
	}
	r.Places = append(r.Places, document.Place{Page: 2, X: 50, Y: 50, Width: 42, Height: 42})
	out := sealed(t, base, r)
	if n := strings.Count(string(out[len(base):]), "/Subtype/Form"); n != 2 {
		t.Errorf("%d forms for two looks", n)
	}
	list, err := openBytes(t, out).Signatures()
	if err != nil || len(list) != 1 {
		t.Fatalf("%d signatures, %v", len(list), err)
	}
	places := list[0].Info().Places
	if len(places) != 4 {
		t.Fatalf("places are %v", places)
	}
	for i, p := range places {
		if !near(p, r.Places[i]) {
			t.Errorf("place %d is %+v, want %+v", i, p, r.Places[i])
		}
	}
	r.Places = nil
	out = sealed(t, out, r)
	if list, err = openBytes(t, out).Signatures(); err != nil || len(list) != 2 {
		t.Fatalf("%d signatures, %v", len(list), err)
	}
	if _, err := list[1].Picture(); !errors.Is(err, document.ErrInvisible) {
		t.Errorf("the picture of an invisible signature: %v", err)
	}
}

// The four ways of cross-reference: the new section is of the kind of the last one.
func TestXRefKinds(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain.pdf")
	if err := os.WriteFile(plain, bulk(400<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"table": {"--object-streams=disable"}, "stream": {"--object-streams=generate"},
		"linearized table": {"--linearize", "--object-streams=disable"}, "linearized stream": {"--linearize", "--object-streams=generate"},
	} {
		in := filepath.Join(dir, "in.pdf")
		if b, err := exec.Command(need.Tool(t, "qpdf"), append(args, plain, in)...).CombinedOutput(); err != nil {
			t.Fatalf("qpdf: %v %s", err, b)
		}
		base, err := os.ReadFile(in)
		if err != nil {
			t.Fatal(err)
		}
		first := sealed(t, base, sealRequest(t))
		second := sealed(t, first, sealRequest(t))
		tail := second[len(first):]
		if got, want := bytes.Contains(tail, []byte("/Type/XRef")), strings.Contains(name, "stream"); got != want || bytes.Contains(tail, []byte("\nxref\n")) == want {
			t.Errorf("%s: a stream was written: %t", name, got)
		}
		compareTools(t, base, first)
		compareTools(t, first, second)
		checkRead(t, first, second, sealRequest(t), true)
	}
}

func FuzzPrepare(f *testing.F) {
	f.Add(onePage())
	f.Add(signedForm(mdp("FieldMDP", "/Action/Exclude/Fields[(Seal1)]"), "/Lock<</Action/All/P 2>>", "/Perms<</DocMDP 7 0 R>>"))
	f.Add(testPDF{pages: []string{a4Page + "/Annots 5 0 R"}, catalog: "/AcroForm 6 0 R",
		objects: []string{"[]", "<</Fields 5 0 R>>"}, trailer: "/ID[<00><01>]", end: "\r"}.build())
	f.Add(testPDF{pages: []string{a4Page + "/Annots[5 0 R]"}, catalog: "/AcroForm<</Fields[5 0 R]>>",
		objects: []string{"<</T(Seal1)/FT/Sig/Kids[6 0 R]>>", "<</Subtype/Widget/Rect[0 0 50 50]>>"}}.build())
	small := sealRequest(f)
	small.Reserve, small.Appearance.Data = len(dummyValue), sealPNG(f, 8, 0)
	f.Fuzz(func(t *testing.T, base []byte) {
		r := small
		if len(base)%2 == 1 {
			r.Field, r.Places, r.Certify = "Seal1", nil, 3
		} else if len(base)%3 == 0 {
			half := document.Place{Page: 1, X: 20, Y: 20, Width: 40, Height: 40, Clip: document.Clip{Width: 20, Height: 40}}
			other := half
			other.Clip.X = 20
			r.Field, r.Places = "Seal1", []document.Place{half, other}
		}
		out, err := trySeal(t, base, r)
		if err != nil {
			return
		}
		list, err := openBytes(t, out).Signatures()
		if err != nil || len(list) == 0 {
			t.Fatalf("what was sealed lists %d signatures, %v", len(list), err)
		}
	})
}
