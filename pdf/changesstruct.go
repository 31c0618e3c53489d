package pdf

import "slices"

// structuring compares structure trees (ISO 32000-1, 14.7): they may gain elements for widgets and annotations made or signed now, and nothing else.
type structuring struct {
	*step
	made map[Ref]bool // new elements
	bad  bool
}

// structure compares the structure trees if something is left that could belong to them.
func (s *step) structure() {
	was, now := s.roots[0], s.roots[1]
	if !slices.ContainsFunc(s.order, func(num int) bool { return !s.objects[num].explained }) && equalObjects(was, now) {
		return
	}
	before, err := typed[Dict](s.old, was, "a dictionary")
	after, err2 := typed[Dict](s.now, now, "a dictionary")
	if before == nil || after == nil || err != nil || err2 != nil {
		if !equalObjects(was, now) && !s.same(was, now) {
			s.other("catalog-changed", "catalog entry StructTreeRoot")
		}
		return
	}
	t := structuring{step: s, made: map[Ref]bool{}}
	t.accept(now, was, "StructTreeRoot", "P")
	for _, k := range changedKeys(before, after) {
		switch {
		case k == "K" || k == "ParentTree":
		case k == "ParentTreeNextKey":
			a, err := s.old.integer(before[k])
			b, err2 := s.now.integer(after[k])
			t.bad = t.bad || err != nil || err2 != nil || a > b
		case !s.same(before[k], after[k]):
			t.bad = true
		}
	}
	t.kids(before["K"], after["K"], now)
	t.elements()
	t.parents(before["ParentTree"], after["ParentTree"])
	if t.bad {
		s.other("structure-changed", "catalog entry StructTreeRoot")
	}
}

// accept explains an object of the tree that was made or written again, if it is referred to under these entries only.
func (t *structuring) accept(now, was Object, entries ...Name) {
	r := refOf(now)
	o := t.objects[r.Num]
	if o == nil || o.explained || o.state == freed {
		return
	}
	o.explained = true
	if o.state == replaced && (was != now || !t.serves(r.Num, entries...)) {
		t.other("object-shared", "object %d", r.Num)
	}
}

// elements looks at elements, and lists of their kids, that were written again.
func (t *structuring) elements() {
	for _, num := range t.order {
		o := t.objects[num]
		if o.explained || o.state != replaced {
			continue
		}
		switch was := o.was.(type) {
		case Dict:
			now, ok := o.now.(Dict)
			if !ok || was["Type"] != Name("StructElem") && (was["S"] == nil || was["P"] == nil) {
				continue
			}
			for _, k := range changedKeys(was, now) {
				t.bad = t.bad || k != "K" && !t.same(was[k], now[k])
			}
			t.kids(was["K"], now["K"], o.ref)
			t.accept(o.ref, o.ref, "K", "P", "Nums", "Names", "Ref", "SE")
		case Array:
			list, ok := t.inward(t.old, num)
			if now, isArray := o.now.(Array); ok && isArray && len(list) == 1 && list[0].first == "K" {
				t.kids(was, now, t.old.current(list[0].from))
				t.accept(o.ref, o.ref, "K")
			}
		}
	}
}

// kids compares the kids of an element: the old ones stay in order, and new elements may stand among them.
func (t *structuring) kids(was, now, above Object) {
	rest := t.list(t.old, was)
	for _, o := range t.list(t.now, now) {
		switch {
		case len(rest) > 0 && equalObjects(rest[0], o):
			rest = rest[1:]
		case !t.element(o, above, 0):
			t.bad = true
		}
	}
	t.bad = t.bad || len(rest) > 0
	if !equalObjects(was, now) {
		t.accept(now, was, "K")
	}
}

// list gives the kids of an element as an array, which they may also be.
func (t *structuring) list(v snapshot, o Object) Array {
	r, err := v.resolve(o)
	if a, ok := r.(Array); ok || o == nil {
		return a
	}
	t.bad = t.bad || err != nil
	return Array{o}
}

// element accepts a new element that holds nothing but widgets and annotations made or signed now.
func (t *structuring) element(o, above Object, depth int) bool {
	d, err := typed[Dict](t.now, o, "a dictionary")
	if err != nil || d == nil || depth > t.f.lim.Depth {
		return false
	}
	ref := refOf(o)
	if d["Type"] == Name("OBJR") {
		return t.refersToNew(o, d)
	}
	made := t.objects[ref.Num]
	if made == nil || made.state != added || t.made[ref] || !equalObjects(d["P"], above) || d["K"] == nil {
		return false
	}
	made.explained, t.made[ref] = true, true
	for k := range d {
		if !slices.Contains([]Name{"Type", "S", "P", "K", "Pg", "T", "Alt", "ActualText", "Lang", "ID", "A", "C", "R", "E", "NS"}, k) {
			return false
		}
		if k != "P" && k != "K" && k != "Pg" {
			t.explain(d[k])
		}
	}
	t.explain(refOrNil(d["K"]))
	for _, kid := range t.list(t.now, d["K"]) {
		if !t.element(kid, ref, depth+1) {
			return false
		}
	}
	return true
}

// refersToNew accepts a reference to a widget or annotation made or signed now.
func (t *structuring) refersToNew(o Object, d Dict) bool {
	at := refOf(d["Obj"])
	_, widget := t.widgets[at]
	for k := range d {
		if k != "Type" && k != "Obj" && k != "Pg" {
			return false
		}
	}
	t.explain(refOrNil(o))
	return widget || t.notes[at]
}

// parents compares the number trees that lead from widgets to their elements.
func (t *structuring) parents(was, now Object) {
	before := numbering{t: t, v: t.old, out: map[int64]Object{}, nodes: map[int]bool{}}
	after := numbering{t: t, v: t.now, out: map[int64]Object{}, nodes: map[int]bool{}}
	before.node(was, 0)
	after.node(now, 0)
	if before.bad || after.bad {
		t.bad = t.bad || !equalObjects(was, now)
		return // what was written of them is left for others to tell
	}
	for k, o := range before.out {
		if !t.same(o, after.out[k]) {
			t.bad = true
		}
	}
	for k, o := range after.out {
		if _, ok := before.out[k]; !ok && !t.made[refOf(o)] {
			t.bad = true
		}
	}
	for num := range after.nodes {
		o := t.objects[num]
		if o == nil || o.explained {
			continue
		}
		o.explained = true
		if o.state == replaced && !t.allPaths(t.old, num, func(in inward) passage {
			switch {
			case in.from == refOf(t.roots[0]).Num && in.first == "ParentTree":
				return arrived
			case before.nodes[in.from]:
				return onwards
			}
			return blocked
		}) {
			t.other("object-shared", "object %d", num)
		}
	}
}

// numbering reads a number tree (ISO 32000-1, 7.9.7).
type numbering struct {
	t     *structuring
	v     snapshot
	out   map[int64]Object
	nodes map[int]bool // objects that it is made of
	bad   bool
}

func (n *numbering) node(o Object, depth int) {
	d, err := typed[Dict](n.v, o, "a dictionary")
	if d == nil && err == nil {
		return
	}
	nums, err2 := n.v.array(d["Nums"])
	kids, err3 := n.v.array(d["Kids"])
	r := refOf(o).Num
	if err != nil || err2 != nil || err3 != nil || len(nums)%2 != 0 || depth > n.v.f.lim.Depth || r != 0 && n.nodes[r] {
		n.bad = true
		return
	}
	for _, part := range []Object{o, d["Nums"], d["Kids"], d["Limits"]} {
		if r := refOf(part).Num; r != 0 {
			n.nodes[r] = true
		}
	}
	for i := 0; i < len(nums); i += 2 {
		k, ok := nums[i].(int64)
		if _, twice := n.out[k]; !ok || twice {
			n.bad = true
			return
		}
		n.out[k] = nums[i+1]
	}
	for _, kid := range kids {
		if n.node(kid, depth+1); n.bad {
			return
		}
	}
}
