package api

import (
	"bytes"
	"context"
	"net/http"

	"github.com/go-chi/chi/v5"

	"yinxin/verify"
	"yinxin/verify/report"
)

const asPage = "text/html; charset=utf-8"

// pages are the routes for people.
func (s *Service) pages(r chi.Router) {
	shown := func(h handler) http.HandlerFunc { return s.answering(h, s.refusedPage) }
	r.Get("/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/verify", http.StatusSeeOther) })
	r.Get("/verify", shown(s.ask))
	r.Post("/verify", shown(s.answer))
	r.Get("/verify.css", shown(s.style))
}

func wantsLarge(r *http.Request) bool { return r.URL.Query().Get("size") == "large" }

// ask is GET /verify.
func (s *Service) ask(w http.ResponseWriter, r *http.Request) error {
	var body bytes.Buffer
	if err := s.Pages.Ask(&body, languageOf(r), wantsLarge(r)); err != nil {
		return err
	}
	w.Header().Add("Vary", "Accept-Language")
	return s.send(w, r, asPage, body.Bytes())
}

// answer is POST /verify. The printed report is part of the page: who wants it need not send the file again, and we need not keep it.
func (s *Service) answer(w http.ResponseWriter, r *http.Request) error {
	lang := languageOf(r)
	u, leave, err := s.take(w, r)
	if err != nil {
		return err
	}
	defer leave()
	var body bytes.Buffer
	err = s.judged(r.Context(), u, func(ctx context.Context, v verify.Report) error {
		o, err := s.printing(ctx, lang, u)
		if err != nil {
			return err
		}
		var printed bytes.Buffer
		if err := report.PDF(&printed, v, o); err != nil {
			s.Log.WarnContext(ctx, "report not printed", "error", err)
			printed.Reset()
		}
		if printed.Len() > printedReport {
			printed.Reset()
		}
		return s.Pages.Answer(&body, lang, u.large, v, o, printed.Bytes())
	})
	if err != nil {
		return err
	}
	w.Header().Add("Vary", "Accept-Language")
	return s.send(w, r, asPage, body.Bytes())
}

func (s *Service) style(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=300")
	w.Write(s.Pages.Style()) //nolint:errcheck // the client went away
	return nil
}

// refusedPage answers a failure as a page.
func (s *Service) refusedPage(w http.ResponseWriter, r *http.Request, known refusal) {
	var body bytes.Buffer
	lang := languageOf(r)
	if err := s.Pages.Refuse(&body, lang, wantsLarge(r), known.Public); err != nil {
		writeProblem(w, r, known)
		return
	}
	head(w, known, lang)
	w.Header().Set("Content-Type", asPage)
	w.WriteHeader(known.status)
	w.Write(body.Bytes()) //nolint:errcheck // the client went away
}
