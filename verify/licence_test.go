package verify_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yinxin/doctype"
	"yinxin/font"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/layout"
	"yinxin/license"
	"yinxin/license/face"
	"yinxin/seal"
	"yinxin/testdata"
	"yinxin/trust"
	"yinxin/verify"
)

const (
	officeName, officeUSCC = "示例市登记管理局", "11990000MB0000019F"
	traderName, traderUSCC = "平湖示例贸易有限公司", "91990000MA0000031E"
)

// licencePage lays a licence out; spoil changes the page and what it carries, before it is sealed.
func licencePage(t *testing.T, p *testpki.PKI, spoil func(*layout.Document)) layout.Document {
	t.Helper()
	kind, err := license.ParseType(testdata.LicenceType)
	if err != nil {
		t.Fatal(err)
	}
	today := license.DayOf(p.Now)
	r, _, err := kind.Record(license.Order{
		Issuer: license.Body{Name: officeName, USCC: officeUSCC}, Holder: license.Holder{Name: testpki.OwnerName, Code: testpki.OwnerUSCC, CodeType: license.HolderUSCC},
		Serial: "20260000015", Version: 1, Issued: today,
		Face: license.Face{Values: map[string]string{"name": testpki.OwnerName, "uscc": testpki.OwnerUSCC, "type": "有限责任公司", "legalRepresentative": "林一舟", "capital": "5000000.00",
			"founded": "2020-05-18", "domicile": "示例市软件路 15 号", "scope": "软件开发。", "registrar": officeName, "approved": string(today)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	d, _, err := face.Describe(r, kind, face.Options{Fonts: font.Stack{font.Default()}, Specimen: true})
	if err != nil {
		t.Fatal(err)
	}
	if spoil != nil {
		spoil(&d)
	}
	return d
}

// judgeTyped judges a document that owners sealed one after the other, as of the PKI's time, and returns the codes of what is wrong.
func judgeTyped(t *testing.T, p *testpki.PKI, data []byte, told doctype.Type, owners ...*testpki.Holder) (verify.Report, []verify.Code) {
	t.Helper()
	for _, o := range owners {
		esl := testseal.Make(t, p, testseal.Info(t, p, o.Cert.Subject.CommonName, o.Cert), seal.V4)
		data = testseal.Stamp(t, testseal.Order(data, esl, o.Key, p.Now))
	}
	set, err := trust.Load(p.Directory())
	if err != nil {
		t.Fatal(err)
	}
	v := verify.Verifier{Formats: bothFormats(), Trust: set, Typed: true, Type: told}
	facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	r := verify.Judge(facts, verify.Policy{}, p.Now)
	var list []verify.Code
	if r.Document != nil {
		for _, x := range r.Document.Findings {
			if x.Level != verify.Inform {
				list = append(list, x.Check)
			}
		}
	}
	return r, list
}

// files writes a page as PDF and as OFD.
func files(t *testing.T, d layout.Document) map[string][]byte {
	t.Helper()
	fonts := font.Stack{font.Default()}
	var pdf, ofd bytes.Buffer
	if err := layout.WritePDF(&pdf, d, fonts); err != nil {
		t.Fatal(err)
	}
	if err := layout.WriteOFD(&ofd, d, fonts); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"PDF": pdf.Bytes(), "OFD": ofd.Bytes()}
}

func retext(old, text string) func(*layout.Document) {
	return func(d *layout.Document) {
		for i, item := range d.Pages[0].Items {
			if v, ok := item.(layout.Text); ok && v.String == old {
				v.String = text
				d.Pages[0].Items[i] = v
			}
		}
	}
}

// TestLicence: a licence in either format, by who sealed it and by what its face says. Every seal here is genuine, trusted and whole.
func TestLicence(t *testing.T) {
	p := testpki.New(t)
	office, trader, holder := p.Owner(officeName, officeUSCC), p.Owner(traderName, traderUSCC), p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	for name, c := range map[string]struct {
		spoil   func(*layout.Document)
		owners  []*testpki.Holder
		verdict verify.Verdict
		want    []verify.Code
	}{
		"sealed by the issuing body":       {nil, []*testpki.Holder{office}, verify.Passed, nil},
		"sealed by the holder too":         {nil, []*testpki.Holder{office, holder}, verify.Passed, nil},
		"sealed by another company":        {nil, []*testpki.Holder{trader}, verify.Failed, []verify.Code{"LICENSE_OWNER"}},
		"sealed by the holder alone":       {nil, []*testpki.Holder{holder}, verify.Indeterminate, []verify.Code{"LICENSE_OWNER"}},
		"not sealed":                       {nil, nil, verify.Unsigned, []verify.Code{"LICENSE_OWNER"}},
		"another address than the record":  {retext("示例市软件路 15 号", "示例市软件路 16 号"), []*testpki.Holder{office}, verify.Failed, []verify.Code{"LICENSE_FACE"}},
		"another capital than the record":  {retext("人民币 5,000,000.00 元", "人民币 50,000,000.00 元"), []*testpki.Holder{office}, verify.Failed, []verify.Code{"LICENSE_FACE"}},
		"another holder than the record":   {retext(testpki.OwnerName, traderName), []*testpki.Holder{office}, verify.Failed, []verify.Code{"LICENSE_FACE"}},
		"a face drawn as shapes":           {drawnOnly, []*testpki.Holder{office}, verify.Indeterminate, []verify.Code{"LICENSE_FACE"}},
		"no record, read by its face only": {func(d *layout.Document) { d.Attached = nil }, []*testpki.Holder{office}, verify.Passed, []verify.Code{"LICENSE_RECORD"}},
	} {
		for format, data := range files(t, licencePage(t, p, c.spoil)) {
			r, got := judgeTyped(t, p, data, doctype.Unknown, c.owners...)
			if d := cmp.Diff(c.want, got); d != "" || r.Verdict != c.verdict || r.Document.Type != doctype.License {
				t.Errorf("%s, %s: %s %s", name, format, r.Verdict, d)
				for _, s := range r.Signatures {
					t.Log(s.Verdict, s.Findings)
				}
			}
			for _, f := range r.Document.Fields {
				if slices.Contains([]string{"示例市软件路 15 号", "林一舟"}, f.Value) {
					t.Errorf("%s, %s: the field %s shows what is not for everyone", name, format, f.Key)
				}
			}
		}
	}
}

// drawnOnly takes every text away: what is left are lines and shapes.
func drawnOnly(d *layout.Document) {
	d.Pages[0].Items = slices.DeleteFunc(d.Pages[0].Items, func(i layout.Item) bool {
		_, text := i.(layout.Text)
		return text
	})
}

// TestProofAndContract: documents of words alone, told what they are, by who sealed them.
func TestProofAndContract(t *testing.T) {
	p := testpki.New(t)
	office, trader, holder := p.Owner(officeName, officeUSCC), p.Owner(traderName, traderUSCC), p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	proof := "# 登记情况证明\n\n编号：示登证字〔2026〕7号\n\n兹证明云杉示例科技有限公司已办理登记。\n\n特此证明。\n\n~ " + officeName + "\n~ 2026年3月1日\n"
	contract := "# 示例服务协议\n\n| 甲方：" + testpki.OwnerName + " | 乙方：" + traderName + " |\n| 信用代码：" + testpki.OwnerUSCC + " | 信用代码：" + traderUSCC + " |\n\n双方协商一致。\n"
	for name, c := range map[string]struct {
		markup  string
		told    doctype.Type
		owners  []*testpki.Holder
		verdict verify.Verdict
		want    []verify.Code
	}{
		"proof":                       {proof, doctype.Unknown, []*testpki.Holder{office}, verify.Passed, nil},
		"proof by another":            {proof, doctype.Unknown, []*testpki.Holder{trader}, verify.Indeterminate, []verify.Code{"PROOF_ISSUER"}},
		"proof, told, by another":     {proof, doctype.Proof, []*testpki.Holder{trader}, verify.Failed, []verify.Code{"PROOF_ISSUER"}},
		"contract":                    {contract, doctype.Unknown, []*testpki.Holder{holder, trader}, verify.Passed, nil},
		"contract, one of two":        {contract, doctype.Unknown, []*testpki.Holder{holder}, verify.Passed, []verify.Code{"CONTRACT_UNSEALED"}},
		"contract, told, by another":  {contract, doctype.Contract, []*testpki.Holder{holder, trader, office}, verify.Indeterminate, []verify.Code{"CONTRACT_STRANGER"}},
		"contract, told to be proof":  {contract, doctype.Proof, []*testpki.Holder{holder}, verify.Indeterminate, []verify.Code{"PROOF_ISSUER", "PROOF_NUMBER", "PROOF_DATE"}},
		"proof, told to be a licence": {proof, doctype.License, []*testpki.Holder{office}, verify.Indeterminate, []verify.Code{"LICENSE_RECORD", "LICENSE_OWNER"}},
	} {
		blocks, err := layout.ParseMarkup([]byte(c.markup))
		if err != nil {
			t.Fatal(err)
		}
		flowed, err := layout.Flow(font.Stack{font.Default()}, blocks, layout.DefaultStyle())
		if err != nil {
			t.Fatal(err)
		}
		for format, data := range files(t, layout.Document{Title: "示例", Language: "zh-CN", Created: p.Now, Pages: flowed.Pages}) {
			r, got := judgeTyped(t, p, data, c.told, c.owners...)
			if d := cmp.Diff(c.want, got); d != "" || r.Verdict != c.verdict {
				t.Errorf("%s, %s: %s %s", name, format, r.Verdict, d)
			}
		}
	}
}
