package pdf

import "errors"

var (
	errNoValue  = errors.New("the entry Contents holds no DER value")
	errTrailing = errors.New("the entry Contents holds more than one value and its padding of zeros")
)

// firstValue cuts the padding off a signature value: it is the first TLV (ITU-T X.690), and only zeros may follow.
func firstValue(b []byte) ([]byte, error) {
	n, ok := lengthTLV(b)
	if !ok || b[0] == 0 {
		return nil, errNoValue
	}
	for _, c := range b[n:] {
		if c != 0 {
			return nil, errTrailing
		}
	}
	return b[:n:n], nil
}

// lengthTLV returns how many bytes the TLV at the start of b has. Of the indefinite form, which some signers write, it counts what is open.
func lengthTLV(b []byte) (int, bool) {
	open := 0
	for at := 0; ; {
		header, body, indefinite, ok := headerTLV(b[at:])
		switch {
		case !ok:
			return 0, false
		case indefinite:
			at += header
			open++
		case open > 0 && header == 2 && b[at] == 0:
			if body != 0 {
				return 0, false
			}
			at += header
			open--
		default:
			if body > len(b)-at-header {
				return 0, false
			}
			at += header + body
		}
		if open == 0 {
			return at, true
		}
	}
}

// headerTLV reads tag and length.
func headerTLV(b []byte) (header, body int, indefinite, ok bool) {
	if len(b) < 2 || b[0]&0x1f == 0x1f { // no signature value starts with a tag of several bytes
		return 0, 0, false, false
	}
	n := int(b[1])
	switch {
	case n < 0x80:
		return 2, n, false, true
	case n == 0x80:
		return 2, 0, true, b[0]&0x20 != 0
	}
	count := n & 0x7f
	if count > 4 || len(b) < 2+count {
		return 0, 0, false, false
	}
	length := 0
	for _, c := range b[2 : 2+count] {
		length = length<<8 | int(c)
	}
	return 2 + count, length, false, length >= 0
}
