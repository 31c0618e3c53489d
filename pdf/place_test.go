package pdf

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"yinxin/document"
	"yinxin/fault"
)

// a4 is an A4 page whose crop box starts at (10, 20).
func a4(rotate int) view {
	return view{page: 1, box: rect{10, 20, 10 + 210/mmPerPoint, 20 + 297/mmPerPoint}, rotate: rotate, unit: mmPerPoint}
}

func TestLay(t *testing.T) {
	w, h := 210/mmPerPoint, 297/mmPerPoint
	for _, c := range []struct {
		rotate int
		x, y   float64 // where the centre must be in user space, from the box's low corner
	}{
		{0, 50 / mmPerPoint, h - 100/mmPerPoint},
		{90, 100 / mmPerPoint, 50 / mmPerPoint},
		{180, w - 50/mmPerPoint, 100 / mmPerPoint},
		{270, w - 100/mmPerPoint, h - 50/mmPerPoint},
	} {
		s, err := a4(c.rotate).lay(document.Place{Page: 1, X: 50, Y: 100, Width: 40, Height: 30})
		if err != nil {
			t.Fatal(err)
		}
		x, y := (s.rect.x0+s.rect.x1)/2-10, (s.rect.y0+s.rect.y1)/2-20
		if math.Abs(x-c.x) > 1e-3 || math.Abs(y-c.y) > 1e-3 {
			t.Errorf("rotated by %d the centre is (%.3f, %.3f), want (%.3f, %.3f)", c.rotate, x, y, c.x, c.y)
		}
		if math.Abs(s.w*mmPerPoint-40) > 1e-3 || math.Abs(s.h*mmPerPoint-30) > 1e-3 {
			t.Errorf("rotated by %d the appearance is %g × %g", c.rotate, s.w, s.h)
		}
	}
}

func TestLayRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	clip := func(x, y, w, h float64) document.Place {
		return document.Place{X: 100, Y: 100, Width: 40, Height: 40, Clip: document.Clip{X: x, Y: y, Width: w, Height: h}}
	}
	outside := clip(0, 0, 8, 40)
	outside.X = 19.9
	for name, p := range map[string]document.Place{
		"NaN":            {X: nan, Y: 1, Width: 1, Height: 1},
		"infinite":       {X: 1, Y: 1, Width: inf, Height: 1},
		"no width":       {X: 1, Y: 1, Height: 1},
		"negative":       {X: 1, Y: 1, Width: 1, Height: -1},
		"vanishing":      {X: 100, Y: 100, Width: 1e-300, Height: 1e-300},
		"outside":        {X: 300, Y: 100, Width: 40, Height: 40},
		"mostly out":     {X: -1, Y: 100, Width: 40, Height: 40},
		"corner, 1/4":    {X: 0, Y: 0, Width: 40, Height: 40},
		"clip NaN":       clip(nan, 0, 8, 40),
		"clip infinite":  clip(0, 0, inf, 40),
		"clip empty":     clip(0, 0, 8, 0),
		"clip negative":  clip(8, 0, -8, 40),
		"clip left":      clip(-1, 0, 8, 40),
		"clip right":     clip(33, 0, 8, 40),
		"clip below":     clip(0, 0, 8, 41),
		"slice outside":  outside,
		"endless box":    {X: 100 + 5e299, Y: 100, Width: 1e300, Height: 40, Clip: document.Clip{Width: 8, Height: 40}},
		"vanishing clip": clip(0, 0, 1e-9, 40),
	} {
		_, err := a4(0).lay(p)
		if public, _ := fault.PublicOf(err); public.Code != "pdf-place" || !errors.Is(err, fault.Invalid) || !strings.Contains(public.EN, "210.0 × 297.0 mm") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, p := range map[string]document.Place{
		"wider":  {X: 105, Y: 148, Width: 210.1, Height: 40},
		"higher": {X: 105, Y: 148, Width: 40, Height: 420},
		"huge":   {X: 1e308, Y: 1, Width: 1e308, Height: 1e308},
	} {
		_, err := a4(0).lay(p)
		size := fmt.Sprintf("%.5g × %.5g mm", p.Width, p.Height)
		if public, _ := fault.PublicOf(err); public.Code != "pdf-place-too-large" || !strings.Contains(public.EN, size) || !strings.Contains(public.EN, "210.0 × 297.0 mm") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a4(90).lay(document.Place{X: 105, Y: 100, Width: 250, Height: 40}); err != nil {
		t.Errorf("250 mm across a page 297 mm wide: %v", err)
	}
	if _, err := a4(0).lay(document.Place{X: 0.1, Y: 100, Width: 40, Height: 40}); err != nil {
		t.Errorf("half on the page: %v", err)
	}
}

// What is displayed at a point is found again by turning user space back, whatever the rotation; a viewer's own arithmetic is tested with pdftoppm.
func TestViewKeepsDistances(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := a4(rapid.SampledFrom([]int{0, 90, 180, 270}).Draw(t, "rotate"))
		v.unit *= rapid.Float64Range(0.1, 10).Draw(t, "unit")
		w, h := v.size()
		at := rapid.Float64Range(0, 1)
		x0, y0, x1, y1 := at.Draw(t, "x0")*w, at.Draw(t, "y0")*h, at.Draw(t, "x1")*w, at.Draw(t, "y1")*h
		ux0, uy0 := v.user(x0, y0)
		ux1, uy1 := v.user(x1, y1)
		if got, want := math.Hypot(ux1-ux0, uy1-uy0)*v.unit, math.Hypot(x1-x0, y1-y0); math.Abs(got-want) > 1e-6 {
			t.Fatalf("points %g mm apart lie %g mm apart", want, got)
		}
		if ux0 < v.box.x0-1e-6 || ux0 > v.box.x1+1e-6 || uy0 < v.box.y0-1e-6 || uy0 > v.box.y1+1e-6 {
			t.Fatalf("a point of the page lies outside: %g %g", ux0, uy0)
		}
	})
}

func TestPropertyText(t *testing.T) {
	if got := propertyText([4]int64{0, 840, 960, 240}); got != "ByteRange:[0,840,960,240]" {
		t.Error(got)
	}
}
