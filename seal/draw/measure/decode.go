package measure

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"

	"yinxin/fault"
)

// MaxPixels bounds a picture: the largest seal, of 60 mm, at 1200 dots an inch with a margin round it.
const MaxPixels = 3072 * 3072

// Decode reads a PNG, JPEG, GIF (its first picture) or BMP of at most MaxPixels. The error is a *fault.Error: seal-picture-unknown,
// seal-picture-too-large (told from the header, before anything is unpacked) or seal-picture-damaged.
func Decode(data []byte) (image.Image, error) { return DecodeUpTo(data, MaxPixels) }

// DecodeUpTo is Decode with another bound of pixels.
func DecodeUpTo(data []byte, pixels int) (image.Image, error) {
	formats := []struct {
		magic  string
		header func(io.Reader) (image.Config, error)
		decode func(io.Reader) (image.Image, error)
	}{
		{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode}, {"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
		{"GIF8", gif.DecodeConfig, gif.Decode}, {"BM", bmp.DecodeConfig, bmp.Decode},
	}
	for _, f := range formats {
		if !bytes.HasPrefix(data, []byte(f.magic)) {
			continue
		}
		c, err := f.header(bytes.NewReader(data))
		if err != nil {
			return nil, damaged(err)
		}
		if c.Width <= 0 || c.Height <= 0 || c.Width > pixels/c.Height {
			return nil, fault.New(fault.Limit, "seal-picture-too-large",
				fmt.Sprintf("图像为 %d × %d 像素，超过 %d 万像素的上限。请裁剪到印章范围或降低分辨率后重试。", c.Width, c.Height, pixels/10000),
				fmt.Sprintf("the picture has %d × %d pixels, more than %d million; cut it to the seal or lower its resolution", c.Width, c.Height, pixels/1000000), nil)
		}
		img, err := f.decode(bytes.NewReader(data))
		if err != nil {
			return nil, damaged(err)
		}
		return img, nil
	}
	return nil, fault.New(fault.Invalid, "seal-picture-unknown", "不是可量测的图像：应为 PNG、JPEG、GIF 或 BMP。",
		"not a picture that can be measured: PNG, JPEG, GIF or BMP are", nil)
}

func damaged(err error) error {
	return fault.New(fault.Invalid, "seal-picture-damaged", "图像已损坏，无法读取。", "the picture is damaged and cannot be read", err)
}
