package token

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"yinxin/internal/need"
)

// The module of hsm/token/client, built by gcc, and a token in a process of its own, which tests can kill.

const daemonEnv = "YINXIN_TEST_TOKEN"

func TestMain(m *testing.M) {
	if os.Getenv(daemonEnv) != "" {
		var dir, socket, pose string
		_, err := fmt.Scanln(&dir, &socket, &pose)
		if err == nil {
			err = daemon(dir, socket, pose)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func daemon(dir, socket, pose string) error {
	face := Own()
	if pose != face.Name {
		var err error
		if face, err = Pose(pose); err != nil {
			return err
		}
	}
	k, err := Open(dir, []byte(testPass), face)
	if err != nil {
		return err
	}
	k.cost = cheap
	defer k.Close()
	s := &Server{Token: k, Group: -1, Log: quiet()}
	l, err := s.Listen(context.Background(), socket)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	fmt.Println("ready")
	return s.Serve(ctx, l)
}

// world is a token in a process of its own.
type world struct {
	t           testing.TB
	dir, socket string
	pose        string
	cmd         *exec.Cmd
}

func newWorld(t testing.TB, pose string) *world {
	t.Helper()
	k, dir := newTokenIn(t)
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	short, err := os.MkdirTemp("", "yx") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(short) })
	w := &world{t: t, dir: dir, socket: filepath.Join(short, "s"), pose: pose}
	w.start()
	t.Cleanup(w.kill)
	return w
}

func (w *world) start() {
	w.t.Helper()
	w.cmd = exec.Command(os.Args[0], "-test.run=^$")
	w.cmd.Env = append(os.Environ(), daemonEnv+"=1")
	w.cmd.Stdin = strings.NewReader(fmt.Sprintln(w.dir, w.socket, w.pose))
	w.cmd.Stderr = os.Stderr
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
		w.t.Fatalf("the token does not start: %q, %v", line, err)
	}
}

// kill is kill -9.
func (w *world) kill() {
	w.cmd.Process.Kill()
	w.cmd.Wait()
}

func (w *world) signal(s syscall.Signal) {
	w.t.Helper()
	if err := w.cmd.Process.Signal(s); err != nil {
		w.t.Fatal(err)
	}
}

// halt stops the token where it is, every thread of it: the signal alone comes back before.
func (w *world) halt() {
	w.t.Helper()
	w.signal(syscall.SIGSTOP)
	var state syscall.WaitStatus
	if _, err := syscall.Wait4(w.cmd.Process.Pid, &state, syscall.WUNTRACED, nil); err != nil || !state.Stopped() {
		w.t.Fatalf("the token is not stopped: %v", err)
	}
}

// gcc builds the client's sources and what stands beside them into a file, with the options of `make token`.
func gcc(t testing.TB, out string, args ...string) {
	t.Helper()
	compiler := need.Tool(t, "gcc")
	sources, err := filepath.Glob("client/*.c")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	args = append([]string{"-std=c11", "-Wall", "-Wextra", "-Wshadow", "-Wconversion", "-Werror", "-fvisibility=hidden", "-pthread", "-o", out}, args...)
	if text, err := exec.CommandContext(t.Context(), compiler, append(args, sources...)...).CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, text)
	}
}

var built struct {
	once sync.Once
	dir  string
}

// library is the module, built once.
func library(t testing.TB) string {
	t.Helper()
	need.Tool(t, "gcc")
	built.once.Do(func() {
		dir, err := os.MkdirTemp("", "yx")
		if err != nil {
			t.Fatal(err)
		}
		gcc(t, filepath.Join(dir, "libyinxin-p11.so"), "-O2", "-fPIC", "-shared", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=2")
		built.dir = dir
	})
	if built.dir == "" {
		t.Fatal("the module could not be built")
	}
	return filepath.Join(built.dir, "libyinxin-p11.so")
}
