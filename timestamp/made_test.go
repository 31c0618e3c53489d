package timestamp_test

import (
	"context"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"yinxin/cms"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
)

var (
	oidExtKeyUsage  = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidTimeStamping = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	oidClientAuth   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}
	policy          = asn1.ObjectIdentifier{2, 999, 1}
	octets          = []byte("the octets of a signature value")
)

// purposes is an extended key usage.
func purposes(t testing.TB, critical bool, list ...asn1.ObjectIdentifier) testpki.Option {
	t.Helper()
	der, err := asn1.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	return testpki.Extensions(pkix.Extension{Id: oidExtKeyUsage, Critical: critical, Value: der})
}

// authority is a TSA's holder below a root of its own algorithm.
type authority struct {
	*testpki.Holder
	root *testpki.Holder
}

func algorithms() []hsm.Algorithm { return []hsm.Algorithm{hsm.SM2, hsm.RSAPKCS1, hsm.ECDSAP256} }

func newAuthority(t testing.TB, p *testpki.PKI, alg hsm.Algorithm, opts ...testpki.Option) authority {
	t.Helper()
	root := p.Root
	if alg != hsm.SM2 {
		root = p.Foreign(t, alg).Root
	}
	if opts == nil {
		opts = []testpki.Option{purposes(t, true, oidTimeStamping)}
	}
	h := p.Owner("示例时间戳服务", "", append([]testpki.Option{testpki.IssuedBy(root), testpki.WithKey(testpki.NewKeyOf(t, alg))}, opts...)...)
	return authority{h, root}
}

func (a authority) maker(t testing.TB, chain ...*gm.Certificate) *timestamp.Maker {
	t.Helper()
	m, err := timestamp.NewMaker(a.Key, a.Cert, chain...)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func over(t testing.TB, hash asn1.ObjectIdentifier) timestamp.Imprint {
	t.Helper()
	i, err := timestamp.Over(hash, octets)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func newInfo(t testing.TB, hash asn1.ObjectIdentifier) *timestamp.Info {
	return &timestamp.Info{
		Version: 1, Policy: policy, Imprint: over(t, hash), Serial: big.NewInt(77), Time: testpki.Epoch().Add(1234 * time.Millisecond),
		Accuracy: time.Second + 500*time.Millisecond, Nonce: big.NewInt(0x1234),
	}
}

func (a authority) token(t testing.TB, info *timestamp.Info) []byte {
	t.Helper()
	token, err := a.maker(t).Make(context.Background(), info, true)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func check(t testing.TB, token []byte, given ...[]byte) timestamp.Facts {
	t.Helper()
	parsed, err := timestamp.Parse(token)
	if err != nil {
		t.Fatal(err)
	}
	f, err := parsed.Check(cms.DigestOf(octets), given...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// codes lists the failures.
func codes(f timestamp.Facts) (out []timestamp.Code) {
	for _, x := range f.Failures {
		out = append(out, x.Code)
	}
	return out
}
