package layout

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// embedPicture adds a PNG as an image object. Palettes are kept, with as many bits as they need; greys stay one channel; transparency becomes a soft
// mask (ISO 32000-1, 11.6.5.3).
func (p *pdfWriter) embedPicture(data []byte) (types.IndirectRef, error) {
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return types.IndirectRef{}, fmt.Errorf("the picture is not a PNG image: %w", err)
	}
	var d types.Dict
	var pixels, alpha []byte
	switch v := img.(type) {
	case *image.Paletted:
		d, pixels, alpha = paletted(v)
	case *image.Gray:
		d, pixels = imageDict(v.Rect, types.Name("DeviceGray"), 8), grey(v)
	default:
		d = imageDict(img.Bounds(), types.Name("DeviceRGB"), 8)
		pixels, alpha = rgb(img)
	}
	if alpha != nil {
		mask, err := compressed(imageDict(img.Bounds(), types.Name("DeviceGray"), 8), alpha)
		if err != nil {
			return types.IndirectRef{}, err
		}
		d["SMask"] = p.file.add(mask)
	}
	stream, err := compressed(d, pixels)
	if err != nil {
		return types.IndirectRef{}, err
	}
	return p.file.add(stream), nil
}

func imageDict(r image.Rectangle, space types.Object, bits int) types.Dict {
	return types.Dict{
		"Type": types.Name("XObject"), "Subtype": types.Name("Image"), "Width": types.Integer(r.Dx()), "Height": types.Integer(r.Dy()),
		"ColorSpace": space, "BitsPerComponent": types.Integer(bits),
	}
}

// paletted packs the indices of an image; alpha is nil where every colour is opaque.
func paletted(v *image.Paletted) (d types.Dict, pixels, alpha []byte) {
	bits := 8
	switch n := len(v.Palette); {
	case n <= 2:
		bits = 1
	case n <= 4:
		bits = 2
	case n <= 16:
		bits = 4
	}
	table := make([]byte, 0, 3*len(v.Palette))
	alphas, seeThrough := make([]byte, len(v.Palette)), false
	for i, c := range v.Palette {
		n := nrgba(c)
		table = append(table, n.R, n.G, n.B)
		alphas[i] = n.A
		seeThrough = seeThrough || n.A != 255
	}
	space := types.Array{types.Name("Indexed"), types.Name("DeviceRGB"), types.Integer(len(v.Palette) - 1), types.NewHexLiteral(table)}
	width, height := v.Rect.Dx(), v.Rect.Dy()
	stride := (width*bits + 7) / 8
	pixels = make([]byte, stride*height)
	if seeThrough {
		alpha = make([]byte, 0, width*height)
	}
	for y := range height {
		for x, index := range v.Pix[y*v.Stride : y*v.Stride+width] {
			if int(index) >= len(v.Palette) {
				index = 0
			}
			at := x * bits
			pixels[y*stride+at/8] |= index << (8 - bits - at%8)
			if seeThrough {
				alpha = append(alpha, alphas[index])
			}
		}
	}
	return imageDict(v.Rect, space, bits), pixels, alpha
}

func grey(v *image.Gray) []byte {
	width, height := v.Rect.Dx(), v.Rect.Dy()
	out := make([]byte, 0, width*height)
	for y := range height {
		out = append(out, v.Pix[y*v.Stride:y*v.Stride+width]...)
	}
	return out
}

// rgb splits an image into colours and transparency; alpha is nil where the image is opaque.
func rgb(img image.Image) (pixels, alpha []byte) {
	r := img.Bounds()
	pixels = make([]byte, 0, 3*r.Dx()*r.Dy())
	alpha = make([]byte, 0, r.Dx()*r.Dy())
	opaque := true
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			var n color.NRGBA
			switch v := img.(type) {
			case *image.NRGBA:
				n = v.NRGBAAt(x, y)
			case *image.RGBA: // what png.Decode makes of opaque true colour
				c := v.RGBAAt(x, y)
				n = color.NRGBA(c)
			default:
				n = nrgba(img.At(x, y))
			}
			pixels = append(pixels, n.R, n.G, n.B)
			alpha = append(alpha, n.A)
			opaque = opaque && n.A == 255
		}
	}
	if opaque {
		alpha = nil
	}
	return pixels, alpha
}

func nrgba(c color.Color) color.NRGBA {
	n, _ := color.NRGBAModel.Convert(c).(color.NRGBA)
	return n
}
