package cms

import (
	"bytes"
	"crypto/rsa"
	"math"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// verifyPKCS1 checks RSASSA-PKCS1-v1_5. crypto/rsa refuses exponents above 2³¹-1, which real qualified certificates have; for those the value is
// raised here. Everything involved is public, so nothing need run in constant time.
func verifyPKCS1(pub *rsa.PublicKey, d digest, sum, sig []byte) bool {
	if pub.E <= math.MaxInt32 {
		return rsa.VerifyPKCS1v15(pub, d.std, sum, sig) == nil
	}
	em, ok := raise(pub, sig)
	if !ok {
		return false
	}
	info, err := digestInfo(d, sum)
	if err != nil || len(em) < len(info)+11 {
		return false
	}
	want := bytes.Repeat([]byte{0xff}, len(em))
	want[0], want[1], want[len(em)-len(info)-1] = 0, 1, 0
	copy(want[len(em)-len(info):], info)
	return equal(em, want)
}

// digestInfo is DigestInfo of RFC 8017 9.2.
func digestInfo(d digest, sum []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(d.oid)
			b.AddASN1NULL()
		})
		b.AddASN1OctetString(sum)
	})
	return b.Bytes()
}

// verifyPSS checks RSASSA-PSS with MGF1 of the same hash and a salt of that many bytes.
func verifyPSS(pub *rsa.PublicKey, d digest, sum, sig []byte, salt int) bool {
	if pub.E <= math.MaxInt32 {
		return rsa.VerifyPSS(pub, d.std, sum, sig, &rsa.PSSOptions{SaltLength: salt, Hash: d.std}) == nil
	}
	em, ok := raise(pub, sig)
	if !ok {
		return false
	}
	bits := pub.N.BitLen() - 1
	if bits%8 == 0 { // the encoded message is a byte shorter than the modulus
		if em[0] != 0 {
			return false
		}
		em = em[1:]
	}
	return emsaPSS(d, em, bits, sum, salt)
}

// emsaPSS is EMSA-PSS-VERIFY of RFC 8017 9.1.2; em is overwritten.
func emsaPSS(d digest, em []byte, bits int, sum []byte, salt int) bool {
	size := d.size()
	if len(em) < size+salt+2 || em[len(em)-1] != 0xbc {
		return false
	}
	db, h := em[:len(em)-size-1], em[len(em)-size-1:len(em)-1]
	unused := byte(0xff) >> (8*len(em) - bits)
	if db[0]&^unused != 0 {
		return false
	}
	for i, block := 0, uint32(0); i < len(db); block++ { // MGF1
		mask := hashOf(d, append(bytes.Clone(h), byte(block>>24), byte(block>>16), byte(block>>8), byte(block)))
		for _, m := range mask[:min(size, len(db)-i)] {
			db[i] ^= m
			i++
		}
	}
	db[0] &= unused
	pad := db[:len(db)-salt]
	if pad[len(pad)-1] != 1 || len(bytes.Trim(pad[:len(pad)-1], "\x00")) != 0 {
		return false
	}
	return equal(h, hashOf(d, slices.Concat(make([]byte, 8), sum, db[len(db)-salt:])))
}

// raise returns sig^e mod n in as many bytes as the modulus has.
func raise(pub *rsa.PublicKey, sig []byte) ([]byte, bool) {
	s := new(big.Int).SetBytes(sig)
	if len(sig) != pub.Size() || s.Cmp(pub.N) >= 0 || pub.N.Bit(0) == 0 || pub.E&1 == 0 {
		return nil, false
	}
	return s.Exp(s, big.NewInt(int64(pub.E)), pub.N).FillBytes(make([]byte, len(sig))), true
}
