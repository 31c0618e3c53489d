package sign_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/timestamp"
)

type fixture struct {
	pki   *testpki.PKI
	owner *testpki.Holder
	esl   []byte
	base  []byte
}

func setup(t *testing.T) fixture {
	t.Helper()
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	return fixture{p, owner, testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, owner.Cert), seal.V5), testseal.PDF(t, 1)}
}

func (f fixture) ticket(t *testing.T, c sign.Container) *sign.Ticket {
	t.Helper()
	doc, err := pdf.Format{}.Open(context.Background(), bytes.NewReader(f.base), int64(len(f.base)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := sign.Prepare(doc, document.Request{Places: []document.Place{{Page: 1, X: 100, Y: 100, Width: 40, Height: 40}},
		Appearance: document.Picture{Type: "PNG", Data: testseal.Picture(t, testpki.OwnerName).Data, Width: 40, Height: 40}}, c, f.pki.Now, 0)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func (f fixture) container(t *testing.T) *sign.SES {
	t.Helper()
	c, err := sign.NewSES(f.esl, f.owner.Cert.Raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestOneAnswer: a ticket asks the key exactly once, whatever happens, and is redeemed at most once.
func TestOneAnswer(t *testing.T) {
	broken := errors.New("device gone")
	for _, c := range []struct {
		name  string
		spoil func(*testpki.Key)
		ok    bool
	}{
		{"good key", func(*testpki.Key) {}, true},
		{"key fails", func(k *testpki.Key) { k.Fail(broken) }, false},
		{"key answers garbage", func(k *testpki.Key) {
			k.Intercept(func(context.Context, []byte) ([]byte, error) { return bytes.Repeat([]byte{7}, 70), nil })
		}, false},
		{"key answers for another digest", func(k *testpki.Key) {
			other := *k.Private()
			k.Intercept(func(_ context.Context, e []byte) ([]byte, error) {
				wrong := bytes.Clone(e)
				wrong[0] ^= 1
				return signE(&other, wrong)
			})
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := setup(t)
			ticket := f.ticket(t, f.container(t))
			c.spoil(f.owner.Key)
			var out document.Memory
			_, err := ticket.Redeem(context.Background(), f.owner.Key, nil, &out)
			if (err == nil) != c.ok {
				t.Fatalf("Redeem: %v", err)
			}
			if _, err := ticket.Redeem(context.Background(), f.owner.Key, nil, &out); !errors.Is(err, sign.ErrRedeemed) {
				t.Errorf("second Redeem: %v", err)
			}
			if f.owner.Key.Uses() != 1 {
				t.Errorf("the key was asked %d times", f.owner.Key.Uses())
			}
		})
	}
}

// long is a container whose value outgrows its hole.
type long struct{ *sign.SES }

func (long) Size(int) int { return 16 }

func (l long) Encode(ctx context.Context, a sign.Act, k hsm.Key, ts timestamp.Source) ([]byte, error) {
	return l.SES.Encode(ctx, a, k, ts)
}

func TestTooLongIsNoSecondAnswer(t *testing.T) {
	f := setup(t)
	ticket := f.ticket(t, long{f.container(t)})
	var out document.Memory
	_, err := ticket.Redeem(context.Background(), f.owner.Key, nil, &out)
	if fault.KindOf(err) != fault.Limit || f.owner.Key.Uses() != 1 {
		t.Errorf("error %v after %d uses", err, f.owner.Key.Uses())
	}
}

func TestNewSESRefuses(t *testing.T) {
	f := setup(t)
	stranger := f.pki.Owner("别处示例有限公司", "")
	if _, err := sign.NewSES(f.esl, stranger.Cert.Raw); fault.KindOf(err) != fault.Denied {
		t.Errorf("a certificate outside the list: %v", err)
	}
	if _, err := sign.NewSES([]byte("no seal"), f.owner.Cert.Raw); fault.KindOf(err) != fault.Invalid {
		t.Errorf("no seal: %v", err)
	}
}

// TestSizeIsEnough: the hole is sized without the key and always holds the value, also with a token.
func TestSizeIsEnough(t *testing.T) {
	f := setup(t)
	c := f.container(t)
	for _, token := range []int{0, 1, 127, 128, 5000} {
		a := sign.Act{Digest: make([]byte, 32), Property: string(bytes.Repeat([]byte("9"), 256)), Time: f.pki.Now}
		var ts timestamp.Source
		if token > 0 {
			ts = stamper(token)
		}
		value, err := c.Encode(context.Background(), a, f.owner.Key, ts)
		if err != nil {
			t.Fatal(err)
		}
		if len(value) > c.Size(token) {
			t.Errorf("token of %d: value of %d bytes, hole of %d", token, len(value), c.Size(token))
		}
		s, err := seal.ParseSignature(value)
		if err != nil || len(s.TimeStamp) != token {
			t.Errorf("token of %d: %v, %d back", token, err, len(s.TimeStamp))
		}
	}
}

type stamper int

func (s stamper) Token(context.Context, []byte) ([]byte, error) { return make([]byte, s), nil }
func (s stamper) MaxTokenBytes() int                            { return int(s) }

func TestMakeSealNeedsItsKey(t *testing.T) {
	f := setup(t)
	info := testseal.Info(t, f.pki, testpki.OwnerName, f.owner.Cert)
	if _, err := sign.MakeSeal(context.Background(), f.owner.Key, f.pki.Maker.Cert.Raw, info, seal.V4); fault.KindOf(err) != fault.Invalid {
		t.Errorf("another key than the maker's: %v", err)
	}
	if f.owner.Key.Uses() != 0 {
		t.Error("the wrong key was used")
	}
}
