package license

import (
	"strconv"
	"strings"
)

// Shown writes a value for people: days in Chinese, amounts with their currency and groups of three, lists with ； for line feeds.
func (k Kind) Shown(value string) string {
	switch k {
	case Date:
		return Day(value).Chinese()
	case Amount:
		return shownAmount(value)
	case List:
		return strings.ReplaceAll(value, "\n", "；")
	}
	return value
}

// Forms are the ways in which a face may show a value whose kind is not known: a record does not say it.
func Forms(value string) []string {
	forms := []string{value}
	if _, err := ParseDay(value); err == nil {
		forms = append(forms, Date.Shown(value))
	}
	if amountPattern.MatchString(value) {
		forms = append(forms, Amount.Shown(value))
	}
	if list := List.Shown(value); list != value {
		forms = append(forms, list)
	}
	return forms
}

func shownAmount(value string) string {
	currency, number, found := strings.Cut(value, " ")
	if !found {
		currency, number = "", value
	}
	whole, cents, _ := strings.Cut(number, ".")
	var b strings.Builder
	for i, c := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	if currency == "" {
		return "人民币 " + b.String() + "." + cents + " 元"
	}
	return currency + " " + b.String() + "." + cents
}

// Chinese writes 2026-03-18 as 2026年3月18日.
func (d Day) Chinese() string {
	t := d.Time()
	return strconv.Itoa(t.Year()) + "年" + strconv.Itoa(int(t.Month())) + "月" + strconv.Itoa(t.Day()) + "日"
}
