package fetch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/trust"
	"yinxin/trust/fetch"
)

// local allows the loopback address that test servers live at.
func local(a netip.Addr) bool { return a.IsLoopback() }

// server serves with a handler and counts the requests.
func server(t *testing.T, h http.HandlerFunc) (url string, hits *atomic.Int64) {
	t.Helper()
	hits = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, hits
}

func gives(data []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }
}

func source(t *testing.T, o fetch.Options) *fetch.Source {
	t.Helper()
	if o.Allow == nil {
		o.Allow = local
	}
	s := fetch.New(o)
	t.Cleanup(s.Close)
	return s
}

func TestEvidence(t *testing.T) {
	p := testpki.New(t)
	var owner *testpki.Holder
	crl, crlHits := server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(p.CRL()) })
	ocsp, ocspHits := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if sm3 := gm.SM3(owner.Cert.RawIssuer); r.Method != http.MethodPost || !bytes.Contains(body, sm3[:]) || r.Header.Get("Content-Type") != "application/ocsp-request" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		_, _ = w.Write(p.OCSP(testpki.OCSP{Cert: owner.Cert}))
	})
	owner = p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.OCSPServer(ocsp), testpki.CRLPoint("ldap://127.0.0.1/x"), testpki.CRLPoint(crl))
	s := source(t, fetch.Options{Now: p.Clock})
	for range 3 {
		e, err := s.Evidence(t.Context(), owner.Cert, p.Root.Cert)
		if err != nil || len(e.OCSPs) != 1 || len(e.CRLs) != 0 || e.Origin != trust.OriginNetwork {
			t.Fatalf("%+v, %v", e, err)
		}
		set, err := trust.NewSet([]trust.Anchor{{Certificate: p.Root.Cert, Use: trust.UseCA}}, trust.Evidence{})
		if err != nil {
			t.Fatal(err)
		}
		if r := set.Revocation(owner.Cert, p.Root.Cert, e); r.Status != trust.StatusGood || r.Source != "ocsp" || r.Origin != trust.OriginNetwork {
			t.Errorf("%+v", r)
		}
	}
	if ocspHits.Load() != 1 || crlHits.Load() != 0 {
		t.Errorf("%d and %d requests, want one in all: the answer is kept", ocspHits.Load(), crlHits.Load())
	}
	plain := p.Owner("无应答地址", "", testpki.CRLPoint(crl))
	if e, err := s.Evidence(t.Context(), plain.Cert, p.Root.Cert); err != nil || len(e.CRLs) != 1 {
		t.Errorf("%+v, %v", e, err)
	}
	if e, err := s.Evidence(t.Context(), p.Maker.Cert, p.Root.Cert); err != nil || len(e.CRLs)+len(e.OCSPs) != 0 {
		t.Errorf("a certificate that names nothing: %+v, %v", e, err)
	}
}

// TestHashes: a responder that does not know SM3 is asked in SHA-1.
func TestHashes(t *testing.T) {
	p := testpki.New(t)
	var owner *testpki.Holder
	for name, refusal := range map[string]http.HandlerFunc{
		"an error response": gives([]byte{0x30, 3, 10, 1, 1}), "a status": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"an answer about another": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(p.OCSP(testpki.OCSP{Cert: p.Maker.Cert}))
		},
	} {
		at, hits := server(t, func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if len(body) > 100 { // two digests of 32 bytes
				refusal(w, r)
				return
			}
			_, _ = w.Write(p.OCSP(testpki.OCSP{Cert: owner.Cert, SHA1: true}))
		})
		owner = p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.OCSPServer(at))
		e, err := source(t, fetch.Options{Now: p.Clock}).Evidence(t.Context(), owner.Cert, p.Root.Cert)
		if err != nil || len(e.OCSPs) != 1 || hits.Load() != 2 {
			t.Errorf("%s: %v after %d requests", name, err, hits.Load())
		}
	}
}

func TestIssuers(t *testing.T) {
	p := testpki.New(t)
	bundle := p7(t, p.Root.Cert.Raw, p.Maker.Cert.Raw)
	for name, c := range map[string]struct {
		data []byte
		want int
	}{
		"DER": {p.Root.Cert.Raw, 1}, "PEM": {append(gm.EncodePEM(p.Root.Cert), gm.EncodePEM(p.Maker.Cert)...), 2}, "bundle": {bundle, 2},
		"bundle in PEM": {pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: bundle}), 2}, "HTML": {[]byte("<html>not found</html>"), 0}, "nothing": {nil, 0},
	} {
		at, _ := server(t, gives(c.data))
		owner := p.Owner(testpki.OwnerName, "", testpki.IssuerURL(at+"/root.p7c"))
		certs, err := source(t, fetch.Options{}).Issuers(t.Context(), owner.Cert)
		if len(certs) != c.want || (err == nil) != (c.want > 0) || c.want > 0 && !certs[0].Equal(p.Root.Cert) {
			t.Errorf("%s: %d certificates, %v", name, len(certs), err)
		}
	}
}

// TestHostile: whatever a server does, the answer is an error of the kind Unavailable that names the address, and nothing hangs.
func TestHostile(t *testing.T) {
	p := testpki.New(t)
	crl := p.CRL()
	blocked := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	endless := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte{0x30})
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(time.Millisecond):
			}
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(make([]byte, 8<<20))
	_ = z.Close()
	bomb := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}
	claims := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "99999999999")
		_, _ = w.Write(crl)
	}
	to := func(target string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, target, http.StatusFound) }
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		says    string
	}{
		"silent": {blocked, ""}, "endless": {endless, "more than 65536 bytes"}, "dripping": {drip, ""}, "a gzip bomb": {bomb, "packed"},
		"claims to be giant": {claims, "more than"}, "an error": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "404"},
		"a page": {gives([]byte("<html>")), "another kind"}, "another's type": {gives(p.Root.Cert.Raw), "another kind"}, "empty": {gives(nil), "another kind"},
		"to metadata": {to("http://169.254.169.254/latest/meta-data/"), "private or reserved"}, "to a private host": {to("http://10.0.0.1/"), "private or reserved"},
		"to another scheme": {to("ftp://example.org/x"), "not spoken"}, "to a file": {to("file:///etc/passwd"), "not spoken"},
		"with a password": {to("http://user:secret@127.0.0.1/"), "password"}, "in a circle": {to("/again"), "redirects"},
	} {
		at, _ := server(t, c.handler)
		owner := p.Owner(testpki.OwnerName, "", testpki.CRLPoint(at+"/a.crl"))
		s := source(t, fetch.Options{PerRequest: time.Second, MaxCRL: 64 << 10, Now: p.Clock})
		e, err := s.Evidence(t.Context(), owner.Cert, p.Root.Cert)
		if err == nil || len(e.CRLs) != 0 || !strings.Contains(err.Error(), at) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDead: nobody listens; and within the time kept it is not tried again.
func TestDead(t *testing.T) {
	p := testpki.New(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := "http://" + l.Addr().String()
	l.Close()
	owner := p.Owner(testpki.OwnerName, "", testpki.CRLPoint(at), testpki.OCSPServer(at))
	_, err = source(t, fetch.Options{}).Evidence(t.Context(), owner.Cert, p.Root.Cert)
	if err == nil || fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v", err)
	}
	now := p.Now
	down, hits := server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	owner = p.Owner(testpki.OwnerName, "", testpki.CRLPoint(down))
	s := source(t, fetch.Options{Now: func() time.Time { return now }})
	for i, want := range []int64{1, 1, 2} {
		if i == 2 {
			now = now.Add(2 * time.Minute)
		}
		if _, err := s.Evidence(t.Context(), owner.Cert, p.Root.Cert); err == nil || hits.Load() != want {
			t.Errorf("try %d: %d requests, want %d (%v)", i, hits.Load(), want, err)
		}
	}
}

// TestAddresses: without leave no address but public ones is dialled, however it is written.
func TestAddresses(t *testing.T) {
	p := testpki.New(t)
	at, hits := server(t, gives(p.CRL()))
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	s := fetch.New(fetch.Options{PerRequest: 5 * time.Second})
	defer s.Close()
	for _, host := range []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "127.1", "2130706433"} {
		owner := p.Owner(testpki.OwnerName, "", testpki.CRLPoint("http://"+host+":"+u.Port()+"/a.crl"))
		if _, err := s.Evidence(t.Context(), owner.Cert, p.Root.Cert); err == nil {
			t.Errorf("%s was dialled", host)
		}
	}
	if hits.Load() != 0 {
		t.Errorf("%d requests got through", hits.Load())
	}
}

// TestManyURLs: a certificate that names many places costs few requests, and nothing that is not HTTP.
func TestManyURLs(t *testing.T) {
	p := testpki.New(t)
	at, hits := server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	var options []testpki.Option
	for i := range 100 {
		path := "/" + strings.Repeat("x", i)
		options = append(options, testpki.CRLPoint(at+path), testpki.CRLPoint("ldap://127.0.0.1"+path), testpki.IssuerURL(at+path), testpki.OCSPServer(at+path))
	}
	owner := p.Owner(testpki.OwnerName, "", options...)
	s := source(t, fetch.Options{URLs: 2, KeepErrors: -1})
	if _, err := s.Evidence(t.Context(), owner.Cert, p.Root.Cert); err == nil || hits.Load() != 2*2+2 {
		t.Errorf("%d requests, %v", hits.Load(), err)
	}
	if _, err := s.Issuers(t.Context(), owner.Cert); err == nil || hits.Load() != 2*2+2+2 {
		t.Errorf("%d requests, %v", hits.Load(), err)
	}
}

// TestCancelled: who goes away is answered at once, and the request goes with them.
func TestCancelled(t *testing.T) {
	p := testpki.New(t)
	gone := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	at, _ := server(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
		close(gone)
	})
	owner := p.Owner(testpki.OwnerName, "", testpki.CRLPoint(at))
	s := source(t, fetch.Options{PerRequest: time.Hour, Overall: time.Hour})
	if _, err := s.Evidence(ctx, owner.Cert, p.Root.Cert); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	<-gone
}

// TestProxy: a proxy is used where one is given, and none that only the environment names.
func TestProxy(t *testing.T) {
	p := testpki.New(t)
	proxy, hits := server(t, gives(p.CRL()))
	u, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HTTP_PROXY", proxy)
	owner := p.Owner(testpki.OwnerName, "", testpki.CRLPoint("http://crl.example.invalid/a.crl"))
	if _, err := source(t, fetch.Options{}).Evidence(t.Context(), owner.Cert, p.Root.Cert); err == nil || hits.Load() != 0 {
		t.Errorf("through the environment's proxy: %v, %d requests", err, hits.Load())
	}
	s := fetch.New(fetch.Options{Proxy: u, Now: p.Clock})
	defer s.Close()
	if e, err := s.Evidence(t.Context(), owner.Cert, p.Root.Cert); err != nil || len(e.CRLs) != 1 || hits.Load() != 1 {
		t.Errorf("through the proxy given: %v, %d requests", err, hits.Load())
	}
	inner := p.Owner(testpki.OwnerName, "", testpki.CRLPoint("http://10.0.0.1/a.crl"))
	if _, err := s.Evidence(t.Context(), inner.Cert, p.Root.Cert); err == nil || hits.Load() != 1 {
		t.Errorf("a private address through the proxy: %v", err)
	}
}
