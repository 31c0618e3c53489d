package pdf

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"yinxin/document"
)

// A revision can take a signature out of the form, but not out of the file: its bytes stay below, and it still protects what it protected. So whoever
// lists only what the last revision lists can be made to see an unsigned file where there was a sealed one. What finds the others is a look at all bytes for
// the one key that every signature in a PDF has; only where one stands outside of the signatures already known are tables and dictionaries looked at.

// signatureMark is how writers write the key. A mark that is written otherwise, or inside a compressed object, belongs to no signature that was ever good:
// what is below a signature cannot be rewritten without breaking it.
const signatureMark = "/ByteRange"

// maxDistance is of a mark behind the beginning of its dictionary, where no table says where that is.
const maxDistance = 256 << 10

// withLost adds the signatures that the file holds and its last revision does not list.
func (d *Document) withLost(signed []*signature) ([]*signature, error) {
	q := search{d: d, signed: signed}
	for _, s := range signed {
		if s.until > s.site.offset && !s.stray {
			q.known = append(q.known, stretch{s.site.offset, s.until})
		}
	}
	slices.SortFunc(q.known, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	if err := d.f.eachMark(q.mark); err != nil {
		return nil, err
	}
	return q.result(), nil
}

// eachMark calls visit with the offset of every mark in the file, in order.
func (f *file) eachMark(visit func(at int64) error) error {
	for from := int64(0); from+int64(len(signatureMark)) <= f.size; {
		b := f.part(f.size - from)
		if err := readFull(f.r, b, from); err != nil {
			return err
		}
		for at := 0; ; at += len(signatureMark) {
			i := bytes.Index(b[at:], []byte(signatureMark))
			if i < 0 {
				break
			}
			at += i
			if err := visit(from + int64(at)); err != nil {
				return err
			}
		}
		from += int64(max(1, len(b)-len(signatureMark)+1))
	}
	return nil
}

// stretch is a part of the file.
type stretch struct{ from, to int64 }

// search goes through the marks of a file.
type search struct {
	d      *Document
	signed []*signature
	lost   []*signature
	known  []stretch             // of the dictionaries listed, in order
	past   int64                 // marks before this offset were looked at with the object they are in
	listed []listing             // every object that a table places, by offset; nil until asked for
	values []map[Ref][]leafField // by revision: the signature fields of its form by value; nil until asked for
}

// listing is an object as the table of a revision places it.
type listing struct {
	offset, bound int64
	ref           Ref
	rev           int
}

// mark looks at one mark.
func (q *search) mark(at int64) error {
	if at < q.past {
		return nil
	}
	for len(q.known) > 0 && q.known[0].to <= at {
		q.known = q.known[1:]
	}
	if len(q.known) > 0 && at >= q.known[0].from {
		q.past = q.known[0].to
		return nil
	}
	s, err := q.around(at)
	if s == nil || err != nil {
		return err
	}
	if len(q.lost)+len(q.signed) >= q.d.f.lim.Signatures {
		return limitError("pdf-too-many-signatures", "签名过多", "it has too many signatures", fmt.Errorf("at most %d", q.d.f.lim.Signatures))
	}
	q.lost = append(q.lost, s)
	return nil
}

// around reads the signature that a mark is in; nil where it is in something else.
func (q *search) around(at int64) (*signature, error) {
	if q.listed == nil {
		q.list()
	}
	i, _ := slices.BinarySearchFunc(q.listed, at+1, func(l listing, at int64) int { return cmp.Compare(l.offset, at) })
	floor := int64(0)
	next := q.d.f.size
	if i < len(q.listed) {
		next = q.listed[i].offset
	}
	for i--; i >= 0; i-- { // the object before the mark, by every table that places one there
		l := q.listed[i]
		s, end, err := q.read(l)
		if err != nil {
			return nil, err
		}
		if end > at {
			q.past = min(end, next)
			return s, nil
		}
		floor = max(floor, end)
		if i == 0 || q.listed[i-1].offset != l.offset {
			break
		}
	}
	return q.unlisted(max(floor, at-maxDistance), at)
}

// list gathers what the tables of all revisions place outside of object streams.
func (q *search) list() {
	f := q.d.f
	q.listed = []listing{}
	for k, r := range f.revisions {
		for i := r.newest; i <= r.oldest; i++ {
			s := &f.sections[i]
			for _, t := range []table{s.table, s.hidden} {
				for _, run := range t {
					for n, e := range run.entries {
						if e.kind == plainEntry && e.offset != 0 {
							q.listed = append(q.listed, listing{e.offset + f.shift, s.end, Ref{run.first + n, int(e.gen)}, k})
						}
					}
				}
			}
		}
	}
	slices.SortFunc(q.listed, func(a, b listing) int { return cmp.Or(cmp.Compare(a.offset, b.offset), cmp.Compare(b.rev, a.rev)) })
}

// read reads what stands at a place: where it ends, 0 where nothing of that number stands there, and the signature if it is one.
func (q *search) read(l listing) (*signature, int64, error) {
	f := q.d.f
	if err := f.header(l.ref, l.offset, l.bound); err != nil {
		return nil, 0, onlyFatal(err)
	}
	o, err := f.lex.object(0)
	if err == nil {
		o, err = f.finish(o, l.bound)
	}
	if spent := f.spend(f.lex.at() - l.offset); spent != nil {
		return nil, 0, spent
	}
	if err != nil {
		return nil, 0, onlyFatal(err)
	}
	switch v := o.(type) {
	case *Stream:
		if v.Length < 0 {
			return nil, l.bound, nil
		}
		return nil, v.Offset + v.Length, nil
	case Dict:
		end := f.lex.at()
		if !wasMade(v) {
			return nil, end, nil
		}
		s, err := q.signature(l)
		return s, end, err
	}
	return nil, f.lex.at(), nil
}

// wasMade reports whether a dictionary is one of a signature that was made: a value that is all zeros is room for one. Rights that software gives to
// other software (UR; ISO 32000-1, 12.8.2.3) are nobody's signature.
func wasMade(d Dict) bool {
	contents, ok := d["Contents"].(String)
	if _, isArray := d["ByteRange"].(Array); !ok || !isArray || len(bytes.Trim([]byte(contents), "\x00")) == 0 {
		return false
	}
	list, _ := d["Reference"].(Array)
	return !slices.ContainsFunc(list, func(o Object) bool {
		r, _ := o.(Dict)
		return r["TransformMethod"] == Object(Name("UR")) || r["TransformMethod"] == Object(Name("UR3"))
	})
}

// signature reads a signature dictionary and finds who had it.
func (q *search) signature(l listing) (*signature, error) {
	s := &signature{d: q.d, ref: l.ref, at: max(l.rev, 0), revision: max(l.rev, 0), standing: document.Hidden,
		site: site{l.offset, l.bound, -1, int32(l.ref.Num)}}
	err := s.dictionary(func(what string) error {
		s.err, s.why = malformedSignature(what), what
		return nil
	})
	if err != nil {
		return nil, err
	}
	if l.rev >= 0 {
		if err := q.had(s); err != nil {
			return nil, err
		}
	} else {
		s.at, s.revision = q.within(l.offset), q.within(l.offset)
	}
	if len(s.fields) == 0 {
		s.fields = []leafField{{name: fmt.Sprintf("object %d", l.ref.Num)}}
		if s.err != nil {
			s.standing = document.Remnant
		}
	}
	return s, nil
}

// had finds the revisions whose form has the signature: the last of them, and the fields in it.
func (q *search) had(s *signature) error {
	f := q.d.f
	for k := s.revision; k < len(f.revisions); k++ {
		here, ok, err := f.at(k).locate(s.ref)
		if err != nil || !ok || here.offset != s.site.offset {
			break // freed, or replaced by another
		}
		values, err := q.valuesOf(k)
		if err != nil {
			return err
		}
		if fields := values[s.ref]; len(fields) > 0 {
			s.at, s.fields, s.standing = k, fields, document.Removed
		}
	}
	if s.standing == document.Removed {
		s.gone = s.at + 2
	}
	return nil
}

// valuesOf lists the signature fields of a revision's form by their values. Of a form that cannot be read it lists what comes before.
func (q *search) valuesOf(rev int) (map[Ref][]leafField, error) {
	if q.values == nil {
		q.values = make([]map[Ref][]leafField, len(q.d.f.revisions))
	}
	if q.values[rev] != nil {
		return q.values[rev], nil
	}
	out := map[Ref][]leafField{}
	err := q.d.f.at(rev).eachField(func(field leafField) error {
		if ref := refOf(field.value); ref.Num != 0 && field.kind == "Sig" {
			out[ref] = append(out[ref], field)
		}
		return nil
	})
	q.values[rev] = out
	return out, onlyFatal(err)
}

// within is the revision in whose bytes an offset is.
func (q *search) within(at int64) int {
	revisions := q.d.f.revisions
	i := slices.IndexFunc(revisions, func(r revision) bool { return at < r.end })
	if i < 0 {
		i = len(revisions) - 1
	}
	return i
}

// unlisted looks for a signature that no table places: below a file that was written anew behind it, there are objects of an older one.
func (q *search) unlisted(from, at int64) (*signature, error) {
	f := q.d.f
	b := make([]byte, at-from)
	if err := f.spend(int64(len(b))); err != nil {
		return nil, err
	}
	if err := readFull(f.r, b, from); err != nil {
		return nil, err
	}
	i := bytes.LastIndex(b, []byte("obj"))
	if i < 0 {
		return nil, nil
	}
	start, ref, ok := headerBefore(b[:i])
	if !ok {
		return nil, nil
	}
	s, end, err := q.read(listing{from + int64(start), f.size, ref, -1})
	if end > at {
		q.past = end
	}
	return s, err
}

// headerBefore reads the "N G " that b ends with.
func headerBefore(b []byte) (start int, ref Ref, ok bool) {
	numbers := [2]int{}
	for k := range numbers {
		b = bytes.TrimRight(b, "\x00\t\n\f\r ")
		digits := len(b)
		for scale := 1; digits > 0 && class[b[digits-1]]&digit != 0 && scale < maxNumbered; scale *= 10 {
			digits--
			numbers[k] += int(b[digits]-'0') * scale
		}
		if digits == len(b) {
			return 0, Ref{}, false
		}
		b = b[:digits]
	}
	return len(b), Ref{numbers[1], numbers[0]}, numbers[1] > 0
}

// result puts what was lost beside what is listed. Where the value of a field was overwritten with something malformed, the signature that was there
// takes its place; what another file may have left counts only where nothing else is there.
func (q *search) result() []*signature {
	stands := slices.ContainsFunc(q.signed, func(s *signature) bool { return s.err == nil })
	out := q.signed
	for _, s := range q.lost {
		if s.standing == document.Remnant && stands {
			continue
		}
		i := slices.IndexFunc(out, func(o *signature) bool { return o.ref == s.ref && o.standing == document.Stands && o.err != nil })
		switch {
		case i >= 0 && out[i].stray && s.standing != document.Removed:
			continue // the same, told of already
		case i < 0 || s.err != nil:
			out = append(out, s)
			continue
		}
		s.standing, s.fields, s.gone = document.Removed, out[i].fields, max(s.gone, out[i].revision+1)
		out[i] = s
	}
	return out
}

// standingFirst is the signatures that the document still has, then the others.
func standingFirst(signed []*signature) []*signature {
	out := slices.Clone(signed)
	slices.SortStableFunc(out, func(a, b *signature) int {
		lost := func(s *signature) int { return min(1, len(s.standing)) }
		return cmp.Compare(lost(a), lost(b))
	})
	return out
}
