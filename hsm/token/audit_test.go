package token

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"yinxin/fault"
)

func readAudit(t *testing.T, dir string) Summary {
	t.Helper()
	s, err := ReadAudit(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// readLines reads an audit of one file.
func readLines(data []byte) error { return new(auditReader).read(auditName(1), bytes.NewReader(data)) }

// TestAudit: each signature is a line with the SM3 of what was signed; the chain goes on over restarts and notices every change but a cut end.
func TestAudit(t *testing.T) {
	k, dir := newTokenIn(t)
	digest := bytes.Repeat([]byte{7}, 32)

	for range 2 {
		k = restart(t, k, dir)
		c := user(t, k)
		_, private := c.sm2()
		for range 3 {
			c.ok(opSignOnce, k.face.Sign[0].Mechanism, "", private, digest)
		}
		c.gives(rvDataLenRange, opSignOnce, k.face.Sign[0].Mechanism, "", private, digest[1:])
		c.gives(rvUserAlreadyLoggedIn, opLogin, uint64(ckuUser), testUser)
		c.s.close()
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	inputs := map[string]int{}
	s, err := ReadAudit(dir, func(input string) { inputs[input]++ })
	if err != nil || s.Files != 1 || s.Signed != 6 || s.Failed != 2 || len(inputs) != 1 || inputs[fingerprint(digest)] != 6 {
		t.Errorf("%+v of %v, %v, want 6 signatures of one digest and 2 failures", s, inputs, err)
	}
	path := filepath.Join(dir, auditName(1))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{testPass, testUser, testSO, string(digest)} {
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("the audit holds %q", secret)
		}
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	for name, altered := range map[string][][]byte{
		"removed": slices.Delete(slices.Clone(lines), 3, 4), "doubled": slices.Insert(slices.Clone(lines), 3, lines[3]), "from the middle": lines[3:],
		"swapped": append(append(slices.Clone(lines[:3]), lines[4], lines[3]), lines[5:]...),
	} {
		if err := readLines(bytes.Join(altered, nil)); !errors.Is(err, fault.Invalid) {
			t.Errorf("lines %s: %v", name, err)
		}
	}
	for i := 0; i < len(data)-1; i += 7 { // but the end of the last line, without which it was not written yet
		changed := bytes.Clone(data)
		changed[i] ^= 1
		if err := readLines(changed); !errors.Is(err, fault.Invalid) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	if err := readLines(bytes.Join(lines[:4], nil)); err != nil {
		t.Errorf("the audit's beginning alone: %v", err)
	}
}

// TestTornAudit: a line that a crash cut short is taken off, which is said; an end that is no line is not written to.
func TestTornAudit(t *testing.T) {
	k, dir := newTokenIn(t)
	path := filepath.Join(dir, auditName(1))

	if err := k.release(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{append(bytes.Clone(whole), whole[:len(whole)/3]...), whole[:10]} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		k = restart(t, k, dir)
		if err := k.release(); err != nil {
			t.Fatal(err)
		}
		readAudit(t, dir)
		if now, err := os.ReadFile(path); err != nil || !bytes.Contains(now, []byte(`"event":"torn"`)) {
			t.Errorf("nothing is said of the torn line: %s, %v", now, err)
		}
	}
	if err := os.WriteFile(path, []byte("no line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := over(k.store, Own()).open(dir); !errors.Is(err, fault.Invalid) {
		t.Errorf("an audit with a strange end: %v", err)
	}
}

// TestNoAuditNoSignature: what cannot be written down does not leave.
func TestNoAuditNoSignature(t *testing.T) {
	k := newToken(t)
	c := user(t, k)
	_, private := c.sm2()
	if err := k.audit.file.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r := c.gives(rvDeviceError, opSignOnce, k.face.Sign[0].Mechanism, "", private, make([]byte, 32))
		if len(r.in) != 0 {
			t.Error("a signature left without a line in the audit")
		}
	}
}

// TestForeignRecord: what lies in the directory is not believed unless it is sealed by this store, and not read where others may.
func TestForeignRecord(t *testing.T) {
	k, dir := newTokenIn(t)

	user(t, k).sm2()
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.record"))
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("label")) {
		t.Error("a record can be read without the passphrase")
	}
	try := func(name string, want fault.Kind) {
		t.Helper()
		if _, err := Open(dir, []byte(testPass), Own()); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(files[1], data, 0o600); err != nil {
		t.Fatal(err)
	}
	try("one record in another's place", fault.Invalid)
	if err := os.Remove(files[1]); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(files[0], 0o644); err != nil {
		t.Fatal(err)
	}
	try("readable by all", fault.Denied)
	if err := os.Chmod(files[0], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	try("a directory open to all", fault.Denied)
}
