package main

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"yinxin/ca"
	"yinxin/gm"
	"yinxin/hsm"
)

func (a *app) keyTest() *cobra.Command {
	var o keyOptions
	c := &cobra.Command{
		Use:   "test [REF…]",
		Short: "试签并核验 / have keys sign what nobody has chosen, and verify it; all keys where none is named",
		RunE: func(c *cobra.Command, names []string) error {
			return o.with(a, false, func(p keyring) error {
				if len(names) == 0 {
					all, err := p.List(c.Context())
					if err != nil {
						return err
					}
					for _, k := range all {
						names = append(names, string(k.Ref))
					}
				}
				var errs []error
				for _, n := range names {
					errs = append(errs, a.testKey(c.Context(), &o, p, n))
				}
				return errors.Join(errs...)
			})
		},
	}
	o.flags(c.Flags())
	return c
}

// testKey prints what came of it and returns the failure, so that the command fails too.
func (a *app) testKey(ctx context.Context, o *keyOptions, p keyring, name string) error {
	k, err := p.Key(ctx, hsm.Ref(name))
	if err != nil {
		return about(plain(name), err)
	}
	start := time.Now()
	if err := hsm.Prove(ctx, k); err != nil {
		return about(plain(name), err)
	}
	fmt.Fprintf(a.out, "%s  %s  %v\n", o.refOf(name, k), a.say("核验通过", "verified"), time.Since(start).Round(10*time.Microsecond))
	return nil
}

func (a *app) keyCSR() *cobra.Command {
	var o keyOptions
	var s ca.Subject
	var out string
	c := &cobra.Command{
		Use:   "csr REF --name NAME --out F.csr",
		Short: "证书请求 / write a certificate request (PKCS#10), signed by the key",
		Args:  oneArg("密钥名称", "key name"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := s.Check(); err != nil {
				return err
			}
			k, done, err := o.openKey(c.Context(), a, args[0])
			if err != nil {
				return err
			}
			defer func() { _ = done() }()
			spec, err := hsm.SpecOf(k.Public())
			if err != nil {
				return err
			}
			der, err := gm.CreateCertificateRequest(s.Name(), k.Public(), func(digest []byte) ([]byte, error) {
				return k.Sign(c.Context(), digest, spec.Algorithm)
			})
			if err != nil {
				return err
			}
			return writeBytes(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
		},
	}
	o.flags(c.Flags())
	f := c.Flags()
	f.StringVar(&s.CommonName, "name", "", "名称 / the holder's `NAME`")
	f.StringVar(&s.Organization, "org", "", "组织 / `NAME` of the organization")
	f.StringVar(&s.USCC, "uscc", "", "统一社会信用代码 / unified social credit `CODE`")
	f.StringVar(&s.Country, "country", "CN", "国家 / country `CODE`")
	f.StringVar(&out, "out", "", "输出 / `FILE` to write (.csr)")
	must(c.MarkFlagRequired("name"))
	must(c.MarkFlagRequired("out"))
	return c
}

func (a *app) keyDestroy() *cobra.Command {
	var o keyOptions
	c := &cobra.Command{
		Use:   "destroy REF",
		Short: "销毁 / destroy a key for good; two people confirm it",
		Long: `destroy 永久销毁一把密钥。须由两人确认：各自输入姓名和密钥指纹的前八位数字（key show 会显示指纹）；也可以由管道输入，每行一项。
已无法打开的密钥（公钥或属性被改动）请用厂商自己的工具销毁。

destroy removes a key for good. Two people confirm it: each types a name and the first eight digits of the key's fingerprint, as key show prints it.
They may be piped in, one answer a line. A key that cannot be opened any more (its public half or its attributes changed) is destroyed with the
vendor's own tool.`,
		Args: oneArg("密钥名称", "key name"),
		RunE: func(c *cobra.Command, args []string) error {
			return o.with(a, false, func(p keyring) error { return a.destroyKey(c.Context(), &o, p, args[0]) })
		},
	}
	o.flags(c.Flags())
	return c
}

// destroyKey says which key it is, has two people confirm it, and destroys it.
func (a *app) destroyKey(ctx context.Context, o *keyOptions, p keyring, name string) error {
	k, err := p.Key(ctx, hsm.Ref(name))
	if err != nil {
		return err
	}
	id, err := keyID(k)
	if err != nil {
		return err
	}
	ref := o.refOf(name, k)
	fmt.Fprintf(a.err, a.say("将永久销毁 %s\n%s\n", "this destroys for good: %s\n%s\n"), ref, id)
	who, err := a.twoConfirm(a.say("指纹 sm3: 后的前八位：", "the first eight digits after sm3: "), id[len("sm3:"):][:8])
	if err != nil {
		return err
	}
	if err := p.Destroy(ctx, hsm.Ref(ref)); err != nil {
		return err
	}
	fmt.Fprintf(a.out, a.say("已销毁 %s（%s），%s，确认人：%s、%s\n", "destroyed %s (%s) at %s, confirmed by %s and %s\n"), ref, id, a.now().UTC().Format(time.RFC3339), plain(who[0]), plain(who[1]))
	return nil
}
