package scan

import (
	"image"
	"math"
)

const (
	speckMM    = 0.09  // mm²: ink of less is no part of a seal
	pinholeMM  = 0.015 // mm²: paper of less inside ink
	speckFaint = 40    // of 255: what is fainter does not hold a speck together
)

// flatten turns the film upright, scales it to so many pixels, of which perMM are a millimetre, and cleans it; specks says how many were taken away.
// Ink gets one strength.
func (l *lifting) flatten(across, down int, perMM float64) (mask *image.Alpha, specks int) {
	out := image.NewAlpha(image.Rect(0, 0, across, down))
	o := l.outline()
	room := edgeClearMM * l.px
	sin, cos := math.Sincos(l.turn.Degrees * math.Pi / 180)
	sx, sy := 2*l.a/float64(out.Rect.Dx()), 2*l.b/float64(out.Rect.Dy())
	n := max(1, int(math.Ceil(max(sx, sy)))) // a finer film is averaged
	for j := range out.Rect.Dy() {
		for i := range out.Rect.Dx() {
			sum := 0.0
			for k := range n * n {
				u := (float64(i)+(float64(k%n)+0.5)/float64(n))*sx - l.a
				v := (float64(j)+(float64(k/n)+0.5)/float64(n))*sy - l.b
				if x, y := o.x+u*cos-v*sin, o.y+u*sin+v*cos; o.inside(x, y, room) {
					sum += l.sample(x, y)
				}
			}
			out.Pix[j*out.Stride+i] = even(sum / float64(n*n))
		}
	}
	return out, clean(out, perMM)
}

// covered returns the share of the seal's area that lies under print.
func (l *lifting) covered() float64 {
	o := l.outline()
	hidden, n := 0, 0
	for i, b := range l.black {
		if o.inside(float64(i%l.w)+0.5, float64(i/l.w)+0.5, 0) {
			n++
			if b {
				hidden++
			}
		}
	}
	return float64(hidden) / float64(max(1, n))
}

// clean takes specks away and fills pinholes, and returns how many specks there were.
func clean(mask *image.Alpha, perMM float64) int {
	specks := patch(mask, int(speckMM*perMM*perMM), 0, func(v uint8) bool { return v >= speckFaint })
	patch(mask, int(pinholeMM*perMM*perMM), 255, func(v uint8) bool { return v < 255-speckFaint })
	return specks
}

// patch gives every connected piece of so few pixels a value, and returns how many there were.
func patch(mask *image.Alpha, area int, value uint8, of func(uint8) bool) (found int) {
	w, h := mask.Rect.Dx(), mask.Rect.Dy()
	seen := make([]bool, len(mask.Pix))
	var piece []int
	for i := range mask.Pix {
		if seen[i] || !of(mask.Pix[i]) {
			continue
		}
		seen[i] = true
		piece = append(piece[:0], i)
		for next := 0; next < len(piece); next++ {
			x, y := piece[next]%w, piece[next]/w
			for ny := max(0, y-1); ny <= min(h-1, y+1); ny++ {
				for nx := max(0, x-1); nx <= min(w-1, x+1); nx++ {
					if n := ny*w + nx; !seen[n] && of(mask.Pix[n]) {
						seen[n] = true
						piece = append(piece, n)
					}
				}
			}
		}
		if len(piece) <= area {
			found++
			for _, p := range piece {
				mask.Pix[p] = value
			}
		}
	}
	return found
}
