//go:build cgo

package pkcs11

import (
	"errors"
	"time"
)

// How long a recovery waits between tries. Where somebody has to act first, it looks less often.
const (
	firstDelay  = 5 * time.Millisecond
	lastDelay   = 500 * time.Millisecond
	flapDelay   = 100 * time.Millisecond // before a recovery that follows the last at once
	peopleDelay = 10 * time.Second
)

// restartAfter is how many tries leave the library alone while other tokens are served by it.
const restartAfter = 3

// lost ends a generation and starts the recovery, unless another caller has already.
func (t *token) lost(gen uint64, c Class, cause error) {
	t.mu.Lock()
	if !t.up || t.gen != gen || t.closed {
		t.mu.Unlock()
		return
	}
	flapping := t.opts.Now().Sub(t.lastUp) < lastDelay
	t.up, t.refuse = false, nil
	t.outage = Outage{Token: titleOf(t.info), Began: t.opts.Now(), Class: c, Cause: cause}
	down := t.outage
	t.change()
	t.work.Add(1)
	t.mu.Unlock()
	t.opts.Log.Warn("token lost", "token", down.Token, "class", string(c), "cause", cause)
	t.opts.Observer.Down(down)
	go func() {
		defer t.work.Done()
		t.recover(flapping)
	}()
}

// recover brings the token back, however long that takes: first with a new session and login, then by starting the library anew. There is one at a
// time. One that follows the last at once waits first.
func (t *token) recover(flapping bool) {
	if flapping && !t.sleep(flapDelay) {
		return
	}
	delay := firstDelay
	for n := 1; ; n++ {
		err := t.comeBack(n)
		if err == nil {
			t.backUp(n)
			return
		}
		c := classOf(err, t.likely())
		t.note(n, c, err)
		wait := delay
		if forPeople(c) {
			wait = peopleDelay
		}
		if !t.sleep(wait) {
			return
		}
		delay = min(2*delay, lastDelay)
	}
}

// sleep reports whether the token is still wanted after d.
func (t *token) sleep(d time.Duration) bool {
	fired, stop := t.opts.After(d)
	defer stop()
	select {
	case <-fired:
		return true
	case <-t.life.Done():
		return false
	}
}

func (t *token) comeBack(n int) error {
	err := t.login(t.life)
	if err == nil || forPeople(classOf(err, t.likely())) {
		return err
	}
	if n < restartAfter && !t.alone() {
		return err
	}
	if t.m.restart(t.life, t.limit()) != nil {
		return err
	}
	return t.login(t.life)
}

// note keeps why the token is still gone, and tells callers at once from now on where waiting does not help or has lasted long enough.
func (t *token) note(tries int, c Class, err error) {
	if t.life.Err() != nil {
		return
	}
	why := t.explain(err)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.outage.Tries, t.outage.Class, t.outage.Cause = tries, c, err
	if t.refuse == nil && !forPeople(c) && !errors.Is(err, errStuck) && t.opts.Now().Sub(t.outage.Began) < t.conf.Patience {
		return
	}
	t.refuse = why
	t.change()
}

func (t *token) backUp(tries int) {
	t.mu.Lock()
	t.outage.Ended, t.outage.Tries = t.opts.Now(), tries
	up := t.outage
	t.mu.Unlock()
	t.opts.Log.Info("token back", "token", up.Token, "after", up.Ended.Sub(up.Began), "tries", tries, "refused", up.Failed)
	t.opts.Observer.Up(up)
}
