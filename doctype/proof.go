package doctype

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"yinxin/license"
)

// ProofFacts is what a proof (电子证明) says on its face.
type ProofFacts struct {
	Title  string      `json:"title,omitempty"`
	Number string      `json:"number,omitempty"`
	Date   license.Day `json:"date,omitempty"`
	Dated  string      `json:"dated,omitempty"`  // the date as written; without Date it is no day that exists
	Issuer string      `json:"issuer,omitempty"` // as written in the last lines
	Page   int         `json:"page,omitempty"`   // where issuing body and date stand
	Hidden bool        `json:"hidden,omitempty"` // there is text that cannot be read
}

var (
	proofTitle    = regexp.MustCompile(`(?:证明|证明书|证明函|证书|证明表)(?:\([^)]*\))?$`)
	numberPattern = regexp.MustCompile(`^(?:[\p{Han}]{0,8}编号|证明号|证书号|证书编号|文号|NO\.?|编码|验证码):?([A-Z0-9\p{Han}()\[\]第号/._-]{2,60})$`)
	papersNumber  = regexp.MustCompile(`^[\p{Han}]{1,12}[\[(]\d{4}[\])](?:第)?\d{1,6}号$`) // 示例证字〔2026〕12号
	bodyPattern   = regexp.MustCompile(`(?:局|厅|部|委|委员会|院|校|大学|学院|中学|小学|幼儿园|中心|公司|会|所|站|社|处|科|馆|行|集团|政府|办|办公室|厂|店|队|署|庭|台|园|企业|支行|分行|事务所|合伙\))$`)
	statement     = regexp.MustCompile(`(?:特此证明|兹证明|以上情况属实|此证)`)
)

// likelyProof asks for a title that proofs have and two of: words that certify, a number, a date with a body's name at the end.
func likelyProof(ctx context.Context, r *reading) (bool, error) {
	first, err := r.span(ctx, 1, 0)
	if err != nil || len(first) == 0 {
		return false, err
	}
	f := &ProofFacts{Title: clip(firstMatch(first[0].titles(), proofTitle))}
	if f.Title == "" && r.told != Proof {
		return false, nil
	}
	sheets, err := r.span(ctx, 2, 2)
	if err != nil {
		return false, err
	}
	certifies := f.read(sheets)
	signs := 0
	for _, has := range []bool{certifies, f.Number != "", f.Dated != "" && f.Issuer != ""} {
		if has {
			signs++
		}
	}
	if r.told != Proof && signs < 2 {
		return false, nil
	}
	r.facts.Proof, r.facts.Untested = f, true
	r.facts.Why = Words{"标题为“" + f.Title + "”，文末有出具单位和日期", "its title is “" + f.Title + "”, and it ends with a body and a date"}
	if f.Title == "" {
		r.facts.Why = Words{}
	}
	r.facts.Fields = f.fields()
	return true, nil
}

func (f *ProofFacts) read(sheets []sheet) (certifies bool) {
	for _, s := range sheets {
		f.Hidden = f.Hidden || s.hidden
		for _, line := range s.lines {
			for i, c := range line {
				certifies = certifies || statement.MatchString(c.text)
				if f.Number == "" {
					f.Number = clip(numberOf(line, i))
				}
			}
		}
	}
	for _, s := range slices.Backward(sheets) {
		if f.ending(s) {
			break
		}
	}
	return certifies
}

// numberOf reads a document's number from a cell, or from one that is only its label and the next.
func numberOf(line []cell, i int) string {
	text := line[i].text
	if papersNumber.MatchString(text) {
		return text
	}
	if label := strings.TrimSuffix(text, ":"); i+1 < len(line) && strings.HasSuffix(label, "编号") && isLabel(label) {
		text = label + ":" + line[i+1].text
	}
	m := numberPattern.FindStringSubmatch(text)
	if m == nil || !strings.ContainsAny(m[1], "0123456789") {
		return ""
	}
	return m[1]
}

// linesOfEnd is how many lines above and below the date the issuing body is looked for.
const linesOfEnd = 3

// ending reads the last line of a page that is a date and no more, and the body beside it, above it or below it.
func (f *ProofFacts) ending(s sheet) bool {
	for at := len(s.lines) - 1; at >= 0; at-- {
		for i, c := range s.lines[at] {
			found := days(c.text)
			if len(found) == 0 || utf8.RuneCountInString(c.text[:found[0].from]) > 8 || strings.ContainsAny(c.text, "。,;") || found[0].to != len(c.text) {
				continue
			}
			f.Date, f.Dated, f.Page = found[0].day, c.text[found[0].from:found[0].to], s.number
			f.Issuer = clip(issuerNear(s, at, i))
			return true
		}
	}
	return false
}

func issuerNear(s sheet, at, i int) string {
	near := slices.Clone(s.lines[at][:i])
	for k := 1; k <= linesOfEnd; k++ {
		if at-k >= 0 {
			near = append(near, s.lines[at-k]...)
		}
	}
	for k := 1; k <= linesOfEnd && at+k < len(s.lines); k++ {
		near = append(near, s.lines[at+k]...)
	}
	for _, c := range near {
		if name := bodyIn(c.text); name != "" {
			return name
		}
	}
	return ""
}

var sealHere = regexp.MustCompile(`\((?:盖章|公章|签章|章|印章|盖单位章|电子签章)\)`)

var issuerLabel = regexp.MustCompile(`^(?:发证|出具|证明|开具|签发|颁发)(?:机关|单位|机构|部门)`)

// bodyIn is the body that a cell of the last lines names, empty where it is none: 示例市数据局, 出具单位(盖章):示例市数据局.
func bodyIn(text string) string {
	text = sealHere.ReplaceAllString(text, "")
	if label, value, ok := labelled(text); ok {
		if !strings.HasSuffix(label, "单位") && !strings.HasSuffix(label, "机关") && !strings.HasSuffix(label, "机构") && !strings.HasSuffix(label, "部门") {
			return ""
		}
		return value
	}
	text = issuerLabel.ReplaceAllString(text, "")
	if n := utf8.RuneCountInString(text); n < 4 || n > 40 || strings.ContainsAny(text, "。,;:") || !bodyPattern.MatchString(text) {
		return ""
	}
	return text
}

func (f *ProofFacts) fields() []Field {
	var list []Field
	add := func(k Key, zh, en, value string, page int) {
		if value != "" {
			list = append(list, Field{Key: k, Label: Words{zh, en}, Value: value, From: onPage(page)})
		}
	}
	add("title", "标题", "title", f.Title, 1)
	add(KeyNumber, "编号", "number", f.Number, 1)
	date := string(f.Date)
	if date == "" {
		date = f.Dated
	}
	add(KeyDate, "出具日期", "date", date, f.Page)
	add(KeyIssuer, "出具单位", "issuing body", f.Issuer, f.Page)
	return list
}
