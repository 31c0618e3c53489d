//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	p11 "github.com/miekg/pkcs11"
)

// maxStuck is how many calls that do not return may hold threads of a module; then no more are made until some return.
const maxStuck = 16

var (
	errHung  = errors.New("pkcs11: the call did not return in time")
	errStuck = fmt.Errorf("pkcs11: %d calls are stuck in the library", maxStuck)
	errInUse = errors.New("pkcs11: the library cannot be started anew: calls are under way, or others have started it")
)

// module is one loaded library. All calls into it pass through call, which knows how many are under way.
type module struct {
	path  string
	lib   *p11.Ctx
	after func(time.Duration) (<-chan time.Time, func() bool)

	mu      sync.Mutex
	ours    bool          // we initialised it, so we may finalise it
	epoch   int           // counts initialisations: handles of an earlier one mean nothing
	running int           // calls under way, the stuck ones too
	stuck   int           // calls that were given up and have not returned
	shut    chan struct{} // while nobody may enter: closed when they may again
	quiet   chan struct{} // while somebody waits for that: closed when nothing runs
}

// loadModule loads and initialises a library.
func loadModule(ctx context.Context, path string, o Options) (*module, error) {
	m := &module{path: path, lib: p11.New(path), after: o.After}
	if m.lib == nil {
		return nil, &failure{class: NoModule, about: path}
	}
	ours, err := call(ctx, m, defaultTimeout, m.initialize, nil)
	if err != nil {
		return nil, &failure{class: NoModule, about: path, err: err}
	}
	m.ours = ours
	return m, nil
}

// initialize reports whether this call is what initialised the library.
func (m *module) initialize() (ours bool, err error) {
	err = m.lib.Initialize()
	if errors.Is(err, p11.Error(p11.CKR_CRYPTOKI_ALREADY_INITIALIZED)) {
		return false, nil
	}
	return err == nil, err
}

// call runs f, which makes C calls, and gives up after limit or when ctx ends. A C call cannot be cancelled: one that is given up goes on in its
// thread and counts as stuck until it returns; what it then answers is handed to undo, if any, and to nobody else.
func call[T any](ctx context.Context, m *module, limit time.Duration, f func() (T, error), undo func(T)) (T, error) {
	if err := m.enter(ctx); err != nil {
		var zero T
		return zero, err
	}
	return await(ctx, m, limit, f, undo)
}

// await is call for who has entered.
func await[T any](ctx context.Context, m *module, limit time.Duration, f func() (T, error), undo func(T)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	done := make(chan answer, 1)
	var over atomic.Bool
	go func() {
		v, err := f()
		if over.CompareAndSwap(false, true) {
			m.leave(false)
			done <- answer{v, err}
			return
		}
		if err == nil && undo != nil {
			undo(v)
		}
		m.leave(true)
	}()
	fired, stop := m.after(limit)
	defer stop()
	var err error
	select {
	case a := <-done:
		return a.v, a.err
	case <-fired:
		err = errHung
	case <-ctx.Done():
		err = ctx.Err()
	}
	if !m.abandon(&over) {
		a := <-done
		return a.v, a.err
	}
	var zero T
	return zero, err
}

// enter waits while the library is started anew.
func (m *module) enter(ctx context.Context) error {
	for {
		m.mu.Lock()
		shut := m.shut
		switch {
		case m.stuck >= maxStuck:
			m.mu.Unlock()
			return errStuck
		case shut == nil:
			m.running++
			m.mu.Unlock()
			return nil
		}
		m.mu.Unlock()
		select {
		case <-shut:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (m *module) leave(wasStuck bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running--
	if wasStuck {
		m.stuck--
	}
	if m.running == 0 && m.quiet != nil {
		close(m.quiet)
		m.quiet = nil
	}
}

// abandon reports whether the call is still under way, and counts it as stuck.
func (m *module) abandon(over *atomic.Bool) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !over.CompareAndSwap(false, true) {
		return false
	}
	m.stuck++
	return true
}

// restart finalises and initialises the library: the last resort, for it takes every session of every token with it. It does so only once nothing is
// under way, keeps others out meanwhile, and not at all where somebody else initialised the library.
func (m *module) restart(ctx context.Context, limit time.Duration) error {
	m.mu.Lock()
	if !m.ours || m.stuck > 0 || m.shut != nil {
		m.mu.Unlock()
		return errInUse
	}
	shut := make(chan struct{})
	m.shut = shut
	var quiet chan struct{}
	if m.running > 0 {
		quiet = make(chan struct{})
		m.quiet = quiet
	}
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		m.shut, m.quiet = nil, nil
		m.mu.Unlock()
		close(shut)
	}()
	if err := m.waitQuiet(ctx, quiet, limit); err != nil {
		return err
	}
	m.mu.Lock()
	m.running++
	m.epoch++
	m.mu.Unlock()
	_, err := await(ctx, m, limit, func() (bool, error) {
		_ = m.lib.Finalize() // it may have lost its state already
		return m.initialize()
	}, nil)
	return err
}

func (m *module) waitQuiet(ctx context.Context, quiet <-chan struct{}, limit time.Duration) error {
	if quiet == nil {
		return nil
	}
	fired, stop := m.after(limit)
	defer stop()
	select {
	case <-quiet:
		return nil
	case <-fired:
		return errInUse
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close finalises what we initialised, unless a call is stuck in it: a library is not pulled out from under a thread.
func (m *module) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running > 0 || !m.ours {
		return
	}
	_ = m.lib.Finalize()
	m.lib.Destroy()
	m.ours = false
}

func (m *module) era() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.epoch
}
