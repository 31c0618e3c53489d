package verify

import (
	"testing"
	"time"

	"yinxin/document"
	"yinxin/timestamp"
	"yinxin/trust"
)

// stamp is a good token of an authority trusted here, made a minute after signedAt.
func stamp(over Stamped) TokenFacts {
	return TokenFacts{Over: over, Time: signedAt.Add(time.Minute), Accuracy: time.Second, Imprint: true, Value: true, Authority: recorded("示例时间戳服务")}
}

// goodStamped is a seal whose signature carries a good token.
func goodStamped() Facts {
	f := goodSeal()
	f.Signatures[0].Tokens = []TokenFacts{stamp(StampsSignature)}
	return f
}

// goodDocumentStamp is a document with a time stamp alone.
func goodDocumentStamp() Facts {
	t := stamp(StampsDocument)
	return Facts{Format: "PDF", Signatures: []SignatureFacts{{ID: "Timestamp1", Kind: document.Timestamp, Profile: profileRFC3161, Coverage: document.CoversFile,
		Value: ValueFacts{DigestOK: true, ValueOK: true, PropertyOK: true}, Signer: t.Authority, Tokens: []TokenFacts{t}}}}
}

func failing(code timestamp.Code) func(*SignatureFacts) {
	return func(f *SignatureFacts) { f.Tokens[0].Failures = []timestamp.Failure{{Code: code, Detail: "x"}} }
}

// authority changes the certificate of the token's maker.
func authority(change func(*CertFacts)) func(*SignatureFacts) {
	return func(f *SignatureFacts) { change(f.Tokens[0].Authority) }
}

func tsaChain(code trust.ProblemCode) func(*SignatureFacts) {
	return authority(func(c *CertFacts) { c.Chain.Problems = []trust.Problem{{Code: code, Detail: "x"}} })
}

func tsaRevocation(r trust.Revocation) func(*SignatureFacts) {
	return authority(func(c *CertFacts) { c.Revocations = []trust.Revocation{r} })
}

// ofTokens are the codes found in tokens inside a seal's signature.
var ofTokens = []spoilt{
	{"TIMESTAMP_FORMAT", func(f *SignatureFacts) { f.Tokens[0].Err = "x" }},
	{"TIMESTAMP_FORMAT", failing(timestamp.ErrSigners)},
	{"TIMESTAMP_IMPRINT", failing(timestamp.ErrImprint)},
	{"TIMESTAMP_IMPRINT", func(f *SignatureFacts) { f.Tokens[0].Imprint = false }},
	{"TIMESTAMP_VALUE", func(f *SignatureFacts) { f.Tokens[0].Value = false }},
	{"TIMESTAMP_CERTIFICATE", func(f *SignatureFacts) { f.Tokens[0].Authority = nil }},
	{"TIMESTAMP_VALUE", failing(timestamp.ErrValue)},
	{"TIMESTAMP_VALUE", failing("a new one")},
	{"TIMESTAMP_CERTIFICATE", failing(timestamp.ErrBinding)},
	{"TIMESTAMP_USAGE", failing(timestamp.ErrUsage)},
	{"TIMESTAMP_ALGORITHM_UNKNOWN", failing(timestamp.ErrUnsupported)},
	{"TIMESTAMP_ENCODING", func(f *SignatureFacts) { f.Tokens[0].Deviations = []string{"not-der"} }},
	{"TIMESTAMP_CONTENT", func(f *SignatureFacts) { f.Tokens[0].Over = StampsContent }},
	{"TIMESTAMPS_LEFT", func(f *SignatureFacts) { f.TokensLeft = 1 }},
	{"TIMESTAMP_FUTURE", func(f *SignatureFacts) { f.Tokens[0].Time = judgedAt.Add(time.Hour) }},
	{"TIMESTAMP_ORDER", func(f *SignatureFacts) { f.Tokens[0].Time = signedAt.Add(-time.Hour) }},
	{"SEAL_TIMESTAMP_ORDER", func(f *SignatureFacts) { f.Tokens[0].Over, f.Tokens[0].Time = StampsSeal, madeAt.Add(-time.Hour) }},
	{"TIMESTAMP_UNKNOWN", authority(func(c *CertFacts) { c.Chain.Anchored = false })},
	{"TIMESTAMP_NO_PROOF", authority(func(c *CertFacts) { c.Chain.Anchored = false })},
	{"TIMESTAMP_PROVES", func(*SignatureFacts) {}},
	{"TIMESTAMP_INTERNAL", authority(func(c *CertFacts) { c.Chain.Class = trust.ClassInternal })},
}

// ofDocumentTokens are those over the trust in a document time stamp; inside a signature they are warnings.
var ofDocumentTokens = []spoilt{
	{"TIMESTAMP_UNKNOWN", authority(func(c *CertFacts) { c.Chain.Anchored = false })},
	{"TIMESTAMP_FORMAT", func(f *SignatureFacts) { f.Tokens = nil }},
	{"DATA_UNREADABLE", func(f *SignatureFacts) { f.Tokens[0].Unread = "x" }},
	{"TIMESTAMP_CHAIN", tsaChain(trust.BadSignature)},
	{"TIMESTAMP_CHAIN_RULE", tsaChain(trust.ExtKeyUsage)},
	{"TIMESTAMP_CHAIN_UNDECIDED", tsaChain(trust.UnknownCritical)},
	{"TIMESTAMP_WEAK", func(f *SignatureFacts) { f.Tokens[0].Weak = weaknesses([]string{"SHA-1"}) }},
	{"TIMESTAMP_OUTSIDE_CERT", authority(func(c *CertFacts) { c.NotBefore = judgedAt })},
	{"TIMESTAMP_EXPIRED", authority(func(c *CertFacts) { c.Chain.Links[0].NotAfter = judgedAt.Add(-time.Hour) })},
	{"TIMESTAMP_REVOKED", tsaRevocation(revokedOn(signedAt))},
	{"TIMESTAMP_REVOKED_LATER", tsaRevocation(revokedOn(signedAt.Add(time.Hour)))},
	{"TIMESTAMP_REVOCATION_UNKNOWN", tsaRevocation(trust.Revocation{Status: trust.StatusUnknown})},
}

// coveredEarlier is a seal with a token that is younger than the document time stamp around it.
func coveredEarlier() Facts {
	f := goodStamped()
	around := goodDocumentStamp().Signatures[0]
	around.Tokens[0].Time = signedAt.Add(10 * time.Second)
	f.Signatures = append(f.Signatures, around)
	return f
}

// TestWhatProves: a document time stamp proves what comes before it, by its time and accuracy; one that protects only part, or that does not hold, nothing.
func TestWhatProves(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*SignatureFacts)
		want  time.Time
	}{
		"good":       {func(*SignatureFacts) {}, signedAt.Add(time.Minute + time.Second)},
		"part":       {func(f *SignatureFacts) { f.Coverage = document.CoversPart }, time.Time{}},
		"unclear":    {func(f *SignatureFacts) { f.Coverage = document.CoversUnclear }, time.Time{}},
		"malformed":  {func(f *SignatureFacts) { f.FormatErr = "x" }, time.Time{}},
		"imprint":    {failing(timestamp.ErrImprint), time.Time{}},
		"untrusted":  {authority(func(c *CertFacts) { c.Chain.Anchored = false }), time.Time{}},
		"unreadable": {authority(func(c *CertFacts) { c.Err = "x" }), time.Time{}},
		"no chain":   {func(f *SignatureFacts) { f.Tokens[0].Authority = nil }, time.Time{}},
	} {
		f := goodSeal()
		f.Signatures = append(f.Signatures, goodDocumentStamp().Signatures[0])
		c.spoil(&f.Signatures[1])
		r := Judge(f, Policy{}, judgedAt)
		if got := r.Signatures[0].Time.Proven; !got.Equal(c.want) || r.Signatures[1].Timestamps[0].Proves != !c.want.IsZero() {
			t.Errorf("%s: proven %s, %s", name, got, r.Signatures[1].Verdict)
		}
		f.Signatures[0], f.Signatures[1] = f.Signatures[1], f.Signatures[0]
		if r := Judge(f, Policy{}, judgedAt); !r.Signatures[1].Time.Proven.IsZero() {
			t.Errorf("%s: what comes after the time stamp is proven by it", name)
		}
	}
}
