package pdf

import (
	"fmt"
	"slices"

	"yinxin/document"
)

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
	known     bool // something referred to it before
	explained bool
}

// step compares one revision with the one before it.
type step struct {
	d        *Document
	f        *file
	rev      int
	old, now snapshot
	refs     *references
	objects  map[int]*rewritten
	order    []int // their numbers, as the sections list them
	held     map[holding]map[int][]inward
	deads    map[holding]bool // see dead
	*fieldTable
	touched []*oldField    // filled, or made to look different
	widgets map[Ref]string // that may be entered in pages: of fields made or signed now, with the field's name
	moved   map[Ref]bool   // widgets of fields signed now, which may leave their page
	listed  map[Ref]bool   // widgets entered in a page
	values  map[Ref]bool   // of fields signed now
	notes   map[Ref]bool   // annotations made now
	gone    map[Ref]bool   // annotations removed now
	places  map[string][]document.Place
	roots   [2]Object // StructTreeRoot before and after
	silent  int       // an object that the revision replaces for some readers only; 0 where there is none
	copied  bool      // what was compared last says the same through other objects
	needs   bool      // readers were told to make the looks of fields anew
	changes []finding
	err     error // of the file below, or a limit
}

func (s *step) report(x finding) {
	x.Revision = s.rev + 1
	switch {
	case len(s.changes) < maxChanges:
		s.changes = append(s.changes, x)
	case len(s.changes) == maxChanges:
		s.changes = append(s.changes, finding{Change: document.Change{Level: document.LevelOther, Code: "more-changes", Object: "file", Revision: s.rev + 1}})
	}
}

func (s *step) say(level document.Level, code, format string, args ...any) {
	s.report(finding{Change: document.Change{Level: level, Code: code, Object: fmt.Sprintf(format, args...)}})
}

func (s *step) other(code, format string, args ...any) {
	s.say(document.LevelOther, code, format, args...)
}

// broken keeps failures of the file below and exhausted limits; what cannot be read for other reasons is a change and no error.
func (s *step) broken(err error) {
	if s.err == nil && isFatal(err) {
		s.err = err
	}
}

// run fills changes.
func (s *step) run() error {
	s.objects, s.held, s.deads, s.widgets = map[int]*rewritten{}, map[holding]map[int][]inward{}, map[holding]bool{}, map[Ref]string{}
	s.moved, s.listed, s.values, s.notes, s.gone = map[Ref]bool{}, map[Ref]bool{}, map[Ref]bool{}, map[Ref]bool{}, map[Ref]bool{}
	s.places = map[string][]document.Place{}
	if err := s.gather(); err != nil {
		return err
	}
	if err := s.link(); err != nil {
		return err
	}
	if n := s.refs.unread; n != 0 {
		s.other("object-unreadable", "object %d", n) // what it refers to, and so what changed with it, cannot be told
	}
	s.trailers()
	s.undefined()
	for _, part := range []func(){s.catalogs, s.information, s.pages, s.machinery, s.structure, s.appearances, s.filled, s.rest, s.placed} {
		if part(); s.err != nil {
			return s.err
		}
		if s.f.lex.err != nil {
			return s.f.lex.err
		}
	}
	if err := s.advance(s); err != nil {
		return err
	}
	return s.f.spend(0)
}

// gather finds what the sections of the revision did to which objects.
func (s *step) gather() error {
	r := s.f.revisions[s.rev]
	for i := r.newest; i <= r.oldest; i++ {
		section := &s.f.sections[i]
		if num, ok := s.twoViews(section); ok {
			s.other("hybrid-views", "object %d", num)
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

// twoViews finds an object that a hybrid section places twice, or takes away from readers that do not know cross-reference streams. Of one that its table
// does not list those keep the old state, which was judged; but what a page of theirs refers to must not come to show
// something else, see annotations.
func (s *step) twoViews(section *section) (int, bool) {
	if num, ok := section.twoViews(); ok {
		return num, true
	}
	for _, r := range section.hidden {
		for k := range r.entries {
			num := r.first + k
			t, listed := section.table.lookup(num)
			if listed && t.kind != freeEntry {
				continue
			}
			was, err := s.old.get(s.old.current(num))
			switch {
			case err == nil && was == nil:
			case listed:
				return num, true
			default:
				s.silent = num
			}
		}
	}
	return 0, false
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
	o := &rewritten{ref: now, state: replaced, known: s.refs.any(num)}
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

// link enters what the revision wrote in the table of references.
func (s *step) link() error {
	for _, num := range s.order {
		if o := s.objects[num]; o.known && o.now != nil {
			if err := s.refs.enter(s.now, num, o.now); err != nil {
				return err
			}
		}
	}
	return s.refs.enter(s.now, trailerNum, s.now.trailerRefs())
}

// trailers compares what the trailers say of the document. The second half of ID is new in each revision, and the catalog and the document information
// are compared by what they say, whatever their number.
func (s *step) trailers() {
	was, now := s.f.sections[s.f.revisions[s.rev-1].newest].trailer, s.f.sections[s.f.revisions[s.rev].newest].trailer
	if !equalObjects(was["Encrypt"], now["Encrypt"]) {
		s.other("encryption-changed", "trailer")
	}
	if a, b := s.old.firstID(was), s.now.firstID(now); a != "" && a != b {
		level := document.LevelLTA // a name for the file, of which some writers make a new one each time
		if s.f.security != nil {
			level = document.LevelOther // and a part of the key
		}
		s.say(level, "id-changed", "file identifier")
	}
}

func refOf(o Object) Ref {
	r, _ := o.(Ref)
	return r
}

func refOrNil(o Object) Object {
	if r, ok := o.(Ref); ok {
		return r
	}
	return nil
}

func sortedNames(names []Name) []Name {
	slices.Sort(names)
	return names
}

func sortedKeys(d Dict) []Name {
	out := make([]Name, 0, len(d))
	for k := range d {
		out = append(out, k)
	}
	return sortedNames(out)
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
		if o := s.objects[num]; o.state == added && o.known {
			s.other("reference-filled", "object %d", num)
			o.explained = true
		}
	}
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
