package hsm_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"testing"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
)

// other answers with the signatures of another key.
type other struct {
	pub  crypto.PublicKey
	sign func(digest []byte) ([]byte, error)
}

func (o other) Public() crypto.PublicKey { return o.pub }

func (o other) Sign(_ context.Context, digest []byte, _ hsm.Algorithm) ([]byte, error) {
	return o.sign(digest)
}

func TestProve(t *testing.T) {
	sm2, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signs := map[string]func([]byte) ([]byte, error){
		"SM2":   func(d []byte) ([]byte, error) { return gm.SignE(rand.Reader, sm2, d) },
		"P-256": func(d []byte) ([]byte, error) { return ecdsa.SignASN1(rand.Reader, p256, d) },
		"RSA":   func(d []byte) ([]byte, error) { return rsa.SignPKCS1v15(nil, rsaKey, crypto.SHA256, d) },
		"none":  func([]byte) ([]byte, error) { return nil, nil },
	}
	for name, pub := range map[string]crypto.PublicKey{"SM2": &sm2.PublicKey, "P-256": &p256.PublicKey, "RSA": &rsaKey.PublicKey} {
		for by, sign := range signs {
			if err := hsm.Prove(t.Context(), other{pub, sign}); (err == nil) != (by == name) || err != nil && !errors.Is(err, fault.Unavailable) {
				t.Errorf("%s by %s: %v", name, by, err)
			}
		}
	}
	gone := errors.New("gone")
	if err := hsm.Prove(t.Context(), other{&sm2.PublicKey, func([]byte) ([]byte, error) { return nil, gone }}); !errors.Is(err, gone) {
		t.Errorf("%v", err)
	}
	if err := hsm.Prove(t.Context(), other{nil, signs["none"]}); err == nil {
		t.Error("a key without a public half is proven")
	}
}
