//go:build cgo

package pkcs11

import (
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	p11 "github.com/miekg/pkcs11"

	"yinxin/hsm"
	"yinxin/internal/floor"
)

// BenchmarkPool signs with ECDSA on softhsm2: 16 callers over the pool of 4 sessions. The floor is the same two calls in plain loops, one for each of 4
// sessions. What is above 1 is what sessions, deadlines and counting cost.
func BenchmarkPool(b *testing.B) {
	conf := softHSM(b)
	conf.Profile = filepath.Join(b.TempDir(), "ec.yaml")
	rewrite(b, conf.Profile, "name: ec\nsource: a benchmark\nsm2: {keyType: 3, keyGen: {mechanism: 0x1040}, sign: {digest: {mechanism: 0x1041}}}\n")
	p, err := Open(Config{Tokens: []TokenConfig{conf}}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	t := p.served[0].(*token)
	gen, err := t.wait(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	lib := t.m.lib
	_, key, err := lib.GenerateKeyPair(t.anchor.handle, []*p11.Mechanism{p11.NewMechanism(p11.CKM_EC_KEY_PAIR_GEN, nil)},
		[]*p11.Attribute{p11.NewAttribute(p11.CKA_EC_PARAMS, []byte{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7})},
		[]*p11.Attribute{p11.NewAttribute(p11.CKA_SIGN, true)})
	if err != nil {
		b.Fatal(err)
	}
	digest := make([]byte, 32)
	sign := func(lib *p11.Ctx, h p11.SessionHandle) ([]byte, error) {
		if err := lib.SignInit(h, []*p11.Mechanism{p11.NewMechanism(p11.CKM_ECDSA, nil)}, key); err != nil {
			return nil, err
		}
		return lib.Sign(h, digest)
	}
	var sessions []p11.SessionHandle
	for range defaultSessions {
		h, err := lib.OpenSession(t.slot, p11.CKF_SERIAL_SESSION)
		if err != nil {
			b.Fatal(err)
		}
		sessions = append(sessions, h)
	}
	const signatures = 512
	floor.Compare(b, func() error {
		return spread(16, signatures, func(int) error {
			_, err := use(b.Context(), t, gen, false, sign)
			return err
		})
	}, func() error {
		return spread(len(sessions), signatures, func(i int) error {
			_, err := sign(lib, sessions[i])
			return err
		})
	})
}

// spread has workers do n pieces of work together.
func spread(workers, n int, work func(worker int) error) error {
	errs := make([]error, workers)
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() {
			for range n / workers {
				if err := work(i); err != nil {
					errs[i] = err
					return
				}
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// BenchmarkSign is a whole SM2 signature by OpenSSL behind PKCS#11, verified; the floor is the same signature asked for in a plain loop.
func BenchmarkSign(b *testing.B) {
	w := newWitness(b, "luna")
	p := w.open()
	k, err := p.Generate(b.Context(), "owner", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		b.Fatal(err)
	}
	t, held, e := p.served[0].(*token), k.(*key).held.Load(), make([]byte, 32)
	e[0] = 1
	floor.Compare(b, func() error {
		_, err := k.Sign(b.Context(), e, hsm.SM2)
		return err
	}, func() error {
		if err := t.m.lib.SignInit(t.anchor.handle, []*p11.Mechanism{p11.NewMechanism(held.p.SM2.Sign.Digest.Mechanism, nil)}, held.f.private); err != nil {
			return err
		}
		_, err := t.m.lib.Sign(t.anchor.handle, e)
		return err
	})
}

// BenchmarkRecovery is how long a signature takes that finds every session gone, hours after the last time: recoveries in a row wait.
func BenchmarkRecovery(b *testing.B) {
	w := newWitness(b, "luna")
	var hours atomic.Int64
	k := w.key(w.open(func(o *Options) {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(hours.Load()) * time.Hour) }
	}))
	for b.Loop() {
		hours.Add(1)
		w.SessionsLost.Add(1)
		if err := signOnce(b.Context(), k); err != nil {
			b.Fatal(err)
		}
	}
}
