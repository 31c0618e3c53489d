// Package gm is the one door to the SM algorithms: no other package imports gmsm.
//
// It is tolerant in what it reads (a raw 64 byte r‖s is met in real seals) and canonical in what it writes (DER SEQUENCE{r,s}). SM2 is always used
// with the default user ID 1234567812345678: every seal and certificate met in the field does. Keys that never leave sign e, the 32 byte
// SM3(ZA‖M); everything that hashes to e lives here.
package gm

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"errors"
	"hash"
	"io"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// DefaultUID is the SM2 user ID of GB/T 35276 when parties agreed no other.
const DefaultUID = "1234567812345678"

// DigestSize is the length of SM3 digests and of e in bytes.
const DigestSize = sm3.Size

// NewSM3 returns a running SM3 hash. Its state marshals (encoding.BinaryMarshaler), so one hash can be forked for nested ranges.
func NewSM3() hash.Hash { return sm3.New() }

// SM3 returns the SM3 digest of the concatenated parts.
func SM3(parts ...[]byte) [DigestSize]byte {
	h := sm3.New()
	for _, p := range parts {
		h.Write(p)
	}
	var d [DigestSize]byte
	h.Sum(d[:0])
	return d
}

// Curve returns the SM2 curve sm2p256v1 of GB/T 32918.5.
func Curve() elliptic.Curve { return sm2.P256() }

// IsSM2 reports whether pub is an *ecdsa.PublicKey on the SM2 curve.
func IsSM2(pub any) bool { return sm2.IsSM2PublicKey(pub) }

// NewE returns a hash that already holds ZA of pub, so that Sum gives e = SM3(ZA‖M) once M is written.
func NewE(pub *ecdsa.PublicKey) (hash.Hash, error) {
	if pub == nil || !IsSM2(pub) {
		return nil, errors.New("gm: not an SM2 public key")
	}
	return sm2.NewHashWithUserID(pub, []byte(DefaultUID))
}

// E returns e = SM3(ZA‖msg), what an SM2 key signs.
func E(pub *ecdsa.PublicKey, msg []byte) ([]byte, error) {
	h, err := NewE(pub)
	if err != nil {
		return nil, err
	}
	h.Write(msg)
	return h.Sum(nil), nil
}

// PrivateKey is an SM2 private key in memory. Only hsm/keystore's readers and tests hold one.
type PrivateKey = sm2.PrivateKey

// GenerateKey makes an SM2 key from rand.
func GenerateKey(rand io.Reader) (*PrivateKey, error) { return sm2.GenerateKey(rand) }

// NewPrivateKey makes the key from its 32 byte big-endian scalar, refusing 0 and values not below n-1.
func NewPrivateKey(d []byte) (*PrivateKey, error) { return sm2.NewPrivateKey(d) }

// SignE signs the 32 byte e and returns DER SEQUENCE{r,s}.
func SignE(rand io.Reader, key *PrivateKey, e []byte) ([]byte, error) {
	if len(e) != DigestSize {
		return nil, errors.New("gm: e is not 32 bytes")
	}
	return sm2.SignASN1(rand, key, e, nil)
}

// Decrypt opens C1‖C3‖C2 with C1 uncompressed, or the DER form SEQUENCE{x, y, C3, C2}.
func Decrypt(key *PrivateKey, ciphertext []byte) ([]byte, error) {
	return sm2.Decrypt(key, ciphertext)
}

// VerifyE reports whether sig, DER SEQUENCE{r,s} or raw r‖s, is an SM2 signature over e.
func VerifyE(pub *ecdsa.PublicKey, e, sig []byte) bool {
	if pub == nil || !IsSM2(pub) || len(e) != DigestSize {
		return false
	}
	der, err := CanonicalSignature(sig)
	if err != nil {
		return false
	}
	return sm2.VerifyASN1(pub, e, der)
}

// Verify reports whether sig is an SM2 signature over msg with the default user ID.
func Verify(pub *ecdsa.PublicKey, msg, sig []byte) bool {
	e, err := E(pub, msg)
	if err != nil {
		return false
	}
	return VerifyE(pub, e, sig)
}

// errSignature is returned for bytes that are neither DER SEQUENCE{r,s} nor raw r‖s.
var errSignature = errors.New("gm: SM2 signature is neither DER SEQUENCE{r,s} nor 64 raw bytes")

// CanonicalSignature returns sig as DER SEQUENCE{r,s} with both integers positive and minimal. It accepts that form itself and raw r‖s of 64
// bytes, as met in real seals and as PKCS#11 modules answer. Other encodings of the same numbers are refused. 64 bytes that are both are DER, so that
// what is returned reads back as itself.
func CanonicalSignature(sig []byte) ([]byte, error) {
	if _, _, ok := readSignature(sig); ok {
		return sig, nil
	}
	if len(sig) != 64 {
		return nil, errSignature
	}
	return encodeSignature(sig[:32], sig[32:])
}

// RawSignature returns sig (in either form) as raw r‖s of 64 bytes.
func RawSignature(sig []byte) ([]byte, error) {
	r, s, ok := readSignature(sig)
	if !ok && len(sig) == 64 {
		return sig, nil
	}
	if !ok {
		return nil, errSignature
	}
	raw := make([]byte, 64)
	copy(raw[32-len(r):32], r)
	copy(raw[64-len(s):], s)
	return raw, nil
}

// readSignature reads DER SEQUENCE{r,s} with numbers of at most 32 bytes.
func readSignature(sig []byte) (r, s []byte, ok bool) {
	in := cryptobyte.String(sig)
	var inner cryptobyte.String
	ok = in.ReadASN1(&inner, asn1.SEQUENCE) && in.Empty() && inner.ReadASN1Integer(&r) && inner.ReadASN1Integer(&s) && inner.Empty() &&
		len(r) <= 32 && len(s) <= 32
	return r, s, ok
}

func encodeSignature(r, s []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addPositive(b, r)
		addPositive(b, s)
	})
	return b.Bytes()
}

func addPositive(b *cryptobyte.Builder, n []byte) {
	for len(n) > 0 && n[0] == 0 {
		n = n[1:]
	}
	b.AddASN1(asn1.INTEGER, func(c *cryptobyte.Builder) {
		if len(n) == 0 {
			b.SetError(errSignature)
			return
		}
		if n[0]&0x80 != 0 {
			c.AddUint8(0)
		}
		c.AddBytes(n)
	})
}
