package main

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"yinxin/font"
	"yinxin/seal"
	"yinxin/seal/draw"
)

// designOptions say what a seal looks like.
type designOptions struct {
	kind, level, name, purpose, tax, codeOnSeal string
	number                                      int
	diameter, emblemSize                        float64
	size, emblem, minority, minorityPlace       string
	intaglio                                    bool
	faces                                       []string
}

func (o *designOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.kind, "type", "", "类型 / `KIND` of seal: "+words(draw.Kinds()))
	f.StringVar(&o.name, "name", "", "所有者名称 / `NAME` of the owner, along the border")
	f.StringVar(&o.level, "level", "", "机关级别，定直径和中央图案 / `LEVEL` of an agency, which settles diameter and centre: "+words(draw.Levels()))
	f.StringVar(&o.purpose, "purpose", "", "用途或内设机构 / `TEXT` of the line below the star: the purpose, or the department (default by type; - for none)")
	f.StringVar(&o.tax, "tax-number", "", "税号 / taxpayer's `NUMBER`, of an invoice seal only")
	f.IntVar(&o.number, "number", 0, "编号 / number `N` among several seals of one purpose, 1 to 999")
	f.StringVar(&o.codeOnSeal, "code-on-seal", "", "印面编码 / `DIGITS` of the seal's code along the lower border, 13 or 3 to 19")
	f.Float64Var(&o.diameter, "diameter", 0, "直径 / diameter in `MM` of a round seal (default by type and level)")
	f.StringVar(&o.size, "size", "", "宽高 / `WxH` in mm of an oval or name seal, such as 45x30, 18x18 or 20x10")
	f.StringVar(&o.emblem, "emblem", "", "徽标 / `F.svg` in the centre instead of the star: one colour, filled paths; the state emblem is not part of this program")
	f.Float64Var(&o.emblemSize, "emblem-size", 0, "徽标尺寸 / longer side of the emblem in `MM` (default a third of the diameter)")
	f.StringVar(&o.minority, "minority", "", "民族文字 / `F.svg` with a straight line of text in another script as paths, to be bent along the upper border")
	f.StringVar(&o.minorityPlace, "minority-place", "upper", "民族文字位置 / `PLACE`: upper (along the border) or lower (below the arc of the name)")
	f.BoolVar(&o.intaglio, "intaglio", false, "白文 / characters of a name seal cut out of the ink")
	f.StringArrayVar(&o.faces, "font", nil, "字体 / `ROLE=F.ttf` for name, purpose, digits or all (F.ttc#1 for a second face, embedded for the built-in Song); "+
		"repeat for roles, and for fonts to fall back on")
	must(c.MarkFlagRequired("type"))
	must(c.MarkFlagRequired("name"))
}

// words lists what an option takes.
func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

// check refuses a kind of seal that cannot be drawn and says which can.
func (o *designOptions) check() error {
	if _, ok := sealTypes[draw.Kind(o.kind)]; !ok {
		return oneOf("--type", o.kind, words(draw.Kinds()))
	}
	if all := words(draw.Levels()); o.level != "" && !strings.Contains(", "+all+",", " "+o.level+",") {
		return oneOf("--level", o.level, all)
	}
	if o.minorityPlace != "upper" && o.minorityPlace != "lower" {
		return oneOf("--minority-place", o.minorityPlace, "upper, lower")
	}
	return nil
}

func oneOf(option, value, choices string) error {
	return usage(option+" 不能是“"+value+"”，应为 "+choices+" 之一", option+" cannot be “"+value+"”: it is one of "+choices)
}

// design turns the options into what is to be drawn; it reads the files they name.
func (o *designOptions) design() (draw.Design, error) {
	d := draw.Design{
		Kind: draw.Kind(o.kind), Level: draw.Level(o.level), Name: o.name, Purpose: o.purpose, TaxNumber: o.tax, Number: o.number, Code: o.codeOnSeal,
		Diameter: o.diameter, EmblemSize: o.emblemSize, Intaglio: o.intaglio,
	}
	var err error
	if d.Width, d.Height, err = parseSize(o.size); err != nil {
		return draw.Design{}, err
	}
	if d.Emblem, err = readArtwork(o.emblem); err != nil {
		return draw.Design{}, err
	}
	if d.Minority, err = readArtwork(o.minority); err != nil {
		return draw.Design{}, err
	}
	if o.minorityPlace == "lower" {
		d.MinorityPlace = draw.Inside
	}
	d.Faces, err = readFaces(o.faces)
	return d, err
}

// parseSize reads --size; an empty one is the kind's own.
func parseSize(s string) (width, height float64, err error) {
	if s == "" {
		return 0, 0, nil
	}
	w, h, _ := strings.Cut(strings.NewReplacer("×", "x", "X", "x", "*", "x").Replace(s), "x")
	width, errW := strconv.ParseFloat(strings.TrimSpace(w), 64)
	height, errH := strconv.ParseFloat(strings.TrimSpace(h), 64)
	if errW != nil || errH != nil || !(width > 0 && height > 0) {
		return 0, 0, usage("--size 写作 宽x高（毫米），如 45x30，不能是“"+s+"”", "--size is written WxH in mm, such as 45x30, not “"+s+"”")
	}
	return width, height, nil
}

func readArtwork(path string) (*draw.Artwork, error) {
	if path == "" {
		return nil, nil
	}
	data, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	art, err := draw.ParseArtwork(data)
	return art, about(path, err)
}

// embeddedFont is how --font names the font of this program.
const embeddedFont = "embedded"

// readFaces opens the fonts of --font. A role that is named is drawn by its fonts alone, in the order given.
func readFaces(specs []string) (draw.Faces, error) {
	var faces draw.Faces
	for _, spec := range specs {
		role, path, _ := strings.Cut(spec, "=")
		var roles []*font.Stack
		switch role {
		case "name":
			roles = []*font.Stack{&faces.Name}
		case "purpose":
			roles = []*font.Stack{&faces.Purpose}
		case "digits":
			roles = []*font.Stack{&faces.Digits}
		case "all":
			roles = []*font.Stack{&faces.Name, &faces.Purpose, &faces.Digits}
		}
		if len(roles) == 0 || path == "" {
			return draw.Faces{}, usage("--font 写作 角色=字体文件，角色为 name、purpose、digits 或 all，不能是“"+spec+"”",
				"--font is written ROLE=FILE with a role name, purpose, digits or all, not “"+spec+"”")
		}
		f, err := openFont(path)
		if err != nil {
			return draw.Faces{}, err
		}
		for _, stack := range roles {
			*stack = append(*stack, f)
		}
	}
	return faces, nil
}

// openFont opens a font file; #N behind a collection's name is the number of a face, from 0.
func openFont(path string) (*font.Font, error) {
	if path == embeddedFont {
		return font.Default(), nil
	}
	face := 0
	if at := strings.LastIndexByte(path, '#'); at >= 0 {
		if n, err := strconv.Atoi(path[at+1:]); err == nil {
			path, face = path[:at], n
		}
	}
	return font.Open(path, face)
}

// sealTypes are the numbers inside the seal for the kinds that can be drawn. The national list has none for departments and branches.
var sealTypes = map[draw.Kind]int{
	draw.Agency: seal.TypeLegal, draw.Institution: seal.TypeLegal, draw.Society: seal.TypeLegal, draw.PrivateNonEnterprise: seal.TypeLegal,
	draw.LegalName: seal.TypeLegal, draw.ForeignInvested: seal.TypeLegal, draw.Department: seal.TypeOther, draw.Branch: seal.TypeOther,
	draw.Business: seal.TypeBusiness, draw.Finance: seal.TypeFinance, draw.Contract: seal.TypeContract, draw.Invoice: seal.TypeInvoice,
	draw.LegalRepresentative: seal.TypeLegalRep, draw.Personal: seal.TypePersonal,
}

func fonts() font.Stack { return font.Stack{font.Default()} }

func (a *app) sealDraw() *cobra.Command {
	var o designOptions
	var out outOptions
	c := &cobra.Command{
		Use:   "draw --type KIND --name NAME --out F.png",
		Short: "样章预览 / draw a seal's picture, marked 样章",
		Long: `draw 画出带“样章”字样的预览，按文件名写成 PNG 或 SVG。不带字样的图像只存在于制成的印章里。

--emblem 和 --minority 用简单的 SVG：有 viewBox，只含单色填充的路径，没有描边、变换、样式、脚本和引用。少数民族文字由懂该文字的人画成一行直排，
由本命令沿边缘弯曲。

用 --font 指定了字体的部分只用所指定的字体；缺字时报错，并说明字体和缺少的字，决不用别的字体代替。

draw writes a preview with 样章 across it, as PNG or SVG by the file's name. A picture without the mark exists only inside a made seal.

--emblem and --minority take a plain SVG: a viewBox, filled paths of one colour, no strokes, transforms, styles, scripts or references. A minority's
line is drawn straight, by whoever knows the script, and bent along the border here.

A role named with --font is drawn by its fonts alone: a character they lack is an error that names both, never a letter of another face.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := o.check(); err != nil {
				return err
			}
			kind := strings.ToLower(filepath.Ext(out.out))
			if kind != ".png" && kind != ".svg" {
				return usage("--out 的文件名须以 .png 或 .svg 结尾，不能是“"+out.out+"”", "--out is a file name ending in .png or .svg, not “"+out.out+"”")
			}
			design, err := o.design()
			if err != nil {
				return err
			}
			d, err := draw.New(design, fonts())
			if err != nil {
				return err
			}
			if kind == ".svg" {
				return out.writeBytes(d.SpecimenSVG())
			}
			data, err := d.Specimen(draw.Resolution)
			if err != nil {
				return err
			}
			return out.writeBytes(data)
		},
	}
	o.flags(c)
	out.flags(c.Flags(), "输出 / `FILE` to write (.png or .svg)")
	must(c.MarkFlagRequired("out"))
	return c
}
