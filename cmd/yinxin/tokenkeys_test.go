//go:build cgo && linux

package main

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/pkcs11"
	"yinxin/internal/need"
	"yinxin/internal/testseal"
)

// daemon is the project's own token in a process of its own, with its library beside it.
type daemon struct {
	t           testing.TB
	dir, socket string
	args        []string
	cmd         *exec.Cmd
}

// newDaemon makes a token, builds its library twice and serves it.
func newDaemon(t testing.TB, args ...string) *daemon {
	t.Helper()
	dir, err := os.MkdirTemp("", "yx") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	buildLibrary(t, dir)
	for name, value := range map[string]string{"YINXIN_P11_DIR": dir, "YINXIN_TOKEN": "", "YINXIN_PIN": "user-pin-12", "YINXIN_SO_PIN": "so-pin-1234", "YINXIN_PASSPHRASE": "correct horse"} {
		t.Setenv(name, value)
	}
	d := &daemon{t: t, dir: filepath.Join(dir, "tok"), socket: filepath.Join(dir, "s"), args: args}
	yinxin(t, 0, "", "token", "init", "--dir", d.dir, "--label", "seals")
	d.start()
	t.Cleanup(d.stop)
	return d
}

// buildLibrary builds the token's PKCS#11 library, twice, in a folder.
func buildLibrary(t testing.TB, dir string) {
	t.Helper()
	gcc := need.Tool(t, "gcc")
	sources, err := filepath.Glob("../../hsm/token/client/*.c")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no sources of the library: %v", err)
	}
	for _, name := range []string{clientLibrary, clientSecond} {
		options := append([]string{"-std=c11", "-O2", "-fPIC", "-fvisibility=hidden", "-shared", "-pthread", "-o", filepath.Join(dir, name)}, sources...)
		if out, err := exec.Command(gcc, options...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
}

// start serves the token and waits until it answers.
func (d *daemon) start() {
	d.t.Helper()
	d.cmd = exec.Command("yinxin", append([]string{"token", "serve", "--dir", d.dir, "--socket", d.socket}, d.args...)...)
	d.cmd.Stderr = d.t.Output()
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	for {
		c, err := net.Dial("unix", d.socket)
		if err == nil {
			c.Close()
			return
		}
		select {
		case <-d.t.Context().Done():
			d.t.Fatal("the token does not answer")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// kill ends it as a crash would.
func (d *daemon) kill() {
	d.cmd.Process.Kill()
	d.cmd.Wait()
}

// stop ends it in order; one that halt has stopped would never notice.
func (d *daemon) stop() {
	d.cmd.Process.Signal(syscall.SIGCONT)
	d.cmd.Process.Signal(os.Interrupt)
	d.cmd.Wait()
}

// halt stops it where it is. The signal alone comes back before every thread has stopped, and one of them could still answer.
func (d *daemon) halt() {
	d.t.Helper()
	d.cmd.Process.Signal(syscall.SIGSTOP)
	var state syscall.WaitStatus
	if _, err := syscall.Wait4(d.cmd.Process.Pid, &state, syscall.WUNTRACED, nil); err != nil || !state.Stopped() {
		d.t.Fatalf("the token is not stopped: %v", err)
	}
}

func (d *daemon) resume() { d.cmd.Process.Signal(syscall.SIGCONT) }

// ledger is an Observer that counts.
type ledger struct {
	mu              sync.Mutex
	answered, tests int
	down, up        int
	wasDown         chan struct{}
}

func (l *ledger) Signed(u pkcs11.Use) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if u.Class == pkcs11.Answered {
		l.answered++
		if u.SelfTest {
			l.tests++
		}
	}
}

func (l *ledger) Down(pkcs11.Outage) {
	l.mu.Lock()
	l.down++
	l.mu.Unlock()
	l.wasDown <- struct{}{}
}

func (l *ledger) Up(pkcs11.Outage) { l.mu.Lock(); defer l.mu.Unlock(); l.up++ }

func (d *daemon) open(l *ledger, change ...func(*pkcs11.TokenConfig)) keyring {
	d.t.Helper()
	o := keyOptions{keys: "token:" + d.socket}
	c, _, err := o.tokens()
	if err != nil {
		d.t.Fatal(err)
	}
	for _, with := range change {
		with(&c.Tokens[0])
	}
	p, err := pkcs11.Open(c, pkcs11.Options{Observer: l})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { p.Close() })
	return p
}

func signedBy(ctx context.Context, k hsm.Key, n int) error {
	pub := k.Public().(*ecdsa.PublicKey)
	e, err := gm.E(pub, fmt.Appendf(nil, "示例 %d", n))
	if err != nil {
		return err
	}
	sig, err := k.Sign(ctx, e, hsm.SM2)
	if err == nil && !gm.VerifyE(pub, e, sig) {
		err = fmt.Errorf("signature %d is wrong", n)
	}
	return err
}

// The token is killed three times in the middle of 20,000 signatures and comes back once its callers wait: all are made, by one recovery each time.
func TestTokenKilled(t *testing.T) {
	const callers, each, times = 16, 1250, 3
	d, l := newDaemon(t), &ledger{wasDown: make(chan struct{}, times+1)}
	k, err := d.open(l).Generate(t.Context(), "owner", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	made := make(chan struct{}, callers*each)
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for n := range each {
				if err := signedBy(ctx, k, n); err != nil {
					t.Error(err)
					cancel()
					return
				}
				made <- struct{}{}
			}
		})
	}
	for range times {
		for range callers * each / (times + 1) {
			select {
			case <-made:
			case <-ctx.Done():
				t.Fatal("no more signatures are made")
			}
		}
		d.kill()
		select {
		case <-l.wasDown:
		case <-ctx.Done():
			t.Fatal("nobody missed the token")
		}
		d.start()
	}
	group.Wait()
	if l.down != times || l.up != times || l.tests != times+1 || l.answered != callers*each+times+1 {
		t.Errorf("%d outages, %d recoveries, %d self-tests, %d signatures", l.down, l.up, l.tests, l.answered)
	}
}

// diagnosed wants the doctor to say what is wrong, in both languages. It runs in processes of its own: a library belongs to who started it.
func (d *daemon) diagnosed(zh, en string) {
	d.t.Helper()
	var both sync.WaitGroup
	for lang, want := range map[string]string{"zh": zh, "en": en} {
		both.Go(func() {
			out, err := exec.CommandContext(d.t.Context(), "yinxin", "hsm", "doctor", "--lang", lang, "--keys=token:"+d.socket).CombinedOutput()
			if err == nil || !strings.Contains(string(out), want) {
				d.t.Errorf("want %q in (%v):\n%s", want, err, out)
			}
		})
	}
	both.Wait()
}

// A token that stops answering, and one whose socket is gone, are missed once each, and the doctor says what is wrong; signatures wait and are made when
// it is back.
func TestTokenStopped(t *testing.T) {
	d, l := newDaemon(t), &ledger{wasDown: make(chan struct{}, 2)}
	k, err := d.open(l, func(c *pkcs11.TokenConfig) { c.Timeout = 3 * time.Second }).Generate(t.Context(), "owner", hsm.Spec{Algorithm: hsm.SM2})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		begin, end func()
		zh, en     string
	}{
		{d.halt, d.resume, "在时限内没有应答", "did not answer in time"},
		{func() { d.kill(); os.Remove(d.socket) }, d.start, "找不到这个令牌", "the token is not there"},
	} {
		c.begin()
		result := make(chan error, 1)
		go func() { result <- signedBy(t.Context(), k, 1) }()
		select {
		case <-l.wasDown:
		case err := <-result:
			t.Fatalf("a token that does not answer signs: %v", err)
		}
		d.diagnosed(c.zh, c.en)
		c.end()
		if err := <-result; err != nil {
			t.Error(err)
		}
	}
	if l.down != 2 || l.up != 2 {
		t.Errorf("%d outages, %d recoveries", l.down, l.up)
	}
}

// The way from nothing to a sealed file, with every key in the token.
func TestSealedByToken(t *testing.T) {
	d := newDaemon(t)
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("page.pdf", testseal.PDF(t, 2), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := "--keys=token:" + d.socket
	for _, line := range []string{
		"ca init --dir ca --name 示例根",
		"key generate maker owner",
		"ca issue --dir ca --profile maker --name 示例制章中心 --key maker --out maker.crt",
		"ca issue --dir ca --name 云杉示例科技有限公司 --uscc 91990000MA0000015Q --key owner --out owner.crt",
		"seal make --type legal-name --name 云杉示例科技有限公司 --code 9900000000001 --signer owner.crt --maker-key maker --maker-cert maker.crt --out owner.esl",
		"ca init --dir rsa --name rsa-root --alg rsa3072 --key rsa-root",
		"key generate acrobat --alg p256",
		"ca issue --dir rsa --name acrobat --key acrobat --out acrobat.crt",
		"stamp --seal owner.esl --key owner --in page.pdf --out sealed.pdf --page 1 --at 120,200 --also acrobat,acrobat.crt",
		"key test",
		"hsm doctor",
	} {
		yinxin(t, 0, "", append(strings.Fields(line), keys)...)
	}
	out, _ := yinxin(t, exitIndeterminate, "", "verify", "sealed.pdf") // nobody is trusted here
	if !strings.Contains(out, "云杉示例科技有限公司") {
		t.Errorf("verified as %s", out)
	}
	found := false
	err := filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		found = found || filepath.Ext(name) == ".key" || filepath.Base(name) == "store.json"
		return err
	})
	if err != nil || found {
		t.Errorf("there is a key outside the token: %v", err)
	}
}
