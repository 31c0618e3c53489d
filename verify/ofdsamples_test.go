package verify_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/internal/need"
	"yinxin/ofd"
	"yinxin/pdf"
	"yinxin/verify"
)

// bothFormats are what the command judges, in its order.
func bothFormats() []document.Format { return []document.Format{pdf.Format{}, ofd.Format{}} }

// judgeOFD judges all but trust, as of a day.
func judgeOFD(t *testing.T, data []byte, at time.Time) verify.Report {
	t.Helper()
	v := verify.Verifier{Formats: bothFormats()}
	facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, at)
}

// telling is the finding that makes a sample what its label says. Of the two signatures in one file the first leaves out OFD.xml, which could be pointed at
// another document in the package, and the list of annotations. By itself it would fail; the second, of the same signer, protects every file.
var telling = map[string]verify.Code{
	"two-seals-pages-edited.ofd":                 "FILE_DIGEST",
	"seal-and-sign-raw-rs-edited.ofd":            "FILE_DIGEST",
	"v1-2014-selfsigned-hmac-digest.ofd":         "FILE_DIGEST_INSECURE",
	"two-gbt35275-signatures-unsorted-attrs.ofd": "FILE_PROTECTED_LATER",
}

// TestOFDSamples holds the judge against the labels of the OFDs from the field, which speak of cryptography, digests and coverage, not of trust.
func TestOFDSamples(t *testing.T) {
	dir := need.Samples(t, "ofd")
	f, err := os.Open(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 11 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	want := map[string]verify.Verdict{"OK": verify.Passed, "FAIL": verify.Failed, "UNSIGNED": verify.Unsigned}
	for _, row := range rows[1:] {
		data, err := os.ReadFile(filepath.Join(dir, row[0]))
		if err != nil {
			t.Fatal(err)
		}
		r := judgeOFD(t, data, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC))
		if r.Verdict != want[row[2]] || strconv.Itoa(len(r.Signatures)) != row[1] || r.Format != "OFD" {
			t.Errorf("%s is %s with %d signatures, its label says %s with %s: %s", row[0], r.Verdict, len(r.Signatures), row[2], row[1], row[3])
		}
		if code := telling[row[0]]; code != "" && !slices.ContainsFunc(r.Signatures, func(s verify.SignatureReport) bool { return finding(s, code) }) {
			t.Errorf("%s: %s is not found: %+v", row[0], code, r.Signatures)
		}
	}
}
