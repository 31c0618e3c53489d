package verify

import "sync"

// lanes run what needs no byte of the file beside the goroutine that reads it. There are never more than a signature has parts; a machine without an
// idle core takes them one after the other and does no more work than without them.
type lanes struct {
	inline bool // run at once instead: sources of evidence are asked, and the clock of the file stands still while they are

	all    sync.WaitGroup
	mu     sync.Mutex
	caught any
}

// run begins something.
func (l *lanes) run(fn func()) {
	if l.inline {
		fn()
		return
	}
	l.all.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				l.mu.Lock()
				l.caught = p
				l.mu.Unlock()
			}
		}()
		fn()
	})
}

// wait waits for all that was begun. A panic comes up here, on the goroutine of the file, where whoever judges many files can keep it to this one.
func (l *lanes) wait() {
	l.all.Wait()
	if l.caught != nil {
		panic(l.caught)
	}
}
