package verify_test

import (
	"bytes"
	"context"
	"crypto/x509/pkix"
	"encoding/asn1"
	"hash"
	"testing"
	"testing/fstest"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
)

// clockwork is a PKI with a root for time stamping beside it, which lasts longer than all the rest.
type clockwork struct {
	*testpki.PKI
	owner *testpki.Holder
	times *testpki.Holder // the root of time stamping authorities
}

func newClockwork(t testing.TB) clockwork {
	t.Helper()
	p := testpki.New(t)
	return clockwork{p, p.Owner(testpki.OwnerName, testpki.OwnerUSCC),
		p.NewRoot("示例时间戳根", testpki.Validity(p.Now.AddDate(-2, 0, 0), p.Now.AddDate(30, 0, 0)))}
}

// authority makes a holder for time stamping alone, critically, for so many years from Epoch on.
func (c clockwork) authority(t testing.TB, years int) *testpki.Holder {
	t.Helper()
	usage, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}})
	if err != nil {
		t.Fatal(err)
	}
	return c.Owner("示例时间戳服务", "", testpki.IssuedBy(c.times), testpki.Validity(c.Now.AddDate(-1, 0, 0), c.Now.AddDate(years, 0, 0)),
		testpki.Extensions(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: usage}))
}

// at is an authority whose clock stands still.
func (c clockwork) at(t testing.TB, h *testpki.Holder, when time.Time) *tsa.Authority {
	t.Helper()
	a, err := tsa.New(t.Context(), tsa.Config{Key: h.Key, Certificate: h.Cert, Clock: func(context.Context) (time.Time, error) { return when, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// list is the revocation list of an issuer at a time, good for a week.
func (c clockwork) list(issuer *testpki.Holder, when time.Time, revoked ...testpki.Revocation) []byte {
	return c.CRLOf(issuer, when, when.AddDate(0, 0, 7), revoked...)
}

// directory trusts the roots and holds what lists are given; nothing else.
func (c clockwork) directory(lists ...[]byte) fstest.MapFS {
	dir := c.Directory()
	delete(dir, "crl/root.crl")
	dir["tsa/times.crt"] = &fstest.MapFile{Data: gm.EncodePEM(c.times.Cert)}
	for i, der := range lists {
		dir["crl/"+string(rune('a'+i))+".crl"] = &fstest.MapFile{Data: der}
	}
	return dir
}

// container of the owner, of the kind named.
func (c clockwork) container(t testing.TB, kind string) sign.Container {
	t.Helper()
	var out sign.Container
	var err error
	switch info := testseal.Info(t, c.PKI, testpki.OwnerName, c.owner.Cert); kind {
	case "v4":
		out, err = sign.NewSES(testseal.Make(t, c.PKI, info, seal.V4), c.owner.Cert.Raw)
	case "v5":
		out, err = sign.NewSES(testseal.Make(t, c.PKI, info, seal.V5), c.owner.Cert.Raw)
	case "CMS":
		out, err = sign.NewCMS(c.owner.Cert.Raw)
	default:
		out, err = sign.NewGB(c.owner.Cert.Raw)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// signed signs a page with a claimed time and a source of tokens, or none.
func signed(t testing.TB, c sign.Container, key hsm.Key, claimed time.Time, ts timestamp.Source) []byte {
	t.Helper()
	in := testseal.PDF(t, 1)
	doc, err := pdf.Format{}.Open(t.Context(), bytes.NewReader(in), int64(len(in)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	request, room := document.Request{}, 0
	if c.Kind() == document.Seal {
		pic := testseal.Picture(t, testpki.OwnerName)
		w, h := float64(pic.Width), float64(pic.Height)
		request = document.Request{Filter: "Yinxin.Seal", Places: []document.Place{{Page: 1, X: 120, Y: 200, Width: w, Height: h}},
			Appearance: document.Picture{Type: pic.Type, Data: pic.Data, Width: w, Height: h}}
	}
	if ts != nil {
		room = ts.MaxTokenBytes()
	}
	ticket, err := sign.Prepare(doc, request, c, claimed, room)
	if err != nil {
		t.Fatal(err)
	}
	var out document.Memory
	if _, err := ticket.Redeem(t.Context(), key, ts, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// stampedWith adds a document time stamp.
func stampedWith(t testing.TB, file []byte, ts timestamp.Source) []byte {
	t.Helper()
	doc, err := pdf.Format{}.Open(t.Context(), bytes.NewReader(file), int64(len(file)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	draft, err := doc.Prepare(document.Request{Kind: document.Timestamp, Profile: "ETSI.RFC3161", Filter: "Adobe.PPKLite", Reserve: ts.MaxTokenBytes()})
	if err != nil {
		t.Fatal(err)
	}
	var out document.Memory
	digest, err := draft.Copy(&out, func(string) (hash.Hash, error) { return gm.NewSM3(), nil })
	if err != nil {
		t.Fatal(err)
	}
	token, err := ts.Token(t.Context(), timestamp.Imprint{Hash: gm.OIDSM3, Digest: digest})
	if err != nil {
		t.Fatal(err)
	}
	if err := draft.Finish(&out, token); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// lying is a source whose answers are changed.
type lying struct {
	timestamp.Source
	ask    func(timestamp.Imprint) timestamp.Imprint
	answer func([]byte) []byte
}

func (l lying) Token(ctx context.Context, i timestamp.Imprint) ([]byte, error) {
	if l.ask != nil {
		i = l.ask(i)
	}
	token, err := l.Source.Token(ctx, i)
	if err == nil && l.answer != nil {
		token = l.answer(token)
	}
	return token, err
}
