package cms_test

import (
	"crypto/sha1"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"hash"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/cms"
	"yinxin/gm"
)

// check parses what was built and checks its only signer with the enclosed certificate.
func check(t *testing.T, der []byte, outside cms.DigestFunc) cms.Result {
	t.Helper()
	sd, err := cms.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := sd.Certificate(&sd.Signers[0])
	if err != nil {
		t.Fatal(err)
	}
	r, err := sd.Signers[0].Check(sd, cert, outside)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ess is a signing certificate attribute of either kind.
func ess(t *testing.T, cert *gm.Certificate, alg asn1.ObjectIdentifier) func(*cryptobyte.Builder) {
	oid := cms.OIDSigningCertificateV2
	if alg == nil {
		oid = cms.OIDSigningCertificate
	}
	return attribute(oid, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					sum := sha1.Sum(cert.Raw)
					value := sum[:]
					if alg != nil {
						h, _, err := cms.Hash(alg)
						if err != nil {
							t.Fatal(err)
						}
						h.Write(cert.Raw)
						value = h.Sum(nil)
						if !alg.Equal(oidSHA256) {
							b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(alg) })
						}
					}
					b.AddASN1OctetString(value)
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
							b.AddASN1(explicit(4), func(b *cryptobyte.Builder) { b.AddBytes(cert.RawIssuer) })
						})
						b.AddASN1BigInt(cert.SerialNumber)
					})
				})
			})
		})
	})
}

func protection(digest, signature asn1.ObjectIdentifier) func(*cryptobyte.Builder) {
	return attribute(cms.OIDAlgorithmProtection, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			algorithm(b, digest)
			b.AddASN1(explicit(1), func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(signature) })
		})
	})
}

type checkCase struct {
	name    string
	spec    spec
	inside  bool     // nothing outside is given
	fail    cms.Code // empty: intact
	notes   []cms.NoteCode
	layout  cms.Layout
	content []byte // what outside holds, where it is not what was signed
}

var content = []byte("示例市数据局：本证照仅供核验示例。")

func sm3(b []byte) []byte { d := gm.SM3(b); return d[:] }

func TestCheckSM2(t *testing.T) {
	id, other := newIdentity(t, "示例签章人"), newIdentity(t, "另一签章人")
	none := []cms.NoteCode{cms.NoteNoCertificate}
	direct := []cms.NoteCode{cms.NoteNoAttributes, cms.NoteNoCertificate}
	bound := func(alg asn1.ObjectIdentifier) []func(*cryptobyte.Builder) {
		return []func(*cryptobyte.Builder){ess(t, id.cert, alg)}
	}
	cases := []checkCase{
		{name: "detached .501", notes: none, layout: cms.Detached},
		{name: "detached GB .301.1", spec: spec{gb: true, signature: gm.OIDSM2Sign}, notes: none, layout: cms.Detached},
		{name: "detached .301", spec: spec{signature: gm.OIDSM2}, notes: none, layout: cms.Detached},
		{name: "raw r‖s", spec: spec{raw: true}, notes: []cms.NoteCode{cms.NoteNoCertificate, cms.NoteRawSignature}, layout: cms.Detached},
		{name: "unsorted attributes", spec: spec{unsorted: true}, notes: []cms.NoteCode{cms.NoteUnsorted, cms.NoteNoCertificate}, layout: cms.Detached},
		{name: "GB attribute over CMS data", spec: spec{gb: true, contentType: oidData, attrType: gm.OIDGBData},
			notes: []cms.NoteCode{cms.NoteNoCertificate, cms.NoteContentType}, layout: cms.Detached},
		{name: "detached without attributes", spec: spec{gb: true, noAttrs: true}, notes: direct, layout: cms.Detached},
		{name: "digest enclosed, no attributes", spec: spec{gb: true, noAttrs: true, enclose: sm3(content)}, notes: direct, layout: cms.Digested},
		{name: "digest enclosed, attributes", spec: spec{enclose: sm3(content)}, notes: none, layout: cms.Digested},
		{name: "digest as text", spec: spec{noAttrs: true, enclose: []byte(base64.StdEncoding.EncodeToString(sm3(content)))},
			notes: append([]cms.NoteCode{cms.NoteDigestAsText}, direct...), layout: cms.Digested},
		{name: "document enclosed", spec: spec{enclose: content}, notes: none, layout: cms.Enclosed},
		{name: "enclosed, nothing outside", spec: spec{enclose: content}, inside: true, notes: none, layout: cms.Enclosed},
		{name: "subject key identifier", spec: spec{ski: true}, notes: none, layout: cms.Detached},
		{name: "ESSCertIDv2 SM3", spec: spec{extra: bound(gm.OIDSM3)}, layout: cms.Detached},
		{name: "ESSCertIDv2 SHA-256 by default", spec: spec{extra: bound(oidSHA256)}, layout: cms.Detached},
		{name: "ESSCertID", spec: spec{extra: bound(nil)}, layout: cms.Detached},
		{name: "algorithm protection", spec: spec{extra: []func(*cryptobyte.Builder){protection(gm.OIDSM3, gm.OIDSM2WithSM3)}}, notes: none, layout: cms.Detached},

		{name: "another document", content: []byte("别的"), fail: cms.ErrDigest},
		{name: "another document, no attributes", spec: spec{noAttrs: true}, content: []byte("别的"), fail: cms.ErrValue},
		{name: "another digest enclosed", spec: spec{enclose: sm3([]byte("别的"))}, fail: cms.ErrDigest},
		{name: "detached, nothing outside", inside: true, fail: cms.ErrContent},
		{name: "content type differs", spec: spec{attrType: oidTSTInfo}, fail: cms.ErrAttributes},
		{name: "no content-type attribute", spec: spec{omit: cms.OIDContentType}, fail: cms.ErrAttributes},
		{name: "no message-digest attribute", spec: spec{omit: cms.OIDMessageDigest}, fail: cms.ErrAttributes},
		{name: "two message digests", spec: spec{extra: []func(*cryptobyte.Builder){attribute(cms.OIDMessageDigest,
			func(b *cryptobyte.Builder) { b.AddASN1OctetString(sm3(nil)) })}}, fail: cms.ErrAttributes},
		{name: "digest algorithm is not SM3", spec: spec{digest: oidSHA256}, fail: cms.ErrAlgorithm},
		{name: "keyed SM3", spec: spec{digest: gm.OIDSM3Keyed}, fail: cms.ErrUnsupported},
		{name: "ECDSA identifier on an SM2 key", spec: spec{signature: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}, fail: cms.ErrAlgorithm},
		{name: "protected algorithm differs", spec: spec{extra: []func(*cryptobyte.Builder){protection(oidSHA256, gm.OIDSM2WithSM3)}}, fail: cms.ErrAlgorithm},
		{name: "another signing certificate", spec: spec{extra: []func(*cryptobyte.Builder){ess(t, other.cert, gm.OIDSM3)}}, fail: cms.ErrCertificate},
		{name: "version", spec: spec{version: 3}, notes: append([]cms.NoteCode{cms.NoteIdentifierKind}, none...), layout: cms.Detached},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.content == nil {
				c.content = content
			}
			outside := cms.DigestOf(c.content)
			if c.inside {
				outside = nil
			}
			c.verdict(t, check(t, id.build(t, content, c.spec), outside))
		})
	}
}

func (c checkCase) verdict(t *testing.T, r cms.Result) {
	t.Helper()
	if c.fail != "" {
		if !r.Failed(c.fail) || !errors.Is(r.Err(), r.Failures[0].Code) || r.Intact() {
			t.Fatalf("want %s: %+v", c.fail, r)
		}
		return
	}
	if err := r.Err(); err != nil || r.Layout != c.layout || len(r.Insecure) > 0 || len(r.Notes) != len(c.notes) {
		t.Fatalf("want layout %s and notes %v: %+v", c.layout, c.notes, r)
	}
	for _, n := range c.notes {
		if !r.Noted(n) {
			t.Errorf("%s is not noted: %v", n, r.Notes)
		}
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
}

// TestSHA1Enclosed: adbe.pkcs7.sha1 encloses the document's SHA-1 digest; it holds, and is reported as no proof.
func TestSHA1Enclosed(t *testing.T) {
	id := newIdentity(t, "甲")
	sum := sha1.Sum(content)
	der := id.build(t, content, spec{enclose: sum[:]})
	if r := check(t, der, cms.DigestOf(content)); !r.Intact() || r.Layout != cms.Digested || len(r.Insecure) != 1 || !r.Noted(cms.NoteOtherDigest) {
		t.Errorf("%+v", r)
	}
	if r := check(t, der, cms.DigestOf([]byte("别的"))); !r.Failed(cms.ErrDigest) {
		t.Errorf("another document: %+v", r)
	}
}

func TestHash(t *testing.T) {
	for _, c := range []struct {
		oid      asn1.ObjectIdentifier
		strength cms.Strength
		name     string
		size     int
	}{
		{gm.OIDSM3, cms.Secure, "SM3", 32},
		{oidSHA256, cms.Secure, "SHA-256", 32},
		{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 8}, cms.Secure, "SHA3-256", 32},
		{asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, cms.Insecure, "SHA-1", 20},
		{asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 5}, cms.Insecure, "MD5", 16},
		{gm.OIDSM3Keyed, cms.Unknown, "1.2.156.10197.1.401.2", 0},
	} {
		h, strength, err := cms.Hash(c.oid)
		if strength != c.strength || cms.HashName(c.oid) != c.name || (err == nil) != (c.size > 0) || err == nil && h.Size() != c.size ||
			err != nil && !errors.Is(err, cms.ErrUnknownAlgorithm) {
			t.Errorf("%s: %v, %v", c.name, strength, err)
		}
	}
}

// TestWrongCertificate: the value verifies under the signer's key only.
func TestWrongCertificate(t *testing.T) {
	id, other := newIdentity(t, "甲"), newIdentity(t, "乙乙")
	sd, err := cms.Parse(id.build(t, content, spec{}))
	if err != nil {
		t.Fatal(err)
	}
	if r, err := sd.Signers[0].Check(sd, other.cert, cms.DigestOf(content)); err != nil || !r.Failed(cms.ErrValue) || len(r.Failures) != 1 {
		t.Errorf("%v, %+v", err, r)
	}
}

// TestUnreadableDocument: a document that cannot be read gives no result, be it the digest or e that is wanted.
func TestUnreadableDocument(t *testing.T) {
	id, broken := newIdentity(t, "甲"), errors.New("disk is gone")
	for _, s := range []spec{{}, {noAttrs: true}, {enclose: sm3(content)}} {
		sd, err := cms.Parse(id.build(t, content, s))
		if err != nil {
			t.Fatal(err)
		}
		_, err = sd.Signers[0].Check(sd, id.cert, func(func() (hash.Hash, error)) ([]byte, error) { return nil, broken })
		if !errors.Is(err, broken) {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// TestFlippedBits: no value with one bit changed verifies, nor attributes with one bit changed.
func TestFlippedBits(t *testing.T) {
	id := newIdentity(t, "甲")
	der := id.build(t, content, spec{gb: true, extra: []func(*cryptobyte.Builder){ess(t, id.cert, gm.OIDSM3)}})
	sd, err := cms.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	s := sd.Signers[0]
	for _, part := range [][]byte{s.Value, s.RawAttributes} {
		for i := range part {
			for _, bit := range []byte{1, 0x10, 0x80} {
				part[i] ^= bit
				again, err := cms.Parse(der)
				if err == nil {
					if r, err := again.Signers[0].Check(again, id.cert, cms.DigestOf(content)); err != nil || r.Intact() {
						t.Errorf("byte %d bit %x: still intact (%v)", i, bit, err)
					}
				}
				part[i] ^= bit
			}
		}
	}
	if r := check(t, der, cms.DigestOf(content)); !r.Intact() {
		t.Errorf("restored: %+v", r)
	}
}
