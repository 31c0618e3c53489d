package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"yinxin/codes"
	"yinxin/issue"
	"yinxin/seal"
	"yinxin/seal/draw"
)

type sealMakeOptions struct {
	makerOptions
	designOptions
	tsaOptions
	title, code string
}

func (a *app) sealMake() *cobra.Command {
	var o sealMakeOptions
	c := &cobra.Command{
		Use:   "make --type KIND --name NAME --code CODE --signer CERT --maker-key REF --maker-cert CERT --out F.esl",
		Short: "制章 / make a seal: the maker signs picture, owner and signers",
		Long: `make 制章：把图像、名称、有效期和可以使用印章的证书合在一起，由制章者签名。

--valid-from 和 --valid-to 是中国的日期（UTC+8），首尾两天都算在内：--valid-to 2027-03-01 有效到当天 23:59:59。带时区的时间（RFC 3339）按原值使用，
精确到秒。印章的有效期长于签章人或制章者的证书时，照样制章，并给出提示。

--digest-list 在印章里只写签章人证书的 SM3 摘要，不放证书：印章较小，也看不出签章人是谁。用这样的印章签章时，须用 stamp --cert 给出证书。

make makes a seal: a picture, a name, a period and the certificates that may use it, signed by the maker.

--valid-from and --valid-to are days in China (UTC+8), both included: --valid-to 2027-03-01 is valid through 23:59:59 of that day. A time with its
zone (RFC 3339) is taken as it is, to the second. A seal that outlives a certificate of a signer or of the maker is made with a warning.

--digest-list names the signers by SM3 digests of their certificates instead of holding the certificates: the seal is smaller and does not say who they
are. Whoever seals with it must then name the certificate: stamp --cert.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.makeSeal(c.Context(), o) },
	}
	o.designOptions.flags(c)
	f := c.Flags()
	f.StringVar(&o.title, "title", "", "印章名称 / the seal's own `NAME` (default: name and purpose)")
	f.StringVar(&o.code, "code", "", "印章编码 / seal `CODE`: 13 digits, 3 to 19 are taken")
	must(c.MarkFlagRequired("code"))
	o.makerOptions.flags(c)
	f.BoolVar(&o.digests, "digest-list", false, "证书摘要列表 / name the signers by SM3 digests of their certificates")
	f.StringVar(&o.maker, "maker-id", defaultMaker, "制章者标识 / the maker's `ID` in the seal's header")
	f.IntVar(&o.version, "version", int(seal.V4), "结构版本 / generation `N`: 4 (GB/T 38540-2020) or 5 (GM/T 0031-2025)")
	o.tsaOptions.flags(f)
	return c
}

// defaultMaker is the header's Vid where nobody says another.
const defaultMaker = "YINXIN"

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
	client, err := o.tsaOptions.source(a, nil)
	if err != nil {
		return err
	}
	if client != nil {
		defer client.Close()
		order.Timestamps = client
	}
	esl, err := issue.MakeSeal(ctx, order)
	if err != nil {
		return err
	}
	if err := o.writeBytes(esl); err != nil {
		return err
	}
	a.warn(order.Warnings())
	return a.made(o.out, esl, "已制章", "seal made")
}

func (o *sealMakeOptions) order(a *app) (issue.SealOrder, error) {
	if err := o.check(); err != nil {
		return issue.SealOrder{}, err
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
	if o.codeOnSeal != "" && o.codeOnSeal != code.String() {
		return issue.SealOrder{}, usage("--code-on-seal 与 --code 不一致：印面上的编码须是印章编码", "--code-on-seal differs from --code: the code on the seal is the seal's code")
	}
	if err := o.read(a.now()); err != nil {
		return issue.SealOrder{}, err
	}
	design, err := o.design()
	if err != nil {
		return issue.SealOrder{}, err
	}
	picture, err := issue.Picture(design, fonts())
	if err != nil {
		return issue.SealOrder{}, err
	}
	order := issue.SealOrder{Type: sealTypes[design.Kind], Name: o.sealName(), Code: code, Picture: picture, Signers: o.signerCerts, Start: o.start, End: o.end,
		Maker: issue.Maker{Certificate: o.makerCertificate.Raw, ID: o.maker}, Version: seal.Version(o.version), Now: a.now}
	if o.digests {
		order.List = seal.ListDigests
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
