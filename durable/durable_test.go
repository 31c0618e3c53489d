package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"yinxin/durable"
)

func TestMakeDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b", "c")
	for range 2 {
		if err := durable.MakeDir(dir); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := durable.MakeDir(filepath.Join(file, "below")); err == nil {
		t.Error("a directory below a file was made")
	}
}

// TestReplace: the file has the new bytes or the old ones, and nothing else is left beside it.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, data := range []string{"first", "second and longer", ""} {
		if err := durable.Replace(root, "name", []byte(data)); err != nil {
			t.Fatal(err)
		}
		if got, err := root.ReadFile("name"); err != nil || string(got) != data {
			t.Errorf("%q, %v", got, err)
		}
	}
	if err := root.Mkdir("taken", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := durable.Replace(root, "taken", []byte("x")); err == nil {
		t.Error("a directory was replaced by a file")
	}
	if err := durable.Replace(root, "missing/name", nil); err == nil {
		t.Error("a file was written into a directory that is not there")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("%v is left, %v", left, err)
	}
}
