package timestamp

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/cms"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
)

// Maker makes tokens with one key. It may be used by several goroutines.
type Maker struct {
	key   hsm.Key
	cert  *gm.Certificate
	how   method
	certs []byte // enclosed on demand: the maker's own first, then the chain upwards

	contentType, binding []byte // the signed attributes that are the same in every token
	longest              int    // bytes of a token without its TSTInfo
}

// NewMaker binds a key to its certificate. The algorithms follow the key: SM2 with SM3, RSA of 2048 to 8192 bits in PKCS #1 v1.5 with SHA-256, or P-256
// with SHA-256. chain goes up from the certificate; its root may be left out. A certificate that is not for time stamping (CheckCertificate), one of
// another key, and another kind of key are fault.Invalid. The certificate's period is the caller's to hold.
func NewMaker(key hsm.Key, cert *gm.Certificate, chain ...*gm.Certificate) (*Maker, error) {
	if err := CheckCertificate(cert); err != nil {
		return nil, fault.New(fault.Invalid, "tsa-certificate-usage",
			"证书 "+cert.Subject.CommonName+" 不是时间戳证书：扩展密钥用途必须只有 timeStamping 且标为关键；请用 yinxin ca issue --profile tsa 签发",
			"the certificate "+cert.Subject.CommonName+" is not one for time stamping: its extended key usage must be timeStamping alone, critical; "+
				"have one issued with yinxin ca issue --profile tsa", err)
	}
	pub, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !pub.Equal(key.Public()) {
		return nil, fault.New(fault.Invalid, "key-certificate-mismatch",
			"密钥与证书不是一对：请用证书 "+cert.Subject.CommonName+" 对应的密钥",
			"the key does not belong to the certificate "+cert.Subject.CommonName+": name the key it was issued for", nil)
	}
	how, err := methodOf(cert)
	if err != nil {
		return nil, err
	}
	m := &Maker{key: key, cert: cert, how: how, certs: slices.Clone(cert.Raw)}
	for _, c := range chain {
		m.certs = append(m.certs, c.Raw...)
	}
	m.contentType, err = attribute(cms.OIDContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidTSTInfo) })
	if err != nil {
		return nil, err
	}
	if m.binding, err = attribute(cms.OIDSigningCertificateV2, m.signingCertificate); err != nil {
		return nil, err
	}
	attributes, err := m.attributes(nil)
	if err != nil {
		return nil, err
	}
	whole, err := m.assemble(nil, attributes, make([]byte, how.longest), true)
	m.longest = len(whole) + sizeGrowth
	return m, err
}

// sizeGrowth bounds what the lengths round a TSTInfo grow when it is put into a token, in bytes.
const sizeGrowth = 16

// Certificate is the one tokens are made under.
func (m *Maker) Certificate() *gm.Certificate { return m.cert }

// Size is an upper bound in bytes of a token with certificates over a TSTInfo of so many bytes.
func (m *Maker) Size(info int) int { return m.longest + info }

// Make asks the key once and returns a TimeStampToken in DER over the info, with the certificates enclosed where asked for. An answer of the key that is
// no signature is fault.Unavailable, and there is no token.
func (m *Maker) Make(ctx context.Context, info *Info, certificates bool) ([]byte, error) {
	content, err := info.Marshal()
	if err != nil {
		return nil, err
	}
	attributes, err := m.attributes(content)
	if err != nil {
		return nil, err
	}
	e, err := m.how.digest(attributes)
	if err != nil {
		return nil, fmt.Errorf("digest the signed attributes: %w", err)
	}
	value, err := m.key.Sign(ctx, e, m.how.algorithm)
	if err != nil {
		return nil, fmt.Errorf("ask the key: %w", err)
	}
	if value, err = m.how.settle(e, value); err != nil {
		return nil, fault.New(fault.Unavailable, "key-answer-wrong",
			"密钥设备返回的签名不正确，已弃用，未签发时间戳；请检查密钥设备", "the key device answered with a wrong signature, which was discarded; no time stamp was made: check the device", err)
	}
	return m.assemble(content, attributes, value, certificates)
}

// attributes returns the DER SET OF that the key signs: content-type, message-digest and signing-certificate-v2 (RFC 3161 2.4.2, RFC 5816 2.2.1).
func (m *Maker) attributes(content []byte) ([]byte, error) {
	digest, err := attribute(cms.OIDMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(m.how.sum(content)) })
	if err != nil {
		return nil, err
	}
	list := [][]byte{m.contentType, digest, m.binding}
	slices.SortFunc(list, bytes.Compare)
	var set cryptobyte.Builder
	set.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
		for _, a := range list {
			b.AddBytes(a)
		}
	})
	return set.Bytes()
}

// signingCertificate writes SigningCertificateV2 of one ESSCertIDv2 (RFC 5035): the hash, left out where it is SHA-256, and the certificate's digest. The
// issuer and serial number stand in the signer's identifier.
func (m *Maker) signingCertificate(b *cryptobyte.Builder) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				if !m.how.hash.Equal(OIDSHA256) {
					addAlgorithm(b, m.how.hash, false)
				}
				b.AddASN1OctetString(m.how.sum(m.cert.Raw))
			})
		})
	})
}

// assemble writes the ContentInfo. SignedData has version 3, since its content is not data (RFC 5652 5.1).
func (m *Maker) assemble(content, attributes, value []byte, certificates bool) ([]byte, error) {
	set := cryptobyte.String(attributes)
	if !set.ReadASN1(&set, cbasn1.SET) {
		return nil, errors.New("timestamp: the attributes are not a SET")
	}
	out := cryptobyte.NewBuilder(make([]byte, 0, len(content)+len(attributes)+len(value)+len(m.certs)+256))
	out.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(constructed(0), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(3)
				b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { addAlgorithm(b, m.how.hash, false) })
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(oidTSTInfo)
					b.AddASN1(constructed(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(content) })
				})
				if certificates {
					b.AddASN1(constructed(0), func(b *cryptobyte.Builder) { b.AddBytes(m.certs) })
				}
				b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { m.addSigner(b, set, value) })
				})
			})
		})
	})
	return out.Bytes()
}

var oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}

// addSigner writes the fields of a SignerInfo (RFC 5652 5.3).
func (m *Maker) addSigner(b *cryptobyte.Builder, attributes, value []byte) {
	b.AddASN1Int64(1)
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(m.cert.RawIssuer)
		b.AddASN1BigInt(m.cert.SerialNumber)
	})
	addAlgorithm(b, m.how.hash, false)
	b.AddASN1(constructed(0), func(b *cryptobyte.Builder) { b.AddBytes(attributes) })
	addAlgorithm(b, m.how.signature, m.how.null)
	b.AddASN1OctetString(value)
}

func attribute(oid asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		b.AddASN1(cbasn1.SET, value)
	})
	return b.Bytes()
}

// method is how one kind of key signs tokens.
type method struct {
	algorithm hsm.Algorithm
	hash      asn1.ObjectIdentifier
	signature asn1.ObjectIdentifier
	null      bool // the signature algorithm's parameters are NULL, else absent
	longest   int  // bytes of the longest value

	digest func(signed []byte) ([]byte, error)         // what the key is asked to sign
	settle func(digest, answer []byte) ([]byte, error) // the answer as it is written, checked
}

// The sizes of RSA keys in bits.
const (
	leastRSA = 2048
	mostRSA  = 8192
)

// longestPair is SEQUENCE{r,s} of two 32 byte numbers whose first bit is set, in bytes.
const longestPair = 2 + 2*(2+33)

var errAnswer = errors.New("timestamp: the value does not verify under the certificate's key")

// methodOf follows the certificate's key. The identifiers are those package cms writes: .501 for SM2, rsaEncryption with NULL, ecdsa-with-SHA256.
func methodOf(cert *gm.Certificate) (method, error) {
	spec, err := hsm.SpecOf(cert.PublicKey)
	if err != nil {
		return method{}, err
	}
	m := method{algorithm: spec.Algorithm, hash: OIDSHA256, longest: longestPair, digest: func(signed []byte) ([]byte, error) {
		sum := sha256.Sum256(signed)
		return sum[:], nil
	}}
	switch pub := cert.PublicKey.(type) {
	case *ecdsa.PublicKey:
		verify := ecdsa.VerifyASN1
		m.signature = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
		if spec.Algorithm == hsm.SM2 {
			verify = gm.VerifyE
			m.hash, m.signature = gm.OIDSM3, gm.OIDSM2WithSM3
			m.digest = func(signed []byte) ([]byte, error) { return gm.E(pub, signed) }
		}
		m.settle = func(digest, answer []byte) ([]byte, error) {
			der, err := gm.CanonicalSignature(answer) // P-256 has numbers of 32 bytes too
			if err == nil && !verify(pub, digest, der) {
				err = errAnswer
			}
			return der, err
		}
	case *rsa.PublicKey:
		if spec.Bits < leastRSA || spec.Bits > mostRSA {
			return method{}, fault.New(fault.Invalid, "key-unsuitable",
				fmt.Sprintf("%d 位的 RSA 密钥不能用于签发时间戳，请用 %d 至 %d 位的", spec.Bits, leastRSA, mostRSA),
				fmt.Sprintf("an RSA key of %d bits does not make time stamps: use one of %d to %d", spec.Bits, leastRSA, mostRSA), nil)
		}
		m.signature, m.null, m.longest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, true, pub.Size()
		m.settle = func(digest, answer []byte) ([]byte, error) {
			return answer, rsa.VerifyPKCS1v15(pub, crypto.SHA256, digest, answer)
		}
	}
	return m, nil
}

// sum is the digest of bytes by the method's hash.
func (m method) sum(msg []byte) []byte {
	if m.hash.Equal(gm.OIDSM3) {
		d := gm.SM3(msg)
		return d[:]
	}
	d := sha256.Sum256(msg)
	return d[:]
}
