package gm

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
)

// Proven remembers signatures that hold. Whether one holds depends on nothing but bytes: the key's, those that are signed, and its own. So whoever meets
// the same certificates, revocation lists and seals over and over need not compute it again. That one does not hold is not remembered, nor anything that
// depends on a moment or on who is trusted.
//
// It never grows beyond what it was made for. What is met again stays and what is not goes, so a flood of signatures that nobody meets twice pushes out
// at worst what costs one computation to have back. It may be used by many goroutines; a nil Proven remembers nothing.
type Proven struct {
	most int // in each generation

	mu         sync.Mutex
	young, old map[fact]struct{} // when the young are too many they become the old, and the old are forgotten
}

// fact names a signature by all that it is made of.
type fact = [sha256.Size]byte

// NewProven makes a memory for at most so many signatures, of some 80 bytes each.
func NewProven(most int) *Proven {
	return &Proven{most: max(1, most/2), young: make(map[fact]struct{})}
}

// Check is check, answered at once where it returned nil before for the same parts: everything that it depends on. Kind tells checks apart that have
// the same parts and do different things with them.
func (p *Proven) Check(kind string, check func() error, parts ...[]byte) error {
	if p == nil {
		return check()
	}
	f := factOf(kind, parts)
	if p.knows(f) {
		return nil
	}
	err := check()
	if err == nil {
		p.keep(f)
	}
	return err
}

// factOf digests the parts with their lengths, so that where one ends counts too. SHA-256 is a secure hash that most processors have built in.
func factOf(kind string, parts [][]byte) fact {
	h := sha256.New()
	add := func(part []byte) {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	add([]byte(kind))
	for _, part := range parts {
		add(part)
	}
	var f fact
	h.Sum(f[:0])
	return f
}

func (p *Proven) knows(f fact) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.young[f]; ok {
		return true
	}
	_, ok := p.old[f]
	if ok {
		p.put(f)
	}
	return ok
}

func (p *Proven) keep(f fact) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put(f)
}

// put makes a fact one of the young. The lock is held.
func (p *Proven) put(f fact) {
	if len(p.young) >= p.most {
		p.young, p.old = make(map[fact]struct{}), p.young
	}
	p.young[f] = struct{}{}
}
