package main

import (
	"context"
	"fmt"
	"image/color"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"yinxin/codes"
	"yinxin/font"
	"yinxin/issue"
	"yinxin/seal"
	"yinxin/seal/draw"
)

func (a *app) sealCommand() *cobra.Command {
	c := group("seal", "印章 / electronic seals: make, show, draw")
	c.AddCommand(a.sealMake(), a.sealShow(), a.sealDraw())
	return c
}

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

type sealMakeOptions struct {
	keyOptions
	designOptions
	title, code, makerKey, makerCert, maker, out string
	signers                                      []string
	version, days                                int
}

func (a *app) sealMake() *cobra.Command {
	var o sealMakeOptions
	c := &cobra.Command{
		Use:   "make --type KIND --name NAME --code CODE --signer CERT --maker-key REF --maker-cert CERT --out F.esl",
		Short: "制章 / make a seal: the maker signs picture, owner and signers",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return a.makeSeal(c.Context(), o) },
	}
	o.designOptions.flags(c)
	o.keyOptions.flags(c.Flags())
	f := c.Flags()
	f.StringVar(&o.title, "title", "", "印章名称 / the seal's own `NAME` (default: name and purpose)")
	f.StringVar(&o.code, "code", "", "印章编码 / seal `CODE`: 13 digits, 3 to 19 are taken")
	f.StringArrayVar(&o.signers, "signer", nil, "签章人证书 / `FILE` of a certificate that may use the seal; repeat for several")
	f.StringVar(&o.makerKey, "maker-key", "", "制章者密钥 / `REF` of the maker's key")
	f.StringVar(&o.makerCert, "maker-cert", "", "制章者证书 / `FILE` of the maker's certificate")
	f.StringVar(&o.maker, "maker-id", "YINXIN", "制章者标识 / the maker's `ID` in the seal's header")
	f.IntVar(&o.version, "version", 4, "结构版本 / generation `N`: 4 (GB/T 38540-2020) or 5 (GM/T 0031-2025)")
	f.IntVar(&o.days, "days", 0, "有效天数 / `DAYS` of validity (default: as long as the signers' certificates)")
	f.StringVar(&o.out, "out", "", "输出 / `FILE` to write (.esl)")
	for _, name := range []string{"code", "signer", "maker-key", "maker-cert", "out"} {
		must(c.MarkFlagRequired(name))
	}
	return c
}

func (a *app) makeSeal(ctx context.Context, o sealMakeOptions) error {
	order, err := o.order(a)
	if err != nil {
		return err
	}
	key, forget, err := o.openKey(ctx, a, o.makerKey)
	if err != nil {
		return err
	}
	defer forget() //nolint:errcheck // closing forgets keys; there is nothing to lose
	order.Maker.Key = key
	esl, err := issue.MakeSeal(ctx, order)
	if err != nil {
		return err
	}
	if err := writeBytes(o.out, 0o644, esl); err != nil {
		return err
	}
	fmt.Fprintf(a.out, a.say("已制章：%s  %s  有效期至 %s\n", "seal made: %s  %s  valid until %s\n"), plain(o.out), order.Name, order.End.Format(time.DateOnly))
	return nil
}

func (o *sealMakeOptions) order(a *app) (issue.SealOrder, error) {
	if err := o.check(); err != nil {
		return issue.SealOrder{}, err
	}
	if o.days < 0 {
		return issue.SealOrder{}, notNegative("--days")
	}
	for _, text := range []string{o.name, o.title, o.maker} {
		if plain(text) != text {
			return issue.SealOrder{}, usage("“"+text+"”中有控制字符，不能写进印章，请去掉", "“"+text+"” has control characters, which cannot stand in a seal: take them out")
		}
	}
	code, err := codes.ParseSealCode(o.code)
	if err != nil {
		return issue.SealOrder{}, err
	}
	maker, err := readCertificate(o.makerCert)
	if err != nil {
		return issue.SealOrder{}, err
	}
	design := o.design()
	picture, err := issue.Picture(design, fonts())
	if err != nil {
		return issue.SealOrder{}, err
	}
	order := issue.SealOrder{Type: sealTypes[design.Kind], Name: o.sealName(), Code: code, Picture: picture, Start: a.now(),
		Maker: issue.Maker{Certificate: maker.Raw, ID: o.maker}, Version: seal.Version(o.version), Now: a.now}
	for _, path := range o.signers {
		c, err := readCertificate(path)
		if err != nil {
			return issue.SealOrder{}, err
		}
		order.Signers = append(order.Signers, c)
		if order.End.IsZero() || c.NotAfter.Before(order.End) {
			order.End = c.NotAfter
		}
	}
	if o.days > 0 {
		order.End = order.Start.AddDate(0, 0, o.days)
	}
	return order, nil
}

// sealName is what the seal calls itself: the owner and, for special seals, what it is for.
func (o *sealMakeOptions) sealName() string {
	if o.title != "" {
		return o.title
	}
	purpose := o.purpose
	if purpose == "" {
		purpose = map[draw.Kind]string{draw.Finance: "财务专用章", draw.Contract: "合同专用章", draw.Invoice: "发票专用章"}[draw.Kind(o.kind)]
	}
	return o.name + strings.TrimPrefix(purpose, draw.Bare)
}

func (a *app) sealShow() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "show F.esl",
		Short: "查看印章 / say what is in a seal",
		Args:  oneArg("印章文件", "seal file"),
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := readSmall(args[0])
			if err != nil {
				return err
			}
			s, err := seal.Parse(data)
			if err != nil {
				return unreadable(args[0], err)
			}
			return a.showSeal(s, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "JSON")
	return c
}
