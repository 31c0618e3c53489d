package gm_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
)

// issuer is a key that signs digests, and what its certificates must say.
type issuer struct {
	name string
	key  *testpki.Key
	want string // signature algorithm
}

func issuers(t testing.TB) []issuer {
	return []issuer{
		{"SM2", testpki.NewKeyOf(t, hsm.SM2), "SM2-SM3"},
		{"RSA", testpki.NewKeyOf(t, hsm.RSAPKCS1), "SHA256-RSA"},
		{"P-256", testpki.NewKeyOf(t, hsm.ECDSAP256), "ECDSA-SHA256"},
	}
}

func rootTemplate() *gm.Certificate {
	return &gm.Certificate{
		SerialNumber:          big.NewInt(7),
		Subject:               pkix.Name{CommonName: "示例根证书"},
		NotBefore:             testpki.Epoch(),
		NotAfter:              testpki.Epoch().AddDate(1, 0, 0),
		KeyUsage:              gm.KeyUsageCertSign | gm.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		SubjectKeyId:          []byte("示例"),
	}
}

func (i issuer) root(t testing.TB) *gm.Certificate {
	t.Helper()
	template := rootTemplate()
	der, err := gm.CreateCertificate(template, template, i.key.Public(), i.key.Public(), i.key.True)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := gm.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// TestAlgorithmFollowsIssuer: certificates and lists are signed under the algorithm of the issuer's key, whatever the subject's.
func TestAlgorithmFollowsIssuer(t *testing.T) {
	all := issuers(t)
	for _, i := range all {
		root := i.root(t)
		for _, subject := range all {
			leaf := &gm.Certificate{SerialNumber: big.NewInt(8), Subject: pkix.Name{CommonName: testpki.OwnerName}, NotBefore: root.NotBefore, NotAfter: root.NotAfter}
			der, err := gm.CreateCertificate(leaf, root, subject.key.Public(), i.key.Public(), i.key.True)
			if err != nil {
				t.Fatalf("%s under %s: %v", subject.name, i.name, err)
			}
			cert, err := gm.ParseCertificate(der)
			if err != nil || gm.CheckCertificateSignature(cert, root) != nil || cert.SignatureAlgorithm.String() != i.want {
				t.Errorf("%s under %s is signed with %s, %v", subject.name, i.name, cert.SignatureAlgorithm, err)
			}
			standard(t, i, der, root)
		}
		list := &gm.RevocationList{Number: big.NewInt(1), ThisUpdate: root.NotBefore, NextUpdate: root.NotAfter,
			RevokedCertificateEntries: []gm.RevocationListEntry{{SerialNumber: big.NewInt(8), RevocationTime: root.NotBefore}}}
		der, err := gm.CreateRevocationList(list, root, i.key.True)
		if err != nil {
			t.Fatalf("list of %s: %v", i.name, err)
		}
		crl, err := gm.ParseRevocationList(der)
		if err != nil || crl.CheckSignatureFrom(root) != nil || crl.SignatureAlgorithm.String() != i.want {
			t.Errorf("the list of %s is signed with %s, %v", i.name, crl.SignatureAlgorithm, err)
		}
	}
}

// standard has the standard library, which knows no SM2, check a certificate.
func standard(t *testing.T, i issuer, der []byte, root *gm.Certificate) {
	t.Helper()
	if i.key.SM2() != nil {
		return
	}
	parent, err := x509.ParseCertificate(root.Raw)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return // an SM2 subject
	}
	if err := cert.CheckSignatureFrom(parent); err != nil {
		t.Errorf("%s: %v", i.name, err)
	}
}

// TestCreateRefuses: keys of other kinds do not issue, and an answer that is no signature makes no certificate.
func TestCreateRefuses(t *testing.T) {
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	unasked := func([]byte) ([]byte, error) { t.Error("the key was asked"); return nil, nil }
	for name, pub := range map[string]crypto.PublicKey{"Ed25519": edwards, "P-384": &p384.PublicKey, "none": nil, "no EC key": (*ecdsa.PublicKey)(nil), "no RSA key": (*rsa.PublicKey)(nil)} {
		template := rootTemplate()
		if _, err := gm.CreateCertificate(template, template, &p384.PublicKey, pub, unasked); err == nil {
			t.Errorf("%s issues certificates", name)
		}
		if _, err := gm.CreateRevocationList(&gm.RevocationList{Number: big.NewInt(1), NextUpdate: time.Now()}, &gm.Certificate{PublicKey: pub}, unasked); err == nil {
			t.Errorf("%s issues lists", name)
		}
	}
	pulled := errors.New("pulled out")
	for _, i := range issuers(t) {
		other := testpki.NewKeyOf(t, i.key.Algorithm())
		for name, sign := range map[string]gm.SignFunc{
			"nothing":        func([]byte) ([]byte, error) { return nil, nil },
			"garbage":        func([]byte) ([]byte, error) { return []byte("garbage"), nil },
			"a stranger's":   other.True,
			"another digest": func(d []byte) ([]byte, error) { return i.key.True(append([]byte{d[0] ^ 1}, d[1:]...)) },
			"too much":       func(d []byte) ([]byte, error) { sig, err := i.key.True(d); return append(sig, 0), err },
			"failure":        func([]byte) ([]byte, error) { return nil, pulled },
		} {
			template := rootTemplate()
			_, err := gm.CreateCertificate(template, template, i.key.Public(), i.key.Public(), sign)
			if err == nil || name == "failure" && !errors.Is(err, pulled) {
				t.Errorf("%s: %s as an answer: %v", i.name, name, err)
			}
		}
	}
}

// TestTemplateAlgorithm: a template cannot ask an RSA or P-256 key for another digest or another padding.
func TestTemplateAlgorithm(t *testing.T) {
	named := func(i issuer, name string) *gm.Certificate {
		template := rootTemplate()
		for template.SignatureAlgorithm = 1; template.SignatureAlgorithm.String() != name; template.SignatureAlgorithm++ {
			if template.SignatureAlgorithm > 100 {
				t.Fatalf("no signature algorithm %s", name)
			}
		}
		return template
	}
	for _, i := range issuers(t) {
		for _, name := range []string{"SHA384-RSA", "SHA256-RSAPSS", "SHA512-RSA", "ECDSA-SHA384", "Ed25519"} {
			template := named(i, name)
			if _, err := gm.CreateCertificate(template, template, i.key.Public(), i.key.Public(), i.key.True); err == nil {
				t.Errorf("%s signs %s", i.name, name)
			}
		}
		template := named(i, i.want)
		if _, err := gm.CreateCertificate(template, template, i.key.Public(), i.key.Public(), i.key.True); err != nil && !strings.Contains(i.want, "SM2") {
			t.Errorf("%s: %v", i.name, err)
		}
	}
}
