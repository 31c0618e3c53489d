package pdf

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"yinxin/document"
)

// BenchmarkPlaces seals, reads back and compares a seal on each page of files that double: time and memory have to double too.
func BenchmarkPlaces(b *testing.B) {
	for _, n := range []int{1250, 2500, 5000} {
		base := manyPages(n, 70, "/Count %d")
		r := sealRequest(b)
		r.Places = nil
		for page := range n {
			r.Places = append(r.Places, document.Place{Page: page + 1, X: 105, Y: 148, Width: 40, Height: 40})
		}
		opened := func(file []byte) *Document {
			d, err := open(context.Background(), bytes.NewReader(file), int64(len(file)), document.Options{})
			if err != nil {
				b.Fatal(err)
			}
			return d
		}
		once := sealed(b, base, r)
		twice := sealed(b, once, r)
		b.Run(fmt.Sprintf("prepare/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := opened(base).Prepare(r); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("read/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list, err := opened(once).Signatures()
				if err != nil || len(list) != 1 || len(list[0].Info().Places) != n {
					b.Fatal(err)
				}
				if _, err := list[0].Picture(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("changes/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list, err := opened(twice).Signatures()
				if err != nil || len(list) != 2 {
					b.Fatal(err)
				}
				if changes, err := list[0].Changes(); err != nil || document.Worst(changes) != document.LevelForm {
					b.Fatal(changes, err)
				}
			}
		})
	}
}
