package codes

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"yinxin/fault"
)

const (
	licenceTypeCode = bureauUSCC + "001"
	licence         = LicenceRoot + "." + licenceTypeCode + "." + bureauUSCC + ".2026000001.001.2"
)

// The vectors are public examples of other identifiers that use MOD 37,36: a Global Release Identifier of the GRid standard, and two
// International Standard Audiovisual Numbers, each without and with its version.
func TestMod3736(t *testing.T) {
	tests := []struct {
		in   string
		want byte
	}{
		{"A12425GABC1234002", 'M'},
		{"00000000D07A0090", 'Q'},
		{"00000000D07A009000000000", 'X'},
		{"000000018CFA0000", 'I'},
		{"000000018CFA000000000000", 'K'},
		{"a", 0},
		{"1-2", 0},
	}
	for _, tt := range tests {
		if got := mod3736(tt.in); got != tt.want {
			t.Errorf("mod3736(%s) = %c, want %c", tt.in, got, tt.want)
		}
	}
}

// For every inner state and every pair of characters: exchanges of neighbours pass only between neighbouring values, and for each pair in one of
// the 36 states.
func TestMod3736DetectsExchanges(t *testing.T) {
	step := func(p, v int) int {
		m := (p + v) % 36
		if m == 0 {
			m = 36
		}
		return 2 * m % 37
	}
	unseen := 0
	for p := 1; p <= 36; p++ {
		for a := range 36 {
			for b := range a {
				if step(step(p, a), b) != step(step(p, b), a) {
					continue
				}
				unseen++
				if a-b != 1 && a-b != 35 {
					t.Errorf("state %d: exchange of %c and %c passes", p, alphanumeric[a], alphanumeric[b])
				}
			}
		}
	}
	if unseen != 36 {
		t.Errorf("%d exchanges of neighbours pass, 36 of 22680 expected", unseen)
	}
}

func TestNewLicenceID(t *testing.T) {
	id, err := NewLicenceID(licenceTypeCode, bureauUSCC, "2026000001", 1)
	if err != nil {
		t.Fatal(err)
	}
	if id.String() != licence || id.Short() != strings.TrimPrefix(licence, LicenceRoot+".") || !id.CheckOK() || len(id.Warnings()) != 0 {
		t.Errorf("%s, want %s; warnings %v", id, licence, id.Warnings())
	}
	next, err := id.Next()
	if err != nil || next.Version != 2 || next.Serial != id.Serial || !next.CheckOK() {
		t.Errorf("next %s, %v", next, err)
	}
	lower, err := NewLicenceID(strings.ToLower(licenceTypeCode), " "+bureauUSCC, "2026000001", 1)
	if err != nil || lower != id {
		t.Errorf("%v, %v", lower, err)
	}
}

func TestNewLicenceIDRefuses(t *testing.T) {
	tests := []struct {
		typeCode, issuer, serial string
		version                  int
	}{
		{"", bureauUSCC, "1", 1},
		{bureauUSCC, bureauUSCC, "1", 1},
		{bureauUSCC + "00A", bureauUSCC, "1", 1},
		{licenceTypeCode, "9900001", "1", 1},
		{licenceTypeCode, "99000A", "1", 1},
		{licenceTypeCode, bureauUSCC, "", 1},
		{licenceTypeCode, bureauUSCC, "1.2", 1},
		{licenceTypeCode, bureauUSCC, strings.Repeat("1", 33), 1},
		{licenceTypeCode, bureauUSCC, "1", 0},
		{licenceTypeCode, bureauUSCC, "1", 1000},
	}
	for _, tt := range tests {
		if id, err := NewLicenceID(tt.typeCode, tt.issuer, tt.serial, tt.version); !errors.Is(err, fault.Invalid) {
			t.Errorf("%+v: %s, %v", tt, id, err)
		}
	}
}

func TestParseLicenceID(t *testing.T) {
	for _, in := range []string{licence, strings.TrimPrefix(licence, LicenceRoot+"."), " " + strings.ToLower(licence) + " "} {
		id, err := ParseLicenceID(in)
		if err != nil || id.String() != licence {
			t.Errorf("%q: %s, %v", in, id, err)
		}
	}
	wrong, err := ParseLicenceID(strings.TrimSuffix(licence, "2") + "0")
	if err != nil || wrong.CheckOK() || len(wrong.Warnings()) != 1 || wrong.Warnings()[0].Code != "licence-check" {
		t.Errorf("wrong check: %v, %v", err, wrong.Warnings())
	}
	region, err := ParseLicenceID(licenceTypeCode + ".990000.A1.002.X")
	if err != nil || region.Issuer != "990000" || region.Version != 2 {
		t.Errorf("issuer as a region: %+v, %v", region, err)
	}
	typo, err := NewLicenceID("91990000MA000001AQ001", bureauUSCC, "1", 1)
	if err != nil || len(typo.Warnings()) != 2 {
		t.Errorf("slip in the type's body: %v, %v", err, typo.Warnings())
	}
}

func TestParseLicenceIDRefuses(t *testing.T) {
	tests := []struct {
		in     string
		offset int
	}{
		{"", 0},
		{LicenceRoot, 1}, // five parts, the first “1”
		{LicenceRoot + ".", 15},
		{licenceTypeCode + "." + bureauUSCC + ".1.001", 0},
		{licenceTypeCode + "." + bureauUSCC + ".1.000.A", 43},
		{licenceTypeCode + "." + bureauUSCC + ".1.01.A", 45},
		{licenceTypeCode + "." + bureauUSCC + ".1.001.AB", 48},
		{licenceTypeCode + "." + bureauUSCC + ".*.001.A", 41},
		{licenceTypeCode + "..1.001.A", 22},
		{" " + licenceTypeCode + "." + bureauUSCC + ".*.001.A", 42},
	}
	for _, tt := range tests {
		_, err := ParseLicenceID(tt.in)
		var pe *ParseError
		if !errors.As(err, &pe) || pe.Offset != tt.offset || pe.Kind != KindLicence {
			t.Errorf("%q: %v, want offset %d, got %+v", tt.in, err, tt.offset, pe)
		}
	}
}

func drawLicenceID(t *rapid.T) LicenceID {
	serial := rapid.StringOfN(rapid.RuneFrom([]rune(alphanumeric)), 1, maxSerial, -1).Draw(t, "serial")
	id, err := NewLicenceID(drawUSCC(t).String()+"007", drawUSCC(t).String(), serial, rapid.IntRange(1, maxLicenceVersion).Draw(t, "version"))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestLicenceIDRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := drawLicenceID(t)
		for _, s := range []string{id.String(), id.Short()} {
			if back, err := ParseLicenceID(s); err != nil || back != id {
				t.Fatalf("%s read back as %s, %v", s, back, err)
			}
		}
	})
}

func TestLicenceIDDetectsSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		short := drawLicenceID(t).Short()
		for i := range len(short) {
			if short[i] == '.' {
				continue
			}
			for _, c := range []byte(alphanumeric) {
				if c != short[i] && licencePasses(short[:i]+string(c)+short[i+1:]) {
					t.Fatalf("%s: %c at %d passes", short, c, i)
				}
			}
			if i == 0 || short[i-1] == '.' {
				continue
			}
			apart := (value36(short[i]) - value36(short[i-1]) + 36) % 36
			if apart > 1 && apart < 35 && licencePasses(short[:i-1]+string(short[i])+string(short[i-1])+short[i+1:]) {
				t.Fatalf("%s: exchange at %d passes", short, i)
			}
		}
	})
}

func licencePasses(s string) bool {
	id, err := ParseLicenceID(s)
	return err == nil && id.CheckOK()
}

func FuzzLicenceID(f *testing.F) {
	for _, s := range []string{licence, strings.TrimPrefix(licence, LicenceRoot+"."), licenceTypeCode + ".990000.A1.002.X", LicenceRoot + ".....", "....", "．"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseLicenceID(s)
		if err != nil {
			mustBeParseError(t, err, s)
			return
		}
		if back, err := ParseLicenceID(id.String()); err != nil || back != id {
			t.Fatalf("%q → %s → %s, %v", s, id, back, err)
		}
		made, err := NewLicenceID(id.Type, id.Issuer, id.Serial, id.Version)
		if err != nil || (made == id) != id.CheckOK() {
			t.Fatalf("%q: made again %s, %v", s, made, err)
		}
	})
}
