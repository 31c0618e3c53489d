package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func (w levelWorld) read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(w.at(name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestEvidenceBeside: evidence is kept beside a file, renewed, found by verify, refused where it is about other bytes, and packed with its file.
func TestEvidenceBeside(t *testing.T) {
	w := newLevelWorld(t)
	at := w.at
	w.run(t, 0, "ca crl", "--out", at("trust/crl/root.crl"), "--dir", at("ca"))
	w.stamp(t, 0, "sealed.pdf", "")
	sealed := w.read(t, "sealed.pdf")
	extend := "extend " + at("sealed.pdf") + " --beside --tsa " + at("tsa.yaml") + " --trust " + at("trust")
	for _, name := range []string{"none.evidence", "none.pdf"} { // what is in the way and no evidence stays
		w.write(t, name, []byte("something else"))
		w.run(t, 3, extend, "--out", at(name))
	}
	if said := w.run(t, 0, extend); !strings.Contains(said, "evidence kept: "+at("sealed.pdf.evidence")) || !strings.Contains(said, "level B-LTA") {
		t.Errorf("said %s", said)
	}
	first := w.read(t, "sealed.pdf.evidence")
	w.run(t, 0, extend)
	if again := w.read(t, "sealed.pdf.evidence"); bytes.Equal(first, again) || !bytes.Equal(w.read(t, "sealed.pdf"), sealed) {
		t.Error("it was not renewed, or the file was touched")
	}
	if said := w.run(t, 0, "evidence show "+at("sealed.pdf.evidence")); strings.Count(said, "time stamp 2") != 2 || !strings.Contains(said, "the file is not in it") {
		t.Errorf("show: %s", said)
	}
	w.run(t, 0, "evidence bundle "+at("sealed.pdf"), "--out", at("bundle.zip"))

	// Without the list only the evidence answers.
	if err := os.Remove(at("trust/crl/root.crl")); err != nil {
		t.Fatal(err)
	}
	verify := func(code int, want, name string, args ...string) {
		t.Helper()
		said := w.run(t, code, "verify --trust "+at("trust")+" "+at(name), args...)
		if !strings.Contains(said, want) {
			t.Errorf("%s: %s", name, said)
		}
	}
	verify(0, "EVIDENCE_BESIDE", "sealed.pdf")
	verify(0, "EVIDENCE_BESIDE", "bundle.zip")
	w.write(t, "copy.pdf", sealed)
	verify(2, "REVOCATION_UNKNOWN", "copy.pdf")
	verify(0, "EVIDENCE_BESIDE", "copy.pdf", "--evidence", at("sealed.pdf.evidence"))
	verify(3, "cannot read", "copy.pdf", "--evidence", at("nowhere"))
	verify(3, "verify that file", "sealed.pdf.evidence")
	w.run(t, 3, "verify --evidence x a.pdf b.pdf")
	w.run(t, 3, "evidence bundle "+at("copy.pdf"), "--out", at("other.zip"))
	refused(t, w, verify)
}

// refused: evidence that is about other bytes, or is none, is refused by name, and the file judged without it.
func refused(t *testing.T, w levelWorld, verify func(code int, want, name string, args ...string)) {
	t.Helper()
	at, sealed, first := w.at, w.read(t, "sealed.pdf"), w.read(t, "sealed.pdf.evidence")
	w.stamp(t, 0, "twin.pdf", "")
	verify(2, "EVIDENCE_REFUSED", "twin.pdf", "--evidence", at("sealed.pdf.evidence"))
	verify(2, "about another file", "twin.pdf", "--evidence", at("sealed.pdf.evidence"), "--lang", "en")
	verify(2, "属于另一个文件", "twin.pdf", "--evidence", at("sealed.pdf.evidence"), "--lang", "zh")
	w.write(t, "copy.pdf.evidence", first[:len(first)/2])
	verify(2, "EVIDENCE_REFUSED", "copy.pdf")
	spoilt := w.read(t, "bundle.zip")
	at1 := bytes.Index(spoilt, sealed)
	if at1 < 0 {
		t.Fatal("the file is not in the bundle as it is")
	}
	spoilt[at1+len(sealed)/2] ^= 1
	w.write(t, "spoilt.zip", spoilt)
	verify(3, "", "spoilt.zip")
}
