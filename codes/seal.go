package codes

import (
	"fmt"

	"yinxin/fault"
)

// SealCode is the code under which a seal is registered: digits only. The usual form (GA 241) is 13 digits, a region of six and a sequence of
// seven; systems in use accept 3 to 19.
type SealCode struct{ code string }

const (
	sealCodeLength   = 13
	sealSequences    = 9_999_999 // the highest sequence of seven digits
	defaultSealMin   = 3
	defaultSealMax   = 19
	absoluteSealMax  = 64
	sealDigitsOnlyZH = "只用数字"
	sealDigitsOnlyEN = "digits only"
)

// SealCodeRule says how long a seal code may be, in digits. The zero value allows 3 to 19.
type SealCodeRule struct{ Min, Max int }

// ParseSealCode reads a seal code of 3 to 19 digits.
func ParseSealCode(s string) (SealCode, error) { return SealCodeRule{}.Parse(s) }

// Parse reads a seal code of the lengths the rule allows.
func (r SealCodeRule) Parse(s string) (SealCode, error) {
	if r == (SealCodeRule{}) {
		r = SealCodeRule{defaultSealMin, defaultSealMax}
	}
	if r.Min < 1 || r.Max < r.Min || r.Max > absoluteSealMax {
		return SealCode{}, fault.New(fault.Invalid, "seal-code-rule", fmt.Sprintf("印章编码长度规则 %d 至 %d 不可用", r.Min, r.Max),
			fmt.Sprintf("the rule for seal codes, %d to %d digits, is not usable", r.Min, r.Max), nil)
	}
	t, err := normalise(KindSeal, s)
	if err != nil {
		return SealCode{}, err
	}
	if err := t.only(0, len(t.runes), digits, sealDigitsOnlyZH, sealDigitsOnlyEN); err != nil {
		return SealCode{}, err
	}
	if n := len(t.runes); n < r.Min || n > r.Max {
		return SealCode{}, t.fail(min(n, r.Max), fmt.Sprintf("有 %d 位，应为 %d 至 %d 位", n, r.Min, r.Max),
			fmt.Sprintf("it has %d digits, %d to %d are allowed", n, r.Min, r.Max))
	}
	return SealCode{t.String()}, nil
}

// NewSealCode makes a seal code of the usual form. sequence goes from 1 to 9999999.
func NewSealCode(region Region, sequence int) (SealCode, error) {
	if region.IsZero() || sequence < 1 || sequence > sealSequences {
		return SealCode{}, fault.New(fault.Invalid, "code-seal", fmt.Sprintf("不能编印章编码：行政区划“%s”，顺序号 %d（1 至 %d）", region, sequence, sealSequences),
			fmt.Sprintf("cannot make a seal code from region “%s” and sequence %d (1 to %d)", region, sequence, sealSequences), nil)
	}
	return SealCode{fmt.Sprintf("%s%07d", region, sequence)}, nil
}

// String returns the digits.
func (c SealCode) String() string { return c.code }

// IsZero reports whether there is no code.
func (c SealCode) IsZero() bool { return c.code == "" }

// Usual reports whether the code has the usual 13 digits, so that Region and Sequence mean something.
func (c SealCode) Usual() bool { return len(c.code) == sealCodeLength }

// Region is the first six digits of a usual code, else the zero value.
func (c SealCode) Region() Region {
	if !c.Usual() {
		return Region{}
	}
	return Region{c.code[:regionLength]}
}

// Sequence is the last seven digits of a usual code, else empty.
func (c SealCode) Sequence() string {
	if !c.Usual() {
		return ""
	}
	return c.code[regionLength:]
}

// MarshalText returns the code, empty for the zero value.
func (c SealCode) MarshalText() ([]byte, error) { return []byte(c.code), nil }

// UnmarshalText reads a code of 3 to 19 digits; empty text gives the zero value.
func (c *SealCode) UnmarshalText(b []byte) (err error) {
	if *c = (SealCode{}); len(b) == 0 {
		return nil
	}
	*c, err = ParseSealCode(string(b))
	return err
}
