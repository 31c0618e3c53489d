package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/fault"
)

// What is malformed is noted, and does not keep the rest from being read; a store that cannot grow safely is left alone.
func TestEvidenceMalformed(t *testing.T) {
	good := fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(der("good")), der("good"))
	bad := "<</Length 3>>\nstream\nabc\nendstream"
	cases := map[string]struct {
		dss     string
		objects []string // 5: good, 6: bad, then these
		held    []string
		notes   int
		refused bool
	}{
		"no dictionary":     {dss: "[5 0 R]", notes: 1, refused: true},
		"a stream":          {dss: "5 0 R", notes: 1, refused: true},
		"list is none":      {dss: "<</Certs 3/OCSPs[5 0 R]>>", notes: 1, refused: true},
		"a number":          {dss: "<</Certs[7 5 0 R]>>", held: []string{"good"}, notes: 1, refused: true},
		"no stream":         {dss: "<</Certs[1 0 R 5 0 R]>>", held: []string{"good"}, notes: 1},
		"missing":           {dss: "<</Certs[99 0 R 5 0 R]>>", held: []string{"good"}, notes: 1},
		"no DER":            {dss: "<</Certs[6 0 R 5 0 R 6 0 R]>>", held: []string{"good"}, notes: 2},
		"bad filter":        {dss: "<</Certs[7 0 R 5 0 R]>>", objects: []string{"<</Length 3/Filter/FlateDecode>>\nstream\nabc\nendstream"}, held: []string{"good"}, notes: 1},
		"unknown filter":    {dss: "<</Certs[7 0 R 5 0 R]>>", objects: []string{"<</Length 3/Filter/DCTDecode>>\nstream\nabc\nendstream"}, held: []string{"good"}, notes: 1},
		"twice":             {dss: "<</Certs[5 0 R 5 0 R]>>", held: []string{"good"}},
		"VRI is none":       {dss: "<</Certs[5 0 R]/VRI 4>>", held: []string{"good"}, notes: 1, refused: true},
		"record is none":    {dss: "<</VRI<</AB 4>>/Certs[5 0 R]>>", held: []string{"good"}, notes: 1, refused: true},
		"record of nobody":  {dss: "<</VRI<</AB<</Cert[5 0 R]>>>>>>", held: []string{"good"}, notes: 1},
		"record of no date": {dss: "<</VRI<</AB<</TU(x)/Cert[5 0 R]>>>>>>", held: []string{"good"}, notes: 2},
		"end of line":       {dss: "<</Certs[7 0 R]>>", objects: []string{fmt.Sprintf("<</Length %d>>\nstream\n%s\n\nendstream", len(der("x"))+1, der("x"))}, held: []string{"x"}},
		"two values":        {dss: "<</Certs[7 0 R]>>", objects: []string{fmt.Sprintf("<</Length %d>>\nstream\n%s%s\nendstream", 2*len(der("x")), der("x"), der("x"))}, notes: 1},
		"loop":              {dss: "7 0 R", objects: []string{"7 0 R"}, notes: 1, refused: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := testPDF{pages: []string{a4Page}, catalog: "/DSS " + c.dss, objects: append([]string{good, bad}, c.objects...)}.build()
			e := evidenceOf(t, b)
			checkHeld(t, "certificates", e.Certificates, c.held...)
			if len(e.Notes) != c.notes {
				t.Errorf("notes %q, want %d", e.Notes, c.notes)
			}
			_, err := tryEnrich(t, b, document.Evidence{Certificates: [][]byte{der("new")}})
			if p, _ := fault.PublicOf(err); (p.Code == "pdf-evidence-malformed") != c.refused || err != nil && !c.refused {
				t.Errorf("adding: %v", err)
			}
		})
	}
}

func TestEvidenceRefused(t *testing.T) {
	b := sealed(t, onePage(), sealRequest(t))
	cases := map[string]struct {
		e    document.Evidence
		code string
	}{
		"no DER":         {document.Evidence{CRLs: [][]byte{[]byte("text")}}, "pdf-evidence"},
		"trailing bytes": {document.Evidence{OCSPs: [][]byte{append(der("x"), 0)}}, "pdf-evidence"},
		"no token":       {document.Evidence{BySignature: map[string]document.Record{string(dummyValue): {Token: []byte{1}}}}, "pdf-evidence"},
		"no signature":   {document.Evidence{BySignature: map[string]document.Record{"x": {}}}, "pdf-evidence-signature"},
		"too many":       {document.Evidence{CRLs: slices.Repeat([][]byte{der("x")}, maxEvidence)}, "pdf-evidence-too-large"},
	}
	for name, c := range cases {
		_, err := tryEnrich(t, b, c.e)
		if p, _ := fault.PublicOf(err); p.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := tryEnrich(t, b, document.Evidence{}); !errors.Is(err, document.ErrEvidenceKnown) {
		t.Errorf("nothing added: %v", err)
	}
	if _, err := openBytes(t, b).EvidenceUnder(openSignatures(t, b)[0]); err == nil {
		t.Error("evidence under a signature of another document")
	}
}

// TestEvidenceOfLockedFiles: in encrypted files what is added is encrypted as well, and other programs decrypt what was meant.
func TestEvidenceOfLockedFiles(t *testing.T) {
	for _, k := range lockedKinds() {
		t.Run(k.name, func(t *testing.T) {
			b, err := sealLocked(t, locked(t, lockable(), k), sealRequest(t), k.owner)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{"secret one", "secret two"} {
				a, err := mustOpenWith(t, b, k.user).AddEvidence(document.Evidence{OCSPs: [][]byte{der(text)},
					BySignature: map[string]document.Record{string(dummyValue): {OCSPs: [][]byte{der(text)}, Token: der("a token")}}})
				if err != nil {
					t.Fatal(err)
				}
				var m memory
				if err := a.Copy(&m); err != nil {
					t.Fatal(err)
				}
				if b, err = sealLocked(t, m.b, timestampRequest(), k.owner); err != nil {
					t.Fatal(err)
				}
			}
			if bytes.Contains(b, []byte("secret")) {
				t.Error("the evidence is in the file as plain text")
			}
			d := mustOpenWith(t, b, k.user)
			e, err := d.Evidence()
			if err != nil || len(e.Notes) != 0 {
				t.Fatalf("notes %q, %v", e.Notes, err)
			}
			checkHeld(t, "OCSP", e.OCSPs, "secret one", "secret two")
			list, err := d.Signatures()
			if err != nil || len(list) != 3 {
				t.Fatalf("%d signatures, %v", len(list), err)
			}
			if got := worst(t, list[0]); got != document.LevelLTA {
				t.Errorf("the seal sees changes of level %s", got)
			}
			plain, err := openBytes(t, qpdf(t, b, "--password="+k.user, "--decrypt", "--stream-data=preserve")).Evidence()
			if err != nil {
				t.Fatal(err)
			}
			if len(plain.OCSPs) != 2 {
				t.Errorf("decrypted by another program: %q, notes %q", plain.OCSPs, plain.Notes)
			}
			path := filepath.Join(t.TempDir(), "file.pdf")
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if code := exitCode(t, "qpdf", "--password="+k.user, "--check", path); code != 0 {
				t.Errorf("qpdf --check: %d", code)
			}
		})
	}
}

// bombs is a sealed file whose store names streams that inflate to far more than they are.
func bombs(t testing.TB, streams, size int) []byte {
	t.Helper()
	packed, err := deflate(make([]byte, size))
	if err != nil {
		t.Fatal(err)
	}
	objects := []string{fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(der("good")), der("good"))}
	var refs strings.Builder
	for i := range streams {
		fmt.Fprintf(&refs, " %d 0 R", 6+i)
		objects = append(objects, fmt.Sprintf("<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream", len(packed), packed))
	}
	return sealed(t, testPDF{pages: []string{a4Page}, catalog: "/DSS<</Certs[5 0 R" + refs.String() + "]>>", objects: objects}.build(), sealRequest(t))
}

// Evidence that costs too much is left, and what else there is to say of the file can still be said.
func TestEvidenceBombs(t *testing.T) {
	d := openBytes(t, bombs(t, 20, 40<<20))
	e, err := d.Evidence()
	if err != nil {
		t.Fatal(err)
	}
	checkHeld(t, "certificates", e.Certificates, "good")
	if len(e.Notes) == 0 || d.f.work > workAtLeast {
		t.Errorf("notes %q, work %d", e.Notes, d.f.work)
	}
	again, err := d.Evidence()
	if err != nil || len(again.Notes) != len(e.Notes) {
		t.Errorf("asked again: %q, %v", again.Notes, err)
	}
	list, err := d.Signatures()
	if err != nil {
		t.Fatal(err)
	}
	if changes, err := list[0].Changes(); err != nil || len(changes) != 0 {
		t.Errorf("%v, %v", changes, err)
	}
	many := testPDF{pages: []string{a4Page}, catalog: "/DSS<</CRLs[" + strings.Repeat("5 0 R ", 2*maxEvidence) + "]>>",
		objects: []string{fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(der("good")), der("good"))}}.build()
	e = evidenceOf(t, many)
	checkHeld(t, "CRLs", e.CRLs, "good")
	if len(e.Notes) != 1 {
		t.Errorf("notes %q", e.Notes)
	}
}

// FuzzEvidence reads the evidence of hostile files and adds to it. What is added comes back, and the bytes below stay as they are.
func FuzzEvidence(f *testing.F) {
	base := sealed(f, onePage(), sealRequest(f))
	rich := enriched(f, base, document.Evidence{Certificates: [][]byte{der("a")}, CRLs: [][]byte{der(strings.Repeat("b", 200))},
		BySignature: map[string]document.Record{string(dummyValue): {OCSPs: [][]byte{der("c")}, Token: der("d")}}})
	f.Add(base)
	f.Add(rich)
	f.Add(timestamped(f, rich))
	f.Add(bytes.Replace(rich, []byte("/Certs["), []byte("/CRLs ["), 1))
	f.Add(bombs(f, 2, 1<<20))
	f.Add(testPDF{pages: []string{a4Page}, catalog: "/Extensions 5 0 R/DSS 6 0 R", objects: []string{"<</ESIC 6 0 R>>", "<</VRI 7 0 R/Certs 8 0 R>>", "<</AB 6 0 R>>", "[6 0 R 7 0 R]"}}.build())
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := open(t.Context(), bytes.NewReader(b), int64(len(b)), document.Options{Limits: fuzzLimits})
		if err != nil {
			return
		}
		if _, err := d.Evidence(); err != nil && fault.KindOf(err) == 0 {
			t.Fatalf("no fault: %v", err)
		}
		list, err := d.Signatures()
		if err != nil {
			return
		}
		for _, s := range list {
			if _, err := d.EvidenceUnder(s); err != nil && fault.KindOf(err) == 0 {
				t.Fatalf("no fault: %v", err)
			}
		}
		fresh := der("nothing that any file has")
		a, err := d.AddEvidence(document.Evidence{Certificates: [][]byte{fresh}})
		if err != nil {
			if fault.KindOf(err) == 0 {
				t.Fatalf("no fault: %v", err)
			}
			return
		}
		var m memory
		if err := a.Copy(&m); err != nil || !bytes.HasPrefix(m.b, b) {
			t.Fatalf("the base is no prefix: %v", err)
		}
		out, err := open(t.Context(), bytes.NewReader(m.b), int64(len(m.b)), document.Options{})
		if err != nil {
			t.Fatal(err)
		}
		e, err := out.Evidence()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(e.Certificates, func(c []byte) bool { return bytes.Equal(c, fresh) }) && len(e.Notes) == 0 {
			t.Fatal("what was added is not there")
		}
		if _, err := out.AddEvidence(document.Evidence{Certificates: [][]byte{fresh}}); !errors.Is(err, document.ErrEvidenceKnown) && len(e.Notes) == 0 {
			t.Fatalf("added again: %v", err)
		}
	})
}

// BenchmarkEvidence opens a sealed file of 5 MB and adds what one seal needs, which must cost next to nothing beside sealing.
func BenchmarkEvidence(b *testing.B) {
	base := filled(b, 5<<20, 8<<10)
	e := document.Evidence{CRLs: [][]byte{der(strings.Repeat("revoked ", 5000))}, BySignature: map[string]document.Record{
		string(dummyValue): {Certificates: [][]byte{der(strings.Repeat("one", 300)), der(strings.Repeat("two", 300))}, OCSPs: [][]byte{der(strings.Repeat("good", 300))}}}}
	for b.Loop() {
		a, err := openBytes(b, base).AddEvidence(e)
		if err != nil {
			b.Fatal(err)
		}
		if err := a.Append(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
