//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"time"

	p11 "github.com/miekg/pkcs11"
)

// module is one loaded library.
type module struct {
	*calls
	path string
	lib  *p11.Ctx

	// Under the lock of calls.
	ours  bool // we initialised it, so we may finalise it
	epoch int  // counts initialisations: handles of an earlier one mean nothing
}

// loadModule loads and initialises a library.
func loadModule(ctx context.Context, path string, o Options) (*module, error) {
	m := &module{calls: &calls{after: o.After}, path: path, lib: p11.New(path)}
	if m.lib == nil {
		return nil, &failure{class: NoModule, about: path}
	}
	ours, err := call(ctx, m.calls, defaultTimeout, m.initialize, nil)
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

// restart finalises and initialises the library: the last resort, for it takes every session of every token with it. It does so only once nothing is
// under way, keeps others out meanwhile, and not at all where somebody else initialised the library.
func (m *module) restart(ctx context.Context, limit time.Duration) error {
	if !m.isOurs() {
		return errInUse
	}
	reopen, err := m.exclude(ctx, limit)
	if err != nil {
		return err
	}
	defer reopen()
	m.mu.Lock()
	m.epoch++
	m.mu.Unlock()
	_, err = await(ctx, m.calls, limit, func() (bool, error) {
		_ = m.lib.Finalize() // it may have lost its state already
		return m.initialize()
	}, nil)
	return err
}

// close finalises what we initialised, unless a call is under way in it: a library is not pulled out from under a thread. One that hangs is left behind.
func (m *module) close() {
	if !m.isOurs() || !m.calls.alone() {
		return
	}
	m.mu.Lock()
	m.ours = false
	m.mu.Unlock()
	_, err := await(context.Background(), m.calls, defaultTimeout, func() (struct{}, error) { return struct{}{}, m.lib.Finalize() }, nil)
	if !errors.Is(err, errHung) {
		m.lib.Destroy()
	}
}

func (m *module) isOurs() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.ours
}

func (m *module) era() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.epoch
}
