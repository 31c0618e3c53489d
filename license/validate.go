package license

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"yinxin/codes"
)

var (
	keyPattern   = regexp.MustCompile(`^[a-z][A-Za-z0-9]{0,31}$`)
	wordPattern  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)
	placePattern = regexp.MustCompile(`\{([^{}]*)\}`)
)

// Validate says whether the description holds together. The error names every problem.
func (t Type) Validate() error {
	return t.problems().fault("license-type",
		"证照类型描述有误，请改正后重新载入：", "the licence type is not usable, correct it and load it again: ")
}

func (t Type) problems() Problems {
	var p Problems
	t.checkHead(&p)
	reasons := t.checkReasons(&p)
	t.checkFields(&p, reasons)
	t.checkValidity(&p)
	t.checkSeals(&p)
	return p
}

func (t Type) checkHead(p *Problems) {
	code, err := codes.ParseLicenceType(t.Code)
	if err != nil || code.String() != t.Code {
		p.add("code", "type-code", "类型代码应为 21 位：18 位统一社会信用代码加 3 位数字",
			"the type code must be 21 characters: a unified social credit code and three digits")
	} else if code.Definer.String() != t.Authority.USCC {
		p.add("code", "type-code", "类型代码的前 18 位应是 authority.uscc", "the type code must begin with authority.uscc")
	}
	if t.Version < 1 {
		p.add("version", "version", "版本从 1 起", "versions start at 1")
	}
	checkWords(p, "name", t.Name)
	if !plain(t.Authority.Name, MaxName, false) {
		p.add("authority.name", "name", "机构名称为空、过长或含控制字符", "the body's name is empty, too long or holds control characters")
	}
	checkUSCC(p, "authority.uscc", Words{"机构代码", "the body's code"}, t.Authority.USCC)
	if !wordPattern.MatchString(t.Layout) {
		p.add("layout", "layout", "版式名只用小写字母、数字和连字符", "a layout name is lower case letters, digits and hyphens")
	}
	if err := checkBase(t.QR); err != nil {
		p.add("qr", "qr-base", "二维码基址应是以 / 或 = 结尾的 https 地址，不带用户名和片段，不超过 200 个字符",
			"the QR base must be an https address ending in / or =, without user and fragment, of at most 200 characters")
	}
}

func checkBase(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return err
	case u.Scheme != "https" || u.Host == "" || u.User != nil || u.Fragment != "" || len(base) > 200:
		return fmt.Errorf("license: %d characters of a base that is not plain https", len(base))
	case !strings.HasSuffix(base, "/") && !strings.HasSuffix(base, "="):
		return fmt.Errorf("license: the base ends neither in / nor in =")
	}
	for _, c := range base {
		if c <= ' ' || c > '~' {
			return fmt.Errorf("license: the base holds the character %q", c)
		}
	}
	return nil
}

func checkWords(p *Problems, where string, w Words) {
	if !plain(w.ZH, MaxName, false) || !plain(w.EN, MaxName, false) {
		p.add(where, "words", "中英文名称（zh、en）都要填写，各不超过 200 个字符", "both zh and en are needed, at most 200 characters each")
	}
}

func (t Type) checkReasons(p *Problems) map[string]bool {
	known := map[string]bool{}
	if len(t.Reasons) > MaxReasons {
		p.add("reasons", "too-many", "缺失理由过多", fmt.Sprintf("more than %d reasons", MaxReasons))
		return known
	}
	for i, r := range t.Reasons {
		where := fmt.Sprintf("reasons[%d]", i)
		if !wordPattern.MatchString(r.Code) || known[r.Code] {
			p.add(where+".code", "reason-code", "理由代码重复或格式不对（小写字母、数字、连字符）", "the reason code is used twice or is not lower case letters, digits and hyphens")
		}
		known[r.Code] = true
		checkWords(p, where, Words{r.ZH, r.EN})
	}
	return known
}

func (t Type) checkFields(p *Problems, reasons map[string]bool) {
	if len(t.Fields) == 0 || len(t.Fields) > MaxFields {
		p.add("fields", "field-count", fmt.Sprintf("字段数应为 1 至 %d", MaxFields), fmt.Sprintf("a type has 1 to %d fields", MaxFields))
		return
	}
	keys, roles := map[string]bool{}, map[Role]bool{}
	for i, f := range t.Fields {
		where := fmt.Sprintf("fields[%d]", i)
		if !keyPattern.MatchString(f.Key) || keys[f.Key] {
			p.add(where+".key", "field-key", "字段键重复或格式不对（小写字母开头，只用字母和数字）", "the key is used twice or is not letters and digits starting with a lower case letter")
		}
		keys[f.Key] = true
		checkWords(p, where+".label", f.Label)
		if gradeRank[f.Grade] == 0 {
			p.add(where+".grade", "grade", "分级只有 public、restricted、confidential", "grades are public, restricted and confidential")
		}
		checkKind(p, where, f)
		if f.Role != "" {
			if roles[f.Role] {
				p.add(where+".role", "role", "同一角色用了两次", "the role is used twice")
			}
			roles[f.Role] = true
			checkRole(p, where, f)
		}
		if len(f.Absent) > 0 && !f.Required {
			p.add(where+".absent", "absent", "非必填字段无需缺失理由", "a field that is not required needs no reasons for absence")
		}
		for _, code := range f.Absent {
			if !reasons[code] {
				p.add(where+".absent", "absent", "缺失理由未在 reasons 中列出", "a reason for absence is not listed under reasons")
			}
		}
	}
}

func checkKind(p *Problems, where string, f Field) {
	switch f.Kind {
	case Text, Address, List:
		if f.Max < 1 || f.Max > MaxValue {
			p.add(where+".max", "max", fmt.Sprintf("最大长度应为 1 至 %d 个字符", MaxValue), fmt.Sprintf("max must be 1 to %d characters", MaxValue))
		}
	case Date, USCC, Amount:
		if f.Max != 0 {
			p.add(where+".max", "max", "日期、代码和金额的长度固定，不写 max", "dates, codes and amounts have a fixed length: leave max out")
		}
	default:
		p.add(where+".kind", "kind", "字段类型只有 text、address、list、date、uscc、amount", "kinds are text, address, list, date, uscc and amount")
	}
}

func checkRole(p *Problems, where string, f Field) {
	ok := false
	switch f.Role {
	case HolderName, IssuerName:
		ok = f.Kind == Text
	case HolderCode:
		ok = f.Kind == USCC || f.Kind == Text
	case IssueDate:
		ok = f.Kind == Date
	}
	if !ok {
		p.add(where+".role", "role", "角色未知或与字段类型不符", "the role is unknown or does not go with the field's kind")
	}
}

func (t Type) checkValidity(p *Problems) {
	v := t.Validity
	ok := false
	switch v.Kind {
	case ValidForever:
		ok = v.Months == 0 && v.Field == ""
	case ValidMonths:
		ok = v.Months >= 1 && v.Months <= 1200 && v.Field == ""
	case ValidUntil:
		f, found := t.Field(v.Field)
		ok = found && f.Kind == Date && v.Months == 0
	}
	if !ok {
		p.add("validity", "validity", "有效期写作 kind: none，或 kind: months 加 months（1 至 1200），或 kind: until 加一个日期字段 field",
			"validity is kind: none, or kind: months with months (1 to 1200), or kind: until with field, the key of a date field")
	}
}

func (t Type) checkSeals(p *Problems) {
	if len(t.Seals) > MaxSeals {
		p.add("seals", "too-many", "印章过多", fmt.Sprintf("more than %d seals", MaxSeals))
		return
	}
	seen := map[SealKind]bool{}
	for i, s := range t.Seals {
		where := fmt.Sprintf("seals[%d]", i)
		switch s.Kind {
		case AgencySeal, LegalNameSeal, FinanceSeal, ContractSeal, InvoiceSeal, PersonSeal:
		default:
			p.add(where+".kind", "seal-kind", "未知的印章类型", "unknown kind of seal")
		}
		if seen[s.Kind] {
			p.add(where+".kind", "seal-kind", "同类印章列了两次", "the kind of seal is listed twice")
		}
		seen[s.Kind] = true
		t.checkPattern(p, where+".name", s.Name)
	}
	if !seen[AgencySeal] {
		p.add("seals", "agency-seal", "缺少发证机关印章（kind: agency）：没有印章不得发证", "the issuing body's seal (kind: agency) is missing: nothing is issued unsealed")
	}
}

// checkPattern refuses a seal name whose placeholders cannot be filled.
func (t Type) checkPattern(p *Problems, where, pattern string) {
	ok := plain(pattern, MaxName, false)
	for _, m := range placePattern.FindAllStringSubmatch(pattern, -1) {
		if key, found := strings.CutPrefix(m[1], "face."); found {
			f, known := t.Field(key)
			ok = ok && known && f.Kind == Text
		} else {
			ok = ok && (m[1] == "issuer" || m[1] == "holder")
		}
	}
	if rest := placePattern.ReplaceAllString(pattern, ""); strings.ContainsAny(rest, "{}") {
		ok = false
	}
	if !ok {
		p.add(where, "seal-name", "印章名称只可使用 {issuer}、{holder} 和 {face.文本字段键}", "a seal's name may use {issuer}, {holder} and {face.KEY} of a text field")
	}
}
