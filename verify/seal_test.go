package verify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/timestamp"
	"yinxin/verify"
)

// forger is a Container that signs rightly what its fields say wrongly: it holds the keys, so only the judge stands in its way.
type forger struct {
	seal     []byte
	version  seal.Version
	signer   *testpki.Holder
	time     func(time.Time) time.Time
	property func(string) string
	digest   func([]byte) []byte
	value    func([]byte) []byte
	spoil    func([]byte) []byte
}

func (forger) Kind() document.Kind { return document.Seal }
func (forger) Profile() string     { return sign.ProfileSES }
func (f forger) Size(int) int      { return len(f.seal) + 4000 }

func (f forger) Encode(_ context.Context, a sign.Act, _ hsm.Key, _ timestamp.Source) ([]byte, error) {
	tbs := seal.TBS{Version: f.version, Seal: f.seal, Time: a.Time, DataHash: a.Digest, Property: a.Property}
	if f.time != nil {
		tbs.Time = f.time(a.Time)
	}
	if f.property != nil {
		tbs.Property = f.property(a.Property)
	}
	if f.digest != nil {
		tbs.DataHash = f.digest(a.Digest)
	}
	der, err := tbs.Marshal()
	if err != nil {
		return nil, err
	}
	e, err := gm.E(f.signer.Key.SM2(), der)
	if err != nil {
		return nil, err
	}
	sig, err := gm.SignE(rand.Reader, f.signer.Key.Private(), e)
	if err != nil {
		return nil, err
	}
	if f.value != nil {
		sig = f.value(sig)
	}
	out, err := seal.AssembleSignature(der, f.signer.Cert.Raw, gm.OIDSM2WithSM3, sig, nil)
	if err == nil && f.spoil != nil {
		out = f.spoil(out)
	}
	return out, err
}

// broken is a signature that breaks one rule.
type broken struct {
	name    string
	forger  forger
	picture string // of another owner's seal, shown instead
	want    verify.Code
	verdict verify.Verdict
}

// brokenRules breaks every rule of the seal, one at a time.
func brokenRules(t *testing.T, p *testpki.PKI, owner *testpki.Holder) []broken {
	t.Helper()
	stranger := p.Owner("别处示例有限公司", testpki.MakerUSCC)
	good := testseal.Info(t, p, testpki.OwnerName, owner.Cert)
	esl := testseal.Make(t, p, good, seal.V4)
	made := func(change func(*seal.Info)) []byte {
		info := good
		change(&info)
		return testseal.Make(t, p, info, seal.V4)
	}
	noUsage := p.Owner("制章者", "", testpki.Usage(1<<2)) // keyEncipherment
	idle := p.Owner(testpki.OwnerName, "", testpki.Usage(1<<2))
	shortLived := p.Owner(testpki.OwnerName, "", testpki.Validity(p.Now.AddDate(0, 0, -1), p.Now.Add(30*time.Minute)))
	forged := bytes.Clone(esl)
	forged[bytes.Index(forged, []byte(testpki.OwnerName))] ^= 1
	return []broken{
		{"nothing broken", forger{seal: esl, signer: owner}, "", "", verify.Passed},
		{"seal of a maker nobody knows", forger{seal: testseal.MakeBy(t, p.SelfSigned("伪造者", ""), good, seal.V4), signer: owner}, "", "MAKER_UNKNOWN", verify.Indeterminate},
		{"seal altered after making", forger{seal: forged, signer: owner}, "", "SEAL_SIGNATURE", verify.Failed},
		{"seal made after its use", forger{seal: made(func(i *seal.Info) { i.Property.Created = p.Now.AddDate(0, 0, 3) }), signer: owner}, "", "SEAL_CREATE_TIME", verify.Failed},
		{"seal made after its own end", forger{seal: made(func(i *seal.Info) { i.Property.Created = p.Now.AddDate(1, 1, 0) }), signer: owner}, "", "SEAL_CREATE_TIME", verify.Failed},
		{"seal used before its start", forger{seal: made(func(i *seal.Info) { i.Property.Start = p.Now.Add(time.Minute) }), signer: owner}, "", "SIGN_TIME_OUTSIDE_SEAL", verify.Failed},
		{"seal used after its end", forger{seal: made(func(i *seal.Info) { i.Property.End = p.Now.Add(-time.Minute) }), signer: owner}, "", "SIGN_TIME_OUTSIDE_SEAL", verify.Failed},
		{"seal expired since", forger{seal: made(func(i *seal.Info) { i.Property.End = p.Now.Add(time.Minute) }), signer: owner}, "", "SEAL_EXPIRED", verify.Indeterminate},
		{"maker may not sign", forger{seal: testseal.MakeBy(t, noUsage, good, seal.V4), signer: owner}, "", "MAKER_KEY_USAGE", verify.Failed},
		{"signer may not sign", forger{seal: made(func(i *seal.Info) { i.Property.Certs = [][]byte{idle.Cert.Raw} }), signer: idle}, "", "SIGNER_KEY_USAGE", verify.Failed},
		{"signer not in the seal", forger{seal: esl, signer: stranger}, "", "SIGNER_NOT_IN_SEAL", verify.Failed},
		{"signer's certificate expired since", forger{seal: made(func(i *seal.Info) { i.Property.Certs = [][]byte{shortLived.Cert.Raw} }), signer: shortLived}, "", "CERT_EXPIRED", verify.Indeterminate},
		{"time before the certificate", forger{seal: made(func(i *seal.Info) { i.Property.Certs = [][]byte{shortLived.Cert.Raw} }), signer: shortLived,
			time: func(t time.Time) time.Time { return t.AddDate(0, 0, -2) }}, "", "SIGN_TIME_OUTSIDE_CERT", verify.Failed},
		{"time in the future", forger{seal: esl, signer: owner, time: func(t time.Time) time.Time { return t.Add(6 * time.Hour) }}, "", "SIGN_TIME_FUTURE", verify.Indeterminate},
		{"another property", forger{seal: esl, signer: owner, property: func(string) string { return "ByteRange:[0,1,2,3]" }}, "", "SIG_PROPERTY", verify.Failed},
		{"another document's digest", forger{seal: esl, signer: owner, digest: func(d []byte) []byte { d = bytes.Clone(d); d[0] ^= 1; return d }}, "", "DATA_HASH", verify.Failed},
		{"another value", forger{seal: esl, signer: owner, value: func(s []byte) []byte { s = bytes.Clone(s); s[len(s)-1] ^= 1; return s }}, "", "SIG_VALUE", verify.Failed},
		{"value cut short", forger{seal: esl, signer: owner, spoil: func(b []byte) []byte { return b[:len(b)-1] }}, "", "SIG_VALUE", verify.Failed},
		{"value is not a signature", forger{seal: esl, signer: owner, spoil: func(b []byte) []byte { return []byte{0x30, 3, 2, 1, 7} }}, "", "SIG_FORMAT", verify.Failed},
		{"another seal's picture shown", forger{seal: esl, signer: owner}, "别处示例有限公司", "PICTURE_DIFFERS", verify.Failed},
	}
}

// TestSealRules: each broken rule is named, and none passes.
func TestSealRules(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	for _, c := range brokenRules(t, p, owner) {
		t.Run(c.name, func(t *testing.T) {
			c.forger.version = seal.V4
			name := c.picture
			if name == "" {
				name = testpki.OwnerName
			}
			file := testseal.Unchecked(t, testseal.PDF(t, 1), c.forger, owner.Key, testseal.Picture(t, name), p.Now)
			r := judged(t, file, p.Directory(), p.Now.Add(time.Hour))
			if r.Verdict != c.verdict || c.want != "" && !found(r, c.want) {
				t.Errorf("verdict %s, want %s with the finding %s; found:", r.Verdict, c.verdict, c.want)
				for _, f := range r.Signatures[0].Findings {
					t.Logf("  %s %s %s", f.Check, f.Verdict, f.Message.EN)
				}
			}
		})
	}
}
