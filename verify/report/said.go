package report

import (
	"fmt"
	"slices"
	"strings"

	"yinxin/document"
	"yinxin/trust"
	"yinxin/verify"
)

// tongue is a language, "zh" or "en". What is said of a signature is put together once, here, and shown twice: as lines for a terminal, and on pages.
type tongue string

func (l tongue) say(zh, en string) string {
	if l == "zh" {
		return zh
	}
	return en
}

func (l tongue) in(t verify.Text) string { return t.In(string(l)) }

// row is what is known under one heading.
type row struct {
	label string
	lines []string
}

// remark is one finding in one language.
type remark struct {
	verify.Finding
	text string
}

// said is what both reports say of one signature.
type said struct {
	title, headline string
	rows            []row // who, when, where
	earlier         string
	remarks         []remark
	advice          []string
	missing         [][]string // who would have to be trusted: a line that names it, and lines on how
	technical       string
}

func (l tongue) signature(s verify.SignatureReport, integrityOnly bool) said {
	out := said{title: l.kind(s) + l.say("：", ": ") + l.holder(s), headline: l.in(Headline(s, integrityOnly)), technical: technical(s)}
	if s.Signer != nil {
		out.rows = append(out.rows, l.person(l.say(signer(s), "Signer"), s.Signer))
	}
	if s.Maker != nil {
		out.rows = append(out.rows, l.person(l.say("制章者", "Maker"), s.Maker))
	}
	if s.Time != nil {
		out.rows = append(out.rows, row{l.say("时间", "Time"), l.time(*s.Time)})
	}
	if shown := l.in(places(s.Places)); shown != "" {
		out.rows = append(out.rows, row{l.say("位置", "Place"), []string{shown}})
	}
	if s.Coverage == document.CoversRevision && !listsFiles(s) {
		out.earlier = l.say("此签名保护的是文件较早的一版，之后还有内容加入。", "This signature protects an earlier revision; more was added later.")
	}
	for _, f := range s.Findings {
		out.remarks = append(out.remarks, remark{f, l.in(f.Message)})
	}
	out.advice, out.missing = l.advice(s), l.missing(s)
	return out
}

// listsFiles reports a signature of an OFD, which lists what it protects. There are no earlier revisions then.
func listsFiles(s verify.SignatureReport) bool {
	return s.Profile == document.TypeSeal || s.Profile == document.TypeSign
}

// kind says what it is: a seal, or the kind of signature its SubFilter names.
func (l tongue) kind(s verify.SignatureReport) string { return l.in(verify.ProfileText(s.Profile)) }

func (l tongue) holder(s verify.SignatureReport) string {
	switch {
	case s.Seal != nil:
		return s.Seal.Name + l.say("（编号 ", " (code ") + s.Seal.ID + l.say("）", ")")
	case s.Signer != nil:
		return s.Signer.Name
	}
	return s.ID
}

// person says who a certificate names, and on the next line who says so.
func (l tongue) person(role string, c *verify.CertSummary) row {
	trusted := l.say("，本机不信任", ", not trusted here")
	if c.Trusted {
		trusted = l.say("，信任类别：", ", trusted as: ") + l.class(c.Class)
	}
	return row{role, []string{strings.TrimSpace(c.Name + "  " + c.USCC), l.say("颁发者 ", "issued by ") + c.Issuer + trusted}}
}

func (l tongue) class(c string) string { return trust.Class(c).In(string(l)) }

// time says what is proven and on whose word, then what the signature claims.
func (l tongue) time(t verify.Time) (lines []string) {
	if !t.Proven.IsZero() {
		by := ""
		if t.ProvenBy != "" {
			by = l.say("，由“", ", by “") + t.ProvenBy + l.say("”的时间戳证明，信任类别：", "”, trusted as: ") + l.class(t.Class)
		}
		lines = append(lines, l.say("不晚于 ", "not after ")+l.in(verify.Moment(t.Proven))+by)
	}
	if t.Claimed.IsZero() {
		return lines
	}
	claim := l.say("（签名自称）", " (claimed)")
	if t.Proven.IsZero() {
		claim = l.say("（签名自称，未经可信时间戳证明）", " (claimed, not proved by a trusted time stamp)")
	}
	return append(lines, l.in(verify.Moment(t.Claimed))+claim)
}

// advice is what to do about what decided, each piece once. Whom to trust is said apart, by missing.
func (l tongue) advice(s verify.SignatureReport) (out []string) {
	for _, f := range s.Findings {
		next := l.in(f.Next)
		if next == "" || f.Level == verify.Fail && f.Verdict != s.Verdict || missingOf(s, f.Check) != nil || slices.Contains(out, next) {
			continue
		}
		out = append(out, next)
	}
	return out
}

// technical gives those who look after the software what they need, in one paragraph that others may pass over.
func technical(s verify.SignatureReport) string {
	list := []string{strings.TrimSpace(s.Profile + " " + string(s.Sub))}
	for _, f := range s.Findings {
		if f.Detail != "" {
			list = append(list, string(f.Check)+": "+f.Detail)
		}
	}
	return strings.Join(list, "; ")
}

// answer is one of the four questions that are answered apart.
type answer struct {
	name string
	verify.Verdict
}

func (l tongue) answers(a verify.Aspects) [4]answer {
	return [4]answer{
		{l.say("完整性", "Integrity"), a.Integrity}, {l.say("证书与印章", "Certificate and seal"), a.Certificate},
		{l.say("身份信任", "Identity trust"), a.Identity}, {l.say("吊销", "Revocation"), a.Revocation},
	}
}

func (l tongue) verdict(v verify.Verdict) string {
	switch v {
	case verify.Passed:
		return l.say("核验通过", "the checks passed")
	case verify.Failed:
		return l.say("核验失败，不要相信", "the checks failed: do not rely on it")
	case verify.Indeterminate:
		return l.say("无法得出结论，不能当作有效", "no conclusion: not to be taken as valid")
	case verify.Unsigned:
		return l.say("没有签章", "not signed")
	}
	return l.say("无法读取", "unreadable")
}

// onlyIntegrity warns that the question most people ask was not.
func (l tongue) onlyIntegrity() string {
	return l.say("只核验了完整性：未核验信任、吊销、时间和算法年限，不能据此确认是谁签的。",
		"Only integrity was judged: trust, revocation, time and algorithm age were not, so this does not say who signed.")
}

// coded is a finding's sentence with its code.
func (r remark) coded() string { return fmt.Sprintf("%s [%s]", r.text, r.Check) }
