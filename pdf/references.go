package pdf

import (
	"errors"

	"yinxin/fault"
)

// references tells which objects of a revision refer to an object: one of them, and whether there are more.
type references struct {
	to     map[int32]referrer
	unread int // an object that is referred to and cannot be read here, though another reader may; 0 where there is none
}

type referrer struct {
	from int32
	more bool
}

// trailerNum stands for the trailer as the one that refers.
const trailerNum = 0

// references walks all objects that can be reached from the trailer.
func (v snapshot) references() *references {
	out := &references{to: map[int32]referrer{}}
	seen := map[int32]bool{}
	var todo []int32
	visit := func(from int, o Object) {
		eachRef(o, func(r Ref) {
			out.put(from, r)
			if n := int32(r.Num); !seen[n] {
				seen[n] = true
				todo = append(todo, n)
			}
		})
	}
	trailer := v.f.sections[v.f.revisions[v.rev].newest].trailer
	visit(trailerNum, Array{trailer["Root"], trailer["Info"]}) // no reader knows what else some programs write there
	for len(todo) > 0 {
		num := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		o, err := v.get(v.current(int(num)))
		if err != nil {
			out.unread = int(num)
			continue
		}
		visit(int(num), o)
	}
	return out
}

// add enters the references of an object.
func (m *references) add(from int, o Object) {
	eachRef(o, func(r Ref) { m.put(from, r) })
}

func (m *references) put(from int, to Ref) {
	at, ok := m.to[int32(to.Num)]
	switch {
	case !ok:
		m.to[int32(to.Num)] = referrer{from: int32(from)}
	case at.from != int32(from) && !at.more:
		m.to[int32(to.Num)] = referrer{at.from, true}
	}
}

func (m *references) any(num int) bool {
	_, ok := m.to[int32(num)]
	return ok
}

// only reports whether nothing but one object refers to another.
func (m *references) only(to, from int) bool {
	at, ok := m.to[int32(to)]
	return ok && !at.more && at.from == int32(from)
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
