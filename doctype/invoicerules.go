package doctype

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"yinxin/einvoice"
)

// invoiceRules are the rules of package einvoice, each on the invoice's data or what comes nearest to it, and those that hold its sources and its signers
// against each other.
func invoiceRules() []Rule {
	rules := []Rule{
		{"invoice-absent", Undecided, "文件中有可以读取的发票", "the file holds an invoice that can be read", invoiceAbsent},
		{"invoice-data-unread", Undecided, "所附发票数据可以读取", "the invoice data that it carries can be read", invoiceUnread},
		{"invoice-several", Undecided, "一个文件一张发票", "one file is one invoice", invoiceSeveral},
	}
	for _, r := range einvoice.Rules() {
		rules = append(rules, Rule{r.Code, Level(r.Level), r.ZH, r.EN, invoiceRule(r)})
	}
	return append(rules,
		Rule{"invoice-face-differs", Fail, "发票数据、票面、文件属性三者一致", "the data, the face and the file's properties agree", invoiceAgrees},
		Rule{"invoice-face-absent", Undecided, "票面文字可以读取", "the face can be read as text", invoiceFace},
		Rule{"invoice-signer", Fail, "签名者是票面销售方或税务机关", "who signed is the seller on the face, or the tax authority", invoiceSigner},
		Rule{"invoice-signatures", Warn, "应有的签名齐全，先后正确", "the signatures that are expected are there, in their order", invoiceSignatures},
		Rule{"invoice-signature-unread", Warn, "XML 数据中没有本程序不能核验的签名", "the XML data holds no signature that cannot be judged here", invoiceXMLSignature},
	)
}

func askIssuer() Words {
	return Words{"请向开票方索取原文件，并在税务机关的查验平台核对。", "Ask the issuer for the original file, and check it with the tax authority's service."}
}

func invoiceAbsent(f *Facts, _ []Signer, _ time.Time) []complaint {
	if f.Invoice != nil {
		return nil
	}
	return []complaint{{zh: "按发票核验，但文件中没有能读出的发票：既没有发票数据，页面文字也不是发票",
		en: "judged as an invoice, but no invoice can be read from it: there is no invoice data, and the words of its pages are no invoice's", next: askIssuer()}}
}

func invoiceUnread(f *Facts, _ []Signer, _ time.Time) []complaint {
	if f.Invoice == nil {
		return nil
	}
	var list []complaint
	for _, u := range f.Invoice.Unread {
		list = append(list, complaint{zh: u.Why.ZH, en: u.Why.EN, next: askIssuer()})
	}
	return list
}

// plainly turns findings of package einvoice into complaints. said comes before their sentences where they are not about the principal source.
func plainly(found []einvoice.Finding, said Words) []complaint {
	list := make([]complaint, len(found))
	for i, x := range found {
		list[i] = complaint{zh: said.ZH + x.ZH, en: said.EN + x.EN, code: x.Code, level: Level(x.Level), field: invoiceKey(x.Field)}
		list[i].firm = x.Code == "invoice-several" || x.Code == "invoice-field-unread" && len(x.Places) > 0 // there, in a form without one meaning
		if x.Level == einvoice.Fail || x.Level == einvoice.Undecided {
			list[i].next = askIssuer()
		}
	}
	return list
}

// softer makes of what would fail a document what leaves it undecided: it rests on where words stand on a page. A type that is likely only is softened
// as a whole, by Check.
func (f *Facts) softer(list []complaint) []complaint {
	for i := range list {
		if list[i].level == Fail && f.Certainty != Likely {
			list[i].level = Undecided
		}
	}
	return list
}

func invoiceKey(field string) Key {
	switch field {
	case "seller_name":
		return KeySeller
	case "seller_tax_id":
		return KeySellerCode
	case "buyer_name":
		return KeyBuyer
	case "buyer_tax_id":
		return KeyBuyerCode
	case "capitals":
		return KeyTotal
	}
	return Key(field)
}

func invoiceSeveral(f *Facts, _ []Signer, _ time.Time) []complaint {
	if f.Invoice == nil {
		return nil
	}
	if found := einvoice.Several(f.Invoice.Data); found != nil {
		return plainly(found, Words{})
	}
	return plainly(einvoice.Several(f.Invoice.Words), Words{})
}

// invoiceRule holds the principal source against a rule, and the others against addition: what only they state must agree with itself too.
func invoiceRule(r einvoice.Rule) func(*Facts, []Signer, time.Time) []complaint {
	adds := slices.Contains([]string{"invoice-total", "invoice-capitals", "invoice-lines"}, r.Code)
	return func(f *Facts, _ []Signer, at time.Time) []complaint {
		if r.Code == "invoice-not-asked" { // of whatever is judged as an invoice
			return plainly(r.Check(&einvoice.Invoice{}, at), Words{})
		}
		if f.Invoice == nil {
			return nil
		}
		principals := f.Invoice.principals()
		var list []complaint
		for _, inv := range principals {
			found := plainly(r.Check(inv, at), Words{})
			if inv.Source == einvoice.Words {
				found = f.softer(slices.DeleteFunc(found, func(c complaint) bool { return c.field == "items" })) // lines are not read from words
			}
			if list = append(list, found...); r.Code == "invoice-form-untested" && len(list) > 0 {
				return list[:1]
			}
		}
		for _, inv := range f.Invoice.sources() {
			if !adds || slices.Contains(principals, inv) {
				continue
			}
			found := plainly(r.Check(inv, at), sourceWords(inv.Source))
			if inv.Source == einvoice.Words {
				found = f.softer(found)
			}
			list = append(list, found...)
		}
		return list
	}
}

func sourceWords(s einvoice.Source) Words {
	switch s {
	case einvoice.Face:
		return Words{"票面上，", "on the face, "}
	case einvoice.Words:
		return Words{"按页面文字，", "by the words of the page, "}
	case einvoice.Entry:
		return Words{"文件属性中，", "in the file's properties, "}
	}
	return Words{}
}

// invoiceAgrees compares the sources two by two. Of several invoices it is not known which face belongs to which.
func invoiceAgrees(f *Facts, _ []Signer, _ time.Time) []complaint {
	if f.Invoice == nil || len(f.Invoice.Data) > 1 || len(f.Invoice.Words) > 1 {
		return nil
	}
	sources := f.Invoice.sources()
	var list []complaint
	for i, a := range sources {
		for _, b := range sources[i+1:] {
			if a.Source == einvoice.Face && b.Source == einvoice.Words {
				continue // the words were read for what the tags leave out
			}
			found := plainly(einvoice.Compare(a, b), Words{})
			if i > 0 && len(f.Invoice.Data) > 0 { // what cannot be read was said already
				found = slices.DeleteFunc(found, func(c complaint) bool { return c.code != "invoice-face-differs" })
			}
			if b.Source == einvoice.Words || a.Source == einvoice.Words {
				found = f.softer(found)
			}
			list = append(list, found...)
		}
	}
	return list
}

// invoiceFace: data alone proves nothing of what people see. A face that is drawn, or whose characters cannot be told, is said to be that.
func invoiceFace(f *Facts, _ []Signer, _ time.Time) []complaint {
	i := f.Invoice
	if i == nil || i.Pages == 0 || i.Face != nil && tells(i.Face) || slices.ContainsFunc(i.Words, func(w einvoice.Invoice) bool { return tells(&w) }) {
		return nil
	}
	c := complaint{next: Words{"请人工对照票面与发票数据。", "Compare what the page shows with the invoice's data."},
		zh: "票面上没有读到发票号码、销售方和价税合计，未能与发票数据对照",
		en: "the number, the seller and the total were not found on the face, which was not compared with the data"}
	if i.Hidden || i.Face != nil && max(i.Face.Number.State, i.Face.Total.State, i.Face.Seller.Name.State) == einvoice.Unreadable {
		c.zh = "票面的文字画成了图形或图片，或其字符无法识别，未能与发票数据对照"
		c.en = "the face is drawn as shapes or pictures, or its characters cannot be told; it was not compared with the data"
	}
	return []complaint{c}
}

func invoiceXMLSignature(f *Facts, _ []Signer, _ time.Time) []complaint {
	if f.Invoice == nil || f.Invoice.Pages > 0 || len(f.Invoice.Data) == 0 || len(f.Invoice.Data[0].Signatures) == 0 {
		return nil
	}
	at := f.Invoice.Data[0].Signatures[0].Path
	return []complaint{{zh: fmt.Sprintf("XML 中有一个签名（%s），本程序不能读取，未核验", clip(at)), en: fmt.Sprintf("the XML holds a signature (%s) which cannot be read here and was not judged", clip(at)),
		next: Words{"请在税务机关的查验平台核对。", "Check it with the tax authority's service."}}}
}

// fields are what people ask for first, each from the most reliable source that has it.
func (f *InvoiceFacts) fields() []Field {
	var list []Field
	for _, want := range []struct {
		key  Key
		name Words
		of   func(*einvoice.Invoice) said
	}{
		{KeyNumber, Words{"发票号码", "invoice number"}, func(i *einvoice.Invoice) said { return sayOf(i.Number) }},
		{KeyCode, Words{"发票代码", "invoice code"}, func(i *einvoice.Invoice) said { return sayOf(i.Code) }},
		{KeyDate, Words{"开票日期", "date of issue"}, func(i *einvoice.Invoice) said { return sayOf(i.Date) }},
		{KeySeller, Words{"销售方", "seller"}, func(i *einvoice.Invoice) said { return sayOf(i.Seller.Name) }},
		{KeySellerCode, Words{"销售方税号", "seller's tax number"}, func(i *einvoice.Invoice) said { return sayOf(i.Seller.TaxID) }},
		{KeyBuyer, Words{"购买方", "buyer"}, func(i *einvoice.Invoice) said { return sayOf(i.Buyer.Name) }},
		{KeyBuyerCode, Words{"购买方税号", "buyer's tax number"}, func(i *einvoice.Invoice) said { return sayOf(i.Buyer.TaxID) }},
		{KeyNet, Words{"合计金额", "amount without tax"}, func(i *einvoice.Invoice) said { return sayOf(i.Net) }},
		{KeyTax, Words{"合计税额", "tax"}, func(i *einvoice.Invoice) said { return sayOf(i.Tax) }},
		{KeyTotal, Words{"价税合计", "total with tax"}, func(i *einvoice.Invoice) said { return sayOf(i.Total) }},
	} {
		var best said
		for _, inv := range f.sources() {
			if s := want.of(inv); s.state > best.state && s.raw != "" {
				best = s
			}
		}
		if best.raw != "" {
			list = append(list, Field{Key: want.key, Label: want.name, Value: clip(strings.TrimSpace(best.raw)), From: clip(best.part)})
		}
	}
	return list
}

// said is a field of one source: as written.
type said struct {
	state     einvoice.State
	raw, part string
}

func sayOf[T comparable](f einvoice.Field[T]) said { return said{f.State, f.Raw, f.From.Part} }
