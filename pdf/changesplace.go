package pdf

import "yinxin/document"

// show notes where a widget of a field signed now is shown.
func (s *step) show(field string, page, widget Ref) {
	d, err := s.now.dict(widget)
	if err != nil || !s.visible(d) {
		return
	}
	if p, ok := s.placeOn(s.now, page, d); ok {
		s.places[field] = append(s.places[field], p)
	}
}

// placed gives the signatures of the revision the places where they are shown.
func (s *step) placed() {
	for i := range s.changes {
		x := &s.changes[i]
		if x.Level != document.LevelForm || x.Code != "field-signed" {
			continue
		}
		const prefix = "field "
		x.Places = append(x.Places, s.places[x.Object[len(prefix):]]...)
	}
}

// placeOf is where an old widget is shown.
func (s *step) placeOf(widget Ref) (document.Place, bool) {
	d, err := s.now.dict(widget)
	page, ok := s.pageListing(widget)
	if err != nil || !ok {
		return document.Place{}, false
	}
	return s.placeOn(s.now, page, d)
}

// placeOn is where an annotation is on its page; ok is false where that cannot be told.
func (s *step) placeOn(v snapshot, page Ref, d Dict) (document.Place, bool) {
	b, ok := v.box(d["Rect"])
	if !ok {
		return document.Place{}, false
	}
	info, n, ok := v.pageAt(page)
	if !ok {
		return document.Place{}, false
	}
	return info.shown(n).place(rect{b[0], b[1], b[2], b[3]}), true
}

// pageAt describes a page by its reference, and counts the pages before it.
func (v snapshot) pageAt(ref Ref) (pageInfo, int, bool) {
	n := v.pageNumber(ref)
	if n == 0 {
		return pageInfo{}, 0, false
	}
	var nodes []Dict // from the page up
	for at := ref; len(nodes) <= v.f.lim.Depth; {
		d, err := v.dict(at)
		if err != nil || d == nil {
			return pageInfo{}, 0, false
		}
		nodes = append(nodes, d)
		parent, ok := d["Parent"].(Ref)
		if !ok {
			break
		}
		at = parent
	}
	var h inherited
	for i := len(nodes) - 1; i >= 0; i-- {
		h = h.under(nodes[i])
	}
	return v.page(ref, nodes[0], h), n, true
}
