package verify_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"yinxin/internal/testofd"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/trust"
	"yinxin/verify"
)

// FuzzVerify: no file makes the judge panic, and none passes for someone who trusts nobody. Trusting the maker of the seed, only the seed itself (or a
// file that says the same) passes: its signed bytes are then those of the seed.
func FuzzVerify(f *testing.F) {
	p := testpki.New(f)
	seed := testseal.Sealed(f, p, p.Owner(testpki.OwnerName, testpki.OwnerUSCC))
	f.Add(seed)
	f.Add(seed[:len(seed)/2])
	c := newClockwork(f)
	f.Add(stampedWith(f, seed, c.at(f, c.authority(f, 3), p.Now)))
	f.Add(testseal.PDF(f, 1))
	f.Add([]byte("%PDF-1.7\n"))
	o := newOFDWorld(f)
	f.Add(o.sealed(f, testofd.Pages(2)))
	f.Add(o.locked(f, o.sealed(f, testofd.Pages(1))))
	set, err := trust.Load(p.Directory())
	if err != nil {
		f.Fatal(err)
	}
	trusting := verify.Verifier{Formats: bothFormats(), Trust: set}
	nobody := verify.Verifier{Formats: bothFormats()}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []*verify.Verifier{&trusting, &nobody} {
			facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
			if err != nil {
				return
			}
			r := verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Hour))
			if r.Verdict == verify.Passed && (v == &nobody || len(data) != len(seed)) {
				t.Errorf("PASSED: %d bytes", len(data))
			}
		}
	})
}
