package soft_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/soft"
	"yinxin/internal/need"
)

func generate(t testing.TB, p *soft.Provider, ref hsm.Ref, spec hsm.Spec) hsm.Key {
	t.Helper()
	k, err := p.Generate(t.Context(), ref, spec)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// digestOf is what a key signs of msg: e for SM2, SHA-256 for the others.
func digestOf(t testing.TB, k hsm.Key, msg string) []byte {
	t.Helper()
	if gm.IsSM2(k.Public()) {
		return digest(t, k, msg)
	}
	d := sha256.Sum256([]byte(msg))
	return d[:]
}

// TestOpenSSLTakesSignatures shows what every kind of key signs to a program of another house.
func TestOpenSSLTakesSignatures(t *testing.T) {
	openssl := need.Tool(t, "openssl")
	p, _ := newProvider(t)
	const message = "云杉示例科技有限公司"
	for _, spec := range hsm.Specs() {
		k := generate(t, p, hsm.Ref("soft:a-"+spec.String()), spec)
		der, err := gm.MarshalPublicKey(k.Public())
		if err != nil {
			t.Fatal(err)
		}
		sig, err := k.Sign(t.Context(), digestOf(t, k, message), spec.Algorithm)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		in := func(name string, data []byte) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		public := in("key.pub", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		args := []string{"pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-sigfile", in("sig", sig)}
		if spec.Algorithm == hsm.SM2 {
			args = append(args, "-digest", "sm3", "-pkeyopt", "distid:"+gm.DefaultUID)
		} else {
			args = append(args, "-digest", "sha256")
		}
		for msg, good := range map[string]bool{message: true, message + "。": false} {
			out, err := exec.CommandContext(t.Context(), openssl, append(args, "-in", in("message", []byte(msg)))...).CombinedOutput()
			if (err == nil) != good {
				t.Errorf("%s over %q: %s (%v)", spec, msg, out, err)
			}
		}
	}
}

// TestKinds: a key keeps to its own algorithm, and one put in place of another of another kind is served as what it is.
func TestKinds(t *testing.T) {
	ctx := t.Context()
	p, dir := newProvider(t)
	for i, spec := range hsm.Specs() {
		k := generate(t, p, "one", spec)
		own, err := hsm.SpecOf(k.Public())
		if err != nil || own != spec {
			t.Errorf("asked for %s, made %s (%v)", spec, own, err)
		}
		e := digestOf(t, k, "message")
		other := hsm.Specs()[(i+1)%len(hsm.Specs())].Algorithm
		if _, err := k.Sign(ctx, e, other); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s signs as %s: %v", spec, other, err)
		}
		if _, err := k.Sign(ctx, e[:31], spec.Algorithm); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s signs 31 bytes: %v", spec, err)
		}
		if list, err := p.List(ctx); err != nil || len(list) != 1 || list[0].Spec != spec {
			t.Errorf("%s is listed as %v, %v", spec, list, err)
		}
		if err := reopen(t, dir).Destroy(ctx, "one"); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Key(ctx, "one"); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s is served although it is gone: %v", spec, err)
		}
		if _, err := k.Sign(ctx, e, spec.Algorithm); !errors.Is(err, fault.Unavailable) {
			t.Errorf("%s signs although it is gone: %v", spec, err)
		}
	}
}

// TestKindsAtOnce signs with one key of every kind from several goroutines while the keys are closed under them.
func TestKindsAtOnce(t *testing.T) {
	ctx := t.Context()
	p, _ := newProvider(t)
	var wg sync.WaitGroup
	for _, spec := range hsm.Specs() {
		k := generate(t, p, hsm.Ref("a-"+spec.String()), spec)
		e := digestOf(t, k, "message")
		for range 4 {
			wg.Go(func() {
				for {
					sig, err := k.Sign(ctx, e, spec.Algorithm)
					if errors.Is(err, fault.Unavailable) {
						return
					}
					if err != nil || !verifies(k.Public(), e, sig) {
						t.Errorf("%s: %x, %v", spec, sig, err)
						return
					}
				}
			})
		}
	}
	for _, spec := range hsm.Specs() {
		if err := p.Destroy(context.WithoutCancel(ctx), hsm.Ref("a-"+spec.String())); err != nil {
			t.Error(err)
		}
	}
	wg.Wait()
}

func verifies(pub crypto.PublicKey, digest, sig []byte) bool {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, digest, sig) == nil
	case *ecdsa.PublicKey:
		return gm.VerifyE(k, digest, sig) || ecdsa.VerifyASN1(k, digest, sig)
	}
	return false
}

func BenchmarkSign(b *testing.B) {
	p, _ := newProvider(b)
	for _, spec := range hsm.Specs() {
		k := generate(b, p, hsm.Ref("a-"+spec.String()), spec)
		e := digestOf(b, k, "message")
		b.Run(spec.String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := k.Sign(b.Context(), e, spec.Algorithm); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
