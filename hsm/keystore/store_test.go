package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yinxin/fault"
)

const secret = "correct horse 电池"

func pass() []byte { return []byte(secret) }

// made is one store.json under pass and its key-encryption key: stretching the passphrase for every test anew would take most of their time.
var made = sync.OnceValues(func() (kek, file []byte) {
	kek, err := randomBytes(kekSize)
	if err != nil {
		panic(err)
	}
	f, err := wrap(kek, pass())
	if err != nil {
		panic(err)
	}
	return kek, f.encode()
})

// newStore opens a store in a fresh directory. All of them have one key-encryption key; another store is one that Create made.
func newStore(t testing.TB) (*Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	root, err := openDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	kek, file := made()
	if err := writeNew(root, storeName, file); err != nil {
		t.Fatal(err)
	}
	s := &Store{dir: dir, root: root, kek: bytes.Clone(kek)}
	return ready(t, s), dir
}

// createStore makes a store of its own in a directory that is not there yet, nor the one above.
func createStore(t testing.TB) (*Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "above", "keys")
	s, err := Create(dir, pass())
	if err != nil {
		t.Fatal(err)
	}
	return ready(t, s), dir
}

func ready(t testing.TB, s *Store) *Store {
	t.Cleanup(func() { s.Close() })
	s.Now = func() time.Time { return time.Date(2026, 3, 2, 8, 0, 0, 123, time.UTC) }
	return s
}

// wantFault checks kind and code, and that nothing secret is in the text of the error in any form.
func wantFault(t testing.TB, err error, kind fault.Kind, code string) {
	t.Helper()
	p, ok := fault.PublicOf(err)
	if !ok || !errors.Is(err, kind) || p.Code != code {
		t.Errorf("got %v (code %q), want %v with code %q", err, p.Code, kind, code)
		return
	}
	if p.ZH == "" || p.EN == "" {
		t.Errorf("%s lacks a sentence: %+v", code, p)
	}
	for _, text := range []string{err.Error(), p.ZH, p.EN} {
		if strings.Contains(text, secret) || strings.Contains(text, "wrong horse") {
			t.Errorf("%s tells the passphrase: %s", code, text)
		}
	}
}

func TestPassphrase(t *testing.T) {
	s, dir := newStore(t)
	_, err := Open(dir, []byte("wrong horse"))
	wantFault(t, err, fault.Denied, "key-passphrase")
	_, err = Open(dir, nil)
	wantFault(t, err, fault.Denied, "key-passphrase")
	_, err = Open(dir, bytes.Repeat([]byte("x"), maxPassphrase+1))
	wantFault(t, err, fault.Denied, "key-passphrase")

	fresh := filepath.Join(t.TempDir(), "fresh")
	_, err = Create(fresh, []byte("七个字不够长啊")) // 21 bytes, 7 characters
	wantFault(t, err, fault.Invalid, "key-passphrase-short")
	_, err = Create(fresh, bytes.Repeat([]byte("x"), maxPassphrase+1))
	wantFault(t, err, fault.Limit, "key-passphrase-long")
	if _, err := os.Stat(fresh); err == nil {
		t.Error("a refused passphrase left a directory behind")
	}
	wantFault(t, s.Rewrap(pass(), []byte("short")), fault.Invalid, "key-passphrase-short")
}

func TestRewrap(t *testing.T) {
	s, dir := createStore(t)
	if _, err := s.Generate("maker", sm2()); err != nil {
		t.Fatal(err)
	}
	before := readAll(t, dir)
	wantFault(t, s.Rewrap([]byte("wrong horse"), []byte("another passphrase")), fault.Denied, "key-passphrase")
	if after := readAll(t, dir); !equalFiles(before, after) {
		t.Fatal("a refused change left traces")
	}
	old, replacement := pass(), []byte("another passphrase")
	if err := s.Rewrap(old, replacement); err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsFunc(append(old, replacement...), func(r rune) bool { return r != 0 }) {
		t.Error("the passphrases were not cleared")
	}
	after := readAll(t, dir)
	if len(after) != len(before) || after["maker.key"] != before["maker.key"] || after[storeName] == before[storeName] {
		t.Error("more or less than store.json changed")
	}
	_, err := Open(dir, pass())
	wantFault(t, err, fault.Denied, "key-passphrase")
	again, err := Open(dir, []byte("another passphrase"))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for _, s := range []*Store{s, again} {
		if _, err := s.Private("maker"); err != nil {
			t.Error(err)
		}
	}
}

func TestRewrapRefusesAnother(t *testing.T) {
	s, dir := newStore(t)
	if err := os.WriteFile(filepath.Join(dir, rewrapName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantFault(t, s.Rewrap(pass(), []byte("another passphrase")), fault.Conflict, "key-store-busy")
	if _, err := os.Stat(filepath.Join(dir, rewrapName)); err != nil {
		t.Error("the other's file was removed")
	}
}

// TestRewrapRace: of several changes at once one succeeds, and its passphrase is the one that opens.
func TestRewrapRace(t *testing.T) {
	_, dir := newStore(t)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		s, err := Open(dir, pass())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		wg.Go(func() { errs[i] = s.Rewrap(pass(), fmt.Appendf(nil, "replacement %d", i)) })
	}
	wg.Wait()
	won := 0
	for i, err := range errs {
		s, openErr := Open(dir, fmt.Appendf(nil, "replacement %d", i))
		if (err == nil) != (openErr == nil) {
			t.Errorf("change %d returned %v, opening with its passphrase %v", i, err, openErr)
		}
		if openErr == nil {
			s.Close()
			won++
		}
		if err != nil && !errors.Is(err, fault.Conflict) && !errors.Is(err, fault.Denied) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d changes won", won)
	}
}

func TestCreateRefusesWhatIsThere(t *testing.T) {
	s, dir := createStore(t)
	before := readAll(t, dir)
	_, err := Create(dir, pass())
	wantFault(t, err, fault.Conflict, "key-store-exists")
	if !equalFiles(before, readAll(t, dir)) {
		t.Error("the store was touched")
	}
	if _, err := s.Generate("maker", sm2()); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, storeName)); err != nil {
		t.Fatal(err)
	}
	_, err = Create(dir, pass())
	wantFault(t, err, fault.Conflict, "key-store-lost")
	_, err = Open(dir, pass())
	wantFault(t, err, fault.NotFound, "key-store-missing")
	_, err = Open(filepath.Join(dir, "nowhere"), pass())
	wantFault(t, err, fault.NotFound, "key-store-missing")
}

func TestPermissions(t *testing.T) {
	s, dir := createStore(t)
	if _, err := s.Generate("maker", sm2()); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{storeName: 0o600, "maker.key": 0o600, ".": 0o700} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s was made with %v (%v), want %v", name, info.Mode().Perm(), err, mode)
		}
	}
	chmod := func(name string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, mode := range []os.FileMode{0o604, 0o640, 0o660, 0o666} {
		chmod("maker.key", mode)
		_, err := s.Private("maker")
		wantFault(t, err, fault.Denied, "key-permissions")
		if p, _ := fault.PublicOf(err); !strings.Contains(p.EN, "chmod 600 '"+filepath.Join(dir, "maker.key")+"'") {
			t.Errorf("no command in %q", p.EN)
		}
		_, err = s.List()
		wantFault(t, err, fault.Denied, "key-permissions")
	}
	chmod("maker.key", 0o400)
	if _, err := s.Private("maker"); err != nil {
		t.Error(err)
	}
	chmod(storeName, 0o644)
	_, err := Open(dir, pass())
	wantFault(t, err, fault.Denied, "key-permissions")
	chmod(storeName, 0o600)
	chmod(".", 0o750)
	_, err = Open(dir, pass())
	wantFault(t, err, fault.Denied, "key-permissions")
	_, err = Create(dir, pass())
	wantFault(t, err, fault.Denied, "key-permissions")
}

func TestClosed(t *testing.T) {
	s, _ := newStore(t)
	if _, err := s.Generate("maker", sm2()); err != nil {
		t.Fatal(err)
	}
	kek := s.kek
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kek, make([]byte, kekSize)) {
		t.Error("the key-encryption key was not cleared")
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	_, err := s.Private("maker")
	wantFault(t, err, fault.Unavailable, "key-store-closed")
	_, err = s.Generate("other", sm2())
	wantFault(t, err, fault.Unavailable, "key-store-closed")
	_, err = s.List()
	wantFault(t, err, fault.Unavailable, "key-store-closed")
	wantFault(t, s.Destroy("maker"), fault.Unavailable, "key-store-closed")
	wantFault(t, s.Rewrap(pass(), []byte("another passphrase")), fault.Unavailable, "key-store-closed")
}

func readAll(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(b)
	}
	return out
}

func equalFiles(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name := range a {
		if a[name] != b[name] {
			return false
		}
	}
	return true
}
