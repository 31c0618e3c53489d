package pdf

import (
	"slices"

	"yinxin/document"
)

// appearances looks at objects that only the looks or values of fields and annotations are made of, and that were written in the place of others. Such an
// object is clear if every path to it comes from what may change.
func (s *step) appearances() {
	for _, num := range s.order {
		o := s.objects[num]
		if o.explained || o.state != replaced || !o.known || s.fields[o.ref] != nil || !sameType(o.was, o.now) {
			continue
		}
		s.appearance(num, o)
	}
}

// sameType reports whether two objects are of one type, and streams of one kind.
func sameType(a, b Object) bool {
	x, ok := a.(*Stream)
	y, ok2 := b.(*Stream)
	if ok && ok2 {
		return equalObjects(x.Dict["Type"], y.Dict["Type"]) && equalObjects(x.Dict["Subtype"], y.Dict["Subtype"])
	}
	return typeName(a) == typeName(b)
}

// owners are what an object belongs to.
type owners struct {
	fields []*oldField
	notes  []Ref
	value  bool // it is a part of a value, too
}

func (s *step) appearance(num int, o *rewritten) {
	var who owners
	alone := s.allPaths(s.old, num, func(in inward) passage { return s.belongs(in, &who) })
	for _, field := range who.fields {
		if field.kind == "Sig" && !field.signed {
			code := "field-changed"
			if field.value != nil {
				code = "signed-appearance-changed"
			}
			o.explained = true
			s.report(finding{document.Change{Level: document.LevelOther, Code: code, Object: "field " + field.name}, field.name})
			return
		}
	}
	if len(who.fields)+len(who.notes) == 0 || s.same(o.was, o.now) {
		return // rest tells of it
	}
	o.explained = true
	if !alone {
		s.other("object-shared", "object %d", num)
		return
	}
	s.explain(o.now)
	for _, field := range who.fields {
		if field.kind == "Sig" {
			continue
		}
		s.touch(field)
		if field.shown = true; who.value {
			field.filled = true
		}
	}
	for _, ref := range who.notes {
		s.annotationLook(ref)
	}
}

// belongs climbs one way from a part of an appearance to what shows it.
func (s *step) belongs(in inward, who *owners) passage {
	if in.from == trailerNum {
		return blocked
	}
	ref := s.old.current(in.from)
	if field := s.fields[ref]; field != nil {
		switch in.first {
		case "AP":
		case "V", "RV":
			who.value = true
			if field.kind == "Sig" {
				return blocked
			}
		default:
			return blocked
		}
		if !s.isOnlyField(in.from) {
			return blocked
		}
		if !slices.Contains(who.fields, field) {
			who.fields = append(who.fields, field)
		}
		return arrived
	}
	o, err := s.old.get(ref)
	if err != nil {
		s.broken(err)
		return blocked
	}
	d, _ := o.(Dict)
	switch {
	case isMarkup(d["Subtype"]) && in.first == "AP" && s.isOnlyAnnotation(in.from):
		if !slices.Contains(who.notes, ref) {
			who.notes = append(who.notes, ref)
		}
		return arrived
	case d["Type"] == Name("Page") || d["Type"] == Name("Pages") || d["Type"] == Name("Catalog") || d["Subtype"] == Name("Widget") || isMarkup(d["Subtype"]) || ref == s.old.rootRef():
		return blocked
	}
	return onwards
}

// annotationLook tells of an annotation that looks different.
func (s *step) annotationLook(ref Ref) {
	page, ok := s.pageListing(ref)
	if !ok || s.gone[ref] {
		return // it is not seen
	}
	d, err := s.now.dict(ref)
	if err != nil {
		return
	}
	s.mark("annotation-changed", page, s.now, d)
}
