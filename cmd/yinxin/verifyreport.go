package main

import (
	"encoding/hex"
	"io"
	"os"

	"github.com/spf13/pflag"

	"yinxin/fault"
	"yinxin/font"
	"yinxin/gm"
	"yinxin/layout"
	"yinxin/trust"
	"yinxin/verify"
	"yinxin/verify/report"
)

// reportOptions say whether a report is written, and with which fonts.
type reportOptions struct {
	path  string
	faces []string
}

func (o *reportOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.path, "report", "", "报告 / write the verdict as a PDF report to `FILE`, of one file; it can itself be sealed")
	f.StringArrayVar(&o.faces, "report-font", nil, "报告字体 / with --report: `F.ttf` (F.ttc#1 for a second face) for characters that the built-in font lacks; may be repeated")
}

// check refuses what cannot work before any work is done, and opens the fonts.
func (o *reportOptions) check(files []string) (layout.Fonts, error) {
	if o.path == "" {
		if len(o.faces) > 0 {
			return nil, usage("--report-font 须与 --report 同用", "--report-font goes with --report")
		}
		return nil, nil
	}
	if len(files) != 1 {
		return nil, usage("--report 一次只写一个文件的报告，请分别核验", "--report is about one file: verify them one by one")
	}
	if _, err := os.Lstat(o.path); err == nil {
		return nil, outputExists(o.path, nil) // said before the work; writeNew holds it
	}
	fonts := layout.Fonts{font.Default()}
	for _, spec := range o.faces {
		f, err := openFont(spec)
		if err != nil {
			return nil, err
		}
		fonts = append(fonts, f)
	}
	return fonts, nil
}

// measured is a file's size and SM3.
type measured struct {
	size int64
	sm3  string
}

// measure reads a file whole; one that cannot be read has no digest, and its report says why it is unreadable.
func measure(path string) measured {
	f, err := os.Open(path)
	if err != nil {
		return measured{}
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return measured{}
	}
	h := gm.NewSM3()
	n, err := io.Copy(h, f)
	if err != nil {
		return measured{}
	}
	return measured{n, hex.EncodeToString(h.Sum(nil))}
}

// reported judges a file and writes its report, where one is asked for. The digest in the report must be that of the bytes that were judged, so a file that changes meanwhile is
// refused.
func (a *app) reported(o verifyOptions, fonts layout.Fonts, set *trust.Set, path string, judge func() verify.Report) (verify.Report, error) {
	if o.report.path == "" {
		return judge(), nil
	}
	before := measure(path)
	r := judge()
	if measure(path) != before {
		return r, fault.New(fault.Conflict, "file-changed", path+" 在核验时被改动了，没有写报告，请重新核验", path+" changed while it was being verified, no report was written: verify it again", nil)
	}
	with := report.Options{Lang: a.lang, Fonts: fonts, Made: a.now(), Size: before.size, SM3: before.sm3, Online: o.online}
	if set != nil {
		with.Anchors = set.Anchors()
	}
	return r, writeNew(o.report.path, func(f *os.File) error {
		if err := report.PDF(f, r, with); err != nil {
			return unwritable(o.report.path, err)
		}
		return nil
	})
}
