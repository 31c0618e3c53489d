package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/verify"
	"yinxin/verify/batch"
	"yinxin/verify/evidence"
	"yinxin/verify/report"
)

// csvAlone refuses options that are about one file, or another output.
func (o *verifyOptions) csvAlone() error {
	if o.csv == "" {
		return nil
	}
	switch {
	case o.json:
		return usage("--csv 和 --json 是两种输出，请只选一种", "--csv and --json are two kinds of output: choose one")
	case o.report.path != "":
		return usage("--report 是一个文件的报告，不能与 --csv 同用：请另行核验那个文件", "--report is about one file and does not go with --csv: verify that file by itself")
	case o.evidence != "":
		return usage("--evidence 针对一个文件，不能与 --csv 同用：把证据放在各文件旁边即可", "--evidence is about one file and does not go with --csv: put the evidence beside each file")
	case o.saveCerts != "":
		return usage("--save-certs 不能与 --csv 同用：先对一个文件用它，信任了缺少的证书之后再成批核验",
			"--save-certs does not go with --csv: use it with one file, and verify many once the certificates that are missing are trusted")
	}
	return nil
}

// journalSuffix is what the name of a journal has behind that of its table.
const journalSuffix = ".part"

// verifyTable judges many files into one table.
func (a *app) verifyTable(ctx context.Context, o verifyOptions, j judging, inputs []string) (err error) {
	for _, in := range inputs {
		if _, err := os.Stat(in); err != nil {
			return unreadable(in, err) // a wrong name is better heard before the work than after
		}
	}
	if err := batch.Apart(inputs); err != nil {
		return err
	}
	if _, err := os.Lstat(o.csv); err == nil {
		return outputExists(o.csv, nil) // said before the work; writeNew holds it
	}
	order, err := o.order(a.lang)
	if err != nil {
		return err
	}
	path := o.csv + journalSuffix
	journal, err := batch.OpenJournal(path, order, j.at)
	if err != nil {
		return err
	}
	finished := false
	defer func() {
		err = errors.Join(err, journal.Close())
		if finished || journal.Empty() {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	if n := journal.Earlier(); n > 0 {
		fmt.Fprintf(a.err, a.say("继续 %s：先前已核验 %d 个文件，核验时刻 %s；要重新开始请删除它\n", "going on with %s: %d files judged before, for %s; to begin anew delete it\n"),
			plain(path), n, verify.Moment(journal.At()).In(a.lang))
	}
	t, err := a.runTable(ctx, j, batch.Batch{Inputs: inputs, Journal: journal, Lang: a.lang, Workers: runtime.GOMAXPROCS(0)})
	if err != nil {
		if ctx.Err() != nil {
			fmt.Fprintf(a.err, a.say("还没有表格；已核验的都在 %s 里，用同样的命令继续\n", "there is no table yet; what is judged is in %s, and the same command goes on\n"), plain(path))
		}
		return err
	}
	if err := writeNew(o.csv, func(f *os.File) error { return t.Write(f) }); err != nil {
		return err
	}
	finished = true
	a.summarise(o, t.Summary())
	return nil
}

func (a *app) runTable(ctx context.Context, j judging, b batch.Batch) (*batch.Table, error) {
	p := a.progress()
	defer p.end()
	b.Judge = func(ctx context.Context, f *batch.File, at time.Time) verify.Report {
		j := j // of several goroutines
		j.at = at
		r := j.tableFile(ctx, f)
		if r.Error != nil && r.Error.Code == "file-deadline" && ctx.Err() == nil {
			r = j.tableFile(ctx, f) // a busy machine, or one that slept, is not the file's fault
		}
		return r
	}
	b.Reason = func(r verify.Report) string { return report.Reason(r, a.lang) }
	b.Show = func(s batch.Step) {
		if p.bar != nil || s.Done%1000 == 0 || s.Done == s.Total {
			p.show(s.Done, s.Total, s.File)
		}
	}
	return b.Run(ctx)
}

// tableFile judges one file, with the evidence that lies beside it.
func (j judging) tableFile(ctx context.Context, f *batch.File) verify.Report {
	if f.Err != nil {
		return j.judge(f.Name, verify.Facts{}, f.Err)
	}
	facts, err := gather(ctx, j.Verifier, f, f.Size, evidence.Limits{}, func() (*verify.Beside, error) {
		if f.Beside == nil {
			return nil, nil
		}
		return besideOf(ctx, f.Beside, f.Beside.Size, evidence.Limits{}, f, f.Size)
	})
	return j.judge(f.Name, facts, err)
}

// order is the SM3 over all that decides a row besides its file and the evidence beside that, in hexadecimal. A row that a password did not open is tried
// again in any case, so the password is no part of it.
func (o *verifyOptions) order(lang string) (string, error) {
	asked := struct {
		Lang, At, Type, Trust string
		IntegrityOnly, Online bool
		MaxAge                time.Duration
	}{Lang: lang, At: o.at, Type: o.docType, IntegrityOnly: o.integrityOnly, Online: o.online, MaxAge: o.maxAge}
	var err error
	if o.trust != "" {
		if asked.Trust, err = folderDigest(o.trust); err != nil {
			return "", err
		}
	}
	data, err := json.Marshal(asked)
	if err != nil {
		return "", fmt.Errorf("the options' digest: %w", err)
	}
	sum := gm.SM3(data)
	return hex.EncodeToString(sum[:]), nil
}

// folderDigest is the SM3 over the names and the contents of the files below a folder.
func folderDigest(dir string) (string, error) {
	h := gm.NewSM3()
	files := os.DirFS(dir)
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := gm.SM3(data)
		fmt.Fprintf(h, "%s\x00%x\n", name, sum)
		return nil
	})
	if err != nil {
		return "", fault.New(fault.Invalid, "trust-dir", "信任目录 "+dir+" 无法读取，请检查 --trust", "the trust directory "+dir+" cannot be read: check --trust", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// summarise says what the table holds, and sets the exit code.
func (a *app) summarise(o verifyOptions, s batch.Summary) {
	var codes []int
	for v, n := range s.Verdicts {
		if n > 0 {
			codes = append(codes, exitOf(v))
		}
	}
	a.code = worstExit(codes)
	n := func(v verify.Verdict) int { return s.Verdicts[v] }
	fmt.Fprintf(a.out, a.say("共 %d 个文件（其中 %d 个先前已核验）：通过 %d，失败 %d，无法得出结论 %d，没有签章 %d，无法读取 %d；表格 %s\n",
		"%d files (%d of them judged before): passed %d, failed %d, no conclusion %d, unsigned %d, unreadable %d; table %s\n"),
		s.Files, s.Earlier, n(verify.Passed), n(verify.Failed), n(verify.Indeterminate), n(verify.Unsigned), n(verify.Unreadable), plain(o.csv))
	if k := s.Skipped; k != (batch.Skipped{}) {
		fmt.Fprintf(a.out, a.say("未列入：隐藏文件和目录 %d，符号链接 %d；随文件读取的证据 %d\n", "not listed: hidden files and folders %d, symbolic links %d; evidence read with its file %d\n"),
			k.Hidden, k.Links, k.Kept)
	}
	a.summariseRepeats(s)
	if !o.integrityOnly { // of which PASSED says too little to add anything up
		a.summariseInvoices(s.Invoices)
	}
}

func (a *app) summariseInvoices(i batch.Invoices) {
	if i.Count == 0 {
		return
	}
	fmt.Fprintf(a.out, a.say("核验通过的发票 %d 张，价税合计 %s 元（重复的只计一次，其他结论的不计；是否开具、是否作废须向税务机关查验）\n",
		"%d invoices passed, %s yuan in all (repeated ones counted once, others not at all; whether they were issued and not voided is the tax authority's to answer)\n"), i.Count, i.Total)
	if i.Untold > 0 {
		fmt.Fprintf(a.out, a.say("其中 %d 张的价税合计读不出来，没有计入\n", "the totals of %d of them could not be read and are not in it\n"), i.Untold)
	}
}

// summariseRepeats names what is there more than once.
func (a *app) summariseRepeats(s batch.Summary) {
	if s.Repeats == 0 {
		return
	}
	fmt.Fprintf(a.out, a.say("重复 %d 个：其中文件相同 %d，另有发票号码相同 %d\n", "%d repeat others: %d are the same file, %d more have the same invoice number\n"), s.Repeats, s.Same, s.Repeats-s.Same)
	shown := 0
	for _, r := range s.Repeated {
		others := r.Others[:min(len(r.Others), 3)]
		names := strings.Join(others, a.say("、", ", "))
		if left := r.Count - len(others); left > 0 {
			names += fmt.Sprintf(a.say("，另有 %d 个", " and %d more"), left)
		}
		what := a.say("文件 ", "file ")
		if r.Invoice != "" {
			what = a.say("发票 ", "invoice ") + r.Invoice + a.say("：", ": ")
		}
		fmt.Fprintln(a.out, plain("  "+what+r.First+a.say("，又见于 ", ", again in ")+names))
		shown += r.Count
	}
	if left := s.Repeats - shown; left > 0 {
		fmt.Fprintf(a.out, a.say("  另有 %d 个，见表格\n", "  and %d more, see the table\n"), left)
	}
}
