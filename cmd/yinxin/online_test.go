package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"yinxin/fault"
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
	for _, sub := range []string{"trust/maker", "trust/ca", "trust/crl"} {
		if err := os.MkdirAll(sub, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	yinxin := func(code int, line string, said ...string) { t.Helper(); runs(t, code, line, said...) }

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
	yinxin(exitIndeterminate, "verify --trust trust --online out.pdf", "itsaddressisprivateorreserved,whichisnotallowed")
	yinxin(exitIndeterminate, "--lang zh verify --trust trust --online out.pdf", "无法取得"+server.URL+"/root.crl：这是内网或保留地址，未获允许", "检查网络后再核验")
	if n := asked.Load(); n != 0 {
		t.Errorf("a private address was asked %d times without leave", n)
	}
	yinxin(exitOK, "verify --trust trust --online --online-private out.pdf")
	if asked.Load() == 0 {
		t.Error("nobody was asked")
	}
	yinxin(exitIndeterminate, "verify --trust trust --online --online-private --max-age 1ns out.pdf")
	yinxin(exitUsage, "verify --online-private out.pdf")
	yinxin(exitUsage, "--lang zh verify --max-age soon out.pdf", "应为时长，例如30s、5m")
	yinxin(exitUsage, "verify --online --proxy nowhere out.pdf")
	server.Close()
	yinxin(exitIndeterminate, "--lang zh verify --trust trust --online --online-private out.pdf", "：对方拒绝连接")
	other := filepath.Join(dir, "other")
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, "data2")) // another key
	yinxin(exitOK, "ca init --dir "+other+" --name Root")
	yinxin(exitOK, "ca crl --out trust/crl/root.crl --dir "+other)
	yinxin(exitIndeterminate, "verify --trust trust out.pdf", "thereissomeintheissuer'sname,butitissignedwithakeythatisnottrustedhere", "(theremaybeanotherofthesamename)")
}

// TestNetworkCauses: what the network said is said in Chinese where the floors above it have sentences of their own.
func TestNetworkCauses(t *testing.T) {
	a := &app{lang: "zh"}
	for _, c := range []struct {
		cause error
		want  string
	}{{syscall.ECONNREFUSED, "对方拒绝连接"}, {context.DeadlineExceeded, "等待超时"}, {&net.DNSError{Name: "crl.example", IsNotFound: true}, "找不到主机 crl.example"}} {
		err := fault.New(fault.Unavailable, "outer", "外", "outer", errors.Join(fault.New(fault.Unavailable, "inner", "内", "inner", &net.OpError{Op: "dial", Err: c.cause})))
		if got := a.words(err); got != "外（"+c.want+"）" {
			t.Errorf("%v: %s", c.cause, got)
		}
	}
}

// runs wants an exit code of a command line, and what it says, however the lines are broken.
func runs(t *testing.T, code int, line string, said ...string) {
	t.Helper()
	var out, errs bytes.Buffer
	if got := execute(context.Background(), strings.Fields(line), strings.NewReader(""), &out, &errs); got != code {
		t.Errorf("%s: exit code %d, want %d; it said\n%s%s", line, got, code, &out, &errs)
	}
	for _, want := range said {
		if !strings.Contains(strings.Join(strings.Fields(out.String()+errs.String()), ""), want) { // however the lines are broken
			t.Errorf("%s: %s is not said, but\n%s%s", line, want, &out, &errs)
		}
	}
}
