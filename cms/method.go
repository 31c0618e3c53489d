package cms

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"fmt"
	"math"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/fault"
	"yinxin/gm"
)

var (
	oidRSAEncryption   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidECDSAWithSHA256 = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

// longestPair is SEQUENCE{r,s} of two 32 byte numbers whose first bit is set, in bytes.
const longestPair = 2 + 2*(2+33)

// method is how one kind of key signs, as it is written.
type method struct {
	digest        digest
	digestNull    bool // the parameters are NULL, else absent
	signature     asn1.ObjectIdentifier
	signatureNull bool
	pair          bool // the value is SEQUENCE{r,s}, else an RSA number
	longest       int  // bytes of the longest value
}

// methodOf follows the certificate's key.
//
// RSA is named rsaEncryption with NULL, not sha256WithRSAEncryption: it is the identifier every implementation of CMS must support for PKCS #1 v1.5
// (RFC 3370, 3.2), what OpenSSL writes, and what PDF readers have read longest; which hash it is the digest algorithm says. Parameters of SHA-256 and
// ecdsa-with-SHA256 are absent (RFC 5754, 2 and 3.3), and so are those of SM3 and .501, written alike. GB/T 35275 values met in the field have NULL
// with both of their identifiers.
func methodOf(cert *gm.Certificate, gb bool) (method, error) {
	sha256, _ := digestByOID(oidSHA256)
	sm3, _ := digestByOID(gm.OIDSM3)
	sm2 := gm.IsSM2(cert.PublicKey)
	switch {
	case sm2 && gb:
		return method{digest: sm3, digestNull: true, signature: gm.OIDSM2Sign, signatureNull: true, pair: true, longest: longestPair}, nil
	case sm2:
		return method{digest: sm3, signature: gm.OIDSM2WithSM3, pair: true, longest: longestPair}, nil
	case gb:
		return method{}, fault.New(fault.Invalid, "certificate-not-sm2",
			"证书 "+cert.Subject.CommonName+" 的公钥不是 SM2：GB/T 35275 签名请用 SM2 证书，其他证书请用 CMS 签名",
			"the key of the certificate "+cert.Subject.CommonName+" is not SM2: sign the GB/T 35275 way with an SM2 certificate, or make a CMS signature", nil)
	}
	switch pub := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		if bits := pub.N.BitLen(); bits < secureRSA || bits > mostRSA {
			return method{}, unsuitable(cert, fmt.Sprintf("RSA %d 位", bits), fmt.Sprintf("RSA of %d bits", bits))
		}
		if pub.E > math.MaxInt32 { // no program here could check the answer before it is used
			return method{}, unsuitable(cert, "公开指数超过 31 位的 RSA", "RSA with a public exponent of more than 31 bits")
		}
		return method{digest: sha256, signature: oidRSAEncryption, signatureNull: true, longest: pub.Size()}, nil
	case *ecdsa.PublicKey:
		if pub.Curve == elliptic.P256() {
			return method{digest: sha256, signature: oidECDSAWithSHA256, pair: true, longest: longestPair}, nil
		}
		return method{}, unsuitable(cert, "曲线 "+pub.Curve.Params().Name, "the curve "+pub.Curve.Params().Name)
	}
	return method{}, unsuitable(cert, fmt.Sprintf("%T", cert.PublicKey), fmt.Sprintf("%T", cert.PublicKey))
}

func unsuitable(cert *gm.Certificate, zh, en string) error {
	return fault.New(fault.Invalid, "key-unsuitable",
		"证书 "+cert.Subject.CommonName+" 的密钥不能用于签名："+zh+"。可用的密钥为 SM2、2048 位以上的 RSA 和 P-256，请换用这样的密钥和证书",
		"the key of the certificate "+cert.Subject.CommonName+" is not used for signing: "+en+"; use a key that is SM2, RSA of 2048 bits or more, or P-256", nil)
}

// takes reports whether value has the form and length of one by such a key.
func (m method) takes(value []byte) bool {
	if !m.pair {
		return len(value) == m.longest
	}
	in := cryptobyte.String(value)
	var pair cryptobyte.String
	var r, s []byte
	return len(value) <= m.longest && in.ReadASN1(&pair, cbasn1.SEQUENCE) && in.Empty() && pair.ReadASN1Integer(&r) && pair.ReadASN1Integer(&s) && pair.Empty()
}

func (m method) addDigest(b *cryptobyte.Builder) { addAlgorithm(b, m.digest.oid, m.digestNull) }

func (m method) addSignature(b *cryptobyte.Builder) { addAlgorithm(b, m.signature, m.signatureNull) }

func addAlgorithm(b *cryptobyte.Builder, oid asn1.ObjectIdentifier, null bool) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		if null {
			b.AddASN1NULL()
		}
	})
}
