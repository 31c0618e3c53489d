package license

import (
	"bytes"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"yinxin/codes"
	"yinxin/fault"
)

func exampleRecord(t testing.TB) (Type, Record) {
	t.Helper()
	ty := exampleType(t)
	r, w, err := ty.Record(exampleOrder())
	if err != nil || len(w) != 0 {
		t.Fatal(w, err)
	}
	return ty, r
}

func TestRecord(t *testing.T) {
	ty, r := exampleRecord(t)
	id, err := codes.ParseLicenceID(r.Identifier)
	if err != nil || !id.CheckOK() || !strings.HasPrefix(r.Identifier, "1.2.156.3005.2.11990000MB0000019F001.11990000MB0000019F.7K2M9Q4T8W3X5Z1A6C0E.001.") {
		t.Errorf("identifier %s: %v", r.Identifier, err)
	}
	if r.QR != ty.QR+r.Identifier || strings.Contains(r.QR, r.Holder.Code) {
		t.Errorf("QR %s", r.QR)
	}
	if r.Validity != (Period{From: "2026-03-18"}) {
		t.Errorf("validity %+v", r.Validity)
	}
	data, err := Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	const head = `{"format":"yinxin-licence-record/1","identifier":"1.2.156.3005.2.`
	if !bytes.HasPrefix(data, []byte(head)) || !bytes.Contains(data, []byte(`"face":{"values":{"approved":"2026-03-18","capital":"5000000.00"`)) {
		t.Errorf("%s", data)
	}
}

func TestRecordKeepsNoOrderMaps(t *testing.T) {
	ty := exampleType(t)
	o := exampleOrder()
	r, _, err := ty.Record(o)
	if err != nil {
		t.Fatal(err)
	}
	o.Face.Values["name"] = "改动"
	if r.Face.Value("name") == "改动" {
		t.Error("the record shares its face with the order")
	}
}

func TestRecordRefuses(t *testing.T) {
	for _, c := range []struct {
		name, where, code string
		change            func(*Order)
	}{
		{"serial", "identifier", "identifier", func(o *Order) { o.Serial = "a-b" }},
		{"version 0", "identifier", "identifier", func(o *Order) { o.Version = 0 }},
		{"version 2 without previous", "previous", "previous", func(o *Order) { o.Version = 2 }},
		{"previous malformed", "previous", "previous", func(o *Order) { o.Previous = "1.2.156.3005.2.x" }},
		{"holder name differs", "name", "disagrees", func(o *Order) { o.Holder.Name = "别的公司" }},
		{"holder code differs", "uscc", "disagrees", func(o *Order) { o.Holder.Code = "91990000MA0000023K" }},
		{"issuer differs", "registrar", "disagrees", func(o *Order) { o.Issuer.Name = "示例市数据局" }},
		{"day differs", "approved", "disagrees", func(o *Order) { o.Issued = "2026-03-19" }},
		{"no day", "validity", "validity", func(o *Order) { o.Issued = "" }},
		{"issuer code", "issuer.uscc", "uscc", func(o *Order) { o.Issuer.USCC = "990000" }},
		{"personal serial", "serial", "serial-personal", func(o *Order) {
			o.Holder.Code, o.Holder.CodeType, o.Serial = "990000199001010010", HolderIdentity, "X990000199001010010"
		}},
		{"face", "type", "missing", func(o *Order) { delete(o.Face.Values, "type") }},
	} {
		o := exampleOrder()
		o.Face.Values = maps.Clone(o.Face.Values)
		c.change(&o)
		_, _, err := exampleType(t).Record(o)
		var p Problems
		if !errors.As(err, &p) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		found := false
		for _, q := range p {
			found = found || q.Where == c.where && q.Code == c.code
		}
		if !found {
			t.Errorf("%s: no %s at %s in %v", c.name, c.code, c.where, p)
		}
	}
}

func TestRecordNextVersion(t *testing.T) {
	ty, first := exampleRecord(t)
	o := exampleOrder()
	o.Version, o.Previous = 2, first.Identifier
	r, _, err := ty.Record(o)
	if err != nil || r.Previous != first.Identifier || !strings.Contains(r.Identifier, ".002.") {
		t.Fatal(r.Identifier, err)
	}
}

func TestRecordValidity(t *testing.T) {
	ty := exampleType(t)
	ty.Validity = Validity{Kind: ValidMonths, Months: 36}
	r, _, err := ty.Record(exampleOrder())
	if err != nil || r.Validity.Until != "2029-03-17" {
		t.Errorf("36 months: %+v %v", r.Validity, err)
	}
	ty.Validity = Validity{Kind: ValidUntil, Field: "founded"}
	if r, _, err = ty.Record(exampleOrder()); err != nil || r.Validity.Until != "2026-03-18" {
		t.Errorf("until: %+v %v", r.Validity, err)
	}
	o := exampleOrder()
	o.Face.Values["founded"] = "2026-03-17"
	if _, _, err = ty.Record(o); err == nil {
		t.Error("a last day before the day of issue was accepted")
	}
}

func TestRecordWarns(t *testing.T) {
	o := exampleOrder()
	o.Holder.Code, o.Face.Values["uscc"] = "91990000MA0000015K", "91990000MA0000015K"
	_, w, err := exampleType(t).Record(o)
	if err != nil || len(w) != 2 || w[0].Code != "uscc-check" {
		t.Errorf("%v %v", w, err)
	}
}

func TestSealsFor(t *testing.T) {
	ty, r := exampleRecord(t)
	got, err := ty.SealsFor(r)
	if err != nil {
		t.Fatal(err)
	}
	holder := Body{"云杉示例科技有限公司", "91990000MA0000015Q"}
	want := []NeededSeal{
		{AgencySeal, Body{"示例市登记管理局", "11990000MB0000019F"}, "示例市登记管理局"},
		{LegalNameSeal, holder, "云杉示例科技有限公司"},
		{FinanceSeal, holder, "云杉示例科技有限公司财务专用章"},
		{ContractSeal, holder, "云杉示例科技有限公司合同专用章"},
		{InvoiceSeal, holder, "云杉示例科技有限公司发票专用章"},
		{PersonSeal, holder, "林一示印"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	delete(r.Face.Values, "legalRepresentative")
	if _, err := ty.SealsFor(r); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a seal without its name: %v", err)
	}
}

func TestParseRecordRefuses(t *testing.T) {
	_, r := exampleRecord(t)
	data, err := Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new string }{
		{"space", `{"format"`, `{ "format"`},
		{"unknown member", `"issued"`, `"colour":"","issued"`},
		{"repeated member", `"version":1,"face"`, `"version":2,"version":1,"face"`},
		{"other case", `"issued"`, `"Issued"`},
		{"order", `"approved":"2026-03-18","capital":"5000000.00"`, `"capital":"5000000.00","approved":"2026-03-18"`},
		{"escape", `云`, `\u4e91`},
		{"trailing", `}`, `} `},
		{"another version", `"version":1,"face"`, `"version":3,"face"`},
		{"check character", `Z1A6C0E.001.`, `Z1A6C0F.001.`},
		{"QR elsewhere", `https:`, `http:`},
		{"day", `"issued":"2026-03-18"`, `"issued":"2026-13-18"`},
		{"null face", `"face":{`, `"face":null,"x":{`},
		{"format", `record/1`, `record/2`},
		{"cut", string(data[len(data)-20:]), ""},
		{"not UTF-8", "云杉", "\xff"},
	} {
		at := bytes.LastIndex(data, []byte(c.old))
		if at < 0 {
			t.Fatalf("%s: %q is not in the record", c.name, c.old)
		}
		bad := append(append(bytes.Clone(data[:at]), c.new...), data[at+len(c.old):]...)
		_, err := ParseRecord(bad)
		var pe *ParseError
		if !errors.As(err, &pe) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := ParseRecord(make([]byte, MaxRecordBytes+1)); err == nil {
		t.Error("an oversized record was read")
	}
}

// A record made from any acceptable order survives Marshal and ParseRecord, and has one encoding.
func TestRecordRoundTrip(t *testing.T) {
	ty := exampleType(t)
	text := rapid.StringMatching(`[一-龥A-Za-z0-9<>&"'\\（）、。\x{2028}]{1,40}`).Filter(func(s string) bool { return plain(s, 60, false) })
	rapid.Check(t, func(rt *rapid.T) {
		o := exampleOrder()
		o.Holder.Name = text.Draw(rt, "holder")
		o.Face.Values["name"] = o.Holder.Name
		o.Face.Values["scope"] = text.Draw(rt, "scope")
		o.Serial = rapid.StringMatching(`[0-9A-Z]{1,32}`).Draw(rt, "serial")
		o.Version = rapid.IntRange(1, 999).Draw(rt, "version")
		if o.Version > 1 {
			id, err := codes.NewLicenceID(ty.Code, o.Issuer.USCC, o.Serial, o.Version-1)
			if err != nil {
				rt.Fatal(err)
			}
			o.Previous = id.String()
		}
		if rapid.Bool().Draw(rt, "gap") {
			delete(o.Face.Values, "capital")
			o.Face.Gaps = map[string]string{"capital": "not-recorded"}
		}
		r, _, err := ty.Record(o)
		if err != nil {
			rt.Fatal(err)
		}
		data, err := Marshal(r)
		if err != nil {
			rt.Fatal(err)
		}
		back, err := ParseRecord(data)
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(r, back); d != "" {
			rt.Fatal(d)
		}
	})
}

func FuzzParseRecord(f *testing.F) {
	_, r := exampleRecord(f)
	data, err := Marshal(r)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"format":"yinxin-licence-record/1","face":{"values":{}}}`))
	f.Add([]byte(strings.Repeat("[", 20000)))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := ParseRecord(in)
		if err != nil {
			return
		}
		out, err := Marshal(r)
		if err != nil || !bytes.Equal(in, out) {
			t.Fatalf("read but not written alike: %v\n%s", err, out)
		}
	})
}

func FuzzParseType(f *testing.F) {
	f.Add(exampleYAML(f))
	f.Add([]byte("code: x\nfields: [{key: a}]\nvalidity: {kind: months, months: 1}\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("? - - - -\n: !!binary x\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		ty, err := ParseType(in)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("kind of %v", err)
			}
			return
		}
		if err := ty.Validate(); err != nil {
			t.Fatalf("read but not valid: %v", err)
		}
	})
}
