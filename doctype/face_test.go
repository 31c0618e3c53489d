package doctype

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"yinxin/license"
)

func faceOf(lines ...string) *face { return newFace([]sheet{sheetOf(1, sheetOfLines(lines...))}) }

// Labels and what stands under them, in the ways in which forms set them.
func TestPrinted(t *testing.T) {
	const identifier = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
	for name, c := range map[string]struct {
		lines []string
		want  map[Key]string
	}{
		"with a sign":        {[]string{"发证机关：示例市数据局", "有效期：2026年3月18日至2027年3月17日"}, map[Key]string{KeyIssuer: "示例市数据局", KeyUntil: "2026年3月18日至2027年3月17日"}},
		"without one":        {[]string{"发证机关示例市数据局", "发证日期2026年3月18日", "许可证编号A001"}, map[Key]string{KeyIssuer: "示例市数据局", KeyDate: "2026年3月18日", KeyNumber: "A001"}},
		"beside":             {[]string{"名　　称|云杉示例科技有限公司", "统一社会信用代码|91990000MA0000015Q"}, map[Key]string{KeyHolder: firstName, KeyHolderCode: firstUSCC}},
		"below":              {[]string{"|登记机关", "|示例市数据局"}, map[Key]string{KeyIssuer: "示例市数据局"}},
		"a seal's room":      {[]string{"|发证机关", "|（盖章处）"}, map[Key]string{}},
		"a table":            {[]string{"名称|层数", "示例一号楼有限公司|3"}, map[Key]string{}},
		"running text":       {[]string{"发证机关应当自收到申请之日起二十日内作出决定。", "名称变更的应当及时办理。"}, map[Key]string{}},
		"broken identifier":  {[]string{"证照标识：1.2.156.3005.2.11100000000013338W011.11430000006122244L.", "20230000403.001.U"}, map[Key]string{KeyNumber: identifier}},
		"identifier beside":  {[]string{"证照标识|1.2.156.3005.2.11100000000013338W011.", "|11430000006122244L.20230000403.001.U"}, map[Key]string{KeyNumber: identifier}},
		"identifier alone":   {[]string{"编号：A001", "|" + identifier}, map[Key]string{KeyNumber: identifier}},
		"the end apart":      {[]string{"有效期限：|2022/11/01|至|2024/11/01"}, map[Key]string{KeyUntil: "2022/11/01至2024/11/01"}},
		"the first is taken": {[]string{"发证机关：示例市数据局", "登记机关：示例市登记管理局"}, map[Key]string{KeyIssuer: "示例市数据局"}},
	} {
		found, _ := faceOf(c.lines...).printed()
		got := map[Key]string{}
		for k, p := range found {
			got[k] = p.Value
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestLastDay(t *testing.T) {
	for value, want := range map[string]license.Day{
		"2026年3月18日至2027年3月17日": "2027-03-17", "2027.3.17": "2027-03-17", "自2026年3月18日起": "", "2022/11/01至": "", "2026年3月18日至长期": "", "长期": "", "": "", "二〇二七年三月十七日": "2027-03-17",
		"2027年2月30日": "",
	} {
		if got := lastDay(value); got != want {
			t.Errorf("%s: %s", value, got)
		}
	}
}

func TestSameBody(t *testing.T) {
	for name, c := range map[string]struct {
		signer     Signer
		name, uscc string
		want       match
	}{
		"codes":                      {Signer{Name: "甲", USCC: firstUSCC}, firstName, firstUSCC, same},
		"other codes":                {Signer{Organization: firstName, USCC: secondUSCC}, firstName, firstUSCC, other},
		"brackets and widths":        {Signer{Organization: "云杉（示例） ＡＢ有限公司"}, "云杉(示例)AB有限公司", "", same},
		"radicals":                   {Signer{Organization: "⽰例市数据局"}, "示例市数据局", "", same},
		"a region for a code":        {Signer{Organization: firstName, USCC: firstUSCC}, firstName, "990000", same},
		"common name":                {Signer{Name: firstName}, firstName, firstUSCC, same},
		"called after the seal":      {Signer{Name: firstName + "合同专用章"}, firstName, "", same},
		"a longer name":              {Signer{Name: firstName + "示例分公司"}, firstName, "", other},
		"organisation over the name": {Signer{Name: "林一示", Organization: firstName}, firstName, "", same},
		"the seal alone":             {Signer{Seal: true, SealName: firstName + "公章"}, firstName, "", hinted},
		"the seal against the name":  {Signer{Name: secondName, Seal: true, SealName: firstName}, firstName, "", other},
		"nothing":                    {Signer{}, firstName, firstUSCC, untold},
		"no body":                    {Signer{Name: firstName}, "", "", untold},
	} {
		if got := sameBody(c.signer, c.name, c.uscc); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestDays(t *testing.T) {
	for text, want := range map[string]string{
		"2026年3月8日": "2026-03-08", "2026-03-08": "2026-03-08", "2026.3.8": "2026-03-08", "二〇二六年十月二十日": "2026-10-20", "二○一九年十二月三十一日": "2019-12-31", "二零二六年一月一日": "2026-01-01",
		"2026年13月1日": "", "二〇二六年二月三十日": "", "二〇二六年百月一日": "none", "3月8日": "none", "2026年": "none",
	} {
		found := days(text)
		got := "none"
		if len(found) > 0 {
			got = string(found[0].day)
		}
		if got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
