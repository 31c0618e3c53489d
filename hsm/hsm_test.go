package hsm_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math/big"
	"strings"
	"testing"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
)

func wantFault(t *testing.T, what string, err error, code string) {
	t.Helper()
	p, _ := fault.PublicOf(err)
	if !errors.Is(err, fault.Invalid) || p.Code != code || p.ZH == "" || p.EN == "" {
		t.Errorf("%s: %v (code %q), want code %q", what, err, p.Code, code)
	}
}

func TestSpecNames(t *testing.T) {
	want := []string{"sm2", "rsa3072", "p256"}
	specs := hsm.Specs()
	if len(specs) != len(want) {
		t.Fatalf("specs are %v", specs)
	}
	for i, s := range specs {
		if s.String() != want[i] || s.Check() != nil {
			t.Errorf("%v: %v, want %s", s, s.Check(), want[i])
		}
		if back, err := hsm.ParseSpec(want[i]); err != nil || back != s {
			t.Errorf("%s reads as %v, %v", want[i], back, err)
		}
	}
	for _, name := range []string{"", "SM2", "rsa", "rsa2048", "rsa-pkcs1", "p-256", " sm2", "rsa03072", "sm2 of 0 bits"} {
		_, err := hsm.ParseSpec(name)
		wantFault(t, name, err, "key-algorithm")
		if p, _ := fault.PublicOf(err); !strings.Contains(p.ZH, "sm2, rsa3072, p256") || !strings.Contains(p.EN, "sm2, rsa3072, p256") {
			t.Errorf("%q: the sentence does not say what there is: %s", name, p.EN)
		}
	}
	for _, s := range []hsm.Spec{{}, {Algorithm: hsm.RSAPKCS1}, {Algorithm: hsm.RSAPKCS1, Bits: 2048}, {Algorithm: hsm.SM2, Bits: 256}, {Algorithm: "rsa3072"}, {Bits: 3072}} {
		wantFault(t, s.String(), s.Check(), "key-algorithm")
	}
}

func TestSpecOf(t *testing.T) {
	sm2, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curve := func(c elliptic.Curve) *ecdsa.PublicKey {
		k, err := ecdsa.GenerateKey(c, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return &k.PublicKey
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	modulus := func(bits uint) *rsa.PublicKey {
		return &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), bits-1), E: 65537}
	}
	for name, c := range map[string]struct {
		pub  any
		want string // "" for none
	}{
		"SM2":          {&sm2.PublicKey, "sm2"},
		"P-256":        {curve(elliptic.P256()), "p256"},
		"RSA":          {modulus(3072), "rsa3072"},
		"RSA, shorter": {modulus(2048), "rsa2048"},
		"P-384":        {curve(elliptic.P384()), ""},
		"Ed25519":      {edwards, ""},
		"nothing":      {nil, ""},
		"no EC key":    {(*ecdsa.PublicKey)(nil), ""},
		"no RSA key":   {(*rsa.PublicKey)(nil), ""},
		"empty EC":     {&ecdsa.PublicKey{}, ""},
		"empty RSA":    {&rsa.PublicKey{}, ""},
		"by value":     {*modulus(2048), ""},
	} {
		s, err := hsm.SpecOf(c.pub)
		if c.want == "" {
			wantFault(t, name, err, "key-kind")
		} else if err != nil || s.String() != c.want {
			t.Errorf("%s: %s, %v, want %s", name, s, err, c.want)
		}
	}
}

func TestAccepts(t *testing.T) {
	all := []hsm.Algorithm{hsm.SM2, hsm.RSAPKCS1, hsm.ECDSAP256}
	for _, own := range all {
		for _, asked := range append(all, "", "rot13") {
			err := own.Accepts(make([]byte, 32), asked)
			if own == asked && err != nil {
				t.Errorf("%s: %v", own, err)
			}
			if own != asked {
				wantFault(t, string(own+" as "+asked), err, "key-algorithm")
			}
		}
		for _, n := range []int{0, 31, 33, 64} {
			wantFault(t, string(own), own.Accepts(make([]byte, n), own), "key-digest")
		}
	}
}

func TestRef(t *testing.T) {
	for ref, want := range map[hsm.Ref]string{"soft:maker": "maker", "A.b-c_1": "A.b-c_1", hsm.Ref(strings.Repeat("x", hsm.MaxName)): strings.Repeat("x", hsm.MaxName)} {
		if name, err := ref.Soft(); err != nil || name != want {
			t.Errorf("%s: %q, %v", ref, name, err)
		}
	}
	for _, ref := range []hsm.Ref{"", "soft:", ".hidden", "soft:.hidden", "a/b", "..", "soft:soft:x", "pkcs11:object=x", "空", "a b", "a\x00", hsm.Ref(strings.Repeat("x", hsm.MaxName+1))} {
		_, err := ref.Soft()
		wantFault(t, string(ref), err, "key-ref")
	}
}
