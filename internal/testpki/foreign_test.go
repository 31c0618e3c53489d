package testpki_test

import (
	"crypto/rsa"
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

func foreignAlgorithms() []hsm.Algorithm { return []hsm.Algorithm{hsm.RSAPKCS1, hsm.ECDSAP256} }

func TestForeign(t *testing.T) {
	p, other := testpki.New(t), testpki.New(t)
	if n := len(p.Directory()); n != 4 {
		t.Errorf("without a foreign infrastructure the folder holds %d files", n)
	}
	for i, alg := range foreignAlgorithms() {
		f := p.Foreign(t, alg)
		if f != p.Foreign(t, alg) {
			t.Errorf("%s: another one the second time", alg)
		}
		for _, h := range []*testpki.Holder{f.Holder, f.Root} {
			spec, err := hsm.SpecOf(h.Cert.PublicKey)
			if err != nil || spec.Algorithm != alg || h.Key.Algorithm() != alg || h.Key.SM2() != nil || h.Key.Private() != nil || h.Key.Uses() != 0 {
				t.Errorf("%s: the certificate of %s has a key of kind %s (%v)", alg, h.Cert.Subject, spec, err)
			}
			if err := gm.CheckCertificateSignature(h.Cert, f.Root.Cert); err != nil {
				t.Errorf("%s: %v", alg, err)
			}
		}
		set, err := trust.Load(p.Directory())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(set.Anchors()); n != 3+i {
			t.Errorf("%s: %d anchors", alg, n)
		}
		if chain := set.Build(f.Cert, nil, trust.UseCA); !chain.Good() || chain.ValidAt(p.Now) != nil {
			t.Errorf("%s: %+v", alg, chain.Problems)
		}
		if chain := set.Build(f.Cert, nil, trust.UseMaker); chain.Good() {
			t.Errorf("%s: its root vouches for makers", alg)
		}
		// Two RSA roots are one key under one name.
		if chain := set.Build(other.Foreign(t, alg).Cert, nil, trust.UseCA); alg != hsm.RSAPKCS1 && chain.Good() {
			t.Errorf("%s: the holder of another infrastructure is trusted", alg)
		}
	}
	if a, b := p.Foreign(t, hsm.RSAPKCS1), other.Foreign(t, hsm.RSAPKCS1); !a.Key.Public().(*rsa.PublicKey).Equal(b.Key.Public()) || a.Key == b.Key || a.Cert.Equal(b.Cert) {
		t.Error("two infrastructures share more or less than their RSA keys")
	}
}

// TestForeignRevocation: a revocation goes into the list of who issued the certificate, and is found there.
func TestForeignRevocation(t *testing.T) {
	p := testpki.New(t)
	ours := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	rsa, p256 := p.Foreign(t, hsm.RSAPKCS1), p.Foreign(t, hsm.ECDSAP256)
	second := p.Owner("另一持有人", "", testpki.IssuedBy(p256.Root), testpki.WithKey(testpki.NewKeyOf(t, hsm.ECDSAP256)))
	set, err := trust.Load(p.Directory(testpki.Revocation{Cert: rsa.Cert, Reason: 1}, testpki.Revocation{Cert: second.Cert}, testpki.Revocation{Cert: ours.Cert}))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cert, issuer *testpki.Holder
		want         trust.Status
	}{
		"SM2":           {ours, p.Root, trust.StatusRevoked},
		"RSA":           {rsa.Holder, rsa.Root, trust.StatusRevoked},
		"P-256":         {p256.Holder, p256.Root, trust.StatusGood},
		"P-256, second": {second, p256.Root, trust.StatusRevoked},
		"maker":         {p.Maker, p.Root, trust.StatusGood},
	} {
		if r := set.Revocation(c.cert.Cert, c.issuer.Cert, trust.Evidence{}); r.Status != c.want {
			t.Errorf("%s is %s (%s), want %s", name, r.Status, r.Why, c.want)
		}
	}
}

// TestMixedChains: who issued and who is certified may differ in algorithm.
func TestMixedChains(t *testing.T) {
	p := testpki.New(t)
	roots := map[hsm.Algorithm]*testpki.Holder{hsm.SM2: p.Root}
	for _, alg := range foreignAlgorithms() {
		roots[alg] = p.Foreign(t, alg).Root
	}
	set, err := trust.Load(p.Directory())
	if err != nil {
		t.Fatal(err)
	}
	for over, root := range roots {
		for under := range roots {
			h := p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.IssuedBy(root), testpki.WithKey(testpki.NewKeyOf(t, under)))
			if chain := set.Build(h.Cert, nil, trust.UseCA); !chain.Good() {
				t.Errorf("%s under %s: %+v", under, over, chain.Problems)
			}
		}
	}
}

// TestOpenSSLAgreesOnForeign lets a judge of another house build the chains and look into the lists.
func TestOpenSSLAgreesOnForeign(t *testing.T) {
	openssl := need.Tool(t, "openssl")
	p := testpki.New(t)
	for _, alg := range foreignAlgorithms() {
		f := p.Foreign(t, alg)
		bad := p.Owner("另一持有人", "", testpki.IssuedBy(f.Root), testpki.WithKey(testpki.NewKeyOf(t, alg)))
		dir := t.TempDir()
		for name, data := range map[string][]byte{
			"root.crt": gm.EncodePEM(f.Root.Cert), "good.crt": gm.EncodePEM(f.Cert), "bad.crt": gm.EncodePEM(bad.Cert),
			"root.crl": p.CRLOf(f.Root, p.Now, p.Now.AddDate(0, 0, 7), testpki.Revocation{Cert: bad.Cert}),
		} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			args string
			good bool
			says string
		}{
			{"verify -x509_strict -CAfile root.crt good.crt bad.crt", true, "bad.crt: OK"},
			{"verify -x509_strict -CAfile root.crt -CRLfile root.crl -crl_check good.crt", true, "good.crt: OK"},
			{"verify -x509_strict -CAfile root.crt -CRLfile root.crl -crl_check bad.crt", false, "certificate revoked"},
			{"crl -in root.crl -inform DER -CAfile root.crt -noout", true, "verify OK"},
		} {
			args := strings.Fields(c.args)
			if args[0] == "verify" {
				args = append([]string{"verify", "-attime", strconv.FormatInt(p.Now.Unix(), 10)}, args[1:]...)
			}
			cmd := exec.CommandContext(t.Context(), openssl, args...)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); (err == nil) != c.good || !strings.Contains(string(out), c.says) {
				t.Errorf("%s: %s says %s (%v)", alg, c.args, out, err)
			}
		}
	}
}
