// Package token is a PKCS#11 token in software: a process of its own that keeps keys in an hsm/keystore and serves them over a Unix socket to
// libyinxin-p11.so (hsm/token/client), which any program that speaks PKCS#11 loads. So an install without an HSM runs the code of one with, and the keys
// are in the memory of another process, under another user.
//
// It is software, not a certified cryptographic module.
//
// What is where: Token is the state that sessions share (PINs, objects, who is logged in), session one session of one program, Server the socket. Every
// use of a key is a line in the audit, written before the answer leaves. docs/design/hsm.md has the protocol and the reasons.
package token

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"yinxin/durable"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm/keystore"
)

const (
	stateRecord = "token"
	lockFile    = "token.lock"
	maxLabel    = 32 // bytes, CK_TOKEN_INFO
)

// Config says what token to make.
type Config struct {
	Label string // 1 to 32 bytes of UTF-8: what programs know it by
	SO    []byte // the security officer's PIN, who sets and resets the user's; cleared
	User  []byte // the user's PIN, who uses keys; cleared. Empty: the security officer sets it later
}

// Token is an opened token. It may be used by several goroutines; one process at a time opens a directory.
type Token struct {
	// Now dates audit lines and judges authorisations. Set it before the first use.
	Now func() time.Time

	store   *keystore.Store
	audit   *audit
	lock    *os.File
	face    Face
	offers  []mechanism
	cost    int // of new PINs
	started time.Time

	pins sync.Mutex // held by whoever changes the state; a PIN takes its time, and nobody else waits

	mu       sync.RWMutex
	state    state
	objects  []*object // in the order of their handles
	next     uint64    // handle
	programs map[program]*login
	sessions int
	spent    map[[gm.DigestSize]byte]time.Time // authorisations that were taken
}

// state is the record "token".
type state struct {
	Format int    `json:"format"`
	Label  string `json:"label"`
	Serial string `json:"serial"` // 16 hexadecimal digits
	SO     *pin   `json:"so"`
	User   *pin   `json:"user,omitempty"`
}

// Create makes a token, and its key store, in a directory that holds none yet (else fault.Conflict). The passphrase seals all that lies there; it is
// cleared. A label or a PIN that cannot be used is fault.Invalid.
func Create(dir string, passphrase []byte, c Config) error {
	store, err := create(dir, passphrase, c, pinCost)
	if err != nil {
		return err
	}
	return store.Close()
}

func create(dir string, passphrase []byte, c Config, cost int) (*keystore.Store, error) {
	defer clear(passphrase)
	defer clear(c.SO)
	defer clear(c.User)
	if c.Label == "" || len(c.Label) > maxLabel || strings.TrimSpace(c.Label) != c.Label || strings.ToValidUTF8(c.Label, "") != c.Label {
		return nil, fault.New(fault.Invalid, "token-label",
			fmt.Sprintf("令牌名称要有 1 到 %d 字节，首尾没有空格", maxLabel), fmt.Sprintf("the token's label has 1 to %d bytes and no space at its ends", maxLabel), nil)
	}
	if err := checkPIN("security officer's", "管理员", c.SO); err != nil {
		return nil, err
	}
	if len(c.User) > 0 {
		if err := checkPIN("user's", "用户", c.User); err != nil {
			return nil, err
		}
	}
	s, err := newState(c, cost)
	if err != nil {
		return nil, err
	}
	store, err := keystore.Create(dir, passphrase)
	if err != nil {
		return nil, err
	}
	if err := putRecord(store, stateRecord, s); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return store, nil
}

func newState(c Config, cost int) (s state, err error) {
	serial := make([]byte, 8)
	if _, err := rand.Read(serial); err != nil {
		return s, fmt.Errorf("read random bytes: %w", err)
	}
	s = state{Format: 1, Label: c.Label, Serial: hex.EncodeToString(serial)}
	if s.SO, err = newPIN(cost, c.SO); err == nil && len(c.User) > 0 {
		s.User, err = newPIN(cost, c.User)
	}
	return s, err
}

// Open opens the token in a directory and clears the passphrase. No token there is fault.NotFound, one that another process serves fault.Conflict; what
// others than the owner may read is fault.Denied.
func Open(dir string, passphrase []byte, f Face) (*Token, error) {
	store, err := keystore.Open(dir, passphrase)
	if err != nil {
		return nil, err
	}
	t := over(store, f)
	if err := t.open(dir); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func over(store *keystore.Store, f Face) *Token {
	return &Token{
		Now: time.Now, store: store, face: f, offers: mechanisms(f), cost: pinCost,
		programs: map[program]*login{}, spent: map[[gm.DigestSize]byte]time.Time{},
	}
}

func (t *Token) open(dir string) (err error) {
	if t.lock, err = lockDir(dir); err != nil {
		return err
	}
	if err := getRecord(t.store, stateRecord, &t.state); err != nil {
		return err
	}
	if t.state.Format != 1 || t.state.SO == nil {
		return fault.New(fault.Invalid, "token-state", "令牌的状态记录无法识别：它可能由更新的版本写成", "the token's record of its state is not understood: a newer version may have written it", nil)
	}
	if t.next, err = firstHandle(); err != nil {
		return err
	}
	if err := t.load(); err != nil {
		return err
	}
	t.audit, err = openAudit(dir)
	if err != nil {
		return err
	}
	t.started = t.Now()
	return t.audit.write(entry{Time: t.started, Event: "start", Key: t.face.Name})
}

// Close writes the last line of the audit, gives everything back and clears the keys. No session may be in a call. A second Close does nothing.
func (t *Token) Close() error { return errors.Join(t.release(), t.store.Close()) }

// release is Close but for the store.
func (t *Token) release() error {
	var errs []error
	if t.audit != nil {
		errs = append(errs, t.audit.write(entry{Time: t.Now(), Event: "stop"}), t.audit.close())
		t.audit = nil
	}
	for _, o := range t.objects {
		o.zero()
	}
	t.objects = nil
	if t.lock != nil {
		errs = append(errs, t.lock.Close())
		t.lock = nil
	}
	return errors.Join(errs...)
}

// Label is what programs know the token by, Serial its 16 hexadecimal digits.
func (t *Token) Label() string {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.state.Label
}

// Serial is the token's serial number, 16 hexadecimal digits.
func (t *Token) Serial() string { return t.state.Serial }

// keep changes the state and writes it. The caller holds pins. Where writing fails the change stands in memory.
func (t *Token) keep(change func(*state)) error {
	t.mu.Lock()
	change(&t.state)
	s := t.state
	t.mu.Unlock()
	return putRecord(t.store, stateRecord, s)
}

func putRecord(store *keystore.Store, name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode record %s: %w", name, err)
	}
	return store.PutRecord(name, data)
}

func getRecord(store *keystore.Store, name string, v any) error {
	data, err := store.Record(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fault.New(fault.Invalid, "token-record", "令牌的记录 "+name+" 无法识别", "the token's record "+name+" is not understood", err)
	}
	return nil
}

// lockDir keeps a second process out of a directory.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "token-lock", "无法在 "+dir+" 里加锁", "the lock in "+dir+" cannot be taken", err)
	}
	held, err := durable.TryLock(f)
	if err == nil && held {
		return f, nil
	}
	f.Close()
	return nil, fault.New(fault.Conflict, "token-busy", "令牌 "+dir+" 正由另一个进程使用：先停止它", "another process is using the token "+dir+": stop it first", err)
}

// firstHandle makes handles of one run differ from those of the next, so that a handle kept over a restart names nothing rather than another object.
func firstHandle() (uint64, error) {
	b := make([]byte, 4)
	if _, err := rand.Read(b); err != nil {
		return 0, fmt.Errorf("read random bytes: %w", err)
	}
	return uint64(b[0])<<44 | uint64(b[1])<<36 | uint64(b[2])<<28 | uint64(b[3])<<20 | 1, nil
}

// fingerprint is the SM3 of what was signed or of a public key, as audit lines show it.
func fingerprint(data []byte) string {
	d := gm.SM3(data)
	return hex.EncodeToString(d[:])
}
