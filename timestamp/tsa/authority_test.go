package tsa_test

import (
	"bytes"
	"context"
	"encoding/asn1"
	"errors"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
)

func ask(t testing.TB, a *tsa.Authority, q timestamp.Query) *timestamp.Reply {
	t.Helper()
	der, err := q.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	r, why := a.Answer(context.Background(), der)
	if (why == nil) != (r.Status == timestamp.Granted) || (r.Token == nil) != (why != nil) {
		t.Errorf("%+v with %v", r, why)
	}
	return r
}

// TestAnswers: what is asked for is what is stamped.
func TestAnswers(t *testing.T) {
	p := testpki.New(t)
	other := asn1.ObjectIdentifier{2, 999, 5}
	a := newAuthority(t, p, hsm.SM2, func(c *tsa.Config) { c.Policies = []asn1.ObjectIdentifier{other} })
	for _, h := range timestamp.Hashes() {
		r := ask(t, a, timestamp.Query{Version: 1, Imprint: over(t, h), Nonce: big.NewInt(0xabc), Policy: other, Certificates: true})
		f := holds(t, r.Token)
		if f.Policy != "2.999.5" || f.Nonce != "abc" || len(f.Pool) != 2 || f.Accuracy != time.Second || !f.Time.Equal(p.Now) || f.Ordering || r.Failure != timestamp.NoFailure {
			t.Errorf("%+v", f)
		}
	}
	parsed, err := timestamp.Parse(ask(t, a, timestamp.Query{Version: 1, Imprint: over(t, gm.OIDSM3)}).Token)
	if err != nil || len(parsed.Certificates()) != 0 || parsed.Info.Nonce != nil || !parsed.Info.Policy.Equal(tsa.ExamplePolicy()) {
		t.Errorf("a bare query: %v, %+v", err, parsed.Info)
	}
}

// TestRefusals: each has its PKIFailureInfo, and the key is not asked.
func TestRefusals(t *testing.T) {
	p := testpki.New(t)
	h, _ := holder(t, p, hsm.SM2)
	away := errors.New("no satellites")
	clockError := error(nil)
	at := p.Now
	a, err := tsa.New(context.Background(), tsa.Config{
		Key: h.Key, Certificate: h.Cert, Hashes: []asn1.ObjectIdentifier{gm.OIDSM3, timestamp.OIDSHA256},
		Clock: func(context.Context) (time.Time, error) { return at, clockError },
	})
	if err != nil {
		t.Fatal(err)
	}
	good := timestamp.Query{Version: 1, Imprint: over(t, gm.OIDSM3)}
	for name, c := range map[string]struct {
		change func(*timestamp.Query)
		want   timestamp.FailureInfo
	}{
		"version":       {func(q *timestamp.Query) { q.Version = 2 }, timestamp.BadRequest},
		"hash":          {func(q *timestamp.Query) { q.Imprint = over(t, timestamp.OIDSHA512) }, timestamp.BadAlg},
		"unknown hash":  {func(q *timestamp.Query) { q.Imprint.Hash = asn1.ObjectIdentifier{1, 2, 3} }, timestamp.BadAlg},
		"short imprint": {func(q *timestamp.Query) { q.Imprint.Digest = q.Imprint.Digest[:20] }, timestamp.BadDataFormat},
		"policy":        {func(q *timestamp.Query) { q.Policy = asn1.ObjectIdentifier{2, 999, 9} }, timestamp.UnacceptedPolicy},
		"extension":     {func(q *timestamp.Query) { q.Extensions = []timestamp.Extension{{ID: asn1.ObjectIdentifier{1, 2, 3}}} }, timestamp.UnacceptedExtension},
		"no time":       {func(*timestamp.Query) { clockError = away }, timestamp.TimeNotAvailable},
		"expired":       {func(*timestamp.Query) { at = h.Cert.NotAfter.Add(time.Second) }, timestamp.TimeNotAvailable},
	} {
		q := good
		clockError, at = nil, p.Now
		c.change(&q)
		r := ask(t, a, q)
		if r.Status != timestamp.Rejection || r.Failure != c.want || len(r.Text) != 1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	clockError, at = nil, p.Now
	if r, why := a.Answer(context.Background(), []byte("no query")); r.Failure != timestamp.BadDataFormat || why == nil {
		t.Errorf("garbage: %+v", r)
	}
	if uses := h.Key.Uses(); uses != 0 {
		t.Errorf("the key was asked %d times", uses)
	}
	h.Key.Fail(errors.New("the PIN is 1234"))
	if r := ask(t, a, good); r.Failure != timestamp.SystemFailure || strings.Contains(r.Words("en"), "PIN") {
		t.Errorf("key: %+v", r)
	}
}

// TestSource: in process the authority is a Source, whose promise about the length holds.
func TestSource(t *testing.T) {
	p := testpki.New(t)
	for _, alg := range []hsm.Algorithm{hsm.SM2, hsm.RSAPKCS1, hsm.ECDSAP256} {
		a := newAuthority(t, p, alg, nil)
		for _, h := range timestamp.Hashes() {
			token, err := a.Token(context.Background(), over(t, a.Hash(h)))
			if err != nil || len(token) > a.MaxTokenBytes() || !a.Hash(h).Equal(h) {
				t.Fatalf("%s: %v, %d of %d bytes", alg, err, len(token), a.MaxTokenBytes())
			}
			holds(t, token)
		}
	}
	one := newAuthority(t, p, hsm.SM2, func(c *tsa.Config) { c.Hashes = []asn1.ObjectIdentifier{timestamp.OIDSHA256} })
	if !one.Hash(gm.OIDSM3).Equal(timestamp.OIDSHA256) {
		t.Error("the hash it takes is not offered")
	}
	_, err := one.Token(context.Background(), over(t, gm.OIDSM3))
	wantCode(t, "hash", err, fault.Invalid, tsa.CodeRejected)
}

// TestNewRefuses: an authority that could not stamp is not started.
func TestNewRefuses(t *testing.T) {
	p := testpki.New(t)
	good, _ := holder(t, p, hsm.SM2)
	other, _ := holder(t, p, hsm.SM2)
	notCritical := p.Owner("示例时间戳服务", "", testpki.WithKey(good.Key), stampingOnly(false))
	owner := p.Owner("示例时间戳服务", "", testpki.WithKey(good.Key))
	early := p.Owner("示例时间戳服务", "", testpki.WithKey(good.Key), stampingOnly(true), testpki.Validity(p.Now.AddDate(0, 0, 1), p.Now.AddDate(1, 0, 0)))
	for name, c := range map[string]struct {
		cfg  tsa.Config
		code string
	}{
		"another key":  {tsa.Config{Key: other.Key, Certificate: good.Cert}, "key-certificate-mismatch"},
		"not critical": {tsa.Config{Key: good.Key, Certificate: notCritical.Cert}, "tsa-certificate-usage"},
		"an owner's":   {tsa.Config{Key: good.Key, Certificate: owner.Cert}, "tsa-certificate-usage"},
		"not yet":      {tsa.Config{Key: good.Key, Certificate: early.Cert}, tsa.CodePeriod},
		"hash":         {tsa.Config{Key: good.Key, Certificate: good.Cert, Hashes: []asn1.ObjectIdentifier{{1, 3, 14, 3, 2, 26}}}, tsa.CodeHash},
		"accuracy":     {tsa.Config{Key: good.Key, Certificate: good.Cert, Accuracy: time.Nanosecond}, "tsa-config"},
		"policy":       {tsa.Config{Key: good.Key, Certificate: good.Cert, Policy: asn1.ObjectIdentifier{9, 9}}, "tsa-config"},
	} {
		c.cfg.Clock = clock(p.Now)
		_, err := tsa.New(context.Background(), c.cfg)
		wantCode(t, name, err, fault.Invalid, c.code)
	}
	if _, err := tsa.New(context.Background(), tsa.Config{}); err == nil {
		t.Error("nothing is enough")
	}
}

// TestSerials: numbers grow strictly within a process, whatever the clock does and however many ask, and two processes at one time share none.
func TestSerials(t *testing.T) {
	p := testpki.New(t)
	h, _ := holder(t, p, hsm.SM2)
	at := p.Now
	start := func() *tsa.Authority {
		a, err := tsa.New(context.Background(), tsa.Config{Key: h.Key, Certificate: h.Cert, Clock: func(context.Context) (time.Time, error) { return at, nil }})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	serial := func(a *tsa.Authority) *big.Int {
		token, err := a.Token(context.Background(), over(t, gm.OIDSM3))
		if err != nil {
			t.Error(err)
			return new(big.Int)
		}
		parsed, err := timestamp.Parse(token)
		if err != nil {
			t.Error(err)
			return new(big.Int)
		}
		return parsed.Info.Serial
	}
	a, last := start(), new(big.Int)
	for _, step := range []time.Duration{0, 0, time.Second, -time.Hour, 0} {
		at = at.Add(step)
		n := serial(a)
		if n.Cmp(last) <= 0 || n.BitLen() > 160 || n.BitLen() < 100 {
			t.Errorf("%x after %x", n, last)
		}
		last = n
	}
	seen, mu, all := map[string]bool{}, sync.Mutex{}, sync.WaitGroup{}
	for _, a := range []*tsa.Authority{start(), start()} {
		for range 20 {
			all.Go(func() {
				n := serial(a).Text(16)
				mu.Lock()
				defer mu.Unlock()
				if seen[n] {
					t.Errorf("%s was given twice", n)
				}
				seen[n] = true
			})
		}
	}
	all.Wait()
	at = at.Add(24 * time.Hour)
	if n := serial(start()); n.Cmp(last) <= 0 {
		t.Errorf("after a restart %x does not follow %x", n, last)
	}
}

// TestHandler: what is no query at all is an HTTP error, a refused query is not, and the log has a line for each.
func TestHandler(t *testing.T) {
	p := testpki.New(t)
	h, _ := holder(t, p, hsm.SM2)
	clockError := error(nil)
	a, err := tsa.New(context.Background(), tsa.Config{Key: h.Key, Certificate: h.Cert, Clock: func(context.Context) (time.Time, error) { return p.Now, clockError }})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	handler := a.Handler(slog.New(slog.NewTextHandler(&log, nil)))
	query, err := (&timestamp.Query{Version: 1, Imprint: over(t, gm.OIDSM3)}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	const kind = "application/timestamp-query"
	for name, c := range map[string]struct {
		method, path, kind string
		body               []byte
		want               int
		reply              bool
	}{
		"query":        {"POST", "/", kind, query, 200, true},
		"elsewhere":    {"POST", "/tsa", kind + "; charset=binary", query, 200, true},
		"garbage":      {"POST", "/", kind, []byte("garbage"), 200, true},
		"nothing":      {"POST", "/", kind, nil, 200, true},
		"giant":        {"POST", "/", kind, make([]byte, 64<<10), 413, false},
		"another kind": {"POST", "/", "application/octet-stream", query, 415, false},
		"no kind":      {"POST", "/", "", query, 415, false},
		"GET":          {"GET", "/", "", nil, 405, false},
		"health":       {"GET", "/healthz", "", nil, 200, false},
	} {
		log.Reset()
		r := httptest.NewRequest(c.method, c.path, bytes.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%s: status %d, want %d", name, w.Code, c.want)
		}
		if c.reply {
			if _, err := timestamp.ParseReply(w.Body.Bytes()); err != nil || w.Header().Get("Content-Type") != "application/timestamp-reply" {
				t.Errorf("%s: %v, %v", name, err, w.Header())
			}
		}
		if lines := strings.Count(log.String(), "\n"); c.method == "POST" && lines != 1 {
			t.Errorf("%s: %d lines logged: %s", name, lines, &log)
		}
	}
	clockError = errors.New("no satellites")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/healthz", nil))
	if w.Code != 503 || strings.Contains(w.Body.String(), "satellites") || !strings.Contains(log.String(), "satellites") {
		t.Errorf("without a clock: %d %s", w.Code, w.Body)
	}
}
