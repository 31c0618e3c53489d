package report_test

import (
	"testing"

	"yinxin/fault"
	"yinxin/verify"
	"yinxin/verify/report"
)

// TestReason: a line of a table has the verdict and what decided it, not what else was found.
func TestReason(t *testing.T) {
	const p, f, i, u = verify.Passed, verify.Failed, verify.Indeterminate, verify.Unsigned
	finding := func(l verify.Level, v verify.Verdict, words string) verify.Finding {
		return verify.Finding{Level: l, Verdict: v, Message: verify.Text{ZH: words + "。", EN: words + "."}}
	}
	fail, open, warn := finding(verify.Fail, f, "changed"), finding(verify.Fail, i, "unknown"), finding(verify.Warn, "", "odd")
	made := func(v verify.Verdict, signed, said []verify.Finding) verify.Report {
		r := verify.Report{Verdict: v}
		if signed != nil {
			r.Signatures = []verify.SignatureReport{{Verdict: v, Findings: signed}}
		}
		if said != nil {
			r.Document = &verify.DocumentReport{Findings: said}
		}
		return r
	}
	list := func(l ...verify.Finding) []verify.Finding { return append([]verify.Finding{}, l...) }
	only := made(p, list(), nil)
	only.IntegrityOnly = true
	for _, c := range []struct {
		name   string
		r      verify.Report
		zh, en string
	}{
		{"passed", made(p, list(), nil), "核验通过", "the checks passed"},
		{"passed, with a warning", made(p, list(warn), nil), "核验通过：odd。", "the checks passed: odd."},
		{"without a stop", made(f, list(finding(verify.Fail, f, "a. b"), verify.Finding{Level: verify.Fail, Verdict: f}), nil), "核验失败，不要相信：a. b。另有 1 项。", "the checks failed: do not rely on it: a. b. 1 more."},
		{"integrity only", only, "核验通过（只核验了完整性）", "the checks passed (only integrity was judged)"},
		{"failed", made(f, list(warn, open, fail, fail), list(fail)), "核验失败，不要相信：changed。另有 2 项。", "the checks failed: do not rely on it: changed. 2 more."},
		{"failed by its rules", made(f, list(), list(warn, fail)), "核验失败，不要相信：changed。", "the checks failed: do not rely on it: changed."},
		{"undecided", made(i, list(warn, open), nil), "无法得出结论，不能当作有效：unknown。", "no conclusion: not to be taken as valid: unknown."},
		{"not signed", made(u, nil, nil), "没有签章", "not signed"},
		{"not signed, and wrong", made(u, nil, list(open)), "没有签章：unknown。", "not signed: unknown."},
		{"unreadable", verify.Report{Verdict: verify.Unreadable, Error: &fault.Public{ZH: "坏\x1b了", EN: "bro\u202eken"}}, "无法读取：坏 了", "unreadable: bro ken"},
	} {
		if zh, en := report.Reason(c.r, "zh"), report.Reason(c.r, "en"); zh != c.zh || en != c.en {
			t.Errorf("%s: %s / %s", c.name, zh, en)
		}
	}
}
