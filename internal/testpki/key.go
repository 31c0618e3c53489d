package testpki

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"errors"
	"sync"
	"testing"

	"yinxin/gm"
	"yinxin/hsm"
)

// Key is an SM2 hsm.Key in memory that counts its uses and breaks on demand. It may be used by several goroutines.
type Key struct {
	private *gm.PrivateKey

	mu     sync.Mutex
	uses   int
	answer func(ctx context.Context, e []byte) ([]byte, error)
}

var _ hsm.Key = (*Key)(nil)

// NewKey makes a fresh key. Failures end the test t.
func NewKey(t testing.TB) *Key {
	t.Helper()
	private, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatalf("testpki: make a key: %v", err)
	}
	return &Key{private: private}
}

// Public returns an *ecdsa.PublicKey on the SM2 curve.
func (k *Key) Public() crypto.PublicKey { return k.SM2() }

// SM2 is Public with its type.
func (k *Key) SM2() *ecdsa.PublicKey { return &k.private.PublicKey }

// Private returns the private key itself, for what goes into files and other programs.
func (k *Key) Private() *gm.PrivateKey { return k.private }

// Sign signs e, or does what Fail, Garble or Intercept asked for. Every call with a live context counts as a use.
func (k *Key) Sign(ctx context.Context, digest []byte, alg hsm.Algorithm) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if alg != hsm.SM2 {
		return nil, errors.New("testpki: key signs SM2 only, asked for " + string(alg))
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
func (k *Key) quiet(e []byte) ([]byte, error) { return gm.SignE(rand.Reader, k.private, e) }

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

// True signs e properly although the key was told to break: for f of Intercept that answers some calls.
func (k *Key) True(e []byte) ([]byte, error) { return k.quiet(e) }
