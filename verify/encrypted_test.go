package verify_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"yinxin/document"
	"yinxin/fault"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/pdf"
	"yinxin/seal"
	"yinxin/trust"
	"yinxin/verify"
)

// TestEncrypted: an encrypted document that was sealed twice passes with its password, is refused without, and its ciphertext is as protected as text is.
func TestEncrypted(t *testing.T) {
	const user, owner = "user", "owner"
	p := testpki.New(t)
	signer := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	esl := testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, signer.Cert), seal.V4)
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, testseal.PDF(t, 2), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := exec.Command(need.Tool(t, "qpdf"), "--encrypt", user, owner, "256", "--", in, out).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v %s", err, b)
	}
	base, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	file := base
	for _, password := range []string{owner, user} {
		o := testseal.Order(file, esl, signer.Key, p.Now)
		o.Password = password
		file = testseal.Stamp(t, o)
	}
	set, err := trust.Load(p.Directory())
	if err != nil {
		t.Fatal(err)
	}
	judge := func(b []byte, password string) (verify.Report, error) {
		v := verify.Verifier{Formats: []document.Format{pdf.Format{}}, Trust: set, Password: password}
		facts, err := v.Gather(context.Background(), bytes.NewReader(b), int64(len(b)))
		return verify.Judge(facts, verify.Policy{}, p.Now.Add(time.Hour)), err
	}
	for _, password := range []string{user, owner} {
		if r, err := judge(file, password); err != nil || r.Verdict != verify.Passed || len(r.Signatures) != 2 {
			t.Errorf("password %q: %s, %d signatures, %v", password, r.Verdict, len(r.Signatures), err)
		}
	}
	for _, password := range []string{"", "wrong"} {
		_, err := judge(file, password)
		if public, _ := fault.PublicOf(err); public.Code != "pdf-password" || !errors.Is(err, fault.Denied) {
			t.Errorf("password %q: %v", password, err)
		}
	}
	at := bytes.Index(base, []byte("stream\n")) + len("stream\n") + 20
	tampered := bytes.Clone(file)
	tampered[at] ^= 1
	if r, err := judge(tampered, user); err == nil && r.Verdict != verify.Failed {
		t.Errorf("a bit of the ciphertext flipped: %s", r.Verdict)
	}
}
