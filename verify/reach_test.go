package verify

import (
	"testing"
	"time"

	"yinxin/document"
	"yinxin/trust"
)

var (
	madeAt   = time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)
	signedAt = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	judgedAt = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
)

// recorded are the facts of a good certificate with one authority above it.
func recorded(name string) *CertFacts {
	link := func(name, issuer string) trust.Link {
		return trust.Link{Subject: "CN=" + name, Issuer: "CN=" + issuer, NotBefore: madeAt.AddDate(-1, 0, 0), NotAfter: judgedAt.AddDate(1, 0, 0)}
	}
	return &CertFacts{Subject: name, Issuer: "示例根", NotBefore: madeAt.AddDate(-1, 0, 0), NotAfter: judgedAt.AddDate(1, 0, 0), DigitalSignature: true,
		Chain:       trust.Chain{Links: []trust.Link{link(name, "示例根"), link("示例根", "示例根")}, Anchored: true},
		Revocations: []trust.Revocation{{Status: trust.StatusGood, ThisUpdate: signedAt, NextUpdate: judgedAt.AddDate(0, 0, 7)}}}
}

// goodSeal and goodCMS are recordings in which nothing is wrong.
func goodSeal() Facts {
	return Facts{Format: "PDF", Signatures: []SignatureFacts{{ID: "Seal1", Kind: document.Seal, Profile: profileSES, Coverage: document.CoversFile,
		Value:  ValueFacts{DigestOK: true, ValueOK: true, PropertyOK: true, OwnContainer: true, ClaimedTime: signedAt, TimeSource: "timeInfo"},
		Signer: recorded("云杉示例科技有限公司"),
		Seal: &SealFacts{Version: 4, ID: "1", Name: "云杉示例科技有限公司", Created: madeAt, Start: madeAt, End: judgedAt.AddDate(1, 0, 0), MakerOK: true,
			Maker: recorded("示例制章者"), SignerListed: true, Shown: ShownSame}}}}
}

func goodCMS() Facts {
	return Facts{Format: "PDF", Signatures: []SignatureFacts{{ID: "Sig1", Kind: document.Sign, Profile: profileCAdES, Coverage: document.CoversFile,
		Value: ValueFacts{DigestOK: true, ValueOK: true, PropertyOK: true, ClaimedTime: signedAt, TimeSource: "M",
			Signed: &CMSFacts{Signers: 1, Layout: "detached", Attributes: true, Binding: BindingHolds}},
		Signer: recorded("云杉示例科技有限公司")}}}
}

// spoilt is one thing that can be wrong.
type spoilt struct {
	code  Code
	spoil func(*SignatureFacts)
}

func change(level document.Level, code string, ruling document.Ruling, overlaps bool) func(*SignatureFacts) {
	return func(f *SignatureFacts) {
		f.Changes = []document.Change{{Level: level, Code: code, Object: "field 甲", Revision: 2, Ruling: ruling, Overlaps: overlaps}}
	}
}

func chain(code trust.ProblemCode) func(*SignatureFacts) {
	return func(f *SignatureFacts) {
		problem := []trust.Problem{{Code: code, Detail: "x", Algorithm: "SHA-1", Until: trust.AcceptedUntil("SHA-1")}}
		f.Signer.Chain.Problems = problem
		if f.Seal != nil {
			f.Seal.Maker.Chain.Problems = problem
		}
	}
}

func revoked(r trust.Revocation) func(*SignatureFacts) {
	return func(f *SignatureFacts) {
		f.Signer.Revocations = []trust.Revocation{r}
		if f.Seal != nil {
			f.Seal.Maker.Revocations = f.Signer.Revocations
		}
	}
}

func revokedOn(t time.Time) trust.Revocation {
	return trust.Revocation{Status: trust.StatusRevoked, Time: t}
}

// ofCMS are the codes found in signed data.
var ofCMS = []spoilt{
	{"SIG_FORMAT", func(f *SignatureFacts) { f.FormatErr = "x" }},
	{"PROFILE_UNSUPPORTED", func(f *SignatureFacts) { f.Unsupported, f.Profile = true, "甲" }},
	{"FORMAT_DEPRECATED", func(f *SignatureFacts) { f.Profile, f.Value.Signed.Layout = profilePKCS7SHA1, "digested" }},
	{"COVERAGE", func(f *SignatureFacts) { f.Coverage = document.CoversPart }},
	{"DATA_HASH", func(f *SignatureFacts) { f.Value.DigestOK = false }},
	{"DATA_UNREADABLE", func(f *SignatureFacts) { f.Value.DigestErr = "x" }},
	{"SIG_VALUE", func(f *SignatureFacts) { f.Value.ValueOK = false }},
	{"SIG_ALGORITHM", func(f *SignatureFacts) { f.Value.ValueOK, f.Value.Mismatch = false, "x" }},
	{"ALGORITHM_UNKNOWN", func(f *SignatureFacts) { f.Value.ValueOK, f.Value.Unknown = false, "x" }},
	{"ALGORITHM_WEAK", func(f *SignatureFacts) { f.Value.Weak = weaknesses([]string{"SHA-1"}) }},
	{"SIG_SIGNERS", func(f *SignatureFacts) { f.Value.Signed.Signers = 2 }},
	{"SIG_LAYOUT", func(f *SignatureFacts) { f.Value.Signed.Layout = "enclosed" }},
	{"ATTRIBUTES_MALFORMED", func(f *SignatureFacts) { f.Value.Signed.Malformed = "x" }},
	{"ATTRIBUTES_MISSING", func(f *SignatureFacts) { f.Value.Signed.Attributes = false }},
	{"ATTRIBUTES_ABSENT", func(f *SignatureFacts) { f.Profile, f.Value.Signed.Attributes = profilePKCS7, false }},
	{"ATTRIBUTES_OPTIONAL", func(f *SignatureFacts) { f.Profile, f.Value.Signed.Attributes = profileGBT35275, false }},
	{"SIGNING_CERTIFICATE", func(f *SignatureFacts) { f.Value.Signed.Binding = BindingWrong }},
	{"SIGNING_CERTIFICATE_MISSING", func(f *SignatureFacts) { f.Value.Signed.Binding = BindingAbsent }},
	{"SIGNING_CERTIFICATE_ABSENT", func(f *SignatureFacts) { f.Profile, f.Value.Signed.Binding = profileSM2, BindingAbsent }},
	{"SIG_ENCODING", func(f *SignatureFacts) { f.Value.Signed.Deviations = []string{"not-der"} }},
	{"NO_CERTIFICATE", func(f *SignatureFacts) { f.Signer = nil }},
	{"NO_SIGNING_TIME", func(f *SignatureFacts) { f.Value.ClaimedTime = time.Time{} }},
	{"CHANGED", change(document.LevelOther, "page-changed", document.Unruled, false)},
	{"CHANGED", change("SOMETHING", "new-kind", document.Permitted, false)},
	{"CHANGED", change(document.LevelOther, "page-changed", document.Permitted, false)},
	{"CHANGED_FORBIDDEN", change(document.LevelForm, "field-filled", document.Forbidden, false)},
	{"CHANGED_FORBIDDEN", change(document.LevelAnnotation, "annotation-added", document.Forbidden, true)},
	{"CHANGED_FORBIDDEN", change(document.LevelLTA, "evidence-added", "else", false)},
	{"CHANGED_LOCKED", change(document.LevelForm, "field-filled", document.FieldLocked, false)},
	{"CHANGED_OVER_SEAL", change(document.LevelAnnotation, "annotation-added", document.Unruled, true)},
	{"CHANGED_OVER_SEAL", change(document.LevelAnnotation, "annotation-added", document.Permitted, true)},
	{"CHANGED_ANNOTATION", change(document.LevelAnnotation, "annotation-added", document.Unruled, false)},
	{"CHANGED_ANNOTATION_PERMITTED", change(document.LevelAnnotation, "annotation-added", document.Permitted, false)},
	{"CHANGED_FORM", change(document.LevelForm, "field-filled", document.Unruled, false)},
	{"CHANGED_FORM", change(document.LevelForm, "field-filled", document.Permitted, false)},
	{"CHANGED_SIGNATURE", change(document.LevelForm, "field-signed", document.Unruled, false)},
	{"CHANGED_SIGNATURE_OVERLAPS", change(document.LevelForm, "field-signed", document.Unruled, true)},
	{"CHANGED_EVIDENCE", change(document.LevelLTA, "evidence-added", document.Unruled, false)},
	{"CHANGED_EVIDENCE", change(document.LevelLTA, "timestamp-added", document.Unruled, false)},
	{"CHANGED_METADATA", change(document.LevelLTA, "metadata-changed", document.Unruled, false)},
	{"CHANGED_METADATA", change(document.LevelLTA, "version-raised", document.Unruled, false)},
	{"CHANGED_IDENTIFIER", change(document.LevelLTA, "id-changed", document.Unruled, false)},
	{"CHANGES_UNREADABLE", func(f *SignatureFacts) { f.ChangesErr = "x" }},
}

// ofSeals are those found in seals.
var ofSeals = []spoilt{
	{"SIG_VERSION", func(f *SignatureFacts) { f.Seal.Mixed = true }},
	{"SIG_PROPERTY", func(f *SignatureFacts) { f.Value.PropertyOK = false }},
	{"SIG_PROPERTY_FOREIGN", func(f *SignatureFacts) { f.Value.PropertyOK, f.Value.OwnContainer = false, false }},
	{"SEAL_FORMAT", func(f *SignatureFacts) { f.Seal.Problems = []string{"x"} }},
	{"SEAL_SIGNATURE", func(f *SignatureFacts) { f.Seal.MakerOK = false }},
	{"SEAL_CREATE_TIME", func(f *SignatureFacts) { f.Seal.Created = signedAt.Add(time.Hour) }},
	{"EXTENSION_CRITICAL", func(f *SignatureFacts) { f.Seal.Critical = []string{"1.2.3"} }},
	{"SEAL_STORED", func(f *SignatureFacts) { f.Seal.Stored = "differs" }},
	{"SIGNER_NOT_IN_SEAL", func(f *SignatureFacts) { f.Seal.SignerListed = false }},
	{"SIGNER_LIST", func(f *SignatureFacts) { f.Seal.ListErr = "x" }},
	{"SIGNER_KEY_USAGE", func(f *SignatureFacts) { f.Signer.DigitalSignature = false }},
	{"MAKER_KEY_USAGE", func(f *SignatureFacts) { f.Seal.Maker.DigitalSignature = false }},
	{"MAKER_CERTIFICATE", func(f *SignatureFacts) { f.Seal.Maker = nil }},
	{"PICTURE_DIFFERS", func(f *SignatureFacts) { f.Seal.Shown = ShownDiffers }},
	{"PICTURE_NOT_COMPARED", func(f *SignatureFacts) { f.Seal.Shown = ShownNotComparable }},
	{"PICTURE_INVISIBLE", func(f *SignatureFacts) { f.Seal.Shown = ShownNot }},
	{"PICTURE_ENCODING", func(f *SignatureFacts) { f.Seal.Shown = ShownSamePixels }},
	{"PICTURE_SLICES", func(f *SignatureFacts) {
		f.Places = []document.Place{{Page: 1, Width: 40, Height: 40, Clip: document.Clip{Width: 20, Height: 40}}}
	}},
	{"PICTURE_SCALED", func(f *SignatureFacts) { f.Seal.Shown, f.Seal.ShownWhy = ShownInValue, "x" }},
	{"SIGNER_UNKNOWN", func(f *SignatureFacts) { f.Signer.Chain.Anchored = false }},
	{"MAKER_UNKNOWN", func(f *SignatureFacts) { f.Seal.Maker.Chain.Anchored = false }},
	{"MAKER_NOT_SET_APART", func(f *SignatureFacts) { f.Seal.AnyMaker = true }},
	{"SIGNER_CHAIN", chain(trust.BadSignature)},
	{"MAKER_CHAIN", chain(trust.BadSignature)},
	{"SIGNER_CHAIN_RULE", chain(trust.NameConstraints)},
	{"MAKER_CHAIN_RULE", chain(trust.NotCA)},
	{"SIGNER_CHAIN_UNDECIDED", chain(trust.UnknownCritical)},
	{"MAKER_CHAIN_UNDECIDED", chain(trust.SearchGaveUp)},
	{"CHAIN_WEAK", chain(trust.WeakAlgorithm)},
	{"CHAIN_WEAK_PROVEN", func(f *SignatureFacts) { chain(trust.WeakAlgorithm)(f); f.Value.ProvenTime = signedAt }},
	{"CHAIN_WEAK_THEN_SAFE", func(f *SignatureFacts) {
		chain(trust.WeakAlgorithm)(f)
		f.Value.ProvenTime = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)
	}},
	{"SIGN_TIME_FUTURE", func(f *SignatureFacts) { f.Value.ClaimedTime = judgedAt.Add(time.Hour) }},
	{"SIGN_TIME_OUTSIDE_CERT", func(f *SignatureFacts) { f.Signer.NotBefore = signedAt.Add(time.Hour) }},
	{"SIGN_TIME_OUTSIDE_SEAL", func(f *SignatureFacts) { f.Seal.Start = signedAt.Add(time.Hour) }},
	{"REVOKED_BEFORE_SIGNING", revoked(revokedOn(madeAt.AddDate(0, 0, 1)))},
	{"REVOKED_AFTER_SIGNING", revoked(revokedOn(signedAt.Add(time.Hour)))},
	{"REVOKED_AFTER_PROOF", func(f *SignatureFacts) {
		revoked(revokedOn(signedAt.Add(2 * time.Hour)))(f)
		f.Value.ProvenTime = signedAt.Add(time.Hour)
	}},
	{"ON_HOLD", revoked(trust.Revocation{Status: trust.StatusRevoked, OnHold: true, Time: signedAt})},
	{"REVOKED_CA", func(f *SignatureFacts) {
		f.Signer.Chain.Links = append(f.Signer.Chain.Links, f.Signer.Chain.Links[1])
		f.Signer.Revocations = append(f.Signer.Revocations, revokedOn(signedAt.Add(time.Hour)))
	}},
	{"REVOCATION_UNKNOWN", revoked(trust.Revocation{Status: trust.StatusUnknown})},
	{"MAKER_REVOCATION_UNKNOWN", revoked(trust.Revocation{Status: trust.StatusUnknown})},
	{"REVOCATION_OUT_OF_BOUNDS", revoked(trust.Revocation{Status: trust.StatusGood, ThisUpdate: signedAt, NextUpdate: judgedAt.AddDate(0, 0, 7),
		Signer: &trust.Speaker{Subject: "CN=示例应答者", Delegated: true, NotAfter: signedAt}})},
	{"CERT_EXPIRED", func(f *SignatureFacts) { f.Signer.Chain.Links[0].NotAfter = signedAt }},
	{"EXPIRED_NOT_REVOKED", func(f *SignatureFacts) {
		f.Signer.NotAfter, f.Signer.Chain.Links[0].NotAfter = signedAt, signedAt
	}},
	{"CERT_NOT_YET_VALID", func(f *SignatureFacts) { f.Signer.Chain.Links[0].NotBefore = judgedAt.Add(time.Hour) }},
	{"SEAL_EXPIRED", func(f *SignatureFacts) { f.Seal.End = signedAt }},
	{"SEAL_CREATED_LATER", func(f *SignatureFacts) { f.Seal.Created = judgedAt.Add(time.Hour) }},
	{"SEAL_NOT_YET_VALID", func(f *SignatureFacts) { f.Seal.Start = judgedAt.Add(time.Hour) }},
	{"MAKER_EXPIRED", func(f *SignatureFacts) { f.Seal.Maker.Chain.Links[0].NotAfter = signedAt }},
	{"MAKER_TIME_OUTSIDE_CERT", func(f *SignatureFacts) { f.Seal.Maker.NotBefore = madeAt.Add(time.Hour) }},
	{"MAKER_REVOKED", revoked(revokedOn(madeAt))},
	{"MAKER_REVOKED_LATER", revoked(revokedOn(madeAt.AddDate(0, 0, 1)))},
}

// TestEveryRule: each row of the table is found in some recording, decides as it says, and is said in both languages without a word of the other.
func TestEveryRule(t *testing.T) {
	reached := map[Code]bool{}
	for name, base := range map[string]func() Facts{"seal": goodSeal, "CMS": goodCMS, "package": goodPackage} {
		if r := Judge(base(), Policy{}, judgedAt); r.Verdict != Passed || len(r.Signatures[0].Findings) > 0 {
			t.Fatalf("%s: the good recording is %s: %+v", name, r.Verdict, r.Signatures[0].Findings)
		}
	}
	hold := func(s spoilt, f Facts) {
		t.Helper()
		r := Judge(f, Policy{}, judgedAt)
		for _, x := range r.Signatures[0].Findings {
			reached[x.Check] = true
			holdSaid(t, x)
			if x.Level == Fail && worse(x.Verdict, r.Verdict) {
				t.Errorf("%s: %s is %s, the file %s", s.code, x.Check, x.Verdict, r.Verdict)
			}
		}
		if !finds(r, s.code) {
			t.Errorf("%s is not found: %+v", s.code, r.Signatures[0].Findings)
		}
	}
	for _, of := range []struct {
		good func() Facts
		list []spoilt
	}{{goodCMS, ofCMS}, {goodSeal, ofSeals}, {goodStamped, ofTokens}, {goodDocumentStamp, ofDocumentTokens}, {goodPackage, ofFiles}, {goodCMS, ofStandings}} {
		for _, s := range of.list {
			f := of.good()
			s.spoil(&f.Signatures[0])
			hold(s, f)
		}
	}
	for _, s := range ofEvidence {
		hold(spoilt{code: s.code}, besideGood(s.change))
	}
	hold(spoilt{code: "FILE_PROTECTED_LATER"}, lockedLater())
	hold(spoilt{code: "TIMESTAMP_ORDER_COVERED"}, coveredEarlier())
	deviating := goodSeal()
	deviating.Tolerated = "x"
	hold(spoilt{code: "FILE_DEVIATES"}, deviating)
	hold(spoilt{code: "SIGNATURE_WITHDRAWN"}, signedAnew(func(*SignatureFacts, *SignatureFacts) {}))
	for c := range rules {
		if !reached[c] {
			t.Errorf("no recording reaches %s", c)
		}
	}
}

func finds(r Report, c Code) bool { return found(r.Signatures[0].Findings, c) }
