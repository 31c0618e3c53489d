package token

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"yinxin/fault"
)

// Server serves a token over a Unix socket.
type Server struct {
	Token *Token
	// Allow lists users, by number, that may connect besides the one the server runs as. Empty: the socket is 0600, else 0660.
	Allow []uint32
	// Group, where it is not negative, is the group of the socket: one that the users in Allow are in.
	Group int
	// Log is told who came and what went wrong. No frame is logged.
	Log *slog.Logger
}

const (
	maxConnections = 2 * maxSessions
	frameTime      = 10 * time.Second // for a frame to arrive in full once it began, and for an answer to be taken
	helloTime      = 5 * time.Second  // for the first
)

// Listen makes the socket. One that is there already and that nobody serves is replaced; a served one, or another file, is fault.Conflict.
func (s *Server) Listen(ctx context.Context, path string) (net.Listener, error) {
	if err := vacant(ctx, path); err != nil {
		return nil, err
	}
	tmp := path + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, noSocket(path, err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: tmp, Net: "unix"})
	if err != nil {
		return nil, noSocket(path, err)
	}
	l.SetUnlinkOnClose(false)
	// The socket gets its name once its permissions are right: nobody connects before.
	mode := fs.FileMode(0o600)
	if len(s.Allow) > 0 {
		mode = 0o660
	}
	if s.Group >= 0 {
		err = os.Chown(tmp, -1, s.Group)
	}
	if err == nil {
		err = os.Chmod(tmp, mode)
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		os.Remove(tmp)
		l.Close()
		return nil, noSocket(path, err)
	}
	return &listener{UnixListener: l, path: path}, nil
}

// listener removes its socket when it is first closed; later the path may be another's.
type listener struct {
	*net.UnixListener
	path string
	once sync.Once
}

func (l *listener) Close() (err error) {
	l.once.Do(func() {
		os.Remove(l.path)
		err = l.UnixListener.Close()
	})
	return err
}

// vacant makes sure that nobody serves a path.
func vacant(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return noSocket(path, err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fault.New(fault.Conflict, "token-socket-file", path+" 不是套接字，没有改动", path+" is not a socket and was left as it is", nil)
	}
	c, err := (&net.Dialer{Timeout: helloTime}).DialContext(ctx, "unix", path)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return nil // the file of one that is gone
	}
	if err == nil {
		c.Close()
	}
	return fault.New(fault.Conflict, "token-socket-busy", "套接字 "+path+" 正由另一个进程使用", "another process serves the socket "+path, err)
}

func noSocket(path string, err error) error {
	return fault.New(fault.Unavailable, "token-socket", "无法建立套接字 "+path+"：请检查目录和权限", "the socket "+path+" cannot be made: check the directory and its permissions", err)
}

// Serve answers until ctx ends. What is being done then is finished, the rest is cut off.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var (
		mu    sync.Mutex
		conns = map[net.Conn]bool{}
		wg    sync.WaitGroup
		table = calls()
	)
	end := func() {
		l.Close()
		mu.Lock()
		defer mu.Unlock()
		for c := range conns {
			patience(ctx, c, 0) // who is being answered is not reading
		}
	}
	stop := context.AfterFunc(ctx, end)
	defer func() {
		cancel()
		stop()
		end() // here too: ctx may have ended just now, and stop kept the other from running
		wg.Wait()
	}()
	for {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				c.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return noSocket(l.Addr().String(), err)
		case err != nil: // too many open files, say: others will close theirs
			s.Log.Error("no connection can be taken", "error", err)
			pause(ctx)
			continue
		}
		mu.Lock()
		open := len(conns)
		conns[c] = true
		mu.Unlock()
		wg.Go(func() {
			s.attend(ctx, c, open, table)
			mu.Lock()
			delete(conns, c)
			mu.Unlock()
			c.Close()
		})
	}
}

// attend answers one connection, if it may be there, beside the others that are open.
func (s *Server) attend(ctx context.Context, c net.Conn, open int, table map[byte]call) {
	peer, err := s.admit(c)
	if err == nil && open >= maxConnections {
		err = fmt.Errorf("%d connections are open", open)
	}
	if err == nil {
		err = s.converse(ctx, c, peer, table)
	}
	if err != nil {
		s.Log.Warn("connection ended", "uid", peer.UID, "pid", peer.PID, "error", err)
	}
}

// pause waits a moment, or until ctx ends.
func pause(ctx context.Context) {
	t := time.NewTimer(100 * time.Millisecond)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// admit asks the system who connects.
func (s *Server) admit(c net.Conn) (Peer, error) {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return Peer{}, errors.New("not a Unix socket")
	}
	peer, err := peerOf(u)
	if err != nil {
		return peer, fmt.Errorf("peer credentials: %w", err)
	}
	if !s.admits(peer.UID, os.Getuid()) {
		return peer, errors.New("this user may not use the token")
	}
	return peer, nil
}

// admits says whether a user may connect to a server that runs as own. Root is a user like others.
func (s *Server) admits(uid uint32, own int) bool {
	return int64(uid) == int64(own) || slices.Contains(s.Allow, uid)
}

// converse answers the frames of one connection until it ends. Frames are cleared once they are answered: PINs are in them.
func (s *Server) converse(ctx context.Context, c net.Conn, peer Peer, table map[byte]call) error {
	ses := &session{t: s.Token, program: program{peer: peer}}
	defer ses.close()
	limited := true
	in := &frameReader{r: c, began: func() {
		if !limited {
			limited = true
			patience(ctx, c, frameTime)
		}
	}}
	patience(ctx, c, helloTime)
	w := &writer{}
	for {
		op, body, err := in.next()
		if err != nil {
			return ended(ctx, err)
		}
		if limited {
			limited = false
			patience(ctx, c, 0) // a session may be idle for as long as it likes
		}
		w.reset()
		result, err := ses.handle(table, op, body, w)
		clear(body)
		if err != nil {
			return err
		}
		err = c.SetWriteDeadline(time.Now().Add(frameTime))
		if err == nil {
			_, err = c.Write(w.finish(result))
		}
		clear(w.out)
		if err != nil {
			return ended(ctx, err)
		}
	}
}

// patience says how long to wait for bytes; 0 is for ever. Once ctx has ended it is over. A connection that takes no deadline is closed.
func patience(ctx context.Context, c net.Conn, d time.Duration) {
	var until time.Time
	if d > 0 {
		until = time.Now().Add(d)
	}
	err := c.SetReadDeadline(until)
	if err == nil && ctx.Err() != nil { // asked last: whoever ends ctx sets the deadline after that
		err = c.SetReadDeadline(time.Unix(1, 0))
	}
	if err != nil {
		c.Close()
	}
}

// ended makes nothing of the ways in which connections end.
func ended(ctx context.Context, err error) error {
	ordinary := errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
	if ordinary || ctx.Err() != nil {
		err = nil
	}
	return err
}
