package seal_test

import (
	"encoding/asn1"
	"slices"
	"testing"

	"yinxin/seal"
)

// TestTypeReadings: a number means what the vocabulary says that has it, and v1 numbers otherwise.
func TestTypeReadings(t *testing.T) {
	for _, tt := range []struct {
		v    seal.Version
		n    int
		want []seal.TypeReading
	}{
		{seal.V1, 1, []seal.TypeReading{{Vocabulary: seal.Vocabulary2014, ZH: "单位印章", EN: "a unit's seal"}}},
		{seal.V1, 3, nil},
		{seal.V4, 0, []seal.TypeReading{{Vocabulary: seal.VocabularyNational, ZH: "个人名章", EN: "personal name seal"}}},
		{seal.V4, 3, []seal.TypeReading{{Vocabulary: seal.VocabularyNational, ZH: "发票专用章", EN: "invoice seal"},
			{Vocabulary: seal.VocabularyPolice, ZH: "税务专用章", EN: "tax seal"}, {Vocabulary: seal.VocabularyDevice, ZH: "发票章", EN: "invoice seal"}}},
		{seal.V5, 11, []seal.TypeReading{{Vocabulary: seal.VocabularyDevice, ZH: "业务专用章", EN: "business seal"}}},
		{seal.V5, 15, nil}, // met in the field, where no vocabulary has it
	} {
		if got := seal.TypeReadings(tt.v, tt.n); !slices.Equal(got, tt.want) {
			t.Errorf("%s type %d: %+v", tt.v, tt.n, got)
		}
	}
}

func TestExtensionText(t *testing.T) {
	for _, tt := range []struct {
		value []byte
		want  string
	}{
		{[]byte("2.1"), "2.1"}, // as in the field
		{[]byte("\x0c\x06印章"), "印章"},
		{[]byte("\x13\x03abc"), "abc"},
		{[]byte("\x13\x03a*c"), ""},
		{[]byte("\x0c\x02\xff\xfe"), ""},
		{[]byte("\x04\x03abc"), ""}, // bytes, not text
		{[]byte("\x30\x05\x0c\x03abc"), ""},
		{[]byte("a\x1bb"), ""},
		{[]byte("\xff\xfe"), ""},
		{nil, ""},
	} {
		if got := (seal.Extension{Value: tt.value}).Text(); got != tt.want {
			t.Errorf("%q reads %q, want %q", tt.value, got, tt.want)
		}
	}
	for last, name := range map[int]bool{1: false, 2: true, 3: true, 4: false} {
		oid := asn1.ObjectIdentifier{1, 2, 156, 112600, 7, last}
		zh, en, ok := seal.ExtensionName(oid)
		if ok != (last < 4) || ok != (zh != "" && en != "") || (seal.Extension{OID: oid}).IsName() != name {
			t.Errorf("%s: %q %q %v", oid, zh, en, ok)
		}
	}
}

// TestIsSignature tells the two structures apart, also where the file is cut short.
func TestIsSignature(t *testing.T) {
	w := newWorld(t)
	for _, v := range []seal.Version{seal.V4, seal.V5} {
		esl := w.seal(w.info(), v, nil)
		ses := w.signature(w.tbs(esl, v), nil)
		for n := 12; n < len(esl); n += 97 {
			if seal.IsSignature(esl[:n]) || !seal.IsSignature(ses[:n]) {
				t.Fatalf("%s: the first %d bytes are taken for the other", v, n)
			}
		}
	}
	esl := w.sealV1(w.v1())
	if seal.IsSignature(esl) || !seal.IsSignature(w.signatureV1(esl, nil)) {
		t.Error("v1 is taken for the other")
	}
	for _, nothing := range []string{"", "\x30", "\x30\x80", "\x30\x00\x30\x00", "\x30\x84", "%PDF-1.7"} {
		if seal.IsSignature([]byte(nothing)) {
			t.Errorf("%q is taken for a signature", nothing)
		}
	}
}
