package verify_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"yinxin/gm"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/trust"
	"yinxin/verify"
)

// factsOf is what a verifier finds in a file, to be compared: facts, or why there are none.
func factsOf(t *testing.T, v verify.Verifier, data []byte) (verify.Facts, string) {
	t.Helper()
	facts, err := v.Gather(t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return facts, err.Error()
	}
	text, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	return facts, string(text)
}

// TestProvenJudgesAnew: a memory that met the file when all was well keeps nothing that has changed since: revocation, moment, trust, and every byte count
// as they are now.
func TestProvenJudgesAnew(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	file := testseal.Sealed(t, p, owner)
	soon, proven := p.Now.Add(time.Hour), gm.NewProven(64)
	stranger := testpki.New(t)
	edited := func(dir fstest.MapFS, name string) fstest.MapFS {
		data := bytes.Clone(dir[name].Data)
		data[len(data)-1] ^= 1 // of the signature
		dir[name] = &fstest.MapFile{Data: data}
		return dir
	}
	changed := func(part []byte) []byte {
		at := bytes.Index(file, part)
		if at < 0 {
			t.Fatalf("%.20q is not in the file", part)
		}
		out := bytes.Clone(file)
		out[at] ^= 3
		return out
	}
	for _, c := range []struct {
		name string
		data []byte
		dir  fstest.MapFS
		at   time.Time
		want verify.Verdict
		code verify.Code
	}{
		{"met first", file, p.Directory(), soon, verify.Passed, ""},
		{"met again", file, p.Directory(), soon, verify.Passed, ""},
		{"revoked since", file, p.Directory(testpki.Revocation{Cert: owner.Cert, At: p.Now.AddDate(0, 0, -1)}), soon, verify.Failed, "REVOKED_BEFORE_SIGNING"},
		{"its maker revoked since", file, p.Directory(testpki.Revocation{Cert: p.Maker.Cert, At: p.Maker.Cert.NotBefore}), soon, verify.Failed, "MAKER_REVOKED"},
		{"the list is stale by now", file, p.Directory(), p.Now.AddDate(0, 2, 0), verify.Indeterminate, "REVOCATION_UNKNOWN"},
		{"the list is forged", file, edited(p.Directory(), "crl/root.crl"), soon, verify.Indeterminate, "REVOCATION_UNKNOWN"},
		{"others are trusted", file, stranger.Directory(), soon, verify.Indeterminate, "SIGNER_UNKNOWN"},
		{"nobody is trusted", file, nil, soon, verify.Indeterminate, "SIGNER_UNKNOWN"},
		{"the document edited", changed([]byte("/MediaBox")), p.Directory(), soon, verify.Failed, ""},
		{"met once more", file, p.Directory(), soon, verify.Passed, ""},
	} {
		cold := verify.Verifier{Formats: bothFormats()}
		if c.dir != nil {
			set, err := trust.Load(c.dir)
			if err != nil {
				t.Fatal(err)
			}
			cold.Trust = set
		}
		warm := cold
		warm.Proven = proven
		_, want := factsOf(t, cold, c.data)
		facts, got := factsOf(t, warm, c.data)
		if got != want {
			t.Errorf("%s: with a memory the facts are\n%s\nwithout\n%s", c.name, got, want)
		}
		if r := verify.Judge(facts, verify.Policy{}, c.at); r.Verdict != c.want || c.code != "" && !found(r, c.code) {
			t.Errorf("%s: %s %+v", c.name, r.Verdict, r.Signatures)
		}
	}
}

// TestProvenSamples: files of the field, met one after the other and then all again, are to a memory what they are without one; to a small one too, which
// forgets meanwhile.
func TestProvenSamples(t *testing.T) {
	set, err := trust.Load(testpki.New(t).Directory())
	if err != nil {
		t.Fatal(err)
	}
	cold := verify.Verifier{Formats: bothFormats(), Trust: set, Deadline: -1}
	large, small := cold, cold
	large.Proven, small.Proven = gm.NewProven(1<<12), gm.NewProven(6)
	var files [][]byte
	for _, kind := range []string{"pdf", "ofd"} {
		dir := need.Samples(t, kind)
		for _, pattern := range []string{"*." + kind, "*/*." + kind} {
			names, err := filepath.Glob(filepath.Join(dir, pattern))
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				data, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				files = append(files, data)
			}
		}
	}
	if len(files) < 60 {
		t.Fatalf("only %d samples", len(files))
	}
	for range 2 {
		for i, data := range files {
			_, want := factsOf(t, cold, data)
			for _, v := range []verify.Verifier{large, small} {
				if _, got := factsOf(t, v, data); got != want {
					t.Errorf("sample %d: with a memory\n%.2000s\nwithout\n%.2000s", i, got, want)
				}
			}
		}
	}
}
