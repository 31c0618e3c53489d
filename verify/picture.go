package verify

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"math"

	"yinxin/document"
	"yinxin/seal"
)

// maxPixels bounds a decoded picture: 60 mm at 1200 dpi is 8 million pixels.
const maxPixels = 16 << 20

// sizeTolerance is how far the shown size may differ from the seal's, in mm: seals state whole millimetres.
const sizeTolerance = 0.6

// compare tells whether the file shows the seal's own picture at its own size.
func compare(s document.Signature, p seal.Picture) (Shown, string) {
	shown, err := s.Picture()
	switch {
	case errors.Is(err, document.ErrInValue):
		return ShownInValue, ""
	case errors.Is(err, document.ErrInvisible):
		return ShownNot, ""
	case err != nil:
		return ShownNotComparable, err.Error()
	case math.Abs(shown.Width-float64(p.Width)) > sizeTolerance || math.Abs(shown.Height-float64(p.Height)) > sizeTolerance:
		return ShownDiffers, fmt.Sprintf("%.1f × %.1f mm ≠ %d × %d mm", shown.Width, shown.Height, p.Width, p.Height)
	case bytes.Equal(shown.Data, p.Data):
		return ShownSame, ""
	case !isPNG(p.Type):
		return ShownNotComparable, "picture type " + p.Type
	}
	return comparePixels(shown.Data, p.Data)
}

func comparePixels(shown, inSeal []byte) (Shown, string) {
	a, err := decode(shown)
	if err != nil {
		return ShownNotComparable, err.Error()
	}
	b, err := decode(inSeal)
	if err != nil {
		return ShownNotComparable, err.Error()
	}
	switch {
	case a.Rect.Dx() != b.Rect.Dx() || a.Rect.Dy() != b.Rect.Dy():
		return ShownDiffers, fmt.Sprintf("%d × %d ≠ %d × %d px", a.Rect.Dx(), a.Rect.Dy(), b.Rect.Dx(), b.Rect.Dy())
	case !bytes.Equal(a.Pix, b.Pix):
		return ShownDiffers, "pixels"
	}
	return ShownSamePixels, ""
}

// decode reads a PNG of bounded size into one pixel form in which equal pictures have equal bytes: fully transparent pixels lose their colour.
func decode(data []byte) (*image.RGBA, error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return nil, fmt.Errorf("picture of %d × %d pixels is too large", c.Width, c.Height)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(image.Rect(0, 0, c.Width, c.Height))
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out, nil
}
