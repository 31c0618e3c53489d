package timestamp_test

import (
	"bytes"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"yinxin/cms"
	"yinxin/internal/need"
	"yinxin/timestamp"
)

// met is a token in a file from the field, with the bytes it should be over.
type met struct {
	file, place string
	token       []byte
	over        []byte
}

var byteRange = regexp.MustCompile(`/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]`)

// tokensOf finds tokens by ByteRange alone, without reading the PDF's structure: document time stamps, and those in the unsigned attributes of signatures.
func tokensOf(name string, file []byte) (out []met) {
	for _, m := range byteRange.FindAllSubmatchIndex(file, -1) {
		var r [4]int
		for i := range r {
			r[i], _ = strconv.Atoi(string(file[m[2+2*i]:m[3+2*i]]))
		}
		if r[0] != 0 || r[1] > r[2] || r[2]+r[3] > len(file) || r[2]+r[3] < r[2] {
			continue
		}
		hole, err := hex.DecodeString(string(bytes.Trim(file[r[1]:r[2]], "<> \r\n")))
		if err != nil {
			continue
		}
		sd, err := cms.Parse(hole)
		if err != nil {
			continue
		}
		if sd.ContentType.String() == "1.2.840.113549.1.9.16.1.4" {
			out = append(out, met{name, "document", hole, append(bytes.Clone(file[:r[1]]), file[r[2]:r[2]+r[3]]...)})
		}
		for i := range sd.Signers {
			for _, token := range sd.Signers[i].TimeStampTokens() {
				out = append(out, met{name, "signature", token, sd.Signers[i].Value})
			}
		}
	}
	return out
}

// duplicated is the sample in which a document time stamp was copied into a later revision: the copy is over other bytes.
const duplicated = "attack/dss-pades-t-duplicated-doctst.pdf"

// TestTokensFromTheField: the tokens that real authorities made are read, and hold over what they were made for.
func TestTokensFromTheField(t *testing.T) {
	dir := need.Samples(t, "pdf")
	read, intact, places, algorithms, notes := 0, 0, map[string]int{}, map[string]int{}, map[cms.NoteCode]int{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".pdf" {
			return err
		}
		file, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range tokensOf(strings.TrimPrefix(filepath.ToSlash(name), filepath.ToSlash(dir)+"/"), file) {
			read++
			places[m.place]++
			token, err := timestamp.Parse(m.token)
			if err != nil {
				t.Errorf("%s, %s: %v", m.file, m.place, err)
				continue
			}
			f, err := token.Check(cms.DigestOf(m.over))
			if err != nil {
				t.Fatal(err)
			}
			algorithms[f.SignatureAlgorithm+" over "+f.Hash]++
			switch {
			case f.Intact():
				intact++
			case m.file != duplicated || m.place != "document" || !f.Failed(timestamp.ErrImprint) || !f.Value:
				t.Errorf("%s, %s: %v", m.file, m.place, f.Failures)
			}
			for _, n := range f.Notes {
				notes[n.Code]++
			}
			m.over[len(m.over)/2] ^= 1
			if f, err := token.Check(cms.DigestOf(m.over)); err != nil || f.Imprint || f.Intact() {
				t.Errorf("%s, %s: holds over other bytes", m.file, m.place)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d tokens, %d intact: %v %v %v", read, intact, places, algorithms, notes)
	if read < 30 || intact != read-1 || places["document"] == 0 || places["signature"] == 0 {
		t.Errorf("read only %d tokens, %d intact: %v", read, intact, places)
	}
}
