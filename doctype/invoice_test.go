package doctype

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/einvoice"
	"yinxin/fault"
	"yinxin/internal/need"
	"yinxin/internal/testofd"
	"yinxin/ofd"
)

func readOFD(t testing.TB, data []byte, told Type) Facts {
	t.Helper()
	doc, err := ofd.Format{}.Open(context.Background(), bytes.NewReader(data), int64(len(data)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Read(context.Background(), doc, told)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// untagged is an invoice whose face no tags explain.
func untagged(t testing.TB) testofd.Package {
	t.Helper()
	return testofd.Invoice("00000017", 3).Edit(t, "Doc_0/Document.xml", "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>", "")
}

// The words of a face say what the data does: of an invented invoice, and of one that somebody else made.
func TestInvoiceByItsWords(t *testing.T) {
	sample, err := os.ReadFile(filepath.Join(need.Samples(t, "ofd"), "invoice-test-ca.ofd"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"invented": untagged(t).Build(), "sample": sample} {
		f := readOFD(t, data, Unknown).Invoice
		if f == nil || len(f.Words) != 1 || len(f.Data) != 1 || f.Face != nil {
			t.Fatalf("%s: %+v", name, f)
		}
		w := f.Words[0]
		for _, found := range einvoice.Compare(&f.Data[0], &w) {
			t.Errorf("%s: %s", name, found.EN)
		}
		for _, ok := range []bool{w.Code.Given(), w.Number.Given(), w.Date.Given(), w.CheckCode.Given(), w.Machine.Given(), w.Seller.Name.Given(), w.Seller.TaxID.Given(), w.Buyer.Name.Given(),
			w.Buyer.TaxID.Given() || name == "sample", w.Net.Given(), w.Tax.Given(), w.Total.Given(), w.Capitals.Given(), w.Clerk.Given()} {
			if !ok {
				t.Errorf("%s: a field was not found: %+v", name, w)
				break
			}
		}
	}
}

// wordsOf are the fields that lines say, in short.
func wordsOf(lines ...string) string {
	inv, titled := sheetOf(1, sheetOfLines(lines...)).invoice()
	list := []string{fmt.Sprint(titled)}
	for _, s := range []said{sayOf(inv.Code), sayOf(inv.Number), sayOf(inv.Date), sayOf(inv.Buyer.Name), sayOf(inv.Buyer.TaxID), sayOf(inv.Seller.Name), sayOf(inv.Seller.TaxID), sayOf(inv.Net), sayOf(inv.Tax), sayOf(inv.Total), sayOf(inv.Capitals)} {
		raw := s.raw
		if s.state == einvoice.Repeated {
			raw += "?"
		}
		list = append(list, raw)
	}
	return strings.TrimRight(strings.Join(list, " "), " ")
}

func TestInvoiceWords(t *testing.T) {
	const total = "价税合计（大写） | 壹佰零陆圆整 | （小写）¥106.00"
	for _, c := range []struct{ name, want, lines string }{
		{"digital", "true  26990000000000000019 2026年02月03日 示例市数据局 91990000MA0000023K 云杉示例科技有限公司 91990000MA0000015Q ¥100.00 ¥6.00 ¥106.00 壹佰零陆圆整",
			"# 电子发票（普通发票）\n发票号码：26990000000000000019\n开票日期：2026年02月03日\n名称：示例市数据局 | 名称：云杉示例科技有限公司\n" +
				"统一社会信用代码/纳税人识别号：91990000MA0000023K | 统一社会信用代码/纳税人识别号：91990000MA0000015Q\n项目名称 | 金额 | 税额\n合计 | ¥100.00 | ¥6.00\n" + total},
		{"older", "true 099002600111 00000017 2026年02月03日 示例市数据局 91990000MA0000023K 云杉示例科技有限公司 91990000MA0000015Q ¥100.00 ¥6.00 ¥106.00 壹佰零陆圆整",
			"# 示例增值税电子普通发票\n发票代码： | 099002600111\n发票号码： | 00000017\n开票日期：2026 年 02 月 03 日\n名 称：示例市数据局\n纳税人识别号：91990000MA0000023K\n合 计 | ¥100.00 | ¥6.00\n" + total +
				"\n名 称：云杉示例科技有限公司\n纳税人识别号：91990000MA0000015Q"},
		{"sides by name", "true  00000017 2026-02-03 示例市数据局  云杉示例科技有限公司    106.00",
			"# 电子发票\n发票号码：00000017 开票日期：2026-02-03\n销售方名称：云杉示例科技有限公司\n购买方名称：示例市数据局\n价税合计（小写）：106.00"},
		{"one name alone is nobody's", "true  00000017        ¥106.00", "# 电子发票\n发票号码：00000017\n名称：云杉示例科技有限公司\n价税合计（小写） | ¥106.00"},
		{"names of other things", "true  00000017 2026-02-03", "# 电子发票\n发票号码：00000017\n开票日期：2026-02-03\n项目名称：服务\n开户行名称：示例银行"},
		{"no tax", "true  00000017 2026-02-03     ¥100.00", "# 电子发票\n发票号码：00000017\n开票日期：2026-02-03\n合计 | ¥100.00 | ***"},
		{"three sums are not told apart", "true  00000017 2026-02-03", "# 电子发票\n发票号码：00000017\n开票日期：2026-02-03\n合计 | 1.00 | 2.00 | 3.00"},
		{"a number twice", "true  00000018? 2026-02-03", "# 电子发票\n发票号码：00000017\n发票号码：00000018\n开票日期：2026-02-03"},
		{"a contract that speaks of invoices", "false", "# 采购合同\n乙方应向甲方开具增值税专用发票，发票号码、开票日期以票面为准"},
		{"no title", "false  00000017 2026-02-03", "付款通知\n发票号码：00000017\n开票日期：2026-02-03"},
	} {
		if got := wordsOf(strings.Split(c.lines, "\n")...); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestInvoicePart(t *testing.T) {
	const name, code = testofd.InvoiceSeller, testofd.InvoiceSellerID
	trusted := func(s Signer) Signer { s.Trusted = true; return s }
	for _, c := range []struct {
		name string
		s    Signer
		want part
	}{
		{"seller by code", trusted(Signer{Name: "x", USCC: code}), seller},
		{"seller by name", trusted(Signer{Name: "云杉示例科技有限公司"}), seller},
		{"seller by organisation", trusted(Signer{Name: "张三", Organization: "云杉示例科技有限公司"}), seller},
		{"seller by the seal's certificate", trusted(Signer{Name: "云杉示例科技有限公司发票专用章"}), seller},
		{"seller as products write it", trusted(Signer{Name: "051@云杉示例科技有限公司@" + code + "@1"}), seller},
		{"seller untrusted", Signer{Name: name}, seller},
		{"another, by code", trusted(Signer{Name: name, USCC: "91990000MA0000031E"}), stranger},
		{"another", trusted(Signer{Name: "乙示例有限公司"}), stranger},
		{"another, untrusted", Signer{Name: "乙示例有限公司"}, claims},
		{"a seal's name proves nothing", trusted(Signer{Name: "乙示例有限公司", Seal: true, SealName: name}), stranger},
		{"nameless", trusted(Signer{Seal: true, SealName: name}), unclear},
		{"tax authority", trusted(Signer{Name: "示例市税务局", Tax: true}), authority},
		{"a tax anchor, not trusted", Signer{Name: "示例市税务局", Tax: true}, posing},
		{"a name like the authority's", trusted(Signer{Name: "全国统一发票监制章示例市税务局"}), posing},
	} {
		if got := invoicePart(c.s, name, code); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	if got := invoicePart(trusted(Signer{Name: name, USCC: code}), name, "999900000000001"); got != seller {
		t.Errorf("a number of before the unified codes: %d", got)
	}
}

// Every rule has a code of its own, and words.
func TestInvoiceRulesAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules(Invoice) {
		if seen[r.Code] || r.ZH == "" || r.EN == "" || r.Level == "" || !strings.HasPrefix(r.Code, "invoice-") {
			t.Errorf("%+v", r)
		}
		seen[r.Code] = true
	}
}

// holds what is true of whatever was read: facts marshal and come back the same, findings have words, and only what was told or certain fails.
func invoiceHolds(t *testing.T, f Facts) {
	t.Helper()
	raw, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var back Facts
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatalf("%v in %.2000s", err, raw)
	}
	list := Check(&back, []Signer{signedBy(testofd.InvoiceSeller, testofd.InvoiceSellerID)}, now())
	for _, x := range list {
		if x.ZH == "" || x.EN == "" || x.Code == "" || x.Level == Fail && f.Certainty == Likely {
			t.Fatalf("%+v", x)
		}
	}
	if f.Type == Invoice && !slices.ContainsFunc(list, func(x Finding) bool { return x.Code == "invoice-not-asked" }) {
		t.Fatal("nobody is told to ask the tax authority")
	}
}

func FuzzReadXML(f *testing.F) {
	f.Add([]byte(testofd.Invoice("00000017", 3).Get(f, testofd.InvoiceData)))
	f.Add([]byte(`<EInvoice><TaxSupervisionInfo><InvoiceNumber>26990000000000000019</InvoiceNumber></TaxSupervisionInfo><Signature>x</Signature></EInvoice>`))
	f.Add([]byte(`<!DOCTYPE a [<!ENTITY b "b">]><EInvoice>&b;</EInvoice>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		facts, err := ReadXML("", data, Unknown)
		if err != nil {
			if fault.KindOf(err) == 0 {
				t.Fatalf("an error that is not for people: %v", err)
			}
			return
		}
		invoiceHolds(t, facts)
	})
}

// FuzzInvoiceOFD reads invoices whose data, tags, face and labels are hostile.
func FuzzInvoiceOFD(f *testing.F) {
	base := testofd.Invoice("00000017", 2)
	for _, part := range []string{testofd.InvoiceData, testofd.InvoiceTags, testofd.InvoiceFace, "OFD.xml", "Doc_0/Attachs/Attachments.xml", "Doc_0/Tags/CustomTags.xml"} {
		f.Add(part, base.Get(f, part))
	}
	f.Fuzz(func(t *testing.T, part, data string) {
		if !slices.ContainsFunc(base, func(x testofd.File) bool { return x.Name == part }) {
			return
		}
		file := base.With(part, data).Build()
		doc, err := ofd.Format{}.Open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
		if err != nil {
			return
		}
		for _, told := range []Type{Unknown, Invoice} {
			facts, err := Read(context.Background(), doc, told)
			if err != nil {
				t.Fatalf("%s: %v", part, err)
			}
			invoiceHolds(t, facts)
		}
	})
}
