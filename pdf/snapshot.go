package pdf

import "fmt"

// snapshot is a file as one of its revisions shows it.
type snapshot struct {
	f   *file
	rev int // in file.revisions; negative while the structure is being read: then there are no objects
}

// lookup returns the cross-reference entry of an object and the end of the revision that wrote it.
func (v snapshot) lookup(num int) (entry, int64) {
	e, i := v.find(num)
	if i < 0 {
		return entry{}, 0
	}
	return e, v.f.sections[i].end
}

// find returns the cross-reference entry of an object and the section that has it, or -1.
func (v snapshot) find(num int) (entry, int) {
	if v.rev < 0 {
		return entry{}, -1
	}
	return v.f.lookup(num, v.f.revisions[v.rev].newest)
}

// writtenIn returns the revision that placed an object; -1 where it is absent.
func (v snapshot) writtenIn(num int) int {
	_, i := v.find(num)
	for k := v.rev; k >= 0 && i >= 0; k-- {
		if r := v.f.revisions[k]; i >= r.newest && i <= r.oldest {
			return k
		}
	}
	return -1
}

// locate says where an object stands; ok is false where it is absent. For a packed object the site is in its object stream.
func (v snapshot) locate(ref Ref) (s site, ok bool, err error) {
	e, bound := v.lookup(ref.Num)
	switch {
	case e.kind == plainEntry && e.offset != 0 && int(e.gen) == ref.Gen:
		return site{e.offset + v.f.shift, bound, -1, int32(ref.Num)}, true, nil
	case e.kind == packedEntry && ref.Gen == 0:
		c, cBound := v.lookup(int(min(e.offset, maxNumber)))
		if c.kind != plainEntry || c.gen != 0 || c.offset == 0 {
			return site{}, false, &ParseError{-1, fmt.Sprintf("object %d is said to be in object stream %d, which is none", ref.Num, e.offset)}
		}
		return site{c.offset + v.f.shift, cBound, e.gen, int32(ref.Num)}, true, nil
	}
	return site{}, false, nil
}

// get returns an object; nil where it is absent, free or of another generation (ISO 32000-1, 7.3.10).
func (v snapshot) get(ref Ref) (Object, error) {
	s, ok, err := v.locate(ref)
	if !ok || err != nil {
		return nil, err
	}
	if s.index < 0 {
		return v.f.load(ref, s)
	}
	e, _ := v.lookup(ref.Num)
	return v.f.unpack(Ref{Num: int(e.offset)}, s)
}

// resolve follows references to an object that is none.
func (v snapshot) resolve(o Object) (Object, error) {
	for range v.f.lim.Depth {
		ref, ok := o.(Ref)
		if !ok {
			return o, nil
		}
		var err error
		if o, err = v.get(ref); err != nil {
			return nil, err
		}
	}
	return nil, &ParseError{-1, "references lead to references without end"}
}

// offset is the place to name in errors about o.
func (v snapshot) offset(o Object) int64 {
	if ref, ok := o.(Ref); ok {
		if s, ok, err := v.locate(ref); ok && err == nil {
			return s.offset
		}
	}
	return -1
}

// typed resolves o. Where it is null or absent the zero value comes back; another type is an error.
func typed[T any](v snapshot, o Object, what string) (T, error) {
	var zero T
	r, err := v.resolve(o)
	if r == nil || err != nil {
		return zero, err
	}
	t, ok := r.(T)
	if !ok {
		return zero, &ParseError{v.offset(o), fmt.Sprintf("%s was expected, %s was found", what, typeName(r))}
	}
	return t, nil
}

// dict resolves a dictionary, or that of a stream.
func (v snapshot) dict(o Object) (Dict, error) {
	r, err := v.resolve(o)
	if st, ok := r.(*Stream); ok && err == nil {
		return st.Dict, nil
	}
	return typed[Dict](v, o, "a dictionary")
}

func (v snapshot) array(o Object) (Array, error)     { return typed[Array](v, o, "an array") }
func (v snapshot) name(o Object) (Name, error)       { return typed[Name](v, o, "a name") }
func (v snapshot) integer(o Object) (int64, error)   { return typed[int64](v, o, "an integer") }
func (v snapshot) stringOf(o Object) (String, error) { return typed[String](v, o, "a string") }
func (v snapshot) stream(o Object) (*Stream, error)  { return typed[*Stream](v, o, "a stream") }

func (v snapshot) number(o Object) (float64, error) {
	r, err := v.resolve(o)
	if err != nil {
		return 0, err
	}
	if n, ok := r.(int64); ok {
		return float64(n), nil
	}
	return typed[float64](v, r, "a number")
}

// text resolves a text string; "" where it is absent or something else.
func (v snapshot) text(o Object) string {
	s, err := v.stringOf(o)
	if err != nil {
		return ""
	}
	return s.text()
}

// rootRef is the catalog's reference in the revision.
func (v snapshot) rootRef() Ref {
	if v.rev < 0 {
		return Ref{}
	}
	root, _ := v.f.sections[v.f.revisions[v.rev].newest].trailer["Root"].(Ref)
	return root
}

// catalog is the document's root dictionary in the revision.
func (v snapshot) catalog() (Dict, error) {
	d, err := v.dict(v.rootRef())
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	if d == nil {
		return nil, &ParseError{v.offset(v.rootRef()), "the catalog is missing"}
	}
	return d, nil
}
