package stamp_test

import (
	"slices"
	"testing"
	"time"

	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
	"yinxin/stamp"
)

// BenchmarkLevels stamps 5 MB at each level with the authority in process, files to files, without fsync, self-check included. x-b is the median against
// that of level b, the two measured in turn.
func BenchmarkLevels(b *testing.B) {
	p := testpki.New(b)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	esl := testseal.Make(b, p, testseal.Info(b, p, testpki.OwnerName, owner.Cert), seal.V5)
	in, size := grown(b, sizes["5MB"])
	out := output(b)
	source, _ := authority(b, p, hsm.SM2, p.Clock)
	set := trusting(b, p)
	once := func(level stamp.Level) float64 {
		o := testseal.Order(nil, esl, owner.Key, p.Now)
		o.In, o.Size, o.Level, o.Trust = in, size, level, set
		if level != stamp.LevelB {
			o.Timestamps = source
		}
		if _, err := out.Seek(0, 0); err != nil {
			b.Fatal(err)
		}
		if err := out.Truncate(0); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		if _, err := stamp.Make(b.Context(), o, out); err != nil {
			b.Fatal(err)
		}
		return float64(time.Since(start).Nanoseconds())
	}
	median := func(list []float64) float64 {
		slices.Sort(list)
		return list[len(list)/2]
	}
	for _, level := range []stamp.Level{stamp.LevelT, stamp.LevelLT, stamp.LevelLTA} {
		b.Run(string(level), func(b *testing.B) {
			var plain, long []float64
			for b.Loop() {
				plain, long = append(plain, once(stamp.LevelB)), append(long, once(level))
			}
			b.ReportMetric(median(long)/1e6, "ms")
			b.ReportMetric(median(plain)/1e6, "ms-b")
			b.ReportMetric(median(long)/median(plain), "x-b")
		})
	}
}
