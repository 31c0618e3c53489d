//go:build cgo && linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/internal/testseal"
)

// neighbour is another token, with a socket of its own beside the first one's.
func (d *daemon) neighbour(label string) *daemon {
	d.t.Helper()
	n := &daemon{t: d.t, dir: filepath.Join(filepath.Dir(d.dir), label), socket: filepath.Join(filepath.Dir(d.socket), label[:1])}
	yinxin(d.t, 0, "", "token", "init", "--dir", n.dir, "--label", label)
	n.start()
	d.t.Cleanup(n.stop)
	return n
}

// roles are the tokens of three roles, and a configuration of three libraries for them and for a token of softhsm2.
type roles struct {
	seals, authority, makers *daemon
	keys                     string
}

func newRoles(t *testing.T) roles {
	t.Helper()
	config := softToken(t)
	r := roles{seals: newDaemon(t), keys: "--keys=pkcs11:" + config}
	r.authority, r.makers = r.seals.neighbour("authority"), r.seals.neighbour("makers")
	t.Setenv("YINXIN_TOKEN", strings.Join([]string{r.seals.socket, r.authority.socket, r.makers.socket}, ":"))
	library := filepath.Join(os.Getenv("YINXIN_P11_DIR"), clientLibrary)
	second := filepath.Join(os.Getenv("YINXIN_P11_DIR"), clientSecond)
	f, err := os.OpenFile(config, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, at := range [][2]string{{library, "seals"}, {library, "authority"}, {second, "makers"}} {
		if _, err := f.WriteString("- {module: " + at[0] + ", token: {label: " + at[1] + "}, pin: {env: YINXIN_PIN}, timeout: 30s, patience: 100ms}\n"); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// The keys of the maker, of the authorities and of the owner live in a token each, and the reader's beside them in another library. When one token stops
// or dies the others go on, and the doctor says which it is, in both languages.
func TestRolesInTokens(t *testing.T) {
	r := newRoles(t)
	t.Chdir(t.TempDir())
	if err := os.WriteFile("page.pdf", testseal.PDF(t, 2), 0o600); err != nil {
		t.Fatal(err)
	}
	made, _ := yinxin(t, 0, "甲\nMAKE\n乙\nMAKE\n", "key", "ceremony", "pkcs11:token=makers;object=maker", "--out", "transcript.txt", r.keys)
	for _, want := range []string{"token=makers;", "profile: yinxin", "CKA_EXTRACTABLE false", "CKA_LOCAL true", "fingerprint: sm3:", "a random digest was signed and verified", "witnessed by: 甲", "witnessed by: 乙", "signature: ____"} {
		if !strings.Contains(made, want) {
			t.Errorf("%q is not in the transcript:\n%s", want, made)
		}
	}
	run := func(line string) {
		t.Helper()
		yinxin(t, 0, "", append(strings.Fields(line), r.keys)...)
	}
	run("ca init --dir ca --name 示例根 --key pkcs11:token=authority;object=root")
	run("key generate pkcs11:token=authority;object=tsa pkcs11:token=seals;object=owner")
	run("ca init --dir plain --name plain-root --alg p256 --key plain-root")
	run("key generate reader --alg p256")
	run("ca issue --dir ca --profile maker --name 示例制章中心 --key pkcs11:token=makers;object=maker --out maker.crt")
	run("ca issue --dir ca --profile tsa --name 示例时间戳服务 --key pkcs11:token=authority;object=tsa --out tsa.crt")
	run("ca issue --dir ca --name 云杉示例科技有限公司 --uscc 91990000MA0000015Q --key pkcs11:token=seals;object=owner --out owner.crt")
	run("ca issue --dir plain --name reader --key reader --out reader.crt")
	run("seal make --type legal-name --name 云杉示例科技有限公司 --code 9900000000001 --signer owner.crt --maker-key pkcs11:token=makers;object=maker --maker-cert maker.crt --out owner.esl")
	url, stop := r.serveTSA(t)
	defer stop()
	profile, _ := yinxin(t, 0, "", "tsa", "probe", url, "--private", "--name", "house")
	if err := os.WriteFile("tsa.yaml", []byte(profile), 0o600); err != nil {
		t.Fatal(err)
	}
	run("stamp --seal owner.esl --key owner --in page.pdf --out sealed.pdf --page 1 --at 120,200 --also reader,reader.crt --tsa tsa.yaml")
	if out, _ := yinxin(t, exitIndeterminate, "", "verify", "sealed.pdf"); !strings.Contains(out, "云杉示例科技有限公司") || !strings.Contains(out, "reader") { // nobody is trusted here
		t.Errorf("verified as %s", out)
	}
	for token, want := range map[*daemon]int{r.makers: 1, r.authority: 2, r.seals: 1} {
		if keys, err := filepath.Glob(filepath.Join(token.dir, "*.key")); err != nil || len(keys) != want {
			t.Errorf("%s holds %d keys, want %d", token.dir, len(keys), want)
		}
	}
	if healthy, _ := yinxin(t, 0, "", "hsm", "doctor", r.keys); strings.Count(healthy, "nothing is wrong") != 4 || strings.Count(healthy, "software, not a certified cryptographic module") != 4 {
		t.Errorf("the doctor says %s", healthy)
	}
	r.loses(t, url)
	digits := digitsOf(made)
	yinxin(t, 0, "甲\n"+digits+"\n乙\n"+digits+"\n", "key", "destroy", "maker", r.keys)
}

// loses has the tokens go one after the other.
func (r roles) loses(t *testing.T, url string) {
	t.Helper()
	if code, text := get(t, url+"readyz"); code != http.StatusOK {
		t.Errorf("ready: %d %s", code, text)
	}
	r.makers.halt()
	if code, text := get(t, url+"readyz"); code != http.StatusOK {
		t.Errorf("ready while another token is stopped: %d %s", code, text)
	}
	r.makers.resume()
	r.authority.kill()
	os.Remove(r.authority.socket)
	if code, text := get(t, url+"readyz"); code != http.StatusServiceUnavailable {
		t.Errorf("ready without its token: %d %s", code, text)
	}
	r.diagnosed(t, "authority", "找不到这个令牌", "the token is not there")
	yinxin(t, 0, "", "key", "test", "pkcs11:token=seals;object=owner", r.keys)
	r.authority.start()
	for code := 0; code != http.StatusOK; code, _ = get(t, url+"readyz") { // the recovery looks now and then
		select {
		case <-t.Context().Done():
			t.Fatal("the token is back, and the service is not")
		case <-time.After(20 * time.Millisecond):
		}
	}
	_, text := get(t, url+"metrics")
	for _, want := range []string{`yinxin_hsm_up{token="authority #`, `yinxin_hsm_outages_total{class="`, `yinxin_hsm_recoveries_total{token="authority #`,
		`yinxin_hsm_signatures_total{class="answered",key="pkcs11:token=authority;`, `yinxin_hsm_sign_seconds_count{token="authority #`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
}

// diagnosed wants the doctor to find fault with one of the four tokens, in both languages, and to write that down.
func (r roles) diagnosed(t *testing.T, token, zh, en string) {
	t.Helper()
	for lang, want := range map[string]string{"zh": zh, "en": en} {
		var out, errs bytes.Buffer
		code := execute(t.Context(), []string{"hsm", "doctor", "--lang", lang, "--metrics", "hsm.prom", r.keys}, nil, &out, &errs)
		_, rest, _ := strings.Cut(out.String(), map[string]string{"zh": "令牌 ", "en": "token "}[lang]+token+"\n")
		its, _, _ := strings.Cut(rest, map[string]string{"zh": "\n令牌 ", "en": "\ntoken "}[lang])
		if code != exitRefused || !strings.Contains(its, want) {
			t.Errorf("want %q of %s in (%d):\n%s%s", want, token, code, &out, &errs)
		}
	}
	text, err := os.ReadFile("hsm.prom")
	if err != nil || !bytes.Contains(text, []byte(`yinxin_hsm_healthy{token="`+token+`"} 0`)) || !bytes.Contains(text, []byte(`yinxin_hsm_healthy{token="seals"}`)) {
		t.Errorf("written %s, %v", text, err)
	}
}

// serveTSA runs the authority for time stamps, in a process of its own as all who start a library anew, until stop.
func (r roles) serveTSA(t *testing.T) (url string, stop func()) {
	t.Helper()
	c := exec.Command("yinxin", "tsa", "serve", "--lang", "en", "--key", "pkcs11:token=authority;object=tsa", "--cert", "tsa.crt", "--chain", "ca/root.crt", "--listen", "127.0.0.1:0", r.keys)
	c.Stderr = t.Output()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Scan()
	for _, f := range strings.Fields(lines.Text()) {
		if strings.HasPrefix(f, "http://127.0.0.1:") {
			url = f
		}
	}
	return url, func() {
		c.Process.Signal(os.Interrupt)
		if _, err := io.Copy(io.Discard, out); err != nil {
			t.Error(err)
		}
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
}

func get(t *testing.T, url string) (code int, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}
