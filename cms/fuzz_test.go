package cms_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/cryptobyte"

	"yinxin/cms"
	"yinxin/gm"
	"yinxin/internal/need"
)

var update = flag.Bool("update", false, "write the seeds of FuzzParse anew")

// FuzzParse: whatever the bytes, nothing panics, the value is a prefix of the bytes, and what it says can be asked and checked. Its seeds are in
// testdata/fuzz, one per layout.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, data []byte) {
		sd, err := cms.Parse(data)
		if err != nil {
			if sd != nil {
				t.Fatal("a result beside an error")
			}
			return
		}
		if !bytes.HasPrefix(data, sd.Raw) || sd.Detached != (sd.Content == nil) {
			t.Fatalf("raw or content: %+v", sd)
		}
		again, err := cms.Parse(sd.Raw)
		if err != nil || again.BER != sd.BER || len(again.Signers) != len(sd.Signers) {
			t.Fatalf("read again: %v", err)
		}
		for i := range sd.Signers {
			ask(t, sd, &sd.Signers[i])
		}
	})
}

func ask(t *testing.T, sd *cms.SignedData, s *cms.Signer) {
	if (s.IssuerSerial == nil) == (s.SubjectKeyID == nil) {
		t.Fatal("a signer without exactly one identifier")
	}
	if signed := s.SignedAttributes(); (signed == nil) != (s.RawAttributes == nil) || !bytes.HasSuffix(signed, s.RawAttributes) {
		t.Fatal("the signed attributes are not those received")
	}
	s.TimeStampTokens()
	s.SigningTime()
	_, _, _ = s.ArchivedRevocation()
	cert, err := sd.Certificate(s)
	if err != nil {
		return
	}
	for _, outside := range []cms.DigestFunc{nil, cms.DigestOf(content)} {
		if _, err := s.Check(sd, cert, outside); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSeeds holds the committed seeds: all parse, and with -update they are made anew from keys made for it.
func TestSeeds(t *testing.T) {
	dir := filepath.Join("testdata", "fuzz", "FuzzParse")
	if *update {
		writeSeeds(t, dir)
	}
	seeds, err := filepath.Glob(filepath.Join(dir, "seed-*"))
	if err != nil || len(seeds) < 6 {
		t.Fatalf("%d seeds, %v", len(seeds), err)
	}
	for _, name := range seeds {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var der []byte
		if _, err := fmt.Sscanf(string(text), "go test fuzz v1\n[]byte(%q)", &der); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := judge(value{cms: der, covered: content}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func writeSeeds(t *testing.T, dir string) {
	t.Helper()
	id := newIdentity(t, "示例签章人")
	work := t.TempDir()
	if err := os.WriteFile(filepath.Join(work, "content"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	need.Tool(t, "openssl")
	shell(t, work, "genpkey", "-out", "key", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
	shell(t, work, "req", "-x509", "-new", "-key", "key", "-out", "crt", "-days", "3650", "-subj", "/CN=seed")
	shell(t, work, "cms", "-sign", "-binary", "-in", "content", "-signer", "crt", "-inkey", "key", "-outform", "DER", "-out", "ber", "-cades", "-nodetach", "-stream")
	ber, err := os.ReadFile(filepath.Join(work, "ber"))
	if err != nil {
		t.Fatal(err)
	}
	bound := []func(*cryptobyte.Builder){ess(t, id.cert, gm.OIDSM3), protection(gm.OIDSM3, gm.OIDSM2WithSM3)}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, der := range map[string][]byte{
		"detached":  id.build(t, content, spec{extra: bound}),
		"gb":        id.build(t, content, spec{gb: true, signature: gm.OIDSM2Sign, unsorted: true}),
		"digested":  id.build(t, content, spec{gb: true, noAttrs: true, enclose: sm3(content), raw: true}),
		"enclosed":  id.build(t, content, spec{enclose: content, ski: true}),
		"evidence":  id.build(t, content, spec{crl: []byte{0x30, 0}, ocsp: []byte{0x30, 0}}),
		"ber-p256":  ber,
		"no-signed": id.build(t, content, spec{noAttrs: true}),
	} {
		text := fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n", der)
		if err := os.WriteFile(filepath.Join(dir, "seed-"+name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
