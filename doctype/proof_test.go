package doctype

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yinxin/document"
)

func proof() *paper {
	return written("# 示 例 入 学 证 明", "", "|编号：示教证字〔2026〕0012号", "兹证明林一示系本校学生，已完成注册。", "特此证明。", "", "", "|示例市第一示范学院", "|2026年3月18日", "", "第 1 页 共 1 页")
}

func college() Signer { return signedBy("示例市第一示范学院", "12990000MB0000027A") }

func TestProof(t *testing.T) {
	f := read(t, proof(), Unknown)
	want := &ProofFacts{Title: "示例入学证明", Number: "示教证字[2026]0012号", Date: "2026-03-18", Dated: "2026年3月18日", Issuer: "示例市第一示范学院", Page: 1}
	if d := cmp.Diff(want, f.Proof); d != "" || f.Type != Proof || f.Certainty != Likely || len(f.Fields) != 4 {
		t.Fatalf("%s %s %s", f.Type, f.Certainty, d)
	}
}

func TestProofEndings(t *testing.T) {
	for name, c := range map[string]struct {
		lines        []string
		issuer, date string
	}{
		"labelled":           {[]string{"出具单位（盖章）：示例市数据局", "日期：2026年3月18日"}, "示例市数据局", "2026-03-18"},
		"room for the seal":  {[]string{"|示例市数据局（盖章）", "|2026年3月18日"}, "示例市数据局", "2026-03-18"},
		"numerals":           {[]string{"|示例市数据局", "|二〇二六年三月十八日"}, "示例市数据局", "2026-03-18"},
		"twenties":           {[]string{"|示例市数据局", "|二○二六年十二月三十一日"}, "示例市数据局", "2026-12-31"},
		"date above":         {[]string{"|2026-03-18", "|示例市数据局"}, "示例市数据局", "2026-03-18"},
		"one line":           {[]string{"示例市数据局|2026.3.18"}, "示例市数据局", "2026-03-18"},
		"no such day":        {[]string{"|示例市数据局", "|2026年2月30日"}, "示例市数据局", ""},
		"a sentence above":   {[]string{"有疑问请致电示例市数据局。", "|2026年3月18日"}, "", "2026-03-18"},
		"the person's names": {[]string{"经办人：林一示", "|2026年3月18日"}, "", "2026-03-18"},
	} {
		p := written(append([]string{"# 在职证明", "编号：A-1", "兹证明林一示在职。", ""}, c.lines...)...)
		f := read(t, p, Proof)
		if f.Proof.Issuer != c.issuer || string(f.Proof.Date) != c.date || f.Proof.Dated == "" {
			t.Errorf("%s: %+v", name, f.Proof)
		}
	}
}

func TestProofRules(t *testing.T) {
	for name, c := range map[string]struct {
		p       *paper
		signers []Signer
		at      string
		want    []string
	}{
		"sound":               {proof(), []Signer{college()}, "2026-03-20", nil},
		"business seal":       {proof(), []Signer{sealedWith(college(), "示例市第一示范学院证明专用章", 6)}, "2026-03-20", nil},
		"another body":        {proof(), []Signer{office()}, "2026-03-20", []string{"fail proof-issuer issuer"}},
		"another body too":    {proof(), []Signer{college(), office()}, "2026-03-20", []string{"warn proof-issuer issuer"}},
		"nobody":              {proof(), nil, "2026-03-20", []string{"undecided proof-issuer issuer"}},
		"only the seal":       {proof(), []Signer{{Seal: true, SealName: "示例市第一示范学院"}}, "2026-03-20", []string{"undecided proof-issuer issuer"}},
		"finance seal":        {proof(), []Signer{sealedWith(college(), "示例市第一示范学院财务专用章", sealFinance)}, "2026-03-20", []string{"warn proof-seal issuer"}},
		"contract seal":       {proof(), []Signer{sealedWith(college(), "示例市第一示范学院合同专用章", 99)}, "2026-03-20", []string{"warn proof-seal issuer"}},
		"in the future":       {proof(), []Signer{college()}, "2026-03-01", []string{"undecided proof-date date"}},
		"no number":           {written("# 在职证明", "兹证明林一示在职。", "|示例市第一示范学院", "|2026年3月18日"), []Signer{college()}, "2026-03-20", []string{"warn proof-number number"}},
		"no date":             {written("# 在职证明", "编号：A-1", "兹证明林一示在职。", "|示例市第一示范学院"), []Signer{college()}, "2026-03-20", []string{"undecided proof-issuer issuer", "undecided proof-date date"}},
		"no such day":         {written("# 在职证明", "编号：A-1", "|示例市第一示范学院", "|2026年2月30日"), []Signer{college()}, "2026-03-20", []string{"fail proof-date date"}},
		"dated after sealing": {written("# 在职证明", "编号：A-1", "|示例市第一示范学院", "|2026年3月25日"), []Signer{college()}, "2026-04-01", []string{"warn proof-date date"}},
		"drawn":               {&paper{pages: []document.PageText{{Drawn: true}}}, []Signer{college()}, "2026-03-20", []string{"undecided proof-issuer issuer", "warn proof-number number", "undecided proof-date date"}},
	} {
		if d := cmp.Diff(c.want, codesOf(read(t, c.p, Proof), c.signers, day(c.at))); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if d := cmp.Diff([]string{"undecided proof-issuer issuer"}, codesOf(read(t, proof(), Unknown), []Signer{office()}, now())); d != "" {
		t.Errorf("only likely: %s", d)
	}
}

func TestNoProof(t *testing.T) {
	for name, p := range map[string]*paper{
		"a letter about one": written("# 关于开具在职证明的通知", "各部门：", "请于本周内提交。", "|示例市数据局", "|2026年3月18日"),
		"a title alone":      written("# 证明", "样本"),
		"nothing":            written(),
		"a form for one":     written("# 在职证明", "编号：______", "单位："),
	} {
		if f := read(t, p, Unknown); f.Type != Unknown {
			t.Errorf("%s is a %s: %+v", name, f.Type, f.Proof)
		}
	}
}
