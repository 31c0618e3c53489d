package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"yinxin/verify"
)

// Words writes a report as sentences, the verdict first. It is said in words and by a mark, never by colour alone.
func Words(w io.Writer, r verify.Report, lang string) error {
	p := &printer{w: w, tongue: tongue(lang)}
	p.line("%s %s (%s)  %s", Mark(r.Verdict), p.verdict(r.Verdict), r.Verdict, verify.Clean(r.File))
	if r.Error != nil {
		p.text("  ", verify.Clean(r.Error.In(lang)))
	}
	if r.IntegrityOnly && len(r.Signatures) > 0 {
		p.text("  ", p.onlyIntegrity())
	}
	if r.Document != nil {
		p.document(r.Document)
	}
	for i, s := range r.Signatures {
		p.signature(i+1, s, r.IntegrityOnly)
	}
	return p.err
}

type printer struct {
	w io.Writer
	tongue
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// text writes a sentence over as many lines as it needs, all behind an indent as wide as lead.
func (p *printer) text(lead, text string) {
	indent := strings.Repeat(" ", wide(lead))
	for i, l := range wrap(text, columns-len(indent)) {
		if i > 0 {
			lead = indent
		}
		p.line("%s%s", lead, l)
	}
}

// margin is the indent of what is said about one signature, labelled the width of the labels there.
const (
	margin   = "     "
	labelled = 7
)

func (p *printer) signature(n int, s verify.SignatureReport, integrityOnly bool) {
	t := p.tongue.signature(s, integrityOnly)
	p.line("%4s %s %s", strconv.Itoa(n)+".", Mark(s.Verdict), t.title)
	p.text(margin, t.headline)
	var marks []string
	for _, a := range p.answers(s.Aspects) {
		marks = append(marks, p.aspect(a.name, a.Verdict))
	}
	p.line("%s%s", margin, strings.Join(marks, "  "))
	for _, r := range t.rows {
		lead := margin + r.label + strings.Repeat(" ", max(labelled-wide(r.label), 1))
		for _, l := range r.lines {
			p.text(lead, l)
			lead = strings.Repeat(" ", wide(lead))
		}
	}
	if t.earlier != "" {
		p.text(margin+"· ", t.earlier)
	}
	for _, r := range t.remarks {
		p.text(margin+levelMark(r.Finding)+" ", r.coded())
	}
	for _, next := range t.advice {
		p.text(margin+"→ ", next)
	}
	for _, m := range t.missing {
		p.text(margin+"→ ", m[0])
		for _, l := range m[1:] {
			p.text(margin+"  ", l)
		}
	}
	if t.technical != "" {
		p.text(margin+p.say("技术说明 ", "Technical "), t.technical)
	}
}

// aspect is the answer to one of the four questions. One that was not asked is named as such: it must not pass for a good answer.
func (p *printer) aspect(name string, v verify.Verdict) string {
	if v == verify.NotJudged {
		name += p.say("（未核验）", " (not judged)")
	}
	return Mark(v) + " " + name
}

// Mark is the sign of a verdict; nothing but PASSED gets the one for good.
func Mark(v verify.Verdict) string {
	switch v {
	case verify.Passed:
		return "✔"
	case verify.Failed, verify.Unreadable:
		return "✘"
	case verify.Indeterminate:
		return "？"
	}
	return "–"
}

func levelMark(f verify.Finding) string {
	switch f.Level {
	case verify.Fail:
		return Mark(f.Verdict)
	case verify.Warn:
		return "！"
	}
	return "·"
}
