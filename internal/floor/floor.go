// Package floor measures work beside the least work that any implementation must do, so that a benchmark says how far it stands above it.
//
// Work and floor run in turn in one process, and both figures are medians: what disturbs the machine disturbs both.
package floor

import (
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"yinxin/gm"
)

var errSignature = errors.New("floor: a good signature does not verify")

// Compare runs work b.N times, each time followed by the floor, and reports the medians: ns/op of the work, floor-ns/op, and how many times the
// floor the work takes. It replaces the benchmark's own loop; allocations are not counted.
func Compare(b *testing.B, work, floor func() error) {
	b.Helper()
	CompareTimed(b, func() (time.Duration, error) {
		start := time.Now()
		err := work()
		return time.Since(start), err
	}, floor)
}

// CompareTimed is Compare for work that tells itself how long the part took that counts.
func CompareTimed(b *testing.B, work func() (time.Duration, error), floor func() error) {
	b.Helper()
	var worked, floored []time.Duration
	for b.Loop() {
		took, err := work()
		if err != nil {
			b.Fatal(err)
		}
		worked = append(worked, took)
		floored = append(floored, timed(b, floor))
	}
	w, f := median(worked), median(floored)
	b.ReportMetric(float64(w.Nanoseconds()), "ns/op")
	b.ReportMetric(float64(f.Nanoseconds()), "floor-ns/op")
	if f > 0 {
		b.ReportMetric(float64(w)/float64(f), "x-floor")
	}
}

func timed(b *testing.B, fn func() error) time.Duration {
	b.Helper()
	start := time.Now()
	err := fn()
	took := time.Since(start)
	if err != nil {
		b.Fatal(err)
	}
	return took
}

// median sorts d and returns its middle, 0 where it is empty.
func median(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[len(d)/2]
}

// Work is what a document costs whatever the implementation, in bytes.
type Work struct {
	In      io.ReaderAt
	Read    int64 // of the input, from its beginning
	Hashed  int64 // bytes that SM3 sees in all; what goes beyond Read is hashed from memory
	Written int64 // bytes of the output: what was read, and the rest from memory
}

// Stamp returns the floor of stamping a document: read it, hash what is signed with SM3, write the output, and make one SM2 signature.
func Stamp(b *testing.B, w Work, out io.WriterAt) func() error {
	b.Helper()
	key := newKey(b)
	rest := make([]byte, max(0, w.Hashed-w.Read, w.Written-w.Read))
	return func() error {
		h, err := gm.NewE(&key.PublicKey)
		if err != nil {
			return err
		}
		to := io.NewOffsetWriter(out, 0)
		if err := copyBoth(to, h, w.In, w.Read); err != nil {
			return err
		}
		h.Write(rest[:max(0, w.Hashed-w.Read)])
		if _, err := to.Write(rest[:max(0, w.Written-w.Read)]); err != nil {
			return err
		}
		_, err = gm.SignE(rand.Reader, key, h.Sum(nil))
		return err
	}
}

// copyBoth copies n bytes of in to w and h in pieces that stay in the cache.
func copyBoth(w io.Writer, h io.Writer, in io.ReaderAt, n int64) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(h, w)}, struct{ io.Reader }{io.NewSectionReader(in, 0, n)}, make([]byte, 256<<10))
	return err
}

// Verify returns the floor of verifying a document with so many SM2 signatures to check: read it once, hash w.Hashed bytes with SM3, check them.
func Verify(b *testing.B, w Work, signatures int) func() error {
	b.Helper()
	key := newKey(b)
	e := gm.SM3([]byte("floor"))
	sig, err := gm.SignE(rand.Reader, key, e[:])
	if err != nil {
		b.Fatal(err)
	}
	rest := make([]byte, max(0, w.Hashed-w.Read))
	return func() error {
		h := gm.NewSM3()
		if err := copyBoth(io.Discard, h, w.In, w.Read); err != nil {
			return err
		}
		h.Write(rest)
		for range signatures {
			if !gm.VerifyE(&key.PublicKey, e[:], sig) {
				return errSignature
			}
		}
		return nil
	}
}

func newKey(b *testing.B) *gm.PrivateKey {
	b.Helper()
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	return key
}
