package draw

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"slices"
	"testing"
)

// chunksOf splits a PNG; it checks neither order nor sums, which the decoder does.
func chunksOf(t *testing.T, data []byte) (names []string, bodies map[string][]byte) {
	t.Helper()
	bodies = map[string][]byte{}
	for at := 8; at < len(data); {
		n := int(binary.BigEndian.Uint32(data[at:]))
		name := string(data[at+4 : at+8])
		names = append(names, name)
		bodies[name] = data[at+8 : at+8+n]
		at += 12 + n
	}
	return names, bodies
}

func TestPNGStructure(t *testing.T) {
	d := design(LegalName, nameOf(12))
	d.Color = color.NRGBA{R: 12, G: 34, B: 56, A: 255}
	drawing := mustNew(t, d)
	data, err := drawing.PNG(Resolution)
	if err != nil {
		t.Fatal(err)
	}
	names, bodies := chunksOf(t, data)
	if want := []string{"IHDR", "pHYs", "PLTE", "tRNS", "IDAT", "IEND"}; !slices.Equal(names, want) {
		t.Errorf("chunks %v, want %v", names, want)
	}
	if phys := bodies["pHYs"]; binary.BigEndian.Uint32(phys) != 23622 || binary.BigEndian.Uint32(phys[4:]) != 23622 || phys[8] != 1 {
		t.Errorf("pHYs % x, want 23622 pixels a metre", phys)
	}
	img := decode(t, data)
	if img.Rect.Dx() != 945 || img.Rect.Dy() != 945 {
		t.Errorf("%v, want 945 × 945", img.Rect)
	}
	for i, c := range img.Palette {
		if c != (color.NRGBA{R: 12, G: 34, B: 56, A: uint8(i)}) {
			t.Fatalf("entry %d is %v", i, c)
		}
	}
	if len(img.Palette) != 256 || !slices.Contains(img.Pix, 255) || !slices.Contains(img.Pix, 0) {
		t.Errorf("%d entries", len(img.Palette))
	}
	again, err := mustNew(t, d).PNG(Resolution)
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("the same design gives other bytes (%v)", err)
	}
}

// TestSoftMask undoes IDAT as a PDF reader does with Predictor 15, Colors 1, BitsPerComponent 8 and Columns 945: what comes out is the opacity.
func TestSoftMask(t *testing.T) {
	data, err := mustNew(t, design(Finance, nameOf(20))).PNG(Resolution)
	if err != nil {
		t.Fatal(err)
	}
	_, bodies := chunksOf(t, data)
	z, err := zlib.NewReader(bytes.NewReader(bodies["IDAT"]))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	img := decode(t, data)
	columns := img.Rect.Dx()
	if len(raw) != (columns+1)*img.Rect.Dy() {
		t.Fatalf("%d bytes for %v", len(raw), img.Rect)
	}
	for y := range img.Rect.Dy() {
		row := raw[y*(columns+1):][:columns+1]
		if row[0] != 0 || !bytes.Equal(row[1:], img.Pix[y*img.Stride:][:columns]) {
			t.Fatalf("row %d: filter %d, or other values", y, row[0])
		}
	}
}

func TestSpecimenCannotBeUsed(t *testing.T) {
	for _, k := range Kinds() {
		name := nameOf(12)
		if k == LegalRepresentative || k == Personal {
			name = "欧阳示例"
		}
		drawing := mustNew(t, design(k, name))
		plain, err := drawing.PNG(300)
		if err != nil {
			t.Fatal(err)
		}
		marked, err := drawing.Specimen(300)
		if err != nil {
			t.Fatal(err)
		}
		a, b := decode(t, plain), decode(t, marked)
		if a.Rect != b.Rect {
			t.Fatalf("%s: %v, want %v", k, b.Rect, a.Rect)
		}
		ink, gone := 0, 0
		for i, v := range a.Pix {
			if v > 128 {
				ink++
				if b.Pix[i] < 64 {
					gone++
				}
			}
		}
		if gone*10 < ink {
			t.Errorf("%s: only %d of %d inked pixels are gone", k, gone, ink)
		}
	}
	if _, err := mustNew(t, design(LegalName, nameOf(12))).Specimen(1); err == nil {
		t.Error("a specimen at 1 dpi")
	}
}

func TestSpecimenSVG(t *testing.T) {
	drawing := mustNew(t, design(LegalName, nameOf(12)))
	data := drawing.SpecimenSVG()
	var doc struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
		Width   string   `xml:"width,attr"`
		Height  string   `xml:"height,attr"`
		ViewBox string   `xml:"viewBox,attr"`
		Title   string   `xml:"title"`
		Group   struct {
			Fill  string `xml:"fill,attr"`
			Paths []struct {
				D    string `xml:"d,attr"`
				Fill string `xml:"fill,attr"`
			} `xml:"path"`
		} `xml:"g"`
	}
	decoder := xml.NewDecoder(bytes.NewReader(bytes.TrimSpace(data)))
	if err := decoder.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		t.Errorf("more after the end: %v", err)
	}
	if doc.Width != "40mm" || doc.Height != "40mm" || doc.ViewBox != "0 0 40 40" || doc.Title != "样章" || doc.Group.Fill != "#e60012" {
		t.Errorf("%+v", doc)
	}
	if len(doc.Group.Paths) != 3 || doc.Group.Paths[1].Fill != "#fff" {
		t.Fatalf("seal, band and letters are wanted, got %d paths", len(doc.Group.Paths))
	}
	if !bytes.Equal(data, drawing.SpecimenSVG()) {
		t.Error("the same drawing gives other bytes")
	}
}

// What a picture was taken from stands in it, changes no pixel, and is read from nothing else.
func TestSource(t *testing.T) {
	mask := image.NewAlpha(image.Rect(0, 0, 3, 2))
	mask.Pix[1] = 200
	bare, told := Encode(mask, Red, Resolution, ""), Encode(mask, Red, Resolution, "scan 1")
	if Source(told) != "scan 1" || Source(bare) != "" {
		t.Errorf("%q and %q", Source(told), Source(bare))
	}
	img, err := png.Decode(bytes.NewReader(told))
	if err != nil || img.(*image.Paletted).Pix[1] != 200 {
		t.Errorf("%v, %v", img, err)
	}
	for n := range told { // cut off anywhere
		if s := Source(told[:n]); s != "" && s != "scan 1" {
			t.Errorf("%d bytes: %q", n, s)
		}
	}
	if Source(bytes.Replace(told, []byte("tEXt"), []byte("tEXX"), 1)) != "" || Source([]byte("GIF89a")) != "" {
		t.Error("a source is read from what is none")
	}
}
