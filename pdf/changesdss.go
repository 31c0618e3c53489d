package pdf

import (
	"slices"

	"yinxin/document"
)

// evidence compares the document security stores (ISO 32000-2, 12.8.4.3): what is there stays, and more may come, in new objects or in those that hold it.
func (s *step) evidence(was, now Object) {
	e := evidence{step: s, root: s.old.rootRef().Num, parts: map[int]bool{}}
	before, err := typed[Dict](s.old, was, "a dictionary")
	after, err2 := typed[Dict](s.now, now, "a dictionary")
	switch {
	case was == nil && now == nil:
		return
	case err2 != nil || err != nil && !equalObjects(was, now):
		s.other("dss-malformed", "catalog entry DSS")
		return
	case err != nil:
		return
	case before != nil && after == nil:
		s.other("dss-shrunk", "catalog entry DSS")
		return
	}
	e.holder(was, now)
	e.answers(before, after)
	e.certificates(before, after)
	e.others(before, after, "DSS", "Certs", "OCSPs", "CRLs", "VRI")
	e.records(before["VRI"], after["VRI"])
	e.shared()
	switch {
	case e.bad != "":
		s.other(e.bad, "catalog entry DSS")
	case e.grown:
		s.say(document.LevelLTA, "evidence-added", "catalog entry DSS")
	}
}

// evidence is a comparison of document security stores.
type evidence struct {
	*step
	root    int
	parts   map[int]bool // objects of the old revision that the store is made of
	changed []int        // those of them that were replaced
	grown   bool
	bad     string
}

func (e *evidence) fail(code string) {
	if e.bad == "" {
		e.bad = code
	}
}

// holder notes an object that holds a part of the store.
func (e *evidence) holder(was, now Object) {
	if r := refOf(was); r.Num != 0 {
		e.parts[r.Num] = true
	}
	r := refOf(now)
	o := e.objects[r.Num]
	if r.Num == 0 || o == nil || o.explained {
		return
	}
	switch {
	case o.state == added:
		o.explained = true
	case o.state == replaced && e.parts[r.Num]:
		o.explained = true
		e.changed = append(e.changed, r.Num)
	case o.state == replaced:
		e.fail("object-shared")
	}
}

// shared checks that what was replaced serves nothing but the store.
func (e *evidence) shared() {
	for _, num := range e.changed {
		if !e.allPaths(e.old, num, func(in inward) passage {
			switch {
			case in.from == e.root && in.first == "DSS":
				return arrived
			case e.parts[in.from]:
				return onwards
			}
			return blocked
		}) {
			e.other("object-shared", "object %d", num)
		}
	}
}

// others checks the entries of which nothing is read: they stay, but for the type.
func (e *evidence) others(before, after Dict, typeName Name, known ...Name) {
	for _, k := range changedKeys(before, after) {
		switch {
		case slices.Contains(known, k):
		case k == "Type" && before[k] == nil && after[k] == Object(typeName):
		case !e.same(before[k], after[k]):
			e.fail("dss-malformed")
		}
	}
}

// lists compares arrays of streams: none may be lost, in whatever order they come.
func (e *evidence) lists(before, after Dict, entries ...Name) {
	for _, k := range entries {
		if lost, _ := e.list(before[k], after[k]); lost > 0 {
			e.fail("dss-shrunk")
		}
	}
}

// answers compares the answers and lists that tell of revocation. Old ones may give way to as many new ones; those that a record names stay.
func (e *evidence) answers(before, after Dict) {
	for _, k := range []Name{"OCSPs", "CRLs"} {
		switch lost, fresh := e.list(before[k], after[k]); {
		case lost > fresh:
			e.fail("dss-shrunk")
		case lost > 0:
			e.say(document.LevelLTA, "evidence-replaced", "catalog entry DSS")
		}
	}
}

// certificates compares the list of all certificates. Some writers leave out those that they do not need any more: they prove nothing by themselves.
func (e *evidence) certificates(before, after Dict) {
	if lost, _ := e.list(before["Certs"], after["Certs"]); lost > 0 {
		e.say(document.LevelLTA, "certificates-dropped", "catalog entry DSS")
	}
}

// list compares arrays of streams, and tells how many were lost and how many came.
func (e *evidence) list(wasAt, nowAt Object) (lost, fresh int) {
	was, err := e.old.array(wasAt)
	now, err2 := e.now.array(nowAt)
	if err2 != nil || err != nil {
		e.fail("dss-malformed")
		return 0, 0
	}
	e.holder(wasAt, nowAt)
	return e.streams(was, now)
}

func (e *evidence) streams(was, now Array) (lost, fresh int) {
	old := map[Ref]bool{} // whether it was found again
	for _, o := range was {
		old[refOf(o)] = false
	}
	if _, other := old[Ref{}]; other && !equalArrays(was, now) {
		e.fail("dss-malformed") // what is there already is no list of streams
		return 0, 0
	}
	var made []Ref
	for _, o := range now {
		r := refOf(o)
		if _, known := old[r]; known {
			old[r] = true
			continue
		}
		if st, err := e.now.stream(r); r.Num == 0 || err != nil || st == nil {
			e.broken(err)
			e.fail("dss-malformed")
			continue
		}
		made = append(made, r)
		e.explain(r)
		e.grown = true
	}
	fresh = len(made)
	for r, found := range old { // what is lost may stand there again under another number
		switch {
		case found:
		case len(made) <= maxMoved && slices.ContainsFunc(made, func(n Ref) bool { return e.same(r, n) }):
			fresh--
		default:
			lost++
		}
	}
	return lost, fresh
}

// maxMoved is how many new streams are compared with those that a list has lost.
const maxMoved = 100

// records compares the evidence kept for single signatures (ISO 32000-2, table 262).
func (e *evidence) records(wasAt, nowAt Object) {
	was, err := typed[Dict](e.old, wasAt, "a dictionary")
	now, err2 := typed[Dict](e.now, nowAt, "a dictionary")
	if err != nil || err2 != nil {
		e.fail("dss-malformed")
		return
	}
	e.holder(wasAt, nowAt)
	for _, k := range sortedNames(keysOfBoth(was, now)) {
		if k == "Type" {
			if !e.untouched(was[k], now[k]) && now[k] != Object(Name("VRI")) {
				e.fail("dss-malformed")
			}
			continue
		}
		before, err := typed[Dict](e.old, was[k], "a dictionary")
		after, err2 := typed[Dict](e.now, now[k], "a dictionary")
		switch {
		case err != nil || err2 != nil:
			e.fail("dss-malformed")
		case before != nil && after == nil:
			e.fail("dss-shrunk")
		default:
			e.grown = e.grown || before == nil
			e.holder(was[k], now[k])
			e.lists(before, after, "Cert", "CRL", "OCSP")
			e.stamped(before, after)
			e.others(before, after, "VRI", "Cert", "CRL", "OCSP", "TU", "TS")
		}
	}
}

// stamped compares when a record was made: it may be made anew.
func (e *evidence) stamped(before, after Dict) {
	if !e.untouched(before["TU"], after["TU"]) {
		if _, err := e.now.stringOf(after["TU"]); err != nil || before["TU"] != nil && after["TU"] == nil {
			e.fail("dss-malformed")
		}
		e.explain(refOrNil(after["TU"]))
		e.grown = true
	}
	if !equalObjects(before["TS"], after["TS"]) {
		if st, err := e.now.stream(after["TS"]); err != nil || st == nil {
			e.fail("dss-malformed")
		}
		e.explain(refOrNil(after["TS"]))
		e.grown = true
	}
}
