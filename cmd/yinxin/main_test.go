package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"yinxin/fault"
	"yinxin/internal/testseal"
)

// TestMain makes the yinxin command available to scripts, in process.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"yinxin": func() { os.Exit(run()) }})
}

// TestScripts runs the commands as a user would: testdata/*.txtar.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	page, pages := testseal.PDF(t, 2), ofdPages(t, 2)
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "en_US.UTF-8")
			e.Setenv("LC_ALL", "")
			e.Setenv("YINXIN_PASSPHRASE", "correct horse")
			e.Setenv("XDG_DATA_HOME", filepath.Join(e.WorkDir, "data"))
			return errors.Join(os.WriteFile(filepath.Join(e.WorkDir, "page.pdf"), page, 0o644), os.WriteFile(filepath.Join(e.WorkDir, "licence.ofd"), pages, 0o644),
				os.WriteFile(filepath.Join(e.WorkDir, "page.ofd"), testseal.OFD(4), 0o644))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "flip": flip, "truncate": truncate, "cut-tail": cutTail, "destroy": destroy, "archive": archive, "paper": paper},
	})
}

// exits runs a command and wants its exit code: exits 2 yinxin verify …
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		if _, err := fmt.Sscanf(err.Error(), "exit status %d", &got); err != nil {
			ts.Fatalf("%v did not run", args[1:])
		}
	}
	if got != want {
		ts.Fatalf("%v exited %d, want %d", args[1:], got, want)
	}
}

// flip changes one bit in the middle of a file: flip IN OUT.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: flip IN OUT")
	}
	data := []byte(ts.ReadFile(args[0]))
	data[len(data)/3] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o644))
}

// cutTail drops the last 20 bytes of a file, and so where its cross-reference section is: cut-tail IN OUT.
func cutTail(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || neg {
		ts.Fatalf("usage: cut-tail IN OUT")
	}
	data := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(data[:len(data)-20]), 0o600))
}

// truncate keeps half of a file: truncate IN OUT.
func truncate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: truncate IN OUT")
	}
	data := []byte(ts.ReadFile(args[0]))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data[:len(data)/2], 0o644))
}

// archive packs files into a ZIP archive: archive OUT.zip FILE….
func archive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: archive OUT.zip FILE…")
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range args[1:] {
		w, err := z.Create(name)
		ts.Check(err)
		_, err = io.WriteString(w, ts.ReadFile(name))
		ts.Check(err)
	}
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o600))
}

func TestWorstExit(t *testing.T) {
	for _, c := range []struct {
		codes []int
		want  int
	}{{[]int{0, 0}, 0}, {[]int{0, 4}, 4}, {[]int{4, 2}, 2}, {[]int{2, 3, 0}, 3}, {[]int{3, 1, 2}, 1}, {nil, 0}} {
		if got := worstExit(c.codes); got != c.want {
			t.Errorf("worst of %v is %d, want %d", c.codes, got, c.want)
		}
	}
}

// TestWriteNewRace: of many that write one output one makes it, whole, and every other is told.
func TestWriteNewRace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	var made, told atomic.Int32
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			err := writeNew(path, func(f *os.File) error {
				_, err := f.Write(bytes.Repeat([]byte{byte('0' + i)}, 1<<16))
				return err
			})
			if p, _ := fault.PublicOf(err); err == nil {
				made.Add(1)
			} else if p.Code == "output-exists" {
				told.Add(1)
			}
		})
	}
	all.Wait()
	data, err := os.ReadFile(path)
	if err != nil || made.Load() != 1 || told.Load() != 7 || len(data) != 1<<16 || bytes.Count(data, data[:1]) != len(data) {
		t.Errorf("made %d times, told %d; %d bytes, %v", made.Load(), told.Load(), len(data), err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
