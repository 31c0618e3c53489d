package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"yinxin/codes"
	"yinxin/issue"
	"yinxin/seal"
	"yinxin/seal/draw"
	"yinxin/seal/draw/scan"
)

type sealMakeOptions struct {
	makerOptions
	designOptions
	scanOptions
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

--image 不绘制印章，而从印迹的扫描图或照片（PNG、JPEG）上取下图像：把印油与纸张、黑色文字分开，转正，沿边框裁下，取为整毫米，颜色均匀，然后按该类印章的
规定量测，逐条说明。大小按 --dpi 或图像自带的分辨率换算，也可用 --diameter 或 --size 写明印迹的实际毫米数。扫描件原样存在印章旁边（F.source.png 或
.jpg，及说明处理经过的 F.source.json），印章图像里记有它的 SM3 摘要，seal show 会显示。被黑字盖住的印油看不见，由旁边补出，盖住太多则拒绝；一图只能有
一枚印章。红色以外用 --ink blue；黑色印章不能与文字分开，不受理。

make makes a seal: a picture, a name, a period and the certificates that may use it, signed by the maker.

--valid-from and --valid-to are days in China (UTC+8), both included: --valid-to 2027-03-01 is valid through 23:59:59 of that day. A time with its
zone (RFC 3339) is taken as it is, to the second. A seal that outlives a certificate of a signer or of the maker is made with a warning.

--digest-list names the signers by SM3 digests of their certificates instead of holding the certificates: the seal is smaller and does not say who they
are. Whoever seals with it must then name the certificate: stamp --cert.

--image takes the picture off a scan or photograph (PNG, JPEG) of the seal's print on paper instead of drawing it: ink is told from paper and black
print, turned upright, cut at the border, set to whole millimetres and evened out in colour; then it is measured against the rules for its kind, each of
which is reported and none of which stops the making. Its size is told by --dpi or by what the file says, or given with --diameter or --size, the true
millimetres of the print. The scan is kept beside the seal as it is (F.source.png or .jpg, with F.source.json saying what was done), and the seal's
picture holds its SM3 digest, which seal show shows. Ink under black print cannot be seen: it is filled in from beside it, and where that would be too
much the scan is refused. One scan holds one seal. --ink blue takes blue ones; black ones cannot be told from print and are not taken.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("rotate") {
				o.turn = &o.rotate
			}
			return a.makeSeal(c.Context(), o)
		},
	}
	o.designOptions.flags(c)
	o.scanOptions.flags(c)
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
	order, taken, err := o.order(a)
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
	if taken != nil {
		if err := taken.keep(&o.outOptions, esl); err != nil {
			return err
		}
	}
	if err := o.writeBytes(esl); err != nil {
		return err
	}
	a.warn(order.Warnings())
	if taken != nil {
		if err := a.scanWords(taken, o.out); err != nil {
			return err
		}
	}
	return a.made(o.out, esl, "已制章", "seal made")
}

// order is what is to be made, and the scan where the picture is taken off one.
func (o *sealMakeOptions) order(a *app) (issue.SealOrder, *scanned, error) {
	if err := o.check(); err != nil {
		return issue.SealOrder{}, nil, err
	}
	for _, text := range []string{o.name, o.title, o.maker} {
		if plain(text) != text {
			return issue.SealOrder{}, nil, usage("“"+text+"”中有控制字符，不能写进印章，请去掉", "“"+text+"” has control characters, which cannot stand in a seal: take them out")
		}
	}
	code, err := codes.ParseSealCode(o.code)
	if err != nil {
		return issue.SealOrder{}, nil, err
	}
	if o.codeOnSeal != "" && o.codeOnSeal != code.String() {
		return issue.SealOrder{}, nil, usage("--code-on-seal 与 --code 不一致：印面上的编码须是印章编码", "--code-on-seal differs from --code: the code on the seal is the seal's code")
	}
	if err := o.read(a.now()); err != nil {
		return issue.SealOrder{}, nil, err
	}
	picture, taken, err := o.picture()
	if err != nil {
		return issue.SealOrder{}, nil, err
	}
	order := issue.SealOrder{Type: sealTypes[draw.Kind(o.kind)], Name: o.sealName(), Code: code, Picture: picture, Signers: o.signerCerts, Start: o.start, End: o.end,
		Maker: issue.Maker{Certificate: o.makerCertificate.Raw, ID: o.maker}, Version: seal.Version(o.version), Now: a.now}
	if o.digests {
		order.List = seal.ListDigests
	}
	return order, taken, nil
}

// picture draws the picture, or takes it off a scan.
func (o *sealMakeOptions) picture() (seal.Picture, *scanned, error) {
	if o.image != "" {
		s, err := o.lift()
		if err != nil {
			return seal.Picture{}, nil, err
		}
		return s.picture, s, s.free(&o.outOptions)
	}
	if o.turn != nil || o.dpi != 0 || o.ink != string(scan.Red) {
		return seal.Picture{}, nil, usage("--dpi、--ink、--rotate 用于扫描图，须同时给出 --image", "--dpi, --ink and --rotate are for a scan: give --image too")
	}
	design, err := o.design()
	if err != nil {
		return seal.Picture{}, nil, err
	}
	p, err := issue.Picture(design, fonts())
	return p, nil, err
}

// sealName is what the seal calls itself: the owner and, for special seals, what it is for.
func (o *sealMakeOptions) sealName() string {
	if o.title != "" {
		return o.title
	}
	purpose := o.purpose
	if purpose == "" {
		purpose = usualPurpose(draw.Kind(o.kind))
	}
	return o.name + strings.TrimPrefix(purpose, draw.Bare)
}

// usualPurpose is what stands on a kind of seal below the star where nothing else was said.
func usualPurpose(k draw.Kind) string {
	return map[draw.Kind]string{draw.Finance: "财务专用章", draw.Contract: "合同专用章", draw.Invoice: "发票专用章"}[k]
}
