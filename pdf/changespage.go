package pdf

import (
	"fmt"
	"slices"

	"yinxin/document"
)

// Entries of an empty signature field and its widgets that signing it may set.
var signingKeys = []Name{"V", "AP", "AS", "M", "F", "Lock", "Rect", "P", "Type", "Subtype"}

// signedFields looks at old signature fields that changed: an empty one may be signed, and its widgets get their look.
func (s *step) signedFields() {
	signed := map[*leafField]bool{}
	for _, num := range s.order {
		o := s.objects[num]
		field := s.fields[o.ref]
		if field == nil || field.ref != o.ref || o.state != replaced || o.explained {
			continue
		}
		was, ok := o.was.(Dict)
		now, ok2 := o.now.(Dict)
		if field.kind != "Sig" || field.value != nil || !ok || !ok2 || now["V"] == nil {
			continue
		}
		signed[field] = true
		if s.locked(field.name) {
			s.other("fieldmdp-forbids", "field %s", field.name)
		}
		s.newValue(field.name, now["V"])
		s.signedDict(field, o, was, now)
	}
	for _, num := range s.order {
		o := s.objects[num]
		field := s.fields[o.ref]
		if field == nil || !signed[field] || field.ref == o.ref || o.state != replaced || o.explained {
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
func (s *step) signedDict(field *leafField, o *rewritten, was, now Dict) {
	o.explained = true
	for _, k := range sortedNames(changedKeys(was, now)) {
		switch {
		case !slices.Contains(signingKeys, k):
			s.other("field-changed", "field %s, entry %s", field.name, k)
		case k == "Lock" && was[k] != nil, k == "Subtype" && was[k] != nil, k == "Type" && was[k] != nil:
			s.other("field-changed", "field %s, entry %s", field.name, k)
		case k == "AP" && refOf(was[k]).Num != 0 && !s.servesOnly(refOf(was[k]), o.ref.Num):
			s.other("object-shared", "object %d", refOf(was[k]).Num) // an appearance that is something else too may not be given up
		case k != "V":
			s.explain(now[k])
		}
	}
	if now["Subtype"] == Name("Widget") {
		s.widgets[o.ref], s.moved[o.ref] = true, true
	}
}

// pages looks at pages and lists of annotations that changed: widgets of fields made or signed now may be entered.
func (s *step) pages() {
	type change struct {
		page     Ref
		was, now Array
	}
	var lists []change
	done := map[Ref]bool{}
	for _, num := range s.order {
		o := s.objects[num]
		if o.state != replaced || o.explained {
			continue
		}
		page, ok := s.pageOf(o)
		if !ok {
			continue
		}
		o.explained = true
		if done[page] {
			continue
		}
		done[page] = true
		was, now := s.annotations(page)
		lists = append(lists, change{page, was, now})
	}
	for _, c := range lists {
		s.entered(c.page, c.was, c.now)
	}
	for _, c := range lists {
		s.left(c.page, c.was, c.now)
	}
}

// pageOf returns the page that an object is, or whose annotations it lists.
func (s *step) pageOf(o *rewritten) (Ref, bool) {
	if was, ok := o.was.(Dict); ok {
		_, still := o.now.(Dict)
		return o.ref, still && was["Type"] == Name("Page")
	}
	at, ok := s.refs.to[int32(o.ref.Num)]
	if _, isArray := o.was.(Array); !ok || !isArray || at.more {
		return Ref{}, false
	}
	ref := s.old.current(int(at.from))
	page, err := s.old.dict(ref)
	if err != nil || page["Type"] != Name("Page") || page["Annots"] != Object(o.ref) {
		return Ref{}, false
	}
	if !s.servesOnly(o.ref, ref.Num) {
		return Ref{}, false
	}
	return ref, true
}

func refersTo(o Object, ref Ref) bool {
	found := false
	eachRef(o, func(r Ref) { found = found || r == ref })
	return found
}

// pageName names a page in a report. Counting the pages before it takes time, so it is asked for where there is something to report.
func (s *step) pageName(ref Ref) string {
	if n := s.old.pageNumber(ref); n > 0 {
		return fmt.Sprintf("page %d", n)
	}
	return fmt.Sprintf("page object %d", ref.Num)
}

// annotations returns the annotations of a page before and after, and reports what else changed in its dictionary.
func (s *step) annotations(ref Ref) (was, now Array) {
	before, err := s.old.dict(ref)
	after, err2 := s.now.dict(ref)
	if err == nil && err2 == nil {
		for _, k := range sortedNames(changedKeys(before, after)) {
			if k != "Annots" {
				s.other("page-changed", "%s, entry %s", s.pageName(ref), k)
			}
		}
		was, err = s.old.array(before["Annots"])
		now, err2 = s.now.array(after["Annots"])
		s.holder(after["Annots"], before["Annots"], ref.Num)
	}
	if err != nil || err2 != nil {
		s.other("page-unreadable", "%s", s.pageName(ref))
	}
	return was, now
}

// entered checks that a page only gained widgets of fields made or signed now, behind the other annotations.
func (s *step) entered(page Ref, was, now Array) {
	rest := was
	for _, o := range now {
		// Widgets that leave are skipped here and accounted for in left.
		for len(rest) > 0 && !equalObjects(rest[0], o) && s.moved[refOf(rest[0])] {
			rest = rest[1:]
		}
		if len(rest) > 0 && equalObjects(rest[0], o) {
			rest = rest[1:]
			continue
		}
		ref := refOf(o)
		switch {
		case len(rest) > 0 || !s.widgets[ref]:
			s.other("annotation-changed", "%s", s.pageName(page))
			return
		case s.listed[ref]:
			s.other("widget-twice", "%s", s.pageName(page))
			return
		}
		s.listed[ref] = true
	}
	for _, o := range rest {
		if !s.moved[refOf(o)] {
			s.other("annotation-removed", "%s", s.pageName(page))
			return
		}
	}
}

// left checks that a widget which a page lost was entered elsewhere.
func (s *step) left(page Ref, was, now Array) {
	for _, o := range was {
		ref := refOf(o)
		if s.moved[ref] && !s.listed[ref] && !slices.ContainsFunc(now, func(n Object) bool { return refOf(n) == ref }) {
			s.other("annotation-removed", "%s", s.pageName(page))
		}
	}
}

// machinery explains the streams that only carry the revision itself: its cross-reference stream, and object streams of its own. One that the document
// refers to is more than that: its data may be what a page shows.
func (s *step) machinery() {
	for _, num := range s.order {
		o := s.objects[num]
		now, ok := o.now.(*Stream)
		if !ok || o.explained || s.refs.any(num) {
			continue
		}
		switch now.Dict["Type"] {
		case Name("XRef"):
			was, ok := o.was.(*Stream)
			o.explained = o.state == added || ok && was.Dict["Type"] == Name("XRef")
		case Name("ObjStm"):
			o.explained = o.state == added
		}
	}
}

// rest reports what nothing explains.
func (s *step) rest() {
	for _, num := range s.order {
		o := s.objects[num]
		if o.explained {
			continue
		}
		if field := s.fields[o.ref]; field != nil && o.state == replaced {
			s.fieldReplaced(field)
			continue
		}
		switch o.state {
		case added:
			s.other("object-added", "object %d", num)
		case freed:
			s.other("object-freed", "object %d", num)
		default:
			s.objectReplaced(num, o)
		}
	}
}

func (s *step) fieldReplaced(field *leafField) {
	code := "field-changed"
	if field.kind == "Sig" && field.value != nil {
		code = "signed-field-changed"
	}
	s.report(document.LevelOther, code, "field %s", field.name)
}

// objectReplaced names a changed object by the page or the entry of the catalog it serves, where that is plain to see.
func (s *step) objectReplaced(num int, o *rewritten) {
	at, ok := s.refs.to[int32(num)]
	switch {
	case o.ref == refOf(s.f.sections[s.f.revisions[s.rev].newest].trailer["Info"]):
		s.other("info-changed", "document information")
		return
	case isPageNode(o.was):
		s.other("page-tree-changed", "page tree")
		return
	case !ok || at.more:
		s.other("object-changed", "object %d", num)
		return
	}
	ref := s.old.current(int(at.from))
	from, err := s.old.dict(ref)
	if err == nil && (ref == s.old.rootRef() || from["Type"] == Name("Page")) {
		for _, k := range sortedKeys(from) {
			if !refersTo(from[k], o.ref) {
				continue
			}
			if ref == s.old.rootRef() {
				s.other("catalog-changed", "catalog entry %s", k)
			} else {
				s.other("page-changed", "%s, entry %s", s.pageName(ref), k)
			}
			return
		}
	}
	s.other("object-changed", "object %d", num)
}

func isPageNode(o Object) bool {
	d, ok := o.(Dict)
	return ok && d["Type"] == Name("Pages")
}
