package pdf

// decodeASCIIHex undoes ASCIIHexDecode (ISO 32000-1, 7.4.2).
func decodeASCIIHex(b []byte) ([]byte, error) {
	out := make([]byte, 0, len(b)/2)
	half, odd := byte(0), false
	for _, c := range b {
		v := hexValue[c]
		switch {
		case c == '>':
			if odd {
				out = append(out, half<<4)
			}
			return out, nil
		case v < 16 && odd:
			out, odd = append(out, half<<4|v), false
		case v < 16:
			half, odd = v, true
		case class[c]&space == 0:
			return nil, &ParseError{-1, "not a hexadecimal digit"}
		}
	}
	return nil, &ParseError{-1, "the end of the hexadecimal data is missing"}
}

// decodeASCII85 undoes ASCII85Decode (ISO 32000-1, 7.4.3).
func decodeASCII85(b []byte, limit int64) ([]byte, error) {
	out := make([]byte, 0, len(b)*4/5)
	var group uint64
	n := 0
	for _, c := range b {
		switch {
		case c >= '!' && c <= 'u':
			group = group*85 + uint64(c-'!')
			if n++; n == 5 {
				if group > 1<<32-1 {
					return nil, &ParseError{-1, "a base-85 group is out of range"}
				}
				out = append(out, byte(group>>24), byte(group>>16), byte(group>>8), byte(group))
				group, n = 0, 0
			}
		case c == 'z' && n == 0:
			out = append(out, 0, 0, 0, 0)
		case c == '~':
			return lastGroup85(out, group, n)
		case class[c]&space == 0:
			return nil, &ParseError{-1, "not a base-85 digit"}
		}
		if int64(len(out)) > limit {
			return nil, errTooLong
		}
	}
	return nil, &ParseError{-1, "the end of the base-85 data is missing"}
}

// lastGroup85 decodes the n digits of an unfinished group to n-1 bytes.
func lastGroup85(out []byte, group uint64, n int) ([]byte, error) {
	if n == 1 {
		return nil, &ParseError{-1, "the last base-85 group has one digit"}
	}
	for i := n; i < 5 && n > 0; i++ {
		group = group*85 + 84
	}
	for i := 0; i+1 < n; i++ {
		out = append(out, byte(group>>(24-8*i)))
	}
	return out, nil
}

// decodeRunLength undoes RunLengthDecode (ISO 32000-1, 7.4.5).
func decodeRunLength(b []byte, limit int64) ([]byte, error) {
	var out []byte
	for len(b) > 0 && b[0] != 128 {
		n := int(b[0])
		switch {
		case n < 128 && len(b) >= n+2:
			out = append(out, b[1:n+2]...)
			b = b[n+2:]
		case n > 128 && len(b) >= 2:
			for range 257 - n {
				out = append(out, b[1])
			}
			b = b[2:]
		default:
			return nil, &ParseError{-1, "run-length data is cut off"}
		}
		if int64(len(out)) > limit {
			return nil, errTooLong
		}
	}
	return out, nil
}

const (
	lzwClear = 256
	lzwEnd   = 257
	lzwCodes = 4096
)

// decodeLZW undoes LZWDecode (ISO 32000-1, 7.4.4). With early change codes grow by a bit one code sooner than in GIF, which compress/lzw does not know.
func decodeLZW(b []byte, early bool, limit int64) ([]byte, error) {
	type code struct{ start, length int } // of the text in out
	var table [lzwCodes]code
	var out []byte
	next, width, soon := lzwEnd+1, 9, 0
	if early {
		soon = 1
	}
	previous := code{}
	var acc uint32
	bits := 0
	for _, c := range b {
		acc, bits = acc<<8|uint32(c), bits+8
		if bits < width {
			continue
		}
		bits -= width
		v := int(acc >> bits & (1<<width - 1))
		if v == lzwEnd {
			return out, nil
		}
		if v == lzwClear {
			next, width, previous = lzwEnd+1, 9, code{}
			continue
		}
		start := len(out)
		switch {
		case v < 256:
			out = append(out, byte(v))
		case v < next:
			out = append(out, out[table[v].start:table[v].start+table[v].length]...)
		case v == next && previous.length > 0:
			out = append(out, out[previous.start:previous.start+previous.length]...)
			out = append(out, out[previous.start])
		default:
			return nil, &ParseError{-1, "a code of LZW data is not in the table"}
		}
		if previous.length > 0 && next < lzwCodes {
			table[next] = code{previous.start, previous.length + 1}
			next++
		}
		previous = code{start, len(out) - start}
		for width < 12 && next+soon >= 1<<width {
			width++
		}
		if int64(len(out)) > limit {
			return nil, errTooLong
		}
	}
	return out, nil
}
