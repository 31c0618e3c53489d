package doctype

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"yinxin/document"
	"yinxin/license"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t.Add(4 * time.Hour)
}

func TestLicenceOwner(t *testing.T) {
	_, p := licence(t, nil)
	f := read(t, p, Unknown)
	bare := Signer{Name: officeName, SealName: officeName, Seal: true}
	nameless := Signer{SealName: officeName, Seal: true}
	for name, c := range map[string]struct {
		signers []Signer
		want    []string
	}{
		"another company":          {[]Signer{signedBy(thirdName, thirdUSCC)}, []string{"fail license-owner issuer"}},
		"its name, another code":   {[]Signer{signedBy(officeName, thirdUSCC)}, []string{"fail license-owner issuer"}},
		"its code, a former name":  {[]Signer{signedBy("示例市登记局", officeUSCC)}, nil},
		"no code, its name":        {[]Signer{bare}, nil},
		"only the seal has a name": {[]Signer{nameless}, []string{"undecided license-owner issuer"}},
		"nobody":                   {nil, []string{"undecided license-owner issuer"}},
		"the holder alone":         {[]Signer{signedBy(firstName, firstUSCC)}, []string{"undecided license-owner issuer"}},
		"the holder too":           {[]Signer{office(), signedBy(firstName, firstUSCC)}, nil},
		"a stranger too":           {[]Signer{office(), signedBy(thirdName, thirdUSCC)}, []string{"fail license-owner issuer"}},
	} {
		if d := cmp.Diff(c.want, codesOf(f, c.signers, now())); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	all := Check(&f, []Signer{office(), sealedWith(signedBy(firstName, firstUSCC), firstName+"合同专用章", sealContract)}, now())
	if i := slices.IndexFunc(all, func(x Finding) bool { return x.Code == "license-holder-seal" && x.Level == Inform }); i < 0 || !strings.Contains(all[i].ZH, "合同专用章") {
		t.Errorf("the holder's own seal is not named: %+v", all)
	}
	if !slices.ContainsFunc(all, func(x Finding) bool {
		return x.Code == "license-status" && strings.Contains(x.Next.EN, f.License.Record.QR)
	}) {
		t.Error("it is not said who answers for the licence's state")
	}
	changed, unknown := office(), office()
	changed.Intact, unknown.Trusted = false, false
	for _, s := range []Signer{changed, unknown, signedBy(thirdName, thirdUSCC)} {
		for _, x := range Check(&f, []Signer{s}, now()) {
			if strings.Contains(x.Next.ZH+x.Next.EN, "https:") {
				t.Errorf("%+v: an address is given on that nobody vouches for: %+v", s, x)
			}
		}
	}
}

func TestLicenceDays(t *testing.T) {
	_, p := licence(t, func(k *license.Type, o *license.Order) {
		k.Validity = license.Validity{Kind: license.ValidMonths, Months: 12}
	})
	f := read(t, p, Unknown)
	for at, want := range map[string][]string{
		"2026-03-16": {"undecided license-issued date", "warn license-begun until"},
		"2026-03-18": nil, "2027-03-17": nil,
		"2027-03-18": {"warn license-expired until"},
	} {
		if d := cmp.Diff(want, codesOf(f, []Signer{office()}, day(at))); d != "" {
			t.Errorf("%s: %s\n%+v", at, d, f.License.Agrees)
		}
	}
	until := func(p *paper) { replace("2027年3月17日", "2037年3月17日")(p) }
	until(p)
	if d := cmp.Diff([]string{"fail license-face until"}, codesOf(read(t, p, Unknown), []Signer{office()}, now())); d != "" {
		t.Error(d)
	}
}

func TestLicenceRecords(t *testing.T) {
	_, whole := licence(t, nil)
	record := whole.carried["licence-record.json"]
	_, second := licence(t, func(_ *license.Type, o *license.Order) { o.Serial = "2" })
	_, lying := licence(t, func(_ *license.Type, o *license.Order) { o.Face.Values["domicile"] = "示例市" })
	for name, c := range map[string]struct {
		carried map[string]string
		want    []string
	}{
		"the same twice": {map[string]string{"a": record, "b": record}, nil},
		"another licence's": {map[string]string{"a": record, "b": second.carried["licence-record.json"]},
			[]string{"undecided license-record"}},
		"contradicting": {map[string]string{"a": record, "b": lying.carried["licence-record.json"]}, []string{"fail license-record"}},
		"changed":       {map[string]string{"a": strings.Replace(record, `"issued":"2026-03-18"`, `"issued":"2026-02-30"`, 1)}, []string{"fail license-record"}},
		"cut":           {map[string]string{"a": record[:len(record)/2]}, []string{"fail license-record"}},
		"of the future": {map[string]string{"a": strings.Replace(record, "record/1", "record/2", 1)}, []string{"undecided license-record"}},
		"missing":       {map[string]string{"a": "{}"}, []string{"warn license-record"}},
	} {
		_, p := licence(t, nil)
		p.carried = c.carried
		var got []string
		for _, x := range codesOf(read(t, p, License), []Signer{office()}, now()) {
			if strings.Contains(x, "license-record") {
				got = append(got, x)
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// A licence as others make them: no record, other labels.
func ordinaryLicence() *paper {
	return written("# 示例经营许可证", "", "证照标识：1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
		"名    称：云杉示例科技有限公司|统一社会信用代码：91990000MA0000015Q", "住所：示例市示例区样本路 100 号|", "发证机关：示例市登记管理局|有效期至：2027年03月17日", "|发证日期：2026年03月18日")
}

func TestLicenceByItsFace(t *testing.T) {
	f := read(t, ordinaryLicence(), Unknown)
	if f.Type != License || f.Certainty != Likely || len(f.Fields) != 6 {
		t.Fatalf("%s, %s, %+v", f.Type, f.Certainty, f.Fields)
	}
	for name, c := range map[string]struct {
		spoil  func(*paper)
		signer Signer
		at     string
		want   []string
	}{
		"sound":           {nil, office(), "2026-04-01", []string{"warn license-record"}},
		"another company": {nil, signedBy(thirdName, thirdUSCC), "2026-04-01", []string{"warn license-record", "undecided license-owner issuer"}},
		"run out":         {nil, office(), "2028-04-01", []string{"warn license-record", "warn license-expired until"}},
		"identifier":      {replace("403.001.U", "404.001.U"), office(), "2026-04-01", []string{"warn license-record", "undecided license-identifier number"}},
		"holder's code":   {replace("0015Q", "0015K"), office(), "2026-04-01", []string{"warn license-record", "warn license-holder-code holder_code"}},
		"no issuing body": {drop("发证机关"), office(), "2026-04-01", []string{"warn license-record", "warn license-owner issuer"}},
	} {
		p := ordinaryLicence()
		if c.spoil != nil {
			c.spoil(p)
		}
		if d := cmp.Diff(c.want, codesOf(read(t, p, Unknown), []Signer{c.signer}, day(c.at))); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	if d := cmp.Diff([]string{"fail license-owner issuer"}, codesOf(read(t, ordinaryLicence(), License), []Signer{signedBy(thirdName, thirdUSCC)}, now())[1:]); d != "" {
		t.Errorf("told: %s", d)
	}
}

// What is no licence is not taken for one, and told that it is, is said not to be readable as one.
func TestNoLicence(t *testing.T) {
	letter := written("# 关于申领营业执照的说明", "", "我公司统一社会信用代码见附件，登记机关为示例市登记管理局。")
	if f := read(t, letter, Unknown); f.Type != Unknown {
		t.Errorf("a letter is a %s", f.Type)
	}
	drawn := &paper{pages: []document.PageText{{Drawn: true}}}
	got := codesOf(read(t, drawn, License), []Signer{office()}, now())
	if d := cmp.Diff([]string{"warn license-record", "undecided license-face", "undecided license-owner issuer"}, got); d != "" {
		t.Error(d)
	}
	none := Facts{Type: License, Certainty: Told}
	if d := cmp.Diff([]string{"undecided license-record"}, codesOf(none, nil, now())); d != "" {
		t.Error(d)
	}
}
