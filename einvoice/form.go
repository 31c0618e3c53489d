package einvoice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"yinxin/fault"
)

// slot ties one field of an invoice, or of a line, to its names and to the way it is read. The tables of slots are the one place that knows all
// fields: reading, checking and comparing go through them.
type slot struct {
	id, zh, en string
	line       int                                       // counted from 1; 0 for a field of the invoice itself
	set        func(raw string, from Place, state State) // state Given asks for raw to be understood
	get        func() said
}

// names are what people call the field.
func (s slot) names() (zh, en string) {
	if s.line == 0 {
		return s.zh, s.en
	}
	return fmt.Sprintf("第 %d 行%s", s.line, s.zh), fmt.Sprintf("%s of line %d", s.en, s.line)
}

// said is a field without its type.
type said struct {
	state State
	value string // normalised: equal values are equal texts
	raw   string
	from  Place
}

// bind makes the slot of a field. read understands the raw text; norm writes a value so that equal ones are equal.
func bind[T comparable](id, zh, en string, f *Field[T], read func(string) (T, bool), norm func(T) string) slot {
	return slot{id, zh, en, 0, func(raw string, from Place, state State) {
		if len(raw) > maxText && state == Given {
			raw, state = excerpt(raw), Unreadable
		}
		*f = Field[T]{Raw: raw, From: from, State: state}
		if state != Given {
			return
		}
		if raw == "" {
			f.State = Empty
		} else if v, ok := read(raw); ok {
			f.Value = v
		} else {
			f.State = Unreadable
		}
	}, func() said { return said{f.State, norm(f.Value), f.Raw, f.From} }}
}

func words(id, zh, en string, f *Field[string]) slot {
	return bind(id, zh, en, f, func(s string) (string, bool) { return s, true }, func(s string) string { return strings.ToUpper(compact(s)) })
}

// code reads letters and digits: narrow, upper case, without the spaces they are printed with.
func code(id, zh, en string, f *Field[string]) slot {
	return bind(id, zh, en, f, func(s string) (string, bool) {
		s = strings.ToUpper(compact(s))
		return s, s != ""
	}, func(s string) string { return s })
}

func money(id, zh, en string, f *Field[Amount]) slot {
	return bind(id, zh, en, f, ParseAmount, Amount.String)
}

func decimal(id, zh, en string, f *Field[Decimal]) slot {
	return bind(id, zh, en, f, ParseDecimal, Decimal.String)
}

// slots lists the fields of an invoice but its lines.
func (inv *Invoice) slots() []slot {
	return []slot{
		words("type", "发票类型", "invoice type", &inv.Type),
		code("code", "发票代码", "invoice code", &inv.Code),
		code("number", "发票号码", "invoice number", &inv.Number),
		bind("date", "开票日期", "date of issue", &inv.Date, ParseDate, Date.String),
		code("check_code", "校验码", "check code", &inv.CheckCode),
		code("machine", "机器编号", "machine number", &inv.Machine),
		words("seller_name", "销售方名称", "seller's name", &inv.Seller.Name),
		code("seller_tax_id", "销售方纳税人识别号", "seller's tax number", &inv.Seller.TaxID),
		words("buyer_name", "购买方名称", "buyer's name", &inv.Buyer.Name),
		code("buyer_tax_id", "购买方纳税人识别号", "buyer's tax number", &inv.Buyer.TaxID),
		money("net", "合计金额", "amount without tax", &inv.Net),
		money("tax", "合计税额", "tax", &inv.Tax),
		money("total", "价税合计（小写）", "total in figures", &inv.Total),
		bind("capitals", "价税合计（大写）", "total in capitals", &inv.Capitals, ParseCapitals, Amount.String),
		words("clerk", "开票人", "clerk", &inv.Clerk),
		words("payee", "收款人", "payee", &inv.Payee),
		words("checker", "复核人", "checker", &inv.Checker),
		words("authority", "税务机关", "tax authority", &inv.Authority),
		words("note", "备注", "note", &inv.Note),
		words("graph", "二维码内容", "two-dimensional code", &inv.Graph),
	}
}

// slots lists the fields of line n, counted from 1.
func (it *Item) slots(n int) []slot {
	list := []slot{
		words("name", "名称", "name", &it.Name),
		words("spec", "规格型号", "specification", &it.Spec),
		words("unit", "单位", "unit", &it.Unit),
		decimal("quantity", "数量", "quantity", &it.Quantity),
		decimal("price", "单价", "price", &it.Price),
		money("amount", "金额", "amount", &it.Amount),
		words("rate", "税率", "tax rate", &it.Rate),
		money("tax", "税额", "tax", &it.Tax),
	}
	for i := range list {
		list[i].line = n
	}
	return list
}

// form says where a kind of XML keeps the fields: paths of local names below the root, several where the first that is there counts.
type form struct {
	kind     Kind
	untested bool
	root     string
	fields   map[string][]string
	items    string
	columns  map[string][]string
}

func forms() []form {
	const party, basic = "EInvoiceData/", "EInvoiceData/BasicInformation/"
	return []form{{
		kind: VAT, root: "eInvoice",
		fields: map[string][]string{
			"type": {"TypeCode"}, "code": {"InvoiceCode"}, "number": {"InvoiceNo"}, "date": {"IssueDate"}, "check_code": {"InvoiceCheckCode"},
			"machine": {"MachineNo"}, "seller_name": {"Seller/SellerName"}, "seller_tax_id": {"Seller/SellerTaxID"},
			"buyer_name": {"Buyer/BuyerName"}, "buyer_tax_id": {"Buyer/BuyerTaxID"}, "net": {"TaxExclusiveTotalAmount"}, "tax": {"TaxTotalAmount"},
			"total": {"TaxInclusiveTotalAmount"}, "clerk": {"InvoiceClerk"}, "payee": {"Payee"}, "checker": {"Checker"}, "note": {"Note"},
			"graph": {"GraphCode"},
		},
		items: "GoodsInfos/GoodsInfo",
		columns: map[string][]string{
			"name": {"Item"}, "spec": {"Specification"}, "unit": {"MeasurementDimension"}, "quantity": {"Quantity"}, "price": {"Price"},
			"amount": {"Amount"}, "rate": {"TaxScheme"}, "tax": {"TaxAmount"},
		},
	}, {
		kind: Digital, root: "EInvoice", untested: true,
		fields: map[string][]string{
			"type": {"Header/InherentLabel/GeneralOrSpecialVAT/LabelName"}, "number": {"TaxSupervisionInfo/InvoiceNumber"},
			"date":        {basic + "RequestTime", "TaxSupervisionInfo/IssueTime"},
			"seller_name": {party + "SellerInformation/SellerName"}, "seller_tax_id": {party + "SellerInformation/SellerIdNum"},
			"buyer_name": {party + "BuyerInformation/BuyerName"}, "buyer_tax_id": {party + "BuyerInformation/BuyerIdNum"},
			"net": {basic + "TotalAmWithoutTax"}, "tax": {basic + "TotalTaxAm"}, "total": {basic + "TotalTax-includedAmount"},
			"capitals": {basic + "TotalTax-includedAmountInChinese"}, "clerk": {basic + "Drawer"},
			"authority": {"TaxSupervisionInfo/TaxBureauName"}, "note": {"EInvoiceData/AdditionalInformation/Remark"},
		},
		items: "EInvoiceData/IssuItemInformation",
		columns: map[string][]string{
			"name": {"ItemName"}, "spec": {"SpecMod"}, "unit": {"MeaUnits"}, "quantity": {"Quantity"}, "price": {"UnPrice"}, "amount": {"Amount"},
			"rate": {"TaxRate"}, "tax": {"ComTaxAm"},
		},
	}}
}

// Parse reads the XML of an invoice: original_invoice.xml of an OFD, or an XML file by itself. Its form is known by the root element's local name,
// whatever the namespace; a wrapper round several invoices gives them all (see Several). data must be UTF-8, at most 8 MB; part is its name, for
// places and errors.
//
// Errors (fault): invoice-xml-malformed, invoice-xml-too-large, invoice-form-unknown for XML that is no invoice.
func Parse(part string, data []byte) ([]Invoice, error) {
	root, err := parseXML(part, data)
	if err != nil {
		return nil, err
	}
	var found []Invoice
	items := 0
	signatures := root.signatures(part, "/"+root.name, nil)
	for _, n := range slices.Concat([]*node{root}, slices.Collect(root.children())) {
		for _, f := range forms() {
			if n.name != f.root {
				continue
			}
			at := "/" + n.name
			if n != root {
				at = fmt.Sprintf("/%s/%s[%d]", root.name, n.name, len(found)+1)
			}
			inv, err := f.read(source{part: part, sort: Data, text: plain}, n, at)
			if err != nil {
				return nil, err
			}
			if items += len(inv.Items); len(found) == maxInvoices || items > maxItems {
				return nil, tooMuch(part, n.offset, "too many invoices or lines")
			}
			inv.Signatures = signatures
			found = append(found, inv)
		}
	}
	if len(found) == 0 {
		return nil, unknown(part, root)
	}
	return found, nil
}

// maxSignatures bounds how many places of signatures are told.
const maxSignatures = 10

// signatures lists where signatures stand in a file: those of XML (ds:Signature) as well as values that were put into the data.
func (n *node) signatures(part, at string, list []Place) []Place {
	for c := range n.children() {
		path := at + "/" + c.name
		if c.name == "Signature" && (c.text != "" || c.first != nil) && len(list) < maxSignatures {
			list = append(list, Place{part, path, c.offset})
			continue
		}
		if c.first != nil {
			list = c.signatures(part, path, list)
		}
	}
	return list
}

func unknown(part string, root *node) error {
	return fault.New(fault.Invalid, "invoice-form-unknown",
		fmt.Sprintf("%s 不是本程序认识的发票数据", part), fmt.Sprintf("%s is not invoice data of a form known here", part),
		&ParseError{part, root.offset, fmt.Sprintf("root element %q", excerpt(root.name))})
}

// source turns the element of a field into its text.
type source struct {
	part string
	sort Source
	text func(*node) (string, State)
}

func plain(n *node) (string, State) {
	if n.first != nil {
		return n.text, Unreadable
	}
	return n.text, Given
}

func (f form) read(s source, n *node, at string) (Invoice, error) {
	inv := Invoice{Kind: f.kind, Untested: f.untested, Part: s.part, Source: s.sort}
	for _, sl := range inv.slots() {
		s.fill(sl, n, at, f.fields[sl.id])
	}
	rows := n.all(f.items)
	if len(rows) > maxItems {
		return Invoice{}, tooMuch(s.part, rows[maxItems].offset, "too many lines")
	}
	inv.Items = make([]Item, len(rows))
	for i, row := range rows {
		place := at + "/" + f.items + "[" + strconv.Itoa(i+1) + "]"
		for _, sl := range inv.Items[i].slots(i + 1) {
			s.fill(sl, row, place, f.columns[sl.id])
		}
	}
	inv.splitTotal()
	return inv, nil
}

// fill reads one field from the first of the paths that leads anywhere.
func (s source) fill(sl slot, n *node, at string, paths []string) {
	for _, path := range paths {
		found := n.all(path)
		if len(found) == 0 {
			continue
		}
		text, state := s.text(found[0])
		if len(found) > 1 {
			state = Repeated
		}
		if state != Missing {
			sl.set(text, Place{s.part, at + "/" + path, found[0].offset}, state)
			return
		}
	}
}

// splitTotal takes 壹佰圆整（小写）¥100.00, the total as faces print it, apart.
func (inv *Invoice) splitTotal() {
	f := inv.Total
	if f.State != Unreadable || inv.Capitals.State != Missing {
		return
	}
	s := strings.TrimPrefix(compact(f.Raw), "价税合计")
	at := strings.IndexAny(s, "¥0123456789")
	if i := strings.Index(s, "(小写)"); i >= 0 {
		at = i
	}
	if at <= 0 {
		if c, ok := ParseCapitals(s); ok { // capitals alone: the figures are not there
			inv.Capitals = Field[Amount]{c, f.Raw, f.From, Given}
		}
		return
	}
	capitals, ok := ParseCapitals(s[:at])
	figures, fine := ParseAmount(s[at:])
	if ok && fine {
		inv.Total = Field[Amount]{figures, f.Raw, f.From, Given}
		inv.Capitals = Field[Amount]{capitals, f.Raw, f.From, Given}
	}
}
