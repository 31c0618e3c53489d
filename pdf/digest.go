package pdf

import (
	"encoding"
	"fmt"
	"hash"
	"slices"
	"sync"

	"yinxin/document"
)

// prefixes are states of hashes over the first bytes of the file. The ranges of nested signatures all start at 0, so each later one, the one that is
// being made included, goes on from where another left off. A draft may be copied while its document's signatures are checked.
type prefixes struct {
	mu     sync.Mutex        // held while a state is made: who wants the same waits and takes it over
	states map[prefix][]byte // marshaled

	hashed int64 // bytes, by Digest, over all signatures
}

// prefix names a state.
type prefix struct {
	kind string // of hash: its type and initial state
	n    int64  // bytes hashed
}

// Digest hashes the two ranges. h is asked for the algorithm "", since the value names it and not the file.
func (s *signature) Digest(h document.Hasher) ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	sum, err := h("")
	if err != nil {
		return nil, err
	}
	d := s.d
	if err := d.hashPrefix(sum, s.ranges[1]); err != nil {
		return nil, err
	}
	if err := d.hashRange(sum, s.ranges[2], s.end()); err != nil {
		return nil, err
	}
	return sum.Sum(nil), nil
}

// hashPrefix feeds the first n bytes of the file to a fresh hash, or takes over a state kept from another signature.
func (d *Document) hashPrefix(sum hash.Hash, n int64) error {
	at, err := d.shared.through(sum, d.stops(n), func(h hash.Hash, from, to int64) error {
		if h == nil {
			return nil
		}
		return d.hashRange(h, from, to)
	})
	if err != nil {
		return err
	}
	return d.hashRange(sum, at, n)
}

// stops are where the gaps of the signatures listed begin, up to n, in order: states of hashes are kept there.
func (d *Document) stops(n int64) []int64 {
	var out []int64
	for _, s := range d.signed {
		if b := s.ranges[1]; b > 0 && b <= n {
			out = append(out, b)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// resumable is a hash whose state can be kept.
type resumable interface {
	hash.Hash
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// through brings a fresh hash from stop to stop and returns the last one. Up to each, feed is called with the hash and the bytes to give it, or with a nil
// hash where the state there was known. A hash that is not resumable stays at 0.
func (p *prefixes) through(sum hash.Hash, stops []int64, feed func(h hash.Hash, from, to int64) error) (at int64, err error) {
	r, ok := sum.(resumable)
	if !ok || len(stops) == 0 {
		return 0, nil
	}
	state, err := r.MarshalBinary()
	if err != nil {
		return 0, nil //nolint:nilerr // then it is not resumable
	}
	kind := fmt.Sprintf("%T ", sum) + string(state)
	for _, stop := range stops {
		if err := p.reach(r, prefix{kind, stop}, at, feed); err != nil {
			return at, err
		}
		at = stop
	}
	return at, nil
}

// reach brings a hash of at bytes to the state to.
func (p *prefixes) reach(r resumable, to prefix, at int64, feed func(h hash.Hash, from, to int64) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if state, ok := p.states[to]; ok {
		if err := r.UnmarshalBinary(state); err != nil {
			return fmt.Errorf("take over the state of a hash: %w", err)
		}
		return feed(nil, at, to.n)
	}
	if err := feed(r, at, to.n); err != nil {
		return err
	}
	state, err := r.MarshalBinary()
	if err != nil {
		return fmt.Errorf("keep the state of a hash: %w", err)
	}
	if p.states == nil {
		p.states = map[prefix][]byte{}
	}
	p.states[to] = state
	return nil
}

// Signatures that follow one another share what they hash, so that all of them together cost little more than one. Those that cannot be true, because
// each would have to sign the others' values, do not share: they end here.
const (
	hashPerByte = 16
	hashAtLeast = 64 << 20
)

// hashRange feeds the bytes [from, to) of the file to a hash.
func (d *Document) hashRange(sum hash.Hash, from, to int64) error {
	p := &d.shared
	if p.hashed += to - from; p.hashed > hashAtLeast+hashPerByte*d.f.size {
		return limitError("pdf-too-costly", "签名覆盖范围相互重叠，核验代价过高", "its signatures overlap, so that checking them takes too much work", nil)
	}
	for from < to {
		part := d.f.part(to - from)
		if err := readFull(d.f.r, part, from); err != nil {
			return err
		}
		sum.Write(part) // a hash never fails
		from += int64(len(part))
	}
	return nil
}
