package trust

import (
	"time"

	"yinxin/fault"
	"yinxin/gm"
)

// Status is what evidence says of a certificate.
type Status string

// The statuses.
const (
	StatusGood    Status = "good"
	StatusRevoked Status = "revoked"
	StatusUnknown Status = "unknown"
)

// Why says why a status is unknown.
type Why string

// The reasons.
const (
	WhyNoEvidence Why = "no-evidence"       // nothing here is about this certificate
	WhyUnusable   Why = "evidence-unusable" // there is evidence, but none that counts; see Problems
	WhyResponder  Why = "responder-unknown" // the CA's own responder does not know the certificate
)

// Revocation is what is known of one certificate: the best evidence, with its source and times. It is plain data that marshals to JSON. ThisUpdate and
// NextUpdate bound when the evidence is fresh; whether that suits the moment judged says a Freshness.
type Revocation struct {
	Status     Status    `json:"status"`
	Time       time.Time `json:"time,omitzero"`       // of revocation, the earliest that evidence states
	Reason     string    `json:"reason,omitempty"`    // RFC 5280 5.3.1, in its words
	OnHold     bool      `json:"onHold,omitempty"`    // revoked with the reason certificateHold, which may be lifted
	Source     string    `json:"source,omitempty"`    // "crl" or "ocsp"
	Origin     Origin    `json:"origin,omitempty"`    // where that was found
	ProducedAt time.Time `json:"produced,omitzero"`   // when an OCSP response was signed
	ThisUpdate time.Time `json:"thisUpdate,omitzero"` // when the status was known to be right
	NextUpdate time.Time `json:"nextUpdate,omitzero"` // zero where none is promised
	Signer     *Speaker  `json:"signer,omitempty"`    // who signed the evidence
	Why        Why       `json:"why,omitempty"`       // where the status is unknown

	Problems []EvidenceProblem `json:"problems,omitempty"` // with pieces of evidence, whether they counted or not
}

// Speaker is the certificate that signed a piece of evidence.
type Speaker struct {
	Subject     string    `json:"subject"`
	Fingerprint string    `json:"sm3"`
	NotBefore   time.Time `json:"notBefore"`
	NotAfter    time.Time `json:"notAfter"`
	Delegated   bool      `json:"delegated,omitempty"` // not the issuer of the certificate, but somebody it gave that right
	Unchecked   bool      `json:"unchecked,omitempty"` // a delegate without id-pkix-ocsp-nocheck, of whose own revocation nothing is known
}

func speaker(cert, issuer *gm.Certificate) *Speaker {
	return &Speaker{Subject: cert.Subject.String(), Fingerprint: Fingerprint(cert), NotBefore: cert.NotBefore, NotAfter: cert.NotAfter,
		Delegated: !cert.Equal(issuer)}
}

// EvidenceProblem is one thing wrong with a piece of evidence.
type EvidenceProblem struct {
	Code   ProblemCode `json:"code"`
	Source string      `json:"source"` // "crl" or "ocsp"
	Origin Origin      `json:"origin,omitempty"`
	Detail string      `json:"detail"`

	// Words say it to people, where whoever was asked had such.
	Words *fault.Public `json:"words,omitempty"`
}

// maxProblems bounds what is said of evidence.
const maxProblems = 32

// The problems of evidence.
const (
	Malformed      ProblemCode = "malformed"
	WrongSigner    ProblemCode = "wrong-signer" // signed by nobody who may speak for the issuer
	BadEvidence    ProblemCode = "evidence-signature"
	NotCRLSign     ProblemCode = "key-crl-sign"       // the signer's key usage does not allow signing CRLs
	DeltaCRL       ProblemCode = "delta-crl"          // a delta CRL says nothing good without its base
	OutOfScope     ProblemCode = "out-of-scope"       // the CRL is for another part of the issuer's certificates
	OtherIssuer    ProblemCode = "other-issuer"       // the CRL is another issuer's
	OtherSubject   ProblemCode = "other-certificate"  // the OCSP response is about other certificates
	AfterExpiry    ProblemCode = "after-expiry"       // the evidence is younger than the certificate's end and no longer need list it
	ResponderError ProblemCode = "responder-error"    // an OCSP response without a status
	Disagreement   ProblemCode = "evidence-disagrees" // evidence newer than the revocation says good
	Unreachable    ProblemCode = "source-unreachable" // a source was asked and gave nothing; said by who asked
)

// Freshness says how old evidence of a good status may be. The zero value is the ordinary one: until the next update, and for a day where none is
// promised.
type Freshness struct {
	MaxAge     time.Duration // after this update, whatever the next update; 0 is no such bound
	Unpromised time.Duration // after this update, where no next update is promised; 0 is a day
}

// Until is the last moment for which the evidence counts.
func (f Freshness) Until(r Revocation) time.Time {
	until := r.NextUpdate
	if until.IsZero() {
		unpromised := f.Unpromised
		if unpromised == 0 {
			unpromised = 24 * time.Hour
		}
		until = r.ThisUpdate.Add(unpromised)
	}
	if oldest := r.ThisUpdate.Add(f.MaxAge); f.MaxAge > 0 && oldest.Before(until) {
		return oldest
	}
	return until
}

// Suits reports whether evidence of a good status counts at the moment.
func (f Freshness) Suits(r Revocation, at time.Time) bool { return !f.Until(r).Before(at) }
