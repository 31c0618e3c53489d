package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/spf13/pflag"

	"yinxin/fault"
	"yinxin/seal"
	"yinxin/stamp"
	"yinxin/stamp/batch"
)

// batchOptions name a list of stampings.
type batchOptions struct {
	list, report string
	workers      int
}

func (o *batchOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.list, "batch", "", "批量清单 / `LIST.csv` of files to seal")
	f.StringVar(&o.report, "report", "", "批量报告 / `FILE` of the batch's report (default LIST.csv.report.csv)")
	f.IntVar(&o.workers, "workers", 0, "并发数 / `N` files of a batch at once (default: two for each core)")
}

func (o *batchOptions) check() error {
	switch {
	case o.workers < 0:
		return notNegative("--workers")
	case o.list == "" && (o.report != "" || o.workers != 0):
		return usage("--report 和 --workers 须与 --batch 同用", "--report and --workers go with --batch")
	}
	return nil
}

// batchGarbage is how much a batch allocates between two collections, in percent of what it holds. A row leaves a megabyte behind and holds next to nothing,
// so that collecting as usual takes a tenth of the time to save a few megabytes.
const batchGarbage = 400

// stampBatch works a list through. Relative names are those of the list's directory.
func (a *app) stampBatch(ctx context.Context, o stampOptions, order stamp.Order) (err error) {
	rows, err := readList(o.list)
	if err != nil {
		return err
	}
	if o.report == "" {
		o.report = o.list + ".report.csv"
	}
	journal, err := batch.OpenJournal(o.report)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	if s, err := seal.Parse(order.Seal); err == nil {
		order.Proven, _ = seal.Prove(s) // of one that does not hold each row says so
	}
	defer debug.SetGCPercent(debug.SetGCPercent(batchGarbage))
	p := a.progress()
	defer p.end()
	b := batch.Batch{Rows: rows, Journal: journal, Workers: o.workers,
		There: func(r batch.Row) bool { _, err := os.Lstat(o.beside(r.Out)); return err == nil },
		Stamp: func(ctx context.Context, r batch.Row) batch.Outcome { return a.stampRow(ctx, o, order, r) },
		Show: func(s batch.Summary, out batch.Outcome) {
			done := s.Total - s.Left()
			switch {
			case out.State == batch.Failed:
				p.note(fmt.Sprintf(a.say("第 %d 行 %s：%s", "line %d %s: %s"), out.Row.Line, plain(out.Row.In), out.Message))
				fallthrough
			case p.bar != nil || done%1000 == 0 || done == s.Total:
				p.show(done, s.Total, out.Row.In)
			}
		}}
	if b.Workers == 0 {
		b.Workers = 2 * runtime.GOMAXPROCS(0) // one of two waits for the disk
	}
	sum, err := b.Run(ctx)
	p.end()
	fmt.Fprintf(a.out, a.say("共 %d 行：本次签章 %d，先前已完成 %d，失败 %d，未处理 %d；报告 %s\n", "%d rows: sealed now %d, done before %d, failed %d, not tried %d; report %s\n"),
		sum.Total, sum.Stamped, sum.Earlier, sum.Failed, sum.Left(), plain(o.report))
	if sum.Failed > 0 || err != nil {
		a.code = exitRefused
	}
	return err
}

func readList(path string) ([]batch.Row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	rows, err := batch.ReadList(f, "page", "at", "field", "reason")
	if err != nil {
		return nil, about(path, err)
	}
	return rows, nil
}

// stampRow does one row, with what the row says instead of the options.
func (a *app) stampRow(ctx context.Context, o stampOptions, order stamp.Order, r batch.Row) batch.Outcome {
	fail := func(err error) batch.Outcome {
		out := batch.Outcome{Row: r, State: batch.Failed, Code: "internal", Message: err.Error()}
		if p, ok := fault.PublicOf(err); ok {
			out.Code, out.Message = p.Code, p.In(a.lang)+cause(err, a.lang)
		}
		return out
	}
	for name, option := range map[string]*string{"page": &o.pages, "at": &o.at, "field": &order.Field, "reason": &order.Reason} {
		if v := r.Options[name]; v != "" {
			*option = v
		}
	}
	o.field = order.Field
	lay, err := o.placing()
	if err == nil && lay == nil && o.seal != "" && o.field == "" {
		err = lacks("yinxin stamp", []string{"--at"})
	}
	if err != nil {
		return fail(err)
	}
	order.Lay = lay
	result, found, err := a.stampFile(ctx, o, order, o.beside(r.In), o.beside(r.Out))
	if err != nil {
		return fail(err)
	}
	done := batch.Outcome{Row: r, State: batch.Stamped, Signature: shortID(result.ID), Digest: hex.EncodeToString(result.Digest), Bytes: result.Size, Time: result.Time}
	if found {
		done.State = batch.Found
	}
	for i, w := range result.Warnings { // a row that is done has no failure to report
		if done.Message += w.In(a.lang); i == 0 {
			done.Code = w.Code
		}
	}
	return done
}

// beside is a name of the list as a path.
func (o *batchOptions) beside(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(o.list), name)
}
