package verify

import (
	"strings"
	"testing"

	"yinxin/document"
)

// ofStandings are what became of a signature, and what one says beforehand.
var ofStandings = []spoilt{
	{"SIGNATURE_REMOVED", func(f *SignatureFacts) { f.Standing, f.Gone = document.Removed, 2 }},
	{"SIGNATURE_HIDDEN", func(f *SignatureFacts) { f.Standing = document.Hidden }},
	{"SIGNATURE_HIDDEN", func(f *SignatureFacts) { f.Standing = "something else" }},
	{"SIGNATURE_REMNANT", func(f *SignatureFacts) { f.Standing, f.FormatErr = document.Remnant, "x" }},
	{"CERTIFIED", func(f *SignatureFacts) { f.Certifies, f.Permits = true, document.LevelForm }},
	{"CERTIFIED", func(f *SignatureFacts) { f.Certifies, f.Permits = true, document.LevelAnnotation }},
	{"CERTIFIED", func(f *SignatureFacts) { f.Certifies, f.Permits = true, document.LevelLTA }},
	{"LOCKED_DOCUMENT", func(f *SignatureFacts) { f.Permits = document.LevelLTA }},
	{"LOCKED_FIELDS", func(f *SignatureFacts) { f.Locks = []document.Lock{{Fields: []string{"甲"}}} }},
	{"LOCKED_FIELDS", func(f *SignatureFacts) {
		f.Locks = []document.Lock{{Except: true}, {Fields: []string{"甲"}, Except: true}}
	}},
}

// signedAnew is a file whose first signature was taken away by revision 2 and whose second protects that revision.
func signedAnew(change func(gone, stands *SignatureFacts)) Facts {
	f := goodCMS()
	gone, stands := f.Signatures[0], goodCMS().Signatures[0]
	gone.Standing, gone.Gone, gone.Protects, gone.Coverage = document.Removed, 2, 1, document.CoversRevision
	gone.Changes = []document.Change{{Level: document.LevelOther, Code: "signed-field-changed", Object: "field 甲", Revision: 2}}
	gone.Signer.Fingerprint, stands.Signer.Fingerprint = "ab", "ab"
	stands.ID, stands.Protects = "Sig1#2", 3
	change(&gone, &stands)
	f.Signatures = []SignatureFacts{gone, stands}
	return f
}

// TestSignedAnew: only who signed may say that the signature does not count any more, by signing what came without it; and nothing passes even then.
func TestSignedAnew(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(gone, stands *SignatureFacts)
		want   Verdict
		code   Code
	}{
		{"by the same", func(_, _ *SignatureFacts) {}, Indeterminate, "SIGNATURE_WITHDRAWN"},
		{"by another", func(_, s *SignatureFacts) { s.Signer.Fingerprint = "cd" }, Failed, "SIGNATURE_REMOVED"},
		{"by nobody known", func(g, s *SignatureFacts) { g.Signer.Fingerprint, s.Signer.Fingerprint = "", "" }, Failed, "SIGNATURE_REMOVED"},
		{"before it was taken away", func(_, s *SignatureFacts) { s.Protects = 1 }, Failed, "SIGNATURE_REMOVED"},
		{"over nobody knows what", func(_, s *SignatureFacts) { s.Protects = 0 }, Failed, "SIGNATURE_REMOVED"},
		{"forged", func(_, s *SignatureFacts) { s.Value.ValueOK = false }, Failed, "SIGNATURE_REMOVED"},
		{"over other bytes", func(_, s *SignatureFacts) { s.Value.DigestOK = false }, Failed, "SIGNATURE_REMOVED"},
		{"the first is no signature", func(g, _ *SignatureFacts) { g.Value.ValueOK = false }, Failed, "SIGNATURE_REMOVED"},
		{"both are gone", func(_, s *SignatureFacts) { s.Standing, s.Gone = document.Removed, 4 }, Failed, "SIGNATURE_REMOVED"},
		{"hidden", func(g, _ *SignatureFacts) { g.Standing, g.Gone = document.Hidden, 0 }, Failed, "SIGNATURE_HIDDEN"},
	} {
		for _, lenient := range []bool{false, true} {
			if r := Judge(signedAnew(c.change), Policy{IntegrityOnlyUnsafe: lenient}, judgedAt); r.Verdict != c.want || !finds(r, c.code) {
				t.Errorf("%s: %s, want %s %s: %+v", c.name, r.Verdict, c.want, c.code, r.Signatures[0].Findings)
			}
		}
	}
}

// TestGoneTimestamp: a document time stamp that was taken away proves nothing.
func TestGoneTimestamp(t *testing.T) {
	f := goodDocumentStamp()
	if st := prove(&f, Policy{}, judgedAt); len(st[0].tokens) != 1 || !st[0].tokens[0].Proves {
		t.Fatalf("%+v", st)
	}
	f.Signatures[0].Standing = document.Removed
	if st := prove(&f, Policy{}, judgedAt); st[0].tokens[0].Proves {
		t.Error("it proves something")
	}
}

// TestWordsOfFields: what was filled in is told from and to, bounded and without characters that hide it; and what is locked by name.
func TestWordsOfFields(t *testing.T) {
	f := goodCMS()
	f.Signatures[0].Changes = []document.Change{
		{Level: document.LevelForm, Code: "field-filled", Object: "field 金额", Revision: 2, Was: "100", Now: "10\u202e000"},
		{Level: document.LevelForm, Code: "field-filled", Object: "field 备注", Revision: 2, Now: strings.Repeat("长", 5000)},
		{Level: document.LevelForm, Code: "field-filled", Object: "field 空白", Revision: 2, Was: "旧"},
	}
	f.Signatures[0].Locks = []document.Lock{{Fields: []string{"a\u202eb", "c", "d", "e", "f", "g"}}}
	r := Judge(f, Policy{}, judgedAt)
	said := map[Code]Text{}
	for _, x := range r.Signatures[0].Findings {
		said[x.Check] = x.Message
	}
	for _, w := range []string{"表单域“金额”：已填写（“100”→“10 000”）", "（空→“长长", "（“旧”→空）"} {
		if !strings.Contains(said["CHANGED_FORM"].ZH, w) {
			t.Errorf("%q is not in %s", w, said["CHANGED_FORM"].ZH)
		}
	}
	if got := said["CHANGED_FORM"].EN; !strings.Contains(got, "filled in (“100” → “10 000”)") || len(got) > 4000 {
		t.Errorf("%d bytes: %s", len(got), got)
	}
	if got := said["LOCKED_FIELDS"]; got.ZH != "此签名锁定了表单域“a b、c、d、e、f等”，此后不得改动。" || strings.Contains(got.EN, "\u202e") {
		t.Errorf("%+v", got)
	}
	if got := r.Signatures[0].Locks; len(got) != 1 || got[0].Fields[0] != "a b" {
		t.Errorf("%+v", got)
	}
}
