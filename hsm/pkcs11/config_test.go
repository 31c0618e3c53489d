package pkcs11

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/fault"
)

const smallConfig = "tokens:\n- {module: a.so, token: {label: seals}"

func TestReadConfig(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "hsm.yaml")
	text := `
tokens:
- module: lib/a.so
  token: {label: seals, serial: "0001"}
  profile: own.yaml
  pin: {file: pin}
  sessions: 8
  timeout: 3s
  keys:
  - {name: 法人章, uri: "pkcs11:object=owner;id=%01", public: "sm3:` + strings.Repeat("0a", 32) + `", imported: true}
- {module: /opt/b.so, serves: rsa-ecdsa, token: {label: others}, pin: {env: OTHER_PIN}}
`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := ReadConfig(name)
	if err != nil {
		t.Fatal(err)
	}
	a, b := c.Tokens[0], c.Tokens[1]
	if a.Module != filepath.Join(dir, "lib/a.so") || a.PIN.File != filepath.Join(dir, "pin") || a.Profile != filepath.Join(dir, "own.yaml") || a.Sessions != 8 ||
		a.Timeout != 3*time.Second || a.Serves != ServesSM2 || a.Patience != 30*time.Second || len(a.Keys) != 1 || a.Token.String() != "seals #0001" {
		t.Errorf("%+v", a)
	}
	if b.Module != "/opt/b.so" || b.Serves != ServesRSAECDSA || b.Profile != "auto" || b.Sessions != 4 {
		t.Errorf("%+v", b)
	}
	if _, err := ReadConfig(name + ".none"); !errors.Is(err, fault.NotFound) {
		t.Errorf("no file: %v", err)
	}
}

func TestWrongConfigs(t *testing.T) {
	for name, text := range map[string]string{
		"empty":          "",
		"no tokens":      "tokens: []",
		"unknown field":  smallConfig + "}\nslot: 3",
		"slot":           "tokens:\n- {module: a.so, token: {slot: 3}}",
		"PIN in it":      smallConfig + ", pin: {value: '1234'}}",
		"two PINs":       smallConfig + ", pin: {env: A, file: b}}",
		"no module":      "tokens:\n- {token: {label: a}}",
		"no token":       "tokens:\n- {module: a.so}",
		"odd service":    smallConfig + ", serves: rsa}",
		"many sessions":  smallConfig + ", sessions: 1000}",
		"negative":       smallConfig + ", timeout: -1s}",
		"token twice":    smallConfig + "}\n- {module: ./a.so, token: {label: seals}}",
		"library shared": smallConfig + "}\n- {module: a.so, serves: rsa-ecdsa, token: {label: other}}",
		"key, no name":   smallConfig + ", keys: [{uri: 'pkcs11:object=a'}]}",
		"key, no URI":    smallConfig + ", keys: [{name: a}]}",
		"key, odd URI":   smallConfig + ", keys: [{name: a, uri: 'pkcs11:slot-id=1'}]}",
		"key, only type": smallConfig + ", keys: [{name: a, uri: 'pkcs11:type=private'}]}",
		"key, odd print": smallConfig + ", keys: [{name: a, uri: 'pkcs11:object=a', public: 'sm3:12'}]}",
		"key twice":      smallConfig + ", keys: [{name: a, uri: 'pkcs11:object=a'}, {name: a, uri: 'pkcs11:object=b'}]}",
		"two documents":  smallConfig + "}\n---\n" + smallConfig + "}",
		"too large":      smallConfig + "}\n#" + strings.Repeat("x", maxConfig),
	} {
		_, err := ParseConfig([]byte(text))
		if p, _ := fault.PublicOf(err); !errors.Is(err, fault.Invalid) || p.Code != "hsm-config" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(Config{}, Options{}); err == nil {
		t.Error("a configuration without tokens is opened")
	}
}

func TestSecret(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("CREDENTIALS_DIRECTORY", dir)
	t.Setenv("TEST_PIN", "1234")
	t.Setenv("NO_PIN", "")
	for name, mode := range map[string]os.FileMode{"good": 0o600, "open": 0o644, "empty": 0o600, "long": 0o600} {
		text := map[string]string{"good": "1234\r\n", "open": "1234", "empty": "\n", "long": strings.Repeat("1", maxSecret+1)}[name]
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range []Secret{{File: filepath.Join(dir, "good")}, {Credential: "good"}, {Env: "TEST_PIN"}} {
		if pin, err := s.read(); err != nil || string(pin) != "1234" {
			t.Errorf("%+v: %q, %v", s, pin, err)
		}
	}
	if pin, err := (Secret{}).read(); pin != nil || err != nil {
		t.Errorf("no PIN: %q, %v", pin, err)
	}
	for _, s := range []Secret{{File: filepath.Join(dir, "none")}, {File: dir}, {File: filepath.Join(dir, "open")}, {File: filepath.Join(dir, "empty")},
		{File: filepath.Join(dir, "long")}, {Env: "NO_PIN"}, {Credential: "../good"}, {Credential: "none"}} {
		if pin, err := s.read(); pin != nil || !errors.Is(err, fault.Invalid) {
			t.Errorf("%+v: %q, %v", s, pin, err)
		}
	}
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	if _, err := (Secret{Credential: "good"}).read(); err == nil {
		t.Error("a credential without its directory")
	}
}

func TestURI(t *testing.T) {
	for s, want := range map[string]URI{
		"pkcs11:":                 {},
		"pkcs11:token=a;object=b": {Token: "a", Object: "b"},
		"pkcs11:object=%E5%85%AC%E7%AB%A0;type=private": {Object: "公章"},
		"pkcs11:serial=0001;id=%00%ff":                  {Serial: "0001", ID: []byte{0, 255}},
		"pkcs11:id=ab":                                  {ID: []byte("ab")},
	} {
		u, err := ParseURI(s)
		if err != nil || u.Token != want.Token || u.Object != want.Object || u.Serial != want.Serial || !bytes.Equal(u.ID, want.ID) {
			t.Errorf("%s: %+v, %v", s, u, err)
		}
		again, err := ParseURI(string(u.Ref()))
		if err != nil || again.Ref() != u.Ref() {
			t.Errorf("%s is written %s", s, u.Ref())
		}
	}
	for _, s := range []string{"", "soft:a", "PKCS11:object=a", "pkcs11:object", "pkcs11:object=a;object=b", "pkcs11:object=%4", "pkcs11:object=%zz", "pkcs11:type=public",
		"pkcs11:slot-id=1", "pkcs11:object=a?pin-value=1", "pkcs11:object=a?module-path=/b", "pkcs11:library-manufacturer=a", "pkcs11:object=a;", "pkcs11:;",
		"pkcs11:object=" + strings.Repeat("a", maxURI)} {
		_, err := ParseURI(s)
		p, _ := fault.PublicOf(err)
		if p.Code != "hsm-uri" || strings.Contains(p.EN, "pin-value") {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func FuzzURI(f *testing.F) {
	f.Add("pkcs11:token=a;serial=1;object=b;id=%01%02;type=private")
	f.Add("pkcs11:object=a?pin-source=/b")
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseURI(s)
		if err != nil {
			if !errors.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		ref := u.Ref()
		if len(ref) > maxURI {
			return // escaping may lengthen it past what is read
		}
		if again, err := ParseURI(string(ref)); err != nil || again.Ref() != ref {
			t.Errorf("%q is written %q, which reads as %+v, %v", s, ref, again, err)
		}
	})
}

func FuzzConfig(f *testing.F) {
	f.Add([]byte(smallConfig + "}"))
	f.Add([]byte(smallConfig + ", keys: [{name: a, uri: 'pkcs11:object=a'}]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConfig(data)
		if err == nil && len(c.Tokens) == 0 || err != nil && !errors.Is(err, fault.Invalid) {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

// Every class has its sentences, and every sentence can be reached.
func TestSentences(t *testing.T) {
	for c, s := range sentences() {
		if s.zh == "" || s.en == "" || s.kind == 0 {
			t.Errorf("%s says nothing", c)
		}
		err := &failure{class: c, about: "seals", detail: "why", err: os.ErrNotExist}
		if !errors.Is(err, s.kind) || !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "seals: ") || !strings.Contains(err.Error(), "why") {
			t.Errorf("%s: %v", c, err)
		}
	}
}
