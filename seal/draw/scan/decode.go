package scan

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"

	"yinxin/fault"
	"yinxin/seal/draw/measure"
)

// Bounds of a scan: a page of A4 at 600 dots an inch.
const (
	MaxBytes  = 64 << 20
	MaxPixels = 36 << 20
)

// Scan is a picture of paper as a scanner or camera gave it.
type Scan struct {
	Image  image.Image
	Format string  // png or jpg, also the suffix of files of it
	DPI    float64 // as the file says, 0 where it does not; programs that do not know write 72 or 96

	orientation int // of EXIF, 1 to 8; the image is not yet turned by it
}

const (
	pngMagic  = "\x89PNG\r\n\x1a\n"
	jpegMagic = "\xff\xd8\xff"
)

// Decode reads a PNG or JPEG. The error is a *fault.Error: scan-format, scan-too-large in bytes, and those of measure.Decode.
func Decode(data []byte) (*Scan, error) {
	if len(data) > MaxBytes {
		return nil, fault.New(fault.Limit, "scan-too-large", "扫描图超过 64 MB。请裁剪到印章范围或改存为 JPEG。", "the scan has more than 64 MB: cut it to the seal or save it as JPEG", nil)
	}
	s := &Scan{orientation: 1}
	switch {
	case bytes.HasPrefix(data, []byte(pngMagic)):
		s.Format = "png"
		s.readPNG(data[len(pngMagic):])
	case bytes.HasPrefix(data, []byte(jpegMagic)):
		s.Format = "jpg"
		s.readJPEG(data[2:])
	default:
		return nil, wrong("scan-format", "扫描图须为 PNG 或 JPEG", "a scan is a PNG or a JPEG")
	}
	var err error
	if s.Image, err = measure.DecodeUpTo(data, MaxPixels); err != nil {
		return nil, err
	}
	return s, nil
}

// readPNG takes the resolution from pHYs.
func (s *Scan) readPNG(rest []byte) {
	for len(rest) >= 12 {
		n := uint64(binary.BigEndian.Uint32(rest))
		if n > uint64(len(rest)-12) {
			return
		}
		switch body := rest[8 : 8+n]; string(rest[4:8]) {
		case "pHYs":
			if n == 9 && body[8] == 1 {
				s.density(float64(binary.BigEndian.Uint32(body)), float64(binary.BigEndian.Uint32(body[4:])), 0.0254)
			}
			return
		case "IDAT":
			return
		}
		rest = rest[12+n:]
	}
}

// readJPEG takes the resolution from JFIF and the orientation from EXIF.
func (s *Scan) readJPEG(rest []byte) {
	for len(rest) >= 4 && rest[0] == 0xff && rest[1] != 0xda && rest[1] != 0xd9 {
		n := int(binary.BigEndian.Uint16(rest[2:]))
		if n < 2 || n > len(rest)-2 {
			return
		}
		body := rest[4 : 2+n]
		if jfif, ok := bytes.CutPrefix(body, []byte("JFIF\x00")); ok && rest[1] == 0xe0 && len(jfif) >= 7 {
			unit := map[byte]float64{1: 1, 2: 2.54}[jfif[2]]
			s.density(float64(binary.BigEndian.Uint16(jfif[3:])), float64(binary.BigEndian.Uint16(jfif[5:])), unit)
		}
		if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok && rest[1] == 0xe1 {
			s.orientation = orientationOf(tiff)
		}
		rest = rest[2+n:]
	}
}

// density keeps a resolution that is the same both ways; unit is what makes it dots an inch.
func (s *Scan) density(x, y, unit float64) {
	if x > 0 && math.Abs(x-y) <= 0.01*x {
		s.DPI = math.Round(x*unit*100) / 100
	}
}

// orientationOf reads tag 0x0112 of the first directory of a TIFF; 1 where there is none.
func orientationOf(tiff []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 10:
		return 1
	case tiff[0] == 'M':
		order = binary.BigEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			break
		}
		if v := order.Uint16(entries[8:]); order.Uint16(entries) == 0x0112 && v >= 1 && v <= 8 {
			return int(v)
		}
		entries = entries[12:]
	}
	return 1
}

// orient turns and mirrors a picture as EXIF says.
func orient(px *image.RGBA, orientation int) *image.RGBA {
	w, h := px.Rect.Dx(), px.Rect.Dy()
	if orientation == 1 {
		return px
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			fromX, fromY := x, y
			if orientation >= 5 {
				fromX, fromY = y, x
			}
			if orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8 {
				fromX = w - 1 - fromX
			}
			if orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7 {
				fromY = h - 1 - fromY
			}
			copy(out.Pix[out.PixOffset(x, y):], px.Pix[px.PixOffset(fromX, fromY):][:4])
		}
	}
	return out
}
