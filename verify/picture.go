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

// Pixels decoded: of one picture, which at 60 mm has 8 million at 1200 dpi, and of all that a document has compared. Pictures with the bytes of their
// seals, as this project shows them, need no decoding.
const (
	maxPixels   = 8 << 20
	maxCompared = 16 << 20
)

// sizeTolerance is how far the shown size may differ from the seal's, in mm: seals state whole millimetres.
const sizeTolerance = 0.6

// compare tells whether the file shows the seal's own picture at its own size.
func (v *gathering) compare(s document.Signature, p seal.Picture) (Shown, string) {
	shown, err := s.Picture()
	switch {
	case errors.Is(err, document.ErrInValue):
		return ShownInValue, scaled(s.Info().Places, p)
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
	return v.comparePixels(shown.Data, p.Data)
}

// scaled says where a picture that readers take from the value is not shown at its own size; empty where it is.
func scaled(places []document.Place, p seal.Picture) string {
	for _, at := range places {
		if math.Abs(at.Width-float64(p.Width)) > sizeTolerance || math.Abs(at.Height-float64(p.Height)) > sizeTolerance {
			return fmt.Sprintf("%.1f × %.1f mm on page %d ≠ %d × %d mm", at.Width, at.Height, at.Page, p.Width, p.Height)
		}
	}
	return ""
}

func (v *gathering) comparePixels(shown, inSeal []byte) (Shown, string) {
	w, h, err := size(shown)
	if err != nil {
		return ShownNotComparable, err.Error()
	}
	w2, h2, err := size(inSeal)
	switch {
	case err != nil:
		return ShownNotComparable, err.Error()
	case w != w2 || h != h2:
		return ShownDiffers, fmt.Sprintf("%d × %d ≠ %d × %d px", w, h, w2, h2)
	}
	if v.pixels -= w * h; v.pixels < 0 {
		return ShownNotComparable, "too many pictures to compare"
	}
	a, err := decode(shown)
	if err != nil {
		return ShownNotComparable, err.Error()
	}
	b, err := decode(inSeal)
	switch {
	case err != nil:
		return ShownNotComparable, err.Error()
	case !bytes.Equal(a.Pix, b.Pix):
		return ShownDiffers, "pixels"
	}
	return ShownSamePixels, ""
}

// size reads how many pixels a PNG has.
func size(data []byte) (w, h int, err error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return 0, 0, err
	}
	if c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return 0, 0, fmt.Errorf("picture of %d × %d pixels is too large", c.Width, c.Height)
	}
	return c.Width, c.Height, nil
}

// decode reads a PNG whose size was asked for into one pixel form in which equal pictures have equal bytes: fully transparent pixels lose their colour.
func decode(data []byte) (*image.RGBA, error) {
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out, nil
}
