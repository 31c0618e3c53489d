package seal_test

import (
	"context"
	"encoding/asn1"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/seal"
)

// pngHead is enough of a PNG for the rules, which look no further.
const pngHead = "\x89PNG\r\n\x1a\n"

var (
	oidTest   = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}
	oidRSA1   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}
	oidRSA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
)

// world is a maker and a signer to make seals with.
type world struct {
	t             testing.TB
	pki           *testpki.PKI
	maker, signer *testpki.Holder
}

func newWorld(t testing.TB) *world {
	p := testpki.New(t)
	return &world{t: t, pki: p, maker: p.Maker, signer: p.Owner(testpki.OwnerName, testpki.OwnerUSCC)}
}

// sign signs msg with SM2.
func (w *world) sign(h *testpki.Holder, msg []byte) []byte {
	w.t.Helper()
	e, err := gm.E(h.Key.SM2(), msg)
	if err != nil {
		w.t.Fatal(err)
	}
	value, err := h.Key.Sign(context.Background(), e, hsm.SM2)
	if err != nil {
		w.t.Fatal(err)
	}
	return value
}

// info returns the fields of a small seal that lists the signer.
func (w *world) info() seal.Info {
	now := w.pki.Now
	return seal.Info{
		Header: seal.Header{Vid: "EXAMPLE"},
		ESID:   "9199000000001",
		Property: seal.Property{
			Type: seal.TypeLegal, Name: testpki.OwnerName, ListType: seal.ListCerts, Certs: [][]byte{w.signer.Cert.Raw},
			Created: now.Add(-time.Hour), Start: now.Add(-time.Hour), End: now.AddDate(1, 0, 0),
		},
		Picture:    seal.Picture{Type: "PNG", Data: []byte(pngHead + "rest"), Width: 40, Height: 40},
		Extensions: []seal.Extension{{OID: oidTest, Value: []byte("2.1")}},
	}
}

// seal makes a seal of info.
func (w *world) seal(info seal.Info, v seal.Version, token []byte) []byte {
	w.t.Helper()
	der, err := info.Marshal(v)
	if err != nil {
		w.t.Fatal(err)
	}
	esl, err := seal.Assemble(der, w.maker.Cert.Raw, gm.OIDSM2WithSM3, w.sign(w.maker, der), token, v)
	if err != nil {
		w.t.Fatal(err)
	}
	return esl
}

// tbs returns what the signer signs with a seal.
func (w *world) tbs(esl []byte, v seal.Version) seal.TBS {
	digest := gm.SM3([]byte("content"))
	return seal.TBS{
		Version: v, Seal: esl, Time: w.pki.Now, DataHash: digest[:], Property: "/Doc_0/Signs/Sign_0/Signature.xml",
		Extensions: []seal.Extension{{OID: oidTest, Critical: true, Value: []byte{5, 0}}},
	}
}

// signature makes a signature of tbs.
func (w *world) signature(tbs seal.TBS, token []byte) []byte {
	w.t.Helper()
	der, err := tbs.Marshal()
	if err != nil {
		w.t.Fatal(err)
	}
	ses, err := seal.AssembleSignature(der, w.signer.Cert.Raw, gm.OIDSM2WithSM3, w.sign(w.signer, der), token)
	if err != nil {
		w.t.Fatal(err)
	}
	return ses
}

func parse(t testing.TB, der []byte) *seal.Seal {
	t.Helper()
	s, err := seal.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func parseSignature(t testing.TB, der []byte) *seal.Signature {
	t.Helper()
	s, err := seal.ParseSignature(der)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The package does not write v1, so what follows makes v1 bytes from outside it.

// node adds elements to a builder.
type node = func(*cryptobyte.Builder)

func tlv(tag cbasn1.Tag, inner ...node) node {
	return func(b *cryptobyte.Builder) {
		b.AddASN1(tag, func(b *cryptobyte.Builder) {
			for _, n := range inner {
				n(b)
			}
		})
	}
}

func raw(b []byte) node { return func(x *cryptobyte.Builder) { x.AddBytes(b) } }

func text(tag cbasn1.Tag, s string) node { return tlv(tag, raw([]byte(s))) }

func number(n int64) node { return func(b *cryptobyte.Builder) { b.AddASN1Int64(n) } }

func oid(o asn1.ObjectIdentifier) node {
	return func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(o) }
}

func octets(v []byte) node { return tlv(cbasn1.OCTET_STRING, raw(v)) }

func bits(v []byte) node { return func(b *cryptobyte.Builder) { b.AddASN1BitString(v) } }

func seq(inner ...node) node { return tlv(cbasn1.SEQUENCE, inner...) }

func (w *world) der(n node) []byte {
	w.t.Helper()
	var b cryptobyte.Builder
	n(&b)
	der, err := b.Bytes()
	if err != nil {
		w.t.Fatal(err)
	}
	return der
}

// v1 is a seal of 2014 about to be made.
type v1 struct {
	list  node // entry of certList
	times cbasn1.Tag
	cert  []byte
	alg   asn1.ObjectIdentifier
	sign  func(msg []byte) []byte
}

func (w *world) v1() v1 {
	return v1{list: octets(w.signer.Cert.Raw), times: cbasn1.UTCTime, cert: w.maker.Cert.Raw, alg: gm.OIDSM2WithSM3,
		sign: func(m []byte) []byte { return w.sign(w.maker, m) }}
}

func (w *world) sealV1(p v1) []byte {
	w.t.Helper()
	at := "260302080000Z"
	if p.times == cbasn1.GeneralizedTime {
		at = "20" + at
	}
	info := seq(
		seq(text(cbasn1.IA5String, "ES"), number(1), text(cbasn1.IA5String, "EXAMPLE")),
		text(cbasn1.IA5String, "9199000000001"),
		seq(number(1), text(cbasn1.UTF8String, testpki.OwnerName), seq(p.list), text(p.times, at), text(p.times, at), text(p.times, at)),
		seq(text(cbasn1.IA5String, "PNG"), octets([]byte(pngHead)), number(40), number(40)),
	)
	value := p.sign(w.der(seq(info, octets(p.cert), oid(p.alg))))
	return w.der(seq(info, seq(octets(p.cert), oid(p.alg), bits(value))))
}

func (w *world) signatureV1(esl, timeInfo []byte) []byte {
	w.t.Helper()
	digest := gm.SM3([]byte("content"))
	tbs := w.der(seq(number(1), raw(esl), bits(timeInfo), bits(digest[:]), text(cbasn1.IA5String, "/Doc_0/Signs/Sign_0/Signature.xml"),
		octets(w.signer.Cert.Raw), oid(gm.OIDSM2WithSM3)))
	return w.der(seq(raw(tbs), bits(w.sign(w.signer, tbs))))
}
