package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"yinxin/fault"
	"yinxin/timestamp"
	"yinxin/verify"
	"yinxin/verify/evidence"
)

func (a *app) evidenceCommand() *cobra.Command {
	c := group("evidence", "另存的证据 / evidence kept beside files: packed with its file, or listed")
	c.AddCommand(a.evidenceBundle(), a.evidenceShow())
	return c
}

func (a *app) evidenceBundle() *cobra.Command {
	var o outOptions
	var kept string
	c := &cobra.Command{
		Use:   "bundle FILE --out BUNDLE.zip",
		Short: "打包 / pack a file with the evidence beside it, to be verified without a network",
		Long: `bundle 把文件和“文件名.evidence”（由 yinxin extend --beside 取得）打成一个 ZIP 证据包。yinxin verify 证据包 --trust 信任目录，即按包内的证据核验
包内的文件。文件在包里原样不动，任何 ZIP 程序都能取出。

bundle packs FILE and FILE.evidence (yinxin extend --beside makes it) into one ZIP archive. yinxin verify BUNDLE.zip --trust DIR judges the file in it
by the evidence in it; the file is in the archive as it is, and any program that reads ZIP archives takes it out.`,
		Args: oneArg("文件", "FILE"),
		RunE: func(c *cobra.Command, args []string) error { return a.bundle(c.Context(), args[0], kept, o) },
	}
	o.flags(c.Flags(), "输出 / `BUNDLE.zip`")
	c.Flags().StringVar(&kept, "evidence", "", "证据 / `FILE` of the evidence (default FILE.evidence)")
	must(c.MarkFlagRequired("out"))
	return c
}

func (a *app) bundle(ctx context.Context, in, kept string, o outOptions) error {
	f, err := openInput(in, o.out)
	if err != nil {
		return err
	}
	defer f.Close()
	if kept == "" {
		kept = evidence.FileName(in)
	}
	b, err := boundEvidence(ctx, kept, f, f.size)
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Invalid, "evidence-none", "没有 "+kept+"：先用 yinxin extend --beside 取得证据；证据在文件之内的无须打包",
			"there is no "+kept+": get the evidence with yinxin extend --beside; a file that holds its evidence inside needs no bundle", nil)
	}
	if err != nil {
		return err
	}
	b.Document.Name, b.Document.File = filepath.Base(in), f
	err = o.write(func(to *os.File) error { return about(in, evidence.Write(ctx, to, b)) })
	if err == nil {
		fmt.Fprintf(a.out, a.say("已打包：%s\n", "packed: %s\n"), plain(o.out))
	}
	return err
}

func (a *app) evidenceShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show FILE.evidence",
		Short: "列出 / list what a file of evidence or a bundle holds; nothing of it is judged",
		Args:  oneArg("证据文件", "FILE"),
		RunE: func(c *cobra.Command, args []string) error {
			f, b, err := openEvidence(c.Context(), args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			a.showEvidence(b)
			return nil
		},
	}
}

func (a *app) showEvidence(b evidence.Bundle) {
	d := b.Document
	name := d.Name
	if d.File == nil {
		name = a.say("（文件不在其中）", "(the file is not in it)")
	}
	fmt.Fprintf(a.out, a.say("文件 %s，%d 字节，SM3 %x\n", "file %s, %d bytes, SM3 %x\n"), plain(name), d.Size, d.SM3)
	count := func(v evidence.Values) {
		fmt.Fprintf(a.out, a.say("  证书 %d，吊销列表 %d，状态应答 %d，时间戳 %d\n", "  %d certificates, %d revocation lists, %d OCSP responses, %d time stamps\n"),
			len(v.Certificates), len(v.CRLs), len(v.OCSPs), len(v.Tokens))
	}
	for _, s := range b.Signatures {
		fmt.Fprintf(a.out, a.say("签名 %s\n", "signature %s\n"), plain(verify.Clean(s.ID)))
		count(s.Values)
	}
	fmt.Fprintln(a.out, a.say("整个文件", "the file as a whole"))
	count(b.Values)
	kept := b.Beside()
	for _, s := range kept.Stamps {
		t, err := timestamp.Parse(s.Token)
		switch {
		case err != nil:
			fmt.Fprintln(a.out, a.say("  时间戳：结构有错误", "  time stamp: malformed"))
		case s.Over == nil:
			fmt.Fprintf(a.out, a.say("  时间戳 %s：不知是对什么签发的\n", "  time stamp %s: over nothing that is kept\n"), t.Info.Time.UTC().Format(time.RFC3339))
		default:
			fmt.Fprintf(a.out, a.say("  时间戳 %s\n", "  time stamp %s\n"), t.Info.Time.UTC().Format(time.RFC3339))
		}
	}
	for _, u := range kept.Unjudged {
		fmt.Fprintf(a.out, a.say("本版本不核验：%s %d 份\n", "not judged by this version: %s, %d\n"), plain(verify.Clean(u.Kind.In(a.lang))), u.Count)
	}
}

// openEvidence reads a file of evidence, or a bundle, whose document is read from f.
func openEvidence(ctx context.Context, path string) (f *os.File, b evidence.Bundle, err error) {
	if f, err = os.Open(path); err != nil {
		return nil, b, unreadable(path, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err == nil {
		b, err = evidence.Read(ctx, f, info.Size(), evidence.Limits{})
	}
	if err != nil {
		f.Close()
		return nil, b, unreadable(path, err)
	}
	return f, b, nil
}

// boundEvidence reads evidence and makes sure that it is about the file r.
func boundEvidence(ctx context.Context, path string, r io.ReaderAt, size int64) (evidence.Bundle, error) {
	f, b, err := openEvidence(ctx, path)
	if err != nil {
		return b, err
	}
	defer f.Close()
	b.Document.File = nil
	return b, about(path, b.Bind(ctx, r, size))
}

// besideOf is evidence that came with a file. What cannot be used is said with the verdict.
func besideOf(ctx context.Context, kept io.ReaderAt, keptSize int64, l evidence.Limits, r io.ReaderAt, size int64) (*verify.Beside, error) {
	b, err := evidence.Read(ctx, kept, keptSize, l)
	if err == nil {
		b.Document.File = nil
		err = b.Bind(ctx, r, size)
	}
	switch {
	case err == nil:
		return b.Beside(), nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	return &verify.Beside{Refused: err}, nil
}

// beside is the evidence for a file to be judged: the one that is named, or the one that lies next to it, if any. What cannot be used is said with the verdict.
func beside(ctx context.Context, file, named string, r io.ReaderAt, size int64) (*verify.Beside, error) {
	path := named
	if path == "" {
		path = evidence.FileName(file)
	}
	b, err := boundEvidence(ctx, path, r, size)
	switch {
	case err == nil:
		return b.Beside(), nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, fs.ErrNotExist) && named == "":
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if named := (*fileError)(nil); errors.As(err, &named) {
		err = named.err // which file it is the reader knows; the verdict is the same wherever it lies
	}
	return &verify.Beside{Refused: err}, nil
}

// isEvidence tells evidence and bundles from documents, by content: an OFD is a ZIP archive too.
func isEvidence(r io.ReaderAt) bool {
	head := make([]byte, matchHead)
	n, err := r.ReadAt(head, 0)
	return (err == nil || errors.Is(err, io.EOF)) && evidence.Match(head[:n])
}

// bundled is the document of a bundle with its evidence.
func bundled(ctx context.Context, f io.ReaderAt, size int64, l evidence.Limits) (evidence.Bundle, error) {
	b, err := evidence.Read(ctx, f, size, l)
	if err == nil && b.Document.File == nil {
		err = fault.New(fault.Invalid, "evidence-alone", "这是另存的证据，不含文件本身：请核验它所属的文件，证据放在文件旁边即可",
			"this is evidence without the file it is about: verify that file, with the evidence beside it", nil)
	}
	return b, err
}
