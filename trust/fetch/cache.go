package fetch

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// maxEntries bounds the cache beside its bytes: failures are remembered too and have none.
const maxEntries = 4096

// answer is what a request gave, good until a moment.
type answer struct {
	data  []byte
	err   error
	until time.Time
}

// cache keeps answers by request, the least recently used going first, and lets equal requests that run at once be one.
type cache struct {
	most int64 // bytes
	now  func() time.Time

	mu      sync.Mutex
	size    int64
	entries map[string]*list.Element // of *entry
	order   *list.List               // the most recently used first
	flights map[string]*flight
}

type entry struct {
	key string
	answer
}

// flight is a request under way. It ends when nobody waits for it any more.
type flight struct {
	waiting int
	cancel  context.CancelFunc
	done    chan struct{}
	answer  answer
}

func newCache(most int64, now func() time.Time) *cache {
	return &cache{most: most, now: now, entries: make(map[string]*list.Element), order: list.New(), flights: make(map[string]*flight)}
}

// get returns the answer kept under the key, or that of ask. Who gives up waiting gets its context's error.
func (c *cache) get(ctx context.Context, key string, ask func(context.Context) answer) ([]byte, error) {
	c.mu.Lock()
	if a, ok := c.kept(key); ok {
		c.mu.Unlock()
		return a.data, a.err
	}
	f := c.flights[key]
	if f == nil {
		run, cancel := context.WithCancel(context.WithoutCancel(ctx)) // whoever came first may leave first
		f = &flight{cancel: cancel, done: make(chan struct{})}
		c.flights[key] = f
		go c.fly(run, key, f, ask)
	}
	f.waiting++
	c.mu.Unlock()
	select {
	case <-f.done:
		return f.answer.data, f.answer.err
	case <-ctx.Done():
		c.leave(key, f)
		return nil, ctx.Err()
	}
}

func (c *cache) fly(ctx context.Context, key string, f *flight, ask func(context.Context) answer) {
	f.answer = ask(ctx)
	given := ctx.Err() != nil // nobody waits: what came is no answer
	f.cancel()
	c.mu.Lock()
	if c.flights[key] == f {
		delete(c.flights, key)
	}
	if !given {
		c.keep(key, f.answer)
	}
	c.mu.Unlock()
	close(f.done)
}

// leave ends the flight with its last waiter; who comes later starts another.
func (c *cache) leave(key string, f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
		if c.flights[key] == f {
			delete(c.flights, key)
		}
	}
}

func (c *cache) kept(key string) (answer, bool) {
	e := c.entries[key]
	if e == nil {
		return answer{}, false
	}
	if !c.now().Before(e.Value.(*entry).until) {
		c.drop(e)
		return answer{}, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*entry).answer, true
}

func (c *cache) keep(key string, a answer) {
	size := int64(len(key) + len(a.data))
	if size > c.most || !c.now().Before(a.until) {
		return
	}
	if old := c.entries[key]; old != nil {
		c.drop(old)
	}
	c.entries[key] = c.order.PushFront(&entry{key, a})
	c.size += size
	for c.size > c.most || len(c.entries) > maxEntries {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	v := c.order.Remove(e).(*entry)
	delete(c.entries, v.key)
	c.size -= int64(len(v.key) + len(v.data))
}
