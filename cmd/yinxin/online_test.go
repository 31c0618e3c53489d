package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"yinxin/internal/testseal"
)

// TestOnline: a revocation list that only the network has is fetched when asked for, from private addresses only when that is said too.
func TestOnline(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("YINXIN_PASSPHRASE", "correct horse")
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, "data"))
	t.Setenv("LC_ALL", "C")
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		http.ServeFile(w, r, filepath.Join(dir, "root.crl"))
	}))
	defer server.Close()
	if err := os.WriteFile("page.pdf", testseal.PDF(t, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"trust/maker", "trust/ca"} {
		if err := os.MkdirAll(sub, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	yinxin := func(code int, line string) {
		t.Helper()
		var out, errs bytes.Buffer
		if got := execute(context.Background(), strings.Fields(line), strings.NewReader(""), &out, &errs); got != code {
			t.Errorf("%s: exit code %d, want %d; it said\n%s%s", line, got, code, &out, &errs)
		}
	}
	for _, line := range []string{
		"ca init --dir ca --name Root --crl-url " + server.URL + "/root.crl", "key generate maker owner",
		"ca issue --dir ca --profile maker --name 示例制章中心 --key maker --out trust/maker/maker.crt",
		"ca issue --dir ca --name 云杉示例科技有限公司 --key owner --out owner.crt", "ca crl --dir ca --out root.crl",
		"seal make --type legal-name --name 云杉示例科技有限公司 --code 9900000000001 --signer owner.crt --maker-key maker --maker-cert trust/maker/maker.crt --out owner.esl",
		"stamp --seal owner.esl --key owner --in page.pdf --out out.pdf --at 120,200",
	} {
		yinxin(exitOK, line)
	}
	root, err := os.ReadFile("ca/root.crt")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("trust/ca/root.crt", root, 0o600); err != nil {
		t.Fatal(err)
	}
	yinxin(exitIndeterminate, "verify --trust trust out.pdf")
	yinxin(exitIndeterminate, "verify --trust trust --online out.pdf")
	if n := asked.Load(); n != 0 {
		t.Errorf("a private address was asked %d times without leave", n)
	}
	yinxin(exitOK, "verify --trust trust --online --online-private out.pdf")
	if asked.Load() == 0 {
		t.Error("nobody was asked")
	}
	yinxin(exitIndeterminate, "verify --trust trust --online --online-private --max-age 1ns out.pdf")
	yinxin(exitUsage, "verify --online-private out.pdf")
	yinxin(exitUsage, "verify --online --proxy nowhere out.pdf")
}
