package ofd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"slices"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/gm"
	"yinxin/internal/testofd"
)

// testOFD is a package made for a test.
type testOFD = testofd.Package

func onePage() testOFD { return testofd.Pages(1) }

func pagesOFD(n int) testOFD { return testofd.Pages(n) }

func unpack(t testing.TB, data []byte) testOFD { return testofd.Unpack(t, data) }

func openBytes(data []byte) (*Document, error) {
	return open(context.Background(), bytes.NewReader(data), int64(len(data)), document.Options{})
}

func mustOpen(t testing.TB, data []byte) *Document {
	t.Helper()
	d, err := openBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sm3 is the Hasher of a verifier: SM3, and the algorithm of the value.
func sm3(alg string) (hash.Hash, error) {
	if alg == "" || digestName(alg) == oidSM3 {
		return gm.NewSM3(), nil
	}
	return nil, fmt.Errorf("unknown digest %q", alg)
}

// sealAt asks for a seal of 40 × 40 mm on a page.
func sealAt(page int) document.Request {
	return document.Request{Kind: document.Seal, Time: time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC), Payload: []byte("the seal"),
		Places: []document.Place{{Page: page, X: 150, Y: 200, Width: 40, Height: 40}}}
}

// sealed is data with one more signature, whose value says what was digested.
func sealed(t testing.TB, data []byte, r document.Request) []byte {
	t.Helper()
	draft, err := mustOpen(t, data).Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	var out document.Memory
	digest, err := draft.Copy(&out, sm3)
	if err != nil {
		t.Fatal(err)
	}
	if err := draft.Finish(&out, append([]byte("signed "), digest...)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// judged is what this package says of a signature: good means a value over these bytes, files unchanged, all that shows covered, and nothing worse than
// further signatures after it.
type judged struct {
	info     document.Info
	coverage document.Coverage
	why      string
	changes  []document.Change
	err      error
}

func (j judged) good() bool {
	return j.err == nil && (j.coverage == document.CoversFile || j.coverage == document.CoversRevision) && document.Worst(j.changes).Rank() <= document.LevelForm.Rank() &&
		!slices.ContainsFunc(j.changes, func(c document.Change) bool { return c.Ruling.Forbids() })
}

// errValue says that a value is over other bytes.
var errValue = errors.New("the value is over other bytes")

// judge asks everything of every signature, as a verifier does.
func judge(data []byte) ([]judged, error) {
	d, err := openBytes(data)
	if err != nil {
		return nil, err
	}
	signed, err := d.Signatures()
	if err != nil {
		return nil, err
	}
	var out []judged
	for _, s := range signed {
		j := judged{info: s.Info()}
		_, j.err = s.(document.Referencer).References(sm3)
		j.coverage, j.why = s.Coverage()
		if j.err == nil {
			j.changes, j.err = s.Changes()
		}
		if j.err == nil {
			var digest []byte
			if digest, j.err = s.Digest(sm3); j.err == nil && string(s.Value()) != "signed "+string(digest) {
				j.err = errValue
			}
		}
		out = append(out, j)
	}
	return out, nil
}

// allGood says what is wrong with the first signature that is not good.
func allGood(t testing.TB, data []byte, n int) []judged {
	t.Helper()
	list, err := judge(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != n {
		t.Fatalf("%d signatures, want %d", len(list), n)
	}
	for _, j := range list {
		if !j.good() {
			t.Fatalf("signature %s: %+v", j.info.ID, j)
		}
	}
	return list
}
