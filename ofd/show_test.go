package ofd

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"

	"yinxin/document"
	"yinxin/font"
)

// partHead begins every part.
const partHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// square is a red picture in a format.
func square(t testing.TB, format string) string {
	t.Helper()
	img := image.NewPaletted(image.Rect(0, 0, 4, 4), color.Palette{color.RGBA{200, 0, 0, 255}, color.White})
	var b bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&b, img)
	case "jpg":
		err = jpeg.Encode(&b, img, nil)
	case "gif":
		err = gif.Encode(&b, img, nil)
	case "bmp":
		err = bmp.Encode(&b, img)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// drawn is a package of one page with resources of every kind and the objects told. Font 3 is embedded without characters, so its glyphs go by number: 1 is
// 信, 2 is 印. Font 5 is not embedded.
func drawn(t testing.TB, objects string) testOFD {
	t.Helper()
	s, err := font.Default().Subset([]rune("印信"))
	if err != nil {
		t.Fatal(err)
	}
	res := partHead + `<ofd:Res xmlns:ofd="http://www.ofdspec.org/2016" BaseLoc="Res">` +
		`<ofd:ColorSpaces><ofd:ColorSpace ID="20" Type="GRAY"/><ofd:ColorSpace ID="21" Type="CMYK"/><ofd:ColorSpace ID="22" Type="RGB"><ofd:Palette><ofd:CV>1 2 3</ofd:CV><ofd:CV>255 0 16</ofd:CV></ofd:Palette></ofd:ColorSpace><ofd:ColorSpace ID="23" Type="RGB" BitsPerComponent="4"/></ofd:ColorSpaces>` +
		`<ofd:DrawParams><ofd:DrawParam ID="30" LineWidth="2" Relative="31"/><ofd:DrawParam ID="31" LineWidth="9" Cap="Round"><ofd:StrokeColor Value="0 0 255"/></ofd:DrawParam><ofd:DrawParam ID="32" Relative="32"/></ofd:DrawParams>` +
		`<ofd:Fonts><ofd:Font ID="3" FontName="示例"><ofd:FontFile>font.ttf</ofd:FontFile></ofd:Font><ofd:Font ID="5" FontName="SimSun" FamilyName="宋体"/><ofd:Font ID="6" FontName="x"><ofd:FontFile>broken.ttf</ofd:FontFile></ofd:Font></ofd:Fonts>` +
		`<ofd:MultiMedias><ofd:MultiMedia ID="4" Type="Image" Format="TIFF"><ofd:MediaFile>image.png</ofd:MediaFile></ofd:MultiMedia><ofd:MultiMedia ID="8" Type="Image"><ofd:MediaFile>scan.tif</ofd:MediaFile></ofd:MultiMedia>` +
		`<ofd:MultiMedia ID="9" Type="Image"><ofd:MediaFile>a.gif</ofd:MediaFile></ofd:MultiMedia><ofd:MultiMedia ID="11" Type="Image"><ofd:MediaFile>a.bmp</ofd:MediaFile></ofd:MultiMedia><ofd:MultiMedia ID="12" Type="Image"><ofd:MediaFile>a.jpg</ofd:MediaFile></ofd:MultiMedia><ofd:MultiMedia ID="13" Type="Image"><ofd:MediaFile>gone.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>` +
		`<ofd:CompositeGraphicUnits><ofd:CompositeGraphicUnit ID="40" Width="10" Height="10"><ofd:Content><ofd:PathObject ID="41" Boundary="0 0 10 10" Fill="true" Stroke="false"><ofd:FillColor Value="0 255 0"/><ofd:AbbreviatedData>M 0 0 L 10 10 L 0 10 C</ofd:AbbreviatedData></ofd:PathObject></ofd:Content></ofd:CompositeGraphicUnit>` +
		`<ofd:CompositeGraphicUnit ID="42"><ofd:Content><ofd:CompositeObject ID="43" Boundary="0 0 1 1" ResourceID="44"/></ofd:Content></ofd:CompositeGraphicUnit><ofd:CompositeGraphicUnit ID="44"><ofd:Content><ofd:CompositeObject ID="45" Boundary="0 0 1 1" ResourceID="42"/></ofd:Content></ofd:CompositeGraphicUnit></ofd:CompositeGraphicUnits></ofd:Res>`
	page := partHead + `<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content><ofd:Layer ID="900">` + objects + `</ofd:Layer></ofd:Content></ofd:Page>`
	o := onePage().With("Doc_0/PublicRes.xml", res).With("Doc_0/Pages/Page_0/Content.xml", page)
	for name, data := range map[string]string{"font.ttf": strings.ReplaceAll(string(s.Data), "cmap", "cmaq"), "broken.ttf": "no font", "image.png": square(t, "png"), "a.gif": square(t, "gif"), "a.bmp": square(t, "bmp"), "a.jpg": square(t, "jpg"), "scan.tif": "II*\x00"} {
		o = o.With("Doc_0/Res/"+name, data)
	}
	return o
}

func text(attrs, code string) string {
	return `<ofd:TextObject ID="50" Boundary="10 20 100 10" Size="4" ` + attrs + `>` + code + `</ofd:TextObject>`
}

func line(attrs, inner, data string) string {
	return `<ofd:PathObject ID="60" Boundary="10 20 50 50" ` + attrs + `>` + inner + `<ofd:AbbreviatedData>` + data + `</ofd:AbbreviatedData></ofd:PathObject>`
}

// construct is something that a page may hold, and the SVG it becomes.
type construct struct {
	name, objects string
	want          []string // in the file
	not           string   // in the page
	omitted       string   // codes
}

// axial is a fill of two colours.
const axial = `<ofd:FillColor><ofd:AxialShd StartPoint="0 0" EndPoint="50 0" MapType="Reflect"><ofd:Segment Position="0"><ofd:Color Value="255 0 0"/></ofd:Segment><ofd:Segment Position="1"><ofd:Color Value="0 0 255" Alpha="51"/></ofd:Segment></ofd:AxialShd></ofd:FillColor>`

func shownTexts() []construct {
	return []construct{
		{"text by number of glyph", text(`Font="3"`, `<ofd:CGTransform CodePosition="0" CodeCount="2" GlyphCount="2"><ofd:Glyphs>2 1</ofd:Glyphs></ofd:CGTransform><ofd:TextCode X="1" Y="5" DeltaX="4.5">印信</ofd:TextCode>`),
			[]string{`transform="matrix(1 0 0 1 10 20)"`, `href="#g1" transform="matrix(0.004 0 0 0.004 1 5)"`, `href="#g2" transform="matrix(0.004 0 0 0.004 5.5 5)"`, `<text x="1 5.5" y="5" font-size="4" fill="#000000" fill-opacity="0"`}, "", ""},
		{"text of a font not embedded", text(`Font="5"`, `<ofd:TextCode X="0" Y="4" DeltaX="g 2 2 4">12印信</ofd:TextCode>`),
			[]string{`<text x="0 2 4 8" y="4"`, `>12印信</text>`}, "", ""},
		{"distances: the last goes on, both ways", text(`Font="5"`, `<ofd:TextCode X="0" Y="4" DeltaX="0" DeltaY="g 2 4 5">印信印信印</ofd:TextCode>`), []string{`<text x="0" y="4 8 12 17 22"`}, "", ""},
		{"too many distances", text(`Font="5"`, `<ofd:TextCode X="0" Y="4" DeltaX="g 9 4 1 1">印信</ofd:TextCode>`), []string{`<text x="0 4"`}, "", ""},
		{"no distances at all", text(`Font="5"`, `<ofd:TextCode X="0" Y="4">印信</ofd:TextCode>`), []string{`<text x="0 4" y="4"`}, "", ""},
		{"no distances, read downwards", text(`Font="5" ReadDirection="90"`, `<ofd:TextCode X="0" Y="4">印信</ofd:TextCode>`), []string{`<text x="0" y="4 8"`}, "", ""},
		{"a second TextCode goes on where the first began", text(`Font="5"`, `<ofd:TextCode X="3" Y="4">印</ofd:TextCode><ofd:TextCode Y="9">信</ofd:TextCode>`), []string{`<text x="3" y="4"`, `<text x="3" y="9"`}, "", ""},
		{"spaces at the ends count", text(`Font="5"`, `<ofd:TextCode X="0" Y="4" DeltaX="2">  印</ofd:TextCode>`), []string{`matrix(0.004 0 0 0.004 4 4)`, `>  印</text>`}, "", ""},
		{"references", text(`Font="5"`, `<ofd:TextCode X="0" Y="4" DeltaX="2">a&lt;b&amp;<![CDATA[<c>]]></ofd:TextCode>`), []string{`>a&lt;b&amp;&lt;c&gt;</text>`}, "", ""},
		{"narrower", text(`Font="5" HScale="0.5"`, `<ofd:TextCode X="0" Y="4">印</ofd:TextCode>`), []string{`matrix(0.002 0 0 0.004 0 4)`}, "", ""},
		{"slanted", text(`Font="5" Italic="true"`, `<ofd:TextCode X="0" Y="4">印</ofd:TextCode>`), []string{`matrix(0.004 0 -0.0008504 0.004 0 4)`}, "", ""},
		{"heavy", text(`Font="5" Weight="700"`, `<ofd:TextCode X="0" Y="4">印</ofd:TextCode>`), []string{`stroke="#000000" stroke-width="27.7778"`}, "", ""},
		{"turned characters", text(`Font="5" CharDirection="90"`, `<ofd:TextCode X="0" Y="4">印</ofd:TextCode>`), []string{`matrix(0 0.004 -0.004 0 0 4)`}, "", ""},
		{"outlined", text(`Font="5" Stroke="true" Fill="false" LineWidth="0.4"`, `<ofd:StrokeColor Value="255 0 0"/><ofd:TextCode X="0" Y="4">印</ofd:TextCode>`), []string{`fill="none" stroke="#ff0000" stroke-width="100"`}, "", ""},
		{"moved and scaled", text(`Font="5" CTM="2 0 0 3 1 2"`, `<ofd:FillColor Value="1 2 3"/><ofd:TextCode X="0" Y="4">印</ofd:TextCode>`), []string{`matrix(2 0 0 3 11 22)`, `fill="#010203"`}, "", ""},
		{"a font that cannot be read", text(`Font="6"`, `<ofd:TextCode X="0" Y="4">印</ofd:TextCode>`), []string{`<use href="#g1"`}, "", "font-unreadable"},
		{"a font that is not there", text(`Font="77"`, `<ofd:TextCode X="0" Y="4">印</ofd:TextCode>`), []string{`<use href="#g1"`}, "", "resource-missing"},
		{"a character no font has", text(`Font="5"`, `<ofd:TextCode X="0" Y="4">😀</ofd:TextCode>`), []string{`aria-hidden="true" font-family="&#39;宋体&#39;,&#39;SimSun&#39;`}, "<use", "character-missing"},
	}
}

func shownPaths() []construct {
	radial := `<ofd:FillColor><ofd:RadialShd StartPoint="5 5" EndPoint="5 5" StartRadius="0" EndRadius="9"><ofd:Segment><ofd:Color Value="9 9 9"/></ofd:Segment></ofd:RadialShd></ofd:FillColor>`
	clip := func(flag string) string {
		return `<ofd:Clips TransFlag="` + flag + `"><ofd:Clip><ofd:Area><ofd:Path Boundary="1 2 5 5"><ofd:AbbreviatedData>M 0 0 L 5 0 L 5 5 C</ofd:AbbreviatedData></ofd:Path></ofd:Area></ofd:Clip></ofd:Clips>`
	}
	return []construct{
		{"line", line(``, ``, "M 0 0 L 50 0"), []string{`<path d="M0 0L50 0" transform="matrix(1 0 0 1 10 20)" fill="none" stroke="#000000" stroke-width="0.353" stroke-miterlimit="3.528"/>`}, "", ""},
		{"curves", line(``, ``, "S 1 1 Q 2 2 3 3 B 4 4 5 5 6 6 A 5 5 0 1 0 9 9 C"), []string{`d="M1 1Q2 2 3 3C4 4 5 5 6 6A5 5 0 1 0 9 9Z"`}, "", ""},
		{"filled", line(`Fill="true" Stroke="false" Rule="Even-Odd"`, `<ofd:FillColor Value="#ff #0 #10" Alpha="51"/>`, "M 0 0 L 50 0 L 9 9 C"), []string{`fill="#ff0010" fill-opacity="0.2" fill-rule="evenodd"`}, "stroke=", ""},
		{"not filled without a colour", line(`Fill="true" Stroke="false"`, ``, "M 0 0 L 50 0 L 9 9 C"), nil, "<path", ""},
		{"dashes", line(`DashPattern="2 1" DashOffset="0.5" Cap="Square" Join="Bevel"`, ``, "M 0 0 L 50 0"), []string{`stroke-linecap="square" stroke-linejoin="bevel" stroke-dasharray="2 1" stroke-dashoffset="0.5"`}, "", ""},
		{"parameters, and what they build on", line(`DrawParam="30"`, ``, "M 0 0 L 50 0"), []string{`stroke="#0000ff" stroke-width="2" stroke-linecap="round"`}, "", ""},
		{"parameters that build on themselves", line(`DrawParam="32"`, ``, "M 0 0 L 50 0"), []string{`stroke-width="0.353"`}, "", ""},
		{"grey", line(``, `<ofd:StrokeColor ColorSpace="20" Value="128"/>`, "M 0 0 L 50 0"), []string{`#808080`}, "", ""},
		{"CMYK", line(``, `<ofd:StrokeColor ColorSpace="21" Value="0 255 255 0"/>`, "M 0 0 L 50 0"), []string{`#ff0000`}, "", ""},
		{"palette", line(``, `<ofd:StrokeColor ColorSpace="22" Index="1"/>`, "M 0 0 L 50 0"), []string{`#ff0010`}, "", ""},
		{"four bits", line(``, `<ofd:StrokeColor ColorSpace="23" Value="15 0 0"/>`, "M 0 0 L 50 0"), []string{`#ff0000`}, "", ""},
		{"axial shading", line(`Fill="true" Stroke="false"`, axial, "M 0 0 L 50 0 L 9 9 C"), []string{`fill="url(#s1)"`, `<linearGradient id="s1" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="50" y2="0" spreadMethod="reflect"><stop offset="0" stop-color="#ff0000"/><stop offset="1" stop-color="#0000ff" stop-opacity="0.2"/>`}, "", ""},
		{"radial shading", line(`Fill="true" Stroke="false"`, radial, "M 0 0 L 50 0 L 9 9 C"), []string{`<radialGradient id="s1" gradientUnits="userSpaceOnUse" fx="5" fy="5" fr="0" cx="5" cy="5" r="9">`}, "", ""},
		{"shading of text is its first colour", text(`Font="5"`, strings.ReplaceAll(axial, "50 0", "5 0")+`<ofd:TextCode X="0" Y="4">印</ofd:TextCode>`), []string{`fill="#ff0000"`}, "", ""},
		{"pattern", line(`Fill="true" Stroke="false"`, `<ofd:FillColor><ofd:Pattern Width="1" Height="1"/></ofd:FillColor>`, "M 0 0 L 50 0 L 9 9 C"), nil, "<path", "shading"},
		{"transparent", line(`Alpha="51"`, ``, "M 0 0 L 50 0"), []string{`<g opacity="0.2"><path`}, "", ""},
		{"cut at its boundary", line(``, ``, "M 0 0 L 500 0"), []string{`<rect x="9.8235" y="19.8235" width="50.353" height="50.353"/></clipPath>`}, "", ""},
		{"clip that follows the matrix", line(`CTM="2 0 0 2 0 0"`, clip("true"), "M 0 0 L 5 0"), []string{`<clipPath id="c1"><path d="M0 0L5 0L5 5Z" transform="matrix(2 0 0 2 12 24)"/>`, `<g clip-path="url(#c1)">`}, "", ""},
		{"clip that does not", line(`CTM="2 0 0 2 0 0"`, clip("false"), "M 0 0 L 5 0"), []string{`<path d="M0 0L5 0L5 5Z" transform="matrix(1 0 0 1 11 22)"/>`}, "", ""},
	}
}

func shownPictures() []construct {
	return []construct{
		{"PNG, whatever its format is said to be", `<ofd:ImageObject ID="70" Boundary="10 10 20 30" CTM="20 0 0 30 0 0" ResourceID="4"/><ofd:ImageObject ID="71" Boundary="50 10 20 30" ResourceID="4"/>`, []string{`href="data:image/png;base64,`, `<use href="#i1" transform="matrix(20 0 0 30 10 10)"/>`, `<use href="#i1" transform="matrix(20 0 0 30 50 10)"/>`}, "i2", ""},
		{"picture that sticks out", `<ofd:ImageObject ID="70" Boundary="10 10 20 30" CTM="40 0 0 30 0 0" ResourceID="4"/>`, []string{`<rect x="10" y="10" width="20" height="30"/></clipPath>`}, "", ""},
		{"JPEG", `<ofd:ImageObject ID="70" Boundary="10 10 20 30" ResourceID="12"/>`, []string{`data:image/jpeg;base64,`}, "", ""},
		{"GIF", `<ofd:ImageObject ID="70" Boundary="10 10 20 30" ResourceID="9"/>`, []string{`data:image/png;base64,`}, "", ""},
		{"BMP", `<ofd:ImageObject ID="70" Boundary="10 10 20 30" ResourceID="11"/>`, []string{`data:image/png;base64,`}, "", ""},
		{"TIFF", `<ofd:ImageObject ID="70" Boundary="10 10 20 30" ResourceID="8"/>`, nil, "<image", "image-format"},
		{"picture that is not there", `<ofd:ImageObject ID="70" Boundary="10 10 20 30" ResourceID="13"/>`, nil, "<image", "part-missing"},
		{"composite", `<ofd:CompositeObject ID="70" Boundary="10 10 5 5" ResourceID="40" CTM="0.5 0 0 0.5 0 0"/>`, []string{`<g transform="matrix(0.5 0 0 0.5 10 10)"><path d="M0 0L10 10L0 10Z" fill="#00ff00"/></g>`}, "", ""},
		{"page block", `<ofd:PageBlock ID="70">` + line(``, ``, "M 0 0 L 50 0") + `</ofd:PageBlock>`, []string{"<path"}, "", ""},
		{"hidden", line(`Visible="false"`, ``, "M 0 0 L 50 0"), nil, "<path", ""},
		{"malformed, and the next", line(``, ``, "M 0 0 L 50") + line(``, ``, "L 1 1") + strings.ReplaceAll(line(``, ``, "M 0 0 L 1 1"), "10 20 50 50", "1 2 3") + line(``, ``, "M 0 0 L 50 0"), []string{`d="M0 0L50 0"`}, `d="M0 0L50"`, "object-malformed"},
		{"numbers that are none", line(`CTM="NaN 0 0 1 0 0"`, ``, "M 0 0 L 50 0") + line(`CTM="1e300 0 0 1 0 0"`, ``, "M 0 0 L 50 0") + line(``, ``, "M 0 0 L Inf 0"), nil, "<path", "object-malformed"},
		{"unknown", `<ofd:VideoObject ID="70"/>`, nil, "<path", ""},
	}
}

// Every construct of a page, as SVG.
func TestShown(t *testing.T) {
	for _, c := range slices.Concat(shownTexts(), shownPaths(), shownPictures()) {
		t.Run(c.name, func(t *testing.T) {
			svg, _, omitted := shown(t, opened(t, drawn(t, c.objects).Build()), 1, nil)
			for _, want := range c.want {
				if !strings.Contains(svg, want) {
					t.Errorf("no %s in\n%.3000s", want, svg)
				}
			}
			if body := svg[strings.Index(svg, "</defs>"):]; c.not != "" && strings.Contains(body, c.not) {
				t.Errorf("%s in\n%.3000s", c.not, body)
			}
			if got := codes(omitted); got != c.omitted {
				t.Errorf("omitted %v, want %q", omitted, c.omitted)
			}
		})
	}
}

// codes are what was omitted, each code once.
func codes(omitted []document.Omission) string {
	var list []string
	for _, o := range omitted {
		if !slices.Contains(list, o.Code) {
			list = append(list, o.Code)
		}
	}
	return strings.Join(list, " ")
}
