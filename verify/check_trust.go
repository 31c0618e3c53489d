package verify

import (
	"strings"
	"time"

	"yinxin/trust"
)

// signingTime: the claimed time proves nothing, but it can contradict the judging time.
func (j *judging) signingTime() {
	switch t := j.Value.ClaimedTime; {
	case isTimestamp(j.Profile): // it has a time of its own
	case t.IsZero():
		j.find("NO_SIGNING_TIME")
	case t.After(j.at.Add(clockSkew)):
		j.find("SIGN_TIME_FUTURE", Moment(t))
	}
}

// role is the vocabulary of one certificate's checks: the signer's, or the maker's with the seal's creation time as its claimed time.
type role struct {
	unknown, chain, chainRule, chainOpen, outside, expired, expiredGood, revoked, revokedLater, noRevocation Code
}

var signerRole = role{
	unknown: "SIGNER_UNKNOWN", chain: "SIGNER_CHAIN", chainRule: "SIGNER_CHAIN_RULE", chainOpen: "SIGNER_CHAIN_UNDECIDED", outside: "SIGN_TIME_OUTSIDE_CERT",
	expired: "CERT_EXPIRED", expiredGood: "EXPIRED_NOT_REVOKED", revoked: "REVOKED_BEFORE_SIGNING", revokedLater: "REVOKED_AFTER_SIGNING", noRevocation: "REVOCATION_UNKNOWN",
}

var makerRole = role{
	unknown: "MAKER_UNKNOWN", chain: "MAKER_CHAIN", chainRule: "MAKER_CHAIN_RULE", chainOpen: "MAKER_CHAIN_UNDECIDED", outside: "MAKER_TIME_OUTSIDE_CERT",
	expired: "MAKER_EXPIRED", expiredGood: "EXPIRED_NOT_REVOKED", revoked: "MAKER_REVOKED", revokedLater: "MAKER_REVOKED_LATER", noRevocation: "MAKER_REVOCATION_UNKNOWN",
}

// moment is when the certificates must have been good: the time that is proven, or, where none is, the judging time.
func (j *judging) moment() time.Time {
	if t := j.Value.ProvenTime; !t.IsZero() {
		return t
	}
	return j.at
}

func (j *judging) signer() {
	if isTimestamp(j.Profile) {
		return // its authority is judged with the token
	}
	j.certificate(j.Signer, signerRole, j.Value.ClaimedTime)
}

func (j *judging) maker() {
	if j.Seal == nil || j.Seal.Maker == nil {
		return
	}
	m := j.Seal.Maker
	made := j.provenAt(j.stands.sealed)
	made.certificate(m, makerRole, j.Seal.Created)
	j.findings = made.findings
	if n := len(m.Chain.Links); j.Seal.AnyMaker && n > 0 {
		j.find("MAKER_NOT_SET_APART", commonName(m.Chain.Links[n-1].Subject))
	}
}

// sealTime: the claimed time must lie in the seal's validity, and the seal must be valid when it is proven to have been used, or now.
func (j *judging) sealTime() {
	s := j.Seal
	if s == nil {
		return
	}
	if t := j.Value.ClaimedTime; !t.IsZero() && (t.Before(s.Start) || t.After(s.End)) {
		j.find("SIGN_TIME_OUTSIDE_SEAL", Moment(t), Moment(s.Start), Moment(s.End))
	}
	if s.Created.After(j.at.Add(clockSkew)) {
		j.find("SEAL_CREATED_LATER", Moment(s.Created))
	}
	switch {
	case j.moment().After(s.End):
		j.find("SEAL_EXPIRED", Moment(s.End))
	case j.moment().Before(s.Start):
		j.find("SEAL_NOT_YET_VALID", Moment(s.Start))
	}
}

// certificate judges one certificate's chain, periods and revocation. claimed is the time its use claims, zero where none.
func (j *judging) certificate(c *CertFacts, r role, claimed time.Time) {
	if c == nil || c.Err != "" {
		return
	}
	for _, p := range c.Chain.Problems {
		j.chainProblem(p, r)
	}
	if !c.Chain.Anchored {
		j.find(r.unknown, commonName(unknownIssuer(c.Chain)))
	}
	if !claimed.IsZero() && (claimed.Before(c.NotBefore) || claimed.After(c.NotAfter)) {
		j.find(r.outside, Moment(claimed), c.Subject)
	}
	for i, l := range c.Chain.Links {
		switch moment := j.moment(); {
		case moment.After(l.NotAfter) && i == 0 && knownGoodToTheEnd(c):
			j.find(r.expiredGood, commonName(l.Subject), Moment(l.NotAfter))
		case moment.After(l.NotAfter):
			j.find(r.expired, commonName(l.Subject), Moment(l.NotAfter))
		case moment.Before(l.NotBefore):
			j.find("CERT_NOT_YET_VALID", commonName(l.Subject), Moment(l.NotBefore))
		}
	}
	if !c.Chain.Anchored {
		return // revocation means nothing without an issuer that is trusted
	}
	for i, l := range c.Chain.Links {
		if i > 0 && i == len(c.Chain.Links)-1 {
			break // the anchor; a leaf that is one itself is a certificate like any other
		}
		rev := trust.Revocation{Status: trust.StatusUnknown, Why: trust.WhyNoEvidence}
		if i < len(c.Revocations) {
			rev = c.Revocations[i]
		}
		j.revocation(commonName(l.Subject), i == 0, j.relyOn(c, i, rev), r, claimed)
	}
}

// chainProblem weighs one thing wrong with a chain: what contradicts it, what an authority's own limits forbid, what cannot be decided here, and what
// has only grown old.
func (j *judging) chainProblem(p trust.Problem, r role) {
	words, more := problemText(p)
	switch p.Code {
	case trust.NotTrusted: // said elsewhere: the issuer is unknown here
	case trust.WeakAlgorithm:
		switch safe, proven := j.moment().Before(p.Until), !j.Value.ProvenTime.IsZero(); {
		case safe && proven:
			j.find("CHAIN_WEAK_THEN_SAFE", words, more)
		case safe: // it was, at the time judged
		case proven:
			j.find("CHAIN_WEAK_PROVEN", words, more)
		default:
			j.find("CHAIN_WEAK", words, more)
		}
	case trust.NotCA, trust.PathLength, trust.NoCertSign, trust.NameConstraints, trust.PolicyRequired, trust.PolicyMapping, trust.ExtKeyUsage:
		j.find(r.chainRule, words, more)
	case trust.UnknownCritical, trust.UnknownAlgorithm, trust.SearchGaveUp:
		j.find(r.chainOpen, words, more)
	default:
		j.find(r.chain, words, more)
	}
}

// evidenceDetail says for those who look after the software what was wrong with the evidence.
func evidenceDetail(rev trust.Revocation) detail {
	var list []string
	for _, p := range rev.Problems {
		list = append(list, string(p.Code)+" "+p.Detail)
	}
	return detail(strings.Join(list, "; "))
}

// knownGoodToTheEnd reports evidence from after the certificate's end that it was never revoked: whoever keeps such certificates listed says so.
func knownGoodToTheEnd(c *CertFacts) bool {
	return len(c.Revocations) > 0 && c.Revocations[0].Status == trust.StatusGood && !c.Revocations[0].ThisUpdate.Before(c.NotAfter)
}

// commonName is the CN of a distinguished name as RFC 2253 writes it, or the whole name where it has none: people know an authority by it. An escaped
// comma is part of a value, so no other attribute can pass for the CN.
func commonName(dn string) string {
	var part strings.Builder
	for i := 0; i <= len(dn); i++ {
		switch {
		case i == len(dn) || dn[i] == ',' || dn[i] == '+':
			if cn, ok := strings.CutPrefix(part.String(), "CN="); ok {
				return cn
			}
			part.Reset()
		case dn[i] == '\\' && i+1 < len(dn):
			i++
			part.WriteByte(dn[i])
		default:
			part.WriteByte(dn[i])
		}
	}
	return dn
}

// unknownIssuer is who would have to be trusted: the issuer nobody here has, or the self-signed end of the chain.
func unknownIssuer(c trust.Chain) string {
	if c.MissingIssuer != "" || len(c.Links) == 0 {
		return c.MissingIssuer
	}
	return c.Links[len(c.Links)-1].Subject
}

// revocation judges one link. A revocation not after the claimed time speaks against the signature even though that time proves nothing for it; one
// after a time that is proven does not.
func (j *judging) revocation(subject string, leaf bool, rev relied, r role, claimed time.Time) {
	proven := j.Value.ProvenTime
	switch {
	case rev.Status == trust.StatusRevoked && rev.OnHold:
		j.find("ON_HOLD", subject, Moment(rev.Time))
	case rev.Status == trust.StatusRevoked && !claimed.IsZero() && !rev.Time.After(claimed):
		j.find(r.revoked, subject, Moment(rev.Time))
	case rev.Status == trust.StatusRevoked && !proven.IsZero() && rev.Time.After(proven):
		j.find("REVOKED_AFTER_PROOF", subject, Moment(rev.Time))
	case rev.Status == trust.StatusRevoked && leaf:
		j.find(r.revokedLater, subject, Moment(rev.Time))
	case rev.Status == trust.StatusRevoked:
		j.find("REVOKED_CA", subject, Moment(rev.Time))
	case rev.Status != trust.StatusGood:
		why, next := lack(rev.Revocation)
		j.find(r.noRevocation, subject, why, next, evidenceDetail(rev.Revocation))
	case !j.freshness.Suits(rev.Revocation, j.moment()):
		j.find(r.noRevocation, subject, staleText(j.freshness.Until(rev.Revocation), rev.Revocation), evidenceDetail(rev.Revocation))
	case rev.Signer != nil && rev.Signer.Delegated && (j.moment().After(rev.Signer.NotAfter) || j.moment().Before(rev.Signer.NotBefore)), j.unproven(rev):
		j.find("REVOCATION_OUT_OF_BOUNDS", subject, commonName(rev.Signer.Subject), Moment(rev.Signer.NotAfter))
	}
}
