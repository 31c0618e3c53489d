package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"yinxin/document"
	"yinxin/verify"
)

// places says where a signature is shown: whole, or as the slices of a riding seal (骑缝章). It is empty where it is shown nowhere.
func places(list []document.Place) verify.Text {
	var whole, sliced []int
	slicesShown := 0
	for _, p := range list {
		if p.Clip == (document.Clip{}) {
			whole = append(whole, p.Page)
			continue
		}
		sliced = append(sliced, p.Page)
		slicesShown++
	}
	var zh, en []string
	if len(whole) > 0 {
		zh, en = append(zh, "显示在第 "+pages(whole, "、", " 至 ")+" 页"), append(en, "shown on "+pageWord(whole)+pages(whole, ", ", "–"))
	}
	if slicesShown > 0 {
		zh = append(zh, fmt.Sprintf("骑缝：分 %d 条显示在第 %s 页", slicesShown, pages(sliced, "、", " 至 ")))
		en = append(en, fmt.Sprintf("riding seal: shown in %d slices on %s%s", slicesShown, pageWord(sliced), pages(sliced, ", ", "–")))
	}
	return verify.Text{ZH: strings.Join(zh, "；"), EN: strings.Join(en, "; ")}
}

func pageWord(list []int) string {
	if len(slices.Compact(slices.Sorted(slices.Values(list)))) == 1 {
		return "page "
	}
	return "pages "
}

// shownRuns bounds how many pages and runs of pages are listed.
const shownRuns = 12

// pages lists page numbers, each once, runs of three and more by their ends.
func pages(list []int, between, to string) string {
	sorted := slices.Compact(slices.Sorted(slices.Values(list)))
	var runs []string
	for i := 0; i < len(sorted); {
		k := i
		for k+1 < len(sorted) && sorted[k+1] == sorted[k]+1 {
			k++
		}
		if len(runs) == shownRuns {
			runs = append(runs, "…")
			break
		}
		switch {
		case k >= i+2:
			runs = append(runs, strconv.Itoa(sorted[i])+to+strconv.Itoa(sorted[k]))
			i = k + 1
		default:
			runs = append(runs, strconv.Itoa(sorted[i]))
			i++
		}
	}
	return strings.Join(runs, between)
}
