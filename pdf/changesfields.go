package pdf

import "slices"

// fieldTable is the form of the older revision that a step compares, by what its objects are. It is carried on from step to step: a large form is read once
// and not anew for each revision that fills a field of it or signs once more.
type fieldTable struct {
	fields map[Ref]*oldField // by field, group and widget
	kids   map[int]*oldField // by the number of the array that lists the kids of a field
	names  map[string]bool   // full names of fields and groups
	roots  Array             // Fields of the form
	walk   *fieldWalk        // that read them; nil where the table is to be read anew
	odd    bool              // a list of kids stands behind two references: what changes it is not plain to see
}

// bring reads the table for a revision, unless advance has made it that.
func (t *fieldTable) bring(v snapshot) error {
	if t.walk != nil && t.walk.rev == v.rev {
		return nil
	}
	*t = fieldTable{fields: map[Ref]*oldField{}, kids: map[int]*oldField{}, names: map[string]bool{}}
	w := &fieldWalk{snapshot: v, seen: map[Ref]bool{}}
	t.walk = w
	w.visit = func(leaf leafField) error {
		t.add(leaf, false)
		return nil
	}
	w.group = func(group leafField) { t.add(group, true) }
	err := t.read(w)
	if err != nil {
		t.walk = nil
	}
	return err
}

func (t *fieldTable) read(w *fieldWalk) error {
	form, err := w.acroForm()
	if err != nil {
		return err
	}
	if t.roots, err = w.array(form["Fields"]); err != nil {
		return err
	}
	for _, o := range t.roots {
		if err := w.field(o, leafField{}, 0); err != nil {
			return err
		}
	}
	return nil
}

func (t *fieldTable) add(leaf leafField, group bool) {
	field := &oldField{leafField: leaf, group: group}
	t.names[field.name] = true
	for _, r := range append([]Ref{field.ref}, field.widgets...) {
		if r.Num != 0 && (t.fields[r] == nil || !group) {
			t.fields[r] = field
		}
	}
	if r := refOf(field.dict["Kids"]); r.Num != 0 {
		t.kids[r.Num] = field
		o, err := t.walk.get(r)
		t.odd = t.odd || err != nil || refOf(o).Num != 0
	}
}

// advance makes the table that of the newer revision of a step, where that is plain to see: fields were filled or signed in place, and new ones stand
// behind the old. In all other cases it is read anew.
func (t *fieldTable) advance(s *step) error {
	w := t.walk
	if w == nil || w.rev != s.old.rev {
		return nil
	}
	roots, ok := t.grown(s)
	if !ok || !t.renewed(s) {
		t.walk = nil
		return nil
	}
	w.snapshot = s.now
	for _, o := range roots[len(t.roots):] {
		r := refOf(o)
		err := error(nil)
		if r.Num != 0 && !w.seen[r] {
			err = w.field(o, leafField{}, 0)
		}
		if r.Num == 0 || err != nil {
			t.walk = nil
			return onlyFatal(err)
		}
	}
	t.roots = roots
	return nil
}

// grown returns the newer form's list of fields, if it is the older one's with some behind.
func (t *fieldTable) grown(s *step) (Array, bool) {
	form, err := s.now.acroForm()
	if err != nil {
		return nil, false
	}
	roots, err := s.now.array(form["Fields"])
	return roots, err == nil && len(roots) >= len(t.roots) && equalArrays(t.roots, roots[:len(t.roots)])
}

// renewed takes over what became of the fields that changed, if that is plain to see.
func (t *fieldTable) renewed(s *step) bool {
	if t.odd {
		return false
	}
	for _, num := range s.order {
		o := s.objects[num]
		switch {
		case o.state == added && !o.known:
		case o.state == added || isText(o.was): // nothing, or a name or type apart from its field, became something
			return false
		case (t.walk.seen[o.ref] || t.fields[o.ref] != nil || t.kids[num] != nil) && !t.renew(o):
			return false
		}
	}
	for _, field := range s.touched {
		field.filled, field.shown = false, false
	}
	return true
}

// renew takes over what a field or widget has become, if nothing changed that the table goes by.
func (t *fieldTable) renew(o *rewritten) bool {
	field := t.fields[o.ref]
	was, ok := o.was.(Dict)
	now, ok2 := o.now.(Dict)
	if field == nil || field.group || o.state != replaced || !ok || !ok2 {
		return false
	}
	for _, k := range changedKeys(was, now) {
		if slices.Contains([]Name{"T", "FT", "Kids", "Parent", "Subtype"}, k) {
			return false
		}
	}
	field.signed, field.filled, field.shown = false, false, false
	if o.ref != field.ref {
		return true // a widget
	}
	if v, set := now["V"]; set {
		field.value = v
	} else if was["V"] != nil {
		return false // it may have that of its group now
	}
	field.dict = now
	return true
}

// isText reports whether an object may be a part of a field that stands apart from it.
func isText(o Object) bool {
	switch o.(type) {
	case String, Name, Ref:
		return true
	}
	return false
}
