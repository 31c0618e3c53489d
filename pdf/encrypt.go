package pdf

import (
	"errors"
	"fmt"
	"slices"

	"yinxin/fault"
	"yinxin/pdf/crypt"
)

// security is what the standard security handler knows of an encrypted file (ISO 32000-2, 7.6).
type security struct {
	*crypt.Handler
	at Ref // the encryption dictionary, the only object whose strings are as they are
}

// unlock finds the key of an encrypted file. What was read before that is forgotten: it was read as it stands.
func (f *file) unlock(password string) error {
	at, err := f.encryptedBy()
	if err != nil || at == (Ref{}) {
		return err
	}
	offset := f.newest().offset(at)
	p, err := f.encryptionParameters(at)
	if err != nil {
		return err
	}
	typed := crypt.Password{Text: password, Doc: docEncoded(password)}
	h, err := crypt.Open(p, typed)
	switch {
	case errors.Is(err, crypt.ErrPassword) && password == "":
		return denied("pdf-password", "PDF 已加密，需要密码才能打开；请用 --password-file 提供", "the PDF needs a password: give it with --password-file", err)
	case errors.Is(err, crypt.ErrPassword):
		return denied("pdf-password", "密码不正确，无法打开该 PDF；请用 --password-file 提供正确的密码",
			"the PDF needs another password: give the right one with --password-file", err)
	case errors.Is(err, crypt.ErrUnsupported):
		return unsupportedEncryption(err)
	case err != nil:
		return &ParseError{offset, err.Error()}
	}
	f.security = &security{h, at}
	clear(f.cache)
	f.packs, f.kept = nil, 0
	if h.Damaged() {
		f.tolerate(offset, "Perms, the sealed copy of the permissions, is not what the encryption dictionary says")
	}
	return nil
}

func unsupportedEncryption(cause error) error {
	return fault.New(fault.Denied, "pdf-encrypted", "PDF 的加密方式不受支持，无法读取；请在原系统去除加密或改用密码加密",
		"the PDF is encrypted in a way that is not supported; remove the encryption where it was made, or use a password", cause)
}

// encryptedBy returns the reference to the encryption dictionary; zero where the file is not encrypted. A file that is encrypted in one revision and
// not, or otherwise, in another would be read in two ways: it is malformed.
func (f *file) encryptedBy() (Ref, error) {
	var at Ref
	for i := range f.sections {
		s := &f.sections[i]
		o := s.trailer["Encrypt"]
		ref, isRef := o.(Ref)
		switch {
		case o == nil:
		case !isRef:
			return Ref{}, &ParseError{s.offset, "Encrypt in the trailer is no reference to an encryption dictionary"}
		case at != (Ref{}) && at != ref:
			return Ref{}, &ParseError{s.offset, "Encrypt is not the same in all revisions"}
		default:
			at = ref
		}
	}
	if at == (Ref{}) {
		return at, nil
	}
	var newest Object
	for k, r := range slices.Backward(f.revisions) {
		if f.sections[r.newest].trailer["Encrypt"] == nil { // further sections of a revision, as linearized files have them, need not say it
			return Ref{}, &ParseError{f.sections[r.newest].offset, "the file is encrypted in some revisions only"}
		}
		o, err := f.encryptionAt(k, at)
		if err != nil {
			return Ref{}, err
		}
		if newest != nil && !equalObjects(newest, o) {
			return Ref{}, &ParseError{f.at(k).offset(at), "the encryption dictionary is not the same in all revisions"}
		}
		newest = o
	}
	return at, nil
}

// encryptionAt reads the encryption dictionary of a revision.
func (f *file) encryptionAt(revision int, at Ref) (Dict, error) {
	v := f.at(revision)
	s, ok, err := v.locate(at)
	switch {
	case err != nil:
		return nil, err
	case !ok || s.index >= 0:
		return nil, &ParseError{f.sections[f.revisions[revision].newest].offset, "the encryption dictionary does not exist, or is itself in an encrypted stream"}
	}
	o, err := f.load(at, s)
	if err != nil {
		return nil, fmt.Errorf("read the encryption dictionary: %w", err)
	}
	d, isDict := o.(Dict)
	if !isDict || f.ambiguous[s] {
		return nil, &ParseError{s.offset, "the encryption dictionary is none, or has a key twice"}
	}
	return d, nil
}

// encryptionParameters reads the encryption dictionary and the identifier of the file.
func (f *file) encryptionParameters(at Ref) (crypt.Parameters, error) {
	d, err := f.dict(at)
	if err != nil {
		return crypt.Parameters{}, err
	}
	e := encryptEntries{f: f, offset: f.newest().offset(at), dict: d}
	handler := valueOf[Name](&e, "Filter")
	p := crypt.Parameters{
		V: int(valueOf[int64](&e, "V")), R: int(valueOf[int64](&e, "R")), Length: valueOf[int64](&e, "Length"), P: valueOf[int64](&e, "P"),
		O: valueOf[String](&e, "O"), U: valueOf[String](&e, "U"), OE: valueOf[String](&e, "OE"), UE: valueOf[String](&e, "UE"),
		Perms: valueOf[String](&e, "Perms"), EncryptMetadata: d["EncryptMetadata"] == nil || valueOf[bool](&e, "EncryptMetadata"),
		Streams: string(valueOf[Name](&e, "StmF")), Strings: string(valueOf[Name](&e, "StrF")), Files: string(valueOf[Name](&e, "EFF")),
		Filters: map[string]string{},
	}
	for name, o := range valueOf[Dict](&e, "CF") {
		filter, err := f.dict(o)
		method, err2 := f.name(filter["CFM"])
		if p.Filters[string(name)] = string(method); e.err == nil {
			e.err = errors.Join(err, err2)
		}
	}
	switch {
	case e.err != nil:
		return p, e.err
	case handler == "":
		return p, &ParseError{e.offset, "the encryption dictionary names no security handler"}
	case handler != "Standard":
		return p, unsupportedEncryption(fmt.Errorf("security handler %s", handler))
	}
	p.ID, err = f.encryptionID()
	return p, err
}

// encryptionID is the first half of the file's identifier. That of an encrypted file stands in the trailer itself (ISO 32000-2, 14.4): elsewhere it
// would be encrypted.
func (f *file) encryptionID() (String, error) {
	o := f.trailer["ID"]
	if o == nil {
		return nil, nil
	}
	if a, ok := o.(Array); ok && len(a) == 2 {
		if id, ok := a[0].(String); ok {
			return id, nil
		}
	}
	return nil, &ParseError{f.sections[0].offset, "ID of an encrypted file is not two strings in the trailer"}
}

// encryptEntries reads the encryption dictionary; the first entry of a wrong type is its error.
type encryptEntries struct {
	f      *file
	offset int64
	dict   Dict
	err    error
}

// valueOf is the value of a key, zero where it is absent.
func valueOf[T any](e *encryptEntries, key Name) T {
	var none T
	o, err := e.f.resolve(e.dict[key])
	v, ok := o.(T)
	switch {
	case e.err != nil:
	case err != nil:
		e.err = err
	case o != nil && !ok:
		e.err = &ParseError{e.offset, fmt.Sprintf("%s of the encryption dictionary is %s", key, typeName(o))}
	}
	if e.err != nil {
		return none
	}
	return v
}

// docEncoded is a text in PDFDocEncoding (ISO 32000-1, annex D.2); nil where that lacks a character.
func docEncoded(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		low, high := slices.Index(docEncodingLow[:], r), slices.Index(docEncodingHigh[:], r)
		switch {
		case low >= 0:
			out = append(out, byte(0x18+low))
		case high >= 0 && r != '\ufffd':
			out = append(out, byte(0x80+high))
		case r < 0x80 || r > 0xa0 && r <= 0xff:
			out = append(out, byte(r))
		default:
			return nil
		}
	}
	return out
}
