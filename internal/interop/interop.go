// Package interop asks a judge that shares no code with this project what it thinks of our files: the Java program in testdata/interop, which reads
// ASN.1 and checks signatures with BouncyCastle and reads PDFs with PDFBox.
//
// It needs java, javac and the jars of Debian's libbcpkix-java and libpdfbox2-java; tests that use it are skipped without them (internal/need).
package interop

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/internal/need"
)

// Finding is one line of the judge's report.
type Finding struct {
	File   string // base name
	Check  string // e.g. value, digest, seal-maker
	Object string // what in the file: a signature field, a seal, a certificate's subject
	OK     bool
	Detail string // what was found, or what is wrong
}

// jars are what the judge is built on, with what they need in turn.
func jars() []string {
	return []string{"bcprov.jar", "bcpkix.jar", "bcutil.jar", "pdfbox2.jar", "fontbox2.jar", "commons-logging.jar"}
}

// jarDir is where Debian keeps jars.
const jarDir = "/usr/share/java"

// quick makes a short run of a JVM short: no second compiler, one collector thread.
func quick() []string { return []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"} }

// Judge is the compiled program.
type Judge struct {
	java, classPath string
}

// New compiles the judge for the test t.
func New(t testing.TB) *Judge {
	t.Helper()
	javac := need.Tool(t, "javac")
	j := &Judge{java: need.Tool(t, "java")}
	path := []string{t.TempDir()}
	for _, name := range jars() {
		path = append(path, need.File(t, name, filepath.Join(jarDir, name)))
	}
	j.classPath = strings.Join(path, string(filepath.ListSeparator))
	sources, err := filepath.Glob(filepath.Join(root(t), "testdata", "interop", "*.java"))
	if err != nil || len(sources) == 0 {
		t.Fatalf("interop: no sources of the judge in testdata/interop: %v", err)
	}
	var args []string
	for _, a := range quick() {
		args = append(args, "-J"+a)
	}
	args = append(args, "-proc:none", "-Xlint:all,-path", "-Werror", "-encoding", "UTF-8", "-d", path[0], "-cp", j.classPath)
	if out, err := exec.CommandContext(t.Context(), javac, append(args, sources...)...).CombinedOutput(); err != nil {
		t.Fatalf("interop: compile the judge: %v\n%s", err, out)
	}
	return j
}

// Ask has all files judged in one run and returns the findings in the judge's order. What a file is, its name tells: .esl, .pdf, .ofd, .crt or .crl.
// Certificates among the files are the issuers known. A file without a finding, and a judge whose exit code is at odds with its report, end the test.
func (j *Judge) Ask(t testing.TB, files ...string) []Finding {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), j.java, append(append(quick(), "-cp", j.classPath, "Judge"), files...)...)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 1) {
		t.Fatalf("interop: run the judge: %v\n%s", err, &log)
	}
	findings, failed := parse(t, out.String())
	if failed != (err != nil) {
		t.Fatalf("interop: failures reported: %v, but exit code: %v\n%s", failed, err, &log)
	}
	judged := map[string]bool{}
	for _, f := range findings {
		judged[f.File] = true
	}
	for _, name := range files {
		if !judged[filepath.Base(name)] {
			t.Fatalf("interop: nothing was said of %s\n%s", filepath.Base(name), &log)
		}
	}
	return findings
}

// Agrees asks and fails the test for everything the judge objects to.
func (j *Judge) Agrees(t testing.TB, files ...string) []Finding {
	t.Helper()
	findings := j.Ask(t, files...)
	for _, f := range findings {
		if !f.OK {
			t.Errorf("the judge objects to %s: %s %s: %s", f.File, f.Check, f.Object, f.Detail)
		}
	}
	return findings
}

func parse(t testing.TB, report string) (findings []Finding, failed bool) {
	t.Helper()
	for line := range strings.Lines(report) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 5 || f[3] != "ok" && f[3] != "fail" {
			t.Fatalf("interop: the judge wrote %q", line)
		}
		findings = append(findings, Finding{File: filepath.Base(f[0]), Check: f[1], Object: f[2], OK: f[3] == "ok", Detail: f[4]})
		failed = failed || f[3] == "fail"
	}
	return findings, failed
}

// root finds the module's folder from the folder of the package under test.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("interop: this is not inside the module")
		}
		dir = parent
	}
}
