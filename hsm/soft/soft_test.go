package soft_test

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/keystore"
	"yinxin/hsm/soft"
)

const passphrase = "correct horse"

func newProvider(t testing.TB) (*soft.Provider, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	store, err := keystore.Create(dir, []byte(passphrase))
	if err != nil {
		t.Fatal(err)
	}
	p := soft.New(store)
	t.Cleanup(func() { p.Close() })
	return p, dir
}

func reopen(t testing.TB, dir string) *soft.Provider {
	t.Helper()
	store, err := keystore.Open(dir, []byte(passphrase))
	if err != nil {
		t.Fatal(err)
	}
	p := soft.New(store)
	t.Cleanup(func() { p.Close() })
	return p
}

func digest(t testing.TB, k hsm.Key, msg string) []byte {
	t.Helper()
	e, err := gm.E(k.Public().(*ecdsa.PublicKey), []byte(msg))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSign(t *testing.T) {
	ctx := t.Context()
	p, dir := newProvider(t)
	made, err := p.Generate(ctx, "soft:maker", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*soft.Provider{"same process": p, "another": reopen(t, dir)} {
		k, err := p.Key(ctx, "maker")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !made.Public().(*ecdsa.PublicKey).Equal(k.Public()) {
			t.Errorf("%s: the key is another", name)
		}
		e := digest(t, k, "message")
		sig, err := k.Sign(ctx, e, hsm.SM2)
		if err != nil || sig[0] != 0x30 || !gm.VerifyE(k.Public().(*ecdsa.PublicKey), e, sig) {
			t.Errorf("%s: signature %x, %v", name, sig, err)
		}
		if again, err := p.Key(ctx, "soft:maker"); err != nil || again != k {
			t.Errorf("%s: opened twice gives two keys (%v)", name, err)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	ctx := t.Context()
	p, _ := newProvider(t)
	k, err := p.Generate(ctx, "maker", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		t.Fatal(err)
	}
	e := digest(t, k, "message")
	done, cancel := context.WithCancel(ctx)
	cancel()
	for name, c := range map[string]struct {
		ctx    context.Context
		digest []byte
		alg    hsm.Algorithm
		want   error
	}{
		"cancelled": {done, e, hsm.SM2, context.Canceled},
		"cancelled first, whatever else is wrong": {done, nil, "rot13", context.Canceled},
		"RSA":          {ctx, e, hsm.RSAPKCS1, fault.Invalid},
		"P-256":        {ctx, e, hsm.ECDSAP256, fault.Invalid},
		"no algorithm": {ctx, e, "", fault.Invalid},
		"no digest":    {ctx, nil, hsm.SM2, fault.Invalid},
		"short digest": {ctx, e[:31], hsm.SM2, fault.Invalid},
		"long digest":  {ctx, append(e[:32:32], 0), hsm.SM2, fault.Invalid},
	} {
		if sig, err := k.Sign(c.ctx, c.digest, c.alg); !errors.Is(err, c.want) || sig != nil {
			t.Errorf("%s: %x, %v; want %v", name, sig, err, c.want)
		}
	}
}

func TestProviderErrors(t *testing.T) {
	ctx := t.Context()
	p, _ := newProvider(t)
	if _, err := p.Generate(ctx, "maker", hsm.Spec{Algorithm: hsm.SM2}); err != nil {
		t.Fatal(err)
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	_, unknown := p.Key(ctx, "nobody")
	_, foreign := p.Key(ctx, "pkcs11:token=x;object=y")
	_, taken := p.Generate(ctx, "soft:maker", hsm.Spec{Algorithm: hsm.SM2})
	_, odd := p.Generate(ctx, "other", hsm.Spec{Algorithm: hsm.RSAPKCS1})
	_, late := p.Key(done, "maker")
	_, lateList := p.List(done)
	_, lateMake := p.Generate(done, "other", hsm.Spec{Algorithm: hsm.SM2})
	for name, c := range map[string]struct{ err, want error }{
		"unknown key":           {unknown, fault.NotFound},
		"foreign ref":           {foreign, fault.Invalid},
		"name in use":           {taken, fault.Conflict},
		"algorithm":             {odd, fault.Invalid},
		"destroy unknown":       {p.Destroy(ctx, "nobody"), fault.NotFound},
		"cancelled Key":         {late, context.Canceled},
		"cancelled List":        {lateList, context.Canceled},
		"cancelled Generate":    {lateMake, context.Canceled},
		"cancelled Destroy":     {p.Destroy(done, "maker"), context.Canceled},
		"destroy a foreign ref": {p.Destroy(ctx, "pkcs11:x"), fault.Invalid},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", name, c.err, c.want)
		}
	}
	if list, err := p.List(ctx); err != nil || len(list) != 1 || list[0].Ref != "soft:maker" {
		t.Errorf("list is %v, %v", list, err)
	}
}

func TestDestroy(t *testing.T) {
	ctx := t.Context()
	p, dir := newProvider(t)
	other := reopen(t, dir)
	first, err := p.Generate(ctx, "maker", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := other.Key(ctx, "maker")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Destroy(ctx, "maker"); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Sign(ctx, make([]byte, 32), hsm.SM2); !errors.Is(err, fault.Unavailable) {
		t.Errorf("a destroyed key signs: %v", err)
	}
	// The other process learns of it when it opens the key the next time, and meets the key put in its place.
	if _, err := other.Key(ctx, "maker"); !errors.Is(err, fault.NotFound) {
		t.Errorf("a destroyed key is still served elsewhere: %v", err)
	}
	if _, err := elsewhere.Sign(ctx, make([]byte, 32), hsm.SM2); !errors.Is(err, fault.Unavailable) {
		t.Errorf("a destroyed key still signs elsewhere: %v", err)
	}
	second, err := p.Generate(ctx, "maker", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		t.Fatal(err)
	}
	again, err := other.Key(ctx, "maker")
	if err != nil || !again.Public().(*ecdsa.PublicKey).Equal(second.Public()) {
		t.Errorf("the new key is not the one served (%v)", err)
	}
}

func TestReplacedBehindOurBack(t *testing.T) {
	ctx := t.Context()
	p, dir := newProvider(t)
	old, err := p.Generate(ctx, "maker", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		t.Fatal(err)
	}
	other := reopen(t, dir)
	if err := other.Destroy(ctx, "maker"); err != nil {
		t.Fatal(err)
	}
	fresh, err := other.Generate(ctx, "maker", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		t.Fatal(err)
	}
	k, err := p.Key(ctx, "maker")
	if err != nil || !k.Public().(*ecdsa.PublicKey).Equal(fresh.Public()) {
		t.Errorf("the old key is served (%v)", err)
	}
	if _, err := old.Sign(ctx, make([]byte, 32), hsm.SM2); !errors.Is(err, fault.Unavailable) {
		t.Errorf("the old key still signs: %v", err)
	}
}

func TestClose(t *testing.T) {
	ctx := t.Context()
	p, _ := newProvider(t)
	k, err := p.Generate(ctx, "maker", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(p.Close(), p.Close()); err != nil {
		t.Fatal(err)
	}
	_, sign := k.Sign(ctx, make([]byte, 32), hsm.SM2)
	_, open := p.Key(ctx, "maker")
	_, generate := p.Generate(ctx, "other", hsm.Spec{Algorithm: hsm.SM2})
	_, list := p.List(ctx)
	for name, err := range map[string]error{"Sign": sign, "Key": open, "Generate": generate, "List": list, "Destroy": p.Destroy(ctx, "maker")} {
		if !errors.Is(err, fault.Unavailable) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	if k.Public() == nil {
		t.Error("the public half is gone")
	}
}

// TestConcurrent uses one provider from many goroutines and closes it in the middle: every answer is a good signature or a clear refusal.
func TestConcurrent(t *testing.T) {
	ctx := t.Context()
	p, _ := newProvider(t)
	if _, err := p.Generate(ctx, "shared", hsm.Spec{Algorithm: hsm.SM2}); err != nil {
		t.Fatal(err)
	}
	allowed := func(err error) bool { return err == nil || errors.Is(err, fault.Unavailable) }
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			own := hsm.Ref(fmt.Sprintf("own-%d", i))
			if _, err := p.Generate(ctx, own, hsm.Spec{Algorithm: hsm.SM2}); !allowed(err) {
				t.Error(err)
			}
			for n := range 30 {
				k, err := p.Key(ctx, "shared")
				if !allowed(err) {
					t.Error(err)
				}
				if err != nil {
					return
				}
				e := make([]byte, 32)
				e[0] = byte(n)
				sig, err := k.Sign(ctx, e, hsm.SM2)
				if !allowed(err) || err == nil && !gm.VerifyE(k.Public().(*ecdsa.PublicKey), e, sig) {
					t.Errorf("signature %x, %v", sig, err)
				}
				if i == 7 && n == 15 {
					if err := p.Close(); err != nil {
						t.Error(err)
					}
				}
			}
			if _, err := p.List(ctx); !allowed(err) {
				t.Error(err)
			}
			if err := p.Destroy(ctx, own); !allowed(err) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func BenchmarkKey(b *testing.B) {
	p, _ := newProvider(b)
	if _, err := p.Generate(b.Context(), "maker", hsm.Spec{Algorithm: hsm.SM2}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := p.Key(b.Context(), "maker"); err != nil {
			b.Fatal(err)
		}
	}
}
