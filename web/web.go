// Package web makes the pages on which people verify a file: plain HTML without a script, to be read at any width, by keyboard alone, and in large type.
// It only renders; package api answers requests with it.
package web

import (
	"bytes"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strconv"

	"yinxin/fault"
	"yinxin/verify"
	"yinxin/verify/report"
)

//go:embed page
var files embed.FS

// Pages renders the pages.
type Pages struct {
	formats string
	most    int64
	page    *template.Template
	style   []byte
}

// New makes pages that ask for a file of one of these formats, of at most so many bytes.
func New(formats []string, most int64) (*Pages, error) {
	style, err := files.ReadFile("page/verify.css")
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	page, err := template.ParseFS(files, "page/*.html")
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	list := ""
	for i, f := range formats {
		if i > 0 {
			list += " / "
		}
		list += f
	}
	return &Pages{list, most, page, style}, nil
}

// view is what one page shows.
type view struct {
	Lang    string
	Large   bool
	Formats string
	Most    string // size of the largest file

	Refused string // why there is no verdict

	Shown *report.Shown
	Name  string // of the file
	Size  string
	SM3   string
	PDF   template.URL
}

// Say picks a sentence in the page's language.
func (v view) Say(zh, en string) string {
	if v.Lang == "zh" {
		return zh
	}
	return en
}

// Mark names the shape and the colour of a verdict.
func (view) Mark(verdict verify.Verdict) string {
	switch verdict {
	case verify.Passed:
		return "passed"
	case verify.Failed, verify.Unreadable:
		return "failed"
	case verify.Indeterminate:
		return "open"
	}
	return "none"
}

// Weight names the shape and the colour of a finding.
func (v view) Weight(r report.Remark) string {
	switch r.Level {
	case verify.Fail:
		return v.Mark(r.Verdict)
	case verify.Warn:
		return "warn"
	}
	return "dot"
}

// Picture is a PNG as an address.
func (view) Picture(png []byte) template.URL { return data("image/png", png) }

func data(kind string, b []byte) template.URL {
	return template.URL("data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(b)) //nolint:gosec // bytes that were encoded here
}

// Style is the style sheet, CSS.
func (p *Pages) Style() []byte { return p.style }

func (p *Pages) view(lang string, large bool) view {
	return view{Lang: lang, Large: large, Formats: p.formats, Most: strconv.FormatInt(p.most>>20, 10) + " MB"}
}

// Ask writes the page that asks for a file.
func (p *Pages) Ask(w io.Writer, lang string, large bool) error {
	return p.write(w, p.view(lang, large))
}

// Refuse writes the page that says why there is no verdict, and asks again.
func (p *Pages) Refuse(w io.Writer, lang string, large bool, why fault.Public) error {
	v := p.view(lang, large)
	v.Refused = why.In(lang)
	return p.write(w, v)
}

// Answer writes the page that says what a file is worth. pdf, the same for printing, is inside the page; none is offered where it is empty.
func (p *Pages) Answer(w io.Writer, lang string, large bool, r verify.Report, o report.Options, pdf []byte) error {
	v := p.view(lang, large)
	shown := report.Show(r, o)
	v.Shown, v.Name, v.SM3, v.Size = &shown, verify.Clean(r.File), o.SM3, grouped(o.Size)
	if len(pdf) > 0 {
		v.PDF = data("application/pdf", pdf)
	}
	return p.write(w, v)
}

// write renders a page whole: a failure leaves nothing of it.
func (p *Pages) write(w io.Writer, v view) error {
	var b bytes.Buffer
	if err := p.page.ExecuteTemplate(&b, "verify.html", v); err != nil {
		return fmt.Errorf("web: %w", err)
	}
	_, err := b.WriteTo(w)
	return err
}

// grouped writes a number with its thousands apart.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
