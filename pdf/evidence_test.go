package pdf

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yinxin/document"
	"yinxin/fault"
)

// der is a DER value that stands for evidence: what is inside is not read.
func der(text string) []byte {
	b, err := asn1.Marshal(struct{ Text string }{text})
	if err != nil {
		panic(err)
	}
	return b
}

// enriched adds evidence to base and checks what holds for every file.
func enriched(t testing.TB, base []byte, e document.Evidence) []byte {
	t.Helper()
	out, err := tryEnrich(t, base, e)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tryEnrich(t testing.TB, base []byte, e document.Evidence) ([]byte, error) {
	t.Helper()
	d, err := openReader(base)
	if err != nil {
		return nil, err
	}
	a, err := d.AddEvidence(e)
	if err != nil {
		return nil, err
	}
	var all, behind memory
	if err := errors.Join(a.Copy(&all), a.Append(&behind)); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(all.b, base) || !bytes.Equal(all.b[len(base):], behind.b) || a.Size() != int64(len(all.b)) {
		t.Fatal("the addition is not the base and what follows it")
	}
	return all.b, nil
}

// timestamped adds a document time stamp with a dummy token, written behind the base.
func timestamped(t testing.TB, base []byte) []byte {
	t.Helper()
	dr, err := openBytes(t, base).Prepare(timestampRequest())
	if err != nil {
		t.Fatal(err)
	}
	m := memory{bytes.Clone(base)}
	digest, err := dr.(document.Appender).Append(&m, sm3)
	if err != nil {
		t.Fatal(err)
	}
	if err := dr.Finish(&m, der(fmt.Sprintf("token %x", digest))); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(m.b, base) {
		t.Fatal("the base was changed")
	}
	list := openSignatures(t, m.b)
	last := list[len(list)-1]
	if again, err := last.Digest(sm3); err != nil || !bytes.Equal(again, digest) {
		t.Fatalf("the digest is %x, was %x; %v", again, digest, err)
	}
	if c, why := last.Coverage(); c != document.CoversFile {
		t.Fatalf("the time stamp covers %s: %s", c, why)
	}
	return m.b
}

func timestampRequest() document.Request {
	return document.Request{Kind: document.Timestamp, Profile: "ETSI.RFC3161", Filter: "Adobe.PPKLite", Reserve: 1000}
}

func evidenceOf(t testing.TB, b []byte) document.Evidence {
	t.Helper()
	e, err := openBytes(t, b).Evidence()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// checkHeld checks that got holds exactly the values of want, in that order.
func checkHeld(t testing.TB, what string, got [][]byte, want ...string) {
	t.Helper()
	var texts []string
	for _, b := range got {
		var v struct{ Text string }
		if _, err := asn1.Unmarshal(b, &v); err != nil {
			t.Fatalf("%s: %x: %v", what, b, err)
		}
		texts = append(texts, v.Text)
	}
	if !slices.Equal(texts, want) {
		t.Errorf("%s: %q, want %q", what, texts, want)
	}
}

// worst is the highest level of the changes after a signature. A change that it forbids fails the test.
func worst(t testing.TB, s document.Signature) document.Level {
	t.Helper()
	changes, err := s.Changes()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if c.Ruling.Forbids() || c.Level == document.LevelOther {
			t.Errorf("%s: %+v", s.Info().ID, c)
		}
	}
	return document.Worst(changes)
}

// A sealed file is given evidence and a time stamp, years later again, and each time its seal only sees evidence added.
func TestEvidenceIsRenewed(t *testing.T) {
	bases := map[string][]byte{
		"table":  onePage(),
		"stream": packed([]object{{1, "<</Type/Catalog/Pages 2 0 R>>"}, {2, "<</Type/Pages/Count 1/Kids[3 0 R]>>"}, {3, "<</Type/Page/Parent 2 0 R" + a4Page + ">>"}}, "/Root 1 0 R"),
		"PDF 2":  bytes.Replace(onePage(), []byte("%PDF-1.7"), []byte("%PDF-2.0"), 1),
	}
	for name, base := range bases {
		t.Run(name, func(t *testing.T) {
			b := sealed(t, base, sealRequest(t))
			value := string(openSignatures(t, b)[0].Value())
			big := strings.Repeat("revoked ", 1000)
			b = enriched(t, b, document.Evidence{
				Certificates: [][]byte{der("ca"), der("signer"), der("ca")}, CRLs: [][]byte{der(big)},
				BySignature: map[string]document.Record{value: {Certificates: [][]byte{der("signer"), der("ca")}, OCSPs: [][]byte{der("good")}}},
			})
			b = timestamped(t, b)
			b = enriched(t, b, document.Evidence{
				Certificates: [][]byte{der("tsa"), der("signer")}, OCSPs: [][]byte{der("good"), der("later")},
				BySignature: map[string]document.Record{value: {OCSPs: [][]byte{der("later")}, Time: time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC), Token: der("token")}},
			})
			b = timestamped(t, b)
			list := openSignatures(t, b)
			for i, s := range list {
				if got := worst(t, s); i < 2 && got != document.LevelLTA || i == 2 && got != document.LevelNone {
					t.Errorf("%s sees changes of level %s", s.Info().ID, got)
				}
			}
			if len(list) != 3 || list[2].Info().ID != "Timestamp2" || list[1].Info().Kind != document.Timestamp || len(list[1].Info().Places) != 0 {
				t.Fatalf("%d signatures, the last is %+v", len(list), list[len(list)-1].Info())
			}
			last := checkRenewed(t, list, value, big)
			if extended := bytes.Contains(b, []byte("/ESIC")); extended != (name != "PDF 2") {
				t.Errorf("the extension is named: %v", extended)
			}
			if _, err := tryEnrich(t, b, last); !errors.Is(err, document.ErrEvidenceKnown) {
				t.Errorf("added again: %v", err)
			}
		})
	}
}

// checkRenewed looks at what the time stamps of a renewed file protect, and returns it of the last.
func checkRenewed(t *testing.T, list []document.Signature, value, big string) document.Evidence {
	t.Helper()
	d := list[0].(*signature).d
	first, err := d.EvidenceUnder(list[1])
	if err != nil {
		t.Fatal(err)
	}
	checkHeld(t, "certificates under the first", first.Certificates, "ca", "signer")
	checkHeld(t, "OCSP under the first", first.OCSPs, "good")
	last, err := d.EvidenceUnder(list[2])
	if err != nil {
		t.Fatal(err)
	}
	checkHeld(t, "certificates", last.Certificates, "ca", "signer", "tsa")
	checkHeld(t, "CRLs", last.CRLs, big)
	checkHeld(t, "OCSP", last.OCSPs, "good", "later")
	r := last.BySignature[value]
	checkHeld(t, "the record's certificates", r.Certificates, "signer", "ca")
	checkHeld(t, "the record's OCSP", r.OCSPs, "good", "later")
	if !r.Time.Equal(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)) || !bytes.Equal(r.Token, der("token")) || len(last.Notes)+len(first.Notes) != 0 {
		t.Errorf("the record is %v, %x; notes %q", r.Time, r.Token, last.Notes)
	}
	if none, err := d.EvidenceUnder(list[0]); err != nil || len(none.Certificates) != 0 {
		t.Errorf("the seal protects evidence that came later: %v, %v", none, err)
	}
	return last
}

func openSignatures(t testing.TB, b []byte) []document.Signature {
	t.Helper()
	list, err := openBytes(t, b).Signatures()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// The shapes of store that other writers leave: only what holds the store is written again.
func TestEvidenceGrowsWhereItStands(t *testing.T) {
	stream := func(text string) string {
		return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(der(text)), der(text))
	}
	cases := map[string]struct {
		catalog string
		objects []string // from number 5
		rewrote []int    // numbers of the objects that had to change, besides new ones
	}{
		"all direct":          {"/DSS<</Certs[5 0 R]>>", []string{stream("one")}, []int{1}},
		"indirect":            {"/DSS 6 0 R/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>", []string{stream("one"), "<</Certs[5 0 R]>>"}, []int{6}},
		"list of its own":     {"/DSS 6 0 R/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>", []string{stream("one"), "<</Certs 7 0 R>>", "[5 0 R]"}, []int{6}},
		"list in the catalog": {"/DSS<</Certs 6 0 R>>/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>", []string{stream("one"), "[5 0 R]"}, []int{1}},
		"extensions of their own": {"/DSS 6 0 R/Extensions 7 0 R", []string{stream("one"), "<</Certs[5 0 R]>>", "<</ADBE<</BaseVersion/1.7/ExtensionLevel 8>>>>"},
			[]int{1, 6}},
		"list that a dead object names": {"/DSS 6 0 R/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>", []string{stream("one"), "<</Certs 7 0 R>>", "[5 0 R]", "[7 0 R]"}, []int{6}},
		"list that is missing":          {"/DSS 6 0 R/Extensions<</ESIC<</BaseVersion/1.7/ExtensionLevel 1>>>>", []string{stream("one"), "<</Certs[5 0 R]/CRLs 99 0 R>>"}, []int{6}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := sealed(t, testPDF{pages: []string{a4Page}, catalog: c.catalog, objects: c.objects}.build(), sealRequest(t))
			out := enriched(t, b, document.Evidence{Certificates: [][]byte{der("one"), der("two")}})
			for _, s := range openSignatures(t, out) {
				if got := worst(t, s); got != document.LevelLTA {
					t.Errorf("the seal sees changes of level %s", got)
				}
			}
			checkHeld(t, "certificates", evidenceOf(t, out).Certificates, "one", "two")
			var rewrote []int
			was := openBytes(t, b).f
			for _, r := range openBytes(t, out).f.sections[0].table {
				for i := range r.entries {
					if num := r.first + i; num <= was.maxObject() {
						rewrote = append(rewrote, num)
					}
				}
			}
			if !slices.Equal(rewrote, c.rewrote) {
				t.Errorf("rewritten are %v, want %v", rewrote, c.rewrote)
			}
			if n := strings.Count(string(out), string(der("one"))); n != 1 {
				t.Errorf("what was there is there %d times", n)
			}
		})
	}
}

// Evidence and time stamps may follow a signature that permits no change, or that locks everything.
func TestEvidenceOfLockedDocuments(t *testing.T) {
	certify, lock := sealRequest(t), sealRequest(t)
	certify.Certify, lock.Lock = 1, []string{document.LockAll}
	for name, r := range map[string]document.Request{"DocMDP": certify, "lock": lock} {
		t.Run(name, func(t *testing.T) {
			b := sealed(t, onePage(), r)
			b = timestamped(t, enriched(t, b, document.Evidence{CRLs: [][]byte{der("none revoked")}}))
			for i, s := range openSignatures(t, b) {
				if got := worst(t, s); i == 0 && got != document.LevelLTA {
					t.Errorf("the seal sees changes of level %s", got)
				}
			}
			shown := timestampRequest()
			shown.Places, shown.Appearance = sealRequest(t).Places, sealRequest(t).Appearance
			if _, err := trySeal(t, b, shown); !errors.Is(err, fault.Denied) {
				t.Errorf("a visible time stamp: %v", err)
			}
		})
	}
	r := timestampRequest()
	r.Certify = 1
	if _, err := trySeal(t, onePage(), r); !errors.Is(err, fault.Invalid) {
		t.Errorf("a time stamp that certifies: %v", err)
	}
}

// Whatever is added in whatever order comes back, each value once, and equal requests give equal bytes.
func TestEvidenceRoundTrip(t *testing.T) {
	base := sealed(t, onePage(), sealRequest(t))
	rapid.Check(t, func(t *rapid.T) {
		b, want := base, map[string]bool{}
		for range rapid.IntRange(1, 4).Draw(t, "revisions") {
			var e document.Evidence
			for _, text := range rapid.SliceOfN(rapid.StringMatching("[a-e]{1,2}"), 0, 5).Draw(t, "values") {
				e.CRLs = append(e.CRLs, der(text))
				want[string(der(text))] = true
			}
			if rapid.Bool().Draw(t, "record") {
				e.BySignature = map[string]document.Record{string(dummyValue): {CRLs: slices.Clone(e.CRLs)}}
				e.CRLs = nil
			}
			d, err := openReader(b)
			if err != nil {
				t.Fatal(err)
			}
			one, err := d.AddEvidence(e)
			if errors.Is(err, document.ErrEvidenceKnown) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			two, err := d.AddEvidence(e)
			if err != nil {
				t.Fatal(err)
			}
			var m, n memory
			if err := errors.Join(one.Copy(&m), two.Copy(&n)); err != nil || !bytes.Equal(m.b, n.b) {
				t.Fatalf("equal requests differ: %v", err)
			}
			b = m.b
		}
		d, err := openReader(b)
		if err != nil {
			t.Fatal(err)
		}
		e, err := d.Evidence()
		if err != nil || len(e.CRLs) != len(want) || len(e.Notes) != 0 {
			t.Fatalf("%d values, want %d; notes %q; %v", len(e.CRLs), len(want), e.Notes, err)
		}
		for _, c := range e.CRLs {
			if !want[string(c)] {
				t.Fatalf("%x was never added", c)
			}
		}
	})
}
