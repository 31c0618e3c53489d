package trust

import "time"

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

// Revocation is what is known of one certificate. It is plain data that marshals to JSON. ThisUpdate and NextUpdate bound when the evidence is
// fresh; whether that suits the moment judged is the judge's.
type Revocation struct {
	Status     Status    `json:"status"`
	Time       time.Time `json:"time,omitzero"`       // of revocation, the earliest that evidence states
	Reason     string    `json:"reason,omitempty"`    // RFC 5280 5.3.1, in its words; a hold counts as revoked
	Source     string    `json:"source,omitempty"`    // "crl" or "ocsp"
	ProducedAt time.Time `json:"produced,omitzero"`   // when an OCSP response was signed
	ThisUpdate time.Time `json:"thisUpdate,omitzero"` // when the status was known to be right
	NextUpdate time.Time `json:"nextUpdate,omitzero"` // zero where none is promised
	Why        Why       `json:"why,omitempty"`       // where the status is unknown

	Problems []EvidenceProblem `json:"problems,omitempty"` // with pieces of evidence, whether they counted or not
}

// EvidenceProblem is one thing wrong with a piece of evidence.
type EvidenceProblem struct {
	Code   ProblemCode `json:"code"`
	Source string      `json:"source"` // "crl" or "ocsp"
	Detail string      `json:"detail"`
}

// The problems of evidence.
const (
	Malformed      ProblemCode = "malformed"
	WrongSigner    ProblemCode = "wrong-signer" // signed by nobody who may speak for the issuer
	BadEvidence    ProblemCode = "evidence-signature"
	NotCRLSign     ProblemCode = "key-crl-sign"       // the signer's key usage does not allow signing CRLs
	DeltaCRL       ProblemCode = "delta-crl"          // a delta CRL says nothing good without its base
	IndirectCRL    ProblemCode = "indirect-crl"       // a CRL for other issuers' certificates
	OutOfScope     ProblemCode = "out-of-scope"       // the CRL is for another part of the issuer's certificates
	ResponderError ProblemCode = "responder-error"    // an OCSP response without a status
	Disagreement   ProblemCode = "evidence-disagrees" // evidence newer than the revocation says good
)
