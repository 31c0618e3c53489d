package draw

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/vector"

	"yinxin/font"
)

// The picture of all seals, docs/seals.png: go test ./seal/draw -run TestSheet -update
const (
	sheetWidth   = 1600 // pixels
	sheetColumns = 4
	sheetScale   = 6.5 // pixels a mm
	sheetMargin  = 92  // with the title
	captionSize  = 21  // pixels
	captionRoom  = 88
)

// sample is one seal of the picture with what stands below it.
type sample struct {
	design          Design
	caption, detail string
}

func emblem(t testing.TB) *Artwork {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "emblem.svg"))
	if err != nil {
		t.Fatal(err)
	}
	return artwork(t, string(data))
}

func artwork(t testing.TB, svg string) *Artwork {
	t.Helper()
	a, err := ParseArtwork([]byte(svg))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// writtenLine is a straight line of text as a drawing program writes it: one path a letter. Zhuang is written in Latin letters, so that the embedded
// font can stand in; the words say "Zhuang script, Zhuang language".
func writtenLine(t testing.TB, text string) *Artwork {
	t.Helper()
	var b bytes.Buffer
	x := 0.0
	for _, r := range text {
		o, ok := font.Default().Outline(r)
		if !ok {
			t.Fatalf("no outline of %c", r)
		}
		at := x
		writePath(&b, "", o.Map(func(p font.Point) font.Point { return font.Point{X: 100 * (at + p.X), Y: 100 * (0.78 - p.Y)} }))
		x += font.Default().Advance(r) + 0.06
	}
	return artwork(t, fmt.Sprintf(`<svg xmlns="%s" viewBox="-4 -4 %g 84">%s</svg>`, svgNamespace, 100*x+8, b.String()))
}

const zhuang = "SAWCUENGH VAHCUENGH"

func samples(t testing.TB) []sample {
	e, line := emblem(t), writtenLine(t, zhuang)
	long := "云杉示例科技发展集团（北方）股份有限责任公司数据资源管理与信息服务示范区筹备工作委员会办公室云杉示例数据运营服务中心"
	return []sample{
		{Design{Kind: Agency, Level: Province, Name: "示例省人民政府", Emblem: e}, "机关·省级", "province  50 mm  徽标自备（示意）"},
		{Design{Kind: Agency, Level: County, Name: "示例市人民政府", Emblem: e}, "机关·市县级", "county  45 mm  徽标自备（示意）"},
		{Design{Kind: Agency, Level: Town, Name: "示例县云杉镇人民政府", Emblem: e}, "机关·乡镇", "town  42 mm  徽标自备（示意）"},
		{Design{Kind: Agency, Level: Subordinate, Name: "示例市数据局"}, "机关·直属单位", "subordinate  42 mm"},
		{Design{Kind: Department, Name: "示例市数据局", Purpose: "政务服务处", Diameter: 42}, "内设机构章", "department  42 mm"},
		{Design{Kind: Institution, Name: "示例市大数据中心"}, "事业单位", "institution  42 mm"},
		{Design{Kind: Society, Name: "示例市云杉保护协会"}, "社会团体", "society  42 mm"},
		{Design{Kind: PrivateNonEnterprise, Name: "示例市云杉社会工作服务中心"}, "民办非企业单位", "private-non-enterprise  42 mm"},
		{Design{Kind: LegalName, Name: "云杉示例科技有限公司", Code: "9900000000018"}, "法定名称章·编码", "legal-name  40 mm  13 位编码"},
		{Design{Kind: LegalName, Name: long, Diameter: 45}, fmt.Sprintf("法定名称章·%d 字", len([]rune(long))), "legal-name  45 mm"},
		{Design{Kind: Branch, Name: "云杉示例科技有限公司北方分公司"}, "分支机构章", "branch  40 mm"},
		{Design{Kind: ForeignInvested, Name: "云杉示例（中国）投资有限公司"}, "外商投资企业", "foreign-invested  45 × 30 mm"},
		{Design{Kind: Finance, Name: "云杉示例科技有限公司"}, "财务专用章", "finance  38 mm"},
		{Design{Kind: Contract, Name: "云杉示例科技有限公司", Number: 2, Code: "9900000000026"}, "合同专用章·序号、编码", "contract  38 mm"},
		{Design{Kind: Business, Name: "云杉示例科技有限公司", Purpose: "招标投标专用章"}, "业务专用章", "business  38 mm"},
		{Design{Kind: Invoice, Name: "云杉示例科技有限公司", TaxNumber: taxNumber, Number: 1}, "发票专用章", "invoice  40 × 30 mm"},
		{Design{Kind: Agency, Name: "示例自治县数据局", Minority: line}, "民族文字·外圈", "upper  42 mm  壮文字样（示意）"},
		{Design{Kind: Agency, Name: "示例自治县数据局", Minority: line, MinorityPlace: Inside}, "民族文字·内圈", "lower  42 mm  壮文字样（示意）"},
		{Design{Kind: LegalName, Name: "云杉（示例）ABC科技·第10分公司", Diameter: 42}, "括号、字母、数字", "legal-name  42 mm"},
		{Design{Kind: ForeignInvested, Name: "云杉示例贸易有限公司", Purpose: "合同专用章", Number: 1, Code: "9900000000034"}, "椭圆·用途、编码", "foreign-invested  45 × 30 mm"},
		{Design{Kind: LegalRepresentative, Name: "李示例"}, "法定代表人名章", "legal-representative  20 × 20 mm"},
		{Design{Kind: Personal, Name: "欧阳示例", Intaglio: true}, "个人名章·白文", "personal  18 × 18 mm"},
		{Design{Kind: Personal, Name: "张三", Width: 16, Height: 16}, "个人名章·朱文", "personal  16 × 16 mm"},
		{Design{Kind: Personal, Name: "王示例", Width: 20, Height: 10}, "个人名章·横排", "personal  20 × 10 mm"},
	}
}

// sheet is the picture: two coverages that are blended at the end.
type sheet struct {
	ink, text, mark *image.Alpha
}

// paint fills outlines given in pixels.
func paint(on *image.Alpha, outlines ...font.Outline) {
	for _, o := range outlines {
		b := o.Bounds()
		r := image.Rect(int(b.MinX)-1, int(b.MinY)-1, int(b.MaxX)+2, int(b.MaxY)+2).Intersect(on.Rect)
		if r.Empty() {
			continue
		}
		z := vector.NewRasterizer(r.Dx(), r.Dy())
		Fill(z, o, func(p font.Point) (x, y float32) {
			return float32(p.X) - float32(r.Min.X), float32(p.Y) - float32(r.Min.Y)
		})
		z.Draw(on, r, image.Opaque, image.Point{})
	}
}

// write sets text centred on x with its baseline at y, size pixels an em, turned by angle radians.
func write(on *image.Alpha, text string, x, y, size, angle float64) {
	width := 0.0
	for _, r := range text {
		width += font.Default().Advance(r)
	}
	sin, cos := math.Sincos(angle)
	at := -width / 2
	for _, r := range text {
		o, _ := font.Default().Outline(r)
		left := at
		paint(on, o.Map(func(p font.Point) font.Point {
			u, v := (left+p.X)*size, -p.Y*size
			return font.Point{X: x + u*cos - v*sin, Y: y + u*sin + v*cos}
		}))
		at += font.Default().Advance(r)
	}
}

func drawSheet(t *testing.T, list []sample) []byte {
	drawings := make([]*Drawing, len(list))
	var rows []float64 // height of the seals, pixels
	for i, s := range list {
		drawings[i] = mustNew(t, s.design)
		if i%sheetColumns == 0 {
			rows = append(rows, 0)
		}
		rows[len(rows)-1] = max(rows[len(rows)-1], drawings[i].Height*sheetScale)
	}
	height := float64(sheetMargin)
	for _, r := range rows {
		height += r + captionRoom
	}
	box := image.Rect(0, 0, sheetWidth, int(height))
	s := sheet{image.NewAlpha(box), image.NewAlpha(box), image.NewAlpha(box)}
	write(s.text, "印章式样：样章，名称与编码均为虚构", sheetWidth/2, 52, 1.4*captionSize, 0)
	top := float64(sheetMargin)
	for i, d := range drawings {
		if i > 0 && i%sheetColumns == 0 {
			top += rows[i/sheetColumns-1] + captionRoom
		}
		x, room := (float64(i%sheetColumns)+0.5)*sheetWidth/sheetColumns, rows[i/sheetColumns]
		s.place(t, d, x-d.Width*sheetScale/2, top+(room-d.Height*sheetScale)/2)
		side := min(d.Width, d.Height) * sheetScale
		size := max(0.30*side, 44)
		write(s.mark, specimenText, x+0.19*size, top+room/2+0.33*size, size, -math.Pi/6)
		write(s.text, list[i].caption, x, top+room+captionSize*1.5, captionSize, 0)
		write(s.text, list[i].detail, x, top+room+captionSize*2.7, captionSize*0.78, 0)
	}
	return s.encode(t)
}

// place inks a seal at a pixel position; a seal of the sheet is laid at its own resolution.
func (s *sheet) place(t *testing.T, d *Drawing, x, y float64) {
	t.Helper()
	move := func(p font.Point) font.Point { return font.Point{X: x + p.X*sheetScale, Y: y + p.Y*sheetScale} }
	var cut []font.Outline
	for _, shape := range d.Shapes() {
		if o := shape.Outline.Map(move); shape.Cut {
			cut = append(cut, o)
		} else {
			paint(s.ink, o)
		}
	}
	hole := image.NewAlpha(s.ink.Rect)
	paint(hole, cut...)
	for i, v := range hole.Pix {
		s.ink.Pix[i] = uint8(int(s.ink.Pix[i]) * (255 - int(v)) / 255)
	}
}

// encode blends ink, mark and captions: 16 steps of ink by 8 of the mark, and 32 greys.
func (s *sheet) encode(t *testing.T) []byte {
	t.Helper()
	blend := func(under, over uint8, share int) uint8 {
		return uint8((int(under)*(255-share) + int(over)*share) / 255)
	}
	var palette color.Palette
	for ink := range 16 {
		for mark := range 8 {
			c := color.NRGBA{255, 255, 255, 255}
			a, m := ink*17, mark*10 // the mark is never opaque
			c.R, c.G, c.B = blend(c.R, Red.R, a), blend(c.G, Red.G, a), blend(c.B, Red.B, a)
			c.R, c.G, c.B = blend(c.R, 0x60, m), blend(c.G, 0x84, m), blend(c.B, 0xB0, m)
			palette = append(palette, c)
		}
	}
	for grey := range 32 {
		v := uint8(255 - grey*7)
		palette = append(palette, color.NRGBA{v, v, v, 255})
	}
	img := image.NewPaletted(s.ink.Rect, palette)
	for i := range img.Pix {
		if v := int(s.text.Pix[i]); v > 3 {
			img.Pix[i] = uint8(128 + v/8)
			continue
		}
		img.Pix[i] = uint8((int(s.ink.Pix[i])+8)/17*8 + (int(s.mark.Pix[i])*7+127)/255)
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestSheet holds that every kind is in the picture, and with -update draws it.
func TestSheet(t *testing.T) {
	list := samples(t)
	shown := map[Kind]bool{}
	for _, s := range list {
		shown[s.design.Kind] = true
	}
	for _, k := range Kinds() {
		if !shown[k] {
			t.Errorf("%s is not in the picture", k)
		}
	}
	data := drawSheet(t, list)
	if len(data) > 600<<10 {
		t.Errorf("the picture has %d bytes", len(data))
	}
	path := filepath.Join("..", "..", "docs", "seals.png")
	if *update {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	have, err := png.DecodeConfig(kept)
	want, _ := png.DecodeConfig(bytes.NewReader(data))
	if err != nil || have.Width != want.Width || have.Height != want.Height {
		t.Errorf("%s is %d × %d, the seals now make %d × %d: run with -update (%v)", strings.TrimPrefix(path, "../../"), have.Width, have.Height, want.Width, want.Height, err)
	}
}
