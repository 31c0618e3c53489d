package floor

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		in   []time.Duration
		want time.Duration
	}{{nil, 0}, {[]time.Duration{3}, 3}, {[]time.Duration{9, 1, 5}, 5}} {
		if got := median(slices.Clone(tt.in)); got != tt.want {
			t.Errorf("median(%v) = %v, want %v", tt.in, got, tt.want)
		}
	}
}

// The floors themselves, at the sizes the fact sheets and docs/bench.md use. As work and floor are the same here, x-floor is the noise.
func BenchmarkFloor(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int64
	}{{"100KB", 100_000}, {"5MB", 5_000_000}, {"50MB", 50_000_000}} {
		in := bytes.NewReader(make([]byte, size.bytes))
		b.Run("stamp/"+size.name, func(b *testing.B) {
			out, err := os.Create(filepath.Join(b.TempDir(), "copy"))
			if err != nil {
				b.Fatal(err)
			}
			defer out.Close()
			stamp := Stamp(b, Work{In: in, Read: size.bytes, Hashed: size.bytes, Written: size.bytes}, out)
			Compare(b, stamp, stamp)
		})
		b.Run("verify/"+size.name, func(b *testing.B) {
			verify := Verify(b, Work{In: in, Read: size.bytes, Hashed: size.bytes}, 4)
			Compare(b, verify, verify)
		})
	}
}
