// Package soft serves the keys of an hsm/keystore in this process: SM2, RSA and P-256 in software, for development, tests and internal
// seals.
package soft

import (
	"context"
	"fmt"
	"sync"

	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/hsm/keystore"
)

// Provider is an hsm.Provider, hsm.Lister and hsm.Destroyer. It may be used by several goroutines.
type Provider struct {
	store *keystore.Store

	mu   sync.Mutex
	keys map[string]*key // opened so far; nil once closed
}

var (
	_ hsm.Provider  = (*Provider)(nil)
	_ hsm.Lister    = (*Provider)(nil)
	_ hsm.Destroyer = (*Provider)(nil)
)

// New returns a provider over an opened store, which becomes the provider's to close.
func New(store *keystore.Store) *Provider {
	return &Provider{store: store, keys: map[string]*key{}}
}

// Key opens a key, which proves that the private and the public half belong together. The file is read every time, so that a key which another
// process has destroyed or put in place of an older one is never served from memory; the same key is the same hsm.Key each time.
func (p *Provider) Key(ctx context.Context, ref hsm.Ref) (hsm.Key, error) {
	name, err := begin(ctx, ref)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys == nil {
		return nil, errClosed()
	}
	return p.open(name)
}

// open holds the lock.
func (p *Provider) open(name string) (*key, error) {
	private, err := p.store.Private(name)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound {
			p.drop(name)
		}
		return nil, fmt.Errorf("open key %s: %w", name, err)
	}
	if k := p.keys[name]; k != nil {
		if k.is(private.Public) {
			private.Zero()
			return k, nil
		}
		p.drop(name)
	}
	k := &key{public: private.Public, private: private}
	p.keys[name] = k
	return k, nil
}

// Generate makes a key of one of hsm.Specs.
func (p *Provider) Generate(ctx context.Context, ref hsm.Ref, s hsm.Spec) (hsm.Key, error) {
	name, err := begin(ctx, ref)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys == nil {
		return nil, errClosed()
	}
	if _, err := p.store.Generate(name, s); err != nil {
		return nil, err
	}
	return p.open(name)
}

// List describes the keys of the store, sorted by name.
func (p *Provider) List(ctx context.Context) ([]hsm.Info, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return p.store.List()
}

// Destroy removes a key for good; an hsm.Key opened before stops signing.
func (p *Provider) Destroy(ctx context.Context, ref hsm.Ref) error {
	name, err := begin(ctx, ref)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.keys == nil {
		return errClosed()
	}
	if err := p.store.Destroy(name); err != nil {
		return err
	}
	p.drop(name)
	return nil
}

// Close clears the opened keys, which stop signing, and closes the store.
func (p *Provider) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name := range p.keys {
		p.drop(name)
	}
	p.keys = nil
	return p.store.Close()
}

// drop forgets and clears a key, once the signatures under way are made. It holds the lock.
func (p *Provider) drop(name string) {
	if k := p.keys[name]; k != nil {
		k.close()
		delete(p.keys, name)
	}
}

func begin(ctx context.Context, ref hsm.Ref) (name string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return ref.Soft()
}
