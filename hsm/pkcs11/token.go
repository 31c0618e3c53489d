//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	p11 "github.com/miekg/pkcs11"

	"yinxin/gm"
	"yinxin/hsm/profile"
)

const (
	defaultTimeout = 5 * time.Second
	maxTries       = 16 // of one call, each after a recovery
)

// token is one token and its sessions. Its life goes in generations: each login begins one, a loss ends it, and what belongs to an earlier one (a
// session, a key's handle) is not used any more.
type token struct {
	conf TokenConfig
	opts Options
	load func(context.Context) (*module, error)
	// alone reports whether no other token that is up is served by the same library.
	alone func() bool
	life  context.Context
	end   context.CancelFunc

	permits chan struct{} // one for each signature under way
	opening chan struct{} // held by who opens the token for the first time
	work    sync.WaitGroup

	mu         sync.Mutex
	m          *module
	gen        uint64
	up, closed bool
	changed    chan struct{} // closed when up, refuse or closed change
	refuse     error         // while down: what callers are told at once
	outage     Outage        // while down
	lastUp     time.Time
	slot       uint
	info       p11.TokenInfo // of the first login; its serial number must stay
	anchor     session       // keeps the login while no other session is open
	idle       []session
	scarce     int // permits kept back because the token has fewer sessions
	profiles   []*profile.Profile
	badPIN     [gm.DigestSize]byte
	keys       map[string]*key
}

// session is a session handle and what it belongs to.
type session struct {
	handle p11.SessionHandle
	gen    uint64
	epoch  int
}

func newToken(conf TokenConfig, opts Options, load func(context.Context) (*module, error)) *token {
	t := &token{conf: conf, opts: opts, load: load, permits: make(chan struct{}, conf.Sessions), opening: make(chan struct{}, 1),
		changed: make(chan struct{}), keys: map[string]*key{}}
	t.life, t.end = context.WithCancel(context.Background())
	return t
}

// name is how people know the token: its configured label or serial.
func (t *token) name() string { return t.conf.Token.String() }

// fail makes an error about the token.
func (t *token) fail(c Class, detail string, err error) error {
	return &failure{class: c, about: t.name(), detail: detail, err: err}
}

// explain turns whatever ended a call into an error for people.
func (t *token) explain(err error) error { return explain(t.name(), err, t.likely()) }

// likely is the profile in use, or the first of those that may be; nil before the first login.
func (t *token) likely() *profile.Profile {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.profiles) == 0 {
		return nil
	}
	return t.profiles[0]
}

// limit is how long one call may take.
func (t *token) limit() time.Duration {
	if t.conf.Timeout > 0 {
		return t.conf.Timeout
	}
	if p := t.likely(); p != nil {
		return p.Limits.CallTimeout
	}
	return defaultTimeout
}

// wait returns the generation once the token is up. The first to come opens it and is told at once if that fails; later, callers wait for the
// recovery until ctx ends, or are told at once where waiting does not help.
func (t *token) wait(ctx context.Context) (uint64, error) {
	for {
		if err := ctx.Err(); err != nil {
			return 0, t.lateBecause(err)
		}
		t.mu.Lock()
		up, gen, closed, refuse, changed := t.up, t.gen, t.closed, t.refuse, t.changed
		if !up && refuse != nil {
			t.outage.Failed++
		}
		t.mu.Unlock()
		switch {
		case closed:
			return 0, t.fail(Closed, "", nil)
		case up:
			return gen, nil
		case gen == 0:
			if err := t.first(ctx); err != nil {
				return 0, t.explain(err)
			}
			continue
		case refuse != nil:
			return 0, refuse
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// lateBecause says why the token kept a caller waiting until its context ended.
func (t *token) lateBecause(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.up || t.gen == 0 || errors.Is(err, context.Canceled) {
		return err
	}
	return t.fail(t.outage.Class, "", errors.Join(err, t.outage.Cause))
}

// first opens a token that has not been open yet: one try.
func (t *token) first(ctx context.Context) error {
	select {
	case t.opening <- struct{}{}:
		defer func() { <-t.opening }()
	case <-ctx.Done():
		return ctx.Err()
	}
	t.mu.Lock()
	m, done := t.m, t.gen > 0 || t.closed
	t.mu.Unlock()
	if done {
		return nil
	}
	if m == nil {
		m, err := t.load(ctx)
		if err != nil {
			return err
		}
		t.mu.Lock()
		t.m = m
		t.mu.Unlock()
	}
	return t.login(ctx)
}

// change is made under the lock by who has changed what wait looks at.
func (t *token) change() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// try runs f until it has an answer. While none came because the token is gone, it waits for the recovery and runs f again in the next generation;
// anything else ends it.
func try[T any](ctx context.Context, t *token, f func(gen uint64) (T, error)) (T, error) {
	var zero T
	for n := 1; ; n++ {
		gen, err := t.wait(ctx)
		if err != nil {
			return zero, err
		}
		v, err := f(gen)
		if err == nil {
			return v, nil
		}
		if n == maxTries || !t.mayRepeat(ctx, gen, err) {
			return zero, t.explain(err)
		}
	}
}

func (t *token) mayRepeat(ctx context.Context, gen uint64, err error) bool {
	c := classOf(err, t.likely())
	switch {
	case ctx.Err() != nil:
		return false // it was the caller who gave up: that says nothing about the token
	case gone(c):
		t.lost(gen, c, err)
		return true
	case c == Busy:
		return t.fewer()
	}
	return c == again
}

// use runs f on a session of a generation. Sessions are read-only; whoever writes asks for one of its own with rw.
func use[T any](ctx context.Context, t *token, gen uint64, rw bool, f func(*p11.Ctx, p11.SessionHandle) (T, error)) (T, error) {
	var zero T
	select {
	case t.permits <- struct{}{}:
	default: // the short way above spares the locks of a context that many share
		select {
		case t.permits <- struct{}{}:
		case <-ctx.Done():
			return zero, ctx.Err()
		}
	}
	defer func() { <-t.permits }()
	t.mu.Lock()
	if !t.up || t.gen != gen {
		t.mu.Unlock()
		return zero, errStale
	}
	m, slot := t.m, t.slot
	s := session{gen: gen, epoch: t.anchor.epoch}
	have := !rw && len(t.idle) > 0
	if have {
		s = t.idle[len(t.idle)-1]
		t.idle = t.idle[:len(t.idle)-1]
	}
	t.mu.Unlock()
	limit := t.limit()
	if rw {
		limit = max(limit, makeLimit)
	}
	return call(ctx, m.calls, limit, func() (T, error) {
		if !have {
			var flags uint = p11.CKF_SERIAL_SESSION
			if rw {
				flags |= p11.CKF_RW_SESSION
			}
			var err error
			if s.handle, err = m.lib.OpenSession(slot, flags); err != nil {
				return zero, err
			}
		}
		v, err := f(m.lib, s.handle)
		t.put(m, s, err == nil && !rw)
		return v, err
	}, nil)
}

// put keeps a session that is good and closes any other, unless it is of an earlier initialisation and its number now means something else.
func (t *token) put(m *module, s session, good bool) {
	t.mu.Lock()
	keep := good && t.up && t.gen == s.gen && len(t.idle) < cap(t.permits)
	if keep {
		t.idle = append(t.idle, s)
	}
	t.mu.Unlock()
	if !keep && m.era() == s.epoch {
		_ = m.lib.CloseSession(s.handle)
	}
}

// fewer keeps one permit back, because the token has no session for it. It reports whether any is left.
func (t *token) fewer() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.scarce >= cap(t.permits)-1 {
		return false
	}
	select {
	case t.permits <- struct{}{}:
		t.scarce++
	default: // all are in use: one of them will be free soon
	}
	return true
}

// close ends the token: callers are told, sessions are closed, the recovery stops.
func (t *token) close() {
	t.end()
	t.mu.Lock()
	t.closed, t.up = true, false
	t.change()
	t.mu.Unlock()
	t.work.Wait()
	t.mu.Lock()
	old, m := t.sessions(), t.m
	t.mu.Unlock()
	if len(old) == 0 {
		return
	}
	_, _ = call(context.Background(), m.calls, t.limit(), func() (struct{}, error) {
		closeSessions(m, old)
		return struct{}{}, nil
	}, nil)
}

// sessions takes all sessions away, under the lock.
func (t *token) sessions() []session {
	old := t.idle
	if t.anchor.gen > 0 {
		old = append(old, t.anchor)
	}
	t.idle, t.anchor = nil, session{}
	return old
}

func closeSessions(m *module, old []session) {
	epoch := m.era()
	for _, s := range old {
		if s.epoch == epoch {
			_ = m.lib.CloseSession(s.handle)
		}
	}
}

// title is label and serial number, for records. mu is not held.
func (t *token) title() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return titleOf(t.info)
}

func titleOf(i p11.TokenInfo) string {
	return fmt.Sprintf("%s #%s", trimmed(i.Label), trimmed(i.SerialNumber))
}

func (t *token) state() (s State, opened bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gen == 0 {
		return s, false
	}
	s = State{Token: titleOf(t.info), Up: t.up, InUse: len(t.permits) - t.scarce, Sessions: cap(t.permits) - t.scarce}
	s.Stuck, s.Abandoned = t.m.given()
	s.Refusing = t.refuse != nil || s.Stuck >= maxStuck
	return s, true
}
