package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"yinxin/hsm"
	"yinxin/internal/testseal"
	"yinxin/timestamp/tsa"
)

// served runs the authority of the world in process and returns its address.
func served(t *testing.T, at func(string) string) string {
	t.Helper()
	a := &app{lang: "en", now: time.Now}
	var k keyOptions
	provider, err := k.open(a, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { provider.Close() })
	key, err := provider.Key(t.Context(), hsm.Ref("tsa"))
	if err != nil {
		t.Fatal(err)
	}
	cert, err := readCertificate(at("tsa.crt"))
	if err != nil {
		t.Fatal(err)
	}
	authority, err := tsa.New(t.Context(), tsa.Config{Key: key, Certificate: cert})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(authority.Handler(nil))
	t.Cleanup(s.Close)
	return s.URL
}

// levelWorld is a served authority, a seal with its time stamp, and what stamps a page with it: stamp wants an exit code and returns what was said.
type levelWorld struct {
	at  func(string) string
	url string
}

func (w levelWorld) write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(w.at(name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w levelWorld) run(t *testing.T, code int, line string, args ...string) string {
	t.Helper()
	return quietly(t, code, append(strings.Fields(line), args...)...)
}

func (w levelWorld) stamp(t *testing.T, code int, out, line string) string {
	t.Helper()
	return w.run(t, code, "stamp --key owner --at 120,200 "+line, "--seal", w.at("owner.esl"), "--in", w.at("page.pdf"), "--out", w.at(out), "--trust", w.at("trust"))
}

func newLevelWorld(t *testing.T) levelWorld {
	t.Helper()
	at := tsaWorld(t)
	w := levelWorld{at, served(t, at)}
	w.write(t, "page.pdf", testseal.PDF(t, 1))
	w.write(t, "tsa.yaml", []byte("url: "+w.url+"\nprivateAddresses: true\n"))
	w.run(t, 0, "key generate maker owner")
	for _, dir := range []string{"trust/maker", "trust/ca", "trust/crl"} {
		if err := os.MkdirAll(at(dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	w.run(t, 0, "ca issue --profile maker --name 示例制章中心 --key maker", "--out", at("trust/maker/maker.crt"), "--dir", at("ca"))
	w.run(t, 0, "ca issue --name 云杉示例科技有限公司 --key owner", "--out", at("owner.crt"), "--dir", at("ca"))
	root, err := os.ReadFile(at("ca/root.crt"))
	if err != nil {
		t.Fatal(err)
	}
	w.write(t, "trust/ca/root.crt", root)
	makes := []string{"--signer", at("owner.crt"), "--maker-cert", at("trust/maker/maker.crt"), "--out", at("owner.esl"), "--tsa", at("tsa.yaml")}
	if said := w.run(t, 3, "seal make --type legal-name --name 云杉示例科技有限公司 --code 9900000000001 --maker-key maker", makes...); !strings.Contains(said, "generation 5") {
		t.Errorf("a stamped seal of generation 4: %s", said)
	}
	w.run(t, 0, "seal make --type legal-name --name 云杉示例科技有限公司 --code 9900000000001 --maker-key maker --version 5", makes...)
	return w
}

// TestStampLevels: a file is sealed at each level and extended.
func TestStampLevels(t *testing.T) {
	w := newLevelWorld(t)
	at := w.at
	// Without a revocation list there is no lt.
	if said := w.stamp(t, 1, "none.pdf", "--level lt --tsa "+at("tsa.yaml")); !strings.Contains(said, "level lt is not reached") {
		t.Errorf("without lists: %s", said)
	}
	w.run(t, 0, "ca crl", "--out", at("trust/crl/root.crl"), "--dir", at("ca"))
	for _, level := range []string{"t", "lt", "lta"} {
		if said := w.stamp(t, 0, level+".pdf", "--level "+level+" --tsa "+at("tsa.yaml")); !strings.Contains(said, strings.ToUpper("b-"+level)+", time stamp of ") {
			t.Errorf("%s: %s", level, said)
		}
		said := w.run(t, 0, "extend "+at(level+".pdf")+" --tsa "+at("tsa.yaml"), "--out", at(level+"+.pdf"), "--trust", at("trust"))
		if !strings.Contains(said, "document time stamp Timestamp") {
			t.Errorf("extend %s: %s", level, said)
		}
		before, err1 := os.ReadFile(at(level + ".pdf"))
		after, err2 := os.ReadFile(at(level + "+.pdf"))
		if err1 != nil || err2 != nil || !bytes.HasPrefix(after, before) {
			t.Errorf("extend %s: the file's bytes are no prefix", level)
		}
	}
}

// TestStampAuthorities: an authority that is slow, dead or private without leave is named, and so is a level that cannot be: no file is made.
func TestStampAuthorities(t *testing.T) {
	w := newLevelWorld(t)
	at := w.at
	hang, stop := context.WithCancel(t.Context())
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang.Done():
		case <-r.Context().Done():
		}
	}))
	defer slow.Close()
	defer stop()
	w.write(t, "slow.yaml", []byte("url: "+slow.URL+"\nprivateAddresses: true\n"))
	w.write(t, "dead.yaml", []byte("url: http://127.0.0.1:1/\nprivateAddresses: true\n"))
	for option, want := range map[string]string{
		"--tsa " + at("slow.yaml") + " --tsa-timeout 200ms": "did not answer in time", "--tsa " + at("dead.yaml"): "cannot be reached", "--tsa " + w.url: "not public",
	} {
		if said := w.stamp(t, 1, "none.pdf", option); !strings.Contains(said, want) {
			t.Errorf("%s: %s", option, said)
		}
	}
	for option, want := range map[string]string{
		"--level x": "it is one of b, t, lt, lta", "--level lta": "needs time stamps", "--level b --tsa " + at("tsa.yaml"): "level b has no time stamp",
		"--tsa " + at("page.pdf"): "profile", "--tsa " + at("tsa.yaml") + " --tsa-timeout 0s": "more than 0",
	} {
		if said := w.stamp(t, 3, "none.pdf", option); !strings.Contains(said, want) {
			t.Errorf("%s: %s", option, said)
		}
	}
	if _, err := os.Stat(at("none.pdf")); err == nil {
		t.Error("a file was released")
	}
	w.run(t, 3, "extend "+at("page.pdf")+" --tsa "+at("tsa.yaml"), "--out", at("none.pdf"), "--trust", at("trust"))
}

// TestBatchLevels: each row of a batch is stamped at the level; an authority that is dead fails rows with the reason, and the next run goes on with them.
func TestBatchLevels(t *testing.T) {
	w := newLevelWorld(t)
	at := w.at
	w.run(t, 0, "ca crl", "--out", at("trust/crl/root.crl"), "--dir", at("ca"))
	w.write(t, "list.csv", []byte("in,out\npage.pdf,a.pdf\npage.pdf,b.pdf\npage.pdf,c.pdf\n"))
	w.write(t, "dead.yaml", []byte("url: http://127.0.0.1:1/\nprivateAddresses: true\n"))
	batch := func(code int, tsa, want string) string {
		t.Helper()
		said := w.run(t, code, "stamp --level lta --key owner --at 120,200 --tsa "+at(tsa), "--seal", at("owner.esl"), "--trust", at("trust"), "--batch", at("list.csv"))
		if !strings.Contains(said, want) {
			t.Errorf("%s: %s", tsa, said)
		}
		return said
	}
	if said := batch(1, "dead.yaml", "sealed now 0, found sealed 0, done before 0, failed 3"); !strings.Contains(said, "cannot be reached") {
		t.Errorf("the reason is not said: %s", said)
	}
	if report, err := os.ReadFile(at("list.csv.report.csv")); err != nil || bytes.Count(report, []byte(",failed,")) != 3 || bytes.Count(report, []byte(tsa.CodeDead)) != 3 {
		t.Errorf("%v: %s", err, report)
	}
	if _, err := os.Stat(at("a.pdf")); err == nil {
		t.Error("a file was released")
	}
	batch(0, "tsa.yaml", "sealed now 3, found sealed 0, done before 0, failed 0")
	batch(0, "tsa.yaml", "sealed now 0, found sealed 0, done before 3, failed 0")
	if err := os.Remove(at("list.csv.report.csv")); err != nil {
		t.Fatal(err)
	}
	batch(0, "tsa.yaml", "sealed now 0, found sealed 3, done before 0, failed 0")
	if report, err := os.ReadFile(at("list.csv.report.csv")); err != nil || bytes.Count(report, []byte(",found,")) != 3 {
		t.Errorf("%v: %s", err, report)
	}
	for _, name := range []string{"a.pdf", "b.pdf", "c.pdf"} {
		if said := w.run(t, 0, "verify --trust "+at("trust")+" "+at(name)); strings.Count(said, "TIMESTAMP_PROVES") != 3 { // of the seal, the signature and the document
			t.Errorf("%s is not at the level: %s", name, said)
		}
	}
}
