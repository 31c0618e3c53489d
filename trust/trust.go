// Package trust holds anchors and revocation evidence and judges certificates by them: which chain leads from a certificate to an anchor for a use,
// and what is known of a certificate's revocation. It opens no connection and asks no clock: a chain carries its periods, revocation its times, and
// who judges compares them with the proven time.
//
// An anchor counts only for the use it was installed for; a bundled trust list would be somebody else's decision, so there is none.
package trust

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"fmt"

	"yinxin/gm"
)

// Use says what an anchor may vouch for.
type Use string

// The uses. Each is also the name of a folder that Load reads.
const (
	UseMaker Use = "maker" // seal makers' certificates
	UseCA    Use = "ca"    // signers' certificates
	UseTSA   Use = "tsa"   // time stamping authorities
	UseTax   Use = "tax"   // the tax authority's invoice seals
)

// Uses lists the uses.
func Uses() []Use { return []Use{UseMaker, UseCA, UseTSA, UseTax} }

// Class says what kind of authority stands behind an anchor. The operator states it; certificates do not.
type Class string

// The classes.
const (
	ClassUnknown     Class = "unknown"      // nothing was stated
	ClassInternal    Class = "internal"     // an organisation's own CA
	ClassLicensed    Class = "licensed"     // a licensed electronic certification service
	ClassEGovernment Class = "e-government" // a licensed service admitted to e-government
)

// In returns the class in words, "zh" or "en"; anything else is "en".
func (c Class) In(lang string) string {
	zh, en := "未注明类别的机构", "authority of unstated class"
	switch c {
	case ClassInternal:
		zh, en = "内部机构", "internal authority"
	case ClassLicensed:
		zh, en = "持证电子认证服务机构", "licensed certification service"
	case ClassEGovernment:
		zh, en = "电子政务电子认证服务机构", "e-government certification service"
	}
	if lang == "zh" {
		return zh
	}
	return en
}

// Anchor is a certificate trusted for one use.
type Anchor struct {
	Certificate *gm.Certificate
	Use         Use
	Class       Class
	Name        string // what the operator calls it; empty: the certificate's subject
}

// Origin says where evidence was found. It changes nothing about what the evidence proves.
type Origin string

// The origins.
const (
	OriginTrust    Origin = "trust"    // the operator's trust folder
	OriginEmbedded Origin = "embedded" // the document itself
	OriginBeside   Origin = "beside"   // kept beside the document
	OriginNetwork  Origin = "network"  // asked for now
)

// Evidence is revocation information as bytes: CRLs and OCSP responses in DER. Certificates are those of CRL signers and responders that the
// evidence itself does not carry.
type Evidence struct {
	CRLs         [][]byte
	OCSPs        [][]byte
	Certificates [][]byte
	Origin       Origin // of all of it
}

// Source finds evidence about a certificate, in files or over the network.
type Source interface {
	// Evidence returns what there is about cert; none is no error. What was found is returned beside an error too.
	Evidence(ctx context.Context, cert, issuer *gm.Certificate) (Evidence, error)
}

// IssuerSource is a Source that also finds certificates which may have issued one. Whether they did is for Build to find out.
type IssuerSource interface {
	Issuers(ctx context.Context, cert *gm.Certificate) ([]*gm.Certificate, error)
}

// Bounds on what a Set holds.
const (
	maxAnchors    = 2000
	maxCRLs       = 1000
	maxOCSPs      = 10000
	maxCRL        = 64 << 20 // bytes of one CRL
	maxOCSP       = 1 << 20  // bytes of one OCSP response
	maxAnchorFile = 4 << 20  // bytes of one certificate file, which may hold several
	maxYAML       = 1 << 20
)

// Set is anchors and evidence. It does not change once made, so it may be used by many goroutines.
type Set struct {
	anchors map[Use][]*Anchor
	issuers map[Use]map[string][]*gm.Certificate // the same by subject, as comparable text
	names   map[string]string                    // subjects and issuers of the anchors, DER, as comparable text
	crls    []*crl
	ocsps   []*OCSPResponse
	proven  *gm.Proven // may be nil
}

// With returns the same anchors and evidence with a memory for signatures that hold: of certificates, CRLs and OCSP responses. Of nil it is an empty Set.
func (s *Set) With(p *gm.Proven) *Set {
	var out Set
	if s != nil {
		out = *s
	}
	out.proven = p
	return &out
}

var _ Source = (*Set)(nil)

// NewSet makes a Set of anchors and evidence. Malformed evidence is an error.
func NewSet(anchors []Anchor, evidence Evidence) (*Set, error) {
	s := new(Set)
	for _, a := range anchors {
		if err := s.add(a); err != nil {
			return nil, err
		}
	}
	for i, der := range evidence.CRLs {
		c, err := parseCRL(der)
		if err != nil {
			return nil, fmt.Errorf("CRL %d: %w", i+1, err)
		}
		c.origin = OriginTrust
		s.crls = append(s.crls, c)
	}
	for i, der := range evidence.OCSPs {
		r, err := ParseOCSP(der)
		if err != nil {
			return nil, fmt.Errorf("OCSP response %d: %w", i+1, err)
		}
		s.ocsps = append(s.ocsps, r)
	}
	return s, nil
}

// add installs an anchor; the same certificate twice for one use is one anchor.
func (s *Set) add(a Anchor) error {
	switch a.Use {
	case UseMaker, UseCA, UseTSA, UseTax:
	default:
		return fmt.Errorf("trust: unknown use %q", a.Use)
	}
	if a.Certificate == nil {
		return errors.New("trust: an anchor without a certificate")
	}
	if a.Class == "" {
		a.Class = ClassUnknown
	}
	if s.anchors == nil {
		s.anchors, s.issuers, s.names = make(map[Use][]*Anchor), make(map[Use]map[string][]*gm.Certificate), make(map[string]string)
	}
	if s.issuers[a.Use] == nil {
		s.issuers[a.Use] = make(map[string][]*gm.Certificate)
	}
	if s.anchor(a.Certificate, a.Use) == nil {
		for _, der := range [][]byte{a.Certificate.RawSubject, a.Certificate.RawIssuer} {
			s.names[string(der)] = nameKey(der)
		}
		subject := s.nameKey(a.Certificate.RawSubject)
		s.anchors[a.Use] = append(s.anchors[a.Use], &a)
		s.issuers[a.Use][subject] = append(s.issuers[a.Use][subject], a.Certificate)
	}
	return nil
}

// nameKey is nameKey, known beforehand for the names that are met with every file.
func (s *Set) nameKey(der []byte) string {
	if key, ok := s.names[string(der)]; ok {
		return key
	}
	return nameKey(der)
}

// sameName reports whether two DER Names are the same name.
func (s *Set) sameName(a, b []byte) bool {
	return string(a) == string(b) || s.nameKey(a) == s.nameKey(b)
}

// anchor returns the anchor for the use that cert is, nil where it is none.
func (s *Set) anchor(cert *gm.Certificate, use Use) *Anchor {
	for _, a := range s.anchors[use] {
		if a.Certificate.Equal(cert) {
			return a
		}
	}
	return nil
}

// Issuer returns an anchor, for whatever use, that issued cert; nil where there is none. An anchor that is itself an end certificate has its revocation
// from there.
func (s *Set) Issuer(cert *gm.Certificate) *gm.Certificate {
	for _, use := range Uses() {
		for _, a := range s.anchors[use] {
			if s.sameName(a.Certificate.RawSubject, cert.RawIssuer) && !a.Certificate.Equal(cert) && s.signed(cert, a.Certificate) == nil {
				return a.Certificate
			}
		}
	}
	return nil
}

// Anchors lists the anchors by use, in the order they were installed.
func (s *Set) Anchors() []Anchor {
	var out []Anchor
	for _, use := range Uses() {
		for _, a := range s.anchors[use] {
			out = append(out, *a)
		}
	}
	return out
}

// name is what the anchor is called.
func (a *Anchor) name() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Certificate.Subject.String()
}

// Fingerprint returns cert's SM3 digest in hex, what trust.yaml names an anchor by.
func Fingerprint(cert *gm.Certificate) string {
	sum := gm.Fingerprint(cert)
	return hex.EncodeToString(sum[:])
}

// IsSM2 reports whether cert's key is an SM2 key.
func IsSM2(cert *gm.Certificate) bool { return gm.IsSM2(cert.PublicKey) }

// keyAlgorithm names cert's key.
func keyAlgorithm(cert *gm.Certificate) string {
	switch pub := cert.PublicKey.(type) {
	case *ecdsa.PublicKey:
		if gm.IsSM2(pub) {
			return "SM2"
		}
		return "ECDSA " + pub.Curve.Params().Name
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA-%d", pub.N.BitLen())
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "unknown"
}
