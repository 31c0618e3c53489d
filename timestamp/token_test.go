package timestamp_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"hash"
	"math/big"
	"slices"
	"testing"
	"time"

	"yinxin/cms"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
)

// TestMadeAndChecked: a token of every kind of key over every hash reads back as it was stated, holds over its octets and over no others, and is never
// longer than announced.
func TestMadeAndChecked(t *testing.T) {
	p := testpki.New(t)
	names := map[hsm.Algorithm]string{hsm.SM2: "SM2 with SM3", hsm.RSAPKCS1: "RSA-2048 with SHA-256", hsm.ECDSAP256: "ECDSA P-256 with SHA-256"}
	for _, alg := range algorithms() {
		a := newAuthority(t, p, alg)
		m := a.maker(t, a.root.Cert)
		for _, h := range timestamp.Hashes() {
			info := newInfo(t, h)
			token, err := m.Make(context.Background(), info, true)
			if err != nil {
				t.Fatal(err)
			}
			f := check(t, token)
			if !f.Intact() || !f.Imprint || !f.Value || len(f.Notes) > 0 || len(f.Insecure) > 0 || f.SignatureAlgorithm != names[alg] {
				t.Errorf("%s over %s: %+v", alg, timestamp.HashName(h), f)
			}
			if !f.Time.Equal(info.Time) || f.Accuracy != info.Accuracy || f.Policy != "2.999.1" || f.Serial != "4d" || f.Nonce != "1234" || f.Hash != cms.HashName(h) ||
				!bytes.Equal(f.Certificate, a.Cert.Raw) || len(f.Pool) != 2 || !f.Latest().Equal(info.Time.Add(info.Accuracy)) || !f.Earliest().Before(f.Time) {
				t.Errorf("%s: stated %+v", alg, f)
			}
			der, _ := info.Marshal()
			if len(token) > m.Size(len(der)) || len(token) < m.Size(len(der))-64 {
				t.Errorf("%s: token of %d bytes, bound %d", alg, len(token), m.Size(len(der)))
			}
			if _, err := json.Marshal(f); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestOtherBytes: a token over other bytes, other digests and other hashes does not hold, whoever signed it.
func TestOtherBytes(t *testing.T) {
	a := newAuthority(t, testpki.New(t), hsm.SM2)
	parsed, err := timestamp.Parse(a.token(t, newInfo(t, gm.OIDSM3)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := parsed.Check(cms.DigestOf(append(bytes.Clone(octets), 0)))
	if err != nil || f.Imprint || !f.Value || !slices.Equal(codes(f), []timestamp.Code{timestamp.ErrImprint}) || !errors.Is(f.Err(), timestamp.ErrImprint) {
		t.Errorf("%v: %+v", err, f)
	}
	if f := parsed.CheckImprint(over(t, timestamp.OIDSHA256)); f.Imprint || !f.Failed(timestamp.ErrImprint) {
		t.Errorf("another hash: %+v", f)
	}
	if f := parsed.CheckImprint(over(t, gm.OIDSM3)); !f.Intact() {
		t.Errorf("its own: %+v", f)
	}
	unread := errors.New("the disk is away")
	if _, err := parsed.Check(func(func() (hash.Hash, error)) ([]byte, error) { return nil, unread }); !errors.Is(err, unread) {
		t.Errorf("unread: %v", err)
	}
}

// TestInfoFailures: what a signer states that no judge may pass over.
func TestInfoFailures(t *testing.T) {
	a := newAuthority(t, testpki.New(t), hsm.SM2)
	sum := sha1.Sum(octets)
	for name, c := range map[string]struct {
		change func(*timestamp.Info)
		want   timestamp.Code // "" for none
	}{
		"version":            {func(i *timestamp.Info) { i.Version = 2 }, timestamp.ErrVersion},
		"critical extension": {func(i *timestamp.Info) { i.Extensions = []timestamp.Extension{{ID: policy, Critical: true}} }, timestamp.ErrExtension},
		"extension":          {func(i *timestamp.Info) { i.Extensions = []timestamp.Extension{{ID: policy}} }, ""},
		"unknown hash":       {func(i *timestamp.Info) { i.Imprint.Hash = gm.OIDSM3Keyed }, timestamp.ErrHash},
		"short imprint":      {func(i *timestamp.Info) { i.Imprint.Digest = i.Imprint.Digest[:16] }, timestamp.ErrImprint},
		"no imprint":         {func(i *timestamp.Info) { i.Imprint.Digest = nil }, timestamp.ErrImprint},
		"SHA-1": {func(i *timestamp.Info) {
			i.Imprint = timestamp.Imprint{Hash: asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, Digest: sum[:]}
		}, ""},
	} {
		info := newInfo(t, gm.OIDSM3)
		c.change(info)
		f := check(t, a.token(t, info))
		if c.want == "" && !f.Intact() || c.want != "" && !slices.Equal(codes(f), []timestamp.Code{c.want}) || !f.Value {
			t.Errorf("%s: %+v", name, f)
		}
		if insecure := slices.Contains(f.Insecure, "SHA-1"); insecure != (name == "SHA-1") {
			t.Errorf("%s: insecure %v", name, f.Insecure)
		}
	}
	info := newInfo(t, gm.OIDSM3)
	info.Serial = big.NewInt(-1)
	if f := check(t, a.token(t, info)); !f.Intact() || !f.Noted(timestamp.NoteNoSerial) {
		t.Errorf("negative serial: %+v", f)
	}
}

// TestName: a tsa field that is not the certificate's is noted, since the signed attribute says whose the token is.
func TestName(t *testing.T) {
	a := newAuthority(t, testpki.New(t), hsm.SM2)
	name := func(raw []byte) []byte {
		der, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 4, IsCompound: true, Bytes: raw})
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	for raw, noted := range map[string]bool{string(name(a.Cert.RawSubject)): false, string(name(a.root.Cert.RawSubject)): true, "\x82\x01x": true} {
		info := newInfo(t, gm.OIDSM3)
		info.TSA = []byte(raw)
		if f := check(t, a.token(t, info)); !f.Intact() || f.Noted(timestamp.NoteName) != noted {
			t.Errorf("%x: %+v", raw, f)
		}
	}
}

// TestCertificateElsewhere: without certificates inside the caller's are taken, and a certificate of another key or none is named.
func TestCertificateElsewhere(t *testing.T) {
	p := testpki.New(t)
	a, other := newAuthority(t, p, hsm.SM2), newAuthority(t, p, hsm.SM2)
	token, err := a.maker(t).Make(context.Background(), newInfo(t, gm.OIDSM3), false)
	if err != nil {
		t.Fatal(err)
	}
	if f := check(t, token, other.Cert.Raw, a.Cert.Raw); !f.Intact() || len(f.Pool) != 0 {
		t.Errorf("given: %+v", f)
	}
	for _, given := range [][][]byte{nil, {other.Cert.Raw}} {
		if f := check(t, token, given...); f.Value || !slices.Equal(codes(f), []timestamp.Code{timestamp.ErrCertificate}) {
			t.Errorf("%d given: %+v", len(given), f)
		}
	}
	// A twin with the same issuer, serial number and key: the signed attribute tells them apart.
	twin := p.Owner("双胞胎", "", testpki.Serial(a.Cert.SerialNumber), testpki.WithKey(a.Key), purposes(t, true, oidTimeStamping))
	if f := check(t, token, twin.Cert.Raw); !f.Value || !slices.Equal(codes(f), []timestamp.Code{timestamp.ErrBinding}) {
		t.Errorf("twin: %+v", f)
	}
}

// TestUsage: only a certificate for time stamping alone, critically, stamps time; a Maker of another is not made.
func TestUsage(t *testing.T) {
	p := testpki.New(t)
	key := testpki.NewKey(t)
	stamping := purposes(t, true, oidTimeStamping)
	for name, c := range map[string]struct {
		opts []testpki.Option
		good bool
	}{
		"as it should be":  {[]testpki.Option{stamping}, true},
		"nonRepudiation":   {[]testpki.Option{stamping, testpki.Usage(gm.KeyUsageContentCommitment)}, true},
		"no key usage":     {[]testpki.Option{stamping, testpki.Usage(0)}, true},
		"none":             {[]testpki.Option{testpki.Usage(gm.KeyUsageDigitalSignature)}, false},
		"not critical":     {[]testpki.Option{purposes(t, false, oidTimeStamping)}, false},
		"two":              {[]testpki.Option{purposes(t, true, oidTimeStamping, oidClientAuth)}, false},
		"another":          {[]testpki.Option{purposes(t, true, oidClientAuth)}, false},
		"empty":            {[]testpki.Option{purposes(t, true)}, false},
		"any":              {[]testpki.Option{purposes(t, true, asn1.ObjectIdentifier{2, 5, 29, 37, 0})}, false},
		"for certificates": {[]testpki.Option{stamping, testpki.Usage(gm.KeyUsageCertSign)}, false},
	} {
		h := p.Owner("示例时间戳服务", "", append(c.opts, testpki.WithKey(key), testpki.Serial(big.NewInt(5)))...)
		_, err := timestamp.NewMaker(key, h.Cert)
		public, _ := fault.PublicOf(err)
		if (err == nil) != c.good || err != nil && (public.Code != "tsa-certificate-usage" || !errors.Is(err, fault.Invalid)) {
			t.Errorf("%s: %v", name, err)
		}
		if (timestamp.CheckCertificate(h.Cert) == nil) != c.good {
			t.Errorf("%s: CheckCertificate", name)
		}
	}
}

// TestMakerRefuses: a key of another certificate, a key device that answers wrongly, and one that fails leave no token.
func TestMakerRefuses(t *testing.T) {
	p := testpki.New(t)
	for _, alg := range algorithms() {
		a := newAuthority(t, p, alg)
		if _, err := timestamp.NewMaker(testpki.NewKeyOf(t, alg), a.Cert); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: another key: %v", alg, err)
		}
		m := a.maker(t)
		before := a.Key.Uses()
		garbled, err := a.Key.True(make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		for _, answer := range [][]byte{garbled, nil, []byte("no signature")} {
			a.Key.Garble(answer)
			if token, err := m.Make(context.Background(), newInfo(t, gm.OIDSM3), true); token != nil || fault.KindOf(err) != fault.Unavailable {
				t.Errorf("%s: %v", alg, err)
			}
		}
		away := errors.New("the device is away")
		a.Key.Fail(away)
		if token, err := m.Make(context.Background(), newInfo(t, gm.OIDSM3), true); token != nil || !errors.Is(err, away) {
			t.Errorf("%s: %v", alg, err)
		}
		if uses := a.Key.Uses() - before; uses != 4 {
			t.Errorf("%s: the key was asked %d times for four tokens", alg, uses)
		}
	}
	short := p.Owner("短密钥", "", testpki.WithPublic(shortRSA(t)), purposes(t, true, oidTimeStamping))
	if _, err := timestamp.NewMaker(publicOnly{short.Cert.PublicKey}, short.Cert); fault.KindOf(err) != fault.Invalid {
		t.Errorf("RSA of 1024 bits: %v", err)
	}
}

// TestEveryBit: whatever bit of a token is flipped, it is no token any more, or says so, or what was flipped is not signed: the certificates enclosed.
func TestEveryBit(t *testing.T) {
	a := newAuthority(t, testpki.New(t), hsm.SM2)
	token := a.token(t, newInfo(t, gm.OIDSM3))
	from := bytes.Index(token, a.Cert.Raw)
	for i := range token {
		if i >= from && i < from+len(a.Cert.Raw) {
			continue
		}
		bad := bytes.Clone(token)
		bad[i] ^= 1 << (i % 8)
		parsed, err := timestamp.Parse(bad)
		if err != nil {
			continue
		}
		f, err := parsed.Check(cms.DigestOf(octets))
		if err != nil || f.Intact() && len(f.Notes) == 0 {
			t.Errorf("byte %d (%#x): %v, nothing is said of it", i, token[i], err)
		}
	}
}

// TestTimes: what is stated comes back to the microsecond.
func TestTimes(t *testing.T) {
	for _, d := range []time.Duration{0, time.Microsecond, time.Millisecond, 999 * time.Millisecond, time.Second, time.Hour + 3*time.Millisecond + 7*time.Microsecond} {
		info := newInfo(t, gm.OIDSM3)
		info.Accuracy, info.Time = d, testpki.Epoch().Add(d)
		der, err := info.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := timestamp.ParseInfo(der); err != nil || back.Accuracy != d || !back.Time.Equal(info.Time) {
			t.Errorf("%s: %v, %+v", d, err, back)
		}
	}
}
