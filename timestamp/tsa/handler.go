package tsa

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"yinxin/timestamp"
)

// The media types of RFC 3161 3.4.
const (
	queryType = "application/timestamp-query"
	replyType = "application/timestamp-reply"
)

// mostQuery bounds a query in bytes; one of the largest hash with every field takes a tenth.
const mostQuery = 16 << 10

// Handler serves the authority: POST of a query, to any path, and GET /healthz, which answers 200 while tokens can be made and 503 while not. A refused
// query is answered with 200 and a reply that says why, as RFC 3161 3.4 has it. log gets one line a request, nil for none. Slow askers are the server's to
// cut off (http.Server.ReadTimeout).
func (a *Authority) Handler(log *slog.Logger) http.Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	h := &handler{a, log}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /", h.stamp)
	mux.HandleFunc("GET /healthz", h.health)
	return mux
}

type handler struct {
	authority *Authority
	log       *slog.Logger
}

func (h *handler) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err := h.authority.Ready(r.Context()); err != nil {
		h.log.LogAttrs(r.Context(), slog.LevelError, "time stamps: not ready", slog.Any("error", err))
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "not ready\n")
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

func (h *handler) stamp(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != queryType {
		h.refuse(w, r, http.StatusUnsupportedMediaType, "the content type is not "+queryType)
		return
	}
	query, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostQuery))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		h.refuse(w, r, http.StatusRequestEntityTooLarge, "the query is larger than 16 KB")
		return
	}
	if err != nil {
		h.refuse(w, r, http.StatusBadRequest, "the query was not received whole")
		return
	}
	reply, why := h.authority.Answer(r.Context(), query)
	der, err := reply.Marshal()
	if err != nil {
		h.log.LogAttrs(r.Context(), slog.LevelError, "time stamps: write a reply", slog.Any("error", err))
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", replyType)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(der)
	h.line(r, reply, why, time.Since(start))
}

// refuse answers what is no query at all.
func (h *handler) refuse(w http.ResponseWriter, r *http.Request, status int, text string) {
	http.Error(w, text, status)
	h.log.LogAttrs(r.Context(), slog.LevelInfo, "time stamp", slog.String("from", r.RemoteAddr), slog.Int("status", status), slog.String("refused", text))
}

// line logs a request. A failure inside is the operator's to mend.
func (h *handler) line(r *http.Request, reply *timestamp.Reply, why error, took time.Duration) {
	level, attrs := slog.LevelInfo, []slog.Attr{slog.String("from", r.RemoteAddr), slog.Duration("took", took)}
	if why != nil {
		attrs = append(attrs, slog.String("refused", reply.Failure.In("en")), slog.Any("error", why))
		if reply.Failure == timestamp.SystemFailure || reply.Failure == timestamp.TimeNotAvailable {
			level = slog.LevelError
		}
	} else {
		attrs = append(attrs, slog.Int("bytes", len(reply.Token)))
	}
	h.log.LogAttrs(r.Context(), level, "time stamp", attrs...)
}
