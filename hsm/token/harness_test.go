//go:build linux

package token

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestHarness builds the module's sources into a program with sanitizers and has it talk to a token that lies (client/harness).
func TestHarness(t *testing.T) {
	for name, tt := range map[string]struct {
		sanitize        string
		rounds, threads string
	}{
		"memory":  {"-fsanitize=address,undefined", "3000", "1"},
		"threads": {"-fsanitize=thread", "300", "6"},
	} {
		t.Run(name, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "harness")
			gcc(t, program, "-g", "-O1", "-fno-sanitize-recover=all", tt.sanitize, "client/harness/harness.c")
			for _, seed := range []string{"1", "2"} {
				dir, err := os.MkdirTemp("", "yx") // a socket's path is short
				if err != nil {
					t.Fatal(err)
				}
				defer os.RemoveAll(dir)
				socket := filepath.Join(dir, "s")
				cmd := exec.CommandContext(t.Context(), program, socket, seed, tt.rounds, tt.threads)
				if out, err := cmd.CombinedOutput(); err != nil || string(out) != "done\n" {
					t.Fatalf("seed %s: %v\n%s", seed, err, out)
				}
			}
		})
	}
}
