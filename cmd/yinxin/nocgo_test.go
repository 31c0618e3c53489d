package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/internal/need"
)

// A program built without cgo does everything but PKCS#11, and says in both languages how to get that.
func TestBuiltWithoutCgo(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "yinxin")
	build := exec.CommandContext(t.Context(), need.Tool(t, "go"), "build", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	config := filepath.Join(dir, "hsm.yaml")
	if err := os.WriteFile(config, []byte("tokens:\n- {module: /usr/lib/none.so, token: {label: seals}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("YINXIN_PASSPHRASE", "correct horse")
	for lang, want := range map[string]string{"zh": "编译时未带 PKCS#11 支持：请在装有 gcc 的机器上用 make build HSM=1", "en": "built without PKCS#11: build it with make build HSM=1"} {
		for _, command := range [][]string{{"key", "list"}, {"hsm", "doctor"}} {
			c := exec.CommandContext(t.Context(), program, append(command, "--lang", lang, "--keys", "pkcs11:"+config)...)
			if out, err := c.CombinedOutput(); err == nil || c.ProcessState.ExitCode() != exitRefused || !strings.Contains(string(out), want) {
				t.Errorf("%v: %v\n%s", command, err, out)
			}
		}
	}
	if out, err := exec.CommandContext(t.Context(), program, "key", "generate", "owner", "--keys", "soft:"+filepath.Join(dir, "keys")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
