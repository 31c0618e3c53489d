package pdf

import (
	"slices"

	"yinxin/document"
)

// oldField is a field of the old form, or a group of fields.
type oldField struct {
	leafField
	group  bool // it has fields below it
	signed bool // by this revision
	filled bool // its value has changed
	shown  bool // its look has changed
}

// forms compares the interactive forms.
func (s *step) forms(wasAt, nowAt Object) {
	was, err := s.old.dict(wasAt)
	now, err2 := s.now.dict(nowAt)
	if err != nil || err2 != nil {
		s.other("form-unreadable", "form")
		return
	}
	if err := s.fieldTable.bring(s.old); err != nil {
		s.broken(err)
		s.other("form-unreadable", "form")
		return
	}
	switch {
	case now == nil && was == nil:
		return
	case now == nil:
		s.other("form-removed", "form")
		return
	}
	root, owner := s.old.rootRef().Num, refOf(wasAt).Num
	s.holder(nowAt, wasAt, root)
	if owner == 0 {
		owner = root
	}
	needs, _ := s.old.resolve(was["NeedAppearances"])
	s.needs = needs == Object(true)
	for _, k := range sortedNames(changedKeys(was, now)) {
		s.formEntry(k, was[k], now[k])
	}
	s.resources(was["DR"], now["DR"], owner)
	s.holder(now["Fields"], was["Fields"], owner)
	before, err := s.old.array(was["Fields"])
	after, err2 := s.now.array(now["Fields"])
	if err != nil || err2 != nil {
		s.other("form-unreadable", "form")
		return
	}
	s.fieldList(before, after, nil)
	s.groups()
	s.signedFields()
	s.fills()
}

// formEntry compares an entry of the form that has changed.
func (s *step) formEntry(k Name, was, now Object) {
	switch k {
	case "Fields", "DR":
		return
	case "SigFlags":
		if s.flagsSet(was, now) {
			return
		}
	case "DA":
		if _, err := s.now.stringOf(now); was == nil && err == nil {
			s.explain(now)
			return
		}
	case "NeedAppearances":
		if needs, err := s.now.resolve(now); err == nil {
			if _, ok := needs.(bool); ok || needs == nil {
				s.explain(now)
				s.say(document.LevelForm, "form-appearances", "form")
				return
			}
		}
	}
	if !s.same(was, now) {
		s.other("form-changed", "form entry %s", k)
	}
}

// flagsSet reports whether SigFlags only gained flags.
func (s *step) flagsSet(was, now Object) bool {
	a, err := s.old.integer(was)
	b, err2 := s.now.integer(now)
	return err == nil && err2 == nil && a&b == a
}

// resources compares the form's default resources: fonts and the like may be added for fields that are signed or filled.
func (s *step) resources(was, now Object, owner int) {
	if s.untouched(was, now) && !s.nestedChange(was) {
		return
	}
	before, err := typed[Dict](s.old, was, "a dictionary")
	after, err2 := typed[Dict](s.now, now, "a dictionary")
	fine := err == nil && err2 == nil && s.resource(now, was, owner, refOf(was).Num)
	for _, k := range sortedNames(keysOfBoth(before, after)) {
		if before[k] == nil {
			s.explain(after[k])
			continue
		}
		a, err := typed[Dict](s.old, before[k], "a dictionary")
		b, err2 := typed[Dict](s.now, after[k], "a dictionary")
		if err != nil || err2 != nil {
			fine = fine && s.same(before[k], after[k])
			continue
		}
		fine = s.resource(after[k], before[k], owner, refOf(was).Num) && fine
		for _, name := range sortedNames(keysOfBoth(a, b)) {
			if a[name] == nil {
				s.explain(b[name])
			} else if !s.same(a[name], b[name]) {
				fine = false
			}
		}
	}
	if !fine {
		s.other("form-changed", "form entry DR")
	}
}

// resource explains a dictionary of resources that was made, or written again and serves the form only. owner holds the entry DR, dr is what that refers to.
func (s *step) resource(now, was Object, owner, dr int) bool {
	r := refOf(now)
	o := s.objects[r.Num]
	if o == nil || o.explained {
		return o == nil || o.state == added
	}
	o.explained = true
	return o.state == added || o.state == replaced && was == now && s.allPaths(s.old, r.Num, func(in inward) passage {
		switch {
		case in.from == owner && (in.first == "DR" || in.first == "AcroForm"):
			return arrived
		case dr != 0 && in.from == dr:
			return onwards
		}
		return blocked
	})
}

// nestedChange reports whether an object directly below another was written again.
func (s *step) nestedChange(o Object) bool {
	found := false
	r, _ := s.old.resolve(o)
	eachRef(r, func(ref Ref) { found = found || s.objects[ref.Num] != nil })
	return found
}

// fieldList compares the fields of the form, or of a group of it: the old ones stay, and new signature fields may come.
func (s *step) fieldList(was, now Array, above *oldField) {
	if equalArrays(was, now) {
		return
	}
	left, direct := map[Ref]int{}, [2]Array{}
	for _, o := range was {
		if r := refOf(o); r.Num != 0 {
			left[r]++
		} else {
			direct[0] = append(direct[0], o)
		}
	}
	for _, o := range now {
		r := refOf(o)
		switch {
		case r.Num == 0:
			direct[1] = append(direct[1], o)
		case left[r] > 0:
			left[r]--
		default:
			s.newField(r, above)
		}
	}
	for _, n := range left {
		if n > 0 {
			s.other("field-removed", "form")
			return
		}
	}
	if !equalArrays(direct[0], direct[1]) {
		s.other("field-changed", "form")
	}
}

// groups looks at groups of fields that changed: they may only gain new signature fields.
func (s *step) groups() {
	done := map[*oldField]bool{}
	for _, num := range s.order {
		o := s.objects[num]
		if o.state != replaced || o.explained {
			continue
		}
		field := s.fields[o.ref]
		if field == nil || !field.group || field.ref != o.ref {
			if field = s.kids[num]; field == nil || !field.group {
				continue
			}
		}
		if done[field] {
			continue
		}
		done[field] = true
		now, err := typed[Dict](s.now, field.ref, "a dictionary")
		if err != nil || now == nil || field.ref.Num == 0 {
			continue
		}
		for _, k := range sortedNames(changedKeys(field.dict, now)) {
			if k != "Kids" && !s.same(field.dict[k], now[k]) {
				s.other("field-changed", "field %s, entry %s", field.name, k)
			}
		}
		s.holder(now["Kids"], field.dict["Kids"], field.ref.Num)
		before, err := s.old.array(field.dict["Kids"])
		after, err2 := s.now.array(now["Kids"])
		if err != nil || err2 != nil {
			s.other("field-malformed", "field %s", field.name)
			continue
		}
		s.fieldList(before, after, field)
		if s.inPlace(field, s.objects[field.ref.Num]); s.objects[field.ref.Num] == nil && !s.isOnlyField(field.ref.Num) {
			s.other("object-shared", "field %s", field.name)
		}
	}
}

// isOnlyField reports whether an object serves as a field or widget only. What these may change of themselves means nothing to what refers to them under
// the names below, but for Kids, by which pages have their order.
func (s *step) isOnlyField(num int) bool {
	return s.allPaths(s.old, num, func(in inward) passage {
		switch in.last {
		case "Fields", "Parent", "Annots", "CO", "Obj", "T", "AN", "IRT", "Popup":
			return arrived
		case "Kids":
			if s.fields[s.old.current(in.from)] != nil {
				return arrived
			}
		case "":
			if in.from != trailerNum {
				return onwards // an array
			}
		}
		return blocked
	})
}

// inPlace accepts the change of a field or widget whose entries were compared, if it is nothing else as well.
func (s *step) inPlace(field *oldField, o *rewritten) {
	if o == nil || o.explained {
		return
	}
	o.explained = true
	if !s.isOnlyField(o.ref.Num) {
		s.other("object-shared", "field %s", field.name)
	}
}

// fills looks at fields that are no signature fields: their value may change, and how they look.
func (s *step) fills() {
	for _, num := range s.order {
		o := s.objects[num]
		field := s.fields[o.ref]
		if field == nil || field.group || field.kind == "Sig" || o.state != replaced || o.explained {
			continue
		}
		was, ok := o.was.(Dict)
		now, ok2 := o.now.(Dict)
		if !ok || !ok2 {
			continue
		}
		own := o.ref == field.ref
		for _, k := range sortedNames(changedKeys(was, now)) {
			s.fillEntry(field, own, k, was[k], now[k])
		}
		s.inPlace(field, o)
	}
}

// fillEntry compares an entry of a field, or of its widget, that has changed.
func (s *step) fillEntry(field *oldField, own bool, k Name, was, now Object) {
	switch {
	case s.same(was, now):
		return
	case k == "V" && own && s.isValue(field.kind, now), own && (k == "RV" || k == "I") && field.kind != "Btn":
		s.touch(field)
		field.filled = true
		s.explain(now)
		return
	case k == "AP":
		if _, err := typed[Dict](s.now, now, "a dictionary"); err == nil {
			s.touch(field)
			field.shown = true
			s.givenUp(k, was)
			s.explain(now)
			return
		}
	case k == "AS":
		if _, err := s.now.name(now); err == nil {
			s.touch(field)
			field.shown = true
			return
		}
	case k == "M":
		if _, err := s.now.stringOf(now); err == nil {
			s.explain(now)
			return
		}
	case k == "Ff" && own:
		const readOnly = 1
		a, err := s.old.integer(was)
		b, err2 := s.now.integer(now)
		if err == nil && err2 == nil && b == a|readOnly {
			return
		}
	}
	s.report(finding{document.Change{Level: document.LevelOther, Code: "field-changed", Object: "field " + field.name + ", entry " + string(k)}, field.name})
}

// givenUp reports an appearance that is replaced by another and is more than an appearance: whoever made it so meant the two to part.
func (s *step) givenUp(k Name, was Object) {
	if r := refOf(was); k == "AP" && r.Num != 0 && !s.serves(r.Num, "AP") {
		s.other("object-shared", "object %d", r.Num)
	}
}

func (s *step) touch(field *oldField) {
	if !field.filled && !field.shown {
		s.touched = append(s.touched, field)
	}
}

// isValue reports whether a value is of the type that a field of that kind has (ISO 32000-1, 12.7.4). None at all is a field made empty.
func (s *step) isValue(kind Name, o Object) bool {
	v, err := s.now.resolve(o)
	if err != nil || v == nil {
		return err == nil
	}
	switch x := v.(type) {
	case Name:
		return kind == "Btn"
	case String:
		return kind == "Tx" || kind == "Ch"
	case *Stream:
		return kind == "Tx"
	case Array:
		return kind == "Ch" && !slices.ContainsFunc(x, func(o Object) bool { _, ok := o.(String); return !ok })
	}
	return false
}

// filled tells of the fields that were filled. One that looks different and has its old value shows what it is not, unless readers were asked to make the
// looks anew: that ranks as an annotation does.
func (s *step) filled() {
	for _, field := range s.touched {
		x := finding{Change: document.Change{Level: document.LevelForm, Code: "field-filled", Object: "field " + field.name}, field: field.name}
		if !field.filled && !s.needs {
			x.Level, x.Code = document.LevelAnnotation, "field-appearance"
		}
		if field.filled {
			x.Was, x.Now = s.written(field)
		}
		for _, w := range field.widgets {
			if p, ok := s.placeOf(w); ok {
				x.Places = append(x.Places, p)
			}
		}
		s.report(x)
	}
}
