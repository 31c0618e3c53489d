package interop_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yinxin/internal/interop"
)

// product is one kind of file that we make, and ways to spoil one.
type product struct {
	name   string // the file's; how it ends tells the judge what it is
	data   []byte
	checks []string // that must have been made, and found right
	spoils []spoil
}

// spoil makes a file that was right wrong.
type spoil struct {
	name   string
	change func([]byte) []byte
	fails  string // the checks that fail then, and no others
}

// TestJudgedByJava: a judge that shares no code with us agrees with everything we write, and finds what is wrong in each file that was spoilt.
// A new kind of file is a row of products, or of lies where it takes keys to make.
func TestJudgedByJava(t *testing.T) {
	judge := interop.New(t)
	dir := t.TempDir()
	w := newWorld(t)
	right, issuers := w.write(t, dir)

	t.Run("agrees", func(t *testing.T) {
		findings := judge.Agrees(t, append(right, issuers...)...)
		for _, p := range w.products {
			made := checksOf(findings, p.name, true)
			for _, c := range p.checks {
				if !slices.Contains(made, c) {
					t.Errorf("%s: the judge did not look at %s, only at %v", p.name, c, made)
				}
			}
		}
	})

	t.Run("objects", func(t *testing.T) { w.spoil(t, judge, dir, issuers) })
	t.Run("others", func(t *testing.T) { judgeOthers(t, judge) })
}

// spoil has every product spoilt in each of its ways, adds the lies, and wants the judge to find in each what is wrong and nothing else.
func (w *world) spoil(t *testing.T, judge *interop.Judge, dir string, files []string) {
	t.Helper()
	want := map[string]string{}
	add := func(name, ext string, data []byte, fails string) {
		path := filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+ext)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, path)
		want[filepath.Base(path)] = fails
	}
	for _, p := range w.products {
		ext := filepath.Ext(p.name)
		if len(p.spoils) == 0 {
			t.Errorf("%s is never spoilt", p.name)
		}
		for _, s := range p.spoils {
			data := s.change(bytes.Clone(p.data))
			if bytes.Equal(data, p.data) {
				t.Errorf("%s: %s: nothing was changed", p.name, s.name)
			}
			add(strings.TrimSuffix(p.name, ext)+" "+s.name, ext, data, s.fails)
		}
	}
	for _, l := range w.lies(t) {
		add("lie "+l.name, ".pdf", l.data, l.fails)
	}
	findings := judge.Ask(t, files...)
	for name, fails := range want {
		if got := strings.Join(checksOf(findings, name, false), " "); got != fails {
			t.Errorf("%s: the judge objects to %q, want %q", name, got, fails)
		}
	}
}

// write puts the products into dir, and the certificates of the issuers that are not among them.
func (w *world) write(t *testing.T, dir string) (products, issuers []string) {
	t.Helper()
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, p := range w.products {
		products = append(products, put(p.name, p.data))
	}
	for name, der := range w.roots {
		issuers = append(issuers, put(name+".crt", der))
	}
	return products, issuers
}

// checksOf lists the checks of a file that came out right, or wrong, each once and in order.
func checksOf(findings []interop.Finding, file string, right bool) []string {
	var list []string
	for _, f := range findings {
		if f.File == file && f.OK == right {
			list = append(list, f.Check)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
