// Package batch judges many files, those of folders and ZIP archives too, into one table for people who keep accounts, and can go on where it was stopped.
//
//	j, err := batch.OpenJournal("out.csv.part", order, time.Now())
//	b := batch.Batch{Inputs: inputs, Journal: j, Lang: "zh", Workers: 2, Judge: judge, Reason: reason}
//	t, err := b.Run(ctx)   // each row goes to the journal as its file is judged
//	err = t.Write(w)       // all of them, in order, with what is there twice
//
// There is a table when all files are judged, and none before: half a table looks like a whole one. Until then the journal has the rows. What is held in memory is
// a few dozen bytes for each file, and as many files as there are workers.
package batch

import (
	"context"
	"sync"
	"time"

	"yinxin/fault"
	"yinxin/verify"
)

// Batch is many files being judged.
type Batch struct {
	Inputs  []string // folders, ZIP archives and files
	Journal *Journal
	Lang    string // of the table: "zh" or "en"
	Workers int    // files at once, at least 1
	Limits  Limits
	// Judge judges one file, or says of one with an Err why it cannot be read. It is called from several goroutines.
	Judge func(ctx context.Context, f *File, at time.Time) verify.Report
	// Reason puts a verdict into one sentence.
	Reason func(verify.Report) string
	// Show is told of every file that is done; it may be nil.
	Show func(Step)
}

// Step is one file that is done.
type Step struct {
	Done, Total int
	File        string
}

// outcome is a row, or where the journal has it.
type outcome struct {
	index int
	file  string
	row   []string
	at    int64
}

// Run judges the files that no earlier run has judged. It returns early with an error when ctx ends or the journal cannot be written. A file that cannot be
// read is a row like any other.
func (b *Batch) Run(ctx context.Context) (*Table, error) {
	total := 0
	count := b.walk(func(string, func() *File) error { total++; return nil })
	if err := count.inputs(ctx, b.Inputs); err != nil {
		return nil, err
	}
	if total == 0 { // which must not pass for "nothing is wrong"
		return nil, fault.New(fault.Invalid, "no-files", "其中没有可核验的文件（隐藏文件和链接不算）", "there is no file to verify (hidden ones and links do not count)", nil)
	}
	feeding, stop := context.WithCancel(ctx)
	defer stop()
	t := &Table{journal: b.Journal, lang: b.Lang}
	work := b.start(ctx, feeding)
	var failed error
	done := 0
	for o := range work.outcomes {
		if failed != nil || ctx.Err() != nil {
			continue // stopped: what a file gets now may be due to that
		}
		if failed = t.take(o); failed != nil {
			stop()
			continue
		}
		if done++; b.Show != nil {
			b.Show(Step{Done: done, Total: total, File: o.file})
		}
	}
	switch {
	case failed != nil:
		return nil, failed
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case work.err != nil:
		return nil, work.err
	}
	t.sum.Skipped = work.walk.skipped
	return t, t.survey()
}

// take puts a row into the journal and its place into the table.
func (t *Table) take(o outcome) (err error) {
	if o.row == nil {
		t.sum.Earlier++
	} else if o.at, err = t.journal.add(o.row); err != nil {
		return err
	}
	for len(t.offsets) <= o.index {
		t.offsets = append(t.offsets, -1)
	}
	t.offsets[o.index] = o.at
	return nil
}

func (b *Batch) walk(visit func(string, func() *File) error) *walk {
	w := &walk{limits: b.Limits.withDefaults(), visit: visit}
	w.own, _ = b.Journal.f.Stat()
	return w
}

// working is a run under way. Once outcomes is closed, the rest stands.
type working struct {
	outcomes chan outcome
	walk     *walk
	err      error
}

// start has the workers judge the files; no further file is opened once feeding ends. The outcomes come as they are.
func (b *Batch) start(ctx, feeding context.Context) *working {
	type job struct {
		index int
		file  *File
	}
	jobs, work := make(chan job), &working{outcomes: make(chan outcome)}
	var workers sync.WaitGroup
	for range max(1, b.Workers) {
		workers.Go(func() {
			for j := range jobs {
				o := b.one(ctx, j.file)
				o.index = j.index
				work.outcomes <- o
			}
		})
	}
	next := 0
	work.walk = b.walk(func(_ string, open func() *File) error {
		j := job{next, open()} // one at a time: an archive is read from front to back
		next++
		select {
		case jobs <- j:
			return nil
		case <-feeding.Done():
			j.file.close()
			return feeding.Err()
		}
	})
	go func() {
		defer close(work.outcomes)
		defer workers.Wait()
		defer close(jobs)
		work.err = work.walk.inputs(feeding, b.Inputs)
	}()
	return work
}

// one judges a file, unless the journal has its row.
func (b *Batch) one(ctx context.Context, f *File) outcome {
	defer f.close()
	var m making
	if f.Err == nil {
		m, f.Err = f.making(ctx)
	}
	if f.Err == nil {
		if at := b.Journal.done(f.Name, m); at >= 0 {
			return outcome{file: f.Name, at: at}
		}
	}
	r := b.Judge(ctx, f, b.Journal.at)
	if f.Err == nil {
		if f.Err = f.changed(); f.Err != nil {
			r = b.Judge(ctx, f, b.Journal.at)
		}
	}
	return outcome{file: f.Name, row: b.record(f, r, m)}
}

// making takes the digests of a file and of what is kept beside it.
func (f *File) making(ctx context.Context) (m making, err error) {
	sum, err := f.digest(ctx)
	if err != nil {
		return m, err
	}
	m.file = hexed(sum[:])
	if f.Beside != nil {
		if sum, err = f.Beside.digest(ctx); err != nil {
			return m, err
		}
		m.beside = hexed(sum[:])
	}
	return m, nil
}
