package keystore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"yinxin/fault"
	"yinxin/hsm"
)

func TestGenerateListDestroy(t *testing.T) {
	s, dir := newStore(t)
	for _, name := range []string{"seal-2", "maker", "A.b_c"} {
		if _, err := s.Generate(name, sm2()); err != nil {
			t.Fatal(err)
		}
	}
	before := readAll(t, dir)
	_, err := s.Generate("maker", sm2())
	wantFault(t, err, fault.Conflict, "key-exists")
	for _, name := range []string{"", ".hidden", "a/b", "../x", "soft:x", "空", "a b", strings.Repeat("x", hsm.MaxName+1)} {
		_, err := s.Generate(name, sm2())
		wantFault(t, err, fault.Invalid, "key-ref")
		_, err = s.Private(name)
		wantFault(t, err, fault.Invalid, "key-ref")
		wantFault(t, s.Destroy(name), fault.Invalid, "key-ref")
	}
	for _, spec := range []hsm.Spec{{}, {Algorithm: "rot13"}, {Algorithm: hsm.RSAPKCS1}, {Algorithm: hsm.RSAPKCS1, Bits: 1024}, {Algorithm: hsm.RSAPKCS1, Bits: 1 << 20},
		{Algorithm: hsm.SM2, Bits: 256}, {Algorithm: "rsa3072"}} {
		_, err := s.Generate("other", spec)
		wantFault(t, err, fault.Invalid, "key-algorithm")
	}
	if !equalFiles(before, readAll(t, dir)) {
		t.Error("refused keys left traces")
	}
	list, err := s.List()
	if err != nil || len(list) != 3 || list[0].Ref != "soft:A.b_c" || list[1].Ref != "soft:maker" || list[2].Ref != "soft:seal-2" {
		t.Errorf("list is %v, %v", list, err)
	}
	if err := s.Destroy("maker"); err != nil {
		t.Fatal(err)
	}
	wantFault(t, s.Destroy("maker"), fault.NotFound, "key-missing")
	_, err = s.Private("maker")
	wantFault(t, err, fault.NotFound, "key-missing")
	if list, err := s.List(); err != nil || len(list) != 2 {
		t.Errorf("after destroying one the list is %v, %v", list, err)
	}
}

// TestRace opens the store as several processes would and has them all make the same names at once.
func TestRace(t *testing.T) {
	first, dir := newStore(t)
	stores := []*Store{first}
	for range 3 {
		s, err := Open(dir, pass())
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		stores = append(stores, s)
	}
	const names = 8
	var mu sync.Mutex
	winners := map[string][]hsm.Info{}
	var wg sync.WaitGroup
	for i := range len(stores) * 2 {
		wg.Go(func() {
			for n := range names {
				name := fmt.Sprintf("key-%d", n)
				info, err := stores[i%len(stores)].Generate(name, sm2())
				if err == nil {
					mu.Lock()
					winners[name] = append(winners[name], info)
					mu.Unlock()
				} else if !errors.Is(err, fault.Conflict) {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	wg.Wait()
	for n := range names {
		name := fmt.Sprintf("key-%d", n)
		if len(winners[name]) != 1 {
			t.Fatalf("%s was made %d times", name, len(winners[name]))
		}
		p, err := first.Private(name)
		if err != nil || !samePublic(p.key.public(), winners[name][0].Public) {
			t.Errorf("%s is not what its maker was told (%v)", name, err)
		}
	}
	if files := readAll(t, dir); len(files) != names+1 {
		t.Errorf("%d files lie in the store, want %d", len(files), names+1)
	}
}

func TestSwappedFiles(t *testing.T) {
	s, dir := newStore(t)
	other, otherDir := createStore(t)
	for _, s := range []*Store{s, other} {
		for _, name := range []string{"one", "two"} {
			if _, err := s.Generate(name, sm2()); err != nil {
				t.Fatal(err)
			}
		}
	}
	mine, theirs := readAll(t, dir), readAll(t, otherDir)
	one, err1 := decodeKey([]byte(mine["one.key"]))
	two, err2 := decodeKey([]byte(mine["two.key"]))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	mix := func(change func(f *keyFile)) string {
		f := *one
		change(&f)
		return string(f.encode())
	}
	for what, data := range map[string]string{
		"another key's file":        mine["two.key"],
		"renamed inside":            strings.Replace(mine["two.key"], `"two"`, `"one"`, 1),
		"another store's file":      theirs["one.key"],
		"another key's sealed half": mix(func(f *keyFile) { f.Nonce, f.Sealed = two.Nonce, two.Sealed }),
		"another key's public half": mix(func(f *keyFile) { f.Public = two.Public }),
		"another date":              mix(func(f *keyFile) { f.Created = "2026-03-02T08:00:01Z" }),
		"another nonce":             mix(func(f *keyFile) { f.Nonce = two.Nonce }),
		"empty":                     "",
		"store.json":                mine[storeName],
		"another kind":              mix(func(f *keyFile) { f.Algorithm = "p256" }),
		"a kind unheard of":         mix(func(f *keyFile) { f.Algorithm = "rot13" }),
		"later format":              mix(func(f *keyFile) { f.Format = 2 }),
		"unknown field":             strings.Replace(mine["one.key"], `"format": 1`, `"format": 1, "extra": 1`, 1),
		"repeated field":            strings.Replace(mine["one.key"], `"format": 1`, `"format": 1, "format": 1`, 1),
		"larger than a key can be":  mine["one.key"] + strings.Repeat(" ", maxKeyFile),
		"something behind":          mine["one.key"] + "{}",
	} {
		if err := os.WriteFile(filepath.Join(dir, "one.key"), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := s.Private("one")
		if err == nil {
			t.Errorf("%s: opened", what)
			continue
		}
		wantFault(t, err, fault.Invalid, "key-file-damaged")
		_, err = s.List()
		wantFault(t, err, fault.Invalid, "key-file-damaged")
	}
	if err := os.WriteFile(filepath.Join(dir, "one.key"), []byte(mine["one.key"]), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Private("one"); err != nil {
		t.Errorf("the untouched file no longer opens: %v", err)
	}
}

// TestEveryBit flips every bit of a key file (of the long RSA file one bit of every byte) and cuts it at every length: nothing but the file itself
// opens. Since a file has one form only, this holds for spaces between the tokens too.
func TestEveryBit(t *testing.T) {
	for _, k := range kinds(t) {
		data, opens := k.file.encode(), func(b []byte) bool {
			f, err := decodeKey(b)
			if err != nil || f.Name != k.file.Name {
				return false
			}
			_, err = f.open(k.kek)
			return err == nil
		}
		if !opens(data) {
			t.Fatalf("%s: the file itself does not open", k.spec)
		}
		for i := range data {
			for bit := range 8 {
				if len(data) > 1<<10 && bit != i%8 {
					continue
				}
				data[i] ^= 1 << bit
				if opens(data) {
					t.Errorf("%s: opens with bit %d of byte %d flipped: %s", k.spec, bit, i, data)
				}
				data[i] ^= 1 << bit
			}
			if opens(data[:i]) {
				t.Errorf("%s: opens when cut to %d bytes", k.spec, i)
			}
		}
	}
}

// TestStoreBits alters store.json: every change that is not refused by form alone must fail to unseal.
func TestStoreBits(t *testing.T) {
	_, dir := newStore(t)
	data := []byte(readAll(t, dir)[storeName])
	good, err := decodeStore(data)
	if err != nil {
		t.Fatal(err)
	}
	derived, err := good.derive(pass())
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for i := range data {
		for bit := range 8 {
			data[i] ^= 1 << bit
			if f, err := decodeStore(data); err == nil {
				tried++ // the derived key is right whatever the salt says: the binding alone must hold
				if _, err := unseal(derived, f.Nonce, f.KEK, f.aad()); !errors.Is(err, errUnseal) {
					t.Errorf("unseals with bit %d of byte %d flipped: %s", bit, i, data)
				}
			}
			data[i] ^= 1 << bit
		}
		if _, err := decodeStore(data[:i]); err == nil {
			t.Errorf("decodes when cut to %d bytes", i)
		}
	}
	if tried == 0 {
		t.Error("no altered file got as far as the unsealing")
	}
	for what, change := range map[string]func(f *storeFile){
		"a cheaper derivation":   func(f *storeFile) { f.KDF.N = 1 << 14 },
		"an endless derivation":  func(f *storeFile) { f.KDF.N = 1 << 30 },
		"a crooked derivation":   func(f *storeFile) { f.KDF.N = 40000 },
		"a negative derivation":  func(f *storeFile) { f.KDF.N = -1 << 63 },
		"a fat derivation":       func(f *storeFile) { f.KDF.R = 1 << 20 },
		"a parallel derivation":  func(f *storeFile) { f.KDF.P = 5 },
		"another derivation":     func(f *storeFile) { f.KDF.Name = "pbkdf2" },
		"no salt":                func(f *storeFile) { f.KDF.Salt = nil },
		"a later format":         func(f *storeFile) { f.Format = 2 },
		"a sealed key too short": func(f *storeFile) { f.KEK = f.KEK[1:] },
	} {
		f := *good
		change(&f)
		if err := os.WriteFile(filepath.Join(dir, storeName), f.encode(), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, pass()); err == nil {
			t.Errorf("opens with %s", what)
		} else {
			wantFault(t, err, fault.Invalid, "key-file-damaged")
		}
	}
	// A dearer derivation within bounds is tried and fails, because the binding covers it.
	f := *good
	f.KDF.P = 2
	if _, err := f.unwrap(pass()); !errors.Is(err, errUnseal) {
		t.Errorf("altered parameters: %v", err)
	}
}

func TestNotARegularFile(t *testing.T) {
	s, dir := newStore(t)
	if err := os.Mkdir(filepath.Join(dir, "folder.key"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := s.Private("folder")
	wantFault(t, err, fault.Invalid, "key-file-damaged")
	if err := os.Symlink(filepath.Join(dir, storeName), filepath.Join(dir, "link.key")); err != nil {
		t.Fatal(err)
	}
	_, err = s.Private("link")
	wantFault(t, err, fault.Invalid, "key-file-damaged")
}
