package doctype

import (
	"context"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"yinxin/license"
)

// ContractFacts is what a contract says on its face.
type ContractFacts struct {
	Title   string      `json:"title,omitempty"`
	Number  string      `json:"number,omitempty"`
	Date    license.Day `json:"date,omitempty"`
	Parties []Party     `json:"parties,omitempty"`
	Hidden  bool        `json:"hidden,omitempty"` // there is text that cannot be read
	Partly  bool        `json:"partly,omitempty"` // pages in the middle were not read
}

// Party is one of those whom a contract binds.
type Party struct {
	Role  string   `json:"role"` // 甲方
	Name  string   `json:"name,omitempty"`
	USCC  string   `json:"uscc,omitempty"`
	Other []string `json:"other,omitempty"` // further names that it has in the same role
	Page  int      `json:"page"`
}

const (
	mostParties = 20
	mostRoles   = 100 // on a page
)

var (
	contractTitle = regexp.MustCompile(`(?:合同|协议|协议书|合同书|CONTRACT|AGREEMENT)(?:书|\([^)]*\))?$`)
	rolePattern   = regexp.MustCompile(`^\(?([甲乙丙丁戊己庚辛壬癸]方|买方|卖方|买受人|出卖人|供方|需方|出租方|承租方|出租人|承租人|委托方|受托方|委托人|受托人|` +
		`发包方|承包方|发包人|承包人|采购方|供货方|转让方|受让方|借款人|贷款人|保证人|PARTY[A-H]|BUYER|SELLER)(\d?)((?:\([^)]*\)|盖章|公章|签章)*)(:?)(.*)$`)
	codeLabel    = regexp.MustCompile(`^(?:统一社会)?(?:信用代码|统一代码|USCC)(?:/[^:]*)?:?([0-9A-Z]{18})?$|^(?:纳税人识别号|税号):?([0-9A-Z]{18})$`)
	codeInside   = regexp.MustCompile(`(?:信用代码|税号|识别号):?([0-9A-Z]{18})`)
	nameEnd      = regexp.MustCompile(`\((?:以下|下称|简称|盖章|公章|签章|签字|章)[^)]*\)?|[;。"“]|,\p{Han}|统一社会信用代码|_{2,}|法定代表人|地址:|住所:|\(统一`)
	contractDate = regexp.MustCompile(`^(?:合同)?(?:签订|签署|订立|签约|生效)?(?:日期|时间|日):?`)
)

// likelyContract asks for a title that contracts have and two parties.
func likelyContract(ctx context.Context, r *reading) (bool, error) {
	first, err := r.span(ctx, 1, 0)
	if err != nil || len(first) == 0 {
		return false, err
	}
	f := &ContractFacts{Title: clip(firstMatch(first[0].titles(), contractTitle))}
	if f.Title == "" && r.told != Contract {
		return false, nil
	}
	sheets, err := r.span(ctx, mostPages/2, mostPages/2)
	if err != nil {
		return false, err
	}
	for i, s := range sheets {
		f.read(s)
		f.Partly = f.Partly || i > 0 && s.number != sheets[i-1].number+1
	}
	if r.told != Contract && len(f.Parties) < 2 {
		return false, nil
	}
	r.facts.Contract, r.facts.Untested = f, true
	if f.Title != "" {
		r.facts.Why = Words{"标题为“" + f.Title + "”，并写明了当事人", "its title is “" + f.Title + "”, and it names parties"}
	}
	r.facts.Fields = f.fields()
	return true, nil
}

func (f *ContractFacts) read(s sheet) {
	f.Hidden = f.Hidden || s.hidden
	roles := 0
	for at, line := range s.lines {
		for i, c := range line {
			if n := numberOf(line, i); f.Number == "" && n != "" {
				f.Number = clip(n)
			}
			f.dated(line, i)
			m := rolePattern.FindStringSubmatch(c.text)
			if m == nil || m[4] == "" && m[5] != "" || roles >= mostRoles {
				continue // running text: 甲方应当……
			}
			roles++
			name := nameAt(s, at, i, m[5])
			if m[3] == "" && m[4] == "" && name == "" {
				continue
			}
			f.party(m[1]+m[2], name, codeAt(s, at, c, m[5]), s.number)
		}
	}
}

// dated takes the last day that is labelled as that of signing.
func (f *ContractFacts) dated(line []cell, i int) {
	text := line[i].text
	if i+1 < len(line) && contractDate.FindString(text) == text {
		text += line[i+1].text
	}
	label := contractDate.FindString(text)
	if found := days(text); label != "" && len(found) > 0 && found[0].from == len(label) && found[0].day != "" {
		f.Date = found[0].day
	}
}

// party adds what one place says of a party to what others said.
func (f *ContractFacts) party(role, name, code string, page int) {
	i := slices.IndexFunc(f.Parties, func(p Party) bool { return p.Role == role })
	if i < 0 {
		if len(f.Parties) < mostParties {
			f.Parties = append(f.Parties, Party{Role: role, Name: name, USCC: code, Page: page})
		}
		return
	}
	p := &f.Parties[i]
	switch {
	case p.Name == "":
		p.Name = name
	case name != "" && name != p.Name && !slices.Contains(p.Other, name) && len(p.Other) < mostParties:
		p.Other = append(p.Other, name)
	}
	if p.USCC == "" {
		p.USCC = code
	}
}

// nameAt reads a party's name: behind the role, else in the next cell, else below; and the line below it where it is broken.
func nameAt(s sheet, at, i int, rest string) string {
	c := s.lines[at][i]
	if rest == "" && i+1 < len(s.lines[at]) {
		if next := s.lines[at][i+1]; likeName(next.text) {
			c, rest = next, next.text
		}
	}
	if rest == "" {
		if low, ok := beneath(s, at, c); ok && likeName(low.text) {
			c, rest, at = low, low.text, at+1
		}
	}
	name := cutName(rest)
	if name == "" || name != rest || bodyPattern.MatchString(name) {
		return name
	}
	if low, ok := beneath(s, at, c); ok && bodyPattern.MatchString(low.text) {
		name += cutName(low.text)
	}
	return name
}

var personName = regexp.MustCompile(`^[\p{Han}·]{2,6}$`)

// likeName reports whether text that stands apart from the party's role is its name: a body's, or a person's.
func likeName(text string) bool {
	return !rolePattern.MatchString(text) && (bodyPattern.MatchString(text) || personName.MatchString(text) && !strings.ContainsAny(text, "年月日"))
}

// beneath is the cell of the next lines in the same column, when it may go on with a name.
func beneath(s sheet, at int, c cell) (cell, bool) {
	for k := at + 1; k < len(s.lines) && k <= at+3; k++ {
		for _, low := range s.lines[k] {
			if !overlaps(c, low) || low.y-c.y > 2.5*c.height {
				continue
			}
			ok := !strings.ContainsAny(low.text, ":。") && !rolePattern.MatchString(low.text) && !codeLabel.MatchString(low.text) && len(days(low.text)) == 0
			return low, ok && utf8.RuneCountInString(low.text) <= 60
		}
	}
	return cell{}, false
}

func cutName(s string) string {
	if at := nameEnd.FindStringIndex(s); at != nil {
		s = s[:at[0]]
	}
	s = strings.Trim(s, "_-—:/ ")
	if n := utf8.RuneCountInString(s); n < 2 || n > 80 {
		return ""
	}
	return s
}

// linesOfParty is how many lines below a party's name its code is looked for.
const linesOfParty = 6

// codeAt reads the code that is printed for a party: with the name, or below it in its column.
func codeAt(s sheet, at int, c cell, rest string) string {
	if m := codeInside.FindStringSubmatch(rest); m != nil {
		return m[1]
	}
	for k := at + 1; k < len(s.lines) && k <= at+linesOfParty; k++ {
		for i, low := range s.lines[k] {
			if math.Abs(low.x-c.x) > max(5, 2.5*c.height) {
				continue
			}
			if rolePattern.MatchString(low.text) {
				return ""
			}
			m := codeLabel.FindStringSubmatch(low.text)
			switch {
			case m == nil:
			case m[1]+m[2] != "":
				return m[1] + m[2]
			case i+1 < len(s.lines[k]):
				if _, shaped := codeDoubts(s.lines[k][i+1].text); shaped {
					return s.lines[k][i+1].text
				}
			}
		}
	}
	return ""
}

func (f *ContractFacts) fields() []Field {
	var list []Field
	add := func(k Key, zh, en, value string, page int) {
		if value == "" {
			return
		}
		field := Field{Key: k, Label: Words{zh, en}, Value: value}
		if page > 0 {
			field.From = onPage(page)
		}
		list = append(list, field)
	}
	add("title", "标题", "title", f.Title, 1)
	add(KeyNumber, "合同编号", "number", f.Number, 0)
	var names []string
	for _, p := range f.Parties {
		if p.Name != "" {
			names = append(names, p.Role+" "+clip(p.Name))
		}
	}
	add(KeyParties, "当事人", "parties", strings.Join(names, "；"), 0)
	add(KeyDate, "签订日期", "date", string(f.Date), 0)
	return list
}
