package pdf

import (
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// coding is how a font's strings fall into codes, and what the codes mean by themselves.
type coding interface {
	// next splits the first code off a string that is not empty; n is its bytes.
	next(s []byte) (code uint32, n int)
	// glyph is the CID of a code; of a simple font the code itself.
	glyph(code uint32, n int) uint32
	// meaning is what a code stands for, as characters; ok is false where the coding does not say.
	meaning(code uint32, n int) (text string, ok bool)
}

// simple has one byte a code.
type simple [256]rune // 0 where it has no meaning

const noGlyph = -1 // shows nothing, as is known

func (c *simple) next(s []byte) (uint32, int)     { return uint32(s[0]), 1 }
func (c *simple) glyph(code uint32, _ int) uint32 { return code }
func (c *simple) meaning(code uint32, _ int) (string, bool) {
	r := c[code&0xff]
	if r == noGlyph {
		return "", true
	}
	return string(r), r != 0
}

// identityCoding has two bytes a code, which is the CID and says nothing else: Identity-H and -V.
type identityCoding struct{}

func (identityCoding) next(s []byte) (uint32, int) {
	n := min(2, len(s))
	return uint32(bigEndian(s[:n])), n
}
func (identityCoding) glyph(code uint32, _ int) uint32    { return code }
func (identityCoding) meaning(uint32, int) (string, bool) { return "", false }

// utf16Coding has UTF-16 for codes: UniGB-UCS2-H and those like it (ISO 32000-1, table 118).
type utf16Coding struct{}

func (utf16Coding) next(s []byte) (uint32, int) {
	n := min(2, len(s))
	if len(s) >= 4 && s[0]&0xfc == 0xd8 && s[2]&0xfc == 0xdc {
		n = 4
	}
	return uint32(bigEndian(s[:n])), n
}
func (utf16Coding) glyph(code uint32, _ int) uint32 { return proportional(code) }
func (utf16Coding) meaning(code uint32, n int) (string, bool) {
	if n == 4 {
		return string((rune(code>>16)&0x3ff)<<10 | rune(code)&0x3ff + 0x10000), true
	}
	return string(rune(code)), n == 2 && code&0xf800 != 0xd800
}

// The CIDs of ASCII in Adobe-GB1: wide as their letters are, or half an em each.
const (
	proportionalSpace = 1
	halfWidthSpace    = 7716
	halfWidthLetters  = 814 // from "!" on
)

// proportional is the CID of a character where it is ASCII. Of all others the width alone is asked, which is that of the font.
func proportional(code uint32) uint32 {
	if code >= 0x20 && code <= 0x7e {
		return proportionalSpace + code - 0x20
	}
	return noCID
}

// noCID is a CID that no font gives a width for by itself.
const noCID = 1 << 16

// gbCoding has one of the encodings of GB 2312, GBK and GB 18030 for codes.
type gbCoding struct {
	encoding encoding.Encoding
	half     bool // ASCII is half an em wide
}

func (c gbCoding) next(s []byte) (uint32, int) {
	n := 1
	switch {
	case s[0] <= 0x80 || s[0] == 0xff:
	case c.encoding == simplifiedchinese.GB18030 && len(s) >= 4 && class[s[1]] == digit:
		n = 4
	case len(s) >= 2:
		n = 2
	}
	return uint32(bigEndian(s[:n])), n
}

func (c gbCoding) glyph(code uint32, n int) uint32 {
	switch {
	case n > 1 || !c.half || code < 0x20 || code > 0x7e:
		return proportional(code)
	case code == 0x20:
		return halfWidthSpace
	}
	return halfWidthLetters + code - 0x21
}

func (c gbCoding) meaning(code uint32, n int) (string, bool) {
	b := []byte{byte(code >> 24), byte(code >> 16), byte(code >> 8), byte(code)}[maxCodeBytes-n:]
	out, err := c.encoding.NewDecoder().Bytes(b)
	return string(out), err == nil && len(out) > 0 && !strings.ContainsRune(string(out), '\ufffd')
}

// predefined returns a predefined CMap whose codes tell characters, or Identity; nil for those that cannot be told here.
func predefined(name Name) (c coding, vertical bool) {
	base, direction, _ := cutLast(string(name), "-")
	vertical = direction == "V"
	switch base {
	case "Identity":
		return identityCoding{}, vertical
	case "GBK-EUC":
		return gbCoding{simplifiedchinese.GBK, true}, vertical
	case "GBKp-EUC":
		return gbCoding{simplifiedchinese.GBK, false}, vertical
	case "GB-EUC":
		return gbCoding{simplifiedchinese.GBK, true}, vertical // GB 2312 is a part of GBK
	case "GBK2K":
		return gbCoding{simplifiedchinese.GB18030, true}, vertical
	}
	if strings.HasPrefix(base, "Uni") && (strings.HasSuffix(base, "-UCS2") || strings.HasSuffix(base, "-UTF16")) {
		return utf16Coding{}, vertical
	}
	return nil, vertical
}

// cutLast cuts s around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
