package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"yinxin/doctype"
	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/ofd"
	"yinxin/pdf"
	"yinxin/trust"
	"yinxin/verify"
	"yinxin/verify/evidence"
	"yinxin/verify/report"
)

type verifyOptions struct {
	passwordOptions
	onlineOptions
	report        reportOptions
	trust         string
	at            string
	integrityOnly bool
	saveCerts     string
	evidence      string
	docType       string
	json          bool
	csv           string
}

func (a *app) verifyCommand() *cobra.Command {
	var o verifyOptions
	c := &cobra.Command{
		Use:   "verify FILE…",
		Short: "核验签章 / say who sealed a file and whether to believe it",
		Long: `verify 说明每个文件由谁签章，内容是否与签章时一致，以及在这里能否信任。

文件旁的“文件名.evidence”如果针对的正是这些字节，会一并读取；证据包（yinxin evidence bundle）是文件和它的证据。

--csv 表.csv 成批核验：目录（含子目录）、ZIP 压缩包和文件，每个文件一行，列出类型、号码、日期、各方、金额、结论和原因，并指出重复的发票和相同的文件。
全部核验完才有表格；中断后用同样的命令继续，已核验的不会重做。

退出码：0 通过，1 失败，2 无法得出结论，3 无法读取或用法错误，4 没有签章；多个文件取最坏的，次序为 1、3、2、4、0。
通过是说在所给的信任目录下各项检查都通过，并不是说文件在法律上有效。

verify says of each file who sealed it, whether it is what was sealed, and whether that can be trusted here.

Evidence in FILE.evidence next to a file is read too, if it is about these very bytes; a bundle (yinxin evidence bundle) is a file with its evidence.

--csv OUT.csv verifies many: folders and what is below them, ZIP archives, and files; one row each with type, number, date, parties, amounts, verdict and the
reason, and with invoices and files that are there more than once named. The table is there when all is done; after a stop the same command goes on.

Exit code: 0 PASSED, 1 FAILED, 2 INDETERMINATE, 3 unreadable or usage, 4 unsigned; of several files the worst, in the order 1, 3, 2, 4, 0.
PASSED means the checks passed under the trust given, never that a document is legally valid.`,
		Args: someArgs("文件", "file"),
		RunE: func(c *cobra.Command, files []string) error {
			err := a.verify(c.Context(), o, files)
			if err != nil {
				a.code = exitUsage // no verdict was reached: 1 would say that a file FAILED
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&o.trust, "trust", "", "信任目录 / trust directory `DIR`: {maker,ca,tsa,tax}/*.crt, crl/*.crl, ocsp/*.ors, trust.yaml")
	f.StringVar(&o.at, "at", "", "核验时间 / judging `TIME`, e.g. 2026-03-02T08:00:00Z or 2026-03-02, UTC (default now)")
	f.BoolVar(&o.integrityOnly, "integrity-only", false, "只核验完整性 / judge all but trust, revocation, time and algorithm age")
	f.StringVar(&o.saveCerts, "save-certs", "", "另存证书 / folder `DIR` for the certificates of makers and authorities that are missing here")
	f.StringVar(&o.evidence, "evidence", "", "证据 / `FILE` of the evidence kept beside the one file to verify (default FILE.evidence, if it is there)")
	f.StringVar(&o.docType, "type", "", "文件类型 / `TYPE` of the documents: invoice, license, proof or contract (default: told by their content)")
	o.report.flags(f)
	o.onlineOptions.flags(f)
	o.passwordOptions.flags(f)
	f.StringVar(&o.csv, "csv", "", "表格 / write one row for each file in folders, ZIP archives and files to `OUT.csv`; after a stop the same command goes on")
	f.BoolVar(&o.json, "json", false, "每个文件一行 JSON / one JSON object a line")
	return c
}

func (a *app) verify(ctx context.Context, o verifyOptions, files []string) error {
	if o.evidence != "" && len(files) != 1 {
		return usage("--evidence 只能与一个文件同用", "--evidence goes with one file")
	}
	if err := o.csvAlone(); err != nil {
		return err
	}
	fonts, err := o.report.check(files)
	if err != nil {
		return err
	}
	j, err := a.judging(o)
	if err != nil {
		return err
	}
	defer j.close()
	if o.csv != "" {
		return a.verifyTable(ctx, o, j, files)
	}
	codes := make([]int, 0, len(files))
	for _, file := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		r, err := a.reported(o, fonts, j.Trust, file, func() verify.Report { return j.file(ctx, file, o.evidence) })
		if err != nil {
			return err
		}
		if err := a.show(r, o.json); err != nil {
			return err
		}
		if err := a.saveMissing(o.saveCerts, r); err != nil {
			return err
		}
		codes = append(codes, exitOf(r.Verdict))
	}
	a.code = worstExit(codes)
	return nil
}

// judging is what the options say of how files are judged.
type judging struct {
	verify.Verifier
	policy verify.Policy
	at     time.Time
	close  func()
}

func (a *app) judging(o verifyOptions) (j judging, err error) {
	j = judging{Verifier: verify.Verifier{Formats: formats(), Typed: true, Proven: gm.NewProven(maxProven)}, at: a.now(), close: func() {},
		policy: verify.Policy{IntegrityOnlyUnsafe: o.integrityOnly, Freshness: trust.Freshness{MaxAge: o.maxAge}}}
	if o.at != "" {
		if j.at, err = parseTime(o.at); err != nil {
			return j, err
		}
	}
	if j.Type, err = documentType(o.docType); err != nil {
		return j, err
	}
	if j.Password, err = o.password(); err != nil {
		return j, err
	}
	if o.trust != "" {
		if j.Trust, err = loadTrust(o.trust); err != nil {
			return j, err
		}
	}
	online, err := o.source()
	if err == nil && online != nil {
		j.close, j.Sources = func() { online.Close() }, append(j.Sources, online)
	}
	return j, err
}

// documentType reads the value of --type.
func documentType(s string) (doctype.Type, error) {
	t, ok := doctype.ParseType(s)
	if !ok {
		return t, usage("--type 只能是 invoice、license、proof 或 contract，不能是 "+s, "--type is invoice, license, proof or contract, not "+s)
	}
	return t, nil
}

// saveMissing writes the certificates that a report names as missing. To have them is not to trust them: that is yinxin trust add.
func (a *app) saveMissing(dir string, r verify.Report) error {
	missing := report.MissingCertificates(r)
	if dir == "" || len(missing) == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // certificates are for everyone to see
		return unwritable(dir, err)
	}
	for _, c := range missing {
		path := filepath.Join(dir, c.Name)
		if err := writeBytes(path, c.PEM); err != nil {
			return err
		}
		fmt.Fprintln(a.err, a.say("已另存 ", "saved ")+plain(path))
	}
	return nil
}

// formats are the kinds of file that can be judged and sealed. Whatever is a PDF is read as one, an OFD inside it or not.
func formats() []document.Format { return []document.Format{pdf.Format{}, ofd.Format{}} }

func loadTrust(dir string) (*trust.Set, error) {
	found, err := hasUses(dir)
	if err != nil {
		return nil, fault.New(fault.Invalid, "trust-dir", "信任目录 "+dir+" 无法打开，请检查 --trust", "the trust directory "+dir+" cannot be opened: check --trust", err)
	}
	if !found {
		return nil, fault.New(fault.Invalid, "trust-dir-empty", "目录 "+dir+" 不是信任目录：其中没有 maker、ca、tsa 或 tax 子目录",
			"the directory "+dir+" is no trust directory: it holds none of maker/, ca/, tsa/ and tax/", nil)
	}
	set, err := trust.Load(os.DirFS(dir))
	return set, about(dir, err)
}

// hasUses reports whether dir has a folder for a use. Without one the name is wrong: whoever trusts nobody leaves --trust out.
func hasUses(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, fmt.Errorf("read %s: %w", dir, err)
	}
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return slices.Contains([]string{"maker", "ca", "tsa", "tax"}, e.Name()) }), nil
}

// file judges one file, with the evidence kept beside it. A file that cannot be read is a report too: UNREADABLE, with the reason.
func (j judging) file(ctx context.Context, path, kept string) verify.Report {
	facts, err := gatherFile(ctx, j.Verifier, path, kept)
	return j.judge(path, facts, err)
}

func (j judging) judge(path string, facts verify.Facts, err error) verify.Report {
	if err != nil {
		return unreadableReport(path, facts.Format, err)
	}
	r := verify.Judge(facts, j.policy, j.at)
	r.File = path
	return r
}

func unreadableReport(path, format string, err error) verify.Report {
	public, ok := fault.PublicOf(err)
	if !ok {
		public = fault.Public{Code: "file-unreadable", ZH: "文件无法读取：" + reason(err, "zh"), EN: "the file cannot be read: " + reason(err, "en")}
	}
	public.ZH, public.EN = public.ZH+cause(err, "zh"), public.EN+cause(err, "en")
	return verify.Report{File: path, Format: format, Verdict: verify.Unreadable, Signatures: []verify.SignatureReport{}, Error: &public}
}

// gatherFile reads a file or a bundle.
func gatherFile(ctx context.Context, v verify.Verifier, path, kept string) (verify.Facts, error) {
	f, err := os.Open(path)
	if err != nil {
		return verify.Facts{}, unreadable(path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err == nil && info.IsDir():
		err = fault.New(fault.Invalid, "file-is-folder", "这是目录：核验其中的全部文件请用 --csv 表.csv", "this is a folder: to verify all files in it use --csv OUT.csv", nil)
	case err == nil && !info.Mode().IsRegular():
		err = errNotRegular
	}
	if err != nil {
		return verify.Facts{}, unreadable(path, err)
	}
	return gather(ctx, v, f, info.Size(), evidence.Limits{}, func() (*verify.Beside, error) { return beside(ctx, path, kept, f, info.Size()) })
}

// gather reads a bundle, or a file with what is kept beside it. The command and the service both come here, which makes their answers one.
func gather(ctx context.Context, v verify.Verifier, r io.ReaderAt, size int64, l evidence.Limits, beside func() (*verify.Beside, error)) (verify.Facts, error) {
	if isEvidence(r) {
		b, err := bundled(ctx, r, size, l)
		if err != nil {
			return verify.Facts{}, err
		}
		v.Beside = b.Beside()
		return v.Gather(ctx, b.Document.File, b.Document.Size)
	}
	var err error
	if v.Beside, err = beside(); err != nil {
		return verify.Facts{}, err
	}
	return v.Gather(ctx, r, size)
}

func (a *app) show(r verify.Report, asJSON bool) error {
	if !asJSON {
		return report.Words(a.out, r, a.lang)
	}
	return writeJSONLine(a.out, report.Line(r, a.lang))
}

func writeJSONLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func exitOf(v verify.Verdict) int {
	switch v {
	case verify.Passed:
		return exitOK
	case verify.Failed:
		return exitRefused
	case verify.Indeterminate:
		return exitIndeterminate
	case verify.Unsigned:
		return exitUnsigned
	}
	return exitUsage
}

// worstExit picks the exit code of several files: FAILED first, then unreadable, INDETERMINATE, unsigned, PASSED.
func worstExit(codes []int) int {
	for _, want := range []int{exitRefused, exitUsage, exitIndeterminate, exitUnsigned} {
		for _, c := range codes {
			if c == want {
				return want
			}
		}
	}
	return exitOK
}
