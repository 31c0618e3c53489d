package pdf

import (
	"bytes"
	"hash"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"yinxin/document"
	"yinxin/gm"
)

// counted counts what a hash is given.
type counted struct {
	resumable
	n *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return c.resumable.Write(p)
}

// TestCopyBesideDigests: a draft may be copied while the signatures of its document are digested, what they share is hashed once, and all come out as they
// do one after the other.
func TestCopyBesideDigests(t *testing.T) {
	b := testPDF{pages: []string{a4Page}, objects: []string{"<</Length 1000000>>\nstream\n" + strings.Repeat("x", 1000000) + "\nendstream"}}.build()
	r := sealRequest(t)
	r.Places = nil
	for range 3 {
		b = sealed(t, b, r)
	}
	want := sealed(t, b, r)
	var n atomic.Int64
	counting := func(string) (hash.Hash, error) { return counted{gm.NewSM3().(resumable), &n}, nil }
	d := openBytes(t, b)
	draft, err := d.Prepare(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := draft.(document.Apart); !ok {
		t.Fatal("the draft does not say that it may be copied meanwhile")
	}
	var out memory
	var digest []byte
	var copying sync.WaitGroup
	copying.Go(func() {
		var err error
		if digest, err = draft.Copy(&out, counting); err != nil {
			t.Error(err)
		}
	})
	digests := digestAll(t, d, counting)
	copying.Wait()
	if once := int64(len(want)) * 5 / 4; n.Load() > once {
		t.Errorf("%d bytes hashed of a file of %d", n.Load(), len(want))
	}
	if err := draft.Finish(&out, []byte{0x30, 0}); err != nil || len(out.b) != len(want) {
		t.Errorf("%d bytes written, not %d: %v", len(out.b), len(want), err)
	}
	digests = append(digests, digest)
	for i, sum := range digestAll(t, openBytes(t, out.b), sm3) {
		if !bytes.Equal(sum, digests[i]) {
			t.Errorf("digest %d is %x, not %x", i, digests[i], sum)
		}
	}
}

func digestAll(t *testing.T, d *Document, h document.Hasher) (out [][]byte) {
	t.Helper()
	list, err := d.Signatures()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		sum, err := s.Digest(h)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, sum)
	}
	return out
}
