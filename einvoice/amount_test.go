package einvoice

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseAmount(t *testing.T) {
	good := map[string]Amount{
		"0": 0, "1234.5": 123450, "¥1,234.50": 123450, "￥１，２３４．５０": 123450, "（小写）¥ 1234.50": 123450, "(小写)1234.50元": 123450, "-12.00": -1200,
		"¥-12.00": -1200, "－¥12": -1200, ".50": 50, "1.2300": 123, "999999999999.99": maxFen, "CNY 7": 700, "1,234,567.89": 123456789,
	}
	for s, want := range good {
		if got, ok := ParseAmount(s); !ok || got != want {
			t.Errorf("%q: %s %v, want %s", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"", " ", "¥", "-", "1.", ".", "1.234,50", "1,23.00", "12,34", "1234,567.00", "1.5,0", "(12.00)", "1e3", "0x10", "--1", "-¥-1", "0.005", "1000000000000",
		"12 34", "壹圆", "¥1¥", "NaN", "1/2", "+1", "99999999999999999999999", "¥¥1", "1,234.567,890",
	} {
		if got, ok := ParseAmount(s); ok {
			t.Errorf("%q was read as %s", s, got)
		}
	}
}

func TestParseCapitals(t *testing.T) {
	good := map[string]Amount{
		"壹仟贰佰叁拾肆圆伍角整": 123450, "（大写）人民币壹佰元整": 10000, "⊗叁佰壹拾捌圆整": 31800, "零圆整": 0, "壹拾圆零伍分": 1005, "拾伍圆整": 1500, "壹万零伍拾圆整": 1005000,
		"壹万伍佰圆整": 1050000, "壹亿零壹圆整": 10000000100, "叁角贰分": 32, "伍分": 5, "贰角整": 20, "负壹圆整": -100, "一百二十元五角": 12050, "壹佰圆正": 10000,
		"壹佰圆": 10000, "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖圆玖角玖分": maxFen, "壹拾萬圓整": 10000000, "壹圆零角伍分": 105,
	}
	for s, want := range good {
		if got, ok := ParseCapitals(s); !ok || got != want {
			t.Errorf("%q: %s %v, want %s", s, got, ok, want)
		}
	}
	for _, s := range []string{
		"", "圆整", "整", "壹", "壹佰贰圆整", "壹万伍圆整", "佰圆整", "壹佰仟圆整", "壹佰壹佰圆整", "壹万万圆整", "壹万壹亿圆整", "壹贰圆整", "壹圆贰", "贰分壹角", "壹圆壹圆", "壹佰零零壹圆整",
		"零零圆整", "零万圆整", "壹圆整整", "壹佰圆整角", "abc", "圆", "拾", "壹万拾圆整",
	} {
		if got, ok := ParseCapitals(s); ok {
			t.Errorf("%q was read as %s", s, got)
		}
	}
}

func TestAmountsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Amounts with many zeros are where capitals go wrong.
		a := rapid.Int64Range(0, 9).Draw(t, "first")
		for range rapid.IntRange(0, 13).Draw(t, "places") {
			a = a*10 + rapid.SampledFrom([]int64{0, 0, 0, 1, 5, 9}).Draw(t, "digit")
		}
		want := Amount(a)
		if rapid.Bool().Draw(t, "negative") {
			want = -want
		}
		if got, ok := ParseCapitals(want.Capitals()); !ok || got != want {
			t.Fatalf("%s is written %s and read as %s (%v)", want, want.Capitals(), got, ok)
		}
		s := want.String()
		if got, ok := ParseAmount(s); !ok || got != want {
			t.Fatalf("%s is read as %s (%v)", s, got, ok)
		}
		wide := strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
		if got, ok := ParseAmount("（小写）￥" + wide + "元"); !ok || got != want {
			t.Fatalf("%s is read as %s (%v)", wide, got, ok)
		}
	})
}

// One character taken out of an amount in capitals never leaves the same amount unless it was a zero or the closing 整; mostly nothing at all.
func TestCapitalsAreTight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := Amount(rapid.Int64Range(1, maxFen).Draw(t, "fen"))
		runes := []rune(a.Capitals())
		i := rapid.IntRange(0, len(runes)-1).Draw(t, "gone")
		if runes[i] == '零' || runes[i] == '整' || runes[i] == '壹' && i == 0 {
			return
		}
		if got, ok := ParseCapitals(string(runes[:i]) + string(runes[i+1:])); ok && got == a {
			t.Fatalf("%s without character %d is still %s", string(runes), i, a)
		}
	})
}

func TestDecimal(t *testing.T) {
	for s, want := range map[string]string{"4": "4", "25.50": "25.5", "-0.00": "0", "233.3333333333": "233.3333333333", "１.５": "1.5", "000": "0"} {
		if d, ok := ParseDecimal(s); !ok || d.String() != want {
			t.Errorf("%q: %s %v", s, d, ok)
		}
	}
	for _, s := range []string{"", "-", "1.", "1.2.3", "1e9", "1234567890123456789", "0.0000000000000000001", "四"} {
		if d, ok := ParseDecimal(s); ok {
			t.Errorf("%q was read as %s", s, d)
		}
	}
}
