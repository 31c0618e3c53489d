package main

import (
	"context"
	"encoding/base32"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"yinxin/gm"
	"yinxin/hsm/token"
)

func (a *app) tokenCommand() *cobra.Command {
	c := group("token", "软件令牌 / a PKCS#11 token in software: a process of its own that keeps keys")
	c.AddCommand(a.tokenInit(), a.tokenServe(), a.tokenGuard(), a.tokenAuthorise(), a.tokenAudit())
	return c
}

// tokenOptions say where a token lives and how it is opened.
type tokenOptions struct {
	keyOptions
	dir string
}

func (o *tokenOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.dir, "dir", "", "令牌目录 / the token's `DIR`, of its own user")
	f.StringVar(&o.passphraseFile, "passphrase-file", "", "口令文件 / `FILE` holding the passphrase that seals it (or YINXIN_PASSPHRASE)")
}

func (o *tokenOptions) open(a *app, f token.Face) (*token.Token, error) {
	pass, err := o.passphrase(a, false)
	if err != nil {
		return nil, err
	}
	return token.Open(o.dir, pass, f)
}

func (a *app) tokenInit() *cobra.Command {
	var o tokenOptions
	var label, soFile, userFile string
	c := &cobra.Command{
		Use:   "init --dir DIR --label LABEL",
		Short: "建立令牌 / make a token, with the PINs of its security officer and its user",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			pass, err := o.passphrase(a, true)
			if err != nil {
				return err
			}
			so, err := secret{soFile, "--so-pin-file", "YINXIN_SO_PIN", "管理员 PIN", "security officer's PIN"}.read(a, true)
			if err != nil {
				return err
			}
			user, err := secret{userFile, "--pin-file", "YINXIN_PIN", "用户 PIN", "user's PIN"}.read(a, true)
			if err != nil {
				return err
			}
			if err := token.Create(o.dir, pass, token.Config{Label: label, SO: so, User: user}); err != nil {
				return err
			}
			fmt.Fprintln(a.out, a.say("已建立令牌 "+label+"，位于 "+o.dir, "made the token "+label+" in "+o.dir))
			return nil
		},
	}
	o.flags(c.Flags())
	f := c.Flags()
	f.StringVar(&label, "label", "", "令牌名称 / what programs know it by, `LABEL`")
	f.StringVar(&soFile, "so-pin-file", "", "管理员 PIN 文件 / `FILE` holding the security officer's PIN (or YINXIN_SO_PIN)")
	f.StringVar(&userFile, "pin-file", "", "用户 PIN 文件 / `FILE` holding the user's PIN (or YINXIN_PIN)")
	must(c.MarkFlagRequired("dir"))
	must(c.MarkFlagRequired("label"))
	return c
}

func (a *app) tokenServe() *cobra.Command {
	var o tokenOptions
	var socket, pose string
	var allow []uint
	group := -1
	c := &cobra.Command{
		Use:   "serve --dir DIR --socket PATH",
		Short: "运行令牌 / serve a token over a Unix socket until interrupted; libyinxin-p11.so speaks to it",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			face := token.Own()
			if pose != "" {
				if face, err = token.Pose(pose); err != nil {
					return err
				}
			}
			t, err := o.open(a, face)
			if err != nil {
				return err
			}
			s := &token.Server{Token: t, Group: group, Log: slog.New(slog.NewTextHandler(a.err, nil))}
			for _, uid := range allow {
				s.Allow = append(s.Allow, uint32(uid))
			}
			return errors.Join(a.serveToken(c.Context(), s, socket, pose), t.Close())
		},
	}
	o.flags(c.Flags())
	f := c.Flags()
	f.StringVar(&socket, "socket", "", "套接字 / the socket's `PATH`; YINXIN_TOKEN tells programs of it")
	f.UintSliceVar(&allow, "allow", nil, "还允许的用户 / numbers of `USERS` besides its own that may use it")
	f.IntVar(&group, "group", -1, "套接字的组 / number of the `GROUP` that the socket belongs to, with --allow")
	f.StringVar(&pose, "pose", "", "只供测试：装作某厂商 / for tests only: number mechanisms as a `VENDOR` does: luna, sansec, tass, ibm")
	must(c.MarkFlagRequired("dir"))
	must(c.MarkFlagRequired("socket"))
	return c
}

func (a *app) serveToken(ctx context.Context, s *token.Server, socket, pose string) error {
	hideMemory()
	l, err := s.Listen(ctx, socket)
	if err != nil {
		return err
	}
	defer l.Close()
	fmt.Fprintln(a.err, a.say(
		"令牌 "+s.Token.Label()+"（"+s.Token.Serial()+"）在 "+socket+" 上服务。这是软件，不是经认证的密码模块。",
		"the token "+s.Token.Label()+" ("+s.Token.Serial()+") serves "+socket+". It is software, not a certified cryptographic module."))
	if pose != "" {
		fmt.Fprintln(a.err, a.say("它装作 "+pose+"，只供测试。", "It poses as "+pose+", for tests only."))
	}
	return s.Serve(ctx, l)
}

func (a *app) tokenGuard() *cobra.Command {
	var o tokenOptions
	var label, holder string
	var totp bool
	c := &cobra.Command{
		Use:   "guard --dir DIR --label LABEL {--totp | --holder PUB.pem}",
		Short: "每次签名都要授权 / have each signature of a key allowed by a person; stop the token first",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) (err error) {
			if totp == (holder != "") {
				return usage("--totp 和 --holder 要恰好给出一个", "give exactly one of --totp and --holder")
			}
			t, err := o.open(a, token.Own())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, t.Close()) }()
			if totp {
				return a.guardByCode(t, label)
			}
			return a.guardByHolder(t, label, holder)
		},
	}
	o.flags(c.Flags())
	f := c.Flags()
	f.StringVar(&label, "label", "", "私钥名称 / `LABEL` of the private key")
	f.BoolVar(&totp, "totp", false, "一次性口令 / by one-time codes (RFC 6238); the secret is shown once")
	f.StringVar(&holder, "holder", "", "授权人公钥 / by signatures of the holder's key: public key `FILE` in PEM, SM2 or P-256")
	must(c.MarkFlagRequired("dir"))
	must(c.MarkFlagRequired("label"))
	return c
}

func (a *app) guardByCode(t *token.Token, label string) error {
	key, err := t.RequireTOTP(label)
	if err != nil {
		return err
	}
	defer clear(key)
	q := url.Values{"secret": {base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(key)}, "issuer": {t.Label()}}
	fmt.Fprintln(a.err, a.say("请让持有人把下面的地址加入动态口令软件，它不再显示：", "let the holder add this to an authenticator; it is not shown again:"))
	fmt.Fprintln(a.out, "otpauth://totp/"+url.PathEscape(label)+"?"+q.Encode())
	return nil
}

func (a *app) guardByHolder(t *token.Token, label, file string) error {
	data, err := readSmall(file)
	if err != nil {
		return err
	}
	if block, _ := pem.Decode(data); block != nil {
		data = block.Bytes
	}
	pub, err := gm.ParsePublicKey(data)
	if err != nil {
		return usage(file+" 不是公钥", file+" is not a public key")
	}
	if err := t.RequireHolder(label, pub); err != nil {
		return err
	}
	fmt.Fprintln(a.out, a.say("密钥 "+label+" 的每次签名都要授权人签名", "each signature of the key "+label+" now needs the holder's"))
	return nil
}

func (a *app) tokenAudit() *cobra.Command {
	var dir string
	var rotate bool
	c := &cobra.Command{
		Use:   "audit --dir DIR",
		Short: "审计 / check the chain of a token's audit and count its signatures",
		Long: `audit 从第一行起核对审计记录的全部文件，并统计签名次数。文件写满 64 MB 时自动换新；--rotate 在令牌停止时换一个新文件，此前的文件不再改动，可以另存，
但核对时须在原处。

audit checks all files of the audit from the first line on and counts the signatures. A file of 64 MB is followed by a new one; --rotate begins a new
one while the token is stopped. The files before it do not change any more and can be copied away, but have to be in their place to be checked.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if rotate {
				name, err := token.RotateAudit(dir)
				if err != nil {
					return err
				}
				fmt.Fprintln(a.out, a.say(name+" 已结束，审计写入新文件", name+" is finished, the audit goes on in a new file"))
			}
			s, err := token.ReadAudit(dir, nil)
			if err != nil {
				return err
			}
			fmt.Fprintln(a.out, a.say(
				fmt.Sprintf("审计 %d 个文件、%d 行，前后相接；C_Sign 成功 %d 次，失败 %d 次", s.Files, s.Lines, s.Signed, s.Failed),
				fmt.Sprintf("%d lines in %d files, the chain holds; C_Sign: %d gave a signature, %d did not", s.Lines, s.Files, s.Signed, s.Failed)))
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "令牌目录 / the token's `DIR`")
	c.Flags().BoolVar(&rotate, "rotate", false, "换新文件 / begin a new file first; stop the token before")
	must(c.MarkFlagRequired("dir"))
	return c
}
