package crypt

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// longestPassword is how many bytes of a password count from revision 5 on (ISO 32000-2, algorithm 2.A, a).
const longestPassword = 127

// legacy lists the spellings of the password to try up to revision 4: in PDFDocEncoding, and in UTF-8 as some writers take what they are given.
func (p Password) legacy() [][]byte {
	return spellings(legacyBytes, p.Doc, []byte(p.Text))
}

// modern lists the spellings of the password to try from revision 5 on: prepared as the standard asks, and as it is, since not every writer prepares it.
func (p Password) modern() [][]byte {
	return spellings(longestPassword, []byte(prepare(p.Text)), []byte(p.Text))
}

// spellings cuts off what does not count, and leaves out empty and equal ones.
func spellings(longest int, list ...[]byte) [][]byte {
	var out [][]byte
	for _, s := range list {
		s = s[:min(len(s), longest)]
		if len(s) > 0 && !slices.ContainsFunc(out, func(o []byte) bool { return string(o) == string(s) }) {
			out = append(out, s)
		}
	}
	return out
}

// prepare maps and normalises a password as SASLprep does (RFC 4013, 2.1 and 2.2). What SASLprep prohibits is not looked for: here a password is only
// tried, and one that nobody could set opens nothing.
func prepare(s string) string {
	return norm.NFKC.String(strings.Map(func(r rune) rune {
		switch {
		case ignored(r):
			return -1
		case spaceLike(r):
			return ' '
		}
		return r
	}, s))
}

// ignored reports what is mapped to nothing (RFC 3454, table B.1).
func ignored(r rune) bool {
	switch {
	case r == 0x00ad, r == 0x034f, r == 0x1806, r == 0x2060, r == 0xfeff:
		return true
	}
	return r >= 0x180b && r <= 0x180d || r >= 0x200b && r <= 0x200d || r >= 0xfe00 && r <= 0xfe0f
}

// spaceLike reports what is mapped to a space (RFC 3454, table C.1.2).
func spaceLike(r rune) bool {
	switch r {
	case 0x00a0, 0x1680, 0x202f, 0x205f, 0x3000:
		return true
	}
	return r >= 0x2000 && r <= 0x200a
}
