package timestamp_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yinxin/internal/interop"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
)

// TestJudgedByJava: BouncyCastle holds our tokens of every kind of key over every hash for right, and finds what is wrong in those that were spoilt.
func TestJudgedByJava(t *testing.T) {
	judge := interop.New(t)
	dir, p := t.TempDir(), testpki.New(t)
	var files []string
	put := func(name string, token, over []byte) {
		path := filepath.Join(dir, name+".tst")
		for file, data := range map[string][]byte{path: token, path + ".octets": over} {
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		files = append(files, path)
	}
	wrong := map[string]string{}
	for _, alg := range algorithms() {
		a := newAuthority(t, p, alg)
		for _, h := range timestamp.Hashes() {
			name := string(alg) + "-" + timestamp.HashName(h)
			token := a.token(t, newInfo(t, h))
			put(name, token, octets)
			wrong[name] = ""
			put(name+"-over-others", token, octets[1:])
			wrong[name+"-over-others"] = "token-imprint"
			forged := bytes.Clone(token)
			forged[bytes.Index(forged, []byte("20260302"))+7] ^= 1 // a day earlier or later
			put(name+"-forged", forged, octets)
			wrong[name+"-forged"] = "token-value"
			if alg == algorithms()[0] {
				wrong[name+"-forged"] = "token-sm2 token-value"
			}
		}
	}
	right, failed := map[string][]string{}, map[string][]string{}
	for _, f := range judge.Ask(t, files...) {
		name := strings.TrimSuffix(f.File, ".tst")
		if f.OK {
			right[name] = append(right[name], f.Check)
		} else {
			failed[name] = append(failed[name], f.Check)
		}
	}
	for name, want := range wrong {
		slices.Sort(failed[name])
		if got := strings.Join(failed[name], " "); got != want {
			t.Errorf("%s: the judge objects to %q, want %q", name, got, want)
		}
		if want == "" && (!slices.Contains(right[name], "token-value") || strings.HasPrefix(name, "sm2") && !slices.Contains(right[name], "token-sm2")) {
			t.Errorf("%s: the judge found only %v right", name, right[name])
		}
	}
}
