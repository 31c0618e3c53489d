package pdf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
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

// qpdfFile is a file as qpdf tells it, to be asked what its store holds.
type qpdfFile struct {
	t       *testing.T
	path    string
	objects map[string]struct {
		Value  any
		Stream *struct{ Dict map[string]any }
	}
}

func askQPDF(t *testing.T, path string) *qpdfFile {
	t.Helper()
	out, err := exec.Command(need.Tool(t, "qpdf"), "--json=2", "--json-key=qpdf", "--warning-exit-0", path).Output()
	if err != nil {
		t.Fatalf("qpdf: %v", err)
	}
	q := &qpdfFile{t: t, path: path}
	var doc struct{ QPDF [2]json.RawMessage }
	if err := json.Unmarshal(bytes.ToValidUTF8(out, []byte("?")), &doc); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(doc.QPDF[1], &q.objects); err != nil {
		t.Fatal(err)
	}
	return q
}

func (q *qpdfFile) get(v any) any {
	for {
		s, ok := v.(string)
		if !ok || !regexp.MustCompile(`^\d+ 0 R$`).MatchString(s) {
			return v
		}
		v = q.objects["obj:"+s].Value
	}
}

func (q *qpdfFile) entry(v any, key string) any {
	d, _ := q.get(v).(map[string]any)
	return q.get(d["/"+key])
}

// streams gives the data of the streams in a list, each once, sorted.
func (q *qpdfFile) streams(lists ...any) []string {
	q.t.Helper()
	found := map[string]bool{}
	for _, l := range lists {
		list, _ := l.([]any)
		for _, o := range list {
			num, _, _ := strings.Cut(o.(string), " ")
			b, err := exec.Command("qpdf", "--warning-exit-0", "--show-object="+num, "--filtered-stream-data", q.path).Output()
			if err != nil {
				q.t.Fatalf("qpdf: object %s: %v", num, err)
			}
			found[strings.TrimRight(string(b), "\r\n")] = true // no DER of these samples ends so
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func sortedTexts(list [][]byte) []string {
	var out []string
	for _, b := range list {
		out = append(out, strings.TrimRight(string(b), "\r\n"))
	}
	slices.Sort(out)
	return out
}

// TestEvidenceOfSamples reads the stores that other products wrote as qpdf does, byte for byte.
func TestEvidenceOfSamples(t *testing.T) {
	total, records := 0, 0
	for _, s := range samples(t) {
		if !strings.HasPrefix(s.expected, "INTACT") {
			continue
		}
		b, err := os.ReadFile(s.path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(b, []byte("/DSS")) {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			q := askQPDF(t, s.path)
			dss := q.entry(q.entry(q.objects["trailer"].Value, "Root"), "DSS")
			if dss == nil {
				t.Skip("no store in the newest revision")
			}
			e := evidenceOf(t, b)
			var lists [evidenceKinds][]any
			for kind, name := range storeLists {
				lists[kind] = append(lists[kind], q.entry(dss, string(name)))
			}
			vri, _ := q.entry(dss, "VRI").(map[string]any)
			for _, r := range vri {
				for kind, name := range recordLists {
					lists[kind] = append(lists[kind], q.entry(r, string(name)))
				}
			}
			for kind, got := range [...][][]byte{e.Certificates, e.CRLs, e.OCSPs} {
				want := q.streams(lists[kind]...)
				if !slices.Equal(sortedTexts(got), want) {
					t.Errorf("%s: %d values, qpdf has %d", storeLists[kind], len(got), len(want))
				}
				total += len(got)
			}
			if len(e.BySignature) != len(vri) || len(e.Notes) != 0 {
				t.Errorf("%d records of signatures, qpdf has %d; notes %q", len(e.BySignature), len(vri), e.Notes)
			}
			records += len(vri)
			t.Logf("%d certificates, %d CRLs, %d OCSP responses, %d records", len(e.Certificates), len(e.CRLs), len(e.OCSPs), len(vri))
		})
	}
	if total < 40 || records < 4 {
		t.Errorf("%d values and %d records were compared", total, records)
	}
}

// TestEvidenceIsAddedToSamples gives files that others signed evidence and a time stamp, twice. Their signatures see nothing but evidence, and other
// readers find them as they were.
func TestEvidenceIsAddedToSamples(t *testing.T) {
	added := 0
	for _, s := range samples(t) {
		if !strings.HasPrefix(s.name, "valid/") {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			base, err := os.ReadFile(s.path)
			if err != nil {
				t.Fatal(err)
			}
			b := base
			for round := range 2 {
				e := document.Evidence{Certificates: [][]byte{der(fmt.Sprint("certificate ", round))}, CRLs: [][]byte{der("list")}, BySignature: map[string]document.Record{}}
				for _, s := range openSignatures(t, b) {
					if s.Value() != nil {
						e.BySignature[string(s.Value())] = document.Record{OCSPs: [][]byte{der(fmt.Sprint("answer ", round))}}
					}
				}
				rich, err := tryEnrich(t, b, e)
				if p, _ := fault.PublicOf(err); p.Code == damage {
					t.Logf("left as it is: %v", err)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				comparePlaces(t, b, rich, 0)
				out := timestamped(t, rich)
				comparePlaces(t, rich, out, 1)
				compareValid(t, b, out)
				compareChanges(t, b, out)
				b = out
			}
			e := evidenceOf(t, b)
			if len(e.BySignature) == 0 || len(e.Notes) > len(evidenceOf(t, base).Notes) {
				t.Errorf("%d records, notes %q", len(e.BySignature), e.Notes)
			}
			added++
		})
	}
	if added < 28 {
		t.Errorf("%d samples were given evidence", added)
	}
}

// compareValid checks that pdfsig finds as many valid signatures as before.
func compareValid(t *testing.T, base, out []byte) {
	t.Helper()
	var valid [2]int
	for i, b := range [][]byte{base, out} {
		path := filepath.Join(t.TempDir(), "file.pdf")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		valid[i] = strings.Count(output(t, "pdfsig", "-nocert", path), "Signature is Valid")
	}
	if valid[0] != valid[1] {
		t.Errorf("pdfsig found %d valid signatures, now %d", valid[0], valid[1])
	}
}

// compareChanges checks that the signatures of base see the changes they saw, and evidence.
func compareChanges(t *testing.T, base, out []byte) {
	t.Helper()
	before, after := openSignatures(t, base), openSignatures(t, out)
	for i, s := range before {
		was, err := s.Changes()
		if err != nil {
			continue
		}
		is, err := after[i].Changes()
		if err != nil || len(is) < len(was) {
			t.Fatalf("%s: %d changes, %d before; %v", s.Info().ID, len(is), len(was), err)
		}
		for _, c := range is[len(was):] {
			if c.Level.Rank() > document.LevelLTA.Rank() || c.Ruling.Forbids() {
				t.Errorf("%s: %+v", s.Info().ID, c)
			}
		}
	}
}
