package verify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"regexp"
	"slices"
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
		if strings.Count(r.what.ZH, "%s") != strings.Count(r.what.EN, "%s") {
			t.Errorf("%s: the two sentences take different arguments", c)
		}
		holdWords(t, c, r)
		if (r.level == Fail) != (r.verdict != "" && r.sub != "") {
			t.Errorf("%s: level %s with verdict %q and sub %q", c, r.level, r.verdict, r.sub)
		}
		if r.verdict == Passed {
			t.Errorf("%s: a finding never speaks for a signature", c)
		}
	}
}

// fixedNames are what a Chinese sentence may write in Latin letters: names of algorithms and formats, and what is typed.
var fixedNames = []string{"PDF", "OFD", "SM2", "SHA-256", "SHA-1", "RSA", "yinxin", "trust", "add", "--dir", "--use", "ca", "maker", "tsa", "crl"}

var latin = regexp.MustCompile(`[A-Za-z-][A-Za-z0-9-]*`)

// holdWords: both languages say something, in whole sentences, the Chinese without foreign words, and what fails says what to do next.
func holdWords(t *testing.T, c Code, r rule) {
	t.Helper()
	holdText(t, c, r.what)
	if r.next != (Text{}) {
		holdText(t, c, r.next)
	} else if r.level == Fail {
		t.Errorf("%s fails and does not say what to do", c)
	}
}

func holdText(t *testing.T, c Code, x Text) {
	t.Helper()
	if !strings.HasSuffix(x.ZH, "。") || !strings.HasSuffix(x.EN, ".") || !strings.ContainsFunc(x.ZH, chinese) || strings.ContainsFunc(x.EN, chinese) {
		t.Errorf("%s: no sentence: %+v", c, x)
	}
	for _, w := range latin.FindAllString(strings.ReplaceAll(x.ZH, "%s", ""), -1) {
		if !slices.Contains(fixedNames, w) {
			t.Errorf("%s: %q in a Chinese sentence: %s", c, w, x.ZH)
		}
	}
}

func chinese(r rune) bool { return r >= 0x4e00 && r < 0xa000 }

// holdSaid is holdText for a finding, whose names and times may be anything.
func holdSaid(t *testing.T, f Finding) {
	t.Helper()
	said := Text{f.Message.ZH, f.Message.EN}
	for _, name := range []string{"云杉示例科技有限公司", "示例制章者", "示例应答者", "示例根", "示例时间戳服务", "甲"} {
		said.EN = strings.ReplaceAll(said.EN, name, "X")
	}
	said.ZH = instant.ReplaceAllString(said.ZH, "")
	holdText(t, f.Check, said)
	if strings.Contains(said.ZH+said.EN, "%!") {
		t.Errorf("%s: arguments are missing: %+v", f.Check, said)
	}
}

var instant = regexp.MustCompile(`\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d \+08:00)?`)

// TestSubIndications: a sub-indication goes with the indication that EN 319 102-1 gives it, but where this judge is stricter.
func TestSubIndications(t *testing.T) {
	failed := []Sub{SubFormat, SubHash, SubCrypto, SubRevoked, SubExpired}
	stricter := []Sub{SubConstraints, SubChain, SubChainRules, SubNoCertificate} // INDETERMINATE there; a seal whose own rules are broken fails here
	for c, r := range rules {
		switch {
		case r.level != Fail:
		case r.verdict == Indeterminate && slices.Contains(failed, r.sub):
			t.Errorf("%s is %s with %s", c, r.verdict, r.sub)
		case r.verdict == Failed && !slices.Contains(failed, r.sub) && !slices.Contains(stricter, r.sub):
			t.Errorf("%s is %s with %s", c, r.verdict, r.sub)
		}
	}
	for c := range lenient {
		if r, ok := rules[c]; !ok || r.verdict != Indeterminate {
			t.Errorf("%s is lowered to a warning and is %s", c, r.verdict)
		}
	}
}

// codesInSource collects the string literals that name a code: arguments of find and the fields of the two roles.
func codesInSource(t *testing.T) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	for lit := range literals(t, ".", func(name string) bool { return strings.HasPrefix(name, "check_") }) {
		if isCode(lit) {
			used[lit] = true
		}
	}
	return used
}

// literals collects the string literals of the files of dir that pick picks, tests apart.
func literals(t *testing.T, dir string, pick func(name string) bool) map[string]bool {
	t.Helper()
	pkgs, err := parser.ParseDir(token.NewFileSet(), dir, func(i fs.FileInfo) bool {
		return pick(i.Name()) && !strings.HasSuffix(i.Name(), "_test.go")
	}, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, p := range pkgs {
		ast.Inspect(p, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					out[s] = true
				}
			}
			return true
		})
	}
	return out
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

var changeCode = regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`)

// suspicions are codes of the same form that stand beside those of changes.
var suspicions = []string{"part-missing", "name-case", "stamp-page", "zip-prefix", "zip-gap"}

// TestChangeNames: every change a format reports has words in both languages, and no words are left over.
func TestChangeNames(t *testing.T) {
	used := map[string]bool{}
	for dir, files := range map[string][]string{"../pdf": {"changes", "restrict"}, "../ofd": {"changes"}, "../document": {"references"}} {
		for lit := range literals(t, dir, func(name string) bool {
			return slices.ContainsFunc(files, func(f string) bool { return strings.HasPrefix(name, f) })
		}) {
			if !changeCode.MatchString(lit) || strings.HasPrefix(lit, "pdf-") || slices.Contains(suspicions, lit) {
				continue
			}
			used[lit] = true
			if w := changeNames[lit]; w.ZH == "" || w.EN == "" {
				t.Errorf("%s has no words", lit)
			}
		}
	}
	if len(used) < 30 {
		t.Fatalf("only %d codes read", len(used))
	}
	for c := range changeNames {
		if !used[c] {
			t.Errorf("%s has words and is never reported", c)
		}
	}
}

func TestDescribeChanges(t *testing.T) {
	got := DescribeChanges([]document.Change{
		{Level: document.LevelForm, Code: "field-added", Object: "field 章2"}, {Level: document.LevelForm, Code: "field-signed", Object: "field 章2"},
		{Level: document.LevelOther, Code: "page-changed", Object: "page 2, entry Contents"}, {Level: document.LevelOther, Code: "object-added", Object: "object 9"},
	})
	if want := (Text{ZH: "表单域“章2”：新增、已签名；第 2 页：被改动；内部对象 9：新增",
		EN: "field 章2: added, signed; page 2: changed; object 9: added"}); got != want {
		t.Errorf("%+v", got)
	}
}
