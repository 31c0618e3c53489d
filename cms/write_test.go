package cms_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yinxin/cms"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/internal/need"
)

// standard is an identity with a key of the standard library, which signs the SHA-256 digest of a message.
func standard(t *testing.T, key crypto.Signer) identity {
	return foreign(t, key, func(m []byte) ([]byte, error) {
		sum := sha256.Sum256(m)
		return key.Sign(rand.Reader, sum[:], crypto.SHA256)
	})
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func ecKey(t *testing.T, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// written is one shape that Builder writes, with an identity that can sign it.
type written struct {
	name      string
	id        identity
	new       func(cert []byte, chain ...[]byte) (*cms.Builder, error)
	gb        bool
	digest    asn1.ObjectIdentifier
	signature asn1.ObjectIdentifier
	null      bool // the signature algorithm has parameters
	says      string
	openssl   string // what OpenSSL calls the signature algorithm
}

func shapes(t *testing.T) []written {
	sm2 := newIdentity(t, "示例签章人")
	return []written{
		{"CMS SM2", sm2, cms.NewBuilder, false, gm.OIDSM3, gm.OIDSM2WithSM3, false, "SM2 with SM3", "SM2-with-SM3"},
		{"CMS RSA", standard(t, rsaKey(t, 2048)), cms.NewBuilder, false, oidSHA256, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, true, "RSA-2048 with SHA-256", "rsaEncryption"},
		{"CMS P-256", standard(t, ecKey(t, elliptic.P256())), cms.NewBuilder, false, oidSHA256, asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, false, "ECDSA P-256 with SHA-256", "ecdsa-with-SHA256"},
		{"GB/T 35275", sm2, cms.NewGBBuilder, true, gm.OIDSM3, gm.OIDSM2Sign, true, "SM2 with SM3", "1.2.156.10197.1.301.1"},
	}
}

// fataler is what *testing.T and *rapid.T share.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

// make has the identity sign data in the shape w.
func (w written) make(t fataler, data []byte, at time.Time, token []byte, chain ...[]byte) (*cms.Builder, []byte) {
	t.Helper()
	b, err := w.new(w.id.cert.Raw, chain...)
	if err != nil {
		t.Fatal(err)
	}
	h, _, err := cms.Hash(b.DigestAlgorithm())
	if err != nil {
		t.Fatal(err)
	}
	h.Write(data)
	attributes, err := b.Attributes(h.Sum(nil), at)
	if err != nil {
		t.Fatal(err)
	}
	value, err := w.id.sign(attributes)
	if err != nil {
		t.Fatal(err)
	}
	der, err := b.Assemble(attributes, value, token)
	if err != nil {
		t.Fatal(err)
	}
	return b, der
}

// sequence is a DER SEQUENCE of about n bytes.
func sequence(n int) []byte {
	if n == 0 {
		return nil
	}
	der, err := asn1.Marshal(struct{ B []byte }{make([]byte, n)})
	if err != nil {
		panic(err)
	}
	return der
}

// TestWritten: whatever is built reads as what it was built from, is DER, holds without a note, and is no larger than was said without the key.
func TestWritten(t *testing.T) {
	chain := [][]byte{newIdentity(t, "示例中间证书").cert.Raw, newIdentity(t, "示例根证书").cert.Raw}
	for _, w := range shapes(t) {
		t.Run(w.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				data := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "content")
				at := time.Unix(rapid.Int64Range(-2e9, 8e9).Draw(t, "seconds"), 999).In(time.FixedZone("", 8*3600)) // 1906 to 2223
				token := sequence(rapid.SampledFrom([]int{0, 1, 120, 127, 128, 250, 256, 5000, 70000}).Draw(t, "token"))
				links := rapid.IntRange(0, len(chain)).Draw(t, "links")
				b, der := w.make(t, data, at, token, chain[:links]...)
				if bound := b.Size(len(token)); len(der) > bound || bound > len(der)+80 {
					t.Errorf("%d bytes, said to be at most %d", len(der), bound)
				}
				sd, err := cms.Parse(der)
				if err != nil {
					t.Fatal(err)
				}
				w.holds(t, sd, der, data, at, token)
				for i, c := range append([][]byte{w.id.cert.Raw}, chain[:links]...) {
					if len(sd.Certificates) != links+1 || !bytes.Equal(sd.Certificates[i], c) {
						t.Fatalf("certificate %d of %d is not the one given", i, len(sd.Certificates))
					}
				}
			})
		})
	}
}

// holds compares what was read with what was asked for.
func (w written) holds(t fataler, sd *cms.SignedData, der, data []byte, at time.Time, token []byte) {
	t.Helper()
	s := &sd.Signers[0]
	contentType := oidData
	if w.gb {
		contentType = gm.OIDGBData
	}
	if sd.BER || sd.Trailing != nil || !bytes.Equal(sd.Raw, der) || !bytes.Equal(reencode(t, der), der) || sd.GB != w.gb || sd.Version != 1 || !sd.Detached ||
		!sd.ContentType.Equal(contentType) || len(sd.Signers) != 1 || len(sd.DigestAlgorithms) != 1 || s.IssuerSerial == nil || s.Version != 1 {
		t.Errorf("%+v", sd)
	}
	if !s.DigestAlgorithm.Equal(w.digest) || !s.SignatureAlgorithm.Equal(w.signature) || (s.SignatureParams != nil) != w.null {
		t.Errorf("algorithms %s, %s with %x", s.DigestAlgorithm, s.SignatureAlgorithm, s.SignatureParams)
	}
	claimed, timed := s.SigningTime()
	if timed != w.gb || timed && !claimed.Equal(at.Truncate(time.Second)) || len(s.Attributes) != 3 {
		t.Errorf("signing time %v, %v of %v, in %d attributes", claimed, timed, at, len(s.Attributes))
	}
	if tokens := s.TimeStampTokens(); len(tokens) != min(len(token), 1) || len(token) > 0 && !bytes.Equal(tokens[0], token) {
		t.Errorf("%d tokens", len(tokens))
	}
	cert, err := sd.Certificate(s)
	if err != nil || !bytes.Equal(cert.Raw, w.id.cert.Raw) {
		t.Fatalf("certificate %v", err)
	}
	r, err := s.Check(sd, cert, cms.DigestOf(data))
	if err != nil || !r.Intact() || r.Layout != cms.Detached || r.SignatureAlgorithm != w.says || len(r.Insecure) > 0 ||
		r.Noted(cms.NoteNoCertificate) != w.gb || len(r.Notes) > 1 || len(r.Notes) == 1 && !w.gb {
		t.Errorf("%v, %+v", err, r)
	}
	if r, err := s.Check(sd, cert, cms.DigestOf(append(bytes.Clone(data), 0))); err != nil || !r.Failed(cms.ErrDigest) {
		t.Errorf("another content: %v, %+v", err, r)
	}
}

// reencode takes DER apart to the last element with the standard library, which reads DER only, and puts it together again.
func reencode(t fataler, der []byte) []byte {
	t.Helper()
	var out []byte
	for rest := der; len(rest) > 0; {
		var v asn1.RawValue
		var err error
		if rest, err = asn1.Unmarshal(rest, &v); err != nil {
			t.Fatalf("not DER: %v", err)
		}
		v.FullBytes = nil
		if v.IsCompound {
			v.Bytes = reencode(t, v.Bytes)
		}
		one, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, one...)
	}
	return out
}

// TestWrittenESS: the signing certificate attribute names the algorithm where it is not the default, and always issuer and serial number.
func TestWrittenESS(t *testing.T) {
	for _, w := range shapes(t) {
		if w.gb {
			continue
		}
		_, der := w.make(t, content, signedAt, nil)
		sd, err := cms.Parse(der)
		if err != nil {
			t.Fatal(err)
		}
		var alg asn1.ObjectIdentifier
		for _, a := range sd.Signers[0].Attributes {
			if a.Type.Equal(cms.OIDSigningCertificateV2) {
				alg = oidSHA256
				if bytes.Contains(a.Values[0], []byte{0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x11}) {
					alg = gm.OIDSM3
				}
				if want := bytesOf(t, ess(t, w.id.cert, w.digest)); !bytes.HasSuffix(want, a.Values[0]) {
					t.Errorf("%s: %x, want %x", w.name, a.Values[0], want)
				}
			}
		}
		if !alg.Equal(w.digest) {
			t.Errorf("%s: hashed with %s", w.name, alg)
		}
	}
}

// TestBuilderRefuses: keys that are not used, and parts that are not what they should be.
func TestBuilderRefuses(t *testing.T) {
	sm2, weak := newIdentity(t, "甲"), standard(t, rsaKey(t, 1024))
	p384, p256 := standard(t, ecKey(t, elliptic.P384())), standard(t, ecKey(t, elliptic.P256()))
	for name, built := range map[string]func() (*cms.Builder, error){
		"RSA-1024":    func() (*cms.Builder, error) { return cms.NewBuilder(weak.cert.Raw) },
		"P-384":       func() (*cms.Builder, error) { return cms.NewBuilder(p384.cert.Raw) },
		"GB of P-256": func() (*cms.Builder, error) { return cms.NewGBBuilder(p256.cert.Raw) },
	} {
		if b, err := built(); b != nil || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, chain := range map[string][][]byte{"no certificate": {[]byte("x")}, "too many": slices.Repeat([][]byte{sm2.cert.Raw}, 100)} {
		if _, err := cms.NewBuilder(sm2.cert.Raw, chain...); err == nil {
			t.Errorf("chain with %s is taken", name)
		}
	}
	b, err := cms.NewBuilder(sm2.cert.Raw)
	if err != nil {
		t.Fatal(err)
	}
	attributes, err := b.Attributes(sm3(content), signedAt)
	if err != nil {
		t.Fatal(err)
	}
	value, err := sm2.sign(attributes)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := gm.RawSignature(value)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string][3][]byte{
		"attributes without their SET": {attributes[4:], value, nil},
		"no attributes":                {{0x31, 0}, value, nil},
		"raw r‖s":                      {attributes, raw, nil},
		"no value":                     {attributes, nil, nil},
		"two tokens":                   {attributes, value, append(sequence(3), sequence(3)...)},
		"token in BER":                 {attributes, value, []byte{0x30, 0x80, 0, 0}},
		"empty token":                  {attributes, value, {}},
	} {
		if der, err := b.Assemble(p[0], p[1], p[2]); err == nil {
			t.Errorf("%s: %x", name, der)
		}
	}
	if _, err := b.Attributes(make([]byte, 20), signedAt); err == nil {
		t.Error("a digest of 20 bytes is taken for SM3")
	}
}

// TestOpenSSLReads: OpenSSL verifies what is built for keys it knows, the signing certificate attribute included, and takes the SM2 shapes apart.
func TestOpenSSLReads(t *testing.T) {
	openssl := need.Tool(t, "openssl")
	for _, w := range shapes(t) {
		t.Run(w.name, func(t *testing.T) {
			dir := t.TempDir()
			_, der := w.make(t, content, signedAt, sequence(100))
			for name, data := range map[string][]byte{"content": content, "other": []byte("another"), "signed": der, "cert": gm.EncodePEM(w.id.cert)} {
				if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			run := func(args ...string) (string, error) {
				c := exec.Command(openssl, args...)
				c.Dir = dir
				out, err := c.CombinedOutput()
				return string(out), err
			}
			out, err := run("asn1parse", "-inform", "DER", "-in", "signed")
			_, signer, found := strings.Cut(out, ":messageDigest")
			if err != nil || !found || !strings.Contains(signer, ":"+w.openssl) || !strings.Contains(signer, ":id-smime-aa-timeStampToken") {
				t.Fatalf("%v\n%s", err, out)
			}
			if gm.IsSM2(w.id.cert.PublicKey) {
				return // it has no SM2 in CMS
			}
			verify := func(content string) (string, error) {
				return run("cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", "signed", "-content", content, "-CAfile", "cert", "-no_check_time", "-out", "out")
			}
			if out, err := verify("content"); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			if out, err := verify("other"); err == nil {
				t.Errorf("another content verifies\n%s", out)
			}
		})
	}
}
