package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"yinxin/hsm"
	"yinxin/hsm/pkcs11"
	"yinxin/hsm/pkcs11/metrics"
)

// readyTime is how long keys may take to sign for a probe.
const readyTime = 5 * time.Second

// readiness has keys sign: those of a token that were opened so far, or the one key of a key store.
func readiness(p keyring, k hsm.Key) func(context.Context) error {
	if i, ok := p.(pkcs11.Inspector); ok {
		return i.Ready
	}
	return func(ctx context.Context) error { return hsm.Prove(ctx, k) }
}

// watched puts beside a service what its keys tell of themselves: GET /metrics, and GET /readyz, which answers 200 once all of ready hold and 503
// otherwise.
func watched(service http.Handler, m *metrics.Metrics, log *slog.Logger, ready ...func(context.Context) error) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", service)
	mux.Handle("GET /metrics", m.Handler())
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		var errs []error
		for _, f := range ready {
			errs = append(errs, f(ctx))
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		if err := errors.Join(errs...); err != nil {
			log.LogAttrs(r.Context(), slog.LevelError, "not ready", slog.Any("error", err))
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "not ready\n")
			return
		}
		_, _ = io.WriteString(w, "ok\n")
	})
	return mux
}
