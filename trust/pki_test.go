package trust_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
	"yinxin/trust"
)

var (
	epoch      = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	lastSerial atomic.Int64
)

// entity is an SM2 key with a certificate.
type entity struct {
	key  *gm.PrivateKey
	cert *gm.Certificate
}

func (e *entity) sign(digest []byte) ([]byte, error) { return gm.SignE(rand.Reader, e.key, digest) }

func (e *entity) public() *ecdsa.PublicKey { return &e.key.PublicKey }

func newKey(t testing.TB) *gm.PrivateKey {
	t.Helper()
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// change alters a certificate's template before it is signed.
type change func(*gm.Certificate)

// issue makes a certificate for key (nil: a new one) signed by issuer (nil: by itself).
func issue(t testing.TB, issuer *entity, key *gm.PrivateKey, name string, changes ...change) *entity {
	t.Helper()
	if key == nil {
		key = newKey(t)
	}
	template := &gm.Certificate{
		SerialNumber: big.NewInt(lastSerial.Add(1) + 0x7f00),
		Subject:      pkix.Name{Country: []string{"CN"}, Organization: []string{"云杉示例科技有限公司"}, CommonName: name},
		NotBefore:    epoch,
		NotAfter:     epoch.AddDate(10, 0, 0),
		KeyUsage:     gm.KeyUsageDigitalSignature | gm.KeyUsageContentCommitment,
	}
	for _, c := range changes {
		c(template)
	}
	self := &entity{key, template}
	if issuer == nil {
		issuer = self
	}
	der, err := gm.CreateCertificate(template, issuer.cert, &key.PublicKey, issuer.public(), issuer.sign)
	if err != nil {
		t.Fatal(err)
	}
	if self.cert, err = gm.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return self
}

// authority makes a CA's certificate.
func authority(t testing.TB, issuer *entity, key *gm.PrivateKey, name string, changes ...change) *entity {
	t.Helper()
	ca := func(c *gm.Certificate) {
		c.KeyUsage = gm.KeyUsageCertSign | gm.KeyUsageCRLSign
		c.BasicConstraintsValid, c.IsCA = true, true
		c.SubjectKeyId = []byte("key of " + name)
	}
	return issue(t, issuer, key, name, append([]change{ca}, changes...)...)
}

func usage(u gm.KeyUsage) change { return func(c *gm.Certificate) { c.KeyUsage = u } }

func withExtension(oid asn1.ObjectIdentifier, critical bool, value []byte) change {
	return func(c *gm.Certificate) {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: oid, Critical: critical, Value: value})
	}
}

// set makes a Set whose anchors are for signers' certificates.
func set(t testing.TB, evidence trust.Evidence, anchors ...*entity) *trust.Set {
	t.Helper()
	var list []trust.Anchor
	for _, a := range anchors {
		list = append(list, trust.Anchor{Certificate: a.cert, Use: trust.UseCA, Class: trust.ClassLicensed, Name: "示例根"})
	}
	s, err := trust.NewSet(list, evidence)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func certs(entities ...*entity) (out []*gm.Certificate) {
	for _, e := range entities {
		out = append(out, e.cert)
	}
	return out
}

func der(t testing.TB, f func(*cryptobyte.Builder)) []byte {
	t.Helper()
	var b cryptobyte.Builder
	f(&b)
	out, err := b.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func tagged(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific() }

func explicit(n uint8) cbasn1.Tag { return tagged(n).Constructed() }

// nameConstraints makes the extension of permitted and excluded general names.
func nameConstraints(t testing.TB, permitted, excluded []func(*cryptobyte.Builder)) change {
	oid := asn1.ObjectIdentifier{2, 5, 29, 30}
	return withExtension(oid, true, der(t, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for i, list := range [][]func(*cryptobyte.Builder){permitted, excluded} {
				if list == nil {
					continue
				}
				b.AddASN1(explicit(uint8(i)), func(b *cryptobyte.Builder) {
					for _, f := range list {
						b.AddASN1(cbasn1.SEQUENCE, f)
					}
				})
			}
		})
	}))
}

// general is one GeneralName of a kind with primitive contents.
func general(kind uint8, value string) []func(*cryptobyte.Builder) {
	return []func(*cryptobyte.Builder){func(b *cryptobyte.Builder) {
		b.AddASN1(tagged(kind), func(b *cryptobyte.Builder) { b.AddBytes([]byte(value)) })
	}}
}

// directory is a GeneralName that holds a distinguished name.
func directory(t testing.TB, name pkix.Name) []func(*cryptobyte.Builder) {
	raw, err := asn1.Marshal(name.ToRDNSequence())
	if err != nil {
		t.Fatal(err)
	}
	return []func(*cryptobyte.Builder){func(b *cryptobyte.Builder) {
		b.AddASN1(explicit(4), func(b *cryptobyte.Builder) { b.AddBytes(raw) })
	}}
}
