package verify

import (
	"time"

	"yinxin/trust"
)

// relied is evidence on revocation as it is relied on, with the time by which it is proven to have existed; zero where nothing proves that.
type relied struct {
	trust.Revocation
	since time.Time
}

// relyOn chooses the evidence on link i of a chain. Evidence that the file brings along must have existed while who signed it could still be held to
// it; where that certificate has ended, only evidence that a good time stamp protects counts, whatever date it bears.
func (j *judging) relyOn(c *CertFacts, i int, rev trust.Revocation) relied {
	whole := relied{Revocation: rev}
	if rev.Status != trust.StatusGood || !j.unproven(whole) && j.freshness.Suits(rev, j.moment()) {
		return whole
	}
	best := whole
	for _, u := range c.Under {
		since := j.stands.shown[u.Timestamp]
		if since.IsZero() || i >= len(u.Revocations) || u.Revocations[i].Status != trust.StatusGood {
			continue
		}
		kept := relied{u.Revocations[i], since}
		if !j.unproven(kept) && j.freshness.Suits(kept.Revocation, j.moment()) {
			return kept
		}
		if j.unproven(best) && !j.unproven(kept) {
			best = kept
		}
	}
	return best
}

// unproven reports evidence from the file itself whose signer's certificate has ended since, and that nothing proves to be older than that.
func (j *judging) unproven(rev relied) bool {
	if !brought(rev.Revocation) || rev.Signer == nil || !j.at.After(rev.Signer.NotAfter) {
		return false
	}
	return rev.since.IsZero() || rev.since.After(rev.Signer.NotAfter)
}
