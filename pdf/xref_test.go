package pdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// small is a readable file of three objects.
func small() []byte {
	return raw("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")
}

func TestTolerated(t *testing.T) {
	edit := func(old, instead string) []byte {
		b := bytes.Replace(small(), []byte(old), []byte(instead), 1)
		if bytes.Equal(b, small()) {
			t.Fatalf("%q is not in the file", old)
		}
		return b
	}
	junk := append([]byte("HTTP/1.1 200\r\n\r\n"), small()...)
	for _, c := range []struct {
		name string
		file []byte
		want string // what is said to be tolerated; "" where nothing is
	}{
		{"good", small(), ""},
		{"cr", bytes.ReplaceAll(bytes.ReplaceAll(small(), []byte(" \n"), []byte(" \r")), []byte("%%EOF\n"), []byte("%%EOF\r")), ""},
		{"no end of line", bytes.TrimSuffix(small(), []byte("\n")), ""},
		{"comment", edit("startxref", "%a comment\nstartxref"), ""},
		{"junk before", junk, "bytes before %PDF-"},
		{"junk behind", append(small(), "</html>"...), "bytes behind the last %%EOF"},
		{"no eof", bytes.TrimSuffix(small(), []byte("%%EOF\n")), "%%EOF is missing"},
		{"small size", edit("/Size 4", "/Size 3"), "Size is not beyond"},
		{"odd rows", bytes.ReplaceAll(small(), []byte(" n \n"), []byte(" n\n")), "not 20 bytes long"},
		{"startxref before", edit("\nxref\n0 4", "\n\n\nxref\n0 4"), "starts behind white space"},
		{"entry nowhere", edit("0000000009", "0000000000"), "points outside its revision"},
	} {
		d, err := openReader(c.file)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var said []string
		for _, r := range d.f.repairs {
			said = append(said, r.What)
		}
		if text := strings.Join(said, "; "); (text == "") != (c.want == "") || !strings.Contains(text, c.want) {
			t.Errorf("%s: tolerated %q, want %q", c.name, text, c.want)
		}
		if (d.f.strict() == nil) != (c.want == "") {
			t.Errorf("%s: strict says %v", c.name, d.f.strict())
		}
		if pages, err := d.Pages(); c.name != "entry nowhere" && (err != nil || len(pages) != 1) {
			t.Errorf("%s: %d pages, %v", c.name, len(pages), err)
		}
	}
}

func TestUnreadable(t *testing.T) {
	for name, edit := range map[string][2]string{
		"startxref":     {"startxref\n", "startxref\n9"},
		"not a number":  {"startxref\n", "startxref\nz"},
		"header":        {"%PDF-", "%PDX-"},
		"xref":          {"xref\n0 4", "xfer\n0 4"},
		"row":           {"0000000009 00000 n", "000000000x 00000 n"},
		"generation":    {"0000000009 00000 n", "0000000009 99999 n"},
		"entry kind":    {"0000000009 00000 n", "0000000009 00000 x"},
		"trailer":       {"trailer\n<<", "trailer\n[<"},
		"root":          {"/Root 1 0 R", "/Root (x)"},
		"first of rows": {"xref\n0 4", "xref\n-1 4"},
	} {
		b := bytes.Replace(small(), []byte(edit[0]), []byte(edit[1]), 1)
		_, err := openReader(b)
		var p *ParseError
		if !errors.As(err, &p) || p.Offset < 0 || !strings.Contains(err.Error(), fmt.Sprintf("offset %d", p.Offset)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(ctx, bytes.NewReader(small()), int64(len(small())), openOptions); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestViews: every revision shows the objects as they were; freed objects and other generations are absent.
func TestViews(t *testing.T) {
	b := small()
	for i := range 30 { // more than are looked through one by one
		body := fmt.Sprintf("<</N %d>>", i)
		if i%7 == 6 {
			body = ""
		}
		b = revised(t, b, "", object{10, body}, object{11 + i, "(x)"})
	}
	f := openBytes(t, b).f
	if err := f.strict(); err != nil {
		t.Fatal(err)
	}
	if len(f.revisions) != 31 || f.maxObject() != 40 {
		t.Fatalf("%d revisions, highest object %d", len(f.revisions), f.maxObject())
	}
	for k := range f.revisions {
		var want Object
		if i := k - 1; i >= 0 && i%7 != 6 {
			want = Dict{"N": int64(i)}
		}
		got, err := f.at(k).get(Ref{10, 0})
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("revision %d: %v, %v; want %v", k, got, err, want)
		}
		if own := f.at(k).writtenIn(3); own != 0 {
			t.Errorf("revision %d: object 3 was written in %d", k, own)
		}
		if o, _ := f.at(k).get(Ref{10, 1}); o != nil {
			t.Errorf("revision %d: another generation is %v", k, o)
		}
		if o, _ := f.at(k).get(Ref{11 + k, 0}); o != nil {
			t.Errorf("revision %d shows a later object", k)
		}
	}
}

// TestKindsOfSections: object streams, hybrid files and tables give the same objects.
func TestKindsOfSections(t *testing.T) {
	b := packed([]object{{1, "<</Type/Catalog/Pages 2 0 R>>"}, {2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"}, {3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"}}, "/Root 1 0 R")
	d := openBytes(t, b)
	if pages, err := d.Pages(); err != nil || len(pages) != 1 || d.f.strict() != nil || d.f.sections[0].kind != streamSection {
		t.Errorf("packed: %v, %v, tolerated %v", pages, err, d.f.repairs)
	}
	if f := openBytes(t, small()).f; f.sections[0].kind != tableSection || f.sections[0].size != 4 || f.sections[0].end != f.size {
		t.Errorf("table: %+v", f.sections[0])
	}
	// The hybrid's table has object 3 free; its stream has it.
	h := small()
	page := bytes.Index(h, []byte("3 0 obj"))
	h = bytes.Replace(h, fmt.Appendf(nil, "%010d 00000 n", page), []byte("0000000000 00000 f"), 1)
	base := openBytes(t, h)
	at := len(h)
	row := string([]byte{1, byte(page >> 8), byte(page), 0})
	h = append(h, "9 0 obj\n"+stream("/Type/XRef/W[1 2 1]/Index[3 1]/Size 10", row)+"\nendobj\n"...)
	h = fmt.Appendf(h, "xref\n0 0\ntrailer\n<</Size 10/Root 1 0 R/Prev %d/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", base.f.sections[0].offset, at, len(h))
	d = openBytes(t, h)
	if pages, err := d.Pages(); err != nil || len(pages) != 1 || d.f.sections[0].kind != hybridSection {
		t.Errorf("hybrid: %v, %v", pages, err)
	}
	if pages, _ := d.f.at(0).pages(); len(pages) != 0 {
		t.Errorf("the revision before shows the hidden page: %v", pages)
	}
}

// TestAgainstPDFCPU compares pages and objects with another reader over the samples.
func TestAgainstPDFCPU(t *testing.T) {
	explained := map[string]string{
		"attack/ph-pages_kids_tamper-bogus_kids3-True.pdf": "the page tree names objects that do not exist",
		"attack/ph-sign_with_hybrid_sneaky_edit.pdf":       "an entry points at another object; pdfcpu rebuilds",
		"malformed/ph-broken-objstream2.pdf":               "object streams are read here when asked for: then it is an error",
		"malformed/ph-broken-objstream3.pdf":               "object streams are read here when asked for: then it is an error",
		"malformed/ph-minimal-startxref-hopeless.pdf":      "pdfcpu rebuilds the table",
		"malformed/ph-minimal-startxref-hopeless3.pdf":     "pdfcpu rebuilds the table",
		"malformed/dss-pades_infinite_loop.pdf":            "pdfcpu rebuilds the table",
		"malformed/ph-malformed-encrypt-dict1.pdf":         "pdfcpu reads it as if it were not encrypted",
		"tampered/dss-pdf-signed-corrupted.pdf":            "pdfcpu rebuilds the table",
	}
	compared := 0
	for _, s := range samples(t) {
		b, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		other, otherErr := readPDFCPU(b)
		d, err := openReader(b)
		if err != nil || otherErr != nil {
			if (err == nil) != (otherErr == nil) && explained[s.name] == "" && s.expected != "ENCRYPTED" && !strings.Contains(fmt.Sprint(err), "encrypted") {
				t.Errorf("%s: %v; pdfcpu: %v", s.name, err, otherErr)
			}
			continue
		}
		compared++
		count := 0
		err = d.f.newest().eachPage(func(pageInfo) (bool, error) { count++; return true, nil })
		if countErr := other.EnsurePageCount(); explained[s.name] == "" && (err == nil) == (countErr == nil) && err == nil && count != other.PageCount {
			t.Errorf("%s: %d pages, pdfcpu has %d", filepath.Base(s.name), count, other.PageCount)
		}
		for num, e := range other.Table {
			if num == 0 || e == nil || explained[s.name] != "" {
				continue
			}
			o, err := d.f.get(d.f.newest().current(num))
			here := err == nil && o != nil
			if there := !e.Free && e.Object != nil; here != there && err == nil {
				t.Errorf("%s: object %d is %v here, pdfcpu has %v (free %v)", s.name, num, o, e.Object, e.Free)
			}
		}
	}
	if compared == 0 {
		t.Fatal("no sample was read by both")
	}
	t.Logf("%d samples compared", compared)
}
