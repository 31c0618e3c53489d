package pdf

import (
	"errors"

	"yinxin/document"
	"yinxin/fault"
)

var errPixels = errors.New("more than 16 million pixels")

// keyPPM is a private entry of the image dictionary: the PNG's pHYs in pixels per metre, which PDF has no place for. With it the PNG can be rebuilt
// byte for byte from the objects.
const keyPPM Name = "YX.PPM"

// sealName is what the appearance calls its picture.
const sealName Name = "Seal"

// picture writes a PNG as image objects and returns the image that carries the colour.
//
// A PNG of this project's own form is not decoded: its IDAT becomes the soft mask as it stands, over one pixel of its colour. So a seal costs a copy,
// and "the picture shown is the picture in the seal" is a comparison of bytes. Colour and mask may differ in size (ISO 32000-1, 11.6.5.3); poppler
// (Splash and Cairo) and mupdf were looked at and draw the mask in full. Other PNGs are decoded and deflated again as colour and mask.
func (w *increment) picture(p document.Picture) (Ref, error) {
	if seal, ok := parseIndexedPNG(p.Data); ok {
		return w.indexedPicture(seal), nil
	}
	m, err := decodePNG(p.Data)
	if err != nil {
		return Ref{}, fault.New(fault.Invalid, "pdf-picture", "签章图像不是可用的 PNG 文件，请换用不超过 1600 万像素的 PNG 图像",
			"the picture of the seal is no usable PNG; hand in a PNG of at most 16 million pixels", err)
	}
	image := imageDict(m.w, m.h, "DeviceRGB")
	if m.mask != nil {
		mask := w.alloc()
		w.stream(mask, imageDict(m.w, m.h, "DeviceGray"), m.mask)
		image["SMask"] = mask
	}
	ref := w.alloc()
	w.stream(ref, image, m.rgb)
	return ref, nil
}

func (w *increment) indexedPicture(p indexedPNG) Ref {
	mask := w.alloc()
	d := imageDict(p.W, p.H, "DeviceGray")
	d["DecodeParms"] = Dict{"Predictor": int64(15), "Colors": int64(1), "BitsPerComponent": int64(8), "Columns": int64(p.W)}
	w.stream(mask, d, p.IDAT)
	image := imageDict(1, 1, "DeviceRGB")
	delete(image, "Filter")
	image["SMask"] = mask
	if p.PPM != 0 {
		image[keyPPM] = int64(p.PPM)
	}
	ref := w.alloc()
	w.stream(ref, image, p.Color[:])
	return ref
}

// imageDict is the dictionary of a deflated image of 8 bit samples.
func imageDict(width, height int, space Name) Dict {
	return Dict{"Type": Name("XObject"), "Subtype": Name("Image"), "Width": int64(width), "Height": int64(height),
		"ColorSpace": space, "BitsPerComponent": int64(8), "Filter": Name("FlateDecode")}
}

// appearance writes the form that shows a picture, and nothing else: "q W 0 0 H 0 0 cm /Seal Do Q". Readers that must know what is shown can tell from
// these bytes. Of a slice the box is smaller than the picture, and cuts it.
func (w *increment) appearance(image Ref, l shape) Ref {
	ref := w.alloc()
	d := Dict{"Type": Name("XObject"), "Subtype": Name("Form"), "FormType": int64(1), "BBox": l.cut.array(),
		"Resources": Dict{"XObject": Dict{sealName: image}}}
	if m := l.matrix(); m != nil {
		d["Matrix"] = m
	}
	w.stream(ref, d, sealContent(l.w, l.h))
	return ref
}

// sealContent is the content of an appearance whose picture has w × h units.
func sealContent(w, h float64) []byte {
	b := appendNumber([]byte("q "), w)
	b = appendNumber(append(b, " 0 0 "...), h)
	b = append(b, " 0 0 cm "...)
	return append(appendName(b, sealName), " Do Q"...)
}
