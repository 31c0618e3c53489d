package pdf

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"yinxin/document"
)

// restriction is what a signature forbids of everything after it (ISO 32000-1, 12.8.2).
type restriction struct {
	certifies bool           // it has a DocMDP transform
	permits   document.Level // the highest level of changes that is permitted; empty where nothing is said
	frozen    bool           // nothing may change but evidence be added
	fields    []fieldLock
}

// limit takes one more word on what is permitted: the strictest counts.
func (r *restriction) limit(l document.Level) {
	if l != "" && (r.permits == "" || l.Rank() < r.permits.Rank()) {
		r.permits = l
	}
	r.frozen = r.permits == document.LevelLTA
}

// rules says what the signature thinks of a change: of its level, and of the field it is about, if any.
func (r restriction) rules(level document.Level, field string) document.Ruling {
	switch {
	case level.Rank() <= document.LevelLTA.Rank():
		return document.Unruled // evidence may be added to any document (ISO 32000-2, 12.8.2.2)
	case field != "" && r.locks(field):
		return document.FieldLocked
	case r.permits == "":
		return document.Unruled
	case level.Rank() > r.permits.Rank():
		return document.Forbidden
	}
	return document.Permitted
}

// fieldLock is a FieldMDP transform (ISO 32000-1, table 256).
type fieldLock struct {
	action Name
	names  map[string]bool
}

// locks reports whether the field of that full name may not change. To name a field is to name those below it.
func (r restriction) locks(name string) bool {
	for _, l := range r.fields {
		if l.action == "All" || l.action == "Include" && covers(l.names, name) || l.action == "Exclude" && !covers(l.names, name) {
			return true
		}
	}
	return false
}

// locked lists the locks for people to read.
func (r restriction) locked() (out []document.Lock) {
	for _, l := range r.fields {
		switch l.action {
		case "All":
			out = append(out, document.Lock{Except: true})
		case "Include", "Exclude":
			out = append(out, document.Lock{Fields: slices.Sorted(maps.Keys(l.names)), Except: l.action == "Exclude"})
		}
	}
	return out
}

// covers reports whether a full name, or that of a group it is in, is among the names.
func covers(names map[string]bool, name string) bool {
	for {
		if names[name] {
			return true
		}
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return false
		}
		name = name[:i]
	}
}

// maxRestrictions bounds what is read of signatures' references and lists of fields, over all of them.
const maxRestrictions = 1_000_000

// restrictions reads restrictions.
type restrictions struct {
	left int // objects that may still be read
}

// look resolves a part of a signature. What is of another type grants and forbids nothing; what cannot be read is an error.
func look[T any](p *restrictions, v snapshot, o Object) (T, error) {
	var none T
	if p.left--; p.left < 0 {
		return none, limitError("pdf-too-costly", "已有签名的权限条目过多", "its signatures hold too many permissions", nil)
	}
	r, err := v.resolve(o)
	if err != nil {
		return none, fmt.Errorf("read what an earlier signature permits: %w", err)
	}
	if t, ok := r.(T); ok {
		return t, nil
	}
	return none, nil
}

// of reads what a signature forbids, as revision v has it. What the locks of its fields name stands in its FieldMDP too, which counts; P may stand in
// a lock alone (ISO 32000-2, table 236).
func (p *restrictions) of(v snapshot, signature Dict, locks ...Object) (restriction, error) {
	var r restriction
	for _, lock := range locks {
		d, err := look[Dict](p, v, lock)
		if err != nil {
			return r, err
		}
		permits, err := p.permits(v, d, "")
		if err != nil {
			return r, err
		}
		r.limit(permits)
	}
	list, err := look[Array](p, v, signature["Reference"])
	if err != nil {
		return r, err
	}
	for _, o := range list {
		if err := p.reference(v, o, &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (p *restrictions) reference(v snapshot, o Object, r *restriction) error {
	d, err := look[Dict](p, v, o)
	if err != nil {
		return err
	}
	method, err := look[Name](p, v, d["TransformMethod"])
	if err != nil || method != "DocMDP" && method != "FieldMDP" {
		return err
	}
	params, err := look[Dict](p, v, d["TransformParams"])
	if err != nil {
		return err
	}
	absent := document.Level("")
	if method == "DocMDP" {
		absent = document.LevelForm
	}
	permits, err := p.permits(v, params, absent)
	if err != nil {
		return err
	}
	r.limit(permits)
	if method == "DocMDP" {
		r.certifies = true
		return nil
	}
	l := fieldLock{names: map[string]bool{}}
	if l.action, err = look[Name](p, v, params["Action"]); err != nil {
		return err
	}
	names, err := look[Array](p, v, params["Fields"])
	if err != nil {
		return err
	}
	for _, o := range names {
		s, err := look[String](p, v, o)
		if err != nil {
			return err
		}
		l.names[s.text()] = true
	}
	r.fields = append(r.fields, l)
	return nil
}

// permits reads P: the highest level of changes that is permitted, or absent where it is missing. Where a DocMDP transform has none the level is 2
// (ISO 32000-1, table 254); a level that no standard knows permits nothing.
func (p *restrictions) permits(v snapshot, d Dict, absent document.Level) (document.Level, error) {
	o, err := look[Object](p, v, d["P"])
	switch {
	case err != nil || o == nil:
		return absent, err
	case equalObjects(o, int64(2)):
		return document.LevelForm, nil
	case equalObjects(o, int64(3)):
		return document.LevelAnnotation, nil
	}
	return document.LevelLTA, nil
}

// restrict reads what each signature forbids, once, as the revision that wrote it has it. Where that cannot be told it forbids everything.
func (d *Document) restrict() error {
	if d.restricted {
		return nil
	}
	p := restrictions{left: maxRestrictions}
	for _, s := range d.signed {
		if s.dict == nil {
			continue
		}
		v := d.f.at(s.revision)
		var locks []Object
		for _, field := range s.fields {
			was, err := v.dict(field.ref)
			if isFatal(err) {
				return err
			}
			if was["Lock"] != nil {
				locks = append(locks, was["Lock"])
			}
		}
		var err error
		if s.forbids, err = p.of(v, s.dict, locks...); isFatal(err) {
			return err
		}
		if err != nil {
			s.forbids.limit(document.LevelLTA)
		}
	}
	d.restricted = true
	return nil
}
