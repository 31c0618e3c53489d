//go:build cgo

package pkcs11

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// maxStuck is how many calls that do not return may hold threads of a library; then no more are made until some return.
const maxStuck = 16

var (
	errHung  = errors.New("pkcs11: the call did not return in time")
	errStuck = fmt.Errorf("pkcs11: %d calls are stuck in the library", maxStuck)
	errInUse = errors.New("pkcs11: the library cannot be started anew: calls are under way, or others have started it")
)

// calls are the C calls under way in one library. All of them pass through call, which knows how many there are and gives up those that hang.
type calls struct {
	after func(time.Duration) (<-chan time.Time, func() bool)

	mu        sync.Mutex
	running   int           // the stuck ones too
	stuck     int           // given up, and not returned yet
	abandoned uint64        // given up, ever
	shut      chan struct{} // while nobody may enter: closed when they may again
	quiet     chan struct{} // while somebody waits for that: closed when nothing runs
}

// call runs f, which makes C calls, and gives up after limit or when ctx ends. A C call cannot be cancelled: one that is given up goes on in its
// thread and counts as stuck until it returns; what it then answers is handed to undo, if any, and to nobody else.
func call[T any](ctx context.Context, c *calls, limit time.Duration, f func() (T, error), undo func(T)) (T, error) {
	if err := c.enter(ctx); err != nil {
		var zero T
		return zero, err
	}
	return await(ctx, c, limit, f, undo)
}

// await is call for who has entered.
func await[T any](ctx context.Context, c *calls, limit time.Duration, f func() (T, error), undo func(T)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	done := make(chan answer, 1)
	var over atomic.Bool
	go func() {
		v, err := f()
		if over.CompareAndSwap(false, true) {
			c.leave(false)
			done <- answer{v, err}
			return
		}
		if err == nil && undo != nil {
			undo(v)
		}
		c.leave(true)
	}()
	fired, stop := c.after(limit)
	defer stop()
	var err error
	select {
	case a := <-done:
		return a.v, a.err
	case <-fired:
		err = errHung
	case <-ctx.Done():
		err = ctx.Err()
	}
	if !c.abandon(&over) {
		a := <-done
		return a.v, a.err
	}
	var zero T
	return zero, err
}

// enter waits while the library is started anew.
func (c *calls) enter(ctx context.Context) error {
	for {
		c.mu.Lock()
		shut := c.shut
		switch {
		case c.stuck >= maxStuck:
			c.mu.Unlock()
			return errStuck
		case shut == nil:
			c.running++
			c.mu.Unlock()
			return nil
		}
		c.mu.Unlock()
		select {
		case <-shut:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *calls) leave(wasStuck bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
	if wasStuck {
		c.stuck--
	}
	if c.running == 0 && c.quiet != nil {
		close(c.quiet)
		c.quiet = nil
	}
}

// abandon reports whether the call is still under way, and counts it as stuck.
func (c *calls) abandon(over *atomic.Bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !over.CompareAndSwap(false, true) {
		return false
	}
	c.stuck++
	c.abandoned++
	return true
}

// alone enters where no call is under way and nobody is kept out, and reports whether it did.
func (c *calls) alone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running > 0 || c.shut != nil {
		return false
	}
	c.running++
	return true
}

// exclude keeps others out, waits until nothing is under way and enters. reopen lets them in again.
func (c *calls) exclude(ctx context.Context, limit time.Duration) (reopen func(), err error) {
	c.mu.Lock()
	if c.stuck > 0 || c.shut != nil {
		c.mu.Unlock()
		return nil, errInUse
	}
	shut := make(chan struct{})
	c.shut = shut
	var quiet chan struct{}
	if c.running > 0 {
		quiet = make(chan struct{})
		c.quiet = quiet
	}
	c.mu.Unlock()
	reopen = func() {
		c.mu.Lock()
		c.shut, c.quiet = nil, nil
		c.mu.Unlock()
		close(shut)
	}
	if err := c.waitQuiet(ctx, quiet, limit); err != nil {
		reopen()
		return nil, err
	}
	c.mu.Lock()
	c.running++
	c.mu.Unlock()
	return reopen, nil
}

func (c *calls) waitQuiet(ctx context.Context, quiet <-chan struct{}, limit time.Duration) error {
	if quiet == nil {
		return nil
	}
	fired, stop := c.after(limit)
	defer stop()
	select {
	case <-quiet:
		return nil
	case <-fired:
		return errInUse
	case <-ctx.Done():
		return ctx.Err()
	}
}

// given is how many calls are stuck now, and how many were ever given up.
func (c *calls) given() (stuck int, abandoned uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stuck, c.abandoned
}

// underway is how many calls are being waited for.
func (c *calls) underway() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running - c.stuck
}
