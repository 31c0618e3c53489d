package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"yinxin/verify"
)

// TestRefusals: what is no upload is refused with its code, in the language asked for, as described.
func TestRefusals(t *testing.T) {
	s := serve(t, func(c *Config) { c.Limits = Limits{Requests: -1, Upload: 2000, Evidence: 500} })
	c := newContract(t, s.do(http.MethodGet, "/openapi.json", nil, nil).body)
	file := func(n int) part { return part{"file", "a.pdf", bytes.Repeat([]byte{'x'}, n)} }
	raw := func(kind string, n int) answer {
		return s.do(http.MethodPost, "/v1/verifications", map[string]string{"Content-Type": kind, "Accept-Language": "en"}, bytes.NewReader(make([]byte, n)))
	}
	chunked := func(n int) answer {
		return s.do(http.MethodPost, "/v1/verifications", map[string]string{"Content-Type": "application/pdf", "Accept-Language": "en"}, io.LimitReader(neverEnding{}, int64(n)))
	}
	english := map[string]string{"Accept-Language": "en"}
	sent := func(parts ...part) answer { return s.send("/v1/verifications", english, parts...) }
	kind, body := form(t, file(10))
	for name, tt := range map[string]struct {
		got    answer
		status int
		code   string
	}{
		"a file over the limit":            {raw("application/pdf", 2001), 413, "upload-too-large"},
		"far over, refused unread":         {raw("application/pdf", 1<<20), 413, "upload-too-large"},
		"over the limit, length not said":  {chunked(1 << 20), 413, "upload-too-large"},
		"over the limit in a form":         {sent(file(2001)), 413, "upload-too-large"},
		"evidence over the limit":          {sent(file(1), part{"evidence", "e", make([]byte, 501)}), 413, "upload-too-large"},
		"nothing":                          {raw("application/pdf", 0), 400, "upload-empty"},
		"a form without a file":            {sent(), 400, "upload-empty"},
		"a field without a chosen file":    {sent(part{"file", "", nil}), 400, "upload-empty"},
		"two files":                        {sent(file(1), file(1)), 400, "upload-parts"},
		"two pieces of evidence":           {sent(part{"evidence", "e", []byte{1}}, part{"evidence", "e", []byte{1}}), 400, "upload-parts"},
		"a part nobody asked for":          {sent(file(1), part{"other", "", nil}), 400, "upload-parts"},
		"a type that has no rules":         {sent(part{"type", "", []byte("novel")}, file(1)), 400, "document-type"},
		"a type told twice":                {sent(part{"type", "", []byte("proof")}, part{"type", "", []byte("proof")}, file(1)), 400, "upload-parts"},
		"a type in the address":            {s.do(http.MethodPost, "/v1/verifications?type=novel", map[string]string{"Content-Type": "application/pdf"}, strings.NewReader("x")), 400, "document-type"},
		"a password without end":           {sent(part{"password", "", make([]byte, 1025)}, file(1)), 400, "upload-parts"},
		"a part with a head without end":   {sent(part{"file", strings.Repeat("n", 1<<17), []byte("x")}), 400, "upload-parts"},
		"a form cut short":                 {s.do(http.MethodPost, "/v1/verifications", map[string]string{"Content-Type": kind}, bytes.NewReader(body.Bytes()[:body.Len()-20])), 400, "upload-broken"},
		"a form without a boundary":        {raw("multipart/form-data", 10), 415, "media-type"},
		"another type":                     {raw("text/html", 10), 415, "media-type"},
		"a type that is none":              {raw(";;", 10), 415, "media-type"},
		"an answer in a form not offered":  {s.send("/v1/verifications", map[string]string{"Accept": "image/png"}, file(1)), 406, "not-acceptable"},
		"a form explicitly not wanted":     {s.send("/v1/verifications", map[string]string{"Accept": "application/json;q=0, text/*;q=0"}, file(1)), 406, "not-acceptable"},
		"another address":                  {s.do(http.MethodGet, "/v1/../etc/passwd", nil, nil), 404, "not-found"},
		"another method":                   {s.do(http.MethodDelete, "/v1/verifications", nil, nil), 405, "method"},
		"a method that nobody knows":       {s.do("FROB", "/v1/verifications", nil, nil), 405, "method"},
		"a page's method on what is typed": {s.do(http.MethodPost, "/v1/trust", nil, nil), 405, "method"},
	} {
		p := tt.got.problem(t)
		if p.Status != tt.status || p.Code != tt.code || p.Title == "" || p.Type != "urn:yinxin:problem:"+tt.code {
			t.Errorf("%s: %+v, want %d %s", name, p, tt.status, tt.code)
		}
		if tt.status != 404 && tt.status != 405 {
			c.holds("POST", "/v1/verifications", tt.got)
		}
	}
	zh := s.do(http.MethodGet, "/nothing", map[string]string{"Accept-Language": "zh-HK, en;q=0.5"}, nil)
	if p := zh.problem(t); p.Title != errNotFound.ZH || zh.Header.Get("Content-Language") != "zh-CN" {
		t.Errorf("%+v in %s", p, zh.Header.Get("Content-Language"))
	}
}

// neverEnding is a body without a length.
type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) { return len(p), nil }

// TestNames: a name is shown without its folders, escaped, and never in a header, a log or a path.
func TestNames(t *testing.T) {
	s, w := serve(t, nil), newWorld(t)
	for _, name := range []string{
		`../../etc/passwd`, `C:\Users\secret\名单.pdf`, `<script>alert(1)</script>.pdf`, `"><img src=x onerror=alert(1)>.pdf`, "a\r\nX-Injected: yes\r\n\r\n.pdf", "..", "/", "\u202efdp.exe",
		strings.Repeat("长", 5000), "\xff\xfe.pdf", `{{.Name}}`, "'; DROP TABLE x; --",
	} {
		for _, path := range []string{"/v1/verifications", "/verify"} {
			if len(name) > 10000 {
				name = name[:9000]
			}
			sent := strings.NewReplacer("\r", "%0D", "\n", "%0A").Replace(name)
			a := s.send(path, nil, part{"file", sent, w.files["contract.pdf"]})
			if a.StatusCode != http.StatusOK {
				t.Errorf("%q to %s: %d %.100s", name, path, a.StatusCode, a.body)
			}
			if a.Header.Get("X-Injected") != "" || strings.Contains(flat(a.Header), "passwd") {
				t.Errorf("%q came into the header: %v", name, a.Header)
			}
			for _, bad := range []string{"<script", "<img src=x", "etc/passwd", `C:\`, "\x1b", "\u202e", "\x00"} {
				if path == "/verify" && bytes.Contains(a.body, []byte(bad)) {
					t.Errorf("%q is on the page as %q", name, bad)
				}
			}
		}
	}
	raw := s.do(http.MethodPost, "/v1/verifications?lang=zh%0d%0aX-Injected:%20yes&name=a%0d%0aX-Injected:%20yes", map[string]string{"Content-Type": "application/pdf"}, bytes.NewReader(w.files["contract.pdf"]))
	if raw.StatusCode != http.StatusOK || raw.Header.Get("X-Injected") != "" || raw.Header.Get("Content-Language") != "zh-CN" {
		t.Errorf("%d %v", raw.StatusCode, raw.Header)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"passwd", "script", "名单", "secret", "Injected", "长", "%PDF", "name="} {
		if strings.Contains(s.log.String(), word) {
			t.Errorf("the log holds %q", word)
		}
	}
	if n := strings.Count(s.log.String(), "msg=request"); n != 25 {
		t.Errorf("%d lines for 25 requests", n)
	}
}

func flat(h http.Header) string {
	var b strings.Builder
	if err := h.Write(&b); err != nil {
		return err.Error()
	}
	return b.String()
}

func TestCleanName(t *testing.T) {
	for in, want := range map[string]string{
		"": "", ".": "", "..": "", "/": "", `\`: "", "a.pdf": "a.pdf", "x/y/../a.pdf": "a.pdf", `C:\x\a.pdf`: "a.pdf", "a\nb": "a b", "合同.pdf": "合同.pdf", "\xff": "�",
	} {
		if got := cleanName(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// TestFailuresSayNothing: an internal error and a panic are answered, without what they say, and the service goes on.
func TestFailuresSayNothing(t *testing.T) {
	n := 0
	s := serve(t, func(c *Config) {
		c.Judge = func(context.Context, Upload) (verify.Report, error) {
			if n++; n == 1 {
				return verify.Report{}, errors.New("secret path")
			}
			panic("secret state")
		}
	})
	for range 2 {
		a := s.send("/v1/verifications", nil, part{"file", "a", []byte("x")})
		if p := a.problem(t); p.Status != 500 || p.Code != "internal" || bytes.Contains(a.body, []byte("secret")) {
			t.Errorf("%s", a.body)
		}
	}
	if a := s.send("/verify", nil, part{"file", "a", []byte("x")}); a.StatusCode != http.StatusInternalServerError {
		t.Errorf("page: %d", a.StatusCode)
	}
	if !strings.Contains(s.log.String(), "secret path") || !strings.Contains(s.log.String(), "secret state") {
		t.Error("the operator is not told")
	}
}

// TestHeaders: what a browser is told with every answer.
func TestHeaders(t *testing.T) {
	s, w := serve(t, nil), newWorld(t)
	for path, a := range map[string]answer{
		"/verify": s.do(http.MethodGet, "/verify", nil, nil), "answer": s.send("/verify", nil, part{"file", "a", w.files["contract.pdf"]}), "/none": s.do(http.MethodGet, "/none", nil, nil),
		"/verify.css": s.do(http.MethodGet, "/verify.css", nil, nil), "/v1/trust": s.do(http.MethodGet, "/v1/trust", nil, nil), "refused": s.send("/verify", nil, part{"file", "", nil}),
	} {
		csp := a.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy %q lacks %s", path, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") || a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", path, a.Header)
		}
		if _, told := a.Header[textproto.CanonicalMIMEHeaderKey("Server")]; told {
			t.Errorf("%s names its server", path)
		}
	}
	if home := s.do(http.MethodGet, "/", map[string]string{"Host": "evil.example"}, nil); home.StatusCode != http.StatusSeeOther || home.Header.Get("Location") != "/verify" {
		t.Errorf("/ leads to %s", home.Header.Get("Location"))
	}
}
