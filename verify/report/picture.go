package report

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/draw"

	"yinxin/verify"
)

// Bounds on pictures, whose bytes are hostile: pixels of one, of all that one report decodes, and of the longer side as it is shown (42 mm at 600 dpi).
const (
	maxPixels = 8 << 20
	maxShown  = 32 << 20
	maxSide   = 1000
)

// gallery decodes the pictures of one report, each once.
type gallery struct {
	known map[[sha256.Size]byte]exhibit
	left  int // pixels
}

func newGallery() gallery { return gallery{known: map[[sha256.Size]byte]exhibit{}, left: maxShown} }

// exhibit is a picture as PNG, or why there is none.
type exhibit struct {
	png []byte
	why verify.Text
}

// raster is a kind of picture that can be shown.
type raster struct {
	magic  string
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func rasters() []raster {
	return []raster{
		{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode}, {"GIF87a", gif.DecodeConfig, gif.Decode}, {"GIF89a", gif.DecodeConfig, gif.Decode},
		{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode}, {"BM", bmp.DecodeConfig, bmp.Decode},
	}
}

// show makes a seal's picture into a PNG of bounded size. What kind it is its first bytes tell, not its name.
func (g *gallery) show(p verify.SealPicture) exhibit {
	key := sha256.Sum256(p.Data)
	e, ok := g.known[key]
	if !ok {
		e = g.make(p)
		g.known[key] = e
	}
	return e
}

func (g *gallery) make(p verify.SealPicture) exhibit {
	if len(p.Data) == 0 {
		return exhibit{why: verify.Text{ZH: "印章里没有可显示的图像。", EN: "The seal holds no picture that can be shown."}}
	}
	damaged := exhibit{why: verify.Text{ZH: "印章里的图像已损坏或过大，不能显示。", EN: "The picture in the seal is damaged or too large, and cannot be shown."}}
	for _, r := range rasters() {
		if !bytes.HasPrefix(p.Data, []byte(r.magic)) {
			continue
		}
		c, err := r.config(bytes.NewReader(p.Data))
		if err != nil || c.Width < 1 || c.Height < 1 || c.Width > maxPixels/c.Height || c.Width*c.Height > g.left {
			return damaged
		}
		g.left -= c.Width * c.Height
		img, err := r.decode(bytes.NewReader(p.Data))
		if err != nil {
			return damaged
		}
		if data, err := bounded(img); err == nil {
			return exhibit{png: data}
		}
		return damaged
	}
	kind := verify.Clean(p.Type)
	return exhibit{why: verify.Text{ZH: "印章里的图像是“" + kind + "”类型，这里不能显示。", EN: "The picture in the seal is of type “" + kind + "”, which cannot be shown here."}}
}

// bounded is the picture as PNG, made smaller where it has more pixels than paper shows.
func bounded(img image.Image) ([]byte, error) {
	b := img.Bounds()
	if most := max(b.Dx(), b.Dy()); most > maxSide {
		small := image.NewNRGBA(image.Rect(0, 0, max(b.Dx()*maxSide/most, 1), max(b.Dy()*maxSide/most, 1)))
		draw.ApproxBiLinear.Scale(small, small.Rect, img, b, draw.Src, nil)
		img = small
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}
