package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"yinxin/document"
	"yinxin/trust"
	"yinxin/verify"
)

// Words writes a report as sentences. The verdict is said in words and by a mark, never by colour alone.
func Words(w io.Writer, r verify.Report, lang string) error {
	p := &printer{w: w, lang: lang}
	p.line("%s  %s %s (%s)", verify.Clean(r.File), mark(r.Verdict), p.verdict(r.Verdict), r.Verdict)
	if r.Error != nil {
		p.line("  %s", r.Error.In(lang))
	}
	if r.IntegrityOnly && len(r.Signatures) > 0 {
		p.line("  %s", p.say("只核验了完整性：未核验信任、吊销、时间和算法年限，不能据此确认是谁签的。",
			"Only integrity was judged: trust, revocation, time and algorithm age were not, so this does not say who signed."))
	}
	for i, s := range r.Signatures {
		p.signature(i+1, s)
	}
	return p.err
}

type printer struct {
	w    io.Writer
	lang string
	err  error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) say(zh, en string) string {
	if p.lang == "zh" {
		return zh
	}
	return en
}

func (p *printer) signature(n int, s verify.SignatureReport) {
	p.line("  %d. %s %s: %s", n, mark(s.Verdict), p.kind(s.Kind), p.holder(s))
	if s.Signer != nil {
		p.line("     %s", p.person(p.say("签章人证书", "Signer"), s.Signer))
	}
	if s.Maker != nil {
		p.line("     %s", p.person(p.say("制章者证书", "Maker"), s.Maker))
	}
	if s.Time != nil {
		p.line("     %s", p.say("声称的签署时间 ", "Claimed signing time ")+s.Time.Claimed.Format(time.RFC3339)+
			p.say("（未经可信时间戳证明）", " (not proved by a trusted time stamp)"))
	}
	a := s.Aspects
	p.line("     %s", strings.Join([]string{p.aspect(p.say("完整性", "Integrity"), a.Integrity), p.aspect(p.say("证书与印章", "Certificate and seal"), a.Certificate),
		p.aspect(p.say("身份信任", "Identity trust"), a.Identity), p.aspect(p.say("吊销", "Revocation"), a.Revocation)}, "  "))
	if s.Coverage == document.CoversRevision {
		p.line("     %s", p.say("此签名保护的是文件较早的一版，之后还有内容加入（见下）。", "This signature protects an earlier revision; more was added later (see below)."))
	}
	for _, f := range s.Findings {
		p.line("     %s %s [%s]", levelMark(f), f.Message.In(p.lang), f.Check)
	}
}

func (p *printer) kind(k document.Kind) string {
	switch k {
	case document.Seal:
		return p.say("电子印章", "Seal")
	case document.Timestamp:
		return p.say("文档时间戳", "Document time stamp")
	}
	return p.say("数字签名", "Signature")
}

func (p *printer) holder(s verify.SignatureReport) string {
	switch {
	case s.Seal != nil:
		return s.Seal.Name + p.say("（编号 ", " (code ") + s.Seal.ID + p.say("）", ")")
	case s.Signer != nil:
		return s.Signer.Name
	}
	return s.ID
}

func (p *printer) person(role string, c *verify.CertSummary) string {
	s := role + p.say("：", ": ") + c.Name
	if c.USCC != "" {
		s += " " + c.USCC
	}
	s += p.say("，颁发者 ", ", issued by ") + c.Issuer
	if c.Trusted {
		return s + p.say("，信任类别：", ", trusted as: ") + trust.Class(c.Class).In(p.lang)
	}
	return s + p.say("，本机不信任", ", not trusted here")
}

func (p *printer) aspect(name string, v verify.Verdict) string {
	return mark(v) + " " + name
}

func mark(v verify.Verdict) string {
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
		return mark(f.Verdict)
	case verify.Warn:
		return "！"
	}
	return "·"
}

func (p *printer) verdict(v verify.Verdict) string {
	switch v {
	case verify.Passed:
		return p.say("核验通过", "the checks passed")
	case verify.Failed:
		return p.say("核验失败，不要相信", "the checks failed: do not rely on it")
	case verify.Indeterminate:
		return p.say("无法得出结论，不能当作有效", "no conclusion: not to be taken as valid")
	case verify.Unsigned:
		return p.say("没有签章", "not signed")
	}
	return p.say("无法读取", "unreadable")
}
