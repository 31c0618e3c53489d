package stamp_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/need"
	"yinxin/internal/testofd"
	"yinxin/internal/testpki"
	"yinxin/ofd"
	"yinxin/stamp"
	"yinxin/verify"
)

// TestOFDSamples: files of the field take our seal, or refuse it for what they say; what was in them stays as it is, and is judged as before.
func TestOFDSamples(t *testing.T) {
	p := newParty(t)
	dir := need.Samples(t, "ofd")
	for name, code := range map[string]string{
		"invoice-test-ca.ofd": "", "invoice-kinggrid-relative-baseloc.ofd": "", "unsigned-5-pages.ofd": "", "unsigned-hello.ofd": "", "unsigned-attachment.ofd": "",
		"riding-seal-right.ofd": "ofd-locked", "two-gbt35275-signatures-unsorted-attrs.ofd": "ofd-locked",
		"two-seals-pages-edited.ofd": "earlier-signature-broken", "seal-and-sign-raw-rs-edited.ofd": "earlier-signature-broken",
		"v1-2014-selfsigned-hmac-digest.ofd": "earlier-signature-broken",
	} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		o := p.order(data)
		o.Places[0].X, o.Places[0].Y = 100, 70
		uses := p.own.Key.Uses()
		var out document.Memory
		_, err = stamp.Make(context.Background(), o, &out)
		if public, _ := fault.PublicOf(err); public.Code != code || (err == nil) != (code == "") {
			t.Errorf("%s: %v, want %q", name, err, code)
		}
		if code != "" {
			if p.own.Key.Uses() != uses {
				t.Errorf("%s: refused, and the key was asked", name)
			}
			continue
		}
		before, after := integrity(t, data), integrity(t, out.Bytes())
		if after.Verdict != verify.Passed || len(after.Signatures) != len(before.Signatures)+1 {
			t.Errorf("%s: %s with %d signatures, before %s with %d", name, after.Verdict, len(after.Signatures), before.Verdict, len(before.Signatures))
		}
		held(t, name, testofd.Unpack(t, data), testofd.Unpack(t, out.Bytes()))
	}
}

// integrity judges without trust.
func integrity(t *testing.T, data []byte) verify.Report {
	t.Helper()
	v := verify.Verifier{Formats: []document.Format{ofd.Format{}}}
	facts, err := v.Gather(context.Background(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, testpki.Epoch())
}

// held makes sure that no file but OFD.xml and the list of signatures is another one.
func held(t *testing.T, name string, before, after testofd.Package) {
	t.Helper()
	changed := 0
	for _, f := range before {
		if after.Get(t, f.Name) != f.Data {
			changed++
		}
	}
	if changed > 1 {
		t.Errorf("%s: %d files are not what they were", name, changed)
	}
}
