package verify_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/trust"
	"yinxin/verify"
)

// TestDeadline: a file that takes too long is one clear error, at whatever reading the time ends, and never a verdict.
func TestDeadline(t *testing.T) {
	p := testpki.New(t)
	file := testseal.Sealed(t, p, p.Owner(testpki.OwnerName, testpki.OwnerUSCC))
	whole := &watched{ReaderAt: bytes.NewReader(file)}
	if _, err := whole.verifier().Gather(context.Background(), whole, int64(len(file))); err != nil || whole.readings < 5 {
		t.Fatalf("%d readings, %v", whole.readings, err)
	}
	for last := range whole.readings {
		r := &watched{ReaderAt: bytes.NewReader(file), slow: last + 1}
		_, err := r.verifier().Gather(context.Background(), r, int64(len(file)))
		if public, _ := fault.PublicOf(err); public.Code != "file-deadline" || fault.KindOf(err) != fault.Limit {
			t.Errorf("slow at reading %d: %v", last+1, err)
		}
		if r.readings != last+1 {
			t.Errorf("slow at reading %d: read on until %d", last+1, r.readings)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := whole.verifier().Gather(ctx, whole, int64(len(file))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	endless := &watched{ReaderAt: bytes.NewReader(file), slow: 1}
	v := endless.verifier()
	v.Deadline = -1
	if _, err := v.Gather(context.Background(), endless, int64(len(file))); err != nil {
		t.Errorf("without end: %v", err)
	}
}

// watched is a file with a clock that stands still but while the slow reading lasts, or a source is asked.
type watched struct {
	io.ReaderAt
	readings, slow int
	passed         time.Duration
}

func (w *watched) now() time.Time { return time.Unix(0, 0).Add(w.passed) }

func (w *watched) verifier() *verify.Verifier {
	return &verify.Verifier{Formats: []document.Format{pdf.Format{}}, Now: w.now}
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	if w.readings++; w.readings == w.slow {
		w.passed += time.Hour
	}
	return w.ReaderAt.ReadAt(p, off)
}

// Evidence finds none, and takes its time.
func (w *watched) Evidence(context.Context, *gm.Certificate, *gm.Certificate) (trust.Evidence, error) {
	w.passed += time.Hour
	return trust.Evidence{}, nil
}

// TestDeadlineWaits: asking for evidence is not counted; sources have deadlines of their own.
func TestDeadlineWaits(t *testing.T) {
	p := testpki.New(t)
	file := testseal.Sealed(t, p, p.Owner(testpki.OwnerName, testpki.OwnerUSCC))
	set, err := trust.Load(p.Directory())
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{ReaderAt: bytes.NewReader(file)}
	v := w.verifier()
	v.Trust, v.Sources = set, []trust.Source{w}
	facts, err := v.Gather(context.Background(), w, int64(len(file)))
	if err != nil || w.passed == 0 {
		t.Fatal(err, w.passed)
	}
	if r := verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Hour)); r.Verdict != verify.Passed {
		t.Errorf("%s: %+v", r.Verdict, r.Signatures)
	}
}
