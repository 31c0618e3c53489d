package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"slices"
)

// Of O and U in revisions 5 and 6: a hash, then a salt to check a password and one to make a key from it.
const (
	hashBytes   = 32
	saltBytes   = 8
	sealedBytes = hashBytes + 2*saltBytes
)

const (
	leastRounds = 64
	// mostRounds is where algorithm 2.B ends at the latest: behind round r it goes on while a byte is more than r - 32.
	mostRounds = 255 + 32
	repeats    = 64
)

// open256 finds the key of a file of revision 5 or 6 (ISO 32000-2, algorithm 2.A).
func (h *Handler) open256(p Parameters, password Password) error {
	if len(p.O) < sealedBytes || len(p.U) < sealedBytes {
		return malformed("O has %d bytes and U %d, %d are wanted", len(p.O), len(p.U), sealedBytes)
	}
	if len(p.OE) < hashBytes || len(p.UE) < hashBytes || len(p.Perms) < aes.BlockSize {
		return malformed("OE has %d bytes, UE %d and Perms %d; 32, 32 and 16 are wanted", len(p.OE), len(p.UE), len(p.Perms))
	}
	user := p.U[:sealedBytes]
	for _, typed := range password.modern() {
		if h.key = unseal(p.R, typed, p.O[:sealedBytes], p.OE, user); h.key != nil {
			h.owner = true
			break
		}
		if h.key = unseal(p.R, typed, user, p.UE, nil); h.key != nil {
			break
		}
	}
	if h.key == nil {
		if h.key = unseal(p.R, nil, user, p.UE, nil); h.key == nil {
			return ErrPassword
		}
	}
	h.damaged = !h.permsAgree(p)
	return nil
}

// unseal returns the key of the file if the password is right, else nil. check is O or U, wrapped OE or UE; the owner's hashes go over U too.
func unseal(revision int, password, check, wrapped, user []byte) []byte {
	hash := hash2B
	if revision == 5 {
		hash = hashR5
	}
	valid := hash(password, check[hashBytes:hashBytes+saltBytes], user)
	if subtle.ConstantTimeCompare(valid, check[:hashBytes]) != 1 {
		return nil
	}
	key := make([]byte, hashBytes)
	var iv [aes.BlockSize]byte
	cipher.NewCBCDecrypter(block(hash(password, check[hashBytes+saltBytes:], user)), iv[:]).CryptBlocks(key, wrapped[:hashBytes])
	return key
}

// hashR5 is the hash of revision 5, which Adobe had for a while (Supplement to ISO 32000, extension level 3).
func hashR5(password, salt, user []byte) []byte {
	sum := sha256.Sum256(slices.Concat(password, salt, user))
	return sum[:]
}

// hash2B is the hash of revision 6 (ISO 32000-2, algorithm 2.B). The data decide how long it goes on, up to mostRounds.
func hash2B(password, salt, user []byte) []byte {
	k := hashR5(password, salt, user)
	longest := repeats * (len(password) + sha512.Size + len(user))
	e := make([]byte, 0, longest)
	for round := 1; round <= mostRounds; round++ {
		e = e[:0]
		for range repeats {
			e = append(append(append(e, password...), k...), user...)
		}
		cipher.NewCBCEncrypter(block(k[:aes.BlockSize]), k[aes.BlockSize:2*aes.BlockSize]).CryptBlocks(e, e)
		sum := 0
		for _, b := range e[:aes.BlockSize] { // 256 is 1 modulo 3, so the number is what its digits add up to
			sum += int(b)
		}
		switch sum % 3 {
		case 0:
			s := sha256.Sum256(e)
			k = s[:]
		case 1:
			s := sha512.Sum384(e)
			k = s[:]
		default:
			s := sha512.Sum512(e)
			k = s[:]
		}
		if round >= leastRounds && int(e[len(e)-1]) <= round-32 {
			break
		}
	}
	return k[:hashBytes]
}

// permsAgree reports whether the permissions sealed with the key are those the dictionary says (ISO 32000-2, algorithm 13).
func (h *Handler) permsAgree(p Parameters) bool {
	var perms [aes.BlockSize]byte
	block(h.key).Decrypt(perms[:], p.Perms[:aes.BlockSize])
	metadata := byte('F')
	if p.EncryptMetadata {
		metadata = 'T'
	}
	return binary.LittleEndian.Uint32(perms[:]) == uint32(p.P) && perms[8] == metadata && string(perms[9:12]) == "adb"
}

// block is AES under a key of 16 or 32 bytes.
func block(key []byte) cipher.Block {
	b, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // only for other lengths, and every key here is made with its own
	}
	return b
}
