package verify

import (
	"testing"

	"yinxin/document"
)

// TestClosedBy: what a signature leaves out is made good only by a later signature of the same signer that is itself good and over every file.
func TestClosedBy(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(first, last *SignatureFacts)
		want  Verdict
	}{
		"the same signer, all files": {func(_, _ *SignatureFacts) {}, Passed},
		"another signer":             {func(_, s *SignatureFacts) { s.Signer.Fingerprint = "other" }, Failed},
		"not all files":              {func(_, s *SignatureFacts) { s.Coverage = document.CoversRevision }, Failed},
		"a value that is wrong":      {func(_, s *SignatureFacts) { s.Value.ValueOK = false }, Failed},
		"a file that was changed":    {func(_, s *SignatureFacts) { entry(document.LevelOther, document.EntryChanged)(s) }, Failed},
		"no proof of who it was":     {func(_, s *SignatureFacts) { s.Signer.Chain.Anchored = false }, Failed},
		"an earlier file changed too": {func(s, _ *SignatureFacts) {
			s.Changes = append(s.Changes, document.Change{Level: document.LevelOther, Code: document.EntryChanged, Object: "/x"})
		}, Failed},
	} {
		f := lockedLater()
		c.spoil(&f.Signatures[0], &f.Signatures[1])
		r := Judge(f, Policy{}, judgedAt)
		if first := r.Signatures[0]; first.Verdict != c.want || (first.Integrity == Intact) != (c.want == Passed) {
			t.Errorf("%s: %s %s: %+v", name, first.Verdict, first.Integrity, first.Findings)
		}
	}
	f := lockedLater()
	f.Signatures[0], f.Signatures[1] = f.Signatures[1], f.Signatures[0]
	if r := Judge(f, Policy{}, judgedAt); r.Signatures[1].Verdict != Failed {
		t.Error("an earlier signature over all files spoke for a later one")
	}
}
