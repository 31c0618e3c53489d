//go:build cgo && linux

package token

import (
	"sync"
	"testing"
	"time"

	"github.com/miekg/pkcs11"

	"yinxin/hsm"
)

// BenchmarkModule signs over 4 sessions from 16 goroutines, and reports how that stands to one goroutine that signs in this process. 0.2 is asked for.
func BenchmarkModule(b *testing.B) {
	w := newWorld(b, "yinxin")
	m := load(b, w.socket, Own())
	pool := make(chan pkcs11.SessionHandle, 4)
	for range cap(pool) {
		pool <- m.session()
	}
	h := <-pool
	m.do(m.Login(h, pkcs11.CKU_USER, testUser))
	_, private := m.sm2(h, "key")
	pool <- h
	own, digest := newToken(b), make([]byte, 32)
	if _, err := own.store.Generate("own", hsm.Spec{Algorithm: hsm.SM2}); err != nil {
		b.Fatal(err)
	}
	key, err := own.store.Private("own")
	if err != nil {
		b.Fatal(err)
	}
	const batch = 256
	var through, inside time.Duration
	for b.Loop() {
		start := time.Now()
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for range batch / 16 {
					h := <-pool
					if _, err := m.sign(h, m.face.Sign[0].Mechanism, private, digest); err != nil {
						b.Error(err)
					}
					pool <- h
				}
			})
		}
		wg.Wait()
		through += time.Since(start)
		start = time.Now()
		for range batch {
			if _, err := key.Sign(digest, hsm.SM2); err != nil {
				b.Fatal(err)
			}
		}
		inside += time.Since(start)
	}
	b.ReportMetric(float64(inside)/float64(through), "x-inprocess")
	b.ReportMetric(float64(b.N)*batch/through.Seconds(), "sign/s")
	b.ReportMetric(float64(b.N)*batch/inside.Seconds(), "inprocess-sign/s")
}
