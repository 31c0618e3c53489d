package ofd

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// attribute returns the value of the attribute of a local name. Two of them are an error, and so is what is no list of attributes.
func attribute(attrs []byte, name string) (value string, ok bool, why string) {
	for {
		attrs = bytes.TrimLeft(attrs, " \t\r\n")
		if len(attrs) == 0 {
			return value, ok, ""
		}
		eq := bytes.IndexByte(attrs, '=')
		if eq < 0 {
			return "", false, "an attribute without a value"
		}
		key := bytes.TrimRight(attrs[:eq], " \t\r\n")
		attrs = bytes.TrimLeft(attrs[eq+1:], " \t\r\n")
		if len(key) == 0 || key[0] == ':' || bytes.ContainsAny(key, " \t\r\n\"'") || len(attrs) < 2 || attrs[0] != '"' && attrs[0] != '\'' {
			return "", false, "a malformed attribute"
		}
		end := bytes.IndexByte(attrs[1:], attrs[0])
		if end < 0 {
			return "", false, "a malformed attribute"
		}
		if string(local(key)) == name && !bytes.HasPrefix(key, []byte("xmlns")) {
			if ok {
				return "", false, "the attribute " + name + " is there twice"
			}
			if value, why = decode(attrs[1 : 1+end]); why != "" {
				return "", false, why
			}
			ok = true
		}
		attrs = attrs[2+end:]
	}
}

// decode replaces the references of a text (XML 1.0, 4.1 and 4.6). why says what is wrong with it.
func decode(b []byte) (text, why string) {
	if !utf8.Valid(b) {
		return "", "text that is not UTF-8"
	}
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return "", "a control character"
		}
	}
	if bytes.IndexByte(b, '&') < 0 {
		return string(b), ""
	}
	var out strings.Builder
	for s := string(b); s != ""; {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			out.WriteString(s)
			break
		}
		out.WriteString(s[:i])
		end := strings.IndexByte(s[i:], ';')
		if end < 0 || end > maxReference {
			return "", "a reference without an end"
		}
		r, ok := reference(s[i+1 : i+end])
		if !ok {
			return "", "a reference to an entity that XML does not have"
		}
		out.WriteRune(r)
		s = s[i+end+1:]
	}
	return out.String(), ""
}

// maxReference is the longest reference that is read, in bytes.
const maxReference = 16

// reference is the character that a reference, without & and ;, stands for.
func reference(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	if !ok || digits == "" || digits[0] == '+' || digits[0] == '-' {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) || n < ' ' && n != '\t' && n != '\n' && n != '\r' {
		return 0, false
	}
	return rune(n), true
}

// decodeData is decode for a CDATA section, which has no references.
func decodeData(b []byte) (text, why string) {
	if !utf8.Valid(b) {
		return "", "text that is not UTF-8"
	}
	return string(b), ""
}
