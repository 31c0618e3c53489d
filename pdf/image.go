package pdf

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"

	"yinxin/document"
)

const (
	maxDecoded = 4 << 20 // pixels of an image that is decoded to be compared: a seal of 60 mm at 850 dpi
	pixelCost  = 16      // of decoding, encoding and comparing one, in bytes read
	maxColour  = 32      // bytes that the three of one pixel take at most when they are encrypted
)

// imagePNG gives an image as PNG: of this project's own form the bytes that were stamped, of others the pixels encoded anew.
func (v snapshot) imagePNG(st *Stream) ([]byte, error) {
	p, ok, err := v.stampedPNG(st)
	if err != nil {
		return nil, err
	}
	if ok {
		return p.build(), nil
	}
	if hasAny(st.Dict, "Mask", "Decode", "ImageMask", "OC", "SMaskInData", "Alternates", "OPI") {
		return nil, document.ErrNotOnePicture
	}
	base, err := v.pixels(st)
	if err != nil {
		return nil, err
	}
	var mask *image.NRGBA
	if st.Dict["SMask"] != nil {
		soft, err := v.stream(st.Dict["SMask"])
		if err != nil {
			return nil, err
		}
		if soft == nil || hasAny(soft.Dict, "Decode", "Matte", "Mask", "ImageMask", "SMask") || soft.Dict["ColorSpace"] != Object(Name("DeviceGray")) {
			return nil, document.ErrNotOnePicture
		}
		if mask, err = v.pixels(soft); err != nil {
			return nil, err
		}
	}
	joined, err := withMask(base, mask)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = png.Encode(&out, joined)
	return out.Bytes(), err
}

// stampedPNG recognises one pixel of colour under a soft mask whose data is a PNG's IDAT, as increment.indexedPicture writes it.
func (v snapshot) stampedPNG(st *Stream) (p indexedPNG, ok bool, err error) {
	soft, isRef := st.Dict["SMask"].(Ref)
	if !isRef || st.Length > maxColour {
		return p, false, nil
	}
	mask, err := v.stream(soft)
	if err != nil || mask == nil {
		return p, false, err
	}
	w, _ := mask.Dict["Width"].(int64)
	h, _ := mask.Dict["Height"].(int64)
	if w <= 0 || h <= 0 || w > maxPixels || h > maxPixels/w {
		return p, false, nil
	}
	wantMask := imageDict(int(w), int(h), "DeviceGray")
	wantMask["DecodeParms"] = Dict{"Predictor": int64(15), "Colors": int64(1), "BitsPerComponent": int64(8), "Columns": w}
	want := imageDict(1, 1, "DeviceRGB")
	delete(want, "Filter")
	want["SMask"] = soft
	if !sameBut(mask.Dict, wantMask, "Length") || !sameBut(st.Dict, want, "Length", keyPPM) {
		return p, false, nil
	}
	p = indexedPNG{W: int(w), H: int(h)}
	if ppm, ok := st.Dict[keyPPM].(int64); ok && ppm > 0 && ppm < 1<<32 {
		p.PPM = uint32(ppm)
	}
	colour, err := v.f.raw(st)
	if err != nil {
		return p, false, err
	}
	if len(colour) != len(p.Color) {
		return p, false, nil
	}
	p.Color = [3]byte(colour)
	p.IDAT, err = v.f.raw(mask)
	return p, err == nil, err
}

// sameBut compares dictionaries, some keys left out.
func sameBut(a, b Dict, but ...Name) bool {
	x, y := Dict{}, Dict{}
	for k, v := range a {
		x[k] = v
	}
	for k, v := range b {
		y[k] = v
	}
	for _, k := range but {
		delete(x, k)
		delete(y, k)
	}
	return equalObjects(x, y)
}

// pixels decodes an image of 8 bit samples, or a JPEG.
func (v snapshot) pixels(st *Stream) (*image.NRGBA, error) {
	w, err := v.integer(st.Dict["Width"])
	if err != nil {
		return nil, err
	}
	h, err := v.integer(st.Dict["Height"])
	if err != nil {
		return nil, err
	}
	if w <= 0 || h <= 0 || w > maxDecoded || h > maxDecoded/w {
		return nil, document.ErrNotOnePicture
	}
	if err := v.f.spend(pixelCost * w * h); err != nil {
		return nil, err
	}
	data, codec, err := v.f.decodeUntil(st)
	switch {
	case err != nil:
		return nil, err
	case codec == "DCTDecode":
		return decodeJPEG(data, int(w), int(h))
	case codec != "" || st.Dict["BitsPerComponent"] != Object(int64(8)):
		return nil, document.ErrNotOnePicture
	}
	space, err := v.colours(st.Dict["ColorSpace"])
	if err != nil {
		return nil, err
	}
	if int64(len(data)) < w*h*int64(space.samples) {
		return nil, &ParseError{st.Offset, "an image has fewer samples than pixels"}
	}
	m := image.NewNRGBA(image.Rect(0, 0, int(w), int(h)))
	for i := range int(w * h) {
		c, ok := space.at(data[i*space.samples:])
		if !ok {
			return nil, &ParseError{st.Offset, "a sample is outside the palette of its image"}
		}
		copy(m.Pix[4*i:], []byte{c[0], c[1], c[2], 0xff})
	}
	return m, nil
}

func decodeJPEG(data []byte, w, h int) (*image.NRGBA, error) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil || c.Width != w || c.Height != h || c.ColorModel == color.CMYKModel {
		return nil, document.ErrNotOnePicture // CMYK in JPEG is inverted or not, depending on the program that wrote it
	}
	src, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, &ParseError{-1, "damaged JPEG: " + err.Error()}
	}
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(m, m.Rect, src, src.Bounds().Min, draw.Src)
	return &image.NRGBA{Pix: m.Pix, Stride: m.Stride, Rect: m.Rect}, nil // a JPEG is opaque: both forms are the same
}

// colours turns samples of 8 bits into RGB.
type colours struct {
	samples int    // per pixel: 1 or 3
	palette []byte // of an Indexed space: RGB triples
}

func (c colours) at(b []byte) ([3]byte, bool) {
	switch {
	case c.palette != nil:
		i := 3 * int(b[0])
		if i+3 > len(c.palette) {
			return [3]byte{}, false
		}
		return [3]byte(c.palette[i:]), true
	case c.samples == 1:
		return [3]byte{b[0], b[0], b[0]}, true
	}
	return [3]byte(b), true
}

// colours understands grey and RGB spaces, calibrated ones taken as they are, and palettes of such.
func (v snapshot) colours(o Object) (colours, error) {
	o, err := v.resolve(o)
	if err != nil {
		return colours{}, err
	}
	a, isArray := o.(Array)
	if isArray && len(a) > 0 {
		if o, err = v.resolve(a[0]); err != nil {
			return colours{}, err
		}
	}
	switch {
	case o == Object(Name("DeviceGray")) || o == Object(Name("CalGray")):
		return colours{samples: 1}, nil
	case o == Object(Name("DeviceRGB")) || o == Object(Name("CalRGB")):
		return colours{samples: 3}, nil
	case o == Object(Name("ICCBased")) && len(a) == 2:
		profile, err := v.dict(a[1])
		if err != nil {
			return colours{}, err
		}
		if n, _ := profile["N"].(int64); n == 1 || n == 3 {
			return colours{samples: int(n)}, nil
		}
	case o == Object(Name("Indexed")) && len(a) == 4:
		return v.palette(a)
	}
	return colours{}, document.ErrNotOnePicture
}

func (v snapshot) palette(a Array) (colours, error) {
	if base, err := v.resolve(a[1]); err != nil {
		return colours{}, err
	} else if base != Object(Name("DeviceRGB")) {
		nested, isArray := base.(Array)
		if !isArray || len(nested) == 0 || nested[0] != Object(Name("ICCBased")) && nested[0] != Object(Name("CalRGB")) {
			return colours{}, document.ErrNotOnePicture
		}
		if c, err := v.colours(base); err != nil || c.samples != 3 || c.palette != nil {
			return colours{}, errors.Join(document.ErrNotOnePicture, err)
		}
	}
	o, err := v.resolve(a[3])
	if err != nil {
		return colours{}, err
	}
	switch p := o.(type) {
	case String:
		return colours{samples: 1, palette: p}, nil
	case *Stream:
		b, err := v.f.decode(p)
		return colours{samples: 1, palette: append([]byte{}, b...)}, err
	}
	return colours{}, document.ErrNotOnePicture
}

// withMask gives an image the opacities of its soft mask. A single pixel of colour stretches under the mask.
func withMask(base, mask *image.NRGBA) (*image.NRGBA, error) {
	if mask == nil {
		return base, nil
	}
	single := base.Rect.Dx() == 1 && base.Rect.Dy() == 1
	if !single && base.Rect != mask.Rect {
		return nil, document.ErrNotOnePicture
	}
	for i := 0; i < len(mask.Pix); i += 4 {
		from := i
		if single {
			from = 0
		}
		alpha := mask.Pix[i]
		copy(mask.Pix[i:], base.Pix[from:from+3])
		mask.Pix[i+3] = alpha
	}
	return mask, nil
}
