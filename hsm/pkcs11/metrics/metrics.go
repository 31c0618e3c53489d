// Package metrics counts what hsm/pkcs11 does, in the text format of Prometheus: signatures by key and class of error, how long they took, outages,
// recoveries, calls that were given up, the circuit breaker, and sessions in use.
package metrics

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"yinxin/hsm/pkcs11"
)

// Metrics is an Observer for the Options of pkcs11.Open. It knows no PIN, no digest and no signature. It may be used by several goroutines.
type Metrics struct {
	registry   *prometheus.Registry
	signatures *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	outages    *prometheus.CounterVec
	recoveries *prometheus.CounterVec
	down       *prometheus.CounterVec
	refused    *prometheus.CounterVec
	healthy    *prometheus.GaugeVec
}

var _ pkcs11.Observer = (*Metrics)(nil)

// New returns Metrics that have counted nothing yet.
func New() *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yinxin_hsm_" + name, Help: help}, labels)
	}
	m := &Metrics{
		registry:   prometheus.NewRegistry(),
		signatures: counter("signatures_total", "C_Sign by key and by what came of it: answered, or the class of the error. test says whether the driver tested the key.", "token", "key", "class", "test"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "yinxin_hsm_sign_seconds", Help: "C_Sign that was answered, with the wait for a session and the verification of the answer.", Buckets: buckets(),
		}, []string{"token"}),
		outages:    counter("outages_total", "Times that a token was lost, by what was seen first.", "token", "class"),
		recoveries: counter("recoveries_total", "Times that a lost token came back.", "token"),
		down:       counter("outage_seconds_total", "How long lost tokens were away, once they are back.", "token"),
		refused:    counter("refused_total", "Calls that were refused at once while a token was away, once it is back.", "token"),
		healthy: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "yinxin_hsm_healthy", Help: "1 where the last examination found nothing wrong."},
			[]string{"token"}),
	}
	m.registry.MustRegister(m.signatures, m.seconds, m.outages, m.recoveries, m.down, m.refused, m.healthy)
	return m
}

// buckets reach from a token on the same machine to a call that is given up.
func buckets() []float64 {
	return []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
}

// Signed counts a C_Sign.
func (m *Metrics) Signed(u pkcs11.Use) {
	class := cmp.Or(string(u.Class), "answered")
	m.signatures.WithLabelValues(u.Token, string(u.Key), class, strconv.FormatBool(u.SelfTest)).Inc()
	if u.Class == pkcs11.Answered {
		m.seconds.WithLabelValues(u.Token).Observe(u.Took.Seconds())
	}
}

// Down counts the beginning of an outage.
func (m *Metrics) Down(o pkcs11.Outage) { m.outages.WithLabelValues(o.Token, string(o.Class)).Inc() }

// Up counts its end.
func (m *Metrics) Up(o pkcs11.Outage) {
	m.recoveries.WithLabelValues(o.Token).Inc()
	m.down.WithLabelValues(o.Token).Add(o.Ended.Sub(o.Began).Seconds())
	m.refused.WithLabelValues(o.Token).Add(float64(o.Failed))
}

// Examined keeps what the doctor said of a token.
func (m *Metrics) Examined(d pkcs11.Diagnosis) {
	healthy := 0.0
	if d.Healthy() {
		healthy = 1
	}
	m.healthy.WithLabelValues(d.Token).Set(healthy)
}

// Watch adds how the tokens of a provider are at the moment of asking. One provider can be watched.
func (m *Metrics) Watch(p pkcs11.Inspector) error {
	if err := m.registry.Register(&watch{p}); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// Handler answers with all there is.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// WriteFile replaces a file with all there is, whole or not at all: for a collector of text files.
func (m *Metrics) WriteFile(name string) error { return prometheus.WriteToTextfile(name, m.registry) }
