package pdf

import (
	"fmt"
	"strings"
)

// restriction is what a signature forbids of everything after it (ISO 32000-1, 12.8.2).
type restriction struct {
	certifies bool // it has a DocMDP transform
	frozen    bool // nothing may change
	fields    []fieldLock
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
		frozen, err := p.freezes(v, d)
		if err != nil {
			return r, err
		}
		r.frozen = r.frozen || frozen
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
	frozen, err := p.freezes(v, params)
	if err != nil {
		return err
	}
	r.frozen = r.frozen || frozen
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

// freezes reports whether P says that nothing may change. Without P the level is 2 (ISO 32000-1, table 254); a level that no standard knows permits
// nothing.
func (p *restrictions) freezes(v snapshot, d Dict) (bool, error) {
	o, err := look[Object](p, v, d["P"])
	if err != nil || o == nil {
		return false, err
	}
	return !equalObjects(o, int64(2)) && !equalObjects(o, int64(3)), nil
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
		s.forbids.frozen = s.forbids.frozen || err != nil
	}
	d.restricted = true
	return nil
}
