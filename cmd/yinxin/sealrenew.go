package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"yinxin/codes"
	"yinxin/issue"
	"yinxin/seal"
	"yinxin/seal/draw"
)

type sealRenewOptions struct {
	makerOptions
	old, oldMaker, code, kind string
	sameCode                  bool
}

func (a *app) sealRenew() *cobra.Command {
	var o sealRenewOptions
	c := &cobra.Command{
		Use:   "renew --seal OLD.esl --signer CERT --maker-key REF --maker-cert CERT --code CODE|--same-code --out NEW.esl",
		Short: "重新制章 / remake a seal: new signers and period, the same picture, name and type",
		Long: `renew 为将要到期或签章人换了证书的印章重新制章。图像、名称和类型沿用原印章；签章人、有效期和制章时间是新的，编码也是新的，除非加 --same-code。
原印章的制章者签名必须有效，并且出自制章者自己的密钥；若出自别的制章者，或同一制章者从前的密钥，请先核验原印章，再用 --old-maker 给出其中的证书。

原印章保持不变：已用它签章的文件依然如故，停用它是印章登记机构的事。最后输出的一行把新旧印章对应起来，供登记使用。

renew remakes a seal whose period ends or whose signer has a reissued certificate. Picture, name and type are those of the old seal; signers, period and
creation time are new, and so is the code unless --same-code says otherwise. The old seal's maker signature must hold, and must be of the maker's own key;
where it is another's, or an earlier key of the same maker, name the certificate that the old seal has: --old-maker FILE, after verifying that seal.

The old seal stays what it is: what was sealed with it stays sealed, and to disable it is for its register. The last line printed links the two for it.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.renewSeal(c.Context(), o, c.Flags().Changed("digest-list"))
		},
	}
	f := c.Flags()
	f.StringVar(&o.old, "seal", "", "原印章 / `FILE` of the seal to remake, of any generation")
	f.StringVar(&o.code, "code", "", "新印章编码 / `CODE` of the new seal: 13 digits, 3 to 19 are taken")
	f.BoolVar(&o.sameCode, "same-code", false, "沿用原编码 / keep the old seal's code; the two then differ in their digests only")
	must(c.MarkFlagRequired("seal"))
	o.makerOptions.flags(c)
	f.BoolVar(&o.digests, "digest-list", false, "证书摘要列表 / name the signers by SM3 digests, or not: --digest-list=false (default: as in the old seal)")
	f.StringVar(&o.oldMaker, "old-maker", "", "原制章者证书 / `FILE` of the certificate that made the old seal, where it is not the maker's own key")
	f.StringVar(&o.maker, "maker-id", "", "制章者标识 / the maker's `ID` in the header (default: the old seal's, of another maker's seal "+defaultMaker+")")
	f.IntVar(&o.version, "version", 0, "结构版本 / generation `N`, 4 or 5 (default: the old seal's; a seal of 2014 needs it)")
	f.StringVar(&o.kind, "type", "", "类型 / `KIND`, for a seal of 2014 only: "+words(draw.Kinds()))
	return c
}

func (a *app) renewSeal(ctx context.Context, o sealRenewOptions, listSaid bool) error {
	r, err := o.renewal(a, listSaid)
	if err != nil {
		return err
	}
	key, forget, err := o.openKey(ctx, a, o.makerKey)
	if err != nil {
		return err
	}
	defer forget() //nolint:errcheck // closing forgets keys; there is nothing to lose
	r.Maker.Key = key
	made, err := issue.RenewSeal(ctx, r)
	if err != nil {
		return err
	}
	if err := o.writeBytes(made.ESL); err != nil {
		return err
	}
	a.warn(made.Warnings)
	if err := a.made(o.out, made.ESL, "已重新制章", "seal remade"); err != nil {
		return err
	}
	for _, oid := range made.Dropped {
		fmt.Fprintf(a.out, a.say("未保留的扩展项：%s（原印章是别的制章者制作的）\n", "extension not kept: %s (another maker made the old seal)\n"), oid)
	}
	fmt.Fprintf(a.out, a.say("原印章 %s（SM3 %x）→ 新印章 %s（SM3 %x）；原印章请在登记处停用\n", "old seal %s (SM3 %x) → new seal %s (SM3 %x); have the old one disabled in its register\n"),
		plain(made.Old.ID), made.Old.SM3, plain(made.New.ID), made.New.SM3)
	return nil
}

func (o *sealRenewOptions) renewal(a *app, listSaid bool) (issue.Renewal, error) {
	r := issue.Renewal{SameCode: o.sameCode, Version: seal.Version(o.version), Now: a.now}
	var err error
	if (o.code == "") == !o.sameCode {
		return r, usage("--code 与 --same-code 须给出一个，且只能一个", "give either --code or --same-code")
	}
	if o.code != "" {
		if r.Code, err = codes.ParseSealCode(o.code); err != nil {
			return r, err
		}
	}
	if sameFile(o.old, o.out) {
		return r, usage("--out 不能覆盖原印章 "+o.old+"，请换一个文件名", "--out would overwrite the old seal "+o.old+": choose another name")
	}
	if plain(o.maker) != o.maker {
		return r, usage("--maker-id 中有控制字符，请去掉", "--maker-id has control characters: take them out")
	}
	if r.Type, err = o.typeNumber(); err != nil {
		return r, err
	}
	if r.Old, err = readSeal(o.old); err != nil {
		return r, err
	}
	if err := o.read(a.now()); err != nil {
		return r, err
	}
	r.Signers, r.Start, r.End = o.signerCerts, o.start, o.end
	r.Maker = issue.Maker{Certificate: o.makerCertificate.Raw, ID: o.maker}
	if o.oldMaker != "" {
		c, err := readCertificate(o.oldMaker)
		if err != nil {
			return r, err
		}
		r.OldMaker = c.Raw
		if o.maker == "" {
			r.Maker.ID = defaultMaker
		}
	}
	if listSaid {
		r.List = map[bool]int{false: seal.ListCerts, true: seal.ListDigests}[o.digests]
	}
	return r, nil
}

// sameFile reports whether two names are of one file that exists.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// typeNumber is nil where the option was not given.
func (o *sealRenewOptions) typeNumber() (*int, error) {
	if o.kind == "" {
		return nil, nil
	}
	n, ok := sealTypes[draw.Kind(strings.TrimSpace(o.kind))]
	if !ok {
		return nil, oneOf("--type", o.kind, words(draw.Kinds()))
	}
	return &n, nil
}

// readSeal reads a file that must be a seal, in any form that show takes.
func readSeal(path string) ([]byte, error) {
	data, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	der, _ := binary(data)
	if _, err := seal.Parse(der); err != nil {
		return nil, unreadable(path, err)
	}
	return der, nil
}
