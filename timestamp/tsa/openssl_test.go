package tsa_test

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
)

// openssl runs the program in a folder of its own.
type openssl struct {
	t         testing.TB
	path, dir string
}

func newOpenSSL(t testing.TB) *openssl {
	t.Helper()
	return &openssl{t, need.Tool(t, "openssl"), t.TempDir()}
}

func (o *openssl) run(args ...string) (string, error) {
	cmd := exec.Command(o.path, args...)
	cmd.Dir = o.dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (o *openssl) must(args ...string) {
	o.t.Helper()
	if out, err := o.run(args...); err != nil {
		o.t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
}

func (o *openssl) write(name string, data []byte) {
	o.t.Helper()
	if err := os.WriteFile(filepath.Join(o.dir, name), data, 0o600); err != nil {
		o.t.Fatal(err)
	}
}

func (o *openssl) read(name string) []byte {
	o.t.Helper()
	data, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil {
		o.t.Fatal(err)
	}
	return data
}

// TestOpenSSLVerifies: OpenSSL accepts our replies and tokens with RSA and P-256 over every hash it asks for, and refuses them over other bytes.
func TestOpenSSLVerifies(t *testing.T) {
	o := newOpenSSL(t)
	p := testpki.New(t)
	o.write("octets", octets)
	o.write("others", []byte("other octets"))
	at := strconv.FormatInt(p.Now.Unix(), 10)
	for _, alg := range []hsm.Algorithm{hsm.RSAPKCS1, hsm.ECDSAP256} {
		a := newAuthority(t, p, alg, nil)
		o.write("root.pem", gm.EncodePEM(p.Foreign(t, alg).Root.Cert))
		o.write("stranger.pem", gm.EncodePEM(p.Root.Cert))
		for _, hash := range []string{"sha256", "sha384", "sha512", "sm3"} {
			o.must("ts", "-query", "-data", "octets", "-"+hash, "-cert", "-out", "query.tsq")
			reply, err := a.Answer(context.Background(), o.read("query.tsq"))
			if err != nil {
				t.Fatal(err)
			}
			o.write("reply.tsr", marshal(t, *reply))
			o.write("token.tst", reply.Token)
			o.must("ts", "-verify", "-queryfile", "query.tsq", "-in", "reply.tsr", "-CAfile", "root.pem", "-attime", at)
			o.must("ts", "-verify", "-data", "octets", "-in", "token.tst", "-token_in", "-CAfile", "root.pem", "-attime", at)
			o.must("ts", "-reply", "-in", "reply.tsr", "-text")
			if out, err := o.run("ts", "-verify", "-data", "others", "-in", "reply.tsr", "-CAfile", "root.pem", "-attime", at); err == nil {
				t.Errorf("%s, %s: holds over other bytes: %s", alg, hash, out)
			}
			if out, err := o.run("ts", "-verify", "-data", "octets", "-in", "reply.tsr", "-CAfile", "stranger.pem", "-attime", at); err == nil {
				t.Errorf("%s, %s: anybody is trusted: %s", alg, hash, out)
			}
		}
	}
}

// config is an authority's, for openssl ts -reply; the second %s is the hash that names the certificate.
const config = `[tsa]
default_tsa = here
[here]
serial = serial
certs = root.crt
signer_digest = %s
default_policy = 1.2.3.4
digests = sha256, sha384, sha512, sm3
accuracy = secs:1, millisecs:500, microsecs:100
clock_precision_digits = 3
ordering = %s
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = %s
[usage]
extendedKeyUsage = critical,timeStamping
keyUsage = critical,digitalSignature
[lax]
extendedKeyUsage = timeStamping
`

// newOpenSSLTSA makes root, key and certificate of an authority that is OpenSSL's.
func newOpenSSLTSA(t testing.TB, key ...string) *openssl {
	t.Helper()
	o := newOpenSSL(t)
	o.write("serial", []byte("0A\n"))
	req := func(out, subject string, more ...string) {
		o.must(append(append([]string{"req", "-x509", "-nodes", "-newkey"}, key...), append(more, "-subj", subject, "-keyout", out+".key", "-out", out+".crt", "-days", "30")...)...)
	}
	o.write("tsa.cnf", fmt.Appendf(nil, config, "sha256", "no", "sha256"))
	req("root", "/CN=Example Root")
	o.must(append(append([]string{"req", "-new", "-nodes", "-newkey"}, key...), "-subj", "/CN=Example TSA", "-keyout", "tsa.key", "-out", "tsa.csr")...)
	o.must("x509", "-req", "-in", "tsa.csr", "-CA", "root.crt", "-CAkey", "root.key", "-set_serial", "7", "-days", "20", "-extfile", "tsa.cnf", "-extensions", "usage", "-out", "tsa.crt")
	return o
}

// serve answers queries with openssl ts -reply.
func (o *openssl) serve() string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, err := io.ReadAll(r.Body)
		if err != nil {
			o.t.Error(err)
		}
		o.write("query.tsq", query)
		if out, err := o.run("ts", "-reply", "-queryfile", "query.tsq", "-signer", "tsa.crt", "-inkey", "tsa.key", "-config", "tsa.cnf", "-out", "reply.tsr"); err != nil {
			o.t.Errorf("openssl ts -reply: %v\n%s", err, out)
		}
		_, _ = w.Write(o.read("reply.tsr"))
	}))
	o.t.Cleanup(s.Close)
	return s.URL
}

// TestOpenSSLAnswers: our client takes what OpenSSL's authority makes, with RSA and P-256, over every hash, its certificate named by either attribute.
func TestOpenSSLAnswers(t *testing.T) {
	for name, key := range map[string][]string{
		"RSA-2048 with SHA-":    {"rsa:2048"},
		"ECDSA P-256 with SHA-": {"ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"},
	} {
		o := newOpenSSLTSA(t, key...)
		client := newClient(t, o.serve(), tsa.Options{Now: time.Now})
		for _, c := range []struct{ digest, ordering, ess string }{{"256", "no", "sha256"}, {"384", "yes", "sha1"}, {"512", "no", "sha512"}} {
			o.write("tsa.cnf", fmt.Appendf(nil, config, "sha"+c.digest, c.ordering, c.ess))
			for _, h := range timestamp.Hashes() {
				token, err := client.Token(context.Background(), over(t, h))
				if err != nil {
					t.Fatalf("%s%s, %s: %v", name, c.digest, timestamp.HashName(h), err)
				}
				f := holds(t, token)
				if f.SignatureAlgorithm != name+c.digest || f.Policy != "1.2.3.4" || f.Accuracy != 1500100*time.Microsecond || f.Ordering != (c.ordering == "yes") ||
					f.Noted(timestamp.NoteESSCert) != (c.ess == "sha1") || f.Noted(timestamp.NoteName) {
					t.Errorf("%s%s: %+v", name, c.digest, f)
				}
			}
		}
		m, err := client.Probe(context.Background())
		if err != nil || m.Profile.MaxTokenBytes < m.Bytes || m.Profile.Hash != "" {
			t.Errorf("probe: %v, %+v", err, m)
		}
		o.write("tsa.cnf", fmt.Appendf(nil, config, "sha1", "no", "sha256"))
		_, err = client.Token(context.Background(), over(t, timestamp.OIDSHA256))
		wantCode(t, "SHA-1", err, fault.Unavailable, tsa.CodeWeak)
	}
}

// TestOpenSSLRefuses: a refusal of OpenSSL's has its words.
func TestOpenSSLRefuses(t *testing.T) {
	o := newOpenSSLTSA(t, "rsa:2048")
	url := o.serve()
	_, err := profiled(t, tsa.Profile{URL: url, PrivateAddresses: true, Policy: "2.999.7"}, tsa.Options{Now: time.Now}).Token(context.Background(), over(t, gm.OIDSM3))
	wantCode(t, "policy", err, fault.Denied, tsa.CodeRejected)
	q := &timestamp.Query{Version: 1, Imprint: over(t, gm.OIDSM3), Extensions: []timestamp.Extension{{ID: tsa.ExamplePolicy()}}, Nonce: big.NewInt(9)}
	der, err := q.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	o.write("query.tsq", der)
	o.must("ts", "-query", "-in", "query.tsq", "-text") // OpenSSL reads what we ask
	o.must("ts", "-reply", "-queryfile", "query.tsq", "-signer", "tsa.crt", "-inkey", "tsa.key", "-config", "tsa.cnf", "-out", "reply.tsr")
	if r, err := timestamp.ParseReply(o.read("reply.tsr")); err != nil || r.Status != timestamp.Rejection || r.Failure != timestamp.UnacceptedExtension {
		t.Errorf("%v: %+v", err, r)
	}
}
