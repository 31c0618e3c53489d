package cms_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/cms"
	"yinxin/gm"
	"yinxin/internal/need"
)

// foreign makes an identity of a key that is not SM2.
func foreign(t *testing.T, key crypto.Signer, sign func(message []byte) ([]byte, error)) identity {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "示例"}, NotBefore: signedAt, NotAfter: signedAt.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := gm.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return identity{cert: cert, sign: sign}
}

var (
	oidEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}
	oidSHA512  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
)

// TestEd25519 signs the bytes themselves (RFC 8419): the attributes, or the content where it is enclosed.
func TestEd25519(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := foreign(t, key, func(m []byte) ([]byte, error) { return ed25519.Sign(key, m), nil })
	s := spec{digest: oidSHA512, signature: oidEd25519}
	if r := check(t, id.build(t, content, s), cms.DigestOf(content)); !r.Intact() || r.SignatureAlgorithm != "Ed25519" {
		t.Errorf("with attributes: %+v", r)
	}
	s.noAttrs = true
	if r := check(t, id.build(t, content, s), cms.DigestOf(content)); !r.Failed(cms.ErrUnsupported) {
		t.Errorf("detached without attributes: %+v", r)
	}
	s.enclose = content
	if r := check(t, id.build(t, content, s), nil); !r.Intact() {
		t.Errorf("enclosed without attributes: %+v", r)
	}
	if r := check(t, id.build(t, content, spec{digest: oidSHA256, signature: oidEd25519}), cms.DigestOf(content)); !r.Failed(cms.ErrAlgorithm) {
		t.Errorf("with SHA-256: %+v", r)
	}
}

// TestPlainECDSA: r‖s of equal length under the identifiers of BSI TR-03111.
func TestPlainECDSA(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := foreign(t, key, func(m []byte) ([]byte, error) {
		sum := sha256.Sum256(m)
		der, err := key.Sign(rand.Reader, sum[:], crypto.SHA256)
		if err != nil {
			return nil, err
		}
		return gm.RawSignature(der)
	})
	plain := asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 1, 4, 1, 3}
	if r := check(t, id.build(t, content, spec{digest: oidSHA256, signature: plain}), cms.DigestOf(content)); !r.Intact() || !r.Noted(cms.NoteRawSignature) {
		t.Errorf("%+v", r)
	}
	der := asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	if r := check(t, id.build(t, content, spec{digest: oidSHA256, signature: der}), cms.DigestOf(content)); !r.Failed(cms.ErrValue) {
		t.Errorf("r‖s where DER is said: %+v", r)
	}
	if r := check(t, id.build(t, content, spec{digest: oidSHA256, signature: gm.OIDSM2WithSM3}), cms.DigestOf(content)); !r.Failed(cms.ErrAlgorithm) {
		t.Errorf("SM2 on a P-256 key: %+v", r)
	}
}

// shell runs openssl in dir; what it says is shown where it fails.
func shell(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command(need.Tool(t, "openssl"), args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// vector is signed data for openssl to make, and what is to be found in it.
type vector struct {
	name, key string
	args      []string
	algorithm string
	insecure  string
	notes     []cms.NoteCode
}

// TestOpenSSL checks signed data that another implementation made.
func TestOpenSSL(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "content"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	keys := map[string][]string{
		"rsa":  {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"},
		"p256": {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"},
		"p384": {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"},
		"p521": {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"},
		"p224": {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-224"},
		"weak": {"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"},
		"dsa":  {"-paramfile", "dsa.param"},
	}
	shell(t, dir, "genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:1024", "-pkeyopt", "dsa_paramgen_q_bits:160", "-out", "dsa.param")
	for name, args := range keys {
		shell(t, dir, append([]string{"genpkey", "-out", name + ".key"}, args...)...)
		shell(t, dir, "req", "-x509", "-new", "-sha256", "-key", name+".key", "-out", name+".crt", "-days", "30", "-subj", "/CN="+name)
	}
	for _, c := range []vector{
		{"RSA", "rsa", nil, "RSA-2048 with SHA-256", "", []cms.NoteCode{cms.NoteNoCertificate}},
		{"RSA SHA-512", "rsa", []string{"-md", "sha512"}, "RSA-2048 with SHA-512", "", []cms.NoteCode{cms.NoteNoCertificate}},
		{"RSA SHA-1", "rsa", []string{"-md", "sha1"}, "RSA-2048 with SHA-1", "SHA-1", []cms.NoteCode{cms.NoteNoCertificate}},
		{"RSA 1024", "weak", nil, "RSA-1024 with SHA-256", "RSA key of 1024 bits", []cms.NoteCode{cms.NoteNoCertificate}},
		{"RSA without attributes", "rsa", []string{"-noattr"}, "RSA-2048 with SHA-256", "", []cms.NoteCode{cms.NoteNoAttributes, cms.NoteNoCertificate}},
		{"CAdES", "rsa", []string{"-cades"}, "RSA-2048 with SHA-256", "", nil},
		{"CAdES SHA-1", "rsa", []string{"-cades", "-md", "sha1"}, "RSA-2048 with SHA-1", "SHA-1", nil},
		{"key identifier", "rsa", []string{"-cades", "-keyid"}, "RSA-2048 with SHA-256", "", nil},
		{"BER", "rsa", []string{"-cades", "-nodetach", "-stream"}, "RSA-2048 with SHA-256", "", []cms.NoteCode{cms.NoteBER}},
		{"PSS", "rsa", []string{"-cades", "-keyopt", "rsa_padding_mode:pss"}, "RSA-PSS-2048 with SHA-256", "", []cms.NoteCode{cms.NoteSalt}},
		{"PSS salt as long as the hash", "rsa", []string{"-cades", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:-1"}, "RSA-PSS-2048 with SHA-256", "", nil},
		{"PSS short salt", "rsa", []string{"-cades", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:8"}, "RSA-PSS-2048 with SHA-256", "", []cms.NoteCode{cms.NoteSalt}},
		{"PSS SHA-384", "rsa", []string{"-cades", "-md", "sha384", "-keyopt", "rsa_padding_mode:pss"}, "RSA-PSS-2048 with SHA-384", "", []cms.NoteCode{cms.NoteSalt}},
		{"P-256", "p256", []string{"-cades"}, "ECDSA P-256 with SHA-256", "", nil},
		{"P-256 without attributes", "p256", []string{"-noattr"}, "ECDSA P-256 with SHA-256", "", []cms.NoteCode{cms.NoteNoAttributes, cms.NoteNoCertificate}},
		{"P-384", "p384", []string{"-cades", "-md", "sha384"}, "ECDSA P-384 with SHA-384", "", nil},
		{"P-521", "p521", []string{"-cades", "-md", "sha512"}, "ECDSA P-521 with SHA-512", "", nil},
		{"DSA", "dsa", nil, "DSA-1024 with SHA-256", "DSA", []cms.NoteCode{cms.NoteNoCertificate}},
		{"DSA SHA-1", "dsa", []string{"-md", "sha1"}, "DSA-1024 with SHA-1", "SHA-1, DSA", []cms.NoteCode{cms.NoteNoCertificate}},
	} {
		t.Run(c.name, func(t *testing.T) { c.hold(t, dir) })
	}
}

// hold has openssl sign the content in dir, and checks what it made.
func (c vector) hold(t *testing.T, dir string) {
	out := filepath.Join(dir, "out.der")
	if err := os.RemoveAll(out); err != nil {
		t.Fatal(err)
	}
	shell(t, dir, append([]string{"cms", "-sign", "-binary", "-in", "content", "-signer", c.key + ".crt", "-inkey", c.key + ".key",
		"-outform", "DER", "-out", "out.der"}, c.args...)...)
	der, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	c.read(t, der)
}

// read checks what was made over the content.
func (c vector) read(t *testing.T, der []byte) {
	t.Helper()
	r := check(t, der, cms.DigestOf(content))
	if err := r.Err(); err != nil || r.SignatureAlgorithm != c.algorithm || strings.Join(r.Insecure, ", ") != c.insecure || len(r.Notes) != len(c.notes) {
		t.Fatalf("%+v", r)
	}
	for _, n := range c.notes {
		if !r.Noted(n) {
			t.Errorf("%s is not noted: %+v", n, r.Notes)
		}
	}
	if r := check(t, der, cms.DigestOf([]byte("another"))); r.Intact() || errors.Is(r.Err(), cms.ErrAlgorithm) {
		t.Errorf("another document: %+v", r)
	}
	flipValue(t, der)
}

// flipValue: no bit of the value can be changed, and no byte cut off or added by changing bits.
func flipValue(t *testing.T, der []byte) {
	t.Helper()
	sd, err := cms.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	s := &sd.Signers[0]
	cert, err := sd.Certificate(s)
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Value {
		s.Value[i] ^= 1 << (i % 8)
		if r, err := s.Check(sd, cert, cms.DigestOf(content)); err != nil || !r.Failed(cms.ErrValue) {
			t.Errorf("byte %d: %+v, %v", i, r, err)
		}
		s.Value[i] ^= 1 << (i % 8)
	}
}

// TestUnknownCurve: a signer on a curve that is not known here was not checked, and that is what is said.
func TestUnknownCurve(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "content"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, curve := range []string{"secp256k1", "brainpoolP256r1"} {
		shell(t, dir, "genpkey", "-out", "key", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:"+curve)
		shell(t, dir, "req", "-x509", "-new", "-sha256", "-key", "key", "-out", "crt", "-days", "30", "-subj", "/CN="+curve)
		shell(t, dir, "cms", "-sign", "-binary", "-in", "content", "-signer", "crt", "-inkey", "key", "-outform", "DER", "-out", "out.der")
		der, err := os.ReadFile(filepath.Join(dir, "out.der"))
		if err != nil {
			t.Fatal(err)
		}
		sd, err := cms.Parse(der)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sd.Certificate(&sd.Signers[0]); !errors.Is(err, cms.ErrNoCertificate) || !errors.Is(err, cms.ErrUnsupported) {
			t.Errorf("%s: %v", curve, err)
		}
		sd.Signers[0].IssuerSerial.Serial.SetInt64(1)
		if _, err := sd.Certificate(&sd.Signers[0]); errors.Is(err, cms.ErrUnsupported) {
			t.Errorf("%s, of another signer: %v", curve, err)
		}
	}
}

// TestBouncyCastle checks Ed25519 as RFC 8419 has it; OpenSSL signs CMS with it only from 3.2 on.
func TestBouncyCastle(t *testing.T) {
	java := need.Tool(t, "java")
	var jars []string
	for _, name := range []string{"bcprov.jar", "bcpkix.jar", "bcutil.jar"} {
		jars = append(jars, need.File(t, name, filepath.Join("/usr/share/java", name)))
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "content"), filepath.Join(dir, "out.der")
	if err := os.WriteFile(in, content, 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", strings.Join(jars, string(filepath.ListSeparator)),
		filepath.Join("testdata", "java", "SignEdDSA.java"), in, out)
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	der, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	vector{name: "Ed25519", algorithm: "Ed25519", notes: []cms.NoteCode{cms.NoteNoCertificate}}.read(t, der)
}
