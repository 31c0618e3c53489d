package crypt

import (
	"bytes"
	"crypto/aes"
	"errors"
	"testing"
)

// FuzzOpen: no parameters panic, every refusal says which kind it is, and what opens has a key of the right length that fits its own files.
func FuzzOpen(f *testing.F) {
	for _, v := range vectors() {
		cfm := v.p.Filters["StdCF"]
		f.Add(v.p.V, v.p.R, v.p.Length, v.p.P, v.p.O, v.p.U, v.p.OE, v.p.UE, v.p.Perms, v.p.ID, cfm, v.p.Streams, true, v.user)
		f.Add(v.p.V, v.p.R, v.p.Length, v.p.P, v.p.O, v.p.U, v.p.OE, v.p.UE, v.p.Perms, v.p.ID, cfm, v.p.Streams, false, v.owner)
	}
	f.Fuzz(func(t *testing.T, v, r int, length, permissions int64, o, u, oe, ue, perms, id []byte, cfm, streams string, metadata bool, password string) {
		p := Parameters{V: v, R: r, Length: length, P: permissions, O: o, U: u, OE: oe, UE: ue, Perms: perms, ID: id, EncryptMetadata: metadata,
			Filters: map[string]string{"StdCF": cfm}, Streams: streams, Strings: streams}
		h, err := Open(p, Password{Text: password, Doc: []byte(password)})
		if err != nil {
			if h != nil || !errors.Is(err, ErrPassword) && !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrMalformed) {
				t.Errorf("%v, %v", h, err)
			}
			return
		}
		if n := len(h.key); n < 5 || r >= 5 && n != 32 || r < 5 && n > 16 {
			t.Errorf("a key of %d bytes", n)
		}
		text := []byte("text")
		for _, m := range []Method{h.Streams(), h.Strings(), h.Files()} {
			if plain, err := h.Decrypt(m, 1, 0, h.Encrypt(m, 1, 0, text)); err != nil || !bytes.Equal(plain, text) {
				t.Errorf("method %d: %q, %v", m, plain, err)
			}
		}
	})
}

// FuzzDecrypt: no data panic, and none become more.
func FuzzDecrypt(f *testing.F) {
	all := handlers(f)
	f.Add(uint8(RC4), 7, 0, []byte("data"))
	f.Add(uint8(AESV2), 7, 0, all[AESV2].Encrypt(AESV2, 7, 0, []byte("data")))
	f.Add(uint8(AESV3), 1<<24, 65535, all[AESV3].Encrypt(AESV3, 0, 0, nil))
	f.Add(uint8(AESV3), -1, -1, make([]byte, 16))
	f.Fuzz(func(t *testing.T, method uint8, num, gen int, data []byte) {
		m := Method(method % 4)
		plain, err := all[m].Decrypt(m, num, gen, bytes.Clone(data))
		if len(plain) > len(data) || err != nil && m != AESV2 && m != AESV3 || errors.Is(err, ErrData) != (len(data)%aes.BlockSize != 0 && m >= AESV2) {
			t.Errorf("method %d made %d bytes of %d, %v", m, len(plain), len(data), err)
		}
	})
}

// FuzzHash2B: the hash of revision 6 ends, whatever the data, and fits the published rounds.
func FuzzHash2B(f *testing.F) {
	f.Add([]byte("user"), []byte("12345678"), []byte(nil))
	f.Add(bytes.Repeat([]byte{0xff}, longestPassword), []byte{}, make([]byte, sealedBytes))
	f.Fuzz(func(t *testing.T, password, salt, user []byte) {
		password, salt, user = password[:min(len(password), longestPassword)], salt[:min(len(salt), saltBytes)], user[:min(len(user), sealedBytes)]
		if n := len(hash2B(password, salt, user)); n != hashBytes {
			t.Errorf("a hash of %d bytes", n)
		}
	})
}
