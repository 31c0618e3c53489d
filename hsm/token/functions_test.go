//go:build cgo && linux

package token

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"testing"

	"github.com/miekg/pkcs11"

	"yinxin/gm"
)

// TestFunctions calls what a token has to do through the module, in the order of its life: C_InitToken, C_InitPIN, C_SetPIN, C_GenerateKeyPair,
// C_FindObjects, C_Sign, C_Verify, C_Decrypt, C_Digest, C_GenerateRandom, C_DestroyObject.
func TestFunctions(t *testing.T) {
	w := newWorld(t, "yinxin")
	m := load(t, w.socket, Own())
	by := func(mechanism uint64) []*pkcs11.Mechanism {
		return []*pkcs11.Mechanism{pkcs11.NewMechanism(uint(mechanism), nil)}
	}
	m.do(m.InitToken(0, testSO, "fresh"))
	h := m.session()
	if err := m.Login(h, pkcs11.CKU_USER, testUser); !is(err, pkcs11.CKR_USER_PIN_NOT_INITIALIZED) {
		t.Errorf("the user's PIN of before C_InitToken: %v", err)
	}
	m.do(m.Login(h, pkcs11.CKU_SO, testSO))
	m.do(m.InitPIN(h, "first-pin-1"))
	m.do(m.Logout(h))
	m.do(m.Login(h, pkcs11.CKU_USER, "first-pin-1"))
	m.do(m.SetPIN(h, "first-pin-1", testUser))
	m.do(m.Logout(h))
	if err := m.Login(h, pkcs11.CKU_USER, "first-pin-1"); !is(err, pkcs11.CKR_PIN_INCORRECT) {
		t.Errorf("the PIN of before C_SetPIN: %v", err)
	}
	m.do(m.Login(h, pkcs11.CKU_USER, testUser))

	public, private := m.sm2(h, "key")
	m.do(m.FindObjectsInit(h, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_LABEL, "key")}))
	found, _, err := m.FindObjects(h, 9)
	m.do(err)
	m.do(m.FindObjectsFinal(h))
	if len(found) != 2 {
		t.Errorf("found %v", found)
	}
	e := make([]byte, 32)
	sig, err := m.sign(h, m.face.Sign[0].Mechanism, private, e)
	m.do(err)
	m.do(m.VerifyInit(h, by(m.face.Sign[0].Mechanism), public))
	m.do(m.Verify(h, e, sig))
	sig[40] ^= 1
	m.do(m.VerifyInit(h, by(m.face.Sign[0].Mechanism), public))
	if err := m.Verify(h, e, sig); !is(err, pkcs11.CKR_SIGNATURE_INVALID) {
		t.Errorf("a signature that is wrong: %v", err)
	}
	m.decrypts(h, by(m.face.Decrypt))

	for _, mechanism := range []uint64{m.face.SM3, pkcs11.CKM_SHA256} {
		m.do(m.DigestInit(h, by(mechanism)))
		got, err := m.Digest(h, []byte("abc"))
		m.do(err)
		sm3, sha := gm.SM3([]byte("abc")), sha256.Sum256([]byte("abc"))
		if want := map[uint64][]byte{m.face.SM3: sm3[:], pkcs11.CKM_SHA256: sha[:]}[mechanism]; !bytes.Equal(got, want) {
			t.Errorf("digest %#x: %x", mechanism, got)
		}
	}
	if random, err := m.GenerateRandom(h, 32); err != nil || len(random) != 32 || bytes.Equal(random, make([]byte, 32)) {
		t.Errorf("%x, %v", random, err)
	}
	m.do(m.DestroyObject(h, private))
	if _, err := m.sign(h, m.face.Sign[0].Mechanism, private, e); !is(err, pkcs11.CKR_KEY_HANDLE_INVALID) {
		t.Errorf("a destroyed key: %v", err)
	}
}

// decrypts has a key that only decrypts open what was encrypted for it.
func (m module) decrypts(h pkcs11.SessionHandle, by []*pkcs11.Mechanism) {
	m.t.Helper()
	yes, no := func(kind uint) *pkcs11.Attribute { return pkcs11.NewAttribute(kind, true) }, pkcs11.NewAttribute(pkcs11.CKA_SIGN, false)
	public, private, err := m.GenerateKeyPair(h, []*pkcs11.Mechanism{pkcs11.NewMechanism(uint(m.face.KeyGen), nil)},
		[]*pkcs11.Attribute{yes(pkcs11.CKA_TOKEN), yes(pkcs11.CKA_ENCRYPT)}, []*pkcs11.Attribute{yes(pkcs11.CKA_TOKEN), yes(pkcs11.CKA_DECRYPT), no})
	m.do(err)
	sealed := encrypted(m.t, m.public(h, public), "云杉")
	m.do(m.DecryptInit(h, by, private))
	if plain, err := m.Decrypt(h, sealed); err != nil || string(plain) != "云杉" {
		m.t.Errorf("decrypted as %x, %v", plain, err)
	}
	sealed[len(sealed)-1] ^= 1
	m.do(m.DecryptInit(h, by, private))
	if _, err := m.Decrypt(h, sealed); !is(err, pkcs11.CKR_ENCRYPTED_DATA_INVALID) {
		m.t.Errorf("what was altered: %v", err)
	}
	if err := m.SignInit(h, []*pkcs11.Mechanism{pkcs11.NewMechanism(uint(m.face.Sign[0].Mechanism), nil)}, private); !is(err, pkcs11.CKR_KEY_FUNCTION_NOT_PERMITTED) {
		m.t.Errorf("a key that decrypts signs: %v", err)
	}
}

// TestModuleStandsAlone: it wants no library but libc, and shows one symbol.
func TestModuleStandsAlone(t *testing.T) {
	f, err := elf.Open(library(t))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if libraries, err := f.ImportedLibraries(); err != nil || len(libraries) != 1 || libraries[0] != "libc.so.6" {
		t.Errorf("it wants %v, %v", libraries, err)
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range symbols {
		if s.Section != elf.SHN_UNDEF && elf.ST_BIND(s.Info) == elf.STB_GLOBAL && s.Name != "C_GetFunctionList" {
			t.Errorf("it shows %s", s.Name)
		}
	}
}
