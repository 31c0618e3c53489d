package local

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"yinxin/ca"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
)

// TestOpenSSLJudges shows what the authority makes to a program of another house.
func TestOpenSSLJudges(t *testing.T) {
	openssl := need.Tool(t, "openssl")
	h := newHouse(t, func(o *Options) { o.CRLURL = "https://crl.example/root.crl" })
	h.now = h.now.AddDate(0, 0, 1)
	good, bad := h.issue(t), h.issue(t)
	if err := h.Revoke(t.Context(), bad.SerialNumber, ca.KeyCompromise, h.now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	list := h.crl(t)
	in := func(name string) string { return filepath.Join(h.dir, name) }
	run := func(args ...string) (string, bool) {
		out, err := exec.CommandContext(t.Context(), openssl, args...).CombinedOutput()
		return string(out), err == nil
	}
	verify := []string{"verify", "-x509_strict", "-attime", strconv.FormatInt(h.now.Unix(), 10), "-vfyopt", "distid:" + gm.DefaultUID, "-CAfile", in(rootName)}
	if out, ok := run(append(verify, in(rootName), in(issuedFile(good.SerialNumber)), in(issuedFile(bad.SerialNumber)))...); !ok {
		t.Errorf("chains: %s", out)
	}

	// OpenSSL 3.0 takes the SM2 user ID for certificates only, so "openssl crl" and "verify -crl_check" fail on every CRL signed with the default
	// ID. It reads the list, and judges its signature over the signed bytes.
	shows(t, "CRL", func() (string, bool) { return run("crl", "-inform", "DER", "-in", in(crlName), "-noout", "-text") },
		"SM2-with-SM3", "X509v3 CRL Number:", strings.ToUpper(serialText(bad.SerialNumber)), "Key Compromise",
		"Last Update: Mar  3 08:00:00 2026 GMT", "Next Update: Mar 10 08:00:00 2026 GMT", "Revocation Date: Mar  3 07:00:00 2026 GMT")
	if out, ok := run("x509", "-in", in(rootName), "-noout", "-pubkey", "-out", in("root.pub")); !ok {
		t.Fatal(out)
	}
	signed := func(tbs []byte) bool {
		write(t, in("crl.tbs"), tbs)
		write(t, in("crl.sig"), list.Signature)
		_, ok := run("pkeyutl", "-verify", "-pubin", "-inkey", in("root.pub"), "-rawin", "-digest", "sm3", "-pkeyopt", "distid:"+gm.DefaultUID,
			"-in", in("crl.tbs"), "-sigfile", in("crl.sig"))
		return ok
	}
	if !signed(list.RawTBSRevocationList) {
		t.Error("the CRL's signature is refused")
	}
	if signed(append(list.RawTBSRevocationList[:len(list.RawTBSRevocationList)-1:len(list.RawTBSRevocationList)-1], 9)) {
		t.Error("the signature of an altered CRL is accepted")
	}
	shows(t, "root", func() (string, bool) {
		return run("x509", "-in", in(rootName), "-noout", "-text", "-nameopt", "utf8,sep_comma_plus")
	},
		"X509v3 Key Usage: critical\n                Certificate Sign, CRL Sign\n", "X509v3 Basic Constraints: critical\n                CA:TRUE, pathlen:0\n",
		"X509v3 Subject Key Identifier", "X509v3 Authority Key Identifier", "CN="+rootTitle)
	shows(t, "owner", func() (string, bool) {
		return run("x509", "-in", in(issuedFile(good.SerialNumber)), "-noout", "-text", "-nameopt", "utf8,sep_comma_plus")
	}, "X509v3 Key Usage: critical\n                Digital Signature, Non Repudiation\n", "X509v3 Basic Constraints: critical\n                CA:FALSE\n",
		"organizationIdentifier=91990000MA0000015Q", "URI:https://crl.example/root.crl", "X509v3 Authority Key Identifier")

	// The judge is no yes-man: a flipped bit in the signature does not pass.
	write(t, in("forged.crt"), gm.EncodePEM(forge(t, good)))
	if out, ok := run(append(verify, in("forged.crt"))...); ok {
		t.Errorf("a forged certificate: %s", out)
	}
}

// TestOpenSSLJudgesForeign: under an RSA or P-256 root OpenSSL needs no help, neither for a certificate nor for the list, which it applies itself.
func TestOpenSSLJudgesForeign(t *testing.T) {
	openssl := need.Tool(t, "openssl")
	for alg, says := range map[hsm.Algorithm]string{hsm.RSAPKCS1: "sha256WithRSAEncryption", hsm.ECDSAP256: "ecdsa-with-SHA256"} {
		h := newHouseOf(t, testpki.NewKeyOf(t, alg))
		h.now = h.now.AddDate(0, 0, 1)
		issue := func(under hsm.Algorithm) *gm.Certificate {
			r := h.request(t)
			r.Public = testpki.NewKeyOf(t, under).Public()
			cert, err := h.Issue(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			return cert
		}
		certs := map[string]*gm.Certificate{"rsa": issue(hsm.RSAPKCS1), "p256": issue(hsm.ECDSAP256), "sm2": issue(hsm.SM2), "bad": issue(alg)}
		if err := h.Revoke(t.Context(), certs["bad"].SerialNumber, ca.KeyCompromise, h.now.Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		h.crl(t)
		run := func(args ...string) (string, bool) {
			cmd := exec.CommandContext(t.Context(), openssl, args...)
			cmd.Dir = h.dir
			out, err := cmd.CombinedOutput()
			return string(out), err == nil
		}
		at := strconv.FormatInt(h.now.Unix(), 10)
		for name, cert := range certs {
			out, ok := run("verify", "-x509_strict", "-attime", at, "-CAfile", rootName, "-CRLfile", crlName, "-crl_check", issuedFile(cert.SerialNumber))
			if ok != (name != "bad") || !ok && !strings.Contains(out, "certificate revoked") {
				t.Errorf("%s under %s: %s", name, alg, out)
			}
		}
		shows(t, "CRL", func() (string, bool) {
			return run("crl", "-inform", "DER", "-in", crlName, "-CAfile", rootName, "-noout", "-text")
		}, "verify OK", "Signature Algorithm: "+says, "Key Compromise", strings.ToUpper(serialText(certs["bad"].SerialNumber)))
		shows(t, "owner", func() (string, bool) {
			return run("x509", "-in", issuedFile(certs["rsa"].SerialNumber), "-noout", "-text")
		},
			"Signature Algorithm: "+says, "X509v3 Key Usage: critical\n                Digital Signature, Non Repudiation\n")
		write(t, filepath.Join(h.dir, "forged.crt"), gm.EncodePEM(forge(t, certs["rsa"])))
		if out, ok := run("verify", "-attime", at, "-CAfile", rootName, "forged.crt"); ok {
			t.Errorf("a forged certificate: %s", out)
		}
	}
}

// TestOpenSSLJudgesUnderSM2: holders of every kind under an SM2 root.
func TestOpenSSLJudgesUnderSM2(t *testing.T) {
	openssl := need.Tool(t, "openssl")
	h := newHouse(t)
	for _, alg := range algorithms() {
		r := h.request(t)
		r.Public = testpki.NewKeyOf(t, alg).Public()
		cert, err := h.Issue(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), openssl, "verify", "-x509_strict", "-attime", strconv.FormatInt(h.now.Unix(), 10), "-vfyopt", "distid:"+gm.DefaultUID,
			"-CAfile", filepath.Join(h.dir, rootName), filepath.Join(h.dir, issuedFile(cert.SerialNumber))).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %s", alg, out)
		}
	}
}

func shows(t *testing.T, what string, run func() (string, bool), want ...string) {
	t.Helper()
	out, ok := run()
	if !ok {
		t.Errorf("%s: %s", what, out)
	}
	for _, w := range want {
		if !strings.Contains(out, w) {
			t.Errorf("%s does not show %q:\n%s", what, w, out)
		}
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// forge flips a bit in the signature of a certificate.
func forge(t *testing.T, cert *gm.Certificate) *gm.Certificate {
	t.Helper()
	der := append([]byte(nil), cert.Raw...)
	der[len(der)-1] ^= 1
	forged, err := gm.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return forged
}
