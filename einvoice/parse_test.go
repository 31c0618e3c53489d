package einvoice

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"yinxin/fault"
)

func TestRefused(t *testing.T) {
	bomb := `<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><eInvoice><InvoiceNo>&c;</InvoiceNo></eInvoice>`
	tests := []struct{ name, xml, code string }{
		{"entities", bomb, "invoice-xml-malformed"},
		{"external document type", `<!DOCTYPE eInvoice SYSTEM "http://127.0.0.1/x.dtd"><eInvoice/>`, "invoice-xml-malformed"},
		{"unknown entity", `<eInvoice><InvoiceNo>&c;</InvoiceNo></eInvoice>`, "invoice-xml-malformed"},
		{"nothing", "", "invoice-xml-malformed"},
		{"no XML", "%PDF-1.7", "invoice-xml-malformed"},
		{"cut short", vatXML("2019")[:900], "invoice-xml-malformed"},
		{"other encoding", `<?xml version="1.0" encoding="GBK"?><eInvoice/>`, "invoice-xml-malformed"},
		{"two roots", `<eInvoice/><eInvoice/>`, "invoice-xml-malformed"},
		{"text after it", `<eInvoice/>x`, "invoice-xml-malformed"},
		{"another document", `<Invoice/>`, "invoice-form-unknown"},
		{"deep", strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100), "invoice-xml-too-large"},
		{"many elements", "<eInvoice>" + strings.Repeat("<a/>", maxNodes) + "</eInvoice>", "invoice-xml-too-large"},
		{"many lines", "<eInvoice><GoodsInfos>" + strings.Repeat("<GoodsInfo/>", maxItems+1) + "</GoodsInfos></eInvoice>", "invoice-xml-too-large"},
		{"many invoices", "<all>" + strings.Repeat("<eInvoice/>", maxInvoices+1) + "</all>", "invoice-xml-too-large"},
		{"large", "<eInvoice>" + strings.Repeat(" ", maxBytes) + "</eInvoice>", "invoice-xml-too-large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found, err := Parse("x.xml", []byte(tt.xml))
			var where *ParseError
			if p, ok := fault.PublicOf(err); !ok || p.Code != tt.code || !errors.As(err, &where) || where.Part != "x.xml" || found != nil {
				t.Errorf("%d invoices, %v", len(found), err)
			}
		})
	}
}

func TestLongField(t *testing.T) {
	inv := parseOne(t, strings.Replace(vatXML("2019"), seller, strings.Repeat("长", maxText), 1))
	if f := inv.Seller.Name; f.State != Unreadable || len(f.Raw) > 400 {
		t.Errorf("%s, %d bytes kept", f.State, len(f.Raw))
	}
}

func TestSeveral(t *testing.T) {
	bare := func(s string) string { return strings.TrimPrefix(s, `<?xml version="1.0" encoding="utf-8"?>`) }
	both := "<all>" + bare(vatXML("2016")) + digitalXML() + "</all>"
	found, err := Parse("x.xml", []byte(both))
	if err != nil || len(found) != 2 || found[0].Kind != VAT || found[1].Kind != Digital || found[1].Number.From.Path != "/all/EInvoice[2]/TaxSupervisionInfo/InvoiceNumber" {
		t.Fatalf("%+v %v", found, err)
	}
	got := Several(found)
	if len(got) != 1 || got[0].Code != "invoice-several" || !strings.Contains(got[0].ZH, "26990000000000000019") || !strings.Contains(got[0].EN, "00000017") {
		t.Errorf("%+v", got)
	}
	if Several(found[:1]) != nil {
		t.Error("one invoice is not several")
	}
	// Two bodies within one invoice: which counts is not said, so nothing is read from either.
	body := digitalXML()[strings.Index(digitalXML(), "<EInvoiceData>"):strings.Index(digitalXML(), "<TaxSupervisionInfo>")]
	inv := parseOne(t, strings.Replace(digitalXML(), body, body+body, 1))
	if inv.Total.State != Repeated || inv.Seller.Name.State != Repeated {
		t.Errorf("total %s, seller %s", inv.Total.State, inv.Seller.Name.State)
	}
}

const tagsXML = `<fp:eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2016"><fp:InvoiceNo><fp:ObjectRef PageRef="1">10</fp:ObjectRef></fp:InvoiceNo>
<fp:Seller><fp:SellerName><fp:ObjectRef PageRef="1">11</fp:ObjectRef><fp:ObjectRef PageRef="1">12</fp:ObjectRef></fp:SellerName></fp:Seller><fp:Note></fp:Note>
<fp:TaxInclusiveTotalAmount><fp:ObjectRef PageRef="1">13</fp:ObjectRef></fp:TaxInclusiveTotalAmount><fp:InvoiceCheckCode><fp:ObjectRef PageRef="1">14</fp:ObjectRef></fp:InvoiceCheckCode>
<fp:GoodsInfos><fp:GoodsInfo><fp:Amount><fp:ObjectRef PageRef="1">15</fp:ObjectRef></fp:Amount></fp:GoodsInfo>
<fp:GoodsInfo><fp:Amount><fp:ObjectRef PageRef="1">16</fp:ObjectRef></fp:Amount></fp:GoodsInfo></fp:GoodsInfos></fp:eInvoice>`

func TestFace(t *testing.T) {
	face := map[ObjectRef]string{
		{1, 10}: "00000017", {1, 11}: "云杉示例", {1, 12}: "科技有限公司", {1, 13}: "￥1,060.00", {1, 14}: "00000 11111 22222 33333", {1, 15}: "700.00", {1, 16}: "300.00",
	}
	read := func() *Invoice {
		inv, err := ParseTags("Tag_Invoice.xml", []byte(tagsXML), func(r ObjectRef) (string, bool) { s, ok := face[r]; return s, ok })
		if err != nil {
			t.Fatal(err)
		}
		return &inv
	}
	data := parseOne(t, vatXML("2019"))
	if got := Compare(data, read()); len(got) != 0 {
		t.Errorf("the same face: %+v", got)
	}
	face[ObjectRef{1, 13}], face[ObjectRef{1, 16}] = "¥9060.00", "300.01"
	delete(face, ObjectRef{1, 12})
	want := []string{"fail invoice-face-differs total", "fail invoice-face-differs items", "undecided invoice-face-unread seller_name"}
	if got := brief(Compare(data, read())); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	data.Items = data.Items[:1]
	if got := brief(Compare(data, read())); !slices.Contains(got, "fail invoice-lines-count items") {
		t.Errorf("a line more: %q", got)
	}
	none, err := ParseTags("t.xml", []byte("<eInvoice/>"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := brief(Compare(data, &none)); !slices.Equal(got, []string{"undecided invoice-nothing-compared "}) {
		t.Errorf("an empty face: %q", got)
	}
}

// A tag without objects says nothing of its field; an empty amount is not the amount 0.00.
func TestFaceKeepsSilent(t *testing.T) {
	data := parseOne(t, strings.Replace(vatXML("2019"), "<fp:Note>", "<fp:Note>见合同", 1))
	face, err := ParseTags("t.xml", []byte(tagsXML), func(ObjectRef) (string, bool) { return "", false })
	if err != nil || face.Note.State != Missing || face.Number.State != Unreadable {
		t.Fatalf("the note is %s, the number %s, %v", face.Note.State, face.Number.State, err)
	}
	for _, f := range Compare(data, &face) {
		if f.Level == Fail {
			t.Errorf("%+v", f)
		}
	}
	zero := FromLabels("a", []Label{{"合计税额", "0.00"}})
	empty := FromLabels("b", []Label{{"合计税额", ""}})
	if got := brief(Compare(&zero, &empty)); !slices.Equal(got, []string{"fail invoice-face-differs tax"}) {
		t.Errorf("got %q", got)
	}
}

func TestTagParts(t *testing.T) {
	list, err := TagParts("CustomTags.xml", []byte(`<ofd:CustomTags xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CustomTag TypeID="fp"><ofd:FileLoc>Tag_Invoice.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>`))
	if err != nil || !slices.Equal(list, []string{"Tag_Invoice.xml"}) {
		t.Errorf("%q %v", list, err)
	}
	if _, err := TagParts("x", []byte("<eInvoice/>")); err == nil {
		t.Error("an invoice was taken for a list of tags")
	}
}

func TestLabels(t *testing.T) {
	inv := FromLabels("OFD.xml", []Label{
		{"发票号码", "00000017"}, {"价税合计", "1060.00"}, {"开票日期", "2026年02月03日"}, {"native-producer", "x"}, {"校验码", "1"}, {"校验码", "2"}, {"销售方名称", ""},
	})
	if inv.Number.Value != "00000017" || inv.Total.Value != 106000 || inv.CheckCode.State != Repeated || inv.Seller.Name.State != Empty || inv.Code.State != Missing {
		t.Errorf("%+v", inv)
	}
	got := brief(Compare(parseOne(t, vatXML("2016")), &inv))
	if want := []string{"fail invoice-face-differs seller_name", "undecided invoice-face-unread check_code"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestManyFindingsAreCounted(t *testing.T) {
	xml := "<eInvoice><GoodsInfos>" + strings.Repeat("<GoodsInfo><Amount>?</Amount></GoodsInfo>", 300) + "</GoodsInfos></eInvoice>"
	list := Check(parseOne(t, xml), judgedAt())
	if n := len(list); n > mostSaid+10 || !slices.ContainsFunc(list, func(f Finding) bool { return strings.HasPrefix(f.EN, "and ") }) {
		t.Errorf("%d findings", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(vatXML("2019")))
	f.Add([]byte(digitalXML()))
	f.Add([]byte(tagsXML))
	f.Add([]byte("<all>" + digitalXML() + digitalXML() + "</all>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text := func(r ObjectRef) (string, bool) { return fmt.Sprint(r.Object), r.Object%7 != 0 }
		if face, err := ParseTags("t", data, text); err == nil {
			Check(&face, judgedAt())
		}
		found, err := Parse("x", data)
		if err != nil {
			var where *ParseError
			if !errors.As(err, &where) || fault.KindOf(err) == 0 {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		for i := range found {
			for _, s := range found[i].slots() {
				if v := s.get(); v.state == Given && v.raw == "" {
					t.Fatalf("%s has a value that nobody wrote", s.id)
				}
			}
			Check(&found[i], judgedAt())
			for _, c := range Compare(&found[i], &found[i]) {
				if c.Level == Fail {
					t.Fatalf("an invoice differs from itself: %+v", c)
				}
			}
		}
	})
}

func FuzzAmounts(f *testing.F) {
	for _, s := range []string{"¥1,234.50", "（小写）￥１２３４．５０元", "壹仟零伍圆整", "壹佰贰圆", "-.5", "叁角贰分"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, read := range []func(string) (Amount, bool){ParseAmount, ParseCapitals} {
			a, ok := read(s)
			if !ok {
				continue
			}
			if b, ok := ParseAmount(a.String()); !ok || a != b {
				t.Fatalf("%q is %s, which is read as %s", s, a, b)
			}
			if b, ok := ParseCapitals(a.Capitals()); !ok || a != b {
				t.Fatalf("%q is %s, which is read as %s", s, a.Capitals(), b)
			}
		}
		ParseDate(s)
	})
}
