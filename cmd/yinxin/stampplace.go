package main

import (
	"math"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"yinxin/document"
	"yinxin/stamp"
)

// placeOptions say where a seal is shown.
type placeOptions struct {
	pages, at, field              string
	riding, ridingPages, ridingAt string
	ridingGroup                   int
	ridingDouble                  bool
}

func (o *placeOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.pages, "page", "1", "页码 / `PAGES` with the seal, e.g. 1,3-5 or last or all")
	f.StringVar(&o.at, "at", "", "印章中心 / centre `X,Y` in mm from the page's top left, e.g. 120,200")
	f.StringVar(&o.field, "field", "", "签名域 / `NAME` of the signature field to sign (default: a new one)")
	f.StringVar(&o.riding, "riding", "", "骑缝章 / riding seal at this `SIDE` of the pages: right, left, top or bottom")
	f.StringVar(&o.ridingPages, "riding-pages", "all", "骑缝页 / `PAGES` that share the riding seal, e.g. all, odd, 2-9")
	f.StringVar(&o.ridingAt, "riding-at", "", "骑缝位置 / `MM` from the page's top (or left) to the riding seal's centre (default: the middle)")
	f.IntVar(&o.ridingGroup, "riding-group", 0, "骑缝组 / at most `N` pages share one riding seal (default: all)")
	f.BoolVar(&o.ridingDouble, "riding-double", false, "对开 / cut a seal in half for each two facing pages")
}

// placing is where the seal goes, once the pages are known. It is nil where nothing is shown but what the field shows.
func (o *placeOptions) placing() (stamp.Lay, error) {
	if o.at == "" && o.riding == "" {
		return nil, nil
	}
	var x, y float64
	var err error
	if o.at != "" {
		if x, y, err = parsePoint(o.at); err != nil {
			return nil, err
		}
	}
	riding, err := o.parseRiding()
	if err != nil {
		return nil, err
	}
	return func(pages []document.Page, width, height float64) (out []document.Place, err error) {
		if o.at != "" {
			numbers, err := document.ParsePages(o.pages, len(pages))
			if err != nil {
				return nil, err
			}
			for _, n := range numbers {
				out = append(out, document.Place{Page: n, X: x, Y: y, Width: width, Height: height})
			}
		}
		if o.riding == "" {
			return out, nil
		}
		if riding.Pages, err = document.ParsePages(o.ridingPages, len(pages)); err != nil {
			return nil, err
		}
		slices, err := riding.Places(pages, width, height)
		return append(out, slices...), err
	}, nil
}

func (o *placeOptions) parseRiding() (document.Riding, error) {
	r := document.Riding{Side: document.Side(o.riding), Group: o.ridingGroup, DoublePage: o.ridingDouble}
	if o.riding == "" {
		if o.ridingAt != "" || o.ridingGroup != 0 || o.ridingDouble || o.ridingPages != "all" {
			return r, usage("--riding-… 须与 --riding 同用", "--riding-… goes with --riding")
		}
		return r, nil
	}
	switch r.Side {
	case document.Right, document.Left, document.Top, document.Bottom:
	default:
		return r, usage("--riding 不能是“"+o.riding+"”，应为 right、left、top 或 bottom", "--riding cannot be “"+o.riding+"”: it is right, left, top or bottom")
	}
	if o.ridingGroup < 0 {
		return r, notNegative("--riding-group")
	}
	if o.ridingAt != "" {
		mm, err := strconv.ParseFloat(o.ridingAt, 64)
		if err != nil || !(mm > 0 && mm <= farthest) {
			return r, usage("--riding-at 不能是“"+o.ridingAt+"”，应为毫米数", "--riding-at cannot be “"+o.ridingAt+"”: it is a number of mm")
		}
		r.Offset = mm
	}
	return r, nil
}

// farthest bounds coordinates in mm: no page of a PDF is a kilometre wide.
const farthest = 1e6

// parsePoint reads X,Y in mm.
func parsePoint(s string) (x, y float64, err error) {
	left, right, ok := strings.Cut(strings.ReplaceAll(s, "，", ","), ",")
	x, errX := strconv.ParseFloat(strings.TrimSpace(left), 64)
	y, errY := strconv.ParseFloat(strings.TrimSpace(right), 64)
	if !ok || errX != nil || errY != nil || !(math.Abs(x) <= farthest && math.Abs(y) <= farthest) { // NaN too
		return 0, 0, usage("--at 不能是“"+s+"”，写作 X,Y，单位毫米，例如 120,200", "--at cannot be “"+s+"”: it is written X,Y in mm, for example 120,200")
	}
	return x, y, nil
}
