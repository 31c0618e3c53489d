package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/ofd"
	"yinxin/pdf"
	"yinxin/seal"
)

type renderOptions struct {
	outOptions
	pages string
}

func (a *app) renderCommand() *cobra.Command {
	var o renderOptions
	c := &cobra.Command{
		Use:   "render FILE.ofd -o out.svg",
		Short: "显示版面 / write pages of an OFD with their seals as SVG",
		Long: `render 把 OFD 的一页写成 SVG，用任何浏览器都能查看：文字、线条、图像、模板、注释，以及签章所放位置上的印章。SVG 自成一体，不含脚本，
不从别处加载任何东西；其中的文字可以选取和搜索。

多页（--page all 或 1,3-5）写入一个文件夹，文件名为 page-1.svg、page-2.svg 等。

显示不等于核验：签章有效与否，页面看上去都一样。是否有效请用 yinxin verify 核验。

render writes a page of an OFD as SVG, to be looked at with any browser: text, lines, pictures, templates, annotations, and the seals where the
signatures put them. The SVG stands alone: no script, nothing loaded from elsewhere. Its text can be selected and searched.

Several pages (--page all, or 1,3-5) go into a folder, as page-1.svg, page-2.svg and so on.

Showing is not judging: a page looks the same whether its signatures hold or not. That is what yinxin verify says.`,
		Args: oneArg("OFD 文件", "OFD file"),
		RunE: func(c *cobra.Command, args []string) error { return a.render(c.Context(), o, args[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.pages, "page", "1", "页码 / `PAGES` to write, e.g. 2 or 1,3-5 or all")
	o.outOptions.flags(f, "输出 / `FILE` to write; of several pages, the folder")
	must(c.MarkFlagRequired("out"))
	return c
}

func (a *app) render(ctx context.Context, o renderOptions, in string) error {
	f, err := os.Open(in)
	if err != nil {
		return unreadable(in, err)
	}
	defer f.Close()
	doc, err := openRendered(ctx, f, in, o.out)
	if err != nil {
		return err
	}
	shown, err := doc.Pages()
	if err != nil {
		return about(in, err)
	}
	pages, err := document.ParsePages(o.pages, len(shown))
	if err != nil {
		return about(in, err)
	}
	target := func(int) string { return o.out }
	if len(pages) > 1 {
		if target, err = pageFiles(o.out); err != nil {
			return err
		}
	}
	steps := a.progress()
	defer steps.end()
	for i, n := range pages {
		to := target(n)
		if len(pages) > 1 {
			steps.show(i+1, len(pages), to)
		}
		omitted, err := renderPage(ctx, doc, n, func(fill func(*os.File) error) error { return o.writeTo(to, fill) })
		if err != nil {
			return about(in, err)
		}
		for _, m := range omitted {
			steps.note("yinxin: ！ " + fmt.Sprintf(a.say("第 %d 页：", "page %d: "), n) + a.omission(m))
		}
	}
	steps.end()
	fmt.Fprintf(a.out, a.say("已写入：%s（%d 页）\n", "written: %s (pages: %d)\n"), plain(o.out), len(pages))
	if signatures, err := doc.Signatures(); err == nil && len(signatures) > 0 {
		fmt.Fprintln(a.err, a.say("yinxin: 显示不等于核验，签章是否有效请用 yinxin verify", "yinxin: showing is not judging: yinxin verify says whether the seals hold"))
	}
	return nil
}

// rendered is a document whose pages can be shown.
type rendered interface {
	document.Document
	document.Renderer
}

// openRendered opens what can be shown, and says of other files what shows them.
func openRendered(ctx context.Context, f *os.File, in, out string) (rendered, error) {
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		return nil, unreadable(in, err)
	}
	if other, err := os.Stat(out); err == nil && os.SameFile(info, other) {
		return nil, usage("输出不能覆盖输入文件 "+in+"，请换一个文件名", "the output would overwrite the input "+in+": choose another name")
	}
	head := make([]byte, matchHead)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unreadable(in, err)
	}
	if (pdf.Format{}).Match(head[:n]) {
		return nil, fault.New(fault.Invalid, "render-pdf", in+" 是 PDF，浏览器或阅读器可以直接打开；render 只用于 OFD", in+" is a PDF, which any browser or reader shows as it is: render is for OFD", nil)
	}
	if !(ofd.Format{}).Match(head[:n]) {
		return nil, fault.New(fault.Invalid, "not-an-ofd", in+" 不是 OFD 文件，请检查文件名", in+" is not an OFD: check the name", nil)
	}
	doc, err := (ofd.Format{}).Open(ctx, f, info.Size(), document.Options{})
	if err != nil {
		return nil, about(in, err)
	}
	r, ok := doc.(rendered)
	if !ok {
		return nil, fmt.Errorf("%s: %T cannot be shown", in, doc)
	}
	return r, nil
}

// pageFiles makes the folder for several pages and names its files.
func pageFiles(dir string) (func(int) string, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, usage("多页输出时 -o 应为文件夹，而 "+dir+" 是文件", "several pages go into a folder, and "+dir+" is a file")
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, unwritable(dir, err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // what is shown is for everyone to see, as other outputs are
		return nil, unwritable(dir, err)
	}
	return func(n int) string { return filepath.Join(dir, fmt.Sprintf("page-%d.svg", n)) }, nil
}

func renderPage(ctx context.Context, doc document.Renderer, page int, write func(func(*os.File) error) error) (omitted []document.Omission, err error) {
	err = write(func(f *os.File) error {
		w := bufio.NewWriter(f)
		if omitted, err = doc.Render(ctx, w, page, sealPicture); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return unwritable(f.Name(), err)
		}
		return nil
	})
	return omitted, err
}

// sealPicture is the picture of the seal inside a signature.
func sealPicture(s document.Signature) (document.Picture, error) {
	v, err := seal.ParseSignature(s.Value())
	if err != nil {
		return document.Picture{}, err
	}
	p := v.Seal.Info.Picture
	return document.Picture{Type: p.Type, Data: p.Data, Width: float64(p.Width), Height: float64(p.Height)}, nil
}

// omission says what was not shown.
func (a *app) omission(o document.Omission) string {
	words, known := omissionWords()[o.Code]
	if !known {
		words = [2]string{o.Code, o.Code}
	}
	return strings.TrimSpace(a.say(words[0]+"：", words[1]+": ") + plain(o.Object))
}

func omissionWords() map[string][2]string {
	return map[string][2]string{
		"image-format":         {"图像格式不支持显示", "pictures of this format are not shown"},
		"image-damaged":        {"图像已损坏，未显示", "the picture is damaged and not shown"},
		"image-mask":           {"图像的蒙版未使用", "the mask of the picture is not used"},
		"part-missing":         {"文件中缺少所引用的部件", "the file lacks a part that it names"},
		"resource-missing":     {"缺少所引用的资源", "a resource that is named is not there"},
		"template-missing":     {"缺少所引用的模板", "a template that is named is not there"},
		"font-unreadable":      {"内嵌字体无法读取，已用其他字体代替", "the embedded font cannot be read, another one stands in"},
		"character-missing":    {"内置字体缺少此字符，显示取决于浏览器的字体", "no font at hand draws this character, the viewer's own must"},
		"object-malformed":     {"对象有误，未显示", "the object is malformed and not shown"},
		"clip-text":            {"以文字作裁剪的部分未裁剪", "clipping by text is not done"},
		"shading":              {"此种渐变或图案未按原样显示", "this kind of shading is not shown as it is"},
		"seal-picture":         {"印章图像无法显示", "the picture of the seal cannot be shown"},
		"signature-malformed":  {"签名结构有误，未显示其印章", "the signature is malformed, its seal is not shown"},
		"signatures-malformed": {"签名列表有误，未显示印章", "the list of signatures is malformed, no seal is shown"},
	}
}
