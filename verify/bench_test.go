package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/internal/floor"
	"yinxin/pdf"
	"yinxin/stamp"
	"yinxin/verify"
)

// BenchmarkRevisions judges the integrity of a file of 50 MB that was sealed once, and ten times one after the other. The floor hashes the file once with
// SM3 and checks two SM2 signatures a seal, its signer's and its maker's. The ratio that the issue asks for is that of the two lines.
func BenchmarkRevisions(b *testing.B) {
	w := newSealWorld(b)
	rnd := rand.New(rand.NewPCG(1, 1))
	file, p := newPaper(rnd, w.Root.Cert.Raw)
	i := file.begin(rnd)
	i.add(streamOf("", strings.Repeat("x", 50<<20)))
	data := i.write().data
	for n := 1; n <= 10; n++ {
		var err error
		if data, err = w.seal(rnd, data, len(p.pages), func(*stamp.Order) {}); err != nil {
			b.Fatal(err)
		}
		if n != 1 && n != 10 {
			continue
		}
		in := bytes.NewReader(data)
		b.Run(fmt.Sprintf("%d signatures", n), func(b *testing.B) {
			floor.Compare(b, func() error {
				r, err := integrity(in, in.Size(), -1)
				if err == nil && (r.Verdict != verify.Passed || len(r.Signatures) != n) {
					err = fmt.Errorf("%s, %d signatures", r.Verdict, len(r.Signatures))
				}
				return err
			}, floor.Verify(b, floor.Work{In: in, Read: in.Size(), Hashed: in.Size()}, 2*n))
		})
	}
}

// BenchmarkSamples judges all shared samples in one process, as TestSamples does. The floor reads and hashes their bytes once.
func BenchmarkSamples(b *testing.B) {
	dir, rows := samples(b)
	var all [][]byte
	for _, s := range rows {
		data, err := os.ReadFile(filepath.Join(dir, s.file))
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, data)
	}
	floor.Compare(b, func() error {
		for _, data := range all {
			_, _ = integrity(bytes.NewReader(data), int64(len(data)), 0) // unreadable ones are judged too
		}
		return nil
	}, func() error {
		for _, data := range all {
			h := gm.NewSM3()
			h.Write(data)
			h.Sum(nil)
		}
		return nil
	})
	b.ReportMetric(float64(len(all)), "files")
}

func integrity(in *bytes.Reader, size int64, deadline time.Duration) (verify.Report, error) {
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Deadline: deadline}
	facts, err := v.Gather(context.Background(), in, size)
	if err != nil {
		return verify.Report{}, err
	}
	return verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, time.Now()), nil
}
