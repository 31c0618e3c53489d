package token

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"yinxin/fault"
)

// rotated makes an audit of several files, each with a few of the 40 signatures in it, and gives their paths.
func rotated(t *testing.T) (dir string, files []string) {
	t.Helper()
	k, dir := newTokenIn(t)
	c := user(t, k)
	_, private := c.sm2()
	k.audit.limit = 4000
	for i := range 40 {
		c.ok(opSignOnce, k.face.Sign[0].Mechanism, "", private, bytes.Repeat([]byte{byte(i)}, 32))
	}
	c.s.close()
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	last, err := lastOf(dir)
	if err != nil || last < 4 {
		t.Fatalf("%d files, %v", last, err)
	}
	for i := range last {
		files = append(files, filepath.Join(dir, auditName(i+1)))
	}
	return dir, files
}

func lastOf(dir string) (int, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	return lastAudit(root)
}

// TestRotation: an audit goes on in the next file where one is full; nothing is lost, and what is altered or missing is named.
func TestRotation(t *testing.T) {
	dir, files := rotated(t)
	inputs := map[string]int{}
	s, err := ReadAudit(dir, func(input string) { inputs[input]++ })
	if err != nil || s.Files != len(files) || s.Signed != 40 || len(inputs) != 40 {
		t.Fatalf("%+v with %d inputs, %v", s, len(inputs), err)
	}
	for _, f := range files[:len(files)-1] {
		if info, err := os.Stat(f); err != nil || info.Size() > 4000+2*maxAuditLine || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", f, info, err)
		}
	}
	wants := func(what, code, name string) {
		t.Helper()
		_, err := ReadAudit(dir, nil)
		if p, _ := fault.PublicOf(err); p.Code != code || !strings.Contains(p.ZH, name) || !strings.Contains(p.EN, name) {
			t.Errorf("%s: %v, want %s of %s", what, err, code, name)
		}
	}
	for i, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		put := func(data []byte) {
			t.Helper()
			if err := os.WriteFile(f, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		lines := bytes.SplitAfter(data, []byte("\n"))
		name, last := filepath.Base(f), i == len(files)-1
		flipped := bytes.Clone(data)
		flipped[len(data)/2] ^= 1
		put(flipped)
		wants("a byte changed", "token-audit-broken", name)
		put(bytes.Join(lines[1:], nil))
		wants("the first line removed", "token-audit-broken", name)
		put(append(bytes.Clone(data), lines[0]...))
		wants("a line added", "token-audit-broken", name)
		if !last {
			put(bytes.Join(lines[:len(lines)-2], nil))
			wants("the end cut off", "token-audit-broken", name)
		}
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
		wants("the file removed", "token-audit-missing", name)
		put(data)
	}
	readAudit(t, dir)
}

// TestRotationTorn: a rotation that a crash cut short, wherever that was, is finished when the token is next opened; a last file that was taken away is
// noticed by then at the latest.
func TestRotationTorn(t *testing.T) {
	dir, files := rotated(t)
	before := readAudit(t, dir)
	last, old := files[len(files)-1], files[len(files)-2]
	now, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	ended, err := os.ReadFile(old)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(ended, []byte("\n"))
	goesOn := bytes.Join(lines[:len(lines)-2], nil)
	end := lines[len(lines)-2]
	lost := uint64(bytes.Count(now, []byte("C_Sign")))
	for name, c := range map[string]struct{ old, last []byte }{
		"the new file is there":         {goesOn, nil},
		"the old one names it, in part": {append(bytes.Clone(goesOn), end[:len(end)/2]...), nil},
		"the old one names it":          {ended, nil},
		"the first line, in part":       {ended, now[:40]},
		"the first line, whole":         {ended, now[:bytes.IndexByte(now, '\n')+1]},
	} {
		if err := errors.Join(os.WriteFile(old, c.old, 0o600), os.WriteFile(last, c.last, 0o600)); err != nil {
			t.Fatal(err)
		}
		a, err := openAudit(dir)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := errors.Join(a.write(entry{Event: "C_Sign"}), a.close()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if s := readAudit(t, dir); s.Files != before.Files || s.Signed != before.Signed-lost+1 {
			t.Errorf("%s: %+v of %+v, less %d", name, s, before, lost)
		}
	}
	if err := os.Remove(last); err != nil {
		t.Fatal(err)
	}
	_, err = openAudit(dir)
	if p, _ := fault.PublicOf(err); p.Code != "token-audit-missing" || !strings.Contains(p.EN, filepath.Base(last)) {
		t.Errorf("the last file was taken away: %v", err)
	}
}

// TestRotationAtOnce: many write while files are begun, brought to the disk, and read.
func TestRotationAtOnce(t *testing.T) {
	dir := t.TempDir()
	a, err := openAudit(dir)
	if err != nil {
		t.Fatal(err)
	}
	a.limit = 3000
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if err := a.write(entry{Event: "C_Sign"}); err != nil {
					t.Error(err)
				}
			}
			a.sync()
			if s, err := ReadAudit(dir, nil); err != nil || s.Signed < 50 {
				t.Errorf("%+v after 50, %v", s, err)
			}
		})
	}
	wg.Wait()
	if err := a.close(); err != nil {
		t.Fatal(err)
	}
	if s := readAudit(t, dir); s.Signed != 400 || s.Files < 10 {
		t.Errorf("%+v", s)
	}
}

// TestRotateAudit rotates by hand, while nobody serves the token.
func TestRotateAudit(t *testing.T) {
	k, dir := newTokenIn(t)
	if _, err := RotateAudit(dir); !errors.Is(err, fault.Conflict) {
		t.Errorf("while it is served: %v", err)
	}
	if err := k.release(); err != nil {
		t.Fatal(err)
	}
	for i := 1; i <= 3; i++ {
		if name, err := RotateAudit(dir); err != nil || name != auditName(i) {
			t.Errorf("rotation %d: %s, %v", i, name, err)
		}
	}
	if s := readAudit(t, dir); s.Files != 4 {
		t.Errorf("%+v", s)
	}
	restart(t, k, dir)
	none := t.TempDir()
	if _, err := RotateAudit(none); !errors.Is(err, fault.NotFound) {
		t.Errorf("no audit: %v", err)
	}
	if left, err := os.ReadDir(none); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
