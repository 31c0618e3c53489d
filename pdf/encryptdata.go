package pdf

import (
	"fmt"
	"maps"

	"yinxin/pdf/crypt"
)

// What is not encrypted in an encrypted file (ISO 32000-2, 7.6.2): the trailer and cross-reference streams, the encryption dictionary, what stands in
// object streams, which are encrypted as a whole, and the value of a signature. That value is never decrypted: what counts is what the file has in the
// gap of the signed bytes, and no reader was met that takes another view.

// isSignature reports whether a dictionary is that of a signature. Type may be missing in one; these two may not.
func isSignature(d Dict) bool { return d["ByteRange"] != nil && d["Contents"] != nil }

// stringCost is that of making the key for a string, in bytes read.
const stringCost = 64

// decryptObject decrypts the strings of an object that was just read. Its arrays and dictionaries are changed in place.
func (f *file) decryptObject(o Object, ref Ref, offset int64) (Object, error) {
	if ref.Num == f.security.at.Num {
		return o, nil
	}
	if st, ok := o.(*Stream); ok && f.isXRef(st) {
		return o, nil
	}
	m := f.security.Strings()
	if m == crypt.Identity {
		return o, nil
	}
	var spent error
	o = eachString(o, func(s String) String {
		if spent == nil {
			spent = f.spend(stringCost)
		}
		if spent != nil {
			return s
		}
		plain, err := f.security.Decrypt(m, ref.Num, ref.Gen, s)
		if err != nil {
			f.tolerate(offset, fmt.Sprintf("a string of object %d: %v", ref.Num, err))
		}
		if plain == nil {
			return s // not encrypted, whatever the file says
		}
		return plain
	})
	return o, spent
}

// eachString replaces the strings that are encrypted in a direct object or the dictionary of a stream, in place.
func eachString(o Object, change func(String) String) Object {
	switch v := o.(type) {
	case String:
		return change(v)
	case Array:
		for i := range v {
			v[i] = eachString(v[i], change)
		}
	case Dict:
		signature := isSignature(v)
		for k := range v {
			if !signature || k != "Contents" {
				v[k] = eachString(v[k], change)
			}
		}
	case *Stream:
		eachString(v.Dict, change)
	}
	return o
}

// isXRef reports whether a stream is a cross-reference stream.
func (f *file) isXRef(s *Stream) bool {
	kind, err := f.name(s.Dict["Type"])
	return err == nil && kind == "XRef"
}

// decryptStream decrypts the data of a stream, in place.
func (f *file) decryptStream(s *Stream, data []byte) ([]byte, error) {
	m, err := f.methodOf(s)
	if err != nil {
		return nil, err
	}
	plain, err := f.security.Decrypt(m, s.ref.Num, s.ref.Gen, data)
	switch {
	case plain == nil && err != nil:
		return nil, &ParseError{s.Offset, err.Error()}
	case err != nil:
		f.tolerate(s.Offset, err.Error())
	}
	return plain, nil
}

// methodOf is how a stream is encrypted: as its own Crypt filter says, or as its kind is.
func (f *file) methodOf(s *Stream) (crypt.Method, error) {
	if s.ref == (Ref{}) || f.isXRef(s) {
		return crypt.Identity, nil
	}
	names, params, err := f.filters(s)
	if err != nil {
		return 0, err
	}
	if len(names) > 0 && names[0] == "Crypt" {
		name, err := f.cryptName(params[0])
		if err != nil {
			return 0, err
		}
		m, ok := f.security.Named(string(name))
		if !ok {
			return 0, &ParseError{s.Offset, fmt.Sprintf("a stream names the crypt filter %q, which is not known", name)}
		}
		return m, nil
	}
	switch kind, _ := f.name(s.Dict["Type"]); {
	case kind == "Metadata" && f.security.PlainMetadata():
		return crypt.Identity, nil
	case kind == "EmbeddedFile":
		return f.security.Files(), nil
	}
	return f.security.Streams(), nil
}

// cryptName is the crypt filter that the parameters of a Crypt filter name (ISO 32000-1, table 14).
func (f *file) cryptName(params Dict) (Name, error) {
	name, err := f.name(params["Name"])
	if name == "" {
		name = "Identity"
	}
	return name, err
}

// checkCrypt looks at the i-th filter of a stream, a Crypt filter. Where the file is encrypted raw has undone it, as the first; elsewhere it may only
// be the one that does nothing.
func (f *file) checkCrypt(s *Stream, i int, params Dict) error {
	name, err := f.cryptName(params)
	switch {
	case err != nil:
		return err
	case i > 0:
		return &ParseError{s.Offset, "a Crypt filter is not the first of its stream"}
	case f.security == nil && name != "Identity":
		return &ParseError{s.Offset, "a Crypt filter in a file that is not encrypted"}
	}
	return nil
}

// encryptObject returns o as it is written under ref: with its strings encrypted. Where nothing is encrypted that is o itself.
func (s *security) encryptObject(o Object, ref Ref) Object {
	if s == nil || s.Strings() == crypt.Identity {
		return o
	}
	return eachString(deepCopy(o), func(text String) String { return s.Encrypt(s.Strings(), ref.Num, ref.Gen, text) })
}

// encryptStream returns the dictionary and the data of a stream as they are written under ref.
func (s *security) encryptStream(ref Ref, d Dict, data []byte) (Dict, []byte) {
	d, _ = s.encryptObject(d, ref).(Dict)
	return d, s.Encrypt(s.Streams(), ref.Num, ref.Gen, data)
}

// deepCopy copies arrays and dictionaries: those read are shared and not to be changed.
func deepCopy(o Object) Object {
	switch v := o.(type) {
	case Array:
		out := make(Array, len(v))
		for i := range v {
			out[i] = deepCopy(v[i])
		}
		return out
	case Dict:
		out := maps.Clone(v)
		for k := range out {
			out[k] = deepCopy(out[k])
		}
		return out
	}
	return o
}
