package pdf

import (
	"encoding"
	"fmt"
	"hash"
	"slices"

	"yinxin/document"
)

// prefixes are states of hashes over the first bytes of the file. The ranges of nested signatures all start at 0, so each later one goes on from
// where the one before left off.
type prefixes struct {
	states map[string]map[int64][]byte // by kind of hash, by bytes hashed
	buf    []byte
	hashed int64 // bytes, over all signatures
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
	kept, ok := d.shared.of(sum)
	if !ok {
		return d.hashRange(sum, 0, n)
	}
	var stops []int64 // where the gaps of the signatures begin, up to n
	for _, s := range d.signed {
		if b := s.ranges[1]; b > 0 && b <= n {
			stops = append(stops, b)
		}
	}
	slices.Sort(stops)
	at := int64(0)
	for _, stop := range slices.Compact(stops) {
		if state, ok := kept[stop]; ok {
			if err := sum.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
				return fmt.Errorf("take over the state of a hash: %w", err)
			}
			at = stop
			continue
		}
		if err := d.hashRange(sum, at, stop); err != nil {
			return err
		}
		state, err := sum.(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			return fmt.Errorf("keep the state of a hash: %w", err)
		}
		kept[stop], at = state, stop
	}
	return nil
}

// of returns the states kept for hashes like sum, told apart by type and initial state; ok is false where the hash cannot be marshaled.
func (p *prefixes) of(sum hash.Hash) (map[int64][]byte, bool) {
	m, ok := sum.(encoding.BinaryMarshaler)
	if _, back := sum.(encoding.BinaryUnmarshaler); !ok || !back {
		return nil, false
	}
	state, err := m.MarshalBinary()
	if err != nil {
		return nil, false
	}
	key := fmt.Sprintf("%T ", sum) + string(state)
	if p.states == nil {
		p.states = map[string]map[int64][]byte{}
	}
	if p.states[key] == nil {
		p.states[key] = map[int64][]byte{}
	}
	return p.states[key], true
}

// resume takes the longest state kept for a hash like sum over up to size bytes over into it, and returns how many bytes that are.
func (p *prefixes) resume(sum hash.Hash, size int64) (int64, error) {
	kept, ok := p.of(sum)
	if !ok {
		return 0, nil
	}
	longest := int64(0)
	for n := range kept {
		if n > longest && n <= size {
			longest = n
		}
	}
	if longest == 0 {
		return 0, nil
	}
	if err := sum.(encoding.BinaryUnmarshaler).UnmarshalBinary(kept[longest]); err != nil {
		return 0, fmt.Errorf("take over the state of a hash: %w", err)
	}
	return longest, nil
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
	if need := int(min(to-from, copyBuffer)); len(p.buf) < need {
		p.buf = make([]byte, need)
	}
	for from < to {
		part := p.buf[:min(int64(len(p.buf)), to-from)]
		if err := readFull(d.f.r, part, from); err != nil {
			return err
		}
		sum.Write(part) // a hash never fails
		from += int64(len(part))
	}
	return nil
}
