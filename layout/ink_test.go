package layout

import (
	"bytes"
	"image"
	"image/png"
	"strconv"
	"testing"
)

// ink is a page as grey values.
type ink struct {
	width, height int
	grey          []uint8
}

func inkOf(t testing.TB, data []byte) ink {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	b := img.Bounds()
	g := image.NewGray(b)
	for y := range b.Dy() {
		for x := range b.Dx() {
			g.Set(x, y, img.At(x, y))
		}
	}
	return ink{b.Dx(), b.Dy(), g.Pix}
}

// beyond counts the dark places, and those that are nowhere near anything dark in another page. near is in pixels.
func (a ink) beyond(b ink, near float64) (all, lost int) {
	r := int(near)
	for y := range a.height {
		for x := range a.width {
			if a.grey[y*a.width+x] > 90 {
				continue
			}
			all++
			if !b.darkNear(x, y, r) {
				lost++
			}
		}
	}
	return all, lost
}

func (a ink) darkNear(x, y, r int) bool {
	for py := max(y-r, 0); py <= min(y+r, a.height-1); py++ {
		for px := max(x-r, 0); px <= min(x+r, a.width-1); px++ {
			if a.grey[py*a.width+px] < 170 {
				return true
			}
		}
	}
	return false
}

type fataler interface{ Fatal(args ...any) }

func atoi(t fataler, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func atof(t fataler, s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
