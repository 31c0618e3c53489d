package api

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yinxin/demo"
	"yinxin/document"
	"yinxin/fault"
	"yinxin/font"
	"yinxin/hsm/keystore"
	"yinxin/hsm/soft"
	"yinxin/layout"
	"yinxin/pdf"
	"yinxin/trust"
	"yinxin/verify"
	"yinxin/verify/report"
	"yinxin/web"
)

// noon is when everything in these tests happens.
func noon() time.Time { return time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) }

// world is the demonstration: sealed, tampered and unsigned files, and the trust under which they are judged.
type world struct {
	files map[string][]byte
	trust *trust.Set
}

var theWorld = sync.OnceValues(func() (*world, error) {
	dir, err := os.MkdirTemp("", "yinxin-api-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	store, err := keystore.Create(filepath.Join(dir, "keys"), []byte("correct horse"))
	if err != nil {
		return nil, err
	}
	keys := soft.New(store)
	defer keys.Close()
	if _, err := demo.Run(context.Background(), demo.Options{Dir: dir, Keys: keys, Formats: []document.Format{pdf.Format{}}, Now: noon}); err != nil {
		return nil, err
	}
	w := &world{files: map[string][]byte{}}
	for _, name := range []string{"contract.pdf", "contract-sealed.pdf", "contract-sealed-tampered.pdf"} {
		if w.files[name], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
			return nil, err
		}
	}
	w.files["damaged.pdf"] = w.files["contract-sealed.pdf"][:1000]
	w.trust, err = trust.Load(os.DirFS(filepath.Join(dir, "trust")))
	return w, err
})

func newWorld(t testing.TB) *world {
	t.Helper()
	w, err := theWorld()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) judge(ctx context.Context, u Upload) (verify.Report, error) {
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: w.trust}
	facts, err := v.Gather(ctx, u.File, u.Size)
	if p, ok := fault.PublicOf(err); ok {
		return verify.Report{Format: facts.Format, Verdict: verify.Unreadable, Signatures: []verify.SignatureReport{}, Error: &p}, nil
	}
	if err != nil {
		return verify.Report{}, err
	}
	return verify.Judge(facts, verify.Policy{}, noon()), nil
}

// running is a service that answers on the loopback.
type running struct {
	*Service
	*testing.T
	base string
	log  *safeBuffer
	stop func() error // ends it and says how that went
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// serve starts a service; change may set what it is made with.
func serve(t *testing.T, change func(*Config)) *running {
	t.Helper()
	return serveTLS(t, nil, change)
}

func serveTLS(t *testing.T, secure *tls.Config, change func(*Config)) *running {
	t.Helper()
	w, log := newWorld(t), &safeBuffer{}
	pages, err := web.New([]string{"PDF"}, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Judge: w.judge, Report: report.Options{Anchors: w.trust.Anchors(), Fonts: layout.Fonts{font.Default()}}, Pages: pages, Spool: t.TempDir(), Now: noon,
		Log: slog.New(slog.NewTextHandler(log, nil)), Limits: Limits{Requests: -1}}
	if change != nil {
		change(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l, secure) }()
	stop := sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(c.Spool); err != nil || len(left) != 0 {
			t.Errorf("%d files are left in the spool, %v", len(left), err)
		}
		if s.spool.left != s.Limits.Spool || len(s.uploads) != 0 {
			t.Errorf("room for %d of %d bytes and %d requests under way when all is over", s.spool.left, s.Limits.Spool, len(s.uploads))
		}
	})
	scheme := "http://"
	if secure != nil {
		scheme = "https://"
	}
	return &running{s, t, scheme + l.Addr().String(), log, stop}
}

// answer is what came back.
type answer struct {
	*http.Response
	body []byte
}

func (r *running) do(method, path string, header map[string]string, body io.Reader) answer {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), method, r.base+path, body)
	if err != nil {
		r.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		r.Fatal(err)
	}
	return answer{resp, got}
}

// part is one part of a form.
type part struct {
	name, file string
	data       []byte
}

// form writes parts with their names as they are, however odd.
func form(t testing.TB, parts ...part) (kind string, body *bytes.Buffer) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for _, p := range parts {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", `form-data; name="`+p.name+`"; filename="`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p.file)+`"`)
		to, err := w.CreatePart(h)
		if err == nil {
			_, err = to.Write(p.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), body
}

func (r *running) send(path string, header map[string]string, parts ...part) answer {
	r.Helper()
	kind, body := form(r.T, parts...)
	all := map[string]string{"Content-Type": kind}
	for k, v := range header {
		all[k] = v
	}
	return r.do(http.MethodPost, path, all, body)
}

func (a answer) problem(t testing.TB) (p Problem) {
	t.Helper()
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("%d %q is no problem: %v", a.StatusCode, a.body, err)
	}
	if a.Header.Get("Content-Type") != "application/problem+json" || p.Status != a.StatusCode {
		t.Errorf("%s answered with %d as %s", a.body, a.StatusCode, a.Header.Get("Content-Type"))
	}
	return p
}
