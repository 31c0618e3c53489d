package batch

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"yinxin/doctype"
	"yinxin/einvoice"
	"yinxin/fault"
	"yinxin/internal/testofd"
	"yinxin/verify"
)

func began() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC) }

// invoice is an invented invoice, as data: bodies, numbers and codes that nobody has.
func invoice(number string, fen int) string {
	yuan := func(fen int) string { return einvoice.Amount(fen).String() }
	return `<?xml version="1.0" encoding="utf-8"?><eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019" Version="1.0">
<fp:InvoiceCode>099002600111</fp:InvoiceCode><fp:InvoiceNo>` + number + `</fp:InvoiceNo><fp:IssueDate>2026年02月03日</fp:IssueDate>
<fp:Buyer><fp:BuyerName>示例市数据局</fp:BuyerName><fp:BuyerTaxID>91990000MA0000023K</fp:BuyerTaxID></fp:Buyer>
<fp:Seller><fp:SellerName>云杉示例科技有限公司</fp:SellerName><fp:SellerTaxID>91990000MA0000015Q</fp:SellerTaxID></fp:Seller>
<fp:TaxInclusiveTotalAmount>` + yuan(fen*106/100) + `</fp:TaxInclusiveTotalAmount><fp:TaxTotalAmount>` + yuan(fen*6/100) + `</fp:TaxTotalAmount>
<fp:TaxExclusiveTotalAmount>` + yuan(fen) + `</fp:TaxExclusiveTotalAmount></eInvoice>`
}

// packed is an invoice in an OFD.
func packed(number string, fen int) string {
	return string(testofd.Pages(1).With("Doc_0/Attachs/original_invoice.xml", invoice(number, fen)).Build())
}

// five hundred files in folders, with three that are there twice: one the same file, two the same invoice told in another way.
func fiveHundred() map[string]string {
	files := map[string]string{}
	for i := range 497 {
		number, name := fmt.Sprintf("%08d", i+1), fmt.Sprintf("%02d/发票 %03d", i%7, i)
		if i%2 == 0 {
			files[name+".ofd"] = packed(number, 10000+i)
		} else {
			files[name+".xml"] = invoice(number, 10000+i)
		}
	}
	files["again/same.ofd"] = files["02/发票 100.ofd"]
	files["again/spaced.xml"] = invoice(" 0000 0012 ", 10011)
	files["again/wide.ofd"] = packed("０００００２０１", 10200)
	return files
}

func writeTo(t testing.TB, dir string, files map[string]string) string {
	t.Helper()
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(data), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// zipped is an archive of the files, in whatever order.
func zipped(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, data := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// judged is a stand-in for package verify: it reads invoices, and passes those whose number is not 13.
func judged(f *File, at time.Time) verify.Report {
	r := verify.Report{File: f.Name, At: at, Verdict: verify.Unreadable}
	fail := func(err error) verify.Report {
		p, ok := fault.PublicOf(err)
		if !ok {
			p = fault.Public{Code: "test", ZH: "读不出来", EN: err.Error()}
		}
		r.Error = &p
		return r
	}
	if f.Err != nil {
		return fail(f.Err)
	}
	data, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size))
	if err != nil {
		return fail(err)
	}
	r.Format = "XML"
	if p, err := testofd.Read(data); err == nil {
		r.Format = "OFD"
		for _, file := range p {
			if file.Name == "Doc_0/Attachs/original_invoice.xml" {
				data = []byte(file.Data)
			}
		}
	}
	found, err := einvoice.Parse("original_invoice.xml", data)
	if err != nil || len(found) != 1 {
		return fail(fmt.Errorf("not one invoice: %w", err))
	}
	i := found[0]
	r.Verdict = verify.Passed
	if i.Number.Value == "00000013" || f.Beside != nil {
		r.Verdict = verify.Failed
	}
	field := func(k doctype.Key, v string) {
		r.Document.Fields = append(r.Document.Fields, doctype.Field{Key: k, Value: v})
	}
	r.Document = &verify.DocumentReport{Type: doctype.Invoice, Certainty: doctype.Certain}
	field(doctype.KeyCode, i.Code.Value)
	field(doctype.KeyNumber, i.Number.Raw)
	field(doctype.KeyDate, i.Date.Raw)
	field(doctype.KeySeller, i.Seller.Name.Value)
	field(doctype.KeySellerCode, i.Seller.TaxID.Value)
	field(doctype.KeyBuyer, i.Buyer.Name.Value)
	field(doctype.KeyNet, i.Net.Raw)
	field(doctype.KeyTax, i.Tax.Raw)
	field(doctype.KeyTotal, i.Total.Raw)
	return r
}

// trial is one run, and how many files it judged.
type trial struct {
	journal string
	lang    string
	order   string
	at      time.Time
	limits  Limits
	judged  atomic.Int32
	before  func(int32) // is told how many were judged before
}

func newTrial(t testing.TB) *trial {
	t.Helper()
	return &trial{journal: filepath.Join(t.TempDir(), "out.csv.part"), lang: "en", order: "order", at: began()}
}

func (x *trial) run(ctx context.Context, inputs ...string) (table string, sum Summary, err error) {
	j, err := OpenJournal(x.journal, x.order, x.at)
	if err != nil {
		return "", sum, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	return x.with(ctx, j, inputs...)
}

func (x *trial) with(ctx context.Context, j *Journal, inputs ...string) (string, Summary, error) {
	t, err := x.table(ctx, j, inputs...)
	if err != nil {
		return "", Summary{}, err
	}
	var out bytes.Buffer
	err = t.Write(&out)
	return out.String(), t.Summary(), err
}

func (x *trial) table(ctx context.Context, j *Journal, inputs ...string) (*Table, error) {
	x.judged.Store(0)
	b := Batch{Inputs: inputs, Journal: j, Lang: x.lang, Workers: 3, Limits: x.limits,
		Judge: func(_ context.Context, f *File, at time.Time) verify.Report {
			if n := x.judged.Add(1) - 1; x.before != nil {
				x.before(n)
			}
			return judged(f, at)
		},
		Reason: func(r verify.Report) string {
			if r.Error != nil {
				return r.Error.In(x.lang)
			}
			return "reason for " + string(r.Verdict)
		}}
	return b.Run(ctx)
}

func (x *trial) must(t testing.TB, inputs ...string) (string, Summary) {
	t.Helper()
	table, sum, err := x.run(t.Context(), inputs...)
	if err != nil {
		t.Fatal(err)
	}
	return table, sum
}

func fmtInt(n int) string { return fmt.Sprint(n) }
