package api

import (
	"cmp"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"yinxin/verify"
)

// measures are what /metrics tells.
type measures struct {
	registry *prometheus.Registry
	verdicts *prometheus.CounterVec
	refused  *prometheus.CounterVec
	requests *prometheus.HistogramVec
	judging  prometheus.Histogram
	bytes    prometheus.Counter
}

func measure(s *Service) *measures {
	m := &measures{
		registry: prometheus.NewRegistry(),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yinxin_verifications_total", Help: "Files judged."}, []string{"verdict", "format"}),
		refused:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yinxin_refusals_total", Help: "Requests that got no verdict, by code of the problem."}, []string{"code"}),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "yinxin_http_request_seconds", Help: "Requests, from their head to the end of the answer.", Buckets: buckets()}, []string{"route", "status"}),
		judging:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "yinxin_judging_seconds", Help: "Judging a file, waiting and printing apart.", Buckets: buckets()}),
		bytes:    prometheus.NewCounter(prometheus.CounterOpts{Name: "yinxin_judged_bytes_total", Help: "Size of the files judged."}),
	}
	m.registry.MustRegister(m.verdicts, m.refused, m.requests, m.judging, m.bytes, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "yinxin_waiting", Help: "Files that wait to be judged."}, func() float64 { return float64(s.gate.waits()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "yinxin_uploads", Help: "Requests with a file under way."}, func() float64 { return float64(len(s.uploads)) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "yinxin_spool_free_bytes", Help: "Room for uploads."}, func() float64 { return float64(atomic.LoadInt64(&s.spool.left)) }))
	return m
}

func buckets() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
}

func (m *measures) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *measures) judged(v verify.Report, took time.Duration, size int64) {
	m.verdicts.WithLabelValues(string(v.Verdict), cmp.Or(v.Format, "-")).Inc()
	m.judging.Observe(took.Seconds())
	m.bytes.Add(float64(size))
}

func (m *measures) answered(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}
