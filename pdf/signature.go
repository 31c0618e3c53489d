package pdf

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"yinxin/document"
	"yinxin/fault"
)

// signature is a signature dictionary with the fields whose value it is. It implements document.Signature.
type signature struct {
	d        *Document
	id       string
	ref      Ref
	fields   []leafField
	dict     Dict
	site     site
	until    int64 // where the dictionary ends
	at       int   // the revision that shows it, from 0: the last one that does
	revision int   // that wrote the dictionary, from 0
	standing document.Standing
	gone     int      // the revision that took it away, from 1
	ranges   [4]int64 // ByteRange; zeros where it is malformed
	value    []byte
	forbids  restriction    // see Document.restrict
	info     *document.Info // see Info; nil until asked for
	stray    bool           // only a page names its field
	err      error          // that the dictionary is malformed
	why      string         // the reason
}

// Signatures lists the signatures in order of the revisions that wrote them. Values shared by several fields are one signature, whose ID is their
// names joined by ", ". Signatures that only the catalog's Perms names are listed too; where the form has none, those that only pages show are. So are
// those that the file holds and its last revision does not list; see document.Standing.
func (d *Document) Signatures() ([]document.Signature, error) {
	if err := d.list(); err != nil {
		return nil, malformed(err)
	}
	out := make([]document.Signature, len(d.signed))
	for i, s := range d.signed {
		out[i] = s
	}
	return out, nil
}

// list finds the signatures once.
func (d *Document) list() error {
	if d.listed {
		return nil
	}
	v := d.f.newest()
	found := map[Ref]*signature{}
	var signed []*signature
	add := func(value Object, field leafField) error {
		ref, indirect := value.(Ref)
		s := found[ref]
		if s == nil || !indirect {
			if len(signed) >= d.f.lim.Signatures {
				return limitError("pdf-too-many-signatures", "签名过多", "it has too many signatures",
					fmt.Errorf("at most %d", d.f.lim.Signatures))
			}
			s = &signature{d: d, ref: ref, at: v.rev}
			signed = append(signed, s)
			if indirect {
				found[ref] = s
			}
		}
		s.fields = append(s.fields, field)
		return nil
	}
	err := v.eachField(func(field leafField) error {
		if field.kind != "Sig" || field.value == nil {
			return nil
		}
		return add(field.value, field)
	})
	if err != nil {
		return fmt.Errorf("list the signatures: %w", err)
	}
	if err := d.listPerms(found, add); err != nil {
		return fmt.Errorf("list the signatures: %w", err)
	}
	if len(signed) == 0 {
		if err := d.listStray(add); err != nil {
			return fmt.Errorf("list the signatures: %w", err)
		}
		for _, s := range signed {
			s.stray = true
		}
	}
	for _, s := range signed {
		if err := s.read(); err != nil {
			return fmt.Errorf("list the signatures: %w", err)
		}
	}
	if signed, err = d.withLost(signed); err != nil {
		return fmt.Errorf("look for lost signatures: %w", err)
	}
	slices.SortStableFunc(signed, func(a, b *signature) int {
		return cmp.Or(cmp.Compare(a.revision, b.revision), cmp.Compare(a.end(), b.end()), cmp.Compare(a.site.offset, b.site.offset))
	})
	nameAll(standingFirst(signed))
	d.signed, d.listed = signed, true
	return nil
}

// listPerms adds the signatures of Perms (ISO 32000-1, 12.8.4) that no field has.
func (d *Document) listPerms(found map[Ref]*signature, add func(Object, leafField) error) error {
	v := d.f.newest()
	catalog, err := v.catalog()
	if err != nil {
		return err
	}
	perms, err := v.dict(catalog["Perms"])
	if err != nil {
		return err
	}
	for _, key := range []Name{"DocMDP", "UR3"} {
		ref, indirect := perms[key].(Ref)
		if perms[key] == nil || indirect && found[ref] != nil {
			continue
		}
		if err := add(perms[key], leafField{name: "Perms/" + string(key)}); err != nil {
			return err
		}
	}
	return nil
}

// nameAll gives each signature an ID of its own. A name used twice gets a number: two fields of one name are two signatures.
func nameAll(signed []*signature) {
	used := map[string]bool{}
	for _, s := range signed {
		names := make([]string, len(s.fields))
		for i, field := range s.fields {
			names[i] = field.name
		}
		base := strings.Join(names, ", ")
		s.id = base
		for n := 2; used[s.id]; n++ {
			s.id = fmt.Sprintf("%s#%d", base, n)
		}
		used[s.id] = true
	}
}

// malformedSignature is the error of every method of a signature whose dictionary is malformed.
func malformedSignature(what string) error {
	return fault.New(fault.Invalid, "pdf-signature-malformed", "PDF 签名字典不合规范，无法认定其保护范围；该签名不可信，请向签署方索取原始文件",
		"the signature dictionary is malformed, so what it protects is undefined; do not trust it, ask the signer for the original", errors.New(what))
}

// read reads the dictionary from the bytes of the file. What is malformed is kept for the methods to say; only failures to read are returned.
func (s *signature) read() error {
	f := s.d.f
	fail := func(what string) error {
		s.err, s.why = malformedSignature(what), what
		return nil
	}
	if s.ref == (Ref{}) {
		return fail("the value of the field is not an indirect object")
	}
	v := f.at(s.at)
	place, ok, err := v.locate(s.ref)
	if err != nil {
		return fail(err.Error())
	}
	s.site, s.revision = place, max(v.writtenIn(s.ref.Num), 0)
	switch {
	case !ok:
		return fail(fmt.Sprintf("object %d, the value of the field, does not exist", s.ref.Num))
	case place.index >= 0:
		return fail("the dictionary is compressed in an object stream")
	}
	return s.dictionary(fail)
}

// dictionary reads the dictionary at its site.
func (s *signature) dictionary(fail func(string) error) error {
	f := s.d.f
	contents, twice, digits, err := s.parse()
	if f.lex.err != nil {
		return f.lex.err
	}
	switch {
	case err != nil:
		return fail(err.Error())
	case s.stray:
		return fail("the form of the document does not name the field, only a page does")
	case twice != "":
		return fail("the key " + string(twice) + " stands twice in the dictionary")
	}
	var ok bool
	if s.ranges, ok = byteRange(s.dict["ByteRange"], f.size); !ok {
		return fail("ByteRange is not [0 b c d] with b < c and c+d within the file")
	}
	bytes, ok := contents.value.(String)
	if !ok || digits < 0 || digits%2 != 0 || digits+2 != contents.end-contents.at {
		s.ranges = [4]int64{}
		return fail("Contents is not one hexadecimal string without white space")
	}
	if s.ranges[1] != contents.at || s.ranges[2] != contents.end {
		s.ranges = [4]int64{}
		return fail("the gap of ByteRange is not exactly the Contents of the dictionary")
	}
	if s.value, err = firstValue(bytes); err != nil {
		return fail(err.Error())
	}
	return nil
}

// parse reads the dictionary and tells where Contents stands.
func (s *signature) parse() (contents field, twice Name, digits int64, err error) {
	f := s.d.f
	l := &f.lex
	if err = f.header(s.ref, s.site.offset, s.site.bound); err != nil {
		return
	}
	l.skip()
	if b, ok := l.take(2); !ok || string(b) != "<<" {
		return contents, "", 0, l.fail("no dictionary stands here")
	}
	l.pos += 2
	s.dict = Dict{}
	seen := map[Name]bool{}
	err = l.fields(1, func(e field) {
		if seen[e.key] {
			twice = e.key
		}
		seen[e.key] = true
		if e.key == "Contents" {
			contents, digits = e, l.digits
		}
		if e.value != nil {
			s.dict[e.key] = e.value
		}
	})
	if err == nil && !l.keyword("endobj") {
		err = l.fail("endobj was expected")
	}
	if err == nil && f.security != nil {
		_, err = f.decryptObject(s.dict, s.ref, s.site.offset)
	}
	if err == nil {
		err = f.spend(l.at() - s.site.offset)
		f.keep(s.site, s.dict, l.at()-s.site.offset)
	}
	s.until = l.at()
	return contents, twice, digits, err
}

// byteRange reads ByteRange: exactly one gap, from the first byte of the file on.
func byteRange(o Object, size int64) (r [4]int64, ok bool) {
	a, _ := o.(Array)
	if len(a) != 4 {
		return r, false
	}
	for i := range r {
		if r[i], ok = a[i].(int64); !ok || r[i] < 0 || r[i] > size {
			return [4]int64{}, false
		}
	}
	if r[0] != 0 || r[1] >= r[2] || r[2]+r[3] > size {
		return [4]int64{}, false
	}
	return r, true
}

// end is where the signed bytes end; 0 where the dictionary is malformed.
func (s *signature) end() int64 { return s.ranges[2] + s.ranges[3] }

// Value returns the signature value without its padding; nil where the dictionary is malformed.
func (s *signature) Value() []byte { return s.value }
