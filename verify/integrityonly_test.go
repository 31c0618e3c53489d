package verify_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/trust"
	"yinxin/verify"
)

// TestIntegrityOnly: without chains integrity is judged as with them, and nothing passes a judgement of trust.
func TestIntegrityOnly(t *testing.T) {
	p := testpki.New(t)
	set, err := trust.Load(p.Directory())
	if err != nil {
		t.Fatal(err)
	}
	good := testseal.Sealed(t, p, p.Owner(testpki.OwnerName, testpki.OwnerUSCC))
	changed := bytes.Clone(good)
	changed[bytes.Index(changed, []byte("/MediaBox"))+1] ^= 1
	at := p.Now.Add(time.Hour)
	for name, file := range map[string][]byte{"good": good, "changed": changed} {
		full := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: set}
		only := full
		only.IntegrityOnly = true
		all, err := full.Gather(t.Context(), bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		some, err := only.Gather(t.Context(), bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		lax := verify.Policy{IntegrityOnlyUnsafe: true}
		want, got := verify.Judge(all, lax, at).Signatures[0], verify.Judge(some, lax, at).Signatures[0]
		if got.Verdict != want.Verdict || got.Integrity != want.Integrity || got.Aspects != want.Aspects || !reflect.DeepEqual(got.Findings, want.Findings) {
			t.Errorf("%s: %s, %s, %v; with chains %s, %s, %v", name, got.Verdict, got.Integrity, got.Findings, want.Verdict, want.Integrity, want.Findings)
		}
		if verdict := verify.Judge(all, verify.Policy{}, at).Verdict; (verdict == verify.Passed) != (name == "good") {
			t.Errorf("%s with chains: %s", name, verdict)
		}
		if verdict := verify.Judge(some, verify.Policy{}, at).Verdict; verdict == verify.Passed {
			t.Errorf("%s without chains passes", name)
		}
	}
}
