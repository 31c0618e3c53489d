package pdf

import (
	"fmt"
	"slices"

	"yinxin/document"
)

// isMarkup tells the annotations that show marks on a page, or lead elsewhere, and nothing that plays, runs or holds files.
func isMarkup(o Object) bool {
	kind, _ := o.(Name)
	return slices.Contains([]Name{"Text", "FreeText", "Line", "Square", "Circle", "Polygon", "PolyLine", "Highlight", "Underline", "Squiggly", "StrikeOut",
		"Stamp", "Caret", "Ink", "Popup", "Link"}, kind)
}

// isAnnotationType reports whether the Type of an annotation is what it may be.
func isAnnotationType(o Object) bool { return o == nil || o == Object(Name("Annot")) }

// pages looks at pages, lists of annotations and annotations that changed.
func (s *step) pages() {
	done := map[Ref]bool{}
	var pages []Ref
	for _, num := range s.order {
		o := s.objects[num]
		if o.state != replaced || o.explained {
			continue
		}
		if page, ok := s.pageOf(o); ok {
			o.explained = true
			if !done[page] {
				done[page] = true
				pages = append(pages, page)
			}
		}
	}
	lists := make([][2]Array, len(pages))
	for i, page := range pages {
		lists[i][0], lists[i][1] = s.annotations(page)
	}
	for i, page := range pages {
		s.entered(page, lists[i][0], lists[i][1])
	}
	for i, page := range pages {
		s.left(page, lists[i][0], lists[i][1])
	}
	s.marked()
}

// pageOf returns the page that an object is, or whose annotations it lists.
func (s *step) pageOf(o *rewritten) (Ref, bool) {
	if was, ok := o.was.(Dict); ok {
		_, still := o.now.(Dict)
		return o.ref, still && was["Type"] == Name("Page")
	}
	if _, isArray := o.was.(Array); !isArray {
		return Ref{}, false
	}
	list, ok := s.inward(s.old, o.ref.Num)
	if !ok || len(list) != 1 || list[0].first != "Annots" {
		return Ref{}, false
	}
	ref := s.old.current(list[0].from)
	page, err := s.old.dict(ref)
	return ref, err == nil && page["Type"] == Name("Page") && page["Annots"] == Object(o.ref)
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
			_, order := after[k].(Name)
			switch {
			case k == "Annots", k == "Tabs" && order: // only the order in which a key goes through the annotations
				continue
			case s.same(before[k], after[k]):
				if s.silent != 0 && s.copied { // readers that keep the old page would show what the old objects become
					s.other("hybrid-views", "object %d", s.silent)
				}
				continue
			}
			s.other("page-changed", "%s, entry %s", s.pageName(ref), k)
		}
		was, err = s.old.array(before["Annots"])
		now, err2 = s.now.array(after["Annots"])
		s.holder(after["Annots"], before["Annots"], ref.Num)
	}
	switch {
	case err != nil || err2 != nil:
		s.other("page-unreadable", "%s", s.pageName(ref))
	case !equalArrays(was, now) && (countDirect(was) > maxDirect || countDirect(now) > maxDirect):
		s.other("page-changed", "%s, entry Annots", s.pageName(ref)) // to find each in the other list would take too long
		return nil, nil
	}
	return was, now
}

// entered looks at what a page gained: widgets of fields made or signed now, and other annotations. Those that stay must stay in order: what is drawn
// later hides what is drawn before.
func (s *step) entered(page Ref, was, now Array) {
	old := map[Ref]int{}
	for _, o := range was {
		old[refOf(o)]++
	}
	rest := was
	for _, o := range now {
		ref := refOf(o)
		if ref.Num != 0 && old[ref] > 0 || ref.Num == 0 && containsObject(rest, o) {
			for len(rest) > 0 && !equalObjects(rest[0], o) {
				rest = rest[1:]
			}
			if len(rest) == 0 {
				s.other("annotations-reordered", "%s", s.pageName(page))
				return
			}
			rest = rest[1:]
			old[ref]--
			continue
		}
		name, widget := s.widgets[ref]
		switch {
		case widget && s.listed[ref]:
			s.other("widget-twice", "%s", s.pageName(page))
			return
		case widget:
			s.listed[ref] = true
			s.show(name, page, ref)
		default:
			s.newAnnotation(page, o)
		}
	}
}

// maxDirect is how many annotations of a page that are no objects of their own are compared.
const maxDirect = 500

func countDirect(list Array) int {
	n := 0
	for _, o := range list {
		if refOf(o).Num == 0 {
			n++
		}
	}
	return n
}

func containsObject(list Array, o Object) bool {
	return slices.ContainsFunc(list, func(e Object) bool { return equalObjects(e, o) })
}

// left looks at what a page lost. A widget that was signed may go to another page.
func (s *step) left(page Ref, was, now Array) {
	stays := map[Ref]bool{}
	for _, o := range now {
		stays[refOf(o)] = true
	}
	for _, o := range was {
		ref := refOf(o)
		d, err := s.old.dict(o)
		switch {
		case ref.Num != 0 && stays[ref], ref.Num == 0 && containsObject(now, o):
		case s.moved[ref] && s.listed[ref]:
		case err == nil && ref.Num != 0 && d == nil: // a reference to nothing
		case err != nil || s.fields[ref] != nil || d["Subtype"] == Name("Widget"):
			s.other("widget-removed", "%s", s.pageName(page))
		default:
			s.gone[ref] = true
			s.mark("annotation-removed", page, s.old, d)
		}
	}
}

// newAnnotation looks at an annotation that a page gained and that is no widget of a field signed now.
func (s *step) newAnnotation(page Ref, o Object) {
	d, err := typed[Dict](s.now, o, "a dictionary")
	made := s.objects[refOf(o).Num]
	switch {
	case err != nil || d == nil || !s.harmless(d):
		s.other("annotation-forbidden", "%s", s.pageName(page))
		return
	case made != nil && made.state == added:
		made.explained = true
	}
	s.notes[refOf(o)] = true
	s.explainAnnotation(d)
	s.mark("annotation-added", page, s.now, d)
}

// explainAnnotation accepts the new objects that an annotation brings. Others to which it belongs are entered by themselves.
func (s *step) explainAnnotation(d Dict) {
	for _, k := range sortedKeys(d) {
		if k != "P" && k != "Parent" && k != "Popup" && k != "IRT" {
			s.explain(d[k])
		}
	}
}

// harmless reports whether an annotation only shows marks or leads to a place in the document or on the web.
func (s *step) harmless(d Dict) bool {
	if !isMarkup(d["Subtype"]) || d["AA"] != nil || d["AF"] != nil || d["FS"] != nil {
		return false
	}
	if d["A"] == nil {
		return true
	}
	action, err := typed[Dict](s.now, d["A"], "a dictionary")
	if err != nil || action["Next"] != nil {
		return false
	}
	kind, err := s.now.name(action["S"])
	return err == nil && (kind == "URI" || kind == "GoTo")
}

// mark reports what happened to an annotation, with its place.
func (s *step) mark(code string, page Ref, v snapshot, dicts ...Dict) {
	x := finding{Change: document.Change{Level: document.LevelAnnotation, Code: code, Object: s.pageName(page)}}
	for _, d := range dicts {
		if p, ok := s.placeOn(v, page, d); ok {
			x.Places = append(x.Places, p)
		}
	}
	s.report(x)
}

// marked looks at annotations that were written again, and at those that are gone for good.
func (s *step) marked() {
	for _, num := range s.order {
		o := s.objects[num]
		if o.explained || s.fields[o.ref] != nil {
			continue
		}
		was, ok := o.was.(Dict)
		if !ok || !isMarkup(was["Subtype"]) {
			continue
		}
		if o.state == freed && s.gone[o.ref] && s.isOnlyAnnotation(num) {
			o.explained = true
			continue
		}
		now, ok := o.now.(Dict)
		page, listed := s.pageListing(o.ref)
		if o.state != replaced || !ok || !listed && !s.gone[o.ref] {
			continue
		}
		switch {
		case s.gone[o.ref] && s.isOnlyAnnotation(num):
			o.explained = true // it was told of
			s.explainAnnotation(now)
		case was["Subtype"] != now["Subtype"] || !isAnnotationType(was["Type"]) || !isAnnotationType(now["Type"]) || !s.harmless(now):
			o.explained = true
			s.other("annotation-forbidden", "%s", s.pageName(page))
		case s.isOnlyAnnotation(num):
			o.explained = true
			s.explainAnnotation(now)
			s.mark("annotation-changed", page, s.now, was, now)
		}
	}
}

// isOnlyAnnotation reports whether an object serves as an annotation only: pages list it, others that are annotations only belong to it, and the structure
// tree names it.
func (s *step) isOnlyAnnotation(num int) bool {
	return s.allPaths(s.old, num, func(in inward) passage {
		if in.from == trailerNum {
			return blocked
		}
		o, err := s.old.get(s.old.current(in.from))
		d, _ := o.(Dict)
		switch {
		case err != nil:
			s.broken(err)
			return blocked
		case in.first == "Annots" && in.last == "Annots" && d["Type"] == Name("Page"):
			return arrived
		case in.first == "K" && d["S"] != nil && d["P"] != nil:
			return arrived
		case in.last == "", in.first == "Obj" && d["Type"] == Name("OBJR"),
			isMarkup(d["Subtype"]) && in.first == in.last && (in.first == "Popup" || in.first == "Parent" || in.first == "IRT"):
			return onwards
		}
		return blocked
	})
}

// pageListing finds the page of the old revision whose annotations list an object.
func (s *step) pageListing(ref Ref) (Ref, bool) {
	list, ok := s.inward(s.old, ref.Num)
	for _, in := range list {
		from := in.from
		if in.last == "" { // the array may be an object of its own
			above, ok := s.inward(s.old, from)
			if !ok || len(above) != 1 || above[0].first != "Annots" {
				continue
			}
			from = above[0].from
		} else if in.first != "Annots" {
			continue
		}
		page := s.old.current(from)
		if d, err := s.old.dict(page); err == nil && d["Type"] == Name("Page") {
			return page, ok
		}
	}
	return Ref{}, false
}
