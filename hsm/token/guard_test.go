package token

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"testing"
	"time"

	"yinxin/gm"
)

var at = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// TestTOTPVectors holds totp to RFC 6238, appendix B, of whose eight digits it gives the last six.
func TestTOTPVectors(t *testing.T) {
	secret := []byte("12345678901234567890")
	for seconds, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := totp(secret, seconds/stepSeconds); got != want[2:] {
			t.Errorf("at %d: %s, want %s", seconds, got, want[2:])
		}
	}
}

// TestTOTP: one code allows one signature, also after a restart, and wrong ones lock.
func TestTOTP(t *testing.T) {
	k, dir := newTokenIn(t)

	first := user(t, k)
	first.sm2()
	first.s.close()
	secret, err := k.RequireTOTP("k")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.RequireTOTP("nobody"); err == nil {
		t.Error("a key that is not there is guarded")
	}
	code := func(offset int64) string { return totp(secret, at.Unix()/stepSeconds+offset) }
	try := func(value string, login, sign rv) {
		t.Helper()
		k = restart(t, k, dir)
		k.Now = fixed(at)
		c := user(t, k)
		private := c.handle(template{{ckaClass, ulong(ckoPrivateKey)}})
		c.ok(opSignInit, k.face.Sign[0].Mechanism, "", private)
		c.gives(login, opLogin, uint64(ckuContext), value)
		c.gives(sign, opSign, make([]byte, 32))
		if login == rvOK { // and it is gone with that one signature
			c.ok(opSignInit, k.face.Sign[0].Mechanism, "", private)
			c.gives(rvUserNotLoggedIn, opSign, make([]byte, 32))
		}
		c.gives(rvUserNotLoggedIn, opSignOnce, k.face.Sign[0].Mechanism, "", private, make([]byte, 32))
		c.s.close()
	}
	try(code(-1), rvOK, rvOK)
	try(code(-1), rvPinIncorrect, rvUserNotLoggedIn)
	try(code(0), rvOK, rvOK)
	try(code(-1), rvPinIncorrect, rvUserNotLoggedIn) // earlier than the last
	try(code(2), rvPinIncorrect, rvUserNotLoggedIn)
	for range maxTries - 2 {
		try("", rvPinIncorrect, rvUserNotLoggedIn)
	}
	try(code(1), rvPinLocked, rvUserNotLoggedIn)
}

func (c caller) handle(search template) uint64 {
	c.t.Helper()
	c.ok(opFindInit, search)
	r := c.ok(opFind, uint32(2))
	if n := r.u32(); n != 1 {
		c.t.Fatalf("%d objects, want 1", n)
	}
	c.ok(opFindFinal)
	return r.u64()
}

// holder is somebody who authorises signatures of one key of a token.
type holder struct {
	*testing.T
	k    *Token
	mine *gm.PrivateKey
	key  *ecdsa.PublicKey
}

func (h holder) statement(when time.Time, digest []byte) []byte {
	h.Helper()
	s, err := Statement(h.k.Serial(), h.key, when, digest)
	if err != nil {
		h.Fatal(err)
	}
	return s
}

func (h holder) allow(when time.Time, digest []byte) string {
	h.Helper()
	sig, err := gm.SignE(rand.Reader, h.mine, e(h, &h.mine.PublicKey, string(h.statement(when, digest))))
	if err != nil {
		h.Fatal(err)
	}
	return Authorisation(when, digest, sig)
}

// stranger signs the same statement with another key.
func (h holder) stranger(when time.Time, digest []byte) string {
	h.Helper()
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		h.Fatal(err)
	}
	hashed := sha256.Sum256(h.statement(when, digest))
	sig, err := ecdsa.SignASN1(rand.Reader, other, hashed[:])
	if err != nil {
		h.Fatal(err)
	}
	return Authorisation(when, digest, sig)
}

// TestHolder: the holder's signature allows one signature of one digest for a while, and nothing else does.
func TestHolder(t *testing.T) {
	mine, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := gm.MarshalPublicKey(&mine.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	k := newToken(t)
	now := at
	k.Now, k.started = func() time.Time { return now }, at
	c := user(t, k)
	public, private := c.sm2(attribute{ckaAlwaysAuth, flag(true)}, attribute{ckaHolder, der})
	if got := c.ok(opGetAttributes, private, uint32(1), uint64(ckaAlwaysAuth)).bytes(); got[0] != 1 {
		t.Error("the key does not show that it is guarded")
	}
	h := holder{t, k, mine, c.public(public)}
	digest := e(t, h.key, "message")
	good, elsewhere := h.allow(at, digest), make([]byte, 32)
	tests := []struct {
		name        string
		after       time.Duration
		value       string
		login, sign rv
	}{
		{"none", 0, "", rvPinIncorrect, rvUserNotLoggedIn},
		{"the user's PIN", 0, testUser, rvPinIncorrect, rvUserNotLoggedIn},
		{"a stranger's", 0, h.stranger(at, digest), rvPinIncorrect, rvUserNotLoggedIn},
		{"altered", 0, strings.Replace(good, good[20:21], string(good[20]^1), 1), rvPinIncorrect, rvUserNotLoggedIn},
		{"of another time", 0, Authorisation(at.Add(time.Second), digest, []byte(good)), rvPinIncorrect, rvUserNotLoggedIn},
		{"from before the token started", 0, h.allow(at.Add(-time.Second), digest), rvPinIncorrect, rvUserNotLoggedIn},
		{"from far ahead", 0, h.allow(at.Add(freshFor+time.Second), digest), rvPinIncorrect, rvUserNotLoggedIn},
		{"stale", freshFor + time.Second, good, rvPinIncorrect, rvUserNotLoggedIn},
		{"of another digest", 0, h.allow(at, elsewhere), rvOK, rvFunctionRejected},
		{"good", time.Minute, good, rvOK, rvOK},
		{"again", time.Minute, good, rvPinIncorrect, rvUserNotLoggedIn},
		{"a new one", time.Minute, h.allow(at.Add(time.Minute), digest), rvOK, rvOK},
	}
	for _, tt := range tests {
		now = at.Add(tt.after)
		c.ok(opSignInit, k.face.Sign[0].Mechanism, "", private)
		if got, _ := c.ask(opLogin, uint64(ckuContext), tt.value); got != tt.login {
			t.Errorf("%s: C_Login %v, want %v", tt.name, got, tt.login)
		}
		if got, _ := c.ask(opSign, digest); got != tt.sign {
			t.Errorf("%s: C_Sign %v, want %v", tt.name, got, tt.sign)
		}
	}
	if len(k.spent) != 3 {
		t.Errorf("%d authorisations are remembered, want 3", len(k.spent))
	}
}

// TestAlways: without holder or codes, CKA_ALWAYS_AUTHENTICATE is the user's PIN before each signature.
func TestAlways(t *testing.T) {
	k := newToken(t)
	c := user(t, k)
	_, private := c.sm2(attribute{ckaAlwaysAuth, flag(true)})
	c.ok(opSignInit, k.face.Sign[0].Mechanism, "", private)
	c.ok(opLogin, uint64(ckuContext), testUser)
	c.ok(opSign, make([]byte, 32))
	c.ok(opSignInit, k.face.Sign[0].Mechanism, "", private)
	c.gives(rvPinIncorrect, opLogin, uint64(ckuContext), "wrong-pin-1")
	c.gives(rvUserNotLoggedIn, opSign, make([]byte, 32))
}
