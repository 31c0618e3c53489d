package gm

import (
	"crypto/cipher"

	"github.com/emmansun/gmsm/sm4"
)

// SM4KeySize is the length of an SM4 key in bytes.
const SM4KeySize = sm4.BlockSize

// NewSM4GCM returns SM4 in Galois counter mode: 16 byte key, 12 byte nonce, 16 byte tag.
func NewSM4GCM(key []byte) (cipher.AEAD, error) {
	b, err := sm4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}
