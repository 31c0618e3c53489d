package seal_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/seal"
)

func rsaKey(t *testing.T, size int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, size)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestVerifyV1RSA(t *testing.T) {
	w := newWorld(t)
	long, short := rsaKey(t, 2048), rsaKey(t, 1024)
	sign := func(k *rsa.PrivateKey) func([]byte) []byte {
		return func(msg []byte) []byte {
			sum := sha256.Sum256(msg)
			v, err := rsa.SignPKCS1v15(rand.Reader, k, crypto.SHA256, sum[:])
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	cert := func(k *rsa.PrivateKey) []byte {
		return w.pki.Owner(testpki.MakerName, testpki.MakerUSCC, testpki.WithPublic(k.Public())).Cert.Raw
	}
	tests := []struct {
		name string
		cert []byte
		alg  asn1.ObjectIdentifier
		sign func([]byte) []byte
		want error
	}{
		{"SHA-256", cert(long), oidRSA256, sign(long), nil},
		{"SHA-1", cert(long), oidRSA1, sign(long), seal.ErrInsecure},
		{"short key", cert(short), oidRSA256, sign(short), seal.ErrInsecure},
		{"another key", cert(long), oidRSA256, sign(rsaKey(t, 2048)), seal.ErrValue},
		{"RSA key under SM2", cert(long), gm.OIDSM2WithSM3, sign(long), seal.ErrAlgorithm},
		{"SM2 key under RSA", w.maker.Cert.Raw, oidRSA256, sign(long), seal.ErrAlgorithm},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := w.v1()
			p.cert, p.alg, p.sign = tt.cert, tt.alg, tt.sign
			if err := parse(t, w.sealV1(p)).VerifyMaker(); !errors.Is(err, tt.want) || err != nil && !errors.Is(err, fault.Invalid) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestVerifyMaker(t *testing.T) {
	w := newWorld(t)
	info, err := w.info().Marshal(seal.V4)
	if err != nil {
		t.Fatal(err)
	}
	value := w.sign(w.maker, info)
	rs, err := gm.RawSignature(value)
	if err != nil {
		t.Fatal(err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	nist := w.pki.Owner("P-256", "", testpki.WithPublic(p256.Public())).Cert.Raw
	cert := w.maker.Cert.Raw
	tests := []struct {
		name  string
		cert  []byte
		alg   asn1.ObjectIdentifier
		value []byte
		want  error
	}{
		{"SM2 with SM3", cert, gm.OIDSM2WithSM3, value, nil},
		{"SM2-1", cert, gm.OIDSM2Sign, value, nil},
		{"SM2", cert, gm.OIDSM2, value, nil},
		{"raw r and s", cert, gm.OIDSM2WithSM3, rs, nil},
		{"another's certificate", w.signer.Cert.Raw, gm.OIDSM2WithSM3, value, seal.ErrValue},
		{"no value", cert, gm.OIDSM2WithSM3, nil, seal.ErrValue},
		{"RSA in v4", cert, oidRSA256, value, seal.ErrAlgorithm},
		{"digest OID", cert, gm.OIDSM3, value, seal.ErrAlgorithm},
		{"P-256 key", nist, gm.OIDSM2WithSM3, value, seal.ErrAlgorithm},
		{"no certificate", nil, gm.OIDSM2WithSM3, value, seal.ErrCertificate},
		{"half a certificate", cert[:len(cert)/2], gm.OIDSM2WithSM3, value, seal.ErrCertificate},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			der, err := seal.EncodeSigned(info, tt.cert, tt.alg, tt.value, nil)
			if err != nil {
				t.Fatal(err)
			}
			// A broken certificate is no reason not to parse.
			if err := parse(t, der).VerifyMaker(); !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// TestVerifyMakerWith: what is remembered of a seal is answered for those very bytes and no others.
func TestVerifyMakerWith(t *testing.T) {
	w := newWorld(t)
	info, err := w.info().Marshal(seal.V4)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(signed []byte) *seal.Seal {
		der, err := seal.EncodeSigned(info, w.maker.Cert.Raw, gm.OIDSM2WithSM3, w.sign(w.maker, signed), nil)
		if err != nil {
			t.Fatal(err)
		}
		return parse(t, der)
	}
	good, forged := encode(info), encode([]byte("something else"))
	for _, p := range []*gm.Proven{nil, gm.NewProven(8)} {
		for range 2 {
			if err := good.VerifyMakerWith(p); err != nil {
				t.Errorf("the seal itself: %v", err)
			}
			if err := encode(info).VerifyMakerWith(p); err != nil {
				t.Errorf("the same with another value: %v", err)
			}
			if err := forged.VerifyMakerWith(p); !errors.Is(err, seal.ErrValue) || !errors.Is(err, fault.Invalid) {
				t.Errorf("a forged seal passes: %v", err)
			}
		}
		for at := range good.Raw { // altered in place: what is remembered must not be the place
			good.Raw[at] ^= 1
			if s, err := seal.Parse(good.Raw); err == nil && (s.VerifyMakerWith(p) == nil) != (s.VerifyMaker() == nil) {
				t.Errorf("of byte %d altered in place the memory says otherwise", at)
			}
			good.Raw[at] ^= 1
		}
		other := *good
		other.MakerCert = w.signer.Cert.Raw
		if err := other.VerifyMakerWith(p); !errors.Is(err, seal.ErrValue) {
			t.Errorf("the seal under another certificate passes: %v", err)
		}
	}
}

func TestLists(t *testing.T) {
	w := newWorld(t)
	cert, other := w.signer.Cert.Raw, w.maker.Cert.Raw
	digest := seal.DigestOf(cert)
	sha := seal.CertDigest{Type: "SHA256", Value: digest.Value}
	tests := []struct {
		name     string
		property seal.Property
		listed   bool
		err      error
	}{
		{"certificate", seal.Property{Certs: [][]byte{other, cert}}, true, nil},
		{"other certificate", seal.Property{Certs: [][]byte{other}}, false, nil},
		{"beginning of it", seal.Property{Certs: [][]byte{cert[:len(cert)-1]}}, false, nil},
		{"digest", seal.Property{Digests: []seal.CertDigest{seal.DigestOf(other), digest}}, true, nil},
		{"other digest", seal.Property{Digests: []seal.CertDigest{seal.DigestOf(other)}}, false, nil},
		{"name in lower case", seal.Property{Digests: []seal.CertDigest{{Type: "sm3", Value: digest.Value}}}, true, nil},
		{"unknown digest", seal.Property{Digests: []seal.CertDigest{sha}}, false, seal.ErrListDigest},
		{"unknown digest beside a good one", seal.Property{Digests: []seal.CertDigest{sha, digest}}, true, nil},
		{"identifiers", seal.Property{IDs: []string{"1"}}, false, seal.ErrListNames},
		{"identifier beside the certificate", seal.Property{IDs: []string{"1"}, Certs: [][]byte{cert}}, true, nil},
		{"nobody", seal.Property{}, false, nil},
	}
	for _, tt := range tests {
		s := seal.Seal{Info: seal.Info{Property: tt.property}}
		if listed, err := s.Lists(cert); listed != tt.listed || !errors.Is(err, tt.err) {
			t.Errorf("%s: %v, %v", tt.name, listed, err)
		}
	}
}

// TestOpenSSL has another implementation read what we write: every tag in its place, and the maker's and signer's values good.
func TestOpenSSL(t *testing.T) {
	openssl := need.Tool(t, "openssl")
	w := newWorld(t)
	seal5 := w.seal(w.info(), seal.V5, []byte("token"))
	signature := w.signature(w.tbs(seal5, seal.V5), []byte("token"))
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	run := func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), openssl, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
		return string(out)
	}

	const want = "seq(seq(int seq(seq(seq(ia5 int ia5) ia5 seq(int utf8 int seq(oct) time time time) seq(ia5 oct int int) seq(seq(oid bool oct)))" +
		" oct oid bit [0](bit)) time bit ia5 [0](seq(seq(oid bool oct)))) oct oid bit [0](bit))"
	if got := outline(run("asn1parse", "-inform", "DER", "-in", write("signature", signature))); got != want {
		t.Errorf("openssl reads\n%s\nwant\n%s", got, want)
	}
	s := parseSignature(t, signature)
	for name, part := range map[string]struct {
		cert            *gm.Certificate
		message, signed []byte
	}{"maker": {w.maker.Cert, s.Seal.RawInfo, s.Seal.SignValue}, "signer": {w.signer.Cert, s.RawTBS, s.Value}} {
		pem := write(name+".pem", gm.EncodePEM(part.cert))
		pub := write(name+".pub", []byte(run("x509", "-in", pem, "-noout", "-pubkey")))
		out := run("dgst", "-sm3", "-verify", pub, "-sigopt", "distid:"+gm.DefaultUID, "-signature", write("value", part.signed), write("message", part.message))
		if !strings.Contains(out, "Verified OK") {
			t.Errorf("%s: openssl says %s", name, out)
		}
	}
}

// outline makes one line of the tags that openssl asn1parse prints.
func outline(text string) string {
	short := map[string]string{
		"SEQUENCE": "seq", "INTEGER": "int", "IA5STRING": "ia5", "UTF8STRING": "utf8", "OCTET STRING": "oct", "GENERALIZEDTIME": "time",
		"OBJECT": "oid", "BOOLEAN": "bool", "BIT STRING": "bit", "cont [ 0 ]": "[0]",
	}
	var out strings.Builder
	depth, opened := 0, true
	for line := range strings.Lines(text) {
		at, tag := 0, ""
		if _, rest, ok := strings.Cut(line, ":d="); ok {
			for _, c := range strings.TrimSpace(rest[:2]) {
				at = at*10 + int(c-'0')
			}
			_, tag, _ = strings.Cut(rest, ": ")
			tag, _, _ = strings.Cut(tag, "   ")
			tag, _, _ = strings.Cut(tag, ":")
		}
		out.WriteString(strings.Repeat(")", max(depth-at, 0)))
		if !opened || depth > at {
			out.WriteByte(' ')
		}
		depth = at
		out.WriteString(short[strings.TrimSpace(tag)])
		if opened = strings.Contains(line, "cons:"); opened {
			out.WriteByte('(')
			depth++
		}
	}
	return out.String() + strings.Repeat(")", depth)
}
