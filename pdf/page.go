package pdf

import (
	"fmt"
	"math"

	"yinxin/document"
	"yinxin/fault"
)

const (
	maxCoordinate = 1e7 // units of user space; what is beyond is no page box
	letterWidth   = 612 // the size readers take where MediaBox is missing
	letterHeight  = 792
	noPageSize    = "a page without a usable MediaBox"
)

// pageInfo is a page with what it inherits.
type pageInfo struct {
	Ref      Ref // zero for a page that is no indirect object
	Dict     Dict
	MediaBox [4]float64 // low corner, high corner
	CropBox  [4]float64 // what is seen: never outside MediaBox
	Rotate   int        // degrees clockwise: 0, 90, 180 or 270
	UserUnit float64    // of 1/72 inch

	Resources Object // what its contents name
}

// shown is how the page is displayed; n counts from 1.
func (p pageInfo) shown(n int) view {
	b := p.CropBox
	return view{page: n, box: rect{b[0], b[1], b[2], b[3]}, rotate: p.Rotate, unit: p.UserUnit * mmPerPoint}
}

// inherited are the page attributes that nodes of the page tree hand down (ISO 32000-1, 7.7.3.4).
type inherited struct{ media, crop, rotate, resources Object }

func (h inherited) under(node Dict) inherited {
	if o := node["MediaBox"]; o != nil {
		h.media = o
	}
	if o := node["CropBox"]; o != nil {
		h.crop = o
	}
	if o := node["Rotate"]; o != nil {
		h.rotate = o
	}
	if o := node["Resources"]; o != nil {
		h.resources = o
	}
	return h
}

// pageWalk visits the pages of a snapshot in order.
type pageWalk struct {
	snapshot
	seen  map[Ref]bool
	count int
	visit func(pageInfo) (more bool, err error)
}

// eachPage calls visit for the pages in order until it returns false.
func (v snapshot) eachPage(visit func(pageInfo) (more bool, err error)) error {
	root, err := v.pageRoot()
	if err != nil {
		return err
	}
	w := pageWalk{snapshot: v, seen: map[Ref]bool{}, visit: visit}
	_, err = w.node(root, inherited{}, 0)
	return err
}

// pageRoot returns the reference to the page tree.
func (v snapshot) pageRoot() (Object, error) {
	catalog, err := v.catalog()
	if err != nil {
		return nil, err
	}
	if catalog["Pages"] == nil {
		return nil, &ParseError{v.offset(v.rootRef()), "the catalog has no Pages"}
	}
	return catalog["Pages"], nil
}

func (w *pageWalk) node(o Object, h inherited, depth int) (more bool, err error) {
	ref, isRef := o.(Ref)
	if !isRef {
		w.f.tolerate(-1, "a page is not an indirect object")
	}
	twice := isRef && w.seen[ref]
	w.seen[ref] = true
	if depth > w.f.lim.Depth {
		return false, &ParseError{w.offset(o), "the page tree is nested too deeply"}
	}
	d, err := w.dict(o)
	if err != nil {
		return false, err
	}
	if d == nil {
		w.f.tolerate(w.offset(o), "the page tree names an object that is absent")
		return true, nil
	}
	h = h.under(d)
	leaf := d["Kids"] == nil && d["Type"] != Name("Pages")
	switch {
	case twice && !leaf: // walked again and again, few nodes could make many pages
		return false, &ParseError{w.offset(o), fmt.Sprintf("object %d stands twice in the page tree", ref.Num)}
	case twice:
		w.f.tolerate(w.offset(o), "a page stands twice in the page tree")
	}
	if leaf {
		if w.count++; w.count > w.f.lim.Pages {
			return false, limitError("pdf-too-many-pages", "页数过多", "it has too many pages", fmt.Errorf("at most %d", w.f.lim.Pages))
		}
		return w.visit(w.page(ref, d, h))
	}
	kids, err := w.array(d["Kids"])
	if err != nil {
		return false, err
	}
	before := w.count
	for _, kid := range kids {
		if more, err = w.node(kid, h, depth+1); err != nil || !more {
			return false, err
		}
	}
	if n, err := w.integer(d["Count"]); err != nil || n != int64(w.count-before) {
		w.f.tolerate(w.offset(o), "Count of a page tree node is wrong")
	}
	return true, nil
}

// page makes the description of a page from its dictionary and what it inherits, its own attributes included.
func (v snapshot) page(ref Ref, d Dict, h inherited) pageInfo {
	p := pageInfo{Ref: ref, Dict: d, UserUnit: 1, Resources: h.resources}
	var ok bool
	if p.MediaBox, ok = v.box(h.media); !ok {
		v.f.tolerate(v.offset(ref), noPageSize)
		p.MediaBox = [4]float64{0, 0, letterWidth, letterHeight}
	}
	p.CropBox = p.MediaBox
	if h.crop != nil {
		if crop, ok := v.box(h.crop); ok {
			p.CropBox = intersectBoxes(crop, p.MediaBox)
		}
	}
	if n, err := v.number(h.rotate); err == nil && math.Mod(n, 90) == 0 {
		p.Rotate = (int(math.Mod(n, 360)) + 360) % 360
	} else {
		v.f.tolerate(v.offset(ref), "Rotate of a page is no multiple of 90")
	}
	if n, err := v.number(d["UserUnit"]); err == nil && n > 0 && n <= maxCoordinate {
		p.UserUnit = n
	}
	return p
}

// box reads a rectangle; ok is false where it has no area.
func (v snapshot) box(o Object) (b [4]float64, ok bool) {
	a, err := v.array(o)
	if err != nil || len(a) != 4 {
		return b, false
	}
	for i := range b {
		n, err := v.number(a[i])
		if err != nil || a[i] == nil || math.Abs(n) > maxCoordinate {
			return b, false
		}
		b[i] = n
	}
	b = [4]float64{min(b[0], b[2]), min(b[1], b[3]), max(b[0], b[2]), max(b[1], b[3])}
	return b, b[0] < b[2] && b[1] < b[3]
}

// intersectBoxes cuts a at the borders of b; where nothing is left it is b.
func intersectBoxes(a, b [4]float64) [4]float64 {
	c := [4]float64{max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])}
	if c[0] >= c[2] || c[1] >= c[3] {
		return b
	}
	return c
}

// page finds one page, counted from 1. Where the counts of the page tree are sane only the nodes on the way are read.
func (f *file) page(n int) (pageInfo, error) {
	if n >= 1 {
		if p, ok := f.pageByCount(n); ok {
			return p, nil
		}
	}
	var found pageInfo
	count := 0
	err := f.newest().eachPage(func(p pageInfo) (bool, error) {
		count++
		found = p
		return count != n, nil
	})
	if err != nil {
		return pageInfo{}, fmt.Errorf("find page %d: %w", n, err)
	}
	if count != n || n < 1 {
		return pageInfo{}, fault.New(fault.Invalid, "pdf-no-such-page", fmt.Sprintf("文件没有第 %d 页（共 %d 页），请改用存在的页码", n, count),
			fmt.Sprintf("there is no page %d (the file has %d); name one that exists", n, count), nil)
	}
	return found, nil
}

// pageByCount goes down the page tree by its counts; ok is false where they do not lead to a page.
func (f *file) pageByCount(n int) (pageInfo, bool) {
	v := f.newest()
	o, err := v.pageRoot()
	if err != nil {
		return pageInfo{}, false
	}
	var h inherited
	for range f.lim.Depth {
		ref, _ := o.(Ref)
		d, err := v.dict(o)
		if err != nil || d == nil {
			return pageInfo{}, false
		}
		h = h.under(d)
		if d["Kids"] == nil && d["Type"] != Name("Pages") {
			return v.page(ref, d, h), n == 1 && ref.Num != 0
		}
		if o, n, err = v.kidWithPage(d, n); err != nil || o == nil {
			return pageInfo{}, false
		}
	}
	return pageInfo{}, false
}

// kidWithPage returns the kid of a node that holds its n-th page, and which page of the kid that is.
func (v snapshot) kidWithPage(node Dict, n int) (Object, int, error) {
	kids, err := v.array(node["Kids"])
	if err != nil {
		return nil, 0, err
	}
	count, err := v.integer(node["Count"])
	if err != nil || int64(n) > count {
		return nil, 0, err
	}
	if count == int64(len(kids)) { // a flat list: the kids before need not be read
		if d, err := v.dict(kids[n-1]); err == nil && d != nil && d["Kids"] == nil && d["Type"] != Name("Pages") {
			return kids[n-1], 1, nil
		}
	}
	for _, kid := range kids {
		d, err := v.dict(kid)
		if err != nil {
			return nil, 0, err
		}
		pages := int64(1)
		if d["Kids"] != nil || d["Type"] == Name("Pages") {
			if pages, err = v.integer(d["Count"]); err != nil || pages < 0 {
				return nil, 0, err
			}
		}
		if int64(n) <= pages {
			return kid, n, nil
		}
		n -= int(pages)
	}
	return nil, 0, nil
}

// pages lists the pages as displayed.
func (v snapshot) pages() ([]document.Page, error) {
	var out []document.Page
	err := v.eachPage(func(p pageInfo) (bool, error) {
		w, h := p.shown(len(out) + 1).size()
		out = append(out, document.Page{Width: w, Height: h, Rotation: p.Rotate})
		return true, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list the pages: %w", err)
	}
	return out, nil
}
