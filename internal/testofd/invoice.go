package testofd

import (
	"fmt"
	"strings"

	"yinxin/einvoice"
)

// The invented bodies and numbers of Invoice.
const (
	InvoiceSeller   = "云杉示例科技有限公司"
	InvoiceSellerID = "91990000MA0000015Q"
	InvoiceBuyer    = "示例市数据局"
	InvoiceBuyerID  = "91990000MA0000023K"
	InvoiceCode     = "099002600111"
)

// Where the parts of Invoice are that speak of it.
const (
	InvoiceData = "Doc_0/Attachs/original_invoice.xml"
	InvoiceTags = "Doc_0/Tags/Tag_Invoice.xml"
	InvoiceFace = "Doc_0/Pages/Page_0/Content.xml"
	InvoiceForm = "Doc_0/Tpls/Tpl_0/Content.xml"
)

// Invoice is an invented e-invoice of the older form with so many lines of 100.00 yuan at 6 %: its data, a face whose objects are tagged, and entries in
// OFD.xml. The number has eight digits.
func Invoice(number string, lines int) Package {
	i := invoice{number: number, lines: lines, net: einvoice.Amount(10000 * lines), tax: einvoice.Amount(600 * lines), id: 100}
	front, lists := i.front(), i.lists()
	var pages, tags strings.Builder
	files := Package{}
	for n, page := range append([]string{front}, lists...) {
		fmt.Fprintf(&pages, `<ofd:Page ID="%d" BaseLoc="Pages/Page_%d/Content.xml"/>`, pageID(n), n)
		template := ""
		if n == 0 {
			template = `<ofd:Template TemplateID="2" ZOrder="Background"/>`
		}
		files = append(files, File{fmt.Sprintf("Doc_0/Pages/Page_%d/Content.xml", n), sheet(template, page)})
	}
	for _, f := range invoiceFields() {
		fmt.Fprintf(&tags, `<fp:%s>%s</fp:%s>`, strings.ReplaceAll(f, "/", "><fp:"), i.refs[f], strings.Join(reversed(strings.Split(f, "/")), "></fp:"))
	}
	fmt.Fprintf(&tags, `<fp:GoodsInfos>%s</fp:GoodsInfos>`, i.goods.String())
	out := Package{
		{"OFD.xml", Head + `<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.1" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>0123456789abcdef0123456789abcdef</ofd:DocID>` +
			i.customDatas() + `</ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`},
		{"Doc_0/Document.xml", Head + `<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CommonData><ofd:MaxUnitID>9999</ofd:MaxUnitID>` +
			`<ofd:PageArea><ofd:PhysicalBox>0 0 210 140</ofd:PhysicalBox></ofd:PageArea><ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData>` +
			`<ofd:Pages>` + pages.String() + `</ofd:Pages><ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments><ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags></ofd:Document>`},
		{"Doc_0/PublicRes.xml", Head + `<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016" BaseLoc="Res"><ofd:Fonts><ofd:Font ID="3" FontName="楷体"/></ofd:Fonts></ofd:Res>`},
		{InvoiceForm, sheet("", invoiceForm())},
		{"Doc_0/Attachs/Attachments.xml", Head + `<ofd:Attachments xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Attachment ID="5" Name="original_invoice" Format="xml"><ofd:FileLoc>original_invoice.xml</ofd:FileLoc></ofd:Attachment></ofd:Attachments>`},
		{InvoiceData, i.data()},
		{"Doc_0/Tags/CustomTags.xml", Head + `<ofd:CustomTags xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CustomTag TypeID="fp"><ofd:FileLoc>Tag_Invoice.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>`},
		{InvoiceTags, Head + `<fp:eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019" version="1.0">` + tags.String() + `</fp:eInvoice>`},
	}
	return append(out, files...)
}

type invoice struct {
	number   string
	lines    int
	net, tax einvoice.Amount
	id       int
	refs     map[string]string // by field
	goods    strings.Builder
}

func pageID(n int) int { return 10 + n }

func sheet(template, objects string) string {
	return Head + `<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016">` + template + `<ofd:Content><ofd:Layer ID="90">` + objects + `</ofd:Layer></ofd:Content></ofd:Page>`
}

func reversed(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[len(list)-1-i] = s
	}
	return out
}

// text is a TextObject without distances: the reader tells them.
func text(id int, x, y float64, s string) string {
	mark := ""
	if id > 0 {
		mark = fmt.Sprintf(` ID="%d"`, id)
	}
	return fmt.Sprintf(`<ofd:TextObject%s Boundary="%g %g 80 5" Font="3" Size="3.175"><ofd:TextCode X="0" Y="4" DeltaX="g 4 3.175">%s</ofd:TextCode></ofd:TextObject>`, mark, x, y, s)
}

// invoiceFields are the tags of the front, in order.
func invoiceFields() []string {
	return []string{"InvoiceCode", "InvoiceNo", "IssueDate", "InvoiceCheckCode", "MachineNo", "Buyer/BuyerName", "Buyer/BuyerTaxID", "Seller/SellerName", "Seller/SellerTaxID",
		"TaxExclusiveTotalAmount", "TaxTotalAmount", "TaxInclusiveTotalAmount", "InvoiceClerk"}
}

func (i *invoice) values() map[string]string {
	return map[string]string{"InvoiceCode": InvoiceCode, "InvoiceNo": i.number, "IssueDate": "2026年02月03日", "InvoiceCheckCode": "00000111112222233333", "MachineNo": "099000000001",
		"Buyer/BuyerName": InvoiceBuyer, "Buyer/BuyerTaxID": InvoiceBuyerID, "Seller/SellerName": InvoiceSeller, "Seller/SellerTaxID": InvoiceSellerID,
		"TaxExclusiveTotalAmount": i.net.String(), "TaxTotalAmount": i.tax.String(), "TaxInclusiveTotalAmount": (i.net + i.tax).String(), "InvoiceClerk": "示例开票人"}
}

// invoiceForm is what is printed on every invoice.
func invoiceForm() string {
	var b strings.Builder
	for _, l := range []struct {
		x, y float64
		s    string
	}{
		{69, 7, "示例增值税电子普通发票"}, {5.5, 24, "机器编号："}, {148, 7.5, "发票代码："}, {148, 13, "发票号码："}, {148, 18.5, "开票日期："}, {148, 24, "校验码："},
		{13, 31.6, "名称："}, {13, 36.8, "纳税人识别号："}, {22, 91.4, "合计"}, {17, 98.5, "价税合计（大写）"}, {150, 98.5, "（小写）"}, {13, 105, "名称："}, {13, 110, "纳税人识别号："},
		{105, 124, "开票人："}, {25, 53, "项目名称"}, {144, 53, "金额"}, {166, 53, "税率"}, {184, 53, "税额"},
	} {
		b.WriteString(text(0, l.x, l.y, l.s))
	}
	return b.String()
}

// front is the first page, with the tags of its fields.
func (i *invoice) front() string {
	i.refs = map[string]string{}
	values, y := i.values(), map[string][2]float64{
		"InvoiceCode": {165, 7.5}, "InvoiceNo": {165, 13}, "IssueDate": {165, 18.5}, "InvoiceCheckCode": {162, 24}, "MachineNo": {22, 24}, "Buyer/BuyerName": {36, 31.6},
		"Buyer/BuyerTaxID": {37, 36.8}, "Seller/SellerName": {36, 105}, "Seller/SellerTaxID": {37, 110}, "TaxExclusiveTotalAmount": {146, 91.4}, "TaxTotalAmount": {190, 91.4},
		"TaxInclusiveTotalAmount": {165, 98.5}, "InvoiceClerk": {121, 124},
	}
	var b strings.Builder
	for _, f := range invoiceFields() {
		value := values[f]
		if strings.HasSuffix(f, "Amount") {
			value = "¥" + value
		}
		i.id++
		b.WriteString(text(i.id, y[f][0], y[f][1], value))
		i.refs[f] = fmt.Sprintf(`<fp:ObjectRef PageRef="%d">%d</fp:ObjectRef>`, pageID(0), i.id)
	}
	b.WriteString(text(0, 63, 98.5, (i.net + i.tax).Capitals()))
	return b.String()
}

// linesOnPage is how many lines a page of lines has.
const linesOnPage = 22

// lists are the pages of lines, tagged.
func (i *invoice) lists() []string {
	var pages []string
	var b strings.Builder
	for n := range i.lines {
		if n > 0 && n%linesOnPage == 0 {
			pages = append(pages, b.String())
			b.Reset()
		}
		i.goods.WriteString(`<fp:GoodsInfo>`)
		y := 10 + float64(n%linesOnPage)*5.5
		for _, c := range []struct {
			name  string
			x     float64
			value string
		}{{"Item", 10, fmt.Sprintf("*信息技术服务*示例服务%d", n+1)}, {"Amount", 140, "100.00"}, {"TaxScheme", 165, "6%"}, {"TaxAmount", 185, "6.00"}} {
			i.id++
			b.WriteString(text(i.id, c.x, y, c.value))
			fmt.Fprintf(&i.goods, `<fp:%s><fp:ObjectRef PageRef="%d">%d</fp:ObjectRef></fp:%s>`, c.name, pageID(1+len(pages)), i.id, c.name)
		}
		i.goods.WriteString(`</fp:GoodsInfo>`)
	}
	return append(pages, b.String())
}

// data is original_invoice.xml.
func (i *invoice) data() string {
	var b strings.Builder
	b.WriteString(Head + `<eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019" Version="1.0"><fp:TypeCode>0</fp:TypeCode>`)
	values := i.values()
	for _, f := range invoiceFields() {
		fmt.Fprintf(&b, `<fp:%s>%s</fp:%s>`, strings.ReplaceAll(f, "/", "><fp:"), values[f], strings.Join(reversed(strings.Split(f, "/")), "></fp:"))
	}
	fmt.Fprintf(&b, `<fp:GraphCode>01,10,%s,%s,%s,20260203,00000111112222233333,ABCD,</fp:GraphCode><fp:GoodsInfos>`, InvoiceCode, i.number, i.net)
	for n := range i.lines {
		fmt.Fprintf(&b, `<fp:GoodsInfo><fp:Item>*信息技术服务*示例服务%d</fp:Item><fp:Quantity>4</fp:Quantity><fp:Price>25</fp:Price><fp:Amount>100.00</fp:Amount><fp:TaxScheme>6%%</fp:TaxScheme><fp:TaxAmount>6.00</fp:TaxAmount></fp:GoodsInfo>`, n+1)
	}
	b.WriteString(`</fp:GoodsInfos></eInvoice>`)
	return b.String()
}

func (i *invoice) customDatas() string {
	values := i.values()
	var b strings.Builder
	for _, l := range [][2]string{{"价税合计", "TaxInclusiveTotalAmount"}, {"发票代码", "InvoiceCode"}, {"发票号码", "InvoiceNo"}, {"合计金额", "TaxExclusiveTotalAmount"}, {"开票日期", "IssueDate"},
		{"校验码", "InvoiceCheckCode"}, {"购买方名称", "Buyer/BuyerName"}, {"购买方纳税人识别号", "Buyer/BuyerTaxID"}, {"销售方名称", "Seller/SellerName"}, {"销售方纳税人识别号", "Seller/SellerTaxID"}} {
		fmt.Fprintf(&b, `<ofd:CustomData Name="%s">%s</ofd:CustomData>`, l[0], values[l[1]])
	}
	return `<ofd:CustomDatas>` + b.String() + `</ofd:CustomDatas>`
}
