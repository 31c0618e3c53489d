package doctype

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"yinxin/einvoice"
)

// The words of an invoice's face, in the folded form of a sheet. The form of the tax authorities has a name at the top, and each field behind its own name.
var (
	invoiceTitle = regexp.MustCompile(`电子发票|增值税.{0,12}发票`)
	invoiceLabel = regexp.MustCompile(`(发票代码|发票号码|开票日期|校验码|机器编号|收款人|复核人?|开票人|(?:购买方|购方|销售方|销方)?(?:名称|纳税人识别号|统一社会信用代码/纳税人识别号|统一社会信用代码)):`)
	figures      = regexp.MustCompile(`-?¥?-?\d[\d,.]*`)
)

// mostWritten bounds how many fields of a page are looked at.
const mostWritten = 200

// printedField is a field as a page shows it: its name, and what stands behind it.
type printedField struct {
	label, value string
	x, y         float64 // mm: of the name
}

// invoiceWords reads the pages by their words: those that show an invoice's number, each as an invoice, unless it has the number of one before. Of a
// document that nothing else says is an invoice, the first page must have the name of one and two of its fields, or no further page is read.
func (r *reading) invoiceWords(ctx context.Context, f *InvoiceFacts) (look facelook, err error) {
	known := len(f.Data) > 0 || f.Face != nil || r.told == Invoice
	for n := 1; n <= r.pageCount(); n++ {
		s, err := r.sheet(ctx, n)
		if err != nil {
			return look, err
		}
		inv, titled := s.invoice()
		look.titled, look.written = look.titled || titled, look.written || len(s.lines) > 0
		f.Hidden = f.Hidden || s.hidden
		if says(&inv) && (known || titled) && !slices.ContainsFunc(f.Words, func(other einvoice.Invoice) bool { return sameNumber(&other, &inv) }) {
			f.Words = append(f.Words, inv)
		}
		if len(f.Words) == 0 && !known {
			break
		}
	}
	return look, nil
}

// facelook is how pages look at a glance.
type facelook struct {
	titled  bool // one has the name of an invoice and its fields
	written bool // there is text
}

// isOne reports whether a document with data or tags is an invoice. One that carries an invoice's data and whose pages say something else, a contract or a
// claim for expenses, only has the invoice with it.
func (f *InvoiceFacts) isOne(look facelook) bool {
	if f.Face != nil || f.Labels != nil || look.titled {
		return true
	}
	return len(f.Data) > 0 && (!look.written || slices.ContainsFunc(f.Words, func(w einvoice.Invoice) bool { return tells(&w) }))
}

// sameNumber reports whether two pages are of one invoice. One without a number goes on with what was before it.
func sameNumber(a, b *einvoice.Invoice) bool {
	return !b.Number.Given() || a.Number.Value == b.Number.Value && (a.Code.Value == b.Code.Value || !b.Code.Given())
}

// invoice reads a page as an invoice. titled reports that it has the name of one, and its number with the date or the total.
func (s sheet) invoice() (inv einvoice.Invoice, titled bool) {
	var labels []einvoice.Label
	var parties []printedField
	var all strings.Builder
	for _, line := range s.lines {
		for _, c := range line {
			all.WriteString(c.text)
		}
		for _, w := range fieldsOf(line) {
			switch {
			case w.value == "": // the name of a field that was left empty, or that is filled in with what is no text
			case w.side():
				parties = append(parties, w)
			default:
				labels = append(labels, einvoice.Label{Name: w.label, Value: w.value})
			}
		}
		if len(labels)+len(parties) > mostWritten {
			break
		}
	}
	labels = append(labels, sides(parties, "名称", "名称")...)
	labels = append(labels, sides(parties, "代码", "纳税人识别号")...)
	inv = einvoice.FromLabels(onPage(s.number), labels)
	inv.Source = einvoice.Words
	dated := inv.Date.State != einvoice.Missing || inv.Total.State != einvoice.Missing
	return inv, invoiceTitle.MatchString(all.String()) && inv.Number.State != einvoice.Missing && dated
}

// fieldsOf lists the fields of a line: names with a colon behind them, the sums, and the total.
func fieldsOf(line []cell) []printedField {
	var list []printedField
	for i, c := range line {
		next := ""
		if i+1 < len(line) {
			next = line[i+1].text
		}
		switch {
		case strings.HasPrefix(c.text, "价税合计"):
			list = append(list, totalIn(line[i:])...)
			return list
		case strings.HasPrefix(c.text, "合计"):
			list = append(list, sumsIn(line[i:])...)
			return list
		}
		at := invoiceLabel.FindAllStringSubmatchIndex(c.text, -1)
		for k, m := range at {
			end := len(c.text)
			if k+1 < len(at) {
				end = at[k+1][0]
			}
			w := printedField{label: c.text[m[2]:m[3]], value: c.text[m[1]:end], x: c.x, y: c.y}
			if before := c.text[:m[0]]; k == 0 && before != "" && strings.HasSuffix(w.label, "名称") {
				continue // 项目名称, 开户行名称
			}
			if w.value == "" && !invoiceLabel.MatchString(next) {
				w.value = next
			}
			list = append(list, w)
		}
	}
	return list
}

// totalIn reads 价税合计(大写) 壹佰圆整 (小写)¥100.00.
func totalIn(line []cell) []printedField {
	var all strings.Builder
	for _, c := range line {
		all.WriteString(c.text)
	}
	text := strings.TrimPrefix(strings.TrimPrefix(all.String(), "价税合计"), "(大写)")
	capitals, small, found := strings.Cut(text, "(小写)")
	var list []printedField
	if capitals = strings.Trim(capitals, ":"); capitals != "" {
		list = append(list, printedField{label: "价税合计（大写）", value: capitals})
	}
	if found {
		list = append(list, printedField{label: "价税合计（小写）", value: strings.TrimPrefix(small, ":")})
	}
	return list
}

// sumsIn reads 合计 ¥100.00 ¥6.00: the amount, then the tax. Where there is no tax, stars stand for it.
func sumsIn(line []cell) []printedField {
	var sums []string
	for _, c := range line {
		sums = append(sums, figures.FindAllString(c.text, -1)...)
	}
	var list []printedField
	for i, label := range []string{"合计金额", "合计税额"} {
		if i < len(sums) && len(sums) <= 2 {
			list = append(list, printedField{label: label, value: sums[i]})
		}
	}
	return list
}

// side reports whether a field is of the seller or of the buyer.
func (w printedField) side() bool {
	return strings.HasSuffix(w.label, "名称") || strings.HasSuffix(w.label, "纳税人识别号") || strings.HasSuffix(w.label, "统一社会信用代码")
}

// sides tells buyer and seller apart for the fields that end so: by name, or else by place. There are two: the buyer's above the seller's, as in the older
// form, or left of it, as in the digital one. Of any other number none is told.
func sides(list []printedField, kind, field string) []einvoice.Label {
	list = slices.DeleteFunc(slices.Clone(list), func(w printedField) bool { return strings.HasSuffix(w.label, "名称") != (kind == "名称") })
	var out []einvoice.Label
	unnamed := list[:0]
	for _, w := range list {
		switch {
		case strings.HasPrefix(w.label, "购"):
			out = append(out, einvoice.Label{Name: "购买方" + field, Value: w.value})
		case strings.HasPrefix(w.label, "销"):
			out = append(out, einvoice.Label{Name: "销售方" + field, Value: w.value})
		default:
			unnamed = append(unnamed, w)
		}
	}
	if len(unnamed) != 2 || len(out) > 0 {
		return out
	}
	const apart = 6 // mm: two lines
	slices.SortStableFunc(unnamed, func(a, b printedField) int {
		if d := a.y - b.y; d > apart || d < -apart {
			return cmp.Compare(a.y, b.y)
		}
		return cmp.Compare(a.x, b.x)
	})
	return append(out, einvoice.Label{Name: "购买方" + field, Value: unnamed[0].value}, einvoice.Label{Name: "销售方" + field, Value: unnamed[1].value})
}
