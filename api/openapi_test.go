package api

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// contract is the description of the service, read by another library than the one that wrote it.
type contract struct {
	*testing.T
	compiler *jsonschema.Compiler
	doc      map[string]any
	called   map[string]bool
}

func newContract(t *testing.T, text []byte) *contract {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{t, jsonschema.NewCompiler(), doc.(map[string]any), map[string]bool{}}
	c.compiler.DefaultDraft(jsonschema.Draft2020)
	c.compiler.AssertFormat()
	if err := c.compiler.AddResource("openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return c
}

// holds checks an answer against what the operation promises.
func (c *contract) holds(method, path string, a answer) {
	c.Helper()
	c.called[method+" "+path] = true
	kind, _, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if err != nil {
		c.Errorf("%s %s: %v", method, path, err)
	}
	steps := []string{"paths", path, strings.ToLower(method), "responses", strconv.Itoa(a.StatusCode), "content", kind, "schema"}
	at := any(c.doc)
	pointer := "openapi.json#"
	for _, s := range steps {
		m, _ := at.(map[string]any)
		if at = m[s]; at == nil {
			c.Errorf("%s %s answered %d as %s, which is not described", method, path, a.StatusCode, kind)
			return
		}
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(s)
	}
	if kind != "application/json" && kind != "application/problem+json" {
		return
	}
	schema, err := c.compiler.Compile(pointer)
	if err != nil {
		c.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.body))
	if err == nil {
		err = schema.Validate(v)
	}
	if err != nil {
		c.Errorf("%s %s: %v\n%s", method, path, err, a.body)
	}
}

// TestOperations calls every operation that is described, and holds every answer against the description.
func TestOperations(t *testing.T) {
	s, w := serve(t, nil), newWorld(t)
	text := s.do(http.MethodGet, "/openapi.json", nil, nil)
	c := newContract(t, text.body)
	if c.doc["openapi"] != "3.1.0" || text.Header.Get("Content-Type") != "application/openapi+json" {
		t.Errorf("OpenAPI %v as %s", c.doc["openapi"], text.Header.Get("Content-Type"))
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/v1/trust"} {
		c.holds("GET", path, s.do(http.MethodGet, path, nil, nil))
	}
	for name, data := range w.files {
		for _, form := range []string{"application/json", "text/plain", "application/pdf"} {
			a := s.send("/v1/verifications", map[string]string{"Accept": form}, part{"file", name, data})
			if a.StatusCode != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), form) {
				t.Errorf("%s as %s: %d %s", name, form, a.StatusCode, a.Header.Get("Content-Type"))
			}
			c.holds("POST", "/v1/verifications", a)
		}
		raw := s.do(http.MethodPost, "/v1/verifications?name="+name, map[string]string{"Content-Type": "application/pdf"}, bytes.NewReader(data))
		c.holds("POST", "/v1/verifications", raw)
		if again := s.send("/v1/verifications", nil, part{"file", name, data}); !bytes.Equal(raw.body, again.body) {
			t.Errorf("%s as it is and in a form:\n%s%s", name, raw.body, again.body)
		}
	}
	c.holds("POST", "/v1/verifications", s.do(http.MethodPost, "/v1/verifications", map[string]string{"Content-Type": "text/csv"}, strings.NewReader("x")))
	for path, item := range c.doc["paths"].(map[string]any) {
		for method := range item.(map[string]any) {
			if op := strings.ToUpper(method) + " " + path; !c.called[op] {
				t.Errorf("%s is described and was not called", op)
			}
		}
	}
	if len(c.called) != 5 {
		t.Errorf("%d operations called", len(c.called))
	}
}

// TestVerdicts: each file gets its verdict.
func TestVerdicts(t *testing.T) {
	s, w := serve(t, nil), newWorld(t)
	for name, want := range map[string]string{"contract.pdf": "UNSIGNED", "contract-sealed.pdf": "PASSED", "contract-sealed-tampered.pdf": "FAILED", "damaged.pdf": "UNREADABLE"} {
		var got struct{ File, Verdict string }
		a := s.send("/v1/verifications", nil, part{"file", name, w.files[name]})
		if err := json.Unmarshal(a.body, &got); err != nil || got.Verdict != want || got.File != name {
			t.Errorf("%s: %s of %s, %v", name, got.Verdict, got.File, err)
		}
	}
	var got struct {
		Anchors []struct{ Use, Name, Class, SM3 string }
	}
	if err := json.Unmarshal(s.do(http.MethodGet, "/v1/trust", nil, nil).body, &got); err != nil || len(got.Anchors) != len(w.trust.Anchors()) || len(got.Anchors) == 0 {
		t.Errorf("anchors %+v, %v", got.Anchors, err)
	}
	for _, a := range got.Anchors {
		if a.Use == "" || a.Name == "" || a.Class != "internal" || len(a.SM3) != 64 {
			t.Errorf("anchor %+v", a)
		}
	}
	metrics := string(s.do(http.MethodGet, "/metrics", nil, nil).body)
	for _, want := range []string{`yinxin_verifications_total{format="PDF",verdict="PASSED"} 1`, "yinxin_waiting 0", "yinxin_uploads 0"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
}
