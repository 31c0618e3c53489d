package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/verify"
	"yinxin/verify/report"
)

func sample(v verify.Verdict) verify.Report {
	return verify.Report{File: "合同\x1b[2J.pdf", Format: "PDF", Verdict: v, At: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Signatures: []verify.SignatureReport{{
		ID: "Seal1", Kind: document.Seal, Profile: "GM.sm2seal", Verdict: v, Sub: verify.SubTryLater, Integrity: verify.Intact, Coverage: document.CoversRevision,
		Aspects: verify.Aspects{Integrity: verify.Passed, Certificate: verify.Passed, Identity: verify.Passed, Revocation: v},
		Seal:    &verify.SealSummary{ID: "9900000000001", Name: "云杉示例科技有限公司", Version: 4},
		Signer:  &verify.CertSummary{Name: "云杉示例科技有限公司", USCC: "91990000MA0000015Q", Issuer: "示例根", Trusted: true, Class: "internal"},
		Time:    &verify.Time{Claimed: time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC), Source: "timeInfo"},
		Findings: []verify.Finding{{Check: "REVOCATION_UNKNOWN", Level: verify.Fail, Verdict: verify.Indeterminate, Sub: verify.SubTryLater,
			Message: verify.Text{ZH: "没有吊销信息。", EN: "No revocation information."}}},
	}}}
}

// TestWords: the verdict is said in words and a mark in both languages, INDETERMINATE never looks valid, and a name cannot drive the terminal.
func TestWords(t *testing.T) {
	for _, c := range []struct {
		lang        string
		verdict     verify.Verdict
		want, never []string
	}{
		{"zh", verify.Indeterminate, []string{"？ 无法得出结论，不能当作有效", "没有吊销信息。", "内部机构", "未经可信时间戳证明", "较早的一版"}, []string{"核验通过", "\x1b"}},
		{"en", verify.Indeterminate, []string{"no conclusion: not to be taken as valid", "No revocation information.", "internal authority", "not proved by a trusted time stamp"}, []string{"the checks passed", "\x1b"}},
		{"zh", verify.Passed, []string{"✔ 核验通过"}, []string{"有效力"}},
		{"en", verify.Failed, []string{"✘ the checks failed: do not rely on it"}, []string{"the checks passed"}},
	} {
		var b bytes.Buffer
		if err := report.Words(&b, sample(c.verdict), c.lang); err != nil {
			t.Fatal(err)
		}
		for _, w := range c.want {
			if !strings.Contains(b.String(), w) {
				t.Errorf("%s %s: %q is not in\n%s", c.lang, c.verdict, w, b.String())
			}
		}
		for _, w := range c.never {
			if strings.Contains(b.String(), w) {
				t.Errorf("%s %s: %q is in\n%s", c.lang, c.verdict, w, b.String())
			}
		}
	}
}

func TestWordsUnreadable(t *testing.T) {
	var b bytes.Buffer
	r := verify.Report{File: "x.pdf", Verdict: verify.Unreadable, Error: &fault.Public{Code: "c", ZH: "无法读取", EN: "cannot be read"}}
	if err := report.Words(&b, r, "en"); err != nil || !strings.Contains(b.String(), "cannot be read") {
		t.Errorf("%v: %s", err, b.String())
	}
	if err := report.Words(failing{}, r, "en"); err == nil {
		t.Error("a report that could not be written is no error")
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// TestLine: the JSON has the members programs were promised, and only its messages change with the language.
func TestLine(t *testing.T) {
	zh, err := json.Marshal(report.Line(sample(verify.Indeterminate), "zh"))
	if err != nil {
		t.Fatal(err)
	}
	en, err := json.Marshal(report.Line(sample(verify.Indeterminate), "en"))
	if err != nil {
		t.Fatal(err)
	}
	said := report.Headline(sample(verify.Indeterminate).Signatures[0], false)
	if strings.NewReplacer("没有吊销信息。", "No revocation information.", said.ZH, said.EN).Replace(string(zh)) != string(en) {
		t.Errorf("more than the messages differs:\n%s\n%s", zh, en)
	}
	var file map[string]any
	if err := json.Unmarshal(en, &file); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"file", "format", "verdict", "signatures"} {
		if _, ok := file[key]; !ok {
			t.Errorf("no member %s", key)
		}
	}
	signature := file["signatures"].([]any)[0].(map[string]any)
	for _, key := range []string{"id", "kind", "profile", "verdict", "headline", "sub", "integrity", "coverage", "changes", "seal", "signer", "time", "findings"} {
		if _, ok := signature[key]; !ok {
			t.Errorf("no member signatures[].%s", key)
		}
	}
}
