package verify_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/stamp"
	"yinxin/verify"
)

type sample struct{ file, expected, detail string }

// samples reads the manifest of the PDFs from the field.
func samples(t testing.TB) (dir string, rows []sample) {
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
// judged, each file within the judge's own deadline.
func TestSamples(t *testing.T) {
	dir, rows := samples(t)
	v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Deadline: 2 * time.Second}
	p := testpki.New(t)
	for _, s := range rows {
		t.Run(filepath.Base(s.file), func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, s.file))
			if err != nil {
				t.Fatal(err)
			}
			var r verify.Report
			facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
			if public, _ := fault.PublicOf(err); public.Code == "file-deadline" {
				t.Fatal("the judge's own deadline was hit")
			}
			if err != nil {
				r.Verdict = verify.Unreadable
			} else {
				r = verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
			}
			what := wrong(t, s, r)
			if what == "" && (s.expected == "REFUSE_SIGN" || s.expected == "SIGN_OK") {
				what = stamped(t, p, s, data)
			}
			if what != "" {
				complain(t, s, r, err, what)
			}
		})
	}
}

func complain(t *testing.T, s sample, r verify.Report, err error, what string) {
	t.Helper()
	t.Errorf("%s: %s is %s (%v), %s; origin: %s", what, s.file, r.Verdict, err, s.expected, s.detail)
	for _, sig := range r.Signatures {
		t.Logf("  %s %s %s %s %s changes %s", sig.ID, sig.Profile, sig.Verdict, sig.Integrity, sig.Coverage, sig.Changes.Level)
		for _, f := range sig.Findings {
			t.Logf("    %s: %s (%s)", f.Check, f.Message.EN, f.Detail)
		}
	}
}

// wrong says how a verdict is at odds with the label; nothing where it is not.
func wrong(t *testing.T, s sample, r verify.Report) string {
	t.Helper()
	switch s.expected {
	case "MODIFIED", "MODIFIED_WARN", "BROKEN":
		if r.Verdict == verify.Passed || r.Verdict == verify.Unsigned {
			return "shown as valid, or as never signed"
		}
	case "INTACT", "INTACT_ALLOWED", "REFUSE_SIGN":
		if r.Verdict == verify.Failed || r.Verdict == verify.Unreadable || len(r.Signatures) == 0 {
			return "a good file fails"
		}
	case "SIGN_OK":
		if r.Verdict == verify.Unreadable {
			return "not read"
		}
	case "PARTIAL":
		return partial(t, s, r)
	case "REPORT": // one value in several fields: one signature that names them all
		if len(r.Signatures) != 1 || !strings.Contains(r.Signatures[0].ID, ", ") || r.Verdict == verify.Failed {
			return "the fields that share a value are not reported as one signature"
		}
	case "PARSE_ERROR":
		if r.Verdict != verify.Unreadable {
			return "read"
		}
	case "ERROR":
		if r.Verdict != verify.Unreadable && r.Verdict != verify.Failed {
			return "neither unreadable nor failed"
		}
	case "NO_HANG":
		if r.Verdict == verify.Passed {
			return "passed"
		}
	case "RECOVERABLE":
		if r.Verdict != verify.Unreadable && r.Verdict != verify.Indeterminate {
			return "neither an error nor without conclusion"
		}
	case "NO_SIG": // a signature dictionary without a value fails as malformed; it is never taken for none
		if r.Verdict == verify.Passed || r.Verdict == verify.Failed && !only(r, "SIG_FORMAT", "COVERAGE", "CHANGES_UNREADABLE") {
			return "a verdict without a signature"
		}
	case "ENCRYPTED": // some open with the empty password, and none is signed
		if r.Verdict != verify.Unreadable && r.Verdict != verify.Unsigned {
			return "a verdict without a signature"
		}
	default:
		t.Fatalf("unknown label %q", s.expected)
	}
	return ""
}

// partial compares with the detail of the files that are good in part.
func partial(t *testing.T, s sample, r verify.Report) string {
	t.Helper()
	of := map[verify.Verdict]int{}
	format := 0
	for _, sig := range r.Signatures {
		of[sig.Verdict]++
		if sig.Sub == verify.SubFormat {
			format++
		}
	}
	switch {
	case r.Verdict == verify.Passed:
		return "shown as valid"
	case strings.HasPrefix(s.detail, "signature OK; duplicated doc timestamp"):
		if len(r.Signatures) != 3 || of[verify.Failed] != 1 || r.Signatures[2].Verdict != verify.Failed || of[verify.Passed] != 2 {
			return "not one good signature, one good time stamp and a copy of it"
		}
	case strings.HasPrefix(s.detail, "2 sigs: one valid, one TOTAL_FAILED/FORMAT_FAILURE"):
		if len(r.Signatures) != 2 || of[verify.Failed] != 1 || of[verify.Passed] != 1 || format != 1 {
			return "not one good and one malformed signature"
		}
	default:
		t.Fatalf("unknown detail %q", s.detail)
	}
	return ""
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

// stamped tries to stamp the file: what an earlier signature forbids is refused, and only that.
func stamped(t *testing.T, p *testpki.PKI, s sample, data []byte) string {
	t.Helper()
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	esl := testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, owner.Cert), seal.V4)
	_, err := stamp.Make(context.Background(), testseal.Order(data, esl, owner.Key, p.Now), new(document.Memory))
	switch {
	case s.expected == "SIGN_OK" && err != nil:
		return "not stamped: " + err.Error()
	case s.expected == "REFUSE_SIGN" && fault.KindOf(err) != fault.Denied:
		return fmt.Sprintf("stamped, or not refused as it should be: %v", err)
	}
	return ""
}
