package verify

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the table of findings into docs/design/verify.md")

// TestFindingsPage: the page shows the table as it is.
func TestFindingsPage(t *testing.T) {
	const path, from, to = "../docs/design/verify.md", "-update -->\n", "<!-- end -->"
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
	b.WriteString("\n| code | asks | level | verdict | sub-indication | 中文 | English |\n|---|---|---|---|---|---|---|\n")
	for _, c := range slices.Sorted(maps.Keys(rules)) {
		r := rules[c]
		verdict := string(r.verdict)
		if lenient[c] {
			verdict += " (integrity only: warning)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", c, [...]string{"integrity", "certificate", "identity", "revocation"}[r.about], r.level, verdict, r.sub,
			strings.ReplaceAll(r.what.ZH, "%s", "…"), strings.ReplaceAll(r.what.EN, "%s", "…"))
	}
	b.WriteString("\n")
	want := before + from + b.String() + to + after
	if want == string(page) {
		return
	}
	if !*update {
		t.Fatal("the table in docs/design/verify.md is not the one in rules.go: go test ./verify -run TestFindingsPage -update")
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
