package verify

import (
	"context"
	"fmt"
	"io"
	"time"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/trust"
)

// What reading one file may take. A hostile file that is built to be slow ends as an error; a large one gets the time that hashing it takes on a slow
// machine.
const (
	defaultDeadline = 2 * time.Second
	slowest         = 20 << 20 // bytes a second
	forever         = time.Duration(1 << 62)
)

// clock bounds how long one file is read. It stands still while a source of evidence is asked: those have deadlines of their own.
type clock struct {
	now    func() time.Time
	until  time.Time
	passed bool
}

// start starts the clock of a file of size bytes.
func (v *Verifier) start(size int64) *clock {
	d := v.Deadline
	switch {
	case d < 0:
		d = forever
	case d == 0:
		d = defaultDeadline + time.Duration(size/slowest)*time.Second
	}
	now := v.Now
	if now == nil {
		now = time.Now
	}
	return &clock{now: now, until: now().Add(d)}
}

// over returns the error of a file that takes too long. Once over it stays so.
func (c *clock) over() error {
	if c.passed = c.passed || c.now().After(c.until); !c.passed {
		return nil
	}
	return fault.New(fault.Limit, "file-deadline", "文件的核验超过了时间上限，已停止，没有结论；文件可能被故意做得难以读取，请向签署方索取原始文件",
		"judging the file took longer than it may and was stopped without a conclusion; it may have been made hard to read on purpose: ask whoever signed it for the original", nil)
}

// timed is a file whose reading ends with the clock or the context, whatever loop does the reading.
type timed struct {
	io.ReaderAt
	ctx   context.Context //nolint:containedctx // io.ReaderAt has no other way to be told
	clock *clock
}

func (r timed) ReadAt(p []byte, off int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, fmt.Errorf("read the file: %w", err)
	}
	if err := r.clock.over(); err != nil {
		return 0, err
	}
	return r.ReaderAt.ReadAt(p, off)
}

// patient is a source that is not counted in the time for the file.
type patient struct {
	trust.Source
	clock *clock
}

func (p patient) Evidence(ctx context.Context, cert, issuer *gm.Certificate) (trust.Evidence, error) {
	defer p.clock.wait(p.clock.now())
	return p.Source.Evidence(ctx, cert, issuer)
}

// Issuers passes on where the source knows issuers too.
func (p patient) Issuers(ctx context.Context, cert *gm.Certificate) ([]*gm.Certificate, error) {
	known, ok := p.Source.(trust.IssuerSource)
	if !ok {
		return nil, nil
	}
	defer p.clock.wait(p.clock.now())
	return known.Issuers(ctx, cert)
}

// wait puts the end off by the time since.
func (c *clock) wait(since time.Time) { c.until = c.until.Add(c.now().Sub(since)) }
