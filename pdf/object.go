package pdf

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Object is one of nil (null), bool, int64, float64, Name, String, Array, Dict, Ref and *Stream.
type Object any

// Name is a name, decoded and without its slash.
type Name string

// String is a string, decoded.
type String []byte

// Array is an array.
type Array []Object

// Dict is a dictionary. A key whose value is null is absent from it (ISO 32000-1, 7.3.7).
type Dict map[Name]Object

// Ref names an indirect object.
type Ref struct{ Num, Gen int }

// String gives the reference as the file spells it.
func (r Ref) String() string { return fmt.Sprintf("%d %d R", r.Num, r.Gen) }

// Stream is a stream whose data stays in the file until it is asked for.
type Stream struct {
	Dict   Dict
	Offset int64 // of the first raw byte in the file
	Length int64 // raw bytes; negative where the file gives no usable length
	bound  int64 // end of the revision that wrote it
	ref    Ref   // its object; zero while the structure is being read
}

// ParseError says where a file stops making sense.
type ParseError struct {
	Offset int64 // in the file; for compressed objects that of their object stream; negative where there is no one place
	What   string
}

func (e *ParseError) Error() string {
	if e.Offset < 0 {
		return "pdf: " + e.What
	}
	return fmt.Sprintf("pdf: offset %d: %s", e.Offset, e.What)
}

// typeName names the kind of an object for messages.
func typeName(o Object) string {
	switch o.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case int64, float64:
		return "a number"
	case Name:
		return "a name"
	case String:
		return "a string"
	case Array:
		return "an array"
	case Dict:
		return "a dictionary"
	case Ref:
		return "a reference"
	case *Stream:
		return "a stream"
	}
	return fmt.Sprintf("%T", o)
}

// text decodes a text string (ISO 32000-1, 7.9.2.2; ISO 32000-2 for UTF-8).
func (s String) text() string {
	switch {
	case len(s) >= 2 && s[0] == 0xfe && s[1] == 0xff:
		units := make([]uint16, 0, len(s)/2)
		for i := 2; i+1 < len(s); i += 2 {
			units = append(units, uint16(s[i])<<8|uint16(s[i+1]))
		}
		return string(utf16.Decode(units))
	case len(s) >= 3 && s[0] == 0xef && s[1] == 0xbb && s[2] == 0xbf:
		return strings.ToValidUTF8(string(s[3:]), string(utf8.RuneError))
	}
	var b strings.Builder
	for _, c := range s {
		switch {
		case c >= 0x18 && c < 0x20:
			b.WriteRune(docEncodingLow[c-0x18])
		case c >= 0x80 && c <= 0xa0:
			b.WriteRune(docEncodingHigh[c-0x80])
		default:
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}

// The places where PDFDocEncoding differs from Latin-1 (ISO 32000-1, Annex D.2).
const (
	accents     = "\u02d8\u02c7\u02c6\u02d9\u02dd\u02db\u02da\u02dc"
	punctuation = "\u2022\u2020\u2021\u2026\u2014\u2013\u0192\u2044\u2039\u203a\u2212\u2030\u201e\u201c\u201d\u2018" +
		"\u2019\u201a\u2122\ufb01\ufb02\u0141\u0152\u0160\u0178\u017d\u0131\u0142\u0153\u0161\u017e\ufffd\u20ac"
)

var (
	docEncodingLow  = [8]rune([]rune(accents))
	docEncodingHigh = [33]rune([]rune(punctuation))
)
