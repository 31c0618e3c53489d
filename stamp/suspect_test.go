package stamp

import (
	"errors"
	"os"
	"regexp"
	"testing"

	"yinxin/document"
)

// suspect is a document with suspicions.
type suspect struct {
	document.Document
	found []document.Suspicion
	err   error
}

func (s suspect) Suspicions() ([]document.Suspicion, error) { return s.found, s.err }

// TestSuspicionWords: every suspicion that a PDF can raise has words in both languages.
func TestSuspicionWords(t *testing.T) {
	source, err := os.ReadFile("../pdf/shadow.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`Suspicion\{Code: "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 6 {
		t.Fatalf("only %d codes read", len(codes))
	}
	for _, c := range codes {
		if w := wordsOf(c[1]); w.ZH == "" || w.EN == "" {
			t.Errorf("%s has no words", c[1])
		}
	}
}

// TestSuspicions: each kind is said once, only where it is asked for, and a search that fails is an error.
func TestSuspicions(t *testing.T) {
	doc := suspect{found: []document.Suspicion{{Code: "layer-off", Object: "a"}, {Code: "object-hidden", Object: "object 7"}, {Code: "layer-off", Object: "b"}}}
	w := work{Order: &Order{Suspect: true}, doc: doc}
	if out, err := w.suspicions(); err != nil || len(out) != 2 || out[0].Code != "suspicion-layer-off" {
		t.Errorf("%v, %v", out, err)
	}
	w.Suspect = false
	if out, err := w.suspicions(); err != nil || len(out) != 0 {
		t.Errorf("not asked for: %v, %v", out, err)
	}
	w.Suspect, w.doc = true, suspect{err: errors.New("unreadable")}
	if _, err := w.suspicions(); err == nil {
		t.Error("a search that failed was passed over")
	}
}
