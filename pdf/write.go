package pdf

import (
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
)

// What is written is deterministic: dictionary keys are sorted, numbers have no exponent and no needless digit, and each name and string has
// exactly one spelling. Equal objects are equal bytes, so tests and second runs can compare files.

// appendObject appends the PDF syntax of o (ISO 32000-1, 7.3). Streams are no direct objects: see increment.stream.
func appendObject(b []byte, o Object) []byte {
	switch v := o.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case float64:
		return appendNumber(b, v)
	case Name:
		return appendName(b, v)
	case String:
		return appendString(b, v)
	case Ref:
		return appendRef(b, v)
	case Array:
		return appendArray(b, v)
	case Dict:
		return append(appendEntries(append(b, "<<"...), v), ">>"...)
	}
	// The types above are all that the reader makes of a direct object; anything else is a mistake in this package.
	panic(fmt.Sprintf("pdf: %T is no direct object", o))
}

// appendEntries appends the entries of d without the brackets.
func appendEntries(b []byte, d Dict) []byte {
	for _, k := range slices.Sorted(maps.Keys(d)) {
		b = appendName(b, k)
		b = appendSeparated(b, d[k])
	}
	return b
}

// appendSeparated appends o, after a space where its first character could be taken for a part of the token before it.
func appendSeparated(b []byte, o Object) []byte {
	switch o.(type) {
	case Name, String, Array, Dict:
		return appendObject(b, o)
	}
	return appendObject(append(b, ' '), o)
}

func appendArray(b []byte, a Array) []byte {
	b = append(b, '[')
	for i, o := range a {
		if i == 0 {
			b = appendObject(b, o)
			continue
		}
		b = appendSeparated(b, o)
	}
	return append(b, ']')
}

func appendRef(b []byte, r Ref) []byte {
	b = strconv.AppendInt(b, int64(r.Num), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(r.Gen), 10)
	return append(b, " R"...)
}

// appendNumber appends the shortest decimal that reads back as v. PDF knows neither exponents nor infinities; what is not a number becomes 0.
func appendNumber(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) || v == 0 {
		return append(b, '0')
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}

// appendName escapes everything that is not a regular printable character (ISO 32000-1, 7.3.5).
func appendName(b []byte, n Name) []byte {
	b = append(b, '/')
	for i := range len(n) {
		c := n[i]
		switch {
		case c <= ' ' || c >= 0x7f:
		case c == '#' || c == '(' || c == ')' || c == '<' || c == '>' || c == '[' || c == ']' || c == '{' || c == '}' || c == '/' || c == '%':
		default:
			b = append(b, c)
			continue
		}
		b = append(b, '#', upperHex[c>>4], upperHex[c&15])
	}
	return b
}

const upperHex = "0123456789ABCDEF"

// appendString writes printable ASCII as a literal string and everything else in hexadecimal, which no tool on the way can spoil.
func appendString(b []byte, s String) []byte {
	for _, c := range s {
		if c < ' ' || c > '~' {
			b = append(b, '<')
			b = hex.AppendEncode(b, s)
			return append(b, '>')
		}
	}
	b = append(b, '(')
	for _, c := range s {
		if c == '(' || c == ')' || c == '\\' {
			b = append(b, '\\')
		}
		b = append(b, c)
	}
	return append(b, ')')
}
