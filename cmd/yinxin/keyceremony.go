package main

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/hsm/pkcs11"
)

func (a *app) keyCeremony() *cobra.Command {
	var o keyOptions
	var alg, out string
	c := &cobra.Command{
		Use:   "ceremony NAME… --out TRANSCRIPT.txt",
		Short: "密钥仪式 / make keys before two people and write the transcript they sign",
		Long: `ceremony 生成密钥，让每把密钥试签，并写出一份由两人手写签名的记录：时间和地点，每把密钥的地址、公钥和 SM3 指纹，令牌所报的属性，自检结果。
两人先行确认：各自输入姓名和 MAKE 一词（也可以由管道输入，每行一项）。有一把密钥未能生成时，先前生成的全部销毁。制章密钥须这样生成。

ceremony makes keys, has each sign, and writes a transcript for two people to sign by hand: when and where, each key's address, public half and
SM3 fingerprint, its attributes as the token states them, and the result of its self-test. Both confirm first: each types a name and the word MAKE (they may
be piped in, one answer a line). If a key cannot be made, those made before it are destroyed. Keys that make seals are made so.`,
		Args: someArgs("密钥名称", "key name"),
		RunE: func(c *cobra.Command, names []string) error {
			spec, err := parseAlg(alg)
			if err != nil {
				return err
			}
			return o.with(a, true, func(p keyring) error {
				fmt.Fprintf(a.err, a.say("将生成 %s 密钥：%s\n", "this makes %s keys: %s\n"), spec, plain(strings.Join(names, " ")))
				who, err := a.twoConfirm(a.say("输入 MAKE：", "type MAKE: "), "MAKE")
				if err != nil {
					return err
				}
				return a.ceremony(c.Context(), &o, p, names, spec, who, out)
			})
		},
	}
	o.flags(c.Flags())
	algFlag(c.Flags(), &alg)
	c.Flags().StringVar(&out, "out", "", "输出 / `FILE` of the transcript")
	must(c.MarkFlagRequired("out"))
	return c
}

// ceremony makes the keys, all or none, and writes the transcript.
func (a *app) ceremony(ctx context.Context, o *keyOptions, p keyring, names []string, spec hsm.Spec, who [2]string, out string) (err error) {
	var made []hsm.Ref
	defer func() {
		if err == nil {
			return
		}
		for _, ref := range made {
			err = errors.Join(err, p.Destroy(context.WithoutCancel(ctx), ref))
		}
	}()
	var t bytes.Buffer
	fmt.Fprintf(&t, "密钥仪式记录 / Transcript of a key ceremony\n\n时间 / time: %s\n密钥所在 / keys: %s\n制作程序 / made by: yinxin key ceremony\n", a.now().UTC().Format(time.RFC3339), plain(o.keys))
	for i, name := range names {
		k, err := p.Generate(ctx, hsm.Ref(name), spec)
		if err != nil {
			return err
		}
		ref := hsm.Ref(o.refOf(name, k))
		made = append(made, ref)
		if err := describeKey(ctx, &t, p, i+1, ref, k); err != nil {
			return err
		}
	}
	digest := gm.SM3(t.Bytes())
	fmt.Fprintf(&t, "\n以上内容的 SM3 / SM3 of what stands above: %x\n", digest)
	for _, name := range who {
		fmt.Fprintf(&t, "\n见证 / witnessed by: %s\n签字 / signature: ____________________    日期 / date: ____________\n", plain(name))
	}
	if err := writeBytes(out, t.Bytes()); err != nil {
		return err
	}
	_, err = a.out.Write(t.Bytes())
	return err
}

// describeKey writes one key into the transcript, after it has signed once more.
func describeKey(ctx context.Context, t *bytes.Buffer, p keyring, n int, ref hsm.Ref, k hsm.Key) error {
	der, err := gm.MarshalPublicKey(k.Public())
	if err != nil {
		return fmt.Errorf("public key of %s: %w", ref, err)
	}
	spec, err := hsm.SpecOf(k.Public())
	if err != nil {
		return err
	}
	if err := hsm.Prove(ctx, k); err != nil {
		return err
	}
	fmt.Fprintf(t, "\n%d. %s\n算法 / algorithm: %s\n公钥指纹 / fingerprint: %s\n自检 / self-test: 随机消息签名核验通过 / a random digest was signed and verified\n", n, plain(string(ref)), spec, digestName(der))
	if i, ok := p.(pkcs11.Inspector); ok {
		info, err := i.Inspect(ctx, ref)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "令牌 / token: %s\n厂商配置 / profile: %s\n属性 / attributes:\n", plain(info.Token), info.Profile)
		for _, attribute := range info.Attributes {
			fmt.Fprintf(t, "  %s %s\n", attribute.Name, attribute.Value)
		}
	} else {
		t.WriteString("软件密钥库，不是经认证的密码模块 / a key store in software, not a certified cryptographic module\n")
	}
	return pem.Encode(t, &pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// twoConfirm has two people of different names type what is asked for.
func (a *app) twoConfirm(ask, want string) (who [2]string, err error) {
	for i := range who {
		if who[i], err = a.line(a.say([]string{"第一人姓名：", "第二人姓名："}[i], []string{"First person's name: ", "Second person's name: "}[i])); err != nil {
			return who, err
		}
		typed, err := a.line(ask)
		if err != nil {
			return who, err
		}
		if who[i] == "" || typed != want {
			return who, fault.New(fault.Denied, "key-confirm", "没有得到确认，什么也没有做", "it was not confirmed, and nothing was done", nil)
		}
	}
	if who[0] == who[1] {
		return who, fault.New(fault.Denied, "key-confirm", "须由两个人确认，什么也没有做", "two different people have to confirm it; nothing was done", nil)
	}
	return who, nil
}

// maxLine bounds an answer in bytes.
const maxLine = 256

// line reads one answer, byte by byte: what follows it is somebody else's.
func (a *app) line(ask string) (string, error) {
	fmt.Fprint(a.err, ask)
	var text []byte
	one := make([]byte, 1)
	for len(text) <= maxLine {
		n, err := a.in.Read(one)
		if n == 1 && one[0] == '\n' {
			return strings.TrimSpace(string(text)), nil
		}
		text = append(text, one[:n]...)
		if errors.Is(err, io.EOF) {
			return strings.TrimSpace(string(text)), nil
		}
		if err != nil {
			return "", fmt.Errorf("read the answer: %w", err)
		}
	}
	return "", usage("回答太长", "the answer is too long")
}
