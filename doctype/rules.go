package doctype

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"yinxin/fault"
)

// Rule is one rule of a type. It is data: what it holds in words, and the check.
type Rule struct {
	Code   string
	Level  Level // of its findings, unless a finding is milder
	ZH, EN string
	check  func(*Facts, []Signer, time.Time) []complaint
}

// complaint is a finding before its rule's name is put to it.
type complaint struct {
	zh, en string
	code   string // empty: the rule's
	level  Level  // empty: the rule's
	firm   bool   // it weighs as much where the type is likely only
	next   Words
	field  Key
}

// Rules lists what Check holds a document of a type against, in order.
func Rules(t Type) []Rule {
	switch t {
	case Invoice:
		return invoiceRules()
	case License:
		return licenseRules()
	case Proof:
		return append(proofRules(), neverTried())
	case Contract:
		return append(contractRules(), neverTried())
	}
	return nil
}

// neverTried says what reading a document rests on where it was never tried on a real one.
func neverTried() Rule {
	return Rule{"form-untested", Inform, "此类文件的读取未经真实样本检验", "reading such documents was never tried on a real one", func(f *Facts, _ []Signer, _ time.Time) []complaint {
		if !f.Untested {
			return nil
		}
		return []complaint{{zh: "此类文件的读取规则依照公开说明编写，未经真实样本检验，请同时人工查看", en: "such documents are read after public descriptions alone, which were never tried on a real one: look at the page, too"}}
	}}
}

// Check holds a document against the rules of its type. at is the moment it is judged at.
//
// Of a type that is only Likely, a finding weighs a step less: what would fail a document leaves it undecided, and what would leave it undecided is a
// warning. Words on a face can be there for many reasons. A rule may say that one of its findings is firm: what is written cannot be read in one way.
func Check(f *Facts, signers []Signer, at time.Time) []Finding {
	var list []Finding
	for _, r := range Rules(f.Type) {
		for _, c := range r.check(f, signers, at) {
			list = append(list, r.finding(c, f.Certainty))
		}
	}
	return list
}

func (r Rule) finding(c complaint, sure Certainty) Finding {
	said := Words{c.zh, c.en}.sentence()
	f := Finding{Public: fault.Public{Code: r.Code, ZH: said.ZH, EN: said.EN}, Level: r.Level, Next: c.next.sentence(), Field: c.field}
	if c.code != "" {
		f.Code = c.code
	}
	if c.level != "" {
		f.Level = c.level
	}
	if sure == Likely && !c.firm {
		f.Level = f.Level.milder()
	}
	return f
}

func (l Level) milder() Level {
	switch l {
	case Fail:
		return Undecided
	case Undecided:
		return Warn
	}
	return l
}

// sentence makes a sentence of a clause.
func (w Words) sentence() Words {
	if w == (Words{}) {
		return w
	}
	if !strings.HasSuffix(w.ZH, "。") {
		w.ZH += "。"
	}
	if !strings.HasSuffix(w.EN, ".") {
		w.EN += "."
	}
	first, n := utf8.DecodeRuneInString(w.EN)
	w.EN = string(unicode.ToUpper(first)) + w.EN[n:]
	return w
}
