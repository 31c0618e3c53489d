package verify_test

import (
	"bytes"
	"context"
	"encoding/asn1"
	"encoding/hex"
	"testing"
	"time"

	"yinxin/cms"
	"yinxin/document"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/sign"
	"yinxin/verify"
)

// signer is one profile with the key and certificate it is made with.
type signer struct {
	name  string
	key   hsm.Key
	cert  *gm.Certificate
	new   func(cert []byte, chain ...[]byte) (*sign.CMS, error)
	bound bool   // the certificate is bound by a signed attribute
	time  string // where the claimed time stands
}

func signers(t *testing.T, p *testpki.PKI) []signer {
	t.Helper()
	sm2, rsa, p256 := testpki.NewKey(t), rsaKey(t), p256Key(t)
	cert := func(k hsm.Key) *gm.Certificate {
		return p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.WithPublic(k.Public())).Cert
	}
	return []signer{
		{"CMS SM2", sm2, cert(sm2), sign.NewCMS, true, "M"},
		{"CMS RSA", rsa, cert(rsa), sign.NewCMS, true, "M"},
		{"CMS P-256", p256, cert(p256), sign.NewCMS, true, "M"},
		{"GB/T 35275", sm2, cert(sm2), sign.NewGB, false, "signingTime"},
	}
}

// sign makes a PDF signed at the time.
func (s signer) sign(t *testing.T, at time.Time, chain ...[]byte) []byte {
	t.Helper()
	c, err := s.new(s.cert.Raw, chain...)
	if err != nil {
		t.Fatal(err)
	}
	return testseal.Unchecked(t, testseal.PDF(t, 1), c, s.key, testseal.Picture(t, testpki.OwnerName), at)
}

// twin is another certificate of the same issuer, serial number and length, for the same key or another.
func (s signer) twin(t *testing.T, p *testpki.PKI, public any) []byte {
	t.Helper()
	for range 1000 { // its signature is 70 to 72 bytes long
		c := p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.WithPublic(public), testpki.Serial(s.cert.SerialNumber)).Cert
		if len(c.Raw) == len(s.cert.Raw) {
			return c.Raw
		}
	}
	t.Fatal("no certificate of the same length")
	return nil
}

// patched puts another value of the same length into the hole of the only signature.
func patched(t *testing.T, file []byte, change func(value []byte, sd *cms.SignedData) []byte) []byte {
	t.Helper()
	doc, err := pdf.Format{}.Open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := doc.Signatures()
	if err != nil || len(all) != 1 {
		t.Fatalf("%d signatures, %v", len(all), err)
	}
	value := all[0].Value()
	sd, err := cms.Parse(bytes.Clone(value))
	if err != nil {
		t.Fatal(err)
	}
	changed := change(bytes.Clone(value), sd)
	old := []byte(hex.EncodeToString(value))
	if !bytes.Contains(file, old) {
		old = bytes.ToUpper(old)
	}
	if len(changed) != len(value) || bytes.Equal(changed, value) || bytes.Count(file, old) != 1 {
		t.Fatal("the value is not changed, or not found")
	}
	return bytes.Replace(file, old, []byte(hex.EncodeToString(changed)), 1)
}

func flip(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

// reorder exchanges the first two signed attributes.
func reorder(t *testing.T, value []byte, sd *cms.SignedData) []byte {
	t.Helper()
	raw := sd.Signers[0].RawAttributes
	var first, second asn1.RawValue
	rest, err := asn1.Unmarshal(raw, &first)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := asn1.Unmarshal(rest, &second); err != nil {
		t.Fatal(err)
	}
	other := append(append(bytes.Clone(second.FullBytes), first.FullBytes...), raw[len(first.FullBytes)+len(second.FullBytes):]...)
	return bytes.Replace(value, raw, other, 1)
}

// TestCMSMade: what each profile makes passes with its time right, and fails after any change.
func TestCMSMade(t *testing.T) {
	p := testpki.New(t)
	for _, s := range signers(t, p) {
		file := s.sign(t, p.Now, p.Root.Cert.Raw)
		inside := func(change func(value []byte, sd *cms.SignedData) []byte) []byte { return patched(t, file, change) }
		swapped := func(public any) []byte {
			return inside(func(v []byte, _ *cms.SignedData) []byte { return bytes.Replace(v, s.cert.Raw, s.twin(t, p, public), 1) })
		}
		other := map[string]any{"CMS RSA": rsaKey(t).Public(), "CMS P-256": p256Key(t).Public()}[s.name]
		if other == nil {
			other = testpki.NewKey(t).Public()
		}
		reissued := verify.Code("SIGNING_CERTIFICATE")
		if !s.bound {
			reissued = "" // the shape has nothing that tells certificates of one key, issuer and serial number apart
		}
		for _, c := range []struct {
			name string
			file []byte
			want verify.Code // none: it passes
		}{
			{"as made", file, ""},
			{"without the root", s.sign(t, p.Now), ""},
			{"a byte of the document", flip(file, bytes.Index(file, []byte("/MediaBox"))+12), "DATA_HASH"},
			{"a byte of the increment", flip(file, bytes.LastIndex(file, []byte("/M(D:2026"))+8), "DATA_HASH"},
			{"a byte of the value", inside(func(v []byte, sd *cms.SignedData) []byte {
				return flip(v, bytes.Index(v, sd.Signers[0].Value)+len(sd.Signers[0].Value)-1)
			}), "SIG_VALUE"},
			{"a byte of the digest", inside(func(v []byte, sd *cms.SignedData) []byte {
				sum, _ := sd.Signers[0].MessageDigest()
				return flip(v, bytes.Index(v, sum))
			}), "SIG_VALUE"},
			{"attributes in another order", inside(func(v []byte, sd *cms.SignedData) []byte { return reorder(t, v, sd) }), "SIG_VALUE"},
			{"certificate of another key", swapped(other), "SIG_VALUE"},
			{"certificate issued again", swapped(s.key.Public()), reissued},
		} {
			t.Run(s.name+"/"+c.name, func(t *testing.T) {
				r := judged(t, c.file, p.Directory(), p.Now.Add(time.Hour))
				verdict := verify.Passed
				if c.want != "" {
					verdict = verify.Failed
				}
				if r.Verdict != verdict || c.want != "" && !found(r, c.want) {
					t.Fatalf("%s, want %s %s: %+v", r.Verdict, verdict, c.want, r.Signatures[0].Findings)
				}
				if at := r.Signatures[0].Time; c.want == "" && (at == nil || !at.Claimed.Equal(p.Now) || at.Source != s.time) {
					t.Errorf("time %+v, want %v from %s", at, p.Now, s.time)
				}
			})
		}
	}
}

// TestCMSMadeTrust: a good signature whose signer nobody knows, or whose certificate was withdrawn, does not pass.
func TestCMSMadeTrust(t *testing.T) {
	p := testpki.New(t)
	for _, s := range signers(t, p) {
		file := s.sign(t, p.Now)
		revoked := p.Directory(testpki.Revocation{Cert: s.cert, At: p.Now.AddDate(0, 0, -1)})
		expect(t, judged(t, file, nil, p.Now.Add(time.Hour)), verify.Indeterminate, verify.SubNoChain)
		expect(t, judged(t, file, revoked, p.Now.Add(time.Hour)), verify.Failed, verify.SubRevoked)
	}
}
