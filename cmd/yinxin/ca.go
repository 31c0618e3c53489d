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
	"yinxin/codes"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
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
	c.Flags().StringVar(&o.dirName, "dir", "", "目录 / the authority's `DIR`")
	must(c.MarkFlagRequired("dir"))
}

// with opens the authority and the key store for one piece of work and closes both.
func (o *caOptions) with(ctx context.Context, a *app, do func(*local.CA, keyring) error) error {
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
	var key, alg string
	opts := local.Options{Now: a.now}
	c := &cobra.Command{
		Use:   "init --dir DIR --name NAME",
		Short: "建立 / make an authority with a new root",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if opts.Years < 1 || opts.CRLDays < 1 {
				return usage("--years 和 --crl-days 至少为 1", "--years and --crl-days are at least 1")
			}
			spec, err := parseAlg(alg)
			if err != nil {
				return err
			}
			keys, err := o.open(a, true)
			if err != nil {
				return err
			}
			defer keys.Close()
			opts.Ref = o.kept(key)
			var made bool
			if opts.Key, made, err = rootKey(c.Context(), keys, opts.Ref, spec); err != nil {
				return err
			}
			authority, err := local.Init(c.Context(), o.dirName, opts)
			if err != nil {
				if made { // a key of no authority would stand in the way of the next try
					err = errors.Join(err, keys.Destroy(context.WithoutCancel(c.Context()), opts.Ref))
				}
				return err
			}
			root := authority.Chain()[0]
			fmt.Fprintf(a.out, "%s  %s\n%s\n", a.say("已建立证书机构", "authority made"), plain(filepath.Join(o.dirName, "root.crt")), digestName(root.Raw))
			return authority.Close()
		},
	}
	o.flags(c)
	f := c.Flags()
	f.StringVar(&opts.Name, "name", "", "名称 / `NAME` of the root")
	f.StringVar(&key, "key", "ca-root", "根密钥 / `REF` of the root's key; made if it does not exist")
	algFlag(f, &alg)
	f.IntVar(&opts.Years, "years", 10, "根证书年限 / `YEARS` the root is valid")
	f.IntVar(&opts.CRLDays, "crl-days", 7, "吊销列表有效天数 / `DAYS` a revocation list is good for")
	f.StringVar(&opts.CRLURL, "crl-url", "", "吊销列表地址 / `URL` put into certificates")
	must(c.MarkFlagRequired("name"))
	return c
}

// rootKey opens the key, which must be of the kind asked for, or makes it.
func rootKey(ctx context.Context, keys keyring, ref hsm.Ref, want hsm.Spec) (k hsm.Key, made bool, err error) {
	k, err = keys.Key(ctx, ref)
	if fault.KindOf(err) == fault.NotFound {
		k, err = keys.Generate(ctx, ref, want)
		return k, err == nil, err
	}
	if err != nil {
		return nil, false, err
	}
	is, err := hsm.SpecOf(k.Public())
	if err != nil {
		return nil, false, err
	}
	if is != want {
		return nil, false, usage(fmt.Sprintf("密钥 %s 已存在，是 %s 密钥，而要建立的是 %s 的根：加上 --alg %s 使用它，或用 --key 换一个名称", ref, is, want, is),
			fmt.Sprintf("the key %s exists and is %s, but the root asked for is %s: say --alg %s to use it, or name another with --key", ref, is, want, is))
	}
	return k, false, nil
}

func (a *app) caIssue() *cobra.Command {
	var o caOptions
	var r ca.Request
	var profile, key string
	var out outOptions
	var days int
	c := &cobra.Command{
		Use:   "issue --dir DIR --name NAME --key REF --out F.crt",
		Short: "签发 / issue a certificate for a key",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if days < 1 {
				return usage("--days 至少为 1", "--days is at least 1")
			}
			return o.with(c.Context(), a, func(authority *local.CA, keys keyring) error {
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
				if err := out.writeBytes(gm.EncodePEM(cert)); err != nil {
					return err
				}
				a.warnUSCC(r.Subject.USCC)
				fmt.Fprintf(a.out, "%s  %x  %s\n", plain(out.out), cert.SerialNumber, digestName(cert.Raw))
				return nil
			})
		},
	}
	o.flags(c)
	f := c.Flags()
	f.StringVar(&profile, "profile", string(ca.Owner), "用途 / `USE`: owner (signs documents), maker (signs seals) or tsa (signs time stamps)")
	f.StringVar(&r.Subject.CommonName, "name", "", "名称 / the holder's `NAME`")
	f.StringVar(&r.Subject.Organization, "org", "", "组织 / `NAME` of the organization")
	f.StringVar(&r.Subject.USCC, "uscc", "", "统一社会信用代码 / unified social credit `CODE`")
	f.StringVar(&r.Subject.Country, "country", "CN", "国家 / country `CODE`")
	f.StringVar(&key, "key", "", "密钥 / `REF` of the holder's key")
	f.IntVar(&days, "days", 1095, "有效天数 / `DAYS` of validity")
	out.flags(f, "输出 / `FILE` to write (.crt)")
	for _, name := range []string{"name", "key", "out"} {
		must(c.MarkFlagRequired(name))
	}
	return c
}

// warnUSCC says so when a code's check character does not match. That is no refusal: real codes with a wrong one exist.
func (a *app) warnUSCC(code string) {
	if code == "" {
		return
	}
	for _, w := range codes.Describe(code).Warnings {
		fmt.Fprintln(a.err, "yinxin: ！ "+w.In(a.lang))
	}
}

// reasonNames are the reasons that fit the certificates issued here, as RFC 5280 spells them.
const reasonNames = "unspecified, keyCompromise, affiliationChanged, superseded, cessationOfOperation, privilegeWithdrawn"

func (a *app) caRevoke() *cobra.Command {
	var o caOptions
	var serial, cert, reason, at string
	c := &cobra.Command{
		Use:   "revoke --dir DIR (--serial HEX | --cert F.crt)",
		Short: "吊销 / revoke a certificate for good",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			n, err := serialOf(serial, cert)
			if err != nil {
				return err
			}
			why, err := ca.ParseReason(reason)
			if err != nil {
				return usage("--reason 不能是“"+reason+"”，应为 "+reasonNames+" 之一", "--reason cannot be “"+reason+"”: it is one of "+reasonNames)
			}
			when := a.now()
			if at != "" {
				if when, err = parseTime(at); err != nil {
					return err
				}
			}
			return o.with(c.Context(), a, func(authority *local.CA, _ keyring) error {
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
	f.StringVar(&serial, "serial", "", "序列号 / serial number in `HEX`")
	f.StringVar(&cert, "cert", "", "证书 / `FILE` of the certificate")
	f.StringVar(&reason, "reason", "unspecified", "原因 / `REASON`: "+reasonNames)
	f.StringVar(&at, "at", "", "吊销时间 / `TIME` of revocation, e.g. 2026-03-02T08:00:00Z (default now)")
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
		return nil, usage("--serial 不能是“"+serial+"”，应为十六进制数", "--serial cannot be “"+serial+"”: it is a hexadecimal number")
	}
	return n, nil
}

func (a *app) caCRL() *cobra.Command {
	var o caOptions
	var out string
	c := &cobra.Command{
		Use:   "crl --dir DIR --out F.crl",
		Short: "吊销列表 / write a revocation list of this moment",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.with(c.Context(), a, func(authority *local.CA, _ keyring) error {
				crl, err := authority.CRL(c.Context())
				if err != nil {
					return err
				}
				return writeBytes(out, crl)
			})
		},
	}
	o.flags(c)
	c.Flags().StringVar(&out, "out", "", "输出 / `FILE` to write (.crl); the list before is replaced")
	must(c.MarkFlagRequired("out"))
	return c
}
