package draw

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"

	"yinxin/fault"
	"yinxin/font"
)

// Resolutions, dots per inch.
const (
	Resolution    = 600 // what a seal is made at
	MinResolution = 72
	MaxResolution = 1200
)

// PNG returns the picture of the seal without any mark: only for a seal being made. For all else there is Specimen.
//
// The picture is an 8-bit palette image: every entry has the seal's colour, and entry i the opacity i of 255, so that the pixel values are the
// opacity. Width and height are the seal's at dpi dots per inch, rounded to whole pixels (40 mm at 600 dpi: 945). The chunks are IHDR, pHYs, PLTE,
// tRNS, one IDAT, IEND: the IDAT's bytes serve unchanged as a PDF soft mask (FlateDecode, Predictor 15, Colors 1, BitsPerComponent 8, Columns the
// width). The same design, fonts and resolution give the same bytes.
//
// The error is a *fault.Error: seal-resolution-invalid outside MinResolution to MaxResolution.
func (d *Drawing) PNG(dpi int) ([]byte, error) {
	mask, err := d.mask(dpi)
	if err != nil {
		return nil, err
	}
	return Encode(mask, d.ink, dpi, ""), nil
}

// mask inks the whole seal.
func (d *Drawing) mask(dpi int) (*image.Alpha, error) {
	mask, err := d.raster(dpi, d.outlines(layerInk))
	if err != nil {
		return nil, err
	}
	for _, o := range d.outlines(layerOwn) {
		d.inkOver(mask, o)
	}
	if cut := d.outlines(layerCut); len(cut) > 0 {
		hole, err := d.raster(dpi, cut)
		if err != nil {
			return nil, err
		}
		for i, v := range hole.Pix {
			mask.Pix[i] = uint8(int(mask.Pix[i]) * (255 - int(v)) / 255)
		}
	}
	return mask, nil
}

// inkOver fills one outline over what is there, touching only the pixels it may cover.
func (d *Drawing) inkOver(mask *image.Alpha, o font.Outline) {
	sx, sy := float64(mask.Rect.Dx())/d.Width, float64(mask.Rect.Dy())/d.Height
	b := o.Bounds()
	r := image.Rect(int(b.MinX*sx)-1, int(b.MinY*sy)-1, int(b.MaxX*sx)+2, int(b.MaxY*sy)+2).Intersect(mask.Rect)
	if r.Empty() {
		return
	}
	z := vector.NewRasterizer(r.Dx(), r.Dy())
	Fill(z, o, func(p font.Point) (x, y float32) {
		return float32(p.X*sx - float64(r.Min.X)), float32(p.Y*sy - float64(r.Min.Y))
	})
	z.Draw(mask, r, image.Opaque, image.Point{})
}

// raster fills outlines, anti-aliased, on a picture of the seal's size.
func (d *Drawing) raster(dpi int, outlines []font.Outline) (*image.Alpha, error) {
	if dpi < MinResolution || dpi > MaxResolution {
		return nil, fault.New(fault.Invalid, "seal-resolution-invalid",
			fmt.Sprintf("印章图像的分辨率须为 %d 至 %d dpi，请修改后重试。", MinResolution, MaxResolution),
			fmt.Sprintf("the resolution of a seal picture is %d to %d dpi; change it and try again", MinResolution, MaxResolution), nil)
	}
	w, h := pixels(d.Width, dpi), pixels(d.Height, dpi)
	z := vector.NewRasterizer(w, h)
	z.DrawOp = draw.Src // the picture is empty: as good as Over, and faster
	sx, sy := float64(w)/d.Width, float64(h)/d.Height
	for _, o := range outlines {
		Fill(z, o, func(p font.Point) (x, y float32) { return float32(p.X * sx), float32(p.Y * sy) })
	}
	mask := image.NewAlpha(image.Rect(0, 0, w, h))
	z.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	return mask, nil
}

// Fill hands an outline to the rasterizer, its points placed on the pixels.
func Fill(z *vector.Rasterizer, o font.Outline, place func(font.Point) (x, y float32)) {
	for i := range o {
		s := &o[i]
		var q [6]float32
		for j, p := range s.Points() {
			q[2*j], q[2*j+1] = place(p)
		}
		switch s.Op {
		case font.Move:
			z.MoveTo(q[0], q[1])
		case font.Line:
			z.LineTo(q[0], q[1])
		case font.Quad:
			z.QuadTo(q[0], q[1], q[2], q[3])
		case font.Cubic:
			z.CubeTo(q[0], q[1], q[2], q[3], q[4], q[5])
		case font.Close:
			z.ClosePath()
		}
	}
}

// pixels converts mm to whole pixels.
func pixels(mm float64, dpi int) int { return int(math.Round(mm / 25.4 * float64(dpi))) }

// Encode writes a picture of one colour as PNG, in the form that Drawing.PNG documents; ink's own opacity is not looked at. source, where it is not
// empty, goes into a tEXt chunk before the IDAT under the keyword Source, where Source finds it; it must be Latin-1 without a NUL.
func Encode(mask *image.Alpha, ink color.NRGBA, dpi int, source string) []byte {
	w, h := mask.Rect.Dx(), mask.Rect.Dy()
	out := []byte(pngSignature)
	header := binary.BigEndian.AppendUint32(nil, uint32(w))
	header = binary.BigEndian.AppendUint32(header, uint32(h))
	out = chunk(out, "IHDR", append(header, 8, 3, 0, 0, 0)) // 8 bits, palette
	perMetre := uint32(math.Round(float64(dpi) / 0.0254))
	phys := binary.BigEndian.AppendUint32(nil, perMetre)
	out = chunk(out, "pHYs", append(binary.BigEndian.AppendUint32(phys, perMetre), 1))
	palette, alpha := make([]byte, 0, 3*256), make([]byte, 256)
	for i := range alpha {
		palette = append(palette, ink.R, ink.G, ink.B)
		alpha[i] = byte(i)
	}
	out = chunk(out, "PLTE", palette)
	out = chunk(out, "tRNS", alpha)
	if source != "" {
		out = chunk(out, "tEXt", []byte(sourceKeyword+source))
	}
	out = chunk(out, "IDAT", compress(mask))
	return chunk(out, "IEND", nil)
}

const (
	pngSignature  = "\x89PNG\r\n\x1a\n"
	sourceKeyword = "Source\x00" // a keyword of the PNG specification, with the NUL that ends it
)

// Source returns what a PNG says its source is, in a tEXt chunk with that keyword before the pixels; empty where it says nothing, or is no PNG.
func Source(data []byte) string {
	rest, ok := bytes.CutPrefix(data, []byte(pngSignature))
	for ok && len(rest) >= 12 {
		n := uint64(binary.BigEndian.Uint32(rest))
		if n > uint64(len(rest)-12) || string(rest[4:8]) == "IDAT" {
			break
		}
		if text, found := bytes.CutPrefix(rest[8:8+n], []byte(sourceKeyword)); found && string(rest[4:8]) == "tEXt" {
			return string(text)
		}
		rest = rest[12+n:]
	}
	return ""
}

func chunk(out []byte, name string, data []byte) []byte {
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	from := len(out)
	out = append(append(out, name...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[from:]))
}

// compress deflates the rows without a filter: the filters make the runs that a seal consists of costlier.
func compress(mask *image.Alpha) []byte {
	w, h := mask.Rect.Dx(), mask.Rect.Dy()
	raw := make([]byte, h*(w+1)) // of each row filter type 0, then the pixels
	for y := range h {
		copy(raw[y*(w+1)+1:], mask.Pix[y*mask.Stride:y*mask.Stride+w])
	}
	return deflate(raw, w+1)
}
