package batch

import (
	"context"
	"sync"
)

// Batch is a list being worked through.
type Batch struct {
	Rows    []Row
	Journal *Journal
	Workers int // rows at once, at least 1
	// Stamp does one row. It must leave either the whole output or none. It is called from several goroutines. Where the report says that the row is
	// done, earlier is of what: Stamp then makes nothing, and answers Earlier where it finds the same and Failed where it does not.
	Stamp func(ctx context.Context, r Row, earlier *Making) Outcome
	// There reports whether a row's output is in place; one that is gone is made again. Nil believes the report.
	There func(Row) bool
	// Show is told of every row that ended; it may be nil.
	Show func(Summary, Outcome)
}

// Summary counts rows.
type Summary struct {
	Total   int // in the list
	Earlier int // done by an earlier run
	Stamped int // done now
	Found   int // found done, though no report says so
	Failed  int
}

// Left is how many rows were not tried.
func (s Summary) Left() int { return s.Total - s.Earlier - s.Stamped - s.Found - s.Failed }

func (s *Summary) count(state State) {
	switch state {
	case Stamped:
		s.Stamped++
	case Found:
		s.Found++
	case Earlier:
		s.Earlier++
	default:
		s.Failed++
	}
}

// Run does the rows that no earlier run has done. It returns early with an error when ctx ends or the report cannot be written; rows under way are
// finished and reported first. A row that fails is not an error.
func (b *Batch) Run(ctx context.Context) (Summary, error) {
	sum := Summary{Total: len(b.Rows)}
	feeding, stop := context.WithCancel(ctx)
	defer stop()
	var failed error
	for o := range b.start(ctx, feeding) {
		if o.State == Failed && ctx.Err() != nil {
			continue // stopped, not failed
		}
		if o.State != Earlier { // which the report says already
			if err := b.Journal.Add(o); err != nil {
				failed = err
				stop()
				continue
			}
		}
		sum.count(o.State)
		if b.Show != nil {
			b.Show(sum, o)
		}
	}
	if failed == nil {
		failed = ctx.Err()
	}
	return sum, failed
}

// start has the workers do the rows; no further row is begun once feeding ends. The outcomes come as they are.
func (b *Batch) start(ctx, feeding context.Context) <-chan Outcome {
	rows, outcomes := make(chan Row), make(chan Outcome)
	var workers sync.WaitGroup
	for range max(1, b.Workers) {
		workers.Go(func() {
			for r := range rows {
				outcomes <- b.Stamp(ctx, r, b.earlier(r))
			}
		})
	}
	go func() {
		defer close(outcomes)
		defer workers.Wait()
		defer close(rows)
		for _, r := range b.Rows {
			select {
			case rows <- r:
			case <-feeding.Done():
				return
			}
		}
	}()
	return outcomes
}

// earlier is of what the report says that the row's output was made, and nil where it says nothing or the output is gone.
func (b *Batch) earlier(r Row) *Making {
	m, done := b.Journal.Done(r)
	if !done || b.There != nil && !b.There(r) {
		return nil
	}
	return &m
}
