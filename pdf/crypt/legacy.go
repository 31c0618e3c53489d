package crypt

import (
	"bytes"
	"crypto/md5" //nolint:gosec // ISO 32000 derives the keys of revisions 2 to 4 with it
	"crypto/rc4" //nolint:gosec // the cipher of ISO 32000 up to revision 4
	"crypto/subtle"
	"encoding/binary"
	"slices"
)

const (
	legacyBytes = 32 // of O, U and a padded password
	md5Rounds   = 50
	rc4Rounds   = 20
	shortKey    = 40  // bits of V 1
	longKey     = 128 // bits of V 4, and the most for V 2
)

// padding fills passwords up to legacyBytes (ISO 32000-2, algorithm 2, a).
const padding = "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A"

// legacy is a file of revision 2, 3 or 4 whose password is looked for.
type legacy struct {
	Parameters
	n int // bytes of the key
}

// openLegacy finds the key of a file of revision 2 to 4.
func (h *Handler) openLegacy(p Parameters, password Password) error {
	if len(p.O) < legacyBytes || len(p.U) < legacyBytes {
		return malformed("O has %d bytes and U %d, %d are wanted", len(p.O), len(p.U), legacyBytes)
	}
	p.O, p.U = p.O[:legacyBytes], p.U[:legacyBytes] // some writers pad them
	bits, err := keyBits(p)
	if err != nil {
		return err
	}
	l := legacy{p, bits / 8}
	for _, typed := range password.legacy() {
		padded := pad(typed)
		for _, user := range l.ownersView(padded) {
			if h.key = l.userKey(user); h.key != nil {
				h.owner = true
				return nil
			}
		}
		if h.key = l.userKey(padded); h.key != nil {
			return nil
		}
	}
	if h.key = l.userKey(pad(nil)); h.key == nil {
		return ErrPassword
	}
	return nil
}

// keyBits is the length of the key. V 1 is of 40 bits and V 4 of 128 whatever Length says, as all writers and readers have it.
func keyBits(p Parameters) (int, error) {
	switch {
	case p.V == 1 || p.R == 2:
		return shortKey, nil
	case p.V == 4:
		return longKey, nil
	case p.Length == 0:
		return shortKey, nil
	case p.Length < shortKey || p.Length > longKey || p.Length%8 != 0:
		return 0, malformed("a key of %d bits", p.Length)
	}
	return int(p.Length), nil
}

func pad(password []byte) []byte {
	return slices.Concat(password[:min(len(password), legacyBytes)], []byte(padding))[:legacyBytes]
}

// userKey is the key of the file if the padded user password is right, else nil (ISO 32000-2, algorithms 2, 4, 5 and 6).
func (l *legacy) userKey(padded []byte) []byte {
	seed := slices.Concat(padded, l.O, binary.LittleEndian.AppendUint32(nil, uint32(l.P)), l.ID)
	if l.R >= 4 && !l.EncryptMetadata {
		seed = append(seed, 0xff, 0xff, 0xff, 0xff)
	}
	key := l.rounds(seed, l.n)
	if l.R == 2 {
		if subtle.ConstantTimeCompare(crossed(key, []byte(padding), 1), l.U) == 1 {
			return key
		}
		return nil
	}
	check := md5.Sum(slices.Concat([]byte(padding), l.ID)) //nolint:gosec // algorithm 5
	if subtle.ConstantTimeCompare(crossed(key, check[:], rc4Rounds), l.U[:len(check)]) == 1 {
		return key
	}
	return nil
}

// ownersView lists what a padded owner password makes of O: the padded user password, if it is right (ISO 32000-2, algorithm 7). For keys shorter than
// a hash writers differ in how much of it they hash again.
func (l *legacy) ownersView(padded []byte) [][]byte {
	var out [][]byte
	for _, fed := range slices.Compact([]int{l.n, md5.Size}) {
		key := l.rounds(padded, fed)[:l.n]
		user := bytes.Clone(l.O)
		if l.R == 2 {
			user = crossed(key, user, 1)
		} else {
			for i := range rc4Rounds {
				user = crypted(key, user, byte(rc4Rounds-1-i))
			}
		}
		out = append(out, user)
	}
	return out
}

// rounds hashes seed and, from revision 3 on, the first fed bytes of the hash again and again; it returns as many.
func (l *legacy) rounds(seed []byte, fed int) []byte {
	sum := md5.Sum(seed) //nolint:gosec // algorithms 2 and 3
	if l.R >= 3 {
		for range md5Rounds {
			sum = md5.Sum(sum[:fed]) //nolint:gosec // algorithms 2 and 3
		}
	}
	return sum[:fed]
}

// crossed encrypts data as often as rounds says, each time with the key changed by the number of the round.
func crossed(key, data []byte, rounds int) []byte {
	for i := range rounds {
		data = crypted(key, data, byte(i))
	}
	return data
}

// crypted is data through RC4, under a key whose bytes are all changed by mask.
func crypted(key, data []byte, mask byte) []byte {
	masked := bytes.Clone(key)
	for i := range masked {
		masked[i] ^= mask
	}
	out := make([]byte, len(data))
	stream(masked).XORKeyStream(out, data)
	return out
}

// stream is RC4 under a key of 5 to 16 bytes.
func stream(key []byte) *rc4.Cipher {
	c, err := rc4.NewCipher(key) //nolint:gosec // the cipher of the file
	if err != nil {
		panic(err) // only for keys of no byte or more than 256, and lengths are checked in keyBits
	}
	return c
}
