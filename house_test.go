package yinxin_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The sizes that CONTRIBUTING.md asks for.
const (
	maxFileLines     = 400
	maxFunctionLines = 60
	maxMethods       = 6
)

func TestSizes(t *testing.T) {
	read := 0
	walk(t, func(name string) {
		if !strings.HasSuffix(name, ".go") {
			return
		}
		text, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			t.Error(err)
			return
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		read++
		if ast.IsGenerated(file) {
			return
		}
		if n := bytes.Count(text, []byte("\n")); n > maxFileLines {
			t.Errorf("%s has %d lines, at most %d: split it by idea", name, n, maxFileLines)
		}
		checkDeclarations(t, set, file)
	})
	if read < fewestFiles {
		t.Errorf("read %d Go files, expected at least %d: is this the module's root?", read, fewestFiles)
	}
}

// checkDeclarations holds one file's functions and interfaces to their sizes, and keeps init out: what a package does is what it is told to do.
func checkDeclarations(t *testing.T, set *token.FileSet, file *ast.File) {
	t.Helper()
	ast.Inspect(file, func(n ast.Node) bool {
		switch d := n.(type) {
		case *ast.FuncDecl:
			at := set.Position(d.Pos())
			if lines := set.Position(d.End()).Line - at.Line + 1; lines > maxFunctionLines {
				t.Errorf("%s: function %s has %d lines, at most %d", at, d.Name.Name, lines, maxFunctionLines)
			}
			if d.Recv == nil && d.Name.Name == "init" {
				t.Errorf("%s: no init functions", at)
			}
		case *ast.InterfaceType:
			if n := d.Methods.NumFields(); n > maxMethods {
				t.Errorf("%s: interface of %d methods, at most %d", set.Position(d.Pos()), n, maxMethods)
			}
		}
		return true
	})
}

// Names of folders that exist on one machine only, and of hosts that a build must not depend on.
var foreign = []*regexp.Regexp{
	regexp.MustCompile(`(^|[^A-Za-z0-9_.\-/])/(work|farm|root|home|Users)/[A-Za-z0-9_.\-]`),
	regexp.MustCompile(`(proxy|sum)\.golang\.[o]rg|registry\.npmjs\.[o]rg`),
}

// maxTextFile bounds what is searched; larger files are fonts and pictures.
const maxTextFile = 1 << 20

func TestNoMachinePaths(t *testing.T) {
	read := 0
	walk(t, func(name string) {
		if info, err := os.Stat(filepath.FromSlash(name)); err != nil || info.Size() > maxTextFile || path.Base(name) == "house_test.go" || name == ".git" { // a file in a work tree beside the first
			return
		}
		text, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			t.Error(err)
			return
		}
		if bytes.IndexByte(text, 0) >= 0 {
			return
		}
		read++
		for n, line := range strings.Split(string(text), "\n") {
			for _, f := range foreign {
				if found := f.FindString(line); found != "" {
					t.Errorf("%s:%d names a path or host of one machine: %s", name, n+1, found)
				}
			}
		}
	})
	if read < fewestFiles {
		t.Errorf("read %d files, expected at least %d: is this the module's root?", read, fewestFiles)
	}
}
