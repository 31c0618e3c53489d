package document

import (
	"fmt"
	"math"

	"yinxin/fault"
)

// Side is an edge of a page as displayed.
type Side string

// The sides.
const (
	Right  Side = "right"
	Left   Side = "left"
	Top    Side = "top"
	Bottom Side = "bottom"
)

// MinSlice is the narrowest slice of a riding seal, in mm: of less, print shows no more than a coloured line.
const MinSlice = 1.0

// Riding is a riding seal (骑缝章): one seal cut into slices of equal width, one at the edge of each page. Pages laid over one another so that each looks
// out by a slice show the seal whole, and a page taken out or put in shows at once.
//
// The zero Riding runs down the right edges of all pages, in the middle of each.
type Riding struct {
	Side   Side    // the edge that is sealed; empty: Right
	Offset float64 // mm: where along the edge the seal has its centre, from the top of each page or, at Top and Bottom, from its left; 0: in the middle
	Margin float64 // mm between the edge and the slices
	Pages  []int   // the pages that take part, ascending, as ParsePages gives them; empty: all

	// Group is how many pages share a seal at most; 0: all share one. The next pages share another seal at the same place, and a single page that is
	// left over joins the last group, which then has one more.
	Group int

	// DoublePage (对开) cuts a seal in half for each two pages that follow one another, as for pages that lie side by side: one half at Side of the first,
	// the other at the opposite side of the second. Pages between have halves of two seals.
	DoublePage bool
}

// Places cuts a seal of width × height mm for the pages as displayed; they may differ in size and rotation. Each place has the whole seal as its box and
// a slice as its clip. The slices of each seal meet exactly, and each lies on its page.
//
// It refuses with fault.Invalid a single page (riding-one-page), slices narrower than MinSlice (riding-slices), a page that a slice does not fit
// (riding-page-size) and values out of range (riding-settings).
func (r Riding) Places(pages []Page, width, height float64) ([]Place, error) {
	if r.Side == "" {
		r.Side = Right
	}
	numbers, err := r.check(len(pages), width, height)
	if err != nil {
		return nil, err
	}
	c := cutter{Riding: r, pages: pages, width: width, height: height}
	if r.DoublePage {
		for i := range numbers[1:] {
			if err := c.pair(numbers[i], numbers[i+1]); err != nil {
				return nil, err
			}
		}
		return c.out, nil
	}
	for len(numbers) > 0 {
		n := len(numbers)
		if r.Group > 0 && n > r.Group+1 {
			n = r.Group
		}
		if err := c.group(numbers[:n]); err != nil {
			return nil, err
		}
		numbers = numbers[n:]
	}
	return c.out, nil
}

// check refuses what no document could take, and returns the pages that take part.
func (r Riding) check(count int, width, height float64) ([]int, error) {
	within := func(x, low float64) bool { return x >= low && x <= math.MaxInt32 } // NaN is not
	switch {
	case r.Side != Left && r.Side != Right && r.Side != Top && r.Side != Bottom:
		return nil, badRiding(fmt.Sprintf("没有“%s”这一边，请用 left、right、top 或 bottom", r.Side), fmt.Sprintf("a page has no side %q; use left, right, top or bottom", string(r.Side)))
	case !within(width, MinSlice) || !within(height, MinSlice):
		return nil, badRiding(fmt.Sprintf("印章大小 %g × %g 毫米不可用", width, height), fmt.Sprintf("a seal of %g × %g mm cannot be cut", width, height))
	case !within(r.Offset, 0) || !within(r.Margin, 0):
		return nil, badRiding("骑缝章的位置和边距必须是不小于零的毫米数", "offset and margin of a riding seal are millimetres, not below zero")
	case r.Group < 0 || r.Group == 1:
		return nil, badRiding("每组至少 2 页", "a group has at least 2 pages")
	case r.DoublePage && r.Group != 0:
		return nil, badRiding("对开骑缝不能分组", "a double-page riding seal has no groups")
	}
	numbers := r.Pages
	if len(numbers) == 0 {
		numbers = make([]int, count)
		for i := range numbers {
			numbers[i] = i + 1
		}
	}
	for i, n := range numbers {
		if n < 1 || n > count {
			return nil, fault.New(fault.Invalid, "page-out-of-range", fmt.Sprintf("没有第 %d 页：文件共 %d 页", n, count),
				fmt.Sprintf("there is no page %d: the document has %d", n, count), nil)
		}
		if i > 0 && n <= numbers[i-1] {
			return nil, badRiding("骑缝章的页码必须从小到大，不能重复", "the pages of a riding seal ascend, each once")
		}
	}
	if len(numbers) < 2 {
		return nil, fault.New(fault.Invalid, "riding-one-page", "骑缝章至少需要两页；只有一页时请改用普通签章",
			"a riding seal needs two pages or more; seal a single page in the ordinary way", nil)
	}
	return numbers, nil
}

func badRiding(zh, en string) error { return fault.New(fault.Invalid, "riding-settings", zh, en, nil) }

// cutter collects the slices of riding seals.
type cutter struct {
	Riding
	pages         []Page
	width, height float64 // of the seal, mm
	out           []Place
}

// upright reports whether the seal is cut from top to bottom, into slices side by side.
func (s Side) upright() bool { return s == Left || s == Right }

// across is how long the seal is in the direction that its slices follow one another.
func (c *cutter) across() float64 {
	if c.Side.upright() {
		return c.width
	}
	return c.height
}

// group gives each of the pages a slice of one seal. Behind the first page the others look out at the sealed edge, so the first has the slice that is
// furthest from that edge.
func (c *cutter) group(numbers []int) error {
	n := len(numbers)
	if size := c.across(); size/float64(n) < MinSlice {
		most := max(2, int(size/MinSlice)-1) // a page left over still fits
		return fault.New(fault.Invalid, "riding-slices",
			fmt.Sprintf("%g 毫米的印章分到 %d 页，每条只有 %.2f 毫米，少于 %g 毫米；请分组，每组不超过 %d 页", size, n, size/float64(n), MinSlice, most),
			fmt.Sprintf("a seal of %g mm on %d pages gives slices of %.2f mm, less than %g mm; use groups of at most %d pages", size, n, size/float64(n), MinSlice, most), nil)
	}
	for i, page := range numbers {
		if c.Side == Left || c.Side == Top {
			i = n - 1 - i
		}
		if err := c.add(page, c.Side, i, n); err != nil {
			return err
		}
	}
	return nil
}

// pair gives two pages side by side the halves of one seal.
func (c *cutter) pair(first, second int) error {
	i, opposite := 0, map[Side]Side{Left: Right, Right: Left, Top: Bottom, Bottom: Top}[c.Side]
	if c.Side == Left || c.Side == Top {
		i = 1
	}
	if err := c.add(first, c.Side, i, 2); err != nil {
		return err
	}
	return c.add(second, opposite, 1-i, 2)
}

// cut is where the i-th of n slices begins. It is a multiple of 1/1024 mm: sums and differences of such numbers are exact, so neighbours meet in one
// number.
func cut(size float64, i, n int) float64 {
	if i == n {
		return size
	}
	const grid = 1024
	return math.Round(size*float64(i)/float64(n)*grid) / grid
}

// add puts the i-th of n slices, from the seal's left or top, at one side of a page.
func (c *cutter) add(number int, side Side, i, n int) error {
	page := c.pages[number-1]
	from := cut(c.across(), i, n)
	thick := cut(c.across(), i+1, n) - from
	along, deep, length := page.Height, page.Width, c.height
	if !side.upright() {
		along, deep, length = page.Width, page.Height, c.width
	}
	centre := c.Offset
	if centre == 0 {
		centre = along / 2
	}
	if !(centre-length/2 >= 0 && centre+length/2 <= along && c.Margin+thick <= deep) { // not the opposite: a size may be NaN
		return fault.New(fault.Invalid, "riding-page-size",
			fmt.Sprintf("%g × %g 毫米的骑缝章放不进第 %d 页：页面 %.1f × %.1f 毫米，印章中心在边上 %.1f 毫米处，边距 %g 毫米；请调整位置，或不选这一页",
				c.width, c.height, number, page.Width, page.Height, centre, c.Margin),
			fmt.Sprintf("a riding seal of %g × %g mm does not fit page %d of %.1f × %.1f mm with its centre %.1f mm along the edge and a margin of %g mm; move it, or leave the page out",
				c.width, c.height, number, page.Width, page.Height, centre, c.Margin), nil)
	}
	near := c.Margin // of the slice's own left or top
	if side == Right || side == Bottom {
		near = deep - c.Margin - thick
	}
	p := Place{Page: number, Width: c.width, Height: c.height}
	if side.upright() {
		p.X, p.Y = near-from+c.width/2, centre
		p.Clip = Clip{X: from, Width: thick, Height: c.height}
	} else {
		p.X, p.Y = centre, near-from+c.height/2
		p.Clip = Clip{Y: from, Width: c.width, Height: thick}
	}
	c.out = append(c.out, p)
	return nil
}

// Shown is the part of the box that is shown, as a place without a Clip.
func (p Place) Shown() Place {
	if p.Clip == (Clip{}) {
		return p
	}
	left, top := p.X-p.Width/2+p.Clip.X, p.Y-p.Height/2+p.Clip.Y
	return Place{Page: p.Page, X: left + p.Clip.Width/2, Y: top + p.Clip.Height/2, Width: p.Clip.Width, Height: p.Clip.Height}
}
