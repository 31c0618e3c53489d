package local

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"yinxin/ca"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/trust"
)

func algorithms() []hsm.Algorithm { return []hsm.Algorithm{hsm.SM2, hsm.RSAPKCS1, hsm.ECDSAP256} }

// trusted is a folder that trusts the root for owners and holds its list.
func (h *house) trusted(t testing.TB) *trust.Set {
	t.Helper()
	root := h.Chain()[0]
	set, err := trust.Load(fstest.MapFS{
		"trust.yaml":  {Data: fmt.Appendf(nil, "anchors:\n  - sm3: %x\n    class: internal\n", gm.Fingerprint(root))},
		"ca/root.crt": {Data: gm.EncodePEM(root)},
		"crl/ca.crl":  {Data: h.crl(t).Raw},
	})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestEveryKind has a root of every algorithm certify a holder's key of every algorithm and take one certificate back; package trust, which judges
// documents, agrees.
func TestEveryKind(t *testing.T) {
	holders := map[hsm.Algorithm]*testpki.Key{}
	for _, alg := range algorithms() {
		holders[alg] = testpki.NewKeyOf(t, alg)
	}
	for _, alg := range algorithms() {
		h := newHouseOf(t, testpki.NewKeyOf(t, alg))
		root := h.Chain()[0]
		if spec, err := hsm.SpecOf(root.PublicKey); err != nil || spec.Algorithm != alg || root.KeyUsage != gm.KeyUsageCertSign|gm.KeyUsageCRLSign {
			t.Errorf("root of %s is %s (%v), key usage %b", alg, spec, err, root.KeyUsage)
		}
		certs := map[hsm.Algorithm]*gm.Certificate{}
		for _, under := range algorithms() {
			r := h.request(t)
			r.Public = holders[under].Public()
			cert, err := h.Issue(t.Context(), r)
			if err != nil {
				t.Fatalf("%s under %s: %v", under, alg, err)
			}
			if cert.SignatureAlgorithm != root.SignatureAlgorithm || !equal(cert.PublicKey, r.Public) || cert.KeyUsage != gm.KeyUsageDigitalSignature|gm.KeyUsageContentCommitment {
				t.Errorf("%s under %s: signed with %s, key usage %b", under, alg, cert.SignatureAlgorithm, cert.KeyUsage)
			}
			certs[under] = cert
		}
		h.now = h.now.AddDate(0, 0, 1)
		if err := h.Revoke(t.Context(), certs[hsm.RSAPKCS1].SerialNumber, ca.Superseded, h.now); err != nil {
			t.Fatal(err)
		}
		set := h.trusted(t)
		for under, cert := range certs {
			if chain := set.Build(cert, nil, trust.UseCA); !chain.Good() || chain.ValidAt(h.now) != nil {
				t.Errorf("%s under %s: %+v", under, alg, chain.Problems)
			}
			want := trust.StatusGood
			if under == hsm.RSAPKCS1 {
				want = trust.StatusRevoked
			}
			if r := set.Revocation(cert, root, trust.Evidence{}); r.Status != want {
				t.Errorf("%s under %s is %s (%s), want %s", under, alg, r.Status, r.Why, want)
			}
		}
		// Another process reads the books; the files hold nothing that depends on the algorithm.
		if records, err := h.again(t).Records(t.Context()); err != nil || len(records) != len(certs) {
			t.Errorf("%s: %d records, %v", alg, len(records), err)
		}
		if data, err := os.ReadFile(filepath.Join(h.dir, configName)); err != nil || !strings.Contains(string(data), `"format": 1`) {
			t.Errorf("%s: %s, %v", alg, data, err)
		}
	}
}

// stranger is a key of a kind nobody signs with here.
type stranger struct{ public crypto.PublicKey }

func (s stranger) Public() crypto.PublicKey { return s.public }

func (s stranger) Sign(context.Context, []byte, hsm.Algorithm) ([]byte, error) {
	return nil, errors.New("the key was used")
}

// TestOtherKinds: no root and no holder with a key that trust would call weak, or that readers do not know.
func TestOtherKinds(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	modulus := func(bits uint) crypto.PublicKey {
		return &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), bits-1), E: 65537}
	}
	h := newHouse(t)
	for name, pub := range map[string]crypto.PublicKey{"P-384": &p384.PublicKey, "short RSA": modulus(2047), "endless RSA": modulus(8193), "none": nil} {
		dir := filepath.Join(t.TempDir(), "ca")
		_, err := Init(t.Context(), dir, Options{Name: rootTitle, Key: stranger{pub}, Ref: "soft:root", Now: testpki.Epoch})
		wantFault(t, err, fault.Invalid, "ca-key")
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: left a directory behind", name)
		}
		_, err = Open(t.Context(), h.dir, stranger{pub}, h.clock)
		wantFault(t, err, fault.Invalid, "ca-key")
		r := h.request(t)
		r.Public = pub
		_, err = h.Issue(t.Context(), r)
		wantFault(t, err, fault.Invalid, "certificate-public-key")
	}
	for _, alg := range []hsm.Algorithm{hsm.RSAPKCS1, hsm.ECDSAP256} {
		_, err := Open(t.Context(), h.dir, testpki.NewKeyOf(t, alg), h.clock)
		wantFault(t, err, fault.Invalid, "ca-key-mismatch")
	}
}

// TestForeignKeyFails: a root of another algorithm whose key answers wrongly issues nothing either.
func TestForeignKeyFails(t *testing.T) {
	for _, alg := range []hsm.Algorithm{hsm.RSAPKCS1, hsm.ECDSAP256} {
		h := newHouseOf(t, testpki.NewKeyOf(t, alg))
		h.issue(t)
		books := files(t, h.dir)
		other := testpki.NewKeyOf(t, alg)
		for name, f := range map[string]func(ctx context.Context, e []byte) ([]byte, error){
			"answers nothing":      func(context.Context, []byte) ([]byte, error) { return nil, nil },
			"answers garbage":      func(context.Context, []byte) ([]byte, error) { return []byte("garbage"), nil },
			"signs something else": func(context.Context, []byte) ([]byte, error) { return h.key.True(bytes.Repeat([]byte{7}, 32)) },
			"is another key":       func(_ context.Context, e []byte) ([]byte, error) { return other.True(e) },
		} {
			h.key.Intercept(f)
			if _, err := h.Issue(t.Context(), h.request(t)); err == nil {
				t.Errorf("%s: %s: issued", alg, name)
			}
			if _, err := h.CRL(t.Context()); err == nil {
				t.Errorf("%s: %s: listed", alg, name)
			}
			after := files(t, h.dir)
			books[configName] = after[configName] // its number rises
			if !same(books, after) {
				t.Errorf("%s: %s: left traces", alg, name)
			}
		}
	}
}

// TestStampingAlone: a certificate of profile tsa is for time stamping, critically and for nothing else, under every root; the others say no purpose.
func TestStampingAlone(t *testing.T) {
	for _, alg := range algorithms() {
		h := newHouseOf(t, testpki.NewKeyOf(t, alg))
		for _, profile := range ca.Profiles() {
			r := h.request(t)
			r.Profile = profile
			cert, err := h.Issue(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			critical := false
			for _, e := range cert.Extensions {
				critical = critical || e.Id.String() == "2.5.29.37" && e.Critical
			}
			alone := len(cert.ExtKeyUsage) == 1 && cert.ExtKeyUsage[0] == gm.ExtKeyUsageTimeStamping && len(cert.UnknownExtKeyUsage) == 0
			if stamping := profile == ca.TSA; critical != stamping || alone != stamping || len(cert.ExtKeyUsage) > 0 != stamping {
				t.Errorf("%s of %s: purposes %v, critical %v", profile, alg, cert.ExtKeyUsage, critical)
			}
			set, err := trust.NewSet([]trust.Anchor{{Certificate: h.Chain()[0], Use: trust.UseTSA}}, trust.Evidence{})
			if err != nil {
				t.Fatal(err)
			}
			if chain := set.Build(cert, nil, trust.UseTSA); chain.Good() != (profile == ca.TSA) {
				t.Errorf("%s of %s for time stamping: %+v", profile, alg, chain.Problems)
			}
		}
	}
}
