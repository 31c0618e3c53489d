package pdf

import (
	"fmt"
	"slices"

	"yinxin/document"
)

// maxChanges bounds how many changes are told apart, of one revision and behind one signature.
const maxChanges = 1000

// Changes lists what later revisions did, step by step from each revision to the next, so that a change taken back is seen too.
//
// The rule is a list of what is allowed, at level FORM: a new signature field and its widgets, entered behind the others in the form and in the
// annotations of pages, with more such fields where the same signature is shown at several places (they are told of as one); a value and an appearance for an empty signature field; the form made or its SigFlags set; and objects that only these lead
// to. Everything else is level OTHER with the object named: also a new field that looks signed and is not, a signed reference to nothing that comes to
// mean something, an object that plays a second role, what readers would read in two ways, and what a signature below forbids (DocMDP, FieldMDP).
func (s *signature) Changes() ([]document.Change, error) {
	if s.err != nil {
		return nil, s.err
	}
	if err := s.d.restrict(); err != nil {
		return nil, malformed(err)
	}
	f := s.d.f
	var out []document.Change
	if s.forbids.certifies && s.d.signed[0] != s {
		out = append(out, document.Change{Level: document.LevelOther, Code: "certification-not-first", Object: "field " + s.id, Revision: s.revision + 1})
	}
	if s.end() == f.size {
		return out, nil
	}
	last := len(f.revisions)
	other := func(code, object string) []document.Change {
		return append(out, document.Change{Level: document.LevelOther, Code: code, Object: object, Revision: last})
	}
	k, ok := f.revisionEnding(s.end())
	switch {
	case !ok:
		return other("uncovered-bytes", "file"), nil
	case f.disordered:
		return other("revision-order", "file"), nil
	case s.revision > k:
		return other("signature-replaced", "field "+s.id), nil
	}
	if err := s.d.compare(); err != nil {
		return nil, malformed(err)
	}
	for _, step := range s.d.steps[k+1:] {
		if out = append(out, step...); len(out) > maxChanges {
			out = out[:maxChanges]
			return other("more-changes", "file"), nil
		}
	}
	if f.trailing {
		return other("trailing-bytes", "file"), nil
	}
	return out, nil
}

// compare finds the changes of every revision behind the first that a signature covers.
func (d *Document) compare() error {
	if d.steps != nil {
		return nil
	}
	f := d.f
	first := len(f.revisions) - 1
	for _, s := range d.signed {
		if k, ok := f.revisionEnding(s.end()); ok && s.err == nil {
			first = min(first, k)
		}
	}
	steps := make([][]document.Change, len(f.revisions))
	var refs *references
	for k := first + 1; k < len(f.revisions); k++ {
		if refs == nil {
			refs = f.at(first).references()
		}
		s := step{d: d, f: f, rev: k, old: f.at(k - 1), now: f.at(k), refs: refs}
		if err := s.run(); err != nil {
			return fmt.Errorf("compare revision %d with the one before: %w", k+1, err)
		}
		steps[k] = s.changes
		for _, num := range s.order {
			refs.add(num, s.objects[num].now)
		}
	}
	d.steps = steps
	return nil
}

// state is what a revision did to an object.
type state uint8

const (
	added state = iota + 1
	replaced
	freed
)

// rewritten is an object that a revision made, replaced by another or freed.
type rewritten struct {
	ref       Ref
	state     state
	was, now  Object
	explained bool
}

// step compares one revision with the one before it.
type step struct {
	d        *Document
	f        *file
	rev      int
	old, now snapshot
	refs     *references // of the old one
	objects  map[int]*rewritten
	order    []int              // their numbers, as the sections list them
	fields   map[Ref]*leafField // of the old form, by field and by widget
	names    map[string]bool    // full names of the old fields
	widgets  map[Ref]bool       // that may be entered in pages: of fields made or signed now
	moved    map[Ref]bool       // widgets of fields signed now, which may leave their page
	listed   map[Ref]bool       // widgets entered in a page
	values   map[Ref]bool       // of fields signed now
	changes  []document.Change
}

func (s *step) report(level document.Level, code, format string, args ...any) {
	switch {
	case len(s.changes) < maxChanges:
		s.changes = append(s.changes, document.Change{Level: level, Code: code, Object: fmt.Sprintf(format, args...), Revision: s.rev + 1})
	case len(s.changes) == maxChanges:
		s.changes = append(s.changes, document.Change{Level: document.LevelOther, Code: "more-changes", Object: "file", Revision: s.rev + 1})
	}
}

func (s *step) other(code, format string, args ...any) {
	s.report(document.LevelOther, code, format, args...)
}

// run fills changes. What cannot be read is a change, not an error; errors are failures of the file below and exhausted limits.
func (s *step) run() error {
	s.objects, s.widgets, s.moved, s.listed, s.values = map[int]*rewritten{}, map[Ref]bool{}, map[Ref]bool{}, map[Ref]bool{}, map[Ref]bool{}
	if err := s.gather(); err != nil {
		return err
	}
	if n := s.refs.unread; n != 0 {
		s.other("object-unreadable", "object %d", n) // what it refers to, and so what changed with it, cannot be told
	}
	s.trailers()
	s.undefined()
	s.catalogs()
	s.signedFields()
	s.pages()
	s.machinery()
	s.rest()
	s.forbidden()
	if s.f.lex.err != nil {
		return s.f.lex.err
	}
	return s.f.spend(0)
}

// forbidden turns to whether the revision might have changed anything at all.
func (s *step) forbidden() {
	for _, x := range s.d.signed {
		if len(s.changes) > 0 && x.revision < s.rev && x.forbids.frozen {
			s.other("docmdp-forbids", "field %s", x.id)
			return
		}
	}
}

// locked reports whether a signature of an earlier revision locks a field.
func (s *step) locked(name string) bool {
	return slices.ContainsFunc(s.d.signed, func(x *signature) bool { return x.revision < s.rev && x.forbids.locks(name) })
}

// gather finds what the sections of the revision did to which objects.
func (s *step) gather() error {
	r := s.f.revisions[s.rev]
	for i := r.newest; i <= r.oldest; i++ {
		section := &s.f.sections[i]
		if section.kind == hybridSection {
			s.other("hybrid-revision", "file") // readers of different age see different files
		}
		if section.twice {
			s.other("trailer-ambiguous", "trailer")
		}
		for _, t := range []table{section.table, section.hidden} {
			for _, run := range t {
				for k := range run.entries {
					if err := s.note(run.first + k); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// note compares one object. Objects written again as they were are no change.
func (s *step) note(num int) error {
	if s.objects[num] != nil {
		return nil
	}
	was, now := s.old.current(num), s.now.current(num)
	if was == now {
		if a, ok, err := s.old.locate(was); err == nil {
			if b, ok2, err := s.now.locate(now); err == nil && ok == ok2 && a == b {
				return nil
			}
		}
	}
	o := &rewritten{ref: now, state: replaced}
	var oldErr, newErr error
	if o.was, oldErr = s.old.get(was); isFatal(oldErr) {
		return oldErr
	}
	if o.now, newErr = s.now.get(now); isFatal(newErr) {
		return newErr
	}
	if at, ok, err := s.now.locate(now); ok && err == nil && s.f.ambiguous[at] {
		s.other("object-ambiguous", "object %d", num) // readers differ in which of two equal keys they take
	}
	absent, gone := o.was == nil && oldErr == nil, o.now == nil && newErr == nil
	switch {
	case absent && gone:
		return nil
	case absent:
		o.state = added
	case gone || was.Gen != now.Gen:
		o.state, o.ref = freed, was
	case oldErr == nil && newErr == nil:
		same, err := s.f.equal(o.was, o.now)
		if err != nil || same {
			return err
		}
	}
	if newErr != nil {
		s.other("object-unreadable", "object %d", num)
		o.explained = true
	}
	s.objects[num] = o
	s.order = append(s.order, num)
	return nil
}

// current is the reference under which the revision has an object.
func (v snapshot) current(num int) Ref {
	if e, _ := v.lookup(num); e.kind == plainEntry {
		return Ref{num, int(e.gen)}
	}
	return Ref{Num: num}
}

// trailers compares what the trailers say of the document. The second half of ID is new in each revision.
func (s *step) trailers() {
	was, now := s.f.sections[s.f.revisions[s.rev-1].newest].trailer, s.f.sections[s.f.revisions[s.rev].newest].trailer
	if s.old.rootRef() != s.now.rootRef() {
		s.other("catalog-replaced", "catalog")
	}
	if a, b := refOf(was["Info"]), refOf(now["Info"]); a != b {
		s.other("info-changed", "document information")
	}
	if a, b := s.old.firstID(was), s.now.firstID(now); a != "" && a != b {
		s.other("id-changed", "file identifier")
	}
}

func refOf(o Object) Ref {
	r, _ := o.(Ref)
	return r
}

func (v snapshot) firstID(trailer Dict) string {
	id, err := v.array(trailer["ID"])
	if err != nil || len(id) == 0 {
		return ""
	}
	first, _ := v.stringOf(id[0])
	return string(first)
}

// undefined finds objects that the revision makes under numbers to which the document already referred: what those references mean has changed.
func (s *step) undefined() {
	for _, num := range s.order {
		if o := s.objects[num]; o.state == added && s.refs.any(num) {
			s.other("reference-filled", "object %d", num)
			o.explained = true
		}
	}
}
