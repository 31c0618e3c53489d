package sign_test

import (
	"bytes"
	"context"
	"encoding/asn1"
	"errors"
	"testing"
	"time"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/timestamp"
)

// act is one container with the key that its certificate speaks of.
type act struct {
	name      string
	container sign.Container
	key       breakable
	token     func(value []byte) ([]byte, error) // the token inside a value
}

// acts returns one of every kind of container, with fresh keys.
func acts(t testing.TB, p *testpki.PKI) []act {
	t.Helper()
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	esl := testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, owner.Cert), seal.V5)
	rsa, p256 := rsaKey(t, 2048), p256Key(t)
	certified := func(k *standardKey) []byte {
		return p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.WithPublic(k.Public())).Cert.Raw
	}
	made := func(c sign.Container, err error) sign.Container {
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ses, err := sign.NewSES(esl, owner.Cert.Raw)
	return []act{
		{"seal", made(ses, err), owner.Key, sealToken},
		{"CMS SM2", made(newCMS(owner.Cert.Raw, p.Root.Cert.Raw)), owner.Key, cmsToken},
		{"CMS RSA", made(newCMS(certified(rsa), p.Root.Cert.Raw)), rsa, cmsToken},
		{"CMS P-256", made(newCMS(certified(p256))), p256, cmsToken},
		{"GB/T 35275", made(newGB(owner.Cert.Raw, p.Root.Cert.Raw)), owner.Key, cmsToken},
	}
}

func newCMS(cert []byte, chain ...[]byte) (sign.Container, error) {
	c, err := sign.NewCMS(cert, chain...)
	return c, err
}

func newGB(cert []byte, chain ...[]byte) (sign.Container, error) {
	c, err := sign.NewGB(cert, chain...)
	return c, err
}

func sealToken(value []byte) ([]byte, error) {
	s, err := seal.ParseSignature(value)
	if err != nil {
		return nil, err
	}
	return s.TimeStamp, nil
}

func cmsToken(value []byte) ([]byte, error) {
	sd, err := cms.Parse(value)
	if err != nil {
		return nil, err
	}
	for _, token := range sd.Signers[0].TimeStampTokens() {
		return token, nil
	}
	return nil, nil
}

// ticket lays a visible signature out on a PDF of one page.
func ticket(t testing.TB, c sign.Container, at time.Time) *sign.Ticket {
	t.Helper()
	base := testseal.PDF(t, 1)
	doc, err := pdf.Format{}.Open(context.Background(), bytes.NewReader(base), int64(len(base)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := sign.Prepare(doc, document.Request{Places: []document.Place{{Page: 1, X: 100, Y: 100, Width: 40, Height: 40}},
		Appearance: document.Picture{Type: "PNG", Data: testseal.Picture(t, testpki.OwnerName).Data, Width: 40, Height: 40}}, c, at, 0)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

// TestOneAnswer: a ticket asks the key exactly once, whatever happens, and is redeemed at most once.
func TestOneAnswer(t *testing.T) {
	gone := errors.New("device gone")
	p := testpki.New(t)
	for _, a := range acts(t, p) {
		wrong := func(_ context.Context, digest []byte) ([]byte, error) {
			digest = bytes.Clone(digest)
			digest[0] ^= 1
			return a.key.True(digest)
		}
		for _, c := range []struct {
			name   string
			answer func(context.Context, []byte) ([]byte, error)
			kind   error // nil: it goes well
		}{
			{"good key", nil, nil},
			{"key fails", func(context.Context, []byte) ([]byte, error) { return nil, gone }, gone},
			{"key answers nothing", func(context.Context, []byte) ([]byte, error) { return nil, nil }, fault.Unavailable},
			{"key answers garbage", func(context.Context, []byte) ([]byte, error) { return bytes.Repeat([]byte{7}, 70), nil }, fault.Unavailable},
			{"key answers for another digest", wrong, fault.Unavailable},
		} {
			t.Run(a.name+"/"+c.name, func(t *testing.T) {
				ticket := ticket(t, a.container, p.Now)
				a.key.Intercept(c.answer)
				defer a.key.Intercept(nil)
				before := a.key.Uses()
				var out document.Memory
				_, err := ticket.Redeem(context.Background(), a.key, nil, &out)
				if !errors.Is(err, c.kind) {
					t.Fatalf("Redeem: %v", err)
				}
				if _, err := ticket.Redeem(context.Background(), a.key, nil, &out); !errors.Is(err, sign.ErrRedeemed) {
					t.Errorf("second Redeem: %v", err)
				}
				if n := a.key.Uses() - before; n != 1 {
					t.Errorf("the key was asked %d times", n)
				}
			})
		}
	}
}

// TestRawAnswer: modules that answer r‖s are understood, and DER is written.
func TestRawAnswer(t *testing.T) {
	p := testpki.New(t)
	for _, a := range acts(t, p) {
		if a.name == "CMS RSA" {
			continue
		}
		a.key.Intercept(func(_ context.Context, digest []byte) ([]byte, error) {
			der, err := a.key.True(digest)
			if err != nil {
				return nil, err
			}
			return gm.RawSignature(der)
		})
		value, err := a.container.Encode(context.Background(), sign.Act{Digest: make([]byte, 32), Property: "ByteRange:[0,1,2,3]", Time: p.Now}, a.key, nil)
		if err != nil {
			t.Fatalf("%s: %v", a.name, err)
		}
		if a.name == "seal" {
			continue
		}
		if sd, err := cms.Parse(value); err != nil || len(sd.Signers[0].Value) <= 64 {
			t.Errorf("%s: %v", a.name, err)
		}
	}
}

// long is a container whose value outgrows its hole.
type long struct{ sign.Container }

func (long) Size(int) int { return 16 }

func TestTooLongIsNoSecondAnswer(t *testing.T) {
	p := testpki.New(t)
	for _, a := range acts(t, p) {
		ticket, before := ticket(t, long{a.container}, p.Now), a.key.Uses()
		var out document.Memory
		_, err := ticket.Redeem(context.Background(), a.key, nil, &out)
		if n := a.key.Uses() - before; fault.KindOf(err) != fault.Limit || n != 1 {
			t.Errorf("%s: error %v after %d uses", a.name, err, n)
		}
	}
}

// TestWrongKeyIsNotAsked: a key that is not the certificate's is refused before it is used, be it of the same kind or another.
func TestWrongKeyIsNotAsked(t *testing.T) {
	p := testpki.New(t)
	all, others := acts(t, p), []breakable{testpki.NewKey(t), rsaKey(t, 2048), p256Key(t)}
	for _, a := range all {
		for _, k := range others {
			_, err := a.container.Encode(context.Background(), sign.Act{Digest: make([]byte, 32), Property: "ByteRange:[0,1,2,3]", Time: p.Now}, k, nil)
			if public, _ := fault.PublicOf(err); public.Code != "key-certificate-mismatch" || k.Uses() != 0 {
				t.Errorf("%s with %T: %v, asked %d times", a.name, k.Public(), err, k.Uses())
			}
		}
	}
}

// TestSizeIsEnough: the hole is sized without the key and always holds the value, also with a token.
func TestSizeIsEnough(t *testing.T) {
	p := testpki.New(t)
	late := time.Date(2051, 1, 2, 3, 4, 5, 0, time.UTC) // a longer form of time
	for _, a := range acts(t, p) {
		for _, token := range []int{0, 4, 127, 128, 5000, 70000} {
			act := sign.Act{Digest: make([]byte, 32), Property: string(bytes.Repeat([]byte("9"), 256)), Time: late}
			var ts timestamp.Source
			if token > 0 {
				ts = stamper(token)
			}
			value, err := a.container.Encode(context.Background(), act, a.key, ts)
			if err != nil {
				t.Fatalf("%s: %v", a.name, err)
			}
			if len(value) > a.container.Size(token) {
				t.Errorf("%s, token of %d: value of %d bytes, hole of %d", a.name, token, len(value), a.container.Size(token))
			}
			if back, err := a.token(value); err != nil || len(back) != token {
				t.Errorf("%s, token of %d: %v, %d back", a.name, token, err, len(back))
			}
		}
	}
}

// stamper answers a DER value of so many bytes.
type stamper int

func (s stamper) Token(context.Context, timestamp.Imprint) ([]byte, error) {
	for body := max(int(s)-10, 0); ; body++ {
		der, err := asn1.Marshal(struct{ Body []byte }{make([]byte, body)})
		if err != nil || len(der) >= int(s) {
			return der, err
		}
	}
}

func (s stamper) Hash(own asn1.ObjectIdentifier) asn1.ObjectIdentifier { return own }
func (s stamper) MaxTokenBytes() int                                   { return int(s) }
