package verify

import (
	"sync/atomic"
	"testing"
)

// TestLanes: all that was begun is there after waiting, and a panic comes up where it is waited for.
func TestLanes(t *testing.T) {
	for _, inline := range []bool{false, true} {
		l := lanes{inline: inline}
		var done atomic.Int32
		for range 10 {
			l.run(func() { done.Add(1) })
		}
		if l.wait(); done.Load() != 10 {
			t.Errorf("inline %v: %d of 10 are done", inline, done.Load())
		}
		caught := func() (p any) {
			defer func() { p = recover() }()
			l.run(func() { panic("hostile") })
			l.run(func() { done.Add(1) })
			l.wait()
			return nil
		}()
		if caught != "hostile" {
			t.Errorf("inline %v: caught %v", inline, caught)
		}
	}
}
