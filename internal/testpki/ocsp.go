package testpki

import (
	"crypto/sha1" // OCSP names issuers and responders by it
	"crypto/sha256"
	"encoding/asn1"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
	"yinxin/hsm"
)

// OCSP is an OCSP response to make. The zero value of every field but Cert means the ordinary thing.
type OCSP struct {
	Cert       *gm.Certificate
	Issuer     *Holder   // of Cert; nil is Root
	Responder  *Holder   // who signs; nil is the issuer
	ByKey      bool      // the responder named by the SHA-1 of its key instead of its name
	Enclose    bool      // the responder's certificate goes along
	SHA1       bool      // the certificate named by SHA-1 instead of SM3
	Revoked    time.Time // zero is good
	Reason     int       // of revocation
	Unknown    bool      // the responder does not know Cert
	ThisUpdate time.Time // zero is an hour before Now
	NextUpdate time.Time // zero is seven days after ThisUpdate
}

// NoCheck is id-pkix-ocsp-nocheck for Extensions: the CA promises not to revoke the responder.
func NoCheck() Option {
	return func(s *spec) {
		s.template.ExtraExtensions = append(s.template.ExtraExtensions, asn1Extension(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, []byte{5, 0}))
	}
}

// OCSPServer names a responder in the certificate.
func OCSPServer(url string) Option {
	return func(s *spec) { s.template.OCSPServer = append(s.template.OCSPServer, url) }
}

// IssuerURL names the place where the issuer's certificate may be had.
func IssuerURL(url string) Option {
	return func(s *spec) { s.template.IssuingCertificateURL = append(s.template.IssuingCertificateURL, url) }
}

// OCSP returns an OCSPResponse as DER.
func (p *PKI) OCSP(o OCSP) []byte {
	p.t.Helper()
	if o.Issuer == nil {
		o.Issuer = p.Root
	}
	if o.Responder == nil {
		o.Responder = o.Issuer
	}
	if o.ThisUpdate.IsZero() {
		o.ThisUpdate = p.Now.Add(-time.Hour)
	}
	if o.NextUpdate.IsZero() {
		o.NextUpdate = o.ThisUpdate.AddDate(0, 0, 7)
	}
	tbs := p.der(func(b *cryptobyte.Builder) { b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { o.data(p, b) }) })
	basic := p.der(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(tbs)
			oid, sig := p.signature(o.Responder, tbs)
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oid) })
			b.AddASN1BitString(sig)
			if o.Enclose {
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(o.Responder.Cert.Raw) })
				})
			}
		})
	})
	return p.der(func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Enum(0)
			b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1})
					b.AddASN1OctetString(basic)
				})
			})
		})
	})
}

// data is the contents of ResponseData.
func (o *OCSP) data(p *PKI, b *cryptobyte.Builder) {
	if o.ByKey {
		sum := sha1.Sum(p.keyBits(o.Responder.Cert))
		b.AddASN1(explicit(2), func(b *cryptobyte.Builder) { b.AddASN1OctetString(sum[:]) })
	} else {
		b.AddASN1(explicit(1), func(b *cryptobyte.Builder) { b.AddBytes(o.Responder.Cert.RawSubject) })
	}
	b.AddASN1GeneralizedTime(o.ThisUpdate)
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			o.id(p, b)
			switch {
			case o.Unknown:
				b.AddASN1(cbasn1.Tag(2).ContextSpecific(), func(*cryptobyte.Builder) {})
			case o.Revoked.IsZero():
				b.AddASN1(cbasn1.Tag(0).ContextSpecific(), func(*cryptobyte.Builder) {})
			default:
				b.AddASN1(explicit(1), func(b *cryptobyte.Builder) {
					b.AddASN1GeneralizedTime(o.Revoked)
					b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(o.Reason)) })
				})
			}
			b.AddASN1GeneralizedTime(o.ThisUpdate)
			b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1GeneralizedTime(o.NextUpdate) })
		})
	})
}

// id is CertID.
func (o *OCSP) id(p *PKI, b *cryptobyte.Builder) {
	oid, hash := gm.OIDSM3, func(data []byte) []byte { sum := gm.SM3(data); return sum[:] }
	if o.SHA1 {
		oid, hash = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, func(data []byte) []byte { sum := sha1.Sum(data); return sum[:] }
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oid) })
		b.AddASN1OctetString(hash(o.Cert.RawIssuer))
		b.AddASN1OctetString(hash(p.keyBits(o.Issuer.Cert)))
		b.AddASN1BigInt(o.Cert.SerialNumber)
	})
}

// signature signs with the holder's key, under the identifier of its algorithm.
func (p *PKI) signature(h *Holder, msg []byte) (oid asn1.ObjectIdentifier, sig []byte) {
	p.t.Helper()
	digest := sha256.Sum256(msg)
	e, err := digest[:], error(nil)
	switch h.Key.alg {
	case hsm.SM2:
		oid = gm.OIDSM2WithSM3
		e, err = gm.E(h.Key.SM2(), msg)
	case hsm.RSAPKCS1:
		oid = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	default:
		oid = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	}
	if err == nil {
		sig, err = h.Key.quiet(e)
	}
	if err != nil {
		p.t.Fatalf("testpki: sign an OCSP response: %v", err)
	}
	return oid, sig
}
