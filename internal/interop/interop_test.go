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

// TestJudgedByJava: a judge that shares no code with us agrees with everything we write, and finds in each file that was spoilt what is wrong with it.
// A new kind of file is a row of products, or of lies where it takes keys to make.
func TestJudgedByJava(t *testing.T) {
	judge := interop.New(t)
	w := newWorld(t)
	files, spoilt := w.write(t, t.TempDir())
	findings := judge.Ask(t, files...)

	t.Run("agrees", func(t *testing.T) {
		for _, p := range w.products {
			for _, f := range findings {
				if f.File == p.name && !f.OK {
					t.Errorf("%s: the judge objects to %s %s: %s", f.File, f.Check, f.Object, f.Detail)
				}
			}
			right := checksOf(findings, p.name, true)
			for _, c := range p.checks {
				if !slices.Contains(right, c) {
					t.Errorf("%s: the judge did not find %s right, only %v", p.name, c, right)
				}
			}
		}
	})
	t.Run("objects", func(t *testing.T) {
		for name, fails := range spoilt {
			if wrong := strings.Join(checksOf(findings, name, false), " "); wrong != fails {
				t.Errorf("%s: the judge objects to %q, want %q", name, wrong, fails)
			}
		}
	})
	t.Run("others", func(t *testing.T) { judgeOthers(t, judge) })
}

// write puts everything that is judged into dir: the roots, the products, each product spoilt in each of its ways, and the lies. It returns the paths,
// and the checks that must fail by the names of those that are not right.
func (w *world) write(t *testing.T, dir string) (files []string, spoilt map[string]string) {
	t.Helper()
	put := func(name string, data []byte) {
		files = append(files, filepath.Join(dir, name))
		if err := os.WriteFile(files[len(files)-1], data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, der := range w.roots {
		put("root-"+name+".crt", der)
	}
	spoilt = map[string]string{}
	for _, p := range w.products {
		put(p.name, p.data)
		if len(p.spoils) == 0 {
			t.Errorf("%s is never spoilt", p.name)
		}
		for _, s := range p.spoils {
			data := s.change(bytes.Clone(p.data))
			if bytes.Equal(data, p.data) {
				t.Errorf("%s: %s: nothing was changed", p.name, s.name)
			}
			name := s.name + "-in-" + p.name
			put(name, data)
			spoilt[name] = s.fails
		}
	}
	for _, l := range w.lies(t) {
		name := "lie-" + l.name + ".pdf"
		put(name, l.data)
		spoilt[name] = l.fails
	}
	return files, spoilt
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
