package keystore

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"yinxin/fault"
	"yinxin/hsm"
)

// TestRecords: what is put is read back, by name, sealed, and nothing else is.
func TestRecords(t *testing.T) {
	s, dir := newStore(t)
	secret := []byte("what nobody else may read")
	for _, data := range [][]byte{[]byte("first"), secret, {}} {
		if err := s.PutRecord("note", data); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Record("note"); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%q, %v, want %q", got, err, data)
		}
	}
	if err := s.PutRecord("other", secret); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "other.record"))
	if err != nil || bytes.Contains(file, secret[:8]) {
		t.Errorf("the record can be read: %q, %v", file, err)
	}
	if names, err := s.Records(); err != nil || len(names) != 2 || names[0] != "note" || names[1] != "other" {
		t.Errorf("%v, %v", names, err)
	}
	if keys, err := s.List(); err != nil || len(keys) != 0 {
		t.Errorf("records are taken for keys: %v, %v", keys, err)
	}
	if err := s.DestroyRecord("note"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record("note"); !errors.Is(err, fault.NotFound) {
		t.Errorf("a record that is gone: %v", err)
	}
	if err := s.DestroyRecord("note"); !errors.Is(err, fault.NotFound) {
		t.Errorf("destroyed twice: %v", err)
	}
	if err := s.PutRecord("long", make([]byte, MaxRecord)); err != nil {
		t.Errorf("the longest record: %v", err)
	}
	if err := s.PutRecord("long", make([]byte, MaxRecord+1)); !errors.Is(err, fault.Limit) {
		t.Errorf("a record that is too long: %v", err)
	}
	if err := s.PutRecord("../other", nil); !errors.Is(err, fault.Invalid) {
		t.Errorf("a name with a path: %v", err)
	}
}

// TestRecordsAltered: a record that was changed, renamed, or comes from another store is not one.
func TestRecordsAltered(t *testing.T) {
	s, dir := newStore(t)
	if err := s.PutRecord("one", []byte("data")); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(dir, "one.record"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, at *Store, dir, as string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, as+".record"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := at.Record(as); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range file {
		changed := bytes.Clone(file)
		changed[i] ^= 1
		check("changed", s, dir, "one", changed)
	}
	for n := range file {
		check("cut", s, dir, "one", file[:n])
	}
	check("renamed", s, dir, "two", file)
	check("giant", s, dir, "one", make([]byte, maxRecordFile+1))
	elsewhere := filepath.Join(t.TempDir(), "keys")
	other, err := Create(elsewhere, pass())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	check("of another store", other, elsewhere, "one", file)
}

// TestDecryptKinds: only SM2 keys decrypt. What they open is tested by hsm/token, with OpenSSL.
func TestDecryptKinds(t *testing.T) {
	s, _ := newStore(t)
	for _, spec := range []hsm.Spec{{Algorithm: hsm.ECDSAP256}, {Algorithm: hsm.SM2}} {
		if _, err := s.Generate(spec.String(), spec); err != nil {
			t.Fatal(err)
		}
		k, err := s.Private(spec.String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.Decrypt(make([]byte, 200)); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", spec, err)
		}
		k.Zero()
		if _, err := k.Decrypt(make([]byte, 200)); !errors.Is(err, fault.Unavailable) {
			t.Errorf("%s, cleared: %v", spec, err)
		}
	}
}
