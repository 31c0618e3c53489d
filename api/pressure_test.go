package api

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"yinxin/verify"
)

// blocked is a judge that waits until it is released, whatever its context says.
type blocked struct {
	entered chan struct{}
	release chan struct{}
}

func newBlocked() *blocked { return &blocked{make(chan struct{}, 100), make(chan struct{})} }

func (b *blocked) judge(context.Context, Upload) (verify.Report, error) {
	b.entered <- struct{}{}
	<-b.release
	return verify.Report{Verdict: verify.Unsigned, Signatures: []verify.SignatureReport{}}, nil
}

// until waits for something that is about to be so.
func until(t *testing.T, is func() bool) {
	t.Helper()
	for !is() {
		if t.Context().Err() != nil {
			t.Fatal("it never came")
		}
		runtime.Gosched()
	}
}

// dial opens a connection and writes text.
func (r *running) dial(text string) net.Conn {
	r.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(r.base, "http://"))
	if err != nil {
		r.Fatal(err)
	}
	r.T.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		r.Fatal(err)
	}
	return c
}

// TestSlowClients: whoever sends too slowly is told and cut off, and whoever does not even finish a head is cut off.
func TestSlowClients(t *testing.T) {
	s := serve(t, func(c *Config) {
		c.Limits = Limits{Requests: -1, Grace: 50 * time.Millisecond, MinRate: 1 << 20, HeaderTime: 200 * time.Millisecond}
	})
	for name, text := range map[string]string{
		"a file":           "POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\nContent-Length: 100000\r\n\r\n%PDF-1.7",
		"a form":           "POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n--b\r\n\r\n",
		"nothing at all":   "POST /v1/verifications HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\nContent-Length: 10\r\n\r\n",
		"a file, a page's": "POST /verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\nContent-Length: 100000\r\n\r\n%PDF-1.7",
	} {
		c := s.dial(text)
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if resp.StatusCode != http.StatusRequestTimeout || !resp.Close {
			t.Errorf("%s: %d, closing %v", name, resp.StatusCode, resp.Close)
		}
		resp.Body.Close()
	}
	half := s.dial("POST /v1/verifications HTTP/1.1\r\nHo")
	if rest, err := io.ReadAll(half); err != nil || bytes.Contains(rest, []byte(" 200 ")) {
		t.Errorf("half a head: %q, %v", rest, err)
	}
}

// TestBusy: so many are judged, so many wait, and the next is sent away at once; whoever waited gets an answer.
func TestBusy(t *testing.T) {
	b := newBlocked()
	s := serve(t, func(c *Config) { c.Judge, c.Limits = b.judge, Limits{Requests: -1, Judged: 1, Queue: 1} })
	codes := make(chan int, 2)
	send := func() {
		codes <- s.send("/v1/verifications", nil, part{"file", "a", []byte("x")}).StatusCode
	}
	go send()
	<-b.entered
	go send()
	until(t, func() bool { return s.gate.waits() == 1 })
	third := s.send("/v1/verifications", nil, part{"file", "a", []byte("x")})
	if p := third.problem(t); p.Status != 503 || p.Code != "busy" || third.Header.Get("Retry-After") == "" {
		t.Errorf("%+v, Retry-After %q", p, third.Header.Get("Retry-After"))
	}
	close(b.release)
	for range 2 {
		if got := <-codes; got != http.StatusOK {
			t.Errorf("who waited got %d", got)
		}
	}
}

// TestUploadsAtOnce: files beyond a number, and beyond the room on disk, are not taken.
func TestUploadsAtOnce(t *testing.T) {
	b := newBlocked()
	s := serve(t, func(c *Config) { c.Judge, c.Limits = b.judge, Limits{Requests: -1, Uploads: 1, Spool: 1000} })
	if p := s.send("/v1/verifications", nil, part{"file", "a", make([]byte, 1001)}).problem(t); p.Code != "busy" {
		t.Errorf("beyond the disk: %+v", p)
	}
	code := make(chan int, 1)
	go func() { code <- s.send("/v1/verifications", nil, part{"file", "a", []byte("x")}).StatusCode }()
	<-b.entered
	if p := s.send("/v1/verifications", nil, part{"file", "a", []byte("x")}).problem(t); p.Code != "busy" {
		t.Errorf("beyond the number: %+v", p)
	}
	close(b.release)
	if got := <-code; got != http.StatusOK {
		t.Errorf("the first got %d", got)
	}
}

// TestWaitingEnds: who has waited long enough is sent away, and who leaves makes room.
func TestWaitingEnds(t *testing.T) {
	b := newBlocked()
	s := serve(t, func(c *Config) {
		c.Judge, c.Limits = b.judge, Limits{Requests: -1, Judged: 1, QueueTime: time.Millisecond}
	})
	code := make(chan int, 1)
	go func() { code <- s.send("/v1/verifications", nil, part{"file", "a", []byte("x")}).StatusCode }()
	<-b.entered
	if p := s.send("/v1/verifications", nil, part{"file", "a", []byte("x")}).problem(t); p.Status != 503 {
		t.Errorf("%+v", p)
	}
	close(b.release)
	<-code
}

// TestShutdown: requests under way are finished, no new ones are taken.
func TestShutdown(t *testing.T) {
	b := newBlocked()
	s := serve(t, func(c *Config) { c.Judge = b.judge })
	code := make(chan int, 1)
	go func() { code <- s.send("/v1/verifications", nil, part{"file", "a", []byte("x")}).StatusCode }()
	<-b.entered
	s.Drain() // what Serve does first
	if p := s.do(http.MethodGet, "/readyz", nil, nil).problem(t); p.Code != "draining" {
		t.Errorf("%+v", p)
	}
	if p := s.send("/v1/verifications", nil, part{"file", "a", []byte("x")}).problem(t); p.Code != "draining" {
		t.Errorf("%+v", p)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.stop() }()
	until(t, func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.base, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	close(b.release)
	if got := <-code; got != http.StatusOK {
		t.Errorf("the request under way got %d", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestRate: one client may ask so often.
func TestRate(t *testing.T) {
	s := serve(t, func(c *Config) { c.Limits = Limits{Requests: 2} })
	var last answer
	for range 3 {
		last = s.do(http.MethodGet, "/v1/trust", nil, nil)
	}
	if p := last.problem(t); p.Status != 429 || p.Code != "rate" || last.Header.Get("Retry-After") == "" {
		t.Errorf("%+v %v", p, last.Header)
	}
	if page := s.do(http.MethodGet, "/healthz", nil, nil); page.StatusCode != http.StatusOK {
		t.Errorf("health is limited: %d", page.StatusCode)
	}
}

// TestConnections: one client has so many connections; a closed one makes room.
func TestConnections(t *testing.T) {
	s := serve(t, func(c *Config) { c.Limits = Limits{Requests: -1, ClientConnections: 1} })
	first := s.dial("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	if resp, err := http.ReadResponse(bufio.NewReader(first), nil); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(err)
	}
	second := s.dial("")
	if rest, err := io.ReadAll(second); len(rest) > 0 || err != nil && !strings.Contains(err.Error(), "reset") {
		t.Errorf("a second connection got %q, %v", rest, err)
	}
	first.Close()
	until(t, func() bool {
		c := s.dial("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		got, _ := io.ReadAll(c)
		return bytes.Contains(got, []byte(" 200 "))
	})
}

func TestClientOf(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.1:80": "192.0.2.1", "[::ffff:192.0.2.1]:80": "192.0.2.1", "[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64", "[fe80::1%eth0]:1": "fe80::/64", "": "-", "x:1": "-",
	} {
		if got := clientOf(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// TestGate: in order, so many and so many bytes at once, a larger one alone, and who leaves the queue lets those behind pass.
func TestGate(t *testing.T) {
	g := newGate(2, 100, 3)
	enter := func(size int64) func() {
		leave, err := g.enter(t.Context(), size)
		if err != nil {
			t.Fatal(err)
		}
		return leave
	}
	small := enter(10)
	ctx, cancel := context.WithCancelCause(t.Context())
	gone, came := make(chan error, 1), make(chan func(), 1)
	go func() { _, err := g.enter(ctx, 5000); gone <- err }() // more than the gate has: it wants all of it
	until(t, func() bool { return g.waits() == 1 })
	go func() { came <- enter(20) }()
	until(t, func() bool { return g.waits() == 2 })
	why := errors.New("left")
	cancel(why)
	if err := <-gone; !errors.Is(err, why) {
		t.Error(err)
	}
	second := <-came
	if g.free != 0 || g.room != 70 {
		t.Errorf("%d places and %d bytes are free", g.free, g.room)
	}
	small()
	second()
	enter(5000)()
	if g.free != 2 || g.room != 100 || g.waits() != 0 {
		t.Errorf("%d places and %d bytes are free, %d wait", g.free, g.room, g.waits())
	}
}

func TestNegotiation(t *testing.T) {
	for header, want := range map[string]string{
		"": asJSON, "*/*": asJSON, "text/html, */*;q=0.1": asJSON, "application/pdf": asPDF, "text/plain, application/json;q=0.9": asWords, "application/*": asJSON,
		"application/json;q=0.1, text/*": asWords, "application/json;q=0, */*": asWords, "image/png": "", "application/pdf;q=0": "", ";;;,,": "",
	} {
		if got, err := accepted(header); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", header, got, err, want)
		}
	}
	for header, want := range map[string]string{"": "zh", "zh": "zh", "zh-TW": "zh", "en-GB, zh;q=0.1": "en", "fr": "en", "fr, zh;q=0.5": "zh", "\x00": "en", strings.Repeat("zh,", 5000): "zh"} {
		r := &http.Request{Header: http.Header{"Accept-Language": {header}}}
		r.URL = mustURL("/verify")
		if got := languageOf(r); got != want {
			t.Errorf("%.20q: %s, want %s", header, got, want)
		}
	}
}

func TestNew(t *testing.T) {
	good := Config{Judge: newBlocked().judge, Now: noon, Log: discard()}
	for name, change := range map[string]func(*Config){
		"no judge": func(c *Config) { c.Judge = nil }, "no clock": func(c *Config) { c.Now = nil }, "no log": func(c *Config) { c.Log = nil },
		"a limit below 0": func(c *Config) { c.Limits.Queue = -1 }, "no spool": func(c *Config) { c.Spool = t.TempDir() + "/none" },
	} {
		c := good
		change(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}
