package testpki

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"sync"
	"testing"

	"yinxin/gm"
	"yinxin/hsm"
)

// Key is an hsm.Key in memory, SM2 unless NewKeyOf was asked for another, that counts its uses and breaks on demand. It may be used by several
// goroutines.
type Key struct {
	alg     hsm.Algorithm
	private crypto.Signer // *gm.PrivateKey, *rsa.PrivateKey or *ecdsa.PrivateKey

	mu     sync.Mutex
	uses   int
	answer func(ctx context.Context, e []byte) ([]byte, error)
}

var _ hsm.Key = (*Key)(nil)

// NewKey makes a fresh SM2 key. Failures end the test t.
func NewKey(t testing.TB) *Key {
	t.Helper()
	return NewKeyOf(t, hsm.SM2)
}

// rsaBits is the size of test keys: small enough to be made quickly, large enough not to be weak.
const rsaBits = 2048

// NewKeyOf makes a fresh key of any algorithm: SM2, RSA of 2048 bits (a tenth of a second) or P-256.
func NewKeyOf(t testing.TB, alg hsm.Algorithm) *Key {
	t.Helper()
	private, err := generate(alg)
	if err != nil {
		t.Fatalf("testpki: make a key: %v", err)
	}
	return &Key{alg: alg, private: private}
}

func generate(alg hsm.Algorithm) (crypto.Signer, error) {
	switch alg {
	case hsm.SM2:
		return gm.GenerateKey(rand.Reader)
	case hsm.RSAPKCS1:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	case hsm.ECDSAP256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	return nil, errors.New("no algorithm " + string(alg))
}

// Algorithm returns what the key signs.
func (k *Key) Algorithm() hsm.Algorithm { return k.alg }

// Public returns an *ecdsa.PublicKey on the SM2 curve, or the *rsa.PublicKey or *ecdsa.PublicKey of a key of another algorithm.
func (k *Key) Public() crypto.PublicKey { return k.private.Public() }

// SM2 is Public with its type; nil for a key of another algorithm.
func (k *Key) SM2() *ecdsa.PublicKey {
	if private := k.Private(); private != nil {
		return &private.PublicKey
	}
	return nil
}

// Private returns the private key itself, for what goes into files and other programs; nil for a key of another algorithm than SM2.
func (k *Key) Private() *gm.PrivateKey {
	private, _ := k.private.(*gm.PrivateKey)
	return private
}

// Sign signs as hsm.Algorithm says, or does what Fail, Garble or Intercept asked for. Every call with a live context for the key's own algorithm
// counts as a use.
func (k *Key) Sign(ctx context.Context, digest []byte, alg hsm.Algorithm) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if alg != k.alg {
		return nil, errors.New("testpki: key signs " + string(k.alg) + " only, asked for " + string(alg))
	}
	k.mu.Lock()
	k.uses++
	answer := k.answer
	k.mu.Unlock()
	if answer != nil {
		return answer(ctx, digest)
	}
	return k.quiet(digest)
}

// quiet signs without counting and never breaks: the making of test certificates is no use of the key under test.
func (k *Key) quiet(digest []byte) ([]byte, error) {
	if private := k.Private(); private != nil {
		return gm.SignE(rand.Reader, private, digest)
	}
	return k.private.Sign(rand.Reader, digest, crypto.SHA256)
}

// Uses returns how often Sign was asked.
func (k *Key) Uses() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.uses
}

// Fail makes every further Sign return err; nil heals the key.
func (k *Key) Fail(err error) {
	if err == nil {
		k.Intercept(nil)
		return
	}
	k.Intercept(func(context.Context, []byte) ([]byte, error) { return nil, err })
}

// Garble makes every further Sign answer sig whatever was asked.
func (k *Key) Garble(sig []byte) {
	k.Intercept(func(context.Context, []byte) ([]byte, error) { return sig, nil })
}

// Intercept puts f in place of Sign: to fail once, to wait, to cancel a context half-way. nil heals the key.
func (k *Key) Intercept(f func(ctx context.Context, e []byte) ([]byte, error)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answer = f
}

// True signs a digest properly although the key was told to break: for f of Intercept that answers some calls.
func (k *Key) True(digest []byte) ([]byte, error) { return k.quiet(digest) }
