package ofd

import (
	"errors"
	"fmt"

	"yinxin/document"
)

// page is one page of a document of the package.
type page struct {
	body *body
	id   string // its object ID, which PageRef names
	at   link
}

// readDocument reads the Document.xml of a body.
func (d *Document) readDocument(b *body) error {
	e, err := d.entryOf(b.root, mainPart)
	if err != nil {
		return err
	}
	if b.about, err = d.seen(e, documentPart); err != nil {
		return err
	}
	b.pages = map[string]int{}
	for _, l := range b.about.links {
		if path, why := resolve(b.about.from, l.loc); why == "" && len(l.to.rules()) > 0 {
			if part := d.zip.find(path); part != nil {
				d.scanOf(part, l.to) // looked through when it is hashed, at the latest when it must be
			}
		}
		if l.to != pagePart || l.template {
			continue
		}
		if b.pages[l.id] != 0 {
			return broken(display(e.name), 0, "two pages have the ID %.20q", l.id)
		}
		if d.pages = append(d.pages, page{body: b, id: l.id, at: l}); len(d.pages) > d.lim.Pages {
			return tooMuch("ofd-too-many-pages", fmt.Sprintf("页数超过 %d", d.lim.Pages), fmt.Sprintf("more than %d pages", d.lim.Pages), nil)
		}
		b.pages[l.id] = len(d.pages)
	}
	return nil
}

// Pages lists the pages of all documents of the package, in order. Their size is that of the PhysicalBox of the page, or else of its document. A page that
// is named and not there is an error.
func (d *Document) Pages() ([]document.Page, error) {
	out := make([]document.Page, len(d.pages))
	for i, p := range d.pages {
		b, err := d.measure(p)
		if err != nil {
			return nil, malformed(err)
		}
		out[i] = document.Page{Width: b[2], Height: b[3]}
	}
	return out, nil
}

// measure finds the size of a page.
func (d *Document) measure(p page) (box, error) {
	about := p.body.about
	e, err := d.follow(about.e, about.from, p.at)
	if err != nil {
		return box{}, err
	}
	if e == nil {
		path, _ := resolve(about.from, p.at.loc)
		return box{}, missing(path, display(about.e.name))
	}
	s, err := d.measured(e)
	switch {
	case err != nil:
		return box{}, err
	case s.box != box{}:
		return s.box, nil
	case about.box != box{}:
		return about.box, nil
	}
	return box{}, broken(display(e.name), 0, "neither the page nor its document says how large it is")
}

// measured is the scan of a page that knows its box, where it has one. Most have it at their beginning, which is all that is read then.
func (d *Document) measured(e *entry) (*scan, error) {
	s := d.scanOf(e, pagePart)
	if s.whole || s.err != nil || s.box != (box{}) {
		return s, s.err
	}
	fresh := scan{e: e, kind: pagePart, from: s.from}
	fresh.err = d.stream(&fresh, d.zip.content(e, nil), boxOnly)
	switch {
	case errors.Is(fresh.err, errSkimmed):
		return d.seen(e, pagePart)
	case fresh.box != box{}: // the rest was not read
		fresh.links, fresh.templates = nil, nil
	default:
		fresh.whole = true
	}
	*s = fresh
	return s, s.err
}
