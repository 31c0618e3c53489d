package codes

import (
	"fmt"
	"strings"

	"yinxin/fault"
)

// OrganisationCode is an organisation code (GB 11714): eight characters that name the body and one that checks them. It is the heart of every
// unified social credit code.
type OrganisationCode struct{ code string }

const organisationLength = 9

// organisationWeights are those of GB 11714.
const organisationWeights = "\x03\x07\x09\x0a\x05\x08\x04\x02"

// ParseOrganisationCode reads a code, with or without the hyphen that is printed before its check character.
func ParseOrganisationCode(s string) (OrganisationCode, error) {
	t, err := normalise(KindOrganisation, s)
	if err != nil {
		return OrganisationCode{}, err
	}
	if len(t.runes) == organisationLength+1 && t.runes[organisationLength-1] == '-' {
		t.runes = append(t.runes[:organisationLength-1], t.runes[organisationLength])
	}
	return t.organisation(organisationLength)
}

// ComputeOrganisationCode appends the check character to the first eight characters of a code.
func ComputeOrganisationCode(base string) (OrganisationCode, error) {
	t, err := normalise(KindOrganisation, base)
	if err != nil {
		return OrganisationCode{}, err
	}
	o, err := t.organisation(organisationLength - 1)
	if err != nil {
		return OrganisationCode{}, err
	}
	return OrganisationCode{o.code + string(organisationCheck(o.code))}, nil
}

func (t text) organisation(n int) (OrganisationCode, error) {
	if err := t.only(0, len(t.runes), alphanumeric, "只用数字和大写字母", "digits and capital letters"); err != nil {
		return OrganisationCode{}, err
	}
	if err := t.length(n); err != nil {
		return OrganisationCode{}, err
	}
	return OrganisationCode{t.String()}, nil
}

func organisationCheck(code string) byte {
	sum := 0
	for i := range organisationLength - 1 {
		sum += value36(code[i]) * int(organisationWeights[i])
	}
	return "0X987654321"[sum%11]
}

// String returns the nine characters without a hyphen.
func (o OrganisationCode) String() string { return o.code }

// IsZero reports whether there is no code.
func (o OrganisationCode) IsZero() bool { return o.code == "" }

// Check is character 9.
func (o OrganisationCode) Check() string {
	if o.IsZero() {
		return ""
	}
	return o.code[organisationLength-1:]
}

// WantCheck is the check character that the first eight give.
func (o OrganisationCode) WantCheck() string {
	if o.IsZero() {
		return ""
	}
	return string(organisationCheck(o.code))
}

// CheckOK reports whether character 9 is the one that the first eight give. The sum is taken modulo 11, so letters and digits whose values differ
// by 11 or 22 pass for one another.
func (o OrganisationCode) CheckOK() bool { return !o.IsZero() && o.Check() == o.WantCheck() }

// Warnings tells of a check character that does not match.
func (o OrganisationCode) Warnings() []fault.Public {
	if o.IsZero() || o.CheckOK() {
		return nil
	}
	return []fault.Public{{
		Code: "organisation-check",
		ZH:   fmt.Sprintf("组织机构代码 %s 的校验位为 %s，按前 8 位应为 %s：请核对是否抄错", o, o.Check(), o.WantCheck()),
		EN:   fmt.Sprintf("organisation code %s ends in %s, its first 8 characters give %s: look for a slip", o, o.Check(), o.WantCheck()),
	}}
}

// MarshalText returns the code, empty for the zero value.
func (o OrganisationCode) MarshalText() ([]byte, error) { return []byte(o.code), nil }

// UnmarshalText reads a code; empty text gives the zero value.
func (o *OrganisationCode) UnmarshalText(b []byte) (err error) {
	if *o = (OrganisationCode{}); len(b) == 0 {
		return nil
	}
	*o, err = ParseOrganisationCode(string(b))
	return err
}

// Region is an administrative region (GB/T 2260): two digits each for province, prefecture and county. Only the form is checked; the list of
// regions changes every year and is not kept here.
type Region struct{ code string }

const regionLength = 6

// ParseRegion reads a region.
func ParseRegion(s string) (Region, error) {
	t, err := normalise(KindRegion, s)
	if err != nil {
		return Region{}, err
	}
	if err := t.only(0, len(t.runes), digits, "只用数字", "digits only"); err != nil {
		return Region{}, err
	}
	if err := t.length(regionLength); err != nil {
		return Region{}, err
	}
	return Region{t.String()}, nil
}

// String returns the six digits.
func (r Region) String() string { return r.code }

// IsZero reports whether there is no region.
func (r Region) IsZero() bool { return r.code == "" }

// Parents lists the regions that hold this one, the nearest first: the prefecture and the province of a county, the province of a prefecture.
func (r Region) Parents() []Region {
	var list []Region
	last := r
	for _, n := range [...]int{4, 2} {
		if r.IsZero() || strings.Trim(r.code[n:], "0") == "" {
			continue
		}
		if up := (Region{r.code[:n] + strings.Repeat("0", regionLength-n)}); up != last {
			list, last = append(list, up), up
		}
	}
	return list
}

// MarshalText returns the region, empty for the zero value.
func (r Region) MarshalText() ([]byte, error) { return []byte(r.code), nil }

// UnmarshalText reads a region; empty text gives the zero value.
func (r *Region) UnmarshalText(b []byte) (err error) {
	if *r = (Region{}); len(b) == 0 {
		return nil
	}
	*r, err = ParseRegion(string(b))
	return err
}
