package doctype

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"yinxin/license"
)

var (
	dayPattern     = regexp.MustCompile(`(\d{4})(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})日?`)
	chinesePattern = regexp.MustCompile(`([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日`)
)

// writtenDay is a day as it stands in a text.
type writtenDay struct {
	day      license.Day // empty: no such day exists
	from, to int         // where it stands
}

// days finds the days written in folded text: 2026年3月18日, 2026-03-18, 二〇二六年三月十八日.
func days(text string) []writtenDay {
	var list []writtenDay
	for _, m := range dayPattern.FindAllStringSubmatchIndex(text, 20) {
		list = append(list, writtenDay{dayOf(text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]]), m[0], m[1]})
	}
	for _, m := range chinesePattern.FindAllStringSubmatchIndex(text, 20) {
		year := strings.NewReplacer("〇", "0", "○", "0", "零", "0", "一", "1", "二", "2", "三", "3", "四", "4", "五", "5", "六", "6", "七", "7", "八", "8", "九", "9").
			Replace(text[m[2]:m[3]])
		list = append(list, writtenDay{dayOf(year, tens(text[m[4]:m[5]]), tens(text[m[6]:m[7]])), m[0], m[1]})
	}
	return list
}

func dayOf(year, month, day string) license.Day {
	m, err := strconv.Atoi(month)
	if err != nil {
		return ""
	}
	d, err := strconv.Atoi(day)
	if err != nil {
		return ""
	}
	found, err := license.ParseDay(fmt.Sprintf("%s-%02d-%02d", year, m, d))
	if err != nil {
		return ""
	}
	return found
}

// tens reads 一 to 九十九, "" where it is none.
func tens(s string) string {
	const digits = "一二三四五六七八九"
	value := func(s string) int {
		if i := strings.Index(digits, s); i >= 0 && len(s) == 3 {
			return i/3 + 1
		}
		return -100
	}
	before, after, ten := strings.Cut(s, "十")
	n := 10
	if before != "" && ten {
		n = 10 * value(before)
	}
	switch {
	case !ten:
		n = value(s)
	case after != "":
		n += value(after)
	}
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Days on documents are those of China. A day has come when it has somewhere: who wrote it may have been east of it.
func dayAt(t time.Time) license.Day     { return license.DayOf(t.In(time.FixedZone("", 8*3600))) }
func latestDay(t time.Time) license.Day { return license.DayOf(t.In(time.FixedZone("", 14*3600))) }
