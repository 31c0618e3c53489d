package token

import (
	"bytes"
	"encoding/binary"
)

// attribute is a CK_ATTRIBUTE.
type attribute struct {
	Type  uint64 `json:"type"`
	Value []byte `json:"value"`
}

// template is a list of attributes.
type template []attribute

func (t template) get(kind uint64) ([]byte, bool) {
	for _, a := range t {
		if a.Type == kind {
			return a.Value, true
		}
	}
	return nil, false
}

// ulong is the value of a CK_ULONG, and fallback where it is not said.
func (t template) ulong(kind, fallback uint64) (uint64, rv) {
	v, said := t.get(kind)
	if !said {
		return fallback, rvOK
	}
	if len(v) != 8 {
		return 0, rvAttributeValueInvalid
	}
	return binary.LittleEndian.Uint64(v), rvOK
}

// flag is the value of a CK_BBOOL, and fallback where it is not said.
func (t template) flag(kind uint64, fallback bool) (bool, rv) {
	v, said := t.get(kind)
	if !said {
		return fallback, rvOK
	}
	if len(v) != 1 || v[0] > 1 {
		return false, rvAttributeValueInvalid
	}
	return v[0] == 1, rvOK
}

// twice reports whether an attribute is named more than once.
func (t template) twice() bool {
	for i, a := range t {
		if _, again := t[i+1:].get(a.Type); again {
			return true
		}
	}
	return false
}

// wants refuses, with rvTemplateInconsistent, a template that says otherwise than fixed, and, with rvAttributeTypeInvalid, one that names what
// is neither fixed nor free.
func (t template) wants(fixed template, free ...uint64) rv {
	for _, a := range t {
		if v, known := fixed.get(a.Type); known {
			if !bytes.Equal(v, a.Value) {
				return rvTemplateInconsistent
			}
			continue
		}
		known := false
		for _, f := range free {
			known = known || f == a.Type
		}
		if !known {
			return rvAttributeTypeInvalid
		}
	}
	return rvOK
}

// copied gives a template memory of its own.
func (t template) copied() template {
	out := make(template, len(t))
	for i, a := range t {
		out[i] = attribute{a.Type, bytes.Clone(a.Value)}
	}
	return out
}

func ulong(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }

func flag(b bool) []byte {
	if b {
		return []byte{1}
	}
	return []byte{0}
}
