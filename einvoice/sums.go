package einvoice

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"yinxin/codes"
)

func shapes(inv *Invoice, _ time.Time) []complaint {
	var list []complaint
	hold := func(f Field[string], id, zh, en string, level Level, lengths ...int) {
		if !f.Given() {
			return
		}
		for _, n := range lengths {
			if digits(f.Value, n) {
				return
			}
		}
		want := strings.Trim(strings.ReplaceAll(fmt.Sprint(lengths), " ", "/"), "[]")
		list = append(list, complaint{field: id, level: level, places: []Place{f.From},
			zh: fmt.Sprintf("%s %q 不是 %s 位数字", zh, excerpt(f.Value), want),
			en: fmt.Sprintf("the %s %q is not %s digits", en, excerpt(f.Value), want)})
	}
	switch inv.Kind {
	case VAT:
		hold(inv.Code, "code", "发票代码", "invoice code", Fail, 10, 12)
		hold(inv.Number, "number", "发票号码", "invoice number", Fail, 8)
		hold(inv.CheckCode, "check_code", "校验码", "check code", Warn, 20)
	case Digital:
		hold(inv.Number, "number", "发票号码", "invoice number", Fail, 20)
	case Unnamed:
		hold(inv.Number, "number", "发票号码", "invoice number", Fail, 8, 20)
	}
	return list
}

// numberYear: the first two digits of a 数电票 number are those of its year.
func numberYear(inv *Invoice, _ time.Time) []complaint {
	n, d := inv.Number, inv.Date
	if !n.Given() || !d.Given() || !digits(n.Value, 20) || n.Value[:2] == fmt.Sprintf("%02d", d.Value.Year%100) {
		return nil
	}
	return []complaint{{field: "number", places: []Place{n.From, d.From},
		zh: fmt.Sprintf("发票号码以 %s 开头，开票日期却是 %s", n.Value[:2], d.Value), en: fmt.Sprintf("the number begins with %s, but the date is %s", n.Value[:2], d.Value)}}
}

func taxIDs(inv *Invoice, _ time.Time) []complaint {
	var list []complaint
	for _, s := range inv.slots() {
		f := s.get()
		if !strings.HasSuffix(s.id, "_tax_id") || f.state != Given {
			continue
		}
		c := complaint{field: s.id, places: places(f)}
		if n := len(f.value); n != 18 {
			if n != 15 && n != 17 && n != 20 {
				c.zh, c.en = fmt.Sprintf("%s %q 不是 18 位", s.zh, excerpt(f.value)), fmt.Sprintf("the %s %q has not 18 characters", s.en, excerpt(f.value))
				list = append(list, c)
			}
			continue
		}
		u, err := codes.ParseUSCC(f.value)
		if err != nil {
			c.zh = fmt.Sprintf("%s %q 不是统一社会信用代码的格式", s.zh, excerpt(f.value))
			c.en = fmt.Sprintf("the %s %q has not the form of a unified social credit code", s.en, excerpt(f.value))
			list = append(list, c)
			continue
		}
		for _, w := range u.Warnings() {
			c.zh, c.en = s.zh+"："+w.ZH, s.en+": "+w.EN
			list = append(list, c)
		}
	}
	return list
}

// firstYear is when electronic invoices began to be tried in China.
const firstYear = 2012

func date(inv *Invoice, at time.Time) []complaint {
	d := inv.Date
	switch {
	case !d.Given():
	case !at.IsZero() && d.Value.Time().After(at.Add(24*time.Hour)):
		return []complaint{{field: "date", places: []Place{d.From}, zh: fmt.Sprintf("开票日期 %s 在将来", d.Value), en: fmt.Sprintf("the date of issue %s lies in the future", d.Value)}}
	case d.Value.Year < firstYear:
		return []complaint{{field: "date", level: Warn, places: []Place{d.From}, zh: fmt.Sprintf("开票日期 %s 时还没有电子发票", d.Value),
			en: fmt.Sprintf("there were no electronic invoices on %s", d.Value)}}
	}
	return nil
}

func total(inv *Invoice, _ time.Time) []complaint {
	n, t, sum := inv.Net, inv.Tax, inv.Total
	if !n.Given() || !t.Given() || !sum.Given() || n.Value+t.Value == sum.Value {
		return nil
	}
	return []complaint{{field: "total", places: []Place{n.From, t.From, sum.From},
		zh: fmt.Sprintf("合计金额 %s 加税额 %s 等于 %s，价税合计却写 %s", n.Value, t.Value, n.Value+t.Value, sum.Value),
		en: fmt.Sprintf("net %s and tax %s give %s, but the total says %s", n.Value, t.Value, n.Value+t.Value, sum.Value)}}
}

func capitals(inv *Invoice, _ time.Time) []complaint {
	c, f := inv.Capitals, inv.Total
	if !c.Given() || !f.Given() || c.Value == f.Value {
		return nil
	}
	return []complaint{{field: "capitals", places: []Place{c.From, f.From},
		zh: fmt.Sprintf("大写金额为 %s，小写金额为 %s（应写作%s）", c.Value, f.Value, f.Value.Capitals()),
		en: fmt.Sprintf("the capitals say %s, the figures %s (in capitals %s)", c.Value, f.Value, f.Value.Capitals())}}
}

func lines(inv *Invoice, _ time.Time) []complaint {
	var list []complaint
	hold := func(of Field[Amount], id, zh, en string, column func(*Item) Field[Amount]) {
		var sum Amount
		for i := range inv.Items {
			a := column(&inv.Items[i])
			if !a.Given() {
				return
			}
			sum += a.Value
		}
		if !of.Given() || len(inv.Items) == 0 || sum == of.Value {
			return
		}
		c := complaint{field: id, places: []Place{of.From},
			zh: fmt.Sprintf("各行%s相加为 %s，合计却写 %s", zh, sum, of.Value),
			en: fmt.Sprintf("the %s of the lines adds up to %s, but the sum says %s", en, sum, of.Value)}
		if diff := sum - of.Value; max(diff, -diff) <= Amount(len(inv.Items)) {
			c.level = Warn // each line may have been rounded by itself
		}
		list = append(list, c)
	}
	hold(inv.Net, "net", "金额", "amount", func(it *Item) Field[Amount] { return it.Amount })
	hold(inv.Tax, "tax", "税额", "tax", func(it *Item) Field[Amount] { return it.Tax })
	return list
}

func line(inv *Invoice, _ time.Time) []complaint {
	var list []complaint
	for i := range inv.Items {
		it := &inv.Items[i]
		if !it.Amount.Given() {
			continue
		}
		if q, p := it.Quantity, it.Price; q.Given() && p.Given() {
			if want := new(big.Rat).Mul(q.Value.Rat(), p.Value.Rat()); apart(want, it.Amount.Value) {
				list = append(list, complaint{field: "items", places: []Place{q.From, p.From, it.Amount.From},
					zh: fmt.Sprintf("第 %d 行数量 %s 乘单价 %s 得 %s，金额却写 %s", i+1, q.Value, p.Value, want.FloatString(2), it.Amount.Value),
					en: fmt.Sprintf("line %d: quantity %s by price %s gives %s, but the amount says %s", i+1, q.Value, p.Value, want.FloatString(2), it.Amount.Value)})
			}
		}
		if r, ok := rate(it.Rate.Value); ok && it.Rate.Given() && it.Tax.Given() {
			if want := r.Mul(r, it.Amount.Value.rat()); apart(want, it.Tax.Value) {
				list = append(list, complaint{field: "items", places: []Place{it.Amount.From, it.Rate.From, it.Tax.From},
					zh: fmt.Sprintf("第 %d 行金额 %s 按税率 %s 应纳税 %s，税额却写 %s", i+1, it.Amount.Value, it.Rate.Value, want.FloatString(2), it.Tax.Value),
					en: fmt.Sprintf("line %d: %s at %s gives a tax of %s, but it says %s", i+1, it.Amount.Value, it.Rate.Value, want.FloatString(2), it.Tax.Value)})
			}
		}
	}
	return list
}

func (a Amount) rat() *big.Rat { return big.NewRat(int64(a), 100) }

// apart reports whether a product differs from what is written by more than one fen.
func apart(want *big.Rat, got Amount) bool {
	diff := new(big.Rat).Sub(want, got.rat())
	return diff.Abs(diff).Cmp(big.NewRat(1, 100)) > 0
}

// graph reads version,kind,code,number,net,date,check code,… as the older form's two-dimensional code has them.
func graph(inv *Invoice, _ time.Time) []complaint {
	parts := strings.Split(inv.Graph.Value, ",")
	if !inv.Graph.Given() || inv.Kind != VAT {
		return nil
	}
	if len(parts) < 7 {
		return []complaint{{field: "graph", level: Undecided, places: []Place{inv.Graph.From},
			zh: "二维码内容的格式无法识别", en: "what the two-dimensional code holds has no known form"}}
	}
	other := FromLabels(inv.Part, []Label{{"发票代码", parts[2]}, {"发票号码", parts[3]}, {"合计金额", parts[4]}, {"开票日期", parts[5]}, {"校验码", parts[6]}})
	var list []complaint
	theirs := other.slots()
	for i, s := range inv.slots() {
		a, b := s.get(), theirs[i].get()
		if a.state == Given && b.state == Given && a.value != b.value {
			list = append(list, complaint{field: s.id, places: []Place{a.from, inv.Graph.From},
				zh: fmt.Sprintf("%s为 %q，二维码内容却是 %q", s.zh, excerpt(a.raw), excerpt(b.raw)),
				en: fmt.Sprintf("the %s is %q, but the two-dimensional code holds %q", s.en, excerpt(a.raw), excerpt(b.raw))})
		}
	}
	return list
}
