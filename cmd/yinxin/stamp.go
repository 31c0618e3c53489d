package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/pdf"
	"yinxin/stamp"
)

type stampOptions struct {
	keyOptions
	seal, key, cert, in, out, at, reason, trust string
	page                                        int
}

func (a *app) stampCommand() *cobra.Command {
	var o stampOptions
	c := &cobra.Command{
		Use:   "stamp --seal F.esl --key REF --in A.pdf --out B.pdf --page N --at X,Y",
		Short: "签章 / seal a PDF",
		Long: `stamp puts a seal on a PDF. The original bytes stay an exact prefix of the output, so every earlier signature stays what it was.

--at X,Y is the seal's centre in mm from the top left corner of the page as it is displayed.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.stamp(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.seal, "seal", "", "印章文件 / the seal (.esl)")
	f.StringVar(&o.key, "key", "", "密钥 / key of the seal's owner")
	f.StringVar(&o.cert, "cert", "", "签章人证书 / the signer's certificate (default: the key's own in the seal)")
	f.StringVar(&o.in, "in", "", "输入 / the PDF to seal")
	f.StringVar(&o.out, "out", "", "输出 / the sealed PDF")
	f.IntVar(&o.page, "page", 1, "页码 / page, from 1")
	f.StringVar(&o.at, "at", "", "印章中心 / centre X,Y in mm from the page's top left")
	f.StringVar(&o.reason, "reason", "", "事由 / reason, shown by readers")
	f.StringVar(&o.trust, "trust", "", "信任目录，用于自检 / trust directory for the self-check")
	o.flags(f)
	for _, name := range []string{"seal", "key", "in", "out", "at"} {
		must(c.MarkFlagRequired(name))
	}
	return c
}

// must is for calls that fail only when the program itself is wrong.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (a *app) stamp(ctx context.Context, o stampOptions) error {
	order, err := o.order(a)
	if err != nil {
		return err
	}
	in, size, err := openInput(o.in, o.out)
	if err != nil {
		return err
	}
	defer in.Close()
	order.In, order.Size = in, size
	key, forget, err := o.openKey(ctx, a, o.key)
	if err != nil {
		return err
	}
	defer forget() //nolint:errcheck // closing forgets keys; there is nothing to lose
	order.Key = key
	var result stamp.Result
	err = writeWhole(o.out, 0o644, func(f *os.File) (err error) {
		result, err = stamp.Make(ctx, order, f)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, a.say("已签章：%s（第 %d 页，签名 %s，之前已有 %d 个签名）\n", "sealed: %s (page %d, signature %s, %d signatures before it)\n"), o.out, o.page, result.ID, result.Earlier)
	return nil
}

func (o *stampOptions) order(a *app) (stamp.Order, error) {
	x, y, err := parsePoint(o.at)
	if err != nil {
		return stamp.Order{}, err
	}
	esl, err := readSmall(o.seal)
	if err != nil {
		return stamp.Order{}, err
	}
	order := stamp.Order{Format: pdf.Format{}, Seal: esl, Reason: o.reason, Now: a.now, Places: []document.Place{{Page: o.page, X: x, Y: y}}}
	if o.cert != "" {
		cert, err := readCertificate(o.cert)
		if err != nil {
			return stamp.Order{}, err
		}
		order.Certificate = cert.Raw
	}
	if o.trust != "" {
		if order.Trust, err = loadTrust(o.trust); err != nil {
			return stamp.Order{}, err
		}
	}
	return order, nil
}

// parsePoint reads X,Y in mm.
func parsePoint(s string) (x, y float64, err error) {
	left, right, ok := strings.Cut(s, ",")
	x, errX := strconv.ParseFloat(strings.TrimSpace(left), 64)
	y, errY := strconv.ParseFloat(strings.TrimSpace(right), 64)
	if !ok || errX != nil || errY != nil {
		return 0, 0, usage("--at 写作 X,Y，单位毫米，例如 120,200", "--at is written X,Y in mm, for example 120,200")
	}
	return x, y, nil
}

// openInput opens the document to be stamped and refuses to overwrite it.
func openInput(in, out string) (*os.File, int64, error) {
	f, err := os.Open(in)
	if err != nil {
		return nil, 0, unreadable(in, err)
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, 0, unreadable(in, errors.Join(err, errors.New("not a regular file")))
	}
	if other, err := os.Stat(out); err == nil && os.SameFile(info, other) {
		f.Close()
		return nil, 0, usage("输出不能覆盖输入文件 "+filepath.Base(in)+"，请换一个文件名", "the output would overwrite the input "+filepath.Base(in)+": choose another name")
	}
	return f, info.Size(), nil
}

func readCertificate(path string) (*gm.Certificate, error) {
	data, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	certs, err := gm.ParseCertificates(data)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return certs[0], nil
}
