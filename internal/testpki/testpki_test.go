package testpki_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/trust"
)

func TestChain(t *testing.T) {
	p := testpki.New(t)
	mid := p.Authority("示例中间证书")
	other := p.NewRoot("另一根")
	for name, c := range map[string]struct {
		leaf, parent *testpki.Holder
		good         bool
	}{
		"maker under root":     {p.Maker, p.Root, true},
		"owner under root":     {p.Owner(testpki.OwnerName, testpki.OwnerUSCC), p.Root, true},
		"owner under middle":   {p.Owner(testpki.OwnerName, "", testpki.IssuedBy(mid)), mid, true},
		"middle under root":    {mid, p.Root, true},
		"root under itself":    {p.Root, p.Root, true},
		"self-signed":          {p.SelfSigned(testpki.OwnerName, testpki.OwnerUSCC), p.Root, false},
		"owner under stranger": {p.Owner(testpki.OwnerName, "", testpki.IssuedBy(other)), p.Root, false},
	} {
		if err := gm.CheckCertificateSignature(c.leaf.Cert, c.parent.Cert); (err == nil) != c.good {
			t.Errorf("%s: signature check says %v", name, err)
		}
	}
}

func TestOptions(t *testing.T) {
	p := testpki.New(t)
	from, to := p.Now.AddDate(0, -1, 0), p.Now.AddDate(0, 1, 0)
	key := testpki.NewKey(t)
	h := p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.Validity(from, to), testpki.Usage(gm.KeyUsageDigitalSignature),
		testpki.ExtUsage(gm.ExtKeyUsageTimeStamping), testpki.WithKey(key), testpki.CRLPoint("http://crl.example/root.crl"))
	if c := h.Cert; !c.NotBefore.Equal(from) || !c.NotAfter.Equal(to) || c.KeyUsage != gm.KeyUsageDigitalSignature || c.IsCA ||
		len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != gm.ExtKeyUsageTimeStamping || len(c.CRLDistributionPoints) != 1 || h.Key != key ||
		!key.SM2().Equal(c.PublicKey) {
		t.Errorf("certificate does not say what was asked: %+v", c)
	}
	if !bytes.Equal(h.Cert.AuthorityKeyId, p.Root.Cert.SubjectKeyId) || len(h.Cert.SubjectKeyId) == 0 {
		t.Error("key identifiers are missing")
	}
}

func TestKeyBreaksOnDemand(t *testing.T) {
	ctx := context.Background()
	k := testpki.NewKey(t)
	e, err := gm.E(k.SM2(), []byte("message"))
	if err != nil {
		t.Fatal(err)
	}
	sig, err := k.Sign(ctx, e, hsm.SM2)
	if err != nil || !gm.Verify(k.SM2(), []byte("message"), sig) {
		t.Fatalf("a healthy key answered %x, %v", sig, err)
	}
	broken := errors.New("pulled out")
	k.Fail(broken)
	if _, err := k.Sign(ctx, e, hsm.SM2); !errors.Is(err, broken) {
		t.Errorf("failing key answered %v", err)
	}
	k.Garble([]byte("garbage"))
	if sig, err := k.Sign(ctx, e, hsm.SM2); err != nil || string(sig) != "garbage" {
		t.Errorf("garbling key answered %q, %v", sig, err)
	}
	k.Fail(nil)
	if sig, err := k.Sign(ctx, e, hsm.SM2); err != nil || !gm.VerifyE(k.SM2(), e, sig) {
		t.Errorf("healed key answered %x, %v", sig, err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := k.Sign(done, e, hsm.SM2); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled context: %v", err)
	}
	if k.Uses() != 4 {
		t.Errorf("%d uses counted, want 4", k.Uses())
	}
}

func TestDirectory(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	fsys := p.Directory(testpki.Revocation{Cert: owner.Cert, Reason: 1})
	for name, want := range map[string]*gm.Certificate{"maker/maker.crt": p.Maker.Cert, "ca/root.crt": p.Root.Cert} {
		certs, err := gm.ParseCertificates(fsys[name].Data)
		if err != nil || len(certs) != 1 || !certs[0].Equal(want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	set, err := trust.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	anchors := set.Anchors()
	if len(anchors) != 2 || anchors[0].Use != trust.UseMaker || anchors[1].Use != trust.UseCA ||
		anchors[0].Class != trust.ClassInternal || anchors[1].Class != trust.ClassInternal {
		t.Errorf("anchors are %+v", anchors)
	}
	crl, err := gm.ParseRevocationList(fsys["crl/root.crl"].Data)
	if err != nil {
		t.Fatal(err)
	}
	if err := crl.CheckSignatureFrom(p.Root.Cert); err != nil {
		t.Error(err)
	}
	if len(crl.RevokedCertificateEntries) != 1 || crl.RevokedCertificateEntries[0].ReasonCode != 1 ||
		crl.RevokedCertificateEntries[0].SerialNumber.Cmp(owner.Cert.SerialNumber) != 0 {
		t.Errorf("revocation list holds %+v", crl.RevokedCertificateEntries)
	}
}

// TestOpenSSLAgrees lets a foreign judge build the chain at Now.
func TestOpenSSLAgrees(t *testing.T) {
	openssl := need.Tool(t, "openssl")
	p := testpki.New(t)
	dir := t.TempDir()
	write := func(name string, c *gm.Certificate) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, gm.EncodePEM(c), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	root := write("root.crt", p.Root.Cert)
	at := []string{"verify", "-x509_strict", "-attime", strconv.FormatInt(p.Now.Unix(), 10), "-vfyopt", "distid:" + gm.DefaultUID, "-CAfile", root}
	for name, h := range map[string]*testpki.Holder{"maker.crt": p.Maker, "owner.crt": p.Owner(testpki.OwnerName, testpki.OwnerUSCC)} {
		out, err := exec.CommandContext(t.Context(), openssl, append(at, write(name, h.Cert))...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "OK") {
			t.Errorf("%s: openssl says %s (%v)", name, out, err)
		}
	}
	forged := write("forged.crt", p.SelfSigned(testpki.OwnerName, testpki.OwnerUSCC).Cert)
	if out, err := exec.CommandContext(t.Context(), openssl, append(at, forged)...).CombinedOutput(); err == nil {
		t.Errorf("openssl accepts a self-signed certificate: %s", out)
	}
}
