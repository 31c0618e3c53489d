package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/internal/need"
	"yinxin/internal/testseal"
)

// TestPassword: an encrypted document is sealed and verified with its password, from a file or the environment, and refused with the reason without.
func TestPassword(t *testing.T) {
	qpdf := need.Tool(t, "qpdf")
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("YINXIN_PASSPHRASE", "correct horse")
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, "data"))
	t.Setenv("LC_ALL", "C")
	write := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("page.pdf", testseal.PDF(t, 1))
	write("password", []byte("sesame\n"))
	write("wrong", []byte("barley\n"))
	if out, err := exec.CommandContext(t.Context(), qpdf, "--encrypt", "sesame", "owner", "256", "--", "page.pdf", "in.pdf").CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v\n%s", err, out)
	}
	yinxin := func(code int, says string, line string) {
		t.Helper()
		var out, errs bytes.Buffer
		if got := execute(context.Background(), strings.Fields(line), strings.NewReader(""), &out, &errs); got != code || !strings.Contains(out.String()+errs.String(), says) {
			t.Errorf("%s: exit code %d, want %d; it said\n%s%s", line, got, code, &out, &errs)
		}
	}
	for _, line := range []string{
		"ca init --dir ca --name Root", "key generate maker owner", "ca issue --dir ca --profile maker --name 示例制章中心 --key maker --out maker.crt",
		"ca issue --dir ca --name 云杉示例科技有限公司 --key owner --out owner.crt",
		"seal make --type legal-name --name 云杉示例科技有限公司 --code 9900000000001 --signer owner.crt --maker-key maker --maker-cert maker.crt --out owner.esl",
	} {
		yinxin(0, "", line)
	}
	const stamp = "stamp --seal owner.esl --key owner --in in.pdf --out out.pdf --at 120,200"
	yinxin(1, "password", stamp)
	yinxin(1, "password", stamp+" --password-file wrong")
	yinxin(3, "nowhere", stamp+" --password-file nowhere")
	yinxin(0, "sealed", stamp+" --password-file password")
	yinxin(3, "password", "verify --integrity-only out.pdf")
	yinxin(0, "PASSED", "verify --integrity-only --password-file password out.pdf")
	t.Setenv("YINXIN_PDF_PASSWORD", "sesame")
	yinxin(0, "PASSED", "verify --integrity-only out.pdf")
}
