package pkcs11

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"testing"

	"yinxin/gm"
	"yinxin/hsm/profile"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What a Sansec device answered over "hello chainmaker" (published in the tests of the ChainMaker project, Apache-2.0). The last two lack the zero that
// keeps a number positive.
const (
	devicePoint = "04fb0d63136159d1ddbb5154291a1839d166ecefdadcc7d324069d971b562cf08cca80a82c0ec41e03acc2c4e60c83a4b86640850a6b7df3a705d4a1681830210b"
	device8100  = "02f59073676d87391323c58033607b1460867143bc7b2646b7b112aa3dfb54c48d47545718b18167f7c09fe283030040de7feb6b5bcfda06011757973c81a8d3"
)

func device8103() []string {
	return []string{
		"30450220648f89660672bbca8fa8e878c09cdfdcfacaede9c58650acf6de9de127c456f7022100a8a4dbfd72872c8af78c028cb889cb6eebd0c9e8af02bc5ac8624a10e326fdbb",
		"30450220632de5c9dc0e61f392c982f0371aadbbe101e12966d9514ef62939bae490444c022100da901964bcec2d22aea59ee98c63eb285efb885dd8d6f1996350f8190ab0d0f5",
		"304402203b5c4be928294161d3276ff2ef8538b185a6d3a12a4679605df90c7c91444aee02202e84e0a7a6f5f7d67a45f0f8a92a853f43d0803873b022bab005d14fc8079ee2",
		"3044021feca4bf4fad8b925d385d40351250e208c399323a98e6397243cdbb20bc106e022100e7ed1c3d94f7b3fe065ee347cdaf6df60a23514f85f6e5b4b1ab9a129bfc2e27",
		"3044022100b5715695cc79c5ea52e9db9ed817c01419b9a82013dda8f2c7adefecba4d39da021fc82615deaba0f015dcc69b517fcf2535b7269474d76442b6d31c1ab3e6366a",
	}
}

func TestDeviceVectors(t *testing.T) {
	pub, err := point(unhex(t, devicePoint))
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("hello chainmaker")
	e, err := gm.E(pub, message)
	if err != nil {
		t.Fatal(err)
	}
	unpadded := 0
	for _, v := range device8103() {
		for _, form := range []profile.Encoding{profile.EncodingDER, profile.EncodingAuto} {
			der, err := canonical(unhex(t, v), form, pub, e)
			if err != nil || !gm.VerifyE(pub, e, der) {
				t.Errorf("%s: %v", v, err)
			}
			if !bytes.Equal(der, unhex(t, v)) {
				unpadded++
			}
		}
		if _, err := canonical(unhex(t, v), profile.EncodingRS, pub, e); err == nil {
			t.Errorf("%s was read as r‖s", v)
		}
	}
	if unpadded != 4 {
		t.Errorf("%d of the answers were encoded anew, want those two, each read twice", unpadded)
	}
	// Mechanism 0x80008100 hashes the message without ZA: a good signature, but not over e.
	plain := gm.SM3(message)
	if _, err := canonical(unhex(t, device8100), profile.EncodingAuto, pub, plain[:]); err != nil {
		t.Error(err)
	}
	if _, err := canonical(unhex(t, device8100), profile.EncodingAuto, pub, e); err == nil {
		t.Error("a signature without ZA passes for one with it")
	}
}

func TestPoint(t *testing.T) {
	raw := unhex(t, devicePoint)
	want, err := point(raw)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"octets": append([]byte{4, 65}, raw...), "64 bytes": raw[1:]} {
		if got, err := point(b); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	off := bytes.Clone(raw)
	off[64] ^= 1
	for name, b := range map[string][]byte{"none": nil, "short": raw[:64], "compressed": raw[:33], "off the curve": off, "zero": make([]byte, 64), "two": append(raw, raw...)} {
		if _, err := point(b); err == nil {
			t.Errorf("%s is a point", name)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, v := range append(device8103(), device8100, "", "3000", "30060201000201ff") {
		f.Add(unhex(f, v))
	}
	pub, err := point(unhex(f, devicePoint))
	if err != nil {
		f.Fatal(err)
	}
	e, err := gm.E(pub, []byte("hello chainmaker"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		der, err := canonical(b, profile.EncodingAuto, pub, e)
		if err != nil {
			return
		}
		if again, err := gm.CanonicalSignature(der); err != nil || !bytes.Equal(again, der) || !gm.VerifyE(pub, e, der) {
			t.Errorf("%x is let through as %x", b, der)
		}
	})
}

// Whatever r and s are, both forms come back as gmsm writes them.
func TestCanonicalForms(t *testing.T) {
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		e := gm.SM3([]byte{byte(i), byte(i >> 8)})
		der, err := gm.SignE(rand.Reader, key, e[:])
		if err != nil {
			t.Fatal(err)
		}
		raw, err := gm.RawSignature(der)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range [][]byte{der, raw} {
			if got, err := canonical(b, profile.EncodingAuto, &key.PublicKey, e[:]); err != nil || !bytes.Equal(got, der) {
				t.Errorf("%x comes back as %x, %v", b, got, err)
			}
		}
		if _, err := canonical(raw, profile.EncodingDER, &key.PublicKey, e[:]); err == nil {
			t.Errorf("%x was read as DER", raw)
		}
	}
}
