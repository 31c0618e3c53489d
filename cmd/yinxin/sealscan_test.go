package main

import (
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
	xdraw "golang.org/x/image/draw"
	"golang.org/x/image/math/f64"
)

// paper prints a picture of 600 dots an inch onto paper and scans it at 300, turned clockwise: paper IN.png OUT.jpg DEGREES.
func paper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: paper IN.png OUT.jpg DEGREES")
	}
	in, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer in.Close()
	seal, err := png.Decode(in)
	ts.Check(err)
	degrees, err := strconv.ParseFloat(args[2], 64)
	ts.Check(err)
	b := seal.Bounds()
	sheet := image.NewRGBA(image.Rect(0, 0, b.Dx()*3/4, b.Dy()*3/4))
	draw.Draw(sheet, sheet.Rect, image.NewUniform(color.NRGBA{0xF2, 0xEF, 0xE6, 255}), image.Point{}, draw.Src)
	for y := sheet.Rect.Dy() / 3; y < sheet.Rect.Dy(); y += 90 { // rules of a form
		draw.Draw(sheet, image.Rect(0, y, sheet.Rect.Dx(), y+4), image.NewUniform(color.Gray{40}), image.Point{}, draw.Src)
	}
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	sin, cos = sin/2, cos/2
	x, y := float64(b.Dx())/2, float64(b.Dy())/2
	turn := f64.Aff3{cos, -sin, float64(sheet.Rect.Dx())/2 - cos*x + sin*y, sin, cos, float64(sheet.Rect.Dy())/2 - sin*x - cos*y}
	xdraw.BiLinear.Transform(sheet, turn, seal, b, xdraw.Over, nil)
	out, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Check(jpeg.Encode(out, sheet, &jpeg.Options{Quality: 80}))
	ts.Check(out.Close())
}
