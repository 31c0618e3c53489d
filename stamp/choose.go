package stamp

import (
	"slices"

	"yinxin/gm"
	"yinxin/trust"
)

// maxPieces bounds how many pieces of evidence are weighed for one certificate: a document may be full of them.
const maxPieces = 64

// maxTried bounds the pieces of which it is tried which can be left out.
const maxTried = 16

// piece is one revocation list or response by itself, and what it says.
type piece struct {
	trust.Evidence
	says trust.Revocation
}

// choose picks of everything that was found what is kept: the piece that says of a certificate by itself what all say together, and counts longest.
// Where that takes several, as lists do that share the reasons among them, it is those without which it cannot be said.
func (c *collector) choose(cert, issuer *gm.Certificate, together trust.Revocation, all []trust.Evidence) trust.Evidence {
	pieces := c.pieces(cert, issuer, all)
	best := -1
	for i, p := range pieces {
		if same(p.says, together) && (best < 0 || c.better(p, pieces[best])) {
			best = i
		}
	}
	if best >= 0 {
		return c.signed(pieces[best].Evidence, pieces[best].says)
	}
	join := func(list []piece) (e trust.Evidence) {
		e.Certificates, e.Origin = c.certificates(), trust.OriginEmbedded
		for _, p := range list {
			e.CRLs, e.OCSPs = append(e.CRLs, p.CRLs...), append(e.OCSPs, p.OCSPs...)
		}
		return e
	}
	for i := 0; i < len(pieces) && len(pieces) <= maxTried; {
		fewer := slices.Delete(slices.Clone(pieces), i, i+1)
		if same(c.bare.Revocation(cert, issuer, join(fewer)), together) {
			pieces = fewer
		} else {
			i++
		}
	}
	e := join(pieces)
	return c.signed(e, c.bare.Revocation(cert, issuer, e))
}

// better reports whether a piece counts longer than another, or as long and is in the document already.
func (c *collector) better(p, than piece) bool {
	until, other := trust.Freshness{}.Until(p.says), trust.Freshness{}.Until(than.says)
	return until.After(other) || until.Equal(other) && c.carries(p) && !c.carries(than)
}

func (c *collector) carries(p piece) bool {
	return len(p.CRLs) == 1 && has(c.carried.CRLs, p.CRLs[0]) || len(p.OCSPs) == 1 && has(c.carried.OCSPs, p.OCSPs[0])
}

// same reports whether two judgements agree on what matters.
func same(a, b trust.Revocation) bool {
	return a.Status == b.Status && a.OnHold == b.OnHold && (a.Status != trust.StatusRevoked || a.Time.Equal(b.Time))
}

// pieces takes the evidence apart and judges each piece by itself.
func (c *collector) pieces(cert, issuer *gm.Certificate, all []trust.Evidence) []piece {
	var out []piece
	var crls, ocsps [][]byte
	for _, e := range all {
		crls, ocsps = merge(crls, e.CRLs), merge(ocsps, e.OCSPs)
	}
	add := func(e trust.Evidence) {
		if len(out) == maxPieces {
			return
		}
		e.Certificates, e.Origin = c.certificates(), trust.OriginEmbedded
		out = append(out, piece{e, c.bare.Revocation(cert, issuer, e)})
	}
	for _, der := range ocsps {
		add(trust.Evidence{OCSPs: [][]byte{der}})
	}
	for _, der := range crls {
		if info, err := trust.ReadCRL(der); err == nil && !info.Delta {
			add(trust.Evidence{CRLs: [][]byte{der}})
		}
	}
	return out
}

// certificates are those at hand, which may have signed evidence.
func (c *collector) certificates() [][]byte {
	out := make([][]byte, len(c.pool))
	for i, cert := range c.pool {
		out[i] = cert.Raw
	}
	return out
}

// signed leaves of the certificates beside evidence the one that signed it, where it is not the issuer's own.
func (c *collector) signed(e trust.Evidence, says trust.Revocation) trust.Evidence {
	e.Certificates = nil
	if says.Signer != nil && says.Signer.Delegated {
		for _, cert := range c.pool {
			if trust.Fingerprint(cert) == says.Signer.Fingerprint {
				e.Certificates = [][]byte{cert.Raw}
			}
		}
	}
	return e
}
