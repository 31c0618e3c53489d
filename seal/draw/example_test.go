package draw_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"yinxin/fault"
	"yinxin/font"
	"yinxin/seal/draw"
)

// A company's seal with its code, laid out once and given out as a marked preview.
func Example() {
	design := draw.Design{Kind: draw.LegalName, Name: "云杉示例科技有限公司", Code: "9900000000018"}
	drawing, err := draw.New(design, font.Stack{font.Default()})
	if err != nil {
		fmt.Println(err)
		return
	}
	preview, err := drawing.Specimen(draw.Resolution) // PNG goes into a seal being made, a specimen anywhere else
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%g × %g mm, %s\n", drawing.Width, drawing.Height, preview[1:4])
	// Output: 40 × 40 mm, PNG
}

// A level that has the state emblem is refused without it; with the operator's own artwork it is drawn.
func ExampleParseArtwork() {
	design := draw.Design{Kind: draw.Agency, Level: draw.County, Name: "示例市人民政府"}
	fonts := font.Stack{font.Default()}
	_, err := draw.New(design, fonts)
	public, _ := fault.PublicOf(err)
	fmt.Println(public.Code, errors.Is(err, fault.Invalid))

	svg, err := os.ReadFile(filepath.Join("testdata", "emblem.svg"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if design.Emblem, err = draw.ParseArtwork(svg); err != nil {
		fmt.Println(err)
		return
	}
	drawing, err := draw.New(design, fonts)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%g mm\n", drawing.Width)
	// Output:
	// seal-emblem-needed true
	// 45 mm
}

// A name in a face of its own: a character that face lacks is an error that names both, not a letter of another face.
func ExampleFaces() {
	song := font.Stack{font.Default()}
	design := draw.Design{Kind: draw.Finance, Name: "云杉𠮷示例有限公司", Faces: draw.Faces{Name: song}}
	_, err := draw.New(design, song)
	public, _ := fault.PublicOf(err)
	fmt.Println(public.In("zh"))
	// Output: 字体（Noto Serif SC）缺少字符：𠮷 (U+20BB7)。请指定含有这些字符的字体文件（.ttf、.ttc 或 .otf），或改用其他字符。
}
