package main

import (
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/internal/need"
)

const (
	hosted      = "example.org/you/yinxin"
	fewestFiles = 100 // in Go; fewer mean that the test looked in the wrong place
)

// TestRename renames a copy of this module and takes the name back. That every import leads somewhere is all that is asked of the copy here, since
// nothing but imports was changed; make modulecheck builds one.
func TestRename(t *testing.T) {
	copied := t.TempDir()
	copyModule(t, filepath.Join("..", ".."), copied)
	t.Chdir(copied)
	t.Setenv("GOPROXY", "off")
	before := goFiles(t)
	if _, _, err := rename(t.Context(), "not a path", true); err == nil {
		t.Error("no module path, and no error")
	}
	from, files, err := rename(t.Context(), hosted, true)
	if err != nil {
		t.Fatal(err)
	}
	if files < fewestFiles || len(before) < files || from == hosted {
		t.Errorf("%s was renamed in %d of %d files", from, files, len(before))
	}
	for name, text := range goFiles(t) {
		for line := range strings.Lines(text) {
			if path, found := strings.CutPrefix(strings.TrimSpace(line), `"`+from+`/`); found && strings.HasSuffix(path, `"`) {
				t.Errorf("%s still imports %s", name, path)
			}
		}
	}
	for _, where := range []string{".", filepath.Join("testdata", "consumer")} {
		if _, err := output(t.Context(), where, "go", "list", "-deps", "-test", "./..."); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := rename(t.Context(), from, true); err != nil {
		t.Fatal(err)
	}
	for name, text := range goFiles(t) {
		if was, err := format.Source([]byte(before[name])); err != nil || text != before[name] && text != string(was) {
			t.Errorf("%s is not what it was after two renamings: more than imports was changed", name)
		}
	}
}

// TestChangesAreKept: a work tree with changes is left alone unless forced, and so is one of which that cannot be told.
func TestChangesAreKept(t *testing.T) {
	need.Tool(t, "git")
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	write := func(name, text string) {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		if _, err := output(t.Context(), ".", append([]string{"git", "-c", "user.name=test", "-c", "user.email=test@example.org"}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(why string) {
		t.Helper()
		if _, _, err := rename(t.Context(), hosted, false); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("error %v, want %s", err, why)
		}
	}
	write("go.mod", "module old\n\ngo 1.26.0\n")
	refused("unknown")
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "Start")
	write("main.go", "package main\n\nimport _ \"old/a\" // old/a\n")
	refused("has changes")
	if _, files, err := rename(t.Context(), hosted, true); err != nil || files != 1 {
		t.Errorf("forced: %v, %d files", err, files)
	}
	if text, err := os.ReadFile("main.go"); err != nil || string(text) != "package main\n\nimport _ \""+hosted+"/a\" // old/a\n" {
		t.Errorf("%q, %v", text, err)
	}
	git("add", ".")
	git("commit", "-q", "-m", "Renamed")
	if _, _, err := rename(t.Context(), "old", false); err != nil {
		t.Errorf("nothing was changed, and still: %v", err)
	}
}

// copyModule copies what the repository would hold: no hidden folders and nothing that was built.
func copyModule(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && rel != "." && (strings.HasPrefix(d.Name(), ".") || rel == "bin" || rel == "out"):
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// goFiles reads the Go files below the current folder.
func goFiles(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".go" {
			return err
		}
		text, err := os.ReadFile(name)
		files[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
