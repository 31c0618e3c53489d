package verify_test

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509/pkix"
	"encoding/asn1"
	"hash"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/sign"
	"yinxin/timestamp"
	"yinxin/verify"
)

var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
)

// foreign is a Container that writes signed data as others do.
type foreign struct {
	profile   string
	gb        bool                  // GB/T 35275 identifiers
	content   asn1.ObjectIdentifier // eContentType, where it is not that of gb
	signature asn1.ObjectIdentifier // .501 where nil
	enclose   bool                  // eContent is the digest of the document
	spoil     bool                  // … of another one
	noAttrs   bool
	unsorted  bool // content-type, message-digest, signing-time
	ski       bool
	raw       bool // r‖s
	sha1      bool // the digest of the document is SHA-1, whatever the signer's
	signer    *testpki.Holder
}

var _ sign.Container = foreign{}

func (foreign) Kind() document.Kind { return document.Sign }
func (f foreign) Profile() string   { return f.profile }
func (foreign) Size(int) int        { return 4000 }

// direct reports whether the value signs the document itself: its digest then is e.
func (f foreign) direct() bool { return f.noAttrs && !f.enclose }

func (f foreign) Hasher() document.Hasher {
	return func(string) (hash.Hash, error) {
		if f.sha1 {
			return sha1.New(), nil
		}
		if f.direct() {
			return gm.NewE(f.signer.Key.SM2())
		}
		return gm.NewSM3(), nil
	}
}

func tagged(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

func set(add func(*cryptobyte.Builder)) []byte { return element(cbasn1.SET, add) }

func element(tag cbasn1.Tag, add func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag, add)
	return b.BytesOrPanic()
}

func algorithm(oid asn1.ObjectIdentifier) []byte {
	return element(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		b.AddASN1NULL()
	})
}

func (f foreign) dataType() asn1.ObjectIdentifier {
	if f.gb {
		return gm.OIDGBData
	}
	return oidData
}

// attributes are those over sum, without the outer tag.
func (f foreign) attributes(sum []byte, at time.Time) []byte {
	one := func(oid asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) []byte {
		return element(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oid)
			b.AddBytes(set(value))
		})
	}
	list := [][]byte{
		one(cms.OIDContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(f.dataType()) }),
		one(cms.OIDMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(sum) }),
		one(cms.OIDSigningTime, func(b *cryptobyte.Builder) { b.AddASN1UTCTime(at) }),
	}
	if !f.unsorted {
		slices.SortFunc(list, slices.Compare[[]byte])
	}
	return slices.Concat(list...)
}

// Encode signs with the holder's key whatever the fields say.
func (f foreign) Encode(_ context.Context, a sign.Act, _ hsm.Key, _ timestamp.Source) ([]byte, error) {
	digest := slices.Clone(a.Digest)
	if f.spoil {
		digest[0] ^= 1
	}
	var attributes []byte
	message := digest
	if !f.noAttrs {
		sum := digest
		if f.enclose {
			inner := gm.SM3(digest)
			sum = inner[:]
		}
		attributes = f.attributes(sum, a.Time)
		message = set(func(b *cryptobyte.Builder) { b.AddBytes(attributes) })
	}
	e, err := gm.E(f.signer.Key.SM2(), message)
	if f.direct() {
		e = digest
	}
	if err != nil {
		return nil, err
	}
	value, err := gm.SignE(rand.Reader, f.signer.Key.Private(), e)
	if err == nil && f.raw {
		value, err = gm.RawSignature(value)
	}
	if err != nil {
		return nil, err
	}
	return f.whole(digest, attributes, value), nil
}

func (f foreign) whole(digest, attributes, value []byte) []byte {
	kind, content := oidSignedData, f.content
	if f.gb {
		kind = gm.OIDGBSignedData
	}
	if content == nil {
		content = f.dataType()
	}
	return element(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(kind)
		b.AddASN1(tagged(0), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddBytes(set(func(b *cryptobyte.Builder) { b.AddBytes(algorithm(gm.OIDSM3)) }))
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(content)
					if f.enclose {
						b.AddASN1(tagged(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest) })
					}
				})
				b.AddASN1(tagged(0), func(b *cryptobyte.Builder) { b.AddBytes(f.signer.Cert.Raw) })
				b.AddBytes(set(func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { f.signerInfo(b, attributes, value) })
				}))
			})
		})
	})
}

func (f foreign) signerInfo(b *cryptobyte.Builder, attributes, value []byte) {
	cert := f.signer.Cert
	if f.ski {
		b.AddASN1Int64(3)
		b.AddASN1(cbasn1.Tag(0).ContextSpecific(), func(b *cryptobyte.Builder) { b.AddBytes(cert.SubjectKeyId) })
	} else {
		b.AddASN1Int64(1)
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(cert.RawIssuer)
			b.AddASN1BigInt(cert.SerialNumber)
		})
	}
	b.AddBytes(algorithm(gm.OIDSM3))
	if attributes != nil {
		b.AddASN1(tagged(0), func(b *cryptobyte.Builder) { b.AddBytes(attributes) })
	}
	oid := f.signature
	if oid == nil {
		oid = gm.OIDSM2WithSM3
	}
	b.AddBytes(algorithm(oid))
	b.AddASN1OctetString(value)
}

// biddingUsage is the critical extended key usage, clientAuth and emailProtection, that certificates of bidding platforms were seen with.
func biddingUsage(t *testing.T) testpki.Option {
	t.Helper()
	value, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 2}, {1, 3, 6, 1, 5, 5, 7, 3, 4}})
	if err != nil {
		t.Fatal(err)
	}
	return testpki.Extensions(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: value})
}

// TestForeignLayouts: the layouts that other products write are read under the SubFilters they use, and judged like our own.
func TestForeignLayouts(t *testing.T) {
	p := testpki.New(t)
	owner, bidder := p.Owner(testpki.OwnerName, testpki.OwnerUSCC), p.Owner(testpki.OwnerName, testpki.OwnerUSCC, biddingUsage(t))
	const gb, open, pkcs7, cades = "GM.sm2cms.detached", "GM.SM2", "adbe.pkcs7.detached", "ETSI.CAdES.detached"
	for _, c := range []struct {
		name string
		f    foreign
		want verify.Code // none: it passes
	}{
		{"digest enclosed, no attributes", foreign{profile: gb, gb: true, signature: gm.OIDSM2Sign, enclose: true, noAttrs: true, signer: bidder}, ""},
		{"digest enclosed, .501, r‖s", foreign{profile: gb, gb: true, enclose: true, noAttrs: true, raw: true}, ""},
		{"digest enclosed, attributes", foreign{profile: gb, gb: true, signature: gm.OIDSM2Sign, enclose: true}, ""},
		{"detached, unsorted, other content type", foreign{profile: gb, gb: true, content: oidData, signature: gm.OIDSM2Sign, unsorted: true}, ""},
		{"detached, no attributes", foreign{profile: gb, gb: true, signature: gm.OIDSM2Sign, noAttrs: true}, ""},
		{"another document, no attributes", foreign{profile: gb, gb: true, signature: gm.OIDSM2Sign, noAttrs: true, spoil: true}, "SIG_VALUE"},
		{"plain identifiers", foreign{profile: gb}, ""},
		{"subject key identifier", foreign{profile: gb, gb: true, signature: gm.OIDSM2, ski: true}, ""},
		{"GM.SM2", foreign{profile: open}, ""},
		{"GM.SM2 GB", foreign{profile: open, gb: true, signature: gm.OIDSM2Sign, unsorted: true}, ""},
		{"adbe.pkcs7.detached", foreign{profile: pkcs7, signature: gm.OIDSM2Sign}, ""},
		{"adbe.pkcs7.detached GB, .301", foreign{profile: pkcs7, gb: true, signature: gm.OIDSM2}, ""},

		{"another digest enclosed", foreign{profile: gb, gb: true, enclose: true, noAttrs: true, spoil: true}, "DATA_HASH"},
		{"another digest in the attributes", foreign{profile: gb, gb: true, spoil: true}, "DATA_HASH"},
		{"digest enclosed, adbe.pkcs7.detached", foreign{profile: pkcs7, enclose: true}, "SIG_LAYOUT"},
		{"digest enclosed, GM.SM2", foreign{profile: open, enclose: true}, "SIG_LAYOUT"},
		{"certificate not bound, CAdES", foreign{profile: cades}, "SIGNING_CERTIFICATE_MISSING"},
		{"ECDSA identifier", foreign{profile: open, signature: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}, "SIG_ALGORITHM"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.f.signer == nil {
				c.f.signer = owner
			}
			file := testseal.Unchecked(t, testseal.PDF(t, 1), c.f, c.f.signer.Key, testseal.Picture(t, testpki.OwnerName), p.Now)
			r := judged(t, file, p.Directory(), p.Now.Add(time.Hour))
			verdict := verify.Passed
			if c.want != "" {
				verdict = verify.Failed
			}
			if r.Verdict != verdict || c.want != "" && !found(r, c.want) {
				t.Fatalf("%s, want %s %s: %+v", r.Verdict, verdict, c.want, r.Signatures[0].Findings)
			}
			if at := r.Signatures[0].Time; at == nil || !at.Claimed.Equal(p.Now) {
				t.Errorf("time %+v", at)
			}
		})
	}
}
