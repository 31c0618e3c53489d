package verify

import (
	"strings"
	"time"

	"yinxin/trust"
)

// algorithm: integrity was computed with whatever the value names; whether that still means anything is a question of age.
func (j *judging) algorithm() {
	if j.Value.Weak != "" {
		j.find("ALGORITHM_WEAK", j.Value.Weak)
	}
}

// signingTime: the claimed time proves nothing, but it can contradict the judging time.
func (j *judging) signingTime() {
	switch t := j.Value.ClaimedTime; {
	case t.IsZero():
		j.find("NO_SIGNING_TIME")
	case t.After(j.at.Add(clockSkew)):
		j.find("SIGN_TIME_FUTURE", day(t))
	}
}

// role is the vocabulary of one certificate's checks: the signer's, or the maker's with the seal's creation time as its claimed time.
type role struct {
	unknown, chain, outside, expired, revoked, revokedLater, noRevocation Code
}

var signerRole = role{"SIGNER_UNKNOWN", "SIGNER_CHAIN", "SIGN_TIME_OUTSIDE_CERT", "CERT_EXPIRED", "REVOKED_BEFORE_SIGNING", "REVOKED_AFTER_SIGNING", "REVOCATION_UNKNOWN"}
var makerRole = role{"MAKER_UNKNOWN", "MAKER_CHAIN", "MAKER_TIME_OUTSIDE_CERT", "MAKER_EXPIRED", "MAKER_REVOKED", "MAKER_REVOKED_LATER", "MAKER_REVOCATION_UNKNOWN"}

func (j *judging) signer() {
	j.certificate(j.Signer, signerRole, j.Value.ClaimedTime)
}

func (j *judging) maker() {
	if j.Seal == nil || j.Seal.Maker == nil {
		return
	}
	m := j.Seal.Maker
	j.certificate(m, makerRole, j.Seal.Created)
	if n := len(m.Chain.Links); j.Seal.AnyMaker && n > 0 {
		j.find("MAKER_NOT_SET_APART", commonName(m.Chain.Links[n-1].Subject))
	}
}

// sealTime: the claimed time must lie in the seal's validity, and without proof of that time the seal must still be valid now.
func (j *judging) sealTime() {
	s := j.Seal
	if s == nil {
		return
	}
	if t := j.Value.ClaimedTime; !t.IsZero() && (t.Before(s.Start) || t.After(s.End)) {
		j.find("SIGN_TIME_OUTSIDE_SEAL", day(t), day(s.Start), day(s.End))
	}
	if s.Created.After(j.at.Add(clockSkew)) {
		j.find("SEAL_CREATED_LATER", day(s.Created))
	}
	switch {
	case j.at.After(s.End):
		j.find("SEAL_EXPIRED", day(s.End))
	case j.at.Before(s.Start):
		j.find("SEAL_NOT_YET_VALID", day(s.Start))
	}
}

// certificate judges one certificate's chain, periods and revocation. claimed is the time its use claims, zero where none.
func (j *judging) certificate(c *CertFacts, r role, claimed time.Time) {
	if c == nil || c.Err != "" {
		return
	}
	for _, p := range c.Chain.Problems {
		switch words := string(p.Code) + ", " + p.Detail; p.Code {
		case trust.WeakAlgorithm:
			j.find("CHAIN_WEAK", words)
		case trust.NotTrusted: // said below: the issuer is unknown here
		default:
			j.find(r.chain, words)
		}
	}
	if !c.Chain.Anchored {
		j.find(r.unknown, commonName(unknownIssuer(c.Chain)))
	}
	if !claimed.IsZero() && (claimed.Before(c.NotBefore) || claimed.After(c.NotAfter)) {
		j.find(r.outside, day(claimed), c.Subject)
	}
	for _, l := range c.Chain.Links {
		switch {
		case j.at.After(l.NotAfter):
			j.find(r.expired, commonName(l.Subject), day(l.NotAfter))
		case j.at.Before(l.NotBefore):
			j.find("CERT_NOT_YET_VALID", commonName(l.Subject), day(l.NotBefore))
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
		j.revocation(commonName(l.Subject), i == 0, rev, r, claimed)
	}
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

// revocation judges one link. A revocation not after the claimed time speaks against the signature even though that time proves nothing for it.
func (j *judging) revocation(subject string, leaf bool, rev trust.Revocation, r role, claimed time.Time) {
	switch {
	case rev.Status == trust.StatusRevoked && !claimed.IsZero() && !rev.Time.After(claimed):
		j.find(r.revoked, subject, day(rev.Time))
	case rev.Status == trust.StatusRevoked && leaf:
		j.find(r.revokedLater, subject, day(rev.Time))
	case rev.Status == trust.StatusRevoked:
		j.find("REVOKED_CA", subject, day(rev.Time))
	case rev.Status != trust.StatusGood:
		j.find(r.noRevocation, subject, string(rev.Why))
	case fresh(rev).Before(j.at):
		j.find(r.noRevocation, subject, "stale since "+day(fresh(rev)))
	}
}

// unpromised is how long evidence counts that promises no next update.
const unpromised = 24 * time.Hour

// fresh is until when a good status counts.
func fresh(rev trust.Revocation) time.Time {
	if rev.NextUpdate.IsZero() {
		return rev.ThisUpdate.Add(unpromised)
	}
	return rev.NextUpdate
}
