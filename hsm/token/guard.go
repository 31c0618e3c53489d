package token

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238 as every authenticator app has it; HMAC does not need collision resistance
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
)

// A guard makes a key wait for somebody before each single signature: CKA_ALWAYS_AUTHENTICATE. What the person gives is the PIN of
// C_Login(CKU_CONTEXT_SPECIFIC) between C_SignInit and C_Sign, and the token itself checks it. With neither Holder nor TOTP it is the user's PIN.
type guard struct {
	Holder []byte `json:"holder,omitempty"` // SubjectPublicKeyInfo, SM2 or P-256: an Authorisation, which is bound to what is signed
	TOTP   []byte `json:"totp,omitempty"`   // secret: a code of RFC 6238, HMAC-SHA-1, 30 seconds, 6 digits
	Step   int64  `json:"step,omitempty"`   // the last one of which a code was taken
	Wrong  int    `json:"wrong,omitempty"`  // codes in a row
}

// permit is what the person's answer allows: one signature, of digest where it is bound to one.
type permit struct {
	given  bool
	digest []byte
}

// freshFor is how long before or after its time an authorisation is taken.
const freshFor = 5 * time.Minute

func (p permit) covers(g *guard, digest []byte) rv {
	switch {
	case g == nil:
		return rvOK
	case !p.given:
		return rvUserNotLoggedIn
	case p.digest != nil && !bytes.Equal(p.digest, digest):
		return rvFunctionRejected
	}
	return rvOK
}

// authorise is C_Login(CKU_CONTEXT_SPECIFIC).
func (s *session) authorise(value []byte) rv {
	sg := s.signing
	if sg == nil || sg.object.record().Guard == nil {
		return rvOperationNotInitialized
	}
	g := sg.object.record().Guard
	var result rv
	switch {
	case g.Holder != nil:
		sg.permit.digest, result = s.t.authorisation(sg.object, value)
	case g.TOTP != nil:
		result = s.t.code(sg.object, value)
	default:
		result = s.t.try(userPIN, value)
	}
	sg.permit.given = result == rvOK
	return result
}

// Statement is what the holder of a guarded key signs to allow one signature: SM2 with the default user ID, or ECDSA with SHA-256. serial is the token's,
// digest the 32 bytes that the key will sign, at a moment in whole seconds.
func Statement(serial string, key crypto.PublicKey, at time.Time, digest []byte) ([]byte, error) {
	spki, err := gm.MarshalPublicKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode the public key: %w", err)
	}
	mark := gm.SM3(spki)
	out := append([]byte("yinxin token authorisation 1\x00"), serial...)
	out = append(out, mark[:]...)
	out = binary.BigEndian.AppendUint64(out, uint64(at.Unix()))
	return append(out, digest...), nil
}

// Authorisation is a signed Statement as C_Login(CKU_CONTEXT_SPECIFIC) takes it in place of a PIN: text of at most 160 characters. It is good for one
// signature, of that digest, within five minutes, and not beyond a restart of the token.
func Authorisation(at time.Time, digest, signature []byte) string {
	out := binary.BigEndian.AppendUint64(nil, uint64(at.Unix()))
	out = append(append(out, digest...), signature...)
	return base64.RawURLEncoding.EncodeToString(out)
}

var errAuthorisation = errors.New("token: not an authorisation")

func parseAuthorisation(value []byte) (at time.Time, digest, signature []byte, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(string(value))
	if err != nil || len(raw) <= 8+sha256.Size {
		return time.Time{}, nil, nil, errAuthorisation
	}
	return time.Unix(int64(binary.BigEndian.Uint64(raw)), 0), raw[8 : 8+sha256.Size], raw[8+sha256.Size:], nil
}

// authorisation checks one for a key and remembers it, so that it is not taken again.
func (t *Token) authorisation(o *object, value []byte) (digest []byte, result rv) {
	at, digest, signature, err := parseAuthorisation(value)
	now := t.Now()
	if err != nil || at.Unix() < t.started.Unix() || at.Before(now.Add(-freshFor)) || at.After(now.Add(freshFor)) {
		return nil, rvPinIncorrect
	}
	statement, err := Statement(t.state.Serial, o.public, at, digest)
	if err != nil || !signedBy(o.record().Guard.Holder, statement, signature) {
		return nil, rvPinIncorrect
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for mark, old := range t.spent {
		if old.Before(now.Add(-freshFor)) {
			delete(t.spent, mark)
		}
	}
	mark := gm.SM3(statement)
	if _, again := t.spent[mark]; again {
		return nil, rvPinIncorrect
	}
	t.spent[mark] = at
	return digest, rvOK
}

func signedBy(holder, statement, signature []byte) bool {
	pub, err := gm.ParsePublicKey(holder)
	if err != nil {
		return false
	}
	k, ok := pub.(*ecdsa.PublicKey)
	if !ok {
		return false
	}
	if gm.IsSM2(k) {
		return gm.Verify(k, statement, signature)
	}
	digest := sha256.Sum256(statement)
	return ecdsa.VerifyASN1(k, digest[:], signature)
}

const (
	stepSeconds = 30
	totpSecret  = 20 // bytes, as long as the hash (RFC 4226 4, R6)
)

// code checks a code of RFC 6238. Its step, or one beside it for clocks that differ, must be later than the last that was taken; the try is counted
// durably before it is looked at.
func (t *Token) code(o *object, value []byte) rv {
	t.pins.Lock()
	defer t.pins.Unlock()
	if o.record().Guard.Wrong >= maxTries {
		return rvPinLocked
	}
	if result := t.change(o, func(r *record) { g := *r.Guard; g.Wrong++; r.Guard = &g }); result != rvOK {
		return result
	}
	g := o.record().Guard
	now := t.Now().Unix() / stepSeconds
	for step := max(now-1, g.Step+1); step <= now+1; step++ {
		if subtle.ConstantTimeCompare([]byte(totp(g.TOTP, step)), value) == 1 {
			return t.change(o, func(r *record) { r.Guard = &guard{TOTP: g.TOTP, Step: step} })
		}
	}
	return rvPinIncorrect
}

// totp is RFC 6238 over HOTP (RFC 4226 5.3) with six digits.
func totp(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&15:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

// RequireTOTP guards the private key of a label, which must be one alone, with one-time codes and returns their secret, 20 bytes. A code locked by wrong
// ones is free again with the new secret.
func (t *Token) RequireTOTP(label string) ([]byte, error) {
	secret := make([]byte, totpSecret)
	if _, err := rand.Read(secret); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	return secret, t.require(label, &guard{TOTP: secret})
}

// RequireHolder guards the private key of a label, which must be one alone, with signatures of another key, SM2 or P-256: the holder's.
func (t *Token) RequireHolder(label string, holder crypto.PublicKey) error {
	der, err := gm.MarshalPublicKey(holder)
	if err != nil || !goodHolder(der) {
		return fault.New(fault.Invalid, "token-holder", "授权人的公钥要是 SM2 或 P-256 的", "the holder's public key is one of SM2 or P-256", err)
	}
	return t.require(label, &guard{Holder: der})
}

func goodHolder(der []byte) bool {
	pub, err := gm.ParsePublicKey(der)
	if err != nil {
		return false
	}
	spec, err := hsm.SpecOf(pub)
	return err == nil && spec.Algorithm != hsm.RSAPKCS1
}

func (t *Token) require(label string, g *guard) error {
	t.mu.RLock()
	var found []*object
	for _, o := range t.objects {
		if r := o.record(); r.Class == ckoPrivateKey && r.Sign && string(r.Label) == label {
			found = append(found, o)
		}
	}
	t.mu.RUnlock()
	if len(found) != 1 {
		return fault.New(fault.NotFound, "token-key",
			fmt.Sprintf("令牌里名为 %.64q 的签名私钥有 %d 个，要恰好一个", label, len(found)), fmt.Sprintf("the token has %d private keys that sign named %.64q, and one is needed", len(found), label), nil)
	}
	result := t.change(found[0], func(r *record) { r.Guard = g })
	e := found[0].entry("guard", mechanism{})
	e.Time, e.Result = t.Now(), result
	if err := t.audit.write(e); err != nil {
		return err
	}
	if result != rvOK {
		return fault.New(fault.Unavailable, "token-record", "令牌的记录写不进去：请检查磁盘空间和权限", "the token's record cannot be written: check disk space and permissions", result)
	}
	return nil
}
