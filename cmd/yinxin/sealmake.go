package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"yinxin/codes"
	"yinxin/issue"
	"yinxin/seal"
	"yinxin/seal/draw"
)

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
