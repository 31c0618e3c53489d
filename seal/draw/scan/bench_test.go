package scan

import (
	"testing"

	"yinxin/seal/draw"
)

func BenchmarkLift(b *testing.B) {
	s := office(1).scanned(b, seal(b, design(draw.Contract)))
	for b.Loop() {
		if _, err := Lift(s, Options{PixelsPerMM: 300 / 25.4, Ink: Red}); err != nil {
			b.Fatal(err)
		}
	}
}
