package stamp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/sign"
	"yinxin/timestamp"
	"yinxin/trust"
	"yinxin/verify"
)

// ExtendOrder says what is added to a document that is signed already, so that its signatures can be judged for longer.
type ExtendOrder struct {
	Format   document.Format
	In       io.ReaderAt
	Size     int64  // bytes of In
	Password string // of an encrypted document

	Level      Level            // LevelLT: evidence; LevelLTA: a document time stamp over it too. Zero: LTA with Timestamps, else LT
	Timestamps timestamp.Source // of the document time stamp; LevelLT needs none
	Trust      *trust.Set       // anchors, and evidence
	Sources    []trust.Source   // of evidence that Trust does not hold

	// Partial adds what there is where a signature lacks evidence; the Result says what is lacking. Without it such a document is refused.
	Partial bool

	Now    func() time.Time
	Limits document.Limits
}

// Extended is what an extension leaves beside the document.
type Extended struct {
	Level      Level     // reached by every signature; empty where one lacks something
	Evidence   bool      // some was added; false where the document had it all
	Timestamp  string    // ID of the document time stamp, empty where there is none
	Proven     time.Time // by the document time stamp
	Signatures int       // that were there before, document time stamps included
	Lacks      []Lack    // with Partial
	Size       int64     // of the output in bytes
	SelfCheck  time.Duration
}

// Extend writes the document of o onto out with evidence for its signatures and, at LevelLTA, a fresh document time stamp over everything. The document's
// bytes are a prefix of out. To do it again before the last time stamp's certificate ends, or its algorithm grows weak, is to renew it. What was written
// may leave only when Extend returned without an error, a *fault.Error for what the document, the evidence or the authority do not allow.
func Extend(ctx context.Context, o ExtendOrder, out Output) (Extended, error) {
	x := extension{ExtendOrder: &o, now: o.Now(), out: &appender{Output: out}}
	if err := x.settle(); err != nil {
		return Extended{}, err
	}
	doc, err := x.open(ctx, o.In, o.Size)
	if err != nil {
		return Extended{}, err
	}
	if x.before, err = intact(ctx, o.Format, doc, x.now); err != nil {
		return Extended{}, err
	}
	if len(x.before) == 0 {
		return Extended{}, nothingSigned()
	}
	if err := x.write(ctx, doc); err != nil {
		return Extended{}, err
	}
	start := time.Now()
	r, err := x.selfCheck(ctx)
	if err != nil {
		return Extended{}, notSound(err)
	}
	r.SelfCheck = time.Since(start)
	return r, nil
}

func nothingSigned() error {
	return fault.New(fault.Invalid, "nothing-signed", "文件没有签名，没有可延长的：请先签章", "the file is not signed, so there is nothing to extend: stamp it first", nil)
}

func evidenceKnown() error {
	return fault.New(fault.Conflict, "evidence-known", "文件已带有全部长期核验资料，没有可添加的；要续期请用 lta 级",
		"the file has all the evidence already and there is nothing to add: to renew it ask for level lta", nil)
}

// extension is one under way.
type extension struct {
	*ExtendOrder
	now    time.Time
	out    *appender
	before []verify.SignatureReport
	long   *lasting
	added  bool
}

func (x *extension) settle() error {
	if x.Level == "" {
		if x.Level = LevelLT; x.Timestamps != nil {
			x.Level = LevelLTA
		}
	}
	switch {
	case !x.Level.evidence():
		return fault.New(fault.Invalid, "level", "只能延长到 lt 或 lta 级", "a document is extended to level lt or lta", nil)
	case x.Level == LevelLTA && x.Timestamps == nil:
		_, err := x.Level.settle(nil, x.Trust)
		return err
	}
	if err := trusting(x.Level, x.Trust); err != nil {
		return err
	}
	c, err := newCollector(x.Trust, x.Sources)
	x.long = &lasting{collector: c, level: x.Level, source: x.Timestamps, now: x.now, partial: x.Partial}
	return err
}

func (x *extension) open(ctx context.Context, r io.ReaderAt, size int64) (document.Document, error) {
	return x.Format.Open(ctx, r, size, document.Options{Limits: x.Limits, Password: x.Password})
}

// write writes the document, the evidence and the time stamp.
func (x *extension) write(ctx context.Context, doc document.Document) error {
	e, err := x.long.collect(ctx, doc)
	if err == nil {
		err = x.long.reached()
	}
	if err == nil {
		x.added, err = x.long.add(doc, e, x.out, false)
	}
	if err != nil {
		return err
	}
	if x.Level == LevelLT {
		if !x.added {
			return evidenceKnown()
		}
		return nil
	}
	if x.added {
		if doc, err = x.open(ctx, x.out, x.out.n); err != nil {
			return fmt.Errorf("read the document with its evidence: %w", err)
		}
	}
	return x.long.stamp(ctx, doc, x.out, x.added)
}

// selfCheck reads the output back: every signature must be as intact as before, and the time stamp over all of it.
func (x *extension) selfCheck(ctx context.Context) (Extended, error) {
	doc, err := x.open(ctx, x.out, x.out.n)
	if err != nil {
		return Extended{}, err
	}
	now, err := intact(ctx, x.Format, doc, x.now)
	if err != nil {
		return Extended{}, err
	}
	made := 0
	if x.Level == LevelLTA {
		made = 1
	}
	earlier, added := split(x.before, now)
	if len(earlier) != len(x.before) || len(added) != made {
		return Extended{}, fmt.Errorf("%d signatures, expected %d", len(now), len(x.before)+made)
	}
	if err := asBefore(x.before, now, earlier); err != nil {
		return Extended{}, err
	}
	r := Extended{Level: x.reachedLevel(), Evidence: x.added, Signatures: len(x.before), Lacks: x.long.lacks, Size: x.out.n}
	if made == 0 {
		return r, nil
	}
	list, err := doc.Signatures()
	if err != nil {
		return Extended{}, err
	}
	last := list[len(list)-1]
	r.Timestamp = last.Info().ID
	r.Proven, err = token(last)
	if covers, why := last.Coverage(); err == nil && covers != document.CoversFile {
		err = errors.New("the document time stamp does not cover the file: " + why)
	}
	return r, err
}

func (x *extension) reachedLevel() Level {
	if len(x.long.lacks) > 0 {
		return ""
	}
	return x.Level
}

// token reads back the one token of a signature just made: it must be over its own octets. It returns its time.
func token(s document.Signature) (time.Time, error) {
	c, err := sign.Read(s)
	switch {
	case err != nil:
		return time.Time{}, wrongTimestamp(s.Info().ID, err)
	case len(c.Tokens) != 1:
		return time.Time{}, wrongTimestamp(s.Info().ID, fmt.Errorf("there are %d time stamps", len(c.Tokens)))
	}
	f := c.Tokens[0]
	if !f.Intact() || len(f.Insecure) > 0 {
		return time.Time{}, wrongTimestamp(s.Info().ID, errors.Join(f.Err(), insecure(f.Insecure)))
	}
	return f.Time, nil
}
