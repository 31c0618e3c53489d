package document_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yinxin/document"
	"yinxin/fault"
)

func TestParsePages(t *testing.T) {
	for in, want := range map[string][]int{
		"1": {1}, "7": {7}, "1,3-5": {1, 3, 4, 5}, " 1 , 3 - 5 ": {1, 3, 4, 5}, "1，3": {1, 3}, "3,1": {1, 3},
		"all": {1, 2, 3, 4, 5, 6, 7}, "odd": {1, 3, 5, 7}, "even": {2, 4, 6}, "last": {7}, "odd,even": {1, 2, 3, 4, 5, 6, 7},
		"6-": {6, 7}, "5-last": {5, 6, 7}, "last-last": {7}, "2,2,2-2": {2}, "1-3,2-4": {1, 2, 3, 4}, "even,last": {2, 4, 6, 7}, "007": {7},
	} {
		got, err := document.ParsePages(in, 7)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v, %v; want %v", in, got, err, want)
		}
	}
}

func TestParsePagesRefuses(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		code string
		says string
	}{
		{"", 7, "page-list", "no page"}, {",", 7, "page-list", "no page"}, {"1,", 7, "page-list", "no page"}, {"-3", 7, "page-list", "no page"}, {"-", 7, "page-list", "no page"},
		{"1-2-3", 7, "page-list", "no page"}, {"ALL", 7, "page-list", "no page"}, {"1.5", 7, "page-list", "no page"}, {"+1", 7, "page-list", "no page"},
		{"５", 7, "page-list", "no page"}, {"5-3", 7, "page-list", "backwards"}, {"last-1", 7, "page-list", "backwards"}, {"even", 1, "page-list", "names no page"},
		{"0", 7, "page-out-of-range", "has 7"}, {"8", 7, "page-out-of-range", "has 7"}, {"1-8", 7, "page-out-of-range", "has 7"}, {"all,9", 7, "page-out-of-range", "has 7"},
		{"99999999999999999999", 7, "page-out-of-range", "has 7"}, {"1", 0, "page-list", "no pages"}, {"1", -1, "page-list", "no pages"},
		{strings.Repeat("1,", 3000) + "1", 7, "page-list", "longer than"},
	} {
		got, err := document.ParsePages(c.in, c.n)
		p, _ := fault.PublicOf(err)
		if p.Code != c.code || !strings.Contains(p.EN, c.says) || p.ZH == "" {
			t.Errorf("%.20q of %d: %v, %v; want %s", c.in, c.n, got, err, c.code)
		}
	}
}

// What a list of pages spells reads back as these pages.
func TestParsePagesReadsWhatIsSpelt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 300).Draw(t, "n")
		want := map[int]bool{}
		var items []string
		for range rapid.IntRange(1, 20).Draw(t, "items") {
			from := rapid.IntRange(1, n).Draw(t, "from")
			to := rapid.IntRange(from, n).Draw(t, "to")
			for p := from; p <= to; p++ {
				want[p] = true
			}
			items = append(items, fmt.Sprintf("%d-%d", from, to))
		}
		got, err := document.ParsePages(strings.Join(items, ","), n)
		if err != nil || len(got) != len(want) || !slices.IsSorted(got) {
			t.Fatalf("%v: %v, %v", items, got, err)
		}
		for _, p := range got {
			if !want[p] {
				t.Fatalf("%v: page %d", items, p)
			}
		}
	})
}

func FuzzParsePages(f *testing.F) {
	for _, s := range []string{"1,3-5", "all", "odd，last", "2-", "last-1", "0", "99999999999999999999"} {
		f.Add(s, 7)
	}
	f.Fuzz(func(t *testing.T, s string, n int) {
		n %= 10_000
		pages, err := document.ParsePages(s, n)
		if err != nil {
			if !errors.Is(err, fault.Invalid) && !errors.Is(err, fault.Limit) {
				t.Fatal(err)
			}
			return
		}
		if len(pages) == 0 || len(pages) > n || pages[0] < 1 || pages[len(pages)-1] > n || !slices.IsSorted(pages) || len(slices.Compact(slices.Clone(pages))) != len(pages) {
			t.Fatalf("%q of %d: %v", s, n, pages)
		}
	})
}
