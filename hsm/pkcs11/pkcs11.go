// Package pkcs11 serves keys that live behind any PKCS#11 module: SM2 keys on github.com/miekg/pkcs11 with a vendor profile (hsm/profile), RSA and
// P-256 keys through github.com/ThalesGroup/crypto11.
//
// A key signs the 32 bytes of e; ZA and SM3 are computed outside, so that no vendor's idea of them matters. Before it is served, and after every
// recovery, it signs a random message; and no answer leaves that has not been verified and encoded anew. When the token dies, callers wait while one
// recovery brings it back; C_Sign is repeated over the same e only when no answer came. The driver loads foreign C code into the process: without cgo
// Open answers with a sentence that says how to get it.
package pkcs11

import (
	"context"
	"crypto"
	"log/slog"
	"sync"
	"time"

	"yinxin/hsm"
)

// Options are what a program hands the driver. The zero value is fine.
type Options struct {
	Observer Observer
	Log      *slog.Logger
	// Authorize answers for a key that wants a fresh authorisation before each signature (CKA_ALWAYS_AUTHENTICATE) with what the token is given as the
	// PIN of C_Login(CKU_CONTEXT_SPECIFIC). Without it such keys are refused. It is not asked for self-tests: these keys are tested by their first use.
	Authorize func(ctx context.Context, key hsm.Ref, digest []byte) (pin []byte, err error)
	// Now and After are the clock; nil for the system's. After returns a channel that is sent to once d has passed, and how to give it up.
	Now   func() time.Time
	After func(d time.Duration) (fired <-chan time.Time, stop func() bool)
}

// Observer is told what happens, for metrics and the audit. Its methods return quickly and are called from many goroutines. One outage is one Down and
// one Up, however many calls it met.
type Observer interface {
	Signed(Use)
	Down(Outage)
	Up(Outage)
}

// Use is one C_Sign, self-tests included. A recovery may need several for one signature; at most one of them has class Answered.
type Use struct {
	Token     string // label and serial
	Key       hsm.Ref
	Public    string // SM3 fingerprint of the public key
	Mechanism uint
	Digest    []byte // what was signed
	SelfTest  bool
	Class     Class
	Code      uint // the CK_RV; 0 where none came
	Took      time.Duration
}

// Outage is a token that cannot be used.
type Outage struct {
	Token  string // label and serial
	Began  time.Time
	Ended  time.Time // zero in Down
	Class  Class
	Cause  error
	Tries  int // to bring it back
	Failed int // calls refused meanwhile
}

// State is what a token that was opened is doing now.
type State struct {
	Token     string // label and serial
	Up        bool   // logged in, as far as is known
	Refusing  bool   // the circuit breaker is open: callers are told at once
	InUse     int    // calls under way in its library
	Sessions  int    // signatures there may be at a time
	Stuck     int    // calls that were given up and have not returned; tokens of one library share them
	Abandoned uint64 // calls that were given up, ever
}

// KeyInfo is what key test, the ceremony and the doctor show of a key.
type KeyInfo struct {
	Ref        hsm.Ref
	Spec       hsm.Spec
	Public     crypto.PublicKey
	Token      string // label and serial
	Profile    string // empty for RSA and P-256
	Attributes []Attribute
	SelfTest   time.Duration // how long the signature took that was just verified
}

// Attribute is one attribute of a private key as the token states it.
type Attribute struct {
	Name  string
	Value string // true, false, or unknown
	Wrong bool   // not what a key here must have
}

// Inspector is what this package's providers can do beside hsm.Provider.
type Inspector interface {
	// Inspect finds a key, reads its attributes, has it sign a random message and verifies that.
	Inspect(ctx context.Context, ref hsm.Ref) (KeyInfo, error)
	// Ready reports whether the keys opened so far (where none is: every token) can sign now, by having them sign.
	Ready(ctx context.Context) error
	// States says how the tokens are that were opened so far. It asks no token.
	States() []State
}

// Finding is one thing the doctor saw.
type Finding struct {
	OK     bool
	ZH, EN string
}

// Diagnosis is what the doctor says of one token.
type Diagnosis struct {
	Token    string
	Findings []Finding
}

// Healthy reports whether nothing is wrong.
func (d Diagnosis) Healthy() bool {
	for _, f := range d.Findings {
		if !f.OK {
			return false
		}
	}
	return true
}

func (o Options) complete() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = pooledTimers()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = unobserved{}
	}
	return o
}

// pooledTimers returns After over timers that are used again, since every call sets one.
func pooledTimers() func(time.Duration) (<-chan time.Time, func() bool) {
	var pool sync.Pool
	return func(d time.Duration) (<-chan time.Time, func() bool) {
		t, ok := pool.Get().(*time.Timer)
		if !ok {
			t = time.NewTimer(d)
		} else {
			t.Reset(d)
		}
		return t.C, func() bool {
			running := t.Stop() // after it nothing is received any more
			pool.Put(t)
			return running
		}
	}
}

type unobserved struct{}

func (unobserved) Signed(Use)  {}
func (unobserved) Down(Outage) {}
func (unobserved) Up(Outage)   {}
