package trust_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/gm"
	"yinxin/internal/need"
	"yinxin/trust"
)

// openssl runs the program in dir and returns what it says.
type openssl struct {
	t   *testing.T
	dir string
}

func (o openssl) run(args ...string) string {
	o.t.Helper()
	c := exec.Command(need.Tool(o.t, "openssl"), args...)
	c.Dir = o.dir
	out, err := c.CombinedOutput()
	if err != nil {
		o.t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (o openssl) write(name string, data []byte) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), data, 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o openssl) read(name string) []byte {
	o.t.Helper()
	data, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil {
		o.t.Fatal(err)
	}
	return data
}

func (o openssl) cert(name string) *gm.Certificate {
	o.t.Helper()
	list, err := gm.ParseCertificates(o.read(name))
	if err != nil {
		o.t.Fatal(err)
	}
	return list[0]
}

const caConfig = `
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
default_days = 30
default_crl_days = 7
policy = any
unique_subject = no
crl_extensions = crl_ext
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[crl_ext]
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[user]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature,nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[responder]
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
authorityKeyIdentifier = keyid
`

// newCA makes a CA of the kind of key with three users, of whom the second is revoked, and a responder.
func newCA(t *testing.T, key, rootDigest string) openssl {
	o := openssl{t, t.TempDir()}
	o.write("ca.cnf", []byte(caConfig))
	o.write("index.txt", nil)
	o.write("serial", []byte("1000\n"))
	genpkey := append([]string{"genpkey", "-out"}, "")
	options := strings.Fields(key)
	newKey := func(name string) {
		genpkey[2] = name + ".key"
		o.run(append(genpkey[:3:3], options...)...)
	}
	newKey("ca")
	o.run("req", "-x509", "-new", "-config", "ca.cnf", "-extensions", "root", "-key", "ca.key", "-subj", "/CN=example root", "-days", "60",
		"-out", "ca.crt", "-"+rootDigest)
	for name, section := range map[string]string{"good": "user", "gone": "user", "responder": "responder"} {
		newKey(name)
		o.run("req", "-new", "-config", "ca.cnf", "-key", name+".key", "-subj", "/CN="+name, "-out", name+".csr")
		o.run("ca", "-batch", "-config", "ca.cnf", "-cert", "ca.crt", "-keyfile", "ca.key", "-extensions", section, "-in", name+".csr", "-out", name+".crt",
			"-md", rootDigest, "-notext")
	}
	o.run("ca", "-config", "ca.cnf", "-cert", "ca.crt", "-keyfile", "ca.key", "-revoke", "gone.crt", "-crl_reason", "keyCompromise")
	o.run("ca", "-config", "ca.cnf", "-cert", "ca.crt", "-keyfile", "ca.key", "-gencrl", "-out", "ca.crl")
	return o
}

// TestOpenSSLEvidence: chains, CRLs and OCSP responses of another implementation, with the keys that are not SM2.
func TestOpenSSLEvidence(t *testing.T) {
	for _, c := range []struct{ name, key, algorithm string }{
		{"RSA", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "RSA-2048"},
		{"P-256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "ECDSA P-256"},
		{"P-384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", "ECDSA P-384"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newCA(t, c.key, "sha256")
			root := o.cert("ca.crt")
			s, err := trust.NewSet([]trust.Anchor{{Certificate: root, Use: trust.UseCA}}, trust.Evidence{})
			if err != nil {
				t.Fatal(err)
			}
			chain := s.Build(o.cert("good.crt"), nil, trust.UseCA)
			if !chain.Good() || chain.Links[0].KeyAlgorithm != c.algorithm || chain.AnchorName != "CN=example root" {
				t.Errorf("%+v", chain)
			}
			o.run("verify", "-CAfile", "ca.crt", "good.crt")
			o.run("crl", "-in", "ca.crl", "-outform", "DER", "-out", "ca.der")
			evidence := map[string]trust.Evidence{"CRL": {CRLs: [][]byte{o.read("ca.der")}}}
			if c.name == "RSA" {
				o.run("ca", "-config", "ca.cnf", "-cert", "ca.crt", "-keyfile", "ca.key", "-gencrl", "-out", "pss.crl", "-sigopt", "rsa_padding_mode:pss")
				o.run("crl", "-in", "pss.crl", "-outform", "DER", "-out", "pss.der")
				evidence["PSS CRL"] = trust.Evidence{CRLs: [][]byte{o.read("pss.der")}}
			}
			for name, args := range map[string]string{
				"OCSP by the CA":              "-rsigner ca.crt -rkey ca.key -sha1",
				"OCSP by the CA, key hash":    "-rsigner ca.crt -rkey ca.key -resp_key_id -sha256",
				"OCSP by a responder":         "-rsigner responder.crt -rkey responder.key -sha256",
				"OCSP by a responder, SHA512": "-rsigner responder.crt -rkey responder.key -rmd sha512 -sha1 -resp_no_certs",
			} {
				o.run(append([]string{"ocsp", "-index", "index.txt", "-CA", "ca.crt", "-issuer", "ca.crt", "-ndays", "7", "-respout", "one.ors"},
					append(strings.Fields(args), "-cert", "good.crt", "-cert", "gone.crt")...)...)
				evidence[name] = trust.Evidence{OCSPs: [][]byte{o.read("one.ors")}, Certificates: [][]byte{o.cert("responder.crt").Raw}}
			}
			for name, e := range evidence {
				if r := s.Revocation(o.cert("good.crt"), root, e); r.Status != trust.StatusGood || r.NextUpdate.IsZero() || len(r.Problems) > 0 {
					t.Errorf("%s, good: %+v", name, r)
				}
				if r := s.Revocation(o.cert("gone.crt"), root, e); r.Status != trust.StatusRevoked || r.Reason != "keyCompromise" || r.Time.IsZero() {
					t.Errorf("%s, revoked: %+v", name, r)
				}
				if r := s.Revocation(o.cert("responder.crt"), root, e); e.CRLs == nil && r.Why != trust.WhyNoEvidence {
					t.Errorf("%s, not asked: %+v", name, r)
				}
			}
		})
	}
}

// TestWeakAlgorithms: a chain signed with SHA-1 or with short keys is found, and is not good.
func TestWeakAlgorithms(t *testing.T) {
	for name, c := range map[string]struct{ key, digest string }{
		"SHA-1":    {"-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "sha1"},
		"RSA 1024": {"-algorithm RSA -pkeyopt rsa_keygen_bits:1024", "sha256"},
	} {
		o := newCA(t, c.key, c.digest)
		s, err := trust.NewSet([]trust.Anchor{{Certificate: o.cert("ca.crt"), Use: trust.UseCA}}, trust.Evidence{})
		if err != nil {
			t.Fatal(err)
		}
		if chain := s.Build(o.cert("good.crt"), nil, trust.UseCA); !chain.Has(trust.WeakAlgorithm) || chain.Good() {
			t.Errorf("%s: %+v", name, chain)
		}
	}
}

// TestWeakEvidence: a CRL under SHA-1 still says that a certificate is revoked, but no longer that one is not.
func TestWeakEvidence(t *testing.T) {
	o := newCA(t, "-algorithm RSA -pkeyopt rsa_keygen_bits:2048", "sha256")
	root := o.cert("ca.crt")
	s, err := trust.NewSet([]trust.Anchor{{Certificate: root, Use: trust.UseCA}}, trust.Evidence{})
	if err != nil {
		t.Fatal(err)
	}
	o.run("ca", "-config", "ca.cnf", "-cert", "ca.crt", "-keyfile", "ca.key", "-gencrl", "-md", "sha1", "-out", "weak.pem")
	o.run("crl", "-in", "weak.pem", "-outform", "DER", "-out", "weak.crl")
	weak := trust.Evidence{CRLs: [][]byte{o.read("weak.crl")}}
	if r := s.Revocation(o.cert("good.crt"), root, weak); r.Status != trust.StatusUnknown || r.Why != trust.WhyUnusable || r.Problems[0].Code != trust.WeakAlgorithm {
		t.Errorf("good: %+v", r)
	}
	if r := s.Revocation(o.cert("gone.crt"), root, weak); r.Status != trust.StatusRevoked {
		t.Errorf("revoked: %+v", r)
	}
}

// TestOpenSSLAgrees: another implementation accepts each link of the SM2 chain that this one finds, and refuses the one it refuses. It is asked link by
// link, since it applies the user ID to the first certificate only.
func TestOpenSSLAgrees(t *testing.T) {
	root := authority(t, nil, nil, "示例根")
	sub := authority(t, root, nil, "示例运营")
	leaf := issue(t, sub, nil, "李示例")
	broken := bytes.Clone(leaf.cert.Raw)
	broken[len(broken)-1] ^= 1
	forged, err := gm.ParseCertificate(broken)
	if err != nil {
		t.Fatal(err)
	}
	o := openssl{t, t.TempDir()}
	agrees := func(cert, issuer *gm.Certificate) bool {
		o.write("cert.pem", gm.EncodePEM(cert))
		o.write("issuer.pem", gm.EncodePEM(issuer))
		c := exec.Command(need.Tool(t, "openssl"), "verify", "-vfyopt", "distid:"+gm.DefaultUID, "-no_check_time", "-partial_chain", "-CAfile", "issuer.pem", "cert.pem")
		c.Dir = o.dir
		return c.Run() == nil
	}
	s := set(t, trust.Evidence{}, root)
	for cert, want := range map[*gm.Certificate]bool{leaf.cert: true, forged: false} {
		here, there := s.Build(cert, certs(sub), trust.UseCA).Good(), agrees(cert, sub.cert) && agrees(sub.cert, root.cert)
		if here != want || there != want {
			t.Errorf("%s: here %v, there %v, want %v", cert.Subject, here, there, want)
		}
	}
	crl := sub.crl(t, epoch, map[*entity]int{leaf: 1})
	o.write("sub.pem", gm.EncodePEM(sub.cert))
	o.write("crl.der", crl)
	if out := o.run("crl", "-inform", "DER", "-in", "crl.der", "-noout", "-text"); !strings.Contains(out, "Key Compromise") {
		t.Errorf("the CRL reads otherwise there:\n%s", out)
	}
}
