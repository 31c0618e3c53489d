package crypt

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5" //nolint:gosec // ISO 32000 derives the keys of objects with it
	"crypto/rand"
	"errors"
	"slices"
)

// The failures of Decrypt.
var (
	ErrData    = errors.New("the encrypted data is not whole blocks")
	ErrPadding = errors.New("the encrypted data does not end as it should")
)

// Decrypt decrypts a string or stream of the object num gen. data is overwritten, and what comes back shares its memory. With ErrPadding all that was
// decrypted comes back: other readers take it, and so may the caller.
func (h *Handler) Decrypt(m Method, num, gen int, data []byte) ([]byte, error) {
	switch {
	case m == Identity || len(data) == 0: // writers leave what is empty as it is
		return data, nil
	case m == RC4:
		stream(h.objectKey(m, num, gen)).XORKeyStream(data, data)
		return data, nil
	case len(data)%aes.BlockSize != 0:
		return nil, ErrData
	}
	iv, data := data[:aes.BlockSize], data[aes.BlockSize:]
	cipher.NewCBCDecrypter(block(h.objectKey(m, num, gen)), iv).CryptBlocks(data, data)
	if len(data) == 0 {
		return data, ErrPadding
	}
	n := int(data[len(data)-1])
	if n == 0 || n > aes.BlockSize {
		return data, ErrPadding
	}
	text, tail := data[:len(data)-n], data[len(data)-n:]
	for _, b := range tail {
		if int(b) != n {
			return data, ErrPadding
		}
	}
	return text, nil
}

// Encrypt encrypts a string or stream of the object num gen, with AES under a random initialization vector. data stays as it is.
func (h *Handler) Encrypt(m Method, num, gen int, data []byte) []byte {
	switch m {
	case Identity:
		return bytes.Clone(data)
	case RC4:
		out := make([]byte, len(data))
		stream(h.objectKey(m, num, gen)).XORKeyStream(out, data)
		return out
	}
	n := aes.BlockSize - len(data)%aes.BlockSize
	out := make([]byte, aes.BlockSize, aes.BlockSize+len(data)+n)
	_, _ = rand.Read(out) // it never fails: it ends the program instead
	out = append(out, data...)
	for range n {
		out = append(out, byte(n))
	}
	text := out[aes.BlockSize:]
	cipher.NewCBCEncrypter(block(h.objectKey(m, num, gen)), out[:aes.BlockSize]).CryptBlocks(text, text)
	return out
}

// objectKey is the key for one object (ISO 32000-2, algorithms 1 and 1.A).
func (h *Handler) objectKey(m Method, num, gen int) []byte {
	if m == AESV3 {
		return h.key
	}
	seed := slices.Concat(h.key, []byte{byte(num), byte(num >> 8), byte(num >> 16), byte(gen), byte(gen >> 8)})
	if m == AESV2 {
		seed = append(seed, "sAlT"...)
	}
	sum := md5.Sum(seed) //nolint:gosec // algorithm 1
	return sum[:min(len(h.key)+5, md5.Size)]
}
