//go:build cgo

package pkcs11

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/profile"
	ours "yinxin/hsm/token"
	"yinxin/internal/need"
)

// TestMatrix runs the driver against each module with each vendor's numbers and encodings: the project's own token, and the module over OpenSSL, so that
// two implementations of SM2 answer for every profile; softhsm2 for what it can and for what it cannot do; and what a Sansec device answered. A cell that
// is not run fails, or stands in the list of what was skipped.
func TestMatrix(t *testing.T) {
	type cell struct {
		name string
		run  func(*testing.T)
	}
	var cells []cell
	for _, vendor := range []string{"luna", "sansec", "tass", "ibm"} {
		cells = append(cells,
			cell{"own token, " + vendor, func(t *testing.T) { ownCell(t, vendor) }},
			cell{"OpenSSL module, " + vendor, func(t *testing.T) { opensslCell(t, vendor) }})
	}
	cells = append(cells, cell{"softhsm2, SM2 is refused", softHSMIsNoSM2}, cell{"softhsm2, RSA and P-256", softHSMKeys}, cell{"Sansec device, its vectors", deviceVectors})
	ran := map[string]bool{}
	for _, c := range cells {
		t.Run(c.name, func(t *testing.T) {
			t.Cleanup(func() { ran[c.name] = true })
			c.run(t)
		})
	}
	if want := 4*2 + 3; len(ran) != want {
		t.Errorf("%d cells were run, want %d: leave out none of them", len(ran), want)
	}
}

// opensslCell is the module of testdata/witness.
func opensslCell(t *testing.T, vendor string) {
	w := newWitness(t, vendor)
	goThrough(t, vendor, w.conf, w.events)
	if w.WrongLogins.Load() != 0 || int(w.Signs.Load()) != w.events.answered() {
		t.Errorf("%d wrong logins, %d C_Sign of %d answers", w.WrongLogins.Load(), w.Signs.Load(), w.events.answered())
	}
}

// ownCell is the project's own token behind its own library, posing as the vendor. Its audit counts what the driver saw.
func ownCell(t *testing.T, vendor string) {
	e := new(events)
	dir, conf, stop := ownToken(t, vendor)
	goThrough(t, vendor, conf, e)
	stop()
	audit, err := ours.ReadAudit(dir, nil)
	if err != nil || int(audit.Signed) != e.answered() || audit.Failed != 0 {
		t.Errorf("the driver saw %d answers, the audit says %+v, %v", e.answered(), audit, err)
	}
}

// clientLibrary builds the library of the project's own token, once.
func clientLibrary(t testing.TB) string {
	t.Helper()
	gcc := need.Tool(t, "gcc")
	client.Do(func() {
		sources, err := filepath.Glob("../token/client/*.c")
		if err != nil || len(sources) == 0 {
			t.Fatalf("no sources of the library: %v", err)
		}
		if client.dir, err = os.MkdirTemp("", "yx"); err != nil {
			t.Fatal(err)
		}
		build := append([]string{"-std=c11", "-O2", "-fPIC", "-fvisibility=hidden", "-shared", "-pthread", "-o", filepath.Join(client.dir, "p11.so")}, sources...)
		if out, err := exec.Command(gcc, build...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	})
	return filepath.Join(client.dir, "p11.so")
}

// ownToken serves a token of the project's own until stop.
func ownToken(t *testing.T, vendor string) (dir string, conf TokenConfig, stop func()) {
	t.Helper()
	short, err := os.MkdirTemp("", "yx") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(short) })
	at := func(name string) string { return filepath.Join(short, name) }
	library, err := os.ReadFile(clientLibrary(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"p11.so": library, "pin": []byte(testPIN)} {
		if err := os.WriteFile(at(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir = at("token")
	pass := func() []byte { return []byte("correct horse") }
	if err := ours.Create(dir, pass(), ours.Config{Label: "seals", SO: []byte("so-pin-1234"), User: []byte(testPIN)}); err != nil {
		t.Fatal(err)
	}
	face, err := ours.Pose(vendor)
	if err != nil {
		t.Fatal(err)
	}
	k, err := ours.Open(dir, pass(), face)
	if err != nil {
		t.Fatal(err)
	}
	s := &ours.Server{Token: k, Group: -1, Log: slog.New(slog.DiscardHandler)}
	l, err := s.Listen(t.Context(), at("s"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	t.Setenv("YINXIN_TOKEN", at("s"))
	return dir, TokenConfig{Module: at("p11.so"), Token: TokenName{Label: "seals"}, PIN: Secret{File: at("pin")}}, stop
}

// goThrough is the life of a key: made, tested, used by many, verified by gmsm and by OpenSSL, examined, destroyed.
func goThrough(t *testing.T, vendor string, conf TokenConfig, e *events) {
	t.Helper()
	o := Options{Observer: e}
	open := func() *Provider {
		p, err := Open(Config{Tokens: []TokenConfig{conf}}, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { p.Close() })
		return p
	}
	p := open()
	k, err := p.Generate(t.Context(), "owner", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		t.Fatal(err)
	}
	if !gm.IsSM2(k.Public()) || e.tests() != 1 {
		t.Errorf("%v after %d self-tests", k.Public(), e.tests())
	}
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for range 20 { // 320 in all: about one answer in 128 lacks a zero that DER wants, where the device leaves it out
				if err := signOnce(t.Context(), k); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	opensslTakes(t, k)
	info, err := p.Inspect(t.Context(), "owner")
	if err != nil || info.Profile != vendor || len(info.Attributes) != len(rules()) || wrong(info.Attributes, false) != nil {
		t.Errorf("%+v, %v", info, err)
	}
	p.Close()
	conf.Keys = []KeyConfig{{Name: "named", URI: "pkcs11:object=owner", Public: fingerprint(k.Public())}}
	seen, err := Examine(t.Context(), Config{Tokens: []TokenConfig{conf}}, o)
	if err != nil || len(seen) != 1 || !seen[0].Healthy() || !strings.Contains(fmt.Sprint(seen), "profile "+vendor) {
		t.Errorf("the doctor says %+v, %v", seen, err)
	}
	p = open()
	if err := p.Destroy(t.Context(), "owner"); err != nil {
		t.Error(err)
	}
	_, err = p.Key(t.Context(), "owner")
	refused(t, "a destroyed key", err, KeyMissing)
	p.Close()
}

// opensslTakes has a key sign a message and OpenSSL verify that.
func opensslTakes(t *testing.T, k hsm.Key) {
	t.Helper()
	message := []byte("云杉示例科技有限公司")
	e, err := gm.E(publicKey(k), message)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := k.Sign(t.Context(), e, hsm.SM2)
	if err != nil {
		t.Fatal(err)
	}
	public, err := gm.MarshalPublicKey(k.Public())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"key": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), "sig": sig, "message": message} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), need.Tool(t, "openssl"), "dgst", "-sm3", "-verify", "key", "-sigopt", "distid:"+gm.DefaultUID, "-signature", "sig", "message")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("Verified OK")) {
		t.Errorf("OpenSSL says %s, %v", out, err)
	}
}

// deviceVectors are read as the profile of that device says.
func deviceVectors(t *testing.T) {
	p, err := profile.Load("sansec")
	if err != nil {
		t.Fatal(err)
	}
	pub, err := point(unhex(t, devicePoint))
	if err != nil {
		t.Fatal(err)
	}
	e, err := gm.E(pub, []byte("hello chainmaker"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range device8103() {
		if der, err := canonical(unhex(t, v), p.SM2.Sign.Digest.Encoding, pub, e); err != nil || !gm.VerifyE(pub, e, der) {
			t.Errorf("%s: %v", v, err)
		}
	}
}
