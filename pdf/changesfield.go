package pdf

import (
	"slices"

	"yinxin/document"
)

// Entries that a new signature field and its widgets may have, and groups of such. Actions are not among them.
func isFieldKey(k Name) bool {
	return slices.Contains([]Name{"FT", "T", "TU", "TM", "V", "Ff", "Kids", "Lock", "SV", "DA", "DR", "Q"}, k)
}

func isWidgetKey(k Name) bool {
	return slices.Contains([]Name{"Type", "Subtype", "Rect", "P", "F", "AP", "AS", "MK", "BS", "Border", "M", "NM", "Parent", "StructParent", "H", "Lang", "CA", "C", "Contents"}, k)
}

// isSigningKey tells the entries of an empty signature field and its widgets that signing it may set.
func isSigningKey(k Name) bool {
	return slices.Contains([]Name{"V", "AP", "AS", "M", "F", "Lock", "Rect", "P", "Type", "Subtype", "StructParent", "MK", "BS", "Border", "DA", "DR", "Q",
		"NM", "H", "Ff", "CA", "Contents"}, k)
}

// newField looks at an entry that the fields of the form, or of a group, gained.
func (s *step) newField(ref Ref, above *oldField) {
	made := s.objects[ref.Num]
	if made == nil || made.state != added || made.explained {
		s.other("field-added", "form entry Fields: not a new object")
		return
	}
	group, parent := "", Object(nil)
	if above != nil {
		group, parent = above.name, above.ref
	}
	s.newFieldIn(made, group, parent, 0)
}

// newFieldIn looks at a new field or group of fields.
func (s *step) newFieldIn(made *rewritten, group string, parent Object, depth int) {
	made.explained = true
	d, _ := made.now.(Dict)
	name := joinName(group, s.now.text(d["T"]))
	if d == nil || d["T"] == nil || d["Parent"] != parent || depth > s.f.lim.Depth {
		s.other("field-malformed", "object %d", made.ref.Num)
		return
	}
	if s.names[name] {
		s.other("field-duplicate", "field %s", name)
		return
	}
	s.names[name] = true
	kids, err := s.now.array(d["Kids"])
	if err != nil {
		s.other("field-malformed", "field %s", name)
		return
	}
	if s.hasFields(kids) {
		s.newGroup(made.ref, name, d, kids, depth)
		return
	}
	if kind, err := s.now.name(d["FT"]); err != nil || kind != "Sig" {
		s.other("field-added", "field %s", name)
		return
	}
	s.newSignatureField(made.ref, name, d)
}

// hasFields reports whether kids are fields and no mere widgets.
func (s *step) hasFields(kids Array) bool {
	for _, o := range kids {
		if d, err := s.now.dict(o); err == nil && d["T"] != nil {
			return true
		}
	}
	return false
}

// newGroup looks at a new group of fields, which shows nothing itself.
func (s *step) newGroup(ref Ref, name string, d Dict, kids Array, depth int) {
	for _, k := range sortedKeys(d) {
		if !slices.Contains([]Name{"T", "TU", "TM", "Kids", "Parent", "FT", "Ff", "Type"}, k) || k == "Type" && d[k] != Object(Name("Annot")) {
			s.other("field-unexpected-entry", "field %s, entry %s", name, k)
		}
		if k != "Kids" && k != "Parent" {
			s.explain(d[k])
		}
	}
	if made := s.objects[refOf(d["Kids"]).Num]; made != nil && made.state == added {
		made.explained = true
	}
	for _, o := range kids {
		made := s.objects[refOf(o).Num]
		if made == nil || made.state != added || made.explained {
			s.other("field-added", "field %s: not a new object", name)
			continue
		}
		s.newFieldIn(made, name, ref, depth+1)
	}
}

// newSignatureField looks at a new signature field, which may be its own widget.
func (s *step) newSignatureField(ref Ref, name string, d Dict) {
	for _, k := range sortedKeys(d) {
		if !isFieldKey(k) && !isWidgetKey(k) {
			s.other("field-unexpected-entry", "field %s, entry %s", name, k)
		}
		if k != "Kids" && k != "V" && k != "Parent" {
			s.explain(d[k])
		}
	}
	if d["Subtype"] == Name("Widget") {
		s.widgets[ref] = name
	}
	look, visible := s.newWidgets(name, ref, d["Kids"])
	look, visible = look || hasLook(d), visible || s.visible(d)
	switch value := d["V"]; {
	case value == nil:
		s.say(document.LevelForm, "field-added", "field %s", name)
		if look { // it would look like a signature and be none
			s.other("field-unsigned", "field %s", name)
		}
	case s.values[refOf(value)]: // one more place of a signature that was told of
	default:
		evidence := s.isTimestamp(value) && !visible
		if !evidence {
			s.say(document.LevelForm, "field-added", "field %s", name)
		}
		s.newValue(name, value, evidence)
	}
}

// newWidgets looks at the kids of a new field, and tells whether one has an appearance and is seen.
func (s *step) newWidgets(name string, field Ref, o Object) (look, visible bool) {
	kids, err := s.now.array(o)
	if err != nil {
		s.other("field-malformed", "field %s", name)
		return false, false
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
			if !isWidgetKey(k) {
				s.other("field-unexpected-entry", "field %s, entry %s", name, k)
			}
			if k != "Parent" {
				s.explain(d[k])
			}
		}
		s.widgets[ref] = name
		look, visible = look || hasLook(d), visible || s.visible(d)
	}
	return look, visible
}

// hasLook reports whether a widget shows something: its appearance, or the colours, captions and borders from which readers make one.
func hasLook(d Dict) bool {
	return d["AP"] != nil || d["MK"] != nil || d["BS"] != nil || d["Border"] != nil
}

// visible reports whether a widget's look is seen: it has an area, and is not hidden.
func (s *step) visible(d Dict) bool {
	flags, err := s.now.integer(d["F"])
	_, area := s.now.box(d["Rect"])
	return hasLook(d) && area && (err != nil || flags&(flagHidden|flagNoView) == 0)
}

// isTimestamp reports whether a value is a document time stamp (ISO 32000-2, 12.8.5).
func (s *step) isTimestamp(value Object) bool {
	d, err := s.now.dict(value)
	return err == nil && d["SubFilter"] == Object(subFilterTimestamp) && (d["Type"] == nil || d["Type"] == Object(Name("DocTimeStamp")))
}

// newValue looks at the value of a field signed now: it must be a signature dictionary of this revision. Several fields of the revision may share one: a
// signature shown at several places.
func (s *step) newValue(name string, o Object, evidence bool) {
	ref := refOf(o)
	made := s.objects[ref.Num]
	level, code := document.LevelForm, "field-signed"
	if evidence {
		level, code = document.LevelLTA, "timestamp-added"
	}
	switch {
	case s.values[ref]:
		s.say(level, code, "field %s", name)
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
	s.say(level, code, "field %s", name)
}

// signedFields looks at old signature fields that changed: an empty one may be signed, and its widgets get their look.
func (s *step) signedFields() {
	for _, num := range s.order {
		o := s.objects[num]
		field := s.fields[o.ref]
		if field == nil || field.group || field.ref != o.ref || o.state != replaced || o.explained {
			continue
		}
		was, ok := o.was.(Dict)
		now, ok2 := o.now.(Dict)
		if field.kind != "Sig" || field.value != nil || !ok || !ok2 || now["V"] == nil {
			continue
		}
		field.signed = true
		before := len(s.changes)
		alone := !slices.ContainsFunc(field.widgets, func(w Ref) bool { return w != o.ref })
		s.newValue(field.name, now["V"], s.isTimestamp(now["V"]) && alone && !s.visible(now))
		for i := range s.changes[before:] {
			s.changes[before+i].field = field.name
		}
		s.signedDict(field, o, was, now)
	}
	for _, num := range s.order {
		o := s.objects[num]
		field := s.fields[o.ref]
		if field == nil || !field.signed || field.ref == o.ref || o.state != replaced || o.explained {
			continue
		}
		was, ok := o.was.(Dict)
		now, ok2 := o.now.(Dict)
		if ok && ok2 && equalObjects(was["V"], now["V"]) {
			s.signedDict(field, o, was, now)
		}
	}
}

// signedDict compares a field or widget with what it was before it was signed.
func (s *step) signedDict(field *oldField, o *rewritten, was, now Dict) {
	if was["Type"] != nil && was["Type"] != Object(Name("Annot")) {
		s.other("field-changed", "field %s, entry Type", field.name)
	}
	for _, k := range sortedNames(changedKeys(was, now)) {
		switch {
		case k == "V", s.same(was[k], now[k]):
		case !isSigningKey(k), was[k] != nil && (k == "Lock" || k == "Subtype" || k == "Type"):
			s.other("field-changed", "field %s, entry %s", field.name, k)
		default:
			s.givenUp(k, was[k])
			s.explain(now[k])
		}
	}
	if now["Subtype"] == Name("Widget") {
		s.widgets[o.ref], s.moved[o.ref] = field.name, true
	}
	s.inPlace(field, o)
}
