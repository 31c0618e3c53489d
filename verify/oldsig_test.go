package verify_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"strings"
	"testing"
	"time"

	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/verify"
)

// TestPKCS7SHA1: adbe.pkcs7.sha1 is read, and named as what it is; SHA-1 proves nothing today.
func TestPKCS7SHA1(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	for _, c := range []struct {
		name       string
		f          foreign
		full, only verify.Verdict
		code       verify.Code
	}{
		{"as it is written", foreign{enclose: true, sha1: true}, verify.Indeterminate, verify.Passed, "ALGORITHM_WEAK"},
		{"with another digest", foreign{enclose: true}, verify.Indeterminate, verify.Passed, "ALGORITHM_WEAK"},
		{"of another document", foreign{enclose: true, sha1: true, spoil: true}, verify.Failed, verify.Failed, "DATA_HASH"},
		{"without the digest", foreign{}, verify.Failed, verify.Failed, "SIG_LAYOUT"},
	} {
		c.f.profile, c.f.signer = "adbe.pkcs7.sha1", owner
		file := testseal.Unchecked(t, testseal.PDF(t, 1), c.f, owner.Key, testseal.Picture(t, testpki.OwnerName), p.Now)
		facts := gather(t, file, p.Directory())
		full, only := verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Hour)), verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, p.Now)
		if full.Verdict != c.full || only.Verdict != c.only || !found(full, c.code) || !found(full, "FORMAT_DEPRECATED") {
			t.Errorf("%s: %s and %s: %+v", c.name, full.Verdict, only.Verdict, full.Signatures[0].Findings)
		}
	}
}

// handmade is a PDF with one invisible signature, of the parts of its dictionary given and a value made over the rest.
func handmade(t *testing.T, entries string, value func(covered []byte) []byte) []byte {
	t.Helper()
	const room = 2 * 700
	var b bytes.Buffer
	var offsets []int
	object := func(format string, args ...any) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n"+format+"\nendobj\n", append([]any{len(offsets)}, args...)...)
	}
	b.WriteString("%PDF-1.4\n")
	object("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>")
	object("<</Type/Pages/Count 1/Kids[3 0 R]>>")
	object("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Annots[4 0 R]>>")
	object("<</Type/Annot/Subtype/Widget/FT/Sig/T(Sig1)/Rect[0 0 0 0]/P 3 0 R/V 5 0 R>>")
	object("<</Type/Sig/Filter/Adobe.PPKLite%s/ByteRange[0 AAAAAA BBBBBB CCCCCC]/Contents<%s>>>", entries, strings.Repeat("0", room))
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, xref)
	file := b.Bytes()
	from := bytes.Index(file, []byte("/Contents<")) + len("/Contents")
	to := from + room + 2
	for mark, n := range map[string]int{"AAAAAA": from, "BBBBBB": to, "CCCCCC": len(file) - to} {
		copy(file[bytes.Index(file, []byte(mark)):], fmt.Sprintf("%-6d", n))
	}
	hole := fmt.Sprintf("%x", value(append(bytes.Clone(file[:from]), file[to:]...)))
	if len(hole) > room {
		t.Fatalf("the value has %d digits", len(hole))
	}
	copy(file[from+1:], hole)
	return file
}

// TestX509RSASHA1: adbe.x509.rsa_sha1 is a bare value with its certificate beside it. It is told right from wrong, and never passes as a proof.
func TestX509RSASHA1(t *testing.T) {
	p := testpki.New(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	cert := p.Owner(testpki.OwnerName, testpki.OwnerUSCC, testpki.WithPublic(&key.PublicKey)).Cert.Raw
	other := p.Owner(testpki.OwnerName, testpki.OwnerUSCC).Cert.Raw
	octets := func(h crypto.Hash, sum []byte) []byte {
		sig, err := rsa.SignPKCS1v15(nil, key, h, sum)
		if err != nil {
			t.Fatal(err)
		}
		der, err := asn1.Marshal(sig)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	good := func(b []byte) []byte { sum := sha1.Sum(b); return octets(crypto.SHA1, sum[:]) }
	sha256s := func(b []byte) []byte { sum := sha256.Sum256(b); return octets(crypto.SHA256, sum[:]) }
	flipped := func(b []byte) []byte { return good(append(b, 0)) }
	named := func(certs string) string { return "/SubFilter/adbe.x509.rsa_sha1" + certs }
	for _, c := range []struct {
		name       string
		entries    string
		value      func([]byte) []byte
		full, only verify.Verdict
		code       verify.Code
	}{
		{"one certificate", named(fmt.Sprintf("/Cert<%x>", cert)), good, verify.Indeterminate, verify.Passed, "ALGORITHM_WEAK"},
		{"a chain", named(fmt.Sprintf("/Cert[<%x><%x>]", cert, p.Root.Cert.Raw)), good, verify.Indeterminate, verify.Passed, "ALGORITHM_WEAK"},
		{"another document", named(fmt.Sprintf("/Cert<%x>", cert)), flipped, verify.Failed, verify.Failed, "SIG_VALUE"},
		{"another hash", named(fmt.Sprintf("/Cert<%x>", cert)), sha256s, verify.Failed, verify.Failed, "SIG_VALUE"},
		{"another certificate", named(fmt.Sprintf("/Cert<%x>", other)), good, verify.Failed, verify.Failed, "SIG_ALGORITHM"},
		{"no certificate", named(""), good, verify.Failed, verify.Failed, "NO_CERTIFICATE"},
		{"no octet string", named(fmt.Sprintf("/Cert<%x>", cert)), func(b []byte) []byte { return append([]byte{0x30}, good(b)[1:]...) }, verify.Failed, verify.Failed, "SIG_VALUE"},
		{"no SubFilter", fmt.Sprintf("/Cert<%x>", cert), good, verify.Failed, verify.Failed, "SIG_FORMAT"},
	} {
		facts := gather(t, handmade(t, c.entries, c.value), p.Directory())
		full, only := verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Hour)), verify.Judge(facts, verify.Policy{IntegrityOnlyUnsafe: true}, p.Now)
		if full.Verdict != c.full || only.Verdict != c.only || !found(full, c.code) {
			t.Errorf("%s: %s and %s: %+v", c.name, full.Verdict, only.Verdict, full.Signatures[0].Findings)
		}
	}
}
