package sign_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"sync"
	"testing"

	"yinxin/hsm"
	"yinxin/internal/testpki"
)

// breakable is a key that counts its uses and breaks on demand, as *testpki.Key is.
type breakable interface {
	hsm.Key
	Uses() int
	Intercept(func(ctx context.Context, digest []byte) ([]byte, error))
	True(digest []byte) ([]byte, error)
}

var _ breakable = (*testpki.Key)(nil)

// standardKey is breakable with a key of the standard library.
type standardKey struct {
	crypto.Signer
	alg hsm.Algorithm

	mu     sync.Mutex
	uses   int
	answer func(ctx context.Context, digest []byte) ([]byte, error)
}

func rsaKey(t testing.TB, bits int) *standardKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return &standardKey{Signer: key, alg: hsm.RSAPKCS1}
}

func p256Key(t testing.TB) *standardKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &standardKey{Signer: key, alg: hsm.ECDSAP256}
}

func (k *standardKey) Sign(ctx context.Context, digest []byte, alg hsm.Algorithm) ([]byte, error) {
	if err := k.alg.Accepts(digest, alg); err != nil {
		return nil, err
	}
	k.mu.Lock()
	k.uses++
	answer := k.answer
	k.mu.Unlock()
	if answer != nil {
		return answer(ctx, digest)
	}
	return k.True(digest)
}

func (k *standardKey) True(digest []byte) ([]byte, error) {
	return k.Signer.Sign(rand.Reader, digest, crypto.SHA256)
}

func (k *standardKey) Uses() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.uses
}

func (k *standardKey) Intercept(f func(context.Context, []byte) ([]byte, error)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answer = f
}
