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

// spot is where one widget goes.
type spot struct {
	rect   rect
	w, h   float64 // of the appearance before it is turned, in units of user space
	rotate int
}

// matrix turns the appearance against the page's rotation, so that it stands upright as displayed; its box stays in the first quadrant.
func (s spot) matrix() Array {
	switch s.rotate {
	case 90:
		return Array{int64(0), int64(1), int64(-1), int64(0), s.h, int64(0)}
	case 180:
		return Array{int64(-1), int64(0), int64(0), int64(-1), s.w, s.h}
	case 270:
		return Array{int64(0), int64(-1), int64(1), int64(0), int64(0), s.w}
	}
	return nil
}

// lay puts a place on a page. At least half of it must be on the page.
func (v view) lay(p document.Place) (spot, error) {
	for _, n := range []float64{p.X, p.Y, p.Width, p.Height} {
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return spot{}, v.badPlace("不是数", "is not a number")
		}
	}
	if p.Width <= 0 || p.Height <= 0 {
		return spot{}, v.badPlace("没有大小", "has no size")
	}
	x0, y0 := v.user(p.X-p.Width/2, p.Y-p.Height/2)
	x1, y1 := v.user(p.X+p.Width/2, p.Y+p.Height/2)
	whole := rect{min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)}
	if !(whole.intersect(v.box).area()*2 >= whole.area()) { // not "<": overflow makes the areas NaN
		return spot{}, v.badPlace("多半在页面之外", "lies outside by more than half")
	}
	// The corner is rounded, then the size, not both corners: seals of one size share one appearance wherever they stand.
	x0, y0 = round(whole.x0), round(whole.y0)
	s := v.spotIn(rect{x0, y0, x0 + round(whole.width()), y0 + round(whole.height())})
	if s.w <= 0 || s.h <= 0 {
		return spot{}, v.badPlace("没有大小", "has no size")
	}
	return s, nil
}

// spotIn is the spot that fills r.
func (v view) spotIn(r rect) spot {
	r.x1, r.y1 = round(r.x1), round(r.y1)
	s := spot{rect: r, w: round(r.width()), h: round(r.height()), rotate: v.rotate}
	if v.sideways() {
		s.w, s.h = s.h, s.w
	}
	return s
}

// round keeps a ten-thousandth of a unit, 35 nm: more digits only make files longer.
func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }

func (v view) badPlace(zh, en string) error {
	w, h := v.size()
	return fault.New(fault.Invalid, "pdf-place",
		fmt.Sprintf("签章位置%s：第 %d 页显示为 %.1f × %.1f 毫米，请把中心放在页面内", zh, v.page, w, h),
		fmt.Sprintf("the place of the seal %s: page %d is %.1f × %.1f mm as displayed; put the centre on the page", en, v.page, w, h), nil)
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
