package keystore

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"crypto/x509"
	"fmt"
	"math/big"

	"yinxin/gm"
	"yinxin/hsm"
)

const (
	scalarSize = 32
	maxRSAKey  = 4 << 10 // bytes of the PKCS#1 form; 3072 bits have about 1770
)

// privateKey is the private half of a key in memory. Its bytes are what a key file seals.
type privateKey interface {
	public() crypto.PublicKey
	// sign answers a digest that its algorithm accepts.
	sign(digest []byte) ([]byte, error)
	// bytes is the caller's to clear.
	bytes() ([]byte, error)
	// zero clears the numbers this package can reach. What the library has computed from them it keeps to itself.
	zero()
}

// newPrivate makes a fresh key of one of hsm.Specs.
func newPrivate(spec hsm.Spec) (privateKey, error) {
	switch spec.Algorithm {
	case hsm.SM2:
		key, err := gm.GenerateKey(rand.Reader)
		return sm2Key{key}, err
	case hsm.ECDSAP256:
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		return p256Key{key}, err
	case hsm.RSAPKCS1:
		key, err := rsa.GenerateKey(rand.Reader, spec.Bits)
		return rsaKey{key}, err
	}
	return nil, fmt.Errorf("no key of kind %s can be made", spec)
}

// parsePrivate reads what bytes wrote. Reasons are said without a word of the bytes.
func parsePrivate(spec hsm.Spec, b []byte) (privateKey, error) {
	switch spec.Algorithm {
	case hsm.SM2:
		if key, err := gm.NewPrivateKey(b); err == nil {
			return sm2Key{key}, nil
		}
	case hsm.ECDSAP256:
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), b); err == nil {
			return p256Key{key}, nil
		}
	case hsm.RSAPKCS1:
		if key, err := x509.ParsePKCS1PrivateKey(b); err == nil {
			again := x509.MarshalPKCS1PrivateKey(key)
			defer clear(again)
			if subtle.ConstantTimeCompare(again, b) == 1 { // one form only, here too
				return rsaKey{key}, nil
			}
		}
	}
	return nil, fmt.Errorf("what is sealed is no private key of kind %s", spec)
}

// sealedLength reports whether a sealed key of a kind can have n bytes.
func sealedLength(spec hsm.Spec, n int) bool {
	if spec.Algorithm == hsm.RSAPKCS1 {
		return n > spec.Bits/8+tagSize && n <= maxRSAKey+tagSize
	}
	return n == scalarSize+tagSize
}

// sm2Key is sealed as its scalar, 32 bytes big-endian.
type sm2Key struct{ key *gm.PrivateKey }

func (s sm2Key) public() crypto.PublicKey { return &s.key.PublicKey }

func (s sm2Key) sign(e []byte) ([]byte, error) { return gm.SignE(rand.Reader, s.key, e) }

func (s sm2Key) bytes() ([]byte, error) { return s.key.D.FillBytes(make([]byte, scalarSize)), nil }

func (s sm2Key) zero() { zero(s.key.D) }

// p256Key is sealed as its scalar, 32 bytes big-endian.
type p256Key struct{ key *ecdsa.PrivateKey }

func (s p256Key) public() crypto.PublicKey { return &s.key.PublicKey }

func (s p256Key) sign(digest []byte) ([]byte, error) {
	return ecdsa.SignASN1(rand.Reader, s.key, digest)
}

func (s p256Key) bytes() ([]byte, error) { return s.key.Bytes() }

func (s p256Key) zero() { zero(s.key.D) }

// rsaKey is sealed as RSAPrivateKey of PKCS#1 (RFC 8017 A.1.2), DER: with the primes and their exponents, so that opening computes nothing anew
// from the secret numbers.
type rsaKey struct{ key *rsa.PrivateKey }

func (s rsaKey) public() crypto.PublicKey { return &s.key.PublicKey }

// sign checks the answer against the public key before it is given (crypto/rsa does), so that a fault in computing does not give a prime away.
func (s rsaKey) sign(digest []byte) ([]byte, error) {
	return rsa.SignPKCS1v15(nil, s.key, crypto.SHA256, digest)
}

func (s rsaKey) bytes() ([]byte, error) {
	return x509.MarshalPKCS1PrivateKey(s.key), nil
}

func (s rsaKey) zero() {
	zero(s.key.D, s.key.Precomputed.Dp, s.key.Precomputed.Dq, s.key.Precomputed.Qinv)
	zero(s.key.Primes...)
}

// zero clears the words numbers are kept in.
func zero(numbers ...*big.Int) {
	for _, n := range numbers {
		if n != nil {
			clear(n.Bits())
			n.SetInt64(0)
		}
	}
}
