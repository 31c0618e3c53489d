package scan

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	idraw "image/draw"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"testing"

	"yinxin/fault"
	"yinxin/seal/draw"
)

func blank(w, h int, c color.Color) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	idraw.Draw(out, out.Rect, image.NewUniform(c), image.Point{}, idraw.Src)
	return out
}

// beside lays pictures side by side.
func beside(list ...image.Image) *image.RGBA {
	w, h := 0, 0
	for _, m := range list {
		w, h = w+m.Bounds().Dx(), max(h, m.Bounds().Dy())
	}
	out := blank(w, h, color.White)
	x := 0
	for _, m := range list {
		b := m.Bounds()
		idraw.Draw(out, image.Rect(x, 0, x+b.Dx(), b.Dy()), m, b.Min, idraw.Src)
		x += b.Dx()
	}
	return out
}

func TestWhatIsRefused(t *testing.T) {
	p := office(9)
	p.text, p.turn, p.room = false, 3, 5
	contract := p.print(seal(t, design(draw.Contract)))
	small := p.print(seal(t, design(draw.LegalRepresentative)))
	b := contract.Rect
	noise := blank(400, 400, color.White)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Pix {
		if i%4 != 3 {
			noise.Pix[i] = uint8(random.IntN(256))
		}
	}
	dense := image.NewRGBA(b)
	copy(dense.Pix, contract.Pix)
	for y := 120; y < b.Dy()-140; y += 36 {
		for x := 120; x < b.Dx()-140; x += 36 {
			idraw.Draw(dense, image.Rect(x, y, x+26, y+26), image.Black, image.Point{}, idraw.Src)
		}
	}
	px := 300 / 25.4
	for _, c := range []struct {
		what, want string
		img        image.Image
		o          Options
	}{
		{"white", "scan-no-ink", blank(500, 500, color.White), Options{PixelsPerMM: px, Ink: Red}},
		{"grey", "scan-no-ink", grey(contract), Options{PixelsPerMM: px, Ink: Red}},
		{"one pixel", "scan-no-ink", blank(1, 1, color.NRGBA{255, 0, 0, 255}), Options{PixelsPerMM: px, Ink: Red}},
		{"red for blue", "scan-no-ink", contract, Options{PixelsPerMM: px, Ink: Blue}},
		{"black ink", "scan-ink", contract, Options{PixelsPerMM: px, Ink: "black"}},
		{"two seals", "scan-several", beside(contract, contract), Options{PixelsPerMM: px, Ink: Red}},
		{"a name seal beside", "scan-several", beside(contract, small), Options{PixelsPerMM: px, Ink: Red}},
		{"cut at the left", "scan-cut-off", contract.SubImage(image.Rect(120, 0, b.Dx(), b.Dy())), Options{PixelsPerMM: px, Ink: Red}},
		{"half", "scan-cut-off", contract.SubImage(image.Rect(0, 0, b.Dx(), b.Dy()/2)), Options{PixelsPerMM: px, Ink: Red}},
		{"a red page", "scan-no-ink", blank(500, 700, color.NRGBA{220, 30, 40, 255}), Options{PixelsPerMM: px, Ink: Red}},
		{"said to be coarse", "scan-size", contract, Options{PixelsPerMM: 72 / 25.4, Ink: Red}},
		{"said to be very coarse", "scan-size", contract, Options{PixelsPerMM: 0.1, Ink: Red}},
		{"coarse", "scan-too-coarse", shrunk(contract, 3), Options{PixelsPerMM: px / 3, Ink: Red}},
		{"coarse, by its size", "scan-too-coarse", shrunk(contract, 3), Options{Width: 38, Height: 38, Ink: Red}},
		{"said to be an oval", "scan-stretched", contract, Options{Width: 45, Height: 30, Ink: Red}},
		{"under squares", "scan-covered", dense, Options{PixelsPerMM: px, Ink: Red}},
		{"no resolution", "scan-size-unknown", contract, Options{Ink: Red}},
		{"odd resolution", "scan-size-unknown", contract, Options{PixelsPerMM: math.NaN(), Ink: Red}},
	} {
		_, err := Lift(&Scan{Image: c.img, orientation: 1}, c.o)
		if got, _ := fault.PublicOf(err); got.Code != c.want {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
	}
	if _, err := Lift(&Scan{Image: noise, orientation: 1}, Options{PixelsPerMM: px, Ink: Red}); err == nil {
		t.Error("noise is a seal")
	}
}

func grey(m image.Image) image.Image {
	out := image.NewGray(m.Bounds())
	idraw.Draw(out, out.Rect, m, m.Bounds().Min, idraw.Src)
	return out
}

func shrunk(m image.Image, by int) image.Image {
	b := m.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx()/by, b.Dy()/by))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.Set(x, y, m.At(b.Min.X+x*by, b.Min.Y+y*by))
		}
	}
	return out
}

// A seal on a page, told by its size alone, in blue, on a picture that is finer than needed: all come back.
func TestOtherScans(t *testing.T) {
	d := seal(t, design(draw.Contract))
	p := office(11)
	p.text, p.turn, p.room = false, -20, 5
	lift := func(what string, img image.Image, o Options) {
		t.Helper()
		l, err := Lift(&Scan{Image: img, orientation: 1}, o)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		if got := d.overlap(l); got < 0.85 || l.Width != 38 || l.Height != 38 {
			t.Errorf("%s: %d × %d mm, %.3f overlaps", what, l.Width, l.Height, got)
		}
	}
	page := blank(2480, 3508, p.paper)
	paper := p.print(d)
	idraw.Draw(page, paper.Rect.Add(image.Pt(1500, 2600)), paper, image.Point{}, idraw.Src)
	lift("on a page", page, Options{PixelsPerMM: 300 / 25.4, Ink: Red})
	lift("by its size", paper, Options{Width: 38, Height: 38, Ink: Red})
	told := -20.0
	lift("turn told", paper, Options{PixelsPerMM: 300 / 25.4, Ink: Red, Turn: &told})
	p.ink = color.NRGBA{0x1C, 0x3F, 0xB0, 255}
	lift("blue", p.print(d), Options{PixelsPerMM: 300 / 25.4, Ink: Blue})
	p = office(12)
	p.dpi, p.room = 1200, 4
	lift("fine", p.print(d), Options{PixelsPerMM: 1200 / 25.4, Ink: Red})
}

// What a file says of its resolution and orientation is read; what it says wrongly is not believed.
func TestDecode(t *testing.T) {
	img := blank(40, 20, color.White)
	img.Set(0, 0, color.NRGBA{255, 0, 0, 255})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	plain := b.Bytes()
	phys := func(x, y uint32, unit byte) []byte {
		body := append([]byte("pHYs"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, x), y)...)
		body = append(body, unit)
		out := append([]byte(nil), plain[:33]...)
		out = append(binary.BigEndian.AppendUint32(out, 9), body...)
		return append(binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body)), plain[33:]...)
	}
	for what, c := range map[string]struct {
		data []byte
		dpi  float64
	}{
		"none": {plain, 0}, "300": {phys(11811, 11811, 1), 300}, "no unit": {phys(11811, 11811, 0), 0}, "uneven": {phys(11811, 5906, 1), 0},
		"jfif": {photo(t, img, 1), 300},
	} {
		s, err := Decode(c.data)
		if err != nil || math.Abs(s.DPI-c.dpi) > 0.1 {
			t.Errorf("%s: %v dots an inch, %v", what, s, err)
		}
	}
	for code, data := range map[string][]byte{
		"scan-format": []byte("GIF89a"), "seal-picture-damaged": plain[:60], "scan-too-large": make([]byte, MaxBytes+1), "seal-picture-too-large": vast(plain),
	} {
		_, err := Decode(data)
		if got, _ := fault.PublicOf(err); got.Code != code {
			t.Errorf("%v, want %s", err, code)
		}
	}
}

// vast says that a PNG has more pixels than are taken.
func vast(plain []byte) []byte {
	out := bytes.Clone(plain)
	binary.BigEndian.PutUint32(out[16:], 60000)
	binary.BigEndian.PutUint32(out[20:], 60000)
	binary.BigEndian.PutUint32(out[29:], crc32.ChecksumIEEE(out[12:29]))
	return out
}

// photo is a JPEG of 300 dots an inch, with an EXIF orientation.
func photo(t testing.TB, img image.Image, orientation byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	head := "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x02\x01\x01\x2c\x01\x2c\x00\x00" +
		"\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string([]byte{orientation}) + "\x00\x00\x00\x00\x00\x00"
	return append([]byte(head), b.Bytes()[2:]...)
}

// The pixel that is to be at the top left lies elsewhere in the file, as EXIF says.
func TestOrientation(t *testing.T) {
	for orientation, at := range map[byte]image.Point{
		1: {0, 0}, 2: {39, 0}, 3: {39, 19}, 4: {0, 19}, 5: {0, 0}, 6: {0, 19}, 7: {39, 19}, 8: {39, 0},
	} {
		img := blank(40, 20, color.White)
		img.Set(at.X, at.Y, color.Black)
		s, err := Decode(photo(t, img, orientation))
		if err != nil {
			t.Fatal(err)
		}
		got := orient(img, s.orientation)
		if got.RGBAAt(0, 0).R != 0 {
			t.Errorf("orientation %d: the wrong pixel is at the top left", orientation)
		}
		if want := image.Pt(40, 20); orientation >= 5 && got.Rect.Max != image.Pt(want.Y, want.X) || orientation < 5 && got.Rect.Max != want {
			t.Errorf("orientation %d: %v", orientation, got.Rect)
		}
	}
}

func FuzzLift(f *testing.F) {
	p := office(21)
	p.dpi, p.room, p.specks = 150, 2, 5
	for i, k := range []draw.Kind{draw.Personal, draw.LegalRepresentative} {
		img := p.print(seal(f, design(k)))
		f.Add(photo(f, img, byte(i+1)), 150/25.4, 0.0)
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes(), 0.0, 18.0)
	}
	f.Fuzz(func(t *testing.T, data []byte, px, mm float64) {
		if c, _, err := image.DecodeConfig(bytes.NewReader(data)); err != nil || c.Width > 400 || c.Height > 400 {
			return
		}
		s, err := Decode(data)
		if err != nil {
			return
		}
		l, err := Lift(s, Options{PixelsPerMM: px, Width: mm, Height: mm, Ink: Red})
		if err != nil {
			if public, ok := fault.PublicOf(err); !ok || public.ZH == "" {
				t.Fatalf("%v says nothing to people", err)
			}
			return
		}
		if l.Width < draw.MinSide || l.Width > draw.MaxSide || l.Height < draw.MinSide || l.Height > draw.MaxSide || math.IsNaN(l.Turn.Degrees) {
			t.Fatalf("%+v", l)
		}
	})
}
