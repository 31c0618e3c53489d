package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"yinxin/hsm/pkcs11"
	"yinxin/hsm/pkcs11/metrics"
)

func (a *app) hsmCommand() *cobra.Command {
	c := group("hsm", "密码设备 / hardware security modules and other PKCS#11 tokens")
	c.AddCommand(a.hsmDoctor())
	return c
}

func (a *app) hsmDoctor() *cobra.Command {
	var o keyOptions
	var file string
	c := &cobra.Command{
		Use:   "doctor --keys pkcs11:CONFIG.yaml",
		Short: "诊断 / look at the tokens of a configuration, have their keys sign, and say what is wrong",
		Long: `doctor 加载每个驱动库，列出槽位和算法，说明适用的厂商配置和各项限制，然后登录，让每把密钥试签并验证结果。PIN 只送一次；再错一次就会锁定令牌时不送。
发现问题时退出码为 1。

doctor loads each library, lists its slots and mechanisms, says which vendor profile fits and what limits there are, logs in, and has every key sign
what is then verified. A PIN is sent once, and not at all where one more wrong one would lock the token. The exit code is 1 when something is wrong.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			config, ok, err := o.tokens()
			if err != nil {
				return err
			}
			if !ok {
				return usage("hsm doctor 要有 --keys pkcs11:配置文件 或 token:套接字", "hsm doctor wants --keys pkcs11:CONFIG.yaml or token:SOCKET")
			}
			m := metrics.New()
			all, err := pkcs11.Examine(c.Context(), config, pkcs11.Options{Observer: m, Authorize: a.authorise})
			if err != nil {
				return err
			}
			for _, d := range all {
				a.diagnosis(d)
				m.Examined(d)
			}
			if file == "" {
				return nil
			}
			if err := m.WriteFile(file); err != nil {
				return unwritable(file, err)
			}
			return nil
		},
	}
	o.flags(c.Flags())
	c.Flags().StringVar(&file, "metrics", "", "度量 / `FILE` to write measurements to, in the text format of Prometheus; replaced whole")
	return c
}

func (a *app) diagnosis(d pkcs11.Diagnosis) {
	fmt.Fprintf(a.out, a.say("令牌 %s\n", "token %s\n"), plain(d.Token))
	for _, f := range d.Findings {
		mark := "✓"
		if !f.OK {
			mark, a.code = "✗", exitRefused
		}
		fmt.Fprintf(a.out, "  %s %s\n", mark, plain(a.say(f.ZH, f.EN)))
	}
	if d.Healthy() {
		fmt.Fprintln(a.out, a.say("  没有发现问题", "  nothing is wrong"))
	}
}
