package codes

import (
	"fmt"
	"slices"
	"strings"

	"yinxin/fault"
)

// Description says what a text is, part by part, in words for people.
type Description struct {
	Kind     Kind           `json:"kind"`
	Code     string         `json:"code"`               // as it is written properly; the text as given where it has no form
	OK       bool           `json:"ok"`                 // well formed, and its own check character matches where it has one
	Parts    []Part         `json:"parts,omitempty"`    // in order; empty where the text has no form
	Warnings []fault.Public `json:"warnings,omitempty"` // check characters that do not match
	Problem  *fault.Public  `json:"problem,omitempty"`  // why the text has no form, else nil
}

// Part is one part of a code with its label and, where its value is known, its meaning.
type Part struct {
	ZH      string `json:"zh"`
	EN      string `json:"en"`
	Value   string `json:"value"`
	MeansZH string `json:"means_zh,omitempty"`
	MeansEN string `json:"means_en,omitempty"`
}

// Label returns the part's label in the language ("zh" or "en"; anything else is "en").
func (p Part) Label(lang string) string {
	if lang == "zh" {
		return p.ZH
	}
	return p.EN
}

// Means returns the meaning of the value in the language, empty where it is not known.
func (p Part) Means(lang string) string {
	if lang == "zh" {
		return p.MeansZH
	}
	return p.MeansEN
}

// Describe recognises a code by its shape and explains it. Nine digits are read as an organisation code when their check matches and as a seal
// code otherwise; eighteen are a unified social credit code.
func Describe(s string) Description {
	d := Description{Kind: recognise(s), Code: show(s)}
	var err error
	switch d.Kind {
	case KindUSCC:
		err = d.uscc(s)
	case KindOrganisation:
		err = d.organisation(s)
	case KindLicence:
		err = d.licence(s)
	case KindLicenceType:
		err = d.licenceType(s)
	case KindSeal:
		err = d.seal(s)
	case KindRegion:
		err = d.region(s)
	default:
		err = text{kind: KindUnknown, given: s}.fail(0, "可识别统一社会信用代码（18 位）、组织机构代码（9 位）、电子证照标识、证照类型代码（21 位）、印章编码（数字）和行政区划（6 位）",
			"known are unified social credit codes (18 characters), organisation codes (9), licence identifiers, licence type codes (21), seal codes (digits) and regions (6)")
	}
	if err != nil {
		if p, ok := fault.PublicOf(err); ok {
			d.Problem = &p
		}
	}
	return d
}

// recognise tells the kind by length and characters alone, so that a text with one wrong character is still explained as what it was meant to be.
func recognise(s string) Kind {
	t, err := normalise(KindUnknown, s)
	if err != nil {
		return KindUnknown
	}
	n := len(t.runes)
	allDigits := t.only(0, n, digits, "", "") == nil
	switch {
	case slices.Contains(t.runes, '.'):
		return KindLicence
	case n == usccLength:
		return KindUSCC
	case n == licenceTypeLength:
		return KindLicenceType
	case n == organisationLength+1 && t.runes[organisationLength-1] == '-':
		return KindOrganisation
	case n == organisationLength:
		if o, err := ParseOrganisationCode(s); allDigits && (err != nil || !o.CheckOK()) {
			return KindSeal
		}
		return KindOrganisation
	case n == regionLength && allDigits:
		return KindRegion
	case allDigits:
		return KindSeal
	}
	return KindUnknown
}

func (d *Description) add(zh, en, value string) {
	d.Parts = append(d.Parts, Part{ZH: zh, EN: en, Value: value})
}

func (d *Description) addMeaning(zh, en, value string, means [2]string) {
	d.Parts = append(d.Parts, Part{ZH: zh, EN: en, Value: value, MeansZH: means[0], MeansEN: means[1]})
}

// check adds a check character with the one expected where they differ.
func (d *Description) check(have, want string) {
	var means [2]string
	if have != want {
		means = [2]string{fmt.Sprintf("不符，应为 %s", want), fmt.Sprintf("does not match, %s expected", want)}
	} else {
		means = [2]string{"相符", "matches"}
	}
	d.addMeaning("校验位", "check character", have, means)
}

func (d *Description) uscc(s string) error {
	u, err := ParseUSCC(s)
	if err != nil {
		return err
	}
	d.Code, d.OK, d.Warnings = u.String(), u.CheckOK(), u.Warnings()
	d.addMeaning("登记管理部门", "registering department", u.Department(), departmentWords[u.Department()])
	d.addMeaning("机构类别", "class of body", u.Class(), classWords[u.Department()+u.Class()])
	d.addMeaning("登记机关行政区划", "region of registration", u.Region().String(), u.Region().words())
	d.add("主体标识（组织机构代码）", "body (organisation code)", u.Organisation().String())
	d.check(u.Check(), u.WantCheck())
	return nil
}

func (d *Description) organisation(s string) error {
	o, err := ParseOrganisationCode(s)
	if err != nil {
		return err
	}
	body := o.String()[:organisationLength-1]
	d.Code, d.OK, d.Warnings = body+"-"+o.Check(), o.CheckOK(), o.Warnings() // as printed: nine digits alone might be a seal code
	d.add("本体代码", "body", body)
	d.check(o.Check(), o.WantCheck())
	return nil
}

func (d *Description) licence(s string) error {
	id, err := ParseLicenceID(s)
	if err != nil {
		return err
	}
	d.Code, d.OK, d.Warnings = id.String(), id.CheckOK(), id.Warnings()
	d.add("根标识", "root", LicenceRoot)
	d.add("证照类型代码", "licence type", id.Type)
	d.add("发证机构代码", "issuer", id.Issuer)
	d.add("流水号", "serial", id.Serial)
	d.add("版本号", "version", fmt.Sprintf("%03d", id.Version))
	d.check(string(id.Check), string(id.WantCheck()))
	return nil
}

func (d *Description) licenceType(s string) error {
	t, err := ParseLicenceType(s)
	if err != nil {
		return err
	}
	d.Code, d.OK, d.Warnings = t.String(), t.Definer.CheckOK(), t.Definer.Warnings()
	d.add("定义机构", "defined by", t.Definer.String())
	d.add("序号", "number", t.Number)
	return nil
}

func (d *Description) seal(s string) error {
	c, err := ParseSealCode(s)
	if err != nil {
		return err
	}
	d.Code, d.OK = c.String(), true
	if !c.Usual() {
		d.addMeaning("编码", "code", c.String(), [2]string{"不是通常的 13 位", "not the usual 13 digits"})
		return nil
	}
	d.addMeaning("行政区划", "region", c.Region().String(), c.Region().words())
	d.add("顺序号", "sequence", c.Sequence())
	return nil
}

func (d *Description) region(s string) error {
	r, err := ParseRegion(s)
	if err != nil {
		return err
	}
	d.Code, d.OK = r.String(), true
	d.addMeaning("行政区划", "region", r.String(), r.words())
	return nil
}

// words names the level of a region by its zeros. 100000 stands for the country.
func (r Region) words() [2]string {
	switch {
	case r.code == "100000":
		return [2]string{"全国", "nationwide"}
	case strings.HasSuffix(r.code, "0000"):
		return [2]string{"省级", "province"}
	case strings.HasSuffix(r.code, "00"):
		return [2]string{"地级", "prefecture"}
	}
	return [2]string{"县级", "county"}
}

// departmentWords names the registering departments of GB 32100 table 1 as amended, as commonly published; a code that is not listed has no
// meaning here and is no error.
var departmentWords = map[string][2]string{
	"1": {"机构编制", "establishment of public bodies"},
	"2": {"外交", "foreign affairs"},
	"3": {"司法行政", "justice"},
	"4": {"文化", "culture"},
	"5": {"民政", "civil affairs"},
	"6": {"旅游", "tourism"},
	"7": {"宗教", "religious affairs"},
	"8": {"工会", "trade unions"},
	"9": {"市场监督管理", "market regulation"},
	"A": {"中央军委改革和编制办公室", "military establishment"},
	"N": {"农业农村", "agriculture and rural affairs"},
	"Y": {"其他", "other"},
}

// classWords names the classes by department and class.
var classWords = map[string][2]string{
	"11": {"机关", "public authority"},
	"12": {"事业单位", "public institution"},
	"13": {"群众团体", "mass organisation"},
	"19": {"其他", "other"},
	"51": {"社会团体", "social organisation"},
	"52": {"民办非企业单位", "private non-enterprise unit"},
	"53": {"基金会", "foundation"},
	"59": {"其他", "other"},
	"91": {"企业", "enterprise"},
	"92": {"个体工商户", "individual business"},
	"93": {"农民专业合作社", "farmers' cooperative"},
}
