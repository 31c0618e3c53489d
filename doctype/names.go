package doctype

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"yinxin/codes"
)

// match says how a signer compares with a body that a document names.
type match int

const (
	untold match = iota // nothing that a certificate vouches for tells
	hinted              // only the seal's name says so, which whoever had the seal made chose
	other               // it is another body
	same
)

// sameBody compares a signer with a body by name, unified social credit code, or both. Where certificate and document have a code, the codes decide;
// else the names do, that of the certificate's organisation before its common name. A name of a seal alone proves nothing, and what is no code is none:
// older licences give a region in its place.
func sameBody(signer Signer, name, uscc string) match {
	if _, shaped := codeDoubts(uscc); shaped && signer.USCC != "" {
		if fold(signer.USCC) == fold(uscc) {
			return same
		}
		return other
	}
	switch called, want := signer.called(), fold(name); {
	case want == "":
		return untold
	case called == want || fold(signer.Name) == want:
		return same
	case called != "":
		return other
	case signer.Seal && withoutPurpose(fold(signer.SealName)) == want:
		return hinted
	}
	return untold
}

// called is the body that the certificate names, folded. Seals' certificates are often called after the seal: 某公司合同专用章.
func (s Signer) called() string {
	if o := fold(s.Organization); o != "" {
		return o
	}
	return withoutPurpose(fold(s.Name))
}

// who names a signer for people: as its certificate does, and with the seal.
func (s Signer) who() string {
	name := s.Organization
	if name == "" {
		name = s.Name
	}
	if s.Seal && s.SealName != "" && fold(s.SealName) != fold(name) {
		return name + "（" + s.SealName + "）"
	}
	return name
}

func named(list []Signer) string {
	names := make([]string, 0, len(list))
	for _, s := range list {
		if w := s.who(); !slices.Contains(names, w) {
			names = append(names, w)
		}
	}
	return strings.Join(names, "、")
}

// The seal types of the national interface that say what a seal may not be used for.
const (
	sealFinance  = 2
	sealInvoice  = 3
	sealContract = 4
)

// purpose is the narrow purpose of a signer's seal, by its type or its own name: 0 where it has none.
func (s Signer) purpose() int {
	for _, p := range []struct {
		number int
		words  string
	}{{sealFinance, "财务专用章"}, {sealInvoice, "发票专用章"}, {sealContract, "合同专用章"}} {
		if s.Seal && (s.SealType == p.number || strings.Contains(fold(s.SealName), p.words)) {
			return p.number
		}
	}
	return 0
}

func purposeWords(number int) Words {
	switch number {
	case sealFinance:
		return Words{"财务专用章", "a finance seal"}
	case sealInvoice:
		return Words{"发票专用章", "an invoice seal"}
	}
	return Words{"合同专用章", "a contract seal"}
}

var purposePattern = regexp.MustCompile(`(?:合同|财务|发票|业务|电子)?(?:专用章|公章|印章)$`)

func withoutPurpose(name string) string { return purposePattern.ReplaceAllString(name, "") }

// fold writes text in the one way in which it is compared: compatibility forms (full-width letters, brackets and signs, radicals used as characters)
// resolved, capitals, nothing that is not seen.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '〔':
			return '['
		case r == '〕':
			return ']'
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return unicode.ToUpper(r)
	}, norm.NFKC.String(strings.ToValidUTF8(s, "")))
}

// clip cuts what a document says to a length that is readable in a table.
func clip(s string) string {
	if r := []rune(s); len(r) > mostShown {
		return string(r[:mostShown]) + "…"
	}
	return s
}

const mostShown = 100 // characters

// codeDoubts are the reasons to look twice at a unified social credit code, nil where it is sound. shaped is false where it is none at all.
func codeDoubts(uscc string) (doubts []Words, shaped bool) {
	u, err := codes.ParseUSCC(uscc)
	if err != nil {
		return nil, false
	}
	for _, w := range u.Warnings() {
		doubts = append(doubts, Words{w.ZH, w.EN})
	}
	return doubts, true
}
