package cms

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"testing"
)

// TestLargeExponent: keys with an exponent that crypto/rsa refuses are checked by the same rules. The encoded message of an ordinary signature is
// signed again under such a key of the same modulus.
func TestLargeExponent(t *testing.T) {
	for _, bits := range []int{2048, 2049} { // with 2049 the PSS message is a byte shorter than the modulus
		ordinary, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		one := big.NewInt(1)
		phi := new(big.Int).Mul(new(big.Int).Sub(ordinary.Primes[0], one), new(big.Int).Sub(ordinary.Primes[1], one))
		exponent, secret := big.NewInt(2271055779), new(big.Int)
		for secret.ModInverse(exponent, phi) == nil {
			exponent.Add(exponent, big.NewInt(2))
			secret = new(big.Int)
		}
		pub := &rsa.PublicKey{N: ordinary.N, E: int(exponent.Int64())}
		d, _ := digestByOID(oidSHA256)
		sum := hashOf(d, []byte("示例"))
		again := func(sig []byte, err error) []byte {
			if err != nil {
				t.Fatal(err)
			}
			em := new(big.Int).Exp(new(big.Int).SetBytes(sig), big.NewInt(int64(ordinary.E)), ordinary.N)
			return em.Exp(em, secret, ordinary.N).FillBytes(make([]byte, len(sig)))
		}
		pkcs1 := again(rsa.SignPKCS1v15(nil, ordinary, crypto.SHA256, sum))
		pss := again(rsa.SignPSS(rand.Reader, ordinary, crypto.SHA256, sum, &rsa.PSSOptions{SaltLength: 20}))
		if !verifyPKCS1(pub, d, sum, pkcs1) || !verifyPSS(pub, d, sum, pss, 20) {
			t.Fatalf("%d bits: good signatures are refused", bits)
		}
		other := bytes.Clone(sum)
		other[0] ^= 1
		if verifyPKCS1(pub, d, other, pkcs1) || verifyPSS(pub, d, other, pss, 20) || verifyPSS(pub, d, sum, pss, 21) || verifyPSS(pub, d, sum, pss, 19) ||
			verifyPSS(pub, d, sum, pkcs1, 20) || verifyPKCS1(pub, d, sum, pss) || verifyPSS(pub, d, sum, pss, 400) {
			t.Errorf("%d bits: a wrong signature verifies", bits)
		}
		for i := range pss {
			pss[i], pkcs1[i] = pss[i]^1, pkcs1[i]^1
			if verifyPSS(pub, d, sum, pss, 20) || verifyPKCS1(pub, d, sum, pkcs1) {
				t.Errorf("%d bits: byte %d flipped still verifies", bits, i)
			}
			pss[i], pkcs1[i] = pss[i]^1, pkcs1[i]^1
		}
		if verifyPKCS1(pub, d, sum, pkcs1[1:]) || verifyPKCS1(pub, d, sum, append([]byte{0}, pkcs1...)) {
			t.Errorf("%d bits: a signature of another length verifies", bits)
		}
	}
}
