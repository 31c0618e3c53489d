package api

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"yinxin/verify"
	"yinxin/verify/evidence"
	"yinxin/verify/report"
)

// handler is one that may fail. What it returns was not answered yet.
type handler func(http.ResponseWriter, *http.Request) error

// plain answers failures as problem+json.
func (s *Service) plain(h handler) http.HandlerFunc { return s.answering(h, writeProblem) }

func (s *Service) answering(h handler, write func(http.ResponseWriter, *http.Request, refusal)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		known, internal := refusalOf(r, err)
		if internal {
			s.Log.ErrorContext(r.Context(), "internal error", "error", err)
		}
		s.measures.refused.WithLabelValues(known.Code).Inc()
		s.deadline(w)
		write(w, r, known)
	}
}

// verification is POST /v1/verifications.
func (s *Service) verification(w http.ResponseWriter, r *http.Request) error {
	form, err := accepted(r.Header.Get("Accept"))
	if err != nil {
		return err
	}
	u, leave, err := s.take(w, r)
	if err != nil {
		return err
	}
	defer leave()
	var body bytes.Buffer
	err = s.judged(r.Context(), u, func(ctx context.Context, v verify.Report) error {
		return s.render(ctx, &body, form, languageOf(r), u, v)
	})
	if err != nil {
		return err
	}
	h := w.Header()
	h.Add("Vary", "Accept, Accept-Language")
	if form == asPDF {
		h.Set("Content-Disposition", `attachment; filename="verification.pdf"`)
	}
	if form == asWords {
		form += "; charset=utf-8"
	}
	return s.send(w, r, form, body.Bytes())
}

// take receives an upload, unless too many are under way. leave drops it.
func (s *Service) take(w http.ResponseWriter, r *http.Request) (u *received, leave func(), err error) {
	if s.draining.Load() {
		return nil, nil, errDraining
	}
	select {
	case s.uploads <- struct{}{}:
	default:
		return nil, nil, errBusy
	}
	u, err = s.receive(w, r)
	if err != nil {
		<-s.uploads
		return nil, nil, err
	}
	return u, func() { u.Close(); <-s.uploads }, nil
}

// judged judges an upload when its turn has come, and renders the verdict before the next one has its turn: printing takes memory too.
func (s *Service) judged(ctx context.Context, u *received, render func(context.Context, verify.Report) error) error {
	waiting, cancel := context.WithTimeoutCause(ctx, s.Limits.QueueTime, errBusy)
	leave, err := s.gate.enter(waiting, u.file.size)
	cancel()
	if err != nil {
		return err
	}
	defer leave()
	start := time.Now()
	v, err := s.Judge(ctx, u.upload())
	if err != nil {
		return err
	}
	v.File = u.name
	s.measures.judged(v, time.Since(start), u.file.size)
	return render(ctx, v)
}

// render writes a verdict in one of its forms. The JSON is that of yinxin verify --json.
func (s *Service) render(ctx context.Context, w io.Writer, form, lang string, u *received, v verify.Report) error {
	switch form {
	case asWords:
		return report.Words(w, v, lang)
	case asPDF:
		o, err := s.printing(ctx, lang, u)
		if err != nil {
			return err
		}
		if err := report.PDF(w, v, o); err != nil {
			return errors.Join(errUnprinted, err)
		}
		return nil
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(report.Line(v, lang)); err != nil {
		return fmt.Errorf("write the verdict: %w", err)
	}
	return nil
}

// printing says what a printed report tells about the file besides the verdict.
func (s *Service) printing(ctx context.Context, lang string, u *received) (report.Options, error) {
	digest, err := evidence.Sum(ctx, u.file, u.file.size)
	if err != nil {
		return report.Options{}, fmt.Errorf("digest of the upload: %w", err)
	}
	o := s.Report
	o.Lang, o.Made, o.Size, o.SM3 = lang, s.Now(), u.file.size, hex.EncodeToString(digest[:])
	return o, nil
}

// send writes an answer that is whole.
func (s *Service) send(w http.ResponseWriter, r *http.Request, kind string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Content-Language", contentLanguage(languageOf(r)))
	h.Set("Cache-Control", "no-store")
	s.deadline(w)
	w.Write(body) //nolint:errcheck // the client went away
	return nil
}

// deadline gives the client its time to take the answer.
func (s *Service) deadline(w http.ResponseWriter) {
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.Limits.AnswerTime)) //nolint:errcheck // without it the client has all the time the connection has
}
