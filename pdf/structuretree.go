package pdf

import "fmt"

// soundStructure refuses a structure tree (ISO 32000-1, 14.7) that leads back into itself: what hangs on what in it cannot be told, nor what a later
// revision changed. Elements that later revisions add are held against loops where they are compared.
func (v snapshot) soundStructure() error {
	catalog, err := v.catalog()
	if err != nil {
		return err
	}
	w := climbing{v: v, state: map[int]climbState{}}
	return w.climb(catalog["StructTreeRoot"])
}

type climbState byte

const (
	climbed climbState = 1 + iota // with everything below
	above                         // of what is being looked at
)

// climbing goes through a tree by its entries K, each object once.
type climbing struct {
	v     snapshot
	state map[int]climbState
	path  []branch
}

// branch is an object on the way from the root, and which of its kids are still to be looked at.
type branch struct {
	num  int // 0 for a direct object
	kids Array
}

func (w *climbing) climb(root Object) error {
	if err := w.enter(root); err != nil {
		return err
	}
	for len(w.path) > 0 {
		top := &w.path[len(w.path)-1]
		if len(top.kids) == 0 {
			w.state[top.num] = climbed
			w.path = w.path[:len(w.path)-1]
			continue
		}
		kid := top.kids[0]
		top.kids = top.kids[1:]
		if err := w.enter(kid); err != nil {
			return err
		}
	}
	return nil
}

// enter adds an element, or a list of kids, to the path. What is no part of the tree has no kids; what cannot be read is for others to tell.
func (w *climbing) enter(o Object) error {
	num := refOf(o).Num
	switch {
	case num == 0:
	case w.state[num] == above:
		return &ParseError{-1, fmt.Sprintf("the structure tree leads back to object %d", num)}
	case w.state[num] == climbed:
		return nil
	}
	r, err := w.v.resolve(o)
	if isFatal(err) {
		return err
	}
	var kids Array
	switch r := r.(type) {
	case Array:
		kids = r
	case Dict:
		if k := r["K"]; k != nil {
			kids = Array{k}
		}
	}
	if len(kids) == 0 {
		return nil
	}
	if num != 0 {
		w.state[num] = above
	}
	w.path = append(w.path, branch{num, kids})
	return nil
}
