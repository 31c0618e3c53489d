package trust

import (
	"encoding/hex"
	"fmt"
	"time"

	"yinxin/gm"
)

// Chain leads from a certificate to an anchor, or as far as certificates were at hand. It is plain data that marshals to JSON.
type Chain struct {
	Links         []Link    `json:"links"`              // leaf first
	Anchored      bool      `json:"anchored"`           // the last link is an anchor for the use, and every signature between holds
	Class         Class     `json:"class"`              // of the anchor
	AnchorName    string    `json:"anchor,omitempty"`   // what the operator calls it
	MissingIssuer string    `json:"missing,omitempty"`  // the issuer that nobody here has, where the chain ends early
	Wanted        *Wanted   `json:"wanted,omitempty"`   // who would have to be trusted, where the chain is not anchored
	Problems      []Problem `json:"problems,omitempty"` // an anchored chain with problems is not a good chain
}

// Wanted is who would have to be trusted for a chain to count: the highest certificate at hand, or, where that one names another as its issuer, that
// issuer.
type Wanted struct {
	Subject     string   `json:"subject"`
	Fingerprint string   `json:"sm3"`                   // of Certificate, hex
	Certificate []byte   `json:"certificate"`           // DER of the highest certificate at hand; the leaf itself, where nothing else is
	CA          bool     `json:"ca"`                    // it may issue certificates: trusting it trusts whatever it issues
	Issuer      string   `json:"issuer,omitempty"`      // who issued it and is not here; empty where it is self-signed
	IssuerKeyID string   `json:"issuerKeyId,omitempty"` // hex, as the certificate names its issuer's key
	IssuerURLs  []string `json:"issuerUrls,omitempty"`  // where the certificate says its issuer's may be had: a claim
}

// Link is one certificate of a chain.
type Link struct {
	Subject            string    `json:"subject"`
	Issuer             string    `json:"issuer"`
	Serial             string    `json:"serial"` // hex
	NotBefore          time.Time `json:"notBefore"`
	NotAfter           time.Time `json:"notAfter"`
	Fingerprint        string    `json:"sm3"` // of Raw, hex
	KeyAlgorithm       string    `json:"key"`
	SignatureAlgorithm string    `json:"signature"`
	Raw                []byte    `json:"raw"` // DER
}

// ProblemCode names what is wrong with a chain or with evidence.
type ProblemCode string

// The problems of a chain.
const (
	BadSignature     ProblemCode = "bad-signature"     // an issuer of that name and key is here, but did not sign this
	NotTrusted       ProblemCode = "root-not-trusted"  // the chain ends in a self-signed certificate that is no anchor for the use
	NotCA            ProblemCode = "not-a-ca"          // an issuer's basic constraints do not make it a CA
	PathLength       ProblemCode = "path-length"       // more CAs below an issuer than it allows
	NoCertSign       ProblemCode = "key-cert-sign"     // an issuer's key usage does not allow signing certificates
	NameConstraints  ProblemCode = "name-constraints"  // a name lies outside what an issuer may vouch for
	UnknownCritical  ProblemCode = "unknown-critical"  // a critical extension that is not understood here
	PolicyRequired   ProblemCode = "policy-required"   // an issuer requires a certificate policy, and none is valid
	PolicyMapping    ProblemCode = "policy-mapping"    // an issuer maps anyPolicy
	ExtKeyUsage      ProblemCode = "ext-key-usage"     // the extended key usage is for something else
	WeakAlgorithm    ProblemCode = "weak-algorithm"    // MD5, SHA-1, an RSA key below 2048 bits
	UnknownAlgorithm ProblemCode = "unknown-algorithm" // a signature or key of a kind not known here
	SearchGaveUp     ProblemCode = "search-gave-up"    // more paths than are worth following
)

// Problem is one thing wrong. Link counts from 0, the leaf.
type Problem struct {
	Code   ProblemCode `json:"code"`
	Link   int         `json:"link"`
	Detail string      `json:"detail"`

	Algorithm string    `json:"algorithm,omitempty"` // of WeakAlgorithm: which
	Until     time.Time `json:"until,omitzero"`      // of WeakAlgorithm: what was proven to exist before counts still, see AcceptedUntil
}

// Good reports whether the chain ends in an anchor and nothing is wrong with it. Periods and revocation are not part of this.
func (c Chain) Good() bool { return c.Anchored && len(c.Problems) == 0 }

// Has reports whether the chain has the problem.
func (c Chain) Has(code ProblemCode) bool {
	for _, p := range c.Problems {
		if p.Code == code {
			return true
		}
	}
	return false
}

// ValidAt returns the first link, from the leaf, whose period does not include t; nil where all do.
func (c Chain) ValidAt(t time.Time) (bad *Link) {
	for i := range c.Links {
		if l := &c.Links[i]; t.Before(l.NotBefore) || t.After(l.NotAfter) {
			return l
		}
	}
	return nil
}

// Certificates parses the links, leaf first.
func (c Chain) Certificates() ([]*gm.Certificate, error) {
	out := make([]*gm.Certificate, len(c.Links))
	for i, l := range c.Links {
		cert, err := gm.ParseCertificate(l.Raw)
		if err != nil {
			return nil, fmt.Errorf("link %d (%s): %w", i, l.Subject, err)
		}
		out[i] = cert
	}
	return out, nil
}

// maxIssuerURLs bounds what is repeated of a claim.
const maxIssuerURLs = 4

// wanted describes who would have to be trusted for a chain that ends in top.
func wanted(top *gm.Certificate, selfIssued bool) *Wanted {
	w := &Wanted{Subject: top.Subject.String(), Fingerprint: Fingerprint(top), Certificate: top.Raw, CA: top.BasicConstraintsValid && top.IsCA}
	if !selfIssued {
		w.Issuer, w.IssuerKeyID = top.Issuer.String(), hex.EncodeToString(top.AuthorityKeyId)
		w.IssuerURLs = top.IssuingCertificateURL[:min(len(top.IssuingCertificateURL), maxIssuerURLs)]
	}
	return w
}

// NewLink describes a certificate.
func NewLink(cert *gm.Certificate) Link {
	return Link{
		Subject:            cert.Subject.String(),
		Issuer:             cert.Issuer.String(),
		Serial:             fmt.Sprintf("%x", cert.SerialNumber),
		NotBefore:          cert.NotBefore,
		NotAfter:           cert.NotAfter,
		Fingerprint:        Fingerprint(cert),
		KeyAlgorithm:       keyAlgorithm(cert),
		SignatureAlgorithm: cert.SignatureAlgorithm.String(),
		Raw:                cert.Raw,
	}
}
