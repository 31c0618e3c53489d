//go:build cgo

package pkcs11

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	p11 "github.com/miekg/pkcs11"

	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/internal/need"
)

// softHSM makes a token of Debian's softhsm2, with a copy of the library for itself.
func softHSM(t testing.TB) TokenConfig {
	t.Helper()
	util := need.Tool(t, "softhsm2-util")
	library, err := os.ReadFile(need.File(t, "softhsm2", "/usr/lib/softhsm/libsofthsm2.so"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{"softhsm.so": library, "pin": []byte(testPIN), "conf": []byte("directories.tokendir = " + dir + "/tokens\nlog.level = ERROR\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "tokens"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", filepath.Join(dir, "conf"))
	if out, err := exec.Command(util, "--init-token", "--free", "--label", "soft", "--pin", testPIN, "--so-pin", testPIN).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return TokenConfig{Module: filepath.Join(dir, "softhsm.so"), Token: TokenName{Label: "soft"}, PIN: Secret{File: filepath.Join(dir, "pin")}}
}

// softhsm2 makes keys on the SM2 curve and signs with them, but what it makes is ECDSA. Its answers are signatures, and none of them is let through.
func softHSMIsNoSM2(t *testing.T) {
	conf := softHSM(t)
	conf.Profile = filepath.Join(t.TempDir(), "ec.yaml")
	rewrite(t, conf.Profile, `name: ec
source: what somebody might try with a token that knows no SM2
sm2:
  keyType: 3
  keyGen: {mechanism: 0x1040}
  sign: {digest: {mechanism: 0x1041, encoding: auto}}
`)
	events := new(events)
	p, err := Open(Config{Tokens: []TokenConfig{conf}}, Options{Observer: events})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	_, err = p.Generate(t.Context(), "owner", hsm.Spec{Algorithm: hsm.SM2})
	refused(t, "ECDSA on the SM2 curve", err, WrongAnswer)
	if list, err := p.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("the key stays: %v, %v", list, err)
	}
	if len(events.uses) != 1 || events.uses[0].Class != WrongAnswer || !events.uses[0].SelfTest {
		t.Errorf("%+v", events.uses)
	}
	conf.Profile = "auto"
	auto, err := Open(Config{Tokens: []TokenConfig{conf}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer auto.Close()
	_, err = auto.List(t.Context())
	refused(t, "auto", err, NoProfile)
}

func openSecond(t testing.TB, conf TokenConfig, e *events) *Provider {
	t.Helper()
	conf.Serves = ServesRSAECDSA
	p, err := Open(Config{Tokens: []TokenConfig{conf}}, Options{Observer: e})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func signsDigest(ctx context.Context, k hsm.Key) error {
	digest := sha256.Sum256([]byte("示例"))
	switch pub := k.Public().(type) {
	case *rsa.PublicKey:
		sig, err := k.Sign(ctx, digest[:], hsm.RSAPKCS1)
		if err != nil {
			return err
		}
		return rsa.VerifyPKCS1v15(pub, 5, digest[:], sig)
	case *ecdsa.PublicKey:
		sig, err := k.Sign(ctx, digest[:], hsm.ECDSAP256)
		if err == nil && !ecdsa.VerifyASN1(pub, digest[:], sig) {
			err = errors.New("the signature is wrong")
		}
		return err
	}
	return errors.New("odd key")
}

// softHSMKeys has softhsm2 make and use both kinds of keys for readers without SM2.
func softHSMKeys(t *testing.T) {
	conf, events := softHSM(t), new(events)
	p := openSecond(t, conf, events)
	specs := map[hsm.Ref]hsm.Spec{"rsa": {Algorithm: hsm.RSAPKCS1, Bits: 3072}, "ec": {Algorithm: hsm.ECDSAP256}}
	for name, spec := range specs {
		k, err := p.Generate(t.Context(), name, spec)
		if err != nil {
			t.Fatal(err)
		}
		if is, err := hsm.SpecOf(k.Public()); err != nil || is != spec {
			t.Errorf("%s is %s, %v", name, is, err)
		}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for range 5 {
					if err := signsDigest(t.Context(), k); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		info, err := p.Inspect(t.Context(), name)
		if err != nil || info.Spec != spec || wrong(info.Attributes, false) != nil {
			t.Errorf("%+v, %v", info, err)
		}
		if again, err := p.Key(t.Context(), info.Ref); err != nil || again != k {
			t.Errorf("%s: %v", info.Ref, err)
		}
		if _, err := p.Generate(t.Context(), name, spec); !errors.Is(err, fault.Conflict) {
			t.Errorf("a label was given twice: %v", err)
		}
		if _, err := k.Sign(t.Context(), make([]byte, 32), hsm.SM2); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s signs as SM2: %v", name, err)
		}
	}
	if _, err := p.Generate(t.Context(), "sm2", hsm.Spec{Algorithm: hsm.SM2}); !errors.Is(err, fault.Invalid) {
		t.Errorf("crypto11 makes SM2 keys: %v", err)
	}
	if list, err := p.List(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("%v, %v", list, err)
	}
	if err := p.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if err := p.Destroy(t.Context(), "ec"); err != nil {
		t.Fatal(err)
	}
	_, err := p.Key(t.Context(), "ec")
	refused(t, "a destroyed key", err, KeyMissing)
}

// The library loses its state under crypto11, which has no way back by itself.
func TestSecondIsRebuilt(t *testing.T) {
	conf, events := softHSM(t), new(events)
	p := openSecond(t, conf, events)
	k, err := p.Generate(t.Context(), "ec", hsm.Spec{Algorithm: hsm.ECDSAP256})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := signsDigest(t.Context(), k); err != nil {
			t.Fatal(err)
		}
		if err := p11.New(conf.Module).Finalize(); err != nil {
			t.Fatal(err)
		}
	}
	if err := signsDigest(t.Context(), k); err != nil {
		t.Error(err)
	}
	if down, up := events.outages(); down != 3 || up != 3 {
		t.Errorf("%d outages, %d recoveries", down, up)
	}
	if n := events.tests(); n != 4 {
		t.Errorf("%d self-tests", n)
	}
}

func TestSecondRefuses(t *testing.T) {
	conf, events := softHSM(t), new(events)
	p := openSecond(t, conf, events)
	if _, err := p.Generate(t.Context(), "ec", hsm.Spec{Algorithm: hsm.ECDSAP256}); err != nil {
		t.Fatal(err)
	}
	p.Close()
	_, err := p.Key(t.Context(), "ec")
	refused(t, "closed", err, Closed)
	changed := conf
	changed.Keys = []KeyConfig{{Name: "named", URI: "pkcs11:object=ec", Public: "sm3:0000000000000000000000000000000000000000000000000000000000000000"}}
	named := openSecond(t, changed, events)
	_, err = named.Key(t.Context(), "named")
	refused(t, "another public key", err, KeyChanged)
	named.Close() // or its login would serve the next, in the same library
	rewrite(t, conf.PIN.File, "00000000")
	wrong := openSecond(t, conf, events)
	for range 3 {
		_, err = wrong.Key(t.Context(), "ec")
		refused(t, "wrong PIN", err, PINWrong)
	}
	conf.Token.Label = "other"
	_, err = openSecond(t, conf, events).Key(t.Context(), "ec")
	refused(t, "no such token", err, Removed)
	conf.Module += ".none"
	_, err = openSecond(t, conf, events).Key(t.Context(), "ec")
	refused(t, "no library", err, NoModule)
}
