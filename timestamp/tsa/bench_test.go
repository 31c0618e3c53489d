package tsa_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/floor"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
)

// stamped returns an authority and a query with certificates asked for.
func stamped(b *testing.B, alg hsm.Algorithm) (*tsa.Authority, []byte) {
	b.Helper()
	a := newAuthority(b, testpki.New(b), alg, nil)
	query, err := (&timestamp.Query{Version: 1, Imprint: over(b, gm.OIDSM3), Nonce: big.NewInt(1 << 62), Certificates: true}).Marshal()
	if err != nil {
		b.Fatal(err)
	}
	return a, query
}

// BenchmarkAnswer is one token after the other, from a query's bytes to the reply's, beside one signature of the same kind that is checked once.
func BenchmarkAnswer(b *testing.B) {
	b.Run("sm2", func(b *testing.B) {
		a, query := stamped(b, hsm.SM2)
		key, err := gm.GenerateKey(rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		e := make([]byte, 32)
		floor.Compare(b, func() error { return answer(a, query) }, func() error {
			sig, err := gm.SignE(rand.Reader, key, e)
			if err == nil && !gm.VerifyE(&key.PublicKey, e, sig) {
				err = context.Canceled
			}
			return err
		})
	})
}

func answer(a *tsa.Authority, query []byte) error {
	reply, err := a.Answer(context.Background(), query)
	if err != nil {
		return err
	}
	_, err = reply.Marshal()
	return err
}

// BenchmarkTokens is throughput: all processors ask one authority.
func BenchmarkTokens(b *testing.B) {
	for _, alg := range []hsm.Algorithm{hsm.SM2, hsm.ECDSAP256, hsm.RSAPKCS1} {
		a, query := stamped(b, alg)
		throughput(b, string(alg), func() error { return answer(a, query) })
		h := a.Handler(nil)
		throughput(b, string(alg)+"-http", func() error {
			r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(query))
			r.Header.Set("Content-Type", "application/timestamp-query")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return nil
		})
	}
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	e := make([]byte, 32)
	throughput(b, "floor-sm2-signature", func() error {
		_, err := gm.SignE(rand.Reader, key, e)
		return err
	})
}

func throughput(b *testing.B, name string, work func() error) {
	b.Run(name, func(b *testing.B) {
		start := time.Now()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if err := work(); err != nil {
					b.Error(err)
					return
				}
			}
		})
		b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "tokens/s")
	})
}
