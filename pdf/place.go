package pdf

import (
	"fmt"
	"math"
	"strconv"

	"yinxin/document"
	"yinxin/fault"
)

// mmPerPoint is the length of 1/72 inch.
const mmPerPoint = 25.4 / 72

// A rect is a rectangle in default user space (1/72 inch times UserUnit, y upwards): low corner, high corner.
type rect struct{ x0, y0, x1, y1 float64 }

func (r rect) width() float64  { return r.x1 - r.x0 }
func (r rect) height() float64 { return r.y1 - r.y0 }
func (r rect) area() float64   { return max(0, r.width()) * max(0, r.height()) }

func (r rect) intersect(s rect) rect {
	return rect{max(r.x0, s.x0), max(r.y0, s.y0), min(r.x1, s.x1), min(r.y1, s.y1)}
}

func (r rect) array() Array { return Array{r.x0, r.y0, r.x1, r.y1} }

// view is how a page is shown: the part of user space that is seen, how far it is turned and how long a unit is.
type view struct {
	page   int // from 1
	box    rect
	rotate int     // degrees clockwise: 0, 90, 180 or 270
	unit   float64 // millimetres
}

// sideways reports whether user space's width is the height displayed.
func (v view) sideways() bool { return v.rotate == 90 || v.rotate == 270 }

// size is the page's width and height as displayed, in mm.
func (v view) size() (w, h float64) {
	w, h = v.box.width()*v.unit, v.box.height()*v.unit
	if v.sideways() {
		return h, w
	}
	return w, h
}

// user takes a point of the page as displayed (mm from its top left corner, y downwards) to user space.
func (v view) user(x, y float64) (ux, uy float64) {
	x, y = x/v.unit, y/v.unit
	switch v.rotate {
	case 90:
		return v.box.x0 + y, v.box.y0 + x
	case 180:
		return v.box.x1 - x, v.box.y0 + y
	case 270:
		return v.box.x1 - y, v.box.y1 - x
	}
	return v.box.x0 + x, v.box.y1 - y
}

// spot is where one widget goes, and what it shows.
type spot struct {
	rect rect // of the widget
	shape
}

// shape is an appearance: a picture of w × h units of user space, before it is turned, of which cut is shown.
type shape struct {
	w, h   float64
	cut    rect
	rotate int
}

// matrix turns the appearance against the page's rotation, so that it stands upright as displayed; the picture's box stays in the first quadrant.
func (l shape) matrix() Array {
	switch l.rotate {
	case 90:
		return Array{int64(0), int64(1), int64(-1), int64(0), l.h, int64(0)}
	case 180:
		return Array{int64(-1), int64(0), int64(0), int64(-1), l.w, l.h}
	case 270:
		return Array{int64(0), int64(-1), int64(1), int64(0), int64(0), l.w}
	}
	return nil
}

// slack is how far, in mm, a clip may reach beyond its box and a slice beyond its page: what adding up rounded lengths takes.
const slack = 0.01

// lay puts a place on a page. Of a whole picture at least half must be on the page; a clipped one shows its clip in full.
func (v view) lay(p document.Place) (spot, error) {
	c := p.Clip
	for _, n := range []float64{p.X, p.Y, p.Width, p.Height, c.X, c.Y, c.Width, c.Height} {
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return spot{}, v.badPlace("不是数", "is not a number")
		}
	}
	clipped := c != document.Clip{}
	pageWidth, pageHeight := v.size()
	switch {
	case p.Width <= 0 || p.Height <= 0:
		return spot{}, v.badPlace("没有大小", "has no size")
	case clipped && (c.Width <= 0 || c.Height <= 0 || c.X < -slack || c.Y < -slack || c.X+c.Width > p.Width+slack || c.Y+c.Height > p.Height+slack):
		return spot{}, v.badPlace("的裁剪范围不在印章之内", "has a clip that is not within the seal")
	case !clipped && (p.Width > pageWidth+slack || p.Height > pageHeight+slack):
		return spot{}, v.tooLarge(p)
	}
	shown := p.Shown()
	x0, y0 := v.user(shown.X-shown.Width/2, shown.Y-shown.Height/2)
	x1, y1 := v.user(shown.X+shown.Width/2, shown.Y+shown.Height/2)
	r := rect{min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)}
	beyond := slack / v.unit
	seen := rect{v.box.x0 - beyond, v.box.y0 - beyond, v.box.x1 + beyond, v.box.y1 + beyond}
	switch {
	case clipped && r.intersect(seen) != r:
		return spot{}, v.badPlace("有一部分在页面之外", "shows a part outside the page")
	case !(r.intersect(v.box).area()*2 >= r.area()): // not "<": overflow makes the areas NaN
		return spot{}, v.badPlace("一半以上在页面之外", "lies outside by more than half")
	}
	l := v.shape(p)
	// The corner is rounded, then the size, not both corners: seals of one size share one appearance wherever they stand.
	w, h := l.cut.width(), l.cut.height()
	if v.sideways() {
		w, h = h, w
	}
	x0, y0 = round(r.x0), round(r.y0)
	s := spot{rect{x0, y0, round(x0 + w), round(y0 + h)}, l}
	if !(w > 0 && h > 0 && l.w <= maxCoordinate && l.h <= maxCoordinate) {
		return spot{}, v.badPlace("没有可用的大小", "has no usable size")
	}
	return s, nil
}

// shape is what a place shows. Neighbouring slices of one seal are cut at one and the same number.
func (v view) shape(p document.Place) shape {
	units := func(mm float64) float64 { return round(mm / v.unit) }
	l := shape{w: units(p.Width), h: units(p.Height), rotate: v.rotate}
	l.cut = rect{0, 0, l.w, l.h}
	if c := p.Clip; c != (document.Clip{}) {
		l.cut = rect{units(c.X), round(l.h - units(c.Y+c.Height)), units(c.X + c.Width), round(l.h - units(c.Y))}.intersect(l.cut)
	}
	return l
}

// round keeps a ten-thousandth of a unit, 35 nm: more digits only make files longer.
func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }

func (v view) badPlace(zh, en string) error {
	w, h := v.size()
	return fault.New(fault.Invalid, "pdf-place",
		fmt.Sprintf("签章位置%s：第 %d 页显示为 %.1f × %.1f 毫米，请把签章放在页面内", zh, v.page, w, h),
		fmt.Sprintf("the place of the seal %s: page %d is %.1f × %.1f mm as displayed; put the seal on the page", en, v.page, w, h), nil)
}

func (v view) tooLarge(p document.Place) error {
	w, h := v.size()
	return fault.New(fault.Invalid, "pdf-place-too-large",
		fmt.Sprintf("印章 %.5g × %.5g 毫米，大于第 %d 页（显示为 %.1f × %.1f 毫米），印章不缩放；请改用较小的印章，或盖在较大的页面上", p.Width, p.Height, v.page, w, h),
		fmt.Sprintf("the seal of %.5g × %.5g mm is larger than page %d, which is %.1f × %.1f mm as displayed, and seals are not scaled; use a smaller seal or a larger page",
			p.Width, p.Height, v.page, w, h), nil)
}

// propertyText is the propertyInfo of GB/T 38540 that this project writes for a PDF and expects of its own: the ranges signed, as
// "ByteRange:[0,b,c,d]". No public sample fixes the form.
func propertyText(r [4]int64) string {
	b := []byte("ByteRange:[")
	for i, n := range r {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return string(append(b, ']'))
}
