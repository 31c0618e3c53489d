package einvoice

import "strings"

// The characters of amounts in capitals: the proper ones first, then the plain and traditional ones that are also met.
const capitalDigits = "零壹贰叁肆伍陆柒捌玖"

func capitalDigit(r rune) (int64, bool) {
	for _, set := range []string{capitalDigits, "〇一二三四五六七八九", "零壹貳叁肆伍陸柒捌玖", "零壹贰參肆伍陆柒捌玖"} {
		if i := strings.IndexRune(set, r); i >= 0 {
			return int64(i / 3), true // each takes three bytes
		}
	}
	return 0, false
}

func capitalUnit(r rune) int64 {
	switch r {
	case '拾', '十':
		return 10
	case '佰', '百':
		return 100
	case '仟', '千':
		return 1000
	}
	return 0
}

// ParseCapitals reads an amount in Chinese capitals: 壹仟贰佰叁拾肆圆伍角整, with or without （大写）, 人民币 or ⊗ before it. Left-out zeros are accepted
// where units leave one meaning; 壹佰贰圆 (102, or 120 as people speak) is refused, and so is anything out of order.
func ParseCapitals(s string) (Amount, bool) {
	s = compact(s)
	for _, lead := range []string{"(大写)", "人民币", "⊗", "ⓧ"} {
		s = strings.TrimPrefix(s, lead)
	}
	s, minus := strings.CutPrefix(s, "负")
	s = strings.NewReplacer("元", "圆", "圓", "圆", "萬", "万", "億", "亿", "正", "整").Replace(s)
	s, whole := strings.CutSuffix(s, "整")
	yuan, small, hasYuan := strings.Cut(s, "圆")
	if !hasYuan {
		yuan, small = "", s
	}
	y, ok := capitalYuan(yuan, hasYuan)
	if !ok {
		return 0, false
	}
	f, ok := capitalFen(small, y > 0)
	if !ok || !hasYuan && small == "" || !whole && !strings.HasSuffix(s, "角") && !strings.HasSuffix(s, "分") && !strings.HasSuffix(s, "圆") {
		return 0, false
	}
	fen := y*100 + f
	if minus {
		fen = -fen
	}
	return Amount(fen), fen <= maxFen && fen >= -maxFen
}

// capitalYuan reads what stands before 圆: sections of up to four digits for 亿, 万 and ones.
func capitalYuan(s string, present bool) (int64, bool) {
	if !present {
		return 0, true
	}
	var sum int64
	rest, first := s, true
	for _, unit := range []struct {
		mark  string
		value int64
	}{{"亿", 100_000_000}, {"万", 10_000}, {"", 1}} {
		section := rest
		if unit.mark != "" {
			before, after, found := strings.Cut(rest, unit.mark)
			if !found {
				continue
			}
			section, rest = before, after
		} else if section == "" && !first {
			break
		}
		n, ok := capitalSection(section, first)
		if !ok || n == 0 && (unit.mark != "" || section != "零") {
			return 0, false
		}
		sum += n * unit.value
		first = false
	}
	return sum, true
}

// capitalSection reads up to four digits with their units. Only the first section of an amount may stand without a digit before 拾.
func capitalSection(s string, first bool) (int64, bool) {
	var sum, digit int64
	last, pending, zero := int64(10_000), false, false
	for i, r := range s {
		if unit := capitalUnit(r); unit > 0 {
			if !pending && unit == 10 && i == 0 && first {
				digit, pending = 1, true
			}
			if !pending || unit >= last {
				return 0, false
			}
			sum += digit * unit
			last, pending, zero = unit, false, false
			continue
		}
		d, ok := capitalDigit(r)
		if !ok || pending || d == 0 && zero {
			return 0, false
		}
		if zero = zero || d == 0; d > 0 {
			digit, pending = d, true
		}
	}
	if pending {
		if last != 10 && !zero && !(first && last == 10_000) {
			return 0, false // 壹佰贰, 壹万伍: a zero, or a unit, is missing
		}
		sum += digit
	}
	return sum, s != ""
}

// capitalFen reads what stands after 圆.
func capitalFen(s string, after bool) (int64, bool) {
	var fen int64
	if after && !strings.HasPrefix(s, "零角") {
		s = strings.TrimPrefix(s, "零")
	}
	for _, unit := range []struct {
		mark  string
		value int64
	}{{"角", 10}, {"分", 1}} {
		before, rest, found := strings.Cut(s, unit.mark)
		if !found {
			continue
		}
		runes := []rune(before)
		if unit.mark == "分" && len(runes) == 2 && runes[0] == '零' {
			runes = runes[1:]
		}
		if len(runes) != 1 {
			return 0, false
		}
		d, ok := capitalDigit(runes[0])
		if !ok {
			return 0, false
		}
		fen += d * unit.value
		s = rest
	}
	return fen, s == ""
}

// Capitals writes the amount in Chinese capitals, as an invoice does: 壹仟零伍圆整, 叁角贰分.
func (a Amount) Capitals() string {
	var b strings.Builder
	if a < 0 {
		b.WriteString("负")
		a = -a
	}
	yuan, jiao, fen := int64(a)/100, int64(a)/10%10, int64(a)%10
	if yuan > 0 || jiao == 0 && fen == 0 {
		writeYuan(&b, yuan)
		b.WriteString("圆")
	}
	switch {
	case jiao == 0 && fen == 0:
		b.WriteString("整")
	case jiao > 0:
		b.WriteString(capital(jiao) + "角")
	case yuan > 0:
		b.WriteString("零")
	}
	if fen > 0 {
		b.WriteString(capital(fen) + "分")
	} else if jiao > 0 {
		b.WriteString("整")
	}
	return b.String()
}

func capital(d int64) string { return capitalDigits[3*d : 3*d+3] }

func writeYuan(b *strings.Builder, yuan int64) {
	if yuan == 0 {
		b.WriteString("零")
		return
	}
	begun, zero := false, false
	for value := int64(100_000_000_000); value > 0; value /= 10 {
		place := yuan / value
		if d := place % 10; d == 0 {
			zero = begun
		} else {
			if zero {
				b.WriteString("零")
			}
			begun, zero = true, false
			b.WriteString(capital(d))
			b.WriteString(unitOf(value))
		}
		if section := place % 10_000; section > 0 && value == 100_000_000 {
			b.WriteString("亿")
		} else if section > 0 && value == 10_000 {
			b.WriteString("万")
		}
	}
}

// unitOf is the unit within a section of four digits.
func unitOf(value int64) string {
	for value >= 10_000 {
		value /= 10_000
	}
	switch value {
	case 1000:
		return "仟"
	case 100:
		return "佰"
	case 10:
		return "拾"
	}
	return ""
}
