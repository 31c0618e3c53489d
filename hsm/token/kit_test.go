package token

import (
	"crypto/ecdsa"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yinxin/gm"
)

const (
	testPass = "correct horse"
	testSO   = "so-pin-1234"
	testUser = "user-pin-12"
)

// cheap makes PINs that cost nothing to try.
const cheap = 2

// newTokenIn makes a token and says where it is.
func newTokenIn(t testing.TB) (k *Token, dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "token")
	store, err := create(dir, []byte(testPass), Config{Label: "demo", SO: []byte(testSO), User: []byte(testUser)}, cheap)
	if err != nil {
		t.Fatal(err)
	}
	k = over(store, Own())
	k.cost = cheap
	if err := k.open(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k, dir
}

// restart is Close and Open without deriving the store's key anew, which takes its time.
func restart(t testing.TB, k *Token, dir string) *Token {
	t.Helper()
	if err := k.release(); err != nil {
		t.Fatal(err)
	}
	next := over(k.store, k.face)
	next.cost = cheap
	if err := next.open(dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { next.release() })
	return next
}

func newToken(t testing.TB) *Token {
	t.Helper()
	k, _ := newTokenIn(t)
	return k
}

// caller is a program's session without a socket.
type caller struct {
	t *testing.T
	s *session
}

// dial says hello; its name is the identity of the program.
func dial(t *testing.T, k *Token, name string) caller {
	t.Helper()
	c := caller{t, &session{t: k, program: program{peer: Peer{UID: uint32(os.Getuid()), PID: int32(os.Getpid())}}}}
	id := make([]byte, 16)
	copy(id, name)
	c.ok(opHello, id)
	t.Cleanup(func() { c.s.close() })
	return c
}

// open opens a session.
func (c caller) open(flags uint64) caller {
	c.t.Helper()
	c.ok(opOpenSession, flags|ckfSerialSession)
	return c
}

func (c caller) user() caller {
	c.t.Helper()
	c.ok(opLogin, uint64(ckuUser), testUser)
	return c
}

// user opens a session that is logged in.
func user(t *testing.T, k *Token) caller {
	t.Helper()
	return dial(t, k, "program").open(ckfRWSession).user()
}

// ask sends one frame and gives what was answered.
func (c caller) ask(op byte, fields ...any) (rv, *reader) {
	c.t.Helper()
	w := &writer{}
	w.reset()
	result, err := c.s.handle(calls(), op, body(c.t, fields...), w)
	if err != nil {
		c.t.Fatalf("op %d: %v", op, err)
	}
	return result, &reader{in: w.out[answerHead:]}
}

func body(t testing.TB, fields ...any) []byte {
	t.Helper()
	w := &writer{}
	for _, f := range fields {
		switch v := f.(type) {
		case uint32:
			w.u32(v)
		case uint64:
			w.u64(v)
		case []byte:
			w.bytes(v)
		case string:
			w.bytes([]byte(v))
		case template:
			w.u32(uint32(len(v)))
			for _, a := range v {
				w.u64(a.Type)
				w.bytes(a.Value)
			}
		default:
			t.Fatalf("%T is no field", f)
		}
	}
	return w.out
}

func (c caller) ok(op byte, fields ...any) *reader {
	c.t.Helper()
	return c.gives(rvOK, op, fields...)
}

func (c caller) gives(want rv, op byte, fields ...any) *reader {
	c.t.Helper()
	result, r := c.ask(op, fields...)
	if result != want {
		c.t.Fatalf("op %d: %v, want %v", op, result, want)
	}
	return r
}

func publicTemplate(extra ...attribute) template {
	return append(template{{ckaToken, flag(true)}, {ckaLabel, []byte("k")}, {ckaECParams, curveOID("sm2")}}, extra...)
}

func privateTemplate(extra ...attribute) template {
	return append(template{{ckaToken, flag(true)}, {ckaPrivate, flag(true)}, {ckaLabel, []byte("k")}}, extra...)
}

// sm2 makes an SM2 key.
func (c caller) sm2(extra ...attribute) (public, private uint64) {
	c.t.Helper()
	r := c.ok(opGeneratePair, c.s.t.face.KeyGen, "", publicTemplate(), privateTemplate(extra...))
	return r.u64(), r.u64()
}

func (c caller) public(handle uint64) *ecdsa.PublicKey {
	c.t.Helper()
	return publicOf(c.s.t, handle)
}

func publicOf(k *Token, handle uint64) *ecdsa.PublicKey {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.object(handle, ckuUser).public.(*ecdsa.PublicKey)
}

func e(t testing.TB, pub *ecdsa.PublicKey, msg string) []byte {
	t.Helper()
	d, err := gm.E(pub, []byte(msg))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func fixed(at time.Time) func() time.Time { return func() time.Time { return at } }
