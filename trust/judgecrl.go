package trust

import (
	"bytes"

	"yinxin/gm"
)

// crls weighs the CRLs: complete ones, each together with the newest delta that fits it, and deltas alone.
func (j *judge) crls() {
	var complete, deltas []*crl
	for i, c := range j.lists {
		j.origin, j.foreign = c.origin, i >= len(j.set.crls)
		switch {
		case !j.concerns(c):
			j.other("crl", OtherIssuer, "the CRL of %s is another issuer's", c.thisUpdate.UTC())
		case c.unknown != nil:
			j.flaw("crl", UnknownCritical, "the CRL of %s has %s", c.thisUpdate.UTC(), c.unknown)
		case c.delta:
			deltas = append(deltas, c)
		default:
			complete = append(complete, c)
		}
	}
	fitted := make(map[*crl]bool)
	for _, c := range complete {
		j.origin = c.origin
		var newest *crl
		for _, d := range deltas {
			if d.fits(c) && (newest == nil || d.number.Cmp(newest.number) > 0) {
				newest = d
			}
			fitted[d] = fitted[d] || d.fits(c)
		}
		j.crl(c, newest)
	}
	for _, d := range deltas {
		if !fitted[d] {
			j.origin = d.origin
			j.crl(d, nil)
		}
	}
	if j.partial == 0 {
		return
	}
	if j.partial == allReasons {
		j.take(j.silence)
		return
	}
	j.origin = j.silence.Origin
	j.flaw("crl", OutOfScope, "the CRLs list some reasons of revocation only (%s)", j.silence.ThisUpdate.UTC())
}

// concerns reports whether the CRL can speak of the certificate: its issuer's, or one that a distribution point leaves to another (RFC 5280 6.3.3 b 1).
func (j *judge) concerns(c *crl) bool {
	if c.issuerName == j.issuerName {
		return true
	}
	if !c.scope.indirect {
		return false
	}
	for _, p := range pointsOf(j.cert) {
		if len(p.issuers) > 0 && p.serves(c, false) {
			return true
		}
	}
	return false
}

// fits reports whether a delta CRL adds to the complete one (RFC 5280 5.2.4 and 6.3.3 c).
func (c *crl) fits(complete *crl) bool {
	return c.number != nil && complete.number != nil && bytes.Equal(c.issuer, complete.issuer) && c.scope.raw == complete.scope.raw &&
		bytes.Equal(c.keyID, complete.keyID) && complete.number.Cmp(c.base) >= 0 && c.number.Cmp(complete.number) >= 0
}

// crl weighs one CRL, with the delta CRL that brings it up to date or nil.
func (j *judge) crl(c, delta *crl) {
	direct := c.issuerName == j.issuerName
	r, e, weak, ok := j.readCRL(c, direct)
	if !ok {
		return
	}
	if delta != nil {
		if newer, change, weakDelta, ok := j.readCRL(delta, direct); ok && weakDelta == "" {
			r.ThisUpdate, r.NextUpdate, r.Origin, r.Signer = newer.ThisUpdate, newer.NextUpdate, newer.Origin, newer.Signer
			if change != nil {
				e = change
			}
		}
	}
	if e != nil && e.reason != removeFromCRL {
		r.Status, r.Time, r.Reason, r.OnHold = StatusRevoked, e.time, reasonName(e.reason), e.reason == certificateHold
	}
	if c.delta {
		j.flaw("crl", DeltaCRL, "a delta CRL of %s without the complete one it adds to", c.thisUpdate.UTC())
		if r.Status != StatusRevoked {
			return // what it does not list the base may
		}
	}
	silent, why := c.covers(j.cert, direct)
	kept := !c.expired.IsZero() && !j.cert.NotAfter.Before(c.expired)
	switch {
	case r.Status == StatusGood && why != "":
		j.flaw("crl", OutOfScope, "%s (%s)", why, c.thisUpdate.UTC())
	case !j.counts(r, weak, kept):
	case r.Status == StatusGood && silent != allReasons:
		j.silentPartly(r, silent)
	default:
		j.take(r)
	}
}

// readCRL checks who signed the CRL and looks the certificate up in it.
func (j *judge) readCRL(c *crl, direct bool) (r Revocation, e *entry, weak string, ok bool) {
	signer, weak, code, err := j.signedCRL(c, direct)
	if err != nil {
		j.flaw("crl", code, "the CRL of %s: %v", c.thisUpdate.UTC(), err)
		return r, nil, "", false
	}
	line, found, err := c.find(j.cert.SerialNumber, j.cert.RawIssuer)
	if err != nil {
		j.flaw("crl", Malformed, "the CRL of %s: %v", c.thisUpdate.UTC(), err)
		return r, nil, "", false
	}
	r = Revocation{Status: StatusGood, Source: "crl", Origin: c.origin, ThisUpdate: c.thisUpdate, NextUpdate: c.nextUpdate, Signer: speaker(signer, j.issuer)}
	if found {
		e = &line
	}
	return r, e, weak, true
}

// silentPartly adds up CRLs that list some reasons only: together they say as much as the oldest of them.
func (j *judge) silentPartly(r Revocation, silent reasons) {
	if j.partial == 0 {
		j.silence = r
	}
	j.partial |= silent
	if r.ThisUpdate.Before(j.silence.ThisUpdate) {
		j.silence.ThisUpdate, j.silence.Origin, j.silence.Signer = r.ThisUpdate, r.Origin, r.Signer
	}
	if j.silence.NextUpdate.IsZero() || !r.NextUpdate.IsZero() && r.NextUpdate.Before(j.silence.NextUpdate) {
		j.silence.NextUpdate = r.NextUpdate
	}
}

// listed reports whether the issuer's own CRLs list another certificate of it, and whether any that counts speaks of it at all: for a responder, who
// cannot be asked about itself.
func (j *judge) listed(cert *gm.Certificate) (revoked, known bool) {
	other := j.set.judge(cert, j.issuer, j.extra)
	other.crls()
	return other.out.Status == StatusRevoked, other.out.Status != StatusUnknown
}
