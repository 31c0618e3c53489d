package pdf

import (
	"slices"

	"yinxin/document"
)

// catalogs compares the catalogs: only the form may change.
func (s *step) catalogs() {
	was, err := s.old.catalog()
	now, err2 := s.now.catalog()
	if err != nil || err2 != nil {
		s.other("catalog-unreadable", "catalog")
		return
	}
	root := s.objects[s.now.rootRef().Num]
	for _, k := range sortedNames(changedKeys(was, now)) {
		if k != "AcroForm" {
			s.other("catalog-changed", "catalog entry %s", k)
		}
	}
	if root != nil && root.state == replaced {
		root.explained = true
	}
	s.forms(was["AcroForm"], now["AcroForm"])
}

func sortedNames(names []Name) []Name {
	slices.Sort(names)
	return names
}

// forms compares the interactive forms.
func (s *step) forms(wasAt, nowAt Object) {
	was, err := s.old.dict(wasAt)
	now, err2 := s.now.dict(nowAt)
	if err != nil || err2 != nil {
		s.other("form-unreadable", "form")
		return
	}
	if !s.readOldFields() {
		return
	}
	switch {
	case now == nil && was == nil:
		return
	case now == nil:
		s.other("form-removed", "form")
		return
	case was == nil:
		s.report(document.LevelForm, "form-created", "form")
	}
	for _, k := range sortedNames(changedKeys(was, now)) {
		switch {
		case k == "Fields":
		case k == "SigFlags" && s.flagsSet(was[k], now[k]):
		case was == nil && (k == "DA" || k == "DR"):
			s.explain(now[k])
		default:
			s.other("form-changed", "form entry %s", k)
		}
	}
	s.holder(nowAt, wasAt, s.now.rootRef().Num)
	holder := s.now.rootRef().Num
	if r := refOf(nowAt); r.Num != 0 {
		holder = r.Num
	}
	s.holder(now["Fields"], was["Fields"], holder)
	s.fieldLists(was["Fields"], now["Fields"])
}

// flagsSet reports whether SigFlags only gained flags.
func (s *step) flagsSet(was, now Object) bool {
	a, err := s.old.integer(was)
	b, err2 := s.now.integer(now)
	return err == nil && err2 == nil && a&b == a
}

// holder explains the change of an object whose entries are compared by themselves, if nothing but its owner refers to it: by another way the same
// change could mean something else.
func (s *step) holder(now, was Object, owner int) {
	ref := refOf(now)
	o := s.objects[ref.Num]
	if o == nil || ref.Num == 0 || o.explained {
		return
	}
	switch {
	case o.state == added:
		o.explained = true
	case o.state == replaced:
		if was != now || !s.servesOnly(ref, owner) {
			s.other("object-shared", "object %d", ref.Num)
		}
		o.explained = true
	}
}

// servesOnly reports whether one entry of one object is all that refers to an object of the old revision.
func (s *step) servesOnly(ref Ref, owner int) bool {
	o, err := s.old.get(s.old.current(owner))
	if err != nil || !s.refs.only(ref.Num, owner) {
		return false
	}
	count := 0
	eachRef(o, func(r Ref) {
		if r.Num == ref.Num {
			count++
		}
	})
	return count == 1
}

// readOldFields lists the fields of the old revision.
func (s *step) readOldFields() bool {
	s.fields, s.names = map[Ref]*leafField{}, map[string]bool{}
	err := s.old.eachField(func(field leafField) error {
		s.names[field.name] = true
		if field.ref.Num != 0 {
			s.fields[field.ref] = &field
		}
		for _, w := range field.widgets {
			if w.Num != 0 {
				s.fields[w] = &field
			}
		}
		return nil
	})
	if err != nil {
		s.other("form-unreadable", "form")
	}
	return err == nil
}

// fieldLists compares the Fields of the form: the old ones first, as they were, then new signature fields.
func (s *step) fieldLists(wasAt, nowAt Object) {
	was, err := s.old.array(wasAt)
	now, err2 := s.now.array(nowAt)
	if err != nil || err2 != nil {
		s.other("form-unreadable", "form")
		return
	}
	if len(now) < len(was) || !equalArrays(was, now[:len(was)]) {
		s.other("field-removed", "form")
		return
	}
	for _, o := range now[len(was):] {
		s.newField(o)
	}
}

// Entries that a new signature field and its widgets may have. Actions are not among them.
var (
	fieldKeys  = []Name{"FT", "T", "TU", "TM", "V", "Ff", "Kids", "Lock", "SV", "DA", "Q"}
	widgetKeys = []Name{"Type", "Subtype", "Rect", "P", "F", "AP", "AS", "MK", "BS", "Border", "M", "NM", "Parent", "StructParent", "H"}
)

// newField looks at an entry that Fields gained.
func (s *step) newField(o Object) {
	ref := refOf(o)
	made := s.objects[ref.Num]
	if made == nil || made.state != added || made.explained {
		s.other("field-added", "form entry Fields: not a new object")
		return
	}
	made.explained = true
	d, _ := made.now.(Dict)
	name := s.now.text(d["T"])
	switch kind, err := s.now.name(d["FT"]); {
	case d == nil || d["T"] == nil:
		s.other("field-malformed", "object %d", ref.Num)
		return
	case err != nil || kind != "Sig":
		s.other("field-added", "field %s", name)
		return
	case s.names[name]:
		s.other("field-duplicate", "field %s", name)
		return
	case d["Parent"] != nil:
		s.other("field-malformed", "field %s", name)
		return
	}
	s.names[name] = true
	for _, k := range sortedKeys(d) {
		if !slices.Contains(fieldKeys, k) && !slices.Contains(widgetKeys, k) {
			s.other("field-unexpected-entry", "field %s, entry %s", name, k)
		}
		if k != "Kids" && k != "V" {
			s.explain(d[k])
		}
	}
	if !s.values[refOf(d["V"])] { // else it is one more place of a signature that was told of
		s.report(document.LevelForm, "field-added", "field %s", name)
		if d["V"] != nil {
			s.newValue(name, d["V"])
		}
	}
	if d["Subtype"] == Name("Widget") {
		s.widgets[ref] = true
	}
	look := s.newWidgets(name, ref, d["Kids"]) || hasLook(d)
	if look && d["V"] == nil { // it would look like a signature and be none
		s.other("field-unsigned", "field %s", name)
	}
}

func sortedKeys(d Dict) []Name {
	out := make([]Name, 0, len(d))
	for k := range d {
		out = append(out, k)
	}
	return sortedNames(out)
}

// newWidgets looks at the kids of a new field, and tells whether one has an appearance.
func (s *step) newWidgets(name string, field Ref, o Object) (look bool) {
	kids, err := s.now.array(o)
	if err != nil {
		s.other("field-malformed", "field %s", name)
		return false
	}
	s.explain(refOrNil(o))
	for _, kid := range kids {
		ref := refOf(kid)
		made := s.objects[ref.Num]
		if made == nil || made.state != added {
			s.other("widget-malformed", "field %s", name)
			continue
		}
		made.explained = true
		d, _ := made.now.(Dict)
		if d["Subtype"] != Name("Widget") || d["Parent"] != Object(field) {
			s.other("widget-malformed", "field %s", name)
			continue
		}
		for _, k := range sortedKeys(d) {
			if !slices.Contains(widgetKeys, k) {
				s.other("field-unexpected-entry", "field %s, entry %s", name, k)
			}
			s.explain(d[k])
		}
		s.widgets[ref] = true
		look = look || hasLook(d)
	}
	return look
}

// hasLook reports whether a widget shows something: its appearance, or the colours, captions and borders from which readers make one.
func hasLook(d Dict) bool {
	return d["AP"] != nil || d["MK"] != nil || d["BS"] != nil || d["Border"] != nil
}

func refOrNil(o Object) Object {
	if r, ok := o.(Ref); ok {
		return r
	}
	return nil
}

// newValue looks at the value of a field signed now: it must be a signature dictionary of this revision. Several fields of the revision may share one: a
// signature shown at several places.
func (s *step) newValue(name string, o Object) {
	ref := refOf(o)
	made := s.objects[ref.Num]
	switch {
	case s.values[ref]:
		s.report(document.LevelForm, "field-signed", "field %s", name)
		return
	case made == nil || made.state != added || made.explained:
		s.other("value-shared", "field %s", name)
		return
	}
	made.explained = true
	if d, ok := made.now.(Dict); !ok || d["Contents"] == nil || d["ByteRange"] == nil {
		s.other("value-malformed", "field %s", name)
		return
	}
	s.explain(made.now)
	s.values[ref] = true
	s.report(document.LevelForm, "field-signed", "field %s", name)
}

// explain accepts the new objects that can be reached from o. What was there before stays what it was, so it needs no look.
func (s *step) explain(o Object) {
	todo := []Object{o}
	for len(todo) > 0 {
		o := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		eachRef(o, func(r Ref) {
			if made := s.objects[r.Num]; made != nil && made.state == added && !made.explained && made.ref == r {
				made.explained = true
				todo = append(todo, made.now)
			}
		})
	}
}
