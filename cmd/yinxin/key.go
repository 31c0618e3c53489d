package main

import (
	"context"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"yinxin/gm"
	"yinxin/hsm"
)

func (a *app) keyCommand() *cobra.Command {
	c := group("key", "密钥 / keys that never leave the store")
	c.AddCommand(a.keyGenerate(), a.keyList(), a.keyShow(), a.keyTest(), a.keyCSR(), a.keyCeremony(), a.keyDestroy())
	return c
}

func (a *app) keyGenerate() *cobra.Command {
	var o keyOptions
	var alg string
	c := &cobra.Command{
		Use:   "generate NAME…",
		Short: "生成密钥 / generate keys",
		Args:  someArgs("密钥名称", "key name"),
		RunE: func(c *cobra.Command, names []string) error {
			spec, err := parseAlg(alg)
			if err != nil {
				return err
			}
			return o.with(a, true, func(p keyring) error {
				for _, n := range names {
					k, err := p.Generate(c.Context(), hsm.Ref(n), spec)
					if err != nil {
						return err
					}
					id, err := keyID(k)
					if err != nil {
						return err
					}
					fmt.Fprintf(a.out, "%s  %s  %s\n", o.refOf(n, k), spec, id)
				}
				return nil
			})
		},
	}
	o.flags(c.Flags())
	algFlag(c.Flags(), &alg)
	return c
}

// algFlag adds --alg, which says what kind of key to make.
func algFlag(f *pflag.FlagSet, alg *string) {
	f.StringVar(alg, "alg", string(hsm.SM2), "算法 / `ALG`: sm2 (seals), or rsa3072 or p256 (for readers without SM2)")
}

func parseAlg(alg string) (hsm.Spec, error) {
	spec, err := hsm.ParseSpec(alg)
	if err != nil {
		return hsm.Spec{}, usage("--alg 不能是“"+alg+"”，应为 "+hsm.SpecNames()+" 之一", "--alg cannot be “"+alg+"”: it is one of "+hsm.SpecNames())
	}
	return spec, nil
}

func (a *app) keyList() *cobra.Command {
	var o keyOptions
	c := &cobra.Command{
		Use:   "list",
		Short: "列出密钥 / list the keys",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return o.with(a, false, func(p keyring) error {
				keys, err := p.List(c.Context())
				if err != nil {
					return err
				}
				w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
				for _, k := range keys {
					der, err := gm.MarshalPublicKey(k.Public)
					if err != nil {
						return fmt.Errorf("public key of %s: %w", k.Ref, err)
					}
					fmt.Fprintf(w, "%s\t%s\t%s\n", k.Ref, k.Spec, digestName(der))
				}
				return w.Flush()
			})
		},
	}
	o.flags(c.Flags())
	return c
}

func (a *app) keyShow() *cobra.Command {
	var o keyOptions
	c := &cobra.Command{
		Use:   "show REF",
		Short: "公钥 / print what a key is, and its public half as PEM",
		Args:  oneArg("密钥名称", "key name"),
		RunE: func(c *cobra.Command, args []string) error {
			k, done, err := o.openKey(c.Context(), a, args[0])
			if err != nil {
				return err
			}
			defer func() { _ = done() }()
			spec, err := hsm.SpecOf(k.Public())
			if err != nil {
				return err
			}
			der, err := gm.MarshalPublicKey(k.Public())
			if err != nil {
				return fmt.Errorf("public key of %s: %w", args[0], err)
			}
			// What stands above the PEM block is explanatory text (RFC 7468 2), which readers of PEM pass over.
			fmt.Fprintf(a.out, "%s  %s  %s\n", o.refOf(args[0], k), spec, digestName(der))
			return pem.Encode(a.out, &pem.Block{Type: "PUBLIC KEY", Bytes: der})
		},
	}
	o.flags(c.Flags())
	return c
}

// with opens what holds the keys for one piece of work and closes it.
func (o *keyOptions) with(a *app, create bool, do func(keyring) error) error {
	p, err := o.open(a, create)
	if err != nil {
		return err
	}
	return errors.Join(do(p), p.Close())
}

// openKey opens the store and one key in it. Closing the provider forgets both.
func (o *keyOptions) openKey(ctx context.Context, a *app, ref string) (hsm.Key, func() error, error) {
	p, err := o.open(a, false)
	if err != nil {
		return nil, nil, err
	}
	k, err := p.Key(ctx, hsm.Ref(ref))
	if err != nil {
		p.Close()
		return nil, nil, err
	}
	return k, p.Close, nil
}

// keyID is the SM3 digest of the public key's SubjectPublicKeyInfo: the same whatever holds the key.
func keyID(k hsm.Key) (string, error) {
	der, err := gm.MarshalPublicKey(k.Public())
	if err != nil {
		return "", fmt.Errorf("public key: %w", err)
	}
	return digestName(der), nil
}

func digestName(der []byte) string {
	d := gm.SM3(der)
	return "sm3:" + hex.EncodeToString(d[:])
}

func trimSoft(n string) string {
	if name, err := hsm.Ref(n).Soft(); err == nil {
		return name
	}
	return n
}
