package report

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/bmp"

	"yinxin/verify"
)

// FuzzPicture: of whatever bytes a seal has for its picture comes a PNG of bounded size or a sentence, and no more pixels are decoded than are left.
func FuzzPicture(f *testing.F) {
	img := image.NewPaletted(image.Rect(0, 0, 16, 12), color.Palette{color.White, color.Black})
	for _, encode := range []func(*bytes.Buffer) error{
		func(b *bytes.Buffer) error { return png.Encode(b, img) }, func(b *bytes.Buffer) error { return gif.Encode(b, img, nil) },
		func(b *bytes.Buffer) error { return jpeg.Encode(b, img, nil) }, func(b *bytes.Buffer) error { return bmp.Encode(b, img) },
	} {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		g := gallery{known: map[[sha256.Size]byte]exhibit{}, left: 1 << 20}
		e := g.show(verify.SealPicture{Type: "PNG", Data: data})
		if g.left < 0 || (e.png == nil) == (e.why == verify.Text{}) {
			t.Fatalf("%d pixels left, %+v", g.left, e.why)
		}
		if e.png == nil {
			return
		}
		if c, err := png.DecodeConfig(bytes.NewReader(e.png)); err != nil || max(c.Width, c.Height) > maxSide {
			t.Fatalf("%d × %d, %v", c.Width, c.Height, err)
		}
	})
}
