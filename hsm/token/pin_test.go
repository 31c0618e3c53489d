package token

import (
	"errors"
	"strings"
	"testing"

	"yinxin/fault"
)

func (c caller) tokenFlags() uint64 {
	c.t.Helper()
	r := c.ok(opTokenInfo)
	for range 4 {
		r.bytes()
	}
	return r.u64()
}

// TestLockOut counts wrong PINs over restarts, shows the count's flags, and locks; the security officer unlocks.
func TestLockOut(t *testing.T) {
	k, dir := newTokenIn(t)

	want := uint64(0)
	for try := 1; try <= maxTries+1; try++ {
		k = restart(t, k, dir)
		c := dial(t, k, "program").open(ckfRWSession)
		if got := c.tokenFlags() & (ckfUserPinCountLow | ckfUserPinFinalTry | ckfUserPinLocked); got != want {
			t.Fatalf("before try %d the flags are %#x, want %#x", try, got, want)
		}
		result := rvPinIncorrect
		want = ckfUserPinCountLow
		switch {
		case try == maxTries-1:
			want |= ckfUserPinFinalTry
		case try >= maxTries:
			want |= ckfUserPinLocked
			result = rvPinLocked
		}
		c.gives(result, opLogin, uint64(ckuUser), "wrong-pin-1")
		if try > maxTries {
			c.gives(rvPinLocked, opLogin, uint64(ckuUser), testUser)
			c.gives(rvPinLocked, opSetPIN, testUser, "new-pin-123")
			c.ok(opLogin, uint64(ckuSO), testSO)
			c.gives(rvPinLenRange, opInitPIN, "short")
			c.gives(rvPinInvalid, opInitPIN, "\xff\xfe\xfd\xfc\xfb\xfa")
			c.ok(opInitPIN, "new-pin-123")
			c.ok(opLogout)
			c.ok(opLogin, uint64(ckuUser), "new-pin-123")
			if got := c.tokenFlags(); got&ckfUserPinCountLow != 0 {
				t.Errorf("flags %#x after the right PIN", got)
			}
		}
		c.s.close()
	}
}

// TestSetPIN: the old PIN counts like a login, and a right one is good from then on, for the user and for the security officer.
func TestSetPIN(t *testing.T) {
	k, dir := newTokenIn(t)

	c := dial(t, k, "program").open(ckfRWSession)
	c.gives(rvPinIncorrect, opSetPIN, "wrong-pin-1", "new-pin-123")
	if c.tokenFlags()&ckfUserPinCountLow == 0 {
		t.Error("a wrong old PIN is not counted")
	}
	c.gives(rvPinLenRange, opSetPIN, testUser, strings.Repeat("9", maxPIN+1))
	c.ok(opSetPIN, testUser, "new-pin-123")
	c.ok(opLogin, uint64(ckuSO), testSO)
	c.ok(opSetPIN, testSO, "new-so-1234")
	c.s.close()
	k = restart(t, k, dir)
	c = dial(t, k, "program").open(ckfRWSession)
	c.gives(rvPinIncorrect, opLogin, uint64(ckuUser), testUser)
	c.ok(opLogin, uint64(ckuUser), "new-pin-123")
	c.ok(opLogout)
	c.ok(opLogin, uint64(ckuSO), "new-so-1234")
}

// TestInitToken takes everything away, by the security officer alone.
func TestInitToken(t *testing.T) {
	k := newToken(t)
	c := user(t, k)
	c.sm2()
	c.ok(opCloseSession)
	label := "another" + strings.Repeat(" ", 25)
	c.gives(rvArgumentsBad, opInitToken, testSO, "short")
	c.gives(rvPinIncorrect, opInitToken, testUser, label)
	c.ok(opInitToken, testSO, label)
	c.open(ckfRWSession)
	c.gives(rvUserPinNotInitialized, opLogin, uint64(ckuUser), testUser)
	c.ok(opFindInit, template{})
	if n := c.ok(opFind, uint32(9)).u32(); n != 0 {
		t.Errorf("%d objects are left", n)
	}
	keys, err := k.store.List()
	if err != nil || len(keys) != 0 {
		t.Errorf("%d keys are left, %v", len(keys), err)
	}
	if k.Label() != "another" {
		t.Errorf("the label is %q", k.Label())
	}
}

func TestCreateRefuses(t *testing.T) {
	for name, c := range map[string]Config{
		"no label": {SO: []byte(testSO)}, "long label": {Label: strings.Repeat("印", 11), SO: []byte(testSO)},
		"blank at the end": {Label: "a ", SO: []byte(testSO)}, "short PIN": {Label: "a", SO: []byte("12345")},
		"short user PIN": {Label: "a", SO: []byte(testSO), User: []byte("1")},
	} {
		_, err := create(t.TempDir(), []byte(testPass), c, cheap)
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, dir := newTokenIn(t)
	if _, err := create(dir, []byte(testPass), Config{Label: "a", SO: []byte(testSO)}, cheap); !errors.Is(err, fault.Conflict) {
		t.Errorf("a second token in one directory: %v", err)
	}
	if _, err := Open(dir, []byte(testPass), Own()); !errors.Is(err, fault.Conflict) {
		t.Errorf("opened twice: %v", err)
	}
}
