package verify_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/asn1"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testofd"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/ofd"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/timestamp"
	"yinxin/verify"
)

// The shapes of 2014, which this project reads and never writes (GM/T 0031-2014, by public descriptions).
type (
	oldHeader struct {
		ID      string `asn1:"ia5"`
		Version int
		Vid     string `asn1:"ia5"`
	}
	oldProperty struct {
		Type                int
		Name                string `asn1:"utf8"`
		Certs               [][]byte
		Created, Start, End time.Time `asn1:"utc"`
	}
	oldPicture struct {
		Type          string `asn1:"ia5"`
		Data          []byte
		Width, Height int
	}
	oldInfo struct {
		Header   oldHeader
		ID       string `asn1:"ia5"`
		Property oldProperty
		Picture  oldPicture
	}
	oldMade struct {
		Cert  []byte
		Alg   asn1.ObjectIdentifier
		Value asn1.BitString
	}
	oldTBS struct {
		Version        int
		Seal           asn1.RawValue
		Time, DataHash asn1.BitString
		Property       string `asn1:"ia5"`
		Cert           []byte
		Alg            asn1.ObjectIdentifier
	}
)

// oldContainer makes SES_Signatures of 2014.
type oldContainer struct {
	t     *testing.T
	owner *testpki.Holder
	esl   []byte
}

func (oldContainer) Kind() document.Kind     { return document.Seal }
func (oldContainer) Profile() string         { return document.TypeSeal }
func (oldContainer) Hasher() document.Hasher { return (*sign.SES)(nil).Hasher() }
func (oldContainer) Size(int) int            { return 64 << 10 }

func (c oldContainer) Encode(_ context.Context, a sign.Act, _ hsm.Key, _ timestamp.Source) ([]byte, error) {
	tbs := der(c.t, oldTBS{1, asn1.RawValue{FullBytes: c.esl}, bitsOf([]byte(a.Time.In(time.FixedZone("", 8*3600)).Format(time.DateTime))), bitsOf(a.Digest), a.Property,
		c.owner.Cert.Raw, gm.OIDSM2WithSM3})
	return der(c.t, struct {
		TBS   asn1.RawValue
		Value asn1.BitString
	}{asn1.RawValue{FullBytes: tbs}, bitsOf(answer(c.t, c.owner, tbs))}), nil
}

func der(t *testing.T, v any) []byte {
	t.Helper()
	b, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func bitsOf(b []byte) asn1.BitString { return asn1.BitString{Bytes: b, BitLength: 8 * len(b)} }

// answer is a holder's signature over a message.
func answer(t *testing.T, h *testpki.Holder, message []byte) []byte {
	t.Helper()
	public, ok := h.Key.Public().(*ecdsa.PublicKey)
	if !ok {
		t.Fatal("no SM2 key")
	}
	e, err := gm.E(public, message)
	if err != nil {
		t.Fatal(err)
	}
	value, err := h.Key.Sign(context.Background(), e, hsm.SM2)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// oldSeal is a seal of 2014 for the owner.
func oldSeal(t *testing.T, p *testpki.PKI, owner *testpki.Holder, pic seal.Picture) []byte {
	t.Helper()
	start, end := p.Now.AddDate(0, -1, 0), p.Now.AddDate(1, 0, 0)
	info := asn1.RawValue{FullBytes: der(t, oldInfo{oldHeader{"ES", 1, "TEST"}, "9900000000001", oldProperty{1, testpki.OwnerName, [][]byte{owner.Cert.Raw}, start, start, end},
		oldPicture{pic.Type, pic.Data, pic.Width, pic.Height}})}
	message := der(t, struct {
		Info asn1.RawValue
		Cert []byte
		Alg  asn1.ObjectIdentifier
	}{info, p.Maker.Cert.Raw, gm.OIDSM2WithSM3})
	return der(t, struct {
		Info asn1.RawValue
		Made oldMade
	}{info, oldMade{p.Maker.Cert.Raw, gm.OIDSM2WithSM3, bitsOf(answer(t, p.Maker, message))}})
}

// TestOFDOldSeal: an OFD with a seal of 2014 passes, with the seal beside it or not; a page changed, or another seal beside it, fails.
func TestOFDOldSeal(t *testing.T) {
	w := newOFDWorld(t)
	pic := testseal.Picture(t, testpki.OwnerName)
	c := oldContainer{t, w.owner, oldSeal(t, w.PKI, w.owner, pic)}
	for name, payload := range map[string][]byte{"with Seal.esl": c.esl, "without": nil} {
		in := testseal.OFD(1)
		doc, err := ofd.Format{}.Open(context.Background(), bytes.NewReader(in), int64(len(in)), document.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ticket, err := sign.Prepare(doc, document.Request{Filter: "other", Payload: payload,
			Places: []document.Place{{Page: 1, X: 100, Y: 100, Width: float64(pic.Width), Height: float64(pic.Height)}}}, c, w.Now, 0)
		if err != nil {
			t.Fatal(err)
		}
		var out document.Memory
		if _, err := ticket.Redeem(context.Background(), w.owner.Key, nil, &out); err != nil {
			t.Fatal(err)
		}
		r := w.report(out.Bytes())
		if r.Verdict != verify.Passed || r.Signatures[0].Seal.Version != 1 || !r.Signatures[0].Time.Claimed.Equal(w.Now) {
			t.Fatalf("%s: %s %s", name, r.Verdict, said(r))
		}
		files := testofd.Unpack(t, out.Bytes())
		if r := w.report(files.Edit(t, "Doc_0/Pages/Page_0/Content.xml", "a &lt; b", "a &lt; c").Build()); !found(r, "FILE_DIGEST") || r.Verdict != verify.Failed {
			t.Errorf("%s: a page was changed: %s %s", name, r.Verdict, said(r))
		}
		if payload == nil {
			continue
		}
		if r := w.report(files.With("Doc_0/Signs/Sign_0/Seal.esl", string(w.v4)).Build()); !found(r, "SEAL_STORED") {
			t.Errorf("another seal beside it: %s %s", r.Verdict, said(r))
		}
	}
}
