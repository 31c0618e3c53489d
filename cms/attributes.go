package cms

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

// Attribute types read here.
var (
	OIDContentType          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	OIDMessageDigest        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	OIDSigningTime          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	OIDAlgorithmProtection  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 52}        // RFC 6211
	OIDSigningCertificate   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12} // RFC 2634
	OIDSigningCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47} // RFC 5035
	OIDTimeStampToken       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14} // RFC 3161 appendix A, unsigned
	OIDAdobeRevocationInfo  = asn1.ObjectIdentifier{1, 2, 840, 113583, 1, 1, 8}         // adbe-revocationInfoArchival
)

// ErrNoCertificate is returned where the signed data does not hold the signer's certificate.
var ErrNoCertificate = errors.New("cms: the signer's certificate is not among those enclosed")

// Certificate returns the enclosed certificate that the signer names. Where several carry that name, the one its signing certificate attribute
// states is meant. The error is ErrNoCertificate, and ErrUnsupported too where one is there whose key is not known here.
func (sd *SignedData) Certificate(s *Signer) (*gm.Certificate, error) {
	var first *gm.Certificate
	var unread error
	for _, raw := range sd.Certificates {
		cert, err := gm.ParseCertificate(raw)
		if err != nil {
			if unknown := s.unknownKey(raw); unknown != nil {
				err = unknown
			}
			unread = err
			continue
		}
		if !s.names(cert) {
			continue
		}
		if present, err := s.CheckSigningCertificate(cert); present && err == nil {
			return cert, nil
		}
		if first == nil {
			first = cert
		}
	}
	switch {
	case first != nil:
		return first, nil
	case unread != nil:
		return nil, fmt.Errorf("%w; one of them cannot be read: %w", ErrNoCertificate, unread)
	}
	return nil, ErrNoCertificate
}

// names reports whether the signer's identifier is cert's. Names are compared as bytes: who issued the certificate wrote both.
func (s *Signer) names(cert *gm.Certificate) bool {
	if s.IssuerSerial == nil {
		return len(s.SubjectKeyID) > 0 && bytes.Equal(s.SubjectKeyID, cert.SubjectKeyId)
	}
	return s.IssuerSerial.Serial.Cmp(cert.SerialNumber) == 0 && bytes.Equal(s.IssuerSerial.Issuer, cert.RawIssuer)
}

// single returns the only value of the signed attribute; ok is false where the attribute is absent, and more than one attribute or value is an error.
func (s *Signer) single(oid asn1.ObjectIdentifier) (value cryptobyte.String, ok bool, err error) {
	for _, a := range s.Attributes {
		if !a.Type.Equal(oid) {
			continue
		}
		if ok || len(a.Values) != 1 {
			return nil, true, fmt.Errorf("attribute %s does not have exactly one value", oid)
		}
		value, ok = a.Values[0], true
	}
	return value, ok, nil
}

// MessageDigest returns the message-digest attribute, nil where it is absent.
func (s *Signer) MessageDigest() ([]byte, error) {
	v, ok, err := s.single(OIDMessageDigest)
	if err != nil || !ok {
		return nil, err
	}
	var out cryptobyte.String
	if !v.ReadASN1(&out, cbasn1.OCTET_STRING) {
		return nil, errors.New("the message-digest attribute is not an octet string")
	}
	return out, nil
}

// ContentTypeAttr returns the content-type attribute, nil where it is absent.
func (s *Signer) ContentTypeAttr() (asn1.ObjectIdentifier, error) {
	v, ok, err := s.single(OIDContentType)
	if err != nil || !ok {
		return nil, err
	}
	var oid asn1.ObjectIdentifier
	if !v.ReadASN1ObjectIdentifier(&oid) {
		return nil, errors.New("the content-type attribute is not an object identifier")
	}
	return oid, nil
}

// SigningTime returns the time the signer claims; ok is false where the attribute is absent or unreadable. It proves nothing.
func (s *Signer) SigningTime() (t time.Time, ok bool) {
	v, ok, err := s.single(OIDSigningTime)
	if err != nil || !ok {
		return t, false
	}
	if _, err := asn1.Unmarshal(v, &t); err != nil {
		return time.Time{}, false
	}
	return t.UTC(), true
}

// TimeStampTokens returns the RFC 3161 tokens over the signature value, each a ContentInfo in DER.
func (s *Signer) TimeStampTokens() [][]byte {
	var out [][]byte
	for _, a := range s.Unsigned {
		if a.Type.Equal(OIDTimeStampToken) {
			out = append(out, a.Values...)
		}
	}
	return out
}

// ArchivedRevocation returns the CRLs and OCSPResponses of Adobe's revocationInfoArchival attribute, signed or not. A malformed attribute is an error.
func (s *Signer) ArchivedRevocation() (crls, ocsps [][]byte, err error) {
	for _, attrs := range [][]Attribute{s.Attributes, s.Unsigned} {
		for _, a := range attrs {
			if !a.Type.Equal(OIDAdobeRevocationInfo) {
				continue
			}
			for _, v := range a.Values {
				c, o, err := parseArchive(v)
				if err != nil {
					return nil, nil, err
				}
				crls, ocsps = append(crls, c...), append(ocsps, o...)
			}
		}
	}
	if len(crls) > maxRevocation || len(ocsps) > maxRevocation {
		return nil, nil, errors.New("cms: too much archived revocation information")
	}
	return crls, ocsps, nil
}

// parseArchive reads RevocationInfoArchival ::= SEQUENCE { crl [0] SEQUENCE OF CRL, ocsp [1] SEQUENCE OF OCSPResponse, other [2] }, all optional
// and explicitly tagged (ISO 32000-1 12.8.3.3.2).
func parseArchive(value cryptobyte.String) (crls, ocsps [][]byte, err error) {
	bad := errors.New("cms: malformed revocationInfoArchival attribute")
	var in cryptobyte.String
	if !value.ReadASN1(&in, cbasn1.SEQUENCE) {
		return nil, nil, bad
	}
	for i, list := range []*[][]byte{&crls, &ocsps} {
		var explicit, items cryptobyte.String
		var present bool
		if !in.ReadOptionalASN1(&explicit, &present, cbasn1.Tag(i).ContextSpecific().Constructed()) {
			return nil, nil, bad
		}
		if !present {
			continue
		}
		if !explicit.ReadASN1(&items, cbasn1.SEQUENCE) {
			return nil, nil, bad
		}
		for !items.Empty() {
			var item cryptobyte.String
			if !items.ReadASN1Element(&item, cbasn1.SEQUENCE) {
				return nil, nil, bad
			}
			*list = append(*list, item)
		}
	}
	return crls, ocsps, nil
}
