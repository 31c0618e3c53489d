package cms_test

import (
	"archive/zip"
	"bytes"
	"encoding/asn1"
	"encoding/csv"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"yinxin/cms"
	"yinxin/internal/need"
)

// value is a signature value met in a file, with the bytes it is about.
type value struct {
	name    string
	cms     []byte
	covered []byte
}

var byteRange = regexp.MustCompile(`/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]`)

// pdfValues finds values by their ByteRange alone, without reading the PDF's structure; what it cannot make out it leaves out.
func pdfValues(file []byte) (out []value) {
	for _, m := range byteRange.FindAllSubmatchIndex(file, -1) {
		var r [4]int
		for i := range r {
			r[i], _ = strconv.Atoi(string(file[m[2+2*i]:m[3+2*i]]))
		}
		if r[0] != 0 || r[1] > r[2] || r[2]+r[3] > len(file) || r[2]+r[3] < r[2] {
			continue
		}
		hole, err := hex.DecodeString(string(bytes.Trim(file[r[1]:r[2]], "<> \r\n")))
		if err != nil || len(bytes.Trim(hole, "\x00")) == 0 {
			continue
		}
		out = append(out, value{strconv.Itoa(m[0]), hole, append(bytes.Clone(file[:r[1]]), file[r[2]:r[2]+r[3]]...)})
	}
	return out
}

// manifest reads the samples' table: file and the column asked for.
func manifest(t *testing.T, dir, column string) map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string]string)
	for _, row := range rows[1:] {
		for i, name := range rows[0] {
			if name == column && i < len(row) {
				out[row[0]] = row[i]
			}
		}
	}
	return out
}

var oidTSTInfo = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}

// judge parses a value and checks its signers; results are those of the signers that could be checked.
func judge(v value) (results []cms.Result, err error) {
	sd, err := cms.Parse(v.cms)
	if err != nil {
		return nil, err
	}
	outside := cms.DigestOf(v.covered)
	if sd.ContentType.Equal(oidTSTInfo) {
		outside = nil // a document time stamp signs its own content
	}
	if len(sd.Signers) == 0 {
		return nil, errors.New("nobody signed")
	}
	for i := range sd.Signers {
		s := &sd.Signers[i]
		cert, err := sd.Certificate(s)
		if err != nil {
			return results, err
		}
		r, err := s.Check(sd, cert, outside)
		if err != nil {
			return results, err
		}
		results = append(results, r)
		if err := r.Err(); err != nil {
			return results, err
		}
	}
	return results, nil
}

// TestPDFSamples holds the values found in PDFs against the samples' labels. MODIFIED files have sound cryptography: what is wrong there came later.
func TestPDFSamples(t *testing.T) {
	dir := need.Samples(t, "pdf")
	sound := map[string]bool{"INTACT": true, "INTACT_ALLOWED": true, "MODIFIED": true, "MODIFIED_WARN": true, "REFUSE_SIGN": true}
	checked, algorithms := 0, make(map[string]int)
	for file, expected := range manifest(t, dir, "expected") {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range pdfValues(data) {
			results, err := judge(v)
			switch {
			case sound[expected] && err != nil:
				t.Errorf("%s, %s at %s: %v", expected, file, v.name, err)
			case expected == "BROKEN" && err == nil:
				t.Errorf("%s, %s at %s: everything holds", expected, file, v.name)
			}
			if sound[expected] {
				v.covered[len(v.covered)/2] ^= 1
				if r, err := judge(v); err == nil && r[0].Layout != cms.Enclosed {
					t.Errorf("%s at %s: still holds after a bit of the document was flipped", file, v.name)
				}
			}
			for _, r := range results {
				algorithms[r.SignatureAlgorithm]++
			}
			checked++
		}
	}
	if checked < 60 || algorithms["Ed25519"] == 0 || algorithms["RSA-PSS-3072 with SHA-256"] == 0 {
		t.Errorf("read only %d values: %v", checked, algorithms)
	}
}

// TestPDFDeviations: each tolerated deviation that the samples have is noted.
func TestPDFDeviations(t *testing.T) {
	dir := need.Samples(t, "pdf")
	for file, want := range map[string]cms.NoteCode{
		"valid/ph-sig-no-signed-attrs.pdf":   cms.NoteNoAttributes,
		"valid/dss-DSS-2025.pdf":             cms.NoteBER,
		"valid/dss-pkcs7.pdf":                cms.NoteNoCertificate,
		"valid/dss-AD-RB.pdf":                cms.NoteUnsorted,
		"attack/dss-pdf-removed-pages.pdf":   cms.NoteTrailing,
		"valid/ss-sample-signed256.pdf":      cms.NoteNoCertificate,
		"valid/ph-extensions-indirect.pdf":   "",
		"valid/dss-Signature-P-DE_SCI-4.pdf": "",
	} {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		noted := false
		for _, v := range pdfValues(data) {
			results, err := judge(v)
			if err != nil {
				t.Errorf("%s: %v", file, err)
			}
			for _, r := range results {
				noted = noted || r.Noted(want)
				if want == "" && len(r.Notes) > 0 {
					t.Errorf("%s: %v", file, r.Notes)
				}
			}
		}
		if want != "" && !noted {
			t.Errorf("%s: %s is not noted", file, want)
		}
	}
}

// TestPDFAlgorithms: a value that says SHA3-256 over a SHA-256 digest is refused; an old digest is computed and reported.
func TestPDFAlgorithms(t *testing.T) {
	dir := need.Samples(t, "pdf")
	read := func(file string) value {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		return pdfValues(data)[0]
	}
	if _, err := judge(read("tampered/dss-PAdES-BpB-att-SHA256-SHA3_256withRSA.pdf")); !errors.Is(err, cms.ErrAlgorithm) {
		t.Errorf("digest and signature algorithm differ: %v", err)
	}
	results, err := judge(read("valid/ss-sample-certified-nochangesallowed.pdf"))
	if err != nil || len(results[0].Insecure) != 1 || results[0].Insecure[0] != "SHA-1" {
		t.Errorf("SHA-1: %v, %v", results, err)
	}
}

// ofdValues finds the values of Type=Sign signatures in an OFD package.
func ofdValues(t *testing.T, file string) (out []value) {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := make(map[string][]byte)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name], err = io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
	}
	locate := func(from, loc string) string {
		if strings.HasPrefix(loc, "/") {
			return loc[1:]
		}
		return path.Join(path.Dir(from), loc)
	}
	for name, data := range files {
		if path.Base(name) != "Signatures.xml" {
			continue
		}
		var list struct {
			Signature []struct {
				Type    string `xml:",attr"`
				BaseLoc string `xml:",attr"`
			}
		}
		if err := xml.Unmarshal(data, &list); err != nil {
			t.Fatal(err)
		}
		for _, s := range list.Signature {
			var one struct{ SignedValue string }
			at := locate(name, s.BaseLoc)
			if err := xml.Unmarshal(files[at], &one); err != nil {
				t.Fatal(err)
			}
			if s.Type == "Sign" {
				out = append(out, value{at, files[locate(at, strings.TrimSpace(one.SignedValue))], files[at]})
			}
		}
	}
	return out
}

// TestOFDSamples: the GB/T 35275 values of real OFD files hold, in the layouts and with the deviations their vendors chose.
func TestOFDSamples(t *testing.T) {
	dir := need.Samples(t, "ofd")
	notes, layouts, checked := make(map[cms.NoteCode]int), make(map[cms.Layout]int), 0
	for file := range manifest(t, dir, "verdict") {
		for _, v := range ofdValues(t, filepath.Join(dir, file)) {
			results, err := judge(v)
			if err != nil {
				t.Errorf("%s %s: %v", file, v.name, err)
			}
			for _, r := range results {
				layouts[r.Layout]++
				for _, n := range r.Notes {
					notes[n.Code]++
				}
				if r.SignatureAlgorithm != "SM2 with SM3" || r.DigestAlgorithm != "SM3" || len(r.Insecure) > 0 {
					t.Errorf("%s %s: %+v", file, v.name, r)
				}
			}
			v.covered = append(bytes.Clone(v.covered), ' ')
			if _, err := judge(v); !errors.Is(err, cms.ErrDigest) {
				t.Errorf("%s %s with a changed Signature.xml: %v", file, v.name, err)
			}
			checked++
		}
	}
	if checked != 3 || layouts[cms.Detached] != 2 || layouts[cms.Digested] != 1 || notes[cms.NoteUnsorted] != 2 || notes[cms.NoteContentType] != 2 ||
		notes[cms.NoteRawSignature] != 1 {
		t.Errorf("read %d values: layouts %v, notes %v", checked, layouts, notes)
	}
}
