package codes

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"yinxin/fault"
)

func TestOrganisationCode(t *testing.T) {
	// D2143569-X is the worked example of GB 11714; the others are invented.
	for _, want := range []string{"D2143569X", "MA0000015", "MA0000023", "MA0000031"} {
		o, err := ComputeOrganisationCode(want[:8])
		if err != nil || o.String() != want || !o.CheckOK() || o.Warnings() != nil {
			t.Errorf("ComputeOrganisationCode(%s) = %s, %v", want[:8], o, err)
		}
		back, err := ParseOrganisationCode(want[:8] + "-" + want[8:])
		if err != nil || back != o {
			t.Errorf("with a hyphen: %s, %v", back, err)
		}
	}
	wrong, err := ParseOrganisationCode("MA0000016")
	if err != nil || wrong.CheckOK() || wrong.WantCheck() != "5" || len(wrong.Warnings()) != 1 {
		t.Errorf("MA0000016: %v, want check %s, warnings %v", err, wrong.WantCheck(), wrong.Warnings())
	}
	for _, bad := range []string{"", "MA000001", "MA00000155", "MA-000015", "MA00000-5", "MA00０00*5"} {
		if _, err := ParseOrganisationCode(bad); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// Modulo 11 finds every slip but those between characters whose values are 11 or 22 apart.
func TestOrganisationCodeDetectsSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.StringOfN(rapid.RuneFrom([]rune(alphanumeric)), 8, 8, -1).Draw(t, "base")
		o, err := ComputeOrganisationCode(base)
		if err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, 7).Draw(t, "at")
		for _, c := range []byte(alphanumeric) {
			slip, err := ParseOrganisationCode(base[:i] + string(c) + base[i+1:] + o.Check())
			if err != nil {
				t.Fatal(err)
			}
			if same := (value36(c)-value36(base[i]))%11 == 0; slip.CheckOK() != same {
				t.Fatalf("%s with %c at %d: passes %v", o, c, i, slip.CheckOK())
			}
		}
	})
}

func TestRegion(t *testing.T) {
	tests := []struct{ in, parents string }{
		{"990000", ""},
		{"990100", "990000"},
		{"990102", "990100 990000"},
		{"990002", "990000"},
		{"100000", ""},
	}
	for _, tt := range tests {
		r, err := ParseRegion(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range r.Parents() {
			got = append(got, p.String())
		}
		if strings.Join(got, " ") != tt.parents {
			t.Errorf("%s: parents %q, want %q", tt.in, got, tt.parents)
		}
	}
	for _, bad := range []string{"", "99000", "9900000", "99000A", "99 000"} {
		if _, err := ParseRegion(bad); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestSealCode(t *testing.T) {
	region, err := ParseRegion("990000")
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewSealCode(region, 42)
	if err != nil || c.String() != "9900000000042" || !c.Usual() || c.Region() != region || c.Sequence() != "0000042" {
		t.Errorf("%s, %v", c, err)
	}
	short, err := ParseSealCode("123")
	if err != nil || short.Usual() || !short.Region().IsZero() || short.Sequence() != "" {
		t.Errorf("%s, %v", short, err)
	}
	for _, bad := range []string{"", "12", strings.Repeat("1", 20), "99000000000A2"} {
		if _, err := ParseSealCode(bad); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	strict := SealCodeRule{Min: 13, Max: 13}
	if _, err := strict.Parse("123"); !errors.Is(err, fault.Invalid) {
		t.Errorf("strict rule: %v", err)
	}
	if _, err := strict.Parse("9900000000042"); err != nil {
		t.Errorf("strict rule: %v", err)
	}
	for _, rule := range []SealCodeRule{{Min: 0, Max: 5}, {Min: 5, Max: 4}, {Min: 1, Max: 65}} {
		if _, err := rule.Parse("1234"); !errors.Is(err, fault.Invalid) {
			t.Errorf("rule %v: %v", rule, err)
		}
	}
	for _, sequence := range []int{0, -1, 10_000_000} {
		if _, err := NewSealCode(region, sequence); !errors.Is(err, fault.Invalid) {
			t.Errorf("sequence %d: %v", sequence, err)
		}
	}
	if _, err := NewSealCode(Region{}, 1); !errors.Is(err, fault.Invalid) {
		t.Errorf("no region: %v", err)
	}
}

func TestTextRoundTrip(t *testing.T) {
	o, region, code := new(OrganisationCode), new(Region), new(SealCode)
	for _, v := range []struct {
		in   string
		text interface {
			UnmarshalText([]byte) error
			MarshalText() ([]byte, error)
		}
	}{{"MA0000015", o}, {"990000", region}, {"9900000000042", code}, {spruceUSCC, new(USCC)}, {licence, new(LicenceID)}} {
		if err := v.text.UnmarshalText([]byte(v.in)); err != nil {
			t.Errorf("%s: %v", v.in, err)
		}
		if out, err := v.text.MarshalText(); err != nil || string(out) != v.in {
			t.Errorf("%s came back as %s, %v", v.in, out, err)
		}
		if err := v.text.UnmarshalText([]byte("?")); !errors.Is(err, fault.Invalid) {
			t.Errorf("“?” after %s: %v", v.in, err)
		}
		if err := v.text.UnmarshalText(nil); err != nil {
			t.Errorf("empty after %s: %v", v.in, err)
		}
		if out, err := v.text.MarshalText(); err != nil || len(out) != 0 {
			t.Errorf("empty came back as %q, %v", out, err)
		}
	}
}

func FuzzDescribe(f *testing.F) {
	for _, s := range []string{
		spruceUSCC, licence, licenceTypeCode, "MA0000015", "MA000001-5", "D2143569-X", "00000000-1", "9900000000042", "990000", "123", "123456789", "....", "．．．．",
		"1.2.156.3005.2.", "", "\x00", "营业执照",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := Describe(s)
		if d.Problem != nil {
			if d.OK || len(d.Parts) != 0 || d.Problem.ZH == "" || d.Problem.EN == "" || len(d.Problem.EN) > 1024 {
				t.Fatalf("%q: %+v", s, d)
			}
			return
		}
		if again := Describe(d.Code); again.Kind != d.Kind || again.Code != d.Code || again.OK != d.OK || len(d.Parts) == 0 {
			t.Fatalf("%q: %+v, described again %+v", s, d, again)
		}
	})
}
