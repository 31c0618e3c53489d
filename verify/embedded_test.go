package verify_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/trust"
	"yinxin/verify"
)

// stored puts evidence into a sealed file as a revision of its own.
func stored(t *testing.T, file []byte, e document.Evidence) []byte {
	t.Helper()
	doc, err := pdf.Format{}.Open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	added, err := doc.(document.Evidencer).AddEvidence(e)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := added.Copy(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestEvidenceInside: a revocation list in the file counts as one in the trust directory does, and another authority's does not.
func TestEvidenceInside(t *testing.T) {
	p, other := testpki.New(t), testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	file := testseal.Sealed(t, p, owner)
	dir := p.Directory()
	for name := range dir {
		if bytes.HasPrefix([]byte(name), []byte("crl/")) {
			delete(dir, name)
		}
	}
	set, err := trust.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	judge := func(file []byte) verify.Report {
		t.Helper()
		v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: set}
		facts, err := v.Gather(context.Background(), bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		return verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Hour))
	}
	for _, c := range []struct {
		name string
		crl  []byte
		want verify.Verdict
	}{
		{"none", nil, verify.Indeterminate},
		{"its own", p.CRL(), verify.Passed},
		{"another authority's", other.CRL(), verify.Indeterminate},
		{"the signer is on it", p.CRL(testpki.Revocation{Cert: owner.Cert, At: p.Now.Add(-time.Hour)}), verify.Failed},
	} {
		t.Run(c.name, func(t *testing.T) {
			sealed := file
			if c.crl != nil {
				sealed = stored(t, file, document.Evidence{CRLs: [][]byte{c.crl}})
			}
			if r := judge(sealed); r.Verdict != c.want {
				t.Errorf("%s, want %s: %+v", r.Verdict, c.want, r.Signatures[0].Findings)
			}
		})
	}
}
