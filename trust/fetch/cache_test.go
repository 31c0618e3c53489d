package fetch

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestFlights: equal requests that run at once are one; who leaves first does not end it for the others, and the last to leave does.
func TestFlights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(1<<20, time.Now)
		var asked, ended atomic.Int64
		release := make(chan struct{})
		ask := func(ctx context.Context) answer {
			asked.Add(1)
			select {
			case <-release:
				return answer{data: []byte("x"), until: time.Now().Add(time.Hour)}
			case <-ctx.Done():
				ended.Add(1)
				return answer{err: ctx.Err()}
			}
		}
		first, leave := context.WithCancel(t.Context())
		var waiters sync.WaitGroup
		waiters.Go(func() {
			if _, err := c.get(first, "k", ask); !errors.Is(err, context.Canceled) {
				t.Errorf("who left got %v", err)
			}
		})
		synctest.Wait()
		for range 5 {
			waiters.Go(func() {
				if data, err := c.get(t.Context(), "k", ask); err != nil || string(data) != "x" {
					t.Errorf("%q, %v", data, err)
				}
			})
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		close(release)
		waiters.Wait()
		if asked.Load() != 1 || ended.Load() != 0 {
			t.Errorf("asked %d times, given up %d times", asked.Load(), ended.Load())
		}
		alone, leave := context.WithCancel(t.Context())
		release = make(chan struct{})
		waiters.Go(func() { _, _ = c.get(alone, "other", ask) })
		synctest.Wait()
		leave()
		waiters.Wait()
		synctest.Wait()
		if ended.Load() != 1 || len(c.flights) != 0 || len(c.entries) != 1 {
			t.Errorf("given up %d times, %d flights, %d entries", ended.Load(), len(c.flights), len(c.entries))
		}
	})
}

// TestCacheBounds: the cache holds no more than it may, forgets the least used first, and nothing beyond its time.
func TestCacheBounds(t *testing.T) {
	now := time.Unix(0, 0)
	c := newCache(100, func() time.Time { return now })
	put := func(key string, size int, d time.Duration) {
		_, _ = c.get(t.Context(), key, func(context.Context) answer { return answer{data: make([]byte, size), until: now.Add(d)} })
	}
	has := func(key string) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, ok := c.kept(key)
		return ok
	}
	put("a", 40, time.Hour)
	put("b", 40, time.Minute)
	if !has("a") || !has("b") {
		t.Error("nothing is kept")
	}
	has("a")
	put("c", 40, time.Hour)
	if !has("a") || has("b") || !has("c") || c.size != 82 {
		t.Errorf("the least used stays, or the size is wrong: %d", c.size)
	}
	put("giant", 101, time.Hour)
	put("stale", 1, 0)
	if has("giant") || has("stale") || !has("a") {
		t.Error("what does not fit is kept")
	}
	now = now.Add(time.Hour)
	if has("a") || has("c") || c.size != 0 {
		t.Errorf("kept beyond its time: %d bytes", c.size)
	}
	for i := range maxEntries + 10 {
		c.most = 1 << 30
		put(string(rune('0'+i)), 0, time.Hour)
	}
	if len(c.entries) != maxEntries || c.order.Len() != maxEntries {
		t.Errorf("%d entries", len(c.entries))
	}
}

func TestPublic(t *testing.T) {
	for s, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true, "127.0.0.1": false, "::1": false, "::ffff:127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false,
		"192.168.1.1": false, "169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false, "fd00:ec2::254": false, "100.100.100.200": false, "0.0.0.0": false, "::": false,
		"224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "240.0.0.1": false, "64:ff9b::a00:1": false, "2002:7f00:1::": false, "::7f00:1": false,
		"198.18.0.1": false, "192.0.0.1": false, "2001:0:1::1": false, "fec0::1": false,
	} {
		if got := public(netip.MustParseAddr(s)); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
	if permitted(netip.MustParseAddr("::ffff:10.0.0.1"), func(a netip.Addr) bool { return a == netip.MustParseAddr("10.0.0.1") }) == false {
		t.Error("leave is asked for another form of the address")
	}
}
