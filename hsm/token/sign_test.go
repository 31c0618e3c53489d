package token

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/gm"
	"yinxin/internal/need"
)

// TestFaces signs with every SM2 mechanism of every face and reads the answer as a driver must.
func TestFaces(t *testing.T) {
	const message = "云杉示例科技有限公司"
	k := newToken(t)
	for _, f := range faces(t) {
		t.Run(f.Name, func(t *testing.T) {
			k.face, k.offers = f, mechanisms(f)
			c := user(t, k)
			public, private := c.sm2()
			pub := c.public(public)
			plain := gm.SM3([]byte(message))
			for _, m := range f.Sign {
				data, want, parameter := []byte(message), e(t, pub, message), ""
				switch m.Over {
				case Digest:
					data = want
				case Message:
					want = plain[:]
				case MessageZA:
					parameter = gm.DefaultUID
				}
				loose := 0
				for range 40 {
					c.ok(opSignInit, m.Mechanism, parameter, private)
					sig := bytes.Clone(c.ok(opSign, data).bytes())
					r, s := numbers(t, m.Shape, sig)
					if !gm.VerifyE(pub, want, append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)) {
						t.Fatalf("%#x: %x is no signature", m.Mechanism, sig)
					}
					if m.Shape == LooseDER && (sig[4]&0x80 != 0 || sig[6+sig[3]]&0x80 != 0) {
						loose++
					}
					c.ok(opVerifyInit, m.Mechanism, parameter, public)
					c.ok(opVerify, data, sig)
					sig[len(sig)-1] ^= 1
					c.ok(opVerifyInit, m.Mechanism, parameter, public)
					c.gives(rvSignatureInvalid, opVerify, data, sig)
				}
				if m.Shape == LooseDER && loose == 0 {
					t.Errorf("%#x never leaves a zero octet out", m.Mechanism)
				}
			}
		})
	}
}

// numbers reads r and s as loosely as a driver does.
func numbers(t *testing.T, shape Shape, sig []byte) (r, s *big.Int) {
	t.Helper()
	if shape == RS {
		if len(sig) != 64 {
			t.Fatalf("%d bytes are not r‖s", len(sig))
		}
		return new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
	}
	n := int(sig[3])
	return new(big.Int).SetBytes(sig[4 : 4+n]), new(big.Int).SetBytes(sig[6+n:])
}

// TestParts gives a message in parts and whole, which signs the same.
func TestParts(t *testing.T) {
	k := newToken(t)
	c := user(t, k)
	public, private := c.sm2()
	over := k.face.Sign[1].Mechanism
	c.ok(opSignInit, over, "", private)
	c.ok(opSignUpdate, "云杉")
	c.ok(opSignUpdate, "示例")
	sig := bytes.Clone(c.ok(opSignFinal).bytes())
	if !gm.Verify(c.public(public), []byte("云杉示例"), sig) {
		t.Error("parts sign something else")
	}
	c.ok(opVerifyInit, over, "", public)
	c.ok(opVerifyUpdate, "云杉示")
	c.ok(opVerifyUpdate, "例")
	c.ok(opVerifyFinal, sig)
	c.ok(opDigestInit, k.face.SM3, "")
	c.ok(opDigestUpdate, "a")
	c.ok(opDigestUpdate, "bc")
	const abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" // GB/T 32905-2016, A.1
	if got := hex.EncodeToString(c.ok(opDigestFinal).bytes()); got != abc {
		t.Errorf("SM3 of abc is %s", got)
	}
	c.ok(opDigestInit, uint64(ckmSHA256), "")
	want := sha256.Sum256([]byte("abc"))
	if got := c.ok(opDigest, "abc").bytes(); !bytes.Equal(got, want[:]) {
		t.Errorf("SHA-256 of abc is %x", got)
	}
	if a, b := bytes.Clone(c.ok(opRandom, uint32(32)).bytes()), c.ok(opRandom, uint32(32)).bytes(); len(a) != 32 || bytes.Equal(a, b) {
		t.Errorf("random bytes %x and %x", a, b)
	}
}

// TestOthers signs with the keys that readers without SM2 know.
func TestOthers(t *testing.T) {
	k := newToken(t)
	c := user(t, k)
	digest := sha256.Sum256([]byte("message"))
	public := template{{ckaToken, flag(true)}, {ckaECParams, curveOID("p256")}}
	private := template{{ckaToken, flag(true)}, {ckaID, []byte{7}}}
	r := c.ok(opGeneratePair, uint64(ckmECKeyGen), "", public, private)
	pub, key := c.public(r.u64()), r.u64()
	for mechanism, data := range map[uint64][]byte{ckmECDSA: digest[:], ckmECDSASHA256: []byte("message")} {
		c.ok(opSignInit, mechanism, "", key)
		sig := c.ok(opSign, data).bytes()
		if len(sig) != 64 || !ecdsa.Verify(pub, digest[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
			t.Errorf("%#x: %x", mechanism, sig)
		}
	}
	c.gives(rvCurveNotSupported, opGeneratePair, uint64(ckmECKeyGen), "", publicTemplate(), private) // SM2's curve for ECDSA

	public = template{{ckaToken, flag(true)}, {ckaModulusBits, ulong(3072)}, {ckaPublicExponent, []byte{1, 0, 1}}}
	r = c.ok(opGeneratePair, uint64(ckmRSAKeyGen), "", public, private)
	modulus := c.ok(opGetAttributes, r.u64(), uint32(1), uint64(ckaModulus)).bytes()
	rsaKey, key := &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537}, r.u64()
	prefix, _ := hex.DecodeString(sha256Info)
	for mechanism, data := range map[uint64][]byte{ckmRSA: append(prefix, digest[:]...), ckmSHA256RSA: []byte("message")} {
		c.ok(opSignInit, mechanism, "", key)
		if err := rsa.VerifyPKCS1v15(rsaKey, crypto.SHA256, digest[:], c.ok(opSign, data).bytes()); err != nil {
			t.Errorf("%#x: %v", mechanism, err)
		}
	}
	c.ok(opSignInit, uint64(ckmRSA), "", key)
	c.gives(rvDataInvalid, opSign, digest[:]) // no DigestInfo: the token does not sign what it does not know the shape of
	c.gives(rvKeySizeRange, opGeneratePair, uint64(ckmRSAKeyGen), "", template{{ckaToken, flag(true)}, {ckaModulusBits, ulong(2048)}}, private)
}

// TestDecrypt opens what OpenSSL encrypted; a key that decrypts does not sign.
func TestDecrypt(t *testing.T) {
	k := newToken(t)
	c := user(t, k)
	r := c.ok(opGeneratePair, k.face.KeyGen, "", publicTemplate(attribute{ckaEncrypt, flag(true)}, attribute{ckaVerify, flag(false)}),
		privateTemplate(attribute{ckaDecrypt, flag(true)}, attribute{ckaSign, flag(false)}))
	public, private := r.u64(), r.u64()
	sealed := encrypted(t, c.public(public), "attack at dawn")
	c.gives(rvKeyFunctionNotPermitted, opSignInit, k.face.Sign[0].Mechanism, "", private)
	c.ok(opDecryptInit, k.face.Decrypt, "", private)
	if plain := c.ok(opDecrypt, sealed).bytes(); string(plain) != "attack at dawn" {
		t.Errorf("decrypted to %q", plain)
	}
	sealed[len(sealed)-1] ^= 1
	c.ok(opDecryptInit, k.face.Decrypt, "", private)
	c.gives(rvEncryptedDataInvalid, opDecrypt, sealed)
	c.gives(rvOperationNotInitialized, opDecrypt, sealed)
}

// encrypted is a text that OpenSSL encrypted for a key.
func encrypted(t testing.TB, pub *ecdsa.PublicKey, text string) []byte {
	t.Helper()
	der, err := gm.MarshalPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "pub.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), need.Tool(t, "openssl"), "pkeyutl", "-encrypt", "-pubin", "-inkey", file)
	cmd.Stdin = strings.NewReader(text)
	sealed, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}
