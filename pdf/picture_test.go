package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"testing"

	"yinxin/document"
)

// TestPictureComesBack: the picture read from a sealed file is, byte for byte, the PNG that was stamped, with its size on paper.
func TestPictureComesBack(t *testing.T) {
	for _, rotate := range []int{0, 90, 180, 270} {
		base := testPDF{pages: []string{fmt.Sprintf("%s/Rotate %d/UserUnit 2", a4Page, rotate)}}.build()
		r := sealRequest(t)
		r.Places = append(r.Places, document.Place{Page: 1, X: 60, Y: 60, Width: 40, Height: 40})
		_, s := first(t, sealed(t, base, r))
		p, err := s.Picture()
		if err != nil || p.Type != "PNG" || !bytes.Equal(p.Data, r.Appearance.Data) {
			t.Errorf("turned by %d: %s of %d bytes, %v", rotate, p.Type, len(p.Data), err)
		}
		if math.Abs(p.Width-40) > 0.001 || math.Abs(p.Height-40) > 0.001 {
			t.Errorf("turned by %d: %.4f × %.4f mm", rotate, p.Width, p.Height)
		}
		for i, got := range s.Info().Places {
			want := r.Places[i]
			if got.Page != want.Page || math.Abs(got.X-want.X) > 0.001 || math.Abs(got.Y-want.Y) > 0.001 || math.Abs(got.Width-want.Width) > 0.001 {
				t.Errorf("turned by %d: place %+v, want %+v", rotate, got, want)
			}
		}
	}
}

// pictured is a signed file whose widget has an appearance; objects are numbered from 6.
func pictured(widget string, objects ...string) []byte {
	b := raw(append([]string{"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Annots[4 0 R]>>", "<</FT/Sig/T(S)/Type/Annot/Subtype/Widget/P 3 0 R/V 5 0 R" + widget + ">>", sigDict("")}, objects...)...)
	return patchRange(b)
}

const shown = "/Rect[10 10 82 46]/AP<</N 6 0 R>>"

func formOf(entries, content string) string {
	return stream("/Subtype/Form/BBox[0 0 72 36]/Resources<</XObject<</I 7 0 R>>>>"+entries, content)
}

func TestForeignPictures(t *testing.T) {
	rgb := "\xff\x00\x00\x00\xff\x00"
	want := [2]color.NRGBA{{255, 0, 0, 255}, {0, 255, 0, 255}}
	img := func(entries, data string) string { return stream("/Subtype/Image/Width 2/Height 1"+entries, data) }
	paint := formOf("", "q 72 0 0 36 0 0 cm /I Do Q")
	for name, c := range map[string]struct {
		objects []string
		want    [2]color.NRGBA
	}{
		"rgb":      {[]string{paint, img("/BitsPerComponent 8/ColorSpace/DeviceRGB", rgb)}, want},
		"deflated": {[]string{paint, img("/BitsPerComponent 8/ColorSpace/DeviceRGB/Filter/FlateDecode", string(mustDeflate(t, rgb)))}, want},
		"grey":     {[]string{paint, img("/BitsPerComponent 8/ColorSpace/DeviceGray", "\x00\x80")}, [2]color.NRGBA{{0, 0, 0, 255}, {128, 128, 128, 255}}},
		"palette":  {[]string{paint, img("/BitsPerComponent 8/ColorSpace[/Indexed/DeviceRGB 1<00ff00ff0000>]", "\x01\x00")}, want},
		"profile":  {[]string{paint, img("/BitsPerComponent 8/ColorSpace[/ICCBased 8 0 R]", rgb), stream("/N 3", "")}, want},
		"masked": {[]string{paint, img("/BitsPerComponent 8/ColorSpace/DeviceRGB/SMask 8 0 R", rgb), img("/BitsPerComponent 8/ColorSpace/DeviceGray", "\x10\xff")},
			[2]color.NRGBA{{255, 0, 0, 16}, {0, 255, 0, 255}}},
		"nested": {[]string{formOf("", "/I Do"), stream("/Subtype/Form/BBox[0 0 72 36]/Resources<</XObject<</J 8 0 R>>>>", "q 72 0 0 36 0 0 cm /J Do Q"),
			img("/BitsPerComponent 8/ColorSpace/DeviceRGB", rgb)}, want},
	} {
		_, s := first(t, pictured(shown, c.objects...))
		p, err := s.Picture()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		m, err := png.Decode(bytes.NewReader(p.Data))
		if err != nil || m.Bounds() != image.Rect(0, 0, 2, 1) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for x := range 2 {
			if got := color.NRGBAModel.Convert(m.At(x, 0)); got != c.want[x] {
				t.Errorf("%s: pixel %d is %v, want %v", name, x, got, c.want[x])
			}
		}
		if math.Abs(p.Width-25.4) > 1e-9 || math.Abs(p.Height-12.7) > 1e-9 {
			t.Errorf("%s: %v × %v mm", name, p.Width, p.Height)
		}
	}
}

func TestJPEGPicture(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range m.Pix {
		m.Pix[i] = 200
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	img := stream("/Subtype/Image/Width 8/Height 8/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode", b.String())
	_, s := first(t, pictured(shown, formOf("", "q 72 0 0 36 0 0 cm /I Do Q"), img))
	p, err := s.Picture()
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(p.Data))
	if err != nil || got.Bounds().Dx() != 8 {
		t.Fatalf("%v, %v", got, err)
	}
}

func TestNoPicture(t *testing.T) {
	img := stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceRGB", "abc")
	paint := "q 72 0 0 36 0 0 cm /I Do Q"
	good := formOf("", paint)
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"no appearance":     {pictured("/Rect[10 10 82 46]"), document.ErrInvisible},
		"no area":           {pictured("/Rect[10 10 10 46]/AP<</N 6 0 R>>", good, img), document.ErrInvisible},
		"hidden":            {pictured("/F 2"+shown, good, img), document.ErrInvisible},
		"not viewed":        {pictured("/F 32"+shown, good, img), document.ErrInvisible},
		"on no page":        {bytes.Replace(pictured(shown, good, img), []byte("/Annots[4 0 R]"), []byte("/Annots[3 0 R]"), 1), document.ErrInvisible},
		"no stream":         {pictured(shown, "<<>>"), document.ErrInvisible},
		"does not fill":     {pictured(shown, formOf("", "q 71 0 0 36 0 0 cm /I Do Q"), img), document.ErrNotOnePicture},
		"turned over":       {pictured(shown, formOf("", "q 72 0 0 -36 0 36 cm /I Do Q"), img), document.ErrNotOnePicture},
		"sheared":           {pictured(shown, formOf("/Matrix[1 1 0 1 0 0]", paint), img), document.ErrNotOnePicture},
		"mirrored":          {pictured(shown, formOf("/Matrix[-1 0 0 1 0 0]", paint), img), document.ErrNotOnePicture},
		"more painted":      {pictured(shown, formOf("", paint+" 0 0 9 9 re f"), img), document.ErrNotOnePicture},
		"two pictures":      {pictured(shown, formOf("", paint+" "+paint), img), document.ErrNotOnePicture},
		"text":              {pictured(shown, formOf("", "BT ET"), img), document.ErrNotOnePicture},
		"nothing":           {pictured(shown, formOf("", ""), img), document.ErrNotOnePicture},
		"unknown":           {pictured(shown, formOf("", "/J Do"), img), document.ErrNotOnePicture},
		"itself":            {pictured("/Rect[10 10 82 46]/AP<</N 7 0 R>>", img, formOf("", "/I Do")), document.ErrNotOnePicture},
		"optional":          {pictured(shown, formOf("/OC 9 0 R", paint), img), document.ErrNotOnePicture},
		"colour key":        {pictured(shown, good, stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceRGB/Mask[0 9 0 9 0 9]", "abc")), document.ErrNotOnePicture},
		"inverted":          {pictured(shown, good, stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceRGB/Decode[1 0 1 0 1 0]", "abc")), document.ErrNotOnePicture},
		"four bits":         {pictured(shown, good, stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 4/ColorSpace/DeviceRGB", "abc")), document.ErrNotOnePicture},
		"unknown space":     {pictured(shown, good, stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceCMYK", "abcd")), document.ErrNotOnePicture},
		"palette of itself": {pictured(shown, good, stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace 8 0 R", "a"), "[/Indexed 8 0 R 0<000000>]"), document.ErrNotOnePicture},
		"huge":              {pictured(shown, good, stream("/Subtype/Image/Width 9000000/Height 9000000/BitsPerComponent 8/ColorSpace/DeviceRGB", "abc")), document.ErrNotOnePicture},
	} {
		_, s := first(t, c.file)
		if p, err := s.Picture(); !errors.Is(err, c.want) {
			t.Errorf("%s: %d bytes, %v; want %v", name, len(p.Data), err, c.want)
		}
	}
	_, s := first(t, pictured(shown, good, stream("/Subtype/Image/Width 2/Height 1/BitsPerComponent 8/ColorSpace/DeviceRGB", "abc")))
	var p *ParseError
	if _, err := s.Picture(); !errors.As(err, &p) {
		t.Errorf("too few samples: %v", err)
	}
}
