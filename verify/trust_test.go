package verify_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/trust"
	"yinxin/verify"
)

// spoiled is a change to recorded facts and what it leads to.
type spoiled struct {
	name    string
	spoil   func(*verify.SignatureFacts)
	verdict verify.Verdict
	sub     verify.Sub
	code    verify.Code
}

// chainTable: what trust says of a chain, and the sub-indication it leads to.
func chainTable(now time.Time) []spoiled {
	problem := func(code trust.ProblemCode) func(*verify.SignatureFacts) {
		return func(s *verify.SignatureFacts) { s.Signer.Chain.Problems = []trust.Problem{{Code: code, Detail: "x"}} }
	}
	weak := func(until, proven time.Time) func(*verify.SignatureFacts) {
		return func(s *verify.SignatureFacts) {
			s.Value.ProvenTime = proven
			s.Signer.Chain.Problems = []trust.Problem{{Code: trust.WeakAlgorithm, Detail: "x", Algorithm: "SHA-1", Until: until}}
		}
	}
	failed, open := verify.Failed, verify.Indeterminate
	return []spoiled{
		{"bad signature", problem(trust.BadSignature), failed, verify.SubChain, "SIGNER_CHAIN"},
		{"no CA", problem(trust.NotCA), failed, verify.SubChainRules, "SIGNER_CHAIN_RULE"},
		{"path length", problem(trust.PathLength), failed, verify.SubChainRules, "SIGNER_CHAIN_RULE"},
		{"may not sign certificates", problem(trust.NoCertSign), failed, verify.SubChainRules, "SIGNER_CHAIN_RULE"},
		{"names", problem(trust.NameConstraints), failed, verify.SubChainRules, "SIGNER_CHAIN_RULE"},
		{"policies", problem(trust.PolicyRequired), failed, verify.SubChainRules, "SIGNER_CHAIN_RULE"},
		{"purposes", problem(trust.ExtKeyUsage), failed, verify.SubChainRules, "SIGNER_CHAIN_RULE"},
		{"unknown critical extension", problem(trust.UnknownCritical), open, verify.SubChain, "SIGNER_CHAIN_UNDECIDED"},
		{"unknown algorithm", problem(trust.UnknownAlgorithm), open, verify.SubChain, "SIGNER_CHAIN_UNDECIDED"},
		{"search given up", problem(trust.SearchGaveUp), open, verify.SubChain, "SIGNER_CHAIN_UNDECIDED"},
		{"weak", weak(now.AddDate(-1, 0, 0), time.Time{}), open, verify.SubCryptoAge, "CHAIN_WEAK"},
		{"weak, proven older", weak(now.AddDate(1, 0, 0), now), verify.Passed, "", "CHAIN_WEAK_THEN_SAFE"},
		{"weak, proven younger", weak(now.AddDate(-1, 0, 0), now), open, verify.SubCryptoProven, "CHAIN_WEAK_PROVEN"},
		{"weak only later", weak(now.AddDate(1, 0, 0), time.Time{}), verify.Passed, "", ""},
	}
}

// revocationTable: what trust says of a revocation, and the sub-indication it leads to.
func revocationTable(now time.Time) []spoiled {
	revoked := func(at, proven time.Time, hold bool) func(*verify.SignatureFacts) {
		return func(s *verify.SignatureFacts) {
			s.Value.ProvenTime = proven
			s.Signer.Revocations = []trust.Revocation{{Status: trust.StatusRevoked, Time: at, OnHold: hold, Source: "crl"}}
		}
	}
	good := func(r trust.Revocation) func(*verify.SignatureFacts) {
		return func(s *verify.SignatureFacts) {
			r.Status = trust.StatusGood
			s.Signer.Revocations = []trust.Revocation{r}
		}
	}
	expired := func(r trust.Revocation) func(*verify.SignatureFacts) {
		return func(s *verify.SignatureFacts) {
			good(r)(s)
			s.Signer.NotAfter = now.Add(time.Minute)
			s.Signer.Chain.Links[0].NotAfter = now.Add(time.Minute)
		}
	}
	before, week := now.AddDate(0, 0, -1), trust.Revocation{ThisUpdate: now, NextUpdate: now.AddDate(0, 0, 7)}
	ended, after := week, week
	ended.Signer = &trust.Speaker{Delegated: true, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now}
	after.ThisUpdate = now.Add(2 * time.Minute)
	failed, open := verify.Failed, verify.Indeterminate
	return []spoiled{
		{"revoked before", revoked(before, time.Time{}, false), failed, verify.SubRevoked, "REVOKED_BEFORE_SIGNING"},
		{"revoked before, proven later", revoked(before, now.Add(time.Hour), false), failed, verify.SubRevoked, "REVOKED_BEFORE_SIGNING"},
		{"revoked between claim and proof", revoked(now.Add(time.Minute), now.Add(time.Hour), false), open, verify.SubRevokedNoPOE, "REVOKED_AFTER_SIGNING"},
		{"revoked after the proof", revoked(now.Add(time.Hour), now.Add(time.Minute), false), verify.Passed, "", "REVOKED_AFTER_PROOF"},
		{"on hold", revoked(before, time.Time{}, true), open, verify.SubTryLater, "ON_HOLD"},
		{"stale", good(trust.Revocation{ThisUpdate: now.AddDate(0, 0, -9), NextUpdate: before}), open, verify.SubTryLater, "REVOCATION_UNKNOWN"},
		{"the responder's certificate ended", good(ended), open, verify.SubRevocationOutOfBounds, "REVOCATION_OUT_OF_BOUNDS"},
		{"expired", expired(week), open, verify.SubOutOfBounds, "CERT_EXPIRED"},
		{"expired, known good to the end", expired(after), open, verify.SubOutOfBoundsGood, "EXPIRED_NOT_REVOKED"},
		{"expired after the proof", func(s *verify.SignatureFacts) { expired(week)(s); s.Value.ProvenTime = now.Add(time.Second) }, verify.Passed, "", ""},
	}
}

// TestTrustMapping is the table of docs/design/trust.md, on recorded facts.
func TestTrustMapping(t *testing.T) {
	p := testpki.New(t)
	recorded := gather(t, testseal.Sealed(t, p, p.Owner(testpki.OwnerName, testpki.OwnerUSCC)), p.Directory())
	soon := p.Now.Add(time.Hour)
	for _, c := range append(chainTable(p.Now), revocationTable(p.Now)...) {
		facts, one := recorded, recorded.Signatures[0]
		one.Signer = cloneCert(one.Signer)
		c.spoil(&one)
		facts.Signatures = []verify.SignatureFacts{one}
		r := verify.Judge(facts, verify.Policy{}, soon)
		if s := r.Signatures[0]; r.Verdict != c.verdict || s.Sub != c.sub || c.code != "" && !found(r, c.code) {
			t.Errorf("%s: %s %s, want %s %s %s: %+v", c.name, r.Verdict, s.Sub, c.verdict, c.sub, c.code, s.Findings)
		}
	}
	old := verify.Policy{Freshness: trust.Freshness{MaxAge: time.Minute}}
	if r := verify.Judge(recorded, old, soon); r.Verdict != verify.Indeterminate || !found(r, "REVOCATION_UNKNOWN") {
		t.Errorf("evidence older than the policy allows: %s", r.Verdict)
	}
}

func cloneCert(c *verify.CertFacts) *verify.CertFacts {
	out := *c
	out.Chain.Links = append([]trust.Link(nil), c.Chain.Links...)
	return &out
}

// remote is a source that knows an issuer's certificate and answers about one certificate only.
type remote struct {
	issuers []*gm.Certificate
	about   *gm.Certificate
	answer  []byte
	asked   int
}

func (e *remote) Evidence(_ context.Context, cert, _ *gm.Certificate) (trust.Evidence, error) {
	e.asked++
	if !cert.Equal(e.about) {
		return trust.Evidence{Origin: trust.OriginNetwork}, errors.New("nobody answers")
	}
	return trust.Evidence{OCSPs: [][]byte{e.answer}, Origin: trust.OriginNetwork}, nil
}

func (e *remote) Issuers(_ context.Context, cert *gm.Certificate) (out []*gm.Certificate, err error) {
	for _, c := range e.issuers {
		if bytes.Equal(c.RawSubject, cert.RawIssuer) {
			out = append(out, c)
		}
	}
	return out, nil
}

// TestSources: a missing issuer and evidence are asked for remote; what was found says where from, and what failed is named.
func TestSources(t *testing.T) {
	p := testpki.New(t)
	upper := p.Authority("示例上级")
	sub := p.Authority("示例运营 CA", testpki.IssuedBy(upper))
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.IssuedBy(sub))
	file := testseal.Sealed(t, p, owner)
	dir := p.Directory()
	dir["crl/upper.crl"] = &fstest.MapFile{Data: p.CRLOf(upper, p.Now.Add(-time.Hour), p.Now.AddDate(0, 0, 7))}
	set, err := trust.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	source := &remote{issuers: []*gm.Certificate{sub.Cert, upper.Cert, p.Maker.Cert}, about: owner.Cert, answer: p.OCSP(testpki.OCSP{Cert: owner.Cert, Issuer: sub})}
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: set, Sources: []trust.Source{source}}
	facts, err := v.Gather(t.Context(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	signer := facts.Signatures[0].Signer
	if !signer.Chain.Anchored || len(signer.Chain.Links) != 4 || len(signer.Revocations) != 3 {
		t.Fatalf("%d links, %d revocations", len(signer.Chain.Links), len(signer.Revocations))
	}
	if r := signer.Revocations[0]; r.Status != trust.StatusGood || r.Origin != trust.OriginNetwork || r.Source != "ocsp" {
		t.Errorf("of the owner: %+v", r)
	}
	r := signer.Revocations[1]
	last := r.Problems[len(r.Problems)-1]
	if r.Status != trust.StatusGood || r.Origin != trust.OriginTrust || last.Code != trust.Unreachable || !strings.Contains(last.Detail, "nobody answers") {
		t.Errorf("of the CA: %+v", r)
	}
	if rep := verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Minute)); rep.Verdict != verify.Passed {
		t.Errorf("%s: %+v", rep.Verdict, rep.Signatures[0].Findings)
	}
	source.issuers = nil
	facts, err = v.Gather(t.Context(), bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	if w := facts.Signatures[0].Signer.Chain.Wanted; w == nil || w.Fingerprint != trust.Fingerprint(owner.Cert) || w.Issuer != sub.Cert.Subject.String() {
		t.Errorf("nobody is named: %+v", w)
	}
}
