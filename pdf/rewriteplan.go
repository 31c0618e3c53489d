package pdf

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// rewrite is a document on its way to a new file: first everything that the new file takes is read, then it is written.
type rewrite struct {
	s       *salvage
	f       *file // whose newest revision is the document
	rebuilt bool  // f is what the objects found add up to
	repair  Repair
	pages   int
	edits   map[Ref]Object // objects that change, and new ones
	fresh   int            // number of the next new object: beyond those of any file
	root    Ref
	info    Object // Ref or nil
	nodes   []node
	numbers map[Ref]int // in the new file; 0 for what will not be there
}

// node is an object of the new file.
type node struct {
	ref  Ref
	site site // where it is read; offset -1 for new objects
}

func (s *salvage) rewrite(f *file) *rewrite {
	return &rewrite{s: s, f: f, edits: map[Ref]Object{}, fresh: maxNumber + 1, numbers: map[Ref]int{}}
}

// prepare reads all that the new file takes. A *ParseError means that the pages cannot be read or, with a reader, that its view breaks.
func (p *rewrite) prepare(ctx context.Context) error {
	v := p.f.newest()
	for i := range p.f.sections {
		if p.f.sections[i].trailer["Encrypt"] != nil {
			return errEncrypted()
		}
	}
	p.root = v.rootRef()
	catalog, err := p.dictionary(p.root)
	if err != nil {
		return fmt.Errorf("read the catalog: %w", err)
	}
	if catalog["Type"] != Name("Catalog") {
		catalog = with(catalog, "Type", Name("Catalog"))
		p.defect(v.offset(p.root), noCatalog)
		p.edits[p.root] = catalog
	}
	if err := p.readPages(ctx, catalog); err != nil {
		return err
	}
	if err := p.readForm(); err != nil {
		var broken *ParseError
		if p.rebuilt && !isFatal(err) && errors.As(err, &broken) {
			return errUnreadable(err)
		}
		return err
	}
	if err := p.readInfo(); err != nil {
		return err
	}
	p.checkHeader()
	if err := p.gather(ctx); err != nil {
		return err
	}
	return p.leftOut()
}

// dictionary reads an indirect object that must be a dictionary.
func (p *rewrite) dictionary(ref Ref) (Dict, error) {
	v := p.f.newest()
	if o, ok := p.edits[ref]; ok {
		d, _ := o.(Dict)
		return d, nil
	}
	o, err := v.resolve(ref)
	if err != nil {
		return nil, err
	}
	d, ok := o.(Dict)
	if !ok {
		return nil, &ParseError{v.offset(ref), fmt.Sprintf("a dictionary was expected, %s was found", typeName(o))}
	}
	return d, nil
}

// edit puts o in place of an object. One that changes in two roles at once makes no sense to any reader.
func (p *rewrite) edit(ref Ref, o Object) error {
	if _, twice := p.edits[ref]; twice {
		return &ParseError{p.f.newest().offset(ref), fmt.Sprintf("object %d stands for several things at once", ref.Num)}
	}
	p.edits[ref] = o
	return nil
}

// add makes a new object.
func (p *rewrite) add(o Object) Ref {
	ref := Ref{Num: p.fresh}
	p.fresh++
	p.edits[ref] = o
	return ref
}

func (p *rewrite) readInfo() error {
	p.info = nil
	info := p.f.trailer["Info"]
	d, err := p.f.dict(info)
	switch {
	case isFatal(err):
		return err
	case err != nil:
		ref, _ := info.(Ref)
		p.lose(ref, p.f.newest().offset(info), err)
	case d == nil:
	default:
		ref, ok := info.(Ref)
		if !ok {
			ref = p.add(d)
			p.defect(-1, directInfo)
		}
		p.info = ref
	}
	return nil
}

func (p *rewrite) checkHeader() {
	switch {
	case p.s.header == "":
		p.defect(0, noHeader)
	case p.s.headerAt > 0 && p.s.reader != p.f:
		p.defect(0, "bytes before %PDF-")
	}
}

func (p *rewrite) lose(ref Ref, offset int64, why error) {
	p.numbers[ref] = 0
	p.repair.Lost = append(p.repair.Lost, Lost{ref.Num, ref.Gen, offset, why.Error()})
}

// gather reads what the catalog and the document information lead to, level by level and each level in the order of the file, and numbers it.
func (p *rewrite) gather(ctx context.Context) error {
	level := []node{{ref: p.root}}
	p.numbers[p.root] = 1
	if ref, ok := p.info.(Ref); ok && ref != p.root {
		level = append(level, node{ref: ref})
		p.numbers[ref] = 1
	}
	for len(level) > 0 {
		if err := p.locate(level); err != nil {
			return err
		}
		var next []node
		for _, n := range level {
			if err := ctx.Err(); err != nil {
				return err
			}
			o, err := p.take(n)
			if err != nil {
				return err
			}
			if o == nil {
				p.numbers[n.ref] = 0
				continue
			}
			if len(p.nodes) >= p.f.lim.Objects {
				return p.f.tooManyObjects()
			}
			p.nodes = append(p.nodes, n)
			if st, ok := o.(*Stream); ok {
				o = with(st.Dict, "Length", nil) // is written anew
			}
			eachRef(o, func(ref Ref) {
				if _, known := p.numbers[ref]; !known {
					p.numbers[ref] = 1
					next = append(next, node{ref: ref})
				}
			})
		}
		level = next
	}
	slices.SortFunc(p.nodes, func(a, b node) int {
		return cmp.Or(cmp.Compare(a.ref.Num, b.ref.Num), cmp.Compare(a.ref.Gen, b.ref.Gen))
	})
	for i, n := range p.nodes {
		p.numbers[n.ref] = i + 1
	}
	p.repair.Objects = len(p.nodes)
	sortNodes(p.nodes)
	return nil
}

// locate finds where the objects of a level are and puts them in that order.
func (p *rewrite) locate(level []node) error {
	v := p.f.newest()
	for i := range level {
		n := &level[i]
		n.site = site{offset: -1}
		if n.ref.Num > maxNumber {
			continue
		}
		s, ok, err := v.locate(n.ref)
		switch {
		case isFatal(err):
			return err
		case err == nil && ok:
			n.site = s
		}
	}
	sortNodes(level)
	return nil
}

func compareRefs(a, b Ref) int { return cmp.Or(cmp.Compare(a.Num, b.Num), cmp.Compare(a.Gen, b.Gen)) }

// sortNodes puts objects in the order of the file, new ones behind.
func sortNodes(nodes []node) {
	slices.SortFunc(nodes, func(a, b node) int {
		if (a.site.offset < 0) != (b.site.offset < 0) {
			return cmp.Compare(b.site.offset, a.site.offset)
		}
		return cmp.Or(cmp.Compare(a.site.offset, b.site.offset), cmp.Compare(a.site.index, b.site.index), compareRefs(a.ref, b.ref))
	})
}

// take reads an object of the new file; nil where there will be none. Where the cross-reference sections are right about its place, an object that cannot
// be read is lost; else the view breaks.
func (p *rewrite) take(n node) (Object, error) {
	if o, ok := p.edits[n.ref]; ok {
		return o, nil
	}
	v := p.f.newest()
	o, err := v.get(n.ref)
	if st, ok := o.(*Stream); ok && err == nil {
		if t := st.Dict["Type"]; t == Name("XRef") || t == Name("ObjStm") {
			return nil, nil // what holds the old file together is no part of the document
		}
		if _, ok := p.s.span(st.Offset); !ok {
			err = &ParseError{n.site.offset, "a stream does not end: the file is cut off or damaged"}
		}
		if _, wrong := p.s.lengths[st.Offset]; wrong {
			p.defect(n.site.offset, wrongLength)
		}
	}
	switch {
	case isFatal(err):
		return nil, err
	case err != nil && !p.rebuilt && !p.isPlaced(n):
		return nil, err
	case err != nil:
		p.lose(n.ref, n.site.offset, err)
		return nil, nil
	case o == nil && p.rebuilt && n.site.offset < 0 && n.ref.Num != 0:
		p.lose(n.ref, -1, &ParseError{-1, fmt.Sprintf("object %d is nowhere in the file", n.ref.Num)})
	}
	return o, nil
}

// isPlaced reports whether the object that a cross-reference section names does start where it says.
func (p *rewrite) isPlaced(n node) bool {
	i, ok := slices.BinarySearchFunc(p.s.found, n.site.offset, func(o found, at int64) int { return cmp.Compare(o.offset, at) })
	return ok && n.site.index < 0 && int(p.s.found[i].num) == n.ref.Num && int(p.s.found[i].gen) == n.ref.Gen
}

// leftOut lists the objects behind the last revision that the reader sees: the start of one that was never finished.
func (p *rewrite) leftOut() error {
	if p.rebuilt {
		return nil
	}
	end := p.f.revisions[len(p.f.revisions)-1].end
	for _, o := range p.s.found {
		if o.offset >= end && o.pack == 0 {
			p.repair.Lost = append(p.repair.Lost, Lost{int(o.num), int(o.gen), o.offset, "the object stands behind the last revision that was finished"})
		}
	}
	return nil
}
