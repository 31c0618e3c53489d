package verify

import (
	"testing"
	"time"

	"yinxin/document"
)

// TestChangeVerdicts: what follows a signature is weighed by its level, by what the signer said beforehand, and by whether it covers a seal.
func TestChangeVerdicts(t *testing.T) {
	const (
		none, lta, form, note, other      = document.LevelNone, document.LevelLTA, document.LevelForm, document.LevelAnnotation, document.LevelOther
		unruled, allowed, banned, lockedF = document.Unruled, document.Permitted, document.Forbidden, document.FieldLocked
	)
	for _, c := range []struct {
		name   string
		level  document.Level
		ruling document.Ruling
		over   bool
		want   Verdict
		warned bool
	}{
		{"nothing", none, unruled, false, Passed, false},
		{"evidence", lta, unruled, false, Passed, false},
		{"form", form, unruled, false, Passed, true},
		{"form, over a seal", form, unruled, true, Passed, true},
		{"form, locked field", form, lockedF, false, Failed, false},
		{"annotation", note, unruled, false, Indeterminate, false},
		{"annotation over a seal", note, unruled, true, Failed, false},
		{"anything else", other, unruled, false, Failed, false},

		{"P1, evidence", lta, allowed, false, Passed, false},
		{"P1, form", form, banned, false, Failed, false},
		{"P1, annotation", note, banned, false, Failed, false},
		{"P1, else", other, banned, false, Failed, false},
		{"P2, form", form, allowed, false, Passed, true},
		{"P2, locked field", form, lockedF, false, Failed, false},
		{"P2, annotation", note, banned, false, Failed, false},
		{"P2, else", other, banned, false, Failed, false},
		{"P3, form", form, allowed, false, Passed, true},
		{"P3, annotation", note, allowed, false, Passed, true},
		{"P3, annotation over a seal", note, allowed, true, Failed, false},
		{"P3, else", other, allowed, false, Failed, false},

		{"a level not known here", "NEW", unruled, false, Failed, false},
		{"a ruling not known here", lta, "new", false, Failed, false},
	} {
		for _, integrityOnly := range []bool{false, true} {
			f := goodCMS()
			change(c.level, "annotation-added", c.ruling, c.over)(&f.Signatures[0])
			r := Judge(f, Policy{IntegrityOnlyUnsafe: integrityOnly}, judgedAt)
			warned := false
			for _, x := range r.Signatures[0].Findings {
				warned = warned || x.Level == Warn
			}
			if r.Verdict != c.want || warned != c.warned || (r.Verdict == Failed) != (r.Signatures[0].Sub == SubFormat) {
				t.Errorf("%s: %s, warned %v: %+v", c.name, r.Verdict, warned, r.Signatures[0].Findings)
			}
		}
	}
}

// TestWorstChange: of several changes the worst decides, and all kinds are told.
func TestWorstChange(t *testing.T) {
	f := goodCMS()
	f.Signatures[0].Changes = []document.Change{
		{Level: document.LevelForm, Code: "field-signed", Object: "field 甲"}, {Level: document.LevelForm, Code: "field-filled", Object: "field 乙"},
		{Level: document.LevelLTA, Code: "evidence-added", Object: "catalog entry DSS"}, {Level: document.LevelAnnotation, Code: "annotation-added", Object: "page 1"},
	}
	r := Judge(f, Policy{}, judgedAt)
	for _, code := range []Code{"CHANGED_SIGNATURE", "CHANGED_FORM", "CHANGED_EVIDENCE", "CHANGED_ANNOTATION"} {
		if !finds(r, code) {
			t.Errorf("%s is not told: %+v", code, r.Signatures[0].Findings)
		}
	}
	if r.Verdict != Indeterminate {
		t.Errorf("%s", r.Verdict)
	}
}

// TestContainerVerdicts: what a container must have depends on its SubFilter, and under integrity-only the attributes of PKCS #7 are a warning.
func TestContainerVerdicts(t *testing.T) {
	bare := func(f *SignatureFacts) { f.Value.Signed.Attributes, f.Value.Signed.Binding = false, BindingAbsent }
	unbound := func(f *SignatureFacts) { f.Value.Signed.Binding = BindingAbsent }
	layout := func(l string) func(*SignatureFacts) { return func(f *SignatureFacts) { f.Value.Signed.Layout = l } }
	weak := func(f *SignatureFacts) { f.Value.Weak = weaknesses([]string{"MD5"}) }
	unknown := func(f *SignatureFacts) { f.Value.Unknown, f.Value.ValueOK = "x", false }
	noHash := func(f *SignatureFacts) { unknown(f); f.Value.DigestOK, f.Value.Signed.Layout = false, "" }
	changed := func(f *SignatureFacts) { unknown(f); f.Value.DigestOK = false }
	for _, c := range []struct {
		name, profile string
		spoil         func(*SignatureFacts)
		full, only    Verdict
		integrity     Integrity
	}{
		{"no attributes", profileCAdES, bare, Failed, Failed, Intact},
		{"no attributes", profilePKCS7, bare, Indeterminate, Passed, Intact},
		{"no attributes", profileGBT35275, bare, Passed, Passed, Intact},
		{"no attributes", profileSM2, bare, Passed, Passed, Intact},
		{"unbound", profileCAdES, unbound, Failed, Failed, Intact},
		{"unbound", profilePKCS7, unbound, Passed, Passed, Intact},
		{"unbound", profileGBT35275, unbound, Passed, Passed, Intact},
		{"digest inside", profileCAdES, layout("digested"), Failed, Failed, Intact},
		{"digest inside", profilePKCS7, layout("digested"), Failed, Failed, Intact},
		{"digest inside", profileGBT35275, layout("digested"), Passed, Passed, Intact},
		{"digest inside", profilePKCS7SHA1, layout("digested"), Indeterminate, Passed, Intact},
		{"digest outside", profilePKCS7SHA1, layout("detached"), Failed, Failed, Intact},
		{"document inside", profileGBT35275, layout("enclosed"), Failed, Failed, Intact},
		{"weak", profileCAdES, weak, Indeterminate, Passed, Intact},
		{"unknown hash", profileCAdES, noHash, Indeterminate, Indeterminate, IntegrityUnknown},
		{"unknown algorithm, another document", profileCAdES, changed, Failed, Failed, Broken},
		{"unknown algorithm", profileCAdES, unknown, Indeterminate, Indeterminate, IntegrityUnknown},
	} {
		f := goodCMS()
		f.Signatures[0].Profile = c.profile
		c.spoil(&f.Signatures[0])
		full, only := Judge(f, Policy{}, judgedAt), Judge(f, Policy{IntegrityOnlyUnsafe: true}, judgedAt)
		if full.Verdict != c.full || only.Verdict != c.only || full.Signatures[0].Integrity != c.integrity {
			t.Errorf("%s, %s: %s and %s, %s: %+v", c.name, c.profile, full.Verdict, only.Verdict, full.Signatures[0].Integrity, full.Signatures[0].Findings)
		}
	}
}

// TestWeakSince: an algorithm counts until its day, for what is judged or proven to be older.
func TestWeakSince(t *testing.T) {
	for name, day := range map[string]string{"MD5": "2004-08-17", "SHA-1": "2014-01-01", "RSA key of 1024 bits": "2014-01-01", "DSA": "2024-02-03"} {
		w := weaknesses([]string{name})
		if got := w[0].Since.Format(time.DateOnly); got != day {
			t.Errorf("%s: %s, want %s", name, got, day)
		}
		f := goodCMS()
		f.Signatures[0].Value.Weak = w
		for at, want := range map[time.Time]bool{w[0].Since: true, w[0].Since.Add(-time.Second): false} {
			if finds(Judge(f, Policy{}, at), "ALGORITHM_WEAK") != want {
				t.Errorf("%s judged at %v: found %v", name, at, !want)
			}
			f.Signatures[0].Value.ProvenTime = at
			if finds(Judge(f, Policy{}, judgedAt), "ALGORITHM_WEAK") != want {
				t.Errorf("%s proven at %v: found %v", name, at, !want)
			}
			f.Signatures[0].Value.ProvenTime = time.Time{}
		}
	}
}
