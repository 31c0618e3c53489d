package doctype

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"yinxin/document"
	"yinxin/internal/need"
	"yinxin/ofd"
	"yinxin/pdf"
)

// TestSamplesByTheirWords: of the files from the field, three are licences, with invented or edited entries, and none is a proof or a contract. Told to be one,
// every file can be read as such, and none is taken for it without a doubt.
func TestSamplesByTheirWords(t *testing.T) {
	licences := map[string][]Key{
		"two-seals-pages-edited.ofd":                 {KeyNumber, KeyIssuer, KeyDate},
		"two-gbt35275-signatures-unsorted-attrs.ofd": {KeyNumber, KeyUntil},
		"seal-and-sign-raw-rs-edited.ofd":            {KeyNumber},
	}
	found, read := 0, 0
	err := filepath.WalkDir(need.Samples(t), func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		doc := openSample(t, path)
		if doc == nil {
			return nil
		}
		read++
		name := filepath.Base(path)
		f, err := Read(t.Context(), doc, Unknown)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		want, is := licences[name]
		if is != (f.Type == License) || f.Type == Proof || f.Type == Contract {
			t.Errorf("%s is a %q", name, f.Type)
		}
		if is {
			found++
			for i, k := range want {
				if len(f.Fields) != len(want) || f.Fields[i].Key != k {
					t.Errorf("%s: %+v", name, f.Fields)
				}
			}
		}
		for _, told := range []Type{License, Proof, Contract} {
			f, err := Read(t.Context(), doc, told)
			if err != nil || len(codesOf(f, []Signer{first()}, now())) == 0 {
				t.Errorf("%s, told to be a %s: %v", name, told, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found != len(licences) || read < 80 {
		t.Errorf("%d licences among %d files", found, read)
	}
}

// openSample is nil where a file is no document, or one that cannot be opened.
func openSample(t *testing.T, path string) document.Document {
	var format document.Format
	switch filepath.Ext(path) {
	case ".pdf":
		format = pdf.Format{}
	case ".ofd":
		format = ofd.Format{}
	default:
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := format.Open(t.Context(), bytes.NewReader(data), int64(len(data)), document.Options{})
	if err != nil {
		return nil
	}
	return doc
}
