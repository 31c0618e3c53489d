//go:build cgo && linux

package token

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/miekg/pkcs11"

	"yinxin/gm"
)

// module is libyinxin-p11.so as a program sees it.
type module struct {
	*pkcs11.Ctx
	t    testing.TB
	face Face
}

func load(t testing.TB, sockets string, f Face) module {
	t.Helper()
	t.Setenv("YINXIN_TOKEN", sockets)
	ctx := pkcs11.New(library(t))
	if ctx == nil {
		t.Fatal("the module does not load")
	}
	m := module{ctx, t, f}
	m.do(ctx.Initialize())
	t.Cleanup(func() {
		ctx.Finalize()
		ctx.Destroy()
	})
	return m
}

func (m module) do(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m module) session() pkcs11.SessionHandle {
	m.t.Helper()
	h, err := m.OpenSession(0, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	m.do(err)
	return h
}

func (m module) sm2(h pkcs11.SessionHandle, label string) (public, private pkcs11.ObjectHandle) {
	m.t.Helper()
	yes := func(kind uint) *pkcs11.Attribute { return pkcs11.NewAttribute(kind, true) }
	name := pkcs11.NewAttribute(pkcs11.CKA_LABEL, label)
	public, private, err := m.GenerateKeyPair(h, []*pkcs11.Mechanism{pkcs11.NewMechanism(uint(m.face.KeyGen), nil)},
		[]*pkcs11.Attribute{name, yes(pkcs11.CKA_TOKEN), yes(pkcs11.CKA_VERIFY), pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, curveOID("sm2"))},
		[]*pkcs11.Attribute{name, yes(pkcs11.CKA_TOKEN), yes(pkcs11.CKA_PRIVATE), yes(pkcs11.CKA_SENSITIVE), yes(pkcs11.CKA_SIGN)})
	m.do(err)
	return public, private
}

func (m module) public(h pkcs11.SessionHandle, key pkcs11.ObjectHandle) *ecdsa.PublicKey {
	m.t.Helper()
	list, err := m.GetAttributeValue(h, key, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, nil)})
	m.do(err)
	p := list[0].Value[3:]
	return &ecdsa.PublicKey{Curve: gm.Curve(), X: new(big.Int).SetBytes(p[:32]), Y: new(big.Int).SetBytes(p[32:])}
}

func (m module) sign(h pkcs11.SessionHandle, mechanism uint64, key pkcs11.ObjectHandle, data []byte) ([]byte, error) {
	if err := m.SignInit(h, []*pkcs11.Mechanism{pkcs11.NewMechanism(uint(mechanism), nil)}, key); err != nil {
		return nil, err
	}
	return m.Sign(h, data)
}

func is(err error, code uint) bool { return errors.Is(err, pkcs11.Error(code)) }

// TestModule goes through the module with every face: what a program sees of the token, keys made and found, signatures by each mechanism.
func TestModule(t *testing.T) {
	for _, f := range faces(t) {
		t.Run(f.Name, func(t *testing.T) {
			w := newWorld(t, f.Name)
			m := load(t, w.socket, f)
			info, err := m.GetInfo()
			m.do(err)
			ti, err := m.GetTokenInfo(0)
			m.do(err)
			if info.ManufacturerID != f.Manufacturer || info.LibraryDescription != f.Library || ti.Label != "demo" || len(ti.SerialNumber) != 16 {
				t.Errorf("%+v, %+v", info, ti)
			}
			list, err := m.GetMechanismList(0)
			m.do(err)
			if len(list) != len(mechanisms(f)) {
				t.Errorf("%d mechanisms, want %d", len(list), len(mechanisms(f)))
			}
			h := m.session()
			m.do(m.Login(h, pkcs11.CKU_USER, testUser))
			public, private := m.sm2(h, "key")
			pub := m.public(h, public)
			digest := e(t, pub, "message")
			for _, s := range f.Sign {
				data, want := []byte("message"), digest
				if s.Over == Digest {
					data = digest
				} else if s.Over == Message {
					plain := gm.SM3(data)
					want = plain[:]
				}
				for range 3 { // the second C_SignInit is not sent
					sig, err := m.sign(h, s.Mechanism, private, data)
					m.do(err)
					a, b := numbers(t, s.Shape, sig)
					if !gm.VerifyE(pub, want, append(a.FillBytes(make([]byte, 32)), b.FillBytes(make([]byte, 32))...)) {
						t.Errorf("%#x: %x", s.Mechanism, sig)
					}
				}
			}
		})
	}
}

// TestModuleData moves more than a frame holds, and asks in the wrong order.
func TestModuleData(t *testing.T) {
	w := newWorld(t, "yinxin")
	m := load(t, w.socket, Own())
	h := m.session()
	m.do(m.Login(h, pkcs11.CKU_USER, testUser))
	public, private := m.sm2(h, "key")
	pub := m.public(h, public)
	long := bytes.Repeat([]byte("0123456789abcdef"), 20000)
	m.do(m.DigestInit(h, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_SHA256, nil)}))
	got, err := m.Digest(h, long)
	m.do(err)
	if want := sha256.Sum256(long); !bytes.Equal(got, want[:]) {
		t.Error("the digest of long data is wrong")
	}
	raw, message := m.face.Sign[0].Mechanism, m.face.Sign[1].Mechanism
	for range 2 {
		sig, err := m.sign(h, message, private, long)
		m.do(err)
		if !gm.Verify(pub, long, sig) {
			t.Error("the signature of long data is wrong")
		}
		m.do(m.VerifyInit(h, []*pkcs11.Mechanism{pkcs11.NewMechanism(uint(message), nil)}, public))
		m.do(m.Verify(h, long, sig))
	}
	for range 2 {
		if _, err := m.sign(h, raw, private, long); !is(err, pkcs11.CKR_DATA_LEN_RANGE) {
			t.Errorf("320,000 bytes for e: %v", err)
		}
		if _, err := m.sign(h, raw, private, make([]byte, 31)); !is(err, pkcs11.CKR_DATA_LEN_RANGE) {
			t.Errorf("31 bytes for e: %v", err)
		}
		if sig, err := m.sign(h, raw, private, make([]byte, 32)); err != nil || !gm.VerifyE(pub, make([]byte, 32), sig) {
			t.Errorf("%x, %v", sig, err)
		}
	}
	if random, err := m.GenerateRandom(h, 100000); err != nil || len(random) != 100000 || bytes.Equal(random[:50000], random[50000:]) {
		t.Errorf("%d random bytes, %v", len(random), err)
	}
	if _, err := m.Sign(h, make([]byte, 32)); !is(err, pkcs11.CKR_OPERATION_NOT_INITIALIZED) {
		t.Errorf("C_Sign alone: %v", err)
	}
	init := func() error { return m.SignInit(h, []*pkcs11.Mechanism{pkcs11.NewMechanism(uint(raw), nil)}, private) }
	m.do(init())
	if err := init(); !is(err, pkcs11.CKR_OPERATION_ACTIVE) {
		t.Errorf("C_SignInit twice: %v", err)
	}
	other := m.session()
	m.do(m.Logout(other))
	if _, err := m.Sign(h, make([]byte, 32)); !is(err, pkcs11.CKR_USER_NOT_LOGGED_IN) {
		t.Errorf("after C_Logout in another session: %v", err)
	}
	if err := init(); !is(err, pkcs11.CKR_USER_NOT_LOGGED_IN) {
		t.Errorf("C_SignInit after C_Logout: %v", err)
	}
	m.do(m.CloseAllSessions(0))
	if _, err := m.GetSessionInfo(h); !is(err, pkcs11.CKR_SESSION_HANDLE_INVALID) {
		t.Errorf("a closed session: %v", err)
	}
}

// TestGuardedModule carries an authorisation through C_Login.
func TestGuardedModule(t *testing.T) {
	w := newWorld(t, "yinxin")
	m := load(t, w.socket, Own())
	h := m.session()
	m.do(m.Login(h, pkcs11.CKU_USER, testUser))
	yes := func(kind uint) *pkcs11.Attribute { return pkcs11.NewAttribute(kind, true) }
	_, private, err := m.GenerateKeyPair(h, []*pkcs11.Mechanism{pkcs11.NewMechanism(uint(m.face.KeyGen), nil)},
		[]*pkcs11.Attribute{yes(pkcs11.CKA_TOKEN)}, []*pkcs11.Attribute{yes(pkcs11.CKA_TOKEN), yes(pkcs11.CKA_ALWAYS_AUTHENTICATE)})
	m.do(err)
	raw := m.face.Sign[0].Mechanism
	for range 2 {
		if _, err := m.sign(h, raw, private, make([]byte, 32)); !is(err, pkcs11.CKR_USER_NOT_LOGGED_IN) {
			t.Errorf("without an authorisation: %v", err)
		}
		m.do(m.SignInit(h, []*pkcs11.Mechanism{pkcs11.NewMechanism(uint(raw), nil)}, private))
		m.do(m.Login(h, pkcs11.CKU_CONTEXT_SPECIFIC, testUser))
		_, err := m.Sign(h, make([]byte, 32))
		m.do(err)
	}
}

// TestSlots: each socket is a slot, with a token as long as somebody serves it.
func TestSlots(t *testing.T) {
	a, b := newWorld(t, "yinxin"), newWorld(t, "luna")
	m := load(t, a.socket+":"+b.socket+":/nonexistent/socket", Own())
	count := func(present bool, want int) {
		t.Helper()
		if list, err := m.GetSlotList(present); err != nil || len(list) != want {
			t.Errorf("slots %v, %v, want %d", list, err, want)
		}
	}
	count(false, 3)
	count(true, 2)
	a.kill()
	count(true, 1)
	if _, err := m.GetTokenInfo(0); !is(err, pkcs11.CKR_TOKEN_NOT_PRESENT) {
		t.Errorf("a token that is gone: %v", err)
	}
	if _, err := m.OpenSession(0, pkcs11.CKF_SERIAL_SESSION); !is(err, pkcs11.CKR_TOKEN_NOT_PRESENT) {
		t.Errorf("a session with a token that is gone: %v", err)
	}
	a.start()
	count(true, 2)
	if err := m.Initialize(); !is(err, pkcs11.CKR_CRYPTOKI_ALREADY_INITIALIZED) {
		t.Errorf("C_Initialize twice: %v", err)
	}
}

// signOn signs from 16 goroutines over sessions until each hears that they are lost. midway is closed after 200 signatures.
func (m module) signOn(pool []pkcs11.SessionHandle, key pkcs11.ObjectHandle, pub *ecdsa.PublicKey) (good, lost *atomic.Int64, midway chan struct{}, wait func()) {
	good, lost, midway = new(atomic.Int64), new(atomic.Int64), make(chan struct{})
	locks := make([]sync.Mutex, len(pool))
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for i := 0; ; i++ {
				digest := gm.SM3(fmt.Append(nil, g, i))
				locks[g%len(pool)].Lock()
				sig, err := m.sign(pool[g%len(pool)], m.face.Sign[0].Mechanism, key, digest[:])
				locks[g%len(pool)].Unlock()
				switch {
				case err == nil && !gm.VerifyE(pub, digest[:], sig):
					m.t.Errorf("%x is no signature", sig)
					return
				case err == nil:
					if good.Add(1) == 200 {
						close(midway)
					}
				case is(err, pkcs11.CKR_DEVICE_REMOVED) || is(err, pkcs11.CKR_SESSION_HANDLE_INVALID):
					lost.Add(1)
					return
				default:
					m.t.Error(err)
					return
				}
			}
		})
	}
	return good, lost, midway, wg.Wait
}

// TestKilled kills the token while 16 goroutines sign over 4 sessions. What was answered is a signature and stands in the audit; sessions and handles of
// before are gone, keys and counters are not.
func TestKilled(t *testing.T) {
	w := newWorld(t, "yinxin")
	m := load(t, w.socket, Own())
	h := m.session()
	if err := m.Login(h, pkcs11.CKU_USER, "wrong-pin-1"); !is(err, pkcs11.CKR_PIN_INCORRECT) {
		t.Fatal(err)
	}
	w.kill()
	w.start()
	if _, err := m.GetSessionInfo(h); !is(err, pkcs11.CKR_DEVICE_REMOVED) {
		t.Errorf("the first call after the token died: %v", err)
	}
	if _, err := m.GetSessionInfo(h); !is(err, pkcs11.CKR_SESSION_HANDLE_INVALID) {
		t.Errorf("the second call after the token died: %v", err)
	}
	if ti, err := m.GetTokenInfo(0); err != nil || ti.Flags&pkcs11.CKF_USER_PIN_COUNT_LOW == 0 {
		t.Errorf("the wrong PIN is forgotten: %#x, %v", ti.Flags, err)
	}
	pool := make([]pkcs11.SessionHandle, 4)
	for i := range pool {
		pool[i] = m.session()
	}
	m.do(m.Login(pool[0], pkcs11.CKU_USER, testUser))
	public, private := m.sm2(pool[0], "key")
	pub := m.public(pool[0], public)
	good, lost, midway, wait := m.signOn(pool, private, pub)
	<-midway
	w.kill()
	wait()
	if lost.Load() != 16 {
		t.Errorf("%d of 16 saw the token die", lost.Load())
	}
	w.start()
	h = m.session()
	m.do(m.Login(h, pkcs11.CKU_USER, testUser))
	if _, err := m.sign(h, m.face.Sign[0].Mechanism, private, make([]byte, 32)); !is(err, pkcs11.CKR_KEY_HANDLE_INVALID) {
		t.Errorf("a handle of the run before: %v", err)
	}
	m.do(m.FindObjectsInit(h, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_LABEL, "key"), pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY)}))
	found, _, err := m.FindObjects(h, 2)
	m.do(err)
	m.do(m.FindObjectsFinal(h))
	if len(found) != 1 {
		t.Fatalf("found %v", found)
	}
	if sig, err := m.sign(h, m.face.Sign[0].Mechanism, found[0], make([]byte, 32)); err != nil || !gm.VerifyE(pub, make([]byte, 32), sig) {
		t.Errorf("%x, %v", sig, err)
	}
	w.kill()
	if s := readAudit(t, w.dir); int64(s.Signed) < good.Load()+1 || int64(s.Signed) > good.Load()+17 {
		t.Errorf("the audit has %d signatures, %d were answered and 4 were under way", s.Signed, good.Load()+1)
	}
}

// TestStopped: a token that does not answer is an error at the deadline, not a program that hangs.
func TestStopped(t *testing.T) {
	w := newWorld(t, "yinxin")
	t.Setenv("YINXIN_TOKEN_TIMEOUT_MS", "2000")
	m := load(t, w.socket, Own())
	h := m.session()
	m.do(m.Login(h, pkcs11.CKU_USER, testUser))
	_, private := m.sm2(h, "key")
	w.halt()
	if _, err := m.sign(h, m.face.Sign[0].Mechanism, private, make([]byte, 32)); !is(err, pkcs11.CKR_DEVICE_ERROR) {
		t.Errorf("a token that is stopped: %v", err)
	}
	if _, err := m.OpenSession(0, pkcs11.CKF_SERIAL_SESSION); !is(err, pkcs11.CKR_DEVICE_ERROR) {
		t.Errorf("a session with a token that is stopped: %v", err)
	}
	w.signal(syscall.SIGCONT)
	h = m.session()
	if err := m.Login(h, pkcs11.CKU_USER, testUser); !is(err, pkcs11.CKR_USER_ALREADY_LOGGED_IN) { // so until the token misses the sessions of before
		m.do(err)
	}
	if !strings.HasPrefix(fmt.Sprint(m.GetSessionInfo(h)), "{0 3 ") {
		t.Error(m.GetSessionInfo(h))
	}
}
