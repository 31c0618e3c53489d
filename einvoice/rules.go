package einvoice

import (
	"fmt"
	"time"

	"yinxin/fault"
)

// Level says what a finding does to a judgement.
type Level string

// The levels.
const (
	Fail      Level = "fail"      // the invoice contradicts itself, or what it may be
	Undecided Level = "undecided" // a rule could not be held against it: never to be shown as passed
	Warn      Level = "warn"      // calls for a second look
	Inform    Level = "inform"
)

// Finding is one thing that a rule has to say. Its code never changes once released.
type Finding struct {
	fault.Public
	Level  Level   `json:"level"`
	Field  string  `json:"field,omitempty"` // as the JSON of Invoice has it, joined by underscores; of lines: items
	Places []Place `json:"places,omitempty"`
}

// Rule is one rule of Check.
type Rule struct {
	Code   string
	Level  Level // of its findings, unless a finding is milder
	ZH, EN string
	check  func(*Invoice, time.Time) []complaint
}

// complaint is a finding before its rule's name is put to it.
type complaint struct {
	field  string
	zh, en string
	level  Level // empty: the rule's
	places []Place
}

// Rules lists what Check holds an invoice against, in order.
func Rules() []Rule {
	return []Rule{
		{"invoice-field-unread", Undecided, "必要字段齐全且可读", "the fields that count are there and can be read", unread},
		{"invoice-code-shape", Fail, "发票代码、号码、校验码的位数", "code, number and check code have their lengths", shapes},
		{"invoice-number-year", Warn, "发票号码与开票年份一致", "the number's year is the year of issue", numberYear},
		{"invoice-tax-id", Warn, "纳税人识别号的格式和校验位", "tax numbers have a known form and their check characters match", taxIDs},
		{"invoice-date", Fail, "开票日期合理", "the date of issue is plausible", date},
		{"invoice-total", Fail, "金额加税额等于价税合计", "net and tax add up to the total", total},
		{"invoice-capitals", Fail, "大写金额等于小写金额", "the total in capitals equals the figures", capitals},
		{"invoice-lines", Fail, "各行相加等于合计", "the lines add up to net and tax", lines},
		{"invoice-line", Warn, "每行数量、单价、税率与金额相符", "within each line, quantity, price and rate agree with the amounts", line},
		{"invoice-graph", Fail, "二维码内容与数据一致", "what the two-dimensional code holds agrees with the data", graph},
		{"invoice-form-untested", Inform, "此类发票未经真实样本检验", "this form was never tried on a real file", untested},
		{"invoice-not-asked", Inform, "是否开具、是否作废须向税务机关查验", "issue and voiding are for the tax authority to confirm", notAsked},
	}
}

// Check holds an invoice against Rules. at is the moment it is judged at; where it is zero, the date is not held against the present. A rule whose
// fields cannot be read keeps silent, and invoice-field-unread speaks for it.
func Check(inv *Invoice, at time.Time) []Finding {
	var list []Finding
	for _, r := range Rules() {
		list = append(list, r.Check(inv, at)...)
	}
	return list
}

// Check holds an invoice against one rule.
func (r Rule) Check(inv *Invoice, at time.Time) []Finding {
	return findings(r.Code, r.Level, r.check(inv, at))
}

// mostSaid bounds the findings of one code: whoever reads fifty knows.
const mostSaid = 50

func findings(code string, level Level, all []complaint) []Finding {
	var list []Finding
	for _, c := range all[:min(len(all), mostSaid)] {
		list = append(list, finding(code, level, c))
	}
	if more := len(all) - mostSaid; more > 0 {
		list = append(list, finding(code, level, complaint{zh: fmt.Sprintf("另有 %d 处同类问题", more), en: fmt.Sprintf("and %d more of the same", more)}))
	}
	return list
}

func finding(code string, level Level, c complaint) Finding {
	if c.level != "" {
		level = c.level
	}
	return Finding{fault.Public{Code: code, ZH: c.zh, EN: c.en}, level, c.field, c.places}
}

// required are the fields without which an invoice cannot be judged.
func required(k Kind) map[string]bool {
	m := map[string]bool{}
	for _, id := range []string{"number", "date", "seller_name", "seller_tax_id", "buyer_name", "net", "tax", "total"} {
		m[id] = true
	}
	if k == VAT {
		m["code"], m["check_code"] = true, true
	}
	return m
}

func unread(inv *Invoice, _ time.Time) []complaint {
	var list []complaint
	must := required(inv.Kind)
	for _, s := range inv.slots() {
		if c, ok := s.unread(must[s.id]); ok {
			list = append(list, c)
		}
	}
	if len(inv.Items) == 0 {
		list = append(list, complaint{field: "items", zh: "没有明细行，合计无法由明细核对", en: "there are no lines, so the sums cannot be checked against them"})
	}
	for i := range inv.Items {
		for _, s := range inv.Items[i].slots(i + 1) {
			if c, ok := s.unread(s.id == "amount" || s.id == "tax"); ok {
				c.field = "items"
				list = append(list, c)
			}
		}
	}
	return list
}

func (s slot) unread(must bool) (complaint, bool) {
	f := s.get()
	c := complaint{field: s.id, places: places(f)}
	if f.state == Given || !must && f.state < Repeated {
		return c, false
	}
	zh, en := s.names()
	switch f.state {
	case Unreadable:
		c.zh, c.en = fmt.Sprintf("%s写作 %q，无法确定其值", zh, excerpt(f.raw)), fmt.Sprintf("the %s reads %q, which has no certain meaning", en, excerpt(f.raw))
	case Repeated:
		c.zh, c.en = zh+"出现多次，无法确定以哪个为准", fmt.Sprintf("the %s is given more than once; which one counts is not said", en)
	case Missing:
		c.zh, c.en = "缺少"+zh, fmt.Sprintf("the %s is missing", en)
	case Empty:
		c.zh, c.en = zh+"为空", fmt.Sprintf("the %s is empty", en)
	}
	return c, true
}

// places lists where values stood, leaving out those that stood nowhere.
func places(fields ...said) []Place {
	var list []Place
	for _, f := range fields {
		if f.from != (Place{}) {
			list = append(list, f.from)
		}
	}
	return list
}

func untested(inv *Invoice, _ time.Time) []complaint {
	if !inv.Untested {
		return nil
	}
	return []complaint{{zh: "本程序按公开说明读取此类发票，未经真实样本检验，请对照票面",
		en: "this form is read after public descriptions and was never tried on a real file; compare with the face"}}
}

func notAsked(*Invoice, time.Time) []complaint {
	return []complaint{{zh: "此处只核对发票数据自身；是否由税务机关开具、是否已作废或红冲，请在税务机关的查验平台查询",
		en: "only the invoice's own data was checked here; whether it was issued, voided or reversed is for the tax authority's service to answer"}}
}
