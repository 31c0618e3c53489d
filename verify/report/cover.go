package report

import (
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"

	"yinxin/layout"
	"yinxin/trust"
	"yinxin/verify"
)

// cover is the first page: what somebody needs who reads no further.
func (p *printed) cover() {
	p.put(style{size: 21, colour: ink, bold: true}, pageLeft, p.say("电子签章核验报告", "Verification report"))
	p.y += 13
	p.banner()
	if p.Error != nil {
		p.write(sentence, pageLeft, pageWide, p.Error.In(p.Lang))
		p.y += 2
	}
	p.file()
	p.trust()
	if len(p.Signatures) > 0 {
		p.list()
	}
	if len(p.pages) == 1 && p.y+legendHeight <= pageBottom {
		p.legend()
	}
}

// banner is the verdict: in words, in a shape and in a colour.
func (p *printed) banner() {
	strong, tint := colours(p.Verdict)
	head, small := style{size: 20, colour: strong, bold: true}, style{size: 10.5, colour: ink}
	const textLeft = pageLeft + 34
	lines := p.lines(small, pageLeft+pageWide-textLeft-6, p.meaning(p.Report))
	height := max(34, 19+float64(len(lines))*small.step()+5)
	top := p.y
	p.add(layout.Box{X: pageLeft, Y: top, Width: pageWide, Height: height, Fill: &tint}, layout.Box{X: pageLeft, Y: top, Width: 1.8, Height: height, Fill: &strong})
	p.add(mark(p.Verdict, pageLeft+18, top+height/2, 9)...)
	p.y = top + 6
	p.put(head, textLeft, p.fit(capital(p.verdict(p.Verdict))))
	p.y += head.step() + 1.5
	for _, l := range lines {
		p.put(small, textLeft, l)
		p.y += small.step()
	}
	p.y = top + height + 7
}

// capital begins a sentence in English.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// file says which file was judged, and when.
func (p *printed) file() {
	size, digest := p.say("未知", "unknown"), p.say("未知", "unknown")
	if p.SM3 != "" {
		size, digest = bytesText(p.Size, p.tongue), p.SM3
	}
	rows := []row{{p.say("文件", "File"), []string{p.fitTo(p.File, maxTitle)}}, {p.say("大小", "Size"), []string{size}}, {p.say("SM3 摘要", "SM3 digest"), []string{digest}}}
	if p.Format != "" {
		rows = append(rows, row{p.say("格式", "Format"), []string{p.Format}})
	}
	if !p.At.IsZero() {
		rows = append(rows, row{p.say("核验时间", "Judged as of"), []string{p.in(verify.Moment(p.At)), p.say("各项检查以这一时间为准。", "All checks were made for this moment.")}})
	}
	for _, r := range rows {
		p.row(pageLeft, labelWide, pageWide, r)
	}
}

func bytesText(n int64, l tongue) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits + l.say(" 字节", " bytes")
}

// trust says whom the judgement trusted.
func (p *printed) trust() {
	lines := []string{p.say("没有给出信任目录：本机不信任任何机构，谁的身份都不能确认。", "Nobody: no trust directory was given, so nobody's identity is established.")}
	if p.IntegrityOnly {
		lines = []string{p.say("没有使用：只核验了完整性。", "None was used: only integrity was judged.")}
	} else if len(p.anchors) > 0 {
		lines = []string{fmt.Sprintf(p.say("给定的信任目录，共 %d 个信任锚：", "The trust directory given, of %d anchors:"), len(p.anchors))}
		for _, a := range p.anchors[:min(len(p.anchors), maxAnchors)] {
			lines = append(lines, p.use(a.Use)+p.say("：", ": ")+a.Name+p.say("（", " (")+p.class(string(a.Class))+p.say("，SM3 指纹 ", ", SM3 fingerprint ")+a.SM3[:16]+p.say("…）", "…)"))
		}
		if more := len(p.anchors) - maxAnchors; more > 0 {
			lines = append(lines, fmt.Sprintf(p.say("另有 %d 个没有列出，见附带的 %s。", "%d more are not listed; see %s, attached."), more, AttachedName))
		}
	}
	p.row(pageLeft, labelWide, pageWide, row{p.say("所依据的信任", "Trust"), lines})
	evidence := p.say("没有联网：只用了文件自带的和信任目录里的吊销资料。", "Offline: revocation evidence in the file and in the trust directory alone.")
	if p.Online {
		evidence = p.say("联网查找了缺少的吊销资料。", "Missing revocation evidence was looked for over the network.")
	}
	p.row(pageLeft, labelWide, pageWide, row{p.say("资料来源", "Evidence"), []string{evidence}})
}

func (l tongue) use(u trust.Use) string {
	switch u {
	case trust.UseMaker:
		return l.say("制章者", "seal makers")
	case trust.UseCA:
		return l.say("签章人和签名人的证书", "signers' certificates")
	case trust.UseTSA:
		return l.say("时间戳", "time stamps")
	case trust.UseTax:
		return l.say("税务机关的发票章", "the tax authority's invoice seals")
	}
	return string(u)
}

// list names the signatures with what each is worth.
func (p *printed) list() {
	p.section(p.say("签章一览", "Seals and signatures"))
	shown := worst(len(p.Signatures), maxListed, func(i int) int { return weight(p.Signatures[i].Verdict) })
	for _, i := range shown {
		s := p.Signatures[i]
		c, _ := colours(s.Verdict)
		name := p.titles(strong, pageWide-38, fmt.Sprintf("%d. %s", i+1, p.kind(s)+p.say("：", ": ")+p.holder(s)))
		said := p.titles(fine, pageWide-38, p.in(Headline(s, p.IntegrityOnly)))
		p.need(float64(len(name))*strong.step() + float64(len(said))*fine.step() + 2)
		p.add(mark(s.Verdict, pageLeft+3.4, p.y+strong.step()/2+0.2, 2.4)...)
		p.add(layout.Text{X: pageLeft + pageWide, Y: p.baseline(strong), String: p.answerWord(s.Verdict), Size: strong.size, Align: layout.Right, Colour: c, Bold: true})
		p.column(pageLeft+9, strong, name)
		p.column(pageLeft+9, fine, said)
		p.y += 2
	}
	if n := len(p.Signatures) - len(shown); n > 0 {
		p.write(fine, pageLeft+9, pageWide-9, fmt.Sprintf(p.say("另有 %d 个没有列在这里；列出的先是不通过的，再是不能确定的。", "%d more are not listed here; those that failed are listed first, then those not established."), n))
	}
}

// column sets lines that are known to fit on the page.
func (s *sheet) column(x float64, t style, lines []string) {
	for _, l := range lines {
		s.put(t, x, l)
		s.y += t.step()
	}
}

// leftOut says of which signatures nothing was said one by one.
func (p *printed) leftOut() {
	shown := map[int]bool{}
	for _, i := range p.cards {
		shown[i] = true
	}
	var rest []int
	for i := range p.Signatures {
		if !shown[i] {
			rest = append(rest, i)
		}
	}
	if len(rest) == 0 {
		return
	}
	p.section(p.say("没有逐个列出的签章", "Signatures not shown one by one"))
	numbers := make([]int, len(rest))
	for k, i := range rest {
		numbers[k] = i + 1
	}
	p.write(body, pageLeft, pageWide, fmt.Sprintf(p.say("为了让报告保持可读，有 %d 个没有逐个列出（%s）：第 %s 个。", "To keep this report readable, %d are not shown one by one (%s): numbers %s."),
		len(rest), p.counts(p.Report, rest), pages(numbers, p.say("、", ", "), p.say(" 至 ", "–")))+p.whereElse())
}

// whereElse says where what is left out can be read.
func (p *printed) whereElse() string {
	if p.whole {
		return p.say("它们都在附带的 "+AttachedName+" 里。", " They are in "+AttachedName+", attached.")
	}
	return p.say("用 yinxin verify --json 可以看到。", " yinxin verify --json shows them.")
}

// unchecked says plainly what this report does not answer.
func (p *printed) unchecked() {
	p.section(p.say("没有核验的内容", "What was not checked"))
	list := p.tongue.unchecked(p.Report, p.cards)
	if !p.whole {
		list = append(list, p.say("给程序读的报告太大，没有附在这份文件里。", "The report for programs is too large and is not attached to this file."))
	}
	for _, text := range list {
		p.marked(body, func(x, y, r float64) []layout.Item { return mark(verify.NotJudged, x, y, r*0.8) }, text)
	}
}

// legendHeight is at least what the legend takes, mm.
const legendHeight = 48

// legend explains the shapes, in two columns, and the rest of what a reader may ask: on the first page, or at the end where there is no room.
func (p *printed) legend() {
	if p.explained {
		return
	}
	p.explained = true
	p.need(legendHeight)
	p.section(p.say("怎样读这份报告", "How to read this report"))
	step := body.step() + 0.8
	top := p.y
	for i, x := range []struct {
		verdict verify.Verdict
		text    string
	}{
		{verify.Passed, p.say("检查通过。", "The check passed.")},
		{verify.Failed, p.say("检查不通过，不要相信。", "The check failed: do not rely on it.")},
		{verify.Indeterminate, p.say("不能确定，不能当作有效。", "Not established: not to be taken as valid.")},
		{verify.NotJudged, p.say("没有核验。", "Not judged.")},
		{"", p.say("值得注意，但不改变结论。", "To be looked at; the verdict stays.")},
	} {
		left := pageLeft + pageWide/2*float64(i%2)
		p.y = top + step*float64(i/2)
		shape := mark(x.verdict, left+2.2, p.y+body.step()/2, 1.6)
		if x.verdict == "" {
			shape = levelShape(verify.Finding{Level: verify.Warn}, left+2.2, p.y+body.step()/2, 1.6)
		}
		p.add(shape...)
		p.put(body, left+6.5, p.fit(x.text))
	}
	p.y = top + 3*step + 1
	text := p.say("印章的图像取自印章本身，只供对照，不是加盖在这份报告上的印章。形如〔U+0378〕的文字表示字体里没有的字符。",
		"Pictures of seals come from the seals themselves, for comparison; they do not seal this report. Text such as 〔U+0378〕 stands for a character that no font here draws.")
	if p.whole {
		text += p.say("给程序读的同一份报告附在这份文件里，名为 "+AttachedName+"。", " The same report for programs is attached to this file as "+AttachedName+".")
	}
	p.write(fine, pageLeft, pageWide, text)
}
