package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"

	"github.com/spf13/cobra"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/token"
)

// authorise asks whoever is at the terminal for what a guarded key wants before it signs: a one-time code, or what token authorise printed. It is given to
// the token as the PIN of C_Login(CKU_CONTEXT_SPECIFIC).
func (a *app) authorise(_ context.Context, key hsm.Ref, digest []byte) ([]byte, error) {
	a.asking.Lock()
	defer a.asking.Unlock()
	fmt.Fprintf(a.err, a.say("%s 的每次签名都要授权。\n待签名 e: %x\n", "%s wants an authorisation for each signature.\nto sign, e: %x\n"), plain(string(key)), digest)
	answer, err := a.line(a.say("动态口令，或 yinxin token authorise 给出的文字：", "One-time code, or what yinxin token authorise printed: "))
	if err != nil {
		return nil, err
	}
	if answer == "" {
		return nil, fault.New(fault.Denied, "key-authorise", "没有得到授权，没有签名", "nobody authorised it, and nothing was signed", nil)
	}
	return []byte(answer), nil
}

// authorisation is what a holder agrees to.
type authorisation struct {
	keyOptions
	key, of, serial, digest string
}

func (a *app) tokenAuthorise() *cobra.Command {
	var o authorisation
	c := &cobra.Command{
		Use:   "authorise --key HOLDER --for PUB.pem --serial SERIAL --digest E",
		Short: "授权一次签名 / as the holder, allow a guarded key one signature of one digest",
		Long: `authorise 由授权人运行：用自己的密钥同意令牌中的一把密钥对一个摘要 e 签名一次，五分钟内有效。输出的文字交给要签名的一方。

authorise is run by the holder, whose own key allows a key in the token to sign one digest e, once, within five minutes. What it prints is handed to who
wants to sign.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.allow(c.Context(), &o) },
	}
	o.flags(c.Flags())
	f := c.Flags()
	f.StringVar(&o.key, "key", "", "授权人的密钥 / `REF` of the holder's key")
	f.StringVar(&o.of, "for", "", "要签名的密钥 / public key `FILE` in PEM of the key that is to sign (yinxin key show)")
	f.StringVar(&o.serial, "serial", "", "令牌序列号 / `SERIAL` number of its token")
	f.StringVar(&o.digest, "digest", "", "待签名的 e / the `E` to be signed, 64 hexadecimal digits")
	for _, name := range []string{"key", "for", "serial", "digest"} {
		must(c.MarkFlagRequired(name))
	}
	return c
}

// allow signs the statement.
func (a *app) allow(ctx context.Context, o *authorisation) error {
	digest, err := hex.DecodeString(o.digest)
	if err != nil || len(digest) != gm.DigestSize {
		return usage("--digest 应为 64 位十六进制数", "--digest is 64 hexadecimal digits")
	}
	data, err := readSmall(o.of)
	if err != nil {
		return err
	}
	if block, _ := pem.Decode(data); block != nil {
		data = block.Bytes
	}
	public, err := gm.ParsePublicKey(data)
	if err != nil {
		return usage(o.of+" 不是公钥", o.of+" is not a public key")
	}
	now := a.now()
	statement, err := token.Statement(o.serial, public, now, digest)
	if err != nil {
		return err
	}
	k, done, err := o.openKey(ctx, a, o.key)
	if err != nil {
		return err
	}
	defer func() { _ = done() }()
	sig, err := signMessage(ctx, k, statement)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.out, token.Authorisation(now, digest, sig))
	return nil
}

// signMessage signs a message with SM2 (default user ID) or ECDSA over P-256.
func signMessage(ctx context.Context, k hsm.Key, message []byte) ([]byte, error) {
	spec, err := hsm.SpecOf(k.Public())
	if err != nil {
		return nil, err
	}
	switch pub, _ := k.Public().(*ecdsa.PublicKey); spec.Algorithm {
	case hsm.SM2:
		e, err := gm.E(pub, message)
		if err != nil {
			return nil, fmt.Errorf("digest of the statement: %w", err)
		}
		return k.Sign(ctx, e, hsm.SM2)
	case hsm.ECDSAP256:
		e := sha256.Sum256(message)
		return k.Sign(ctx, e[:], hsm.ECDSAP256)
	}
	return nil, usage("授权人的密钥应为 sm2 或 p256", "the holder's key is sm2 or p256")
}
