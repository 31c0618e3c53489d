package pdf

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// signedForm is a file with one signed field, A.old, whose signature dictionary and field have more entries. Objects: 5 A, 6 A.old, 7 the signature.
func signedForm(signature, field, catalog string) []byte {
	return testPDF{
		pages:   []string{a4Page},
		catalog: "/AcroForm<</SigFlags 3/Fields[5 0 R]>>" + catalog,
		objects: []string{
			"<</T(A)/Kids[6 0 R]>>",
			"<</T(old)/Parent 5 0 R/FT/Sig/V 7 0 R" + field + ">>",
			"<</Type/Sig/Filter/X/SubFilter/Y/Contents<00>/ByteRange[0 1 2 3]" + signature + ">>",
		},
	}.build()
}

func mdp(method, params string) string {
	return "/Reference[<</Type/SigRef/TransformMethod/" + method + "/TransformParams<<" + params + ">>>>]"
}

func TestPermit(t *testing.T) {
	for _, c := range []struct {
		name  string
		file  []byte
		field string
		code  string // "" where sealing is allowed
	}{
		{"plain", signedForm("", "", ""), "", ""},
		{"DocMDP 1", signedForm(mdp("DocMDP", "/P 1"), "", ""), "", "pdf-locked-docmdp"},
		{"DocMDP 2", signedForm(mdp("DocMDP", "/P 2"), "", ""), "", ""},
		{"DocMDP 3", signedForm(mdp("DocMDP", "/P 3"), "", ""), "", ""},
		{"DocMDP without P", signedForm(mdp("DocMDP", ""), "", ""), "", ""},
		{"certification in Perms only", testPDF{pages: []string{a4Page}, catalog: "/Perms<</DocMDP 5 0 R>>",
			objects: []string{"<</Type/Sig" + mdp("DocMDP", "/P 1") + ">>"}}.build(), "", "pdf-locked-docmdp"},
		{"lock with P 1", signedForm("", "/Lock<</Action/Include/Fields[]/P 1>>", ""), "", "pdf-locked-docmdp"},
		{"lock with P 2", signedForm("", "/Lock<</Action/All/P 2>>", ""), "", ""},
		{"FieldMDP All", signedForm(mdp("FieldMDP", "/Action/All"), "", ""), "", "pdf-locked-fieldmdp"},
		{"FieldMDP All with P 1", signedForm(mdp("FieldMDP", "/Action/All/P 1"), "", ""), "", "pdf-locked-docmdp"},
		{"Include it", signedForm(mdp("FieldMDP", "/Action/Include/Fields[(x)(Seal1)]"), "", ""), "", "pdf-locked-fieldmdp"},
		{"Include another", signedForm(mdp("FieldMDP", "/Action/Include/Fields[(Seal)]"), "", ""), "", ""},
		{"Include in UTF-16", signedForm(mdp("FieldMDP", "/Action/Include/Fields[<FEFF0042>]"), "", ""), "B", "pdf-locked-fieldmdp"},
		{"Exclude it", signedForm(mdp("FieldMDP", "/Action/Exclude/Fields[(Seal1)]"), "", ""), "", ""},
		{"Exclude another", signedForm(mdp("FieldMDP", "/Action/Exclude/Fields[(x)]"), "", ""), "", "pdf-locked-fieldmdp"},
		{"references of wrong types", signedForm("/Reference 5", "/Lock(x)", ""), "", ""},
		{"XFA", testPDF{pages: []string{a4Page}, catalog: "/AcroForm<</XFA[]/Fields[]>>"}.build(), "", "pdf-xfa"},
		{"signed already", signedForm("", "", ""), "A.old", "pdf-field-signed"},
		{"no signature field", signedForm("", "", ""), "A", "pdf-field-type"},
		{"damaged", append(onePage(), "\nmore"...), "", "pdf-broken-xref"},
		{"page tree in a circle", testPDF{pages: []string{"/Type/Pages/Kids[4 0 R]"}}.build(), "", "pdf-broken-pages"},
	} {
		r := sealRequest(t)
		r.Field = c.field
		_, err := trySeal(t, c.file, r)
		if p, _ := fault.PublicOf(err); p.Code != c.code || (err != nil) != (c.code != "") {
			t.Errorf("%s: want %q, got %v", c.name, c.code, err)
		}
		if strings.HasPrefix(c.code, "pdf-locked") && !errors.Is(err, fault.Denied) {
			t.Errorf("%s: %v is not Denied", c.name, err)
		}
	}
}

func TestPermitNamesGroups(t *testing.T) {
	base := testPDF{
		pages:   []string{a4Page},
		catalog: "/AcroForm<</SigFlags 3/Fields[5 0 R 8 0 R]>>",
		objects: []string{
			"<</T(old)/FT/Sig/V 6 0 R>>",
			"<</Type/Sig" + mdp("FieldMDP", "/Action/Include/Fields[(Gro)(Group.in)]") + ">>",
			"<</T(inner)/Parent 8 0 R/FT/Sig>>",
			"<</T(Group)/Kids[7 0 R 9 0 R]>>",
			"<</T(in)/Parent 8 0 R/Kids[10 0 R]>>",
			"<</T(deep)/Parent 9 0 R/FT/Sig>>",
		},
	}.build()
	for field, code := range map[string]string{"Group.inner": "", "Group.in.deep": "pdf-locked-fieldmdp"} {
		r := sealRequest(t)
		r.Field = field
		_, err := trySeal(t, base, r)
		if p, _ := fault.PublicOf(err); p.Code != code {
			t.Errorf("%s: want %q, got %v", field, code, err)
		}
	}
}

func TestPermitLimits(t *testing.T) {
	var p testPDF
	p.pages = []string{a4Page}
	var fields strings.Builder
	for i := range defaultSignatures {
		fmt.Fprintf(&fields, "%d 0 R ", 5+i)
		p.objects = append(p.objects, fmt.Sprintf("<</T(f%d)/FT/Sig/V<<>>>>", i))
	}
	p.catalog = "/AcroForm<</Fields[" + fields.String() + "]>>"
	_, err := trySeal(t, p.build(), sealRequest(t))
	if f, _ := fault.PublicOf(err); f.Code != "pdf-too-many-signatures" {
		t.Errorf("%d signatures: %v", defaultSignatures, err)
	}
}

// A certifying signature and a locking one forbid what they say, and readers other than this one take them as such.
func TestCertifyAndLock(t *testing.T) {
	r := sealRequest(t)
	r.Certify, r.Lock = 2, []string{"Locked", "锁定"}
	base := testPDF{pages: []string{a4Page}, catalog: "/AcroForm<</Fields[5 0 R 6 0 R]>>",
		objects: []string{"<</T(Locked)/FT/Sig/Rect[0 0 0 0]>>", "<</T<FEFF95015B9A>/FT/Sig/Rect[0 0 0 0]>>"}}.build()
	certified := sealed(t, base, r)
	for _, want := range []string{"/Perms<</DocMDP 7 0 R>>", "/TransformMethod/DocMDP/TransformParams<</P 2/Type/TransformParams/V/1.2>>",
		"/Data 1 0 R", "/TransformMethod/FieldMDP", "/Lock<</Action/Include"} {
		if !strings.Contains(string(certified), want) {
			t.Errorf("the file lacks %s", want)
		}
	}
	for field, code := range map[string]string{"": "", "Locked": "pdf-locked-fieldmdp", "锁定": "pdf-locked-fieldmdp"} {
		r := sealRequest(t)
		r.Field = field
		_, err := trySeal(t, certified, r)
		if p, _ := fault.PublicOf(err); p.Code != code {
			t.Errorf("field %q: want %q, got %v", field, code, err)
		}
	}
	if _, err := trySeal(t, certified, r); !errors.Is(err, fault.Denied) {
		t.Errorf("certified twice: %v", err)
	}
	r.Lock = []string{"Elsewhere"}
	if _, err := trySeal(t, base, r); !errors.Is(err, fault.Invalid) {
		t.Errorf("a field is locked that is not there: %v", err)
	}
	r.Certify, r.Lock = 1, nil
	if _, err := trySeal(t, sealed(t, onePage(), r), sealRequest(t)); !errors.Is(err, fault.Denied) {
		t.Errorf("sealed after P=1: %v", err)
	}
	changes, err := openBytes(t, sealed(t, certified, sealRequest(t))).Signatures()
	if err != nil {
		t.Fatal(err)
	}
	list, err := changes[0].Changes()
	if err != nil || document.Worst(list) != document.LevelForm {
		t.Errorf("a seal after a certification: %+v, %v", list, err)
	}
}
