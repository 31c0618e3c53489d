package doctype

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of rules into docs/design/verify.md")

// TestRulesPage: the page shows the rules of documents as they are.
func TestRulesPage(t *testing.T) {
	const path, from, to = "../docs/design/verify.md", "TestRulesPage -update writes them -->\n", "<!-- end of doctype -->"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), from)
	_, after, ok2 := strings.Cut(rest, to)
	if !ok || !ok2 {
		t.Fatal("the page has no place for the table")
	}
	var b strings.Builder
	b.WriteString("\n| rule | at worst | 中文 | English |\n|---|---|---|---|\n")
	for _, kind := range Types() {
		for _, r := range Rules(kind) {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", strings.ToUpper(strings.ReplaceAll(r.Code, "-", "_")), r.Level, r.ZH, r.EN)
		}
	}
	b.WriteString("\n")
	want := before + from + b.String() + to + after
	if want == string(page) {
		return
	}
	if !*update {
		t.Fatal("the table in docs/design/verify.md is not that of the rules: go test ./doctype -run TestRulesPage -update")
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
