package main

import (
	"fmt"
	"strings"

	"yinxin/seal"
)

// sheet is lines of a label and what it labels, printed with the labels in one column.
type sheet struct {
	app   *app
	lines [][2]string
}

func (w *sheet) add(zh, en, format string, args ...any) {
	w.lines = append(w.lines, [2]string{w.app.say(zh, en), fmt.Sprintf(format, args...)})
}

// columns is how many columns of a terminal text takes: Chinese characters and their punctuation take two.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x2e80 {
			n++
		}
	}
	return n
}

func (w *sheet) print() error {
	widest := 0
	for _, l := range w.lines {
		widest = max(widest, columns(l[0]))
	}
	for _, l := range w.lines {
		line := l[0] + strings.Repeat(" ", widest-columns(l[0])) + "  " + l[1]
		if _, err := fmt.Fprintln(w.app.out, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

// printShown says in words what --json says.
func (a *app) printShown(v shownFile) error {
	w := sheet{app: a}
	if v.Signature != nil {
		w.signature(v.Signature)
	}
	w.seal(v.Seal)
	return w.print()
}

func (w *sheet) seal(v sealView) {
	a := w.app
	w.add("印章名称", "Seal", "%s", v.Name)
	w.add("印章编码", "Code", "%s", v.ID)
	w.add("类型", "Type", "%s", w.kind(v))
	w.add("结构", "Structure", "v%d %s", v.Version, v.Standard)
	w.add("头信息", "Header", "%s, version %d, Vid %s", v.Header.ID, v.Header.Version, v.Header.Vid)
	w.add("制作时间", "Created", "%s", inChina(v.Created))
	w.add("有效期", "Period", a.say("%s 至 %s（%s）", "%s to %s (%s)"), inChina(v.Start), inChina(v.End), w.period(v.Period))
	w.picture(v.Picture)
	w.list(v.List)
	w.cert(a.say("制章者", "Maker"), v.Maker)
	w.fits("制章签名", "Maker's signature", v.MakerSignature, v.MakerError, v.Algorithm)
	w.timeStamp(v.TimeStamp)
	w.extensions(v.Extensions)
	w.add("印章 SM3", "SM3 of the seal", a.say("%s（%d 字节）", "%s (%d bytes)"), v.SM3, v.Bytes)
	w.notes(v.Problems, v.Deviations)
}

func (w *sheet) signature(v *signatureView) {
	a := w.app
	w.add("签章", "Seal signature", "TBS_Sign version %d", v.Version)
	when := a.say("无法读取", "cannot be read")
	if !v.Time.IsZero() {
		when = inChina(v.Time)
	}
	if v.TimeText != "" {
		when += " [" + v.TimeText + "]"
	}
	w.add("签章时间", "Signed at", a.say("%s（签章人自称）", "%s (as the signer claims)"), when)
	w.add("保护对象", "Protects", "%s", v.Property)
	w.add("原文摘要", "Digest of content", "%s", v.DataHash)
	w.cert(a.say("签章人", "Signer"), v.Signer)
	w.add("在印章名单内", "Listed in the seal", "%s", map[string]string{"yes": a.say("是", "yes"), "no": a.say("✘ 否", "✘ no"),
		"unknown": a.say("无法核对", "cannot be checked")}[v.Listed])
	w.fits("签名值", "Signature value", v.SignatureFits, v.Error, v.Algorithm)
	w.timeStamp(v.TimeStamp)
	w.extensions(v.Extensions)
	w.add("签章 SM3", "SM3 of the signature", a.say("%s（%d 字节）", "%s (%d bytes)"), v.SM3, v.Bytes)
	w.notes(v.Problems, v.Deviations)
	w.add("", "", "")
}

// kind says what the type number means to those who number so.
func (w *sheet) kind(v sealView) string {
	var out []string
	for _, r := range v.TypeReadings {
		out = append(out, w.app.say(r.ZH+"（"+w.vocabulary(r.Vocabulary)+"）", r.EN+" ("+w.vocabulary(r.Vocabulary)+")"))
	}
	if len(out) == 0 {
		out = []string{w.app.say("含义由制章者规定", "what it means is the maker's to say")}
	}
	return fmt.Sprintf("%d  %s", v.Type, strings.Join(out, w.app.say("；", "; ")))
}

func (w *sheet) vocabulary(name string) string {
	switch name {
	case seal.VocabularyNational:
		return w.app.say("国家政务印章类型", "national list")
	case seal.VocabularyDevice:
		return w.app.say("USB Key 接口", "USB key interface")
	}
	return name
}

func (w *sheet) period(state string) string {
	return map[string]string{"before": w.app.say("尚未开始", "not begun"), "within": w.app.say("现在在期内", "now within it"), "after": w.app.say("已结束", "over")}[state]
}

func (w *sheet) picture(v pictureView) {
	a := w.app
	pixels := ""
	if v.Across > 0 {
		pixels = fmt.Sprintf(", %d × %d px", v.Across, v.Down)
	}
	kind := v.Type
	if !strings.EqualFold(kind, v.Format) {
		kind += " [" + v.Format + "]"
	}
	w.add("图像", "Picture", "%s, %d × %d mm%s, %d bytes, SM3 %s", kind, v.Width, v.Height, pixels, v.Bytes, v.SM3)
	if v.Scan != "" {
		w.add("取自", "Taken from", a.say("印迹的扫描件，SM3 %s", "a scan of its print on paper, SM3 %s"), v.Scan)
	}
}

func (w *sheet) list(v listView) {
	a := w.app
	w.add("签章人名单", "List of signers", "%s", map[int]string{
		0: a.say("2014 版名单", "list of 2014"), 1: a.say("证书列表 (1)", "certificates (1)"), 2: a.say("证书摘要列表 (2)", "digests of certificates (2)")}[v.Type])
	for _, c := range v.Certificates {
		w.cert("  "+a.say("证书", "certificate"), c)
	}
	for _, d := range v.Digests {
		w.add("  摘要", "  digest", "%s %s", d.Type, d.Value)
	}
	for _, id := range v.Identifiers {
		w.add("  标识", "  identifier", "%s", id)
	}
}

// cert takes three lines: who, until when, which.
func (w *sheet) cert(label string, c certView) {
	a := w.app
	if c.Error != "" {
		w.add(label, label, a.say("证书无法读取：%s", "the certificate cannot be read: %s"), c.Error)
		w.add("", "", "SM3 %s", c.SM3)
		return
	}
	name := c.Subject
	if c.Body != "" && c.Body != c.Subject {
		name += a.say("，", ", ") + c.Body
	}
	if c.USCC != "" {
		name += " " + c.USCC
	}
	w.add(label, label, a.say("%s（颁发者 %s）", "%s (issued by %s)"), name, c.Issuer)
	w.add("", "", "%s – %s", inChina(c.NotBefore), inChina(c.NotAfter))
	w.add("", "", a.say("序列号 %s，SM3 %s", "serial %s, SM3 %s"), c.Serial, c.SM3)
}

func (w *sheet) fits(zh, en string, fits bool, why, alg string) {
	a := w.app
	if !fits {
		w.add(zh, en, "%s [%s]", map[string]string{
			"value":       a.say("✘ 与所载证书不符：数据可能被改动", "✘ wrong: it does not fit the bytes and the certificate it names, so something may have been altered"),
			"certificate": a.say("✘ 无法核对：所载证书无法读取", "✘ cannot be checked: the certificate it names cannot be read"),
			"algorithm":   a.say("✘ 无法核对：算法不认识，或与证书的公钥不配", "✘ cannot be checked: the algorithm is unknown or does not fit the certificate's key"),
			"insecure":    a.say("✘ 不足为凭：算法或密钥过弱", "✘ proves nothing: algorithm or key is too weak"),
		}[why], alg)
		return
	}
	w.add(zh, en, "%s [%s]", a.say("✔ 与所载证书相符（是否可信由 verify 判断）", "✔ fits the certificate it names (whether that is trusted is for verify to say)"), alg)
}

func (w *sheet) timeStamp(bytes int) {
	if bytes == 0 {
		w.add("时间戳", "Time stamp", "%s", w.app.say("无", "none"))
		return
	}
	w.add("时间戳", "Time stamp", w.app.say("有，%d 字节（未核验）", "%d bytes (not checked)"), bytes)
}

func (w *sheet) extensions(list []extensionView) {
	for _, x := range list {
		line := x.OID
		if x.EN != "" {
			line += " " + w.app.say(x.ZH, x.EN)
		}
		if x.Critical {
			line += w.app.say("（必须理解）", " (critical)")
		}
		line += fmt.Sprintf(", %d bytes, %s", x.Bytes, x.Hex)
		if x.Bytes > shownBytes {
			line += "…"
		}
		if x.Text != "" {
			line += " “" + x.Text + "”"
		}
		w.add("扩展项", "Extension", "%s", line)
	}
}

func (w *sheet) notes(problems, deviations []noteView) {
	for _, p := range problems {
		w.add("不合规则", "Breaks a rule", "%s: %s", p.Field, w.app.say(p.ZH, p.EN))
	}
	for _, d := range deviations {
		w.add("写法不同", "Written otherwise", w.app.say("%s（第 %d 字节）：%s", "%s (byte %d): %s"), d.Field, d.Offset, w.app.say(d.ZH, d.EN))
	}
}
