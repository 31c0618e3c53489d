package verify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"strconv"
	"strings"
	"testing"
)

// TestRulesComplete: every code that a check can find has its rule, every rule is found by some check, and both languages take the same arguments.
func TestRulesComplete(t *testing.T) {
	used := codesInSource(t)
	if len(used) < 30 {
		t.Fatalf("only %d codes read from the source", len(used))
	}
	for c := range used {
		if _, ok := rules[Code(c)]; !ok {
			t.Errorf("%s is found but has no rule", c)
		}
	}
	for c, r := range rules {
		if !used[string(c)] {
			t.Errorf("%s has a rule but nothing finds it", c)
		}
		if strings.Count(r.zh, "%s") != strings.Count(r.en, "%s") || r.zh == "" || r.en == "" {
			t.Errorf("%s: the two sentences take different arguments", c)
		}
		if (r.level == Fail) != (r.verdict != "" && r.sub != "") {
			t.Errorf("%s: level %s with verdict %q and sub %q", c, r.level, r.verdict, r.sub)
		}
		if r.verdict == Passed {
			t.Errorf("%s: a finding never speaks for a signature", c)
		}
	}
}

// codesInSource collects the string literals that name a code: arguments of find and the fields of the two roles.
func codesInSource(t *testing.T) map[string]bool {
	t.Helper()
	files := token.NewFileSet()
	pkgs, err := parser.ParseDir(files, ".", func(i fs.FileInfo) bool {
		return strings.HasPrefix(i.Name(), "check_")
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, p := range pkgs {
		ast.Inspect(p, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && isCode(s) {
					used[s] = true
				}
			}
			return true
		})
	}
	return used
}

func isCode(s string) bool {
	if len(s) < 7 {
		return false
	}
	for _, c := range s {
		if !(c >= 'A' && c <= 'Z' || c == '_') {
			return false
		}
	}
	return true
}

// TestClean: text from a file cannot move a terminal's cursor, reverse what stands around it, or bury the report.
func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"云杉示例": "云杉示例", "a\x1b[2Jb": "a [2Jb", "a\nb": "a b", "a\u202eb": "a b", "a\u200bb": "a b", "\xff": "\ufffd",
		strings.Repeat("长", 300): strings.Repeat("长", maxWord) + "…",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCommonName(t *testing.T) {
	for in, want := range map[string]string{
		"CN=示例根 CA,O=示例,C=CN": "示例根 CA", "O=示例,CN=a\\,b": "a,b", "O=示例": "O=示例", "": "", "CN=": "",
	} {
		if got := commonName(in); got != want {
			t.Errorf("commonName(%q) = %q, want %q", in, got, want)
		}
	}
}
