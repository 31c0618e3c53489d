package doctype

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yinxin/document"
	"yinxin/font"
	"yinxin/layout"
	"yinxin/testdata"
)

func demoContract(t *testing.T) *paper {
	t.Helper()
	blocks, err := layout.ParseMarkup(testdata.Contract)
	if err != nil {
		t.Fatal(err)
	}
	flowed, err := layout.Flow(font.Stack{font.Default()}, blocks, layout.DefaultStyle())
	if err != nil {
		t.Fatal(err)
	}
	return laidOut(layout.Document{Pages: flowed.Pages})
}

func first() Signer {
	return sealedWith(signedBy(firstName, firstUSCC), firstName+"合同专用章", sealContract)
}
func second() Signer {
	return sealedWith(signedBy(secondName, secondUSCC), secondName+"合同专用章", sealContract)
}

func TestContract(t *testing.T) {
	f := read(t, demoContract(t), Unknown)
	want := &ContractFacts{Title: "智能仓储设备采购合同", Number: "示例-2026-0031",
		Parties: []Party{{Role: "甲方", Name: firstName, USCC: firstUSCC, Page: 1}, {Role: "乙方", Name: secondName, USCC: secondUSCC, Page: 1}}}
	if d := cmp.Diff(want, f.Contract); d != "" || f.Type != Contract || f.Certainty != Likely {
		t.Fatalf("%s %s %s", f.Type, f.Certainty, d)
	}
	if d := cmp.Diff([]string{"warn contract-unsealed parties"}, codesOf(f, []Signer{first()}, now())); d != "" {
		t.Errorf("half sealed: %s", d)
	}
	all := Check(&f, []Signer{first(), second()}, now())
	if len(all) != 2 || all[0].Level != Inform || all[1].Code != "form-untested" || !strings.Contains(all[0].ZH, firstName+"合同专用章") || !strings.Contains(all[0].ZH, secondName) {
		t.Errorf("sealed by both: %+v", all)
	}
	changed, unknown := first(), second()
	changed.Intact, unknown.Trusted = false, false
	all = Check(&f, []Signer{changed, unknown}, now())
	if len(all) != 2 || !strings.Contains(all[0].EN, "was changed") || !strings.Contains(all[0].EN, "not been established") {
		t.Errorf("seals that do not hold: %+v", all)
	}
}

func short() *paper {
	return written("# 示例服务协议", "甲方："+firstName, "统一社会信用代码："+firstUSCC, "乙方："+secondName, "统一社会信用代码："+secondUSCC, "签订日期：2026年3月18日")
}

func TestContractRules(t *testing.T) {
	person := Signer{Name: "林一示", Intact: true, Trusted: true}
	for name, c := range map[string]struct {
		p       *paper
		signers []Signer
		want    []string
	}{
		"sealed":          {short(), []Signer{first(), second()}, nil},
		"own seals":       {short(), []Signer{signedBy(firstName, firstUSCC), sealedWith(signedBy(secondName, secondUSCC), "高望山印", 5)}, nil},
		"nobody":          {short(), nil, []string{"warn contract-unsealed parties", "warn contract-unsealed parties"}},
		"a stranger":      {short(), []Signer{first(), second(), signedBy(thirdName, thirdUSCC)}, []string{"undecided contract-stranger parties"}},
		"a person":        {short(), []Signer{first(), second(), person}, []string{"undecided contract-stranger parties"}},
		"another's code":  {short(), []Signer{first(), signedBy(secondName, thirdUSCC)}, []string{"warn contract-unsealed parties", "fail contract-code parties", "undecided contract-stranger parties"}},
		"no code":         {short(), []Signer{first(), signedBy(secondName, "")}, nil},
		"only the seal":   {short(), []Signer{first(), {Seal: true, SealName: secondName + "公章"}}, []string{"warn contract-unsealed parties", "undecided contract-stranger parties"}},
		"finance seal":    {short(), []Signer{first(), sealedWith(second(), secondName+"财务专用章", sealFinance)}, []string{"warn contract-seal parties"}},
		"invoice seal":    {short(), []Signer{first(), sealedWith(second(), secondName+"发票专用章", 99)}, []string{"warn contract-seal parties"}},
		"misprinted code": {written("# 协议", "甲方："+firstName, "信用代码：91990000MA0000015K", "乙方："+secondName), []Signer{signedBy(firstName, ""), second()}, []string{"warn contract-parties parties"}},
		"renamed within": {written("# 协议", "甲方："+firstName, "乙方："+secondName, "", "甲方（盖章）："+thirdName+"|乙方（盖章）："+secondName), []Signer{first(), second()},
			[]string{"undecided contract-parties parties"}},
		"drawn": {&paper{pages: []document.PageText{{Drawn: true}}}, []Signer{first()}, []string{"undecided contract-parties parties"}},
	} {
		if d := cmp.Diff(c.want, codesOf(read(t, c.p, Contract), c.signers, now())); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if d := cmp.Diff([]string{"warn contract-unsealed parties", "undecided contract-code parties", "warn contract-stranger parties"},
		codesOf(read(t, short(), Unknown), []Signer{first(), signedBy(secondName, thirdUSCC)}, now())); d != "" {
		t.Errorf("only likely: %s", d)
	}
}

func TestContractLayouts(t *testing.T) {
	both := []Party{{Role: "甲方", Name: firstName}, {Role: "乙方", Name: secondName}}
	for name, c := range map[string]struct {
		p    *paper
		want []Party
	}{
		"names beside":       {written("# 采购合同", "甲方（买方）：|"+firstName, "乙方（卖方）：|"+secondName), both},
		"a table":            {written("# 采购合同", "甲方|"+firstName, "乙方|"+secondName), both},
		"names below":        {written("# 采购合同", "甲方（盖章）|乙方（盖章）", firstName+"|"+secondName), both},
		"named for short":    {written("# 采购合同", "甲方："+firstName+"（以下简称“买方”）", "乙方："+secondName+"，住所示例市"), both},
		"empty at the end":   {written("# 采购合同", "甲方："+firstName, "乙方："+secondName, "甲方（盖章）：|乙方（盖章）：", "法定代表人：|法定代表人：", "日期：　年　月　日|年　月　日"), both},
		"running text":       {written("# 采购合同", "甲方："+firstName, "乙方："+secondName, "甲方应当按期付款，乙方（卖方）应当按期交付。", "甲方权利：收货。"), both},
		"a name in two":      {written("# 采购合同", "甲方：云杉示例", "科技有限公司", "乙方："+secondName), both},
		"character by chars": {spelled(written("# 采购合同", "甲方："+firstName, "乙方："+secondName)), both},
		"other roles":        {written("# 房屋租赁合同", "出租方："+firstName, "承租人：林一示"), []Party{{Role: "出租方", Name: firstName}, {Role: "承租人", Name: "林一示"}}},
		"English": {written("# Service Agreement", "Party A: Spruce Example Co., Ltd.", "Party B (Seller): Far Hills Example Ltd."),
			[]Party{{Role: "PARTYA", Name: "SPRUCEEXAMPLECO.,LTD."}, {Role: "PARTYB", Name: "FARHILLSEXAMPLELTD."}}},
		"three": {written("# 三方协议", "甲方："+firstName, "乙方："+secondName, "丙方："+thirdName), append(slices.Clone(both), Party{Role: "丙方", Name: thirdName})},
		"codes": {written("# 采购合同", "甲方："+firstName+"|乙方："+secondName, "税号：|纳税人识别号："+secondUSCC, "地址：示例市|统一社会信用代码"),
			[]Party{{Role: "甲方", Name: firstName}, {Role: "乙方", Name: secondName, USCC: secondUSCC}}},
		"a code in brackets": {written("# 采购合同", "甲方："+firstName+"（统一社会信用代码："+firstUSCC+"）", "乙方："+secondName),
			[]Party{{Role: "甲方", Name: firstName, USCC: firstUSCC}, both[1]}},
	} {
		f := read(t, c.p, Unknown)
		if f.Contract == nil {
			t.Errorf("%s: it is a %q", name, f.Type)
			continue
		}
		for i := range c.want {
			c.want[i].Page = 1
		}
		if d := cmp.Diff(c.want, f.Contract.Parties); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// spelled draws every character by itself.
func spelled(p *paper) *paper {
	for i, page := range p.pages {
		var runs []document.Run
		for _, r := range page.Runs {
			for k, c := range []rune(r.Text) {
				runs = append(runs, document.Run{Text: string(c), X: r.X + float64(k)*r.Height, Y: r.Y, Width: r.Height, Height: r.Height})
			}
		}
		slices.Reverse(runs)
		p.pages[i].Runs = runs
	}
	return p
}

// A long contract is read at both ends.
func TestContractEnds(t *testing.T) {
	p := &paper{pages: make([]document.PageText, 80)}
	p.pages[0] = sheetOfLines("# 采购合同", "甲方："+firstName)
	p.pages[79] = sheetOfLines("乙方（盖章）：" + secondName)
	p.pages[40] = sheetOfLines("丙方：" + thirdName)
	f := read(t, p, Unknown)
	if f.Contract == nil || len(f.Contract.Parties) != 2 || f.Contract.Parties[1].Page != 80 || !f.Contract.Partly {
		t.Errorf("%+v", f.Contract)
	}
}

func TestNoContract(t *testing.T) {
	for name, p := range map[string]*paper{
		"a letter":      written("# 关于签订合同的通知", "甲方："+firstName, "乙方："+secondName),
		"a title alone": written("# 采购合同", "（此页无正文）"),
		"one party":     written("# 承诺协议", "甲方："+firstName),
	} {
		if f := read(t, p, Unknown); f.Type != Unknown {
			t.Errorf("%s is a %s", name, f.Type)
		}
	}
}
