package cms

import (
	"encoding/asn1"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

// Both shapes have the structure of PKCS#7 1.5: with data for content and a signer named by issuer and serial number RFC 5652 has version 1 too.
const writtenVersion = 1

func (b *Builder) dataType() asn1.ObjectIdentifier {
	if b.gb {
		return gm.OIDGBData
	}
	return oidData
}

func (b *Builder) signedDataType() asn1.ObjectIdentifier {
	if b.gb {
		return gm.OIDGBSignedData
	}
	return oidSignedData
}

// encode writes the ContentInfo. attributes are the contents of their SET.
func (b *Builder) encode(attributes, value, token []byte) ([]byte, error) {
	var out cryptobyte.Builder
	out.AddASN1(cbasn1.SEQUENCE, func(info *cryptobyte.Builder) {
		info.AddASN1ObjectIdentifier(b.signedDataType())
		info.AddASN1(context0, func(content *cryptobyte.Builder) {
			content.AddASN1(cbasn1.SEQUENCE, func(sd *cryptobyte.Builder) {
				sd.AddASN1Int64(writtenVersion)
				sd.AddASN1(cbasn1.SET, b.how.addDigest)
				sd.AddASN1(cbasn1.SEQUENCE, func(c *cryptobyte.Builder) { c.AddASN1ObjectIdentifier(b.dataType()) })
				sd.AddASN1(context0, func(c *cryptobyte.Builder) { c.AddBytes(b.certs) })
				sd.AddASN1(cbasn1.SET, func(signers *cryptobyte.Builder) {
					signers.AddASN1(cbasn1.SEQUENCE, func(s *cryptobyte.Builder) { b.addSigner(s, attributes, value, token) })
				})
			})
		})
	})
	return out.Bytes()
}

// addSigner writes the fields of a SignerInfo (RFC 5652, 5.3).
func (b *Builder) addSigner(s *cryptobyte.Builder, attributes, value, token []byte) {
	s.AddASN1Int64(writtenVersion)
	s.AddASN1(cbasn1.SEQUENCE, func(sid *cryptobyte.Builder) {
		sid.AddBytes(b.cert.RawIssuer)
		sid.AddASN1BigInt(b.cert.SerialNumber)
	})
	b.how.addDigest(s)
	s.AddASN1(context0, func(a *cryptobyte.Builder) { a.AddBytes(attributes) })
	b.how.addSignature(s)
	s.AddASN1OctetString(value)
	if len(token) == 0 {
		return
	}
	s.AddASN1(context1, func(u *cryptobyte.Builder) {
		addAttribute(u, OIDTimeStampToken, func(v *cryptobyte.Builder) { v.AddBytes(token) })
	})
}

// signingCertificate writes a SigningCertificateV2 of one ESSCertIDv2 (RFC 5035, 3 and 4): the hash algorithm, left out where it is the default
// SHA-256 as DER wants, the certificate's hash, and its issuer and serial number.
func (b *Builder) signingCertificate(v *cryptobyte.Builder) {
	sum := hashOf(b.how.digest, b.cert.Raw)
	v.AddASN1(cbasn1.SEQUENCE, func(v *cryptobyte.Builder) {
		v.AddASN1(cbasn1.SEQUENCE, func(certs *cryptobyte.Builder) {
			certs.AddASN1(cbasn1.SEQUENCE, func(id *cryptobyte.Builder) {
				if !b.how.digest.oid.Equal(oidSHA256) {
					b.how.addDigest(id)
				}
				id.AddASN1OctetString(sum)
				id.AddASN1(cbasn1.SEQUENCE, b.addIssuerSerial)
			})
		})
	})
}

// addIssuerSerial writes the fields of IssuerSerial: GeneralNames with the one directoryName [4], explicit because a Name is a CHOICE, and the serial.
func (b *Builder) addIssuerSerial(v *cryptobyte.Builder) {
	v.AddASN1(cbasn1.SEQUENCE, func(names *cryptobyte.Builder) {
		names.AddASN1(cbasn1.Tag(4).ContextSpecific().Constructed(), func(name *cryptobyte.Builder) { name.AddBytes(b.cert.RawIssuer) })
	})
	v.AddASN1BigInt(b.cert.SerialNumber)
}

func addAttribute(b *cryptobyte.Builder, oid asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) {
	b.AddASN1(cbasn1.SEQUENCE, func(a *cryptobyte.Builder) {
		a.AddASN1ObjectIdentifier(oid)
		a.AddASN1(cbasn1.SET, value)
	})
}

func attributeDER(oid asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) ([]byte, error) {
	var b cryptobyte.Builder
	addAttribute(&b, oid, value)
	return b.Bytes()
}

// The years that UTCTime can name (RFC 5652, 11.3); all others are written as GeneralizedTime.
const (
	firstUTC         = 1950
	firstGeneralized = 2050
)

// addTime writes t, which is in UTC, in whole seconds.
func addTime(b *cryptobyte.Builder, t time.Time) {
	if y := t.Year(); y >= firstUTC && y < firstGeneralized {
		b.AddASN1UTCTime(t)
		return
	}
	b.AddASN1GeneralizedTime(t)
}
