package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/stamp"
	"yinxin/stamp/batch"
)

// batchOptions name a list of stampings.
type batchOptions struct {
	list, report string
	workers      int
	asked        *sync.Map // digests of orders, by what a row may change of them: the seal is in each, and most rows change nothing
}

func (o *batchOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.list, "batch", "", "批量清单 / `LIST.csv` of files to seal")
	f.StringVar(&o.report, "report", "", "批量报告 / `FILE` of the batch's report (default LIST.csv.report.csv)")
	f.IntVar(&o.workers, "workers", 0, "并发数 / `N` files of a batch at once (default: four for each core)")
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

// maxProven is how many signatures a command that meets many files remembers to hold, some 5 MB.
const maxProven = 1 << 16

// workersPerCore is how many rows are under way for each core: while one is computed, others wait for the disk to hold their outputs.
const workersPerCore = 4

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
	order.Proven = gm.NewProven(maxProven)
	o.asked = new(sync.Map)
	runtime.GC() // opening the key store leaves more than a hundred megabytes, and what is held when a collection ends decides when the next begins
	defer debug.SetGCPercent(debug.SetGCPercent(batchGarbage))
	p := a.progress()
	defer p.end()
	b := batch.Batch{Rows: rows, Journal: journal, Workers: o.workers,
		There: func(r batch.Row) bool { _, err := os.Lstat(o.beside(r.Out)); return err == nil },
		Stamp: func(ctx context.Context, r batch.Row, earlier *batch.Making) batch.Outcome {
			out, err := a.stampRow(ctx, o, order, r, earlier)
			if err != nil {
				return a.failed(r, err)
			}
			return out
		},
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
		b.Workers = workersPerCore * runtime.GOMAXPROCS(0)
	}
	sum, err := b.Run(ctx)
	p.end()
	fmt.Fprintf(a.out, a.say("共 %d 行：本次签章 %d，输出已在 %d，先前已完成 %d，失败 %d，未处理 %d；报告 %s\n",
		"%d rows: sealed now %d, found sealed %d, done before %d, failed %d, not tried %d; report %s\n"),
		sum.Total, sum.Stamped, sum.Found, sum.Earlier, sum.Failed, sum.Left(), plain(o.report))
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

// failed is a row that could not be done, in the user's language.
func (a *app) failed(r batch.Row, err error) batch.Outcome {
	out := batch.Outcome{Row: r, State: batch.Failed, Code: "internal", Message: a.words(err)}
	if p, ok := fault.PublicOf(err); ok {
		out.Code = p.Code
	} else if errors.As(err, new(usageError)) {
		out.Code = "usage"
	}
	return out
}

// stampRow does one row, with what the row says instead of the options. Where the report has the row as done, it makes sure that this is what was done.
func (a *app) stampRow(ctx context.Context, o stampOptions, order stamp.Order, r batch.Row, earlier *batch.Making) (batch.Outcome, error) {
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
		return batch.Outcome{}, err
	}
	order.Lay = lay
	in, err := openInput(o.beside(r.In), o.beside(r.Out))
	if err != nil {
		return batch.Outcome{}, err
	}
	defer in.Close()
	making, err := o.making(in, order)
	if err != nil {
		return batch.Outcome{}, err
	}
	if earlier != nil {
		if making != *earlier {
			return batch.Outcome{}, otherStamping(r.Out, making.SM3 != earlier.SM3)
		}
		return batch.Outcome{Row: r, State: batch.Earlier}, nil
	}
	result, found, err := a.stampFile(ctx, o, order, in, o.beside(r.Out))
	if err != nil {
		return batch.Outcome{}, err
	}
	done := batch.Outcome{Row: r, State: batch.Stamped, Signature: shortID(result.ID), Digest: hex.EncodeToString(result.Digest), Bytes: result.Size, Time: result.Time, Making: making}
	if found {
		done.State = batch.Found
	}
	var said []string
	for _, w := range result.Warnings { // a row that is done has no failure to report
		said = append(said, w.In(a.lang))
	}
	if len(said) > 0 {
		done.Code, done.Message = result.Warnings[0].Code, strings.Join(said, a.say("；", "; "))
	}
	return done, nil
}

// making is of what a row's output is made: the input's content, and all in the order and the options that shows in the output.
func (o *stampOptions) making(in *input, order stamp.Order) (batch.Making, error) {
	h := gm.NewSM3()
	n, err := io.Copy(h, io.NewSectionReader(in, 0, in.size))
	if err == nil && n != in.size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return batch.Making{}, unreadable(in.Name(), err)
	}
	made := batch.Making{Bytes: n, SM3: hex.EncodeToString(h.Sum(nil))}
	row := [...]string{o.pages, o.at, order.Field, order.Reason}
	if known, ok := o.asked.Load(row); ok {
		made.Order, _ = known.(string)
		return made, nil
	}
	if made.Order, err = o.digest(order); err == nil {
		o.asked.Store(row, made.Order)
	}
	return made, err
}

// digest is one over what is asked for, in hexadecimal. What later versions add to it they leave out where it is not asked for, so that the digests of
// earlier reports stay what they are.
func (o *stampOptions) digest(order stamp.Order) (string, error) {
	asked := struct {
		Seal, Certificate, Key        []byte
		Chain                         [][]byte
		Profile, Level                string
		Stamped                       bool
		Page, At, Field, Reason       string
		Riding, RidingPages, RidingAt string
		RidingGroup                   int
		RidingDouble                  bool
		Certify                       int
		Lock                          []string
		Rewrite, Lossy                bool
		AlsoCertificate               []byte
		AlsoChain                     [][]byte
	}{Seal: order.Seal, Certificate: order.Certificate, Chain: order.Chain, Profile: string(order.Profile), Level: string(order.Level), Stamped: order.Timestamps != nil,
		Page: o.pages, At: o.at, Field: order.Field, Reason: order.Reason, Riding: o.riding, RidingPages: o.ridingPages, RidingAt: o.ridingAt,
		RidingGroup: o.ridingGroup, RidingDouble: o.ridingDouble, Certify: order.Certify, Lock: order.Lock, Rewrite: o.rewrite, Lossy: o.lossy}
	if asked.Level == "" { // as stamp settles it
		asked.Level = string(stamp.LevelB)
		if asked.Stamped {
			asked.Level = string(stamp.LevelT)
		}
	}
	var err error
	if asked.Key, err = gm.MarshalPublicKey(order.Key.Public()); err != nil {
		return "", fmt.Errorf("the key's public half: %w", err)
	}
	if order.Also != nil {
		asked.AlsoCertificate, asked.AlsoChain = order.Also.Certificate, order.Also.Chain
	}
	text, err := json.Marshal(asked)
	if err != nil {
		return "", fmt.Errorf("the order's digest: %w", err)
	}
	digest := gm.SM3(text)
	return hex.EncodeToString(digest[:]), nil
}

func otherStamping(out string, input bool) error {
	zh, en := "选项", "options"
	if input {
		zh, en = "输入文件的内容", "the input's content"
	}
	return fault.New(fault.Conflict, "output-other", "输出 "+out+" 出自另一次签章（"+zh+"已不同）：请移走它，或换一个输出名",
		"the output "+out+" is of another stamping ("+en+" changed since): move it away or name another", nil)
}

// beside is a name of the list as a path.
func (o *batchOptions) beside(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(o.list), name)
}
