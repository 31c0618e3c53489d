package gm_test

import (
	"encoding/binary"
	"errors"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"yinxin/gm"
)

var errWrong = errors.New("it does not hold")

// TestProven: what holds is computed once for the same parts and for no others, what does not hold every time.
func TestProven(t *testing.T) {
	p := gm.NewProven(100)
	calls := 0
	ask := func(kind string, answer error, parts ...string) error {
		var list [][]byte
		for _, part := range parts {
			list = append(list, []byte(part))
		}
		return p.Check(kind, func() error { calls++; return answer }, list...)
	}
	for _, c := range []struct {
		name   string
		kind   string
		parts  []string
		answer error
		asked  bool
	}{
		{"new", "seal", []string{"key", "message"}, nil, true},
		{"known", "seal", []string{"key", "message"}, errWrong, false},
		{"another kind", "certificate", []string{"key", "message"}, errWrong, true},
		{"the parts end elsewhere", "seal", []string{"keym", "essage"}, errWrong, true},
		{"fewer parts", "seal", []string{"keymessage"}, errWrong, true},
		{"more parts", "seal", []string{"key", "message", ""}, errWrong, true},
		{"what did not hold", "seal", []string{"key", "message", ""}, errWrong, true},
		{"and holds now", "seal", []string{"key", "message", ""}, nil, true},
	} {
		before := calls
		err := ask(c.kind, c.answer, c.parts...)
		if asked := calls > before; asked != c.asked || asked && !errors.Is(err, c.answer) || !asked && err != nil {
			t.Errorf("%s: asked %v, %v", c.name, asked, err)
		}
	}
	var none *gm.Proven
	for range 2 {
		if err := none.Check("seal", func() error { return errWrong }); !errors.Is(err, errWrong) {
			t.Errorf("no memory answers %v", err)
		}
	}
}

// TestProvenBounded: a memory never knows more than it was made for, and a flood does not push out what is met again often enough.
func TestProvenBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(2, 64).Draw(t, "most")
		p := gm.NewProven(most)
		known := func(n uint64) bool {
			hit := true
			_ = p.Check("", func() error { hit = false; return errWrong }, binary.BigEndian.AppendUint64(nil, n))
			return hit
		}
		learn := func(n uint64) {
			_ = p.Check("", func() error { return nil }, binary.BigEndian.AppendUint64(nil, n))
		}
		flood := rapid.Uint64Range(0, 500).Draw(t, "flood")
		learn(0)
		for n := uint64(1); n <= flood; n++ {
			learn(n)
			if n%uint64(max(1, most/2-1)) == 0 && !known(0) {
				t.Fatalf("of %d what is met again was forgotten after %d", most, n)
			}
		}
		count := 0
		for n := uint64(0); n <= flood; n++ {
			if known(n) {
				count++
			}
		}
		if count > most {
			t.Fatalf("%d are known, at most %d were to be", count, most)
		}
	})
}

// TestProvenShared is for the race detector.
func TestProvenShared(t *testing.T) {
	p := gm.NewProven(8)
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for n := range 200 {
				wrong := (g+n)%3 == 0
				part := binary.BigEndian.AppendUint64([]byte{0}, uint64(n%16))
				if wrong {
					part[0] = 1
				}
				err := p.Check("", func() error {
					if wrong {
						return errWrong
					}
					return nil
				}, part)
				if (err != nil) != wrong {
					t.Errorf("%v of one that is wrong: %v", err, wrong)
				}
			}
		})
	}
	all.Wait()
}
