//go:build cgo && linux

package main

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	bigendian "encoding/binary"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A guarded key signs only what a person allows at that moment: with a one-time code, or with a signature of the holder's own key over that digest.
func TestAuthorise(t *testing.T) {
	d := newDaemon(t)
	keys, dir := "--keys=token:"+d.socket, t.TempDir()
	ref, _ := yinxin(t, 0, "", "key", "generate", "coded", "held", keys)
	serial, _, _ := strings.Cut(strings.SplitAfter(ref, "serial=")[1], ";")
	holder := "--keys=soft:" + filepath.Join(dir, "holder")
	yinxin(t, 0, "", "key", "generate", "holder", holder)
	files := map[string]string{}
	for name, of := range map[string]string{"holder": holder, "held": keys} {
		shown, _ := yinxin(t, 0, "", "key", "show", name, of)
		files[name] = filepath.Join(dir, name+".pem")
		if err := os.WriteFile(files[name], []byte(shown), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d.stop()
	address, _ := yinxin(t, 0, "", "token", "guard", "--dir", d.dir, "--label", "coded", "--totp")
	yinxin(t, 0, "", "token", "guard", "--dir", d.dir, "--label", "held", "--holder", files["holder"])
	d.start()

	if healthy, _ := yinxin(t, 0, "", "hsm", "doctor", keys); strings.Count(healthy, "wants an authorisation each time") != 2 {
		t.Errorf("the doctor says %s", healthy)
	}
	code := codeOf6238(t, address)
	yinxin(t, 0, code+"\n", "key", "test", "coded", keys)
	for answer, want := range map[string]string{code: "did not take the authorisation", "": "nobody authorised it"} { // a code is taken once
		if _, errs := yinxin(t, exitRefused, answer+"\n", "key", "test", "coded", keys); !strings.Contains(errs, want) {
			t.Errorf("%q: %s", answer, errs)
		}
	}
	for name, c := range map[string]struct {
		exit int
		e    func(string) string
	}{
		"the digest that is to be signed": {exitOK, func(e string) string { return e }},
		"another one":                     {exitRefused, func(string) string { return strings.Repeat("07", 32) }},
	} {
		exit := ask(t, keys, func(e string) string {
			text, _ := yinxin(t, 0, "", "token", "authorise", "--key", "holder", "--for", files["held"], "--serial", serial, "--digest", c.e(e), holder)
			return text
		})
		if exit != c.exit {
			t.Errorf("%s is authorised: exit code %d", name, exit)
		}
	}
	yinxin(t, exitUsage, "", "token", "authorise", "--key", "holder", "--for", files["held"], "--serial", serial, "--digest", "07", holder)
}

// ask has the key held sign, answers what it asks for, and returns the exit code.
func ask(t *testing.T, keys string, answer func(e string) string) int {
	t.Helper()
	in, typed := io.Pipe()
	said, errs := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		code := execute(t.Context(), []string{"key", "test", "held", "--lang", "en", keys}, in, io.Discard, errs)
		errs.Close()
		ended <- code
	}()
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if _, e, found := strings.Cut(lines.Text(), "to sign, e: "); found {
			text := answer(e)
			go io.Copy(io.Discard, said)
			if _, err := io.WriteString(typed, text); err != nil {
				t.Error(err)
			}
			break
		}
	}
	return <-ended
}

// codeOf6238 is the one-time code of now (RFC 6238) for an otpauth address.
func codeOf6238(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(u.Query().Get("secret"))
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha1.New, secret)
	h.Write(bigendian.BigEndian.AppendUint64(nil, uint64(time.Now().Unix()/30)))
	sum := h.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (bigendian.BigEndian.Uint32(sum[at:])&0x7fffffff)%1000000)
}
