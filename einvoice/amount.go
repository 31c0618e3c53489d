package einvoice

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// maxFen bounds every amount: below one trillion yuan, so that sums of all the lines an invoice may have still fit.
const maxFen = 100_000_000_000_000 - 1

// Amount is money in whole fen (0.01 yuan).
type Amount int64

// ParseAmount reads an amount in figures: 1234.5, ¥1,234.50, （小写）￥１２３４．５０元, -12.00. What could be meant in two ways is refused: commas that do
// not group by three, a comma for a point, brackets for a minus, more than two decimals unless they are zeros.
func ParseAmount(s string) (Amount, bool) {
	s = strings.TrimSpace(narrow(s))
	s = strings.TrimSpace(strings.TrimPrefix(s, "(小写)"))
	s = strings.TrimSuffix(strings.TrimSuffix(s, "元"), "圆")
	s, before := strings.CutPrefix(s, "-")
	for _, sign := range []string{"¥", "CNY", "RMB", "人民币"} {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(s), sign); ok {
			s = rest
			break
		}
	}
	s, after := strings.CutPrefix(strings.TrimSpace(s), "-")
	s = strings.TrimSpace(s)
	if before && after {
		return 0, false
	}
	whole, ok := ungroup(s)
	if !ok {
		return 0, false
	}
	d, ok := ParseDecimal(whole)
	if !ok || strings.HasPrefix(whole, "-") {
		return 0, false
	}
	if d.Scale > 2 || d.Unscaled > maxFen {
		return 0, false
	}
	fen := d.Unscaled
	for range 2 - d.Scale {
		fen *= 10
	}
	if fen > maxFen {
		return 0, false
	}
	if before || after {
		fen = -fen
	}
	return Amount(fen), true
}

// ungroup takes the commas out of 1,234,567.89 and refuses them anywhere else.
func ungroup(s string) (string, bool) {
	whole, _, _ := strings.Cut(s, ".")
	groups := strings.Split(whole, ",")
	if len(groups) == 1 {
		return s, !strings.Contains(s, ",")
	}
	for i, g := range groups {
		if i == 0 && (len(g) < 1 || len(g) > 3) || i > 0 && len(g) != 3 {
			return "", false
		}
	}
	return strings.ReplaceAll(whole, ",", "") + s[len(whole):], !strings.Contains(s[len(whole):], ",")
}

// String writes the amount in yuan with two decimals.
func (a Amount) String() string {
	sign, u := "", uint64(a)
	if a < 0 {
		sign, u = "-", -u
	}
	cents := strconv.FormatUint(u%100+100, 10)[1:]
	return sign + strconv.FormatUint(u/100, 10) + "." + cents
}

// MarshalText writes the amount as String does.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (a *Amount) UnmarshalText(text []byte) error {
	v, ok := ParseAmount(string(text))
	if !ok {
		return fmt.Errorf("einvoice: %.40q is no amount", text)
	}
	*a = v
	return nil
}

// Decimal is an exact decimal number, Unscaled / 10^Scale, for quantities and prices.
type Decimal struct {
	Unscaled int64
	Scale    int // 0 to 18
}

// ParseDecimal reads an optional minus, digits and at most one point, 18 digits in all; no exponent, no grouping.
func ParseDecimal(s string) (Decimal, bool) {
	s = strings.TrimSpace(narrow(s))
	bare, negative := strings.CutPrefix(s, "-")
	whole, fraction, pointed := strings.Cut(bare, ".")
	if pointed && fraction == "" || whole+fraction == "" {
		return Decimal{}, false
	}
	fraction = strings.TrimRight(fraction, "0") // so that equal numbers are equal values
	all := strings.TrimLeft(whole+fraction, "0")
	if len(all) > 18 || len(fraction) > 18 || strings.Trim(whole+fraction, "0123456789") != "" {
		return Decimal{}, false
	}
	if all == "" {
		return Decimal{}, true
	}
	n, err := strconv.ParseInt(all, 10, 64)
	if err != nil {
		return Decimal{}, false
	}
	if negative {
		n = -n
	}
	return Decimal{n, len(fraction)}, true
}

// Rat is the number as a fraction.
func (d Decimal) Rat() *big.Rat { return new(big.Rat).SetFrac(big.NewInt(d.Unscaled), tenTo(d.Scale)) }

// String writes the number with as many decimals as it has.
func (d Decimal) String() string {
	bare, negative := strings.CutPrefix(strconv.FormatInt(d.Unscaled, 10), "-")
	if missing := d.Scale + 1 - len(bare); missing > 0 {
		bare = strings.Repeat("0", missing) + bare
	}
	if d.Scale > 0 {
		bare = bare[:len(bare)-d.Scale] + "." + bare[len(bare)-d.Scale:]
	}
	if negative {
		return "-" + bare
	}
	return bare
}

// MarshalText writes the number as String does.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Decimal) UnmarshalText(text []byte) error {
	v, ok := ParseDecimal(string(text))
	if !ok {
		return fmt.Errorf("einvoice: %.40q is no decimal number", text)
	}
	*d = v
	return nil
}

func tenTo(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// rate reads 6%, 6.5% or 0.06 as a fraction; 免税 and its like have none.
func rate(s string) (*big.Rat, bool) {
	bare, percent := strings.CutSuffix(strings.TrimSpace(narrow(s)), "%")
	d, ok := ParseDecimal(bare)
	if !ok {
		return nil, false
	}
	if percent {
		return new(big.Rat).Quo(d.Rat(), big.NewRat(100, 1)), true
	}
	return d.Rat(), true
}
