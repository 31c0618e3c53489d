package verify_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/sign"
	"yinxin/timestamp"
	"yinxin/verify"
)

// TestTokens: a good token in every kind of signature proves its time; each lie in one is found by name, and one of an authority nobody trusts proves
// nothing.
func TestTokens(t *testing.T) {
	c := newClockwork(t)
	h, now := c.authority(t, 3), c.Now
	soon := now.Add(time.Hour)
	copied := timestamp.Imprint{Hash: gm.OIDSM3, Digest: make([]byte, gm.DigestSize)}
	both := [][]byte{c.list(c.Root, now), c.list(c.times, now)}
	strangers := c.directory(both...)
	delete(strangers, "tsa/times.crt")
	good, failed, open := verify.Passed, verify.Failed, verify.Indeterminate
	for _, kind := range []string{"v4", "v5", "CMS", "GB"} {
		container := c.container(t, kind)
		for _, x := range []struct {
			name   string
			source timestamp.Source
			lists  [][]byte
			want   verify.Verdict
			sub    verify.Sub
			code   verify.Code
			proves bool
		}{
			{"good", c.at(t, h, now.Add(time.Minute)), both, good, "", "TIMESTAMP_PROVES", true},
			{"over something else", lying{c.at(t, h, now), func(timestamp.Imprint) timestamp.Imprint { return copied }, nil}, both, failed, verify.SubHash, "TIMESTAMP_IMPRINT", false},
			{"forged", lying{c.at(t, h, now), nil, flipLast}, both, failed, verify.SubCrypto, "TIMESTAMP_VALUE", false},
			{"garbage", lying{c.at(t, h, now), nil, func([]byte) []byte { return []byte{0x30, 0} }}, both, failed, verify.SubFormat, "TIMESTAMP_FORMAT", false},
			{"older than the claimed time", c.at(t, h, now.Add(-time.Hour)), both, open, verify.SubTimestampOrder, "TIMESTAMP_ORDER", false},
			{"from the future", c.at(t, h, now.Add(48*time.Hour)), both, open, verify.SubTimestampOrder, "TIMESTAMP_FUTURE", false},
			{"nothing known of the authority's revocation", c.at(t, h, now), both[:1], good, "", "TIMESTAMP_REVOCATION_UNKNOWN", false},
			{"the authority revoked before", c.at(t, h, now), [][]byte{both[0], c.list(c.times, now, testpki.Revocation{Cert: h.Cert})}, good, "", "TIMESTAMP_REVOKED", false},
		} {
			t.Run(kind+", "+x.name, func(t *testing.T) {
				if kind == "GB" && x.name == "garbage" || kind == "CMS" && x.name == "garbage" {
					t.Skip("the maker of signed data takes no such token")
				}
				r := judged(t, signed(t, container, c.owner.Key, now, x.source), c.directory(x.lists...), soon)
				expect(t, r, x.want, x.sub)
				if !found(r, x.code) || found(r, "TIMESTAMP_INTERNAL") {
					t.Errorf("%s is not found, or the class is made up", x.code)
				}
				proven := r.Signatures[0].Time.Proven
				if x.proves != !proven.IsZero() || x.proves && !proven.Equal(now.Add(time.Minute+time.Second)) {
					t.Errorf("proven: %s", proven)
				}
				if n := r.Signatures[0].Timestamps; len(n) != 1 || n[0].Proves != x.proves {
					t.Errorf("time stamps: %+v", n)
				}
			})
		}
		t.Run(kind+", nobody trusts the authority", func(t *testing.T) {
			r := judged(t, signed(t, container, c.owner.Key, now, c.at(t, h, now)), strangers, soon)
			if r.Verdict != verify.Passed || !found(r, "TIMESTAMP_UNKNOWN") || !found(r, "TIMESTAMP_NO_PROOF") || !r.Signatures[0].Time.Proven.IsZero() {
				t.Errorf("%s: %+v", r.Verdict, r.Signatures[0].Findings)
			}
		})
	}
}

// once answers with the same token again and again: that of the first signature.
type once struct {
	timestamp.Source
	first []byte
}

func (o *once) Token(ctx context.Context, i timestamp.Imprint) (_ []byte, err error) {
	if o.first == nil {
		o.first, err = o.Source.Token(ctx, i)
	}
	return o.first, err
}

// TestCopiedToken: a good token counts in its own signature and is found in another.
func TestCopiedToken(t *testing.T) {
	c := newClockwork(t)
	dir := c.directory(c.list(c.Root, c.Now), c.list(c.times, c.Now))
	for _, kind := range []string{"v4", "v5", "CMS", "GB"} {
		source := &once{Source: c.at(t, c.authority(t, 3), c.Now)}
		own := judged(t, signed(t, c.container(t, kind), c.owner.Key, c.Now, source), dir, c.Now.Add(time.Hour))
		other := judged(t, signed(t, c.container(t, kind), c.owner.Key, c.Now, source), dir, c.Now.Add(time.Hour))
		if own.Verdict != verify.Passed || other.Verdict != verify.Failed || !found(other, "TIMESTAMP_IMPRINT") || !other.Signatures[0].Time.Proven.IsZero() {
			t.Errorf("%s: its own %s, the copy %s", kind, own.Verdict, other.Verdict)
		}
	}
}

func flipLast(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)-1] ^= 1
	return b
}

// TestInternalAuthority: an authority of class internal is named as such.
func TestInternalAuthority(t *testing.T) {
	c := newClockwork(t)
	dir := c.directory(c.list(c.Root, c.Now), c.list(c.times, c.Now))
	fp := gm.Fingerprint(c.times.Cert)
	dir["trust.yaml"].Data = append(dir["trust.yaml"].Data, []byte("  - sm3: "+hex.EncodeToString(fp[:])+"\n    class: internal\n")...)
	r := judged(t, signed(t, c.container(t, "v4"), c.owner.Key, c.Now, c.at(t, c.authority(t, 3), c.Now)), dir, c.Now.Add(time.Hour))
	if r.Verdict != verify.Passed || !found(r, "TIMESTAMP_INTERNAL") || r.Signatures[0].Time.Class != "internal" {
		t.Errorf("%s: %+v", r.Verdict, r.Signatures[0].Findings)
	}
}

// TestSealToken: a time stamp on the seal is over the maker's signature, and younger than the seal.
func TestSealToken(t *testing.T) {
	c := newClockwork(t)
	h := c.authority(t, 3)
	plain, err := seal.Parse(testseal.Make(t, c.PKI, testseal.Info(t, c.PKI, testpki.OwnerName, c.owner.Cert), seal.V5))
	if err != nil {
		t.Fatal(err)
	}
	created := plain.Info.Property.Created
	for _, x := range []struct {
		name   string
		octets []byte
		when   time.Time
		want   verify.Verdict
		code   verify.Code
	}{
		{"good", plain.SignValue, created.Add(time.Minute), verify.Passed, "TIMESTAMP_PROVES"},
		{"over something else", plain.Raw, created, verify.Failed, "TIMESTAMP_IMPRINT"},
		{"older than the seal", plain.SignValue, created.Add(-time.Hour), verify.Indeterminate, "SEAL_TIMESTAMP_ORDER"},
	} {
		t.Run(x.name, func(t *testing.T) {
			imprint, err := timestamp.Over(gm.OIDSM3, x.octets)
			if err != nil {
				t.Fatal(err)
			}
			token, err := c.at(t, h, x.when).Token(t.Context(), imprint)
			if err != nil {
				t.Fatal(err)
			}
			esl, err := seal.Assemble(plain.SignedBytes(), plain.MakerCert, plain.SignAlg, plain.SignValue, token, seal.V5)
			if err != nil {
				t.Fatal(err)
			}
			container, err := sign.NewSES(esl, c.owner.Cert.Raw)
			if err != nil {
				t.Fatal(err)
			}
			r := judged(t, signed(t, container, c.owner.Key, c.Now, nil), c.directory(c.list(c.Root, c.Now), c.list(c.times, c.Now)), c.Now.Add(time.Hour))
			if r.Verdict != x.want || !found(r, x.code) || r.Signatures[0].Timestamps[0].Over != verify.StampsSeal || !r.Signatures[0].Time.Proven.IsZero() {
				t.Errorf("%s: %+v", r.Verdict, r.Signatures[0].Findings)
			}
		})
	}
}

// TestDocumentTimestamp: it is judged like a signature, and proves the signatures before it.
func TestDocumentTimestamp(t *testing.T) {
	c := newClockwork(t)
	file := signed(t, c.container(t, "v4"), c.owner.Key, c.Now, nil)
	later := c.Now.Add(10 * time.Minute)
	stamped := stampedWith(t, file, c.at(t, c.authority(t, 3), later))
	dir := c.directory(c.list(c.Root, c.Now), c.list(c.times, c.Now))
	r := judged(t, stamped, dir, c.Now.Add(time.Hour))
	if r.Verdict != verify.Passed || len(r.Signatures) != 2 || !r.Signatures[0].Time.Proven.Equal(later.Add(time.Second)) || r.Signatures[1].Kind != document.Timestamp {
		t.Fatalf("%s: %+v", r.Verdict, r.Signatures)
	}
	if s := r.Signatures[1]; s.Integrity != verify.Intact || !s.Timestamps[0].Proves || s.Signer.Name != "示例时间戳服务" {
		t.Errorf("%+v", s)
	}
	delete(dir, "tsa/times.crt")
	r = judged(t, stamped, dir, c.Now.Add(time.Hour))
	expect(t, r, verify.Indeterminate, verify.SubNoChain)
	if s := r.Signatures[0]; s.Verdict != verify.Passed || !s.Time.Proven.IsZero() || r.Signatures[1].Signer.Missing.Use != "tsa" {
		t.Errorf("%s %+v %+v", s.Verdict, s.Time, r.Signatures[1].Signer.Missing)
	}
	i := bytes.Index(stamped, []byte("%PDF-"))
	changed := bytes.Clone(stamped)
	changed[i+6] ^= 1
	r = judged(t, changed, dir, c.Now.Add(time.Hour))
	expect(t, r, verify.Failed, verify.SubHash)
	copied := stampedWith(t, stamped, lying{c.at(t, c.authority(t, 3), later), func(timestamp.Imprint) timestamp.Imprint {
		return timestamp.Imprint{Hash: gm.OIDSM3, Digest: make([]byte, gm.DigestSize)}
	}, nil})
	r = judged(t, copied, dir, c.Now.Add(time.Hour))
	expect(t, r, verify.Failed, verify.SubHash)
	if r.Signatures[0].Verdict != verify.Passed {
		t.Errorf("what is before the copy: %s", r.Signatures[0].Verdict)
	}
}
