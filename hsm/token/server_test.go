package token

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"yinxin/fault"
	"yinxin/gm"
)

// serve serves a token until the test ends; stop ends it earlier and gives what Serve gave.
func serve(t testing.TB, k *Token) (socket string, stop func() error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "yx") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	s := &Server{Token: k, Group: -1, Log: quiet()}
	l, err := s.Listen(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { stop() })
	return socket, stop
}

// remote is a client in Go.
type remote struct {
	t testing.TB
	net.Conn
}

func connect(t testing.TB, socket string) remote {
	t.Helper()
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return remote{t, c}
}

func (c remote) ask(op byte, fields ...any) (rv, *reader, error) {
	if _, err := c.Write(frame(op, body(c.t, fields...))); err != nil {
		return 0, nil, err
	}
	head := make([]byte, answerHead)
	if _, err := io.ReadFull(c, head); err != nil {
		return 0, nil, err
	}
	rest := make([]byte, binary.LittleEndian.Uint32(head)-5)
	if _, err := io.ReadFull(c, rest); err != nil {
		return 0, nil, err
	}
	return rv(binary.LittleEndian.Uint32(head[5:])), &reader{in: rest}, nil
}

func (c remote) must(op byte, fields ...any) *reader {
	c.t.Helper()
	result, r, err := c.ask(op, fields...)
	if err != nil || result != rvOK {
		c.t.Fatalf("op %d: %v, %v", op, result, err)
	}
	return r
}

func (c remote) begin() remote {
	c.t.Helper()
	c.must(opHello, "sixteen bytes id")
	c.must(opOpenSession, uint64(ckfSerialSession|ckfRWSession))
	return c
}

// TestAtOnce signs from several connections while others log in and out of other programs, find, and make and destroy keys.
func TestAtOnce(t *testing.T) {
	k := newToken(t)
	socket, stop := serve(t, k)
	first := connect(t, socket).begin()
	first.must(opLogin, uint64(ckuUser), testUser)
	r := first.must(opGeneratePair, k.face.KeyGen, "", publicTemplate(), privateTemplate())
	public, private := r.u64(), r.u64()
	pub := publicOf(k, public)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			c := connect(t, socket).begin()
			for j := range 50 {
				digest := gm.SM3([]byte{byte(i), byte(j)})
				result, r, err := c.ask(opSignOnce, k.face.Sign[0].Mechanism, "", private, digest[:])
				if err != nil || result != rvOK || !gm.VerifyE(pub, digest[:], r.bytes()) {
					t.Errorf("signature %d of %d: %v, %v", j, i, result, err)
					return
				}
				if j%10 == 0 {
					r := c.must(opGeneratePair, k.face.KeyGen, "", publicTemplate(), privateTemplate())
					r.u64()
					c.must(opDestroyObject, r.u64())
					c.must(opFindInit, template{})
					c.must(opFindFinal)
					c.must(opTokenInfo)
				}
			}
		})
	}
	wg.Wait()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(socket); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the socket is left behind")
	}
	if k.sessions != 0 || len(k.programs) != 0 {
		t.Errorf("%d sessions of %d programs are left", k.sessions, len(k.programs))
	}
}

// TestStrangers: what is no frame ends the connection, and only that one.
func TestStrangers(t *testing.T) {
	socket, _ := serve(t, newToken(t))
	good := connect(t, socket).begin()
	for _, bytes := range []string{"GET / HTTP/1.1\r\n\r\n", "\x02\x00\x00\x00\x02\x01", "\x02\x00\x00\x00\x01\x02", "\xff\xff\xff\xff"} {
		c := connect(t, socket)
		if _, err := c.Write([]byte(bytes)); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("%q is answered", bytes)
		}
	}
	good.must(opSessionInfo)
}

// TestSocket: its permissions, and what may be in its place.
func TestSocket(t *testing.T) {
	socket, stop := serve(t, newToken(t))
	info, err := os.Lstat(socket)
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	s := &Server{Group: -1, Log: quiet()}
	if _, err := s.Listen(t.Context(), socket); !errors.Is(err, fault.Conflict) {
		t.Errorf("a socket that is served is taken: %v", err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(socket, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Listen(t.Context(), socket); !errors.Is(err, fault.Conflict) {
		t.Errorf("a file is taken for a socket: %v", err)
	}
	if err := os.Remove(socket); err != nil {
		t.Fatal(err)
	}
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	stale.Close()
	s.Allow = []uint32{12345}
	l, err := s.Listen(t.Context(), socket)
	if err != nil {
		t.Fatalf("the socket of one that died is in the way: %v", err)
	}
	defer l.Close()
	if info, err := os.Lstat(socket); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestAdmits: its own user and those it was told of.
func TestAdmits(t *testing.T) {
	s := &Server{Allow: []uint32{1001}}
	for uid, want := range map[uint32]bool{1000: true, 1001: true, 1002: false, 0: false, 1<<32 - 1: false} {
		if got := s.admits(uid, 1000); got != want {
			t.Errorf("user %d: %v, want %v", uid, got, want)
		}
	}
	if s.admits(1<<32-1, -1) { // where the system has no numbers of users
		t.Error("no user is taken for one")
	}
}
