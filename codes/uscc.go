package codes

import (
	"fmt"
	"strings"

	"yinxin/fault"
)

// USCC is a unified social credit code (GB 32100-2015): 18 characters, of which 1 names the registering department, 2 the class of the body,
// 3-8 the region, 9-17 the body (its organisation code) and 18 checks the others.
type USCC struct{ code string }

// usccAlphabet is the character set of GB 32100; a character's place is its value. I, O, S, V and Z are left out because they are misread.
const usccAlphabet = digits + "ABCDEFGHJKLMNPQRTUWXY"

const (
	usccLength = 18
	usccZH     = "只用数字和除 I、O、S、V、Z 以外的大写字母"
	usccEN     = "digits and capital letters other than I, O, S, V and Z"
	regionZH   = "第 3 至 8 位是行政区划，只用数字"
	regionEN   = "characters 3 to 8 are the region, digits only"
)

// ParseUSCC reads a code. Its form must be right; whether its check characters match is told by CheckOK and Warnings.
func ParseUSCC(s string) (USCC, error) {
	t, err := normalise(KindUSCC, s)
	if err != nil {
		return USCC{}, err
	}
	return t.uscc(usccLength)
}

// ComputeUSCC appends the check character to the first 17 characters of a code.
func ComputeUSCC(base string) (USCC, error) {
	t, err := normalise(KindUSCC, base)
	if err != nil {
		return USCC{}, err
	}
	u, err := t.uscc(usccLength - 1)
	if err != nil {
		return USCC{}, err
	}
	return USCC{u.code + string(usccCheck(u.code))}, nil
}

// uscc checks the form of a code of n characters: whole, or without its check character.
func (t text) uscc(n int) (USCC, error) {
	if err := t.only(0, len(t.runes), usccAlphabet, usccZH, usccEN); err != nil {
		return USCC{}, err
	}
	if err := t.length(n); err != nil {
		return USCC{}, err
	}
	if err := t.only(2, 8, digits, regionZH, regionEN); err != nil {
		return USCC{}, err
	}
	return USCC{t.String()}, nil
}

// usccCheck computes the check character over the first 17 characters: weights are the powers of 3 modulo 31 (GB 32100, 4.3).
func usccCheck(code string) byte {
	sum, weight := 0, 1
	for i := range usccLength - 1 {
		sum += strings.IndexByte(usccAlphabet, code[i]) * weight
		weight = weight * 3 % 31
	}
	return usccAlphabet[(31-sum%31)%31]
}

// String returns the 18 characters.
func (u USCC) String() string { return u.code }

// IsZero reports whether there is no code.
func (u USCC) IsZero() bool { return u.code == "" }

// Department is character 1, the registering department.
func (u USCC) Department() string { return u.part(0, 1) }

// Class is character 2, the class of the body within its department.
func (u USCC) Class() string { return u.part(1, 2) }

// Region is characters 3-8, the region of the registering department.
func (u USCC) Region() Region { return Region{u.part(2, 8)} }

// Organisation is characters 9-17, the body's organisation code.
func (u USCC) Organisation() OrganisationCode { return OrganisationCode{u.part(8, 17)} }

// Check is character 18.
func (u USCC) Check() string { return u.part(17, 18) }

func (u USCC) part(from, to int) string {
	if u.IsZero() {
		return ""
	}
	return u.code[from:to]
}

// WantCheck is the check character that the first 17 give.
func (u USCC) WantCheck() string {
	if u.IsZero() {
		return ""
	}
	return string(usccCheck(u.code))
}

// CheckOK reports whether character 18 is the one that the first 17 give.
func (u USCC) CheckOK() bool { return !u.IsZero() && u.Check() == u.WantCheck() }

// Warnings lists the check characters that do not match: of the code, and of the organisation code inside it. They call for a second look, not
// for a refusal.
func (u USCC) Warnings() []fault.Public {
	if u.IsZero() {
		return nil
	}
	var list []fault.Public
	if !u.CheckOK() {
		list = append(list, fault.Public{
			Code: "uscc-check",
			ZH:   fmt.Sprintf("统一社会信用代码 %s 的校验位为 %s，按前 17 位应为 %s：请核对是否抄错；早期赋码中确有校验不符的代码", u, u.Check(), u.WantCheck()),
			EN: fmt.Sprintf("unified social credit code %s ends in %s, its first 17 characters give %s: look for a slip; some early codes do fail their check",
				u, u.Check(), u.WantCheck()),
		})
	}
	return append(list, u.Organisation().Warnings()...)
}

// MarshalText returns the code, empty for the zero value.
func (u USCC) MarshalText() ([]byte, error) { return []byte(u.code), nil }

// UnmarshalText reads a code; empty text gives the zero value.
func (u *USCC) UnmarshalText(b []byte) (err error) {
	if *u = (USCC{}); len(b) == 0 {
		return nil
	}
	*u, err = ParseUSCC(string(b))
	return err
}
