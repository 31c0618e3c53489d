package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/pdf"
)

// input is a document to be stamped.
type input struct {
	*os.File
	size   int64
	format document.Format
}

// openInput opens the document to be stamped, says so when it is of no known format, and refuses to overwrite it.
func openInput(in, out string) (*input, error) {
	f, size, err := openRegular(in, out)
	if err != nil {
		return nil, err
	}
	format, err := formatOf(in, f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &input{f, size, format}, nil
}

// openRegular opens an input of whatever format, which the output must not overwrite.
func openRegular(in, out string) (*os.File, int64, error) {
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

// matches reports whether a file is of a format, by its content. One that cannot be read is of none.
func matches(format document.Format, r io.ReaderAt) bool {
	head := make([]byte, matchHead)
	n, err := r.ReadAt(head, 0)
	return (err == nil || errors.Is(err, io.EOF)) && format.Match(head[:n])
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
	return info.Size(), nil
}

func readCertificate(path string) (*gm.Certificate, error) {
	certs, err := readCertificates(path)
	if err != nil {
		return nil, err
	}
	return certs[0], nil
}

func readCertificates(path string) ([]*gm.Certificate, error) {
	data, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	certs, err := gm.ParseCertificates(data)
	if err != nil {
		return nil, fault.New(fault.Invalid, "not-a-certificate", path+" 不是可识别的证书：请给出 PEM 或 DER 格式的证书文件",
			path+" is no certificate that can be read: name a file with a certificate in PEM or DER", err)
	}
	return certs, nil
}

// passwordOptions open an encrypted document.
type passwordOptions struct{ passwordFile string }

func (o *passwordOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.passwordFile, "password-file", "", "文件密码 / `FILE` holding the password of an encrypted PDF (or YINXIN_PDF_PASSWORD)")
}

func (o *passwordOptions) password() (string, error) {
	if o.passwordFile == "" {
		return os.Getenv("YINXIN_PDF_PASSWORD"), nil
	}
	data, err := readSmall(o.passwordFile)
	return strings.TrimRight(string(data), "\r\n"), err
}

// mended is a repaired copy of an input. Closing it removes it.
type mended struct {
	*os.File
	size int64
}

func (m *mended) Close() error { return errors.Join(m.File.Close(), os.Remove(m.Name())) }

// rewritten repairs an input nobody has signed and says what was wrong with it.
func (a *app) rewritten(ctx context.Context, in *input, name, password string, lossy bool) (*mended, error) {
	if in.format != (pdf.Format{}) {
		return nil, usage("--rewrite 只能修复 PDF", "--rewrite repairs PDFs only")
	}
	f, err := os.CreateTemp("", "yinxin-*.pdf")
	if err != nil {
		return nil, unwritable(os.TempDir(), err)
	}
	m := &mended{File: f}
	repair, err := pdf.Rewrite(ctx, in, in.size, document.Options{Password: password}, f)
	if err == nil {
		m.size, err = f.Seek(0, io.SeekCurrent)
	}
	if err != nil {
		m.Close()
		return nil, about(name, err)
	}
	a.sayRepair(plain(name), repair)
	if doubtful(repair) && !lossy {
		m.Close()
		return nil, about(name, fault.New(fault.Denied, "pdf-rewrite-lossy",
			"修复后的内容可能不完整，未签章：请用原软件重新导出；逐页确认无缺后，也可加 --lossy",
			"the repaired file may lack content, and was not sealed: export it anew, or add --lossy once every page was found complete", nil))
	}
	return m, nil
}

// doubtful reports whether a repair may have cost content: objects that could not be kept, or data whose end had to be guessed and may be torn.
func doubtful(r pdf.Repair) bool {
	return len(r.Lost) > 0 || slices.ContainsFunc(r.Defects, func(d pdf.Defect) bool { return d.Code == "pdf-repaired-streams" })
}

// lost names the first objects of a list.
func lost(list []pdf.Lost) string {
	const shown = 5
	var names []string
	for _, r := range list[:min(shown, len(list))] {
		names = append(names, strconv.Itoa(r.Num))
	}
	if len(list) > shown {
		names = append(names, fmt.Sprintf("… (%d)", len(list)))
	}
	return strings.Join(names, ", ")
}

// sayRepair lists on the error stream what was repaired. A rebuilt file wants to be looked at before anybody relies on it.
func (a *app) sayRepair(name string, r pdf.Repair) {
	if r.Clean() {
		fmt.Fprintf(a.err, a.say("%s 没有损坏，已按规范重写（%d 页）\n", "%s was not damaged; it was written anew (%d pages)\n"), name, r.PagesAfter)
		return
	}
	fmt.Fprintf(a.err, a.say("修复 %s 的副本（%d 页）：\n", "repaired a copy of %s (%d pages):\n"), name, r.PagesAfter)
	for _, d := range r.Defects {
		fmt.Fprintf(a.err, "  - %s (%d)\n", d.In(a.lang), d.Count)
	}
	if len(r.Lost) > 0 {
		fmt.Fprintf(a.err, a.say("  - 无法保留的对象：%s\n", "  - objects that could not be kept: %s\n"), lost(r.Lost))
	}
	if r.Rebuilt || len(r.Lost) > 0 {
		fmt.Fprintln(a.err, a.say("  请先查看修复后的每一页，再使用签章后的文件", "  look at every page before the sealed file is used"))
	}
}
