package api

import (
	"container/list"
	"context"
	"sync"
)

// gate lets a few files be judged at once: so many, and so many bytes together, because what judging takes in memory grows with the file. Others wait
// in order, and when too many wait the next is sent away at once.
type gate struct {
	mu      sync.Mutex
	free    int   // places
	room    int64 // bytes
	all     int64
	most    int
	waiting list.List // of *turn
}

// turn is one who waits.
type turn struct {
	size  int64
	ready chan struct{}
}

func newGate(places int, bytes int64, queue int) *gate {
	return &gate{free: places, room: bytes, all: bytes, most: queue}
}

// enter waits for a place for a file of size bytes. Whoever is let in calls leave once.
func (g *gate) enter(ctx context.Context, size int64) (leave func(), err error) {
	size = min(size, g.all) // a larger file has the gate to itself
	g.mu.Lock()
	if g.waiting.Len() == 0 && g.fits(size) {
		g.take(size)
		g.mu.Unlock()
		return g.leaver(size), nil
	}
	if g.waiting.Len() >= g.most {
		g.mu.Unlock()
		return nil, errBusy
	}
	t := &turn{size, make(chan struct{})}
	e := g.waiting.PushBack(t)
	g.mu.Unlock()
	select {
	case <-t.ready:
		return g.leaver(size), nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-t.ready: // let in just now
		g.give(size)
	default:
		g.waiting.Remove(e)
	}
	g.admit()
	return nil, context.Cause(ctx)
}

func (g *gate) leaver(size int64) func() {
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.give(size)
		g.admit()
	}
}

func (g *gate) fits(size int64) bool { return g.free > 0 && g.room >= size }
func (g *gate) take(size int64)      { g.free, g.room = g.free-1, g.room-size }
func (g *gate) give(size int64)      { g.free, g.room = g.free+1, g.room+size }

// admit lets in those whose turn it is.
func (g *gate) admit() {
	for e := g.waiting.Front(); e != nil; e = g.waiting.Front() {
		t, ok := e.Value.(*turn)
		if !ok || !g.fits(t.size) {
			return
		}
		g.take(t.size)
		g.waiting.Remove(e)
		close(t.ready)
	}
}

// waits is how many wait.
func (g *gate) waits() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waiting.Len()
}
