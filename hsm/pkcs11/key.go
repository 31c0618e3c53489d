//go:build cgo

package pkcs11

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"time"

	p11 "github.com/miekg/pkcs11"

	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/profile"
)

// key is an SM2 key on a token.
type key struct {
	t      *token
	want   want
	ref    hsm.Ref
	public *ecdsa.PublicKey // as first seen; it must stay
	print  string

	proving chan struct{} // held by who finds and tests the key
	held    atomic.Pointer[held]
}

// held is what a key is in one generation: found again, the same as before, and tested.
type held struct {
	gen  uint64
	f    found
	p    *profile.Profile
	took time.Duration // of the signature of the self-test
}

var _ hsm.Key = (*key)(nil)

func (k *key) Public() crypto.PublicKey { return k.public }

// Ref is the key's full address.
func (k *key) Ref() hsm.Ref { return k.ref }

// Sign answers as hsm.Algorithm says. See the package for what happens when the token is gone.
func (k *key) Sign(ctx context.Context, digest []byte, alg hsm.Algorithm) ([]byte, error) {
	if err := hsm.SM2.Accepts(digest, alg); err != nil {
		return nil, err
	}
	var pin []byte
	defer func() { clear(pin) }()
	sig, err := try(ctx, k.t, func(gen uint64) ([]byte, error) {
		h, err := k.hold(ctx, gen)
		if err != nil {
			return nil, err
		}
		if h.f.always && pin == nil {
			if pin, err = k.t.opts.Authorize(ctx, k.ref, bytes.Clone(digest)); err != nil {
				return nil, fmt.Errorf("authorise the use of %s: %w", k.ref, err)
			}
		}
		return k.once(ctx, h, digest, pin, false)
	})
	return sig, k.t.explain(err)
}

// once asks the token for one signature and reads its answer. An answer that does not verify is looked into: if the key is another one now, that is
// what is said.
func (k *key) once(ctx context.Context, h *held, e, pin []byte, test bool) ([]byte, error) {
	start := k.t.opts.Now()
	mechanism := h.p.SM2.Sign.Digest
	answer, err := use(ctx, k.t, h.gen, false, func(lib *p11.Ctx, s p11.SessionHandle) ([]byte, error) {
		if err := lib.SignInit(s, []*p11.Mechanism{p11.NewMechanism(mechanism.Mechanism, nil)}, h.f.private); err != nil {
			return nil, err
		}
		if pin != nil {
			if err := lib.Login(s, p11.CKU_CONTEXT_SPECIFIC, string(pin)); classOf(err, h.p) == PINWrong {
				return nil, k.t.keyFail(Unauthorised, k.want, "", err)
			} else if err != nil {
				return nil, err
			}
		}
		return lib.Sign(s, e)
	})
	var sig []byte
	if err == nil {
		if sig, err = canonical(answer, mechanism.Encoding, k.public, e); err != nil {
			err = k.t.fail(WrongAnswer, fmt.Sprintf("key %s, mechanism %#x", k.want, mechanism.Mechanism), err)
		}
	}
	class := classOf(err, h.p)
	k.t.opts.Observer.Signed(Use{Token: k.t.title(), Key: k.ref, Public: k.print, Mechanism: mechanism.Mechanism, Digest: bytes.Clone(e), SelfTest: test,
		Class: class, Code: codeOf(err), Took: k.t.opts.Now().Sub(start)})
	if class == stale || class == WrongAnswer {
		return nil, k.suspect(ctx, h, err, test)
	}
	return sig, err
}

// suspect drops what was held of the key and finds out what became of it. It returns the better explanation; where the key is still there and the
// same, a handle that went stale is worth another try.
func (k *key) suspect(ctx context.Context, h *held, err error, test bool) error {
	k.held.CompareAndSwap(h, nil)
	f, p, findErr := k.t.find(ctx, h.gen, k.want)
	if findErr == nil {
		findErr = k.same(f)
	}
	switch {
	case findErr != nil:
		return findErr
	case classOf(err, p) == stale && !test:
		return errStale
	}
	return err
}

// same reports whether what was found is this key, with the attributes it must have.
func (k *key) same(f found) error {
	switch {
	case !k.public.Equal(f.public):
		return k.t.keyFail(KeyChanged, k.want, "was "+k.print+", is "+fingerprint(f.public), nil)
	case f.always && k.t.opts.Authorize == nil:
		return k.t.keyFail(KeyAttributes, k.want, "CKA_ALWAYS_AUTHENTICATE true: it wants a fresh authorisation each time, and nobody is there to give it", nil)
	}
	if err := wrong(f.attributes, k.want.imported); err != nil {
		return k.t.keyFail(KeyAttributes, k.want, "", err)
	}
	return nil
}

func (t *token) keyFail(c Class, w want, detail string, err error) error {
	return &failure{class: c, about: t.name() + " " + w.String(), detail: detail, err: err}
}

// hold returns the key as it is in a generation. The first to come finds it, compares it and has it sign a random message.
func (k *key) hold(ctx context.Context, gen uint64) (*held, error) {
	if h := k.held.Load(); h != nil && h.gen == gen {
		return h, nil
	}
	select {
	case k.proving <- struct{}{}:
		defer func() { <-k.proving }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if h := k.held.Load(); h != nil && h.gen == gen {
		return h, nil
	}
	h, err := k.prove(ctx, gen)
	if err != nil {
		return nil, err
	}
	k.held.Store(h)
	return h, nil
}

// prove finds the key and tests it, with each profile that may be right until one is.
func (k *key) prove(ctx context.Context, gen uint64) (*held, error) {
	f, p, err := k.t.find(ctx, gen, k.want)
	if err != nil {
		return nil, err
	}
	if err := k.same(f); err != nil {
		return nil, err
	}
	if f.always {
		return &held{gen: gen, f: f, p: p}, nil
	}
	var first error
	for _, p := range k.t.alike(p) {
		h := &held{gen: gen, f: f, p: p}
		if h.took, err = k.selfTest(ctx, h); err == nil {
			k.t.settle(p)
			return h, nil
		}
		if c := classOf(err, p); gone(c) || c == again || c == Busy || c == KeyChanged || c == KeyMissing {
			return nil, err
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// alike lists the profiles that may be right and find the same keys as p.
func (t *token) alike(p *profile.Profile) (list []*profile.Profile) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, other := range t.profiles {
		if other.SM2.KeyType == p.SM2.KeyType {
			list = append(list, other)
		}
	}
	return list
}

// settle keeps the profile that has proven itself.
func (t *token) settle(p *profile.Profile) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.profiles = []*profile.Profile{p}
}

// selfTest signs a message nobody has chosen.
func (k *key) selfTest(ctx context.Context, h *held) (time.Duration, error) {
	message := make([]byte, gm.DigestSize)
	if _, err := rand.Read(message); err != nil {
		return 0, fmt.Errorf("random message: %w", err)
	}
	e, err := gm.E(k.public, message)
	if err != nil {
		return 0, fmt.Errorf("self-test of %s: %w", k.ref, err)
	}
	start := k.t.opts.Now()
	_, err = k.once(ctx, h, e, nil, true)
	return k.t.opts.Now().Sub(start), err
}

// key opens a key, or the one opened before if it is still the same.
func (t *token) key(ctx context.Context, w want) (*key, *held, error) {
	var k *key
	h, err := try(ctx, t, func(gen uint64) (*held, error) {
		f, _, err := t.find(ctx, gen, w)
		if err != nil {
			return nil, err
		}
		if is := fingerprint(f.public); w.public != "" && w.public != is {
			return nil, t.keyFail(KeyChanged, w, "configured "+w.public+", is "+is, nil)
		}
		k = t.known(w, f)
		if err := k.same(f); err != nil {
			k.held.Store(nil)
			return nil, err
		}
		if h := k.held.Load(); h != nil && h.gen == gen && h.f.private != f.private {
			k.held.CompareAndSwap(h, nil)
		}
		return k.hold(ctx, gen)
	})
	if err != nil {
		return nil, nil, err
	}
	return k, h, nil
}

// known returns the key opened before under the same names, or a new one.
func (t *token) known(w want, f found) *key {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := URI{Token: trimmed(t.info.Label), Serial: trimmed(t.info.SerialNumber), Object: f.label, ID: f.id}
	at := fmt.Sprint(u.Ref(), w.imported)
	k := t.keys[at]
	if k == nil {
		w.label, w.id = f.label, f.id
		k = &key{t: t, want: w, ref: u.Ref(), public: f.public, print: fingerprint(f.public), proving: make(chan struct{}, 1)}
		t.keys[at] = k
	}
	return k
}
