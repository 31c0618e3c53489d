//go:build cgo

package pkcs11

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
)

func publicKey(k hsm.Key) *ecdsa.PublicKey { return k.Public().(*ecdsa.PublicKey) }

// The life of a key with every vendor's numbers, encodings and ways to show a point.
func TestVendors(t *testing.T) {
	for _, vendor := range []string{"luna", "sansec", "tass", "ibm", "koal", "yinxin"} {
		for point, form := range []string{"octets", "65 bytes", "64 bytes"} {
			t.Run(vendor+" "+form, func(t *testing.T) {
				t.Parallel()
				w := newWitness(t, vendor)
				w.Point.Store(uint32(point))
				p := w.open()
				k := w.key(p)
				if !gm.IsSM2(k.Public()) || w.events.tests() != 1 {
					t.Errorf("key %v after %d self-tests", k.Public(), w.events.tests())
				}
				signs(t, k)
				info, err := p.Inspect(t.Context(), "owner")
				if err != nil || info.Profile != vendor || len(info.Attributes) != len(rules()) || info.Token != "seals #0001" {
					t.Errorf("%+v, %v", info, err)
				}
				if again, err := p.Key(t.Context(), info.Ref); err != nil || again != k {
					t.Errorf("%s is another key: %v", info.Ref, err)
				}
				list, err := p.List(t.Context())
				if err != nil || len(list) != 1 || list[0].Ref != info.Ref || !publicKey(k).Equal(list[0].Public) {
					t.Errorf("%+v, %v", list, err)
				}
				if err := p.Ready(t.Context()); err != nil {
					t.Error(err)
				}
				if _, err := p.Generate(t.Context(), "owner", hsm.Spec{Algorithm: hsm.SM2}); !errors.Is(err, fault.Conflict) {
					t.Errorf("a label was given twice: %v", err)
				}
				if err := p.Destroy(t.Context(), "owner"); err != nil {
					t.Fatal(err)
				}
				_, err = p.Key(t.Context(), "owner")
				refused(t, "a destroyed key", err, KeyMissing)
				refused(t, "a destroyed key, opened before", signOnce(t.Context(), k), KeyMissing)
			})
		}
	}
}

func TestManyCallers(t *testing.T) {
	w := newWitness(t, "tass")
	w.MaxSessions.Store(3) // fewer than the configuration asks for
	k := w.key(w.open())
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 20 {
				if err := signOnce(t.Context(), k); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	if down, _ := w.events.outages(); down != 0 || w.Signs.Load() != 16*20+1 {
		t.Errorf("%d outages, %d C_Sign", down, w.Signs.Load())
	}
}

func TestReferences(t *testing.T) {
	w := newWitness(t, "luna")
	w.conf.Keys = []KeyConfig{{Name: "法人章", URI: "pkcs11:object=owner"}}
	p := w.open()
	k := w.key(p)
	for _, ref := range []hsm.Ref{"owner", "pkcs11:object=owner", "pkcs11:token=seals;object=owner;type=private", "法人章"} {
		if got, err := p.Key(t.Context(), ref); err != nil || got != k {
			t.Errorf("%s: %v", ref, err)
		}
	}
	for ref, code := range map[hsm.Ref]string{
		"nobody": "hsm-key-missing", "pkcs11:id=%01": "hsm-key-missing", "pkcs11:token=other;object=owner": "hsm-token", "": "hsm-uri", "pkcs11:": "hsm-uri",
		"soft:owner": "hsm-uri", "pkcs11:slot-id=7;object=owner": "hsm-uri", "pkcs11:object=owner?pin-value=1": "hsm-uri", "公章": "hsm-uri",
	} {
		_, err := p.Key(t.Context(), ref)
		if f, _ := fault.PublicOf(err); f.Code != code {
			t.Errorf("%q: %v (%s), want %s", ref, err, f.Code, code)
		}
	}
	if _, err := p.Generate(t.Context(), "rsa", hsm.Spec{Algorithm: hsm.RSAPKCS1, Bits: 3072}); !errors.Is(err, fault.Invalid) {
		t.Errorf("an SM2 token makes RSA keys: %v", err)
	}
	if _, err := p.Generate(t.Context(), "pkcs11:id=%05", hsm.Spec{Algorithm: hsm.SM2}); !errors.Is(err, fault.Invalid) {
		t.Errorf("a key without a label: %v", err)
	}
	if _, err := k.Sign(t.Context(), make([]byte, 31), hsm.SM2); !errors.Is(err, fault.Invalid) {
		t.Errorf("31 bytes are signed: %v", err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, "a closed key", signOnce(t.Context(), k), Closed)
	_, err := p.Key(t.Context(), "owner")
	refused(t, "a closed provider", err, Closed)
}

// Two keys on two tokens, found without being told where; one label on both is refused.
func TestSeveralTokens(t *testing.T) {
	a, b := newWitness(t, "luna"), newWitness(t, "sansec")
	copy(b.Label[:], "ca\x00\x00\x00")
	b.conf.Token.Label = "ca"
	p, err := Open(Config{Tokens: []TokenConfig{a.conf, b.conf}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	spec := hsm.Spec{Algorithm: hsm.SM2}
	if _, err := p.Generate(t.Context(), "root", spec); !errors.Is(err, fault.Invalid) {
		t.Errorf("a key was made on some token: %v", err)
	}
	for _, ref := range []hsm.Ref{"pkcs11:token=seals;object=owner", "pkcs11:token=ca;object=root", "pkcs11:token=seals;object=both", "pkcs11:token=ca;object=both"} {
		if _, err := p.Generate(t.Context(), ref, spec); err != nil {
			t.Fatal(err)
		}
	}
	for _, ref := range []hsm.Ref{"owner", "root", "pkcs11:token=ca;object=both"} {
		k, err := p.Key(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		signs(t, k)
	}
	_, err = p.Key(t.Context(), "both")
	refused(t, "a label on two tokens", err, KeyTwice)
	if list, err := p.List(t.Context()); err != nil || len(list) != 4 || !strings.HasPrefix(string(list[2].Ref), "pkcs11:token=ca;") {
		t.Errorf("%v, %v", list, err)
	}
}

func TestWhatIsRefusedAtTheStart(t *testing.T) {
	for name, c := range map[string]struct {
		wrong func(t *testing.T, w *witness)
		want  Class
	}{
		"no library":      {func(_ *testing.T, w *witness) { w.conf.Module += ".none" }, NoModule},
		"not a library":   {func(_ *testing.T, w *witness) { w.conf.Module = w.conf.PIN.File }, NoModule},
		"no such token":   {func(_ *testing.T, w *witness) { w.conf.Token.Label = "other" }, Removed},
		"another serial":  {func(_ *testing.T, w *witness) { w.conf.Token.Serial = "0002" }, Removed},
		"two of a label":  {func(_ *testing.T, w *witness) { w.Twin.Store(1) }, TokenTwice},
		"unknown vendor":  {func(_ *testing.T, w *witness) { copy(w.Manufacturer[:], "somebody") }, NoProfile},
		"no mechanism":    {func(_ *testing.T, w *witness) { w.SignDigest.Store(0x1041) }, NoProfile},
		"no PIN":          {func(_ *testing.T, w *witness) { w.conf.PIN = Secret{} }, PINMissing},
		"PIN locked":      {func(_ *testing.T, w *witness) { w.PINTries.Store(0) }, PINLocked},
		"PIN, last try":   {func(_ *testing.T, w *witness) { w.PINTries.Store(1) }, PINLastTry},
		"a wrong answer":  {func(_ *testing.T, w *witness) { w.WrongAnswers.Store(9) }, WrongAnswer},
		"wrong encoding":  {func(_ *testing.T, w *witness) { w.Encoding.Store(1) }, WrongAnswer},
		"extractable":     {func(_ *testing.T, w *witness) { w.Extractable.Store(1) }, KeyAttributes},
		"always authenti": {func(_ *testing.T, w *witness) { w.AlwaysAuthenticate.Store(1) }, KeyAttributes},
		"wrong PIN": {func(t *testing.T, w *witness) {
			if err := os.WriteFile(w.conf.PIN.File, []byte("00000000"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, PINWrong},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t, "luna")
			c.wrong(t, w)
			p := w.open()
			for range 5 {
				_, err := p.Generate(t.Context(), "owner", hsm.Spec{Algorithm: hsm.SM2})
				refused(t, name, err, c.want)
			}
			if w.WrongLogins.Load() > 1 {
				t.Errorf("a wrong PIN was sent %d times", w.WrongLogins.Load())
			}
			w.WrongAnswers.Store(0)
			if list, err := p.List(t.Context()); err == nil && len(list) != 0 {
				t.Errorf("a key that was refused stays: %v", list)
			}
		})
	}
}

// A key that wants a fresh authorisation each time gets it from whoever can give it.
func TestAuthorize(t *testing.T) {
	w := newWitness(t, "luna")
	w.AlwaysAuthenticate.Store(1)
	asked := 0
	p := w.open(func(o *Options) {
		o.Authorize = func(_ context.Context, key hsm.Ref, digest []byte) ([]byte, error) {
			asked++
			if !strings.Contains(string(key), "object=owner") || len(digest) != gm.DigestSize {
				t.Errorf("asked for %s, %x", key, digest)
			}
			return []byte(testPIN), nil
		}
	})
	k := w.key(p)
	signs(t, k)
	signs(t, k)
	if asked != 2 || w.Signs.Load() != 2 {
		t.Errorf("asked %d times for %d signatures", asked, w.Signs.Load())
	}
	copy(w.PIN[:], "87654321")
	refused(t, "an authorisation that is not taken", signOnce(t.Context(), k), Unauthorised)
	if down, _ := w.events.outages(); asked != 3 || w.Signs.Load() != 2 || down != 0 {
		t.Errorf("asked %d times for %d signatures, %d outages", asked, w.Signs.Load(), down)
	}
}
