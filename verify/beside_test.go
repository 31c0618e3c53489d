package verify

import (
	"testing"
	"time"

	"yinxin/timestamp"
	"yinxin/trust"
)

// besideGood is a seal with evidence and a good time stamp beside it.
func besideGood(change func(*BesideFacts)) Facts {
	f := goodSeal()
	f.Beside = &BesideFacts{Stamps: []TokenFacts{stamp(StampsDocument)}}
	if change != nil {
		change(f.Beside)
	}
	return f
}

// ofEvidence are the codes found in evidence beside a file.
var ofEvidence = []struct {
	code   Code
	change func(*BesideFacts)
}{
	{"EVIDENCE_BESIDE", nil},
	{"EVIDENCE_REFUSED", func(b *BesideFacts) {
		*b = BesideFacts{Refused: &Text{"属于另一个文件", "it is about another file"}, Detail: "x"}
	}},
	{"EVIDENCE_UNJUDGED", func(b *BesideFacts) { b.Unjudged = []Text{{"日志证明", "proofs"}} }},
	{"EVIDENCE_NO_PROOF", func(b *BesideFacts) { b.Stamps[0].Authority.Chain.Anchored = false }},
}

// TestBesideIsNoPartOfTheFile: whatever is wrong with evidence beside a file, the file is judged as it would be without it; what is right proves its time.
func TestBesideIsNoPartOfTheFile(t *testing.T) {
	proven := signedAt.Add(time.Minute + time.Second)
	if r := Judge(besideGood(nil), Policy{}, judgedAt); r.Verdict != Passed || !r.Signatures[0].Time.Proven.Equal(proven) {
		t.Errorf("%s, proven %s", r.Verdict, r.Signatures[0].Time.Proven)
	}
	for name, change := range map[string]func(*TokenFacts){
		"malformed": func(f *TokenFacts) { *f = TokenFacts{Over: StampsDocument, Err: "x"} },
		"imprint":   func(f *TokenFacts) { f.Imprint = false },
		"forged":    func(f *TokenFacts) { f.Failures = []timestamp.Failure{{Code: timestamp.ErrValue}} },
		"unknown":   func(f *TokenFacts) { f.Authority.Chain.Anchored = false },
		"revoked":   func(f *TokenFacts) { f.Authority.Revocations = []trust.Revocation{revokedOn(signedAt)} },
		"future":    func(f *TokenFacts) { f.Time = judgedAt.Add(time.Hour) },
	} {
		r := Judge(besideGood(func(b *BesideFacts) { change(&b.Stamps[0]) }), Policy{}, judgedAt)
		if s := r.Signatures[0]; r.Verdict != Passed || !s.Time.Proven.IsZero() || s.Timestamps[0].Proves {
			t.Errorf("%s: %s, proven %s", name, r.Verdict, s.Time.Proven)
		}
		kept := goodSeal() // the same for a signature's own, when it is kept beside the file
		own := stamp(StampsSignature)
		own.Beside = true
		change(&own)
		own.Over, own.Beside = StampsSignature, true
		kept.Signatures[0].Tokens = []TokenFacts{own}
		if r := Judge(kept, Policy{}, judgedAt); r.Verdict != Passed || !r.Signatures[0].Time.Proven.IsZero() {
			t.Errorf("%s, of a signature: %s", name, r.Verdict)
		}
	}
	unsigned := Facts{Format: "PDF", Beside: besideGood(nil).Beside}
	if r := Judge(unsigned, Policy{}, judgedAt); r.Verdict != Unsigned {
		t.Errorf("evidence makes an unsigned file %s", r.Verdict)
	}
	if r := Judge(besideGood(nil), Policy{IntegrityOnlyUnsafe: true}, judgedAt); r.Verdict != Passed || r.Signatures[0].Time.Proven != (time.Time{}) {
		t.Errorf("integrity only: %s, %+v", r.Verdict, r.Signatures[0].Time)
	}
}
