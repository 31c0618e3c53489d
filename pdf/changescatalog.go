package pdf

import (
	"yinxin/document"
)

// catalogs compares the catalogs, entry by entry. The catalog may have another number than before.
func (s *step) catalogs() {
	was, err := s.old.catalog()
	now, err2 := s.now.catalog()
	if err != nil || err2 != nil {
		s.other("catalog-unreadable", "catalog")
		return
	}
	if o := s.objects[s.now.rootRef().Num]; o != nil && o.state != freed {
		// Signatures name the catalog as the Data that they restrict.
		if o.explained = true; o.state == replaced && (s.old.rootRef() != s.now.rootRef() || !s.serves(o.ref.Num, "Root", "Data")) {
			s.other("object-shared", "catalog")
		}
	}
	for _, k := range sortedNames(changedKeys(was, now)) {
		switch k {
		case "AcroForm", "DSS", "Extensions", "Metadata", "Version", "StructTreeRoot", "Names":
		default:
			if !s.same(was[k], now[k]) {
				s.other("catalog-changed", "catalog entry %s", k)
			}
		}
	}
	s.version(was["Version"], now["Version"])
	s.extensions(was["Extensions"], now["Extensions"])
	s.metadata(was["Metadata"], now["Metadata"])
	s.icons(was["Names"], now["Names"])
	s.evidence(was["DSS"], now["DSS"])
	s.forms(was["AcroForm"], now["AcroForm"])
	s.roots = [2]Object{was["StructTreeRoot"], now["StructTreeRoot"]}
}

// icons compares the catalog's names. Some programs keep the looks of annotations there too, and nothing else may come with these.
func (s *step) icons(was, now Object) {
	if equalObjects(was, now) && s.objects[refOf(now).Num] == nil {
		return
	}
	before, err := typed[Dict](s.old, was, "a dictionary")
	after, err2 := typed[Dict](s.now, now, "a dictionary")
	fresh := err == nil && err2 == nil && before["AP"] == nil && after["AP"] != nil
	for _, k := range changedKeys(before, after) {
		if k != "AP" && !s.same(before[k], after[k]) {
			fresh = false
		}
	}
	switch {
	case fresh:
		s.holder(now, was, s.old.rootRef().Num)
		s.explain(after["AP"])
		s.say(document.LevelAnnotation, "annotation-icons", "catalog entry Names")
	case !s.same(was, now):
		s.other("catalog-changed", "catalog entry Names")
	}
}

// version compares the versions that the catalogs name: a later one is no change of what is there.
func (s *step) version(was, now Object) {
	if equalObjects(was, now) {
		return
	}
	a, err := s.old.name(was)
	b, err2 := s.now.name(now)
	switch {
	case err == nil && err2 == nil && a == b:
	case err != nil || err2 != nil || !isVersion(b) || was != nil && (!isVersion(a) || b < a):
		s.other("catalog-changed", "catalog entry Version")
	default:
		s.say(document.LevelLTA, "version-raised", "catalog entry Version")
	}
	s.holder(now, was, s.old.rootRef().Num)
}

// isVersion reports whether a name is a version such as 1.7.
func isVersion(n Name) bool {
	return len(n) == 3 && (n[0] == '1' || n[0] == '2') && n[1] == '.' && n[2] >= '0' && n[2] <= '9'
}

// extensions compares the developer extensions (ISO 32000-2, 7.12): they may be added and raised.
func (s *step) extensions(was, now Object) {
	before, err := typed[Dict](s.old, was, "a dictionary")
	after, err2 := typed[Dict](s.now, now, "a dictionary")
	if err != nil || err2 != nil || before != nil && after == nil {
		if !equalObjects(was, now) {
			s.other("catalog-changed", "catalog entry Extensions")
		}
		return
	}
	owner := s.old.rootRef().Num
	s.holder(now, was, owner)
	if r := refOf(was); r.Num != 0 {
		owner = r.Num
	}
	fine, changed := true, false
	for _, k := range sortedNames(keysOfBoth(before, after)) {
		if k == "Type" {
			fine = fine && (after[k] == nil || after[k] == Object(Name("Extensions")))
			continue
		}
		if before[k] != nil && s.untouched(before[k], after[k]) {
			continue
		}
		changed = true
		fine = fine && s.extension(before[k], after[k])
		s.holder(after[k], before[k], owner)
	}
	switch {
	case !fine:
		s.other("catalog-changed", "catalog entry Extensions")
	case changed:
		s.say(document.LevelLTA, "extension-added", "catalog entry Extensions")
	}
}

// untouched reports whether a value is what it was and no object that the revision replaced.
func (s *step) untouched(was, now Object) bool {
	if r := refOf(now); s.objects[r.Num] != nil {
		return false
	}
	return equalObjects(was, now)
}

// extension compares one developer extension, or a list of them, with what it was: nil where it is new.
func (s *step) extension(was, now Object) bool {
	before, err := s.old.resolve(was)
	after, err2 := s.now.resolve(now)
	if err != nil || err2 != nil {
		return false
	}
	if list, ok := after.(Array); ok {
		old, _ := before.(Array)
		if before != nil && len(old) == 0 || len(list) < len(old) || !equalArrays(old, list[:len(old)]) {
			return false
		}
		for _, o := range list[len(old):] {
			if d, ok := o.(Dict); !ok || !isExtension(d) {
				return false
			}
		}
		return true
	}
	d, ok := after.(Dict)
	if !ok || !isExtension(d) {
		return false
	}
	old, ok := before.(Dict)
	if before == nil {
		return true
	}
	a, isInt := old["ExtensionLevel"].(int64)
	b, _ := d["ExtensionLevel"].(int64)
	v, _ := old["BaseVersion"].(Name)
	to, _ := d["BaseVersion"].(Name)
	return ok && isInt && a <= b && v <= to
}

// isExtension checks the entries of a developer extension, all of which are direct.
func isExtension(d Dict) bool {
	for k, o := range d {
		ok := false
		switch k {
		case "Type":
			ok = o == Object(Name("DeveloperExtensions"))
		case "BaseVersion":
			n, isName := o.(Name)
			ok = isName && isVersion(n)
		case "ExtensionLevel":
			_, ok = o.(int64)
		case "URL", "ExtensionRevision":
			_, ok = o.(String)
		}
		if !ok {
			return false
		}
	}
	return d["BaseVersion"] != nil && d["ExtensionLevel"] != nil
}

func keysOfBoth(a, b Dict) []Name {
	out := sortedKeys(a)
	for k := range b {
		if _, ok := a[k]; !ok {
			out = append(out, k)
		}
	}
	return out
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
		field := s.fields[o.ref]
		switch {
		case o.state == replaced && s.same(o.was, o.now):
		case o.state == replaced && !o.known && !isPack(o.was) && s.dead(s.now, num):
			s.say(document.LevelNone, "object-unused", "object %d", num)
		case o.state == replaced && field != nil:
			s.fieldReplaced(field)
		case o.state == replaced:
			s.objectReplaced(num, o)
		case o.state == added && s.dead(s.now, num):
			s.say(document.LevelNone, "object-unused", "object %d", num)
		case o.state == added:
			s.other("object-added", "object %d", num)
		case !isPack(o.was) && s.dead(s.now, num): // whoever lost the reference was looked at
		default:
			s.other("object-freed", "object %d", num)
		}
	}
}

// isPack reports whether an object is an object stream.
func isPack(o Object) bool {
	st, ok := o.(*Stream)
	return ok && st.Dict["Type"] == Name("ObjStm")
}

func (s *step) fieldReplaced(field *oldField) {
	code := "field-changed"
	if field.kind == "Sig" && field.value != nil {
		code = "signed-field-changed"
	}
	s.report(finding{document.Change{Level: document.LevelOther, Code: code, Object: "field " + field.name}, field.name})
}

// objectReplaced names a changed object by what it serves, where that is plain to see.
func (s *step) objectReplaced(num int, o *rewritten) {
	if isPageNode(o.was) {
		s.other("page-tree-changed", "page tree")
		return
	}
	list, ok := s.inward(s.old, num)
	names := map[Name]bool{}
	for _, in := range list {
		ref := s.old.current(in.from)
		from, err := s.old.dict(ref)
		field := s.fields[ref]
		switch {
		case !ok || err != nil || in.from == trailerNum:
		case ref == s.old.rootRef():
			s.other("catalog-changed", "catalog entry %s", in.first)
			return
		case from["Type"] == Name("Page"):
			s.other("page-changed", "%s, entry %s", s.pageName(ref), in.first)
			return
		case field != nil && field.kind == "Sig" && field.value == Object(o.ref):
			s.other("signature-replaced", "field %s", field.name)
			return
		}
		names[in.last] = true
	}
	s.other("object-changed", "object %d", num)
}

func isPageNode(o Object) bool {
	d, ok := o.(Dict)
	return ok && d["Type"] == Name("Pages")
}
