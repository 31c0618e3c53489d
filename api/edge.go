package api

import (
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/httprate"
)

// logged writes one line a request. It names the route and never the address asked for, which may hold anything; files and their names are nobody's to read.
func (s *Service) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(seen, r)
		route := chi.RouteContext(r.Context()).RoutePattern()
		if route == "" || seen.Status() == http.StatusNotFound {
			route = "-"
		}
		took := time.Since(start)
		s.measures.answered(route, seen.Status(), took)
		s.Log.InfoContext(r.Context(), "request", "method", method(r.Method), "route", route, "status", seen.Status(), "client", client(r), "in", max(r.ContentLength, 0), "out", seen.BytesWritten(), "took", took)
	})
}

// method is a known method, so that no client chooses the words of the log.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch:
		return m
	}
	return "-"
}

// recovered turns a panic into an internal error: one bad file must not end the service for everyone.
func (s *Service) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			caught := recover()
			if caught == nil {
				return
			}
			if caught == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
				panic(caught)
			}
			s.Log.ErrorContext(r.Context(), "panic", "what", caught, "stack", string(debug.Stack()))
			s.measures.refused.WithLabelValues(errInternal.Code).Inc()
			writeProblem(w, r, errInternal)
		}()
		next.ServeHTTP(w, r)
	})
}

// guarded sets the headers that every answer has. A page may load its own style sheet and pictures that are inside it, send its form here, and nothing
// else: no script at all.
func (s *Service) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if r.Method != http.MethodPost { // an upload has its time first; the answer gets its own when it is there
			s.deadline(w)
		}
		if r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// perClient limits how often one client may ask.
func (s *Service) perClient() func(http.Handler) http.Handler {
	if s.Limits.Requests < 0 {
		return func(next http.Handler) http.Handler { return next }
	}
	return httprate.LimitBy(s.Limits.Requests, time.Minute, func(r *http.Request) (string, error) { return client(r), nil },
		httprate.WithLimitHandler(s.plain(func(http.ResponseWriter, *http.Request) error { return errTooOften })))
}

// client is who asks: an IPv4 address, or the /64 of an IPv6 one, of which everybody has as many addresses as they like. Headers that claim another
// address are not believed.
func client(r *http.Request) string { return clientOf(r.RemoteAddr) }

func clientOf(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "-"
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return "-"
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return a.String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}
