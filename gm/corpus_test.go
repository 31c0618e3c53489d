package gm_test

import (
	"archive/zip"
	"bytes"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yinxin/gm"
	"yinxin/internal/need"
)

// certificatesIn finds what has the outline of a version 3 certificate, wherever it lies: SEQUENCE { SEQUENCE { [0] { 2 }.
func certificatesIn(data []byte, found map[string]bool) {
	for i := 0; i+13 < len(data); i++ {
		if data[i] != 0x30 || data[i+1] != 0x82 || !bytes.Equal(data[i+4:i+6], []byte{0x30, 0x82}) || !bytes.Equal(data[i+8:i+13], []byte{0xa0, 3, 2, 1, 2}) {
			continue
		}
		if end := i + 4 + int(data[i+2])<<8 + int(data[i+3]); end <= len(data) {
			found[string(data[i:end])] = true
		}
	}
}

var hexString = regexp.MustCompile(`<[0-9A-Fa-f\s]{400,}>`)

// sampleCertificates are those in the seals and signatures of OFD files and in the signatures of PDF files.
func sampleCertificates(t *testing.T) (out []string) {
	found := make(map[string]bool)
	for _, kind := range []string{"ofd", "pdf"} {
		err := filepath.WalkDir(need.Samples(t, kind), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			certificatesIn(data, found)
			for _, m := range hexString.FindAll(data, -1) {
				digits := bytes.Join(bytes.Fields(m[1:len(m)-1]), nil)
				value := make([]byte, len(digits)/2)
				_, _ = hex.Decode(value, digits[:len(value)*2])
				certificatesIn(value, found)
			}
			if filepath.Ext(path) != ".ofd" {
				return nil
			}
			return zipped(data, found)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for der := range found {
		out = append(out, der)
	}
	slices.Sort(out)
	return out
}

func zipped(data []byte, found map[string]bool) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return err
		}
		entry, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		certificatesIn(entry, found)
	}
	return nil
}

// TestSampleCertificates: every certificate of the samples is read but one, whose algorithm identifier outside the signed bytes is not the one
// inside; OpenSSL too takes no signature under such. The tolerant reading agrees with the strict one wherever that reads.
func TestSampleCertificates(t *testing.T) {
	samples, refused, read := sampleCertificates(t), 0, 0
	for _, der := range samples {
		cert, err := gm.ParseCertificate([]byte(der))
		if err != nil {
			if refused++; !strings.Contains(err.Error(), "signature algorithm identifiers don't match") {
				t.Error(err)
			}
			continue
		}
		if string(cert.Raw) != der || !rawInside(cert) {
			t.Errorf("%s: not the bytes received", cert.Subject)
		}
		agree(t, cert.Raw)
		read++
	}
	if refused != 1 || read < 120 {
		t.Errorf("%d certificates, %d refused", len(samples), refused)
	}
}

// TestSampleSubjects holds the subjects of the samples against OpenSSL's reading. It shows an IA5String as Latin-1, whatever is in it.
func TestSampleSubjects(t *testing.T) {
	openssl := need.Tool(t, "openssl")
	compared := 0
	for _, der := range sampleCertificates(t) {
		cert, err := gm.ParseCertificate([]byte(der))
		if err != nil {
			continue
		}
		cmd := exec.Command(openssl, "x509", "-noout", "-subject", "-nameopt", "utf8,oid,sep_multiline")
		cmd.Stdin = bytes.NewReader(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}))
		text, err := cmd.Output()
		if err != nil {
			t.Errorf("%s: %v", cert.Subject, err)
			continue
		}
		for _, a := range cert.Subject.Names {
			value, _ := a.Value.(string)
			line := func(v string) []byte { return fmt.Appendf(nil, "%s=%s", a.Type, v) }
			if !bytes.Contains(text, line(value)) && !bytes.Contains(text, line(latin1(value))) {
				t.Errorf("%s=%q is not in\n%s", a.Type, value, text)
			}
			compared++
		}
	}
	if compared < 500 {
		t.Errorf("only %d attributes were compared", compared)
	}
}

// latin1 reads the bytes of s as Latin-1.
func latin1(s string) string {
	var out strings.Builder
	for i := range len(s) {
		out.WriteRune(rune(s[i]))
	}
	return out.String()
}
