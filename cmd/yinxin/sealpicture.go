package main

import (
	"bytes"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"path/filepath"
	"strings"

	"golang.org/x/image/bmp"

	"yinxin/gm"
	"yinxin/seal"
	"yinxin/seal/draw"
	"yinxin/verify"
)

// pictureView is a seal's picture without its bytes.
type pictureView struct {
	Type   string `json:"type"`   // as the seal says
	Format string `json:"format"` // as the bytes begin: png, gif, jpg, bmp, ofd; bin where they are none of them
	Width  int    `json:"widthMm"`
	Height int    `json:"heightMm"`
	Bytes  int    `json:"bytes"`
	Across int    `json:"widthPx,omitempty"` // as the picture's own header says
	Down   int    `json:"heightPx,omitempty"`
	SM3    string `json:"sm3"`
	Scan   string `json:"scanSm3,omitempty"` // digest of the scan that the picture was taken off, as it says itself
}

// pictureFormat is a kind of picture met in seals. Its name is the suffix of files of it.
type pictureFormat struct {
	name, magic string
	size        func(io.Reader) (image.Config, error) // reads the header alone; nil where there are no pixels
}

func pictureFormats() []pictureFormat {
	return []pictureFormat{
		{"png", "\x89PNG\r\n\x1a\n", png.DecodeConfig}, {"gif", "GIF87a", gif.DecodeConfig}, {"gif", "GIF89a", gif.DecodeConfig},
		{"jpg", "\xff\xd8\xff", jpeg.DecodeConfig}, {"bmp", "BM", bmp.DecodeConfig}, {"ofd", "PK\x03\x04", nil},
	}
}

func viewPicture(p seal.Picture) pictureView {
	v := pictureView{Type: verify.Clean(p.Type), Format: "bin", Width: p.Width, Height: p.Height, Bytes: len(p.Data), SM3: sm3Hex(p.Data)}
	for _, f := range pictureFormats() {
		if !bytes.HasPrefix(p.Data, []byte(f.magic)) {
			continue
		}
		v.Format = f.name
		if f.size == nil {
			break
		}
		if c, err := f.size(bytes.NewReader(p.Data)); err == nil {
			v.Across, v.Down = c.Width, c.Height
		}
		break
	}
	if digest, ok := strings.CutPrefix(draw.Source(p.Data), scanSource); ok && isSM3(digest) {
		v.Scan = digest
	}
	return v
}

func isSM3(s string) bool {
	return len(s) == 2*gm.DigestSize && strings.Trim(s, "0123456789abcdef") == ""
}

// savePicture writes a seal's picture to a new file with the suffix of its format, which is added where the name has none.
func savePicture(path string, p seal.Picture) (string, error) {
	format := viewPicture(p).Format
	suffix := strings.ToLower(strings.TrimPrefix(filepath.Ext(path), "."))
	switch {
	case suffix == format, suffix == "jpeg" && format == "jpg":
	case suffix == "":
		path = strings.TrimSuffix(path, ".") + "." + format
	default:
		return "", usage("印章图像是 "+format+" 格式，--picture 的文件名须以 ."+format+" 结尾，不能是“"+path+"”", "the picture is of format "+format+": --picture is a file name ending in ."+format+", not “"+path+"”")
	}
	return path, writeNew(path, bytesTo(path, p.Data))
}
