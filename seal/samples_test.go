package seal_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"testing"

	"yinxin/gm"
	"yinxin/internal/need"
	"yinxin/seal"
)

// sampleSeals are the loose SESeal samples.
var sampleSeals = map[string]seal.Version{"v1.esl": seal.V1, "v4.esl": seal.V4, "v5.esl": seal.V5, "v5-timestamp-field.esl": seal.V5}

// readSamples returns the samples below ofd by name, "file.ofd!entry" for what lies in a zip.
func readSamples(t *testing.T) map[string][]byte {
	t.Helper()
	dir := need.Samples(t, "ofd")
	out := map[string][]byte{}
	files, err := filepath.Glob(filepath.Join(dir, "seals", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
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
			if out[filepath.Base(f)+"!"+e.Name], err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

// sampleSignatures are all SES_Signature samples, with what the facts about each say.
var sampleSignatures = map[string]struct {
	version    seal.Version
	deviations int // raw r‖s
	extensions int
}{
	"SignedValueV4.dat": {version: seal.V4},
	"SignedValueV5.dat": {version: seal.V5},
	"invoice-kinggrid-relative-baseloc.ofd!Doc_0/Signs/Sign_0/SignedValue.dat": {version: seal.V4},
	"invoice-test-ca.ofd!Doc_0/Signs/Sign_0/SignedValue.dat":                   {version: seal.V4},
	"riding-seal-right.ofd!Doc_0/Signs/Sign_0/SignedValue.dat":                 {version: seal.V4},
	"seal-and-sign-raw-rs-edited.ofd!Doc_0/Signs/Sign_1/SignedValue.dat":       {version: seal.V4, deviations: 1, extensions: 1},
	"two-seals-pages-edited.ofd!Doc_0/Signs/Sign_0/SignedValue.dat":            {version: seal.V4},
	"two-seals-pages-edited.ofd!Doc_0/Signs/Sign_1/SignedValue.dat":            {version: seal.V4},
	"v1-2014-selfsigned-hmac-digest.ofd!Doc_0/Signs/Sign_0/SignedValue.dat":    {version: seal.V1},
}

func TestSampleSeals(t *testing.T) {
	samples := readSamples(t)
	for name, want := range sampleSeals {
		t.Run(name, func(t *testing.T) {
			s, err := seal.Parse(samples[name])
			if err != nil {
				t.Fatal(err)
			}
			if s.Version != want || len(s.Deviations) > 0 {
				t.Errorf("version %v with deviations %v", s.Version, s.Deviations)
			}
			checkSampleSeal(t, s)
			if name == "v5-timestamp-field.esl" && !bytes.Equal(s.TimeStamp, []byte{1, 2, 3}) {
				t.Errorf("time stamp %x", s.TimeStamp)
			}
		})
	}
}

func TestSampleSignatures(t *testing.T) {
	samples := readSamples(t)
	for name, want := range sampleSignatures {
		t.Run(name, func(t *testing.T) {
			s, err := seal.ParseSignature(samples[name])
			if err != nil {
				t.Fatal(err)
			}
			if s.Version != want.version || len(s.Deviations) != want.deviations || len(s.Extensions) != want.extensions {
				t.Errorf("version %v, deviations %v, extensions %v", s.Version, s.Deviations, s.Extensions)
			}
			// The signer of the v1 sample took dataHash itself for e, so the value covers neither the seal nor the time and must not hold.
			if err := s.Verify(); (err == nil) != (s.Version != seal.V1) || err != nil && !errors.Is(err, seal.ErrValue) {
				t.Errorf("signature value: %v", err)
			}
			if p := s.Validate(); p != nil {
				t.Errorf("problems %+v", p)
			}
			if s.Time.IsZero() {
				t.Error("no time")
			}
			checkSampleSeal(t, s.Seal)
			if file, ok := samples[path.Dir(name)+"/Seal.esl"]; ok && !bytes.Equal(file, s.RawSeal) {
				t.Error("the seal inside is not the one beside it")
			}
			listed, err := s.Seal.Lists(s.Cert)
			switch {
			case s.Version == seal.V1 && (listed || err == nil): // it names its signers by identifiers
				t.Errorf("listed %v, %v", listed, err)
			case s.Version != seal.V1 && (!listed || err != nil):
				t.Errorf("listed %v, %v", listed, err)
			}
			if s.Version == seal.V1 {
				checkSampleV1(t, s)
			} else {
				rewriteSample(t, s)
			}
		})
	}
}

// TestSamplesOfOtherKinds holds that a GB/T 35275 SignedData is refused, and that no sample was forgotten.
func TestSamplesOfOtherKinds(t *testing.T) {
	refused := 0
	for name, der := range readSamples(t) {
		if _, known := sampleSignatures[name]; known || path.Base(name) != "SignedValue.dat" {
			continue
		}
		if _, err := seal.ParseSignature(der); err == nil {
			t.Errorf("%s parses but has no line in the table", name)
		}
		refused++
	}
	if refused != 3 {
		t.Errorf("%d SignedData samples refused, want 3", refused)
	}
}

// checkSampleSeal checks what holds for every sample seal: the maker's signature is good, no rule is broken, fields encode to the bytes.
func checkSampleSeal(t *testing.T, s *seal.Seal) {
	t.Helper()
	if err := s.VerifyMaker(); err != nil {
		t.Error(err)
	}
	if p := s.Validate(); p != nil {
		t.Errorf("problems %+v", p)
	}
	if s.Version == seal.V1 {
		// Raw slices join to the file: what the maker signed is the file without the outer framing and the value.
		signed := s.SignedBytes()
		if at := bytes.Index(signed, s.RawInfo); at < 0 || !bytes.Contains(s.Raw, signed[at+len(s.RawInfo):]) || !bytes.Contains(s.Raw, s.RawInfo) {
			t.Error("the signed bytes are not those of the file")
		}
		return
	}
	if got := rewrite(t, s); !bytes.Equal(got, s.Raw) {
		t.Error("the fields do not encode to the file's bytes")
	}
}

// rewrite encodes a seal from its fields alone.
func rewrite(t *testing.T, s *seal.Seal) []byte {
	t.Helper()
	info, err := s.Info.Marshal(s.Version)
	if err != nil {
		t.Fatal(err)
	}
	value, err := gm.CanonicalSignature(s.SignValue)
	if err != nil {
		t.Fatal(err)
	}
	der, err := seal.Assemble(info, s.MakerCert, s.SignAlg, value, s.TimeStamp, s.Version)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// rewriteSample encodes a signature, and the seal inside, from the fields alone. A raw r‖s (Tongzhi's) is written as SEQUENCE{r,s}: there everything
// but the value must be the same.
func rewriteSample(t *testing.T, s *seal.Signature) {
	t.Helper()
	tbs, err := seal.TBS{
		Version: s.Version, Seal: rewrite(t, s.Seal), Time: s.Time, DataHash: s.DataHash, Property: s.Property, Extensions: s.Extensions,
	}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(tbs, s.RawTBS) {
		t.Error("the fields do not encode to the TBS_Sign of the file")
	}
	value, err := gm.CanonicalSignature(s.Value)
	if err != nil {
		t.Fatal(err)
	}
	der, err := seal.AssembleSignature(tbs, s.Cert, s.Alg, value, s.TimeStamp)
	if err != nil {
		t.Fatal(err)
	}
	if raw := len(s.Value) == 64; raw == bytes.Equal(der, s.Raw) {
		t.Errorf("raw value %v, same bytes %v", raw, !raw)
	}
	again, err := seal.ParseSignature(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Verify(); err != nil {
		t.Error(err)
	}
	if _, err := seal.AssembleSignature(tbs, s.Cert, s.Alg, s.Value, nil); (err == nil) != (len(s.Value) != 64) {
		t.Errorf("value of %d bytes: %v", len(s.Value), err)
	}
	if size := seal.SignatureSize(len(s.RawSeal), len(s.Cert), len(s.Property), 91, len(s.TimeStamp)); size < len(der) {
		t.Errorf("%d bytes, promised %d", len(der), size)
	}
}

// checkSampleV1 checks the one v1 signature: its time is text, its list an identifier.
func checkSampleV1(t *testing.T, s *seal.Signature) {
	t.Helper()
	if s.TimeText != "2020-01-25T07:31:56.377Z" || s.Time.Format("20060102150405.000") != "20200125073156.377" {
		t.Errorf("time %q, %v", s.TimeText, s.Time)
	}
	if p := s.Seal.Info.Property; len(p.IDs) != 1 || p.IDs[0] != "1" || len(p.Certs) != 0 {
		t.Errorf("list %v", p.IDs)
	}
}
