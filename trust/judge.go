package trust

import (
	"bytes"
	"context"
	"fmt"

	"yinxin/gm"
)

// Bounds on evidence that is not the Set's own: it may come from who is to be judged.
const (
	maxExtra  = 200 // CRLs and OCSP responses each
	maxOthers = 4   // pieces about others that are named
)

// Revocation says what the Set's evidence and extra, together, say of cert, which issuer issued. Evidence of a revocation counts before evidence of
// none, but a hold that newer evidence no longer knows was lifted; of several pieces that say good the newest is reported. Evidence that does not count
// is named in Problems.
func (s *Set) Revocation(cert, issuer *gm.Certificate, extra ...Evidence) Revocation {
	j := s.judge(cert, issuer, extra)
	j.crls()
	for _, r := range s.ocsps {
		j.ocsp(r)
	}
	left := maxExtra
	for _, e := range extra {
		j.origin = e.Origin
		for _, der := range e.OCSPs {
			if left--; left < 0 {
				break
			}
			switch r, err := ParseOCSP(der); {
			case err != nil:
				j.flaw("ocsp", Malformed, "%v", err)
			case r.Code != 0:
				j.flaw("ocsp", ResponderError, "the responder answered with error %d", r.Code)
			case !s.holdsOCSP(r):
				j.foreign = true
				j.ocsp(r)
			}
		}
	}
	if j.out.Status == StatusUnknown {
		j.out.Problems = append(j.out.Problems, j.others...)
	}
	return j.out
}

// judge collects what is to be weighed, and says what of it cannot be read.
func (s *Set) judge(cert, issuer *gm.Certificate, extra []Evidence) *judge {
	j := &judge{set: s, cert: cert, issuer: issuer, issuerName: s.nameKey(issuer.RawSubject), checks: maxSignatureChecks, origin: OriginTrust, extra: extra,
		out: Revocation{Status: StatusUnknown, Why: WhyNoEvidence}}
	for _, use := range Uses() {
		for _, a := range s.anchors[use] {
			j.certs = append(j.certs, a.Certificate)
		}
	}
	j.lists = append(j.lists, s.crls...)
	certs, crls := maxPool, maxExtra
	for _, e := range extra {
		for _, raw := range e.Certificates {
			if certs--; certs < 0 {
				break
			}
			if c, err := gm.ParseCertificate(raw); err == nil {
				j.certs = append(j.certs, c)
			}
		}
		j.origin = e.Origin
		for _, der := range e.CRLs {
			if crls--; crls < 0 {
				break
			}
			switch c, err := parseCRL(der); {
			case err != nil:
				j.flaw("crl", Malformed, "%v", err)
			case !s.holdsCRL(c):
				c.origin = e.Origin
				j.lists = append(j.lists, c)
			}
		}
	}
	j.origin = OriginTrust
	return j
}

// Evidence returns what the Set's files hold about cert. It never blocks.
func (s *Set) Evidence(_ context.Context, cert, issuer *gm.Certificate) (Evidence, error) {
	e := Evidence{Origin: OriginTrust}
	name := s.nameKey(issuer.RawSubject)
	for _, c := range s.crls {
		if c.issuerName == name {
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
	set          *Set
	cert, issuer *gm.Certificate
	issuerName   string // as comparable text
	extra        []Evidence
	certs        []*gm.Certificate // where other keys of the issuer and responders may be found
	lists        []*crl            // the Set's own first
	keys         []*gm.Certificate // the issuer's, once looked for
	parents      []*gm.Certificate // with other keys each: who signed the issuer, the issuer first
	checks       int               // signatures that may still be checked
	origin       Origin            // of the piece being weighed
	foreign      bool              // the piece being weighed is not the Set's own
	partial      reasons           // for which CRLs are silent that list some reasons only
	silence      Revocation        // what those CRLs say together
	others       []EvidenceProblem // pieces about others, named where nothing counts
	out          Revocation
}

// flaw names evidence that does not count or counts in spite of it.
func (j *judge) flaw(source string, code ProblemCode, format string, args ...any) {
	if len(j.out.Problems) < maxProblems {
		j.out.Problems = append(j.out.Problems, EvidenceProblem{Code: code, Source: source, Origin: j.origin, Detail: fmt.Sprintf(format, args...)})
	}
	if j.out.Status == StatusUnknown && j.out.Why == WhyNoEvidence {
		j.out.Why = WhyUnusable
	}
}

// other names evidence that says nothing of the certificate. The Set's own is about many, and is not named.
func (j *judge) other(source string, code ProblemCode, format string, args ...any) {
	if j.foreign && len(j.others) < maxOthers {
		j.others = append(j.others, EvidenceProblem{Code: code, Source: source, Origin: j.origin, Detail: fmt.Sprintf(format, args...)})
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
		if r.Status == StatusGood && r.ThisUpdate.After(old.ThisUpdate) || r.Status == StatusRevoked && before(r, old) {
			j.out = r
		}
	default:
		revoked, good := old, r
		if r.Status == StatusRevoked {
			revoked, good = r, old
		}
		j.out = revoked
		if !good.ThisUpdate.After(revoked.ThisUpdate) {
			return
		}
		if revoked.OnHold {
			j.out = good
		}
		j.flaw(good.Source, Disagreement, "evidence of %s says good, that of %s revoked (%s)", good.ThisUpdate.UTC(), revoked.ThisUpdate.UTC(), revoked.Reason)
	}
}

// before orders revocations: one for good before a hold, else the earlier.
func before(a, b Revocation) bool {
	if a.OnHold != b.OnHold {
		return b.OnHold
	}
	return a.Time.Before(b.Time)
}

// counts reports whether a statement counts. Under an algorithm that is no proof any more only a revocation does: to say good is what a forger wants.
// And what is younger than the certificate's end says nothing good, where it does not promise to go on listing such certificates.
func (j *judge) counts(r Revocation, weak string, kept bool) bool {
	if weak != "" {
		j.flaw(r.Source, WeakAlgorithm, "the evidence of %s is signed with %s", r.ThisUpdate.UTC(), weak)
	}
	if r.Status != StatusGood {
		return true
	}
	if r.ThisUpdate.After(j.cert.NotAfter) && !kept {
		j.flaw(r.Source, AfterExpiry, "the evidence of %s is younger than the certificate's end and need not list it any more", r.ThisUpdate.UTC())
		return false
	}
	return weak == ""
}
