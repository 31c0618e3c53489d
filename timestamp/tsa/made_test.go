package tsa_test

import (
	"context"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"yinxin/cms"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
)

var octets = []byte("the octets of a signature value")

// stampingOnly is the extended key usage of a TSA.
func stampingOnly(critical bool) testpki.Option {
	return testpki.Extensions(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: []byte("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08")})
}

// holder is a TSA's certificate below a root of its algorithm.
func holder(t testing.TB, p *testpki.PKI, alg hsm.Algorithm, opts ...testpki.Option) (h, root *testpki.Holder) {
	t.Helper()
	root = p.Root
	if alg != hsm.SM2 {
		root = p.Foreign(t, alg).Root
	}
	opts = append([]testpki.Option{testpki.IssuedBy(root), testpki.WithKey(testpki.NewKeyOf(t, alg)), stampingOnly(true)}, opts...)
	return p.Owner("示例时间戳服务", "", opts...), root
}

func clock(at time.Time) func(context.Context) (time.Time, error) {
	return func(context.Context) (time.Time, error) { return at, nil }
}

// newAuthority makes one that lives at Epoch; change may be nil.
func newAuthority(t testing.TB, p *testpki.PKI, alg hsm.Algorithm, change func(*tsa.Config)) *tsa.Authority {
	t.Helper()
	h, root := holder(t, p, alg)
	cfg := tsa.Config{Key: h.Key, Certificate: h.Cert, Chain: []*gm.Certificate{root.Cert}, Clock: clock(p.Now)}
	if change != nil {
		change(&cfg)
	}
	a, err := tsa.New(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// serve serves the authority until the test ends.
func serve(t testing.TB, a *tsa.Authority) string {
	t.Helper()
	s := httptest.NewServer(a.Handler(nil))
	t.Cleanup(s.Close)
	return s.URL
}

// newClient makes a client of an authority on this machine that lives at Epoch.
func newClient(t testing.TB, url string, o tsa.Options) *tsa.Client {
	t.Helper()
	return profiled(t, tsa.Profile{URL: url, PrivateAddresses: true}, o)
}

func profiled(t testing.TB, p tsa.Profile, o tsa.Options) *tsa.Client {
	t.Helper()
	if o.Now == nil {
		o.Now = testpki.Epoch
	}
	c, err := tsa.NewClient(p, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func over(t testing.TB, hash asn1.ObjectIdentifier) timestamp.Imprint {
	t.Helper()
	i, err := timestamp.Over(hash, octets)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// holds fails the test where a token is not one over octets.
func holds(t testing.TB, token []byte) timestamp.Facts {
	t.Helper()
	parsed, err := timestamp.Parse(token)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parsed.Check(cms.DigestOf(octets))
	if err != nil || !f.Intact() {
		t.Fatalf("%v: %+v", err, f.Failures)
	}
	return f
}

// wantCode fails the test where err is not a fault of that code with words in both languages.
func wantCode(t testing.TB, what string, err error, kind fault.Kind, code string) {
	t.Helper()
	p, _ := fault.PublicOf(err)
	if !errors.Is(err, kind) || p.Code != code || p.ZH == "" || p.EN == "" {
		t.Errorf("%s: %v (code %q), want %v %q", what, err, p.Code, kind, code)
	}
}
