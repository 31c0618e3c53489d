package pdf

import (
	"fmt"
	"maps"
	"slices"

	"yinxin/document"
	"yinxin/fault"
)

// pageEdits are the pages whose annotations change, by number.
type pageEdits map[int]*pageEdit

type pageEdit struct {
	page      pageInfo
	annotsRef Ref // of the Annots array; zero where the page holds it directly or has none
	annots    Array
	changed   bool
}

// editPage reads a page and its annotations.
func (p *preparation) editPage(n int) (*pageEdit, error) {
	if e := p.pages[n]; e != nil {
		return e, nil
	}
	page, ok := p.found[n]
	if !ok {
		var err error
		if page, err = p.f.page(n); err != nil {
			return nil, brokenPages(err)
		}
	}
	return p.edit(n, page)
}

// fewPages is how many are looked for one by one, from the top of the page tree down; for more of them all pages are gone through once.
const fewPages = 16

// findPages finds the pages of places, where there are many. It refuses pages that do not exist, and damage that was met on the way.
func (p *preparation) findPages(places []document.Place) error {
	wanted := map[int]bool{}
	for _, pl := range places {
		wanted[pl.Page] = true
	}
	if len(wanted) > fewPages {
		p.found = map[int]pageInfo{}
		n := 0
		err := p.f.newest().eachPage(func(page pageInfo) (bool, error) {
			if n++; wanted[n] {
				p.found[n] = page
			}
			return true, nil
		})
		if err != nil {
			return brokenPages(fmt.Errorf("find the pages to be sealed: %w", err))
		}
	}
	for _, pl := range places {
		if _, err := p.editPage(pl.Page); err != nil {
			return err
		}
	}
	return p.f.permitFile()
}

func (p *preparation) edit(n int, page pageInfo) (*pageEdit, error) {
	if e := p.pages[n]; e != nil {
		return e, nil
	}
	e := &pageEdit{page: page}
	var err error
	if e.annots, err = p.f.array(page.Dict["Annots"]); err != nil {
		return nil, brokenPages(fmt.Errorf("read the annotations of page %d: %w", n, err))
	}
	if e.annots != nil {
		e.annotsRef, _ = page.Dict["Annots"].(Ref)
	}
	if p.pages == nil {
		p.pages = pageEdits{}
	}
	p.pages[n] = e
	return e, nil
}

// brokenPages says that the page tree cannot be read; faults that say what else is wrong stay what they are.
func brokenPages(err error) error {
	if fault.KindOf(err) != 0 {
		return err
	}
	return denied("pdf-broken-pages", "PDF 的页面结构无法读取，不能签章；请用原软件重新导出", "the PDF's pages cannot be read, so it cannot be sealed; export it anew", err)
}

func (e *pageEdit) add(widget Ref) {
	if !e.changed {
		e.annots, e.changed = slices.Clone(e.annots), true // what was read is shared
	}
	e.annots = append(e.annots, widget)
}

func (e *pageEdit) remove(widget Ref) {
	e.annots = slices.DeleteFunc(slices.Clone(e.annots), func(o Object) bool { return o == Object(widget) })
	e.changed = true
}

// write rewrites the Annots arrays that are objects of their own, and the pages that hold theirs.
func (es pageEdits) write(p *preparation) error {
	for _, n := range slices.Sorted(maps.Keys(es)) {
		e := es[n]
		if !e.changed {
			continue
		}
		ref, o := e.annotsRef, Object(e.annots)
		if ref == (Ref{}) {
			ref, o = e.page.Ref, with(e.page.Dict, "Annots", e.annots)
		}
		if err := p.rewrite(ref, o); err != nil {
			return fmt.Errorf("add the seal to page %d: %w", n, err)
		}
	}
	return nil
}

// pageOf finds the page whose annotations list a widget. It returns nil where there is none.
func (p *preparation) pageOf(widget Ref) (n int, found *pageEdit, err error) {
	count := 0
	err = p.f.newest().eachPage(func(page pageInfo) (bool, error) {
		count++
		annots, err := p.f.array(page.Dict["Annots"])
		if err != nil || !slices.Contains(annots, Object(widget)) {
			return true, nil //nolint:nilerr // a page whose annotations cannot be read does not list the widget
		}
		n = count
		found, err = p.edit(n, page)
		return false, err
	})
	return n, found, err
}
