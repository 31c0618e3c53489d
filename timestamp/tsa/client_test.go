package tsa_test

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
)

// brief is a deadline that a good answer on this machine keeps easily, and that a test can wait for.
const brief = 150 * time.Millisecond

// TestTokens: over HTTP, with every kind of key and every hash.
func TestTokens(t *testing.T) {
	p := testpki.New(t)
	for _, alg := range []hsm.Algorithm{hsm.SM2, hsm.RSAPKCS1, hsm.ECDSAP256} {
		a := newAuthority(t, p, alg, nil)
		client := newClient(t, serve(t, a), tsa.Options{})
		for _, h := range timestamp.Hashes() {
			token, err := client.Token(context.Background(), over(t, client.Hash(h)))
			if err != nil {
				t.Fatal(err)
			}
			if f := holds(t, token); f.Nonce == "" || len(f.Pool) != 2 {
				t.Errorf("%+v", f)
			}
		}
		if client.MaxTokenBytes() != tsa.DefaultTokenBytes {
			t.Errorf("room of %d bytes", client.MaxTokenBytes())
		}
	}
}

// serveHTTP answers by f; hold is closed when the test ends, for answers that never come.
func serveHTTP(t testing.TB, f func(w http.ResponseWriter, r *http.Request, hold <-chan struct{})) string {
	t.Helper()
	hold := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { f(w, r, hold) }))
	t.Cleanup(func() { close(hold); s.Close() })
	return s.URL
}

// TestSilence: an authority that does not answer, answers a part, or answers forever, takes no longer than the deadline, whoever sets it.
func TestSilence(t *testing.T) {
	testpki.New(t)
	answers := map[string]func(w http.ResponseWriter, r *http.Request, hold <-chan struct{}){
		"never": func(_ http.ResponseWriter, _ *http.Request, hold <-chan struct{}) { <-hold },
		"begins": func(w http.ResponseWriter, _ *http.Request, hold <-chan struct{}) {
			w.WriteHeader(http.StatusOK)
			w.(http.Flusher).Flush()
			<-hold
		},
		"half": func(w http.ResponseWriter, _ *http.Request, hold <-chan struct{}) {
			_, _ = w.Write([]byte{0x30, 0x82})
			w.(http.Flusher).Flush()
			<-hold
		},
	}
	for name, answer := range answers {
		url := serveHTTP(t, answer)
		_, err := newClient(t, url, tsa.Options{Timeout: brief}).Token(context.Background(), over(t, gm.OIDSM3))
		wantCode(t, name+", own deadline", err, fault.Unavailable, tsa.CodeSlow)
		ctx, cancel := context.WithTimeout(context.Background(), brief)
		_, err = newClient(t, url, tsa.Options{}).Token(ctx, over(t, gm.OIDSM3))
		cancel()
		wantCode(t, name+", the caller's deadline", err, fault.Unavailable, tsa.CodeSlow)
	}
}

// TestCancelled: who gives up hears so at once, not of a fault of the authority.
func TestCancelled(t *testing.T) {
	asked := make(chan struct{})
	url := serveHTTP(t, func(_ http.ResponseWriter, _ *http.Request, hold <-chan struct{}) { close(asked); <-hold })
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-asked; cancel() }()
	if _, err := newClient(t, url, tsa.Options{}).Token(ctx, over(t, gm.OIDSM3)); !errors.Is(err, context.Canceled) || fault.KindOf(err) != 0 {
		t.Errorf("%v", err)
	}
}

// TestGiant: an answer that goes on and on is cut off, whether it says its length or not.
func TestGiant(t *testing.T) {
	for name, answer := range map[string]func(w http.ResponseWriter, r *http.Request, hold <-chan struct{}){
		"announced": func(w http.ResponseWriter, _ *http.Request, _ <-chan struct{}) {
			w.Header().Set("Content-Length", "1000000000")
		},
		"endless": func(w http.ResponseWriter, r *http.Request, _ <-chan struct{}) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		},
	} {
		_, err := newClient(t, serveHTTP(t, answer), tsa.Options{}).Token(context.Background(), over(t, gm.OIDSM3))
		wantCode(t, name, err, fault.Unavailable, tsa.CodeGiant)
	}
}

// TestUnreached: what keeps an answer away is named, and where nothing was answered the query goes out once more, and no oftener.
func TestUnreached(t *testing.T) {
	a := newAuthority(t, testpki.New(t), hsm.SM2, nil)
	hangUp := func(w http.ResponseWriter) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	}
	status := func(code int) func(http.ResponseWriter) { return func(w http.ResponseWriter) { w.WriteHeader(code) } }
	for name, c := range map[string]struct {
		first, second func(http.ResponseWriter) // nil answers properly
		asked         int32
		code          string // "" for a token
	}{
		"hangs up once":   {hangUp, nil, 2, ""},
		"hangs up twice":  {hangUp, hangUp, 2, tsa.CodeDead},
		"busy once":       {status(503), nil, 2, ""},
		"busy twice":      {status(503), status(503), 2, tsa.CodeHTTP},
		"dead, then busy": {hangUp, status(502), 2, tsa.CodeHTTP},
		"not found":       {status(404), nil, 1, tsa.CodeHTTP},
		"forbidden":       {status(403), nil, 1, tsa.CodeHTTP},
		"failing":         {status(500), nil, 1, tsa.CodeHTTP},
		"elsewhere": {func(w http.ResponseWriter) {
			w.Header().Set("Location", "/there")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, nil, 1, tsa.CodeHTTP},
		"answers garbage":  {status(200), nil, 1, tsa.CodeGarbage},
		"nothing":          {status(204), nil, 1, tsa.CodeHTTP},
		"answers properly": {nil, nil, 1, ""},
	} {
		var asked atomic.Int32
		url := serveHTTP(t, func(w http.ResponseWriter, r *http.Request, _ <-chan struct{}) {
			answer := c.first
			if asked.Add(1) > 1 {
				answer = c.second
			}
			if answer == nil {
				a.Handler(nil).ServeHTTP(w, r)
				return
			}
			_, _ = io.ReadAll(r.Body)
			answer(w)
		})
		token, err := newClient(t, url, tsa.Options{}).Token(context.Background(), over(t, gm.OIDSM3))
		if c.code == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else {
				holds(t, token)
			}
		} else {
			wantCode(t, name, err, fault.Unavailable, c.code)
		}
		if n := asked.Load(); n != c.asked {
			t.Errorf("%s: asked %d times, want %d", name, n, c.asked)
		}
	}
}

// TestNobodyThere: a port that nobody listens on.
func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, err = newClient(t, "http://"+l.Addr().String(), tsa.Options{}).Token(context.Background(), over(t, gm.OIDSM3))
	wantCode(t, "nobody there", err, fault.Unavailable, tsa.CodeDead)
}

// TestTLS: a server nobody vouches for is not asked.
func TestTLS(t *testing.T) {
	var asked atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	_, err := newClient(t, s.URL, tsa.Options{}).Token(context.Background(), over(t, gm.OIDSM3))
	wantCode(t, "TLS", err, fault.Unavailable, tsa.CodeTLS)
	if asked.Load() != 0 {
		t.Error("it was asked")
	}
}

// TestAddresses: without the profile's word nothing inside is dialled, whether the address or a name leads there.
func TestAddresses(t *testing.T) {
	var asked atomic.Int32
	url := serveHTTP(t, func(http.ResponseWriter, *http.Request, <-chan struct{}) { asked.Add(1) })
	port := url[strings.LastIndex(url, ":")+1:]
	for _, host := range []string{"127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "224.0.0.1"} {
		_, err := tsa.NewClient(tsa.Profile{URL: "http://" + host + ":" + port}, tsa.Options{})
		wantCode(t, host, err, fault.Denied, tsa.CodeAddress)
	}
	client := profiled(t, tsa.Profile{URL: "http://localhost:" + port}, tsa.Options{})
	_, err := client.Token(context.Background(), over(t, gm.OIDSM3))
	wantCode(t, "localhost", err, fault.Denied, tsa.CodeAddress)
	if asked.Load() != 0 {
		t.Error("it was asked")
	}
}

// TestOwnTrust: the caller's judgement comes last and refuses.
func TestOwnTrust(t *testing.T) {
	url := serve(t, newAuthority(t, testpki.New(t), hsm.SM2, nil))
	stranger := errors.New("nobody knows it")
	var seen timestamp.Facts
	_, err := newClient(t, url, tsa.Options{Trust: func(_ context.Context, f timestamp.Facts) error { seen = f; return stranger }}).Token(context.Background(), over(t, gm.OIDSM3))
	wantCode(t, "trust", err, fault.Unavailable, tsa.CodeUntrusted)
	if !errors.Is(err, stranger) || !seen.Intact() || len(seen.Certificate) == 0 {
		t.Errorf("%v: %+v", err, seen)
	}
}

// TestOptions: what the operator sends along is sent, and imprints that cannot be asked for are not.
func TestOptions(t *testing.T) {
	var header http.Header
	url := serveHTTP(t, func(w http.ResponseWriter, r *http.Request, _ <-chan struct{}) {
		header = r.Header
		w.WriteHeader(http.StatusUnauthorized)
	})
	client := newClient(t, url, tsa.Options{Header: http.Header{"Authorization": {"Bearer x"}, "Content-Type": {"text/plain"}}})
	_, err := client.Token(context.Background(), over(t, gm.OIDSM3))
	wantCode(t, "status", err, fault.Unavailable, tsa.CodeHTTP)
	if header.Get("Authorization") != "Bearer x" || header.Get("Content-Type") != "application/timestamp-query" || header.Get("Accept") != "application/timestamp-reply" {
		t.Errorf("%v", header)
	}
	header = nil
	_, err = client.Token(context.Background(), timestamp.Imprint{Hash: gm.OIDSM3, Digest: []byte("short")})
	wantCode(t, "imprint", err, fault.Invalid, tsa.CodeHash)
	if header != nil {
		t.Error("it was asked")
	}
}
