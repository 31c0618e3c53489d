package pdf

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"slices"
	"strings"
	"testing"

	"yinxin/document"
)

// fuzzLimits keep one input cheap.
var fuzzLimits = document.Limits{Bytes: 1 << 20, Objects: 10_000, Stream: 1 << 20, Depth: 32, Signatures: 20, Pages: 200}

// FuzzOpen asks a file everything. Nothing panics; a value comes back only with ranges that fit the file; and what covers the file has no changes.
func FuzzOpen(f *testing.F) {
	for name, c := range hostile() {
		if len(c.file) < 64<<10 {
			f.Add([]byte(c.file))
		} else {
			f.Logf("%s is too large for a seed", name)
		}
	}
	base := signedBase(f)
	f.Add(base)
	f.Add(revised(f, base, "", object{numContents, "<</Length 12>>\nstream\n0 0 9 8 re f\nendstream"}))
	f.Add(revised(f, base, "", object{numEmpty, "<</FT/Sig/T(Empty)/V 40 0 R>>"}, object{40, value}, object{numAnnots, ""}))
	f.Add(sealed(f, base, sealRequest(f)))
	f.Add(signedRaw(sigDict("")))
	f.Add(manyUpdates())
	f.Add(handLocked(handDict, handTrailer))
	f.Add(handLocked(strings.Replace(handDict, "/P -1084", "/P -4", 1), handTrailer, "<</Length 16/Filter/Crypt>>\nstream\n0123456789abcdef\nendstream"))
	f.Add(packed([]object{{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>"}, {2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
		{3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>"}, {4, "<</FT/Sig/T(S)/V 5 0 R>>"}, {5, sigDict("") + "% stream"}}, "/Root 1 0 R"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := open(t.Context(), bytes.NewReader(b), int64(len(b)), document.Options{Limits: fuzzLimits})
		if err != nil {
			return
		}
		defer checkContents(t, d)
		if pages, err := d.Pages(); err == nil && len(pages) > fuzzLimits.Pages {
			t.Errorf("%d pages", len(pages))
		}
		signed, err := d.Signatures()
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, s := range signed {
			checkFuzzed(t, b, s)
			if id := s.Info().ID; seen[id] {
				t.Errorf("two signatures have the ID %q", id)
			} else {
				seen[id] = true
			}
		}
	})
}

func checkFuzzed(t *testing.T, b []byte, s document.Signature) {
	t.Helper()
	coverage, why := s.Coverage()
	changes, changesErr := s.Changes()
	digest, err := s.Digest(func(string) (hash.Hash, error) { return sha256.New(), nil })
	if _, pictureErr := s.Picture(); pictureErr == nil && len(s.Info().Places) == 0 {
		t.Error("a picture that is nowhere")
	}
	if err != nil {
		if coverage != document.CoversUnclear || changesErr == nil || s.Value() != nil {
			t.Errorf("malformed (%v), but %s, %v, value of %d bytes", err, coverage, changesErr, len(s.Value()))
		}
		return
	}
	r := s.(*signature).ranges
	want := sha256.New()
	want.Write(b[:r[1]])
	want.Write(b[r[2] : r[2]+r[3]])
	if !bytes.Equal(digest, want.Sum(nil)) {
		t.Error("the digest is not that of the ranges")
	}
	if b[r[1]] != '<' || b[r[2]-1] != '>' {
		t.Errorf("the gap starts with %q and ends with %q", b[r[1]], b[r[2]-1])
	}
	switch {
	case coverage == document.CoversFile && slices.ContainsFunc(changes, func(c document.Change) bool {
		return c.Code != "certification-not-first" && c.Code != "hybrid-views" // these are about what was signed
	}):
		t.Errorf("it covers the file and there are changes: %v", changes)
	case coverage != document.CoversFile && coverage != document.CoversRevision && why == "":
		t.Errorf("%s without a reason", coverage)
	case coverage == document.CoversPart && changesErr == nil && document.Worst(changes) != document.LevelOther:
		t.Errorf("uncovered bytes and changes %v", changes)
	}
}

// FuzzObject reads an object; what reads is written and reads back the same.
func FuzzObject(f *testing.F) {
	for _, s := range []string{"<</A[1 0 R(x)<00ff>/B#20 -1.5 true null]>>", "(\\051\\\n)", "[[[]]]", "<</Length 3>>", "12 0 R", "1e5", "+.5"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l := newLexer(string(b))
		o, err := l.object(0)
		if err != nil {
			return
		}
		again, err := newLexer(string(appendObject(nil, o))).object(0)
		if err != nil || !equalObjects(o, again) {
			t.Errorf("%q reads %v, written and read again %v (%v)", b, o, again, err)
		}
	})
}

// FuzzLZW: no input makes more than the limit.
func FuzzLZW(f *testing.F) {
	f.Add([]byte{0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01}, true)
	f.Add(encodeLZW([]byte("abababababab"), false), false)
	f.Fuzz(func(t *testing.T, b []byte, early bool) {
		if out, err := decodeLZW(b, early, 1<<16); err == nil && len(out) > 1<<16 {
			t.Errorf("%d bytes", len(out))
		}
	})
}
