package web

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"yinxin/fault"
	"yinxin/verify"
	"yinxin/verify/report"
)

// element is one element of a page.
type element struct {
	name string
	attr map[string]string
}

// elements reads a page as a browser's parser would see well-formed HTML, and refuses what is not.
func elements(t *testing.T, page []byte) (list []element) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, page)
		}
		if s, ok := token.(xml.StartElement); ok {
			e := element{s.Name.Local, map[string]string{}}
			for _, a := range s.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			list = append(list, e)
		}
	}
}

// harmless checks what holds of every page: one heading, one form, one language, no script in any form, nothing from elsewhere.
func harmless(t *testing.T, list []element) {
	t.Helper()
	n := map[string]int{}
	ids := map[string]bool{}
	for _, e := range list {
		n[e.name]++
		if id := e.attr["id"]; id != "" {
			if ids[id] {
				t.Errorf("two elements are called %s", id)
			}
			ids[id] = true
		}
		for name, value := range e.attr {
			outside := name == "href" || name == "src" || name == "action"
			switch {
			case strings.HasPrefix(name, "on"), name == "style", name == "srcdoc":
				t.Errorf("%s has %s=%q", e.name, name, value)
			case outside && !strings.HasPrefix(value, "/verify") && !strings.HasPrefix(value, "data:image/png;base64,") && !strings.HasPrefix(value, "data:application/pdf;base64,") && value != "data:,":
				t.Errorf("%s leads to %q", e.name, value)
			}
		}
	}
	for _, forbidden := range []string{"script", "style", "iframe", "object", "embed", "base"} {
		if n[forbidden] > 0 {
			t.Errorf("%d elements %s", n[forbidden], forbidden)
		}
	}
	for _, one := range []string{"h1", "form", "main", "title", "button", "html"} {
		if n[one] != 1 {
			t.Errorf("%d elements %s", n[one], one)
		}
	}
}

func newPages(t *testing.T) *Pages {
	t.Helper()
	p, err := New([]string{"PDF", "OFD"}, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const hostile = `</bdi></h3><script>alert(1)</script><img src=x onerror="alert(2)">{{.}}` + "\u202e\x1b"

// verdictReport is a report of n signatures, with hostile text wherever a file has a say.
func verdictReport(v verify.Verdict, n int) verify.Report {
	r := verify.Report{File: hostile, Format: "PDF", Verdict: v, At: time.Unix(1e9, 0)}
	for range n {
		name := verify.Clean(hostile)
		r.Signatures = append(r.Signatures, verify.SignatureReport{
			ID: hostile, Profile: "GM.sm2seal", Kind: "seal", Verdict: v, Aspects: verify.Aspects{Integrity: v, Certificate: v, Identity: v, Revocation: verify.NotJudged},
			Seal:     &verify.SealSummary{ID: name, Name: name, Picture: verify.SealPicture{Type: name, Data: []byte("no picture")}},
			Signer:   &verify.CertSummary{Name: name, Issuer: name, Fingerprint: strings.Repeat("0", 64)},
			Findings: []verify.Finding{{Check: "CHANGED", Level: verify.Fail, Verdict: v, Message: verify.Text{ZH: name, EN: name}, Next: verify.Text{ZH: name, EN: name}, Detail: name}},
		})
	}
	if v == verify.Unreadable {
		r.Error = &fault.Public{Code: "x", ZH: hostile, EN: hostile}
	}
	return r
}

// TestAnswer: one verdict, a card for each signature, what was not checked, and nothing of what a file says as markup.
func TestAnswer(t *testing.T) {
	p := newPages(t)
	for _, lang := range []string{"zh", "en"} {
		for verdict, n := range map[verify.Verdict]int{verify.Passed: 2, verify.Failed: 3, verify.Indeterminate: 1, verify.Unsigned: 0, verify.Unreadable: 0} {
			var b bytes.Buffer
			if err := p.Answer(&b, lang, verdict == verify.Failed, verdictReport(verdict, n), report.Options{Lang: lang, Size: 1234567, SM3: strings.Repeat("ab", 32)}, []byte("%PDF")); err != nil {
				t.Fatal(err)
			}
			list := elements(t, b.Bytes())
			harmless(t, list)
			verdicts, cards, downloads := 0, 0, 0
			for _, e := range list {
				switch {
				case e.attr["data-verdict"] == string(verdict):
					verdicts++
				case e.name == "article":
					cards++
				case e.name == "a" && e.attr["download"] != "":
					downloads++
				case e.name == "html" && !strings.HasPrefix(e.attr["lang"], lang):
					t.Errorf("a page in %s says it is in %s", lang, e.attr["lang"])
				}
			}
			if verdicts != 1 || cards != n || downloads != 1 {
				t.Errorf("%s: %d verdicts, %d cards, %d downloads, want 1, %d, 1", verdict, verdicts, cards, downloads, n)
			}
			text := b.String()
			if !strings.Contains(text, `id="unchecked"`) || !strings.Contains(text, "1,234,567") || strings.ContainsAny(text, "\u202e\x1b") || strings.Contains(text, "onerror=\"") {
				t.Errorf("%s: what was not checked, the size or the escaping is missing", verdict)
			}
		}
	}
}

// TestManySignatures: a page stays readable, the worst are shown, and the rest is counted.
func TestManySignatures(t *testing.T) {
	var b bytes.Buffer
	if err := newPages(t).Answer(&b, "en", false, verdictReport(verify.Passed, 500), report.Options{Lang: "en"}, nil); err != nil {
		t.Fatal(err)
	}
	cards := strings.Count(b.String(), "<article")
	if cards == 0 || cards > 100 || !strings.Contains(b.String(), "Not shown one by one: ") || strings.Contains(b.String(), "download=") {
		t.Errorf("%d cards", cards)
	}
}

// TestAskAndRefuse: the form is on every page; large type is kept, the language switch leads to the other language, and a refusal is said.
func TestAskAndRefuse(t *testing.T) {
	p := newPages(t)
	var ask, refused bytes.Buffer
	if err := p.Ask(&ask, "zh", true); err != nil {
		t.Fatal(err)
	}
	if err := p.Refuse(&refused, "en", false, fault.Public{ZH: "坏", EN: "too <b>large</b>"}); err != nil {
		t.Fatal(err)
	}
	harmless(t, elements(t, ask.Bytes()))
	harmless(t, elements(t, refused.Bytes()))
	for _, want := range []string{" checked>", `href="/verify?lang=en&amp;size=large"`, "PDF / OFD", "64 MB", `name="evidence"`, `enctype="multipart/form-data"`} {
		if !strings.Contains(ask.String(), want) {
			t.Errorf("the page that asks lacks %s", want)
		}
	}
	if text := refused.String(); !strings.Contains(text, "too &lt;b&gt;large&lt;/b&gt;") || strings.Contains(text, " checked>") || !strings.Contains(text, `href="/verify?lang=zh"`) {
		t.Error("the refusal is not said, or not escaped")
	}
}
