package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"yinxin/gm"
	"yinxin/internal/need"
	"yinxin/internal/testpki"
	"yinxin/internal/testseal"
	"yinxin/seal"
)

// show runs seal show and returns what it prints.
func show(t *testing.T, code int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if got := execute(t.Context(), append([]string{"seal", "show"}, args...), strings.NewReader(""), &out, &errs); got != code {
		t.Fatalf("show %v exits %d, want %d: %s", args, got, code, errs.String())
	}
	for _, r := range out.String() + errs.String() {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && r != '\n' {
			t.Fatalf("show %v prints the control character %U", args, r)
		}
	}
	return out.String()
}

// keep writes a file to look at.
func keep(t *testing.T, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sampleSeals are the files of the samples that are seals or seal signatures, by name.
func sampleSeals(t *testing.T) map[string][]byte {
	t.Helper()
	dir := need.Samples(t, "ofd")
	out := map[string][]byte{}
	loose, err := filepath.Glob(filepath.Join(dir, "seals", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range loose {
		if out[filepath.Base(f)], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	zips, err := filepath.Glob(filepath.Join(dir, "*.ofd"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range zips {
		z, err := zip.OpenReader(f)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		for _, e := range z.File {
			if b := path.Base(e.Name); b != "SignedValue.dat" && b != "Seal.esl" {
				continue
			}
			r, err := e.Open()
			if err != nil {
				t.Fatal(err)
			}
			data, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if !isSignedData(data) {
				out[filepath.Base(f)+"!"+e.Name] = data
			}
		}
	}
	return out
}

// isSignedData tells GB/T 35275 values, which begin with an object identifier, from seal signatures.
func isSignedData(der []byte) bool {
	return bytes.Contains(der[:min(len(der), 12)], []byte{0x06, 0x0a, 0x2a})
}

// fewestSamples is how many seals and signatures the samples had when this was written.
const fewestSamples = 18

// TestShowSamples shows every seal and signature there is, of each generation and of many makers, in words and as JSON.
func TestShowSamples(t *testing.T) {
	seen, kinds := 0, map[string]int{}
	for name, der := range sampleSeals(t) {
		s, sig, err := parseShown(der)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		file := keep(t, der)
		maker, err := gm.ParseCertificate(s.MakerCert)
		if err != nil || maker.Subject.CommonName == "" {
			t.Fatalf("%s: maker %v", name, err)
		}
		for _, lang := range []string{"zh", "en"} {
			words := show(t, exitOK, "--lang", lang, file)
			for _, want := range []string{maker.Subject.CommonName, s.Info.ESID, s.Info.Property.Name, s.Info.Header.Vid, sm3Hex(s.MakerCert), sm3Hex(s.Info.Picture.Data)} {
				if !strings.Contains(words, want) {
					t.Errorf("%s in %s does not say %q", name, lang, want)
				}
			}
			if strings.Contains(strings.ToLower(words), "valid") || strings.Contains(words, "�") {
				t.Errorf("%s in %s says what it cannot know:\n%s", name, lang, words)
			}
		}
		v := decode(t, show(t, exitOK, "--json", file))
		if v.Seal.Maker.Subject != maker.Subject.CommonName || !v.Seal.MakerSignature || v.Seal.Version != int(s.Version) || v.Seal.SM3 != sm3Hex(s.Raw) ||
			v.Seal.Picture.Bytes != len(s.Info.Picture.Data) || len(v.Seal.Extensions) != len(s.Info.Extensions) || (v.Signature != nil) != (sig != nil) {
			t.Errorf("%s: JSON says %+v", name, v.Seal)
		}
		if v.Signature != nil && v.Signature.Property != sig.Property {
			t.Errorf("%s: JSON says %+v", name, v.Signature)
		}
		showPicture(t, name, file, s.Info.Picture.Data)
		kinds[s.Version.String()+" "+v.Kind]++
		seen++
	}
	if seen < fewestSamples || len(kinds) != 6 {
		t.Errorf("%d seals and signatures seen, want %d: %v", seen, fewestSamples, kinds)
	}
}

// showPicture writes the picture out and wants its bytes under their own suffix.
func showPicture(t *testing.T, name, file string, data []byte) {
	t.Helper()
	base := filepath.Join(t.TempDir(), "picture")
	show(t, exitOK, "--picture", base, file)
	suffix := ".png"
	if bytes.HasPrefix(data, []byte("PK")) {
		suffix = ".ofd"
	}
	if got, err := os.ReadFile(base + suffix); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%s: picture %v", name, err)
	}
}

func decode(t *testing.T, text string) shownFile {
	t.Helper()
	var v shownFile
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestShowForms: what the file is shows in its bytes, whatever text form it has; what is nothing is refused.
func TestShowForms(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner(testpki.OwnerName, testpki.OwnerUSCC)
	esl := testseal.Make(t, p, testseal.Info(t, p, testpki.OwnerName, owner.Cert), seal.V5)
	lines := func(s string) []byte {
		var b strings.Builder
		for len(s) > 64 {
			b.WriteString(s[:64] + "\r\n")
			s = s[64:]
		}
		return []byte(b.String() + s + "\n")
	}
	for _, tt := range []struct {
		encoding string
		data     []byte
	}{
		{"der", esl},
		{"hex", []byte(hex.EncodeToString(esl))},
		{"hex", lines(strings.ToUpper(hex.EncodeToString(esl)))},
		{"base64", []byte(base64.StdEncoding.EncodeToString(esl))},
		{"base64", lines(base64.StdEncoding.EncodeToString(esl))},
	} {
		v := decode(t, show(t, exitOK, "--json", keep(t, tt.data)))
		if v.Encoding != tt.encoding || v.Kind != "seal" || v.Seal.SM3 != sm3Hex(esl) || v.Seal.Maker.Subject != testpki.MakerName || v.Seal.Maker.USCC != testpki.MakerUSCC {
			t.Errorf("%s: %s %s %+v", tt.encoding, v.Kind, v.Encoding, v.Seal.Maker)
		}
	}
	for _, nothing := range [][]byte{nil, {}, []byte("0"), []byte("0000"), esl[:40], append([]byte("%PDF-1.7\n"), esl...), []byte("MIIB"), bytes.Repeat([]byte("3 0 "), 1000)} {
		show(t, exitUsage, keep(t, nothing))
	}
}

// TestShowHostile: names that would drive a terminal are shown harmless, and unlike pictures are told from what they claim.
func TestShowHostile(t *testing.T) {
	p := testpki.New(t)
	owner := p.Owner("云杉\u202e示例", testpki.OwnerUSCC)
	info := testseal.Info(t, p, testpki.OwnerName, owner.Cert)
	info.Property.Name = "云杉\x1b[2J示例\u202e科技"
	info.ESID, info.Header.Vid, info.Picture.Type = "9\x1b]0;x\x07", "V\rV", "svg\n"
	info.Picture.Data = []byte("<svg/>")
	info.Extensions = []seal.Extension{{OID: []int{1, 2, 156, 112600, 7, 3}, Value: []byte("Spruce \u202e Sample " + strings.Repeat("x", 100))}}
	info.Property.ListType, info.Property.Certs, info.Property.Digests = seal.ListDigests, nil, []seal.CertDigest{seal.DigestOf(owner.Cert.Raw), {Type: "SHA256", Value: []byte{1}}}
	file := keep(t, testseal.Make(t, p, info, seal.V4))
	words := show(t, exitOK, "--lang", "en", file)
	for _, want := range []string{"English name", "digests of certificates (2)", "SHA256 01", "[bin]", "…"} {
		if !strings.Contains(words, want) {
			t.Errorf("does not say %q:\n%s", want, words)
		}
	}
	v := decode(t, show(t, exitOK, "--json", file))
	if len(v.Seal.List.Digests) != 2 || v.Seal.Picture.Format != "bin" || len(v.Seal.Extensions) != 1 || len(v.Seal.Extensions[0].Hex) != 2*shownBytes || v.Seal.Extensions[0].EN != "English name" {
		t.Errorf("%+v", v.Seal)
	}
	target := filepath.Join(t.TempDir(), "p.bin")
	show(t, exitOK, "--picture", target, file)
	show(t, exitRefused, "--picture", target, file)
	show(t, exitUsage, "--picture", target+".png", file)
}

// TestPeriodOptions: days are those of China with both ends included, times are what they say.
func TestPeriodOptions(t *testing.T) {
	now := testpki.Epoch()
	for _, tt := range []struct {
		o          periodOptions
		start, end string
		wrong      bool
	}{
		{o: periodOptions{}, start: "0001-01-01T00:00:00Z", end: "0001-01-01T00:00:00Z"},
		{o: periodOptions{from: "2026-03-02", to: "2027-03-01"}, start: "2026-03-01T16:00:00Z", end: "2027-03-01T15:59:59Z"},
		{o: periodOptions{from: "2026-03-02T08:00:00Z", to: "2027-03-01T08:00:00+08:00"}, start: "2026-03-02T08:00:00Z", end: "2027-03-01T00:00:00Z"},
		{o: periodOptions{days: 10}, start: "0001-01-01T00:00:00Z", end: "2026-03-12T08:00:00Z"},
		{o: periodOptions{from: "2026-03-02", days: 1}, start: "2026-03-01T16:00:00Z", end: "2026-03-02T16:00:00Z"},
		{o: periodOptions{days: -1}, wrong: true},
		{o: periodOptions{to: "2027-03-01", days: 1}, wrong: true},
		{o: periodOptions{from: "2026-02-30"}, wrong: true},
		{o: periodOptions{to: "2026-3-2"}, wrong: true},
		{o: periodOptions{to: "2026-03-02 08:00:00"}, wrong: true}, // in no zone
	} {
		start, end, err := tt.o.period(now)
		if (err != nil) != tt.wrong {
			t.Errorf("%+v: %v", tt.o, err)
		}
		if got := start.UTC().Format("2006-01-02T15:04:05Z"); err == nil && got != tt.start {
			t.Errorf("%+v starts %s", tt.o, got)
		}
		if got := end.UTC().Format("2006-01-02T15:04:05Z"); err == nil && got != tt.end {
			t.Errorf("%+v ends %s", tt.o, got)
		}
	}
}
