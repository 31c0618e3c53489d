package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"yinxin/hsm/pkcs11"
)

// watch reads the states of tokens when it is asked.
type watch struct{ pkcs11.Inspector }

// gauge is one value of a state.
type gauge struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	of   func(pkcs11.State) float64
}

func gauges() []gauge {
	one := func(name, help string, kind prometheus.ValueType, of func(pkcs11.State) float64) gauge {
		return gauge{prometheus.NewDesc("yinxin_hsm_"+name, help, []string{"token"}, nil), kind, of}
	}
	flag := func(b bool) float64 {
		if b {
			return 1
		}
		return 0
	}
	return []gauge{
		one("up", "1 while the token is logged in.", prometheus.GaugeValue, func(s pkcs11.State) float64 { return flag(s.Up) }),
		one("breaker_open", "1 while callers are refused at once.", prometheus.GaugeValue, func(s pkcs11.State) float64 { return flag(s.Refusing) }),
		one("sessions_in_use", "Calls under way.", prometheus.GaugeValue, func(s pkcs11.State) float64 { return float64(s.InUse) }),
		one("sessions", "Calls there may be at a time.", prometheus.GaugeValue, func(s pkcs11.State) float64 { return float64(s.Sessions) }),
		one("stuck_calls", "Calls that were given up and have not returned.", prometheus.GaugeValue, func(s pkcs11.State) float64 { return float64(s.Stuck) }),
		one("abandoned_calls_total", "Calls that were given up.", prometheus.CounterValue, func(s pkcs11.State) float64 { return float64(s.Abandoned) }),
	}
}

// Describe sends what there may be.
func (w *watch) Describe(out chan<- *prometheus.Desc) {
	for _, g := range gauges() {
		out <- g.desc
	}
}

// Collect sends what there is.
func (w *watch) Collect(out chan<- prometheus.Metric) {
	for _, s := range merged(w.States()) {
		for _, g := range gauges() {
			out <- prometheus.MustNewConstMetric(g.desc, g.kind, g.of(s), s.Token)
		}
	}
}

// merged makes one of the states of one token that is reached through two libraries: one for SM2, one for RSA and P-256.
func merged(all []pkcs11.State) (out []pkcs11.State) {
	at := map[string]int{}
	for _, s := range all {
		i, known := at[s.Token]
		if !known {
			at[s.Token] = len(out)
			out = append(out, s)
			continue
		}
		o := &out[i]
		o.Up, o.Refusing = o.Up && s.Up, o.Refusing || s.Refusing
		o.InUse, o.Sessions = o.InUse+s.InUse, o.Sessions+s.Sessions
		o.Stuck, o.Abandoned = o.Stuck+s.Stuck, o.Abandoned+s.Abandoned
	}
	return out
}
