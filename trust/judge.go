package trust

import (
	"bytes"
	"context"
	"fmt"

	"yinxin/gm"
)

// Revocation says what the Set's evidence and extra, together, say of cert, which issuer issued. Evidence of a revocation counts before evidence of
// none; of several pieces that say good the newest is reported. Evidence that does not count is named in Problems.
func (s *Set) Revocation(cert, issuer *gm.Certificate, extra Evidence) Revocation {
	j := judge{cert: cert, issuer: issuer, checks: maxSignatureChecks, out: Revocation{Status: StatusUnknown, Why: WhyNoEvidence}}
	for _, raw := range extra.Certificates[:min(len(extra.Certificates), maxPool)] {
		if c, err := gm.ParseCertificate(raw); err == nil {
			j.certs = append(j.certs, c)
		}
	}
	for _, use := range Uses() {
		for _, a := range s.anchors[use] {
			j.certs = append(j.certs, a.Certificate)
		}
	}
	for _, c := range s.crls {
		j.crl(c)
	}
	for _, der := range extra.CRLs[:min(len(extra.CRLs), maxCRLs)] {
		switch c, err := parseCRL(der); {
		case err != nil:
			j.flaw("crl", Malformed, "%v", err)
		case !s.holdsCRL(c):
			j.crl(c)
		}
	}
	for _, r := range s.ocsps {
		j.ocsp(r)
	}
	for _, der := range extra.OCSPs[:min(len(extra.OCSPs), maxCRLs)] {
		switch r, err := ParseOCSP(der); {
		case err != nil:
			j.flaw("ocsp", Malformed, "%v", err)
		case r.Code != 0:
			j.flaw("ocsp", ResponderError, "the responder answered with error %d", r.Code)
		case !s.holdsOCSP(r):
			j.ocsp(r)
		}
	}
	return j.out
}

// Evidence returns what the Set's files hold about cert. It never blocks.
func (s *Set) Evidence(_ context.Context, cert, issuer *gm.Certificate) (Evidence, error) {
	var e Evidence
	for _, c := range s.crls {
		if bytes.Equal(c.issuer, issuer.RawSubject) {
			e.CRLs = append(e.CRLs, c.raw)
		}
	}
	for _, r := range s.ocsps {
		if r.answers(cert, issuer) != nil {
			e.OCSPs = append(e.OCSPs, r.Raw)
		}
	}
	return e, nil
}

func (s *Set) holdsCRL(c *crl) bool {
	for _, own := range s.crls {
		if bytes.Equal(own.raw, c.raw) {
			return true
		}
	}
	return false
}

func (s *Set) holdsOCSP(r *OCSPResponse) bool {
	for _, own := range s.ocsps {
		if bytes.Equal(own.Raw, r.Raw) {
			return true
		}
	}
	return false
}

// judge weighs pieces of evidence about one certificate.
type judge struct {
	cert, issuer *gm.Certificate
	certs        []*gm.Certificate // where other keys of the issuer and responders may be found
	keys         []*gm.Certificate // the issuer's, once looked for
	checks       int               // signatures that may still be checked
	out          Revocation
}

// flaw names evidence that does not count or counts in spite of it.
func (j *judge) flaw(source string, code ProblemCode, format string, args ...any) {
	j.out.Problems = append(j.out.Problems, EvidenceProblem{code, source, fmt.Sprintf(format, args...)})
	if j.out.Status == StatusUnknown && j.out.Why == WhyNoEvidence {
		j.out.Why = WhyUnusable
	}
}

// take weighs one statement that counts.
func (j *judge) take(r Revocation) {
	r.Problems = j.out.Problems
	old := j.out
	switch {
	case old.Status == StatusUnknown && r.Status == StatusUnknown:
		j.out.Why = r.Why
	case r.Status == StatusUnknown:
	case old.Status == StatusUnknown:
		j.out = r
	case old.Status == r.Status:
		if r.Status == StatusGood && r.ThisUpdate.After(old.ThisUpdate) || r.Status == StatusRevoked && r.Time.Before(old.Time) {
			j.out = r
		}
	default:
		revoked, good := old, r
		if r.Status == StatusRevoked {
			revoked, good = r, old
		}
		j.out = revoked
		if good.ThisUpdate.After(revoked.ThisUpdate) {
			j.flaw(good.Source, Disagreement, "evidence of %s says good, that of %s revoked (%s)", good.ThisUpdate.UTC(), revoked.ThisUpdate.UTC(), revoked.Reason)
		}
	}
}

// crl weighs a CRL. One of another issuer says nothing.
func (j *judge) crl(c *crl) {
	if !bytes.Equal(c.issuer, j.issuer.RawSubject) {
		return
	}
	switch {
	case c.scope.indirect:
		j.flaw("crl", IndirectCRL, "an indirect CRL of %s", c.thisUpdate.UTC())
		return
	case c.unknown != nil:
		j.flaw("crl", UnknownCritical, "the CRL of %s has %s", c.thisUpdate.UTC(), c.unknown)
		return
	}
	weak, code, err := j.signedCRL(c)
	if err != nil {
		j.flaw("crl", code, "the CRL of %s: %v", c.thisUpdate.UTC(), err)
		return
	}
	e, found, err := c.find(j.cert.SerialNumber)
	if err != nil {
		j.flaw("crl", Malformed, "the CRL of %s: %v", c.thisUpdate.UTC(), err)
		return
	}
	r := Revocation{Status: StatusGood, Source: "crl", ThisUpdate: c.thisUpdate, NextUpdate: c.nextUpdate}
	if c.delta {
		j.flaw("crl", DeltaCRL, "a delta CRL of %s", c.thisUpdate.UTC())
	}
	if found {
		r.Status, r.Time, r.Reason = StatusRevoked, e.time, reasonName(e.reason)
	} else if c.delta {
		return // what it does not list the base may
	} else if why := c.scope.covers(j.cert); why != "" {
		j.flaw("crl", OutOfScope, "%s (%s)", why, c.thisUpdate.UTC())
		return
	}
	if j.counts(r, weak) {
		j.take(r)
	}
}

// ocsp weighs an OCSP response. One about other certificates says nothing.
func (j *judge) ocsp(r *OCSPResponse) {
	answers := r.answers(j.cert, j.issuer)
	if len(answers) == 0 {
		return
	}
	if r.unknown != nil {
		j.flaw("ocsp", UnknownCritical, "the response of %s has %s", r.ProducedAt.UTC(), r.unknown)
		return
	}
	weak, code, err := j.signedOCSP(r)
	if err != nil {
		j.flaw("ocsp", code, "the response of %s: %v", r.ProducedAt.UTC(), err)
		return
	}
	for _, a := range answers {
		if a.unknown != nil {
			j.flaw("ocsp", UnknownCritical, "the response of %s has %s", r.ProducedAt.UTC(), a.unknown)
			continue
		}
		out := Revocation{Status: a.Status, Source: "ocsp", ProducedAt: r.ProducedAt, ThisUpdate: a.ThisUpdate, NextUpdate: a.NextUpdate}
		switch a.Status {
		case StatusRevoked:
			out.Time, out.Reason = a.RevokedAt, reasonName(a.Reason)
		case StatusUnknown:
			out.Why = WhyResponder
		}
		if j.counts(out, weak) {
			j.take(out)
		}
	}
}

// counts reports whether a statement counts. Under an algorithm that is no proof any more only a revocation does: to say good is what a forger wants.
func (j *judge) counts(r Revocation, weak string) bool {
	if weak != "" {
		j.flaw(r.Source, WeakAlgorithm, "the evidence of %s is signed with %s", r.ThisUpdate.UTC(), weak)
	}
	return weak == "" || r.Status != StatusGood
}

// answers returns those about cert.
func (r *OCSPResponse) answers(cert, issuer *gm.Certificate) []*OCSPAnswer {
	var out []*OCSPAnswer
	for i := range r.Answers {
		if r.Answers[i].about(cert, issuer) {
			out = append(out, &r.Answers[i])
		}
	}
	return out
}
