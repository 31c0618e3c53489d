package profile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yinxin/fault"
	"yinxin/hsm/profile"
)

func TestVendors(t *testing.T) {
	want := map[string]struct{ keyType, keyGen, digest uint }{
		"luna":   {0x80000016, 0x80000B20, 0x80000B21},
		"sansec": {0x80000004, 0x80008001, 0x80008105},
		"tass":   {0x80000004, 0x80008001, 0x80008000},
		"ibm":    {0x80050002, 0x8005000A, 0x8005000B},
		"koal":   {0x80000004, 0x80008001, 0x80008104},
		"yinxin": {0xD9584E01, 0xD9584E10, 0xD9584E11},
	}
	names := profile.Names()
	if len(names) != len(want) {
		t.Fatalf("profiles are %v", names)
	}
	for _, name := range names {
		p, err := profile.Load(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if w := want[name]; p.Name != name || p.SM2.KeyType != w.keyType || p.SM2.KeyGen.Mechanism != w.keyGen || p.SM2.Sign.Digest.Mechanism != w.digest {
			t.Errorf("%s is %+v", name, p.SM2)
		}
		if name != "yinxin" && !strings.Contains(p.Source, "run against emulations only") {
			t.Errorf("%s does not say what it was run against: %s", name, p.Source)
		}
		if p.Limits.CallTimeout != 5*time.Second || p.Login.UserType != 1 || p.SM2.Point.Attribute != 0x181 {
			t.Errorf("%s lacks its defaults: %+v", name, p)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct{ manufacturer, library, want string }{
		{"SafeNet", "Chrystoki", "luna"}, {"THALES Group", "Luna Cryptoki", "luna"}, {"Sansec Technology", "", "sansec"}, {"TASS", "HSM", "tass"},
		{"IBM", "EP11 token", "ibm"}, {"Koal Software", "x", "koal"}, {"Yinxin", "software token", "yinxin"},
		{"SoftHSM", "Implementation of PKCS11", ""}, {"IBM", "ICA token", ""}, {"", "", ""},
	} {
		var got []string
		for _, name := range profile.Names() {
			p, err := profile.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			if p.Matches(c.manufacturer, c.library, "7.4") {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s / %s matches %v, want %q", c.manufacturer, c.library, got, c.want)
		}
	}
}

const small = "name: own\nsource: a test\nsm2: {keyType: 0x80000001, sign: {digest: {mechanism: 0x80000002}}}\n"

func TestParse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(path, []byte(small+"limits: {callTimeout: 90s, maxSessions: 3}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := profile.Load(path)
	if err != nil || p.Name != "own" || p.Limits.CallTimeout != 90*time.Second || p.SM2.Sign.Digest.Encoding != profile.EncodingAuto {
		t.Errorf("%+v, %v", p, err)
	}
	if p.Matches("", "", "") || p.Matches("any", "thing", "1") {
		t.Error("a profile that names no vendor matches one")
	}
	for name, more := range map[string]string{
		"unknown field":    "selftest: off\n",
		"unknown, deeper":  "sm3: {mechanism: 1, speed: 2}\n",
		"two documents":    "---\n" + small,
		"name given twice": "name: two\n",
		"too large":        "sm3: {mechanism: 0x1ffffffff}\n",
		"negative":         "sm3: {mechanism: -1}\n",
		"no duration":      "limits: {callTimeout: 5}\nx: 1",
		"too long":         "limits: {callTimeout: 1h}\n",
		"odd omission":     "template: {omit: [CKA_SENSITIVE]}\n",
		"extra, no value":  "template: {privateExtra: [{attribute: 3}]}\n",
		"extra, no hex":    "template: {privateExtra: [{attribute: 3, value: xyz}]}\n",
	} {
		if _, err := profile.Parse([]byte(small + more)); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, whole := range map[string]string{
		"empty":         "",
		"no name":       strings.Replace(small, "own", "", 1),
		"path as name":  strings.Replace(small, "own", "../own", 1),
		"no source":     strings.Replace(small, "a test", "", 1),
		"no mechanism":  strings.Replace(small, "mechanism: 0x80000002", "encoding: rs", 1),
		"odd encoding":  strings.Replace(small, "mechanism: 0x80000002", "mechanism: 2, encoding: xml", 1),
		"x without y":   strings.Replace(small, "sm2: {", "sm2: {point: {x: 2}, ", 1),
		"odd curve":     strings.Replace(small, "sm2: {", "sm2: {curveOID: 1.2.x, ", 1),
		"one arc":       strings.Replace(small, "sm2: {", "sm2: {curveOID: '1', ", 1),
		"larger":        small + "#" + strings.Repeat("x", 64<<10),
		"a list":        "- 1\n",
		"billion laugh": "a: &a [x]\nb: [*a,*a]\n" + small,
	} {
		if _, err := profile.Parse([]byte(whole)); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"nobody", "", filepath.Join(t.TempDir(), "none.yaml")} {
		if _, err := profile.Load(name); !errors.Is(err, fault.NotFound) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	for _, name := range profile.Names() {
		data, err := os.ReadFile(filepath.Join("vendors", name+".yaml"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := profile.Parse(data)
		if err == nil && (p.Name == "" || p.SM2.KeyType == 0 || p.Limits.CallTimeout <= 0) {
			t.Errorf("%+v is not complete", p)
		}
		if err != nil && !errors.Is(err, fault.Invalid) {
			t.Errorf("an error without its kind: %v", err)
		}
	})
}
