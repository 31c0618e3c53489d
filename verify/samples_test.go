package verify_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/internal/need"
	"yinxin/pdf"
	"yinxin/verify"
)

type sample struct{ file, expected, detail string }

// samples reads the manifest of the PDFs from the field.
func samples(t *testing.T) (dir string, rows []sample) {
	t.Helper()
	dir = need.Samples(t, "pdf")
	f, err := os.Open(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines[1:] {
		rows = append(rows, sample{l[0], l[3], l[4]})
	}
	if len(rows) < 50 {
		t.Fatalf("the manifest has only %d rows", len(rows))
	}
	return dir, rows
}

// TestSamples holds the judge against verdicts that are not ours. The labels speak of cryptography, coverage and changes, not of trust, so only those are
// judged. What is modified or broken never passes; what is intact is INTACT; a later revision that did more than sign may fail until changes are
// analysed in full, but its integrity is still told right.
func TestSamples(t *testing.T) {
	dir, rows := samples(t)
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}}
	for _, s := range rows {
		t.Run(filepath.Base(s.file), func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, s.file))
			if err != nil {
				t.Fatal(err)
			}
			var r verify.Report
			facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
			if err != nil {
				r.Verdict = verify.Unreadable
			} else {
				r = verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
			}
			checkSample(t, s, r, err)
		})
	}
}

// tolerated are files that another validator gives up on and this one judges.
var tolerated = map[string]string{
	"ph-diff_analysis_circular_structure_tree.pdf": "the loop in the structure tree lies in the signed revision, and the later revision changes nothing",
}

// only reports whether every failure is one of the codes.
func only(r verify.Report, codes ...verify.Code) bool {
	for _, s := range r.Signatures {
		for _, f := range s.Findings {
			if f.Verdict == verify.Failed && !slices.Contains(codes, f.Check) {
				return false
			}
		}
	}
	return true
}

func checkSample(t *testing.T, s sample, r verify.Report, err error) {
	t.Helper()
	bad := func(what string) {
		t.Errorf("%s: %s is %s (%v), %s; origin: %s", what, s.file, r.Verdict, err, s.expected, s.detail)
		for _, sig := range r.Signatures {
			t.Logf("  %s %s %s %s %s changes %s", sig.ID, sig.Profile, sig.Verdict, sig.Integrity, sig.Coverage, sig.Changes.Level)
			for _, f := range sig.Findings {
				t.Logf("    %s: %s", f.Check, f.Message.EN)
			}
		}
	}
	switch s.expected {
	case "SIGN_OK":
		if r.Verdict == verify.Unreadable {
			bad("not read")
		}
	case "INTACT", "INTACT_ALLOWED", "REFUSE_SIGN":
		if err != nil || len(r.Signatures) == 0 {
			bad("not read")
			return
		}
		for _, sig := range r.Signatures {
			if sig.Integrity == verify.Broken {
				bad("an intact signature called broken")
			}
		}
		if r.Verdict == verify.Failed && !only(r, "CHANGED") {
			bad("a good file fails")
		}
	case "REPORT": // one value in several fields
		if len(r.Signatures) != 2 && !strings.Contains(r.Signatures[0].ID, ", ") {
			bad("the fields that share a value are not all named")
		}
	case "ERROR":
		if why, known := tolerated[filepath.Base(s.file)]; known {
			t.Logf("%s: %s", r.Verdict, why)
			return
		}
		fallthrough
	case "MODIFIED", "MODIFIED_WARN", "BROKEN", "PARTIAL":
		if r.Verdict == verify.Passed || r.Verdict == verify.Unsigned {
			bad("shown as valid, or as never signed")
		}
	case "NO_SIG":
		if r.Verdict == verify.Passed || r.Verdict == verify.Failed && !only(r, "SIG_FORMAT", "COVERAGE", "CHANGES_UNREADABLE") {
			bad("a verdict without a signature") // a signature dictionary without a value fails as malformed; it is never taken for none
		}
	case "ENCRYPTED", "PARSE_ERROR":
		if r.Verdict == verify.Passed {
			bad("read and passed")
		}
	case "RECOVERABLE", "NO_HANG":
	default:
		t.Fatalf("unknown label %q", s.expected)
	}
}
