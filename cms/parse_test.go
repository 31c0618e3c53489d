package cms_test

import (
	"bytes"
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/cms"
	"yinxin/gm"
)

func TestParseFields(t *testing.T) {
	id := newIdentity(t, "甲")
	token, crl, ocsp := []byte{0x30, 3, 2, 1, 1}, []byte{0x30, 3, 2, 1, 2}, []byte{0x30, 3, 2, 1, 3}
	archive := attribute(cms.OIDAdobeRevocationInfo, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for i, v := range [][]byte{crl, ocsp} {
				b.AddASN1(explicit(uint8(i)), func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(v) })
				})
			}
		})
	})
	der := id.build(t, content, spec{
		gb: true, enclose: content, crl: crl, ocsp: ocsp, extra: []func(*cryptobyte.Builder){archive},
		unsigned: []func(*cryptobyte.Builder){attribute(cms.OIDTimeStampToken, func(b *cryptobyte.Builder) { b.AddBytes(token) })},
	})
	sd, err := cms.Parse(append(bytes.Clone(der), 0, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	s := &sd.Signers[0]
	if !sd.GB || sd.BER || sd.Trailing != nil || sd.Version != 1 || sd.Detached || !bytes.Equal(sd.Content, content) || !bytes.Equal(sd.Raw, der) ||
		!sd.ContentType.Equal(gm.OIDGBData) || len(sd.Certificates) != 1 || !bytes.Equal(sd.Certificates[0], id.cert.Raw) {
		t.Errorf("%+v", sd)
	}
	if len(sd.CRLs) != 1 || !bytes.Equal(sd.CRLs[0], crl) || len(sd.OCSPs) != 1 || !bytes.Equal(sd.OCSPs[0], ocsp) {
		t.Errorf("revocation: %x %x", sd.CRLs, sd.OCSPs)
	}
	if at, ok := s.SigningTime(); !ok || !at.Equal(signedAt) || at.Location() != time.UTC {
		t.Errorf("signing time %v, %v", at, ok)
	}
	if sum, err := s.MessageDigest(); err != nil || !bytes.Equal(sum, sm3(content)) {
		t.Errorf("message digest %x, %v", sum, err)
	}
	if oid, err := s.ContentTypeAttr(); err != nil || !oid.Equal(gm.OIDGBData) {
		t.Errorf("content type %v, %v", oid, err)
	}
	if tokens := s.TimeStampTokens(); len(tokens) != 1 || !bytes.Equal(tokens[0], token) {
		t.Errorf("tokens %x", tokens)
	}
	if crls, ocsps, err := s.ArchivedRevocation(); err != nil || len(crls) != 1 || !bytes.Equal(crls[0], crl) || len(ocsps) != 1 || !bytes.Equal(ocsps[0], ocsp) {
		t.Errorf("archived %x %x %v", crls, ocsps, err)
	}
}

func TestAbsentAttributes(t *testing.T) {
	id := newIdentity(t, "甲")
	sd, err := cms.Parse(id.build(t, content, spec{noAttrs: true, noCert: true}))
	if err != nil {
		t.Fatal(err)
	}
	s := &sd.Signers[0]
	sum, err1 := s.MessageDigest()
	oid, err2 := s.ContentTypeAttr()
	crls, ocsps, err3 := s.ArchivedRevocation()
	present, err4 := s.CheckSigningCertificate(id.cert)
	if _, ok := s.SigningTime(); ok || present || sum != nil || oid != nil || crls != nil || ocsps != nil || errors.Join(err1, err2, err3, err4) != nil ||
		s.SignedAttributes() != nil || s.TimeStampTokens() != nil || !sd.Detached || sd.Content != nil {
		t.Errorf("%+v", s)
	}
	if _, err := sd.Certificate(s); !errors.Is(err, cms.ErrNoCertificate) {
		t.Errorf("certificate: %v", err)
	}
}

// TestCertificateByAttribute: of two certificates with the same issuer and serial number the signing certificate attribute tells which is meant.
func TestCertificateByAttribute(t *testing.T) {
	id := newIdentity(t, "甲")
	template := *id.cert
	template.SubjectKeyId = []byte("别的")
	twinDER, err := gm.CreateCertificate(&template, &template, &id.key.PublicKey, &id.key.PublicKey, func(e []byte) ([]byte, error) {
		return gm.SignE(rand.Reader, id.key, e)
	})
	if err != nil {
		t.Fatal(err)
	}
	sd, err := cms.Parse(id.build(t, content, spec{extra: []func(*cryptobyte.Builder){ess(t, id.cert, gm.OIDSM3)}}))
	if err != nil {
		t.Fatal(err)
	}
	sd.Certificates = [][]byte{{0x30, 0}, twinDER, id.cert.Raw}
	if cert, err := sd.Certificate(&sd.Signers[0]); err != nil || !cert.Equal(id.cert) {
		t.Errorf("%v, %v", cert, err)
	}
	sd.Certificates = [][]byte{twinDER}
	cert, err := sd.Certificate(&sd.Signers[0])
	if err != nil {
		t.Fatal(err)
	}
	if r, err := sd.Signers[0].Check(sd, cert, cms.DigestOf(content)); err != nil || !r.Failed(cms.ErrCertificate) || r.Failed(cms.ErrValue) {
		t.Errorf("the twin, whose key is the same: %+v, %v", r, err)
	}
}

func TestParseRefuses(t *testing.T) {
	id := newIdentity(t, "甲")
	good := id.build(t, content, spec{})
	patch := func(from, to []byte) []byte { return bytes.Replace(bytes.Clone(good), from, to, 1) }
	many := func(n int, f func(b *cryptobyte.Builder)) []byte {
		return id.build(t, content, spec{extra: repeat(n, f)})
	}
	any1 := func(b *cryptobyte.Builder) { b.AddASN1Int64(1) }
	for name, der := range map[string][]byte{
		"nothing":             {},
		"no signed data":      patch([]byte{7, 2}, []byte{7, 3}),
		"cut":                 good[:len(good)-1],
		"large":               make([]byte, 17<<20),
		"text":                []byte("-----BEGIN PKCS7-----"),
		"version 300":         patch([]byte{2, 1, 1, 0x31}, []byte{2, 1, 0xff, 0x31}),
		"too many attributes": many(100, attribute(asn1.ObjectIdentifier{1, 2, 3}, any1)),
		"too many values": many(1, attribute(asn1.ObjectIdentifier{1, 2, 3}, func(b *cryptobyte.Builder) {
			for range 100 {
				any1(b)
			}
		})),
	} {
		var p *cms.ParseError
		if sd, err := cms.Parse(der); !errors.As(err, &p) || sd != nil || p.Offset < 0 || p.Offset > int64(len(der)) {
			t.Errorf("%s: %v, %v", name, sd, err)
		}
	}
}

func repeat(n int, f func(*cryptobyte.Builder)) (out []func(*cryptobyte.Builder)) {
	for range n {
		out = append(out, f)
	}
	return out
}

// TestManySigners: two signers are read, seventeen are refused; policy on their number is the judge's.
func TestManySigners(t *testing.T) {
	id := newIdentity(t, "甲")
	der := id.build(t, content, spec{})
	sd, err := cms.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	one := bytes.LastIndex(der, sd.Signers[0].Value) + len(sd.Signers[0].Value)
	start := bytes.LastIndex(der[:one], id.cert.RawIssuer) // the signer's, after the certificate's
	info := signerInfo(t, der, start)
	build := func(n int) []byte {
		return bytesOf(t, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidSignedData)
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1Int64(1)
						b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { algorithm(b, gm.OIDSM3) })
						b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidData) })
						b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(bytes.Repeat(info, n)) })
					})
				})
			})
		})
	}
	if sd, err := cms.Parse(build(2)); err != nil || len(sd.Signers) != 2 || sd.Signers[1].IssuerSerial.Serial.Cmp(big.NewInt(0)) == 0 {
		t.Errorf("two signers: %v", err)
	}
	if _, err := cms.Parse(build(17)); err == nil {
		t.Error("seventeen signers were read")
	}
}

// signerInfo cuts the SignerInfo whose issuer begins at issuer out of der: SEQUENCE { INTEGER 1, SEQUENCE { issuer …
func signerInfo(t *testing.T, der []byte, issuer int) []byte {
	t.Helper()
	for at := issuer; at > 0; at-- {
		in := cryptobyte.String(der[at:])
		var info, rest cryptobyte.String
		if in.ReadASN1Element(&info, cbasn1.SEQUENCE) && in.Empty() && at < issuer-8 {
			if rest = info; rest.ReadASN1(&rest, cbasn1.SEQUENCE) && rest.PeekASN1Tag(cbasn1.INTEGER) {
				return info
			}
		}
	}
	t.Fatal("no SignerInfo found")
	return nil
}
