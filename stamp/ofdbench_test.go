package stamp_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"slices"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/internal/floor"
	"yinxin/internal/testofd"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/ofd"
	"yinxin/seal"
	"yinxin/stamp"
	"yinxin/trust"
	"yinxin/verify"
)

// BenchmarkStampOFD puts a seal on an OFD, file to file, without fsync and without the self-check, which self-check-ns tells. Its floor is to inflate every
// entry, hash it with SM3 and copy it as it is stored, to hash and write the seal twice, as Seal.esl and in what is signed, and one SM2 signature.
func BenchmarkStampOFD(b *testing.B) {
	p := testpki.New(b)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	esl := testseal.Make(b, p, testseal.Info(b, p, testpki.OwnerName, owner.Cert), seal.V4)
	key, err := gm.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	for name, made := range testofd.Sizes() {
		b.Run(name, func(b *testing.B) {
			data := made.Build()
			in, out, copied := output(b), output(b), output(b)
			if _, err := in.Write(data); err != nil {
				b.Fatal(err)
			}
			var checks []float64
			work := func() (time.Duration, error) {
				o := testseal.Order(data, esl, owner.Key, p.Now)
				o.In = in
				if _, err := out.Seek(0, io.SeekStart); err != nil {
					return 0, err
				}
				start := time.Now()
				r, err := stamp.Make(context.Background(), o, out)
				checks = append(checks, float64(r.SelfCheck.Nanoseconds()))
				return time.Since(start) - r.SelfCheck, err
			}
			unpack := floor.Unpack(b, data, copied)
			floor.CompareTimed(b, work, func() error {
				if _, err := copied.Seek(0, io.SeekStart); err != nil {
					return err
				}
				if err := unpack(); err != nil {
					return err
				}
				twice := slices.Concat(esl, esl)
				if _, err := copied.Write(twice); err != nil {
					return err
				}
				e := gm.SM3(twice)
				_, err := gm.SignE(rand.Reader, key, e[:])
				return err
			})
			slices.Sort(checks)
			b.ReportMetric(checks[len(checks)/2], "self-check-ns")
		})
	}
}

// meeting is how a verifier meets a sealed file: for the first time, or with what it remembers of the seal and the certificates. signatures are the SM2
// verifications that are left to do, hashed how often SM3 goes over the seal.
type meeting struct {
	name       string
	proven     *gm.Proven
	signatures int
	hashed     int64
}

// meetings are the two ways. Cold are the signer's value, the maker's, a certificate each and the one revocation list of both; warm is the signer's value.
func meetings() []meeting {
	return []meeting{{"cold", nil, 5, 2}, {"warm", gm.NewProven(1 << 10), 1, 1}}
}

// BenchmarkVerifyOFD judges an OFD with one seal, trust and revocation included. Its floor is to inflate and hash every entry and the SES bytes, and the SM2
// verifications of the meeting. x-unpack is beside inflating and hashing alone.
func BenchmarkVerifyOFD(b *testing.B) {
	p := testpki.New(b)
	set, err := trust.Load(p.Directory())
	if err != nil {
		b.Fatal(err)
	}
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	esl := testseal.Make(b, p, testseal.Info(b, p, testpki.OwnerName, owner.Cert), seal.V4)
	for name, made := range testofd.Sizes() {
		data := testseal.Stamp(b, testseal.Order(made.Build(), esl, owner.Key, p.Now))
		for _, m := range meetings() {
			v := verify.Verifier{Formats: []document.Format{ofd.Format{}}, Trust: set, Proven: m.proven}
			b.Run(name+"/"+m.name, func(b *testing.B) {
				unpack, check := floor.Unpack(b, data, nil), floor.Verify(b, floor.Work{In: bytes.NewReader(nil), Hashed: m.hashed * int64(len(esl))}, m.signatures)
				var unpacked, worked []float64
				floor.Compare(b, func() error {
					start := time.Now()
					facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
					if err == nil && verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Hour)).Verdict != verify.Passed {
						b.Error("not PASSED")
					}
					worked = append(worked, float64(time.Since(start)))
					return err
				}, func() error {
					start := time.Now()
					err := unpack()
					unpacked = append(unpacked, float64(time.Since(start)))
					if err != nil {
						return err
					}
					return check()
				})
				slices.Sort(unpacked)
				slices.Sort(worked)
				b.ReportMetric(worked[len(worked)/2]/unpacked[len(unpacked)/2], "x-unpack")
			})
		}
	}
}
