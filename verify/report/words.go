package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"yinxin/document"
	"yinxin/trust"
	"yinxin/verify"
)

// Words writes a report as sentences, the verdict first. It is said in words and by a mark, never by colour alone.
func Words(w io.Writer, r verify.Report, lang string) error {
	p := &printer{w: w, lang: lang}
	p.line("%s %s (%s)  %s", Mark(r.Verdict), p.verdict(r.Verdict), r.Verdict, verify.Clean(r.File))
	if r.Error != nil {
		p.text("  ", verify.Clean(r.Error.In(lang)))
	}
	if r.IntegrityOnly && len(r.Signatures) > 0 {
		p.text("  ", p.say("只核验了完整性：未核验信任、吊销、时间和算法年限，不能据此确认是谁签的。",
			"Only integrity was judged: trust, revocation, time and algorithm age were not, so this does not say who signed."))
	}
	for i, s := range r.Signatures {
		p.signature(i+1, s, r.IntegrityOnly)
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

// margin is the indent of what is said about one signature.
const margin = "     "

func (p *printer) signature(n int, s verify.SignatureReport, integrityOnly bool) {
	p.line("%4s %s %s%s%s", strconv.Itoa(n)+".", Mark(s.Verdict), p.kind(s), p.say("：", ": "), p.holder(s))
	p.text(margin, Headline(s, integrityOnly).In(p.lang))
	a := s.Aspects
	p.line("%s%s", margin, strings.Join([]string{p.aspect(p.say("完整性", "Integrity"), a.Integrity),
		p.aspect(p.say("证书与印章", "Certificate and seal"), a.Certificate), p.aspect(p.say("身份信任", "Identity trust"), a.Identity),
		p.aspect(p.say("吊销", "Revocation"), a.Revocation)}, "  "))
	if s.Signer != nil {
		p.person(p.say(map[bool]string{true: "签章人 ", false: "签名人 "}[s.Kind == document.Seal], "Signer "), s.Signer)
	}
	if s.Maker != nil {
		p.person(p.say("制章者 ", "Maker  "), s.Maker)
	}
	if s.Time != nil {
		p.time(*s.Time)
	}
	if shown := places(s.Places).In(p.lang); shown != "" {
		p.text(margin+p.say("位置   ", "Place  "), shown)
	}
	if s.Coverage == document.CoversRevision {
		p.text(margin+"· ", p.say("此签名保护的是文件较早的一版，之后还有内容加入。", "This signature protects an earlier revision; more was added later."))
	}
	p.findings(s)
	p.technical(s)
}

// findings says what was found, then what to do about what decided, each piece of advice once. Whom to trust is advice only where nothing speaks against
// the signature.
func (p *printer) findings(s verify.SignatureReport) {
	var advice []string
	for _, f := range s.Findings {
		p.text(margin+levelMark(f)+" ", fmt.Sprintf("%s [%s]", f.Message.In(p.lang), f.Check))
		next := f.Next.In(p.lang)
		if next == "" || f.Level == verify.Fail && f.Verdict != s.Verdict || missingOf(s, f.Check) != nil || slices.Contains(advice, next) {
			continue
		}
		advice = append(advice, next)
	}
	for _, next := range advice {
		p.text(margin+"→ ", next)
	}
	if s.Verdict != verify.Indeterminate {
		return
	}
	maker, signer := missingOf(s, "MAKER_UNKNOWN"), missingOf(s, "SIGNER_UNKNOWN")
	if maker != nil {
		p.missing(maker)
	}
	if signer != nil && (maker == nil || maker.Fingerprint != signer.Fingerprint || maker.Use != signer.Use) {
		p.missing(signer)
	}
}

// missingOf is who is missing according to a finding of that code.
func missingOf(s verify.SignatureReport, code verify.Code) *verify.Missing {
	if !slices.ContainsFunc(s.Findings, func(f verify.Finding) bool { return f.Check == code }) {
		return nil
	}
	switch {
	case code == "MAKER_UNKNOWN" && s.Maker != nil:
		return s.Maker.Missing
	case code == "SIGNER_UNKNOWN" && s.Signer != nil:
		return s.Signer.Missing
	}
	return nil
}

// technical gives those who look after the software what they need, in one paragraph that others may pass over.
func (p *printer) technical(s verify.SignatureReport) {
	list := []string{strings.TrimSpace(s.Profile + " " + string(s.Sub))}
	for _, f := range s.Findings {
		if f.Detail != "" {
			list = append(list, string(f.Check)+": "+f.Detail)
		}
	}
	if text := strings.Join(list, "; "); text != "" {
		p.text(margin+p.say("技术说明 ", "Technical "), text)
	}
}

// time says what the signature claims, and what is proven and on whose word.
func (p *printer) time(t verify.Time) {
	lead := margin + p.say("时间   ", "Time   ")
	if !t.Proven.IsZero() {
		by := ""
		if t.ProvenBy != "" {
			by = p.say("，由“", ", by “") + t.ProvenBy + p.say("”的时间戳证明，信任类别：", "”, trusted as: ") + trust.Class(t.Class).In(p.lang)
		}
		p.text(lead, p.say("不晚于 ", "not after ")+t.Proven.UTC().Format(time.RFC3339)+by)
		lead = strings.Repeat(" ", wide(lead))
	}
	switch {
	case t.Claimed.IsZero():
	case t.Proven.IsZero():
		p.line("%s%s", lead, t.Claimed.UTC().Format(time.RFC3339)+
			p.say("（签名自称，未经可信时间戳证明）", " (claimed, not proved by a trusted time stamp)"))
	default:
		p.line("%s%s", lead, t.Claimed.UTC().Format(time.RFC3339)+p.say("（签名自称）", " (claimed)"))
	}
}

// kind says what it is: a seal, or the kind of signature its SubFilter names.
func (p *printer) kind(s verify.SignatureReport) string {
	return verify.ProfileText(s.Profile).In(p.lang)
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

// person says who a certificate names, and on the next line who says so.
func (p *printer) person(role string, c *verify.CertSummary) {
	p.line("%s%s%s", margin, role, strings.TrimSpace(c.Name+"  "+c.USCC))
	trusted := p.say("，本机不信任", ", not trusted here")
	if c.Trusted {
		trusted = p.say("，信任类别：", ", trusted as: ") + trust.Class(c.Class).In(p.lang)
	}
	p.line("%s%s%s", margin+strings.Repeat(" ", wide(role)), p.say("颁发者 ", "issued by ")+c.Issuer, trusted)
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
