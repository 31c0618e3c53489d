package pdf

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
)

// maxPixels bounds the pictures taken: a seal of 40 mm at 2400 dpi has 14 million.
const maxPixels = 16 << 20

// indexedPNG is a PNG of the form this project draws seals in: 8 bit palette of 256 times one colour, entry i having the opacity i. Its pixels are
// therefore the samples of a soft mask, and IDAT is, unchanged, the data of a PDF image with /FlateDecode and /Predictor 15.
type indexedPNG struct {
	W, H  int
	Color [3]byte
	IDAT  []byte // zlib data, chunks joined
	PPM   uint32 // pixels per metre, 0 where the file does not say
}

const (
	pngSignature = "\x89PNG\r\n\x1a\n"
	pngPalette   = 256
)

// parseIndexedPNG reports ok = false for what is not a complete PNG of that form; IDAT is not inflated. It aliases data where there is one IDAT chunk.
func parseIndexedPNG(data []byte) (p indexedPNG, ok bool) {
	rest, found := bytes.CutPrefix(data, []byte(pngSignature))
	if !found {
		return p, false
	}
	var palette, alpha, last bool
	before := ""
	for !last {
		kind, body, next, ok := pngChunk(rest)
		if !ok || (before == "") != (kind == "IHDR") {
			return indexedPNG{}, false
		}
		rest = next
		switch kind {
		case "IHDR":
			ok = p.header(body)
		case "PLTE":
			ok = !palette && !alpha && p.palette(body)
			palette = true
		case "tRNS":
			ok = palette && !alpha && rampPNG(body)
			alpha = true
		case "pHYs":
			ok = p.IDAT == nil && p.resolution(body)
		case "IDAT":
			ok = alpha && (p.IDAT == nil || before == "IDAT")
			p.join(body)
		case "IEND":
			ok = len(body) == 0 && len(rest) == 0 && len(p.IDAT) > 0
			last = true
		default:
			ok = kind[0]&0x20 != 0 // ancillary chunks may be left out, critical ones not
		}
		if !ok {
			return indexedPNG{}, false
		}
		before = kind
	}
	return p, true
}

// pngChunk cuts the first chunk off b. A wrong CRC is refused.
func pngChunk(b []byte) (kind string, body, rest []byte, ok bool) {
	if len(b) < 12 {
		return "", nil, nil, false
	}
	n := uint64(binary.BigEndian.Uint32(b))
	if n > uint64(len(b)-12) {
		return "", nil, nil, false
	}
	sum := binary.BigEndian.Uint32(b[8+n:])
	if crc32.ChecksumIEEE(b[4:8+n]) != sum {
		return "", nil, nil, false
	}
	return string(b[4:8]), b[8 : 8+n : 8+n], b[12+n:], true
}

// header takes IHDR: 8 bits, palette, deflate, adaptive filters, not interlaced.
func (p *indexedPNG) header(b []byte) bool {
	if len(b) != 13 || string(b[8:]) != "\x08\x03\x00\x00\x00" {
		return false
	}
	w, h := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if w == 0 || h == 0 || uint64(w)*uint64(h) > maxPixels {
		return false
	}
	p.W, p.H = int(w), int(h)
	return true
}

func (p *indexedPNG) palette(b []byte) bool {
	if len(b) != 3*pngPalette || !bytes.Equal(b[:len(b)-3], b[3:]) {
		return false
	}
	p.Color = [3]byte(b)
	return true
}

// rampPNG reports whether entry i has the opacity i.
func rampPNG(b []byte) bool {
	for i, a := range b {
		if a != byte(i) {
			return false
		}
	}
	return len(b) == pngPalette
}

func (p *indexedPNG) resolution(b []byte) bool {
	if len(b) != 9 {
		return false
	}
	if x := binary.BigEndian.Uint32(b); b[8] == 1 && x == binary.BigEndian.Uint32(b[4:]) {
		p.PPM = x
	}
	return true
}

func (p *indexedPNG) join(b []byte) {
	if p.IDAT == nil {
		p.IDAT = b
		return
	}
	p.IDAT = append(p.IDAT, b...) // b's capacity ends with its chunk: this copies
}

// build writes the PNG: IHDR, pHYs where PPM is known, PLTE, tRNS, one IDAT, IEND. A file of that order is rebuilt byte for byte.
func (p indexedPNG) build() []byte {
	b := make([]byte, 0, len(p.IDAT)+4*pngPalette+128)
	b = append(b, pngSignature...)
	head := binary.BigEndian.AppendUint32(nil, uint32(p.W))
	head = binary.BigEndian.AppendUint32(head, uint32(p.H))
	b = appendChunk(b, "IHDR", append(head, 8, 3, 0, 0, 0))
	if p.PPM != 0 {
		size := binary.BigEndian.AppendUint32(nil, p.PPM)
		b = appendChunk(b, "pHYs", append(binary.BigEndian.AppendUint32(size, p.PPM), 1))
	}
	b = appendChunk(b, "PLTE", bytes.Repeat(p.Color[:], pngPalette))
	ramp := make([]byte, pngPalette)
	for i := range ramp {
		ramp[i] = byte(i)
	}
	b = appendChunk(b, "tRNS", ramp)
	b = appendChunk(b, "IDAT", p.IDAT)
	return appendChunk(b, "IEND", nil)
}

func appendChunk(b []byte, kind string, body []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	start := len(b)
	b = append(append(b, kind...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
}

// rasterPNG is any other PNG, decoded and cut into what PDF wants: colours and, where a pixel is not opaque, a mask, both deflated.
type rasterPNG struct {
	w, h int
	rgb  []byte
	mask []byte // nil where all pixels are opaque
}

// decodePNG decodes any PNG of at most maxPixels. The size is checked before memory is taken for it.
func decodePNG(data []byte) (rasterPNG, error) {
	c, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return rasterPNG{}, err
	}
	if c.Width <= 0 || c.Height <= 0 || int64(c.Width)*int64(c.Height) > maxPixels {
		return rasterPNG{}, errPixels
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return rasterPNG{}, err
	}
	rgb, mask, opaque := splitPixels(m)
	out := rasterPNG{w: c.Width, h: c.Height}
	if out.rgb, err = deflate(rgb); err != nil {
		return rasterPNG{}, err
	}
	if opaque {
		return out, nil
	}
	out.mask, err = deflate(mask)
	return out, err
}

// splitPixels gives colours, not multiplied with their opacity, and opacities, row by row.
func splitPixels(m image.Image) (rgb, mask []byte, opaque bool) {
	r := m.Bounds()
	rgb, mask = make([]byte, 0, 3*r.Dx()*r.Dy()), make([]byte, 0, r.Dx()*r.Dy())
	opaque = true
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c, ok := m.At(x, y).(color.NRGBA)
			if !ok {
				c = color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			}
			rgb, mask = append(rgb, c.R, c.G, c.B), append(mask, c.A)
			opaque = opaque && c.A == 0xff
		}
	}
	return rgb, mask, opaque
}

func deflate(data []byte) ([]byte, error) {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
