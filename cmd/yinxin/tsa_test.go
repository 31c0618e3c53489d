package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/timestamp/tsa"
)

// quietly runs a command and returns what it printed.
func quietly(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := execute(t.Context(), args, nil, &out, &errs); code != want {
		t.Fatalf("yinxin %v exited %d, want %d: %s", args, code, want, &errs)
	}
	return out.String() + errs.String()
}

// tsaWorld makes a root, a key and certificate for time stamping, a trust folder whose tsa/ holds the root, and one whose ca/ does. The returned
// function gives paths in it.
func tsaWorld(t *testing.T) func(string) string {
	t.Helper()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, value := range map[string]string{"YINXIN_PASSPHRASE": "correct horse", "LANG": "en_US.UTF-8", "LC_ALL": "", "XDG_DATA_HOME": at("data")} {
		t.Setenv(name, value)
	}
	quietly(t, 0, "ca", "init", "--dir", at("ca"), "--name", "示例内部根证书")
	quietly(t, 0, "key", "generate", "tsa")
	quietly(t, 0, "ca", "issue", "--dir", at("ca"), "--profile", "tsa", "--name", "示例时间戳服务", "--key", "tsa", "--out", at("tsa.crt"))
	root, err := os.ReadFile(at("ca/root.crt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"trust/tsa", "strange/ca"} { // a root for signers does not vouch for time
		if err := os.MkdirAll(at(folder), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at(folder+"/root.crt"), root, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return at
}

// TestTSAServes: the authority answers, is measured, is trusted as the trust folder says, and ends when it is told to.
func TestTSAServes(t *testing.T) {
	at := tsaWorld(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	ended := make(chan int, 1)
	var log bytes.Buffer
	go func() {
		code := execute(ctx, []string{"tsa", "serve", "--key", "tsa", "--cert", at("tsa.crt"), "--chain", at("ca/root.crt"), "--listen", "127.0.0.1:0", "--policy", "2.999.8"}, nil, write, &log)
		write.Close()
		ended <- code
	}()
	lines := bufio.NewScanner(read)
	if !lines.Scan() {
		t.Fatalf("it said nothing: %d %s", <-ended, &log)
	}
	url := ""
	for _, f := range strings.Fields(lines.Text()) {
		if strings.HasPrefix(f, "http://127.0.0.1:") {
			url = f
		}
	}
	if url == "" {
		t.Fatalf("no address in %q", lines.Text())
	}
	resp, err := http.Get(url + "healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("health: %d", resp.StatusCode)
	}
	out := quietly(t, 0, "tsa", "probe", url, "--private", "--trust", at("trust"), "--name", "内部", "--policy", "2.999.8")
	profile, err := tsa.ParseProfile([]byte(out))
	if err != nil || profile.URL != url || profile.MaxTokenBytes < 1000 || profile.Policy != "2.999.8" || !profile.PrivateAddresses || !strings.Contains(out, "trusted") {
		t.Errorf("%v: %+v\n%s", err, profile, out)
	}
	if said := quietly(t, 1, "tsa", "probe", url, "--private", "--trust", at("strange")); !strings.Contains(said, "not trusted") {
		t.Errorf("strange: %s", said)
	}
	stop()
	rest, err := io.ReadAll(read)
	if code := <-ended; code != 0 || err != nil || !strings.Contains(string(rest), "ended") || !strings.Contains(log.String(), "time stamp") {
		t.Errorf("it ended with %d, %v: %s\n%s", code, err, rest, &log)
	}
}
