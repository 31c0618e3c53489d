package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yinxin/api"
	"yinxin/internal/need"
)

// sameWorld is the service and the command, under one trust and one clock.
type sameWorld struct {
	*testing.T
	app   *app
	out   *bytes.Buffer
	trust string
	base  string
}

func newSameWorld(t *testing.T, trustDir string, at time.Time) *sameWorld {
	t.Helper()
	out := &bytes.Buffer{}
	a := &app{out: out, err: io.Discard, lang: "zh", now: func() time.Time { return at }}
	o := serviceConfig{Trust: trustDir, Spool: t.TempDir(), Limits: api.Limits{Requests: -1}}
	s, err := a.service(&o, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &sameWorld{t, a, out, trustDir, server.URL}
}

// command is what yinxin verify --json says of a file.
func (s *sameWorld) command(path string, more ...string) map[string]any {
	s.Helper()
	s.out.Reset()
	root := s.app.root()
	args := append([]string{"verify", "--json", "--lang", "zh"}, more...)
	if s.trust != "" {
		args = append(args, "--trust", s.trust)
	}
	root.SetArgs(append(args, path))
	if err := root.ExecuteContext(s.Context()); err != nil {
		s.Fatalf("%s: %v", path, err)
	}
	return s.decoded(s.out.Bytes())
}

// service is what the service says of it. Fields are names and values in turn.
func (s *sameWorld) service(parts map[string]string, fields ...string) map[string]any {
	s.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			s.Fatal(err)
		}
	}
	for name, path := range parts {
		data, err := os.ReadFile(path)
		if err != nil {
			s.Fatal(err)
		}
		to, err := form.CreateFormFile(name, filepath.Base(path))
		if err == nil {
			_, err = to.Write(data)
		}
		if err != nil {
			s.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		s.Fatal(err)
	}
	resp, err := http.Post(s.base+"/v1/verifications?lang=zh", form.FormDataContentType(), &body)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.Fatalf("%v: %d %s %v", parts, resp.StatusCode, answer, err)
	}
	return s.decoded(answer)
}

// decoded is an answer without the name of its file, which the one is given with its folders and the other without.
func (s *sameWorld) decoded(line []byte) map[string]any {
	s.Helper()
	var v map[string]any
	if err := json.Unmarshal(line, &v); err != nil {
		s.Fatalf("%v: %s", err, line)
	}
	delete(v, "file")
	return v
}

// TestServeEqualsCommand: on the demonstration's files the service says what the command says, also of a bundle and of a file with its evidence.
func TestServeEqualsCommand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	t.Setenv("LANG", "en_US.UTF-8")
	quietly(t, 0, "demo", "--dir", dir)
	s := newSameWorld(t, filepath.Join(dir, "trust"), time.Now().UTC())
	sealed := filepath.Join(dir, fullContract)
	verdicts := map[string]bool{}
	for _, path := range []string{sealed, filepath.Join(dir, tamperedContract), filepath.Join(dir, "contract.pdf"), filepath.Join(dir, "trust", "trust.yaml")} {
		want, got := s.command(path), s.service(map[string]string{"file": path})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: command and service differ:\n%s", path, diff)
		}
		verdicts[want["verdict"].(string)] = true
	}
	if len(verdicts) != 4 {
		t.Errorf("verdicts %v, want four", verdicts)
	}
	kept := sealed + ".evidence"
	if err := os.WriteFile(kept, []byte("PK\x03\x04 this is no evidence"), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.command(sealed), s.service(map[string]string{"file": sealed, "evidence": kept})); diff != "" {
		t.Errorf("with evidence that is none:\n%s", diff)
	}
	os.Remove(kept)
	s.sameWithEvidence(sealed, kept)
	s.sameEncrypted(filepath.Join(dir, "contract.pdf"))
}

// sameWithEvidence compares what is said of a file with its evidence, and of both as one bundle, when the revocation list is nowhere else any more.
func (s *sameWorld) sameWithEvidence(sealed, kept string) {
	s.Helper()
	quietly(s.T, 0, "extend", sealed, "--trust", s.trust, "--beside", "--partial")
	bundle := filepath.Join(s.TempDir(), "bundle.zip")
	quietly(s.T, 0, "evidence", "bundle", sealed, "--out", bundle)
	bare := newSameWorld(s.T, withoutRevocations(s.T, s.trust), time.Now().UTC())
	alone := bare.service(map[string]string{"file": sealed})
	beside := bare.service(map[string]string{"file": sealed, "evidence": kept})
	bundled := bare.service(map[string]string{"file": bundle})
	if alone["verdict"] == "PASSED" {
		s.Errorf("without evidence: %v", alone["verdict"])
	}
	for name, x := range map[string]struct{ want, got map[string]any }{"evidence": {bare.command(sealed), beside}, "bundle": {bare.command(bundle), bundled}} {
		if diff := cmp.Diff(x.want, x.got); diff != "" || x.got["verdict"] != "PASSED" {
			s.Errorf("%s, %v: command and service differ:\n%s", name, x.got["verdict"], diff)
		}
	}
}

// withoutRevocations copies a trust directory, its revocation lists left out.
func withoutRevocations(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "trust")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(to, "crl")); err != nil {
		t.Fatal(err)
	}
	return to
}

// sameEncrypted compares what is said of an encrypted file with its password, which the service is given as a part of the form.
func (s *sameWorld) sameEncrypted(path string) {
	s.Helper()
	locked := filepath.Join(s.TempDir(), "locked.pdf")
	if out, err := exec.CommandContext(s.Context(), need.Tool(s.T, "qpdf"), "--encrypt", "sesame", "owner", "256", "--", path, locked).CombinedOutput(); err != nil {
		s.Fatalf("qpdf: %v\n%s", err, out)
	}
	if diff := cmp.Diff(s.command(locked), s.service(map[string]string{"file": locked})); diff != "" {
		s.Errorf("without its password:\n%s", diff)
	}
	s.Setenv("YINXIN_PDF_PASSWORD", "sesame")
	got := s.service(map[string]string{"file": locked}, "password", "sesame", "type", "contract")
	if diff := cmp.Diff(s.command(locked, "--type", "contract"), got); diff != "" || got["verdict"] != "UNSIGNED" {
		s.Errorf("%v with its password:\n%s", got["verdict"], diff)
	}
}

// TestServeSamples: on every file from the field, too, whatever it is.
func TestServeSamples(t *testing.T) {
	root := need.Samples(t)
	s := newSameWorld(t, "", time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
	read := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if info, err := d.Info(); err != nil || info.Size() == 0 || info.Size() > 64<<20 {
			return err
		}
		read++
		if diff := cmp.Diff(s.command(path), s.service(map[string]string{"file": path})); diff != "" {
			t.Errorf("%s: command and service differ:\n%s", filepath.Base(path), diff)
		}
		return nil
	})
	if err != nil || read < 30 {
		t.Errorf("%d samples were read, %v", read, err)
	}
}

// TestServeRuns: it says where it is, answers, logs no names, and ends when told to.
func TestServeRuns(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	read, write := io.Pipe()
	ended := make(chan int, 1)
	var log bytes.Buffer
	config := filepath.Join(t.TempDir(), "serve.yaml")
	if err := os.WriteFile(config, []byte("listen: 192.0.2.1:80\nlimits: {requests: 5, queueTime: 3s}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	go func() {
		code := execute(ctx, []string{"serve", "--config", config, "--listen", "127.0.0.1:0", "--lang", "en"}, nil, write, &log)
		write.Close()
		ended <- code
	}()
	lines := bufio.NewScanner(read)
	if !lines.Scan() {
		t.Fatalf("it said nothing: %d %s", <-ended, &log)
	}
	fields := strings.Fields(lines.Text())
	resp, err := http.Get(fields[len(fields)-1])
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !bytes.Contains(page, []byte("<form")) || resp.Header.Get("X-Ratelimit-Limit") != "5" {
		t.Errorf("%v, limit %s: %s", err, resp.Header.Get("X-Ratelimit-Limit"), page)
	}
	stop()
	if !lines.Scan() || !strings.Contains(lines.Text(), "ended") {
		t.Errorf("at its end it said %q", lines.Text())
	}
	if code := <-ended; code != 0 {
		t.Errorf("it exited %d: %s", code, &log)
	}
}
