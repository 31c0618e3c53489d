package license

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"yinxin/codes"
	"yinxin/fault"
)

const exampleFile = "../testdata/licence-type.yaml"

func exampleYAML(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func exampleType(t testing.TB) Type {
	t.Helper()
	ty, err := ParseType(exampleYAML(t))
	if err != nil {
		t.Fatal(err)
	}
	return ty
}

func exampleOrder() Order {
	return Order{
		Issuer: Body{Name: "示例市登记管理局", USCC: "11990000MB0000019F"},
		Holder: Holder{Name: "云杉示例科技有限公司", Code: "91990000MA0000015Q", CodeType: HolderUSCC},
		Serial: "7K2M9Q4T8W3X5Z1A6C0E", Version: 1, Issued: "2026-03-18",
		Face: Face{Values: map[string]string{
			"name": "云杉示例科技有限公司", "uscc": "91990000MA0000015Q", "type": "有限责任公司", "legalRepresentative": "林一示",
			"capital": "5000000.00", "founded": "2026-03-18", "domicile": "示例市示例区样本路 100 号", "scope": "软件开发；信息技术服务。",
			"registrar": "示例市登记管理局", "approved": "2026-03-18",
		}},
	}
}

func TestExampleType(t *testing.T) {
	ty := exampleType(t)
	if ty.Name.ZH != "示例企业登记证照" || len(ty.Fields) != 10 || len(ty.Seals) != 6 {
		t.Fatalf("read %q, %d fields, %d seals", ty.Name.ZH, len(ty.Fields), len(ty.Seals))
	}
	code, err := codes.ParseLicenceType(ty.Code)
	if err != nil || len(code.Definer.Warnings()) != 0 {
		t.Errorf("type code %s: %v, %v", ty.Code, err, code.Definer.Warnings())
	}
	if f, ok := ty.Field("capital"); !ok || !slices.Equal(f.Absent, []string{"not-required", "not-recorded"}) {
		t.Errorf("capital: %+v", f)
	}
}

// Every refusal names the line it is on.
func TestParseTypeRefuses(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"unknown field", "version: 1", "version: 1\ncolour: red", "line 4"},
		{"unknown field inside", "    role: holder-name", "    rule: holder-name", "line 21"},
		{"duplicate key", "version: 1", "version: 1\nversion: 2", "line 4"},
		{"second document", "version: 1", "version: 1\n---\nversion: 1", "more than one document"},
		{"alias", "layout: landscape", "layout: &a landscape", "line 6"},
		{"type of value", "version: 1", "version: one", "line 3"},
		{"code of another body", "code: 1199", "code: 1299", "line 2"},
		{"code digits", "9F001", "9FA01", "line 2"},
		{"version", "version: 1", "version: 0", "line 3"},
		{"http", "https:", "http:", "line 8"},
		{"QR ends nowhere", "/v/", "/v", "line 8"},
		{"QR with a user", "//licence.", "//u@licence.", "line 8"},
		{"validity", "{kind: none}", "{kind: months}", "line 7"},
		{"until no date", "{kind: none}", "{kind: until, field: name}", "line 7"},
		{"unknown kind", "kind: uscc", "kind: number", "line 24"},
		{"unknown grade", "grade: restricted", "grade: secret", "fields[6].grade"},
		{"no max", "    max: 120\n", "", "fields[6].max"},
		{"unknown reason", "[not-required,", "[nobody-knows,", "fields[4].absent"},
		{"key twice", "key: type", "key: name", "fields[2].key"},
		{"role twice", "role: holder-code", "role: holder-name", "fields[1].role"},
		{"no agency seal", "kind: agency", "kind: legal-name", "seals"},
		{"seal name", "{holder}财务", "{owner}财务", "seals[2].name"},
		{"seal name braces", "{holder}财务", "{holder财务", "seals[2].name"},
		{"seal needs unknown field", "{face.legalRepresentative}", "{face.boss}", "seals[5].name"},
		{"not UTF-8", "示例企业", "\xff", "not UTF-8"},
		{"empty", string(exampleYAML(t)), "", "EOF"},
		{"deep", "version: 1", "version: " + strings.Repeat("[", 100), "nested"},
		{"large", "version: 1", "version: 1 #" + strings.Repeat("x", MaxTypeBytes), "larger"},
	} {
		data := bytes.Replace(exampleYAML(t), []byte(c.old), []byte(c.new), 1)
		_, err := ParseType(data)
		if err == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		var pe *ParseError
		if !errors.As(err, &pe) || fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %T %v", c.name, err, err)
		}
		if p, _ := fault.PublicOf(err); !strings.Contains(p.EN, c.want) || p.ZH == "" {
			t.Errorf("%s: want %q in %q", c.name, c.want, p.EN)
		}
	}
}

func TestCheckNamesEveryProblem(t *testing.T) {
	ty := exampleType(t)
	face := exampleOrder().Face
	delete(face.Values, "type")
	face.Values["founded"] = "2026-02-30"
	face.Values["scope"] = strings.Repeat("字", 501)
	face.Values["domicile"] = " 示例市"
	face.Values["registrar"] = "示例\u202e市"
	face.Values["colour"] = "红"
	face.Gaps = map[string]string{"capital": "not-required", "legalRepresentative": "not-recorded", "weight": "none"}
	delete(face.Values, "legalRepresentative")
	_, err := ty.Check(face)
	var p Problems
	if !errors.As(err, &p) {
		t.Fatalf("%T %v", err, err)
	}
	got := map[string]string{}
	for _, q := range p {
		got[q.Where] = q.Code
		if q.ZH == "" || q.EN == "" {
			t.Errorf("%s has no words", q.Where)
		}
	}
	want := map[string]string{
		"type": "missing", "founded": "date", "scope": "too-long", "domicile": "text", "registrar": "text", "colour": "unknown-field",
		"capital": "value-and-gap", "legalRepresentative": "gap-reason", "weight": "unknown-field",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestCheckGaps(t *testing.T) {
	ty := exampleType(t)
	for _, c := range []struct {
		reason string
		ok     bool
	}{{"not-required", true}, {"not-recorded", true}, {"forgotten", false}, {"", false}} {
		face := exampleOrder().Face
		delete(face.Values, "capital")
		face.Gaps = map[string]string{"capital": c.reason}
		if _, err := ty.Check(face); (err == nil) != c.ok {
			t.Errorf("reason %q: %v", c.reason, err)
		}
	}
	face := exampleOrder().Face
	delete(face.Values, "capital")
	if _, err := ty.Check(face); err == nil {
		t.Error("a missing value without a reason was accepted")
	}
}

func TestCheckValues(t *testing.T) {
	ty := exampleType(t)
	for _, c := range []struct {
		key, value string
		ok         bool
		warnings   int
	}{
		{"uscc", "91990000MA0000015Q", true, 0},
		{"uscc", "91990000MA0000015K", true, 1}, // well formed, wrong check character
		{"uscc", "91990000ma0000015q", false, 0},
		{"uscc", "91990000MA000001", false, 0},
		{"capital", "0.00", true, 0},
		{"capital", "USD 1234.56", true, 0},
		{"capital", "01.00", false, 0},
		{"capital", "1,000.00", false, 0},
		{"capital", "-1.00", false, 0},
		{"founded", "2024-02-29", true, 0},
		{"founded", "2023-02-29", false, 0},
		{"founded", "2024-2-9", false, 0},
		{"scope", "一\n二", false, 0},
		{"scope", "", false, 0},
		{"scope", "\xff", false, 0},
	} {
		face := exampleOrder().Face
		face.Values[c.key] = c.value
		w, err := ty.Check(face)
		if (err == nil) != c.ok || len(w) != c.warnings {
			t.Errorf("%s=%q: %v, %d warnings", c.key, c.value, err, len(w))
		}
		if err != nil && c.value != "" && strings.Contains(err.Error(), c.value) {
			t.Errorf("%s: the message repeats the value", c.key)
		}
	}
}

func TestVisible(t *testing.T) {
	ty := exampleType(t)
	face := exampleOrder().Face
	open := ty.Visible(face, Public)
	if _, ok := open.Values["domicile"]; ok || len(open.Values) != 9 {
		t.Errorf("public sees %v", slices.Sorted(maps.Keys(open.Values)))
	}
	if all := ty.Visible(face, Confidential); len(all.Values) != 10 {
		t.Errorf("holder sees %d fields", len(all.Values))
	}
}

func TestLastDay(t *testing.T) {
	for _, c := range []struct {
		from   Day
		months int
		want   Day
	}{
		{"2026-01-15", 12, "2027-01-14"}, {"2026-01-01", 1, "2026-01-31"}, {"2026-01-01", 12, "2026-12-31"}, {"2026-01-31", 1, "2026-02-28"},
		{"2024-01-30", 1, "2024-02-29"}, {"2024-02-29", 12, "2025-02-28"}, {"2024-02-29", 48, "2028-02-28"}, {"2026-03-01", 60, "2031-02-28"},
		{"2026-12-31", 2, "2027-02-28"}, {"2026-01-29", 1, "2026-02-28"},
	} {
		if got, err := c.from.lastDay(c.months); err != nil || got != c.want {
			t.Errorf("%s + %d months: %s %v, want %s", c.from, c.months, got, err, c.want)
		}
	}
	if _, err := Day("9990-01-02").lastDay(1200); err == nil {
		t.Error("past the year 9999 was accepted")
	}
}
