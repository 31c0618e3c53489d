package sign_test

import (
	"context"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"yinxin/cms"
	"yinxin/fault"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
)

// liar answers with a token over something else.
type liar struct{ timestamp.Source }

func (l liar) Token(ctx context.Context, i timestamp.Imprint) ([]byte, error) {
	return l.Source.Token(ctx, timestamp.Imprint{Hash: i.Hash, Digest: make([]byte, len(i.Digest))})
}

// TestStampedSeal: a v5 seal holds a token over the maker's signature value; a v4 seal cannot, and a token over anything else makes no seal.
func TestStampedSeal(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	h := p.Owner("示例时间戳服务", "", testpki.Extensions(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true,
		Value: []byte("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08")}))
	source, err := tsa.New(t.Context(), tsa.Config{Key: h.Key, Certificate: h.Cert, Clock: func(context.Context) (time.Time, error) { return p.Now, nil }})
	if err != nil {
		t.Fatal(err)
	}
	info := testseal.Info(t, p, testpki.OwnerName, owner.Cert)
	esl, err := sign.MakeStampedSeal(t.Context(), p.Maker.Key, p.Maker.Cert.Raw, info, seal.V5, source)
	if err != nil {
		t.Fatal(err)
	}
	s, err := seal.Parse(esl)
	if err != nil || s.VerifyMaker() != nil {
		t.Fatal(err)
	}
	token, err := timestamp.Parse(s.TimeStamp)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := token.Check(cms.DigestOf(s.SignValue)); err != nil || !f.Intact() || !f.Time.Equal(p.Now) {
		t.Errorf("%v: %+v", err, f.Failures)
	}
	before := p.Maker.Key.Uses()
	if _, err := sign.MakeStampedSeal(t.Context(), p.Maker.Key, p.Maker.Cert.Raw, info, seal.V4, source); fault.KindOf(err) != fault.Invalid || p.Maker.Key.Uses() != before {
		t.Errorf("v4: %v", err)
	}
	if esl, err := sign.MakeStampedSeal(t.Context(), p.Maker.Key, p.Maker.Cert.Raw, info, seal.V5, liar{source}); fault.KindOf(err) != fault.Unavailable || esl != nil {
		t.Errorf("a token over something else: %v", err)
	}
}
