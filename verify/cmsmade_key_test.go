package verify_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"hash"
	"testing"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/hsm"
)

// Hasher is SM3: a forger too digests the document as the seal says.
func (forger) Hasher() document.Hasher {
	return func(string) (hash.Hash, error) { return gm.NewSM3(), nil }
}

// standardKey is an hsm.Key of the standard library's.
type standardKey struct {
	crypto.Signer
	alg hsm.Algorithm
}

func (k standardKey) Sign(_ context.Context, digest []byte, alg hsm.Algorithm) ([]byte, error) {
	if err := k.alg.Accepts(digest, alg); err != nil {
		return nil, err
	}
	return k.Signer.Sign(rand.Reader, digest, crypto.SHA256)
}

func rsaKey(t *testing.T) standardKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return standardKey{key, hsm.RSAPKCS1}
}

func p256Key(t *testing.T) standardKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return standardKey{key, hsm.ECDSAP256}
}
