package verify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"yinxin/internal/floor"
	"yinxin/internal/testofd"
	"yinxin/verify"
)

// BenchmarkInvoices judges 1,000 OFD invoices of 30 KB on all cores, with the rules of their type; the floor is judging the same files without. The files
// are 50 different ones, each judged 20 times. x-floor is the ratio that the issue asks for.
func BenchmarkInvoices(b *testing.B) {
	w := newInvoiceWorld(b)
	var files [][]byte
	size := 0
	for n := range 50 {
		data := w.sealed(b, testofd.Invoice(fmt.Sprintf("%08d", n+1), 20).Build(), w.tax, w.seller)
		files = append(files, data)
		size += len(data)
	}
	typed, plain := w.judge, w.judge
	plain.Typed = false
	// Without the rules the tax authority's signature is not trusted.
	floor.Compare(b, func() error { return w.judgeAll(typed, verify.Passed, files, 20) }, func() error { return w.judgeAll(plain, verify.Indeterminate, files, 20) })
	b.ReportMetric(float64(size)/float64(len(files)), "bytes/file")
}

// judgeAll judges files so many times over, on all cores.
func (w *invoiceWorld) judgeAll(v verify.Verifier, want verify.Verdict, files [][]byte, times int) error {
	var wg sync.WaitGroup
	wrong := make([]error, runtime.GOMAXPROCS(0))
	for worker := range wrong {
		wg.Go(func() {
			for i := worker; i < times*len(files); i += len(wrong) {
				data := files[i%len(files)]
				facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
				if err == nil {
					if r := verify.Judge(facts, verify.Policy{}, w.Now.Add(time.Hour)); r.Verdict != want {
						err = fmt.Errorf("%s, not %s", r.Verdict, want)
					}
				}
				wrong[worker] = errors.Join(wrong[worker], err)
			}
		})
	}
	wg.Wait()
	return errors.Join(wrong...)
}
