package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/layout"
	"yinxin/trust"
	"yinxin/verify"
	"yinxin/verify/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

var clock = time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC)

func options(lang string) report.Options {
	return report.Options{Lang: lang, Fonts: layout.Fonts{font.Default()}, Made: clock, Size: 1234567, SM3: strings.Repeat("0123456789abcdef", 4)}
}

// rich is a report with something of everything: a seal that nobody here knows, a signature that failed, and a document time stamp.
func rich() verify.Report {
	r := sample(verify.Indeterminate)
	s := &r.Signatures[0]
	s.Coverage = document.CoversRevision
	s.Aspects = verify.Aspects{Integrity: verify.Passed, Certificate: verify.Passed, Identity: verify.Indeterminate, Revocation: verify.NotJudged}
	s.Seal.Created, s.Seal.Start, s.Seal.End = clock.AddDate(-1, 0, 0), clock.AddDate(-1, 0, 0), clock.AddDate(2, 0, 0)
	s.Maker = &verify.CertSummary{Name: "示例制章者", Issuer: "示例制章根", Serial: "0a", Fingerprint: strings.Repeat("cd", 32),
		Missing: &verify.Missing{Use: "maker", Name: "示例制章者", Fingerprint: strings.Repeat("cd", 32), Certificate: []byte{1}}}
	s.Signer.Serial, s.Signer.Fingerprint = "0b", strings.Repeat("ef", 32)
	s.Time = &verify.Time{Claimed: clock.Add(-time.Hour), Source: "timeInfo", Proven: clock.Add(-30 * time.Minute), ProvenBy: "示例时间戳服务", Class: "internal"}
	s.Timestamps = []verify.TokenReport{{Over: verify.StampsSignature, Time: clock.Add(-time.Hour), Proves: true, Authority: &verify.CertSummary{Name: "示例时间戳服务", Issuer: "示例根", Trusted: true, Class: "internal"}}}
	s.Places = []document.Place{{Page: 1, X: 100, Y: 200, Width: 40, Height: 40}, {Page: 3, X: 100, Y: 200, Width: 40, Height: 40}}
	s.Changes = verify.Changes{Level: document.LevelForm, List: []document.Change{{Level: document.LevelForm, Code: "field-filled", Object: "field 备注", Revision: 2}}}
	s.Findings = []verify.Finding{
		{Check: "MAKER_UNKNOWN", Level: verify.Fail, Verdict: verify.Indeterminate, Message: verify.Text{ZH: "本机不认识制章者证书的颁发者“示例制章根”。", EN: "The issuer of the maker's certificate is unknown here."}},
		{Check: "CHANGED_FORM", Level: verify.Warn, Message: verify.Text{ZH: "此签名之后又填写了表单：" + strings.Repeat("表单域“备注”：已填写；", 9), EN: "The form was filled in after this signature: " + strings.Repeat("field X: filled in; ", 9)},
			Next: verify.Text{ZH: "请人工查看这些改动。", EN: "Look at what was changed."}},
		{Check: "TIMESTAMP_INTERNAL", Level: verify.Inform, Message: verify.Text{ZH: "时间戳机构是内部机构。", EN: "The authority is internal."}, Detail: "class internal"},
	}
	failed := spoilt(verify.Failed, "DATA_HASH", verify.Aspects{Integrity: verify.Failed, Certificate: verify.Passed, Identity: verify.Passed, Revocation: verify.Passed})
	failed.Kind, failed.Profile, failed.Seal, failed.ID = document.Sign, "adbe.pkcs7.detached", nil, "Signature2"
	stamp := spoilt(verify.Passed, "", verify.Aspects{Integrity: verify.Passed, Certificate: verify.Passed, Identity: verify.Passed, Revocation: verify.Passed})
	stamp.Kind, stamp.Profile, stamp.Seal, stamp.ID, stamp.Findings = document.Timestamp, "ETSI.RFC3161", nil, "Timestamp1", nil
	r.Verdict, r.Signatures = verify.Failed, append(r.Signatures, failed, stamp)
	return r
}

func describe(t testing.TB, r verify.Report, o report.Options) layout.Document {
	t.Helper()
	doc, err := report.Describe(r, o)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// running is the type size of the lines at head and foot, which stand on every page.
const running = 7.5

// text is what a document says, a line for each item and a rule between pages, head and foot apart.
func text(doc layout.Document) string {
	var b strings.Builder
	for i, p := range doc.Pages {
		fmt.Fprintf(&b, "--- %d\n", i+1)
		for _, item := range p.Items {
			if t, ok := item.(layout.Text); ok && t.Size != running {
				b.WriteString(t.String + "\n")
			}
		}
	}
	return b.String()
}

// flat is text without its breaks, to look for sentences in.
func flat(s string) string { return strings.Join(strings.Fields(s), "") }

// TestPrinted holds what is on the pages, and that equal reports give equal bytes.
func TestPrinted(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		o := options(lang)
		root := testpki.New(t).Root.Cert
		o.Anchors = []trust.Anchor{{Certificate: root, Use: trust.UseCA, Class: trust.ClassInternal, Name: "示例根"}}
		fingerprint := gm.Fingerprint(root)
		got := strings.ReplaceAll(text(describe(t, rich(), o)), fmt.Sprintf("%x", fingerprint[:8]), "FINGERPRINT")
		path := filepath.Join("testdata", "printed-"+lang+".txt")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not what is printed: run with -update and look at the difference\n%s", path, got)
		}
		var a, b bytes.Buffer
		if err := report.PDF(&a, rich(), o); err != nil {
			t.Fatal(err)
		}
		if err := report.PDF(&b, rich(), o); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("equal reports give different files: %v", err)
		}
	}
}

// TestSameEverywhere: what the words say of each signature stands on the pages and in the attached JSON as well.
func TestSameEverywhere(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		r := rich()
		doc := describe(t, r, options(lang))
		var words bytes.Buffer
		if err := report.Words(&words, r, lang); err != nil {
			t.Fatal(err)
		}
		said, printed := flat(words.String()), flat(text(doc))
		if len(doc.Attached) != 1 || doc.Attached[0].Name != report.AttachedName {
			t.Fatalf("attached: %+v", doc.Attached)
		}
		var attached report.Attached
		if err := json.Unmarshal(doc.Attached[0].Data, &attached); err != nil {
			t.Fatal(err)
		}
		if attached.SM3 != options(lang).SM3 || attached.Size != 1234567 || len(attached.Signatures) != len(r.Signatures) || attached.Verdict != r.Verdict {
			t.Errorf("attached: %+v", attached)
		}
		sentences := 0
		both := func(s string) {
			sentences++
			if s = flat(s); !strings.Contains(said, s) || !strings.Contains(printed, s) {
				t.Errorf("%s: %q is in the words: %v, on the pages: %v", lang, s, strings.Contains(said, s), strings.Contains(printed, s))
			}
		}
		for i, s := range r.Signatures {
			both(report.Headline(s, false).In(lang))
			for k, f := range s.Findings {
				both(f.Message.In(lang) + " [" + string(f.Check) + "]")
				if attached.Signatures[i].Findings[k].Message != f.Message.In(lang) {
					t.Errorf("JSON: %+v", attached.Signatures[i].Findings[k])
				}
				if f.Check != "MAKER_UNKNOWN" {
					both(f.Next.In(lang))
				}
			}
			if s.Time != nil {
				both(verify.Moment(s.Time.Claimed).In(lang))
			}
		}
		both(strings.Repeat("cd", 32)) // whoever is missing, by fingerprint
		if sentences < 12 {
			t.Errorf("only %d sentences were looked for", sentences)
		}
	}
}

// TestVerdictsPrinted: each verdict has its words and its own shape on the first page, and nothing but PASSED is green.
func TestVerdictsPrinted(t *testing.T) {
	seen := map[string]bool{}
	for v, want := range map[verify.Verdict]string{verify.Passed: "核验通过", verify.Failed: "核验失败，不要相信", verify.Indeterminate: "无法得出结论，不能当作有效",
		verify.Unsigned: "没有签章"} {
		doc := describe(t, verify.Report{File: "a.pdf", Format: "PDF", Verdict: v, At: clock}, options("zh"))
		if !strings.Contains(text(doc), "\n"+want+"\n") {
			t.Errorf("%s is not said", want)
		}
		shape := "" // the corners of its parts, without their colours
		for _, item := range doc.Pages[0].Items {
			s, ok := item.(layout.Shape)
			if !ok && shape != "" {
				break
			}
			if ok {
				shape += fmt.Sprint(len(s.Outline), " ")
				if green := s.Fill.G > s.Fill.R && s.Fill.G > s.Fill.B+8; green != (v == verify.Passed) && s.Fill != (layout.Colour{R: 255, G: 255, B: 255}) {
					t.Errorf("%s is drawn in %+v", v, s.Fill)
				}
			}
		}
		if shape == "" || seen[shape] {
			t.Errorf("%s has the shape %q, which another has", v, shape)
		}
		seen[shape] = true
	}
}

func BenchmarkPDF(b *testing.B) {
	r, o := rich(), options("zh")
	for b.Loop() {
		if err := report.PDF(io.Discard, r, o); err != nil {
			b.Fatal(err)
		}
	}
}
