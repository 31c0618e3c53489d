package verify_test

import (
	"bytes"
	"strings"
	"testing"

	"yinxin/doctype"
	"yinxin/document"
	"yinxin/font"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/layout"
	"yinxin/verify"
)

// invoicePDF prints an invented invoice of the digital form on each page: texts at their places in mm, a number, and what is to be replaced.
func invoicePDF(t testing.TB, numbers []string, replace ...string) []byte {
	t.Helper()
	with := strings.NewReplacer(replace...)
	d := layout.Document{Title: "示例", Language: "zh-CN", Created: testpki.Epoch()}
	for _, number := range numbers {
		var items []layout.Item
		for _, l := range []struct {
			x, y float64
			s    string
		}{
			{80, 15, "电子发票（普通发票）"}, {150, 12, "发票号码：" + number}, {150, 20, "开票日期：2026年02月03日"},
			{15, 35, "名称：示例市数据局"}, {110, 35, "名称：云杉示例科技有限公司"},
			{15, 43, "统一社会信用代码/纳税人识别号：91990000MA0000023K"}, {110, 43, "统一社会信用代码/纳税人识别号：91990000MA0000015Q"},
			{15, 55, "项目名称"}, {100, 55, "金额"}, {160, 55, "税额"}, {15, 62, "*现代服务*咨询费"}, {100, 62, "1200.00"}, {160, 62, "72.00"},
			{15, 90, "合计"}, {100, 90, "¥1200.00"}, {160, 90, "¥72.00"}, {15, 98, "价税合计（大写）"}, {60, 98, "壹仟贰佰柒拾贰圆整"}, {130, 98, "（小写）¥1272.00"}, {15, 120, "开票人：示例"},
		} {
			items = append(items, layout.Text{X: l.x, Y: l.y, String: with.Replace(l.s), Size: 9})
		}
		d.Pages = append(d.Pages, layout.Page{Width: layout.A4Width, Height: layout.A4Height, Items: items})
	}
	var b bytes.Buffer
	if err := layout.WritePDF(&b, d, font.Stack{font.Default()}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A PDF is an invoice by its words at best: it never fails by its rules, and what contradicts itself is not shown as passed.
func TestInvoicePDF(t *testing.T) {
	w := newInvoiceWorld(t)
	const number = "26990000000000000019"
	one := []string{number}
	for _, c := range []struct {
		name    string
		data    []byte
		by      *testpki.Holder
		verdict verify.Verdict
		said    string
		told    bool
	}{
		{"signed by the tax authority", invoicePDF(t, one), w.tax, verify.Passed, "", false},
		{"told", invoicePDF(t, one), w.tax, verify.Passed, "", true},
		{"sealed by the seller", invoicePDF(t, one), w.seller, verify.Passed, "SIGNATURES WARN", false},
		{"sealed by another company", invoicePDF(t, one), w.other, verify.Indeterminate, "SIGNER FAILINDETERMINATE, SIGNATURES WARN", false},
		{"the same, told", invoicePDF(t, one), w.other, verify.Failed, "SIGNER FAILFAILED, SIGNATURES WARN", true},
		{"not signed", invoicePDF(t, one), nil, verify.Unsigned, "SIGNATURES WARN", false},
		{"amounts that do not add up", invoicePDF(t, one, "¥1272.00", "¥9272.00"), w.tax, verify.Indeterminate, "TOTAL FAILINDETERMINATE, CAPITALS FAILINDETERMINATE", false},
		{"an amount in another form", invoicePDF(t, one, "¥1272.00", "¥1.272,00"), w.tax, verify.Indeterminate, "FIELD_UNREAD FAILINDETERMINATE, FACE_ABSENT WARN", false},
		{"no amounts at all", invoicePDF(t, one, "¥1272.00", "", "¥1200.00", "", "¥72.00", "", "壹仟贰佰柒拾贰圆整", ""), w.tax, verify.Passed, "FIELD_UNREAD WARN, FACE_ABSENT WARN", false},
		{"two invoices", invoicePDF(t, []string{number, "26990000000000000027"}), w.tax, verify.Indeterminate, "SEVERAL FAILINDETERMINATE", false},
		{"two pages of one", invoicePDF(t, []string{number, number}), w.tax, verify.Passed, "", false},
		{"a number that is none", invoicePDF(t, []string{"2699"}), w.tax, verify.Indeterminate, "CODE_SHAPE FAILINDETERMINATE", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := c.data
			if c.by != nil {
				o := testseal.Order(data, w.seals[c.by], c.by.Key, w.Now)
				o.Places = []document.Place{{Page: 1, X: 80, Y: 150}}
				data = testseal.Stamp(t, o)
			}
			v := w.judge
			if c.told {
				v = told(v)
			}
			r := w.report(t, v, data)
			if r.Document == nil || r.Document.Type != doctype.Invoice || !r.Document.Untested {
				t.Fatalf("%+v", r.Document)
			}
			if got := ruled(r); r.Verdict != c.verdict || got != c.said {
				t.Errorf("%s: %q, want %s: %q; %v", r.Verdict, got, c.verdict, c.said, r.Document.Fields)
				for _, f := range r.Document.Findings {
					t.Log(f.Check, f.Level, f.Message.EN)
				}
			}
		})
	}
}

// What only speaks of invoices is none.
func TestNoInvoice(t *testing.T) {
	w := newInvoiceWorld(t)
	for name, replace := range map[string][]string{
		"without the name of one": {"电子发票（普通发票）", "付款通知"},
		"without a number":        {"发票号码：", "编号"},
		"a number alone":          {"开票日期：", "", "价税合计", ""},
	} {
		data := invoicePDF(t, []string{"26990000000000000019"}, replace...)
		if r := w.report(t, w.judge, data); r.Document != nil && r.Document.Type == doctype.Invoice {
			t.Errorf("%s: an invoice", name)
		}
		r := w.report(t, told(w.judge), data)
		if r.Document == nil || r.Document.Certainty != doctype.Told || r.Verdict != verify.Unsigned {
			t.Errorf("%s, told: %+v", name, r.Document)
		}
	}
	r := w.report(t, told(w.judge), w.sealed(t, testseal.PDF(t, 1), w.seller))
	if r.Verdict != verify.Indeterminate || ruled(r) != "ABSENT FAILINDETERMINATE" {
		t.Errorf("told of a document that is none: %s, %s", r.Verdict, ruled(r))
	}
}
