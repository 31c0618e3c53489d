package interop_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/internal/interop"
	"yinxin/internal/need"
)

// fewestOthers is how many files of others with CMS signatures must have been found right, and one broken.
const fewestOthers = 8

// judgeOthers asks the judge for files that other products signed and whose state is known: one that objects to those would prove nothing about ours.
// Two things it reads only as we write them, and so are left out here: BER, and time stamps.
func judgeOthers(t *testing.T, judge *interop.Judge) {
	dir := need.Samples(t, "pdf")
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]string{}
	var files []string
	for line := range strings.Lines(string(manifest)) {
		if f := strings.Split(line, "\t"); len(f) > 3 && (f[3] == "INTACT" || f[3] == "BROKEN") {
			state[filepath.Base(f[0])] = f[3]
			files = append(files, filepath.Join(dir, filepath.FromSlash(f[0])))
		}
	}
	if len(files) == 0 {
		t.Fatal("no file of the manifest is intact or broken")
	}
	right, wrong := map[string]bool{}, map[string]bool{}
	for _, f := range judge.Ask(t, files...) {
		switch {
		case f.Check == "value" && f.OK:
			right[f.File] = true
		case f.Check == "value" && state[f.File] == "INTACT":
			t.Errorf("%s: the judge objects to %s: %s", f.File, f.Object, f.Detail)
		case !f.OK && state[f.File] == "BROKEN":
			wrong[f.File] = true
		}
	}
	for name, s := range state {
		if s == "BROKEN" && !wrong[name] {
			t.Errorf("%s is broken, but not for the judge", name)
		}
	}
	if len(right) < fewestOthers || len(wrong) == 0 {
		t.Errorf("the judge found %d files right and %d wrong", len(right), len(wrong))
	}
}
