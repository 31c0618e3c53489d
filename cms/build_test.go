package cms_test

import (
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/cms"
	"yinxin/gm"
)

var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidSHA256     = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	signedAt      = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
)

// identity is a key, seen through what it signs, with its self-signed certificate.
type identity struct {
	key  *gm.PrivateKey // nil where it is no SM2 key
	cert *gm.Certificate
	sign func(message []byte) ([]byte, error)
}

func newIdentity(t testing.TB, name string) identity {
	t.Helper()
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &gm.Certificate{
		SerialNumber: big.NewInt(int64(1000 + len(name))),
		Subject:      pkix.Name{CommonName: name, Organization: []string{"云杉示例科技有限公司"}},
		NotBefore:    signedAt.AddDate(-1, 0, 0),
		NotAfter:     signedAt.AddDate(4, 0, 0),
		KeyUsage:     gm.KeyUsageDigitalSignature | gm.KeyUsageContentCommitment,
		SubjectKeyId: []byte(name),
	}
	der, err := gm.CreateCertificate(template, template, &key.PublicKey, &key.PublicKey, func(e []byte) ([]byte, error) {
		return gm.SignE(rand.Reader, key, e)
	})
	if err != nil {
		t.Fatal(err)
	}
	cert, err := gm.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return identity{key, cert, func(message []byte) ([]byte, error) {
		e, err := gm.E(&key.PublicKey, message)
		if err != nil {
			return nil, err
		}
		return gm.SignE(rand.Reader, key, e)
	}}
}

// spec says what signed data to build; the zero value with an identity and content is plain CMS, detached, with the usual three attributes.
type spec struct {
	gb          bool                  // GB/T 35275 content types
	contentType asn1.ObjectIdentifier // of the content, where not data
	attrType    asn1.ObjectIdentifier // in the content-type attribute, where another
	digest      asn1.ObjectIdentifier // SM3 where nil
	signature   asn1.ObjectIdentifier // .501 where nil
	enclose     []byte                // eContent
	noAttrs     bool
	unsorted    bool                        // attributes in the order contentType, messageDigest, signingTime
	extra       []func(*cryptobyte.Builder) // further signed attributes
	omit        asn1.ObjectIdentifier       // an attribute left out
	raw         bool                        // r‖s
	ski         bool
	noCert      bool
	version     int64
	unsigned    []func(*cryptobyte.Builder)
	crl, ocsp   []byte
}

func attribute(oid asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) func(*cryptobyte.Builder) {
	return func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oid)
			b.AddASN1(cbasn1.SET, value)
		})
	}
}

func bytesOf(t testing.TB, f func(*cryptobyte.Builder)) []byte {
	t.Helper()
	var b cryptobyte.Builder
	f(&b)
	out, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func algorithm(b *cryptobyte.Builder, oid asn1.ObjectIdentifier) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		b.AddASN1NULL()
	})
}

// attributes are the signed attributes over content, without the outer tag.
func (s spec) attributes(t testing.TB, content []byte) []byte {
	h, _, err := cms.Hash(s.digest)
	if err != nil {
		h = gm.NewSM3()
	}
	h.Write(content)
	all := []struct {
		oid   asn1.ObjectIdentifier
		value func(*cryptobyte.Builder)
	}{
		{cms.OIDContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(s.attrType) }},
		{cms.OIDMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(h.Sum(nil)) }},
		{cms.OIDSigningTime, func(b *cryptobyte.Builder) { b.AddASN1UTCTime(signedAt) }},
	}
	var list [][]byte
	for _, a := range all {
		if !a.oid.Equal(s.omit) {
			list = append(list, bytesOf(t, attribute(a.oid, a.value)))
		}
	}
	for _, f := range s.extra {
		list = append(list, bytesOf(t, f))
	}
	if !s.unsorted {
		slices.SortFunc(list, slices.Compare[[]byte])
	}
	return slices.Concat(list...)
}

// build signs content as s says.
func (id identity) build(t testing.TB, content []byte, s spec) []byte {
	t.Helper()
	kind := oidSignedData
	if s.contentType == nil {
		s.contentType = oidData
		if s.gb {
			s.contentType = gm.OIDGBData
		}
	}
	if s.gb {
		kind = gm.OIDGBSignedData
	}
	for _, p := range []struct {
		field *asn1.ObjectIdentifier
		def   asn1.ObjectIdentifier
	}{
		{&s.attrType, s.contentType}, {&s.digest, gm.OIDSM3}, {&s.signature, gm.OIDSM2WithSM3},
	} {
		if *p.field == nil {
			*p.field = p.def
		}
	}
	if s.enclose != nil {
		content = s.enclose
	}
	attrs, message := []byte(nil), content
	if !s.noAttrs {
		attrs = s.attributes(t, content)
		message = bytesOf(t, func(b *cryptobyte.Builder) { b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(attrs) }) })
	}
	sig, err := id.sign(message)
	if err != nil {
		t.Fatal(err)
	}
	if s.raw {
		if sig, err = gm.RawSignature(sig); err != nil {
			t.Fatal(err)
		}
	}
	return bytesOf(t, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(kind)
			b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { id.body(b, s, attrs, sig) })
			})
		})
	})
}

func explicit(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

func (id identity) body(b *cryptobyte.Builder, s spec, attrs, sig []byte) {
	b.AddASN1Int64(1)
	b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { algorithm(b, s.digest) })
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(s.contentType)
		if s.enclose != nil {
			b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(s.enclose) })
		}
	})
	if !s.noCert {
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddBytes(id.cert.Raw) })
	}
	if s.crl != nil || s.ocsp != nil {
		b.AddASN1(explicit(1), func(b *cryptobyte.Builder) {
			b.AddBytes(s.crl)
			b.AddASN1(explicit(1), func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 16, 2})
				b.AddBytes(s.ocsp)
			})
		})
	}
	b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { id.signer(b, s, attrs, sig) })
	})
}

func (id identity) signer(b *cryptobyte.Builder, s spec, attrs, sig []byte) {
	switch {
	case s.version != 0:
		b.AddASN1Int64(s.version)
	case s.ski:
		b.AddASN1Int64(3)
	default:
		b.AddASN1Int64(1)
	}
	if s.ski {
		b.AddASN1(cbasn1.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(id.cert.SubjectKeyId) })
	} else {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(id.cert.RawIssuer)
			b.AddASN1BigInt(id.cert.SerialNumber)
		})
	}
	algorithm(b, s.digest)
	if attrs != nil {
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddBytes(attrs) })
	}
	algorithm(b, s.signature)
	b.AddASN1OctetString(sig)
	if s.unsigned != nil {
		b.AddASN1(explicit(1), func(b *cryptobyte.Builder) {
			for _, f := range s.unsigned {
				f(b)
			}
		})
	}
}
