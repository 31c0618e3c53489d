//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ThalesGroup/crypto11"
	p11 "github.com/miekg/pkcs11"

	"yinxin/gm"
	"yinxin/hsm"
)

// second is a token for RSA and P-256 keys, through crypto11 and on a library of its own: crypto11 wants to initialise the library itself and has no way
// back from a lost session, so on failure it is closed and configured anew, once per call. Calls are not kept waiting as they are for SM2.
type second struct {
	conf  TokenConfig
	opts  Options
	calls *calls

	turn chan struct{} // held by who configures or closes crypto11

	mu     sync.Mutex
	ctx    *crypto11.Context
	gen    uint64
	closed bool
	info   p11.TokenInfo
	badPIN [gm.DigestSize]byte
	outage *Outage
	keys   map[string]*secondKey
}

// makeLimit is how long making a key may take at least: a device may look for the primes of an RSA key for a while.
const makeLimit = time.Minute

func newSecond(conf TokenConfig, opts Options) *second {
	return &second{conf: conf, opts: opts, calls: &calls{after: opts.After}, turn: make(chan struct{}, 1), keys: map[string]*secondKey{}}
}

func (s *second) name() string { return s.conf.Token.String() }

func (s *second) fail(c Class, detail string, err error) error {
	return &failure{class: c, about: s.name(), detail: detail, err: err}
}

func (s *second) limit() time.Duration {
	if s.conf.Timeout > 0 {
		return s.conf.Timeout
	}
	return defaultTimeout
}

// do runs f with crypto11. If no answer came it is configured anew and f runs once more, unless f must be tried
// once only: making and destroying, which may also take longer.
func do[T any](ctx context.Context, s *second, once bool, f func(*crypto11.Context) (T, error)) (T, error) {
	for n := 1; ; n++ {
		c, gen, err := s.context(ctx)
		if err != nil {
			var zero T
			return zero, s.explain(err)
		}
		limit := s.limit()
		if once {
			limit = max(limit, makeLimit)
		}
		v, err := call(ctx, s.calls, limit, func() (T, error) { return f(c) }, nil) // crypto11 takes no context: what is given up goes on by itself
		if !gone(classOf(err, nil)) || ctx.Err() != nil {
			return v, s.explain(err)
		}
		s.lost(gen, err)
		if n > 1 || once {
			return v, s.explain(err)
		}
	}
}

func (s *second) explain(err error) error { return explain(s.name(), err, nil) }

// context returns crypto11, configured now if it is not.
func (s *second) context(ctx context.Context) (*crypto11.Context, uint64, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, 0, ctx.Err()
	}
	s.mu.Lock()
	c, gen, closed := s.ctx, s.gen, s.closed
	s.mu.Unlock()
	if closed {
		return nil, 0, s.fail(Closed, "", nil)
	}
	if c != nil {
		return c, gen, nil
	}
	c, err := call(ctx, s.calls, s.limit(), s.configure, shut)
	if err != nil {
		return nil, 0, err
	}
	s.mu.Lock()
	s.ctx = c
	s.gen++
	gen = s.gen
	outage := s.outage
	s.outage = nil
	s.mu.Unlock()
	if outage != nil {
		outage.Ended = s.opts.Now()
		s.opts.Observer.Up(*outage)
	}
	return c, gen, nil
}

// configure looks at the token's flags before crypto11 sends the PIN, which it does without looking.
func (s *second) configure() (*crypto11.Context, error) {
	pin, err := s.conf.PIN.read()
	if err != nil {
		return nil, err
	}
	defer clear(pin)
	info, err := s.look()
	if err != nil {
		return nil, err
	}
	digest := gm.SM3(pin)
	s.mu.Lock()
	before, bad := s.info, s.badPIN == digest
	s.mu.Unlock()
	if was, is := trimmed(before.SerialNumber), trimmed(info.SerialNumber); was != "" && was != is {
		return nil, s.fail(TokenChanged, fmt.Sprintf("was #%s, is #%s", was, is), nil)
	}
	if err := mayLogin(s.name(), info.Flags, pin); err != nil {
		return nil, err
	}
	if bad {
		return nil, s.fail(PINWrong, "", nil)
	}
	c, err := crypto11.Configure(&crypto11.Config{Path: realPath(s.conf.Module), TokenSerial: trimmed(info.SerialNumber), Pin: string(pin),
		MaxSessions: s.conf.Sessions + 1, PoolWaitTimeout: s.limit()})
	s.mu.Lock()
	defer s.mu.Unlock()
	if classOf(err, nil) == PINWrong {
		s.badPIN = digest
	}
	if err != nil {
		return nil, err
	}
	s.info = info
	return c, nil
}

// look reads the token's state before crypto11 takes the library over.
func (s *second) look() (info p11.TokenInfo, err error) {
	lib := p11.New(realPath(s.conf.Module))
	if lib == nil {
		return info, &failure{class: NoModule, about: s.conf.Module}
	}
	defer lib.Destroy()
	switch err := lib.Initialize(); {
	case err == nil:
		defer func() { _ = lib.Finalize() }()
	case !errors.Is(err, p11.Error(p11.CKR_CRYPTOKI_ALREADY_INITIALIZED)):
		return info, &failure{class: NoModule, about: s.conf.Module, err: err}
	}
	_, info, err = seek(tokens{func() ([]uint, error) { return lib.GetSlotList(true) }, lib.GetTokenInfo}, s.conf.Token, 0, "")
	return info, err
}

// lost closes crypto11, so that the next call configures it anew.
func (s *second) lost(gen uint64, cause error) {
	s.mu.Lock()
	c := s.ctx
	if c == nil || s.gen != gen {
		s.mu.Unlock()
		return
	}
	s.ctx = nil
	s.outage = &Outage{Token: titleOf(s.info), Began: s.opts.Now(), Class: classOf(cause, nil), Cause: cause}
	down := *s.outage
	s.mu.Unlock()
	s.opts.Log.Warn("token lost", "token", down.Token, "class", string(down.Class), "cause", cause)
	s.opts.Observer.Down(down)
	s.release(c)
}

// release closes crypto11, unless a call is under way in it. One that hangs is left behind.
func (s *second) release(c *crypto11.Context) {
	if c == nil || !s.calls.alone() {
		return
	}
	_, _ = await(context.Background(), s.calls, s.limit(), func() (struct{}, error) { return struct{}{}, c.Close() }, nil)
}

func shut(c *crypto11.Context) { _ = c.Close() }

func (s *second) close() {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	s.mu.Lock()
	c := s.ctx
	s.ctx, s.closed = nil, true
	s.mu.Unlock()
	s.release(c)
}

func (s *second) title() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return titleOf(s.info)
}

func (s *second) state() (at State, opened bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gen == 0 {
		return at, false
	}
	at = State{Token: titleOf(s.info), Up: s.ctx != nil, InUse: s.calls.underway(), Sessions: s.conf.Sessions}
	at.Stuck, at.Abandoned = s.calls.given()
	at.Refusing = at.Stuck >= maxStuck
	return at, true
}

func (s *second) refOf(label string, id []byte) hsm.Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	return URI{Token: trimmed(s.info.Label), Serial: trimmed(s.info.SerialNumber), Object: label, ID: id}.Ref()
}

// pairs finds the RSA and elliptic curve pairs a reference means; both fields empty mean all.
func pairs(c *crypto11.Context, w want) ([]crypto11.Signer, error) {
	var all []crypto11.Signer
	for _, kind := range []uint{p11.CKK_RSA, p11.CKK_EC} {
		set := crypto11.NewAttributeSet()
		if err := set.Set(crypto11.CkaKeyType, kind); err != nil {
			return nil, err
		}
		if len(w.id) > 0 {
			if err := set.Set(crypto11.CkaId, w.id); err != nil {
				return nil, err
			}
		}
		if w.label != "" {
			if err := set.Set(crypto11.CkaLabel, []byte(w.label)); err != nil {
				return nil, err
			}
		}
		some, err := c.FindKeyPairsWithAttributes(set)
		if err != nil && strings.Contains(err.Error(), "unsupported elliptic curve") { // crypto11 has no other way to say it
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func (s *second) list(ctx context.Context) ([]hsm.Info, error) {
	return do(ctx, s, false, func(c *crypto11.Context) ([]hsm.Info, error) {
		all, err := pairs(c, want{})
		if err != nil {
			return nil, err
		}
		var out []hsm.Info
		for _, signer := range all {
			spec, err := hsm.SpecOf(signer.Public())
			if err != nil {
				continue // of a kind that is not used here
			}
			label, id := names(c, signer)
			out = append(out, hsm.Info{Ref: s.refOf(label, id), Spec: spec, Public: signer.Public()})
		}
		return out, nil
	})
}

func names(c *crypto11.Context, signer crypto11.Signer) (label string, id []byte) {
	if a, err := c.GetAttribute(signer, crypto11.CkaLabel); err == nil {
		label = string(a.Value)
	}
	if a, err := c.GetAttribute(signer, crypto11.CkaId); err == nil {
		id = a.Value
	}
	return label, id
}

// ready has every key opened so far sign; where none is, the token is opened.
func (s *second) ready(ctx context.Context) error {
	s.mu.Lock()
	var keys []*secondKey
	for _, k := range s.keys {
		keys = append(keys, k)
	}
	s.mu.Unlock()
	for _, k := range keys {
		if _, err := s.inspect(ctx, k.want); err != nil {
			return err
		}
	}
	_, _, err := s.context(ctx)
	return s.explain(err)
}
