package testpki

import (
	"crypto/x509/pkix"
	"encoding/asn1"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

func explicit(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

func asn1Extension(oid asn1.ObjectIdentifier, value []byte) pkix.Extension {
	return pkix.Extension{Id: oid, Value: value}
}

// der builds bytes; what cannot be encoded ends the test.
func (p *PKI) der(f func(*cryptobyte.Builder)) []byte {
	p.t.Helper()
	var b cryptobyte.Builder
	f(&b)
	out, err := b.Bytes()
	if err != nil {
		p.t.Fatalf("testpki: encode: %v", err)
	}
	return out
}

// keyBits returns the contents of the subjectPublicKey bit string.
func (p *PKI) keyBits(cert *gm.Certificate) []byte {
	p.t.Helper()
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(cert.RawSubjectPublicKeyInfo, &info); err != nil {
		p.t.Fatalf("testpki: public key: %v", err)
	}
	return info.Key.Bytes
}
