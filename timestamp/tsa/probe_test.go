package tsa_test

import (
	"context"
	"encoding/asn1"
	"errors"
	"reflect"
	"strings"
	"testing"

	"yinxin/fault"
	"yinxin/gm"
	"yinxin/hsm"
	"yinxin/internal/testpki"
	"yinxin/timestamp"
	"yinxin/timestamp/tsa"
)

// TestProbe: the profile that comes back keeps room for every further token, and names the hash where SM3 is not taken.
func TestProbe(t *testing.T) {
	p := testpki.New(t)
	for _, c := range []struct {
		alg    hsm.Algorithm
		hashes []asn1.ObjectIdentifier
		asked  string
		want   string
	}{
		{hsm.SM2, nil, "", ""},
		{hsm.RSAPKCS1, []asn1.ObjectIdentifier{timestamp.OIDSHA256}, "", "sha256"},
		{hsm.ECDSAP256, nil, "sha512", "sha512"},
	} {
		url := serve(t, newAuthority(t, p, c.alg, func(cfg *tsa.Config) { cfg.Hashes = c.hashes }))
		m, err := profiled(t, tsa.Profile{URL: url, PrivateAddresses: true, Hash: c.asked, MaxTokenBytes: 10}, tsa.Options{}).Probe(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if m.Profile.Hash != c.want || m.Profile.MaxTokenBytes != tsa.Room(m.Bytes) || m.Bytes < 500 || m.Took <= 0 || !m.Facts.Intact() {
			t.Errorf("%s: %+v", c.alg, m)
		}
		client := profiled(t, m.Profile, tsa.Options{})
		for range 20 {
			if token, err := client.Token(context.Background(), over(t, client.Hash(gm.OIDSM3))); err != nil || len(token) > client.MaxTokenBytes() {
				t.Errorf("%s: %v", c.alg, err)
			}
		}
	}
}

// TestTooLong: a token longer than the profile promises is refused, since no room was kept for it.
func TestTooLong(t *testing.T) {
	url := serve(t, newAuthority(t, testpki.New(t), hsm.SM2, nil))
	_, err := profiled(t, tsa.Profile{URL: url, PrivateAddresses: true, MaxTokenBytes: 100}, tsa.Options{}).Token(context.Background(), over(t, gm.OIDSM3))
	wantCode(t, "long", err, fault.Limit, tsa.CodeLong)
}

// TestProbeRefuses: a lie is one for a probe too, and is not asked for with another hash.
func TestProbeRefuses(t *testing.T) {
	p := testpki.New(t)
	l := newLiar(t, p)
	asked := 0
	url := serveQueries(t, func(q *timestamp.Query) []byte {
		asked++
		return l.granted(q, func(i *timestamp.Info) { i.Nonce = nil })
	})
	_, err := newClient(t, url, tsa.Options{}).Probe(context.Background())
	wantCode(t, "nonce", err, fault.Unavailable, tsa.CodeNonce)
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}

func TestRoom(t *testing.T) {
	for measured, want := range map[int]int{1: 768, 1000: 1536, 2048: 2560, 4096: 5120, 7000: 8960} {
		if got := tsa.Room(measured); got != want || got%256 != 0 || got < measured+512 {
			t.Errorf("room for %d is %d, want %d", measured, got, want)
		}
	}
}

// TestProfiles: what is written is read, and what cannot be used is refused.
func TestProfiles(t *testing.T) {
	full := tsa.Profile{Name: "示例时间戳服务", URL: "https://tsa.example/stamp", Hash: "sha256", Policy: "2.999.1", MaxTokenBytes: 6144, PrivateAddresses: true}
	for _, p := range []tsa.Profile{full, {URL: "http://192.0.2.1:8080"}} {
		text, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := tsa.ParseProfile(text); err != nil || !reflect.DeepEqual(back, p) {
			t.Errorf("%v: %+v", err, back)
		}
	}
	for text, code := range map[string]string{
		"":                                      "tsa-profile",
		"url: http://a\nurls: x":                "tsa-profile",
		"url: [http://a]":                       "tsa-profile",
		"url: http://a\n---\nurl: http://b":     "tsa-profile",
		"url: ftp://a":                          tsa.CodeURL,
		"url: http://":                          tsa.CodeURL,
		"url: http://user:word@a":               tsa.CodeURL,
		"url: 'http://a b'":                     tsa.CodeURL,
		"name: nobody":                          tsa.CodeURL,
		"url: http://a\nhash: md5":              tsa.CodeHash,
		"url: http://a\npolicy: anything":       "tsa-policy-oid",
		"url: http://a\nmaxTokenBytes: -1":      "tsa-profile",
		"url: http://a\nmaxTokenBytes: 9999999": "tsa-profile",
		strings.Repeat("#", 70<<10):             "tsa-profile",
	} {
		_, err := tsa.ParseProfile([]byte(text))
		wantCode(t, text[:min(len(text), 60)], err, fault.Invalid, code)
	}
	for s, ok := range map[string]bool{"2.999.3161.1": true, "1.2": true, "0.39.1": true, "": false, "1": false, "3.1": false, "1.40": false, "1..2": false, "1.02": false, "1.2.x": false, "1.2.-3": false, "1.2.99999999999": false} {
		if _, err := tsa.ParsePolicy(s); (err == nil) != ok || err != nil && !errors.Is(err, fault.Invalid) {
			t.Errorf("policy %q: %v", s, err)
		}
	}
}

// FuzzProfile: a profile that is read is written to one that reads the same.
func FuzzProfile(f *testing.F) {
	f.Add([]byte("name: 示例\nurl: https://tsa.example/\nhash: sm3\npolicy: 2.999.1\nmaxTokenBytes: 4096\nprivateAddresses: true\n"))
	f.Add([]byte("url: http://a"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := tsa.ParseProfile(data)
		if err != nil {
			return
		}
		text, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := tsa.ParseProfile(text); err != nil || back != p {
			t.Errorf("%v: %+v, %+v", err, back, p)
		}
	})
}
