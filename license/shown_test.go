package license

import (
	"slices"
	"testing"
)

func TestShown(t *testing.T) {
	for _, c := range []struct {
		kind     Kind
		in, want string
	}{
		{Amount, "0.50", "人民币 0.50 元"}, {Amount, "999.00", "人民币 999.00 元"}, {Amount, "1000000.05", "人民币 1,000,000.05 元"},
		{Amount, "USD 1234.00", "USD 1,234.00"}, {Date, "2026-03-08", "2026年3月8日"}, {List, "一\n二", "一；二"},
		{Text, "2026-03-08", "2026-03-08"},
	} {
		if got := c.kind.Shown(c.in); got != c.want {
			t.Errorf("%s: %s, want %s", c.in, got, c.want)
		}
	}
}

func TestForms(t *testing.T) {
	for value, want := range map[string][]string{
		"有限责任公司": {"有限责任公司"}, "2026-03-08": {"2026-03-08", "2026年3月8日"}, "1234.00": {"1234.00", "人民币 1,234.00 元"}, "一\n二": {"一\n二", "一；二"}, "": {""},
	} {
		if got := Forms(value); !slices.Equal(got, want) {
			t.Errorf("%q: %q", value, got)
		}
	}
}
