package evidence

import (
	"bytes"
	"context"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
	"testing"
	"time"

	"yinxin/gm"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
)

// stamper asks an authority of a PKI, whose clock stands at a moment.
func stamper(t *testing.T, p *testpki.PKI, at time.Time) func([]byte) ([]byte, error) {
	t.Helper()
	h := p.Owner("示例时间戳服务", "", testpki.Extensions(pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: []byte("\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x08")}))
	a, err := tsa.New(t.Context(), tsa.Config{Key: h.Key, Certificate: h.Cert, Clock: func(context.Context) (time.Time, error) { return at, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return func(octets []byte) ([]byte, error) {
		imprint, err := timestamp.Over(gm.OIDSM3, octets)
		if err != nil {
			return nil, err
		}
		return a.Token(t.Context(), imprint)
	}
}

// TestProtect: a time stamp protects what was there when it was made, and nothing that came later; its manifest must be there and about this document.
func TestProtect(t *testing.T) {
	p := testpki.New(t)
	b := example(true)
	b.Tokens = nil
	first, err := b.Protect(stamper(t, p, p.Now.Add(time.Hour)))
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Tokens) != 0 || len(b.Manifests) != 0 {
		t.Error("the bundle itself was changed")
	}
	later := []byte("a list of later")
	first.Signatures = slices.Clone(first.Signatures)
	first.Signatures[0].CRLs = [][]byte{later}
	second, err := first.Protect(stamper(t, p, p.Now))
	if err != nil {
		t.Fatal(err)
	}
	second.Document.Name, second.Document.File = "", nil // what it is called and where it lies is not protected
	read, err := readBytes(t, written(t, second), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	stamps := read.Beside().Stamps
	if len(stamps) != 2 || stamps[0].Over == nil || stamps[1].Over == nil || bytes.Equal(stamps[0].Over, stamps[1].Over) {
		t.Fatalf("%+v", stamps)
	}
	has := func(list [][]byte) bool {
		return slices.ContainsFunc(list, func(b []byte) bool { return bytes.Equal(b, later) })
	}
	// by the time they state: the second was made an hour before the first
	if !has(stamps[0].Protects.CRLs) || has(stamps[1].Protects.CRLs) || len(stamps[1].Protects.Certificates) != 3 || !has(read.Beside().Evidence.CRLs) {
		t.Errorf("protected: %+v", stamps)
	}
	for name, spoil := range map[string]func(*Bundle){
		"no manifests":      func(b *Bundle) { b.Manifests = nil },
		"another document":  func(b *Bundle) { b.Document.SM3[0]++ },
		"another size":      func(b *Bundle) { b.Document.Size++ },
		"manifests spoilt":  func(b *Bundle) { b.Manifests = [][]byte{append(b.Manifests[0], ' '), append(b.Manifests[1], ' ')} },
		"tokens of nothing": func(b *Bundle) { b.Tokens = [][]byte{{0x30, 0}, []byte("x")} },
	} {
		other := read
		spoil(&other)
		for _, s := range other.Beside().Stamps {
			if s.Over != nil || len(s.Protects.CRLs) != 0 {
				t.Errorf("%s: something is protected", name)
			}
		}
	}
	refused := errors.New("refused")
	if _, err := b.Protect(func([]byte) ([]byte, error) { return nil, refused }); !errors.Is(err, refused) {
		t.Errorf("%v", err)
	}
	if _, err := (Bundle{}).Protect(stamper(t, p, p.Now)); err == nil {
		t.Error("nothing is protected")
	}
}

// TestKeptKinds: kinds that only later versions know are kept and counted; what looks like one of ours and is not is malformed.
func TestKeptKinds(t *testing.T) {
	b := example(false)
	b.Others = []Other{{"receipts", "json", []byte("{}")}, {"receipts", "json", []byte("[]")}, {"films", "mov", []byte("x")}}
	read, err := readBytes(t, written(t, b), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	checkSame(t, read, b)
	var kinds []string
	for _, u := range read.Beside().Unjudged {
		kinds = append(kinds, u.Kind.EN)
	}
	if !slices.Equal(kinds, []string{"proofs of a log", "signed answers", "time stamps that cannot be read", "“films”", "“receipts”"}) || read.Beside().Unjudged[4].Count != 2 {
		t.Errorf("%v", kinds)
	}
	for _, o := range []Other{{"crls", "pem", nil}, {"document", "pdf", nil}, {"", "x", nil}, {"x", "", nil}, {"..", "x", nil}, {"Films", "mov", nil}, {"a/b", "x", nil}, {"films", "m.v", nil}, {"abcdefghijklmnopq", "x", nil}} {
		wrong := example(false)
		o.Data = []byte("x")
		wrong.Others = []Other{o}
		if err := Write(t.Context(), new(bytes.Buffer), wrong); err == nil {
			t.Errorf("%s.%s is written", o.Folder, o.Ending)
		}
	}
}
