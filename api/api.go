// Package api answers over HTTP who sealed a file and whether to believe it. It limits, decodes and renders; it decides nothing: the judgement, the
// trust and the pages are handed in. It keeps no state: a file is dropped when its answer is made, and neither it nor its name is ever logged.
package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"yinxin/fault"
	"yinxin/verify"
	"yinxin/verify/report"
)

// Config is what a service needs from outside.
type Config struct {
	// Judge judges one upload as the command does. An error is a failure of the service: a file that cannot be read is a report too.
	Judge func(ctx context.Context, u Upload) (verify.Report, error)

	Report report.Options   // the anchors that Judge trusts, and the fonts of printed reports; the rest is set for each file
	Pages  Pages            // for people; nil: none
	Spool  string           // folder for larger uploads under way; empty: the system's for temporary files
	Limits Limits           //
	Now    func() time.Time // when reports are made
	Log    *slog.Logger     // one line a request
}

// Pages renders what people see. Lang is "zh" or "en"; large asks for large type.
type Pages interface {
	Ask(w io.Writer, lang string, large bool) error
	Answer(w io.Writer, lang string, large bool, r verify.Report, o report.Options, pdf []byte) error // pdf is the printed report, nil where it is too large
	Refuse(w io.Writer, lang string, large bool, p fault.Public) error
	Style() []byte // CSS
}

// Service is the verification service. It is ready until Drain.
type Service struct {
	Config
	handler  http.Handler
	openapi  []byte
	spool    *spool
	gate     *gate
	uploads  chan struct{}
	measures *measures
	draining atomic.Bool
}

// New makes a service. The errors say what the configuration lacks or has wrong.
func New(c Config) (*Service, error) {
	if c.Judge == nil || c.Now == nil || c.Log == nil {
		return nil, errors.New("api: Judge, Now and Log are needed")
	}
	limits, err := c.Limits.Complete()
	if err != nil {
		return nil, err
	}
	c.Limits = limits
	if c.Spool == "" {
		c.Spool = os.TempDir()
	}
	s := &Service{Config: c, spool: &spool{dir: c.Spool, left: limits.Spool, memory: limits.Memory}, uploads: make(chan struct{}, limits.Uploads),
		gate: newGate(limits.Judged, limits.JudgedBytes, limits.Queue)}
	if err := s.spool.try(); err != nil {
		return nil, err
	}
	s.measures = measure(s)
	s.handler, err = s.routes()
	return s, err
}

// ServeHTTP makes the service a handler, without the limits on connections that Serve adds.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func (s *Service) routes() (http.Handler, error) {
	r := chi.NewRouter()
	r.Use(s.logged, s.recovered, s.guarded)
	r.NotFound(s.plain(func(http.ResponseWriter, *http.Request) error { return errNotFound }))
	r.MethodNotAllowed(s.plain(func(http.ResponseWriter, *http.Request) error { return errMethod }))
	r.Get("/healthz", text("ok\n"))
	r.Get("/readyz", s.plain(s.ready))
	r.Method(http.MethodGet, "/metrics", s.measures.handler())
	limited := r.With(s.perClient())
	limited.Post("/v1/verifications", s.plain(s.verification))
	if s.Pages != nil {
		s.pages(limited)
	}
	return r, s.describe(limited)
}

// ready says whether new work is welcome.
func (s *Service) ready(w http.ResponseWriter, _ *http.Request) error {
	if s.draining.Load() {
		return errDraining
	}
	text("ready\n")(w, nil)
	return nil
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, body) //nolint:errcheck // the client went away
	}
}
