package ofd

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/bmp"
)

// imageKey names a picture: a part, or the picture of a seal by where its bytes are.
type imageKey struct {
	e    *entry
	data *byte
	size int
}

// image draws an ImageObject (GB/T 33190, 10): the unit square as the CTM places it, the boundary where there is none.
func (s *shower) image(n *node, sc scope, p placed) error {
	id := value(n, "ResourceID")
	media := sc.res.find(id, "MultiMedia")
	if media.n == nil {
		s.out.omit("resource-missing", "MultiMedia "+id)
		return nil
	}
	if value(n, "ImageMask") != "" {
		s.out.omit("image-mask", objectName(n))
	}
	loc, err := media.n.textOf("MediaFile")
	if err != nil {
		return err
	}
	e, err := s.d.follow(media.by, media.from, link{loc: loc})
	if err != nil {
		return err
	}
	if e == nil {
		s.out.omit("part-missing", loc)
		return nil
	}
	key := imageKey{e: e}
	picture, known := s.out.images[key]
	if !known {
		data, err := s.fetch(e)
		if err != nil {
			return err
		}
		if picture, err = s.out.picture(key, data, display(e.name)); err != nil {
			return err
		}
	}
	if picture == "" {
		return nil
	}
	m := p.whole
	if !p.ctm {
		m = matrix{p.at[2], 0, 0, p.at[3], p.at[0], p.at[1]}
	}
	s.out.use(picture, m, p.at)
	return nil
}

// use draws a picture as a map of the unit square, cut at a boundary where it reaches out.
func (s *svg) use(picture string, m matrix, at box) {
	x1, y1 := m.apply(0, 0)
	x2, y2 := x1, y1
	for _, c := range [][2]float64{{1, 0}, {0, 1}, {1, 1}} {
		x, y := m.apply(c[0], c[1])
		x1, y1, x2, y2 = min(x1, x), min(y1, y), max(x2, x), max(y2, y)
	}
	open, end := "", ""
	if at.sticksOut(x1, y1, x2, y2) {
		id := s.id("c")
		fmt.Fprintf(&s.defs, `<clipPath id="%s"><rect x="%s" y="%s" width="%s" height="%s"/></clipPath>`, id, num(at[0]), num(at[1]), num(max(at[2], 0)), num(max(at[3], 0)))
		open, end = `<g clip-path="url(#`+id+`)">`, "</g>"
	}
	fmt.Fprintf(&s.body, `%s<use href="#%s"%s/>%s`, open, picture, m.transform(), end)
}

// picture writes an image once, as the unit square, and returns its ID; empty where it is none that can be shown. What it is shows in its bytes.
func (s *svg) picture(key imageKey, data []byte, name string) (string, error) {
	var media string
	var config func() (image.Config, error)
	var decode func() (image.Image, error)
	in := func() *bytes.Reader { return bytes.NewReader(data) }
	switch {
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		media, config = "image/png", func() (image.Config, error) { return png.DecodeConfig(in()) }
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		media, config = "image/jpeg", func() (image.Config, error) { return jpeg.DecodeConfig(in()) }
	case bytes.HasPrefix(data, []byte("GIF8")): // the first picture of it, which many viewers of SVG would not show
		config, decode = func() (image.Config, error) { return gif.DecodeConfig(in()) }, func() (image.Image, error) { return gif.Decode(in()) }
	case bytes.HasPrefix(data, []byte("BM")): // nor this
		config, decode = func() (image.Config, error) { return bmp.DecodeConfig(in()) }, func() (image.Image, error) { return bmp.Decode(in()) }
	default:
		s.omit("image-format", name)
		s.images[key] = ""
		return "", nil
	}
	c, err := config()
	if err != nil || c.Width < 1 || c.Height < 1 {
		s.omit("image-damaged", name)
		s.images[key] = ""
		return "", nil //nolint:nilerr // it is told, and the page goes on
	}
	if s.pixels += int64(c.Width) * int64(c.Height); c.Width > maxShownPixels || c.Height > maxShownPixels || s.pixels > maxShownPixels {
		return "", tooCostly(fmt.Sprintf("pictures of more than %d million pixels", maxShownPixels>>20))
	}
	if decode != nil {
		if c.Width*c.Height > maxDecoded {
			return "", tooCostly(fmt.Sprintf("a picture of more than %d million pixels", maxDecoded>>20))
		}
		img, err := decode()
		if err != nil {
			s.omit("image-damaged", name)
			s.images[key] = ""
			return "", nil //nolint:nilerr // as above
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			return "", fmt.Errorf("encode a picture: %w", err)
		}
		media, data = "image/png", b.Bytes()
	}
	if err := s.room(base64.StdEncoding.EncodedLen(len(data))); err != nil {
		return "", err
	}
	id := s.id("i")
	s.defs.WriteString(`<image id="` + id + `" width="1" height="1" preserveAspectRatio="none" href="data:` + media + `;base64,`)
	s.defs.WriteString(base64.StdEncoding.EncodeToString(data))
	s.defs.WriteString(`"/>`)
	s.images[key] = id
	return id, nil
}
