//go:build linux

package token

import (
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/gm"
	"yinxin/internal/need"
)

// tool runs pkcs11-tool on a token and gives what it said.
func (w *world) tool(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), need.Tool(t, "pkcs11-tool"), append([]string{"--module", library(t)}, args...)...)
	cmd.Env = append(os.Environ(), "YINXIN_TOKEN="+w.socket)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// says wants a run to succeed, or to fail, and every word in what it says.
func (w *world) says(t *testing.T, good bool, words string, args ...string) {
	t.Helper()
	out, err := w.tool(t, args...)
	if (err == nil) != good {
		t.Errorf("pkcs11-tool %v: %v\n%s", args, err, out)
	}
	for word := range strings.SplitSeq(words, ";") {
		if !strings.Contains(out, word) {
			t.Errorf("pkcs11-tool %v does not say %q:\n%s", args, word, out)
		}
	}
}

// TestTool has OpenSC's pkcs11-tool look at the token, make keys and sign with them; OpenSSL verifies.
func TestTool(t *testing.T) {
	openssl := need.Tool(t, "openssl")
	w := newWorld(t, "yinxin")
	w.says(t, true, "demo;software token;login required;PIN initialized", "-L")
	w.says(t, true, "mechtype-0xD9584E11, keySize={256,256}, sign, verify;ECDSA-KEY-PAIR-GEN", "-M")
	c := connect(t, w.socket).begin()
	c.must(opLogin, uint64(ckuUser), testUser)
	r := c.must(opGeneratePair, Own().KeyGen, "", publicTemplate(), privateTemplate())
	spki := c.must(opGetAttributes, r.u64(), uint32(1), uint64(ckaPublicKeyInfo)).bytes()

	login := []string{"--login", "--pin", testUser}
	w.says(t, true, "Key pair generated", append(login, "--keypairgen", "--key-type", "EC:prime256v1", "--usage-sign", "--label", "p256", "--id", "02")...)
	w.says(t, true, "Key pair generated", append(login, "--keypairgen", "--key-type", "rsa:3072", "--usage-sign", "--label", "rsa", "--id", "03")...)
	w.says(t, false, "CKR_KEY_SIZE_RANGE", append(login, "--keypairgen", "--key-type", "rsa:2048", "--usage-sign")...)
	w.says(t, true, "p256;never extractable;sensitive", append(login, "-O")...)

	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(file("in"), []byte("云杉示例科技有限公司"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file("sm2"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), 0o600); err != nil {
		t.Fatal(err)
	}
	verify := func(key string, args ...string) {
		t.Helper()
		args = append([]string{"dgst", "-verify", file(key), "-signature", file("sig")}, append(args, file("in"))...)
		if out, err := exec.CommandContext(t.Context(), openssl, args...).CombinedOutput(); err != nil || !strings.Contains(string(out), "Verified OK") {
			t.Errorf("openssl %v: %v\n%s", args, err, out)
		}
	}
	sign := []string{"--sign", "-i", file("in"), "-o", file("sig")}
	w.says(t, true, "Using signature algorithm", append(append(login, sign...), "-m", fmt.Sprintf("0x%X", Own().Sign[1].Mechanism), "--label", "k")...)
	raw, err := os.ReadFile(file("sig"))
	if err != nil {
		t.Fatal(err)
	}
	der, err := gm.CanonicalSignature(raw)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file("sig"), der, 0o600); err != nil {
		t.Fatal(err)
	}
	verify("sm2", "-sm3", "-sigopt", "distid:"+gm.DefaultUID)
	for _, key := range []struct{ name, id, mechanism string }{{"p256", "02", "ECDSA-SHA256"}, {"rsa", "03", "SHA256-RSA-PKCS"}} {
		w.says(t, true, "", append(login, "--read-object", "--type", "pubkey", "--id", key.id, "-o", file("der"))...)
		if out, err := exec.CommandContext(t.Context(), openssl, "pkey", "-pubin", "-inform", "DER", "-in", file("der"), "-out", file(key.name)).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		w.says(t, true, "", append(append(login, sign...), "-m", key.mechanism, "--id", key.id, "--signature-format", "openssl")...)
		verify(key.name, "-sha256")
	}
	w.says(t, true, "", append(login, "--delete-object", "--type", "privkey", "--id", "02")...)
	w.says(t, false, "", append(append(login, sign...), "-m", "ECDSA-SHA256", "--id", "02")...)
	w.says(t, true, "", append(login, "--write-object", file("in"), "--type", "data", "--label", "note")...)
	w.says(t, true, "note", "-O", "--type", "data")
}

// TestToolPIN has it lock the PIN, and the security officer unlock it and begin anew.
func TestToolPIN(t *testing.T) {
	w := newWorld(t, "yinxin")
	login := []string{"--login", "--pin", testUser}
	for range maxTries - 1 {
		w.says(t, false, "CKR_PIN_INCORRECT", "--login", "--pin", "wrong-pin-1", "-O")
	}
	w.says(t, true, "final user PIN try", "-L")
	w.says(t, false, "CKR_PIN_LOCKED", "--login", "--pin", "wrong-pin-1", "-O")
	w.says(t, false, "CKR_PIN_LOCKED", append(login, "-O")...)
	w.says(t, true, "user PIN locked", "-L")
	w.says(t, true, "", "--login", "--login-type", "so", "--so-pin", testSO, "--init-pin", "--new-pin", "new-pin-123")
	w.says(t, true, "", "--login", "--pin", "new-pin-123", "--change-pin", "--new-pin", testUser)
	w.says(t, true, "", append(login, "-O")...)
	w.says(t, true, "successfully initialized", "--init-token", "--label", "fresh", "--so-pin", testSO)
	w.says(t, true, "fresh", "-L")
}
