package trust

import "yinxin/gm"

// ocsp weighs an OCSP response. One about other certificates says nothing.
func (j *judge) ocsp(r *OCSPResponse) {
	answers := r.answers(j.cert, j.issuer)
	if len(answers) == 0 {
		j.other("ocsp", OtherSubject, "the response of %s is about other certificates", r.ProducedAt.UTC())
		return
	}
	if r.unknown != nil {
		j.flaw("ocsp", UnknownCritical, "the response of %s has %s", r.ProducedAt.UTC(), r.unknown)
		return
	}
	signer, weak, code, err := j.signedOCSP(r)
	if err != nil {
		j.flaw("ocsp", code, "the response of %s: %v", r.ProducedAt.UTC(), err)
		return
	}
	for _, a := range answers {
		if a.unknown != nil {
			j.flaw("ocsp", UnknownCritical, "the response of %s has %s", r.ProducedAt.UTC(), a.unknown)
			continue
		}
		out := Revocation{Status: a.Status, Source: "ocsp", Origin: j.origin, ProducedAt: r.ProducedAt, ThisUpdate: a.ThisUpdate, NextUpdate: a.NextUpdate, Signer: signer}
		switch a.Status {
		case StatusRevoked:
			out.Time, out.Reason, out.OnHold = a.RevokedAt, reasonName(a.Reason), a.Reason == certificateHold
		case StatusUnknown:
			out.Why = WhyResponder
		}
		kept := !a.cutoff.IsZero() && !j.cert.NotAfter.Before(a.cutoff)
		if j.counts(out, weak, kept) {
			j.take(out)
		}
	}
}

// About reports whether the response has an answer for cert, which issuer issued. It does not say that the answer can be believed.
func (r *OCSPResponse) About(cert, issuer *gm.Certificate) bool {
	return len(r.answers(cert, issuer)) > 0
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
