package layout

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"yinxin/font"
)

// Every kind of PNG comes out of the file as it went in, as an independent reader sees it.
func TestPicturesSurvive(t *testing.T) {
	r := image.Rect(0, 0, 37, 5) // a width that fills no byte
	palette := func(n int) *image.Paletted {
		p := image.NewPaletted(r, nil)
		for i := range n {
			p.Palette = append(p.Palette, color.NRGBA{uint8(i * 255 / n), uint8(255 - i), uint8(i * 7), 255})
		}
		for i := range p.Pix {
			p.Pix[i] = uint8(i % n)
		}
		return p
	}
	grey, deep, colour := image.NewGray(r), image.NewGray16(r), image.NewRGBA(r)
	for y := range r.Dy() {
		for x := range r.Dx() {
			grey.SetGray(x, y, color.Gray{uint8(x*6 + y)})
			deep.SetGray16(x, y, color.Gray16{uint16(x*1500 + y)})
			colour.SetRGBA(x, y, color.RGBA{uint8(x * 6), uint8(y * 50), uint8(x * y), 255})
		}
	}
	for name, img := range map[string]image.Image{
		"4 colours": palette(4), "13 colours": palette(13), "200 colours": palette(200), "grey": grey, "16 bit grey": deep, "colour": colour,
	} {
		doc := Document{Created: created, Pages: []Page{{Width: 50, Height: 50, Items: []Item{Picture{Width: 37, Height: 5, PNG: encodePNG(t, img)}}}}}
		dir := t.TempDir()
		run(t, "pdfimages", "-png", save(t, write(t, doc)), filepath.Join(dir, "i"))
		data, err := os.ReadFile(filepath.Join(dir, "i-000.png"))
		if err != nil {
			t.Fatal(err)
		}
		back, err := png.Decode(bytes.NewReader(data))
		if err != nil || back.Bounds() != r {
			t.Fatalf("%s: %v %v", name, back.Bounds(), err)
		}
		for y := range r.Dy() {
			for x := range r.Dx() {
				if got, want := nrgba(back.At(x, y)), nrgba(img.At(x, y)); got != want {
					t.Fatalf("%s: pixel %d, %d is %v, want %v", name, x, y, got, want)
				}
			}
		}
	}
}

// Two colours take one bit a pixel; pdfimages drops their palette, so the page is rendered.
func TestTwoColours(t *testing.T) {
	img := image.NewPaletted(image.Rect(0, 0, 10, 1), color.Palette{color.NRGBA{0, 90, 200, 255}, color.NRGBA{250, 200, 0, 255}})
	for x := 5; x < 10; x++ {
		img.SetColorIndex(x, 0, 1)
	}
	doc := Document{Created: created, Pages: []Page{{Width: 50, Height: 25, Items: []Item{Picture{Width: 50, Height: 25, PNG: encodePNG(t, img)}}}}}
	page := filepath.Join(t.TempDir(), "p")
	run(t, "pdftoppm", "-r", "50", "-png", "-singlefile", save(t, write(t, doc)), page)
	data, err := os.ReadFile(page + ".png")
	if err != nil {
		t.Fatal(err)
	}
	back, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	w, h := back.Bounds().Dx(), back.Bounds().Dy()
	for i, want := range img.Palette {
		if got := nrgba(back.At(w/4+i*w/2, h/2)); got != want {
			t.Errorf("colour %d is %v, want %v", i, got, want)
		}
	}
}

// Transparency of a palette and of true colour becomes a soft mask.
func TestTransparency(t *testing.T) {
	for name, data := range map[string][]byte{"palette": palettePNG(t), "colour": alphaPNG(t)} {
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		doc := Document{Created: created, Pages: []Page{{Width: 50, Height: 50, Items: []Item{Picture{Width: 30, Height: 30, PNG: data}}}}}
		dir := t.TempDir()
		run(t, "pdfimages", "-png", save(t, write(t, doc)), filepath.Join(dir, "i"))
		mask, err := os.ReadFile(filepath.Join(dir, "i-001.png"))
		if err != nil {
			t.Fatal(err)
		}
		back, err := png.Decode(bytes.NewReader(mask))
		if err != nil {
			t.Fatal(err)
		}
		r := img.Bounds()
		for y := range r.Dy() {
			for x := range r.Dx() {
				if got, want := nrgba(back.At(x, y)).R, nrgba(img.At(x, y)).A; got != want {
					t.Fatalf("%s: alpha %d, %d is %d, want %d", name, x, y, got, want)
				}
			}
		}
	}
}

// A stack of two fonts: each character is drawn, and copied, by the first that has it.
func TestTwoFonts(t *testing.T) {
	s, err := font.Default().Subset([]rune("印信"))
	if err != nil {
		t.Fatal(err)
	}
	small, err := font.Parse(s.Data)
	if err != nil {
		t.Fatal(err)
	}
	fonts := font.Stack{small, font.Default(), small}
	doc := Document{Created: created, Pages: []Page{{Width: 100, Height: 50, Items: []Item{Text{X: 5, Y: 20, Size: 12, String: "电子印章印信平台"}}}}}
	var b bytes.Buffer
	if err := WritePDF(&b, doc, fonts); err != nil {
		t.Fatal(err)
	}
	path := save(t, b.Bytes())
	if n := len(regexp.MustCompile(`(?m)Identity-H +yes yes yes`).FindAllString(run(t, "pdffonts", path), -1)); n != 2 {
		t.Errorf("%d fonts embedded", n)
	}
	if out := run(t, "pdftotext", "-raw", path, "-"); !bytes.Contains([]byte(out), []byte("电子印章印信平台")) {
		t.Error(out)
	}
}
