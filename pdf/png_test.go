package pdf

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"testing"

	"pgregory.net/rapid"
)

// sealPNG is a PNG of the form this project draws: a red ring on 256 steps of opacity, side pixels wide.
func sealPNG(t testing.TB, side int, ppm uint32) []byte {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, side, side), nil)
	for i := range 256 {
		m.Palette = append(m.Palette, color.NRGBA{200, 16, 32, uint8(i)})
	}
	for y := range side {
		for x := range side {
			dx, dy := 2*x-side, 2*y-side
			if d := dx*dx + dy*dy; d <= side*side && d > side*side*3/4 {
				m.Pix[y*m.Stride+x] = 255
			} else if d < side*side/4 && y < side/2 {
				m.Pix[y*m.Stride+x] = uint8(64 + x*128/side)
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	p := indexedPNG{W: side, H: side, Color: [3]byte{200, 16, 32}, PPM: ppm}
	for _, c := range chunks(t, b.Bytes()) { // image/png leaves the last entry of tRNS out, so only the pixels are its
		if c.kind == "IDAT" {
			p.join(c.body)
		}
	}
	return p.build()
}

func TestIndexedPNG(t *testing.T) {
	for _, ppm := range []uint32{0, 23622} {
		data := sealPNG(t, 100, ppm)
		p, ok := parseIndexedPNG(data)
		if !ok || p.W != 100 || p.H != 100 || p.PPM != ppm || p.Color != [3]byte{200, 16, 32} {
			t.Fatalf("read as %d × %d, %d ppm, colour %v, %t", p.W, p.H, p.PPM, p.Color, ok)
		}
		if !bytes.Equal(p.build(), data) {
			t.Error("built otherwise than read")
		}
		if _, err := png.Decode(bytes.NewReader(p.build())); err != nil {
			t.Error(err)
		}
	}
}

// chunk is a chunk of a PNG. chunks cuts a PNG into them, join puts it together with right sums.
type chunk struct {
	kind string
	body []byte
}

func chunks(t testing.TB, data []byte) (out []chunk) {
	rest := data[len(pngSignature):]
	for len(rest) > 0 {
		kind, body, next, ok := pngChunk(rest)
		if !ok {
			t.Fatal("bad chunk")
		}
		out, rest = append(out, chunk{kind, body}), next
	}
	return out
}

func join(cs ...chunk) []byte {
	b := []byte(pngSignature)
	for _, c := range cs {
		b = appendChunk(b, c.kind, c.body)
	}
	return b
}

func TestIndexedPNGForms(t *testing.T) {
	c := chunks(t, sealPNG(t, 20, 0)) // IHDR PLTE tRNS IDAT IEND
	head, plte, trns, idat, end := c[0], c[1], c[2], c[3], c[4]
	with := func(c chunk, at int, v byte) chunk {
		c.body = bytes.Clone(c.body)
		c.body[at] = v
		return c
	}
	half := len(idat.body) / 2
	first, second := chunk{"IDAT", idat.body[:half]}, chunk{"IDAT", idat.body[half:]}
	long := chunk{"IHDR", binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 1<<20), 1<<20)}
	long.body = append(long.body, 8, 3, 0, 0, 0)
	text := chunk{"tEXt", []byte("Title\x00x")}
	for _, v := range []struct {
		name string
		data []byte
		ok   bool
	}{
		{"plain", join(head, plte, trns, idat, end), true},
		{"two IDAT", join(head, plte, trns, first, second, end), true},
		{"text", join(head, text, plte, trns, idat, text, end), true},
		{"text between IDAT", join(head, plte, trns, first, text, second, end), false},
		{"interlaced", join(with(head, 12, 1), plte, trns, idat, end), false},
		{"4 bit", join(with(head, 8, 4), plte, trns, idat, end), false},
		{"gray", join(with(head, 9, 0), plte, trns, idat, end), false},
		{"no pixels", join(with(head, 3, 0), plte, trns, idat, end), false},
		{"too many pixels", join(long, plte, trns, idat, end), false},
		{"two colours", join(head, with(plte, 9, 7), trns, idat, end), false},
		{"other ramp", join(head, plte, with(trns, 9, 7), idat, end), false},
		{"short ramp", join(head, plte, chunk{"tRNS", trns.body[:255]}, idat, end), false},
		{"no ramp", join(head, plte, idat, end), false},
		{"no palette", join(head, idat, end), false},
		{"two palettes", join(head, plte, plte, trns, idat, end), false},
		{"no IDAT", join(head, plte, trns, end), false},
		{"no end", join(head, plte, trns, idat), false},
		{"bytes behind", append(join(head, plte, trns, idat, end), 0), false},
		{"critical chunk", join(head, chunk{"XXXX", nil}, plte, trns, idat, end), false},
		{"two heads", join(head, head, plte, trns, idat, end), false},
		{"no head", join(plte, trns, idat, end), false},
	} {
		p, ok := parseIndexedPNG(v.data)
		if ok != v.ok {
			t.Errorf("%s: %t", v.name, ok)
		}
		if ok && !bytes.Equal(p.IDAT, idat.body) {
			t.Errorf("%s: IDAT changed", v.name)
		}
	}
	wrongSum := join(head, plte, trns, idat, end)
	wrongSum[len(wrongSum)-1] ^= 1
	if _, ok := parseIndexedPNG(wrongSum); ok {
		t.Error("a wrong sum is read")
	}
}

func TestDecodePNG(t *testing.T) {
	gray := image.NewGray(image.Rect(0, 0, 3, 2))
	alpha := image.NewNRGBA64(image.Rect(0, 0, 3, 2))
	alpha.Set(1, 1, color.NRGBA{10, 20, 30, 128})
	for name, v := range map[string]struct {
		m    image.Image
		mask bool
	}{"gray": {gray, false}, "16 bit, transparent": {alpha, true}} {
		var b bytes.Buffer
		if err := png.Encode(&b, v.m); err != nil {
			t.Fatal(err)
		}
		got, err := decodePNG(b.Bytes())
		if err != nil || got.w != 3 || got.h != 2 || (got.mask != nil) != v.mask {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	rgb, mask, _ := splitPixels(alpha)
	if !bytes.Equal(rgb[12:15], []byte{10, 20, 30}) || mask[4] != 128 {
		t.Errorf("colours are multiplied: %v %v", rgb[12:15], mask[4])
	}
	huge := join(chunk{"IHDR", []byte{0, 1, 0, 0, 0, 1, 0, 0, 8, 6, 0, 0, 0}}, chunk{"IDAT", nil}, chunk{"IEND", nil})
	if _, err := decodePNG(huge); err == nil {
		t.Error("4 billion pixels are decoded")
	}
}

func TestIndexedPNGProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := indexedPNG{
			W: rapid.IntRange(1, 4096).Draw(t, "w"), H: rapid.IntRange(1, 4096).Draw(t, "h"),
			PPM:  rapid.Uint32().Draw(t, "ppm"),
			IDAT: rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "idat"),
		}
		got, ok := parseIndexedPNG(p.build())
		if !ok || got.W != p.W || got.H != p.H || got.PPM != p.PPM || !bytes.Equal(got.IDAT, p.IDAT) {
			t.Fatalf("%+v is read as %+v, %t", p, got, ok)
		}
	})
}

func FuzzPNG(f *testing.F) {
	f.Add(sealPNG(f, 8, 23622))
	whole := sealPNG(f, 8, 0)
	f.Add(whole)
	f.Add(whole[:40])
	f.Add(append([]byte(pngSignature), "\xff\xff\xff\xffIHDR"...))
	f.Add(append([]byte(pngSignature), "\x00\x00\x00\x0dIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x03\x00\x00\x00abcd"...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, ok := parseIndexedPNG(data); ok {
			again, ok := parseIndexedPNG(p.build())
			if !ok || !bytes.Equal(again.IDAT, p.IDAT) || again.PPM != p.PPM {
				t.Fatal("built otherwise than read")
			}
		}
		if c, err := png.DecodeConfig(bytes.NewReader(data)); err == nil && c.Width*c.Height < 1<<20 {
			m, err := decodePNG(data)
			if err == nil && (m.w != c.Width || m.h != c.Height) {
				t.Fatal("size changed")
			}
		}
	})
}
