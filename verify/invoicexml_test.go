package verify_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"yinxin/doctype"
	"yinxin/fault"
	"yinxin/internal/testofd"
	"yinxin/verify"
)

// digitalXML is an invented invoice of the digital form, with what stands in place of %s at its end.
const digitalXML = `<EInvoice><Header><EIid>26990000000000000019</EIid></Header>
<EInvoiceData><SellerInformation><SellerIdNum>91990000MA0000015Q</SellerIdNum><SellerName>云杉示例科技有限公司</SellerName></SellerInformation>
<BuyerInformation><BuyerIdNum>91990000MA0000023K</BuyerIdNum><BuyerName>示例市数据局</BuyerName></BuyerInformation>
<BasicInformation><TotalAmWithoutTax>1200</TotalAmWithoutTax><TotalTaxAm>72.0</TotalTaxAm><TotalTax-includedAmount>1272.00</TotalTax-includedAmount>
<TotalTax-includedAmountInChinese>壹仟贰佰柒拾贰圆整</TotalTax-includedAmountInChinese><RequestTime>2026-02-03 10:11:12</RequestTime></BasicInformation>
<IssuItemInformation><ItemName>*现代服务*咨询费</ItemName><Amount>1200.00</Amount><TaxRate>0.06</TaxRate><ComTaxAm>72.00</ComTaxAm></IssuItemInformation>
</EInvoiceData><TaxSupervisionInfo><InvoiceNumber>26990000000000000019</InvoiceNumber><IssueTime>2026-02-03</IssueTime></TaxSupervisionInfo>SIGNED</EInvoice>`

// An invoice that is XML by itself has no signature known here: it stays UNSIGNED, with what its rules find.
func TestInvoiceXML(t *testing.T) {
	w := newInvoiceWorld(t)
	plain := strings.Replace(digitalXML, "SIGNED", "", 1)
	signed := strings.Replace(digitalXML, "SIGNED", `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo/></ds:Signature>`, 1)
	bare := strings.TrimPrefix(plain, `<?xml version="1.0"?>`)
	for _, c := range []struct {
		name, xml, said string
		untested        bool
	}{
		{"digital", plain, "", true},
		{"with a byte order mark", "\xef\xbb\xbf" + plain, "", true},
		{"of the older form", testofd.Invoice("00000017", 3).Get(t, testofd.InvoiceData), "", false},
		{"edited", strings.Replace(plain, "1272.00", "9272.00", 1), "TOTAL FAILFAILED, CAPITALS FAILFAILED", true},
		{"with a signature", signed, "SIGNATURE_UNREAD WARN", true},
		{"two", "<all>" + bare + strings.ReplaceAll(bare, "000019", "000027") + "</all>", "SEVERAL FAILINDETERMINATE", true},
	} {
		r := w.report(t, w.judge, []byte(c.xml))
		if got := ruled(r); r.Verdict != verify.Unsigned || r.Format != "XML" || got != c.said || r.Document.Untested != c.untested || len(r.Document.Fields) < 8 {
			t.Errorf("%s: %s, %q, want %q; %+v", c.name, r.Verdict, got, c.said, r.Document)
		}
		if !hasFinding(r.Document, "INVOICE_NOT_ASKED") || hasFinding(r.Document, "INVOICE_FORM_UNTESTED") != c.untested {
			t.Errorf("%s: it is not told what was not tried or asked", c.name)
		}
	}
}

func TestXMLRefused(t *testing.T) {
	typed := verify.Verifier{Formats: bothFormats(), Typed: true}
	licence := typed
	licence.Type = doctype.License
	plain := verify.Verifier{Formats: bothFormats()}
	for _, c := range []struct {
		name, xml, code string
		v               verify.Verifier
	}{
		{"another document", `<html/>`, "xml-not-invoice", typed},
		{"told to be something else", strings.Replace(digitalXML, "SIGNED", "", 1), "xml-not-invoice", licence},
		{"no XML at all", `<a`, "invoice-xml-malformed", typed},
		{"entities", `<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><EInvoice>&c;</EInvoice>`, "invoice-xml-malformed", typed},
		{"a document type elsewhere", `<!DOCTYPE EInvoice SYSTEM "http://127.0.0.1/x.dtd"><EInvoice/>`, "invoice-xml-malformed", typed},
		{"deep", strings.Repeat("<a>", 5000), "invoice-xml-too-large", typed},
		{"large", "<EInvoice>" + strings.Repeat(" ", 9<<20), "xml-too-large", typed},
		{"no type asked for", strings.Replace(digitalXML, "SIGNED", "", 1), "format-unknown", plain},
	} {
		_, err := c.v.Gather(context.Background(), bytes.NewReader([]byte(c.xml)), int64(len(c.xml)))
		if p, ok := fault.PublicOf(err); !ok || p.Code != c.code || p.ZH == "" || p.EN == "" {
			t.Errorf("%s: %v (%s), want %s", c.name, err, p.Code, c.code)
		}
	}
}
