package gm_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"yinxin/gm"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSM3 holds the two examples of GB/T 32905-2016, annex A.
func TestSM3(t *testing.T) {
	for msg, want := range map[string]string{
		"abc": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
		"abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd": "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
	} {
		got := gm.SM3([]byte(msg))
		if !bytes.Equal(got[:], unhex(t, want)) {
			t.Errorf("SM3(%s) = %x", msg, got)
		}
	}
}

// TestExample is the signature example of GB/T 32918.5-2017, annex A.2: message "message digest" with the default user ID.
func TestExample(t *testing.T) {
	x := unhex(t, "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020")
	y := unhex(t, "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13")
	pub := &ecdsa.PublicKey{Curve: gm.Curve(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}
	e, err := gm.E(pub, []byte("message digest"))
	if err != nil {
		t.Fatal(err)
	}
	if want := unhex(t, "F0B43E94BA45ACCAACE692ED534382EB17E6AB5A19CE7B31F4486FDFC0D28640"); !bytes.Equal(e, want) {
		t.Errorf("e = %x", e)
	}
	raw := append(unhex(t, "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"), unhex(t, "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA")...)
	if !gm.VerifyE(pub, e, raw) {
		t.Error("the standard's signature does not verify")
	}
	raw[5] ^= 1
	if gm.VerifyE(pub, e, raw) {
		t.Error("an altered signature verifies")
	}
}

// TestSignatureForms: raw and DER are one signature; every other encoding of the same numbers is refused.
func TestSignatureForms(t *testing.T) {
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		e := rapid.SliceOfN(rapid.Byte(), gm.DigestSize, gm.DigestSize).Draw(t, "e")
		der, err := gm.SignE(rand.Reader, key, e)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := gm.RawSignature(der)
		if err != nil || len(raw) != 64 {
			t.Fatalf("raw form: %v, %d bytes", err, len(raw))
		}
		again, err := gm.CanonicalSignature(raw)
		if err != nil || !bytes.Equal(again, der) {
			t.Fatalf("DER form: %v\n%x\n%x", err, der, again)
		}
		if !gm.VerifyE(&key.PublicKey, e, der) || !gm.VerifyE(&key.PublicKey, e, raw) {
			t.Fatal("a signature does not verify")
		}
		long := append([]byte{0x30, 0x81, der[1]}, der[2:]...) // the same numbers with a length that is not minimal
		if _, err := gm.CanonicalSignature(long); err == nil {
			t.Fatal("a length that is not minimal is accepted")
		}
		if _, err := gm.CanonicalSignature(append(der, 0)); err == nil {
			t.Fatal("a byte after the signature is accepted")
		}
	})
}

func TestRefusals(t *testing.T) {
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := gm.SignE(rand.Reader, key, make([]byte, 31)); err == nil {
		t.Error("a digest of 31 bytes is signed")
	}
	for name, sig := range map[string][]byte{"nothing": nil, "zeros": make([]byte, 64), "text": []byte("signature"), "negative": {0x30, 6, 2, 1, 0x80, 2, 1, 1}} {
		if gm.VerifyE(&key.PublicKey, make([]byte, 32), sig) {
			t.Errorf("%s verifies", name)
		}
	}
	if gm.VerifyE(nil, make([]byte, 32), make([]byte, 64)) {
		t.Error("a signature without a key verifies")
	}
	if _, err := gm.ParseCertificate(make([]byte, 70<<10)); err == nil {
		t.Error("a certificate of 70 KB is read")
	}
}

// FuzzCanonicalSignature: whatever is accepted is DER that reads back to itself.
func FuzzCanonicalSignature(f *testing.F) {
	f.Add(bytes.Repeat([]byte{1}, 64))
	f.Add([]byte{0x30, 6, 2, 1, 1, 2, 1, 2})
	f.Add(slices.Concat([]byte{0, 0x80}, bytes.Repeat([]byte{1}, 30), make([]byte, 6), bytes.Repeat([]byte{1}, 26))) // whose DER has 64 bytes too
	f.Fuzz(func(t *testing.T, sig []byte) {
		der, err := gm.CanonicalSignature(sig)
		if err != nil {
			return
		}
		raw, err := gm.RawSignature(der)
		if err != nil {
			t.Fatalf("canonical %x has no raw form: %v", der, err)
		}
		if again, err := gm.CanonicalSignature(raw); err == nil && !bytes.Equal(again, der) {
			t.Fatalf("%x → %x", der, again)
		}
	})
}
