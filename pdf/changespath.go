package pdf

import "slices"

// inward is one way in which an object is referred to: by whom, under which entry of it, and under which entry of the innermost dictionary there. In an
// array that is an object of its own both entries are empty.
type inward struct {
	from        int
	first, last Name
}

// holding is an object of a revision that refers to others.
type holding struct{ rev, num int }

const (
	maxReferrers = 4096 // of an object that is looked at more closely
	maxClimb     = 4096 // objects on the paths to it
	climbCost    = 32   // of one way, in bytes read
)

// inward lists the ways in which a revision refers to an object; ok is false where they are too many or cannot be read.
func (s *step) inward(v snapshot, num int) (list []inward, ok bool) {
	seen := map[int]bool{}
	ok = true
	s.refs.each(num, func(from int) bool {
		if seen[from] {
			return true
		}
		seen[from] = true
		held, err := s.holds(v, from)
		if err != nil || len(seen) > maxReferrers {
			s.broken(err)
			ok = false
			return false
		}
		list = append(list, held[num]...)
		return true
	})
	if err := s.f.spend(int64(1+len(seen)+len(list)) * climbCost); err != nil {
		s.broken(err)
		return nil, false
	}
	return list, ok
}

// holds lists what an object refers to, by the object referred to.
func (s *step) holds(v snapshot, from int) (map[int][]inward, error) {
	key := holding{v.rev, from}
	if out, ok := s.held[key]; ok {
		return out, nil
	}
	var o Object = v.trailerRefs()
	if from != trailerNum {
		var err error
		if o, err = v.get(v.current(from)); err != nil {
			return nil, err
		}
	}
	out := map[int][]inward{}
	eachRefIn(o, "", "", func(r Ref, first, last Name) { out[r.Num] = append(out[r.Num], inward{from, first, last}) })
	s.held[key] = out
	return out, nil
}

// eachRefIn calls visit for every reference in a direct object, with the entries that lead to it.
func eachRefIn(o Object, first, last Name, visit func(r Ref, first, last Name)) {
	switch v := o.(type) {
	case Ref:
		visit(v, first, last)
	case Array:
		for _, e := range v {
			eachRefIn(e, first, last, visit)
		}
	case Dict:
		for k, e := range v {
			top := first
			if top == "" {
				top = k
			}
			eachRefIn(e, top, k, visit)
		}
	case *Stream:
		eachRefIn(v.Dict, first, last, visit)
	}
}

// passage is what is thought of a way on a path to an object.
type passage uint8

const (
	blocked passage = iota // the object serves something else too
	onwards                // it depends on what refers to the one that refers
	arrived
)

// allPaths climbs from an object of a revision and reports whether judge lets every path to it pass. What nothing refers to is on no path, and a way
// from an object to which no path leads in that revision is none: readers cannot take it. Should a later revision bring such an object back, whatever
// refers to it then has changed and is judged by what it says there; see docs/design/pdf.md.
func (s *step) allPaths(v snapshot, num int, judge func(inward) passage) bool {
	seen := map[int]bool{num: true}
	todo := []int{num}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		list, ok := s.inward(v, n)
		if !ok {
			return false
		}
		for _, in := range list {
			switch judge(in) {
			case blocked:
				if in.from == trailerNum || !s.dead(v, in.from) {
					return false
				}
			case onwards:
				if in.from == trailerNum || len(seen) > maxClimb {
					return false
				}
				if !seen[in.from] {
					seen[in.from] = true
					todo = append(todo, in.from)
				}
			}
		}
	}
	return true
}

// dead reports whether no path leads to an object. What is too far from the trailer to tell is not dead.
func (s *step) dead(v snapshot, num int) bool {
	if !s.refs.any(num) {
		return true
	}
	key := holding{v.rev, num}
	dead, known := s.deads[key]
	if !known {
		dead = s.allPaths(v, num, func(in inward) passage {
			if s.restricted(v, in) {
				return arrived
			}
			return onwards
		})
		s.deads[key] = dead
	}
	return dead
}

// restricted reports a way by which a signature names the catalog that it restricts (Data; ISO 32000-1, table 253). Nothing is shown by it, and
// signatures stay when the catalog is written under another number.
func (s *step) restricted(v snapshot, in inward) bool {
	if in.from == trailerNum || in.first != "Reference" || in.last != "Data" {
		return false
	}
	o, err := v.get(v.current(in.from))
	s.broken(err)
	d, _ := o.(Dict) // no resources and no properties either: their entries are not arrays of dictionaries
	_, list := d["Reference"].(Array)
	return list && d["ByteRange"] != nil && d["Contents"] != nil
}

// serves reports whether an object of the old revision is referred to under entries of these names only. Arrays that are objects of their own count by
// where they stand themselves.
func (s *step) serves(num int, entries ...Name) bool {
	return s.allPaths(s.old, num, func(in inward) passage {
		switch {
		case slices.Contains(entries, in.last):
			return arrived
		case in.last == "" && in.from != trailerNum:
			return onwards
		}
		return blocked
	})
}

// servesOnly reports whether one entry of one object is all that refers to an object of the old revision.
func (s *step) servesOnly(num, owner int) bool {
	ways := 0
	return s.allPaths(s.old, num, func(in inward) passage {
		if in.from != owner {
			return blocked
		}
		ways++
		return arrived
	}) && ways == 1
}

// holder explains the change of an object whose entries are compared by themselves, if nothing but its owner refers to it: by another way the same
// change could mean something else.
func (s *step) holder(now, was Object, owner int) {
	ref := refOf(now)
	o := s.objects[ref.Num]
	if o == nil || ref.Num == 0 || o.explained || o.state == freed {
		return
	}
	o.explained = true
	if o.state == replaced && (was != now || !s.servesOnly(ref.Num, owner)) {
		s.other("object-shared", "object %d", ref.Num)
	}
}

// likeness compares objects of two revisions by what they say, whatever their numbers.
type likeness struct {
	s     *step
	seen  map[[2]Ref]bool
	left  int
	made  []Object // objects that the later revision has in place of others
	moved bool     // of an object that had another number
}

// maxAlike bounds how many objects are compared for one that has moved.
const maxAlike = 10_000

// same reports whether an object says what another said before, and explains the new objects it is made of. Objects of one number are compared by
// themselves and elsewhere.
func (s *step) same(was, now Object) bool {
	l := likeness{s: s, seen: map[[2]Ref]bool{}, left: maxAlike}
	if !l.equal(was, now, 0) {
		return false
	}
	s.copied = l.moved
	for _, o := range l.made {
		if made := s.objects[refOf(o).Num]; made != nil && made.state == added {
			made.explained = true
		}
	}
	return true
}

func (l *likeness) equal(was, now Object, depth int) bool {
	if l.left--; l.left < 0 || depth > l.s.f.lim.Depth {
		return false
	}
	if err := l.s.f.spend(climbCost); err != nil {
		l.s.broken(err)
		return false
	}
	a, isRef := was.(Ref)
	b, isRef2 := now.(Ref)
	if isRef && isRef2 {
		if a == b || l.seen[[2]Ref{a, b}] {
			return true
		}
		l.seen[[2]Ref{a, b}], l.moved = true, true
	}
	var err, err2 error
	if isRef {
		was, err = l.s.old.get(a)
	}
	if isRef2 {
		l.made = append(l.made, now)
		now, err2 = l.s.now.get(b)
	}
	if err != nil || err2 != nil {
		l.s.broken(err)
		l.s.broken(err2)
		return false
	}
	switch x := was.(type) {
	case Array:
		y, ok := now.(Array)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !l.equal(x[i], y[i], depth+1) {
				return false
			}
		}
		return true
	case Dict:
		y, ok := now.(Dict)
		return ok && l.dicts(x, y, depth)
	case *Stream:
		y, ok := now.(*Stream)
		return ok && l.dicts(x.Dict, y.Dict, depth, "Length", "Filter", "DecodeParms") && l.data(x, y)
	case Ref:
		return false // a reference that is an object of its own
	}
	return equalObjects(was, now)
}

func (l *likeness) dicts(a, b Dict, depth int, but ...Name) bool {
	for k, v := range a {
		if !slices.Contains(but, k) && !l.equal(v, b[k], depth+1) {
			return false
		}
	}
	for k := range b {
		if _, ok := a[k]; !ok && !slices.Contains(but, k) {
			return false
		}
	}
	return true
}

func (l *likeness) data(a, b *Stream) bool {
	same, err := l.s.f.sameData(a, b)
	l.s.broken(err)
	return err == nil && same
}
