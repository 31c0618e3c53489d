package doctype

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yinxin/document"
)

func office() Signer { return signedBy(officeName, officeUSCC) }

func TestLicence(t *testing.T) {
	_, p := licence(t, nil)
	f := read(t, p, Unknown)
	if f.Type != License || f.Certainty != Certain || f.License.Record.Face.Values != nil {
		t.Fatalf("%s, %s", f.Type, f.Certainty)
	}
	if d := cmp.Diff([]string(nil), codesOf(f, []Signer{office()}, now())); d != "" {
		t.Errorf("%s\n%+v", d, f.License)
	}
	got := map[Key]string{}
	for _, x := range f.Fields {
		got[x.Key] = x.Value
	}
	want := map[Key]string{KeyNumber: "1.2.156.3005.2.11990000MB0000019F001.11990000MB0000019F.7K2M9Q4T8W3X5Z1A6C0E.001.W", KeyIssuer: officeName, KeyDate: "2026-03-18",
		KeyHolder: firstName, KeyHolderCode: firstUSCC}
	want[KeyNumber] = f.License.Record.Identifier
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	agrees := 0
	for _, a := range f.License.Agrees {
		if a.Found == Agrees {
			agrees++
		}
	}
	if agrees != 9 {
		t.Errorf("%d fields agree: %+v", agrees, f.License.Agrees)
	}
}

// replace changes a text wherever it stands on the face.
func replace(old, text string) func(*paper) {
	return func(p *paper) {
		for i := range p.pages[0].Runs {
			r := &p.pages[0].Runs[i]
			r.Text = strings.ReplaceAll(r.Text, old, text)
		}
	}
}

func drop(part string) func(*paper) {
	return func(p *paper) {
		var kept []document.Run
		for _, r := range p.pages[0].Runs {
			if !strings.Contains(r.Text, part) {
				kept = append(kept, r)
			}
		}
		p.pages[0].Runs = kept
	}
}

func TestLicenceFaceAgainstRecord(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*paper)
		want  []string
	}{
		"address":     {replace("样本路 100 号", "样本路 101 号"), []string{"fail license-face domicile"}},
		"holder":      {replace(firstName, secondName), []string{"fail license-face holder"}},
		"one holder":  {replace("林一示", "高望山"), []string{"fail license-face legalRepresentative"}},
		"issuer":      {replace(officeName, "示例市数据局"), []string{"fail license-face issuer"}},
		"day":         {replace("2026年3月18日", "2026年3月19日"), []string{"fail license-face date", "fail license-face until"}},
		"code":        {replace(firstUSCC, secondUSCC), []string{"fail license-face holder_code"}},
		"identifier":  {replace("7K2M9Q4T8W3X5Z1A6C0E", "7K2M9Q4T8W3X5Z1A6C0F"), []string{"fail license-face number"}},
		"founded":     {replace("2021年5月7日", "2011年5月7日"), []string{"fail license-face founded"}},
		"a long text": {replace("仓储设备租赁服务", "仓储设备融资租赁"), []string{"fail license-face scope"}},
		"gone":        {drop("样本路"), []string{"undecided license-face"}},
		"a further field": {func(p *paper) {
			p.pages[0].Runs = append(p.pages[0].Runs, document.Run{Text: "实缴资本", X: 30, Y: 120, Width: 16, Height: 4}, document.Run{Text: "九亿元", X: 60, Y: 120, Width: 16, Height: 4})
		}, []string{"warn license-face"}},
		"a further holder": {func(p *paper) {
			p.pages[0].Runs = append(p.pages[0].Runs, document.Run{Text: "企业名称：" + secondName, X: 30, Y: 120, Width: 60, Height: 4})
		}, []string{"undecided license-face"}},
		"drawn as paths": {func(p *paper) { p.pages[0] = document.PageText{Drawn: true} }, []string{"undecided license-face"}},
		"unreadable":     {func(p *paper) { p.pages[0].Runs, p.fails = nil, errPaper }, []string{"undecided license-face"}},
		"other widths and radicals": {func(p *paper) {
			replace("软件开发", "软件开发")(p)
			replace("有限责任公司", "有限责任公⼝")(p)
			replace("公⼝", "公司")(p)
			replace("91990000", "９１９９００００")(p)
			replace("一示", "⼀⽰")(p)
		}, nil},
	} {
		_, p := licence(t, nil)
		c.spoil(p)
		f := read(t, p, Unknown)
		if d := cmp.Diff(c.want, codesOf(f, []Signer{office()}, now())); d != "" {
			t.Errorf("%s: %s\n%+v %v", name, d, f.License.Agrees, f.License.Extra)
		}
	}
}
