package token

import (
	"strings"
	"testing"
)

const (
	ro = 0
	rw = ckfRWSession
)

// TestLogin walks through who may log in, and what state that gives (PKCS#11 v2.40, 2.4 and 5.6).
func TestLogin(t *testing.T) {
	so, user := uint64(ckuSO), uint64(ckuUser)
	tests := []struct {
		name  string
		flags uint64
		steps func(caller, *Token)
		state uint64
	}{
		{"public, read only", ro, func(caller, *Token) {}, cksROPublic},
		{"public", rw, func(caller, *Token) {}, cksRWPublic},
		{"user, read only", ro, func(c caller, _ *Token) { c.ok(opLogin, user, testUser) }, cksROUser},
		{"user", rw, func(c caller, _ *Token) { c.ok(opLogin, user, testUser) }, cksRWUser},
		{"security officer", rw, func(c caller, _ *Token) { c.ok(opLogin, so, testSO) }, cksRWSO},
		{"not while read only", ro, func(c caller, _ *Token) { c.gives(rvSessionReadOnlyExists, opLogin, so, testSO) }, cksROPublic},
		{"no read only beside the officer", rw, func(c caller, k *Token) {
			c.ok(opLogin, so, testSO)
			dial(c.t, k, "program").gives(rvSessionReadWriteSOExists, opOpenSession, uint64(ckfSerialSession))
		}, cksRWSO},
		{"twice", rw, func(c caller, _ *Token) {
			c.ok(opLogin, user, testUser)
			c.gives(rvUserAlreadyLoggedIn, opLogin, user, testUser)
			c.gives(rvUserAnotherAlreadyLoggedIn, opLogin, so, testSO)
		}, cksRWUser},
		{"wrong", rw, func(c caller, _ *Token) { c.gives(rvPinIncorrect, opLogin, user, "user-pin-13") }, cksRWPublic},
		{"nobody", rw, func(c caller, _ *Token) { c.gives(rvUserTypeInvalid, opLogin, uint64(3), testUser) }, cksRWPublic},
		{"out again", rw, func(c caller, _ *Token) {
			c.ok(opLogin, user, testUser)
			c.ok(opLogout)
			c.gives(rvUserNotLoggedIn, opLogout)
		}, cksRWPublic},
		{"by another session of the program", rw, func(c caller, k *Token) {
			dial(c.t, k, "program").open(ro).ok(opLogin, user, testUser)
		}, cksRWUser},
		{"not by another program", rw, func(c caller, k *Token) { dial(c.t, k, "other").open(ro).ok(opLogin, user, testUser) }, cksRWPublic},
		{"out with the last session", rw, func(c caller, k *Token) {
			c.ok(opLogin, user, testUser)
			c.ok(opCloseSession)
			c.open(rw)
		}, cksRWPublic},
		{"the context of nothing", rw, func(c caller, _ *Token) { c.gives(rvOperationNotInitialized, opLogin, uint64(ckuContext), testUser) }, cksRWPublic},
	}
	k := newToken(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, k, "program").open(tt.flags)
			tt.steps(c, k)
			if state := c.ok(opSessionInfo).u64(); state != tt.state {
				t.Errorf("state %d, want %d", state, tt.state)
			}
		})
	}
}

// TestWrongStates asks for what may not be asked for now.
func TestWrongStates(t *testing.T) {
	own := Own()
	raw, message := own.Sign[0].Mechanism, own.Sign[1].Mechanism
	k := newToken(t)
	c := dial(t, k, "program")
	c.gives(rvSessionHandleInvalid, opSessionInfo)
	c.gives(rvSessionParallel, opOpenSession, uint64(rw))
	c.open(rw)
	c.gives(rvArgumentsBad, opOpenSession, uint64(ckfSerialSession))
	c.gives(rvSessionExists, opInitToken, testSO, strings.Repeat("x", 32))
	c.gives(rvUserNotLoggedIn, opGeneratePair, own.KeyGen, "", publicTemplate(), privateTemplate())
	c.gives(rvUserNotLoggedIn, opSignInit, raw, "", uint64(1))
	c.user()
	public, private := c.sm2()

	c.gives(rvMechanismInvalid, opSignInit, uint64(0x1041+7), "", private)
	c.gives(rvMechanismInvalid, opSignInit, own.KeyGen, "", private)
	c.gives(rvKeyHandleInvalid, opSignInit, raw, "", public)
	c.gives(rvKeyHandleInvalid, opSignInit, raw, "", private+7)
	c.gives(rvKeyTypeInconsistent, opSignInit, uint64(ckmECDSA), "", private)
	c.gives(rvMechanismParamInvalid, opSignInit, raw, "x", private)
	c.gives(rvMechanismParamInvalid, opSignInit, message, "alice@example", private)
	c.gives(rvKeyFunctionNotPermitted, opDecryptInit, own.Decrypt, "", private)

	c.gives(rvOperationNotInitialized, opFind, uint32(1))
	c.ok(opFindInit, template{})
	c.gives(rvOperationActive, opFindInit, template{})
	c.ok(opFindFinal)
	c.gives(rvOperationNotInitialized, opFindFinal)

	c.ok(opSignInit, raw, "", private)
	other := dial(t, k, "program").open(ro)
	other.gives(rvSessionReadOnly, opGeneratePair, own.KeyGen, "", publicTemplate(), privateTemplate())
	other.gives(rvSessionReadOnly, opDestroyObject, private)
	other.gives(rvSessionReadOnly, opSetPIN, testUser, "another-pin")
	other.ok(opLogout)
	c.gives(rvUserNotLoggedIn, opSign, make([]byte, 32)) // the program logged out meanwhile
	c.gives(rvObjectHandleInvalid, opGetAttributes, private, uint32(0))
	c.gives(rvUserNotLoggedIn, opInitPIN, "another-pin")
}

// TestOperations begins, goes on and ends signing, verifying and digesting out of order.
func TestOperations(t *testing.T) {
	own := Own()
	raw, message := own.Sign[0].Mechanism, own.Sign[1].Mechanism
	c := user(t, newToken(t))
	public, private := c.sm2()
	digest := make([]byte, 32)
	c.gives(rvOperationNotInitialized, opSign, digest)
	c.ok(opSignInit, raw, "", private)
	c.gives(rvOperationActive, opSignInit, raw, "", private)
	c.gives(rvOperationActive, opSignOnce, raw, "", private, digest)
	c.gives(rvDataLenRange, opSign, digest[:31])
	c.gives(rvOperationNotInitialized, opSign, digest)
	c.ok(opSignInit, raw, "", private)
	c.gives(rvFunctionNotSupported, opSignUpdate, digest)
	c.gives(rvOperationNotInitialized, opSignFinal)
	c.ok(opSignInit, message, "", private)
	c.ok(opSignUpdate, digest)
	c.gives(rvOperationActive, opSign, digest)

	c.gives(rvOperationNotInitialized, opVerify, digest, digest)
	c.ok(opVerifyInit, raw, "", public)
	c.gives(rvOperationActive, opVerifyInit, raw, "", public)
	c.gives(rvSignatureLenRange, opVerify, digest, digest)
	c.gives(rvOperationNotInitialized, opVerify, digest, digest)

	c.gives(rvOperationNotInitialized, opDigestUpdate, digest)
	c.ok(opDigestInit, uint64(ckmSHA256), "")
	c.gives(rvOperationActive, opDigestInit, own.SM3, "")
	c.ok(opDigestUpdate, digest)
	c.gives(rvOperationActive, opDigest, digest)
	c.gives(rvOperationNotInitialized, opDigestFinal)
}

// TestFirstFrame: nothing is answered before hello, and no op that is not known.
func TestFirstFrame(t *testing.T) {
	k := newToken(t)
	s := &session{t: k}
	if _, err := s.handle(calls(), opInfo, nil, &writer{}); err == nil {
		t.Error("info is answered before hello")
	}
	c := dial(t, k, "program")
	c.gives(rvArgumentsBad, opHello, "sixteen bytes id")
	for _, op := range []byte{0, opRandom + 1, 255} {
		if _, err := c.s.handle(calls(), op, nil, &writer{}); err == nil {
			t.Errorf("op %d is known", op)
		}
	}
}
