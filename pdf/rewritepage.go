package pdf

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// pageNode is a place in the page tree.
type pageNode struct {
	object Object // as its parent names it
	parent Ref
	h      inherited
	depth  int
}

// pageTree reads the pages and puts the tree right, without changing which pages there are, their order or their look.
type pageTree struct {
	*rewrite
	v     snapshot
	seen  map[Ref]bool
	count int
}

// readPages reads the page tree. What makes readers differ is put right; a tree of which a part is absent or goes round in circles is refused.
func (p *rewrite) readPages(ctx context.Context, catalog Dict) error {
	if catalog["Pages"] == nil {
		return &ParseError{p.f.newest().offset(p.root), "the catalog has no Pages"}
	}
	t := &pageTree{rewrite: p, v: p.f.newest(), seen: map[Ref]bool{}}
	p.repair.PagesBefore = -1
	if root, err := t.v.dict(catalog["Pages"]); err == nil && root != nil {
		if n, err := t.v.resolve(root["Count"]); err == nil {
			if n, ok := n.(int64); ok {
				p.repair.PagesBefore = int(min(max(n, -1), maxNumber))
			}
		}
	}
	root, err := t.node(ctx, pageNode{object: catalog["Pages"]})
	if err != nil {
		return fmt.Errorf("read the pages: %w", err)
	}
	p.pages = t.count
	if root != catalog["Pages"] {
		p.edits[p.root] = with(catalog, "Pages", root)
	}
	return nil
}

// node reads a node or a page and returns what its parent is to name it by.
func (t *pageTree) node(ctx context.Context, n pageNode) (Object, error) {
	ref, isRef := n.object.(Ref)
	at := t.v.offset(n.object)
	if n.depth > t.f.lim.Depth {
		return nil, &ParseError{at, "the page tree is nested too deeply"}
	}
	o, err := t.v.resolve(n.object)
	if err != nil {
		return nil, err
	}
	d, ok := o.(Dict)
	if !ok {
		return nil, t.noNode(ref, at, o)
	}
	if ref == t.root {
		return nil, errPages(&ParseError{at, "the catalog stands in the page tree"})
	}
	twice := isRef && t.seen[ref]
	t.seen[ref] = true
	if !isRef {
		t.defect(at, directPage)
	}
	n.h = n.h.under(d)
	if d["Kids"] == nil && d["Type"] != Name("Pages") {
		return t.page(n, d, twice)
	}
	if twice {
		return nil, errPages(&ParseError{at, fmt.Sprintf("object %d stands twice in the page tree", ref.Num)})
	}
	if !isRef {
		ref = t.add(nil)
	}
	changed, err := t.kids(ctx, n, ref, d)
	if err != nil {
		return nil, err
	}
	if isRef && changed == nil {
		return ref, nil
	}
	if changed == nil {
		changed = d
	}
	t.edits[ref] = changed
	return ref, nil
}

// noNode says what is wrong where no dictionary stands. Where the cross-reference sections are wrong about other objects too, the bytes may know better
// what became of this one; where they are right it was deleted.
func (t *pageTree) noNode(ref Ref, at int64, o Object) error {
	err := &ParseError{at, fmt.Sprintf("the page tree names object %d, which is %s", ref.Num, typeName(o))}
	if e, _ := t.v.lookup(ref.Num); o == nil && !t.rebuilt && (e.kind == noEntry || t.misplaces()) {
		return err
	}
	return errPages(err)
}

// misplaces reports whether a cross-reference section says of an object that it stands where it does not.
func (t *pageTree) misplaces() bool {
	for i := range t.f.sections {
		for _, r := range t.f.sections[i].table {
			for k, e := range r.entries {
				n := node{Ref{r.first + k, int(e.gen)}, site{offset: e.offset + t.f.shift, index: -1}}
				if e.kind == plainEntry && !t.isPlaced(n) {
					return true
				}
			}
		}
	}
	return false
}

// kids reads the nodes below one and returns the changed dictionary, or nil where nothing changes.
func (t *pageTree) kids(ctx context.Context, n pageNode, ref Ref, d Dict) (Dict, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	kids, err := t.v.array(d["Kids"])
	if err != nil {
		return nil, err
	}
	before := t.count
	list := slices.Clone(kids)
	for i, kid := range kids {
		if list[i], err = t.node(ctx, pageNode{kid, ref, n.h, n.depth + 1}); err != nil {
			return nil, err
		}
	}
	at, changed := t.v.offset(n.object), Dict(nil)
	set := func(key Name, o Object, what string) {
		if changed == nil {
			changed = d
		}
		changed = with(changed, key, o)
		if what != "" {
			t.defect(at, what)
		}
	}
	switch {
	case kids == nil:
		set("Kids", Array{}, wrongTree)
	case !slices.Equal(list, kids):
		set("Kids", list, "")
	}
	if count, err := t.v.resolve(d["Count"]); err != nil || count != Object(int64(t.count-before)) {
		set("Count", int64(t.count-before), wrongCount)
	}
	if d["Type"] != Name("Pages") {
		set("Type", Name("Pages"), wrongTree)
	}
	if n.parent != (Ref{}) && d["Parent"] != Object(n.parent) {
		set("Parent", n.parent, wrongTree)
	}
	return changed, nil
}

// page reads a page, which is copied where it stands in the tree for the second time.
func (t *pageTree) page(n pageNode, d Dict, twice bool) (Object, error) {
	at := t.v.offset(n.object)
	if t.count++; t.count > t.f.lim.Pages {
		return nil, limitError("pdf-too-many-pages", "页数过多", "it has too many pages", fmt.Errorf("at most %d", t.f.lim.Pages))
	}
	if err := t.contents(d["Contents"]); err != nil {
		return nil, fmt.Errorf("read the contents of page %d: %w", t.count, err)
	}
	changed := d
	set := func(key Name, o Object, what string) {
		changed = with(changed, key, o)
		t.defect(at, what)
	}
	if d["Type"] != Name("Page") {
		set("Type", Name("Page"), wrongTree)
	}
	alone := n.parent == (Ref{}) // the catalog names it as if it were a tree
	if alone {
		n.parent = t.add(nil)
	}
	if d["Parent"] != Object(n.parent) {
		set("Parent", n.parent, wrongTree)
	}
	if !t.isBox(n.h.media) {
		set("MediaBox", Array{int64(0), int64(0), int64(letterWidth), int64(letterHeight)}, noMediaBox)
	}
	if r, err := t.v.number(n.h.rotate); err != nil || math.Mod(r, 90) != 0 {
		set("Rotate", int64(0), wrongRotate)
	}
	if _, err := t.v.array(d["Annots"]); isFatal(err) {
		return nil, err
	} else if err != nil {
		set("Annots", nil, wrongAnnots)
	}
	ref, isRef := n.object.(Ref)
	switch {
	case twice:
		t.defect(at, pageTwice)
		ref = t.add(changed)
	case !isRef:
		ref = t.add(changed)
	case len(changed) != len(d) || !equalObjects(changed, d):
		t.edits[ref] = changed
	}
	if alone {
		t.edits[n.parent] = Dict{"Type": Name("Pages"), "Kids": Array{ref}, "Count": int64(1)}
		return n.parent, nil
	}
	return ref, nil
}

// isBox reports whether a box stays one in the new file, where references to nothing are null.
func (t *pageTree) isBox(o Object) bool {
	_, ok := t.v.box(o)
	corners, err := t.v.array(o)
	for _, c := range corners {
		n, failed := t.v.resolve(c)
		ok = ok && n != nil && failed == nil
	}
	return ok && err == nil
}

// contents makes sure that what a page shows can be read: a page that turns blank is a lost page.
func (t *pageTree) contents(o Object) error {
	r, err := t.v.resolve(o)
	if err != nil {
		return err
	}
	switch c := r.(type) {
	case *Stream:
		if _, ok := t.s.span(c.Offset); !ok {
			return &ParseError{c.Offset, "a stream does not end: the file is cut off or damaged"}
		}
	case Array:
		for _, part := range c {
			if _, nested := part.(Array); nested {
				continue
			}
			if err := t.f.spend(fieldCost); err != nil {
				return err
			}
			r, err := t.v.resolve(part)
			if err != nil {
				return err
			}
			if _, nested := r.(Array); nested {
				continue
			}
			if err := t.contents(part); err != nil {
				return err
			}
		}
	case nil:
		if _, dangling := o.(Ref); dangling && t.rebuilt {
			return &ParseError{-1, "the contents are nowhere in the file"}
		}
	}
	return nil
}
