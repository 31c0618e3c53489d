package verify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"yinxin/document"
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
		"CN=示例根 CA,O=示例,C=CN": "示例根 CA", "O=示例,CN=a\\,b": "a,b", "O=x\\,CN=假,CN=真": "真", "O=x\\,CN=假": "O=x\\,CN=假", "OU=a+CN=b,C=CN": "b", "O=示例": "O=示例", "": "", "CN=": "",
	} {
		if got := commonName(in); got != want {
			t.Errorf("commonName(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestChangeNames: every change a format reports has words in both languages.
func TestChangeNames(t *testing.T) {
	files, err := filepath.Glob("../pdf/*.go")
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile(`"((?:annotation|catalog|certification|docmdp|fieldmdp|field|form|hybrid|id|info|more|object|page|reference|revision|signature|signed|trailer|trailing|uncovered|value|widget)(?:-[a-z]+)+)"`)
	read := 0
	for _, name := range files {
		if !strings.HasPrefix(filepath.Base(name), "changes") && !strings.HasPrefix(filepath.Base(name), "restrict") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllSubmatch(src, -1) {
			read++
			if w := changeNames[string(m[1])]; w.ZH == "" || w.EN == "" {
				t.Errorf("%s has no words", m[1])
			}
		}
	}
	if read < 30 {
		t.Fatalf("only %d codes read", read)
	}
}

func TestDescribeChanges(t *testing.T) {
	got := describeChanges([]document.Change{
		{Level: document.LevelForm, Code: "field-added", Object: "field Seal2"}, {Level: document.LevelForm, Code: "field-signed", Object: "field Seal2"},
		{Level: document.LevelOther, Code: "page-changed", Object: "page 2, entry Contents"}, {Level: document.LevelNone, Code: "object-added", Object: "object 9"},
	}, document.LevelForm)
	if want := (Text{ZH: "签名域 Seal2: 新增、已签名；第 2 页 的 Contents: 页面被改动", EN: "field Seal2: added, signed; page 2, entry Contents: page changed"}); got != want {
		t.Errorf("%+v", got)
	}
}
