package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"yinxin/codes"
)

func (a *app) codeCommand() *cobra.Command {
	c := group("code", "代码 / unified social credit codes, licence identifiers, seal codes")
	c.AddCommand(&cobra.Command{
		Use:   "check CODE…",
		Short: "检查代码 / take codes apart and check them",
		Long: `check 说明一个代码是什么代码，拆开各部分，并验算校验码。

退出码：0 格式都正确（校验码不符只作提示，因为确有这样的代码在用），1 有一个不是代码。

check says what a code is, takes it apart and checks its check characters.

Exit code: 0 all well-formed (a failing check character is a warning: real codes with one exist), 1 one is not a code.`,
		Args: someArgs("代码", "code"),
		RunE: func(_ *cobra.Command, args []string) error {
			for _, s := range args {
				a.describe(s)
			}
			return nil
		},
	})
	return c
}

// describe prints one code's parts. A string that is no code sets the exit code and the rest go on.
func (a *app) describe(s string) {
	d := codes.Describe(s)
	mark := "✔"
	switch {
	case d.Problem != nil:
		mark, a.code = "✘", exitRefused
	case len(d.Warnings) > 0:
		mark = "！"
	}
	fmt.Fprintf(a.out, "%s %s  %s\n", mark, d.Code, d.Kind.In(a.lang))
	for _, p := range d.Parts {
		fmt.Fprintf(a.out, "    %s  %s  %s\n", p.Label(a.lang), p.Value, p.Means(a.lang))
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(a.out, "    ！ %s\n", w.In(a.lang))
	}
	if d.Problem != nil {
		fmt.Fprintf(a.out, "    %s\n", d.Problem.In(a.lang))
	}
}
