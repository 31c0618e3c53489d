// Package need lets a test say what it needs from the machine: a program, the sample files. Where it is missing the test is skipped and says so by
// name; with YINXIN_REQUIRE naming it (or "all", from which "-NAME" takes one away) the test fails instead. Skips are appended to the file
// YINXIN_SKIPLOG names, so that a run can list at its end what it did not test.
package need

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Tool returns the path of a program found on PATH.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, name, "the program "+name+" is not installed")
	}
	return path
}

// File returns path if it exists; name is what YINXIN_REQUIRE calls it.
func File(t testing.TB, name, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		missing(t, name, path+" is not there")
	}
	return path
}

// Samples returns the folder below YINXIN_SAMPLES. Tests that read it must fail when they read nothing.
func Samples(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("YINXIN_SAMPLES")
	if root == "" {
		missing(t, "samples", "YINXIN_SAMPLES is not set")
	}
	dir := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("YINXIN_SAMPLES is set but %s cannot be read: %v", filepath.Join(elem...), err)
	}
	return dir
}

func missing(t testing.TB, name, why string) {
	t.Helper()
	required := strings.Split(os.Getenv("YINXIN_REQUIRE"), ",")
	if slices.Contains(required, name) || slices.Contains(required, "all") && !slices.Contains(required, "-"+name) {
		t.Fatalf("needs %s: %s (YINXIN_REQUIRE forbids skipping)", name, why)
	}
	record(t, name, why)
	t.Skipf("needs %s: %s", name, why)
}

func record(t testing.TB, name, why string) {
	path := os.Getenv("YINXIN_SKIPLOG")
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatalf("skip log: %v", err)
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%s skipped, needs %s: %s\n", t.Name(), name, why); err != nil {
		t.Fatalf("skip log: %v", err)
	}
}
