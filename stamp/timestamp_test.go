package stamp_test

import (
	"context"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/sign"
	"yinxin/stamp"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
	"yinxin/trust"

	"bytes"
)

// stampingOnly is the extended key usage of a time stamping authority.
func stampingOnly() testpki.Option {
	return testpki.Extensions(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: []byte("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08")})
}

// authority is a time stamping authority below the PKI's root of that algorithm, whose clock is clock.
func authority(t testing.TB, p *testpki.PKI, alg hsm.Algorithm, clock func() time.Time, opts ...testpki.Option) (*tsa.Authority, *testpki.Holder) {
	t.Helper()
	root := p.Root
	if alg != hsm.SM2 {
		root = p.Foreign(t, alg).Root
	}
	opts = append([]testpki.Option{testpki.IssuedBy(root), testpki.WithKey(testpki.NewKeyOf(t, alg)), stampingOnly()}, opts...)
	h := p.Owner("示例时间戳服务", "", opts...)
	a, err := tsa.New(context.Background(), tsa.Config{Key: h.Key, Certificate: h.Cert, Chain: []*gm.Certificate{root.Cert},
		Clock: func(context.Context) (time.Time, error) { return clock(), nil }})
	if err != nil {
		t.Fatal(err)
	}
	return a, h
}

// trusting is the PKI's trust with its roots as anchors of time stamping too.
func trusting(t testing.TB, p *testpki.PKI, revoked ...testpki.Revocation) *trust.Set {
	t.Helper()
	folder := p.Directory(revoked...)
	for name, file := range map[string]string{"tsa/root.crt": "ca/root.crt", "tsa/rsa.crt": "ca/rsa-pkcs1.crt", "tsa/p256.crt": "ca/p256.crt"} {
		if folder[file] != nil {
			folder[name] = folder[file]
		}
	}
	set, err := trust.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func listed(t testing.TB, file []byte) []document.Signature {
	t.Helper()
	doc, err := pdf.Format{}.Open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := doc.Signatures()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestTimestamped: each profile holds one token over its own value, its time is reported, and every key is asked once.
func TestTimestamped(t *testing.T) {
	p := newParty(t)
	in := testseal.PDF(t, 1)
	for _, alg := range []hsm.Algorithm{hsm.SM2, hsm.RSAPKCS1, hsm.ECDSAP256} {
		source, _ := authority(t, p.pki, alg, func() time.Time { return p.pki.Now.Add(time.Second) })
		for name, change := range map[string]func(*stamp.Order){
			"ses": func(*stamp.Order) {}, "cms": func(o *stamp.Order) { o.Profile = stamp.CMS }, "gbt35275": func(o *stamp.Order) { o.Profile = stamp.GBT35275 },
			"ses and RSA": func(o *stamp.Order) { o.Also = signer(p.rsa) },
		} {
			t.Run(string(alg)+"/"+name, func(t *testing.T) {
				o := p.order(in)
				change(&o)
				o.Timestamps, o.Trust = source, trusting(t, p.pki)
				before := p.own.Key.Uses()
				var out document.Memory
				r, err := stamp.Make(t.Context(), o, &out)
				if err != nil {
					t.Fatal(err)
				}
				if r.Level != stamp.LevelT || !r.Proven.Equal(p.pki.Now.Add(time.Second)) || p.own.Key.Uses() != before+1 || !bytes.HasPrefix(out.Bytes(), in) {
					t.Errorf("%+v, %d uses", r, p.own.Key.Uses()-before)
				}
				for _, s := range listed(t, out.Bytes()) {
					c, err := sign.Read(s)
					if err != nil || len(c.Tokens) != 1 || !c.Tokens[0].Intact() || !c.Tokens[0].Time.Equal(r.Proven) {
						t.Errorf("%s: %v, %+v", s.Info().ID, err, c.Tokens)
					}
				}
			})
		}
	}
}

// source is an authority that does as told.
type source struct {
	timestamp.Source
	token func(ctx context.Context, i timestamp.Imprint) ([]byte, error)
}

func (s source) Token(ctx context.Context, i timestamp.Imprint) ([]byte, error) {
	return s.token(ctx, i)
}

// TestTimestampFails: an authority that is dead, slow or lies is named, and so is what cannot be: no result in any case.
func TestTimestampFails(t *testing.T) {
	p := newParty(t)
	good, _ := authority(t, p.pki, hsm.SM2, p.pki.Clock)
	dead := fault.New(fault.Unavailable, tsa.CodeDead, "连不上", "cannot be reached", nil)
	for _, c := range []struct {
		name, code string
		token      func(ctx context.Context, i timestamp.Imprint) ([]byte, error)
	}{
		{"dead", tsa.CodeDead, func(context.Context, timestamp.Imprint) ([]byte, error) { return nil, dead }},
		{"another imprint", "timestamp-wrong", func(ctx context.Context, i timestamp.Imprint) ([]byte, error) {
			return good.Token(ctx, timestamp.Imprint{Hash: i.Hash, Digest: make([]byte, len(i.Digest))})
		}},
		{"forged", "timestamp-wrong", func(ctx context.Context, i timestamp.Imprint) ([]byte, error) {
			token, err := good.Token(ctx, i)
			token[len(token)-1] ^= 1
			return token, err
		}},
		{"giant", "value-too-long", func(ctx context.Context, i timestamp.Imprint) ([]byte, error) {
			return append([]byte{0x30, 0x82, 0xff, 0xff}, make([]byte, 0xffff)...), nil
		}},
		{"no token", "timestamp-wrong", func(ctx context.Context, i timestamp.Imprint) ([]byte, error) { return []byte{0x30, 0}, nil }},
	} {
		for _, profile := range []stamp.Profile{stamp.SES, stamp.CMS} {
			o := p.order(testseal.PDF(t, 1))
			o.Profile, o.Timestamps = profile, source{good, c.token}
			r, err := stamp.Make(t.Context(), o, new(document.Memory))
			if public, _ := fault.PublicOf(err); public.Code != c.code || r.ID != "" {
				t.Errorf("%s, %s: %v (%q), want %q; %+v", c.name, profile, err, public.Code, c.code, r)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	o := p.order(testseal.PDF(t, 1))
	o.Timestamps = source{good, func(ctx context.Context, _ timestamp.Imprint) ([]byte, error) {
		cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	if _, err := stamp.Make(ctx, o, new(document.Memory)); !errors.Is(err, context.Canceled) {
		t.Errorf("slow: %v", err)
	}
}

// TestLevelWants: what a level needs is missed before any key is asked.
func TestLevelWants(t *testing.T) {
	p := newParty(t)
	good, _ := authority(t, p.pki, hsm.SM2, p.pki.Clock)
	for level, want := range map[stamp.Level]string{"b": "level-without-timestamp", "x": "level", "lt": "level-needs-trust", "lta": "level-needs-trust"} {
		o := p.order(testseal.PDF(t, 1))
		o.Level, o.Timestamps = level, good
		before := p.own.Key.Uses()
		_, err := stamp.Make(t.Context(), o, new(document.Memory))
		if public, _ := fault.PublicOf(err); public.Code != want || p.own.Key.Uses() != before {
			t.Errorf("%s: %v, want %s", level, err, want)
		}
	}
	for _, level := range stamp.Levels()[1:] {
		o := p.order(testseal.PDF(t, 1))
		o.Level, o.Trust = level, trusting(t, p.pki)
		_, err := stamp.Make(t.Context(), o, new(document.Memory))
		if public, _ := fault.PublicOf(err); public.Code != "level-needs-timestamp" {
			t.Errorf("%s: %v", level, err)
		}
	}
}
