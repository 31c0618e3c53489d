package verify_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yinxin/doctype"
	"yinxin/document"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/internal/need"
	"yinxin/internal/testofd"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/seal/draw"
	"yinxin/trust"
	"yinxin/verify"
)

// invoiceWorld is a seller, another company and a tax authority, each with a seal.
type invoiceWorld struct {
	*testpki.PKI
	taxRoot            *testpki.Holder
	seller, other, tax *testpki.Holder
	seals              map[*testpki.Holder][]byte
	judge              verify.Verifier
}

const taxName = "示例市税务局"

func newInvoiceWorld(t testing.TB) *invoiceWorld {
	t.Helper()
	p := testpki.New(t)
	w := &invoiceWorld{PKI: p, taxRoot: p.NewRoot("示例税务根证书"), seals: map[*testpki.Holder][]byte{}}
	w.seller = p.Owner(testofd.InvoiceSeller, testofd.InvoiceSellerID)
	w.other = p.Owner("乙示例有限公司", "91990000MA0000031E")
	w.tax = p.Owner(taxName, "", testpki.IssuedBy(w.taxRoot))
	for _, h := range []*testpki.Holder{w.seller, w.other, w.tax} {
		w.make(t, h, h.Cert.Subject.CommonName)
	}
	dir := p.Directory()
	w.trust(t, dir)
	w.judge = verify.Verifier{Formats: bothFormats(), Trust: w.set(t, dir), Typed: true}
	return w
}

// make makes a seal of a name for a holder.
func (w *invoiceWorld) make(t testing.TB, h *testpki.Holder, name string) {
	t.Helper()
	d, err := draw.New(draw.Design{Kind: draw.LegalName, Name: name}, font.Stack{font.Default()})
	if err != nil {
		t.Fatal(err)
	}
	info := testseal.Info(t, w.PKI, name, h.Cert)
	if info.Picture.Data, err = d.PNG(draw.MinResolution); err != nil { // small, as invoices have them
		t.Fatal(err)
	}
	w.seals[h] = testseal.Make(t, w.PKI, info, seal.V4)
}

// trust adds the tax authority's root.
func (w *invoiceWorld) trust(t testing.TB, dir fstest.MapFS) {
	t.Helper()
	list := w.CRLOf(w.taxRoot, w.Now.Add(-time.Hour), w.Now.AddDate(0, 0, 7))
	dir["tax/tax.crt"] = &fstest.MapFile{Data: gm.EncodePEM(w.taxRoot.Cert)}
	dir["crl/tax.crl"] = &fstest.MapFile{Data: list}
}

func (w *invoiceWorld) set(t testing.TB, dir fstest.MapFS) *trust.Set {
	t.Helper()
	set, err := trust.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// sealed is a document sealed by some, one after the other.
func (w *invoiceWorld) sealed(t testing.TB, data []byte, by ...*testpki.Holder) []byte {
	t.Helper()
	for i, h := range by {
		o := testseal.Order(data, w.seals[h], h.Key, w.Now)
		o.Places = []document.Place{{Page: 1, X: 20 + 60*float64(i), Y: 60}}
		data = testseal.Stamp(t, o)
	}
	return data
}

func (w *invoiceWorld) report(t testing.TB, v verify.Verifier, data []byte) verify.Report {
	t.Helper()
	facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return verify.Judge(recorded(t, facts), verify.Policy{}, w.Now.Add(time.Hour))
}

// recorded is what facts are once they were written and read back.
func recorded(t testing.TB, facts verify.Facts) verify.Facts {
	t.Helper()
	raw, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	var back verify.Facts
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(back); err != nil || !bytes.Equal(raw, again) {
		t.Fatalf("facts are not what was recorded: %v", err)
	}
	return back
}

// ruled lists what the rules say of a document, but what they only inform of.
func ruled(r verify.Report) string {
	var list []string
	if r.Document == nil {
		return "no type"
	}
	for _, f := range r.Document.Findings {
		if f.Message.ZH == "" || f.Message.EN == "" {
			list = append(list, "without words:")
		}
		if f.Level != verify.Inform {
			list = append(list, strings.TrimPrefix(string(f.Check), "INVOICE_")+" "+string(f.Level)+string(f.Verdict))
		}
	}
	return strings.Join(slices.Compact(list), ", ")
}

// invoiceCase is one way in which an invoice may be: as it was before it was sealed, and who sealed it.
type invoiceCase struct {
	name    string
	paper   testofd.Package
	by      []*testpki.Holder
	verdict verify.Verdict
	said    string
}

func TestInvoices(t *testing.T) {
	w := newInvoiceWorld(t)
	good := testofd.Invoice("00000017", 3)
	both := []*testpki.Holder{w.tax, w.seller}
	edit := func(part, from, to string) testofd.Package { return good.Edit(t, part, from, to) }
	untagged := edit("Doc_0/Document.xml", "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>", "")
	undated := untagged.Without(testofd.InvoiceData).Edit(t, "Doc_0/Document.xml", "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>", "")
	drawn := strings.NewReplacer("TextObject", "PathObject", "TextCode", "AbbreviatedData", `Size="3.175"`, `Fill="true"`)
	second := edit("Doc_0/Attachs/Attachments.xml", "</ofd:Attachments>", `<ofd:Attachment ID="6" Name="b"><ofd:FileLoc>b.xml</ofd:FileLoc></ofd:Attachment></ofd:Attachments>`)
	bomb := `<!DOCTYPE a [<!ENTITY b "bbbb">]><eInvoice><InvoiceNo>&b;</InvoiceNo></eInvoice>`
	for _, c := range []invoiceCase{
		{"supervision and seller", good, both, verify.Passed, ""},
		{"seller alone", good, both[1:], verify.Passed, "SIGNATURES WARN"},
		{"supervision alone", good, both[:1], verify.Passed, "SIGNATURES WARN"},
		{"seller first", good, []*testpki.Holder{w.seller, w.tax}, verify.Passed, "SIGNATURES WARN"},
		{"another company", good, []*testpki.Holder{w.other}, verify.Failed, "SIGNER FAILFAILED"},
		{"another company too", good, []*testpki.Holder{w.tax, w.seller, w.other}, verify.Passed, ""},
		{"nobody", good, nil, verify.Unsigned, "SIGNATURES FAILINDETERMINATE"},
		{"face edited", edit(testofd.InvoiceFace, "¥318.00", "¥918.00"), both, verify.Failed, "TOTAL FAILFAILED, FACE_DIFFERS FAILFAILED"},
		{"data edited", edit(testofd.InvoiceData, "<fp:TaxInclusiveTotalAmount>318", "<fp:TaxInclusiveTotalAmount>918"), both, verify.Failed, "TOTAL FAILFAILED, FACE_DIFFERS FAILFAILED"},
		{"labels edited", edit("OFD.xml", `"价税合计">318`, `"价税合计">918`), both, verify.Failed, "FACE_DIFFERS FAILFAILED"},
		{"another seller on the face", edit(testofd.InvoiceFace, testofd.InvoiceSeller, "乙示例有限公司"), both, verify.Failed, "FACE_DIFFERS FAILFAILED"},
		{"words without tags", untagged, both, verify.Passed, ""},
		{"words without tags, edited", untagged.Edit(t, testofd.InvoiceFace, "¥318.00", "¥918.00"), both, verify.Indeterminate, "TOTAL FAILINDETERMINATE, CAPITALS FAILINDETERMINATE, FACE_DIFFERS FAILINDETERMINATE"},
		{"words alone", undated, both, verify.Passed, ""},
		{"words alone, edited", undated.Edit(t, testofd.InvoiceFace, "¥318.00", "¥918.00").Edit(t, "OFD.xml", "318", "918"), both, verify.Indeterminate, "TOTAL FAILINDETERMINATE, CAPITALS FAILINDETERMINATE"},
		{"face drawn", good.With(testofd.InvoiceFace, drawn.Replace(good.Get(t, testofd.InvoiceFace))), both, verify.Indeterminate, "FACE_UNREAD FAILINDETERMINATE, FACE_ABSENT FAILINDETERMINATE"},
		{"face hidden", good.With(testofd.InvoiceFace, strings.ReplaceAll(good.Get(t, testofd.InvoiceFace), "<ofd:TextObject", `<ofd:TextObject Visible="false"`)), both,
			verify.Indeterminate, "FACE_UNREAD FAILINDETERMINATE, FACE_ABSENT FAILINDETERMINATE"},
		{"an identifier twice", edit(testofd.InvoiceFace, `</ofd:Layer>`, `<ofd:TextObject ID="112" Boundary="10 10 50 5" Font="3" Size="3"><ofd:TextCode X="0" Y="4">9</ofd:TextCode></ofd:TextObject></ofd:Layer>`), both,
			verify.Indeterminate, "FACE_UNREAD FAILINDETERMINATE"},
		{"two invoices", second.With("Doc_0/Attachs/b.xml", good.Get(t, testofd.InvoiceData)), both, verify.Indeterminate, "SEVERAL FAILINDETERMINATE"},
		{"data under another name", edit("Doc_0/Attachs/Attachments.xml", "original_invoice", "x").Edit(t, "Doc_0/Attachs/Attachments.xml", "original_invoice.xml", "x.xml").
			Without(testofd.InvoiceData).With("Doc_0/Attachs/x.xml", good.Get(t, testofd.InvoiceData)), both, verify.Passed, ""},
		{"data cut short", good.With(testofd.InvoiceData, good.Get(t, testofd.InvoiceData)[:900]), both, verify.Indeterminate, "DATA_UNREAD FAILINDETERMINATE"},
		{"data with entities", good.With(testofd.InvoiceData, bomb), both, verify.Indeterminate, "DATA_UNREAD FAILINDETERMINATE"},
		{"an amount in another form", edit(testofd.InvoiceData, "<fp:TaxInclusiveTotalAmount>318.00", "<fp:TaxInclusiveTotalAmount>318,00"), both,
			verify.Indeterminate, "FIELD_UNREAD FAILINDETERMINATE, FACE_UNREAD FAILINDETERMINATE"},
		{"an amount in full width", edit(testofd.InvoiceData, "<fp:TaxInclusiveTotalAmount>318.00", "<fp:TaxInclusiveTotalAmount>￥３１８．００元"), both, verify.Passed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := w.report(t, w.judge, w.sealed(t, c.paper.Build(), c.by...))
			if got := ruled(r); r.Verdict != c.verdict || got != c.said {
				t.Errorf("%s: %q, want %s: %q", r.Verdict, got, c.verdict, c.said)
				for _, f := range r.Document.Findings {
					t.Log(f.Check, f.Level, f.Message.EN)
				}
			}
			if !hasFinding(r.Document, "INVOICE_NOT_ASKED") {
				t.Error("nobody is told to ask the tax authority")
			}
		})
	}
}

// A document that only carries an invoice is judged as what it is.
func TestCarriesAnInvoice(t *testing.T) {
	w := newInvoiceWorld(t)
	claim := testofd.Pages(1).With("Doc_0/Attachs/data.xml", testofd.Invoice("00000017", 3).Get(t, testofd.InvoiceData)).Build()
	if r := w.report(t, w.judge, w.sealed(t, claim, w.other)); r.Verdict != verify.Passed || r.Document != nil {
		t.Errorf("%s, %s", r.Verdict, ruled(r))
	}
	if r := w.report(t, w.judge, w.sealed(t, claim, w.tax)); r.Verdict != verify.Indeterminate {
		t.Errorf("sealed by whom only invoices are trusted: %s", r.Verdict)
	}
	r := w.report(t, told(w.judge), w.sealed(t, claim, w.seller))
	if r.Verdict != verify.Indeterminate || !hasFinding(r.Document, "INVOICE_FACE_ABSENT") {
		t.Errorf("told: %s, %s", r.Verdict, ruled(r))
	}
}

func hasFinding(d *verify.DocumentReport, code verify.Code) bool {
	return d != nil && slices.ContainsFunc(d.Findings, func(f verify.Finding) bool { return f.Check == code })
}

// Whatever of a sealed invoice is edited and zipped again fails by its digest, and by the rule where it says something else then.
func TestInvoiceEditedAfterwards(t *testing.T) {
	w := newInvoiceWorld(t)
	files := testofd.Unpack(t, w.sealed(t, testofd.Invoice("00000017", 3).Build(), w.tax, w.seller))
	for part, edit := range map[string][2]string{
		testofd.InvoiceFace: {"¥318.00", "¥918.00"}, testofd.InvoiceData: {"TaxInclusiveTotalAmount>318", "TaxInclusiveTotalAmount>918"}, "OFD.xml": {`"价税合计">318`, `"价税合计">918`},
	} {
		r := w.report(t, w.judge, files.Edit(t, part, edit[0], edit[1]).Build())
		if r.Verdict != verify.Failed || r.Document.Verdict != verify.Failed || !hasFinding(r.Document, "INVOICE_FACE_DIFFERS") {
			t.Errorf("%s: %s, by its rules %s: %s", part, r.Verdict, r.Document.Verdict, ruled(r))
		}
		for _, s := range r.Signatures {
			if s.Verdict != verify.Failed || !finding(s, "FILE_DIGEST") {
				t.Errorf("%s: the signature %s is %s", part, s.ID, s.Verdict)
			}
		}
	}
}

// An anchor for tax authorities vouches for who signs an invoice, and for nothing else.
func TestTaxAuthority(t *testing.T) {
	w := newInvoiceWorld(t)
	paper := testofd.Invoice("00000017", 3).Build()
	untyped := w.judge
	untyped.Typed = false
	for name, c := range map[string]struct {
		v    verify.Verifier
		data []byte
		want verify.Verdict
	}{
		"an invoice":                     {w.judge, w.sealed(t, paper, w.tax), verify.Passed},
		"an invoice, of no type":         {untyped, w.sealed(t, paper, w.tax), verify.Indeterminate},
		"a document that is no invoice":  {w.judge, w.sealed(t, testofd.Pages(1).Build(), w.tax), verify.Indeterminate},
		"one that is told to be invoice": {told(w.judge), w.sealed(t, testofd.Pages(1).Build(), w.tax), verify.Indeterminate},
	} {
		if r := w.report(t, c.v, c.data); r.Verdict != c.want {
			t.Errorf("%s: %s", name, r.Verdict)
		}
	}
	revoked := w.PKI.Directory()
	w.trust(t, revoked)
	revoked["crl/tax.crl"] = &fstest.MapFile{Data: w.CRLOf(w.taxRoot, w.Now.Add(-time.Hour), w.Now.AddDate(0, 0, 7), testpki.Revocation{Cert: w.tax.Cert})}
	v := w.judge
	v.Trust = w.set(t, revoked)
	if r := w.report(t, v, w.sealed(t, paper, w.tax)); r.Verdict != verify.Failed {
		t.Errorf("revoked: %s", r.Verdict)
	}
	mixed := w.PKI.Directory()
	w.trust(t, mixed)
	mixed["ca/tax.crt"] = mixed["tax/tax.crt"]
	v.Trust = w.set(t, mixed)
	r := w.report(t, v, w.sealed(t, paper, w.tax))
	if r.Verdict != verify.Indeterminate || r.Signatures[0].Verdict != verify.Passed || !hasFinding(r.Document, "INVOICE_SIGNER") {
		t.Errorf("an anchor for signers too: %s, %s", r.Verdict, ruled(r))
	}
}

func told(v verify.Verifier) verify.Verifier {
	v.Type = doctype.Invoice
	return v
}

// Every field of the samples' expected.json is in the report, and the rules say nothing against the samples.
func TestInvoiceSamples(t *testing.T) {
	dir := need.Samples(t, "ofd")
	raw, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string]map[string]string
	if err := json.Unmarshal(raw, &expected); err != nil || len(expected) < 2 {
		t.Fatalf("%d invoices are expected: %v", len(expected), err)
	}
	keys := map[string]doctype.Key{"total_exclusive": doctype.KeyNet, "total_inclusive": doctype.KeyTotal, "seller_name": doctype.KeySeller}
	for name, want := range expected {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		v := verify.Verifier{Formats: bothFormats(), Typed: true}
		facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		r := verify.Judge(recorded(t, facts), verify.Policy{IntegrityOnlyUnsafe: true}, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
		if r.Verdict != verify.Passed || r.Document.Type != doctype.Invoice || r.Document.Certainty != doctype.Certain || r.Document.Untested {
			t.Errorf("%s is %s: %s", name, r.Verdict, ruled(r))
		}
		if got := ruled(r); got != "TAX_ID WARN, SIGNATURES WARN" {
			t.Errorf("%s: %s", name, got)
		}
		fields := map[doctype.Key]string{}
		for _, f := range r.Document.Fields {
			fields[f.Key] = f.Value
		}
		data1 := facts.Document.Invoice.Data[0]
		for field, w := range want {
			got := fields[doctype.Key(field)]
			switch {
			case field == "type":
				got = string(data1.Kind) + "-" + string(r.Document.Type)
			case field == "check_code":
				got = data1.CheckCode.Value
			case keys[field] != "":
				got = fields[keys[field]]
			}
			if got != w {
				t.Errorf("%s: %s is %q, want %q", name, field, got, w)
			}
		}
	}
}

// Facts are the same however often they are gathered.
func TestInvoiceFactsAreStable(t *testing.T) {
	data := testofd.Invoice("00000017", 60).Build()
	v := verify.Verifier{Formats: bothFormats(), Typed: true}
	var first *doctype.Facts
	for range 3 {
		facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = facts.Document
		}
		if !reflect.DeepEqual(first, facts.Document) || len(first.Invoice.Face.Items) != 60 {
			t.Fatalf("%+v", facts.Document)
		}
	}
}
