package tsa

import (
	"crypto/rand"
	"math/big"
	"sync"
	"time"
)

// serialBytes bounds a serial number, which stays below the 160 bits that RFC 3161 2.4.2 has every reader take.
const (
	serialBytes  = 16
	randomBytes  = 9
	firstInstant = 1 // microseconds
)

// serials makes serial numbers: the microseconds of the time stamp's time, at least one more than those of the number before, followed by 72 random bits.
//
// RFC 3161 wants them unique, also after a crash. A counter on a disk would cost a durable write for every token, and would begin to repeat itself when a
// backup is put back or a second server is started with the same certificate. Random bits need no memory; the time before them makes the numbers of one
// process grow strictly, and those of its successors as far as the clock does.
type serials struct {
	mu   sync.Mutex
	last int64
}

func (s *serials) next(t time.Time) *big.Int {
	s.mu.Lock()
	s.last = max(t.UnixMicro(), s.last+1, firstInstant)
	n := s.last
	s.mu.Unlock()
	var random [randomBytes]byte
	_, _ = rand.Read(random[:]) // never fails: the program ends where there is no randomness
	out := new(big.Int).Lsh(big.NewInt(n), 8*randomBytes)
	return out.Or(out, new(big.Int).SetBytes(random[:]))
}
