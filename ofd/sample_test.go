package ofd

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/internal/need"
)

// sampleFacts is what this package alone must find in the files of the field. How many signatures they have is in the manifest.
type sampleFacts struct {
	pages    int
	width    float64
	coverage string // of each signature, the first letter
	altered  string // files that differ, for each signature
	places   string // stamps of each signature, as digits
}

func sampleTable() map[string]sampleFacts {
	edited := "/OFD.xml /Doc_0/Document.xml /Doc_0/Pages/Page_0/Content.xml|"
	pages := "/Doc_0/Pages/Page_1/Content.xml /Doc_0/Pages/Page_0/Content.xml|"
	return map[string]sampleFacts{
		"invoice-test-ca.ofd":                        {1, 210, "R", "|", "1"},
		"invoice-kinggrid-relative-baseloc.ofd":      {5, 210, "R", "|", "1"},
		"riding-seal-right.ofd":                      {5, 210, "F", "|", "5"},
		"two-gbt35275-signatures-unsorted-attrs.ofd": {2, 365.9999, "PF", "||", "00"},
		"two-seals-pages-edited.ofd":                 {2, 297.0001, "RR", pages + pages, "11"},
		"seal-and-sign-raw-rs-edited.ofd":            {1, 283, "PP", edited + edited, "10"},
		"v1-2014-selfsigned-hmac-digest.ofd":         {2, 210, "U", "refused|", "1"},
		"unsigned-5-pages.ofd":                       {5, 210, "", "", ""},
		"unsigned-hello.ofd":                         {1, 210, "", "", ""},
		"unsigned-attachment.ofd":                    {1, 210, "", "", ""},
	}
}

func TestSamples(t *testing.T) {
	dir := need.Samples(t, "ofd")
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	table, read := sampleTable(), 0
	for line := range strings.Lines(string(manifest)) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if fields[0] == "file" {
			continue
		}
		want, ok := table[fields[0]]
		if !ok {
			t.Errorf("%s is not in the table", fields[0])
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, fields[0]))
		if err != nil {
			t.Fatal(err)
		}
		read++
		got, signatures := sampleOf(t, fields[0], data)
		if got != want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", fields[0], got, want)
		}
		if fields[1] != string(rune('0'+signatures)) {
			t.Errorf("%s: %d signatures, the manifest says %s", fields[0], signatures, fields[1])
		}
	}
	if read != len(table) {
		t.Errorf("%d files were read, want %d", read, len(table))
	}
}

func sampleOf(t *testing.T, name string, data []byte) (sampleFacts, int) {
	t.Helper()
	d := mustOpen(t, data)
	pages, err := d.Pages()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	signed, err := d.Signatures()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	got := sampleFacts{pages: len(pages), width: pages[0].Width}
	for _, s := range signed {
		refs, err := s.(document.Referencer).References(sm3)
		var altered []string
		if err != nil {
			altered = []string{"refused"}
		}
		for _, r := range refs {
			if r.State != document.Unchanged {
				altered = append(altered, r.Path)
			}
		}
		coverage, why := s.Coverage()
		if (why == "") != (coverage == document.CoversFile || coverage == document.CoversRevision) {
			t.Errorf("%s: %s because of %q", name, coverage, why)
		}
		got.coverage += string(coverage[0])
		got.altered += strings.Join(altered, " ") + "|"
		got.places += string(rune('0' + len(s.Info().Places)))
		if len(s.Value()) == 0 || s.Info().ClaimedTime.IsZero() {
			t.Errorf("%s: no value or time", name)
		}
	}
	return got, len(signed)
}

// The places of the riding seal are those that were measured in the file, and add up to the whole seal.
func TestSampleRiding(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(need.Samples(t, "ofd"), "riding-seal-right.ofd"))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := mustOpen(t, data).Signatures()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range signed[0].Info().Places {
		want := document.Place{Page: i + 1, X: 222 - 8*float64(i), Y: 60, Width: 40, Height: 40, Clip: document.Clip{X: 8 * float64(i), Width: 8, Height: 40}}
		if p != want {
			t.Errorf("place %+v, want %+v", p, want)
		}
	}
}

// Files of the field that nobody locked take a further signature, and the earlier ones are what they were.
func TestSamplesSealed(t *testing.T) {
	dir := need.Samples(t, "ofd")
	for name, can := range map[string]bool{
		"invoice-test-ca.ofd": true, "invoice-kinggrid-relative-baseloc.ofd": true, "unsigned-5-pages.ofd": true, "unsigned-hello.ofd": true,
		"unsigned-attachment.ofd": true, "two-seals-pages-edited.ofd": true, "v1-2014-selfsigned-hmac-digest.ofd": true,
		"riding-seal-right.ofd": false, "two-gbt35275-signatures-unsorted-attrs.ofd": false, "seal-and-sign-raw-rs-edited.ofd": false, // locked
	} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		request := sealAt(1)
		request.Places[0].X, request.Places[0].Y = 100, 70
		if _, err := mustOpen(t, data).Prepare(request); (err == nil) != can {
			t.Errorf("%s: %v", name, err)
		}
		if !can {
			continue
		}
		before, n := sampleOf(t, name, data)
		after, m := sampleOf(t, name, sealed(t, data, request))
		if before.coverage+"R" != after.coverage || before.altered+"|" != after.altered || m != n+1 {
			t.Errorf("%s:\nbefore %+v\nafter  %+v", name, before, after)
		}
	}
}

// Every file with a bit changed, wherever it is, opens or fails in good order.
func TestSamplesDamaged(t *testing.T) {
	dir := need.Samples(t, "ofd")
	for _, name := range []string{"invoice-test-ca.ofd", "invoice-kinggrid-relative-baseloc.ofd", "unsigned-hello.ofd"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(data); at += 37 {
			b := append([]byte(nil), data...)
			b[at] ^= 0x10
			if d, err := open(context.Background(), strings.NewReader(string(b)), int64(len(b)), document.Options{}); err == nil {
				_, _ = d.Suspicions()
				_, _ = judge(b)
			}
		}
	}
}
