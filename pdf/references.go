package pdf

import (
	"errors"

	"yinxin/fault"
)

// references tells, for every object that can be reached from the trailer, which objects refer to it or did so in an earlier revision. It is made by one
// walk of the first revision that is compared; what later revisions write is entered as they come. Who really refers is looked up in the objects.
type references struct {
	start   []int32           // by object number: where its referrers begin in from
	from    []int32           // numbers of referrers
	late    map[int32][]int32 // referrers that later revisions made
	reached []bool            // by object number
	unread  int               // an object that is referred to and cannot be read here, though another reader may; 0 where there is none
}

// trailerNum stands for the trailer as the one that refers.
const trailerNum = 0

const (
	maxReferences = 8 << 20 // pairs of objects of which one refers to the other
	maxNumbered   = 1 << 23 // the highest object number that a file to be compared may have: no reader takes more (ISO 32000-1, annex C)
)

func tooManyReferences() error {
	return limitError("pdf-too-costly", "对象之间的引用过多", "its objects refer to each other too often", nil)
}

// linking is the walk that makes references.
type linking struct {
	*references
	from, to []int32 // the pairs
	last     []int32 // by object number: the last referrer, plus 1
	todo     []int32
}

// references walks all objects that can be reached from the trailer.
func (v snapshot) references() (*references, error) {
	highest := 0
	for i := range v.f.sections {
		highest = max(highest, v.f.sections[i].table.highest(), v.f.sections[i].hidden.highest())
	}
	if highest > maxNumbered {
		return nil, tooManyReferences()
	}
	w := linking{references: &references{late: map[int32][]int32{}, reached: make([]bool, highest+1)}, last: make([]int32, highest+1)}
	w.reached[trailerNum] = true
	w.visit(trailerNum, v.trailerRefs())
	for len(w.todo) > 0 {
		num := w.todo[len(w.todo)-1]
		w.todo = w.todo[:len(w.todo)-1]
		o, err := v.get(v.current(int(num)))
		switch {
		case isFatal(err):
			return nil, err
		case err != nil:
			w.unread = int(num)
			continue
		}
		if w.visit(num, o); len(w.to) > maxReferences {
			return nil, tooManyReferences()
		}
	}
	w.sort()
	return w.references, nil
}

// trailerRefs is what readers follow of the trailer: none knows what else some programs write there.
func (v snapshot) trailerRefs() Dict {
	trailer := v.f.sections[v.f.revisions[v.rev].newest].trailer
	return Dict{"Root": trailer["Root"], "Info": trailer["Info"], "Encrypt": trailer["Encrypt"]}
}

// visit notes the references of an object. Those to numbers that no revision of the file has are to nothing for ever.
func (w *linking) visit(from int32, o Object) {
	eachRef(o, func(r Ref) {
		n := int32(r.Num)
		if r.Num >= len(w.reached) || w.last[n] == from+1 {
			return
		}
		w.last[n] = from + 1
		w.from, w.to = append(w.from, from), append(w.to, n)
		if !w.reached[n] {
			w.reached[n] = true
			w.todo = append(w.todo, n)
		}
	})
}

// sort groups the pairs by the object referred to.
func (w *linking) sort() {
	w.start = make([]int32, len(w.reached)+1)
	for _, n := range w.to {
		w.start[n+1]++
	}
	for i := range w.reached {
		w.start[i+1] += w.start[i]
	}
	next := append([]int32(nil), w.start...)
	w.references.from = make([]int32, len(w.to))
	for i, n := range w.to {
		w.references.from[next[n]] = w.from[i]
		next[n]++
	}
}

// any reports whether something refers to an object.
func (m *references) any(num int) bool { return num < len(m.reached) && m.reached[num] }

// each calls visit for every object that refers or referred to another, until it returns false. Some come more than once.
func (m *references) each(num int, visit func(from int) bool) {
	if num >= len(m.reached) {
		return
	}
	for _, from := range m.from[m.start[num]:m.start[num+1]] {
		if !visit(int(from)) {
			return
		}
	}
	for _, from := range m.late[int32(num)] {
		if !visit(int(from)) {
			return
		}
	}
}

// enter notes what an object refers to in a later revision, and what can be reached by that.
func (m *references) enter(v snapshot, from int, o Object) error {
	type item struct {
		num int
		o   Object
	}
	todo := []item{{from, o}}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		var fresh []Ref
		eachRef(at.o, func(r Ref) {
			if r.Num >= len(m.reached) {
				return
			}
			list := m.late[int32(r.Num)]
			if n := len(list); n == 0 || list[n-1] != int32(at.num) {
				m.late[int32(r.Num)] = append(list, int32(at.num))
			}
			if !m.reached[r.Num] {
				m.reached[r.Num] = true
				fresh = append(fresh, r)
			}
		})
		for _, r := range fresh {
			o, err := v.get(v.current(r.Num))
			switch {
			case isFatal(err):
				return err
			case err != nil:
				m.unread = r.Num
			default:
				todo = append(todo, item{r.Num, o})
			}
		}
	}
	return nil
}

// eachRef calls visit for every reference in a direct object. Its depth is bounded by that of the lexer.
func eachRef(o Object, visit func(Ref)) {
	switch v := o.(type) {
	case Ref:
		visit(v)
	case Array:
		for _, e := range v {
			eachRef(e, visit)
		}
	case Dict:
		for _, e := range v {
			eachRef(e, visit)
		}
	case *Stream:
		eachRef(v.Dict, visit)
	}
}

// isFatal tells failures of the file below and exhausted limits from objects that are merely broken.
func isFatal(err error) bool {
	var p *ParseError
	return err != nil && (fault.KindOf(err) == fault.Limit || !errors.As(err, &p))
}
