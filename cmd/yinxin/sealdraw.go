package main

import (
	"image/color"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"yinxin/font"
	"yinxin/seal"
	"yinxin/seal/draw"
)

// kinds are the seals that can be drawn.
const kinds = "agency, legal-name, finance, contract, invoice, legal-representative"

// designOptions say what a seal looks like.
type designOptions struct {
	kind, name, purpose, tax string
	number                   int
	diameter                 float64
}

func (o *designOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.kind, "type", "", "类型 / `KIND` of seal: "+kinds)
	f.StringVar(&o.name, "name", "", "所有者名称 / `NAME` of the owner, along the border")
	f.StringVar(&o.purpose, "purpose", "", "用途 / `TEXT` of the line below the star (default by type)")
	f.StringVar(&o.tax, "tax-number", "", "税号 / taxpayer's `NUMBER`, of an invoice seal only")
	f.IntVar(&o.number, "number", 0, "编号 / number `N` among several seals of one purpose, 1 to 999")
	f.Float64Var(&o.diameter, "diameter", 0, "直径 / diameter in `MM`, 10 to 60 (default by type)")
	must(c.MarkFlagRequired("type"))
	must(c.MarkFlagRequired("name"))
}

// check refuses a kind of seal that cannot be drawn and says which can.
func (o *designOptions) check() error {
	if _, ok := sealTypes[draw.Kind(o.kind)]; ok {
		return nil
	}
	return usage("--type 不能是“"+o.kind+"”，应为 "+kinds+" 之一", "--type cannot be “"+o.kind+"”: it is one of "+kinds)
}

func (o *designOptions) design() draw.Design {
	return draw.Design{Kind: draw.Kind(o.kind), Name: o.name, Purpose: o.purpose, TaxNumber: o.tax, Number: o.number, Diameter: o.diameter, Color: color.NRGBA{}}
}

// sealTypes are the numbers inside the seal for the kinds that can be drawn.
var sealTypes = map[draw.Kind]int{
	draw.Agency: seal.TypeLegal, draw.LegalName: seal.TypeLegal, draw.Finance: seal.TypeFinance, draw.Contract: seal.TypeContract,
	draw.Invoice: seal.TypeInvoice, draw.LegalRepresentative: seal.TypeLegalRep,
}

func fonts() font.Stack { return font.Stack{font.Default()} }

func (a *app) sealDraw() *cobra.Command {
	var o designOptions
	var out string
	c := &cobra.Command{
		Use:   "draw --type KIND --name NAME --out F.png",
		Short: "样章预览 / draw a seal's picture, marked 样章",
		Long:  "draw writes a preview with 样章 across it, as PNG or SVG by the file's name. A picture without the mark exists only inside a made seal.",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := o.check(); err != nil {
				return err
			}
			kind := strings.ToLower(filepath.Ext(out))
			if kind != ".png" && kind != ".svg" {
				return usage("--out 的文件名须以 .png 或 .svg 结尾，不能是“"+out+"”", "--out is a file name ending in .png or .svg, not “"+out+"”")
			}
			d, err := draw.New(o.design(), fonts())
			if err != nil {
				return err
			}
			if kind == ".svg" {
				return writeBytes(out, 0o644, d.SpecimenSVG())
			}
			data, err := d.Specimen(draw.Resolution)
			if err != nil {
				return err
			}
			return writeBytes(out, 0o644, data)
		},
	}
	o.flags(c)
	c.Flags().StringVar(&out, "out", "", "输出 / `FILE` to write (.png or .svg)")
	must(c.MarkFlagRequired("out"))
	return c
}
