package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"yinxin/verify"
)

// Shown is what is said of a file in one language, for whoever shows it in a form of their own, such as a page on a screen.
type Shown struct {
	Verdict   verify.Verdict
	Title     string   // the verdict in words
	Meaning   string   // what it is and is not
	Error     string   // why the file is unreadable
	Document  *Paper   // what it is and says; nil where no type with rules was recognised
	Cards     []Card   // one for each signature, the worst where there are too many
	LeftOut   int      // signatures without a card
	Unchecked []string // what the verdict does not answer
	Judged    string   // the moment it was judged for; empty where it was not
	Trusted   []Row    // who was trusted, by use
}

// Card is what is said of one signature.
type Card struct {
	Number    int // in the file, from 1
	Verdict   verify.Verdict
	Word      string // the verdict in one word
	Title     string
	Headline  string
	Answers   [4]Answer
	Rows      []Row // who, when, where
	Remarks   []Remark
	Advice    []string
	Missing   [][]string // who would have to be trusted: a line that names it, and lines on how
	Technical string
	Picture   []byte // PNG of the picture in the seal, made anew from its hostile bytes; nil where there is none to show
	NoPicture string // why
}

// Answer is one of the four questions that are answered apart.
type Answer struct {
	Name, Word string
	verify.Verdict
}

// Row is what is known under one heading.
type Row struct {
	Label string
	Lines []string
}

// Remark is one finding.
type Remark struct {
	Text  string
	Level verify.Level
	verify.Verdict
}

// Show puts into words what Words and PDF say of a file. Of the options it takes the language and the anchors.
func Show(r verify.Report, o Options) Shown {
	l := tongue(o.Lang)
	cards := worst(len(r.Signatures), maxCards, func(i int) int { return weight(r.Signatures[i].Verdict) })
	out := Shown{Verdict: r.Verdict, Title: capital(l.verdict(r.Verdict)), Meaning: l.meaning(r), LeftOut: len(r.Signatures) - len(cards), Unchecked: l.unchecked(r, cards)}
	if r.Error != nil {
		out.Error = capital(verify.Clean(r.Error.In(o.Lang)))
	}
	out.Document = l.paperOf(r.Document)
	pictures := newGallery()
	for _, i := range cards {
		out.Cards = append(out.Cards, l.cardOf(r, i, &pictures))
	}
	if !r.At.IsZero() {
		out.Judged = l.in(verify.Moment(r.At))
	}
	for _, a := range Anchors(o.Anchors) {
		out.Trusted = append(out.Trusted, Row{l.use(a.Use), []string{a.Name + l.say("（", " (") + l.class(string(a.Class)) + l.say("）", ")"), "SM3 " + a.SM3}})
	}
	return out
}

func (l tongue) cardOf(r verify.Report, i int, pictures *gallery) Card {
	s := r.Signatures[i]
	said := l.signature(s, r.IntegrityOnly)
	c := Card{Number: i + 1, Verdict: s.Verdict, Word: capital(l.answerWord(s.Verdict)), Title: said.title, Headline: said.headline, Advice: said.advice, Missing: said.missing, Technical: said.technical}
	for k, a := range l.answers(s.Aspects) {
		c.Answers[k] = Answer{a.name, l.answerWord(a.Verdict), a.Verdict}
	}
	for _, r := range said.rows {
		c.Rows = append(c.Rows, Row{r.label, r.lines})
	}
	for _, k := range fitting(said.remarks) {
		m := said.remarks[k]
		c.Remarks = append(c.Remarks, Remark{m.text, m.Level, m.Verdict})
	}
	if said.earlier != "" {
		c.Remarks = append(c.Remarks, Remark{Text: said.earlier, Level: verify.Inform})
	}
	if s.Seal != nil {
		shown := pictures.show(s.Seal.Picture)
		c.Picture, c.NoPicture = shown.png, l.in(shown.why)
	}
	return c
}

// meaning says what the verdict of a file is and is not.
func (l tongue) meaning(r verify.Report) string {
	var out string
	switch r.Verdict {
	case verify.Passed:
		out = l.say("在下面所列的信任之下，各项检查都通过了。", "The checks passed under the trust named below.")
	case verify.Failed:
		out = l.say("至少有一个签章没有通过检查，原因见后。", "At least one signature failed; the reasons follow.")
		if !slices.ContainsFunc(r.Signatures, func(s verify.SignatureReport) bool { return s.Verdict == verify.Failed }) {
			out = l.say("文件内容自相矛盾，或与签章人不符，原因见后。", "The document contradicts itself or who sealed it; the reasons follow.")
		}
	case verify.Indeterminate:
		out = l.say("现有的资料不足以得出结论，原因和办法见后。", "What is known here does not suffice for a conclusion; reasons and what to do follow.")
	case verify.Unsigned:
		out = l.say("文件里没有任何签章或签名，因此没有什么可以核验。", "The file holds no seal and no signature, so there is nothing to verify.")
	default:
		out = l.say("文件无法读取，没有作出任何核验。", "The file cannot be read; nothing was verified.")
	}
	if n := len(r.Signatures); n > 0 {
		all := worst(n, n, func(int) int { return 0 })
		out += fmt.Sprintf(l.say("共有 %d 个签章或签名：", " Seals and signatures: %d, of these "), n) + l.counts(r, all) + l.say("。", ".")
	}
	if r.IntegrityOnly && len(r.Signatures) > 0 {
		out += l.say("", " ") + l.onlyIntegrity()
	}
	return out + l.say("结论代码 ", " Code ") + string(r.Verdict) + l.say("。", ".")
}

// counts says how many signatures have which verdict.
func (l tongue) counts(r verify.Report, of []int) string {
	n := map[verify.Verdict]int{}
	for _, i := range of {
		n[r.Signatures[i].Verdict]++
	}
	var out []string
	for _, v := range []verify.Verdict{verify.Failed, verify.Indeterminate, verify.Passed} {
		if n[v] > 0 {
			out = append(out, l.answerWord(v)+" "+strconv.Itoa(n[v]))
		}
	}
	return strings.Join(out, l.say("，", ", "))
}

// unchecked says plainly what a report does not answer: of all, and of the signatures it shows one by one.
func (l tongue) unchecked(r verify.Report, cards []int) []string {
	list := []string{
		l.say("这份报告不认定法律效力：它只说明在所列的信任之下，各项技术检查的结果。", "Legal effect: this report only gives the results of technical checks under the trust named."),
		l.say("没有核验文件所写的内容是否属实，也没有核验签署的人在其单位内是否得到授权。", "Whether what the file says is true, and whether who signed was entitled to within their organisation."),
		l.say("没有向制章者或备案机关查询印章现在是否挂失、停用或缴销；这里只用了证书的吊销资料。", "Whether a seal was reported lost, suspended or cancelled: its maker was not asked. Only the revocation of certificates was looked at."),
	}
	for _, i := range cards {
		if open := l.notJudged(r.Signatures[i].Aspects); open != "" && len(list) < 3+maxListed {
			list = append(list, fmt.Sprintf(l.say("第 %d 个签章或签名没有核验：%s。", "Of signature %d these were not judged: %s."), i+1, open))
		}
	}
	return list
}

func (l tongue) notJudged(a verify.Aspects) string {
	var out []string
	for _, a := range l.answers(a) {
		if a.Verdict == verify.NotJudged {
			out = append(out, a.name)
		}
	}
	return strings.Join(out, l.say("、", ", "))
}
