package report

import (
	"fmt"
	"slices"

	"yinxin/doctype"
	"yinxin/layout"
	"yinxin/verify"
)

// paper is what both reports say of what a document is and says.
type paper struct {
	title, headline string
	rows            []row // what it says
	remarks         []remark
	advice          []string
}

// maxFields bounds the fields shown; no document of a known type has as many.
const maxFields = 40

func (l tongue) document(d *verify.DocumentReport) paper {
	out := paper{title: l.in(verify.Text(d.Type.Words())) + l.say("：", ": ") + l.certainty(d), headline: l.in(DocumentHeadline(d))}
	for _, f := range d.Fields[:min(len(d.Fields), maxFields)] {
		out.rows = append(out.rows, row{l.in(verify.Text(f.Label)), []string{f.Value}})
	}
	for _, f := range d.Findings {
		out.remarks = append(out.remarks, remark{f, l.in(f.Message)})
		if next := l.in(f.Next); next != "" && !slices.Contains(out.advice, next) && (f.Level != verify.Fail || f.Verdict == d.Verdict) {
			out.advice = append(out.advice, next)
		}
	}
	return out
}

// certainty says by what the type was told.
func (l tongue) certainty(d *verify.DocumentReport) string {
	why := l.in(d.Why)
	if why != "" {
		why = l.say("（", " (") + why + l.say("）", ")")
	}
	switch d.Certainty {
	case doctype.Told:
		return l.say("按所指定的类型核对", "as you said") + why
	case doctype.Certain:
		return l.say("文件内的数据写明", "its data says so") + why
	}
	return l.say("从文字看像是", "its words suggest so") + why
}

// DocumentHeadline says in one sentence how a document agrees with itself and with who sealed it. It never says more than the verdict.
func DocumentHeadline(d *verify.DocumentReport) verify.Text {
	switch d.Verdict {
	case verify.Passed:
		return verify.Text{ZH: "按这类文件的规则核对，没有发现矛盾。", EN: "Held against the rules for such documents, it shows no contradiction."}
	case verify.Failed:
		return verify.Text{ZH: "文件内容自相矛盾，或与签章人不符，不要相信。", EN: "The document contradicts itself or who sealed it: do not rely on it."}
	}
	if d.Verdict == verify.NotJudged {
		return verify.Text{ZH: "按这类文件的规则没有发现矛盾，但没有成立的签章保证这些内容，不能据此相信。", EN: "It shows no contradiction, but no seal that holds vouches for what it says: do not rely on it."}
	}
	return verify.Text{ZH: "有的规则无法核对，不能据此确认文件内容。", EN: "Some rules could not be held against it, so its content is not established."}
}

// document writes what the document is and says, before who signed it.
func (p *printer) document(d *verify.DocumentReport) {
	t := p.tongue.document(d)
	p.line("  %s %s", Mark(d.Verdict), t.title)
	p.text(margin, t.headline)
	column := labelled
	for _, r := range t.rows {
		column = max(column, min(wide(r.label)+1, 2*labelled))
	}
	for _, r := range t.rows {
		lead := margin + r.label + fmt.Sprintf("%*s", max(column-wide(r.label), 1), "")
		p.text(lead, r.lines[0])
	}
	for _, r := range t.remarks {
		p.text(margin+levelMark(r.Finding)+" ", r.coded())
	}
	for _, next := range t.advice {
		p.text(margin+"→ ", next)
	}
}

// document sets the same on pages.
func (p *printed) document(d *verify.DocumentReport) {
	t := p.tongue.document(d)
	p.section(p.say("文件内容", "What the document says"))
	strongest, _ := colours(d.Verdict)
	p.marked(style{size: body.size, colour: strongest, bold: true}, func(x, y, size float64) []layout.Item { return mark(d.Verdict, x, y, size) }, t.title)
	p.write(sentence, pageLeft+6.5, pageWide-6.5, t.headline)
	p.y++
	for _, r := range t.rows {
		p.row(pageLeft, fieldWide, pageWide, r)
	}
	for _, k := range fitting(t.remarks) {
		r := t.remarks[k]
		p.marked(body, func(x, y, size float64) []layout.Item { return levelShape(r.Finding, x, y, size) }, r.coded()+p.levelWord(r.Finding))
	}
	for _, a := range t.advice[:min(len(t.advice), maxListed)] {
		p.marked(body, arrow, a)
	}
}

// fieldWide is the column of a document's labels, mm.
const fieldWide = 38.0

// Paper is what is said of what a document is and says, for whoever shows it in a form of their own.
type Paper struct {
	Verdict         verify.Verdict
	Title, Headline string
	Word            string // the verdict in one word
	Rows            []Row
	Remarks         []Remark
	Advice          []string
}

func (l tongue) paperOf(d *verify.DocumentReport) *Paper {
	if d == nil {
		return nil
	}
	t := l.document(d)
	out := &Paper{Verdict: d.Verdict, Title: t.title, Headline: t.headline, Word: capital(l.answerWord(d.Verdict)), Advice: t.advice}
	for _, r := range t.rows {
		out.Rows = append(out.Rows, Row{r.label, r.lines})
	}
	for _, k := range fitting(t.remarks) {
		m := t.remarks[k]
		out.Remarks = append(out.Remarks, Remark{m.text, m.Level, m.Verdict})
	}
	return out
}
