package keystore

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
)

func sm2() hsm.Spec { return hsm.Spec{Algorithm: hsm.SM2} }

// kind is a key of one kind as a store would write it.
type kind struct {
	spec hsm.Spec
	kek  []byte
	file *keyFile
}

// kindsMade holds one key of every kind: an RSA key for every test anew would take most of their time.
var kindsMade = sync.OnceValues(func() (out []kind, err error) {
	kek, _ := made()
	for _, spec := range hsm.Specs() {
		key, err := newPrivate(spec)
		if err != nil {
			return nil, err
		}
		f, err := newKeyFile("a-"+spec.String(), spec, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), kek, key)
		if err != nil {
			return nil, err
		}
		out = append(out, kind{spec, kek, f})
	}
	return out, nil
})

func kinds(t testing.TB) []kind {
	t.Helper()
	out, err := kindsMade()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// private opens the key.
func (k kind) private(t testing.TB) privateKey {
	t.Helper()
	p, err := k.file.open(k.kek)
	if err != nil {
		t.Fatal(err)
	}
	return p.key
}

// storeOfKinds opens a store that holds one key of every kind.
func storeOfKinds(t testing.TB) (*Store, string) {
	t.Helper()
	s, dir := newStore(t)
	for _, k := range kinds(t) {
		if err := writeNew(s.root, k.file.Name+keySuffix, k.file.encode()); err != nil {
			t.Fatal(err)
		}
	}
	return s, dir
}

func samePublic(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// holds reports whether sig is a signature over digest.
func holds(pub crypto.PublicKey, digest, sig []byte) bool {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, digest, sig) == nil
	case *ecdsa.PublicKey:
		if gm.IsSM2(k) {
			return gm.VerifyE(k, digest, sig)
		}
		return ecdsa.VerifyASN1(k, digest, sig)
	}
	return false
}

// TestEveryKind makes a key of every kind in a store, opens it in another and signs with it.
func TestEveryKind(t *testing.T) {
	s, dir := createStore(t)
	for _, spec := range hsm.Specs() {
		info, err := s.Generate("a-"+spec.String(), spec)
		if err != nil {
			t.Fatal(err)
		}
		if of, err := hsm.SpecOf(info.Public); err != nil || of != spec || info.Spec != spec || info.Ref != hsm.Ref("soft:a-"+spec.String()) {
			t.Errorf("%s: made %s (%+v), %v", spec, of, info, err)
		}
		given := pass()
		again, err := Open(dir, given)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if !bytes.Equal(given, make([]byte, len(given))) {
			t.Error("the passphrase was not cleared")
		}
		p, err := again.Private("a-" + spec.String())
		if err != nil {
			t.Fatal(err)
		}
		if p.Ref != info.Ref || p.Spec != spec || !samePublic(p.Public, info.Public) || !samePublic(p.key.public(), info.Public) {
			t.Errorf("%s: opened %+v, made %+v", spec, p.Info, info)
		}
		digest := sha256.Sum256([]byte("message"))
		sig, err := p.Sign(digest[:], spec.Algorithm)
		if err != nil || !holds(info.Public, digest[:], sig) {
			t.Errorf("%s: signature %x, %v", spec, sig, err)
		}
	}
	list, err := s.List()
	if err != nil || len(list) != len(hsm.Specs()) {
		t.Fatalf("list is %v, %v", list, err)
	}
	for _, info := range list {
		if string(info.Ref) != "soft:a-"+info.Spec.String() {
			t.Errorf("%s is listed as %s", info.Ref, info.Spec)
		}
	}
}

// TestZero: every number of the key that this package can reach is cleared, and the key answers no more.
func TestZero(t *testing.T) {
	for _, k := range kinds(t) {
		p, err := k.file.open(k.kek)
		if err != nil {
			t.Fatal(err)
		}
		var numbers []*big.Int
		switch key := p.key.(type) {
		case sm2Key:
			numbers = []*big.Int{key.key.D}
		case p256Key:
			numbers = []*big.Int{key.key.D}
		case rsaKey:
			numbers = append(key.key.Primes, key.key.D, key.key.Precomputed.Dp, key.key.Precomputed.Dq, key.key.Precomputed.Qinv)
		}
		var words [][]big.Word
		for _, n := range numbers {
			if n.Sign() <= 0 {
				t.Fatalf("%s: a number of the opened key is %v", k.spec, n)
			}
			words = append(words, n.Bits())
		}
		p.Zero()
		p.Zero()
		for i, n := range numbers {
			if n.Sign() != 0 {
				t.Errorf("%s: number %d was not cleared", k.spec, i)
			}
			for _, w := range words[i] {
				if w != 0 {
					t.Errorf("%s: the words of number %d were not cleared", k.spec, i)
					break
				}
			}
		}
		_, err = p.Sign(make([]byte, 32), k.spec.Algorithm)
		wantFault(t, err, fault.Unavailable, "key-closed")
	}
}

// TestSignRefuses: no key is used for the algorithm of another, nor for a digest of another length.
func TestSignRefuses(t *testing.T) {
	for _, k := range kinds(t) {
		p, err := k.file.open(k.kek)
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range []hsm.Algorithm{hsm.SM2, hsm.RSAPKCS1, hsm.ECDSAP256, "", "rsa3072"} {
			if other == k.spec.Algorithm {
				continue
			}
			_, err := p.Sign(make([]byte, 32), other)
			wantFault(t, err, fault.Invalid, "key-algorithm")
		}
		for _, n := range []int{0, 20, 31, 33, 64} {
			_, err := p.Sign(make([]byte, n), k.spec.Algorithm)
			wantFault(t, err, fault.Invalid, "key-digest")
		}
	}
}

// TestFirstFormat opens a store that was made when keys were SM2 only.
func TestFirstFormat(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, data := range readAll(t, filepath.Join("testdata", "format1")) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(dir, []byte("kept since the first format"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p, err := s.Private("first")
	if err != nil {
		t.Fatal(err)
	}
	e := bytes.Repeat([]byte{7}, 32)
	sig, err := p.Sign(e, hsm.SM2)
	if err != nil || p.Spec != sm2() || !holds(p.Public, e, sig) {
		t.Errorf("%s signs %x, %v", p.Spec, sig, err)
	}
}

// TestForgedInside seals, with the right key-encryption key, what is no key of the kind the file names.
func TestForgedInside(t *testing.T) {
	all := kinds(t)
	short, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	shortPublic, err := gm.MarshalPublicKey(&short.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range all {
		own, err := k.private(t).bytes()
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := newPrivate(k.spec)
		if err != nil {
			t.Fatal(err)
		}
		stranger, err := fresh.bytes()
		if err != nil {
			t.Fatal(err)
		}
		for what, c := range map[string]struct{ public, private []byte }{
			"zeros":              {k.file.Public, make([]byte, len(own))},
			"ones":               {k.file.Public, bytes.Repeat([]byte{0xff}, len(own))},
			"a stranger's key":   {k.file.Public, stranger},
			"cut short":          {k.file.Public, own[:len(own)-1]},
			"something behind":   {k.file.Public, append(own[:len(own):len(own)], 0)},
			"nothing":            {k.file.Public, nil},
			"another kind's key": {all[(i+1)%len(all)].file.Public, own},
			"a short RSA key":    {shortPublic, x509.MarshalPKCS1PrivateKey(short)},
		} {
			f := *k.file
			f.Public = c.public
			if f.Sealed, err = seal(k.kek, f.Nonce, c.private, f.aad()); err != nil {
				t.Fatal(err)
			}
			decoded, err := decodeKey(f.encode())
			if err == nil {
				_, err = decoded.open(k.kek)
			}
			if err == nil || errors.Is(err, errUnseal) {
				t.Errorf("%s: %s: %v", k.spec, what, err)
			}
		}
	}
}

// TestNothingSecretInFiles looks for the keys and the passphrase in every file of the store.
func TestNothingSecretInFiles(t *testing.T) {
	s, dir := storeOfKinds(t)
	secrets := map[string]string{
		"the passphrase":           secret,
		"the passphrase in base64": base64.StdEncoding.EncodeToString(pass())[:16],
		"the wrapping key":         base64.StdEncoding.EncodeToString(s.kek)[:20],
	}
	for _, k := range kinds(t) {
		private, err := k.private(t).bytes()
		if err != nil {
			t.Fatal(err)
		}
		if key, ok := k.private(t).(rsaKey); ok {
			private = key.key.Primes[0].Bytes() // the PKCS#1 form also holds what is public
		}
		secrets[k.spec.String()] = base64.StdEncoding.EncodeToString(private)[:40]
		secrets[k.spec.String()+" in hex"] = fmt.Sprintf("%x", private[:32])
	}
	for name, data := range readAll(t, dir) {
		for what, text := range secrets {
			if strings.Contains(data, text) {
				t.Errorf("%s holds %s", name, what)
			}
		}
	}
}

func BenchmarkPrivate(b *testing.B) {
	s, _ := storeOfKinds(b)
	for _, k := range kinds(b) {
		b.Run(k.spec.String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Private(k.file.Name); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
