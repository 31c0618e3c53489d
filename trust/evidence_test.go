package trust_test

import (
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
)

// crl makes a CRL of e with the serial numbers and their reasons.
func (e *entity) crl(t testing.TB, at time.Time, revoked map[*entity]int, extensions ...pkix.Extension) []byte {
	t.Helper()
	template := &gm.RevocationList{Number: big.NewInt(1), ThisUpdate: at, NextUpdate: at.AddDate(0, 1, 0), ExtraExtensions: extensions}
	for r, reason := range revoked {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, gm.RevocationListEntry{
			SerialNumber: r.cert.SerialNumber, RevocationTime: at.Add(-time.Hour), ReasonCode: reason,
		})
	}
	out, err := gm.CreateRevocationList(template, e.cert, e.sign)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// issuingPoint makes the issuing distribution point extension: a URI, and the flags 1, 2, 4 and 5.
func issuingPoint(t testing.TB, uri string, flags ...uint8) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: der(t, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if uri != "" {
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
					b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
						b.AddASN1(tagged(6), func(b *cryptobyte.Builder) { b.AddBytes([]byte(uri)) })
					})
				})
			}
			for _, n := range flags {
				b.AddASN1(tagged(n), func(b *cryptobyte.Builder) {
					if n == 3 {
						b.AddUint8(6)
						b.AddUint8(0x40)
					} else {
						b.AddUint8(0xff)
					}
				})
			}
		})
	})}
}

// answer is one answer of a response to build; the zero value with a certificate says good at the epoch.
type answer struct {
	cert     *entity
	issuer   *entity
	hash     asn1.ObjectIdentifier // SM3 where nil
	status   uint8                 // the tag: 0 good, 1 revoked, 2 unknown
	reason   int64
	at       time.Time
	critical bool
}

// response is an OCSP response to build.
type response struct {
	signer    *entity
	byKey     bool
	with      []*entity // certificates enclosed
	produced  time.Time
	answers   []answer
	basic     bool // without the outer OCSPResponse
	critical  bool
	signature asn1.ObjectIdentifier
}

func unknownCritical(b *cryptobyte.Builder) {
	b.AddASN1(explicit(1), func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 3, 4})
				b.AddASN1Boolean(true)
				b.AddASN1OctetString(nil)
			})
		})
	})
}

func (r response) build(t testing.TB) []byte {
	t.Helper()
	if r.signature == nil {
		r.signature = gm.OIDSM2WithSM3
	}
	if r.produced.IsZero() {
		r.produced = epoch
	}
	tbs := der(t, func(b *cryptobyte.Builder) { b.AddASN1(cbasn1.SEQUENCE, r.data) })
	e, err := gm.E(r.signer.public(), tbs)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := gm.SignE(rand.Reader, r.signer.key, e)
	if err != nil {
		t.Fatal(err)
	}
	basic := der(t, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(tbs)
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(r.signature) })
			b.AddASN1BitString(sig)
			if r.with != nil {
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						for _, w := range r.with {
							b.AddBytes(w.cert.Raw)
						}
					})
				})
			}
		})
	})
	if r.basic {
		return basic
	}
	return der(t, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Enum(0)
			b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1})
					b.AddASN1OctetString(basic)
				})
			})
		})
	})
}

// data is the contents of ResponseData.
func (r response) data(b *cryptobyte.Builder) {
	if r.byKey {
		b.AddASN1(explicit(2), func(b *cryptobyte.Builder) { b.AddASN1OctetString(sm3(keyBits(r.signer.cert))) })
	} else {
		b.AddASN1(explicit(1), func(b *cryptobyte.Builder) { b.AddBytes(r.signer.cert.RawSubject) })
	}
	b.AddASN1GeneralizedTime(r.produced)
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, a := range r.answers {
			b.AddASN1(cbasn1.SEQUENCE, a.build)
		}
	})
	if r.critical {
		unknownCritical(b)
	}
}

func (a answer) build(b *cryptobyte.Builder) {
	if a.hash == nil {
		a.hash = gm.OIDSM3
	}
	if a.at.IsZero() {
		a.at = epoch
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(a.hash) })
		b.AddASN1OctetString(hashBy(a.hash, a.issuer.cert.RawSubject))
		b.AddASN1OctetString(hashBy(a.hash, keyBits(a.issuer.cert)))
		b.AddASN1BigInt(a.cert.cert.SerialNumber)
	})
	if a.status == 1 {
		b.AddASN1(explicit(1), func(b *cryptobyte.Builder) {
			b.AddASN1GeneralizedTime(a.at.Add(-time.Hour))
			b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1Enum(a.reason) })
		})
	} else {
		b.AddASN1(tagged(a.status), func(*cryptobyte.Builder) {})
	}
	b.AddASN1GeneralizedTime(a.at)
	b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1GeneralizedTime(a.at.AddDate(0, 0, 7)) })
	if a.critical {
		unknownCritical(b)
	}
}

func sm3(b []byte) []byte { d := gm.SM3(b); return d[:] }
