//go:build cgo

package pkcs11

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	p11 "github.com/miekg/pkcs11"

	"yinxin/hsm"
)

// Every answer that says the session, the login or the handle is gone is mended within the same Sign, and the signature is made once.
func TestOneBadAnswer(t *testing.T) {
	for name, code := range map[string]uint{
		"session invalid": p11.CKR_SESSION_HANDLE_INVALID, "session closed": p11.CKR_SESSION_CLOSED, "device error": p11.CKR_DEVICE_ERROR,
		"removed": p11.CKR_DEVICE_REMOVED, "not present": p11.CKR_TOKEN_NOT_PRESENT, "not logged in": p11.CKR_USER_NOT_LOGGED_IN,
		"general": p11.CKR_GENERAL_ERROR, "object handle": p11.CKR_OBJECT_HANDLE_INVALID, "key handle": p11.CKR_KEY_HANDLE_INVALID,
		"operation active": p11.CKR_OPERATION_ACTIVE, "vendor's own": 0x80001606, "no session left": p11.CKR_SESSION_COUNT,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWitness(t, "luna")
			k := w.key(w.open())
			w.SignError.Store(uint32(code))
			w.SignErrors.Store(1)
			signs(t, k)
			signs(t, k)
			down, up := w.events.outages()
			if wantOutage := classOfCode(code, nil) == Lost || classOfCode(code, nil) == Removed || code == 0x80001606; down != up || wantOutage != (down == 1) {
				t.Errorf("%d outages, %d recoveries", down, up)
			}
			if w.WrongLogins.Load() != 0 {
				t.Error("a PIN was refused")
			}
			last := w.events.uses[len(w.events.uses)-1]
			if last.Class != Answered || last.SelfTest || last.Mechanism != 0x80000B21 || last.Token != "seals #0001" || len(last.Digest) != 32 {
				t.Errorf("the last use is %+v", last)
			}
		})
	}
}

// What the token refuses for good is said, and not repeated.
func TestRefusal(t *testing.T) {
	w := newWitness(t, "luna")
	k := w.key(w.open())
	w.SignError.Store(p11.CKR_KEY_FUNCTION_NOT_PERMITTED)
	w.SignErrors.Store(1)
	refused(t, "a refusal", signOnce(t.Context(), k), Refused)
	if w.Signs.Load() != 2 { // the self-test and this one
		t.Errorf("%d C_Sign", w.Signs.Load())
	}
	signs(t, k)
}

// outage makes something happen in the middle of many signatures, three times, and undoes it once callers wait.
func outage(t *testing.T, w *witness, begin, end func()) {
	t.Helper()
	const callers, each, times = 16, 120, 3
	var log lines
	k := w.key(w.open(func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) }))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var group sync.WaitGroup
	made := make(chan struct{}, callers*each)
	for range callers {
		group.Go(func() {
			for range each {
				if err := signOnce(ctx, k); err != nil {
					t.Error(err)
					return
				}
				made <- struct{}{}
			}
		})
	}
	for n := range times {
		for range callers * each / (times + 1) {
			select {
			case <-made:
			case <-ctx.Done():
				t.Fatal("no more signatures are made")
			}
		}
		begin()
		for down := 0; down <= n && ctx.Err() == nil; down, _ = w.events.outages() {
			select {
			case <-made:
			case <-time.After(time.Millisecond): // all callers wait
			}
		}
		end()
	}
	group.Wait()
	down, up := w.events.outages()
	if down != times || up != times {
		t.Errorf("%d outages and %d recoveries for %d losses", down, up, times)
	}
	if tests := w.events.tests(); tests != times+1 {
		t.Errorf("%d self-tests for %d logins", tests, times+1)
	}
	if lost, back := log.count("token lost"), log.count("token back"); lost != times || back != times {
		t.Errorf("%d and %d lines in the log for %d outages", lost, back, times)
	}
}

// lines is a log in memory.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(words string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), words)
}

func TestOutages(t *testing.T) {
	nothing := func() {}
	t.Run("sessions lost", func(t *testing.T) {
		w := newWitness(t, "luna")
		outage(t, w, func() { w.SessionsLost.Add(1) }, nothing)
		if w.Initializes.Load() != 1 {
			t.Error("the library was started anew although a new session was enough")
		}
	})
	t.Run("sessions lost, and another token has the label", func(t *testing.T) {
		w := newWitness(t, "luna")
		outage(t, w, func() { w.SessionsLost.Add(1); w.Twin.Store(1) }, nothing) // by its serial number it is still known
	})
	t.Run("login lost", func(t *testing.T) {
		w := newWitness(t, "tass")
		outage(t, w, func() { w.LoginLost.Add(1) }, nothing)
	})
	t.Run("device removed", func(t *testing.T) {
		w := newWitness(t, "sansec")
		outage(t, w, func() { w.Removed.Store(1) }, func() { w.Removed.Store(0) })
	})
	t.Run("library lost its state", func(t *testing.T) {
		w := newWitness(t, "ibm")
		outage(t, w, func() { w.InitNeeded.Add(1) }, nothing)
		if w.Initializes.Load() < 4 {
			t.Errorf("initialised %d times", w.Initializes.Load())
		}
	})
}

// What happens to the token while a key of it is open, and what callers are then told. None of it is a wrong signature, and once it is undone the
// pool works again without a restart.
func TestNamedFaults(t *testing.T) {
	lose := func(w *witness) { w.SessionsLost.Add(1) }
	for name, c := range map[string]struct {
		begin, end func(w *witness)
		want       Class
		back       bool
	}{
		"PIN locked":                  {func(w *witness) { lose(w); w.PINTries.Store(0) }, func(w *witness) { w.PINTries.Store(3) }, PINLocked, true},
		"PIN, last try":               {func(w *witness) { lose(w); w.PINTries.Store(1) }, func(w *witness) { w.PINTries.Store(3) }, PINLastTry, true},
		"PIN changed":                 {func(w *witness) { lose(w); copy(w.PIN[:], "87654321") }, func(w *witness) { rewrite(w.t, w.conf.PIN.File, "87654321") }, PINWrong, true},
		"PIN file gone":               {func(w *witness) { lose(w); os.Remove(w.conf.PIN.File) }, func(w *witness) { rewrite(w.t, w.conf.PIN.File, testPIN) }, "pin", true},
		"other serial":                {func(w *witness) { lose(w); copy(w.Serial[:], "0002") }, func(w *witness) { copy(w.Serial[:], "0001") }, TokenChanged, true},
		"same label":                  {func(w *witness) { lose(w); copy(w.Serial[:], "0002"); w.Twin.Store(1) }, func(w *witness) { copy(w.Serial[:], "0001"); w.Twin.Store(0) }, TokenTwice, true},
		"key deleted":                 {func(w *witness) { w.DeleteKeys.Add(1) }, nil, KeyMissing, false},
		"key replaced":                {func(w *witness) { w.ReplaceKeys.Add(1) }, nil, KeyChanged, false},
		"replaced, and sessions lost": {func(w *witness) { w.ReplaceKeys.Add(1); lose(w) }, nil, KeyChanged, false},
		"made extractable":            {func(w *witness) { lose(w); w.Extractable.Store(1) }, func(w *witness) { w.Extractable.Store(0) }, KeyAttributes, true},
		"wrong answer":                {func(w *witness) { w.WrongAnswers.Store(1) }, func(*witness) {}, WrongAnswer, true},
	} {
		t.Run(name, func(t *testing.T) {
			w, clock := newWitness(t, "luna"), newClock()
			p := w.open(clock.use)
			k := w.key(p)
			clock.advance(time.Hour) // so that this is no flapping
			c.begin(w)
			for range 3 {
				refused(t, name, signOnce(t.Context(), k), c.want)
				if c.want == WrongAnswer {
					break
				}
			}
			if w.WrongLogins.Load() > 1 {
				t.Errorf("a wrong PIN was sent %d times", w.WrongLogins.Load())
			}
			if !c.back {
				_, err := p.Key(t.Context(), "owner")
				refused(t, name+", opened again", err, c.want)
				return
			}
			c.end(w)
			done := make(chan struct{})
			go clock.each(clock.pass, done)
			defer close(done)
			for err := signOnce(t.Context(), k); err != nil; err = signOnce(t.Context(), k) { // refused at once until the next look
				if t.Context().Err() != nil {
					t.Fatal(err)
				}
			}
			if down, up := w.events.outages(); down != up || down > 1 {
				t.Errorf("%d outages, %d recoveries", down, up)
			}
		})
	}
}

func rewrite(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Error(err)
	}
}

// waitFor waits until something the driver does by itself has happened.
func waitFor(t testing.TB, what string, happened func() bool) {
	t.Helper()
	for !happened() {
		select {
		case <-t.Context().Done():
			t.Fatal(what + " does not happen")
		case <-time.After(time.Millisecond):
		}
	}
}

// hung asks for signatures that do not come back and returns their results.
func hung(t *testing.T, w *witness, k hsm.Key, n int) <-chan error {
	t.Helper()
	before := int(w.Signs.Load())
	w.Hang.Store(1)
	results := make(chan error, n)
	for range n {
		go func() { results <- signOnce(t.Context(), k) }()
	}
	waitFor(t, "a hung call", func() bool { return int(w.Signs.Load()) == before+n })
	return results
}

func TestHungCall(t *testing.T) {
	w, clock := newWitness(t, "luna"), newClock()
	k := w.key(w.open(clock.use))
	clock.advance(time.Hour)
	result := hung(t, w, k, 1)
	clock.advance(callLimit)
	waitFor(t, "the deadline", func() bool { down, _ := w.events.outages(); return down == 1 })
	w.Hang.Store(0)
	done := make(chan struct{})
	go clock.each(clock.pass, done)
	defer close(done)
	if err := <-result; err != nil { // no answer came, so the driver asked again
		t.Error(err)
	}
	signs(t, k)
	if w.Initializes.Load() != 1 {
		t.Error("the library was finalised under a call")
	}
	if first := w.events.down[0]; first.Class != Hung || first.Began.IsZero() {
		t.Errorf("the outage is %+v", first)
	}
}

// With too many calls stuck no more are made; once they return, the token comes back by itself.
func TestStuckCalls(t *testing.T) {
	w, clock := newWitness(t, "luna"), newClock()
	w.conf.Sessions = maxStuck
	p := w.open(clock.use)
	k := w.key(p)
	clock.advance(time.Hour)
	results := hung(t, w, k, maxStuck)
	done := make(chan struct{})
	go clock.each(func() { clock.advance(callLimit) }, done)
	clock.advance(callLimit)
	for range maxStuck {
		refused(t, "a stuck call", <-results, Hung)
	}
	refused(t, "one more", signOnce(t.Context(), k), Hung)
	if s := p.States()[0]; s.Up || !s.Refusing || s.Stuck < maxStuck || s.Abandoned < maxStuck {
		t.Errorf("stuck: %+v", s)
	}
	if n := w.Signs.Load(); n > 1+2*maxStuck { // those stuck, and those that were under way when the last got stuck
		t.Errorf("%d C_Sign: the library was called although it is stuck", n)
	}
	close(done)
	w.Hang.Store(0)
	done = make(chan struct{})
	go clock.each(clock.pass, done)
	defer close(done)
	waitFor(t, "the recovery", func() bool { return signOnce(t.Context(), k) == nil })
	waitFor(t, "the end of the outage", func() bool { down, up := w.events.outages(); return down == up })
	if s := p.States()[0]; !s.Up || s.Refusing || s.Stuck != 0 || s.Abandoned < maxStuck || s.InUse != 0 || s.Sessions != maxStuck {
		t.Errorf("afterwards: %+v", s)
	}
}

// Callers wait for a token as long as their context and the configured patience allow; then they are told at once.
func TestPatience(t *testing.T) {
	w, clock := newWitness(t, "luna"), newClock()
	p := w.open(clock.use)
	if s := p.States(); len(s) != 0 {
		t.Errorf("before it was opened: %+v", s)
	}
	k := w.key(p)
	clock.advance(time.Hour)
	w.Removed.Store(1)
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := signOnce(short, k)
	refused(t, "a short context", err, Removed)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the deadline is not in %v", err)
	}
	waiting := make(chan error, 1)
	go func() { waiting <- signOnce(t.Context(), k) }()
	done := make(chan struct{})
	go clock.each(clock.pass, done)
	refused(t, "after the patience", <-waiting, Removed)
	for range 5 {
		refused(t, "with the circuit open", signOnce(t.Context(), k), Removed)
	}
	refused(t, "readiness", p.Ready(t.Context()), Removed)
	if s := p.States()[0]; s.Up || !s.Refusing || s.Token != "seals #0001" || s.Sessions != defaultSessions {
		t.Errorf("with the circuit open: %+v", s)
	}
	w.Removed.Store(0)
	waitFor(t, "the recovery", func() bool { return signOnce(t.Context(), k) == nil })
	close(done)
	if down, up := w.events.outages(); down != 1 || up != 1 || w.events.up[0].Failed < 6 {
		t.Errorf("%d outages, %d recoveries, %+v", down, up, w.events.up)
	}
	if err := p.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// Starting the library anew takes every token of it along, and all of them come back.
func TestRestartWithNeighbours(t *testing.T) {
	w := newWitness(t, "luna")
	other := w.conf
	other.Token = TokenName{Serial: "0001"}
	p, err := Open(Config{Tokens: []TokenConfig{w.conf, other}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	a, err := p.Generate(t.Context(), "pkcs11:token=seals;object=owner", hsm.Spec{Algorithm: hsm.SM2})
	if err == nil {
		t.Fatalf("two tokens of the configuration fit, and one made %v", a)
	}
	keys := []hsm.Key{}
	for i, s := range p.served {
		k, err := s.make(t.Context(), want{label: string(rune('a' + i))}, hsm.Spec{Algorithm: hsm.SM2})
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	for range 3 {
		w.InitNeeded.Add(1)
		for _, k := range keys {
			signs(t, k)
		}
	}
}
