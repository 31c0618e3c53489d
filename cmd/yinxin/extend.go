package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"yinxin/stamp"
	"yinxin/verify/evidence"
)

type extendOptions struct {
	passwordOptions
	levelOptions
	outOptions
	trust           string
	partial, beside bool
}

func (a *app) extendCommand() *cobra.Command {
	var o extendOptions
	c := &cobra.Command{
		Use:   "extend FILE --out F --trust DIR --tsa URL",
		Short: "延长核验期限 / keep, in a sealed file or beside it, what it is judged by when certificates have expired",
		Long: `extend 给已签章的 PDF 加上各证书链的证书和未被吊销的证明，再加盖文档时间戳。原文件的字节一个不动地保留在新文件开头，各个签章不受影响。

--beside 不动文件，把证据另存为“文件名.evidence”，已有的则续期；用于不能在内部存放证据的格式。请把它和文件放在一起，yinxin verify 会自动读取。

请在证书到期之前做，并在最后一个时间戳的证书到期之前再做，每做一次就是一次续期。

extend adds to a sealed PDF the certificates of all chains and what says that they were not revoked, and over that a fresh document time stamp. The
file's own bytes stay an exact prefix of the output, so every signature stays what it is.

--beside leaves the file as it is and writes FILE.evidence instead, or renews it: for formats that cannot take evidence inside. Keep it next to the file;
yinxin verify finds it there.

Do it while the certificates are still valid, and again before the last time stamp's certificate ends: each time renews the file.`,
		Args: oneArg("文件", "FILE"),
		RunE: func(c *cobra.Command, args []string) error { return a.extend(c.Context(), o, args[0]) },
	}
	f := c.Flags()
	o.outOptions.flags(f, "输出 / `FILE`: the extended PDF; with --beside the evidence (default FILE.evidence)")
	f.BoolVar(&o.beside, "beside", false, "另存证据 / keep the evidence beside the file, which stays as it is")
	f.StringVar(&o.trust, "trust", "", "信任目录 / trust directory `DIR`: anchors, and revocation lists and answers")
	o.levelOptions.flags(f, "级别 / `LEVEL`: lt (evidence) or lta (a document time stamp over it too; default with --tsa)")
	f.BoolVar(&o.partial, "partial", false, "容许不全 / add what there is where a signature lacks evidence, and say what is lacking")
	o.passwordOptions.flags(f)
	must(c.MarkFlagRequired("trust"))
	return c
}

func (a *app) extend(ctx context.Context, o extendOptions, in string) error {
	if err := checkLevel(o.level, stamp.LevelLT, stamp.LevelLTA); err != nil {
		return err
	}
	switch {
	case o.out == "" && o.beside:
		o.out = evidence.FileName(in)
	case o.out == "":
		return lacks("yinxin extend", []string{"--out"})
	}
	password, err := o.password()
	if err != nil {
		return err
	}
	set, err := loadTrust(o.trust)
	if err != nil {
		return err
	}
	with, err := o.open(a, set)
	if err != nil {
		return err
	}
	defer with.Close()
	f, err := openInput(in, o.out)
	if err != nil {
		return err
	}
	defer f.Close()
	order := stamp.ExtendOrder{Format: f.format, In: f, Size: f.size, Password: password, Level: stamp.Level(o.level), Timestamps: with.timestamps,
		Trust: set, Sources: with.sources, Partial: o.partial, Now: a.now}
	if o.beside {
		return a.extendBeside(ctx, order, in, o.out)
	}
	var r stamp.Extended
	err = o.write(func(to *os.File) (err error) {
		r, err = stamp.Extend(ctx, order, to)
		return aboutInput(in, err)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, a.say("已延长：%s（签名和时间戳：%d）\n", "extended: %s (signatures and time stamps in it: %d)\n"), plain(o.out), r.Signatures)
	a.sayExtended(r)
	return nil
}

// extendBeside keeps evidence beside the file, with all that is kept already.
func (a *app) extendBeside(ctx context.Context, order stamp.ExtendOrder, in, out string) error {
	var had *evidence.Bundle
	write := writeNew
	b, err := boundEvidence(ctx, out, order.In, order.Size)
	switch {
	case err == nil: // nothing of it is lost
		had, write = &b, writeWhole
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	b, r, err := stamp.Beside(ctx, order, had)
	if err != nil {
		return aboutInput(in, err)
	}
	if err := write(out, func(to *os.File) error { return evidence.Write(ctx, to, b) }); err != nil {
		return err
	}
	fmt.Fprintf(a.out, a.say("已另存证据：%s（签名和时间戳：%d）\n", "evidence kept: %s (signatures and time stamps of the file: %d)\n"), plain(out), r.Signatures)
	a.sayExtended(r)
	return nil
}

func (a *app) sayExtended(r stamp.Extended) {
	a.sayLevel(r.Level, r.Proven, r.Timestamp)
	if len(r.Lacks) > 0 {
		fmt.Fprintln(a.err, a.say("yinxin: ！ 有签名缺少资料，未达到所要的级别：", "yinxin: ！ signatures lack evidence, and the level asked for is not reached:"))
	}
	for _, l := range r.Lacks {
		fmt.Fprintf(a.err, "yinxin: ！ %s  %s\n", plain(l.Signature), plain(l.In(a.lang)))
	}
}
