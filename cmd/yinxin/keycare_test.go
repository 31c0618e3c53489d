package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"yinxin/internal/need"
)

// destroy has two people destroy a key, typing the digits of its fingerprint: destroy NAME.
func destroy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: destroy NAME")
	}
	ts.Check(ts.Exec("yinxin", "key", "show", args[0]))
	digits := digitsOf(ts.ReadFile("stdout"))
	ts.Check(os.WriteFile(ts.MkAbs("two"), []byte("甲\n"+digits+"\n乙\n"+digits+"\n"), 0o600))
	ts.Check(ts.Exec("sh", "-c", "yinxin key destroy "+args[0]+" < two"))
}

// digitsOf are the first eight digits of a fingerprint that was printed.
func digitsOf(shown string) string {
	if m := regexp.MustCompile(`sm3:([0-9a-f]{8})`).FindStringSubmatch(shown); m != nil {
		return m[1]
	}
	return "none"
}

// hasCgo reports whether this program was built with PKCS#11.
func hasCgo(t *testing.T) bool {
	t.Helper()
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("no build information")
	}
	return slices.ContainsFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "CGO_ENABLED" && s.Value == "1" })
}

// softToken writes a configuration for a token of softhsm2, for RSA and P-256 keys, and returns its name.
func softToken(t *testing.T) string {
	t.Helper()
	util, library := need.Tool(t, "softhsm2-util"), need.File(t, "softhsm2", "/usr/lib/softhsm/libsofthsm2.so")
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if err := os.Mkdir(filepath.Join(dir, "tokens"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", write("softhsm.conf", "directories.tokendir = "+dir+"/tokens\n"))
	if out, err := exec.Command(util, "--init-token", "--free", "--label", "plain", "--pin", "12345678", "--so-pin", "12345678").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	write("pin", "12345678\n")
	return write("hsm.yaml", "tokens:\n- {module: "+library+", serves: rsa-ecdsa, token: {label: plain}, pin: {file: pin}}\n")
}

// yinxin runs a command in this process and wants its exit code.
func yinxin(t testing.TB, want int, in string, args ...string) (out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	if code := execute(t.Context(), append(args, "--lang", "en"), strings.NewReader(in), &o, &e); code != want {
		t.Fatalf("%v exited %d, want %d: %s%s", args, code, want, o.String(), e.String())
	}
	return o.String(), e.String()
}

func TestTokenCommands(t *testing.T) {
	keys := "--keys=pkcs11:" + softToken(t)
	if !hasCgo(t) {
		_, errs := yinxin(t, exitRefused, "", "key", "list", keys)
		if !strings.Contains(errs, "make build HSM=1") {
			t.Errorf("it does not say how to get PKCS#11: %s", errs)
		}
		return
	}
	out, _ := yinxin(t, 0, "", "key", "generate", "acrobat", keys, "--alg", "p256")
	if !strings.HasPrefix(out, "pkcs11:token=plain;serial=") || !strings.Contains(out, ";object=acrobat;id=%") {
		t.Errorf("made %s", out)
	}
	ref, _, _ := strings.Cut(out, "  ")
	for _, name := range []string{"acrobat", ref} {
		if shown, _ := yinxin(t, 0, "", "key", "show", name, keys); !strings.HasPrefix(shown, out) {
			t.Errorf("%s is shown as %s", name, shown)
		}
	}
	if tested, _ := yinxin(t, 0, "", "key", "test", keys); !strings.HasPrefix(tested, ref+"  verified") {
		t.Errorf("tested %s", tested)
	}
	transcript := filepath.Join(t.TempDir(), "t.txt")
	made, _ := yinxin(t, 0, "A\nMAKE\nB\nMAKE\n", "key", "ceremony", "second", "--alg", "rsa3072", "--out", transcript, keys)
	for _, want := range []string{"CKA_EXTRACTABLE false", "CKA_NEVER_EXTRACTABLE true", "token / token: plain #", "witnessed by: B"} {
		if !strings.Contains(strings.ReplaceAll(made, "令牌 / token", "token / token"), want) {
			t.Errorf("%q is missing in %s", want, made)
		}
	}
	healthy, _ := yinxin(t, 0, "", "hsm", "doctor", keys)
	if !strings.Contains(healthy, "nothing is wrong") || strings.Count(healthy, "signature verified") != 2 || !strings.Contains(healthy, "token plain #") {
		t.Errorf("the doctor says %s", healthy)
	}
	digits := digitsOf(out)
	yinxin(t, 0, "A\n"+digits+"\nB\n"+digits+"\n", "key", "destroy", "acrobat", keys)
	if list, _ := yinxin(t, 0, "", "key", "list", keys); strings.Contains(list, "acrobat") || !strings.Contains(list, "second") {
		t.Errorf("there is %s", list)
	}
	yinxin(t, exitUsage, "", "key", "show", "acrobat", keys)
	_, errs := yinxin(t, exitUsage, "", "key", "generate", "owner", keys)
	if !strings.Contains(errs, "0 tokens of the configuration hold sm2 keys") {
		t.Errorf("a token that does no SM2: %s", errs)
	}
}
