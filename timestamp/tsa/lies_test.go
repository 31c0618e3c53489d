package tsa_test

import (
	"context"
	"crypto/sha1"
	"encoding/asn1"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
)

// liar is an authority that answers queries as it likes.
type liar struct {
	t     testing.TB
	maker *timestamp.Maker
	now   time.Time
}

func newLiar(t testing.TB, p *testpki.PKI, opts ...testpki.Option) *liar {
	t.Helper()
	h, _ := holder(t, p, hsm.SM2, opts...)
	m, err := timestamp.NewMaker(h.Key, h.Cert)
	if err != nil {
		t.Fatal(err)
	}
	return &liar{t, m, p.Now}
}

// token makes a token of the query, but for what change does to what is stated.
func (l *liar) token(q *timestamp.Query, certificates bool, change func(*timestamp.Info)) []byte {
	info := &timestamp.Info{Version: 1, Policy: asn1.ObjectIdentifier{2, 999, 1}, Imprint: q.Imprint, Serial: big.NewInt(1), Time: l.now, Nonce: q.Nonce}
	if change != nil {
		change(info)
	}
	token, err := l.maker.Make(context.Background(), info, certificates)
	if err != nil {
		l.t.Error(err)
	}
	return token
}

func (l *liar) granted(q *timestamp.Query, change func(*timestamp.Info)) []byte {
	return marshal(l.t, timestamp.Reply{Failure: timestamp.NoFailure, Token: l.token(q, true, change)})
}

func marshal(t testing.TB, r timestamp.Reply) []byte {
	der, err := r.Marshal()
	if err != nil {
		t.Error(err)
	}
	return der
}

// serveQueries answers each query by f.
func serveQueries(t testing.TB, f func(q *timestamp.Query) []byte) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		q, err := timestamp.ParseQuery(body)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = w.Write(f(q))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// lie is what an authority answers, and what the client makes of it.
type lie struct {
	answer func(q *timestamp.Query) []byte
	kind   fault.Kind
	code   string // "" for a good answer
}

func lies(t *testing.T, p *testpki.PKI) map[string]lie {
	t.Helper()
	l := newLiar(t, p)
	expired := newLiar(t, p, testpki.Validity(p.Now.AddDate(-2, 0, 0), p.Now.AddDate(-1, 0, 0)))
	notCritical := unusable(t, p)
	sum := sha1.Sum(octets)
	refused := func(s timestamp.Status, f timestamp.FailureInfo) func(*timestamp.Query) []byte {
		return func(*timestamp.Query) []byte {
			return marshal(t, timestamp.Reply{Status: s, Failure: f, Text: []string{"no"}})
		}
	}
	info := func(change func(*timestamp.Info)) func(*timestamp.Query) []byte {
		return func(q *timestamp.Query) []byte { return l.granted(q, change) }
	}
	return map[string]lie{
		"as asked for":          {info(nil), 0, ""},
		"just within tolerance": {info(func(i *timestamp.Info) { i.Time = p.Now.Add(-5 * time.Minute) }), 0, ""},
		"garbage":               {func(*timestamp.Query) []byte { return []byte("<html>404</html>") }, fault.Unavailable, tsa.CodeGarbage},
		"nothing":               {func(*timestamp.Query) []byte { return nil }, fault.Unavailable, tsa.CodeGarbage},
		"no token":              {refused(timestamp.Granted, timestamp.NoFailure), fault.Unavailable, tsa.CodeGarbage},
		"a token that is none":  {func(*timestamp.Query) []byte { return marshal(t, timestamp.Reply{Token: []byte{0x30, 0}, Failure: -1}) }, fault.Unavailable, tsa.CodeGarbage},
		"granted with mods": {func(q *timestamp.Query) []byte {
			return marshal(t, timestamp.Reply{Status: 1, Token: l.token(q, true, nil), Failure: -1})
		}, fault.Unavailable, tsa.CodeModified},
		"rejected": {refused(timestamp.Rejection, timestamp.BadAlg), fault.Denied, tsa.CodeRejected},
		"rejected with a token": {func(q *timestamp.Query) []byte {
			return marshal(t, timestamp.Reply{Status: 2, Token: l.token(q, true, nil), Failure: -1})
		}, fault.Denied, tsa.CodeRejected},
		"waiting":         {refused(timestamp.Waiting, timestamp.NoFailure), fault.Unavailable, tsa.CodeWaiting},
		"revoked":         {refused(timestamp.RevocationNotification, timestamp.NoFailure), fault.Unavailable, tsa.CodeWaiting},
		"another imprint": {info(func(i *timestamp.Info) { i.Imprint.Digest = make([]byte, 32) }), fault.Unavailable, tsa.CodeImprint},
		"another hash":    {info(func(i *timestamp.Info) { i.Imprint.Hash = timestamp.OIDSHA256 }), fault.Unavailable, tsa.CodeImprint},
		"SHA-1": {info(func(i *timestamp.Info) {
			i.Imprint = timestamp.Imprint{Hash: asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, Digest: sum[:]}
		}), fault.Unavailable, tsa.CodeImprint},
		"another nonce":       {info(func(i *timestamp.Info) { i.Nonce = big.NewInt(5) }), fault.Unavailable, tsa.CodeNonce},
		"no nonce":            {info(func(i *timestamp.Info) { i.Nonce = nil }), fault.Unavailable, tsa.CodeNonce},
		"old":                 {info(func(i *timestamp.Info) { i.Time = p.Now.Add(-5*time.Minute - time.Second) }), fault.Unavailable, tsa.CodeTime},
		"old, with an excuse": {info(func(i *timestamp.Info) { i.Time, i.Accuracy = p.Now.Add(-time.Hour), 2*time.Hour }), fault.Unavailable, tsa.CodeTime},
		"of tomorrow":         {info(func(i *timestamp.Info) { i.Time = p.Now.AddDate(0, 0, 1) }), fault.Unavailable, tsa.CodeTime},
		"another policy":      {info(func(i *timestamp.Info) { i.Policy = asn1.ObjectIdentifier{2, 999, 2} }), fault.Unavailable, tsa.CodePolicy},
		"version 2":           {info(func(i *timestamp.Info) { i.Version = 2 }), fault.Unavailable, tsa.CodeSignature},
		"critical extension": {info(func(i *timestamp.Info) {
			i.Extensions = []timestamp.Extension{{ID: asn1.ObjectIdentifier{1, 2}, Critical: true}}
		}), fault.Unavailable, tsa.CodeSignature},
		"no certificate": {func(q *timestamp.Query) []byte {
			return marshal(t, timestamp.Reply{Token: l.token(q, false, nil), Failure: -1})
		}, fault.Unavailable, tsa.CodeCertificate},
		"expired certificate": {func(q *timestamp.Query) []byte { return expired.granted(q, nil) }, fault.Unavailable, tsa.CodePeriod},
		"not a TSA's": {func(q *timestamp.Query) []byte {
			return marshal(t, timestamp.Reply{Token: notCritical(q), Failure: -1})
		}, fault.Unavailable, tsa.CodeUsage},
		"forged":                  {func(q *timestamp.Query) []byte { return forged(l.granted(q, nil)) }, fault.Unavailable, tsa.CodeSignature},
		"more bytes than a token": {func(q *timestamp.Query) []byte { return append(l.granted(q, nil), 0) }, fault.Unavailable, tsa.CodeGarbage},
	}
}

// TestLies: no answer that is not the one asked for is accepted, and each lie has its name.
func TestLies(t *testing.T) {
	for name, c := range lies(t, testpki.New(t)) {
		client := profiled(t, tsa.Profile{URL: serveQueries(t, c.answer), PrivateAddresses: true, Policy: "2.999.1"}, tsa.Options{})
		token, err := client.Token(context.Background(), over(t, gm.OIDSM3))
		if c.code == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			holds(t, token)
			continue
		}
		if token != nil {
			t.Errorf("%s: a token came back", name)
		}
		wantCode(t, name, err, c.kind, c.code)
	}
}

// forged flips a bit in the signature's value, which stands last.
func forged(reply []byte) []byte {
	reply[len(reply)-1] ^= 1
	return reply
}

// unusable makes tokens, signed properly, under a certificate whose purpose is not critical; a Maker would not.
func unusable(t testing.TB, p *testpki.PKI) func(*timestamp.Query) []byte {
	t.Helper()
	h, _ := holder(t, p, hsm.SM2)
	bad := p.Owner("示例时间戳服务", "", testpki.WithKey(h.Key), stampingOnly(false))
	return func(q *timestamp.Query) []byte { return handmade(t, bad, q, p.Now) }
}

// handmade writes a token as RFC 3161 and RFC 5652 have it, whatever the certificate is for.
func handmade(t testing.TB, h *testpki.Holder, q *timestamp.Query, at time.Time) []byte {
	t.Helper()
	info := &timestamp.Info{Version: 1, Policy: asn1.ObjectIdentifier{2, 999, 1}, Imprint: q.Imprint, Serial: big.NewInt(1), Time: at, Nonce: q.Nonce}
	content, err := info.Marshal()
	if err != nil {
		t.Error(err)
	}
	attributes := signedAttributes(t, h, content)
	e, err := gm.E(h.Key.SM2(), build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(attributes) })
	}))
	if err != nil {
		t.Error(err)
	}
	value, err := h.Key.Sign(context.Background(), e, hsm.SM2)
	if err != nil {
		t.Error(err)
	}
	context0 := cbasn1.Tag(0).ContextSpecific().Constructed()
	return build(t, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2})
			b.AddASN1(context0, func(b *cryptobyte.Builder) {
				sequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1Int64(3)
					b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { algorithm(b, gm.OIDSM3) })
					sequence(b, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(pkcs9(16, 1, 4))
						b.AddASN1(context0, func(b *cryptobyte.Builder) { b.AddASN1OctetString(content) })
					})
					b.AddASN1(context0, func(b *cryptobyte.Builder) { b.AddBytes(h.Cert.Raw) })
					b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
						sequence(b, func(b *cryptobyte.Builder) {
							b.AddASN1Int64(1)
							sequence(b, func(b *cryptobyte.Builder) { b.AddBytes(h.Cert.RawIssuer); b.AddASN1BigInt(h.Cert.SerialNumber) })
							algorithm(b, gm.OIDSM3)
							b.AddASN1(context0, func(b *cryptobyte.Builder) { b.AddBytes(attributes) })
							algorithm(b, gm.OIDSM2WithSM3)
							b.AddASN1OctetString(value)
						})
					})
				})
			})
		})
	})
}

func pkcs9(last ...int) asn1.ObjectIdentifier {
	return append(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9}, last...)
}

// signedAttributes are content-type, message-digest and signing-certificate-v2, in the order of DER.
func signedAttributes(t testing.TB, h *testpki.Holder, content []byte) []byte {
	t.Helper()
	sum, certSum := gm.SM3(content), gm.SM3(h.Cert.Raw)
	var out []byte
	for _, a := range []struct {
		oid   asn1.ObjectIdentifier
		value func(*cryptobyte.Builder)
	}{
		{pkcs9(3), func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(pkcs9(16, 1, 4)) }},
		{pkcs9(4), func(b *cryptobyte.Builder) { b.AddASN1OctetString(sum[:]) }},
		{pkcs9(16, 2, 47), func(b *cryptobyte.Builder) {
			sequence(b, func(b *cryptobyte.Builder) {
				sequence(b, func(b *cryptobyte.Builder) {
					sequence(b, func(b *cryptobyte.Builder) { algorithm(b, gm.OIDSM3); b.AddASN1OctetString(certSum[:]) })
				})
			})
		}},
	} {
		out = append(out, build(t, func(b *cryptobyte.Builder) {
			sequence(b, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(a.oid); b.AddASN1(cbasn1.SET, a.value) })
		})...)
	}
	return out
}

func sequence(b *cryptobyte.Builder, f func(*cryptobyte.Builder)) { b.AddASN1(cbasn1.SEQUENCE, f) }

func algorithm(b *cryptobyte.Builder, oid asn1.ObjectIdentifier) {
	sequence(b, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oid) })
}

func build(t testing.TB, f func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	f(&b)
	der, err := b.Bytes()
	if err != nil {
		t.Error(err)
	}
	return der
}
