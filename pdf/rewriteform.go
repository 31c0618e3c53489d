package pdf

// readForm makes sure that the document has no signature and no XFA, and lists each field of its form once.
func (p *rewrite) readForm() error {
	d := &Document{f: p.f}
	if err := d.list(); err != nil {
		return err
	}
	if len(d.signed) > 0 {
		return errSigned("the signature " + d.signed[0].id)
	}
	catalog, err := p.dictionary(p.root)
	if err != nil {
		return err
	}
	v := p.f.newest()
	form, err := v.dict(catalog["AcroForm"])
	if err != nil || form == nil {
		return err
	}
	if o, err := v.resolve(catalog["AcroForm"]); err == nil {
		if st, isStream := o.(*Stream); isStream {
			return &ParseError{st.Offset, "the form is a stream"}
		}
	}
	if form["XFA"] != nil {
		return errXFA()
	}
	w := fieldTree{p, v, map[Ref]bool{}}
	fields, changed, err := w.fields(form["Fields"], true, 0)
	if err != nil || !changed {
		return err
	}
	form = with(form, "Fields", fields)
	if ref, ok := catalog["AcroForm"].(Ref); ok {
		return p.edit(ref, form)
	}
	p.edits[p.root] = with(catalog, "AcroForm", form)
	return nil
}

// fieldTree takes second mentions of fields out of a form: readers pass them over or show the field twice.
type fieldTree struct {
	*rewrite
	v    snapshot
	seen map[Ref]bool
}

// fields goes through a list of fields; top tells Fields of the form from Kids of a field, among which there are widgets.
func (w *fieldTree) fields(o Object, top bool, depth int) (out Array, changed bool, err error) {
	list, err := w.v.array(o)
	if err != nil {
		return nil, false, err
	}
	if depth > w.f.lim.Depth {
		return nil, false, &ParseError{w.v.offset(o), "the form's fields are nested too deeply"}
	}
	for _, kid := range list {
		if err := w.f.spend(fieldCost); err != nil {
			return nil, false, err
		}
		d, err := w.v.dict(kid)
		if err != nil {
			return nil, false, err
		}
		ref, isRef := kid.(Ref)
		if d == nil || !top && isWidgetOnly(d) {
			out = append(out, kid)
			continue
		}
		if isRef && w.seen[ref] {
			changed = true // the reader noted it
			continue
		}
		w.seen[ref] = true
		kids, below, err := w.fields(d["Kids"], false, depth+1)
		switch {
		case err != nil:
			return nil, false, err
		case below && isRef:
			if err := w.edit(ref, with(d, "Kids", kids)); err != nil {
				return nil, false, err
			}
		case below:
			kid, changed = with(d, "Kids", kids), true
		}
		out = append(out, kid)
	}
	return out, changed, nil
}
