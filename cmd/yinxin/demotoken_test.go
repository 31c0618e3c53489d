//go:build cgo && linux

package main

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"yinxin/demo"
	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm/token"
	"yinxin/internal/need"
)

// The demonstration with every key in the token: no key is anywhere else, OpenSSL verifies each signature in the files, and the token's audit has those
// and the driver's self-tests, one by one, and nothing else.
func TestDemoInToken(t *testing.T) {
	openssl := need.Tool(t, "openssl")
	libraries, dir := t.TempDir(), filepath.Join(t.TempDir(), "d")
	buildLibrary(t, libraries)
	t.Setenv("YINXIN_P11_DIR", libraries)
	said, err := exec.CommandContext(t.Context(), "yinxin", "--lang", "zh", "demo", "--token", "--dir", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	const count = "令牌审计的 C_Sign 共 30 次 = 文件中的签名 21 个（证书 9、吊销列表 1、印章 7、文件签章 4）+ 驱动自检 9 次；不在其中的：无"
	if !strings.Contains(string(said), count) {
		t.Errorf("it says\n%s", said)
	}
	noKeyOutside(t, dir)

	found, err := demo.Signatures(t.Context(), dir, formats())
	if err != nil || len(found) != 21 {
		t.Fatalf("%d signatures: %v", len(found), err)
	}
	for _, s := range found {
		opensslVerifies(t, openssl, s)
	}
	inputs := map[string]int{}
	audit, err := token.ReadAudit(filepath.Join(dir, tokenFolder), func(input string) { inputs[input]++ })
	if err != nil {
		t.Fatal(err)
	}
	tests := selfTestsIn(t, dir)
	for _, s := range found {
		inputs[auditInput(s.E)]--
	}
	for _, input := range tests {
		inputs[input]--
	}
	for input, left := range inputs {
		if left != 0 {
			t.Errorf("the audit counts %s %+d times too often", input, left)
		}
	}
	if len(tests) != 9 || audit.Signed != uint64(len(found)+len(tests)) || audit.Failed != 0 {
		t.Errorf("%d C_Sign, %d that failed; %d signatures, %d self-tests", audit.Signed, audit.Failed, len(found), len(tests))
	}
	countsFail(t, dir, tests)
}

// Without the token's library it says how to get it, and leaves nothing behind.
func TestDemoWithoutLibrary(t *testing.T) {
	parent := t.TempDir()
	t.Setenv("YINXIN_P11_DIR", t.TempDir())
	said, err := exec.CommandContext(t.Context(), "yinxin", "--lang", "en", "demo", "--token", "--dir", filepath.Join(parent, "d")).CombinedOutput()
	left, dirErr := os.ReadDir(parent)
	if err == nil || !strings.Contains(string(said), "make token") || dirErr != nil || len(left) != 0 {
		t.Errorf("%v, %d files left: %s", errors.Join(err, dirErr), len(left), said)
	}
}

// countsFail: a seal that is missing from the files, a self-test nobody made, and a signature that does not hold are noticed.
func countsFail(t *testing.T, dir string, tests []string) {
	t.Helper()
	a := &app{lang: "en"}
	if _, err := a.countSignatures(t.Context(), dir, tests); err != nil {
		t.Error(err)
	}
	wants := func(what string, tests []string) {
		t.Helper()
		_, err := a.countSignatures(t.Context(), dir, tests)
		if p, _ := fault.PublicOf(err); p.Code != "demo-count" {
			t.Errorf("%s: %v", what, err)
		}
	}
	wants("a self-test too few", tests[1:])
	wants("another self-test", append([]string{auditInput(make([]byte, 32))}, tests[1:]...))
	unused := filepath.Join(dir, "seals", "林一舟印.esl") // on no document
	esl, err := os.ReadFile(unused)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(unused); err != nil {
		t.Fatal(err)
	}
	wants("no such seal", tests)
	esl[len(esl)-1] ^= 1
	if err := os.WriteFile(unused, esl, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Signatures(t.Context(), dir, formats()); err == nil {
		t.Error("a seal whose signature is wrong is counted")
	}
}

// selfTestsIn reads what the driver logged.
func selfTestsIn(t *testing.T, dir string) (inputs []string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, selfTestsFile))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		input, key, _ := strings.Cut(line, " ")
		if !strings.HasPrefix(key, "pkcs11:token=demo;") {
			t.Errorf("a self-test of %q", key)
		}
		inputs = append(inputs, input)
	}
	return inputs
}

// noKeyOutside wants every private key in the token's folder.
func noKeyOutside(t *testing.T, dir string) {
	t.Helper()
	inside, outside := 0, 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if filepath.Dir(name) == filepath.Join(dir, tokenFolder) {
			if filepath.Ext(name) == ".key" {
				inside++
			}
			return nil
		}
		data, err := os.ReadFile(name)
		if filepath.Ext(name) == ".key" || filepath.Base(name) == "store.json" || bytes.Contains(data, []byte("PRIVATE KEY")) {
			t.Errorf("a key is in %s", name)
		}
		outside++
		return err
	})
	if err != nil || inside != 9 || outside < 20 {
		t.Errorf("%d keys, %d other files: %v", inside, outside, err)
	}
}

// opensslVerifies has OpenSSL say what a signature is.
func opensslVerifies(t *testing.T, openssl string, s demo.Signature) {
	t.Helper()
	public, err := gm.MarshalPublicKey(s.Public)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	verify := func(message []byte) (string, error) {
		err := error(nil)
		for name, data := range map[string][]byte{"key": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), "value": s.Value, "message": message} {
			err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), data, 0o600))
		}
		if err != nil {
			t.Fatal(err)
		}
		c := exec.CommandContext(t.Context(), openssl, "dgst", "-sm3", "-verify", "key", "-sigopt", "distid:"+gm.DefaultUID, "-signature", "value", "message")
		c.Dir = dir
		out, err := c.CombinedOutput()
		return string(out), err
	}
	if out, err := verify(s.Message); err != nil || !strings.Contains(out, "Verified OK") {
		t.Errorf("%s, kind %d: OpenSSL says %s", s.File, s.Kind, fmt.Sprint(out, err))
	}
	if out, err := verify(append(bytes.Clone(s.Message), 0)); err == nil {
		t.Errorf("%s, kind %d: of another message OpenSSL says %s", s.File, s.Kind, out)
	}
}
