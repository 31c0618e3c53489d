// Package crypt is the standard security handler of PDF (ISO 32000-1, 7.6; ISO 32000-2, 7.6): it opens what a password protects and encrypts what is
// added to it. It knows keys, strings of bytes and object numbers, and nothing of the file they stand in.
//
// RC4 and MD5 are here because files use them; they protect little. What is added to a file is encrypted as the file says, never better or worse.
package crypt

import (
	"cmp"
	"errors"
	"fmt"
)

// The failures of Open. They are wrapped with what is wrong.
var (
	ErrPassword    = errors.New("the password does not open the file")
	ErrUnsupported = errors.New("encryption of a kind that is not supported")
	ErrMalformed   = errors.New("malformed encryption dictionary")
)

// Parameters are what the encryption dictionary and the trailer say (ISO 32000-2, tables 20, 21 and 25).
type Parameters struct {
	V, R            int
	Length          int64 // bits of the key; counts for V 2, 0 where absent
	O, U            []byte
	OE, UE, Perms   []byte // R 5 and 6
	P               int64  // as written: files have it with and without a sign
	ID              []byte // the first half of the file's identifier
	EncryptMetadata bool   // true where absent; counts from V 4 on

	// Crypt filters, V 4 and 5. An absent name is "".
	Filters map[string]string // CF: what the filter of a name has as CFM; "" where that is absent
	Streams string            // StmF
	Strings string            // StrF
	Files   string            // EFF
}

// Password is a password as someone typed it. Files up to revision 4 take it in PDFDocEncoding, later ones in UTF-8.
type Password struct {
	Text string // UTF-8
	Doc  []byte // in PDFDocEncoding; nil where that lacks a character of it
}

// Method is how one string or stream is encrypted.
type Method uint8

// The methods. Identity leaves the bytes as they are.
const (
	Identity Method = iota
	RC4             // CFM V2, and all files before V 4; 40 to 128 bits and a key for each object
	AESV2           // AES-128-CBC with a key for each object
	AESV3           // AES-256-CBC with the key of the file
)

// Handler holds the key of one file. It is not changed after Open.
type Handler struct {
	key                     []byte
	revision                int
	permissions             uint32
	owner                   bool
	damaged                 bool
	filters                 map[string]Method
	streams, strings, files Method
	plainMetadata           bool
}

// Open derives the key of a file. The password is tried as the owner's and as the user's, and besides it the empty one as the user's: files that only
// restrict what may be done with them need none. The errors wrap ErrPassword, ErrUnsupported or ErrMalformed.
func Open(p Parameters, password Password) (*Handler, error) {
	h := &Handler{revision: p.R, permissions: uint32(p.P), plainMetadata: p.V >= 4 && !p.EncryptMetadata}
	if p.P < -1<<31 || p.P >= 1<<32 {
		return nil, malformed("P has more than 32 bits")
	}
	if err := h.methods(p); err != nil {
		return nil, err
	}
	var err error
	if p.R >= 5 {
		err = h.open256(p, password)
	} else {
		err = h.openLegacy(p, password)
	}
	if err != nil {
		return nil, err
	}
	return h, nil
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// methods settles how strings and streams are encrypted (ISO 32000-2, 7.6.5).
func (h *Handler) methods(p Parameters) error {
	switch [2]int{p.V, p.R} {
	case [2]int{1, 2}, [2]int{1, 3}, [2]int{2, 2}, [2]int{2, 3}:
		h.streams, h.strings, h.files = RC4, RC4, RC4
		return nil
	case [2]int{4, 4}, [2]int{5, 5}, [2]int{5, 6}:
	default:
		return fmt.Errorf("%w: V %d with R %d", ErrUnsupported, p.V, p.R)
	}
	h.filters = map[string]Method{}
	for name, cfm := range p.Filters {
		switch {
		case cfm == "V2" && p.V == 4:
			h.filters[name] = RC4
		case cfm == "AESV2" && p.V == 4:
			h.filters[name] = AESV2
		case cfm == "AESV3" && p.V == 5:
			h.filters[name] = AESV3
		}
	}
	h.filters["Identity"] = Identity // its meaning is fixed
	for _, use := range []struct {
		entry, name, absent string
		method              *Method
	}{
		{"StmF", p.Streams, "", &h.streams},
		{"StrF", p.Strings, "", &h.strings},
		{"EFF", p.Files, p.Streams, &h.files},
	} {
		name := cmp.Or(use.name, use.absent, "Identity")
		m, ok := h.filters[name]
		if !ok {
			cfm, listed := p.Filters[name]
			if !listed {
				return malformed("%s names the crypt filter %q, which CF does not have", use.entry, name)
			}
			return fmt.Errorf("%w: %s names a crypt filter of method %q with V %d", ErrUnsupported, use.entry, cfm, p.V)
		}
		*use.method = m
	}
	return nil
}

// Streams is how streams are encrypted that say nothing themselves.
func (h *Handler) Streams() Method { return h.streams }

// Strings is how strings are encrypted.
func (h *Handler) Strings() Method { return h.strings }

// Files is how embedded files are encrypted.
func (h *Handler) Files() Method { return h.files }

// Named is the method of the crypt filter that a stream names; ok is false where there is none that is known.
func (h *Handler) Named(filter string) (m Method, ok bool) {
	m, ok = h.filters[filter]
	return m, ok
}

// PlainMetadata reports whether metadata streams are left as they are (EncryptMetadata).
func (h *Handler) PlainMetadata() bool { return h.plainMetadata }

// Owner reports whether the owner's password opened the file: then everything is allowed.
func (h *Handler) Owner() bool { return h.owner }

// Damaged reports that Perms, the sealed copy of the permissions, is not what P and EncryptMetadata say: someone changed them, or wrote them wrong.
func (h *Handler) Damaged() bool { return h.damaged }

// The permissions (ISO 32000-2, table 22), bits counted from 1.
const (
	modifyContents = 1 << (4 - 1)
	annotateFill   = 1 << (6 - 1) // annotations and fields filled; with bit 4 also fields made
	fillFields     = 1 << (9 - 1) // fields filled, signature fields among them, from R 3 on
)

// MayFill reports whether a field that is there may be filled or signed.
func (h *Handler) MayFill() bool {
	return h.owner || h.permissions&annotateFill != 0 || h.revision >= 3 && h.permissions&fillFields != 0
}

// MayAddFields reports whether fields, signature fields among them, may be made or changed.
func (h *Handler) MayAddFields() bool {
	return h.owner || h.permissions&annotateFill != 0 && h.permissions&modifyContents != 0
}
