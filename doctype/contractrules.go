package doctype

import (
	"slices"
	"strings"
	"time"
)

func contractRules() []Rule {
	return []Rule{
		{"contract-parties", Undecided, "写明至少两方当事人，前后一致", "at least two parties are named, alike throughout", contractParties},
		{"contract-sealed", Inform, "指明哪些当事人已签章", "which parties have sealed", contractSealed},
		{"contract-unsealed", Warn, "每一方当事人都已签章", "every party has sealed", contractUnsealed},
		{"contract-code", Fail, "签章人的统一社会信用代码与合同所印一致", "a signer's unified social credit code is the one printed for the party", contractCode},
		{"contract-stranger", Undecided, "签章人都是当事人", "whoever sealed is a party", contractStranger},
		{"contract-seal", Warn, "所用印章适合签订合同", "the seals are ones for contracts", contractSeal},
	}
}

// named lists the parties that have a name.
func (f *ContractFacts) named() []Party {
	if f == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(f.Parties), func(p Party) bool { return p.Name == "" })
}

// party returns the party that a signer is, and what the comparison says where it is none: hinted or untold of one, else other.
func (f *ContractFacts) partyOf(s Signer) (Party, match) {
	best, found := other, Party{}
	for _, p := range f.named() {
		for _, name := range append([]string{p.Name}, p.Other...) {
			switch m := sameBody(s, name, p.USCC); {
			case m == same:
				return p, same
			case m == hinted || m == untold && best == other:
				best, found = m, p
			}
		}
	}
	return found, best
}

func (p Party) who() string { return p.Role + "“" + clip(p.Name) + "”" }

func contractParties(f *Facts, _ []Signer, _ time.Time) []complaint {
	c := f.Contract
	named := c.named()
	if len(named) < 2 {
		hidden := hiddenWords(c == nil || c.Hidden)
		return []complaint{{field: KeyParties, zh: "读不出合同的各方当事人，无法与签章人核对" + hidden.ZH, en: "the parties of the contract cannot be read, so they cannot be held against who sealed" + hidden.EN,
			next: Words{"请打开合同，核对当事人名称与签章人", "open the contract and compare the parties with who sealed it"}}}
	}
	var list []complaint
	for _, p := range named {
		if len(p.Other) > 0 {
			names := clip(p.Name) + "、" + clip(strings.Join(p.Other, "、"))
			list = append(list, complaint{field: KeyParties, zh: p.Role + "前后写的名称不同：" + names, en: "“" + p.Role + "” is named differently in different places: " + names,
				next: Words{"请核对合同首部和签署栏", "compare the head of the contract with its signature block"}})
		}
		if p.USCC == "" {
			continue
		}
		if doubts, _ := codeDoubts(p.USCC); len(doubts) > 0 {
			list = append(list, complaint{level: Warn, field: KeyParties, zh: p.Role + "：" + doubts[0].ZH, en: "“" + p.Role + "”: " + doubts[0].EN,
				next: Words{"请在国家企业信用信息公示系统核对此代码", "look the code up with the register"}})
		}
	}
	return list
}

func contractSealed(f *Facts, signers []Signer, _ time.Time) []complaint {
	var zh, en []string
	for _, p := range f.Contract.named() {
		var by Words
		for _, s := range signers {
			if q, m := f.Contract.partyOf(s); m == same && q.Role == p.Role {
				by = by.and(s.standing())
			}
		}
		if by != (Words{}) {
			zh = append(zh, p.who()+"（"+by.ZH+"）")
			en = append(en, p.who()+" ("+by.EN+")")
		}
	}
	if len(zh) == 0 {
		return nil
	}
	return []complaint{{field: KeyParties, zh: "已签章的当事人：" + strings.Join(zh, "；"), en: "parties that have sealed: " + strings.Join(en, "; ")}}
}

// standing is a seal with what speaks against taking it for the party's, for this is said beside the judgement of each signature.
func (s Signer) standing() Words {
	name := s.seal()
	switch {
	case !s.Intact:
		return Words{name + "，但内容在签章后被改动", name + ", but the content was changed afterwards"}
	case !s.Trusted:
		return Words{name + "，但签章人身份未得到确认", name + ", but who that is has not been established"}
	}
	return Words{name, name}
}

func (s Signer) seal() string {
	if s.Seal && s.SealName != "" {
		return s.SealName
	}
	return s.who()
}

// contractUnsealed warns: a contract may be on its way from one party to the next.
func contractUnsealed(f *Facts, signers []Signer, _ time.Time) []complaint {
	var list []complaint
	for _, p := range f.Contract.named() {
		sealed := slices.ContainsFunc(signers, func(s Signer) bool {
			q, m := f.Contract.partyOf(s)
			return m == same && q.Role == p.Role
		})
		if !sealed {
			list = append(list, complaint{field: KeyParties, zh: p.who() + "尚未签章", en: p.who() + " has not sealed yet",
				next: Words{"如果合同应已签订完毕，请索取各方都签章的版本", "if the contract should be concluded, ask for the copy that all parties have sealed"}})
		}
	}
	return list
}

// contractCode fails a signer who bears the name of a party and another code than the one printed for it.
func contractCode(f *Facts, signers []Signer, _ time.Time) []complaint {
	var list []complaint
	for _, s := range signers {
		for _, p := range f.Contract.named() {
			if p.USCC == "" || s.USCC == "" || sameBody(s, p.Name, p.USCC) == same {
				continue
			}
			if nameless := s; sameBody(withoutCode(nameless), p.Name, "") == same {
				list = append(list, complaint{field: KeyParties, zh: "签章人“" + s.who() + "”与" + p.who() + "同名，但统一社会信用代码是 " + s.USCC + "，合同上印的是 " + p.USCC,
					en:   "“" + s.who() + "” has the name of " + p.who() + ", but the code " + s.USCC + ", where the contract says " + p.USCC,
					next: Words{"请勿采信此签章；请核对是否另有同名单位或合同印错", "do not rely on this seal; find out whether another body has that name, or the contract is misprinted"}})
			}
		}
	}
	return list
}

func withoutCode(s Signer) Signer {
	s.USCC = ""
	return s
}

func contractStranger(f *Facts, signers []Signer, _ time.Time) []complaint {
	if len(f.Contract.named()) == 0 {
		return nil
	}
	var list []complaint
	next := Words{"请确认签章人以什么身份签章，例如担保人、见证人或经办人", "find out in which capacity they sealed: as surety, witness, or for a party"}
	for _, s := range signers {
		switch p, m := f.Contract.partyOf(s); m {
		case same:
		case hinted:
			list = append(list, complaint{field: KeyParties, zh: "签章“" + s.seal() + "”的名称像是" + p.who() + "，但证书没有写明单位",
				en: "“" + s.seal() + "” is called like a seal of " + p.who() + ", but its certificate names no body", next: next})
		default:
			list = append(list, complaint{field: KeyParties, zh: "签章人“" + s.who() + "”不是合同写明的当事人", en: "“" + s.who() + "” sealed and is no party that the contract names", next: next})
		}
	}
	return list
}

func contractSeal(f *Facts, signers []Signer, _ time.Time) []complaint {
	var list []complaint
	if f.Contract == nil {
		return nil
	}
	for _, s := range signers {
		p := s.purpose()
		if p != sealFinance && p != sealInvoice {
			continue
		}
		w := purposeWords(p)
		list = append(list, complaint{field: KeyParties, zh: "合同上用的是" + w.ZH + "（" + s.SealName + "），通常应使用合同专用章或单位公章",
			en:   "the contract bears " + w.EN + " (" + s.SealName + "), where a contract seal or the body's own seal is usual",
			next: Words{"请与签章方确认其是否认可", "ask the party whether it stands by it"}})
	}
	return list
}
