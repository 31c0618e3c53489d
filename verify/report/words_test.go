package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"
	"unicode"

	"yinxin/document"
	"yinxin/verify"
	"yinxin/verify/report"
)

// spoilt is the sample with another verdict, decided by one finding.
func spoilt(v verify.Verdict, code verify.Code, a verify.Aspects) verify.SignatureReport {
	s := sample(v).Signatures[0]
	s.Aspects = a
	s.Findings = []verify.Finding{{Check: code, Level: verify.Fail, Verdict: v, Message: verify.Text{ZH: "一句话。", EN: "A sentence."},
		Next: verify.Text{ZH: "去做。", EN: "Do it."}, Detail: "parser: at byte 7"}}
	return s
}

// TestHeadline: one sentence keeps what is known apart from what is not, and no headline says more than its verdict.
func TestHeadline(t *testing.T) {
	const p, f, i, n = verify.Passed, verify.Failed, verify.Indeterminate, verify.NotJudged
	for _, c := range []struct {
		name    string
		s       verify.SignatureReport
		only    bool
		zh      []string
		trusted bool // whether it may say that the content is intact
	}{
		{"passed", spoilt(p, "", verify.Aspects{Integrity: p, Certificate: p, Identity: p, Revocation: p}), false, []string{"未被改动", "身份已"}, true},
		{"passed, integrity only", spoilt(p, "", verify.Aspects{Integrity: p, Certificate: p, Identity: n, Revocation: n}), true, []string{"没有核验是谁签署的"}, true},
		{"changed", spoilt(f, "DATA_HASH", verify.Aspects{Integrity: f, Certificate: p, Identity: i, Revocation: n}), false, []string{"被改动过", "不要相信"}, false},
		{"changed later", spoilt(f, "CHANGED", verify.Aspects{Integrity: f, Certificate: p, Identity: p, Revocation: p}), false, []string{"签署之后", "不要相信"}, false},
		{"another failure", spoilt(f, "SIG_FORMAT", verify.Aspects{Integrity: f, Certificate: n, Identity: n, Revocation: n}), false, []string{"不成立"}, false},
		{"certificate", spoilt(f, "SIGNER_NOT_IN_SEAL", verify.Aspects{Integrity: p, Certificate: f, Identity: p, Revocation: p}), false, []string{"不要相信"}, false},
		{"identity", spoilt(f, "SIGNER_CHAIN", verify.Aspects{Integrity: p, Certificate: p, Identity: f, Revocation: p}), false, []string{"不是所称的机构"}, false},
		{"revoked", spoilt(f, "REVOKED_BEFORE_SIGNING", verify.Aspects{Integrity: p, Certificate: p, Identity: p, Revocation: f}), false, []string{"吊销", "不要相信"}, false},
		{"annotation", spoilt(i, "CHANGED_ANNOTATION", verify.Aspects{Integrity: i, Certificate: p, Identity: p, Revocation: p}), false, []string{"批注"}, true},
		{"unknown", spoilt(i, "SIGNER_UNKNOWN", verify.Aspects{Integrity: p, Certificate: p, Identity: i, Revocation: n}), false, []string{"未被改动", "不认识"}, true},
		{"expired", spoilt(i, "CERT_EXPIRED", verify.Aspects{Integrity: p, Certificate: i, Identity: p, Revocation: p}), false, []string{"有效期"}, true},
		{"revocation", spoilt(i, "REVOCATION_UNKNOWN", verify.Aspects{Integrity: p, Certificate: p, Identity: p, Revocation: i}), false, []string{"吊销"}, true},
		{"not comparable", spoilt(i, "PICTURE_NOT_COMPARED", verify.Aspects{Integrity: i, Certificate: p, Identity: p, Revocation: p}), false, []string{"没有结论"}, false},
		{"time stamp", spoilt(i, "TIMESTAMP_ALGORITHM_UNKNOWN", verify.Aspects{Integrity: i, Certificate: n, Identity: n, Revocation: n}), false, []string{"时间戳"}, false},
	} {
		h := report.Headline(c.s, c.only)
		for _, w := range c.zh {
			if !strings.Contains(h.ZH, w) {
				t.Errorf("%s: %q is not in %s", c.name, w, h.ZH)
			}
		}
		if strings.Contains(h.ZH, "未被改动") && !c.trusted || strings.Contains(h.EN, "intact") && !c.trusted {
			t.Errorf("%s says more than it may: %+v", c.name, h)
		}
		if strings.Contains(h.EN, "do not rely") != (c.s.Verdict == f) || strings.ContainsFunc(h.EN, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: %+v", c.name, h)
		}
	}
}

func words(t *testing.T, s verify.SignatureReport, lang string) string {
	t.Helper()
	r := sample(s.Verdict)
	r.Signatures[0] = s
	var b bytes.Buffer
	if err := report.Words(&b, r, lang); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestMissing: who is unknown is named with the fingerprint, and how to come to trust that one; intact stays apart from unknown.
func TestMissing(t *testing.T) {
	der := []byte("a certificate")
	sum := sha256.Sum256(der)
	fingerprint := hex.EncodeToString(sum[:])
	s := spoilt(verify.Indeterminate, "MAKER_UNKNOWN", verify.Aspects{Integrity: verify.Passed, Certificate: verify.Passed, Identity: verify.Indeterminate, Revocation: verify.NotJudged})
	s.Maker = &verify.CertSummary{Name: "示例制章者", Issuer: "示例制章根", Missing: &verify.Missing{Use: "maker", Name: "示例制章者", Fingerprint: fingerprint, Certificate: der, Issuer: "示例制章根"}}
	s.Signer.Missing = &verify.Missing{Use: "ca", Name: "示例根", Fingerprint: strings.Repeat("ab", 32), Certificate: der, Authority: true, Issuer: "示例上级根"}
	s.Findings = append(s.Findings, verify.Finding{Check: "SIGNER_UNKNOWN", Level: verify.Fail, Verdict: verify.Indeterminate})
	for lang, want := range map[string][]string{
		"zh": {"内容未被改动，但本机不认识制章者“示例制章者”和签章人证书的颁发者“示例上级根”", "指纹：" + fingerprint, "yinxin trust add maker-" + fingerprint[:16] + ".crt --dir 信任目录 --use maker", "--use ca", "信任它签发的一切证书", "它由“示例上级根”颁发，那张证书不在文件里"},
		"en": {"The content is intact, but this computer knows neither the maker", fingerprint, "--dir DIR --use maker", "--use ca", "trust whatever it issues"},
	} {
		got := words(t, s, lang)
		flat := strings.Join(strings.Fields(got), " ")
		if strings.Contains(flat, "示例制章根”颁发") {
			t.Errorf("the authority above a maker is offered:\n%s", got)
		}
		for _, w := range want {
			if !strings.Contains(flat, w) && !strings.Contains(strings.ReplaceAll(flat, " ", ""), strings.ReplaceAll(w, " ", "")) {
				t.Errorf("%q is not in\n%s", w, got)
			}
		}
	}
	failed := s
	failed.Verdict = verify.Failed
	if got := words(t, failed, "zh"); strings.Contains(got, "trust add") {
		t.Errorf("whom to trust, though it failed:\n%s", got)
	}
	r := sample(s.Verdict)
	r.Signatures = []verify.SignatureReport{s, s}
	certs := report.MissingCertificates(r)
	if len(certs) != 2 || certs[0].Name != "maker-"+fingerprint[:16]+".crt" || !bytes.Contains(certs[0].PEM, []byte("BEGIN CERTIFICATE")) {
		t.Errorf("%+v", certs)
	}
	s.Maker, s.Signer.Missing.Authority = nil, false
	r.Signatures = []verify.SignatureReport{s}
	if certs = report.MissingCertificates(r); len(certs) != 1 || !strings.HasPrefix(certs[0].Name, "signer-abab") {
		t.Errorf("a signer's own certificate: %+v", certs)
	}
}

// TestAdvice: what to do is said once, and what a parser said stands apart from what people read.
func TestAdvice(t *testing.T) {
	s := spoilt(verify.Failed, "SIG_FORMAT", verify.Aspects{Integrity: verify.Failed})
	s.Findings = append(s.Findings, s.Findings[0])
	got := words(t, s, "zh")
	if strings.Count(got, "去做。") != 1 || strings.Count(got, "一句话。") != 2 {
		t.Errorf("advice:\n%s", got)
	}
	before, after, found := strings.Cut(got, "技术说明")
	if !found || strings.Contains(before, "parser") || !strings.Contains(after, "SIG_FORMAT: parser: at byte 7") {
		t.Errorf("details:\n%s", got)
	}
}

// TestPlaces: several places and the slices of a riding seal are said in words.
func TestPlaces(t *testing.T) {
	slice := func(page int) document.Place {
		return document.Place{Page: page, Width: 40, Height: 40, Clip: document.Clip{X: float64(page), Width: 8, Height: 40}}
	}
	whole := func(page int) document.Place { return document.Place{Page: page, Width: 40, Height: 40} }
	for _, c := range []struct {
		places []document.Place
		zh, en string
	}{
		{nil, "", ""},
		{[]document.Place{whole(1)}, "显示在第 1 页", "shown on page 1"},
		{[]document.Place{whole(3), whole(1), whole(1)}, "显示在第 1、3 页", "shown on pages 1, 3"},
		{[]document.Place{slice(1), slice(2), slice(3), slice(4), slice(6)}, "骑缝：分 5 条显示在第 1 至 4、6 页", "riding seal: shown in 5 slices on pages 1–4, 6"},
		{[]document.Place{whole(9), slice(1), slice(2)}, "显示在第 9 页；骑缝：分 2 条显示在第 1、2 页", "shown on page 9; riding seal: shown in 2 slices on pages 1, 2"},
	} {
		s := sample(verify.Passed).Signatures[0]
		s.Places = c.places
		for lang, want := range map[string]string{"zh": c.zh, "en": c.en} {
			got := words(t, s, lang)
			if want == "" && (strings.Contains(got, "位置") || strings.Contains(got, "Place ")) || !strings.Contains(got, want) {
				t.Errorf("%q is not in\n%s", want, got)
			}
		}
	}
}

// TestProvenTime: what is proven stands before what is claimed, with whose word it is and what that one is trusted as.
func TestProvenTime(t *testing.T) {
	claimed, proven := time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC), time.Date(2026, 3, 2, 7, 1, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		time   verify.Time
		zh, en []string
		never  string
	}{
		"claimed": {verify.Time{Claimed: claimed}, []string{"2026-03-02 15:00:00 +08:00（签名自称，未经可信时间戳证明）"}, []string{"07:00:00 UTC (claimed, not proved by a trusted time stamp)"}, "07:01"},
		"both": {verify.Time{Claimed: claimed, Proven: proven, ProvenBy: "示例时间戳服务", Class: "internal"},
			[]string{"不晚于 2026-03-02 15:01:00 +08:00，由“示例时间戳服务”的时间戳证明", "内部机构", "15:00:00 +08:00（签名自称）"}, []string{"not after 2026-03-02 07:01:00 UTC", "internal authority", "07:00:00 UTC (claimed)"}, "未经"},
		"proven": {verify.Time{Proven: proven}, []string{"不晚于 2026-03-02 15:01:00 +08:00"}, []string{"not after"}, "0001-01-01"},
	} {
		s := spoilt(verify.Passed, "", verify.Aspects{Integrity: verify.Passed, Certificate: verify.Passed, Identity: verify.Passed, Revocation: verify.Passed})
		s.Time = &c.time
		for lang, want := range map[string][]string{"zh": c.zh, "en": c.en} {
			flat := strings.Join(strings.Fields(words(t, s, lang)), " ")
			for _, w := range want {
				if !strings.Contains(strings.ReplaceAll(flat, " ", ""), strings.ReplaceAll(w, " ", "")) {
					t.Errorf("%s: %q is not in %s", name, w, flat)
				}
			}
			if strings.Contains(flat, c.never) {
				t.Errorf("%s: %q is in %s", name, c.never, flat)
			}
		}
	}
}
