//go:build cgo

package pkcs11

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/profile"
	"yinxin/internal/need"
)

// control is struct control of testdata/witness/witness.h.
type control struct {
	Manufacturer, Library, Label                         [32]byte
	Serial                                               [16]byte
	PIN                                                  [32]byte
	KeyType, KeyGen, SignDigest, Encoding                atomic.Uint32
	Point, PointOnPrivate, MaxSessions                   atomic.Uint32
	Hang, Removed, SessionsLost, LoginLost               atomic.Uint32
	SignError, SignErrors, WrongAnswers                  atomic.Uint32
	ReplaceKeys, DeleteKeys, Twin, Extractable, PINTries atomic.Uint32
	InitNeeded, AlwaysAuthenticate                       atomic.Uint32
	Signs, Logins, WrongLogins, Initializes              atomic.Uint32
	Sessions, Generated                                  atomic.Uint32
}

// built is the witness, compiled once for all tests.
var built struct {
	sync.Once
	dir, library string
	err          error
}

// client is the library of the project's own token, compiled once for all tests.
var client struct {
	sync.Once
	dir string
}

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(built.dir)
	os.RemoveAll(client.dir)
	os.Exit(code)
}

// compile builds the witness with gcc against the header that the Go binding brings along.
func compile(t testing.TB) string {
	t.Helper()
	gcc := need.Tool(t, "gcc")
	need.File(t, "libssl-dev", "/usr/include/openssl/evp.h")
	built.Do(func() {
		header, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/miekg/pkcs11").Output()
		if err != nil {
			built.err = err
			return
		}
		if built.dir, built.err = os.MkdirTemp("", "witness"); built.err != nil {
			return
		}
		built.library = filepath.Join(built.dir, "witness.so")
		out, err := exec.Command(gcc, "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-Wl,-z,nodelete", "-I"+strings.TrimSpace(string(header)), "-o", built.library,
			"testdata/witness/witness.c", "-lcrypto", "-lpthread").CombinedOutput()
		if err != nil {
			built.err = errors.Join(err, errors.New(string(out)))
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.library
}

const testPIN = "12345678"

// witness is one module of its own: a copy of the library, so that tests do not share its state.
type witness struct {
	*control
	t      testing.TB
	conf   TokenConfig
	events *events
}

// newWitness makes a module that poses as a vendor, and the configuration for it.
func newWitness(t testing.TB, vendor string) *witness {
	t.Helper()
	data, err := os.ReadFile(compile(t))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	library := filepath.Join(dir, vendor+".so")
	pinFile := filepath.Join(dir, "pin")
	page := make([]byte, 4096)
	for name, content := range map[string][]byte{library: data, library + ".ctl": page, pinFile: []byte(testPIN + "\n")} {
		if err := os.WriteFile(name, content, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.OpenFile(library+".ctl", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	mapped, err := syscall.Mmap(int(f.Fd()), 0, len(page), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{control: (*control)(unsafe.Pointer(&mapped[0])), t: t, events: new(events)}
	w.conf = TokenConfig{Module: library, Token: TokenName{Label: "seals"}, PIN: Secret{File: pinFile}}
	w.pose(vendor)
	return w
}

// pose sets the witness to a vendor's profile.
func (w *witness) pose(vendor string) {
	w.t.Helper()
	p, err := profile.Load(vendor)
	if err != nil {
		w.t.Fatal(err)
	}
	copy(w.Manufacturer[:], strings.Join(p.Match.Manufacturer[:1], ""))
	if len(p.Match.Library) > 0 {
		copy(w.Library[:], p.Match.Library[0])
	}
	copy(w.Label[:], "seals")
	copy(w.Serial[:], "0001")
	copy(w.PIN[:], testPIN)
	w.KeyType.Store(uint32(p.SM2.KeyType))
	w.KeyGen.Store(uint32(p.SM2.KeyGen.Mechanism))
	w.SignDigest.Store(uint32(p.SM2.Sign.Digest.Mechanism))
	w.Encoding.Store(map[profile.Encoding]uint32{profile.EncodingRS: 0, profile.EncodingDER: 1, profile.EncodingAuto: 2}[p.SM2.Sign.Digest.Encoding])
	if p.SM2.PointOnPrivate {
		w.PointOnPrivate.Store(1)
	}
	w.PINTries.Store(3)
}

// open opens a provider over the witness, with the test's observer and what else change says.
func (w *witness) open(change ...func(*Options)) *Provider {
	w.t.Helper()
	o := Options{Observer: w.events}
	for _, c := range change {
		c(&o)
	}
	p, err := Open(Config{Tokens: []TokenConfig{w.conf}}, o)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { p.Close() })
	return p
}

// key makes the key "owner".
func (w *witness) key(p *Provider) hsm.Key {
	w.t.Helper()
	k, err := p.Generate(w.t.Context(), "owner", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		w.t.Fatal(err)
	}
	return k
}

// events is an Observer that remembers.
type events struct {
	mu   sync.Mutex
	uses []Use
	down []Outage
	up   []Outage
}

func (e *events) Signed(u Use)  { e.mu.Lock(); defer e.mu.Unlock(); e.uses = append(e.uses, u) }
func (e *events) Down(o Outage) { e.mu.Lock(); defer e.mu.Unlock(); e.down = append(e.down, o) }
func (e *events) Up(o Outage)   { e.mu.Lock(); defer e.mu.Unlock(); e.up = append(e.up, o) }

func (e *events) outages() (down, up int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.down), len(e.up)
}

// answered counts C_Sign that were.
func (e *events) answered() (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, u := range e.uses {
		if u.Class == Answered {
			n++
		}
	}
	return n
}

// tests counts self-tests that were answered.
func (e *events) tests() (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, u := range e.uses {
		if u.SelfTest && u.Class == Answered {
			n++
		}
	}
	return n
}

// clock is a clock that moves only when told to.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	timers map[chan time.Time]timer
	asked  chan struct{} // sent to, without waiting, whenever a timer is set
}

type timer struct {
	at time.Time
	d  time.Duration
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), timers: map[chan time.Time]timer{}, asked: make(chan struct{}, 1)}
}

func (c *clock) use(o *Options) { o.Now, o.After = c.Now, c.After }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) (<-chan time.Time, func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	c.timers[ch] = timer{c.now.Add(d), d}
	select {
	case c.asked <- struct{}{}:
	default:
	}
	return ch, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, running := c.timers[ch]
		delete(c.timers, ch)
		return running
	}
}

// advance moves the clock on and fires what is due.
func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for ch, t := range c.timers {
		if !t.at.After(c.now) {
			ch <- c.now
			delete(c.timers, ch)
		}
	}
}

// pass lets the pauses of a recovery pass, but no deadline of a call that is under way.
func (c *clock) pass() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ch, t := range c.timers {
		if t.d != callLimit {
			c.now = c.now.Add(t.d)
			ch <- c.now
			delete(c.timers, ch)
		}
	}
}

// callLimit is the deadline of calls in the profiles.
const callLimit = 5 * time.Second

// each does something whenever a timer is set, until done is closed.
func (c *clock) each(do func(), done <-chan struct{}) {
	for {
		select {
		case <-c.asked:
			do()
		case <-done:
			return
		}
	}
}

func signs(t testing.TB, k hsm.Key) {
	t.Helper()
	if err := signOnce(t.Context(), k); err != nil {
		t.Fatal(err)
	}
}

// signOnce has the key sign and checks the answer: canonical, and right.
func signOnce(ctx context.Context, k hsm.Key) error {
	pub := publicKey(k)
	e, err := gm.E(pub, []byte("示例"))
	if err != nil {
		return err
	}
	sig, err := k.Sign(ctx, e, hsm.SM2)
	if err != nil {
		return err
	}
	der, err := gm.CanonicalSignature(sig)
	if err != nil || !bytes.Equal(der, sig) || !gm.VerifyE(pub, e, sig) {
		return errors.New("the signature is wrong or not canonical")
	}
	return nil
}

// refused wants an error of a class, with its code and both sentences.
func refused(t testing.TB, what string, err error, c Class) {
	t.Helper()
	p, ok := fault.PublicOf(err)
	if !ok || p.Code != "hsm-"+string(c) || p.ZH == "" || p.EN == "" {
		t.Errorf("%s: %v (code %q), want hsm-%s", what, err, p.Code, c)
	}
}
