package main

import (
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestHelpInBothLanguages: whatever a command's help says is said in Chinese first and then in English.
func TestHelpInBothLanguages(t *testing.T) {
	a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard, lang: "en"}
	commands, options := 0, 0
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		commands++
		if zh, en, ok := strings.Cut(c.Short, " / "); !ok || !han(zh) || !english(en) {
			t.Errorf("%s: the short text is %q", c.CommandPath(), c.Short)
		}
		if c.Long != "" {
			first, _, _ := strings.Cut(c.Long, "\n\n")
			if !han(first) || !hasEnglishParagraph(c.Long) {
				t.Errorf("%s: the help lacks a language:\n%s", c.CommandPath(), c.Long)
			}
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			options++
			if f.Usage == "JSON" { // the same in both
				return
			}
			if zh, en, ok := strings.Cut(f.Usage, " / "); !ok || !han(zh) || !english(en) {
				t.Errorf("%s --%s: the option's text is %q", c.CommandPath(), f.Name, f.Usage)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(a.root())
	if commands < 30 || options < 100 {
		t.Errorf("only %d commands with %d options were seen", commands, options)
	}
}

func han(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

func english(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
}

// hasEnglishParagraph wants one that is words and hardly any Chinese: 样章 may be named in it.
func hasEnglishParagraph(long string) bool {
	for p := range strings.SplitSeq(long, "\n\n") {
		chinese := 0
		for _, r := range p {
			if unicode.Is(unicode.Han, r) {
				chinese++
			}
		}
		if len(strings.Fields(p)) > 8 && chinese*20 < len([]rune(p)) {
			return true
		}
	}
	return false
}
