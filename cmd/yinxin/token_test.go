package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTokenServe: it says that it is software, poses only aloud, and stops when it is told to, without its socket.
func TestTokenServe(t *testing.T) {
	t.Setenv("YINXIN_PASSPHRASE", "correct horse")
	t.Setenv("YINXIN_SO_PIN", "so-pin-1234")
	t.Setenv("YINXIN_PIN", "user-pin-12")
	dir := t.TempDir()
	short, err := os.MkdirTemp("", "yx") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(short)
	token, socket := filepath.Join(dir, "token"), filepath.Join(short, "s")
	var out bytes.Buffer
	if code := execute(t.Context(), []string{"--lang", "en", "token", "init", "--dir", token, "--label", "demo"}, nil, &out, &out); code != exitOK {
		t.Fatalf("init exits %d: %s", code, out.String())
	}
	for _, pose := range []string{"", "luna"} {
		args := []string{"--lang", "en", "token", "serve", "--dir", token, "--socket", socket}
		if pose != "" {
			args = append(args, "--pose", pose)
		}
		ctx, stop := context.WithCancel(t.Context())
		in, errw := io.Pipe()
		code := make(chan int)
		go func() { code <- execute(ctx, args, nil, io.Discard, errw) }()
		lines := bufio.NewScanner(in)
		if !lines.Scan() || !strings.Contains(lines.Text(), "not a certified cryptographic module") {
			t.Errorf("it starts with %q", lines.Text())
		}
		if pose != "" && (!lines.Scan() || !strings.Contains(lines.Text(), "poses as luna, for tests only")) {
			t.Errorf("it goes on with %q", lines.Text())
		}
		if _, err := os.Lstat(socket); err != nil {
			t.Error(err)
		}
		stop()
		if got := <-code; got != exitOK {
			t.Errorf("it exits %d", got)
		}
		if _, err := os.Lstat(socket); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the socket is left behind: %v", err)
		}
	}
}
