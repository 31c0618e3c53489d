package codes

import (
	"strings"
	"testing"
)

func TestDescribe(t *testing.T) {
	tests := []struct {
		in    string
		kind  Kind
		ok    bool
		parts string // values
	}{
		{spruceUSCC, KindUSCC, true, "9 1 990000 MA0000015 Q"},
		{"91990000ma0000015e", KindUSCC, false, "9 1 990000 MA0000015 E"},
		{"919900O0MA0000015Q", KindUSCC, false, ""},
		{"MA000001-5", KindOrganisation, true, "MA000001 5"},
		{"D21435690", KindOrganisation, false, "D2143569 0"},
		{licence, KindLicence, true, LicenceRoot + " " + licenceTypeCode + " " + bureauUSCC + " 2026000001 001 2"},
		{licenceTypeCode, KindLicenceType, true, bureauUSCC + " 001"},
		{"9900000000042", KindSeal, true, "990000 0000042"},
		{"12345", KindSeal, true, "12345"},
		{"990000", KindRegion, true, "990000"},
		{"123456788", KindOrganisation, true, "12345678 8"},
		{"123456789", KindSeal, true, "123456789"},
		{"12", KindSeal, false, ""},
		{"印章", KindUnknown, false, ""},
		{"", KindUnknown, false, ""},
	}
	for _, tt := range tests {
		d := Describe(tt.in)
		var values []string
		for _, p := range d.Parts {
			values = append(values, p.Value)
			if p.Label("zh") == "" || p.Label("en") == "" || (p.Means("zh") == "") != (p.Means("en") == "") {
				t.Errorf("%q: part without words: %+v", tt.in, p)
			}
		}
		if d.Kind != tt.kind || d.OK != tt.ok || strings.Join(values, " ") != tt.parts {
			t.Errorf("%q: %s ok=%v %q", tt.in, d.Kind, d.OK, values)
		}
		if (d.Problem == nil) != (tt.parts != "") {
			t.Errorf("%q: problem %+v", tt.in, d.Problem)
		}
	}
}

func TestDescribeExplains(t *testing.T) {
	d := Describe(spruceUSCC)
	if got := d.Parts[0].Means("zh") + " " + d.Parts[1].Means("zh") + " " + d.Parts[4].Means("en"); got != "市场监督管理 企业 matches" {
		t.Errorf("meanings: %s", got)
	}
	wrong := Describe("91990000MA0000015E")
	if got := wrong.Parts[4].Means("zh"); got != "不符，应为 Q" || len(wrong.Warnings) != 1 {
		t.Errorf("meaning %q, warnings %v", got, wrong.Warnings)
	}
	for k := range kindWords {
		if k.In("zh") == "" || k.In("en") == "" || k.In("zh") == k.In("en") {
			t.Errorf("kind %s has no words", k)
		}
	}
}
