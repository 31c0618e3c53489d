package api

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"

	"yinxin/fault"
)

// Bounds of a connection, in bytes.
const (
	headBytes   = 16 << 10 // of a request
	streamRoom  = 256 << 10
	connectRoom = 1 << 20 // over all streams of one HTTP/2 connection
)

// Serve answers on l until ctx ends. Then it takes no more connections, /readyz says so, and requests under way are finished, for Limits.Shutdown at most.
// secure may be nil: plain HTTP.
func (s *Service) Serve(ctx context.Context, l net.Listener, secure *tls.Config) error {
	server := &http.Server{
		Handler: s, TLSConfig: secure, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
		ReadHeaderTimeout: s.Limits.HeaderTime, ReadTimeout: s.Limits.HeaderTime + s.Limits.Grace, IdleTimeout: s.Limits.IdleTime, MaxHeaderBytes: headBytes,
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: s.Limits.Streams, MaxReceiveBufferPerConnection: connectRoom, MaxReceiveBufferPerStream: streamRoom,
			WriteByteTimeout: s.Limits.AnswerTime, SendPingTimeout: s.Limits.IdleTime, PingTimeout: s.Limits.HeaderTime},
	}
	l = &counted{Listener: l, most: s.Limits.Connections, each: s.Limits.ClientConnections, of: map[string]int{}}
	ended := make(chan error, 1)
	go func() {
		if secure != nil {
			ended <- server.ServeTLS(l, "", "")
			return
		}
		ended <- server.Serve(l)
	}()
	select {
	case err := <-ended:
		return fault.New(fault.Unavailable, "serve-ended", "核验服务意外结束", "the verification service ended by itself", err)
	case <-ctx.Done():
	}
	s.Drain()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Limits.Shutdown)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return errors.Join(fmt.Errorf("end the service: %w", err), server.Close())
	}
	return nil
}

// Drain turns new files away.
func (s *Service) Drain() { s.draining.Store(true) }

// counted is a listener that closes connections beyond a number, of all and of one client, before anything is read from them.
type counted struct {
	net.Listener
	most, each int

	mu  sync.Mutex
	all int
	of  map[string]int
}

// Accept waits for a connection that may stay.
func (l *counted) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		who := clientOf(c.RemoteAddr().String())
		if l.enter(who) {
			return &countedConn{Conn: c, leave: sync.OnceFunc(func() { l.exit(who) })}, nil
		}
		c.Close()
	}
}

func (l *counted) enter(who string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= l.most || l.each >= 0 && l.of[who] >= l.each {
		return false
	}
	l.all++
	l.of[who]++
	return true
}

func (l *counted) exit(who string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.of[who]--; l.of[who] == 0 {
		delete(l.of, who)
	}
}

type countedConn struct {
	net.Conn
	leave func()
}

// Close closes the connection and makes room for another.
func (c *countedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
