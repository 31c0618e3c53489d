package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"yinxin/document"
	"yinxin/layout"
	"yinxin/verify"
)

// Geometry of a card, mm: the column of the seal's picture, and the largest side at which one is drawn at its own size.
const (
	pictureWide = 49.0
	pictureMost = 45.0
	cardLabel   = 20.0 // the column of labels
)

// card sets everything that is known of one signature.
func (p *printed) card(i int) {
	s := p.Signatures[i]
	t := p.tongue.signature(s, p.IntegrityOnly)
	p.y += 7
	p.need(100)
	p.cardHead(i, s, t)
	p.aspects(s.Aspects)
	left, bottom, page := pageLeft, 0.0, 0
	if s.Seal != nil {
		p.need(pictureMost + 14)
		bottom, page = p.picture(s.Seal.Picture, p.y), len(p.pages)
		left += pictureWide + 4
	}
	for _, r := range p.particulars(s) {
		p.row(left, cardLabel, pageLeft+pageWide-left, r)
	}
	if len(p.pages) == page {
		p.y = max(p.y, bottom)
	}
	p.findings(s, t)
}

// cardHead is the number, the name and the verdict of a signature, in the verdict's colour.
func (p *printed) cardHead(i int, s verify.SignatureReport, t said) {
	strong, tint := colours(s.Verdict)
	const x = pageLeft + 16
	name := style{size: 12, colour: ink, bold: true}
	width := pageWide - 16 - 4
	title, said := p.titles(name, width, fmt.Sprintf("%d. %s", i+1, t.title)), p.titles(sentence, width, t.headline)
	word := style{size: 10.5, colour: strong, bold: true}
	height := float64(len(title))*name.step() + float64(len(said))*sentence.step() + word.step() + 6
	p.add(layout.Box{X: pageLeft, Y: p.y, Width: pageWide, Height: height, Fill: &tint}, layout.Box{X: pageLeft, Y: p.y, Width: 1.2, Height: height, Fill: &strong})
	p.add(mark(s.Verdict, pageLeft+8.6, p.y+height/2, 4.2)...)
	end := p.y + height
	p.y += 3
	p.column(x, name, title)
	p.put(word, x, p.fit(capital(p.verdict(s.Verdict))))
	p.y += word.step()
	p.column(x, sentence, said)
	p.y = end + 3
}

// aspects sets the four answers side by side.
func (p *printed) aspects(a verify.Aspects) {
	const column = pageWide / 4
	for k, answer := range p.answers(a) {
		c, _ := colours(answer.Verdict)
		x, y := pageLeft+column*float64(k), p.y
		p.add(mark(answer.Verdict, x+4, y+5, 2.5)...)
		p.put(fine, x+9, answer.name)
		p.y += fine.step()
		p.put(style{size: 10, colour: c, bold: true}, x+9, p.answerWord(answer.Verdict))
		p.y = y
	}
	p.y += 12.4
	p.rule(0.15, hair)
	p.y += 3
}

// picture draws what is in the seal at its own size, or smaller and says so; what cannot be shown is said. It returns where it ends.
func (p *printed) picture(pic verify.SealPicture, top float64) float64 {
	width, height := float64(pic.Width), float64(pic.Height)
	shown := p.gallery.show(pic)
	if shown.png != nil && (width <= 0 || height <= 0) {
		shown = exhibit{why: verify.Text{ZH: "印章没有写明图像的尺寸，不能显示。", EN: "The seal does not give a size for its picture, which cannot be shown."}}
	}
	caption, frame := p.in(shown.why), 0.0
	if shown.png != nil {
		frame = pictureMost + 4
		p.add(layout.Box{X: pageLeft, Y: top, Width: pictureWide, Height: frame, Stroke: 0.15, Colour: hair})
		scale := min(1, pictureMost/math.Max(width, height))
		w, h := max(width*scale, 0.5), max(height*scale, 0.5)
		p.add(layout.Picture{X: pageLeft + (pictureWide-w)/2, Y: top + (frame-h)/2, Width: w, Height: h, PNG: shown.png})
		p.add(layout.Text{X: pageLeft + pictureWide/2, Y: top + frame/2 - 7.1, String: p.say("仅供对照", "COPY"), Size: 7.5, Align: layout.Centre, Spacing: 0.4, Colour: grey})
		caption = p.say("印章里的图像，", "Picture in the seal, ") + p.scaled(pic, scale)
	}
	y := p.y
	p.y = top + frame + 1.2
	p.column(pageLeft, fine, p.lines(fine, pictureWide, caption))
	bottom := p.y + 2
	p.y = y
	return bottom
}

func (p *printed) scaled(pic verify.SealPicture, scale float64) string {
	size := fmt.Sprintf("%d × %d mm", pic.Width, pic.Height)
	if scale == 1 {
		return size + p.say(" 原大", " at its own size")
	}
	return size + fmt.Sprintf(p.say("，缩小到 %.2g%%", ", reduced to %.2g%%"), scale*100)
}

// particulars is all that is known of the seal and who is behind it, in more detail than words for a terminal.
func (p *printed) particulars(s verify.SignatureReport) (out []row) {
	if seal := s.Seal; seal != nil {
		out = append(out, row{p.say("印章", "Seal"), []string{seal.Name, p.say("编号 ", "code ") + seal.ID,
			p.say("有效期自 ", "valid from ") + p.in(verify.Moment(seal.Start)), p.say("有效期至 ", "valid to ") + p.in(verify.Moment(seal.End)),
			fmt.Sprintf(p.say("结构版本 %d，类型 %d，制作时间 %s（印章自称）", "generation %d, type %d, made %s (as the seal says)"), seal.Version, seal.Type, p.in(verify.Moment(seal.Created)))}})
	}
	if s.Signer != nil {
		out = append(out, p.holderOf(p.say(signer(s), "Signer"), s.Signer))
	}
	if s.Maker != nil {
		out = append(out, p.holderOf(p.say("制章者", "Maker"), s.Maker))
	}
	if s.Time != nil {
		lines := p.time(*s.Time)
		if source := p.source(s.Time.Source); source != "" && !s.Time.Claimed.IsZero() {
			lines = append(lines, p.say("自称的时间来自", "the claimed time comes from ")+source)
		}
		out = append(out, row{p.say("时间", "Time"), lines})
	}
	for _, t := range s.Timestamps {
		out = append(out, row{p.say("时间戳", "Time stamp"), p.token(t)})
	}
	out = append(out, row{p.say("位置", "Place"), p.places(s.Places)})
	return append(out, row{p.say("保护范围", "Protects"), p.coverage(s)})
}

// holderOf is person with what identifies the certificate.
func (p *printed) holderOf(role string, c *verify.CertSummary) row {
	r := p.person(role, c)
	r.lines = append(r.lines, p.say("证书序列号 ", "certificate serial ")+c.Serial, p.say("证书 SM3 指纹：", "certificate SM3 fingerprint:"))
	half := len(c.Fingerprint) / 2 // two lines alike are compared more easily
	r.lines = append(r.lines, c.Fingerprint[:half], c.Fingerprint[half:])
	return r
}

// source says where a claimed time stands.
func (l tongue) source(name string) string {
	switch name {
	case "":
		return ""
	case "timeInfo":
		return l.say("签章数据（timeInfo）", "the seal signature (timeInfo)")
	case "signingTime":
		return l.say("签名的说明项（signingTime）", "a signed attribute (signingTime)")
	case "M":
		return l.say("文件里的签名记录（M）", "the file's record of the signature (M)")
	}
	return name
}

// token says what one time stamp is worth.
func (p *printed) token(t verify.TokenReport) []string {
	over := map[verify.Stamped]string{verify.StampsSignature: p.say("盖在签名上", "over the signature"), verify.StampsSeal: p.say("盖在印章上", "over the seal"),
		verify.StampsDocument: p.say("盖在整份文件上", "over the document"), verify.StampsContent: p.say("写在签名之内", "inside what was signed")}[t.Over]
	when := p.say("时间无法读取", "of no readable time")
	if !t.Time.IsZero() {
		when = p.in(verify.Moment(t.Time))
	}
	worth := p.say("，不作为证明", ", proves nothing")
	if t.Proves {
		worth = p.say("，可以作为证明", ", counts as proof")
	}
	lines := []string{when + worth, over}
	if a := t.Authority; a != nil {
		lines = append(lines, p.person("", a).lines...)
	}
	return lines
}

// places says on which pages a signature shows, and where there.
func (p *printed) places(list []document.Place) []string {
	if len(list) == 0 {
		return []string{p.say("页面上不显示", "not shown on any page")}
	}
	lines := []string{p.in(places(list))}
	for _, x := range list[:min(len(list), maxPlaces)] {
		lines = append(lines, fmt.Sprintf(p.say("第 %d 页，中心距左边 %.1f mm、距上边 %.1f mm，%.1f × %.1f mm", "page %d, centre %.1f mm from the left and %.1f mm from the top, %.1f × %.1f mm"),
			x.Page, x.X, x.Y, x.Width, x.Height))
	}
	if more := len(list) - maxPlaces; more > 0 {
		lines = append(lines, fmt.Sprintf(p.say("另有 %d 处没有列出", "%d more are not listed"), more))
	}
	return lines
}

// coverage says what of the file the signature protects, and what was done to it later.
func (p *printed) coverage(s verify.SignatureReport) []string {
	lines := []string{p.say("文件的全部内容", "all of the file")}
	switch {
	case s.Coverage == document.CoversFile:
	case s.Coverage == document.CoversRevision && listsFiles(s):
		lines = []string{p.say("显示文件所用的全部内容；之后可以再加签章。", "all that showing the file uses; others may follow this signature.")}
	case s.Coverage == document.CoversRevision:
		lines = []string{p.say("此签名保护的是文件较早的一版，之后还有内容加入。", "This signature protects an earlier revision; more was added later.")}
	default:
		lines = []string{p.say("不是全部内容，或者不能确定", "not all of it, or it cannot be told")}
	}
	changes := slices.DeleteFunc(slices.Clone(s.Changes.List), func(c document.Change) bool { return c.Level.Rank() == document.LevelNone.Rank() })
	if len(changes) > 0 {
		return append(lines, p.say("之后的改动：", "later changes: ")+p.in(verify.DescribeChanges(changes)))
	}
	return append(lines, p.say("之后没有改动", "nothing was changed afterwards"))
}

// findings sets what was found, what to do, who is not trusted and what technicians need.
func (p *printed) findings(s verify.SignatureReport, t said) {
	p.y++
	p.subheading(p.say("核验发现", "Findings"))
	if len(t.remarks) == 0 {
		p.write(body, pageLeft, pageWide, p.say("没有需要说明的事项。", "Nothing to report."))
	}
	kept := fitting(t.remarks)
	for _, k := range kept {
		r := t.remarks[k]
		p.marked(body, func(x, y, size float64) []layout.Item { return levelShape(r.Finding, x, y, size) }, r.coded()+p.levelWord(r.Finding))
	}
	if n := len(t.remarks) - len(kept); n > 0 {
		p.write(fine, pageLeft+6.5, pageWide-6.5, fmt.Sprintf(p.say("另有 %d 项发现没有列出。", "%d more findings are left out."), n)+p.whereElse())
	}
	if len(t.advice) > 0 {
		p.subheading(p.say("怎么办", "What to do"))
		for _, a := range t.advice[:min(len(t.advice), maxListed)] {
			p.marked(body, arrow, a)
		}
	}
	if len(t.missing) > 0 {
		p.subheading(p.say("本机尚未信任", "Not trusted here"))
		for _, m := range t.missing {
			p.need(body.step() + float64(len(m))*fine.step())
			p.marked(body, arrow, m[0])
			for _, l := range m[1:] {
				p.write(fine, pageLeft+6.5, pageWide-6.5, l)
			}
			p.y++
		}
	}
	p.y += 0.6
	p.write(fine, pageLeft, pageWide, p.say("技术说明 ", "Technical ")+s.ID+"; "+t.technical)
}

// fitting picks the findings that are printed: those that decide first, until there is too much text.
func fitting(list []remark) []int {
	rank := func(i int) int {
		return map[verify.Level]int{verify.Warn: 10, verify.Inform: 20}[list[i].Level] + weight(list[i].Verdict)
	}
	room, kept := maxFindings, 0
	for _, i := range ranked(len(list), rank) {
		if room -= min(len(list[i].text), 3*maxText) + 100; room < 0 {
			break
		}
		kept++
	}
	return worst(len(list), kept, rank)
}

// levelWord says what a finding weighs.
func (l tongue) levelWord(f verify.Finding) string {
	switch f.Level {
	case verify.Fail:
		return " " + strings.TrimSpace(l.say("决定结论：", "decides: ")+l.answerWord(f.Verdict))
	case verify.Warn:
		return l.say(" 提醒", " warning")
	}
	return l.say(" 说明", " for information")
}

func (p *printed) subheading(text string) {
	p.need(16)
	p.y += 1.4
	p.put(strong, pageLeft, text)
	p.y += strong.step() + 0.6
}

// arrow points at what to do.
func arrow(x, y, r float64) []layout.Item {
	return []layout.Item{layout.Shape{Outline: layout.PolygonOutline([][2]float64{{x - 0.5*r, y - 0.7*r}, {x + 0.7*r, y}, {x - 0.5*r, y + 0.7*r}}), Fill: ink}}
}
