package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/pdf"
	"yinxin/seal"
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
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.stamp(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.seal, "seal", "", "印章文件 / `FILE` of the seal (.esl)")
	f.StringVar(&o.key, "key", "", "密钥 / `REF` of the owner's key: its name in the store")
	f.StringVar(&o.cert, "cert", "", "签章人证书 / `FILE` of the signer's certificate (default: the key's own in the seal)")
	f.StringVar(&o.in, "in", "", "输入 / `FILE`: the PDF to seal")
	f.StringVar(&o.out, "out", "", "输出 / `FILE`: the sealed PDF")
	f.IntVar(&o.page, "page", 1, "页码 / page `N`, from 1")
	f.StringVar(&o.at, "at", "", "印章中心 / centre `X,Y` in mm from the page's top left, e.g. 120,200")
	f.StringVar(&o.reason, "reason", "", "事由 / `TEXT` of the reason, shown by readers")
	f.StringVar(&o.trust, "trust", "", "信任目录，用于自检 / trust directory `DIR` for the self-check")
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
		return aboutInput(o.in, err)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, a.say("已签章：%s（第 %d 页，签名 %s，之前已有的签名：%d）\n", "sealed: %s (page %d, signature %s, signatures before it: %d)\n"), plain(o.out), o.page, result.ID, result.Earlier)
	return nil
}

// aboutInput names the document where the failure is one of the document; others are of the seal, the key or the certificate and say so.
func aboutInput(in string, err error) error {
	if p, ok := fault.PublicOf(err); ok && (strings.HasPrefix(p.Code, "pdf-") || p.Code == "earlier-signature-broken") {
		return about(in, err)
	}
	return err
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
	if _, err := seal.Parse(esl); err != nil {
		return stamp.Order{}, unreadable(o.seal, err)
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

// farthest bounds coordinates in mm: no page of a PDF is a kilometre wide.
const farthest = 1e6

// parsePoint reads X,Y in mm.
func parsePoint(s string) (x, y float64, err error) {
	left, right, ok := strings.Cut(s, ",")
	x, errX := strconv.ParseFloat(strings.TrimSpace(left), 64)
	y, errY := strconv.ParseFloat(strings.TrimSpace(right), 64)
	if !ok || errX != nil || errY != nil || !(math.Abs(x) <= farthest && math.Abs(y) <= farthest) { // NaN too
		return 0, 0, usage("--at 不能是“"+s+"”，写作 X,Y，单位毫米，例如 120,200", "--at cannot be “"+s+"”: it is written X,Y in mm, for example 120,200")
	}
	return x, y, nil
}

// openInput opens the document to be stamped, says so when it is no PDF, and refuses to overwrite it.
func openInput(in, out string) (*os.File, int64, error) {
	f, err := os.Open(in)
	if err != nil {
		return nil, 0, unreadable(in, err)
	}
	size, err := checkInput(f, in, out)
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, size, nil
}

// matchHead is how much of a file decides its format, as document.Format asks.
const matchHead = 1032

func checkInput(f *os.File, in, out string) (int64, error) {
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		return 0, unreadable(in, err)
	}
	if other, err := os.Stat(out); err == nil && os.SameFile(info, other) {
		return 0, usage("输出不能覆盖输入文件 "+in+"，请换一个文件名", "the output would overwrite the input "+in+": choose another name")
	}
	head := make([]byte, matchHead)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, unreadable(in, err)
	}
	if !(pdf.Format{}).Match(head[:n]) {
		return 0, fault.New(fault.Invalid, "not-a-pdf", in+" 不是 PDF 文件：请改用 PDF，其他格式尚不能签章", in+" is not a PDF: name a PDF, other formats cannot be sealed yet", nil)
	}
	return info.Size(), nil
}

func readCertificate(path string) (*gm.Certificate, error) {
	data, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	certs, err := gm.ParseCertificates(data)
	if err != nil {
		return nil, fault.New(fault.Invalid, "not-a-certificate", path+" 不是可识别的证书：请给出 PEM 或 DER 格式的证书文件",
			path+" is no certificate that can be read: name a file with a certificate in PEM or DER", err)
	}
	return certs[0], nil
}
