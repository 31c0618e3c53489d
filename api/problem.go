package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strconv"

	"yinxin/fault"
)

// Problem is a failure as RFC 9457 has it. Code is stable; Title is for people, in the language asked for.
type Problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
}

// refusal is a failure of which the answer is known. Retry is when to come again, in seconds; 0 says nothing about it.
type refusal struct {
	status int
	fault.Public
	retry int
}

func (r refusal) Error() string { return r.EN }

func refuse(status int, code, zh, en string) refusal {
	return refusal{status: status, Public: fault.Public{Code: code, ZH: zh, EN: en}}
}

// The refusals of the service itself.
var (
	errNotFound   = refuse(http.StatusNotFound, "not-found", "没有这个地址；接口说明在 /openapi.json", "there is nothing at this address; /openapi.json says what there is")
	errMethod     = refuse(http.StatusMethodNotAllowed, "method", "这个地址不接受这种请求方法；接口说明在 /openapi.json", "this address does not take that method; /openapi.json says what it takes")
	errTooLarge   = refuse(http.StatusRequestEntityTooLarge, "upload-too-large", "文件超过了本服务的大小限制", "the file is larger than this service takes")
	errSlow       = refuse(http.StatusRequestTimeout, "upload-slow", "文件传得太慢，已中断；请换用较快的网络再试", "the file came too slowly and was cut off; try again over a faster connection")
	errBroken     = refuse(http.StatusBadRequest, "upload-broken", "上传的内容不完整或格式有误，请重新上传", "the upload is incomplete or malformed: send it again")
	errNoFile     = refuse(http.StatusBadRequest, "upload-empty", "没有收到文件：请选择一个文件再上传", "no file came: choose one and send it again")
	errParts      = refuse(http.StatusBadRequest, "upload-parts", "每次只核验一个文件：表单中只能有一个 file，以及至多各一个 evidence、type 和 password", "one file at a time: a form has one part named file and at most one each named evidence, type and password")
	errMedia      = refuse(http.StatusUnsupportedMediaType, "media-type", "不接受这种内容类型；请用 multipart/form-data，或直接上传 PDF、OFD、XML 或证据包", "this content type is not taken: use multipart/form-data, or send a PDF, OFD, XML or evidence bundle as it is")
	errType       = refuse(http.StatusBadRequest, "document-type", "文件类型只能是 invoice、license、proof 或 contract，或者不写", "the type of a document is invoice, license, proof or contract, or left out")
	errAccept     = refuse(http.StatusNotAcceptable, "not-acceptable", "只能给出 application/json、text/plain 或 application/pdf", "the answer can be application/json, text/plain or application/pdf")
	errInternal   = refuse(http.StatusInternalServerError, "internal", "服务内部出错，这份文件没有得到核验；请稍后再试，或告知管理员", "the service failed and the file was not judged: try again later, or tell whoever runs it")
	errUnprinted  = refuse(http.StatusInternalServerError, "report", "这份报告无法排成 PDF；请改用 application/json", "this report cannot be laid out as PDF: ask for application/json")
	errDraining   = refusal{http.StatusServiceUnavailable, fault.Public{Code: "draining", ZH: "服务正在停止，请稍后再试", EN: "the service is ending: try again later"}, 5}
	errBusy       = refusal{http.StatusServiceUnavailable, fault.Public{Code: "busy", ZH: "现在核验的人太多，请稍后再试", EN: "too many files are being judged: try again shortly"}, 2}
	errTooOften   = refusal{http.StatusTooManyRequests, fault.Public{Code: "rate", ZH: "请求过于频繁，请一分钟后再试", EN: "too many requests: try again in a minute"}, 60}
	errClientGone = refuse(499, "client-gone", "对方已断开", "the client went away") // never sent: the status for the log
)

// refusalOf says how a failure is answered. What has no name here is an internal error, and nothing of it is shown.
func refusalOf(r *http.Request, err error) (known refusal, internal bool) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &known):
		return known, false
	case errors.As(err, &tooLarge):
		return errTooLarge, false
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSlow, false
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return errClientGone, false
	}
	return errInternal, true
}

// writeProblem answers with a refusal.
func writeProblem(w http.ResponseWriter, r *http.Request, known refusal) {
	lang := languageOf(r)
	head(w, known, lang)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(known.status)
	json.NewEncoder(w).Encode(Problem{Type: "urn:yinxin:problem:" + known.Code, Title: known.In(lang), Status: known.status, Code: known.Code}) //nolint:errcheck,errchkjson // the client went away
}

// head sets what every refusal says in its header.
func head(w http.ResponseWriter, known refusal, lang string) {
	h := w.Header()
	h.Set("Content-Language", contentLanguage(lang))
	h.Set("Cache-Control", "no-store")
	if known.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(known.retry))
	}
}
