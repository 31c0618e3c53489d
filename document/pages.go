package document

import (
	"fmt"
	"strconv"
	"strings"

	"yinxin/fault"
)

// maxPageList bounds the text of a page list in bytes.
const maxPageList = 4096

// ParsePages reads which pages of a document of n are meant: numbers from 1 and ranges, joined by commas, with the words all, odd, even and last.
//
//	1,3-5    pages 1, 3, 4 and 5
//	2-last   all but the first; "2-" is the same
//	odd,last every other page and the last one
//
// The pages come back in ascending order, each once, however often the list names it. The comma may be the full-width one, and white space around the
// items does not matter. A list that names no page, or one that does not exist, is fault.Invalid, and the message says how many pages there are.
func ParsePages(s string, n int) ([]int, error) {
	if n <= 0 {
		return nil, fault.New(fault.Invalid, "page-list", "文件没有页面", "the document has no pages", nil)
	}
	if len(s) > maxPageList {
		return nil, fault.New(fault.Limit, "page-list", fmt.Sprintf("页码列表超过 %d 字节", maxPageList),
			fmt.Sprintf("the list of pages is longer than %d bytes", maxPageList), nil)
	}
	// Ranges are counted where they begin and end, so that a list of many long ones costs no more than its text and the pages.
	steps := make([]int, n+2)
	odd, even := false, false
	for item := range strings.SplitSeq(strings.ReplaceAll(s, "，", ","), ",") {
		switch item = strings.TrimSpace(item); item {
		case "all":
			odd, even = true, true
		case "odd":
			odd = true
		case "even":
			even = true
		default:
			from, to, err := pageRange(item, n)
			if err != nil {
				return nil, err
			}
			steps[from]++
			steps[to+1]--
		}
	}
	var pages []int
	open := 0
	for page := 1; page <= n; page++ {
		open += steps[page]
		if open > 0 || odd && page%2 == 1 || even && page%2 == 0 {
			pages = append(pages, page)
		}
	}
	if len(pages) == 0 {
		return nil, fault.New(fault.Invalid, "page-list", fmt.Sprintf("“%s”没有选中任何一页（共 %d 页）", s, n),
			fmt.Sprintf("%q names no page (the document has %d)", s, n), nil)
	}
	return pages, nil
}

// pageRange reads one number or range.
func pageRange(item string, n int) (from, to int, err error) {
	low, high, isRange := strings.Cut(item, "-")
	if from, err = pageNumber(item, low, n); err != nil {
		return 0, 0, err
	}
	switch high = strings.TrimSpace(high); {
	case !isRange:
		return from, from, nil
	case high == "":
		return from, n, nil
	}
	if to, err = pageNumber(item, high, n); err != nil {
		return 0, 0, err
	}
	if to < from {
		return 0, 0, fault.New(fault.Invalid, "page-list", fmt.Sprintf("页码范围“%s”前大后小", item), fmt.Sprintf("the range %q of pages runs backwards", item), nil)
	}
	return from, to, nil
}

// pageNumber reads one page of an item.
func pageNumber(item, s string, n int) (int, error) {
	if s = strings.TrimSpace(s); s == "last" {
		return n, nil
	}
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, fault.New(fault.Invalid, "page-list", fmt.Sprintf("页码“%s”无法识别；请写作 1,3-5 的形式，或 all、odd、even、last", item),
			fmt.Sprintf("%q is no page; write 1,3-5 or all, odd, even, last", item), nil)
	}
	page, err := strconv.Atoi(s)
	if err != nil || page < 1 || page > n {
		return 0, fault.New(fault.Invalid, "page-out-of-range", fmt.Sprintf("没有第 %s 页：文件共 %d 页", s, n),
			fmt.Sprintf("there is no page %s: the document has %d", s, n), nil)
	}
	return page, nil
}
