package metrics_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/hsm"
	"yinxin/hsm/pkcs11"
	"yinxin/hsm/pkcs11/metrics"
)

// tokens stands in for a provider.
type tokens []pkcs11.State

func (t tokens) States() []pkcs11.State { return t }

func (tokens) Ready(context.Context) error { return nil }

func (tokens) Inspect(context.Context, hsm.Ref) (pkcs11.KeyInfo, error) {
	return pkcs11.KeyInfo{}, errors.New("nobody asks for it")
}

// What happened is in the text, under the names that documents give.
func TestMetrics(t *testing.T) {
	m := metrics.New()
	states := tokens{
		{Token: "seals #1", Up: true, InUse: 2, Sessions: 4},
		{Token: "seals #1", Up: false, Refusing: true, InUse: 1, Sessions: 4, Stuck: 3, Abandoned: 7},
	}
	if err := m.Watch(states); err != nil {
		t.Fatal(err)
	}
	if err := m.Watch(states); err == nil {
		t.Error("two are watched")
	}
	use := pkcs11.Use{Token: "seals #1", Key: "pkcs11:object=owner", Took: 3 * time.Millisecond, Digest: []byte("secret secret secret secret sec.")}
	m.Signed(use)
	m.Signed(use)
	use.SelfTest = true
	m.Signed(use)
	use.Class = pkcs11.Lost
	m.Signed(use)
	began := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	m.Down(pkcs11.Outage{Token: "seals #1", Class: pkcs11.Removed, Began: began})
	m.Up(pkcs11.Outage{Token: "seals #1", Class: pkcs11.Removed, Began: began, Ended: began.Add(90 * time.Second), Failed: 5})
	m.Examined(pkcs11.Diagnosis{Token: "seals"})
	m.Examined(pkcs11.Diagnosis{Token: "ca", Findings: []pkcs11.Finding{{OK: false}}})

	served := httptest.NewRecorder()
	m.Handler().ServeHTTP(served, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	file := filepath.Join(t.TempDir(), "hsm.prom")
	if err := m.WriteFile(file); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"served": served.Body.String(), "written": string(written)} {
		for _, want := range told() {
			if !strings.Contains(text, want+"\n") {
				t.Errorf("%s: %s is missing in\n%s", where, want, text)
			}
		}
		if strings.Contains(text, "secret") {
			t.Errorf("%s: what was signed is in it", where)
		}
	}
}

// told is what TestMetrics wants to read.
func told() []string {
	return []string{
		`yinxin_hsm_signatures_total{class="answered",key="pkcs11:object=owner",test="false",token="seals #1"} 2`,
		`yinxin_hsm_signatures_total{class="answered",key="pkcs11:object=owner",test="true",token="seals #1"} 1`,
		`yinxin_hsm_signatures_total{class="lost",key="pkcs11:object=owner",test="true",token="seals #1"} 1`,
		`yinxin_hsm_sign_seconds_bucket{token="seals #1",le="0.0025"} 0`,
		`yinxin_hsm_sign_seconds_bucket{token="seals #1",le="0.005"} 3`,
		`yinxin_hsm_outages_total{class="removed",token="seals #1"} 1`,
		`yinxin_hsm_recoveries_total{token="seals #1"} 1`,
		`yinxin_hsm_outage_seconds_total{token="seals #1"} 90`,
		`yinxin_hsm_refused_total{token="seals #1"} 5`,
		`yinxin_hsm_healthy{token="seals"} 1`,
		`yinxin_hsm_healthy{token="ca"} 0`,
		`yinxin_hsm_up{token="seals #1"} 0`,
		`yinxin_hsm_breaker_open{token="seals #1"} 1`,
		`yinxin_hsm_sessions_in_use{token="seals #1"} 3`,
		`yinxin_hsm_sessions{token="seals #1"} 8`,
		`yinxin_hsm_stuck_calls{token="seals #1"} 3`,
		`yinxin_hsm_abandoned_calls_total{token="seals #1"} 7`,
	}
}
