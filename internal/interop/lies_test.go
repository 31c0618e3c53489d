package interop_test

import (
	"bytes"
	"context"
	"hash"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/timestamp"
)

// lie is a document that only somebody with keys can make: every signature is right, and one thing is not.
type lie struct {
	name  string
	data  []byte
	fails string
}

func (w *world) lies(t *testing.T) []lie {
	t.Helper()
	base, mine, other := testseal.PDF(t, 1), w.info.Picture, testseal.Picture(t, "别处示例有限公司")
	esl := testseal.Make(t, w.pki, w.info, seal.V4)
	stranger := w.pki.Owner("别处示例有限公司", testpki.MakerUSCC)
	again := w.pki.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.WithKey(w.owner.Key))
	honest := &liar{esl: esl, signer: w.owner}
	with := func(change func(l *liar)) *liar {
		l := *honest
		change(&l)
		return &l
	}
	made := func(name string, c sign.Container, pic seal.Picture, fails string) lie {
		return lie{name, testseal.Unchecked(t, base, c, w.owner.Key, pic, w.pki.Now), fails}
	}
	return []lie{
		made("none", honest, mine, ""),
		made("picture", honest, other, "picture"),
		made("signer", with(func(l *liar) { l.signer = stranger }), mine, "listed"),
		made("version", with(func(l *liar) { l.number = 5 }), mine, "version"),
		made("time", with(func(l *liar) { l.years = 2 }), mine, "time time-shown"),
		made("range", with(func(l *liar) { l.property = "ByteRange:[0,1,2,3]" }), mine, "range-named"),
		made("maker", with(func(l *liar) { l.esl = after(testpki.OwnerName, -1)(esl) }), mine, "seal-maker"),
		made("certificate", w.exchanged(t, again.Cert.Raw), mine, "certificate-id"),
	}
}

// liar is a Container that writes an SES_Signature of whatever it was told, rightly signed.
type liar struct {
	esl      []byte
	signer   *testpki.Holder
	number   byte   // TBS_Sign.version, where not the seal's
	years    int    // later than it is
	property string // instead of the document's
}

var _ sign.Container = (*liar)(nil)

func (*liar) Kind() document.Kind     { return document.Seal }
func (*liar) Profile() string         { return sign.ProfileSES }
func (*liar) Hasher() document.Hasher { return sm3 }
func (l *liar) Size(int) int          { return len(l.esl) + 4000 }

func (l *liar) Encode(_ context.Context, a sign.Act, _ hsm.Key, _ timestamp.Source) ([]byte, error) {
	tbs := seal.TBS{Version: seal.V4, Seal: l.esl, Time: a.Time.AddDate(l.years, 0, 0), DataHash: a.Digest, Property: a.Property}
	if l.property != "" {
		tbs.Property = l.property
	}
	der, err := tbs.Marshal()
	if err != nil {
		return nil, err
	}
	if l.number != 0 {
		der[bytes.Index(der, []byte{2, 1, byte(seal.V4)})+2] = l.number
	}
	e, err := gm.E(l.signer.Key.SM2(), der)
	if err != nil {
		return nil, err
	}
	value, err := l.signer.Key.True(e)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder // package seal would not write every lie
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(der)
		b.AddASN1OctetString(l.signer.Cert.Raw)
		b.AddASN1ObjectIdentifier(gm.OIDSM2WithSM3)
		b.AddASN1BitString(value)
	})
	return b.Bytes()
}

// exchange is a Container that encloses another certificate of the same key than the one its attributes bind.
type exchange struct {
	*sign.CMS
	bound, enclosed *cms.Builder
}

func (w *world) exchanged(t *testing.T, enclosed []byte) exchange {
	t.Helper()
	c, err := sign.NewCMS(w.owner.Cert.Raw)
	if err != nil {
		t.Fatal(err)
	}
	x := exchange{CMS: c}
	if x.bound, err = cms.NewBuilder(w.owner.Cert.Raw); err != nil {
		t.Fatal(err)
	}
	if x.enclosed, err = cms.NewBuilder(enclosed); err != nil {
		t.Fatal(err)
	}
	return x
}

func (x exchange) Encode(ctx context.Context, a sign.Act, k hsm.Key, _ timestamp.Source) ([]byte, error) {
	attributes, err := x.bound.Attributes(a.Digest, a.Time)
	if err != nil {
		return nil, err
	}
	key := k.(*testpki.Key)
	e, err := gm.E(key.SM2(), attributes)
	if err != nil {
		return nil, err
	}
	value, err := key.True(e)
	if err != nil {
		return nil, err
	}
	return x.enclosed.Assemble(attributes, value, nil)
}

// sm3 hashes as every seal does.
func sm3(string) (hash.Hash, error) { return gm.NewSM3(), nil }
