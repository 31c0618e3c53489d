package sign_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/document"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/sign"
)

// TestPDFReader: poppler lists what every container makes with ranges that cover the file, says valid of the algorithms it knows, and invalid once the
// document is changed.
func TestPDFReader(t *testing.T) {
	pdfsig := need.Tool(t, "pdfsig")
	p := testpki.New(t)
	read := func(data []byte) string {
		file := filepath.Join(t.TempDir(), "signed.pdf")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(pdfsig, "-nocert", file).CombinedOutput() // it answers 1 where something is not valid
		if len(out) == 0 {
			t.Fatal(err)
		}
		return string(out)
	}
	for _, a := range acts(t, p) {
		var out document.Memory
		if _, err := ticket(t, a.container, p.Now).Redeem(context.Background(), a.key, nil, &out); err != nil {
			t.Fatal(err)
		}
		said := read(out.Bytes())
		kind := "Signature Type: unknown"
		if a.container.Profile() == sign.ProfileCMS {
			kind = "Signature Type: " + sign.ProfileCMS
		}
		if !strings.Contains(said, kind) || !strings.Contains(said, "Total document signed") {
			t.Errorf("%s:\n%s", a.name, said)
		}
		if _, known := a.key.(*standardKey); !known {
			continue
		}
		if !strings.Contains(said, "Signature is Valid.") || !strings.Contains(said, "SHA-256") {
			t.Errorf("%s:\n%s", a.name, said)
		}
		changed := out.Bytes()
		changed[len(changed)/10] ^= 1
		if said := read(changed); strings.Contains(said, "Signature is Valid.") {
			t.Errorf("%s, changed:\n%s", a.name, said)
		}
	}
}
