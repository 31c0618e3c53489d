package doctype

import (
	"slices"
	"strings"
	"time"

	"yinxin/codes"
	"yinxin/license"
)

func licenseRules() []Rule {
	return []Rule{
		{"license-record", Fail, "随附的证照记录只有一份，且自身完整一致", "the record carried is one, and holds together", licenseRecord},
		{"license-face", Fail, "照面与证照记录逐项一致", "the face says what the record says, field by field", licenseFace},
		{"license-identifier", Fail, "证照标识的格式和校验位正确", "the licence identifier is well formed and its check character matches", licenseIdentifier},
		{"license-holder-code", Warn, "持证主体代码的校验位正确", "the check character of the holder's code matches", licenseHolderCode},
		{"license-owner", Fail, "签章人是发证机关", "the seal is the issuing body's", licenseOwner},
		{"license-holder-seal", Inform, "持证主体自己的印章另行指明", "a seal of the holder's own is named as such", licenseHolderSeal},
		{"license-issued", Undecided, "签发日期是已经到来的日期", "the day of issue has come", licenseIssued},
		{"license-begun", Warn, "证照已经开始生效", "the licence has begun", licenseBegun},
		{"license-expired", Warn, "证照没有过期", "the licence has not run out", licenseExpired},
		{"license-status", Inform, "证照现状由发证机关答复", "whether the licence still stands is the issuing body's to answer", licenseStatus},
	}
}

func licenseRecord(f *Facts, _ []Signer, _ time.Time) []complaint {
	l := f.License
	askIssuer := Words{"请向发证机关核对，或索取重新签发的文件", "ask the issuing body, or for the file issued anew"}
	var list []complaint
	switch {
	case l == nil:
		return []complaint{{level: Undecided, zh: "文件无法作为证照读取", en: "the file cannot be read as a licence",
			next: Words{"请确认文件类型；如果是照片或扫描件，请索取原始电子证照", "check the type; if it is a picture or a scan, ask for the original electronic licence"}}}
	case l.Newer:
		list = append(list, complaint{level: Undecided, zh: "随附的证照记录是本软件不认识的版本", en: "the licence record carried is of a form that is not known here",
			next: Words{"请升级软件后重新核验", "update this software and verify again"}})
	case l.Record == nil && l.RecordError == "":
		list = append(list, complaint{level: Warn, zh: "文件没有随附证照记录，只能核对照面上写的内容", en: "the file carries no licence record, only what the face says could be checked", next: askIssuer})
	}
	if l.RecordError != "" {
		list = append(list, complaint{zh: "随附的证照记录有误，不能采用", en: "the licence record carried is wrong and cannot be used", next: askIssuer})
	}
	if len(l.Others) > 0 {
		c := complaint{level: Undecided, zh: "文件随附几份不同的证照记录，无法确定以哪一份为准：" + l.Record.Identifier + "、" + strings.Join(l.Others, "、"),
			en:   "the file carries several licence records, which one counts cannot be told: " + l.Record.Identifier + ", " + strings.Join(l.Others, ", "),
			next: Words{"请让对方逐件提供证照文件", "ask for each licence in a file of its own"}}
		if slices.Contains(l.Others, l.Record.Identifier) {
			c.level, c.zh, c.en = Fail, "文件随附同一证照的几份互相矛盾的记录："+l.Record.Identifier, "the file carries records of one licence that contradict each other: "+l.Record.Identifier
			c.next = askIssuer
		}
		list = append(list, c)
	}
	if l.Unread && l.Record == nil {
		list = append(list, complaint{level: Undecided, zh: "文件中有附件无法读取，其中是否有证照记录不得而知", en: "files that this document carries cannot be read, whether a licence record is among them cannot be told", next: askIssuer})
	}
	return list
}

// fieldWords names a field of a record: its label on the face where it has one, what licences have in common by its name, and else its key.
func (a FaceField) words() Words {
	if a.Label != "" {
		return Words{"“" + a.Label + "”", "“" + a.Label + "”"}
	}
	if w, ok := licenseLabels()[Key(a.Key)]; ok {
		return Words{"“" + w.ZH + "”", "“" + w.EN + "”"}
	}
	return Words{"“" + a.Key + "”", "“" + a.Key + "”"}
}

func licenseFace(f *Facts, _ []Signer, _ time.Time) []complaint {
	l := f.License
	if l == nil {
		return nil
	}
	var list []complaint
	var missing, extra Words
	labels := knownLabels()
	next := Words{"请勿采信此件；请向发证机关核对", "do not rely on this file; ask the issuing body"}
	for _, a := range l.Agrees {
		w := a.words()
		switch a.Found {
		case Differs:
			list = append(list, complaint{field: Key(a.Key), zh: "照面" + w.ZH + "与随附的证照记录不一致", en: "what the face says under " + w.EN + " is not what the licence record says", next: next})
		case Missing:
			missing = missing.and(w)
		}
	}
	for _, label := range l.Extra {
		extra = extra.and(Words{"“" + label + "”", "“" + label + "”"})
	}
	look := Words{"请打开文件，把照面与发证机关公布的信息对照", "open the file and compare its face with what the issuing body publishes"}
	if missing != (Words{}) {
		list = append(list, complaint{level: Undecided, zh: "照面上没有找到证照记录中的：" + missing.ZH + hiddenWords(l.Hidden).ZH, en: "not found on the face, but in the licence record: " + missing.EN + hiddenWords(l.Hidden).EN, next: look})
	}
	if extra != (Words{}) {
		c := complaint{level: Warn, zh: "照面上有证照记录中没有的栏目：" + extra.ZH, en: "the face has fields that the licence record has not: " + extra.EN, next: look}
		if slices.ContainsFunc(l.Extra, func(label string) bool { return labels[label] != "" }) {
			c.level = Undecided
		}
		list = append(list, c)
	}
	if l.Record == nil && len(l.Printed) == 0 {
		list = append(list, complaint{level: Undecided, zh: "照面上读不出证照的任何栏目" + hiddenWords(l.Hidden).ZH, en: "no field of a licence can be read on the face" + hiddenWords(l.Hidden).EN, next: look})
	}
	return list
}

// and adds to a list in words.
func (w Words) and(x Words) Words {
	if w == (Words{}) {
		return x
	}
	return Words{w.ZH + "、" + x.ZH, w.EN + ", " + x.EN}
}

// licenseIdentifier judges what is printed. That of a record was judged with it.
func licenseIdentifier(f *Facts, _ []Signer, _ time.Time) []complaint {
	l := f.License
	if l == nil || l.Record != nil {
		return nil
	}
	p, has := l.Printed[KeyNumber]
	if !has || !strings.Contains(p.Label, "标识") {
		return nil // a licence may have a number of another kind
	}
	next := Words{"请放大查看照面上的标识，或向发证机关核对", "look at the identifier on the face closely, or ask the issuing body"}
	id, err := codes.ParseLicenceID(p.Value)
	switch {
	case err != nil:
		return []complaint{{level: Undecided, field: KeyNumber, zh: "照面上的证照标识读不成标识：" + clip(p.Value), en: "the identifier on the face does not read as one: " + clip(p.Value), next: next}}
	case !id.CheckOK():
		return []complaint{{field: KeyNumber, zh: "照面上的证照标识校验位不符：" + id.Short(), en: "the check character of the identifier on the face is wrong: " + id.Short(), next: next}}
	}
	return nil
}

func licenseHolderCode(f *Facts, _ []Signer, _ time.Time) []complaint {
	if f.License == nil {
		return nil
	}
	code := f.License.Printed[KeyHolderCode].Value
	if r := f.License.Record; r != nil {
		if code = ""; r.Holder.CodeType == license.HolderUSCC {
			code = r.Holder.Code
		}
	}
	if code == "" {
		return nil
	}
	next := Words{"请在国家企业信用信息公示系统或发证机关处核对此代码", "look the code up with the register or the issuing body"}
	doubts, shaped := codeDoubts(code)
	if !shaped {
		return []complaint{{level: Undecided, field: KeyHolderCode, zh: "持证主体代码不是统一社会信用代码", en: "the holder's code is no unified social credit code", next: next}}
	}
	var list []complaint
	for _, d := range doubts {
		list = append(list, complaint{field: KeyHolderCode, zh: d.ZH, en: d.EN, next: next})
	}
	return list
}

// bodies are who issued the licence and to whom, by the record or the face. A code is known of the issuing body only by the record.
func (f *LicenseFacts) bodies() (issuer, holder license.Body) {
	if r := f.Record; r != nil {
		holder.Name = r.Holder.Name
		if r.Holder.CodeType == license.HolderUSCC {
			holder.USCC = r.Holder.Code
		}
		return r.Issuer, holder
	}
	holder = license.Body{Name: f.Printed[KeyHolder].Value}
	if _, shaped := codeDoubts(f.Printed[KeyHolderCode].Value); shaped {
		holder.USCC = f.Printed[KeyHolderCode].Value
	}
	return license.Body{Name: f.Printed[KeyIssuer].Value}, holder
}

func licenseOwner(f *Facts, signers []Signer, _ time.Time) []complaint {
	if f.License == nil {
		return nil
	}
	issuer, holder := f.License.bodies()
	next := Words{"请勿采信此件；请向发证机关核对", "do not rely on this file; ask the issuing body"}
	if issuer.Name == "" {
		return []complaint{{level: Undecided, field: KeyIssuer, zh: "读不出发证机关，无法与签章人核对", en: "the issuing body cannot be read, so it cannot be held against who sealed", next: next}}
	}
	var list []complaint
	issued := false
	for _, s := range signers {
		switch sameBody(s, issuer.Name, issuer.USCC) {
		case same:
			issued = true
			continue
		case other:
			if sameBody(s, holder.Name, holder.USCC) == same {
				continue // named by a rule of its own
			}
			list = append(list, complaint{field: KeyIssuer, zh: "签章人“" + s.who() + "”不是发证机关“" + issuer.Name + "”，也不是持证主体",
				en: "sealed by “" + s.who() + "”, who is neither the issuing body “" + issuer.Name + "” nor the holder", next: next})
		default:
			list = append(list, complaint{level: Undecided, field: KeyIssuer, zh: "签章“" + s.who() + "”的证书没有写明单位，无法与发证机关“" + issuer.Name + "”核对",
				en: "the certificate of “" + s.who() + "” names no body, it cannot be held against the issuing body “" + issuer.Name + "”", next: next})
		}
	}
	if !issued && len(list) == 0 {
		list = append(list, complaint{level: Undecided, field: KeyIssuer, zh: "没有发证机关“" + issuer.Name + "”的签章", en: "it bears no seal of the issuing body “" + issuer.Name + "”", next: next})
	}
	return list
}

func licenseHolderSeal(f *Facts, signers []Signer, _ time.Time) []complaint {
	if f.License == nil {
		return nil
	}
	issuer, holder := f.License.bodies()
	var own []Signer
	for _, s := range signers {
		if sameBody(s, issuer.Name, issuer.USCC) != same && sameBody(s, holder.Name, holder.USCC) == same {
			own = append(own, s)
		}
	}
	if len(own) == 0 {
		return nil
	}
	return []complaint{{field: KeyHolder, zh: "持证主体自己也签了章：" + named(own) + "。这不代表发证机关", en: "the holder has sealed it too: " + named(own) + ". That does not speak for the issuing body"}}
}

func licenseIssued(f *Facts, _ []Signer, at time.Time) []complaint {
	if f.License == nil {
		return nil
	}
	day := lastDay(f.License.Printed[KeyDate].Value)
	if r := f.License.Record; r != nil {
		day = r.Issued
	}
	if day == "" || day <= latestDay(at) {
		return nil
	}
	return []complaint{{field: KeyDate, zh: "签发日期 " + string(day) + " 还没有到来", en: "the day of issue, " + string(day) + ", has not come",
		next: Words{"请核对日期；如果本机时钟不准，请校准后重新核验", "check the date; if this machine's clock is wrong, set it and verify again"}}}
}

func askForCurrent() Words {
	return Words{"请让持证人出示现行有效的证照", "ask the holder for the licence that is in force"}
}

func licenseBegun(f *Facts, _ []Signer, at time.Time) []complaint {
	if f.License == nil || f.License.Record == nil || f.License.Record.Validity.From <= latestDay(at) {
		return nil
	}
	from := string(f.License.Record.Validity.From)
	return []complaint{{field: KeyUntil, zh: "证照自 " + from + " 起才有效", en: "the licence is not in force before " + from, next: askForCurrent()}}
}

// licenseExpired warns: a licence that ran out was genuine all the same, and stays so in an archive; the seal on it says that it was issued, not that
// it may be used today.
func licenseExpired(f *Facts, _ []Signer, at time.Time) []complaint {
	if f.License == nil {
		return nil
	}
	until := lastDay(f.License.Printed[KeyUntil].Value)
	if r := f.License.Record; r != nil {
		until = r.Validity.Until
	}
	if until == "" || until >= dayAt(at) {
		return nil
	}
	return []complaint{{field: KeyUntil, zh: "证照不再有效：有效期至 " + string(until) + "，已经过期。签章仍然真实", en: "the licence is no longer in force: it ran out on " + string(until) + ". The seal is still genuine",
		next: askForCurrent()}}
}

// licenseStatus says who answers for what no file can say. The address in the record is given on only where the issuing body vouches for it: in a forged
// licence it leads to whoever forged it.
func licenseStatus(f *Facts, signers []Signer, _ time.Time) []complaint {
	if f.License == nil {
		return nil
	}
	next := Words{"请通过发证机关公布的渠道查询，不要只凭文件里的网址或二维码", "ask by a way that the issuing body publishes, not by an address or a code in the file alone"}
	issuer, _ := f.License.bodies()
	vouched := slices.ContainsFunc(signers, func(s Signer) bool { return s.Intact && s.Trusted && sameBody(s, issuer.Name, issuer.USCC) == same })
	if r := f.License.Record; r != nil && vouched {
		next = Words{"请打开 " + r.QR + " 或扫描照面二维码", "open " + r.QR + " or scan the code on the face"}
	}
	return []complaint{{zh: "核验的是这份文件；证照是否已被注销、吊销或变更，以发证机关的答复为准（照面上的二维码图形未读取）",
		en: "this file was checked; whether the licence was cancelled, revoked or changed is the issuing body's to answer (the code drawn on the face was not read)", next: next}}
}
