package sign_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"errors"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/timestamp"
)

func TestNewSESRefuses(t *testing.T) {
	p := testpki.New(t)
	owner, stranger := p.Owner(testpki.OwnerName, testpki.OwnerUSCC), p.Owner("别处示例有限公司", "")
	other := p.Owner(testpki.OwnerName, "", testpki.WithPublic(p256Key(t).Public()))
	esl := testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, owner.Cert), seal.V5)
	for _, c := range []struct {
		name      string
		esl, cert []byte
		kind      fault.Kind
	}{
		{"a certificate outside the list", esl, stranger.Cert.Raw, fault.Denied},
		{"a key that is not SM2", esl, other.Cert.Raw, fault.Invalid},
		{"no seal", []byte("no seal"), owner.Cert.Raw, fault.Invalid},
	} {
		if _, err := sign.NewSES(c.esl, c.cert); fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestNewCMSRefuses: keys too short, of other curves, or not SM2 where the shape has nothing else.
func TestNewCMSRefuses(t *testing.T) {
	p := testpki.New(t)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		cert *gm.Certificate
		gb   bool
		code string
	}{
		{"RSA of 1024 bits", p.Owner("短", "", testpki.WithPublic(rsaKey(t, 1024).Public())).Cert, false, "key-unsuitable"},
		{"P-384", p.Owner("长", "", testpki.WithPublic(p384.Public())).Cert, false, "key-unsuitable"},
		{"GB/T 35275 of P-256", p.Owner("别", "", testpki.WithPublic(p256Key(t).Public())).Cert, true, "certificate-not-sm2"},
	} {
		container := newCMS
		if c.gb {
			container = newGB
		}
		_, err := container(c.cert.Raw)
		if public, _ := fault.PublicOf(err); public.Code != c.code || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := sign.NewCMS([]byte("no certificate")); err == nil {
		t.Error("no certificate is taken")
	}
}

func TestMakeSealNeedsItsKey(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	info := testseal.Info(t, p, testpki.OwnerName, owner.Cert)
	if _, err := sign.MakeSeal(context.Background(), owner.Key, p.Maker.Cert.Raw, info, seal.V4); fault.KindOf(err) != fault.Invalid {
		t.Errorf("another key than the maker's: %v", err)
	}
	if owner.Key.Uses() != 0 {
		t.Error("the wrong key was used")
	}
	rsa := rsaKey(t, 2048)
	maker := p.Owner(testpki.MakerName, "", testpki.WithPublic(rsa.Public()))
	if _, err := sign.MakeSeal(context.Background(), rsa, maker.Cert.Raw, info, seal.V4); fault.KindOf(err) != fault.Invalid || rsa.Uses() != 0 {
		t.Errorf("an RSA maker: %v", err)
	}
}

// failing is a time stamp service that is out of reach, or answers what is no token.
type failing struct {
	err   error
	token []byte
}

func (f failing) Token(context.Context, timestamp.Imprint) ([]byte, error) { return f.token, f.err }
func (failing) Hash(own asn1.ObjectIdentifier) asn1.ObjectIdentifier       { return own }
func (failing) MaxTokenBytes() int                                         { return 100 }

// TestNoTokenNoFile: without the token that was asked for there is no value, and the key is not asked again.
func TestNoTokenNoFile(t *testing.T) {
	away := errors.New("service is away")
	p := testpki.New(t)
	for _, a := range acts(t, p) {
		for _, ts := range []timestamp.Source{failing{err: away}, failing{token: []byte("no token")}} {
			if a.name == "seal" && ts.(failing).err == nil {
				continue // a seal signature takes whatever bytes a token is
			}
			ticket, before := ticket(t, a.container, p.Now), a.key.Uses()
			var out document.Memory
			if _, err := ticket.Redeem(context.Background(), a.key, ts, &out); err == nil || a.key.Uses()-before != 1 {
				t.Errorf("%s: %v after %d uses", a.name, err, a.key.Uses()-before)
			}
		}
	}
}

// TestHasher: a container digests with its own algorithm, named or not, and refuses another.
func TestHasher(t *testing.T) {
	for _, a := range acts(t, testpki.New(t)) {
		mine, other := []string{"", "SM3", gm.OIDSM3.String()}, "SHA-256"
		if _, standard := a.key.(*standardKey); standard {
			mine, other = []string{"", "SHA-256", "2.16.840.1.101.3.4.2.1"}, "SM3"
		}
		for _, alg := range mine {
			if h, err := a.container.Hasher()(alg); err != nil || h.Size() != 32 {
				t.Errorf("%s: %q: %v", a.name, alg, err)
			}
		}
		if _, err := a.container.Hasher()(other); err == nil {
			t.Errorf("%s digests with %s", a.name, other)
		}
	}
}
