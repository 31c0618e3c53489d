package token

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"unicode/utf8"

	"golang.org/x/crypto/scrypt"

	"yinxin/fault"
)

const (
	minPIN   = 6   // characters
	maxPIN   = 255 // bytes; what authorises a signature is longer than a PIN people remember
	maxTries = 10  // wrong PINs in a row, after which no PIN is looked at any more
	pinSalt  = 16
)

// pinCost is scrypt's N of new PINs, with r=8, p=1: 32 MB and about 0.1 s for each try.
const pinCost = 1 << 15

// pin is a PIN as it is remembered. Wrong counts the tries since it was last right; it is written before the PIN is looked at, so that pulling the plug
// gives no try away.
type pin struct {
	Salt  []byte `json:"salt"`
	N     int    `json:"n"`
	Hash  []byte `json:"hash"`
	Wrong int    `json:"wrong"`
}

func newPIN(cost int, value []byte) (*pin, error) {
	p := &pin{Salt: make([]byte, pinSalt), N: cost}
	if _, err := rand.Read(p.Salt); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	var err error
	p.Hash, err = p.derive(value)
	return p, err
}

func (p *pin) derive(value []byte) ([]byte, error) { return scrypt.Key(value, p.Salt, p.N, 8, 1, 32) }

func (p *pin) is(value []byte) (bool, error) {
	h, err := p.derive(value)
	if err != nil {
		return false, fmt.Errorf("derive from a PIN: %w", err)
	}
	return subtle.ConstantTimeCompare(h, p.Hash) == 1, nil
}

func (p *pin) locked() bool { return p != nil && p.Wrong >= maxTries }

// flags are those of CK_TOKEN_INFO for the user; the security officer's are the same four bits higher.
func (p *pin) flags() uint64 {
	switch {
	case p == nil || p.Wrong == 0:
		return 0
	case p.Wrong >= maxTries:
		return ckfUserPinCountLow | ckfUserPinLocked
	case p.Wrong == maxTries-1:
		return ckfUserPinCountLow | ckfUserPinFinalTry
	}
	return ckfUserPinCountLow
}

// goodPIN says whether a PIN may be set.
func goodPIN(value []byte) rv {
	switch {
	case !utf8.Valid(value):
		return rvPinInvalid
	case utf8.RuneCount(value) < minPIN || len(value) > maxPIN:
		return rvPinLenRange
	}
	return rvOK
}

func checkPIN(who, zhWho string, value []byte) error {
	if goodPIN(value) == rvOK {
		return nil
	}
	return fault.New(fault.Invalid, "token-pin",
		fmt.Sprintf("%s PIN 不可用：要 %d 个字符以上、%d 字节以内的 UTF-8 文字", zhWho, minPIN, maxPIN),
		fmt.Sprintf("the %s PIN cannot be used: it is UTF-8 of %d characters or more and at most %d bytes", who, minPIN, maxPIN), nil)
}

// try compares value with a PIN of the state. The try is counted durably before anything is compared.
func (t *Token) try(which func(*state) *pin, value []byte) rv {
	t.pins.Lock()
	defer t.pins.Unlock()
	p := which(&t.state)
	if p == nil {
		return rvUserPinNotInitialized
	}
	if p.locked() {
		return rvPinLocked
	}
	if err := t.keep(func(*state) { p.Wrong++ }); err != nil {
		return rvDeviceError
	}
	right, err := p.is(value)
	switch {
	case err != nil:
		return rvGeneralError
	case !right && p.locked():
		return rvPinLocked
	case !right:
		return rvPinIncorrect
	}
	if err := t.keep(func(*state) { p.Wrong = 0 }); err != nil {
		return rvDeviceError
	}
	return rvOK
}

func soPIN(s *state) *pin { return s.SO }

func userPIN(s *state) *pin { return s.User }
