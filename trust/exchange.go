package trust

import (
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

// What is needed to ask for evidence and to tell an answer from anything else; asking is the business of trust/fetch.

// OCSPRequest makes the request (RFC 6960 4.1) for cert, which issuer issued, in DER. The hash names the issuer and is no proof of anything: SM3 is what
// GM/T 0014 responders expect, SHA-1 what all others know. hash is one of gm.OIDSM3, SHA-1 and SHA-256.
func OCSPRequest(cert, issuer *gm.Certificate, hash asn1.ObjectIdentifier) ([]byte, error) {
	name, ok := hashBy(hash, cert.RawIssuer)
	key, _ := hashBy(hash, keyBits(issuer))
	if !ok {
		return nil, fmt.Errorf("trust: no OCSP request with the hash %s", hash)
	}
	var b cryptobyte.Builder
	sequence := func(b *cryptobyte.Builder, f cryptobyte.BuilderContinuation) { b.AddASN1(cbasn1.SEQUENCE, f) }
	sequence(&b, func(b *cryptobyte.Builder) { // OCSPRequest
		sequence(b, func(b *cryptobyte.Builder) { // TBSRequest
			sequence(b, func(b *cryptobyte.Builder) { // requestList
				sequence(b, func(b *cryptobyte.Builder) { // Request
					sequence(b, func(b *cryptobyte.Builder) { // CertID
						sequence(b, func(b *cryptobyte.Builder) {
							b.AddASN1ObjectIdentifier(hash)
							b.AddASN1NULL()
						})
						b.AddASN1OctetString(name)
						b.AddASN1OctetString(key)
						b.AddASN1BigInt(cert.SerialNumber)
					})
				})
			})
		})
	})
	return b.Bytes()
}

// OIDSHA1 is the hash of OCSP requests that every responder knows.
func OIDSHA1() asn1.ObjectIdentifier { return oidSHA1 }

// CRLInfo is what a CRL says of itself, read and not believed.
type CRLInfo struct {
	Issuer     []byte // DER Name
	ThisUpdate time.Time
	NextUpdate time.Time // zero where absent
	Delta      bool
}

// ReadCRL reads the frame of a CRL in DER; its entries and signature are not looked at. The error is a *ParseError.
func ReadCRL(der []byte) (CRLInfo, error) {
	c, err := parseCRL(der)
	if err != nil {
		return CRLInfo{}, err
	}
	return CRLInfo{Issuer: c.issuer, ThisUpdate: c.thisUpdate, NextUpdate: c.nextUpdate, Delta: c.delta}, nil
}

// CRLFromPEM returns the DER of a CRL that may be PEM.
func CRLFromPEM(data []byte) []byte {
	if b, _ := pem.Decode(data); b != nil && b.Type == "X509 CRL" {
		return b.Bytes
	}
	return data
}

// maxPublished bounds the certificates of one file that a CA publishes.
const maxPublished = 64

var (
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidGMSigned   = asn1.ObjectIdentifier{1, 2, 156, 10197, 6, 1, 4, 2, 2}
	errPublished  = errors.New("trust: neither a certificate nor a bundle of certificates")
)

// PublishedCertificates reads what CAs publish as their certificates (RFC 5280 4.2.2.1): one certificate in DER or several in PEM, or a SignedData that
// only carries certificates. Those that cannot be read are left out; none is an error.
func PublishedCertificates(data []byte) ([]*gm.Certificate, error) {
	if list, err := gm.ParseCertificates(data); err == nil {
		return list[:min(len(list), maxPublished)], nil
	}
	if b, _ := pem.Decode(data); b != nil && (b.Type == "PKCS7" || b.Type == "CMS") {
		data = b.Bytes
	}
	in := cryptobyte.String(data)
	var info, explicit, signed, certs cryptobyte.String
	var kind asn1.ObjectIdentifier
	var present bool
	if !in.ReadASN1(&info, cbasn1.SEQUENCE) || !info.ReadASN1ObjectIdentifier(&kind) || !kind.Equal(oidSignedData) && !kind.Equal(oidGMSigned) ||
		!info.ReadASN1(&explicit, cbasn1.Tag(0).ContextSpecific().Constructed()) || !explicit.ReadASN1(&signed, cbasn1.SEQUENCE) ||
		!signed.SkipASN1(cbasn1.INTEGER) || !signed.SkipASN1(cbasn1.SET) || !signed.SkipASN1(cbasn1.SEQUENCE) ||
		!signed.ReadOptionalASN1(&certs, &present, cbasn1.Tag(0).ContextSpecific().Constructed()) {
		return nil, errPublished
	}
	var out []*gm.Certificate
	for !certs.Empty() && len(out) < maxPublished {
		var raw cryptobyte.String
		var tag cbasn1.Tag
		if !certs.ReadAnyASN1Element(&raw, &tag) {
			return nil, errPublished
		}
		if c, err := gm.ParseCertificate(raw); err == nil {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, errPublished
	}
	return out, nil
}
