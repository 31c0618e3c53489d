// Package codes reads, checks and writes the codes that name bodies, licences and seals: the unified social credit code (GB 32100-2015) and the
// organisation code inside it (GB 11714), the electronic licence identifier (GB/T 36904-2018), the seal code (GA 241) and the administrative
// region (GB/T 2260).
//
// Reading is kind to people and strict about form. Spaces round a code, lower case and full-width letters and digits (what an input method
// leaves behind) are put right; anything else that does not belong is an error that names the character. A check character that does not match
// is a warning, not an error: bodies registered in the first years carry codes that fail. A check that passes proves only that the code was
// copied without a slip, never that the body exists.
//
// A value that is not the zero value is well formed. All types are comparable, so they serve as map keys, and marshal as their text.
package codes

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"yinxin/fault"
)

// Kind names a sort of code.
type Kind string

// The kinds.
const (
	KindUSCC         Kind = "uscc"         // unified social credit code, 18 characters
	KindOrganisation Kind = "organisation" // organisation code, 9 characters
	KindLicence      Kind = "licence"      // electronic licence identifier
	KindLicenceType  Kind = "licence-type" // code of a licence type, 21 characters
	KindSeal         Kind = "seal"         // seal code, digits
	KindRegion       Kind = "region"       // administrative region, 6 digits
	KindUnknown      Kind = "unknown"      // none of these by its shape
)

var kindWords = map[Kind][2]string{
	KindUSCC:         {"统一社会信用代码", "unified social credit code"},
	KindOrganisation: {"组织机构代码", "organisation code"},
	KindLicence:      {"电子证照标识", "electronic licence identifier"},
	KindLicenceType:  {"证照类型代码", "licence type code"},
	KindSeal:         {"印章编码", "seal code"},
	KindRegion:       {"行政区划代码", "administrative region code"},
	KindUnknown:      {"无法识别的代码", "unrecognised code"},
}

// In returns the kind's name in the language ("zh" or "en"; anything else is "en").
func (k Kind) In(lang string) string {
	words, ok := kindWords[k]
	if !ok {
		return string(k)
	}
	if lang == "zh" {
		return words[0]
	}
	return words[1]
}

// ParseError is the cause inside every error of this package's parsers.
type ParseError struct {
	Kind   Kind
	Offset int // characters before the place, counted in the text as given
}

// Error names the kind and the place.
func (e *ParseError) Error() string { return fmt.Sprintf("%s code, offset %d", e.Kind, e.Offset) }

// maxInput bounds the text a parser looks at, in bytes. The longest code, a licence identifier in full-width characters, takes 282.
const maxInput = 512

// maxShown bounds how much of a wrong text an error repeats, in characters.
const maxShown = 48

// text is an input put right: trimmed, half-width, upper case.
type text struct {
	kind  Kind
	given string
	runes []rune
	lead  int // characters trimmed from the front
}

// normalise trims space, folds full-width letters, digits, dots and hyphens to ASCII, and upper-cases ASCII letters.
func normalise(kind Kind, s string) (text, error) {
	t := text{kind: kind, given: s}
	if len(s) > maxInput {
		return t, t.fail(0, fmt.Sprintf("长达 %d 字节，没有这样长的代码", len(s)), fmt.Sprintf("it is %d bytes long, no such code is", len(s)))
	}
	trimmed := strings.TrimLeftFunc(s, unicode.IsSpace)
	t.lead = utf8.RuneCountInString(s[:len(s)-len(trimmed)])
	trimmed = strings.TrimRightFunc(trimmed, unicode.IsSpace)
	t.runes = make([]rune, 0, len(trimmed))
	for _, r := range trimmed {
		t.runes = append(t.runes, fold(r))
	}
	if len(t.runes) == 0 {
		return t, t.fail(0, "内容为空", "it is empty")
	}
	return t, nil
}

// fold maps the full-width forms U+FF01…U+FF5E to ASCII, and ASCII letters to upper case. Other characters stay, to be refused by name.
func fold(r rune) rune {
	if r >= 0xFF01 && r <= 0xFF5E {
		r -= 0xFEE0
	}
	if r >= 'a' && r <= 'z' {
		r -= 'a' - 'A'
	}
	return r
}

// fail makes the error for the character at index i of the text put right.
func (t text) fail(i int, zh, en string) error {
	shown := show(t.given)
	kindZH, kindEN := t.kind.In("zh"), t.kind.In("en")
	if t.kind == KindUnknown {
		kindZH, kindEN = "可识别的代码", "code of a known kind"
	}
	return fault.New(fault.Invalid, "code-"+string(t.kind),
		fmt.Sprintf("“%s”不是%s：%s", shown, kindZH, zh),
		fmt.Sprintf("“%s” is not a well-formed %s: %s", shown, kindEN, en),
		&ParseError{Kind: t.kind, Offset: t.lead + i})
}

// only refuses the first character that is not in the alphabet; why says in both languages which ones are.
func (t text) only(from, to int, alphabet string, zh, en string) error {
	for i := from; i < to && i < len(t.runes); i++ {
		if r := t.runes[i]; !strings.ContainsRune(alphabet, r) {
			return t.fail(i, fmt.Sprintf("第 %d 个字符“%s”不可用，%s", t.lead+i+1, show(string(r)), zh),
				fmt.Sprintf("character %d, “%s”, may not stand there: %s", t.lead+i+1, show(string(r)), en))
		}
	}
	return nil
}

// length refuses a text that does not have n characters.
func (t text) length(n int) error {
	if len(t.runes) == n {
		return nil
	}
	return t.fail(min(len(t.runes), n), fmt.Sprintf("有 %d 个字符，应为 %d 个", len(t.runes), n),
		fmt.Sprintf("it has %d characters where %d are needed", len(t.runes), n))
}

func (t text) String() string { return string(t.runes) }

// show makes a text fit to stand in a message: short, and without characters that would disturb a terminal or a log.
func show(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == maxShown {
			b.WriteString("…")
			break
		}
		if !unicode.IsGraphic(r) {
			r = utf8.RuneError
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

const (
	digits       = "0123456789"
	alphanumeric = digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// value36 is the value 0…35 of a character of alphanumeric, -1 for any other.
func value36(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return -1
}
