package doctype

import (
	"strings"
	"time"
)

func proofRules() []Rule {
	return []Rule{
		{"proof-issuer", Fail, "签章人是落款的出具单位", "the seal is that of the body named at the end", proofIssuer},
		{"proof-seal", Warn, "所用印章适合出具证明", "the seal is one for certifying", proofSeal},
		{"proof-number", Warn, "证明有编号", "the proof has a number", proofNumber},
		{"proof-date", Fail, "证明有日期，且不晚于签章和核验之时", "the proof has a date, not after it was sealed or is judged", proofDate},
	}
}

func lookAtPage() Words {
	return Words{"请打开文件查看，必要时向出具单位核对", "open the file and look; where in doubt ask the body that gave it"}
}

func proofIssuer(f *Facts, signers []Signer, _ time.Time) []complaint {
	next := Words{"请勿直接采信；请向落款的出具单位核对", "do not rely on it as it is; ask the body named at the end"}
	p := f.Proof
	if p == nil || p.Issuer == "" {
		return []complaint{{level: Undecided, field: KeyIssuer, zh: "读不出落款的出具单位，无法与签章人核对" + hiddenWords(p == nil || p.Hidden).ZH,
			en: "the body named at the end cannot be read, so it cannot be held against who sealed" + hiddenWords(p == nil || p.Hidden).EN, next: lookAtPage()}}
	}
	var others, unnamed []Signer
	issued := false
	for _, s := range signers {
		switch sameBody(s, p.Issuer, "") {
		case same:
			issued = true
		case other:
			others = append(others, s)
		default:
			unnamed = append(unnamed, s)
		}
	}
	switch {
	case issued && len(others) > 0:
		return []complaint{{level: Warn, field: KeyIssuer, zh: "除出具单位外，还有他人签章：" + named(others), en: "sealed by others beside the body that gave it: " + named(others), next: lookAtPage()}}
	case issued:
		return nil
	case len(others) > 0:
		return []complaint{{field: KeyIssuer, zh: "签章人“" + named(others) + "”不是落款的出具单位“" + p.Issuer + "”", en: "sealed by “" + named(others) + "”, not by “" + p.Issuer + "” named at the end", next: next}}
	case len(unnamed) > 0:
		return []complaint{{level: Undecided, field: KeyIssuer, zh: "签章“" + named(unnamed) + "”的证书没有写明单位，无法与出具单位“" + p.Issuer + "”核对",
			en: "the certificate of “" + named(unnamed) + "” names no body, it cannot be held against “" + p.Issuer + "”", next: next}}
	}
	return []complaint{{level: Undecided, field: KeyIssuer, zh: "没有出具单位“" + p.Issuer + "”的签章", en: "it bears no seal of “" + p.Issuer + "”", next: next}}
}

// hiddenWords go behind what could not be read.
func hiddenWords(hidden bool) Words {
	if !hidden {
		return Words{}
	}
	return Words{"（部分文字是图形或字体不完整，软件读不出）", " (some of the text is drawn as shapes, or its font is incomplete, and cannot be read)"}
}

// proofSeal warns of seals made for something else. A body's own seal (法定名称章) and seals for a line of business (业务专用章) certify.
func proofSeal(f *Facts, signers []Signer, _ time.Time) []complaint {
	if f.Proof == nil || f.Proof.Issuer == "" {
		return nil
	}
	var list []complaint
	for _, s := range signers {
		if p := s.purpose(); p != 0 && sameBody(s, f.Proof.Issuer, "") != other {
			w := purposeWords(p)
			list = append(list, complaint{field: KeyIssuer, zh: "证明上用的是" + w.ZH + "（" + s.SealName + "），通常应使用单位公章", en: "sealed with " + w.EN + " (" + s.SealName + "), where a body certifies with its own seal",
				next: lookAtPage()})
		}
	}
	return list
}

func proofNumber(f *Facts, _ []Signer, _ time.Time) []complaint {
	if f.Proof != nil && f.Proof.Number != "" {
		return nil
	}
	return []complaint{{field: KeyNumber, zh: "没有读到证明的编号，无法据以查询", en: "no number of the proof was read, by which it could be looked up", next: lookAtPage()}}
}

func proofDate(f *Facts, signers []Signer, at time.Time) []complaint {
	p := f.Proof
	switch {
	case p == nil || p.Dated == "":
		return []complaint{{level: Undecided, field: KeyDate, zh: "没有读到证明的出具日期", en: "no date of the proof was read", next: lookAtPage()}}
	case p.Date == "":
		return []complaint{{field: KeyDate, zh: "出具日期不存在：" + p.Dated, en: "the date does not exist: " + p.Dated, next: lookAtPage()}}
	case p.Date > latestDay(at):
		return []complaint{{level: Undecided, field: KeyDate, zh: "出具日期 " + string(p.Date) + " 还没有到来", en: "the date " + string(p.Date) + " has not come", next: lookAtPage()}}
	}
	var early []string
	for _, s := range signers {
		if !s.Time.IsZero() && p.Date > latestDay(s.Time) {
			early = append(early, s.who())
		}
	}
	if len(early) == 0 {
		return nil
	}
	return []complaint{{level: Warn, field: KeyDate, zh: "出具日期 " + string(p.Date) + " 晚于签章时间：" + strings.Join(early, "、"),
		en: "the date " + string(p.Date) + " lies after the time of sealing: " + strings.Join(early, ", "), next: lookAtPage()}}
}
