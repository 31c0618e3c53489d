package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
)

// memory is a document.Sink in memory.
type memory struct{ b []byte }

func (m *memory) Write(p []byte) (int, error) {
	m.b = append(m.b, p...)
	return len(p), nil
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 || off+int64(len(p)) > int64(len(m.b)) {
		return 0, errors.New("written behind the end")
	}
	return copy(m.b[off:], p), nil
}

func sm3(alg string) (hash.Hash, error) {
	if alg != "" {
		return nil, fmt.Errorf("a PDF names no algorithm, %q was asked", alg)
	}
	return gm.NewSM3(), nil
}

// testPDF is a base made by hand: a classic table, pages of given entries, more objects at will.
type testPDF struct {
	pages   []string // entries of the pages besides Type, Parent and Resources
	catalog string   // more entries
	trailer string   // more entries
	objects []string // from number 4 + len(pages) on
	end     string   // behind %%EOF; "" ends the file right there
}

// a4Page is the entries of an A4 page.
const a4Page = "/MediaBox[0 0 595.276 841.89]"

func (p testPDF) build() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	object := func(body string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
	}
	var kids []string
	for i := range p.pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 4+i))
	}
	object("<</Type/Catalog/Pages 2 0 R" + p.catalog + ">>")
	object(fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(kids), strings.Join(kids, " ")))
	object("<</Title(A base)>>")
	for _, page := range p.pages {
		object("<</Type/Page/Parent 2 0 R/Resources<<>>" + page + ">>")
	}
	for _, o := range p.objects {
		object(o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R/Info 3 0 R%s>>\nstartxref\n%d\n%%%%EOF%s", len(offsets)+1, p.trailer, start, p.end)
	return b.Bytes()
}

// onePage is a file of one A4 page that ends right behind %%EOF.
func onePage() []byte { return testPDF{pages: []string{a4Page}}.build() }

// sealRequest asks for a seal of 40 mm in the middle of the first page.
func sealRequest(t testing.TB) document.Request {
	return document.Request{
		Kind: document.Seal, Profile: "GM.sm2seal", Name: "示例市数据局", Reason: "Test (1)", Reserve: 3000,
		Time:       time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", 8*3600)),
		Places:     []document.Place{{Page: 1, X: 105, Y: 148, Width: 40, Height: 40}},
		Appearance: document.Picture{Type: "PNG", Data: sealPNG(t, 120, 23622), Width: 40, Height: 40},
	}
}

func openBytes(t testing.TB, b []byte) *Document {
	t.Helper()
	d, err := open(context.Background(), bytes.NewReader(b), int64(len(b)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// dummyValue is what stands for a signature value: DER, so that readers find its end.
var dummyValue = []byte{0x30, 0x82, 0x01, 0x00, 255: 0x55, 259: 0x55}

// sealed seals base with a dummy value and checks what holds for every file: the base is an exact prefix and the digest is that of all bytes but the
// hole.
func sealed(t testing.TB, base []byte, r document.Request) []byte {
	t.Helper()
	out, err := trySeal(t, base, r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func trySeal(t testing.TB, base []byte, r document.Request) ([]byte, error) {
	t.Helper()
	d, err := open(context.Background(), bytes.NewReader(base), int64(len(base)), document.Options{})
	if err != nil {
		return nil, err
	}
	dr, err := d.Prepare(r)
	if err != nil {
		return nil, err
	}
	var m memory
	digest, err := dr.Copy(&m, sm3)
	if err != nil {
		t.Fatal(err)
	}
	if err := dr.Finish(&m, dummyValue); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(m.b, base) {
		t.Fatal("the base is no prefix of the sealed file")
	}
	checkDigest(t, m.b, digest, dr.Property(), r.Reserve)
	return m.b, nil
}

// checkDigest takes the last ByteRange of the file as a stranger would, hashes its ranges and looks at what lies between them.
func checkDigest(t testing.TB, b, digest []byte, property string, reserve int) {
	t.Helper()
	at := bytes.LastIndex(b, []byte("/ByteRange"))
	var r [4]int
	if _, err := fmt.Sscanf(string(b[at:min(at+80, len(b))]), "/ByteRange[%d %d %d %d]", &r[0], &r[1], &r[2], &r[3]); err != nil {
		t.Fatalf("ByteRange: %v", err)
	}
	if r[0] != 0 || r[1] >= r[2] || r[2]+r[3] != len(b) {
		t.Fatalf("ranges %v of %d bytes", r, len(b))
	}
	h := gm.NewSM3()
	h.Write(b[:r[1]])
	h.Write(b[r[2] : r[2]+r[3]])
	if !bytes.Equal(h.Sum(nil), digest) {
		t.Error("the digest is not that of the ranges")
	}
	hole := b[r[1]:r[2]]
	value := fmt.Sprintf("%x", dummyValue)
	if want := "<" + value + strings.Repeat("0", 2*reserve-len(value)) + ">"; string(hole) != want {
		t.Errorf("the hole holds %.40s… (%d bytes)", hole, len(hole))
	}
	if want := fmt.Sprintf("ByteRange:[%d,%d,%d,%d]", r[0], r[1], r[2], r[3]); property != want {
		t.Errorf("Property is %s, want %s", property, want)
	}
}

func TestPrepareWrites(t *testing.T) {
	base := onePage()
	out := sealed(t, base, sealRequest(t))
	tail := string(out[len(base):])
	for _, want := range []string{
		"\n5 0 obj", // an end of line first, then a number that was free
		"/Type/Sig>>", "/SubFilter/GM.sm2seal", "/Filter/Yinxin.Seal", "/M(D:20260303210607Z)", "/Reason(Test \\(1\\))",
		"/Name<feff793a4f8b5e026570636e5c40>", "/T(Seal1)", "/F 132", "/SigFlags 3", "q 113.3858 0 0 113.3858 0 0 cm /Seal Do Q", "/Prev ",
		"\n%%EOF\n", "/P 4 0 R", "/Annots[", "/YX.PPM 23622",
	} {
		if !strings.Contains(tail, want) {
			t.Errorf("the increment lacks %q", want)
		}
	}
	for _, never := range []string{"NeedAppearances", "Encrypt", "XRefStm", "\n2 0 obj", "\n3 0 obj"} {
		if strings.Contains(tail, never) {
			t.Errorf("the increment holds %q", never)
		}
	}
	if again := sealed(t, base, sealRequest(t)); !bytes.Equal(again, out) {
		t.Error("the same request gives another file")
	}
	// A second seal writes AcroForm and the page again, not the catalog.
	second := sealed(t, out, sealRequest(t))
	tail = string(second[len(out):])
	if !strings.Contains(tail, "/T(Seal2)") || strings.Contains(tail, "/Type/Catalog") {
		t.Error("the second seal is no Seal2 or rewrites the catalog")
	}
}

func TestCopyAndFinishOnce(t *testing.T) {
	dr, err := openBytes(t, onePage()).Prepare(sealRequest(t))
	if err != nil {
		t.Fatal(err)
	}
	var m memory
	if err := dr.Finish(&m, nil); err == nil {
		t.Error("Finish works before Copy")
	}
	if _, err := dr.Copy(&m, sm3); err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(m.b)
	if _, err := dr.Copy(&m, sm3); err == nil {
		t.Error("Copy works twice")
	}
	if err := dr.Finish(&m, make([]byte, 3001)); !errors.Is(err, fault.Limit) {
		t.Errorf("a value too long: %v", err)
	}
	if !bytes.Equal(before, m.b) {
		t.Error("what failed wrote something")
	}
	if err := dr.Finish(&m, make([]byte, 3000)); err != nil {
		t.Errorf("a value that just fits: %v", err)
	}
	if err := dr.Finish(&m, nil); err == nil {
		t.Error("Finish works twice")
	}
}

func TestPrepareRefusesRequests(t *testing.T) {
	d := openBytes(t, onePage())
	for code, change := range map[string]func(*document.Request){
		"pdf-profile":      func(r *document.Request) { r.Profile = "" },
		"pdf-reserve":      func(r *document.Request) { r.Reserve = 0 },
		"pdf-certify":      func(r *document.Request) { r.Certify = 4 },
		"pdf-picture":      func(r *document.Request) { r.Appearance.Data = []byte("GIF89a") },
		"pdf-field-name":   func(r *document.Request) { r.Field = "a.b" },
		"pdf-no-such-page": func(r *document.Request) { r.Places[0].Page = 2 },
		"pdf-place":        func(r *document.Request) { r.Places[0].X = -30 },
		"pdf-place-twice":  func(r *document.Request) { r.Places = append(r.Places, r.Places[0]) },
	} {
		r := sealRequest(t)
		change(&r)
		_, err := d.Prepare(r)
		if p, _ := fault.PublicOf(err); p.Code != code || !errors.Is(err, fault.Invalid) {
			t.Errorf("want %s, got %v", code, err)
		}
	}
}
