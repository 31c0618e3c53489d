package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/hsm"
	"yinxin/seal"
	"yinxin/stamp"
)

type stampOptions struct {
	keyOptions
	placeOptions
	passwordOptions
	levelOptions
	outOptions
	seal, key, cert, profile, also string
	in, reason, trust, lock        string
	certify                        int
	rewrite, lossy                 bool
	batchOptions
}

func (a *app) stampCommand() *cobra.Command {
	var o stampOptions
	c := &cobra.Command{
		Use:   "stamp --seal F.esl --key REF --in A --out B --at X,Y",
		Short: "签章 / seal a PDF or an OFD",
		Long: `stamp 给 PDF 或 OFD 签章，格式按内容识别。PDF 原有的字节一个不动地保留在新文件开头，OFD 包内原有的文件一个字节也不动，先前的签章因此都不受影响。

--at X,Y 是印章中心，以毫米计，从页面显示时的左上角量起。--riding 加盖骑缝章；两者同用时合为一个签名。--also 用 RSA 或 P-256 密钥再签一次，供不支持 SM2 的阅读器使用。

--batch 清单.csv 批量签章：清单有 in、out 两列，某行与选项不同时另加 page、at、field、reason 列。每行的结果写入“清单.csv.report.csv”，中断后再次运行
即可接着做；报告里已完成的行，输入内容或选项变了就报错。

--tsa 请时间戳服务证明签章时间。--level lt 和 lta 加上证书过期后核验所需的资料；资料取不全就报错，不产生文件。

OFD 可用 --profile ses，位置写法与 PDF 相同；也可用 cms 或 gbt35275，给出 SM2 证书 --cert 而不用印章。--lock all 不许再签章。OFD 不能用 --reason、
--certify、--field、--also、--rewrite，lt 和 lta 的资料存在文件旁。

stamp puts a seal on a PDF or an OFD; which it is, the file's content tells. Of a PDF the original bytes stay an exact prefix of the output, of an
OFD every file inside as it is stored, so every earlier signature stays what it was.

--at X,Y is the seal's centre in mm from the top left corner of the page as it is displayed. --riding cuts a riding seal over the pages; both together
are one signature. --also adds a second signature, with an RSA or P-256 key, for readers that do not know SM2.

--batch LIST.csv seals many files: its columns are in and out, and page, at, field and reason where rows differ from the options. It reports each row in
LIST.csv.report.csv and, run again, goes on where it was stopped. A row that is done and whose input or options are others now is an error.

--tsa has the signature stamped with a proven time. --level lt and lta add the evidence by which it is judged when certificates have expired; what cannot
be reached is an error, and no file is made.

An OFD takes --profile ses with places as a PDF does, or cms and gbt35275 with an SM2 --cert and no seal. --lock all lets nothing be signed after. It has
no room for --reason, --certify, --field, --also, --rewrite, and for the evidence of lt and lta, which is kept beside the file.`,
		Args:    noArgs,
		PreRunE: func(c *cobra.Command, _ []string) error { return o.checkSaid(c.Flags().Changed) },
		RunE:    func(c *cobra.Command, _ []string) error { return a.stamp(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.seal, "seal", "", "印章文件 / `FILE` of the seal (.esl)")
	f.StringVar(&o.key, "key", "", "密钥 / `REF` of the owner's key: its name in the store")
	f.StringVar(&o.cert, "cert", "", "签章人证书 / `FILE` of the signer's certificate and, for cms, those above it (default: the key's own in the seal)")
	f.StringVar(&o.in, "in", "", "输入 / `FILE`: the PDF or OFD to seal")
	o.outOptions.flags(f, "输出 / `FILE`: the sealed document")
	o.placeOptions.flags(f)
	f.StringVar(&o.reason, "reason", "", "事由 / `TEXT` of the reason, shown by readers")
	f.StringVar(&o.profile, "profile", string(stamp.SES), "签名格式 / `PROFILE`: ses (the seal inside), cms or gbt35275 (its picture only)")
	f.StringVar(&o.also, "also", "", "第二签名 / `REF,CERT`: a further signature by this key, RSA or P-256")
	f.IntVar(&o.certify, "certify", 0, "认证 / as the first signature allow later only: 1 nothing, 2 forms and signatures, 3 annotations too (`P`)")
	f.StringVar(&o.lock, "lock", "", "锁定 / lock `all` or the fields of these names, separated by commas")
	f.BoolVar(&o.rewrite, "rewrite", false, "先修复 / repair a damaged file that nobody has signed, and say what was repaired")
	f.BoolVar(&o.lossy, "lossy", false, "容许缺失 / with --rewrite: seal although parts of the file could not be kept")
	o.passwordOptions.flags(f)
	f.StringVar(&o.trust, "trust", "", "信任目录，用于自检和长期核验资料 / trust directory `DIR` for the self-check and for --level lt and lta")
	o.levelOptions.flags(f, "级别 / `LEVEL`: b, t (time stamp), lt (evidence inside), lta (time stamp over it); default t with --tsa, else b")
	o.batchOptions.flags(f)
	o.keyOptions.flags(f)
	return c
}

// must is for calls that fail only when the program itself is wrong.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (a *app) stamp(ctx context.Context, o stampOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	order, err := o.order(a)
	if err != nil {
		return err
	}
	with, err := o.levelOptions.open(a, order.Trust)
	if err != nil {
		return err
	}
	defer with.Close()
	order.Level, order.Timestamps, order.Sources = stamp.Level(o.level), with.timestamps, with.sources
	keys, err := o.keyOptions.open(a, false)
	if err != nil {
		return err
	}
	defer keys.Close()
	if err := o.openSigners(ctx, keys, &order); err != nil {
		return err
	}
	if o.list != "" {
		return a.stampBatch(ctx, o, order)
	}
	if order.Lay, err = o.placing(); err != nil {
		return err
	}
	in, err := openInput(o.in, o.out)
	if err != nil {
		return err
	}
	defer in.Close()
	result, _, err := a.stampFile(ctx, o, order, in, o.out)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, a.say("已签章：%s（签名 %s，之前已有的签名：%d）\n", "sealed: %s (signature %s, signatures before it: %d)\n"), plain(o.out), shortID(result.ID), result.Earlier)
	a.sayLevel(result.Level, result.Proven, result.Timestamp)
	for _, w := range result.Warnings {
		fmt.Fprintln(a.err, "yinxin: ！ "+plain(w.In(a.lang)))
	}
	if result.AlsoID != "" {
		fmt.Fprintf(a.out, a.say("另加签名 %s\n", "and signed as %s\n"), result.AlsoID)
	}
	return nil
}

// shortID names a signature at many places, which has a field at each, by the first and how many there are.
func shortID(id string) string {
	first, rest, many := strings.Cut(id, ", ")
	if !many {
		return id
	}
	return fmt.Sprintf("%s (%d)", first, strings.Count(rest, ", ")+2)
}

// checkSaid refuses options that were said and would do nothing.
func (o *stampOptions) checkSaid(said func(string) bool) error {
	switch {
	case said("page") && o.at == "" && o.list == "":
		return usage("--page 须与 --at 同用；骑缝章的页码用 --riding-pages", "--page goes with --at; the pages of a riding seal are --riding-pages")
	case said("certify") && (o.certify < 1 || o.certify > 3):
		return usage("--certify 应为 1、2 或 3", "--certify is 1, 2 or 3")
	case said("lock") && o.lock == "":
		return usage("--lock 后面要写 all 或字段名", "--lock is followed by all or by names of fields")
	}
	return nil
}

// check says everything that is missing at once.
func (o *stampOptions) check() error {
	if err := o.batchOptions.check(); err != nil {
		return err
	}
	if err := checkLevel(o.level, stamp.Levels()...); err != nil {
		return err
	}
	if o.lossy && !o.rewrite {
		return usage("--lossy 须与 --rewrite 同用", "--lossy goes with --rewrite")
	}
	if o.list != "" && (o.in != "" || o.out != "" || o.force) {
		return usage("--batch 不能与 --in、--out、--force 同用：输入和输出写在清单里", "--batch excludes --in, --out and --force: the list names them, and nothing is replaced")
	}
	var missing []string
	for _, f := range []struct {
		name    string
		missing bool
	}{
		{"--seal", o.seal == "" && stamp.Profile(o.profile) == stamp.SES},
		{"--key", o.key == ""},
		{"--in", o.list == "" && o.in == ""},
		{"--out", o.list == "" && o.out == ""},
		{"--at", o.list == "" && (o.seal != "" || stamp.Profile(o.profile) == stamp.SES) && o.at == "" && o.riding == "" && o.field == ""},
	} {
		if f.missing {
			missing = append(missing, f.name)
		}
	}
	return lacks("yinxin stamp", missing)
}

// stampFile makes one output, whole or not at all. In a batch an output that is there is never replaced: it is found to be the result of this very
// stamping, or it is an error.
func (a *app) stampFile(ctx context.Context, o stampOptions, order stamp.Order, f *input, out string) (result stamp.Result, found bool, err error) {
	in := f.Name()
	order.Format, order.In, order.Size = f.format, f, f.size
	if o.rewrite {
		mended, err := a.rewritten(ctx, f, in, order.Password, o.lossy)
		if err != nil {
			return result, false, err
		}
		defer mended.Close()
		order.In, order.Size = mended, mended.size
	}
	if o.list != "" {
		if result, found, err := recognize(ctx, order, out); found || err != nil {
			return result, found, aboutInput(in, err)
		}
	}
	err = o.writeTo(out, func(to *os.File) (err error) {
		result, err = stamp.Make(ctx, order, to)
		return aboutInput(in, mendable(err))
	})
	return result, false, err
}

// mendable adds to what is said of a damaged file that it can be repaired.
func mendable(err error) error {
	p, ok := fault.PublicOf(err)
	if !ok || p.Code != "pdf-malformed" && p.Code != "pdf-broken-xref" {
		return err
	}
	return fault.New(fault.KindOf(err), p.Code, p.ZH+"；没有人签过的文件也可以加 --rewrite，先修复副本再签章", p.EN+"; a copy of a file that nobody has signed can be repaired first with --rewrite", err)
}

// recognize looks at an output that is there: one that an interrupted run made is found, any other is left alone and an error.
func recognize(ctx context.Context, order stamp.Order, out string) (stamp.Result, bool, error) {
	f, err := os.Open(out)
	if errors.Is(err, fs.ErrNotExist) {
		return stamp.Result{}, false, nil
	}
	if err != nil {
		return stamp.Result{}, false, unreadable(out, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return stamp.Result{}, false, unreadable(out, err)
	}
	result, found, err := stamp.Recognize(ctx, order, f, info.Size())
	if err == nil && !found {
		err = fault.New(fault.Conflict, "output-exists", "输出 "+out+" 已存在，且不是这次签章的结果：请移走它或换一个输出名",
			"the output "+out+" is there already and not the result of this stamping: move it away or name another", nil)
	}
	return result, found, err
}

// aboutInput names the document where the failure is one of the document; others are of the seal, the key or the certificate and say so.
func aboutInput(in string, err error) error {
	if p, ok := fault.PublicOf(err); ok && (strings.HasPrefix(p.Code, "pdf-") || strings.HasPrefix(p.Code, "ofd-") || strings.HasPrefix(p.Code, "riding-") || strings.HasPrefix(p.Code, "page-") || p.Code == "earlier-signature-broken") {
		return about(in, err)
	}
	return err
}

// order is what is the same for every file.
func (o *stampOptions) order(a *app) (order stamp.Order, err error) {
	order = stamp.Order{Profile: stamp.Profile(o.profile), Reason: o.reason, Field: o.field, Certify: o.certify, Suspect: true, Now: a.now}
	if order.Password, err = o.password(); err != nil {
		return order, err
	}
	if o.seal != "" {
		if order.Seal, err = readSmall(o.seal); err != nil {
			return order, err
		}
		if _, err := seal.Parse(order.Seal); err != nil {
			return order, unreadable(o.seal, err)
		}
	}
	if o.cert != "" {
		signer, err := readSigner(o.cert)
		if err != nil {
			return order, err
		}
		order.Certificate, order.Chain = signer.Certificate, signer.Chain
	}
	switch {
	case o.lock == "all":
		order.Lock = []string{document.LockAll}
	case o.lock != "":
		order.Lock = strings.Split(o.lock, ",")
	}
	if o.trust != "" {
		order.Trust, err = loadTrust(o.trust)
	}
	return order, err
}

// openSigners opens the key and, for a further signature, its key and certificate.
func (o *stampOptions) openSigners(ctx context.Context, keys keyring, order *stamp.Order) (err error) {
	if order.Key, err = keys.Key(ctx, hsm.Ref(o.key)); err != nil || o.also == "" {
		return err
	}
	ref, cert, ok := strings.Cut(o.also, ",")
	if !ok || ref == "" || cert == "" {
		return usage("--also 写作 密钥,证书文件，例如 rsa,rsa.crt", "--also is written REF,CERT, for example rsa,rsa.crt")
	}
	also, err := readSigner(cert)
	if err != nil {
		return err
	}
	also.Key, err = keys.Key(ctx, hsm.Ref(ref))
	order.Also = &also
	return err
}

// readSigner reads a certificate and those above it, which may stand behind it in the file.
func readSigner(path string) (stamp.Signer, error) {
	certs, err := readCertificates(path)
	if err != nil {
		return stamp.Signer{}, err
	}
	s := stamp.Signer{Certificate: certs[0].Raw}
	for _, c := range certs[1:] {
		s.Chain = append(s.Chain, c.Raw)
	}
	return s, nil
}
