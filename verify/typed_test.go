package verify

import (
	"testing"

	"yinxin/doctype"
	"yinxin/fault"
)

// TestDocumentVerdict: a file is worth no more than its type's rules say, and what it says nothing where no signature vouches for it.
func TestDocumentVerdict(t *testing.T) {
	for _, c := range []struct{ file, rules, wantFile, wantRules Verdict }{
		{Passed, Passed, Passed, Passed},
		{Passed, Indeterminate, Indeterminate, Indeterminate},
		{Passed, Failed, Failed, Failed},
		{Indeterminate, Passed, Indeterminate, NotJudged},
		{Indeterminate, Failed, Failed, Failed},
		{Failed, Indeterminate, Failed, Indeterminate},
		{Failed, Passed, Failed, NotJudged},
		{Unsigned, Passed, Unsigned, NotJudged},
		{Unsigned, Failed, Unsigned, Failed},
		{Unsigned, Indeterminate, Unsigned, Indeterminate},
	} {
		r := Report{Verdict: c.file}
		r.document(&DocumentReport{Verdict: c.rules})
		if r.Verdict != c.wantFile || r.Document.Verdict != c.wantRules {
			t.Errorf("file %s, rules %s: %s and %s, want %s and %s", c.file, c.rules, r.Verdict, r.Document.Verdict, c.wantFile, c.wantRules)
		}
	}
	r := Report{Verdict: Passed}
	if r.document(nil); r.Verdict != Passed || r.Document != nil {
		t.Errorf("without a type: %+v", r)
	}
}

// TestDocumentFinding: each level has its weight, and text from a file is cleaned.
func TestDocumentFinding(t *testing.T) {
	for level, want := range map[doctype.Level]Finding{
		doctype.Fail: {Level: Fail, Verdict: Failed, Sub: SubConstraints}, doctype.Undecided: {Level: Fail, Verdict: Indeterminate, Sub: SubConstraints},
		doctype.Warn: {Level: Warn}, doctype.Inform: {Level: Inform},
	} {
		got := documentFinding(doctype.Finding{Public: fault.Public{Code: "some-rule", ZH: "一\u202e二", EN: "a\nb"}, Level: level})
		if got.Check != "SOME_RULE" || got.Level != want.Level || got.Verdict != want.Verdict || got.Sub != want.Sub || got.Message != (Text{"一 二", "a b"}) {
			t.Errorf("%s: %+v", level, got)
		}
	}
}
