package verify_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/pdf"
	"yinxin/trust"
	"yinxin/verify"
)

// TestLTVSamples judges the samples that carry time stamps or evidence in full, when the last time stamp was made, as somebody does who trusts the roots
// that they carry. Intact ones have time stamps that hold and do not fail for what they are; one that has all it needs passes, and not ten years later, when
// nobody renewed it; what was changed never passes.
func TestLTVSamples(t *testing.T) {
	dir, rows := samples(t)
	intact, passed := 0, 0
	for _, s := range rows {
		if !strings.HasPrefix(s.expected, "INTACT") && s.expected != "MODIFIED" && s.expected != "BROKEN" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, s.file))
		if err != nil {
			t.Fatal(err)
		}
		v := verify.Verifier{Formats: []document.Format{pdf.Format{}}}
		bare, err := v.Gather(t.Context(), bytes.NewReader(data), int64(len(data)))
		last := lastToken(bare)
		if err != nil || last.IsZero() {
			continue
		}
		v.Trust = rootsIn(t, data, bare)
		facts, err := v.Gather(t.Context(), bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		r := verify.Judge(facts, verify.Policy{}, last.Add(time.Minute))
		if s.expected == "MODIFIED" || s.expected == "BROKEN" {
			if r.Verdict == verify.Passed {
				complain(t, s, r, nil, "passes")
			}
			continue
		}
		intact++
		if !tokensHold(facts) {
			complain(t, s, r, nil, "a time stamp does not hold")
		}
		if r.Verdict == verify.Passed {
			passed++
			if later := verify.Judge(facts, verify.Policy{}, last.AddDate(10, 0, 0)); later.Verdict != verify.Indeterminate {
				complain(t, s, later, nil, "judged as proven ten years later")
			}
		}
	}
	if intact < 5 || passed == 0 {
		t.Errorf("%d intact files with time stamps, %d pass", intact, passed)
	}
}

// lastToken is the latest time that a time stamp of the file states.
func lastToken(f verify.Facts) (last time.Time) {
	for _, s := range f.Signatures {
		for _, token := range s.Tokens {
			if token.Time.After(last) {
				last = token.Time
			}
		}
	}
	return last
}

func tokensHold(f verify.Facts) bool {
	for _, s := range f.Signatures {
		for _, token := range s.Tokens {
			if !token.Imprint || !token.Value || len(token.Failures) > 0 {
				return false
			}
		}
		if s.FormatErr != "" || !s.Value.DigestOK || !s.Value.ValueOK {
			return false
		}
	}
	return true
}

// rootsIn trusts the self-signed certificates that a file carries, for everybody.
func rootsIn(t *testing.T, file []byte, f verify.Facts) *trust.Set {
	t.Helper()
	doc, err := pdf.Format{}.Open(t.Context(), bytes.NewReader(file), int64(len(file)), document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := doc.(document.Evidencer).Evidence()
	if err != nil {
		t.Fatal(err)
	}
	pool := e.Certificates
	take := func(c *verify.CertFacts) {
		if c == nil {
			return
		}
		for _, l := range c.Chain.Links {
			pool = append(pool, l.Raw)
		}
	}
	for _, s := range f.Signatures {
		take(s.Signer)
		for _, token := range s.Tokens {
			take(token.Authority)
		}
	}
	var anchors []trust.Anchor
	for _, der := range pool {
		if c, err := gm.ParseCertificate(der); err == nil && bytes.Equal(c.RawSubject, c.RawIssuer) {
			anchors = append(anchors, trust.Anchor{Certificate: c, Use: trust.UseCA}, trust.Anchor{Certificate: c, Use: trust.UseTSA})
		}
	}
	set, err := trust.NewSet(anchors, trust.Evidence{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}
