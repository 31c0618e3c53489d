package main

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"yinxin/ca"
	"yinxin/ca/local"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/soft"
)

func (a *app) caCommand() *cobra.Command {
	c := group("ca", "内部证书机构 / an internal certificate authority: its certificates are worth nothing outside")
	c.AddCommand(a.caInit(), a.caIssue(), a.caRevoke(), a.caCRL())
	return c
}

// caOptions name the authority's directory and its keys.
type caOptions struct {
	keyOptions
	dirName string
}

func (o *caOptions) flags(c *cobra.Command) {
	o.keyOptions.flags(c.Flags())
	c.Flags().StringVar(&o.dirName, "dir", "", "目录 / the authority's directory")
	must(c.MarkFlagRequired("dir"))
}

// with opens the authority and the key store for one piece of work and closes both.
func (o *caOptions) with(ctx context.Context, a *app, do func(*local.CA, *soft.Provider) error) error {
	ref, err := local.KeyRef(o.dirName)
	if err != nil {
		return err
	}
	keys, err := o.open(a, false)
	if err != nil {
		return err
	}
	defer keys.Close()
	key, err := keys.Key(ctx, ref)
	if err != nil {
		return err
	}
	authority, err := local.Open(ctx, o.dirName, key, a.now)
	if err != nil {
		return err
	}
	return errors.Join(do(authority, keys), authority.Close())
}

func (a *app) caInit() *cobra.Command {
	var o caOptions
	var key string
	opts := local.Options{Now: a.now}
	c := &cobra.Command{
		Use:   "init --dir DIR --name NAME",
		Short: "建立 / make an authority with a new SM2 root",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			keys, err := o.open(a, true)
			if err != nil {
				return err
			}
			defer keys.Close()
			opts.Ref = hsm.Ref("soft:" + trimSoft(key))
			if opts.Key, err = rootKey(c.Context(), keys, opts.Ref); err != nil {
				return err
			}
			authority, err := local.Init(c.Context(), o.dirName, opts)
			if err != nil {
				return err
			}
			root := authority.Chain()[0]
			fmt.Fprintf(a.out, "%s  %s\n%s\n", a.say("已建立证书机构", "authority made"), filepath.Join(o.dirName, "root.crt"), digestName(root.Raw))
			return authority.Close()
		},
	}
	o.flags(c)
	f := c.Flags()
	f.StringVar(&opts.Name, "name", "", "名称 / name of the root")
	f.StringVar(&key, "key", "ca-root", "根密钥 / key of the root; made if it does not exist")
	f.IntVar(&opts.Years, "years", 10, "根证书年限 / years the root is valid")
	f.IntVar(&opts.CRLDays, "crl-days", 7, "吊销列表有效天数 / days a revocation list is good for")
	f.StringVar(&opts.CRLURL, "crl-url", "", "吊销列表地址 / address put into certificates")
	must(c.MarkFlagRequired("name"))
	return c
}

// rootKey opens the key, or makes it.
func rootKey(ctx context.Context, keys *soft.Provider, ref hsm.Ref) (hsm.Key, error) {
	k, err := keys.Key(ctx, ref)
	if fault.KindOf(err) == fault.NotFound {
		return keys.Generate(ctx, ref, hsm.Spec{Algorithm: hsm.SM2})
	}
	return k, err
}

func (a *app) caIssue() *cobra.Command {
	var o caOptions
	var r ca.Request
	var profile, key, out string
	var days int
	c := &cobra.Command{
		Use:   "issue --dir DIR --name NAME --key REF --out F.crt",
		Short: "签发 / issue a certificate for a key",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.with(c.Context(), a, func(authority *local.CA, keys *soft.Provider) error {
				k, err := keys.Key(c.Context(), hsm.Ref(key))
				if err != nil {
					return err
				}
				r.Profile, r.Public, r.NotBefore = ca.Profile(profile), k.Public(), a.now()
				r.NotAfter = r.NotBefore.AddDate(0, 0, days)
				cert, err := authority.Issue(c.Context(), r)
				if err != nil {
					return err
				}
				if err := writeBytes(out, 0o644, gm.EncodePEM(cert)); err != nil {
					return err
				}
				fmt.Fprintf(a.out, "%s  %x  %s\n", out, cert.SerialNumber, digestName(cert.Raw))
				return nil
			})
		},
	}
	o.flags(c)
	f := c.Flags()
	f.StringVar(&profile, "profile", string(ca.Owner), "用途 / owner (signs documents) or maker (signs seals)")
	f.StringVar(&r.Subject.CommonName, "name", "", "名称 / the holder's name")
	f.StringVar(&r.Subject.Organization, "org", "", "组织 / organization")
	f.StringVar(&r.Subject.USCC, "uscc", "", "统一社会信用代码 / unified social credit code")
	f.StringVar(&r.Subject.Country, "country", "CN", "国家 / country")
	f.StringVar(&key, "key", "", "密钥 / the holder's key")
	f.IntVar(&days, "days", 1095, "有效天数 / days of validity")
	f.StringVar(&out, "out", "", "输出 / certificate to write (.crt)")
	for _, name := range []string{"name", "key", "out"} {
		must(c.MarkFlagRequired(name))
	}
	return c
}

func (a *app) caRevoke() *cobra.Command {
	var o caOptions
	var serial, cert, reason, at string
	c := &cobra.Command{
		Use:   "revoke --dir DIR (--serial HEX | --cert F.crt)",
		Short: "吊销 / revoke a certificate for good",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := serialOf(serial, cert)
			if err != nil {
				return err
			}
			why, err := ca.ParseReason(reason)
			if err != nil {
				return err
			}
			when := a.now()
			if at != "" {
				if when, err = parseTime(at); err != nil {
					return err
				}
			}
			return o.with(c.Context(), a, func(authority *local.CA, _ *soft.Provider) error {
				if err := authority.Revoke(c.Context(), n, why, when); err != nil {
					return err
				}
				fmt.Fprintf(a.out, a.say("已吊销 %x，自 %s 起；请重新发布吊销列表（yinxin ca crl）\n", "revoked %x from %s; publish a new list with yinxin ca crl\n"), n, when.UTC().Format(time.RFC3339))
				return nil
			})
		},
	}
	o.flags(c)
	f := c.Flags()
	f.StringVar(&serial, "serial", "", "序列号 / serial number, hex")
	f.StringVar(&cert, "cert", "", "证书 / the certificate itself")
	f.StringVar(&reason, "reason", "unspecified", "原因 / unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn")
	f.StringVar(&at, "at", "", "吊销时间 / time of revocation (default now)")
	return c
}

func serialOf(serial, cert string) (*big.Int, error) {
	if (serial == "") == (cert == "") {
		return nil, usage("请给出 --serial 或 --cert 之一", "name the certificate by --serial or by --cert")
	}
	if cert != "" {
		c, err := readCertificate(cert)
		if err != nil {
			return nil, err
		}
		return c.SerialNumber, nil
	}
	n, ok := new(big.Int).SetString(strings.TrimPrefix(serial, "0x"), 16)
	if !ok || n.Sign() <= 0 {
		return nil, usage("--serial 应为十六进制数", "--serial is a hexadecimal number")
	}
	return n, nil
}

func (a *app) caCRL() *cobra.Command {
	var o caOptions
	var out string
	c := &cobra.Command{
		Use:   "crl --dir DIR --out F.crl",
		Short: "吊销列表 / write a revocation list of this moment",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.with(c.Context(), a, func(authority *local.CA, _ *soft.Provider) error {
				crl, err := authority.CRL(c.Context())
				if err != nil {
					return err
				}
				return writeBytes(out, 0o644, crl)
			})
		},
	}
	o.flags(c)
	c.Flags().StringVar(&out, "out", "", "输出 / list to write (.crl)")
	must(c.MarkFlagRequired("out"))
	return c
}
