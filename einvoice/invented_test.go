package einvoice

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// The invented invoices of these tests: bodies, numbers and codes that nobody has.
const (
	seller, sellerID = "云杉示例科技有限公司", "91990000MA0000015Q"
	buyer, buyerID   = "示例市数据局", "91990000MA0000023K"
)

func judgedAt() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }

func vatXML(namespace string) string {
	return `<?xml version="1.0" encoding="utf-8"?><eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/` + namespace + `" Version="1.0">
<fp:InvoiceCode>099002600111</fp:InvoiceCode><fp:InvoiceNo>00000017</fp:InvoiceNo><fp:TypeCode>0</fp:TypeCode>
<fp:IssueDate>2026年02月03日</fp:IssueDate><fp:InvoiceCheckCode>00000111112222233333</fp:InvoiceCheckCode><fp:MachineNo>099000000001</fp:MachineNo>
<fp:Buyer><fp:BuyerName>` + buyer + `</fp:BuyerName><fp:BuyerTaxID>` + buyerID + `</fp:BuyerTaxID></fp:Buyer>
<fp:Seller><fp:SellerName>` + seller + `</fp:SellerName><fp:SellerTaxID>` + sellerID + `</fp:SellerTaxID></fp:Seller>
<fp:TaxInclusiveTotalAmount>1060.00</fp:TaxInclusiveTotalAmount><fp:TaxTotalAmount>60.00</fp:TaxTotalAmount>
<fp:TaxExclusiveTotalAmount>1000.00</fp:TaxExclusiveTotalAmount><fp:Note></fp:Note>
<fp:GraphCode>01,10,099002600111,00000017,1000.00,20260203,00000111112222233333,ABCD,</fp:GraphCode><fp:GoodsInfos>
<fp:GoodsInfo><fp:Item>*信息技术服务*维护</fp:Item><fp:Quantity>3</fp:Quantity><fp:Price>233.3333333333</fp:Price><fp:Amount>700.00</fp:Amount>
<fp:TaxScheme>6%</fp:TaxScheme><fp:TaxAmount>42.00</fp:TaxAmount></fp:GoodsInfo>
<fp:GoodsInfo><fp:Item>*信息技术服务*培训</fp:Item><fp:Amount>300.00</fp:Amount><fp:TaxScheme>6%</fp:TaxScheme><fp:TaxAmount>18.00</fp:TaxAmount></fp:GoodsInfo>
</fp:GoodsInfos></eInvoice>`
}

func digitalXML() string {
	return `<EInvoice><Header><EIid>26990000000000000019</EIid><InherentLabel><GeneralOrSpecialVAT><LabelName>普通发票</LabelName></GeneralOrSpecialVAT></InherentLabel></Header>
<EInvoiceData><SellerInformation><SellerIdNum>` + sellerID + `</SellerIdNum><SellerName>` + seller + `</SellerName></SellerInformation>
<BuyerInformation><BuyerIdNum>` + buyerID + `</BuyerIdNum><BuyerName>` + buyer + `</BuyerName></BuyerInformation>
<BasicInformation><TotalAmWithoutTax>1200</TotalAmWithoutTax><TotalTaxAm>72.0</TotalTaxAm><TotalTax-includedAmount>1272.00</TotalTax-includedAmount>
<TotalTax-includedAmountInChinese>壹仟贰佰柒拾贰圆整</TotalTax-includedAmountInChinese><RequestTime>2026-02-03 10:11:12</RequestTime></BasicInformation>
<IssuItemInformation><ItemName>*现代服务*咨询费</ItemName><Quantity>2</Quantity><UnPrice>600</UnPrice><Amount>1200.00</Amount><TaxRate>0.06</TaxRate><ComTaxAm>72.00</ComTaxAm></IssuItemInformation>
</EInvoiceData><TaxSupervisionInfo><InvoiceNumber>26990000000000000019</InvoiceNumber><IssueTime>2026-02-03</IssueTime></TaxSupervisionInfo></EInvoice>`
}

func parseOne(t *testing.T, xml string) *Invoice {
	t.Helper()
	found, err := Parse("original_invoice.xml", []byte(xml))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d invoices, %v", len(found), err)
	}
	return &found[0]
}

// brief lists findings as level, code and field, without those that only inform.
func brief(list []Finding) []string {
	var out []string
	for _, f := range list {
		if f.ZH == "" || f.EN == "" {
			out = append(out, "without words: "+f.Code)
		}
		if f.Level != Inform {
			out = append(out, fmt.Sprintf("%s %s %s", f.Level, f.Code, f.Field))
		}
	}
	return out
}

func TestParseInvented(t *testing.T) {
	for _, namespace := range []string{"2016", "2019"} {
		inv := parseOne(t, "\xef\xbb\xbf"+vatXML(namespace))
		if inv.Kind != VAT || inv.Untested || inv.Number.Value != "00000017" || inv.Date.Value != (Date{2026, 2, 3}) || inv.Total.Value != 106000 ||
			inv.Seller.Name.Value != seller || inv.Buyer.TaxID.Value != buyerID || len(inv.Items) != 2 || inv.Items[0].Price.Value.String() != "233.3333333333" {
			t.Errorf("%s: %+v", namespace, inv)
		}
		if p := inv.Items[1].Tax.From; p.Path != "/eInvoice/GoodsInfos/GoodsInfo[2]/TaxAmount" || p.Offset == 0 || p.Part != "original_invoice.xml" {
			t.Errorf("the tax of line 2 stands at %+v", p)
		}
		if inv.Note.State != Empty || inv.Capitals.State != Missing || inv.Items[1].Quantity.State != Missing {
			t.Error("what is empty and what is missing is not told apart")
		}
		if got := brief(Check(inv, judgedAt())); len(got) != 0 {
			t.Errorf("a sound invoice: %q", got)
		}
	}
	inv := parseOne(t, digitalXML())
	if inv.Kind != Digital || !inv.Untested || inv.Capitals.Value != 127200 || inv.Net.Value != 120000 || inv.Date.Value != (Date{2026, 2, 3}) || len(inv.Items) != 1 {
		t.Errorf("%+v", inv)
	}
	got := Check(inv, judgedAt())
	if b := brief(got); len(b) != 0 {
		t.Errorf("a sound invoice: %q", b)
	}
	if !slices.ContainsFunc(got, func(f Finding) bool { return f.Code == "invoice-form-untested" }) {
		t.Error("the untried form is not said to be one")
	}
}

func TestCheck(t *testing.T) {
	vat, digital := vatXML("2019"), digitalXML()
	tests := []struct {
		name, xml, from, to string
		want                []string
	}{
		{"total edited", vat, "1060.00", "1960.00", []string{"fail invoice-total total"}},
		{"total of another form", vat, ">1060.00", ">1.060,00", []string{"undecided invoice-field-unread total"}},
		{"total in full width", vat, ">1060.00", ">（小写）￥１，０６０．００元", nil},
		{"total with capitals", vat, ">1060.00", ">壹仟零陆拾圆整（小写）¥1060.00", nil},
		{"total with other capitals", vat, ">1060.00", ">壹仟零陆拾壹圆整（小写）¥1060.00", []string{"fail invoice-capitals capitals"}},
		{"capitals", digital, "贰圆整", "叁圆整", []string{"fail invoice-capitals capitals"}},
		{"capitals unread", digital, "贰圆整", "两块", []string{"undecided invoice-field-unread capitals"}},
		{"line edited", vat, ">300.00", ">400.00", []string{"fail invoice-lines net", "warn invoice-line items"}},
		{"line rounded", vat, ">18.00", ">18.01", []string{"warn invoice-lines tax"}},
		{"price", vat, "233.3333333333", "233.34", []string{"warn invoice-line items"}},
		{"number short", vat, ">00000017", ">0000017", []string{"fail invoice-code-shape number", "fail invoice-graph number"}},
		{"number in full width", vat, ">00000017", ">００００ ００１７", nil},
		{"number twice", vat, "<fp:TypeCode>", "<fp:InvoiceNo>00000018</fp:InvoiceNo><fp:TypeCode>", []string{"undecided invoice-field-unread number"}},
		{"number of another year", digital, "<InvoiceNumber>26", "<InvoiceNumber>24", []string{"warn invoice-number-year number"}},
		{"number with script", vat, ">00000017", ">&lt;script&gt;", []string{"fail invoice-code-shape number", "fail invoice-graph number"}},
		{"check character", vat, sellerID, sellerID[:17] + "A", []string{"warn invoice-tax-id seller_tax_id"}},
		{"no tax number", vat, sellerID, "", []string{"undecided invoice-field-unread seller_tax_id"}},
		{"tax number of a person", vat, buyerID, "", nil},
		{"tax number short", vat, buyerID, "12", []string{"warn invoice-tax-id buyer_tax_id"}},
		{"in the future", digital, "2026-02-03 ", "2026-03-09 ", []string{"fail invoice-date date"}},
		{"too early", vat, "2026年02月03日", "1999-2-3", []string{"warn invoice-date date", "fail invoice-graph date"}},
		{"no such day", vat, "2026年02月03日", "2026年02月30日", []string{"undecided invoice-field-unread date"}},
		{"no date", vat, "fp:IssueDate", "fp:Other", []string{"undecided invoice-field-unread date"}},
		{"no lines", digital, "IssuItemInformation", "Other", []string{"undecided invoice-field-unread items"}},
		{"elements in a field", vat, ">1060.00", "><b>1</b>060.00", []string{"undecided invoice-field-unread total"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			edited := strings.ReplaceAll(tt.xml, tt.from, tt.to)
			if edited == tt.xml {
				t.Fatal("nothing was edited")
			}
			got := brief(Check(parseOne(t, edited), judgedAt()))
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRulesAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.Code] || r.ZH == "" || r.EN == "" || r.Level == "" {
			t.Errorf("rule %+v", r)
		}
		seen[r.Code] = true
	}
}

func TestForms(t *testing.T) {
	inv := Invoice{}
	ids := map[string]bool{}
	for _, s := range append(inv.slots(), (&Item{}).slots(1)...) {
		ids[s.id] = true
	}
	for _, f := range forms() {
		for _, m := range []map[string][]string{f.fields, f.columns} {
			for id := range m {
				if !ids[id] {
					t.Errorf("the form %s names a field %q that no invoice has", f.root, id)
				}
			}
		}
		for id := range required(f.kind) {
			if len(f.fields[id]) == 0 {
				t.Errorf("the form %s cannot have the required field %q", f.root, id)
			}
		}
	}
}
